//! A kept status as one line of JSON, and back. What comes out of a file was written by anybody: every line is checked,
//! and no message quotes one.

use crate::{
    app::plan::judge,
    cli::failure::{Failure, FailureKind},
    entity::{
        claim::{self, Justification, MAX_JUSTIFICATION_CHARS},
        key::{EntityKey, JobId, Kind, ProfileName, ProviderId},
        local_status::LocalStatus,
        status::Status,
    },
    export::json::SCHEMA,
    journal::LocalStatusRecord,
    provider,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use strum::IntoEnumIterator as _;

/// Clocks of two machines differ by less than this.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// A status as a line has it.
pub(super) fn json(kept: &LocalStatusRecord) -> impl Serialize + '_ {
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
        reason: Option<&'a str>,
        note: Option<&'a str>,
        ticket: Option<&'a str>,
    }
    let words = &kept.justification;
    let local = &kept.local;
    Line {
        schema: SCHEMA,
        key: &kept.key,
        profile: &kept.key.profile,
        provider: &kept.provider,
        status: local.status,
        remote_then: local.remote_when_set,
        set_at: local.set_at,
        job: local.job,
        previous: kept.previous,
        reason: words.reason.as_deref(),
        note: words.note.as_deref(),
        ticket: words.ticket.as_deref(),
    }
}

/// Every status of a file; blank lines are skipped. One line that is wrong refuses the whole. `provider_of` is the
/// provider of a configured profile.
pub(super) fn parse(
    bytes: &[u8],
    now: Timestamp,
    provider_of: impl Fn(&ProfileName) -> Option<ProviderId>,
) -> Result<Vec<LocalStatusRecord>, Failure> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(at, line)| {
            let kept = parse_line(line, now).and_then(|kept| validate(kept, &provider_of));
            kept.map_err(|why| {
                Failure::new(
                    FailureKind::Usage,
                    format!("line {}: {why}; nothing was imported", at + 1),
                    "correct the line or take it out; stanch statuses export writes such lines",
                )
            })
        })
        .collect()
}

/// Whether what a line says of its leak can be so: of a configured profile's provider, an id of that, and a status that
/// the provider cannot store itself.
fn validate(
    kept: LocalStatusRecord,
    provider_of: impl Fn(&ProfileName) -> Option<ProviderId>,
) -> Result<LocalStatusRecord, String> {
    let LocalStatusRecord {
        key,
        provider,
        local,
        ..
    } = &kept;
    if let Some(configured) = provider_of(&key.profile)
        && configured != *provider
    {
        return Err(format!(
            "it is of {provider}, and the profile {} is {configured}",
            key.profile
        ));
    }
    let stores = provider::stored_statuses(provider.as_str());
    if stores.is_empty() {
        return Ok(kept);
    }
    if !provider::accepts_id(provider.as_str(), key.id.as_bytes()) {
        return Err(format!("its key is of no leak that {provider} can have"));
    }
    if stores.contains(&local.status) {
        return Err(format!(
            "{provider} itself says whether a leak is {}: it is set there, with stanch leaks set",
            local.status
        ));
    }
    let nearest = judge::nearest_stored_status(stores, local.status);
    if local.remote_when_set != nearest {
        let nearest = nearest.map_or_else(|| "null".to_owned(), |status| status.to_string());
        return Err(format!(
            "remote_then is not {nearest}, which is what {provider} has for {}",
            local.status
        ));
    }
    Ok(kept)
}

fn parse_line(line: &[u8], now: Timestamp) -> Result<LocalStatusRecord, String> {
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
    let profile = text("profile")?;
    if profile != key.profile.as_str() {
        return Err("key and profile name different profiles".to_owned());
    }
    let provider = text("provider")?;
    // Spelled as every provider is; one that this program does not have may be known to the next.
    let spelled = provider
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if provider.is_empty() || !spelled {
        return Err("provider is no provider's name".to_owned());
    }
    let status = parse_status("status", text("status")?)
        .ok()
        .filter(|status| *status != Status::Unknown)
        .ok_or_else(|| format!("status is none of {}", status_list()))?;
    let optional = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => parse_status(name, value.as_str().unwrap_or_default()).map(Some),
    };
    let said = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= MAX_JUSTIFICATION_CHARS => {
            Ok(claim::non_blank(text))
        }
        Some(Value::String(_)) => Err(format!(
            "{name} is longer than {MAX_JUSTIFICATION_CHARS} characters"
        )),
        Some(_) => Err(format!("{name} is no text")),
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
    if set_at.duration_since(now) > MAX_CLOCK_SKEW {
        return Err("set_at lies in the future".to_owned());
    }
    Ok(LocalStatusRecord {
        key,
        provider: ProviderId::new(provider),
        local: LocalStatus {
            status,
            remote_when_set: remote_then,
            set_at,
            // A job's number means nothing in another journal.
            job: None,
            by: None,
        },
        previous: optional("previous")?,
        justification: Justification {
            reason: said("reason")?,
            note: said("note")?,
            ticket: said("ticket")?,
        },
    })
}

