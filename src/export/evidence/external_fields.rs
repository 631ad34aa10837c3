//! What a bundle says of a leak to programs of others, whatever their schema: printable text, times as times, addresses
//! that are addresses. The exact bytes stand in our own JSON.

use super::lines;
use crate::entity::{
    claim::Justification,
    date,
    evidence::EvidenceItem,
    job::{ChangeOutcome, Job},
    leak::RiskLevel,
    raw_text::RawText,
    status::Status,
    visible,
};
use jiff::Timestamp;
use serde_json::Value;
use std::net::IpAddr;

/// A leak in plain values.
pub(super) struct ExternalFields {
    pub(super) key: String,
    pub(super) id: String,
    pub(super) profile: String,
    pub(super) provider: Option<String>,
    pub(super) login: Option<String>,
    pub(super) email: Option<String>,
    pub(super) url: Option<String>,
    pub(super) url_scheme: Option<String>,
    pub(super) url_host: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) class: Option<String>,
    pub(super) hostname: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) os: Option<String>,
    pub(super) hardware_id: Option<String>,
    pub(super) malware_path: Option<String>,
    /// Two letters.
    pub(super) country_code: Option<String>,
    /// Anything else that was said of it.
    pub(super) country_name: Option<String>,
    pub(super) breach: Option<String>,
    /// Whose data it is, where that must be said.
    pub(super) attribution: Option<String>,
    pub(super) credential: Option<String>,
    pub(super) risk: Option<RiskLevel>,
    pub(super) risk_score: Option<f64>,
    pub(super) remote_status: Option<String>,
    /// How it stands: as the job left it, else as it is here.
    pub(super) status: Status,
    pub(super) before: Option<Status>,
    pub(super) outcome: Option<ChangeOutcome>,
    pub(super) code: Option<u16>,
    pub(super) reason: Option<String>,
    /// What the operator said: with the job, else what was last said of the leak.
    pub(super) justification: Justification,
    /// `user@host` who has taken it on.
    pub(super) claimed_by: Option<String>,
    pub(super) first_seen: Option<Timestamp>,
    pub(super) added: Option<Timestamp>,
    /// When what the document tells happened: the change, else the finding.
    pub(super) time: Timestamp,
}

