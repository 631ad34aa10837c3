//! The parameters of lists and counts: each has a rule of its own for several values. There is none for passwords, on
//! purpose: a secret never stands in a URL, and a part of one would find it piece by piece.

use super::{endpoint, monitored::DomainNames, resource, status_word, unsupported_error};
use crate::{
    entity::{
        error::ProviderError,
        key::RemoteId,
        leak::RiskLevel,
        query::{EntityQuery, LeakQuery},
        status::Status,
    },
    http::Request,
};

/// The provider's sort keys for leaks.
const SORTS: [&str; 3] = ["risk_level", "first_seen", "added_at"];

/// Whether a query has a term that only we can judge, so that a count of the provider's would be another's.
pub(super) fn needs_local_filter(query: &LeakQuery) -> bool {
    let given = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    // It compares parts where these mean the whole, and it does not know the statuses that the console keeps.
    query.status.is_some()
        || query
            .statuses
            .iter()
            .any(|status| status_word(*status).is_none())
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
pub(super) fn needs_names(domains: &[RemoteId]) -> bool {
    domains.iter().any(is_name)
}

/// An id of the provider's has no dot, a domain has one.
fn is_name(id: &RemoteId) -> bool {
    id.as_bytes().contains(&b'.')
}

/// Adds the terms that the provider understands; what it does not is filtered here afterwards, so leaving one out is
/// safe.
///
/// `status` of a query is left out: a status that the console keeps for a leak is not the one that the provider would filter by,
/// and a leak must not be lost for that. `statuses` asks for the provider's own.
pub(super) fn add_terms(
    request: Request,
    query: &LeakQuery,
    names: &DomainNames,
) -> Result<Request, ProviderError> {
    let request = add_domains(request, &query.domain_ids, names)?;
    let request = add_statuses(request, &query.statuses);
    let mut request = add_risks(request, &query.risks);
    // The whole holds its part, so what means the whole may be asked for as a part.
    for (name, values) in [
        ("login", [&query.email, &query.login_part]),
        ("url", [&query.url, &query.url_part]),
        ("url_path", [&query.url_path_part, &None]),
    ] {
        let value = values.into_iter().flatten().find(|value| !value.is_empty());
        if let Some(value) = value {
            request = request.redacted_query(name, value);
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
            request = request.redacted_query(name, strip_prefix(id, prefix)?);
        }
    }
    Ok(request)
}

/// Adds the order, most important key first.
pub(super) fn add_sort(request: Request, query: &LeakQuery) -> Request {
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

/// A list of users or of connections, with the parameters that it and its count take. All of them take domains and
/// risks.
pub(super) struct EntityList {
    /// As its path has it.
    pub(super) name: &'static str,
    accepts_statuses: bool,
    accepts_login: bool,
    sorts: &'static [&'static str],
}

/// Identities, one for each login.
pub(super) const USERS: EntityList = EntityList {
    name: "users",
    accepts_statuses: false,
    accepts_login: true,
    sorts: &["first_seen", "login", "risk_level"],
};

/// Infected machines.
pub(super) const ENDPOINTS: EntityList = EntityList {
    name: "endpoints",
    accepts_statuses: true,
    accepts_login: false,
    sorts: &["risk_level", "date"],
};

/// Compromised resources. That their list takes risks and an order is deduced from the others, and of the keys only
/// the one that all others have can be.
pub(super) const RESOURCES: EntityList = EntityList {
    name: "resources",
    accepts_statuses: false,
    accepts_login: false,
    sorts: &["risk_level"],
};

impl EntityList {
    /// Whether everything that a query asks for can be asked of it, so that its count is the one that is meant.
    pub(super) fn accepts_all_terms(&self, query: &EntityQuery) -> bool {
        let known = |status: &Status| self.accepts_statuses && status_word(*status).is_some();
        query.statuses.iter().all(known) && (self.accepts_login || login_part(query).is_none())
    }

    /// Adds the terms that it takes; leaving one out of a list is safe.
    pub(super) fn add_terms(
        &self,
        request: Request,
        query: &EntityQuery,
        names: &DomainNames,
    ) -> Result<Request, ProviderError> {
        let mut request = add_domains(request, &query.domain_ids, names)?;
        if self.accepts_statuses {
            request = add_statuses(request, &query.statuses);
        }
        request = add_risks(request, &query.risks);
        if let Some(part) = login_part(query).filter(|_| self.accepts_login) {
            request = request.redacted_query("login", part);
        }
        Ok(request)
    }

    /// Adds the order. These lists take one key, where that of leaks takes several: the most important one known.
    pub(super) fn add_sort(&self, request: Request, query: &EntityQuery) -> Request {
        let known = |key: &str| self.sorts.iter().find(|known| **known == key);
        let mut keys = query.sort.iter();
        match keys.find_map(|(key, descending)| Some((known(key)?, descending))) {
            Some((key, true)) => request.query("sort", format!("-{key}")),
            Some((key, false)) => request.query("sort", *key),
            None => request,
        }
    }
}

fn login_part(query: &EntityQuery) -> Option<&str> {
    query.login_part.as_deref().filter(|part| !part.is_empty())
}

/// What a query of users or connections asks of leaks.
pub(super) fn to_leak_query(query: &EntityQuery) -> LeakQuery {
    LeakQuery {
        domain_ids: query.domain_ids.clone(),
        statuses: query.statuses.clone(),
        risks: query.risks.clone(),
        login_part: query.login_part.clone(),
        ..LeakQuery::default()
    }
}

/// Adds statuses, one parameter each. All or none: without a word for one of them the others would lose what has it.
fn add_statuses(mut request: Request, statuses: &[Status]) -> Request {
    let words: Option<Vec<_>> = statuses.iter().copied().map(status_word).collect();
    for (at, word) in words.iter().flatten().enumerate() {
        if !words.iter().flatten().take(at).any(|other| other == word) {
            request = request.query("status", word);
        }
    }
    request
}

/// Adds risks in one value, the one form that every list is known or deduced to take, in the letters of the answers.
fn add_risks(request: Request, risks: &[RiskLevel]) -> Request {
    if risks.is_empty() {
        return request;
    }
    let mut levels: Vec<String> = Vec::new();
    for level in risks.iter().map(ToString::to_string) {
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    request.query("risk_level", levels.join(","))
}

/// Adds the ids of domains in one value. A name is sent as the id that the provider has for it.
fn add_domains(
    request: Request,
    domains: &[RemoteId],
    names: &DomainNames,
) -> Result<Request, ProviderError> {
    let mut ids = Vec::new();
    for id in domains {
        let known = names.domain_id(id.as_bytes()).and_then(|id| id.as_str());
        let id = match known {
            Some(id) => id,
            None if is_name(id) => {
                return Err(unsupported_error("it does not tell the id of that domain"));
            }
            None => strip_prefix(id, b"")?,
        };
        // One comma more would make two ids of it.
        if id.contains(',') {
            return Err(unsupported_error("an id with a comma cannot be asked for"));
        }
        ids.push(id);
    }
    Ok(if ids.is_empty() {
        request
    } else {
        request.query("domain_id", ids.join(","))
    })
}

/// An id as the provider has it: what our keys put before it is cut.
pub(super) fn strip_prefix<'a>(id: &'a RemoteId, prefix: &[u8]) -> Result<&'a str, ProviderError> {
    let bytes = id.as_bytes();
    let bytes = bytes.strip_prefix(prefix).unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .ok()
        .filter(|id| !id.is_empty())
        .ok_or_else(|| unsupported_error("an id that is not text cannot be asked for"))
}
