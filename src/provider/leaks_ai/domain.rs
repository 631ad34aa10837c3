//! One watched domain. No readable page shows its shape: [`read`] is the one place that guesses it, so that a
//! documented shape replaces the guess here and nowhere else.

use super::member::{first_text, text, text_value};
use crate::{entity::raw_text::RawText, http::json::Value};

/// A watched domain, as far as an item has it.
pub(super) struct MonitoredDomain {
    /// Its name.
    pub(super) name: RawText,
    /// What the provider calls it: what its own filter takes.
    pub(super) id: Option<RawText>,
    /// Whether it is no longer watched, where that is said.
    pub(super) archived: Option<bool>,
}

/// Where a list of domains may stand: `data`, or the answer itself.
pub(super) fn items(answer: Value<'_>) -> Option<Value<'_>> {
    let data = answer.get("data").unwrap_or(answer);
    let inner = data.get("domains").or_else(|| answer.get("domains"));
    [Some(data), inner]
        .into_iter()
        .flatten()
        .find(|value| value.is_array() || value.is_null())
}

/// Reads one item; `None` where nothing in it can be a name.
pub(super) fn read(item: Value<'_>) -> Option<MonitoredDomain> {
    if item.is_string() {
        let name = text_value(item);
        return (!name.as_bytes().trim_ascii().is_empty()).then_some(MonitoredDomain {
            name,
            id: None,
            archived: None,
        });
    }
    let flag = |name: &str| item.get(name).and_then(Value::bool);
    let dated = || item.get("archived_at").map(|value| !value.is_null());
    Some(MonitoredDomain {
        name: first_text(item, &["domain", "name", "domain_name", "hostname"])?,
        id: text(item, "id").filter(|id| !id.is_empty()),
        archived: flag("archived")
            .or_else(|| flag("is_archived"))
            .or_else(dated),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    #[test]
    fn a_domain_is_read_from_every_shape_that_it_may_have() {
        for (json, id, archived) in [
            (
                r#"{"id":"d1","domain":"a.example","archived":false}"#,
                Some("d1"),
                Some(false),
            ),
            (
                r#"{"id":7,"name":"a.example","is_archived":true}"#,
                Some("7"),
                Some(true),
            ),
            (
                r#"{"domain":null,"hostname":"a.example","archived_at":null}"#,
                None,
                Some(false),
            ),
            (r#""a.example""#, None, None),
        ] {
            let read = read(parse(json.as_bytes()).unwrap()).unwrap();
            assert_eq!(read.name, RawText::from("a.example"), "{json}");
            assert_eq!(read.id, id.map(RawText::from), "{json}");
            assert_eq!(read.archived, archived, "{json}");
        }
        for json in [r#"{"id":"d1"}"#, "7", "[]", r#"" ""#, r#"{"domain":" "}"#] {
            assert!(read(parse(json.as_bytes()).unwrap()).is_none(), "{json}");
        }
    }

    #[test]
    fn the_list_is_found_where_it_may_be() {
        let count = |json: &str| {
            items(parse(json.as_bytes()).unwrap()).map(|value| value.elements().count())
        };
        assert_eq!(count(r#"{"data":["a","b"]}"#), Some(2));
        assert_eq!(count(r#"["a"]"#), Some(1));
        assert_eq!(count(r#"{"data":{"domains":["a"]}}"#), Some(1));
        assert_eq!(count(r#"{"domains":["a"]}"#), Some(1));
        assert_eq!(count(r#"{"data":null}"#), Some(0));
        assert_eq!(count("{}"), None);
        assert_eq!(count(r#"{"data":7}"#), None);
    }
}
