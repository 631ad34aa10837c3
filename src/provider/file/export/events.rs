//! Objects that are one leak each, and the report of a search.

use super::{
    super::{
        header::{self, Field},
        record::{At, Bytes, Record},
        sink::Sink,
        table::put,
    },
    formats::Kind,
    own,
    value::{bytes, first, text},
};
use crate::{
    entity::{
        breach::Breach,
        leak::{LeakField, Risk, RiskLevel},
        raw_text::RawText,
        status::Status,
    },
    http::json::Value,
    provider::file::log::facts_of_name,
};
use std::{borrow::Cow, collections::HashSet};

/// Reads an object of a kind.
pub(super) fn object(item: Value<'_>, kind: Kind) -> Record<'_> {
    match kind {
        Kind::Own => own::object(item),
        Kind::Event => event(item),
        Kind::Risky => risky(item),
        Kind::Document => document(item),
        _ => flat(item),
    }
}

/// Members by the names of known columns; the first of a field counts.
fn flat(item: Value<'_>) -> Record<'_> {
    let mut record = Record::default();
    let (mut alias, mut seen) = (None, HashSet::new());
    for (name, value) in item.members() {
        let Some(field) = header::field(&name) else {
            continue;
        };
        let Some(value) = bytes(value).filter(|_| seen.insert(field)) else {
            continue;
        };
        if field == Field::Alias {
            alias = Some(value);
        } else {
            put(&mut record, field, value);
        }
    }
    if let (None, Some(alias)) = (&record.login, alias) {
        let domain = record.fields[LeakField::Domain as usize].as_deref();
        record.login = Some(Cow::Owned(super::aliased(&alias, domain)));
    }
    record
}

fn event(item: Value<'_>) -> Record<'_> {
    let data = item.get("data").filter(|data| data.is_object());
    let inner = data.unwrap_or(item);
    let metadata = item.get("metadata");
    let mut record = Record {
        login: first(inner, &["identity_name", "identity"]),
        password: text(inner, "password")
            .or_else(|| text(inner, "hash"))
            .map(Into::into),
        id: metadata
            .and_then(|metadata| first(metadata, &["uid"]))
            .or_else(|| first(item, &["id"]))
            .or_else(|| first(inner, &["id"])),
        ..Record::default()
    };
    let source = inner.get("source").filter(|source| source.is_object());
    match source {
        Some(source) => {
            let name = first(source, &["id", "name"]).unwrap_or_default();
            record.breach = Some(Box::new(Breach {
                name: RawText::from(&*name),
                title: first(source, &["name"]).map(|title| RawText::from(&*title)),
                ..Breach::default()
            }));
            record.set(LeakField::Breach, name);
        }
        None => record.set(
            LeakField::Breach,
            first(inner, &["source_id", "source"]).unwrap_or_default(),
        ),
    }
    let seen = metadata.and_then(|metadata| text(metadata, "estimated_created_at"));
    record.set(LeakField::FirstSeen, seen.unwrap_or_default());
    record.set(
        LeakField::AddedAt,
        text(inner, "imported_at").unwrap_or_default(),
    );
    record
}

fn risky(item: Value<'_>) -> Record<'_> {
    let mut record = Record {
        login: text(item, "login"),
        password: text(item, "password").map(Into::into),
        url: text(item, "url"),
        id: first(item, &["id"]),
        ..Record::default()
    };
    for (name, field) in [
        ("status", LeakField::RemoteStatus),
        ("first_seen", LeakField::FirstSeen),
        ("added_at", LeakField::AddedAt),
        ("class", LeakField::Class),
    ] {
        record.set(field, text(item, name).unwrap_or_default());
    }
    record.status = match text(item, "status").as_deref() {
        Some(b"resolved") => Some(Status::Fixed),
        _ => None,
    };
    record.risk = risk(item);
    let endpoint = item
        .get("connections")
        .and_then(|connections| connections.get("endpoints"))
        .and_then(|endpoints| endpoints.elements().next());
    if let Some(name) = endpoint.and_then(|endpoint| text(endpoint, "filename")) {
        let facts = facts_of_name(&name);
        record.set(LeakField::Country, facts.country.unwrap_or_default());
        record.set(LeakField::Ip, facts.address.unwrap_or_default());
    }
    record
}

fn number(value: Option<Value<'_>>) -> Option<f64> {
    let text = bytes(value?)?;
    std::str::from_utf8(&text).ok()?.parse().ok()
}

fn risk(item: Value<'_>) -> Option<Risk> {
    let score = number(item.get("risk_level"));
    let named = text(item, "risk_level_name").and_then(|name| {
        let name = std::str::from_utf8(&name).ok()?.to_ascii_lowercase();
        name.parse().ok()
    });
    let level = named.or_else(|| {
        Some(match score? {
            score if score <= 0.0 => RiskLevel::None,
            score if score < 4.0 => RiskLevel::Low,
            score if score < 7.0 => RiskLevel::Medium,
            _ => RiskLevel::High,
        })
    })?;
    Some(Risk { level, score })
}

fn document(item: Value<'_>) -> Record<'_> {
    let mut record = Record {
        login: first(item, &["email", "username"]),
        password: text(item, "password_plaintext")
            .or_else(|| text(item, "password"))
            .map(Into::into),
        url: first(item, &["target_url", "target_subdomain", "target_domain"]),
        id: first(item, &["document_id"]),
        ..Record::default()
    };
    for (name, field) in [
        ("user_hostname", LeakField::Hostname),
        ("user_os", LeakField::Os),
        ("infected_machine_id", LeakField::HardwareId),
        ("infected_path", LeakField::MalwarePath),
        ("country_code", LeakField::Country),
        ("infected_time", LeakField::FirstSeen),
        ("spycloud_publish_date", LeakField::AddedAt),
        ("source_id", LeakField::Breach),
    ] {
        record.set(field, text(item, name).unwrap_or_default());
    }
    let address = item
        .get("ip_addresses")
        .and_then(|list| list.elements().next());
    record.set(LeakField::Ip, address.and_then(bytes).unwrap_or_default());
    record.risk = number(item.get("severity")).map(|severity| Risk {
        level: match severity {
            severity if severity >= 20.0 => RiskLevel::High,
            severity if severity >= 5.0 => RiskLevel::Medium,
            severity if severity >= 2.0 => RiskLevel::Low,
            _ => RiskLevel::None,
        },
        score: Some(severity),
    });
    record
}

/// The report of a search: every breach of every address.
pub(super) fn report(document: Value<'_>, sink: &mut Sink<'_>) {
    let found = document.get("BreachSearchResults");
    let all = found.into_iter().flat_map(Value::elements);
    for (item, place) in all.zip(1..) {
        if sink.stopped {
            return;
        }
        let domain = text(item, "DomainName");
        let alias = text(item, "Alias").unwrap_or_default();
        let login = super::aliased(&alias, domain.as_deref());
        let mut any = false;
        let breaches = item.get("Breaches").into_iter().flat_map(Value::elements);
        for breach in breaches.filter(|breach| breach.is_object()) {
            any = true;
            let mut record = of_breach(breach, &login);
            sink.accept(
                &mut record,
                At {
                    line: place,
                    offset: None,
                },
            );
        }
        if !any {
            sink.reject(place, "empty");
        }
    }
}

fn of_breach<'a>(breach: Value<'a>, login: &[u8]) -> Record<'a> {
    let own = |name: &str| text(breach, name).map(|text| RawText::from(&*text));
    let name: Bytes<'a> = text(breach, "Name").unwrap_or_default();
    let mut record = Record {
        id: Some(Cow::Owned([login, b"|", &name[..]].concat())),
        login: Some(Cow::Owned(login.to_vec())),
        url: text(breach, "Domain"),
        ..Record::default()
    };
    record.set(
        LeakField::FirstSeen,
        text(breach, "BreachDate").unwrap_or_default(),
    );
    record.set(
        LeakField::AddedAt,
        text(breach, "AddedDate").unwrap_or_default(),
    );
    record.breach = Some(Box::new(Breach {
        name: RawText::from(&*name),
        title: own("Title"),
        date: own("BreachDate"),
        accounts: breach.get("PwnCount").and_then(Value::count),
        data_classes: own::classes(breach.get("DataClasses")),
        verified: breach.get("IsVerified").and_then(Value::bool),
        spam: breach.get("IsSpamList").and_then(Value::bool),
        ..Breach::default()
    }));
    record.set(LeakField::Breach, name);
    record
}
