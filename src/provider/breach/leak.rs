//! Leaks of mailboxes, and their ids.

use crate::entity::{
    breach::Breach,
    leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState},
    raw_text::RawText,
    status::Status,
};

/// Stands between the address and what it is in, in a leak's id.
pub(in crate::provider) const ID_SEPARATOR: u8 = b'|';

/// Adds the leak of a mailbox in a breach to a page. The address comes as the id has it, and as it is shown.
pub(in crate::provider) fn push_breach(
    batch: &mut LeakBatch,
    identity: &[u8],
    address: &RawText,
    domain: &str,
    breach: &Breach,
) {
    let id = [identity, &[ID_SEPARATOR], breach.name.as_bytes()].concat();
    // The account was one at the service that was breached.
    let service = breach.domain.as_ref().map(RawText::as_bytes);
    push(
        batch,
        &[
            (LeakField::Id, Some(&id)),
            (LeakField::Login, Some(address.as_bytes())),
            (LeakField::Domain, Some(domain.as_bytes())),
            (LeakField::EmailDomain, Some(domain.as_bytes())),
            (LeakField::Breach, Some(breach.name.as_bytes())),
            (
                LeakField::FirstSeen,
                breach.date.as_ref().map(RawText::as_bytes),
            ),
            (
                LeakField::AddedAt,
                breach.added_at.as_ref().map(RawText::as_bytes),
            ),
            (LeakField::Url, service),
            (LeakField::UrlDomain, service),
        ],
    );
}

/// Adds a leak to a page, of members that are there. It has no status, no risk and no password.
pub(in crate::provider) fn push(batch: &mut LeakBatch, members: &[(LeakField, Option<&[u8]>)]) {
    let mut fields: [Option<&[u8]>; FIELD_COUNT] = [None; FIELD_COUNT];
    for (field, value) in members {
        if let Some(slot) = fields.get_mut(*field as usize) {
            *slot = *value;
        }
    }
    batch.push(&LeakRef {
        fields,
        status: Status::Unknown,
        password: PasswordState::None,
        risk: None,
        credential: None,
        damaged: false,
    });
}
