//! What the integration tests share.

pub(crate) mod fault_server;
