//! The shapes that services of breaches have in common on the wire, read leniently: an unknown member never costs an
//! answer.

use crate::{
    entity::{
        breach::{Breach, BreachFlag, Paste},
        error::ProviderError,
        raw_text::RawText,
    },
    http::{HttpResponse, json::Value},
    provider::{
        judge::{self, ListForm},
        malformed_error,
    },
};
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};

/// Most bytes that are stored of one text.
const MAX_TEXT_BYTES: usize = 16 << 10;

/// Text as it came, anything else as it is written; what is beyond all measure is cut and says so.
pub(in crate::provider) fn text(value: Value<'_>) -> RawText {
    let bytes = value.string();
    let bytes = bytes.as_deref().unwrap_or(value.raw());
    match bytes.get(..MAX_TEXT_BYTES) {
        Some(kept) if kept.len() < bytes.len() => {
            let mut kept = kept.to_vec();
            kept.extend_from_slice(format!(" …+{} bytes", bytes.len() - MAX_TEXT_BYTES).as_bytes());
            RawText::from(&kept[..])
        }
        _ => RawText::from(bytes),
    }
}

/// A member's text; `None` where it is absent or null.
pub(in crate::provider) fn member(item: Value<'_>, names: &[&str]) -> Option<RawText> {
    first_present(item, names).map(text)
}

/// The first of some members that is there and not null.
pub(in crate::provider) fn first_present<'a>(item: Value<'a>, names: &[&str]) -> Option<Value<'a>> {
    let mut found = names.iter().filter_map(|name| item.get(name));
    found.find(|value| !value.is_null())
}

/// Yes or no, also as text or as a number.
pub(in crate::provider) fn parse_bool(value: Value<'_>) -> Option<bool> {
    value.bool().or_else(|| match text(value).as_bytes() {
        b"true" | b"True" | b"1" => Some(true),
        b"false" | b"False" | b"0" => Some(false),
        _ => None,
    })
}

/// A list of names that is never empty.
pub(in crate::provider) fn names(
    answer: Result<HttpResponse, ProviderError>,
    under: &'static [&'static str],
) -> Result<Vec<RawText>, ProviderError> {
    let form = ListForm {
        list_members: under,
        may_be_empty: false,
    };
    judge::list(answer, form, |value| {
        name(value).filter(|name| !name.is_empty())
    })
    .into_complete()
}

/// A name: text, or an object that has one.
pub(in crate::provider) fn name(value: Value<'_>) -> Option<RawText> {
    if value.is_string() {
        return Some(text(value));
    }
    member(value, &["Name", "name"])
}

/// The members that mark a breach.
const FLAGS: [(&str, BreachFlag); 6] = [
    ("IsFabricated", BreachFlag::Fabricated),
    ("IsSensitive", BreachFlag::Sensitive),
    ("IsRetired", BreachFlag::Retired),
    ("IsMalware", BreachFlag::Malware),
    ("IsStealerLog", BreachFlag::StealerLog),
    ("IsSubscriptionFree", BreachFlag::SubscriptionFree),
];

/// A breach: its name alone, or with its facts. The newer service's own name of a member comes first.
pub(in crate::provider) fn breach(value: Value<'_>) -> Option<Breach> {
    let name = name(value)?;
    if name.is_empty() {
        return None;
    }
    let flag = |name| value.get(name).and_then(parse_bool);
    let classes = value.get("DataClasses").into_iter();
    Some(Breach {
        name,
        title: member(value, &["Title"]),
        domain: member(value, &["Domain"]).filter(|domain| !domain.is_empty()),
        date: member(value, &["BreachDate"]),
        added_at: member(value, &["AddedDate"]),
        accounts: first_present(value, &["LeakedCount", "PwnCount"]).and_then(Value::count),
        data_classes: classes.flat_map(Value::elements).map(text).collect(),
        verified: flag("IsVerified"),
        spam: flag("IsSpamList"),
        flags: FLAGS
            .into_iter()
            .filter(|(member, _)| flag(member) == Some(true))
            .map(|(_, flag)| flag)
            .collect(),
    })
}