impl ExternalFields {
    pub(super) fn from_item(subject: &EvidenceItem, job: Option<&Job>, at: Timestamp) -> Self {
        let leak = subject.leak.as_ref();
        let device = leak.and_then(|leak| leak.device.as_ref());
        let change = subject.change.as_ref();
        let outcome = change.map(|change| change.state().outcome());
        let url = leak.and_then(|leak| leak.url.as_ref());
        let parsed = url
            .and_then(RawText::as_str)
            .and_then(|url| url::Url::parse(url).ok());
        let login = leak.and_then(|leak| printable(leak.login.as_ref()));
        let country = leak.and_then(|leak| printable(leak.country.as_ref()));
        let is_code = |country: &String| {
            country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        let added = leak.and_then(|leak| time(leak.added_at.as_ref()));
        let first_seen = leak.and_then(|leak| time(leak.first_seen.as_ref()));
        let status = match (change, outcome) {
            (Some(change), Some(ChangeOutcome::Verified | ChangeOutcome::Local)) => change.wanted,
            (Some(change), _) => change
                .before
                .or(leak.map(|leak| leak.status))
                .unwrap_or(Status::Unknown),
            (None, _) => leak.map_or(Status::Unknown, |leak| leak.status),
        };
        let changed_at = job.map(|job| job.ended_at.unwrap_or(job.created_at));
        Self {
            key: subject.key.to_string(),
            id: visible::escape(subject.key.id.as_bytes())
                .as_str()
                .to_owned(),
            profile: subject.key.profile.to_string(),
            provider: subject
                .provider
                .as_ref()
                .map(|provider| provider.as_str().to_owned()),
            email: login.clone().filter(|login| is_address(login)),
            login,
            url: printable(url),
            url_scheme: parsed.as_ref().map(|url| url.scheme().to_owned()),
            url_host: parsed
                .as_ref()
                .and_then(|url| url.host_str())
                .filter(|host| !host.is_empty())
                .and_then(|host| printable(Some(&RawText::from(host)))),
            domain: leak.and_then(|leak| printable(leak.domain.as_ref())),
            class: leak.and_then(|leak| printable(leak.class.as_ref())),
            hostname: device.and_then(|device| printable(device.hostname.as_ref())),
            ip: device
                .and_then(|device| device.ip.as_ref()?.as_str())
                .and_then(|ip| ip.trim().parse::<IpAddr>().ok())
                .map(|ip| ip.to_string()),
            os: device.and_then(|device| printable(device.os.as_ref())),
            hardware_id: device.and_then(|device| printable(device.hardware_id.as_ref())),
            malware_path: device.and_then(|device| printable(device.malware_path.as_ref())),
            country_code: country.clone().filter(is_code),
            country_name: country.filter(|country| !is_code(country)),
            breach: leak
                .and_then(|leak| leak.breach.as_ref())
                .and_then(|breach| printable(Some(&breach.name))),
            attribution: leak
                .and_then(|leak| leak.attribution.as_deref())
                .and_then(|line| printable(Some(&RawText::from(line)))),
            credential: lines::credential(subject),
            risk: leak.and_then(|leak| leak.risk).map(|risk| risk.level),
            risk_score: leak
                .and_then(|leak| leak.risk?.score)
                .filter(|score| score.is_finite()),
            remote_status: leak.and_then(|leak| printable(leak.remote_status.as_ref())),
            status,
            before: change.and_then(|change| change.before),
            outcome,
            code: change.and_then(crate::entity::job::Change::code),
            reason: change
                .and_then(|change| change.reason())
                .and_then(|reason| printable(Some(&RawText::from(reason)))),
            justification: job.map_or_else(
                || {
                    let noted = leak.and_then(|leak| leak.last_note.as_ref());
                    noted.map_or_else(Justification::default, |noted| noted.justification.clone())
                },
                |job| Justification {
                    reason: job.reason.clone(),
                    note: job.note.clone(),
                    ticket: job.ticket.clone(),
                },
            ),
            claimed_by: leak.and_then(|leak| leak.claim.as_ref()).and_then(|claim| {
                printable(Some(&RawText::from(claim.claimant.user_at_host().as_str())))
            }),
            first_seen,
            added,
            time: changed_at.or(added).or(first_seen).unwrap_or(at),
        }
    }

    /// Whether the leak is done with.
    pub(super) fn is_closed(&self) -> bool {
        !self.status.is_unresolved()
    }

    /// One sentence.
    pub(super) fn message(&self, job: Option<&Job>) -> String {
        let status = self.status.label();
        match (job, self.outcome) {
            (Some(job), Some(outcome)) => format!(
                "Leaked credential: {} of job {} ended as {outcome}, status {status}",
                job.command, job.id
            ),
            _ => format!("Leaked credential, status {status}"),
        }
    }
}

/// A time as every schema wants it in text.
pub(super) fn format_time(time: Timestamp) -> String {
    time.to_string()
}

/// Takes members away that say nothing: null, empty text, empty lists and objects.
pub(super) fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name, without_empty(value)))
                .filter(|(_, value)| !is_empty(value))
                .collect(),
        ),
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(without_empty)
                .filter(|value| !is_empty(value))
                .collect(),
        ),
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Programs of others print what they are given: nothing in it moves a cursor or turns a line round.
fn printable(text: Option<&RawText>) -> Option<String> {
    let text = visible::escape(text?.as_bytes()).as_str().to_owned();
    (!text.is_empty()).then_some(text)
}

fn time(text: Option<&RawText>) -> Option<Timestamp> {
    Timestamp::from_second(date::parse_seconds(text?.as_bytes())?).ok()
}

/// Whether a login is an address as schemas want one: not every address, and nothing that is none.
fn is_address(login: &str) -> bool {
    let Some((name, domain)) = login.split_once('@') else {
        return false;
    };
    let in_name =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let in_domain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let (first, rest) = domain.split_once('.').unwrap_or_default();
    !name.is_empty()
        && !first.is_empty()
        && !rest.is_empty()
        && name.bytes().all(in_name)
        && domain.bytes().all(in_domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_address_is_a_name() {
        for address in ["ana@northwind.example", "a+b@x-y.example"] {
            assert!(is_address(address), "{address}");
        }
        for name in [
            "ana",
            "@x.example",
            "a@",
            "a@b",
            "a b@x.example",
            "a@b@x.example",
        ] {
            assert!(!is_address(name), "{name}");
        }
    }

    #[test]
    fn members_that_say_nothing_are_left_out() {
        let value = json!({ "a": null, "b": { "c": "" }, "d": [null, 1], "e": false, "f": 0 });
        assert_eq!(
            without_empty(value),
            json!({ "d": [1], "e": false, "f": 0 })
        );
    }
}
