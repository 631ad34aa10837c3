//! Breaches: of an address, of a domain, and the catalogue.

use serde_json::{Value, json};

use super::super::catalogue::{Breach, catalogue};
use super::super::system::{Answer, Call};
use super::accounts::{Places, breaches};
use super::ask;
use super::odd::odd;
use super::{LeakedChecker, failure, not_found};

/// Breaches of a domain in one answer, unless asked for otherwise, and at most.
const USUAL: u64 = 100;
const MOST: u64 = 1_000;

impl LeakedChecker {
    pub(super) fn breached_account(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = ask::account(call)?;
        let truncated = ask::flag(call, "truncateResponse")?.unwrap_or(true);
        let unverified = ask::flag(call, "IncludeUnverified")?.unwrap_or(true);
        let domain = ask::text(call, "Domain").map(str::to_lowercase);
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
                odd(json!({ "Name": breach.name }), call)
            } else {
                shown(breach, call)
            }
        });
        Ok(Answer::json(200, &found.collect()))
    }

    pub(super) fn breached_email(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = ask::account(call)?;
        let truncated = ask::flag(call, "truncate")?.unwrap_or(false);
        let unverified = ask::flag(call, "include_unverified")?.unwrap_or(false);
        let mut found = self.accounts().breaches(&account);
        found.retain(|breach| unverified || breach.is_verified);
        if found.is_empty() {
            return Err(not_found());
        }
        Ok(wrapped(&found, truncated, call))
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
        let truncated = ask::flag(call, "truncate")?.unwrap_or(false);
        let limit = limit(call)?;
        let locals = self.accounts().aliases(&domain).ok_or_else(not_found)?;
        let places: Places = locals.values().flatten().copied().collect();
        let mut found = breaches(&places);
        found.truncate(limit);
        Ok(wrapped(&found, truncated, call))
    }

    /// The domain that the path names, where the account has proved it.
    fn own_domain(call: &Call) -> Result<String, Answer> {
        let domain = ask::named(call).to_lowercase();
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
    let domain = ask::text(call, "domain").map(str::to_lowercase);
    let spam = ask::flag(call, "isSpamList")?;
    let found = catalogue()
        .all()
        .iter()
        .filter(|breach| {
            domain
                .as_ref()
                .is_none_or(|domain| breach.domain == *domain)
        })
        .filter(|breach| spam.is_none_or(|spam| breach.is_spam_list == spam))
        .map(|breach| shown(breach, call));
    Ok(Answer::json(200, &found.collect()))
}

/// One breach by its name.
pub(crate) fn one(call: &Call) -> Result<Answer, Answer> {
    let breach = catalogue().named(ask::named(call)).ok_or_else(not_found)?;
    Ok(Answer::json(200, &shown(breach, call)))
}

/// The breach that came into the catalogue last.
pub(crate) fn latest(call: &Call) -> Result<Answer, Answer> {
    let breach = catalogue().latest().ok_or_else(not_found)?;
    Ok(Answer::json(200, &shown(breach, call)))
}

/// Kinds of data.
pub(crate) fn data_classes(call: &Call) -> Answer {
    let mut classes = json!(catalogue().data_classes());
    if call.manner.unknown
        && let Some(classes) = classes.as_array_mut()
    {
        classes.push("Retina scans".into());
    }
    Answer::json(200, &classes)
}

fn limit(call: &Call) -> Result<usize, Answer> {
    let limit = match ask::text(call, "limit") {
        None => USUAL,
        Some(text) => text.parse().unwrap_or(0),
    };
    match limit {
        0 => Err(failure(400, "limit is a whole number above 0")),
        1..=MOST => Ok(limit as usize),
        _ if call.manner.strict_limit => Err(failure(400, "limit is at most 1000")),
        _ => Ok(MOST as usize),
    }
}

fn wrapped(found: &[&Breach], truncated: bool, call: &Call) -> Answer {
    let breaches = found.iter().map(|breach| {
        if truncated {
            Value::from(breach.name.as_str())
        } else {
            shown(breach, call)
        }
    });
    let breaches: Vec<Value> = breaches.collect();
    let answer = json!({ "success": true, "count": breaches.len(), "breaches": breaches });
    Answer::json(200, &odd(answer, call))
}

fn shown(breach: &Breach, call: &Call) -> Value {
    odd(json!(breach), call)
}
