//! Breaches: of an address, of a domain, and the catalogue.

use serde_json::{Value, json};

use super::super::catalogue::{Breach, catalogue};
use super::super::system::{Answer, Call};
use super::accounts::{BreachIndexes, breaches};
use super::parameters;
use super::unknown_members::add_unknown_members;
use super::{LeakedChecker, failure, not_found};

/// Breaches of a domain in one answer, unless asked for otherwise, and at most.
const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 1_000;

impl LeakedChecker {
    pub(super) fn breached_account(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = parameters::account(call)?;
        let truncated = parameters::flag(call, "truncateResponse")?.unwrap_or(true);
        let unverified = parameters::flag(call, "IncludeUnverified")?.unwrap_or(true);
        let domain = parameters::text(call, "Domain").map(str::to_lowercase);
        let mut found = self.accounts().breaches(&account);
        found.retain(|breach| unverified || breach.is_verified);
        found.retain(|breach| {
            domain
                .as_ref()
                .is_none_or(|domain| breach.domain == *domain)
        });
        if found.is_empty() {
            return Err(not_found());
        }
        let found = found.into_iter().map(|breach| {
            if truncated {
                add_unknown_members(json!({ "Name": breach.name }), call)
            } else {
                breach_json(breach, call)
            }
        });
        Ok(Answer::json(200, &found.collect()))
    }

    pub(super) fn breached_email(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = parameters::account(call)?;
        let truncated = parameters::flag(call, "truncate")?.unwrap_or(false);
        let unverified = parameters::flag(call, "include_unverified")?.unwrap_or(false);
        let mut found = self.accounts().breaches(&account);
        found.retain(|breach| unverified || breach.is_verified);
        if found.is_empty() {
            return Err(not_found());
        }
        Ok(wrap(&found, truncated, call))
    }

    pub(super) fn breached_aliases(&mut self, call: &Call) -> Result<Answer, Answer> {
        let domain = Self::own_domain(call)?;
        let locals = self.accounts().aliases(&domain).ok_or_else(not_found)?;
        let locals = locals.iter().map(|(local, places)| {
            let names = breaches(places).into_iter().map(|breach| &breach.name);
            (local.clone(), json!(names.collect::<Vec<_>>()))
        });
        Ok(Answer::json(200, &Value::Object(locals.collect())))
    }

    pub(super) fn breached_domain(&mut self, call: &Call) -> Result<Answer, Answer> {
        let domain = Self::own_domain(call)?;
        let truncated = parameters::flag(call, "truncate")?.unwrap_or(false);
        let limit = limit(call)?;
        let locals = self.accounts().aliases(&domain).ok_or_else(not_found)?;
        let places: BreachIndexes = locals.values().flatten().copied().collect();
        let mut found = breaches(&places);
        found.truncate(limit);
        Ok(wrap(&found, truncated, call))
    }

    /// The domain that the path names, where the account has proved it.
    fn own_domain(call: &Call) -> Result<String, Answer> {
        let domain = parameters::last_segment(call).to_lowercase();
        if domain.is_empty() || !domain.contains('.') || domain.contains('@') {
            return Err(failure(400, "The domain is not a domain name"));
        }
        if super::subscription::is_verified(&domain) {
            Ok(domain)
        } else {
            let message = "Domain is not subscribed, or its ownership is not verified";
            Err(failure(403, message))
        }
    }
}

/// All breaches, or those of a service or of a kind.
pub(crate) fn list(call: &Call) -> Result<Answer, Answer> {
    let domain = parameters::text(call, "domain").map(str::to_lowercase);
    let spam = parameters::flag(call, "isSpamList")?;
    let found = catalogue()
        .all()
        .iter()
        .filter(|breach| {
            domain
                .as_ref()
                .is_none_or(|domain| breach.domain == *domain)
        })
        .filter(|breach| spam.is_none_or(|spam| breach.is_spam_list == spam))
        .map(|breach| breach_json(breach, call));
    Ok(Answer::json(200, &found.collect()))
}

/// One breach by its name.
pub(crate) fn breach_by_name(call: &Call) -> Result<Answer, Answer> {
    let breach = catalogue()
        .find(parameters::last_segment(call))
        .ok_or_else(not_found)?;
    Ok(Answer::json(200, &breach_json(breach, call)))
}

/// The breach that came into the catalogue last.
pub(crate) fn latest_breach(call: &Call) -> Result<Answer, Answer> {
    let breach = catalogue().latest().ok_or_else(not_found)?;
    Ok(Answer::json(200, &breach_json(breach, call)))
}

/// Kinds of data.
pub(crate) fn data_classes(call: &Call) -> Answer {
    let mut classes = json!(catalogue().data_classes());
    if call.faults.unknown
        && let Some(classes) = classes.as_array_mut()
    {
        classes.push("Retina scans".into());
    }
    Answer::json(200, &classes)
}

fn limit(call: &Call) -> Result<usize, Answer> {
    let limit = match parameters::text(call, "limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text.parse().unwrap_or(0),
    };
    match limit {
        0 => Err(failure(400, "limit is a whole number above 0")),
        1..=MAX_LIMIT => Ok(limit as usize),
        _ if call.faults.strict_limit => Err(failure(400, "limit is at most 1000")),
        _ => Ok(MAX_LIMIT as usize),
    }
}

fn wrap(found: &[&Breach], truncated: bool, call: &Call) -> Answer {
    let breaches = found.iter().map(|breach| {
        if truncated {
            Value::from(breach.name.as_str())
        } else {
            breach_json(breach, call)
        }
    });
    let breaches: Vec<Value> = breaches.collect();
    let answer = json!({ "success": true, "count": breaches.len(), "breaches": breaches });
    Answer::json(200, &add_unknown_members(answer, call))
}

fn breach_json(breach: &Breach, call: &Call) -> Value {
    add_unknown_members(json!(breach), call)
}
