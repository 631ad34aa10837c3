//! The stand-in's leaks without a server: what a provider's pages come to, for benches and for whoever wants data
//! without a port.

use super::{generator::LeakGenerator, leak::Leak};
use crate::entity::{
    fingerprint::FingerprintKey,
    leak::{LeakBatch, LeakField, LeakRef, PasswordState},
    status::Status,
};
use jiff::civil::Date;

/// The leaks that a stand-in of so many leaks lists, newest first, in pages.
pub fn batches(leaks: u32, page: u32, today: Date) -> impl Iterator<Item = LeakBatch> {
    let world = LeakGenerator::new(1, leaks, today, false);
    let key = FingerprintKey::new([7; 32]);
    let page = page.max(1);
    let mut leak = Leak::default();
    (0..leaks.div_ceil(page)).map(move |at| {
        let end = leaks - at * page;
        let mut batch = LeakBatch::with_capacity(page as usize);
        for number in (end.saturating_sub(page)..end).rev() {
            world.fill(number, &mut leak);
            push(
                &leak,
                world.is_fixed_at_start(number),
                number.is_multiple_of(2),
                &key,
                &mut batch,
            );
        }
        batch
    })
}

/// A leak as the provider of the list makes a row of it. What the lists hide has no credential.
fn push(leak: &Leak, fixed: bool, clear: bool, key: &FingerprintKey, batch: &mut LeakBatch) {
    let (status, word) = if fixed {
        (Status::Fixed, "fixed")
    } else {
        (Status::Open, "open")
    };
    let clear = clear && !leak.masked_in_lists && !leak.password.is_empty();
    let text = |text: &'_ str| !(text.is_empty() && leak.null_blanks);
    let members = [
        (LeakField::Id, &leak.id[..]),
        (LeakField::Login, &leak.username),
        (LeakField::Url, &leak.url),
        (LeakField::Domain, leak.domain),
        (LeakField::Class, leak.class.word(leak.has_fine_class)),
        (LeakField::RemoteStatus, word),
        (LeakField::FirstSeen, &leak.log_date),
        (LeakField::AddedAt, &leak.fetched_at),
        (LeakField::Country, leak.country),
        (LeakField::Hostname, &leak.hostname),
        (LeakField::Ip, &leak.device_ip),
        (LeakField::Os, leak.os),
        (LeakField::HardwareId, &leak.hardware_id),
        (LeakField::MalwarePath, &leak.malware_path),
        (LeakField::EmailDomain, &leak.email_domain),
        (LeakField::UrlDomain, &leak.url_domain),
    ];
    let mut fields = [None; crate::entity::leak::FIELD_COUNT];
    for (field, value) in members {
        fields[field as usize] = text(value).then_some(value.as_bytes());
    }
    batch.push(&LeakRef {
        fields,
        status,
        password: PasswordState::Hidden,
        risk: None,
        credential: clear
            .then(|| key.credential(leak.username.as_bytes(), leak.password.as_bytes())),
        damaged: false,
    });
}
