//! The Open Cybersecurity Schema Framework: a leak as a Detection Finding. The shapes are those of the released schema
//! [`VERSION`]; the tests hold every member against it.

use super::external_fields::{ExternalFields, format_time, without_empty};
use crate::entity::{
    claim::Justification,
    evidence::EvidenceItem,
    job::{ChangeOutcome, Job},
    leak::RiskLevel,
    status::Status,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The schema's version.
pub const VERSION: &str = "1.8.0";

/// Category Findings, class Detection Finding.
const CATEGORY: u32 = 2;
const CLASS: u32 = 2004;

/// The document of a leak, with the job that changed it if there is one.
pub fn document(subject: &EvidenceItem, job: Option<&Job>, at: Timestamp) -> Value {
    let facts = ExternalFields::from_item(subject, job, at);
    let (activity, activity_name) = activity(&facts);
    let (severity, severity_name) = severity(facts.risk);
    let (status, status_name) = status(facts.status);
    let ticket = facts.justification.ticket.as_deref();
    without_empty(json!({
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + activity,
        "type_name": format!("Detection Finding: {activity_name}"),
        "time": facts.time.as_millisecond(),
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "status_code": facts.code.map(|code| code.to_string()),
        "status_detail": detail(&facts),
        "message": facts.message(job),
        "comment": comment(&facts.justification),
        "is_alert": !facts.is_closed(),
        "metadata": metadata(&facts, job, at, ticket.is_some()),
        "finding_info": {
            "uid": facts.key,
            "title": "Leaked credential",
            "types": ["Leaked credential"],
            "data_sources": [facts.provider],
            "created_time": facts.added.map(Timestamp::as_millisecond),
            "first_seen_time": facts.first_seen.map(Timestamp::as_millisecond),
            "modified_time": job.map(|_| facts.time.as_millisecond()),
        },
        "evidences": [evidence(&facts)],
        "resources": [facts.domain.as_ref().map(|domain| json!({
            "name": domain,
            "type": "Domain",
        }))],
        "tickets": [ticket.map(|ticket| json!({ "uid": ticket }))],
        "unmapped": {
            "class": facts.class,
            "breach": facts.breach,
            "attribution": facts.attribution,
            "remote_status": facts.remote_status,
            "risk_score": facts.risk_score,
            "malware_path": facts.malware_path,
            "country": facts.country_name,
            "status_before": facts.before.map(|before| before.to_string()),
            "outcome": facts.outcome.map(|outcome| outcome.to_string()),
            "claimed_by": facts.claimed_by,
        },
    }))
}

fn metadata(facts: &ExternalFields, job: Option<&Job>, at: Timestamp, ticketed: bool) -> Value {
    json!({
        "version": VERSION,
        "product": {
            "name": "Stanch",
            "vendor_name": "Stanch",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "profiles": ticketed.then_some(["incident"]),
        "uid": job.map_or_else(
            || facts.key.clone(),
            |job| format!("{}#job-{}", facts.key, job.id),
        ),
        "log_name": "evidence",
        "log_provider": facts.provider,
        "tenant_uid": facts.profile,
        "correlation_uid": job.map(|job| &job.plan_hash),
        "original_event_uid": facts.id,
        "original_time": format_time(facts.time),
        "logged_time": at.as_millisecond(),
    })
}

/// What shows the leak: who, where it was typed, on which machine; for the secret its fingerprint.
fn evidence(facts: &ExternalFields) -> Value {
    json!({
        "data": { "credential_fingerprint": facts.credential },
        "user": facts.login.as_ref().map(|login| json!({
            "name": login,
            "email_addr": facts.email,
        })),
        "url": facts.url.as_ref().map(|url| json!({
            "url_string": url,
            "hostname": facts.url_host,
            "scheme": facts.url_scheme,
        })),
        "device": device(facts),
    })
}

/// A machine without name, address and number is none.
fn device(facts: &ExternalFields) -> Option<Value> {
    let known = [&facts.hostname, &facts.ip, &facts.hardware_id];
    known.iter().any(|value| value.is_some()).then(|| {
        json!({
            "type_id": 0,
            "type": "Unknown",
            "hostname": facts.hostname,
            "ip": facts.ip,
            "uid": facts.hardware_id,
            "os": facts.os.as_ref().map(|os| {
                let (id, name) = system(os);
                json!({ "name": os, "type_id": id, "type": name })
            }),
            "location": facts.country_code.as_ref().map(|country| json!({ "country": country })),
        })
    })
}

fn system(os: &str) -> (u32, &'static str) {
    let os = os.to_lowercase();
    let known = [
        ("windows", 100, "Windows"),
        ("android", 201, "Android"),
        ("linux", 200, "Linux"),
        ("macos", 300, "macOS"),
        ("mac os", 300, "macOS"),
    ];
    known
        .iter()
        .find(|(word, ..)| os.contains(word))
        .map_or((0, "Unknown"), |(_, id, name)| (*id, name))
}

fn activity(facts: &ExternalFields) -> (u32, &'static str) {
    if facts.is_closed() {
        (3, "Close")
    } else if facts.outcome.is_some() || facts.status == Status::Investigating {
        (2, "Update")
    } else {
        (1, "Create")
    }
}

fn severity(risk: Option<RiskLevel>) -> (u32, &'static str) {
    match risk {
        Some(RiskLevel::High) => (4, "High"),
        Some(RiskLevel::Medium) => (3, "Medium"),
        Some(RiskLevel::Low) => (2, "Low"),
        Some(RiskLevel::None) => (1, "Informational"),
        None => (0, "Unknown"),
    }
}

fn status(status: Status) -> (u32, &'static str) {
    match status {
        Status::New | Status::Open => (1, "New"),
        Status::Investigating => (2, "In Progress"),
        Status::FalsePositive => (3, "Suppressed"),
        Status::Fixed => (4, "Resolved"),
        Status::Unknown => (0, "Unknown"),
    }
}

/// What became of the change, and why.
fn detail(facts: &ExternalFields) -> Option<String> {
    let outcome: ChangeOutcome = facts.outcome?;
    Some(match &facts.reason {
        Some(reason) => format!("{outcome}: {reason}"),
        None => outcome.to_string(),
    })
}

/// What the operator wrote.
fn comment(words: &Justification) -> Option<String> {
    let parts: Vec<_> = [&words.reason, &words.note]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}
