//! What the integration tests share.

pub(crate) mod cutter;
pub(crate) mod driver;
pub(crate) mod fault_server;
pub(crate) mod keeper;
pub(crate) mod look;
pub(crate) mod picture;
pub(crate) mod rig;
