//! What a provider can do. The console greys out the rest, with the reason, before anyone tries.

use super::status::Status;

#[expect(clippy::struct_excessive_bools, reason = "each is an ability")]
/// The abilities of one provider at one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The statuses that it can store; empty where it stores none and we keep them.
    pub statuses: Vec<Status>,
    /// Changes in one request.
    pub bulk_size: u32,
    /// Rows in one page, as asked for.
    pub page_size: u32,
    /// Whether a secret can be asked for, one leak at a time.
    pub reveal: bool,
    /// Whether it says how grave a leak is.
    pub risk: bool,
    /// Whether it lists watched domains.
    pub domains: bool,
    /// Whether it lists users itself; else they are made from the leaks.
    pub users: bool,
    /// Whether it lists connections itself; else they are made from the leaks.
    pub connections: bool,
    /// Whether public statistics can be asked for.
    pub stats: bool,
    /// Whether related domains can be asked for.
    pub associated: bool,
    /// Whether proofs of ownership can be made.
    pub verification: bool,
    /// Whether it has an export operation of its own.
    pub export: bool,
    /// Whether it tells plan and limits.
    pub subscription: bool,
}