fn parse_status(name: &str, text: &str) -> Result<Status, String> {
    text.parse()
        .map_err(|_| format!("{name} is none of {}, unknown, null", status_list()))
}

/// The statuses that can be kept.
fn status_list() -> String {
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

    fn kept() -> LocalStatusRecord {
        LocalStatusRecord {
            key: EntityKey::for_leak(ProfileName::new("acme").unwrap(), b"a\nb%\xff"[..].into()),
            provider: ProviderId::new("elsewhere"),
            local: LocalStatus {
                status: Status::FalsePositive,
                remote_when_set: Some(Status::Fixed),
                set_at: now(),
                job: None,
                by: None,
            },
            previous: Some(Status::New),
            justification: Justification {
                reason: Some("owner confirmed".to_owned()),
                note: None,
                ticket: Some("INC-7".to_owned()),
            },
        }
    }

    fn of_nobody(_: &ProfileName) -> Option<ProviderId> {
        None
    }

    #[test]
    fn a_status_survives_its_line() {
        let line = serde_json::to_string(&json(&kept())).unwrap();
        assert_eq!(line.lines().count(), 1);
        let file = format!("\u{feff}{line}\r\n\n  \n{line}");
        assert_eq!(
            parse(file.as_bytes(), now(), of_nobody),
            Ok(vec![kept(), kept()])
        );
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
            ("profile", "other".into(), "different profiles"),
            ("profile", Value::Null, "profile is missing"),
            ("reason", 7.into(), "reason is no text"),
            ("note", "x".repeat(2_001).into(), "note is longer"),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            let file = format!("{good}\n{bad}\n");
            let failure = parse(file.as_bytes(), now(), of_nobody).unwrap_err();
            assert!(
                failure.message.starts_with("line 2: "),
                "{}",
                failure.message
            );
            assert!(failure.message.contains(said), "{}", failure.message);
            assert!(!failure.message.contains("hunter2"), "{}", failure.message);
        }
        // What the provider stores is known there alone, whatever a file says.
        let id = "a".repeat(32);
        for (status, then, said) in [
            ("fixed", "open".into(), "itself says"),
            ("open", "fixed".into(), "itself says"),
            ("false_positive", "open".into(), "remote_then is not fixed"),
            ("false_positive", Value::Null, "remote_then is not fixed"),
            ("investigating", "fixed".into(), "remote_then is not open"),
        ] {
            let mut bad = good.clone();
            bad["key"] = format!("acme:leak:{id}").into();
            bad["provider"] = "projectdiscovery".into();
            (bad["status"], bad["remote_then"]) = (status.into(), then);
            let failure = parse(bad.to_string().as_bytes(), now(), of_nobody).unwrap_err();
            assert!(failure.message.contains(said), "{}", failure.message);
        }
        let mut fine = good.clone();
        fine["key"] = format!("acme:leak:{id}").into();
        fine["provider"] = "projectdiscovery".into();
        let parsed = |line: &Value, provider: Option<&'static str>| {
            let of = |_: &ProfileName| provider.map(ProviderId::new);
            parse(line.to_string().as_bytes(), now(), of)
        };
        assert!(parsed(&fine, None).is_ok());
        assert!(parsed(&fine, Some("projectdiscovery")).is_ok());
        let failure = parsed(&fine, Some("leaks-ai")).unwrap_err();
        assert!(
            failure.message.contains("acme is leaks-ai"),
            "{}",
            failure.message
        );
        fine["key"] = "acme:leak:7".into();
        assert!(parsed(&fine, None).is_err(), "no id of that provider");
        for line in ["[]", "{", "nonsense"] {
            let failure = parse(line.as_bytes(), now(), of_nobody).unwrap_err();
            assert!(
                failure.message.contains("no JSON object"),
                "{}",
                failure.message
            );
        }
    }
}
