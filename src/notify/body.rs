//! What is sent: the message in three forms. A body is below twenty kilobytes.

use crate::entity::{
    json,
    message::{COUNTED, Message, Topic},
    visible,
};
use serde_json::{Map, Value, json as object};
use std::{collections::HashMap, fmt::Write as _};

/// Bytes of a body.
const LONGEST: usize = 20_000;

/// How much of each leak is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Counts alone.
    Counts,
    /// Keys and kinds.
    Keys,
    /// What else is known here of each, by its key.
    Leaks,
}

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Standard Webhooks.
    Standard,
    /// A CloudEvent.
    CloudEvents,
    /// A line of a chat.
    Slack,
}

impl Form {
    /// The content type of a body.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Standard | Self::Slack => "application/json",
            Self::CloudEvents => "application/cloudevents+json",
        }
    }
}

/// What else is known of leaks, by key: login, URL, domain, class, risk and dates; never a password.
pub type More = HashMap<String, Map<String, Value>>;

/// The body of a message. `now` is the moment of the message, RFC 3339.
pub fn body(message: &Message, form: Form, detail: Detail, more: &More) -> Vec<u8> {
    if form == Form::Slack {
        return json::to_vec(&object!({ "text": slack(message) })).unwrap_or_default();
    }
    // Fewer leaks until it is short enough; counts are never cut.
    let mut most = match detail {
        Detail::Counts => 0,
        Detail::Keys | Detail::Leaks => message.leaks.len(),
    };
    loop {
        let data = data(message, most, detail, more);
        let whole = match form {
            Form::CloudEvents => object!({
                "specversion": "1.0",
                "id": message.id,
                "source": format!("urn:stanch:{}", message.installation),
                "type": message.topic.to_string(),
                "time": message.at,
                "datacontenttype": "application/json",
                "data": data,
            }),
            Form::Standard | Form::Slack => object!({
                "type": message.topic.to_string(),
                "timestamp": message.at,
                "data": data,
            }),
        };
        let body = json::to_vec(&whole).unwrap_or_default();
        if body.len() < LONGEST || most == 0 {
            return body;
        }
        most = most * 3 / 4;
    }
}

fn data(message: &Message, most: usize, detail: Detail, more: &More) -> Value {
    let counts: Map<String, Value> = COUNTED
        .iter()
        .map(|kind| (kind.word().to_owned(), object!(message.count(*kind))))
        .collect();
    let mut data = object!({
        "schema": 1,
        "id": message.id,
        "watch": message.watch,
        "installation": message.installation,
        "text": message.text(),
    });
    let Some(members) = data.as_object_mut() else {
        return data;
    };
    match message.topic {
        Topic::Found | Topic::Reset | Topic::Test => {}
        Topic::Baseline => {
            members.insert("leaks".to_owned(), object!(message.number));
        }
        Topic::Blind | Topic::Sighted => {
            members.insert("seconds".to_owned(), object!(message.number));
        }
        Topic::Alive => {
            members.insert("accounts".to_owned(), object!(message.accounts));
        }
    }
    if message.topic != Topic::Found {
        members.insert(
            "profiles".to_owned(),
            object!(message.by_profile.keys().collect::<Vec<_>>()),
        );
        return data;
    }
    let leaks: Vec<Value> = message.leaks[..most.min(message.leaks.len())]
        .iter()
        .map(|leak| {
            let mut value = object!({ "key": leak.key, "kind": leak.kind, "at": leak.at });
            if detail == Detail::Leaks
                && let (Some(known), Some(members)) = (more.get(&leak.key), value.as_object_mut())
            {
                members.extend(known.clone());
            }
            value
        })
        .collect();
    let left = message.more + (message.leaks.len() - leaks.len()) as u64;
    let day: String = message.at.chars().take(10).collect();
    let others = [
        ("counts", Value::Object(counts)),
        ("people", object!(message.people)),
        ("storm", object!(message.storm)),
        ("unseen", object!(message.unseen)),
        ("held", object!(message.held)),
        (
            "by",
            object!({
                "profile": message.by_profile,
                "class": message.by_class,
                "risk": message.by_risk,
                "domain": message.by_domain,
            }),
        ),
        ("leaks", object!(leaks)),
        ("more", object!(left)),
        (
            "command",
            object!(format!(
                "stanch leaks list --filter 'found>={day} status:open'"
            )),
        ),
    ];
    members.extend(others.map(|(name, value)| (name.to_owned(), value)));
    data
}