/// A paste; nothing is one that has neither a service nor an id.
pub(in crate::provider) fn paste(item: Value<'_>) -> Option<Paste> {
    let source = member(item, &["Source"]).unwrap_or_default();
    let id = member(item, &["Id"]).unwrap_or_default();
    (item.is_object() && !(source.is_empty() && id.is_empty())).then(|| Paste {
        source,
        id,
        title: member(item, &["Title"]),
        date: member(item, &["Date"]),
        emails: item.get("EmailCount").and_then(Value::count),
    })
}

/// A breached mailbox of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Mailbox {
    /// The whole address.
    pub(in crate::provider) address: RawText,
    /// Names that it is listed with, each once: the breaches that it is in, or the sites of stealer logs.
    pub(in crate::provider) listed: Vec<RawText>,
}

/// The breached mailboxes of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(in crate::provider) struct Mailboxes {
    /// In the provider's order.
    pub(in crate::provider) mailboxes: Vec<Mailbox>,
    /// Members that could not be read.
    pub(in crate::provider) unreadable: u32,
    /// How a count in the answer contradicts what came.
    pub(in crate::provider) contradiction: Option<String>,
}

impl Mailboxes {
    /// How many leaks they make: one for each mailbox and breach.
    pub(in crate::provider) fn leaks(&self) -> u64 {
        let each = self
            .mailboxes
            .iter()
            .map(|mailbox| mailbox.listed.len() as u64);
        each.sum()
    }
}

/// Reads local parts with their breaches. A local part twice is one mailbox, a breach twice one breach.
pub(in crate::provider) fn mailboxes(
    value: Value<'_>,
    domain: &str,
) -> Result<Mailboxes, ProviderError> {
    if !value.is_object() {
        return Err(malformed_error("there are no mailboxes in it"));
    }
    let mut read = Mailboxes::default();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut seen: HashSet<(usize, Vec<u8>)> = HashSet::new();
    for (alias, list) in value.members() {
        if !list.is_array() {
            // Wrappers of other operations say these beside their lists.
            let said = match &*alias {
                b"success" => list.bool().is_some(),
                b"count" => list.count().is_some(),
                b"message" => list.is_string(),
                _ => false,
            };
            read.unreadable += u32::from(!said);
            continue;
        }
        if list.elements().next().is_none() {
            // Nobody is listed who is in no breach.
            read.unreadable += 1;
        }
        let address = mailbox_address(&alias, domain);
        let at = *places
            .entry(address.to_ascii_lowercase())
            .or_insert_with(|| {
                read.mailboxes.push(Mailbox {
                    address: RawText::from(&address[..]),
                    listed: Vec::new(),
                });
                read.mailboxes.len() - 1
            });
        for item in list.elements() {
            match name(item).filter(|name| !name.is_empty()) {
                Some(breach) => {
                    if seen.insert((at, breach.as_bytes().to_ascii_lowercase()))
                        && let Some(mailbox) = read.mailboxes.get_mut(at)
                    {
                        mailbox.listed.push(breach);
                    }
                }
                None => read.unreadable += 1,
            }
        }
    }
    let count = value.get("count").and_then(Value::count);
    if read.mailboxes.is_empty() && count.is_none() {
        // A domain of which nothing is known is not found: an object without mailboxes is no answer of this operation.
        return Err(malformed_error("there are no mailboxes in it"));
    }
    read.contradiction = count
        .filter(|count| *count != read.mailboxes.len() as u64 && *count != read.leaks())
        .map(|count| {
            format!(
                "its count is {count}, and {} mailboxes came",
                read.mailboxes.len()
            )
        });
    Ok(read)
}

