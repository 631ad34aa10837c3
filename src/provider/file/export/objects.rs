//! Events with objects, and bundles of objects that refer to each other.

use super::{
    super::{
        record::{At, Password, Record},
        sink::Sink,
    },
    value::{first, text},
};
use crate::{entity::leak::LeakField, http::json::Value};
use std::{borrow::Cow, collections::HashMap};

/// The objects of an event; `before` objects were in the events before it. Answers how many there are now.
pub(super) fn misp(item: Value<'_>, before: u64, sink: &mut Sink<'_>) -> u64 {
    let event = item.get("Event").unwrap_or(item);
    let (date, info) = (text(event, "date"), text(event, "info"));
    let mut number = before;
    for object in event.get("Object").into_iter().flat_map(Value::elements) {
        number += 1;
        if is_deleted(object) || text(object, "name").as_deref() != Some(b"credential") {
            continue;
        }
        let attributes: Vec<(Vec<u8>, Value<'_>)> = object
            .get("Attribute")
            .into_iter()
            .flat_map(Value::elements)
            .filter(|attribute| !is_deleted(*attribute))
            .filter_map(|attribute| {
                Some((text(attribute, "object_relation")?.into_owned(), attribute))
            })
            .collect();
        let of = |relations: &[&str]| {
            let mut found = attributes.iter().filter(|(relation, _)| {
                relations
                    .iter()
                    .any(|wanted| wanted.as_bytes() == &relation[..])
            });
            found
                .next()
                .and_then(|(_, attribute)| text(*attribute, "value"))
        };
        let login = of(&["username"]);
        let url = of(&["url", "link", "hostname", "domain"]);
        let passwords: Vec<Option<Password<'_>>> = attributes
            .iter()
            .filter(|(relation, _)| relation == b"password")
            .map(|(_, attribute)| text(*attribute, "value").map(Into::into))
            .collect();
        if login.is_none() && passwords.is_empty() {
            sink.reject(number, "empty");
            continue;
        }
        let id = first(object, &["uuid"]);
        let all = if passwords.is_empty() {
            vec![None]
        } else {
            passwords
        };
        for (password, place) in all.into_iter().zip(1..) {
            let id = id.as_deref().map(|id| match place {
                1 => id.to_vec(),
                place => [id, format!("#{place}").as_bytes()].concat(),
            });
            let mut record = Record {
                id: id.map(Cow::Owned),
                login: login.clone(),
                url: url.clone(),
                password,
                ..Record::default()
            };
            record.set(LeakField::FirstSeen, date.clone().unwrap_or_default());
            record.set(LeakField::Breach, info.clone().unwrap_or_default());
            sink.accept(
                &mut record,
                At {
                    line: number,
                    offset: None,
                },
            );
        }
    }
    number
}

fn is_deleted(value: Value<'_>) -> bool {
    value
        .get("deleted")
        .is_some_and(|deleted| matches!(deleted.raw(), b"true" | b"1" | b"\"1\""))
}

/// What an observation names together with an account.
#[derive(Default)]
struct Observed<'a> {
    first: Option<Cow<'a, [u8]>>,
    urls: Vec<Cow<'a, [u8]>>,
    domains: Vec<Cow<'a, [u8]>>,
}

/// The accounts of a bundle.
/// The kind of an object, and its value.
type KindAndValue<'v> = (Vec<u8>, Cow<'v, [u8]>);

pub(super) fn stix(document: Value<'_>, sink: &mut Sink<'_>) {
    let objects = || {
        document
            .get("objects")
            .into_iter()
            .flat_map(Value::elements)
    };
    let mut values = HashMap::<Vec<u8>, KindAndValue<'_>>::new();
    let mut owners: HashMap<Vec<u8>, Cow<'_, [u8]>> = HashMap::new();
    for object in objects() {
        let (Some(kind), Some(value)) = (text(object, "type"), text(object, "value")) else {
            continue;
        };
        if let (b"email-addr", Some(owner)) = (&*kind, text(object, "belongs_to_ref")) {
            owners.insert(owner.into_owned(), value.clone());
        }
        if let Some(id) = text(object, "id") {
            values.insert(id.into_owned(), (kind.into_owned(), value));
        }
    }
    let mut observed: HashMap<Vec<u8>, Observed<'_>> = HashMap::new();
    for object in
        objects().filter(|object| text(*object, "type").as_deref() == Some(b"observed-data"))
    {
        let refs: Vec<Vec<u8>> = object
            .get("object_refs")
            .into_iter()
            .flat_map(Value::elements)
            .filter_map(|one| Some(one.string()?.into_owned()))
            .collect();
        for account in refs.iter().filter(|one| one.starts_with(b"user-account--")) {
            let found = observed.entry(account.clone()).or_default();
            found.first = found
                .first
                .take()
                .or_else(|| text(object, "first_observed"));
            for (kind, value) in refs.iter().filter_map(|one| values.get(one)) {
                match &kind[..] {
                    b"url" => found.urls.push(value.clone()),
                    b"domain-name" => found.domains.push(value.clone()),
                    _ => {}
                }
            }
        }
    }
    for (object, place) in objects().zip(1..) {
        if sink.stopped {
            return;
        }
        if text(object, "type").as_deref() != Some(b"user-account") {
            continue;
        }
        let id = text(object, "id").unwrap_or_default();
        let login =
            first(object, &["account_login", "user_id"]).or_else(|| owners.get(&*id).cloned());
        let mut record = Record {
            login,
            password: text(object, "credential").map(Into::into),
            ..Record::default()
        };
        if record.login.is_none() && record.password.is_none() {
            sink.reject(place, "empty");
            continue;
        }
        if let Some(found) = observed.get(&*id) {
            let url = match (&found.urls[..], &found.domains[..]) {
                ([url], _) => Some(url.clone()),
                ([], [domain]) => Some(domain.clone()),
                _ => None,
            };
            record.url = url;
            record.set(
                LeakField::FirstSeen,
                found.first.clone().unwrap_or_default(),
            );
        }
        record.id = Some(id).filter(|id| !id.is_empty());
        sink.accept(
            &mut record,
            At {
                line: place,
                offset: None,
            },
        );
    }
}
