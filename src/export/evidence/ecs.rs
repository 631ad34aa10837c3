//! The Elastic Common Schema: a leak as an alert about a threat's indicator. The fields are those of the released schema
//! [`VERSION`]; the tests hold every one against it.

use super::external_fields::{ExternalFields, format_time, without_empty};
use crate::entity::{
    evidence::EvidenceItem,
    job::{ChangeOutcome, Job},
    leak::RiskLevel,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The schema's version.
pub const VERSION: &str = "9.4.0";

/// The document of a leak, with the job that changed it if there is one.
pub fn document(subject: &EvidenceItem, job: Option<&Job>, at: Timestamp) -> Value {
    let facts = ExternalFields::from_item(subject, job, at);
    without_empty(json!({
        "@timestamp": format_time(facts.time),
        "ecs": { "version": VERSION },
        "message": facts.message(job),
        "tags": ["leaked-credential"],
        "labels": labels(&facts, job),
        "event": {
            "kind": "alert",
            "category": ["threat"],
            "type": ["indicator"],
            "id": facts.key,
            "module": "stanch",
            "dataset": "stanch.evidence",
            "provider": facts.provider,
            "action": job.map(|job| format!("leak-{}", job.command)),
            "outcome": facts.outcome.map(outcome),
            "code": facts.code.map(|code| code.to_string()),
            "reason": facts.reason,
            "created": format_time(at),
            "severity": facts.risk.map(severity),
            "risk_score": facts.risk_score,
        },
        "user": {
            "name": facts.login,
            "email": facts.email,
        },
        "url": facts.url.as_ref().map(|url| json!({
            "original": url,
            "scheme": facts.url_scheme,
            "domain": facts.url_host,
        })),
        "host": {
            "hostname": facts.hostname,
            "id": facts.hardware_id,
            "ip": [facts.ip],
            "os": { "full": facts.os },
            "geo": {
                "country_iso_code": facts.country_code,
                "country_name": facts.country_name,
            },
        },
        "organization": { "name": facts.domain },
        "threat": { "indicator": indicator(&facts) },
        "related": {
            "user": [facts.login],
            "hosts": [facts.hostname, facts.url_host],
            "ip": [facts.ip],
        },
        "observer": {
            "vendor": "Stanch",
            "product": "Stanch",
            "type": "leak-triage",
            "version": env!("CARGO_PKG_VERSION"),
        },
    }))
}

fn indicator(facts: &ExternalFields) -> Value {
    json!({
        "type": if facts.email.is_some() { "email-addr" } else { "user-account" },
        "name": facts.login,
        "provider": facts.provider,
        "first_seen": facts.first_seen.map(format_time),
        "email": { "address": facts.email },
    })
}

/// What the schema has no field for: each a word.
fn labels(facts: &ExternalFields, job: Option<&Job>) -> Value {
    json!({
        "profile": facts.profile,
        "leak_id": facts.id,
        "status": facts.status.to_string(),
        "status_before": facts.before.map(|before| before.to_string()),
        "remote_status": facts.remote_status,
        "outcome": facts.outcome.map(|outcome| outcome.to_string()),
        "credential_fingerprint": facts.credential,
        "class": facts.class,
        "breach": facts.breach,
        "attribution": facts.attribution,
        "malware_path": facts.malware_path,
        "job": job.map(|job| job.id.to_string()),
        "plan_hash": job.map(|job| &job.plan_hash),
        "reason": facts.justification.reason,
        "note": facts.justification.note,
        "ticket": facts.justification.ticket,
        "claimed_by": facts.claimed_by,
    })
}

/// A number of our own, from 1 to 4.
fn severity(risk: RiskLevel) -> u32 {
    match risk {
        RiskLevel::None => 1,
        RiskLevel::Low => 2,
        RiskLevel::Medium => 3,
        RiskLevel::High => 4,
    }
}

/// Whether the change was made, as far as it is proven.
fn outcome(outcome: ChangeOutcome) -> &'static str {
    match outcome {
        ChangeOutcome::Verified | ChangeOutcome::Local => "success",
        ChangeOutcome::Failed | ChangeOutcome::Contradicted | ChangeOutcome::Drifted => "failure",
        ChangeOutcome::Unverifiable
        | ChangeOutcome::Skipped
        | ChangeOutcome::Cancelled
        | ChangeOutcome::Accepted
        | ChangeOutcome::Unknown
        | ChangeOutcome::Pending => "unknown",
    }
}
