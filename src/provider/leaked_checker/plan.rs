//! Whether the service is there, and the plan behind the key.

use super::{LeakedChecker, external_request, malformed_error, wire};
use crate::{
    entity::{account::Subscription, error::ProviderError},
    http::json::Value,
};

impl LeakedChecker {
    pub(super) async fn plan(&self) -> Result<Subscription, ProviderError> {
        let reply = self.get(&["subscription", "status"]).await?;
        let plan = wire::object(reply.json()?, &[])?;
        let named = ["SubscriptionName", "SubscribedUntil", "IsActive", "Rpm"];
        let is_plan = ["SubscriptionName", "Rpm"];
        if wire::first_present(plan, &is_plan).is_none() {
            return Err(malformed_error("there is no plan in it"));
        }
        let rpm = plan.get("Rpm").and_then(Value::count);
        Ok(Subscription {
            profile: self.settings.name.clone(),
            provider: self.settings.provider.clone(),
            plan: wire::member(plan, &["SubscriptionName"]),
            until: wire::member(plan, &["SubscribedUntil"]),
            active: plan.get("IsActive").and_then(wire::parse_bool),
            rpm: rpm.and_then(|rpm| u32::try_from(rpm).ok()),
            limits: wire::other_members(plan, &named),
        })
    }

    /// The service first, which needs no key; then the key.
    pub(super) async fn probe(&self) -> Result<(), ProviderError> {
        let status = external_request(&["status"]).without_key();
        let reply = self.transport.read(&status).await?;
        if wire::first_present(reply.json()?, &["status"]).is_none() {
            return Err(malformed_error("it does not say how the service is"));
        }
        self.plan().await.map(drop)
    }
}
