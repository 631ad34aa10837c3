//! One leak, straight into a batch.

use super::{filename, host, member, monitored::DomainNames, parse_status};
use crate::{
    entity::{
        fingerprint::FingerprintKey,
        leak::{LeakBatch, LeakField},
    },
    http::json::Value,
    provider::leak_builder,
};

/// The column of a wire member.
fn field(name: &[u8]) -> Option<LeakField> {
    Some(match name {
        b"id" => LeakField::Id,
        b"login" => LeakField::Login,
        b"url" => LeakField::Url,
        b"class" => LeakField::Class,
        b"status" => LeakField::RemoteStatus,
        b"first_seen" => LeakField::FirstSeen,
        b"added_at" => LeakField::AddedAt,
        _ => return None,
    })
}

/// Adds one item to a page; `None` where it is no object, or has no id.
pub(super) fn push(
    item: Value<'_>,
    watched: &DomainNames,
    key: &FingerprintKey,
    batch: &mut LeakBatch,
) -> Option<()> {
    let mut draft = leak_builder::read(item, field).filter(leak_builder::LeakBuilder::has_id)?;
    draft.set_risk(member::risk(item));
    let email = draft.get(LeakField::Login).and_then(host::from_login);
    let url = draft.get(LeakField::Url).and_then(host::from_url);
    // The provider does not say under which of its domains a leak is filed.
    let filed = [&email, &url]
        .into_iter()
        .flatten()
        .filter_map(|name| watched.longest_match(name))
        .reduce(|one, two| {
            if two.as_bytes().len() > one.as_bytes().len() {
                two
            } else {
                one
            }
        });
    if let Some(name) = filed {
        draft.set_default(LeakField::Domain, name.as_bytes().to_vec());
    }
    if let Some(name) = email {
        draft.set_default(LeakField::EmailDomain, name);
    }
    if let Some(name) = url {
        draft.set_default(LeakField::UrlDomain, name);
    }
    if let Some(name) = first_endpoint(item).and_then(|one| member::text(one, "filename")) {
        let machine = filename::parse_machine(name.as_bytes());
        if let Some(country) = machine.country {
            draft.set_default(LeakField::Country, country.into_bytes());
        }
        if let Some(ip) = machine.ip {
            draft.set_default(LeakField::Ip, ip.into_bytes());
        }
    }
    draft.push_to(batch, key, parse_status);
    Some(())
}

/// The machine that a leak came from, where the item says it.
fn first_endpoint(item: Value<'_>) -> Option<Value<'_>> {
    let endpoints = item.get("connections")?.get("endpoints")?;
    endpoints.elements().next()
}
