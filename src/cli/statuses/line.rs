//! A kept status as one line of JSON, and back. What comes out of a file was written by anybody: every line is checked,
//! and no message quotes one.

use crate::{
    cli::failure::{Failure, FailureKind},
    entity::{
        key::{EntityKey, JobId, Kind, ProfileName, ProviderId},
        local::LocalStatus,
        status::Status,
    },
    export::json::SCHEMA,
    journal::KeptStatus,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use strum::IntoEnumIterator as _;

/// Clocks of two machines differ by less than this.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// A status as a line has it.
pub(super) fn json(kept: &KeptStatus) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Line<'a> {
        schema: u8,
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a ProviderId,
        status: Status,
        remote_then: Option<Status>,
        set_at: Timestamp,
        job: Option<JobId>,
        previous: Option<Status>,
    }
    let local = &kept.local;
    Line {
        schema: SCHEMA,
        key: &kept.key,
        profile: &kept.key.profile,
        provider: &kept.provider,
        status: local.status,
        remote_then: local.remote_then,
        set_at: local.set_at,
        job: local.job,
        previous: kept.previous,
    }
}

/// Every status of a file; blank lines are skipped. One line that is wrong refuses the whole.
pub(super) fn parse(bytes: &[u8], now: Timestamp) -> Result<Vec<KeptStatus>, Failure> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(at, line)| {
            status(line, now).map_err(|why| {
                Failure::new(
                    FailureKind::Usage,
                    format!("line {}: {why}; nothing was imported", at + 1),
                    "correct the line or take it out; stanch statuses export writes such lines",
                )
            })
        })
        .collect()
}

fn status(line: &[u8], now: Timestamp) -> Result<KeptStatus, String> {
    let members: Map<String, Value> =
        serde_json::from_slice(line).map_err(|_| "it is no JSON object".to_owned())?;
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("{name} is missing, or is no text"))
    };
    if members.get("schema").and_then(Value::as_u64) != Some(u64::from(SCHEMA)) {
        return Err(format!("schema is not {SCHEMA}"));
    }
    let key: EntityKey = text("key")?
        .parse()
        .map_err(|error| format!("its key is none: {error}"))?;
    if key.kind != Kind::Leak {
        return Err(format!("its key is that of a {}, not of a leak", key.kind));
    }
    let provider = text("provider")?;
    // Spelled as every provider is; one that this program does not have may be known to the next.
    let spelled = provider
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if provider.is_empty() || !spelled {
        return Err("provider is no provider's name".to_owned());
    }
    let status = word("status", text("status")?)
        .ok()
        .filter(|status| *status != Status::Unknown)
        .ok_or_else(|| format!("status is none of {}", words()))?;
    let optional = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => word(name, value.as_str().unwrap_or_default()).map(Some),
    };
    let remote_then = optional("remote_then")?;
    if remote_then == Some(status) {
        return Err(
            "status and remote_then are the same: the provider keeps it already".to_owned(),
        );
    }
    let set_at: Timestamp = text("set_at")?
        .parse()
        .map_err(|_| "set_at is no time such as 2026-03-01T12:00:00Z".to_owned())?;
    if set_at.duration_since(now) > AHEAD {
        return Err("set_at lies in the future".to_owned());
    }
    Ok(KeptStatus {
        key,
        provider: ProviderId::new(provider),
        local: LocalStatus {
            status,
            remote_then,
            set_at,
            // A job's number means nothing in another journal.
            job: None,
        },
        previous: optional("previous")?,
    })
}

fn word(name: &str, text: &str) -> Result<Status, String> {
    text.parse()
        .map_err(|_| format!("{name} is none of {}, unknown, null", words()))
}

/// The statuses that can be kept.
fn words() -> String {
    Status::iter()
        .filter(|status| *status != Status::Unknown)
        .map(|status| status.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn kept() -> KeptStatus {
        KeptStatus {
            key: EntityKey::leak(ProfileName::new("acme").unwrap(), b"a\nb%\xff"[..].into()),
            provider: ProviderId::new("elsewhere"),
            local: LocalStatus {
                status: Status::FalsePositive,
                remote_then: Some(Status::Fixed),
                set_at: now(),
                job: None,
            },
            previous: Some(Status::New),
        }
    }

    #[test]
    fn a_status_survives_its_line() {
        let line = serde_json::to_string(&json(&kept())).unwrap();
        assert_eq!(line.lines().count(), 1);
        let file = format!("\u{feff}{line}\r\n\n  \n{line}");
        assert_eq!(parse(file.as_bytes(), now()), Ok(vec![kept(), kept()]));
    }

    #[test]
    fn a_wrong_line_says_where_and_what_and_refuses_the_file() {
        let good = serde_json::to_value(json(&kept())).unwrap();
        for (member, value, said) in [
            ("schema", 2.into(), "schema"),
            ("key", "acme:leak".into(), "profile:kind:id"),
            ("key", "acme:user:x".into(), "of a user"),
            ("key", 7.into(), "key is missing"),
            ("provider", "Else\u{1b}".into(), "provider"),
            ("provider", "".into(), "provider"),
            ("status", "unknown".into(), "false_positive"),
            ("status", "hunter2".into(), "status is none of"),
            ("remote_then", "hunter2".into(), "remote_then is none of"),
            ("remote_then", 3.into(), "remote_then is none of"),
            ("remote_then", "false_positive".into(), "the same"),
            ("previous", "hunter2".into(), "previous is none of"),
            ("set_at", "noon".into(), "2026-03-01T12:00:00Z"),
            ("set_at", "2026-03-03T12:00:00Z".into(), "future"),
            ("set_at", Value::Null, "set_at is missing"),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            let file = format!("{good}\n{bad}\n");
            let failure = parse(file.as_bytes(), now()).unwrap_err();
            assert!(
                failure.message.starts_with("line 2: "),
                "{}",
                failure.message
            );
            assert!(failure.message.contains(said), "{}", failure.message);
            assert!(!failure.message.contains("hunter2"), "{}", failure.message);
        }
        for line in ["[]", "{", "nonsense"] {
            let failure = parse(line.as_bytes(), now()).unwrap_err();
            assert!(
                failure.message.contains("no JSON object"),
                "{}",
                failure.message
            );
        }
    }
}
