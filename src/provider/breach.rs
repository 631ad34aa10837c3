//! What services of breaches have in common: the shapes of breaches, pastes and mailboxes, the kept catalogue, the ranges
//! of password hashes, and the leaks and connections that are made of them. It names no service.

pub(super) mod catalogue;
pub(super) mod connection;
pub(super) mod identity;
pub(super) mod leak;
pub(super) mod packed;
pub(super) mod people;
pub(super) mod range;
pub(super) mod wire;
