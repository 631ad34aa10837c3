//! How answers look, and how requests are read.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::super::catalogue::{Breach, catalogue};
use super::super::system::{Answer, Call, RequestFaults};

/// The name of the one breach that is made up: logs of stealers.
pub(super) const LOGS: &str = "StealerLogsNovember2018";

/// Every how-many-th breach has a bare file name as its logo.
const BARE_LOGO: usize = 5;

static MADE_UP: LazyLock<Breach> = LazyLock::new(|| Breach {
    name: LOGS.to_owned(),
    title: "Stealer Logs, November 2018".to_owned(),
    domain: String::new(),
    breach_date: "2018-11-01".to_owned(),
    added_date: "2018-12-19T06:15:00Z".to_owned(),
    modified_date: "2018-12-19T06:15:00Z".to_owned(),
    leaked_count: 6_021_000,
    data_classes: vec!["Email addresses".to_owned(), "Passwords".to_owned()],
    is_verified: true,
    is_fabricated: false,
    is_sensitive: false,
    is_retired: false,
    is_spam_list: false,
});

/// Every breach, that of the logs last.
pub(super) fn all() -> impl Iterator<Item = &'static Breach> {
    catalogue().all().iter().chain(std::iter::once(&*MADE_UP))
}

/// The breach of the logs.
pub(super) fn logs() -> &'static Breach {
    &MADE_UP
}

/// The one of that name, in any case.
pub(super) fn breach_named(name: &str) -> Option<&'static Breach> {
    let wanted = name.trim();
    all().find(|breach| breach.name.eq_ignore_ascii_case(wanted))
}

/// The one that came into the catalogue last.
pub(super) fn latest() -> Option<&'static Breach> {
    all().max_by_key(|breach| &breach.added_date)
}

/// A failure, as this system says it.
pub(super) fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "statusCode": status, "message": message }))
}

/// A failure in plain text.
pub(super) fn text(status: u16, message: &str) -> Answer {
    Answer::bytes(status, "text/plain", message.as_bytes().to_vec())
}

/// What is said of the clean.
pub(super) fn nothing(call: &Call) -> Answer {
    if call.faults.odd.bare_404 {
        return Answer::empty(404);
    }
    error(404, "Not found")
}

/// A refused key.
pub(super) fn denied(what: &str, manner: RequestFaults) -> Answer {
    let message = format!("Access denied due to {what} hibp-api-key.");
    if manner.odd.bare_401 {
        return text(401, &message);
    }
    error(401, &message)
}

/// The refusal of a test key for what is no test.
pub(super) fn invalid_key(call: &Call) -> Answer {
    denied("invalid", call.faults)
}

/// A web page of the network in front.
pub(super) fn edge(status: u16) -> Answer {
    const PAGE: &str = "<!doctype html>\n<html><head><title>Attention Required!</title></head><body><h1>Please wait</h1></body></html>\n";
    Answer::bytes(status, "text/html; charset=UTF-8", PAGE)
        .with_header("cf-ray", "7f2c1d0e9b8a6c5d-ZRH")
}

/// A breach as it is given out: dates with and without seconds, logos whole and bare.
pub(super) fn shown(breach: &Breach, call: &Call) -> Value {
    let is_logs = breach.name == LOGS;
    let place = breach.name.len();
    let added = if place.is_multiple_of(2) {
        breach.added_date.clone()
    } else {
        without_seconds(&breach.added_date)
    };
    let logo = format!("{}.png", breach.name);
    let mut value = json!({
        "Name": breach.name,
        "Title": breach.title,
        "Domain": breach.domain,
        "BreachDate": breach.breach_date,
        "AddedDate": added,
        "ModifiedDate": breach.modified_date,
        "PwnCount": breach.leaked_count,
        "Description": format!(
            "In {} data of <em>{}</em> became known. See <a href=\"https://news.example/\" target=\"_blank\" rel=\"noopener\">the report</a>.",
            breach.breach_date, breach.title
        ),
        "LogoPath": if place.is_multiple_of(BARE_LOGO) { logo } else { format!("https://logos.example/{logo}") },
        "DataClasses": breach.data_classes,
        "IsVerified": breach.is_verified,
        "IsFabricated": breach.is_fabricated,
        "IsSensitive": breach.is_sensitive,
        "IsRetired": breach.is_retired,
        "IsSpamList": breach.is_spam_list,
        "IsMalware": is_logs,
        "IsSubscriptionFree": is_logs,
        "IsStealerLog": is_logs,
    });
    // The member may be null or missing; both occur.
    if place.is_multiple_of(3) {
        value["Attribution"] = Value::Null;
    }
    odd(value, call)
}

/// `2013-12-04T00:00:00Z` as `2013-12-04T00:00Z`.
fn without_seconds(time: &str) -> String {
    match (time.get(..16), time.ends_with('Z')) {
        (Some(minute), true) => format!("{minute}Z"),
        _ => time.to_owned(),
    }
}

/// Adds members that no document names, where that is asked for.
pub(super) fn odd(mut value: Value, call: &Call) -> Value {
    if call.faults.unknown
        && let Some(object) = value.as_object_mut()
    {
        object.extend(Map::from_iter([
            ("DisclosureUrl".to_owned(), Value::Null),
            (
                "Severity".to_owned(),
                json!({ "scale": "v9", "value": 7.5 }),
            ),
        ]));
    }
    value
}

/// A parameter's value; blank counts as not given.
pub(super) fn query<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let found = call.query.iter().find(|(known, _)| known == name);
    found
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

/// A parameter that is true or false, or not given.
pub(super) fn flag(call: &Call, name: &str) -> Result<Option<bool>, Answer> {
    match query(call, name).map(str::to_lowercase).as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(error(400, &format!("{name} is true or false"))),
    }
}

/// What the path names at its end.
pub(super) fn named(call: &Call) -> &str {
    call.segments.last().map_or("", |part| part.trim())
}

/// An address as it is looked up: lower case, in two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// Before the last `@`.
    pub(super) local: String,
    /// Behind it.
    pub(super) domain: String,
}

impl Account {
    /// Reads an address; blanks around it and its case are ignored.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let good = !local.is_empty() && !domain.is_empty();
        good.then(|| Self {
            local: local.to_owned(),
            domain: domain.to_owned(),
        })
    }
}

/// The address at the end of the path.
pub(super) fn account(call: &Call) -> Result<Account, Answer> {
    Account::read(named(call))
        .ok_or_else(|| error(400, "The account is not in an acceptable format."))
}
