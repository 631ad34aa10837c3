//! The names of the formats, and what each is known by.

use super::{
    super::header::{self, Field},
    value::{has, text},
};
use crate::{entity::leak::LeakField, http::json::Value};

/// A table that a domain search gives: addresses and breaches, neither passwords nor URLs.
pub(in crate::provider::file) const DOMAIN_SEARCH_TABLE: &str = "hibp-csv";

/// A table of this program's own.
pub(super) const OWN_TABLE: &str = "stanch-csv";

/// What objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of an API whose members are known column names.
    Api,
    /// Of this program.
    Own,
    /// Events with a credential each.
    Event,
    /// Aliases with breaches.
    Aliases,
    /// Aliases with hosts, or addresses.
    Stealer,
    /// The report of a search in breaches.
    Report,
    /// Leaks with a risk and connections.
    Risky,
    /// Breach records with a document id.
    Document,
    /// Events with objects.
    Misp,
    /// A bundle of objects.
    Stix,
    /// Objects with members of known names.
    Flat,
}

impl Kind {
    /// The name of the format.
    pub(super) fn format(self, by_line: bool) -> &'static str {
        match self {
            Self::Api => "projectdiscovery-json",
            Self::Own => "stanch-json",
            Self::Event => "flare-json",
            Self::Aliases => "hibp-domain",
            Self::Stealer => "hibp-stealer",
            Self::Report => "hibp-report",
            Self::Risky => "leaks-ai-json",
            Self::Document => "spycloud-json",
            Self::Misp => "misp",
            Self::Stix => "stix",
            Self::Flat if by_line => "jsonl",
            Self::Flat => "json",
        }
    }
}

/// What an object is, by its members.
pub(super) fn kind_of(object: Value<'_>) -> Option<Kind> {
    if !object.is_object() {
        return None;
    }
    let all = |names: &[&str]| names.iter().all(|name| has(object, name));
    let any = |names: &[&str]| names.iter().any(|name| has(object, name));
    let event = text(object, "event_type").is_some_and(|kind| &*kind == b"leaked_credential");
    let kind = if any(&["Event"]) {
        Kind::Misp
    } else if event || all(&["identity_name", "source_id"]) {
        Kind::Event
    } else if all(&["document_id"]) && any(&["source_id", "spycloud_publish_date"]) {
        Kind::Document
    } else if any(&["risk_level_name"]) || all(&["login", "risk_level"]) {
        Kind::Risky
    } else if all(&["key"]) && (any(&["schema"]) || all(&["profile", "provider"])) {
        Kind::Own
    } else if all(&["id", "username"])
        && any(&["user_type", "log_date", "device_ip", "hardware_id"])
    {
        Kind::Api
    } else if object
        .members()
        .any(|(name, _)| header::field(&name).is_some())
    {
        Kind::Flat
    } else {
        return None;
    };
    Some(kind)
}

/// The format of a table, where its header is that of an export.
pub(in crate::provider::file) fn table_format(
    names: &[Vec<u8>],
    columns: &[Option<Field>],
) -> Option<&'static str> {
    let begins = |wanted: &[&str]| {
        names.len() >= wanted.len()
            && wanted
                .iter()
                .zip(names)
                .all(|(wanted, name)| name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()))
    };
    if begins(&[
        "id",
        "url",
        "username",
        "password",
        "device_ip",
        "hostname",
        "os",
    ]) {
        return Some("projectdiscovery-csv");
    }
    let named = |wanted: &str| names.iter().any(|name| name == wanted.as_bytes());
    if begins(&["key", "profile", "provider", "id"]) && named("_escaped") && named("_neutralised") {
        return Some(OWN_TABLE);
    }
    let flare = begins(&["identity", "password", "source"]) && names.len() == 3;
    if flare || begins(&["id", "identity_name", "hash", "source_id"]) {
        return Some("flare-csv");
    }
    let has = |field| columns.contains(&Some(field));
    let breach = has(Field::Leak(LeakField::Breach));
    (breach && !has(Field::Password) && !has(Field::Url)).then_some(DOMAIN_SEARCH_TABLE)
}