/// A line of a chat: counts, our own words and names of domains.
fn slack(message: &Message) -> String {
    let text = message.text();
    let words = text.strip_prefix("stanch: ").unwrap_or(&text);
    let mut line = match words.split_once(" at ") {
        Some((counts, at)) => format!("*{}* at {}", inert(counts), inert(at)),
        None => format!("*{}*", inert(words)),
    };
    if message.topic == Topic::Found {
        let list = |groups: &std::collections::BTreeMap<String, u64>, most: usize| {
            let mut all: Vec<_> = groups.iter().collect();
            all.sort_by(|one, two| (two.1, one.0).cmp(&(one.1, two.0)));
            let all = all.into_iter().take(most);
            all.map(|(name, count)| format!("{} {count}", inert(name)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let _ = write!(
            line,
            "\n{} · {}",
            list(&message.by_domain, 5),
            list(&message.by_class, 5)
        );
        if message.unseen {
            line.push_str(
                "\nmore than half of an account was not seen before: other ids, or another tenant?",
            );
        }
        line.push_str("\n`stanch` then `N`");
    }
    let last = message.id.len().saturating_sub(4);
    let _ = write!(line, "   ({})", message.id.get(last..).unwrap_or_default());
    line
}

/// Text in which a chat makes no mention and no link.
fn inert(text: &str) -> String {
    let shown = visible::escape(text.as_bytes());
    shown
        .as_str()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::message::ToldLeak;

    fn message(leaks: usize) -> Message {
        let mut message = Message {
            id: "msg_00000000000000000000000000003c5e".to_owned(),
            at: "2026-11-29T14:30:09Z".to_owned(),
            watch: "vip".to_owned(),
            installation: "5d1f09c2".to_owned(),
            ..Message::default()
        };
        message.counts.insert("new".to_owned(), leaks as u64);
        message
            .by_profile
            .insert("acme-pd".to_owned(), leaks as u64);
        message
            .by_domain
            .insert("northwind.example".to_owned(), leaks as u64);
        message.by_class.insert("employee".to_owned(), leaks as u64);
        message.leaks = (0..leaks)
            .map(|n| ToldLeak {
                key: format!("acme-pd:leak:{n}{}", "<>&`".repeat(60)),
                kind: "new".to_owned(),
                at: "2026-11-29T14:30:07Z".to_owned(),
            })
            .collect();
        message
    }

    #[test]
    fn a_body_is_short_and_says_what_it_leaves_out() {
        let message = message(100);
        for form in [Form::Standard, Form::CloudEvents] {
            let bytes = body(&message, form, Detail::Keys, &More::new());
            assert!(bytes.len() < 20_000);
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            let data = &value["data"];
            let told = data["leaks"].as_array().unwrap().len() as u64;
            assert!(told > 20);
            assert_eq!(told + data["more"].as_u64().unwrap(), 100);
            assert_eq!(data["counts"]["new"], 100);
        }
        let counts = body(&message, Form::Standard, Detail::Counts, &More::new());
        let value: Value = serde_json::from_slice(&counts).unwrap();
        assert_eq!(value["data"]["leaks"], object!([]));
        assert_eq!(value["data"]["more"], 100);
    }

    #[test]
    fn a_chat_is_told_counts_alone() {
        let bytes = body(&message(3), Form::Slack, Detail::Leaks, &More::new());
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            value["text"],
            "*3 new* at acme-pd\nnorthwind.example 3 · employee 3\n`stanch` then `N`   (3c5e)"
        );
    }
}
