//! The plan behind the key: its limits, and what it includes. It is asked for before anything else, because it alone
//! proves that the address is the service's: a 404 of another operation counts as an answer only after that.

use super::{Hibp, malformed_error};
use crate::{
    entity::{
        account::{Subscription, VerificationRecord},
        error::ProviderError,
        raw_text::RawText,
    },
    http::{NotFound, Request, json::Value},
    provider::{SubscriptionSource, breach::wire},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Requests a minute of the smallest plan: what is kept to until the plan is known.
pub(super) const LEAST_RPM: u32 = 10;

/// What the plan says.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    name: Option<RawText>,
    until: Option<RawText>,
    rpm: Option<u32>,
    /// Breached addresses that a domain may have; `None` where there is no limit.
    pub(super) most_addresses: Option<u64>,
    /// Whether it has the logs of stealers.
    pub(super) has_logs: bool,
    /// Whether addresses can be looked up by the beginning of their hash.
    pub(super) has_ranges: bool,
    /// Whatever else it says, by the service's names.
    rest: serde_json::Map<String, serde_json::Value>,
}

impl Plan {
    fn read(plan: Value<'_>) -> Result<Self, ProviderError> {
        if !plan.is_object() || wire::first_present(plan, &["SubscriptionName", "Rpm"]).is_none() {
            return Err(malformed_error("there is no plan in it"));
        }
        let flag = |name: &str| plan.get(name).and_then(Value::bool) == Some(true);
        let rpm = plan.get("Rpm").and_then(Value::count);
        Ok(Self {
            name: wire::member(plan, &["SubscriptionName"]),
            until: wire::member(plan, &["SubscribedUntil"]),
            rpm: rpm.and_then(|rpm| u32::try_from(rpm).ok()),
            most_addresses: plan
                .get("DomainSearchMaxBreachedAccounts")
                .and_then(Value::count),
            has_logs: flag("IncludesStealerLogs"),
            has_ranges: flag("IncludesKAnon"),
            rest: wire::other_members(plan, &["SubscriptionName", "SubscribedUntil", "Rpm"]),
        })
    }
}

#[async_trait]
impl SubscriptionSource for Hibp {
    async fn subscription(&self) -> Result<Subscription, ProviderError> {
        let plan = self.ask_plan().await?;
        Ok(Subscription {
            profile: self.settings.name.clone(),
            provider: self.settings.provider.clone(),
            plan: plan.name.clone(),
            until: plan.until.clone(),
            active: plan.until.as_ref().and_then(is_ahead),
            rpm: plan.rpm,
            limits: plan.rest.clone(),
        })
    }
}

impl Hibp {
    /// Asks for the plan, and keeps to its limits from then on.
    pub(super) async fn ask_plan(&self) -> Result<Arc<Plan>, ProviderError> {
        let mut held = self.plan.lock().await;
        let plan = self.read_plan().await?;
        *held = Some(Arc::clone(&plan));
        Ok(plan)
    }

    /// The plan, asked for once.
    pub(super) async fn known_plan(&self) -> Result<Arc<Plan>, ProviderError> {
        // Held while it is asked for: pages come four at a time, and one answer is enough for them.
        let mut held = self.plan.lock().await;
        if let Some(plan) = &*held {
            return Ok(Arc::clone(plan));
        }
        let plan = self.read_plan().await?;
        *held = Some(Arc::clone(&plan));
        Ok(plan)
    }

    /// An answer of an operation that is asked before the plan is known: behind a wrong address nothing is found, and
    /// that says nothing about what was asked for.
    pub(super) async fn with_proven_address<T: Send>(
        &self,
        answer: Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        if matches!(answer, Err(ProviderError::NotFound { .. })) {
            match self.known_plan().await {
                Ok(_) => {}
                // Whoever refuses the key is the service too, and what needs no key is answered all the same.
                Err(error) if error.is_refused_key() => {}
                Err(error) => return Err(error),
            }
        }
        answer
    }

    async fn read_plan(&self) -> Result<Arc<Plan>, ProviderError> {
        let request = Request::get(&["subscription", "status"]).with_not_found(NotFound::Status);
        let reply = match self.main.read(&request).await {
            // A key without a plan is refused like a key that is not paid for.
            Err(ProviderError::NotFound { message, .. }) => {
                return Err(ProviderError::Payment { message });
            }
            answer => answer?,
        };
        let plan = Plan::read(reply.json()?)?;
        if let Some(rpm) = plan.rpm {
            self.keep_to(rpm);
        }
        Ok(Arc::new(plan))
    }

    /// Keeps to a limit of requests a minute. The service counts loosely: one less is sent.
    fn keep_to(&self, rpm: u32) {
        let limit = rpm.saturating_sub(1).max(1);
        self.main.learn_limit(limit);
        self.logs.learn_limit(limit);
    }

    /// The domains that were proven, as proofs of them.
    pub(super) async fn proven(&self) -> Result<Vec<VerificationRecord>, ProviderError> {
        let subscribed = self.subscribed(super::watch::Age::Fresh).await?;
        subscribed.check()?;
        let record = |name: &RawText| VerificationRecord {
            domain: name.clone(),
            status: "verified".into(),
            method: None,
            string: None,
            created_at: None,
            attempts: None,
            last_attempt_at: None,
        };
        Ok(subscribed
            .domains
            .iter()
            .map(|one| record(&one.name))
            .collect())
    }
}

/// Whether a time is still to come; without a zone it is taken as UTC. `None` where it is no time.
fn is_ahead(until: &RawText) -> Option<bool> {
    let text = until.as_str()?.trim();
    let at = if let Ok(at) = text.parse::<jiff::Timestamp>() {
        at
    } else {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()
    };
    Some(at > jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_and_without_a_zone_is_ahead_or_not() {
        let ahead = |text: &str| is_ahead(&RawText::from(text));
        assert_eq!(ahead("2999-02-01T00:00:00"), Some(true));
        assert_eq!(ahead("2999-02-01T00:00:00+02:00"), Some(true));
        assert_eq!(ahead("2019-02-01T00:00:00Z"), Some(false));
        assert_eq!(ahead("2019-02-01"), Some(false));
        assert_eq!(ahead("soon"), None);
    }
}
