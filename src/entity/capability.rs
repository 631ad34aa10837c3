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
    /// Whether it lists users itself, beside those that are made from the leaks.
    pub users: bool,
    /// Whether it lists connections itself, beside those that are made from the leaks.
    pub connections: bool,
    /// Whether it tells what one leak, user or connection is connected to.
    pub related: bool,
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
    /// Whether addresses, domains, passwords, cards and numbers can be looked up.
    pub lookups: bool,
    /// Whether it has a catalogue of breaches, and pastes.
    pub breaches: bool,
    /// Whether its keys can be administered.
    pub api_keys: bool,
    /// Which ids a change can be sent for.
    pub ids: IdRule,
}

/// Which ids a provider takes in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdRule {
    /// 32 hexadecimal digits.
    Hex32,
    /// Any.
    Any,
}

impl IdRule {
    /// Whether an id can be sent.
    pub fn accepts(self, id: &[u8]) -> bool {
        match self {
            Self::Hex32 => id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit),
            Self::Any => true,
        }
    }
}