/// The address of a local part; one that comes whole stays.
fn mailbox_address(alias: &[u8], domain: &str) -> Vec<u8> {
    let mut address = alias.get(..MAX_TEXT_BYTES).unwrap_or(alias).to_vec();
    let tail = format!("@{domain}").into_bytes();
    let whole = address
        .len()
        .checked_sub(tail.len())
        .and_then(|at| address.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(&tail));
    if !whole {
        address.extend_from_slice(&tail);
    }
    address
}

/// Members as they came, by the provider's names, some left out.
pub(in crate::provider) fn other_members(object: Value<'_>, without: &[&str]) -> Map<String, Json> {
    let mut rest = Map::new();
    for (name, value) in object.members() {
        if let Ok(name) = std::str::from_utf8(&name)
            && !without.contains(&name)
        {
            let value = serde_json::from_slice(value.raw())
                .unwrap_or_else(|_| String::from_utf8_lossy(value.raw()).into());
            rest.insert(name.to_owned(), value);
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    fn value(json: &str) -> Value<'_> {
        parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_breach_is_read_from_its_name_alone_and_from_odd_members() {
        let one = breach(value(r#""Adobe""#)).unwrap();
        assert_eq!(one.name.as_bytes(), b"Adobe");
        let odd = value(
            r#"{"Name":7,"Title":null,"Domain":"","LeakedCount":"12","DataClasses":{"x":1},"IsVerified":"true","IsSpamList":0,"New":[1]}"#,
        );
        let odd = breach(odd).unwrap();
        assert_eq!(
            (odd.name.as_bytes(), odd.title, odd.domain),
            (&b"7"[..], None, None)
        );
        assert_eq!(
            (odd.accounts, odd.verified, odd.spam),
            (Some(12), Some(true), Some(false))
        );
        assert!(odd.data_classes.is_empty());
        let huge = breach(value(r#"{"Name":"x","PwnCount":1e400}"#)).unwrap();
        assert_eq!(huge.accounts, None);
        for none in ["null", "7", "[]", "{}", r#"{"Name":null}"#, r#""""#] {
            assert_eq!(breach(value(none)), None, "{none}");
        }
    }

    #[test]
    fn mailboxes_are_merged_and_what_is_none_is_counted() {
        let read = mailboxes(
            value(
                r#"{"success":true,"a":["X","x",{"Name":"Y"}],"A":["Z",4,null],"b@Acme.example":["X"],"c":7,"d":[]}"#,
            ),
            "acme.example",
        );
        let read = read.unwrap();
        let shown: Vec<_> = read
            .mailboxes
            .iter()
            .map(|one| (one.address.as_str().unwrap(), one.listed.len()))
            .collect();
        let expected = [
            ("a@acme.example", 3),
            ("b@Acme.example", 1),
            ("d@acme.example", 0),
        ];
        assert_eq!((&shown[..], read.unreadable), (&expected[..], 4));
        assert_eq!(read.leaks(), 4);
        for none in ["[]", "{}", r#"{"success":true}"#, r#"{"data":{"a":["X"]}}"#] {
            assert!(mailboxes(value(none), "x").is_err(), "{none}");
        }
        let said = |json| mailboxes(value(json), "x").unwrap().contradiction;
        assert_eq!(said(r#"{"count":0}"#), None);
        assert_eq!(said(r#"{"count":1,"a":["X","Y"]}"#), None);
        assert_eq!(said(r#"{"count":2,"a":["X","Y"]}"#), None);
        assert!(said(r#"{"count":3,"a":["X","Y"]}"#).is_some());
    }

    #[test]
    fn a_text_beyond_all_measure_is_cut_and_says_so() {
        let long = format!("\"{}\"", "a".repeat(MAX_TEXT_BYTES + 5));
        let kept = text(value(&long));
        assert!(kept.as_str().unwrap().ends_with("a …+5 bytes"));
        let full = format!("\"{}\"", "a".repeat(MAX_TEXT_BYTES));
        assert_eq!(text(value(&full)).as_bytes().len(), MAX_TEXT_BYTES);
    }
}
