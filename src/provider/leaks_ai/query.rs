//! The parameters of leaks: each has a rule of its own for several values. There is none for passwords, on purpose: a
//! secret never stands in a URL, and a part of one would find it piece by piece.

use super::{endpoint, resource, unsupported, watched::Names, word_of};
use crate::{
    entity::{error::ProviderError, key::RemoteId, query::LeakQuery},
    provider::http::Request,
};

/// The provider's sort keys for leaks.
const SORTS: [&str; 3] = ["risk_level", "first_seen", "added_at"];

/// Whether a query has a term that only we can judge, so that a count of the provider's would be another's.
pub(super) fn is_beyond(query: &LeakQuery) -> bool {
    let given = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    // It compares parts where these mean the whole, and it does not know the statuses that we keep.
    query.status.is_some()
        || query
            .statuses
            .iter()
            .any(|status| word_of(*status).is_none())
        || [
            &query.domain,
            &query.email,
            &query.search,
            &query.class,
            &query.start_date,
            &query.end_date,
            &query.time_range,
            &query.country,
            &query.url,
            &query.device_ip,
            &query.hostname,
            &query.hardware_id,
        ]
        .into_iter()
        .any(given)
}

/// Whether domains are named by something else than the provider's own ids.
pub(super) fn needs_names(query: &LeakQuery) -> bool {
    query.domain_ids.iter().any(is_name)
}

/// An id of the provider's has no dot, a domain has one.
fn is_name(id: &RemoteId) -> bool {
    id.as_bytes().contains(&b'.')
}

/// Adds the terms that the provider understands; what it does not is filtered here afterwards, so leaving one out is
/// safe.
///
/// `status` of a query is left out: a status that we keep for a leak is not the one that the provider would judge by,
/// and a leak must not be lost for that. `statuses` asks for the provider's own.
pub(super) fn narrowed(
    mut request: Request,
    query: &LeakQuery,
    names: &Names,
) -> Result<Request, ProviderError> {
    if let Some(ids) = domain_ids(query, names)? {
        request = request.query("domain_id", ids);
    }
    // All or none: without a word for one of them the others would lose its leaks.
    let words: Option<Vec<_>> = query.statuses.iter().copied().map(word_of).collect();
    for (at, word) in words.iter().flatten().enumerate() {
        if !words.iter().flatten().take(at).any(|other| other == word) {
            request = request.query("status", word);
        }
    }
    if !query.risks.is_empty() {
        let mut levels: Vec<String> = query.risks.iter().map(ToString::to_string).collect();
        levels.dedup();
        request = request.query("risk_level", levels.join(","));
    }
    // The whole holds its part, so what means the whole may be asked for as a part.
    for (name, values) in [
        ("login", [&query.email, &query.login_part]),
        ("url", [&query.url, &query.url_part]),
        ("url_path", [&query.url_path_part, &None]),
    ] {
        let value = values.into_iter().flatten().find(|value| !value.is_empty());
        if let Some(value) = value {
            request = request.private_query(name, value);
        }
    }
    if let Some(port) = query.url_port {
        request = request.query("url_port", port);
    }
    for (name, id, prefix) in [
        ("user_id", &query.user, &b""[..]),
        ("endpoint_id", &query.endpoint, endpoint::PREFIX),
        ("resource_id", &query.resource, resource::PREFIX),
    ] {
        if let Some(id) = id {
            request = request.private_query(name, bare(id, prefix)?);
        }
    }
    Ok(request)
}

/// Adds the order, most important key first.
pub(super) fn sorted(request: Request, query: &LeakQuery) -> Request {
    let mut keys: Vec<&str> = Vec::new();
    let mut words = Vec::new();
    for (key, descending) in &query.sort {
        if let Some(known) = SORTS.iter().find(|known| *known == key)
            && !keys.contains(known)
        {
            keys.push(known);
            words.push(format!("{}{known}", if *descending { "-" } else { "" }));
        }
    }
    if words.is_empty() {
        request
    } else {
        request.query("sort", words.join(","))
    }
}

/// The ids of domains in one value. A name is sent as the id that the provider has for it.
fn domain_ids(query: &LeakQuery, names: &Names) -> Result<Option<String>, ProviderError> {
    let mut ids = Vec::new();
    for id in &query.domain_ids {
        let known = names.id_of(id.as_bytes()).and_then(|id| id.as_str());
        let id = match known {
            Some(id) => id,
            None if is_name(id) => {
                return Err(unsupported("it does not tell the id of that domain"));
            }
            None => bare(id, b"")?,
        };
        // One comma more would make two ids of it.
        if id.contains(',') {
            return Err(unsupported("an id with a comma cannot be asked for"));
        }
        ids.push(id);
    }
    Ok((!ids.is_empty()).then(|| ids.join(",")))
}

/// An id as the provider has it: what our keys put before it is cut.
pub(super) fn bare<'a>(id: &'a RemoteId, prefix: &[u8]) -> Result<&'a str, ProviderError> {
    let bytes = id.as_bytes();
    let bytes = bytes.strip_prefix(prefix).unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .ok()
        .filter(|id| !id.is_empty())
        .ok_or_else(|| unsupported("an id that is not text cannot be asked for"))
}
