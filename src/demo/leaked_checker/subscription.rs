//! The plan, and the domains that go with it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::system::{Answer, Call};
use super::super::word_lists::MONITORED_DOMAINS;
use super::unknown_members::add_unknown_members;

/// Requests in any minute that the plan allows.
pub(crate) const RPM: u32 = 500;

/// The plan; `rpm` is what the server really allows.
pub(crate) fn status(today: Date, rpm: u32) -> Answer {
    let start = today.first_of_month();
    let end = start.saturating_add(1.year()).yesterday().unwrap_or(start);
    Answer::json(
        200,
        &json!({
            "success": true,
            "data": {
                "SubscriptionName": "Enterprise",
                "Description": "Everything, for organisations",
                "SubscribedUntil": format!("{end}T23:59:59+00:00"),
                "Rpm": rpm,
                "DomainSearchMaxBreachedAccounts": 1_000_000,
                "ApiSupported": true,
                "EmailAlertLimit": 1_000,
                "SsnCheckLimit": 500,
                "CcCheckLimit": 500,
                "StartDate": format!("{start}T00:00:00+00:00"),
                "IsActive": true,
            },
        }),
    )
}

/// Whether the account has proved this domain.
pub(crate) fn is_verified(domain: &str) -> bool {
    MONITORED_DOMAINS
        .iter()
        .any(|watched| watched.name == domain && watched.proof == Some("verified"))
}

/// The domains that were subscribed to, proved or not.
pub(crate) fn domains(today: Date, call: &Call) -> Answer {
    let domains = (1..)
        .zip(&MONITORED_DOMAINS)
        .filter(|(_, domain)| domain.proof.is_some());
    let domains = domains.map(|(place, domain)| {
        let verified = is_verified(domain.name);
        let asked = today.saturating_sub((40 * place).days());
        let done = asked.tomorrow().unwrap_or(asked);
        let method = if call.faults.unknown {
            "carrier_pigeon"
        } else {
            "dns"
        };
        let entry = json!({
            "DomainName": domain.name,
            "IsVerified": verified,
            "VerifiedAt": verified.then(|| format!("{done}T09:10:00+00:00")),
            "VerificationMethod": method,
            "CreatedAt": format!("{asked}T08:30:00+00:00"),
        });
        add_unknown_members(entry, call)
    });
    let domains: Vec<Value> = domains.collect();
    Answer::json(
        200,
        &json!({ "success": true, "count": domains.len(), "domains": domains }),
    )
}
