//! The JSON of breaches and pastes, wherever they stand: in a leak, in a connection, in a list of their own; and of what
//! came as JSON already.

use crate::entity::{
    breach::{Breach, BreachFlag, Paste},
    raw_text::RawText,
};
use serde::Serialize;
use serde_json::value::RawValue;

/// A breach: what stands behind `"breach"`, or an item of a list.
pub fn breach_json(breach: &Breach) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a> {
        name: &'a RawText,
        title: &'a Option<RawText>,
        domain: &'a Option<RawText>,
        date: &'a Option<RawText>,
        added_at: &'a Option<RawText>,
        accounts: Option<u64>,
        data_classes: &'a [RawText],
        verified: Option<bool>,
        spam: Option<bool>,
        flags: Vec<BreachFlag>,
    }
    Json {
        name: &breach.name,
        title: &breach.title,
        domain: &breach.domain,
        date: &breach.date,
        added_at: &breach.added_at,
        accounts: breach.accounts,
        data_classes: &breach.data_classes,
        verified: breach.verified,
        spam: breach.spam,
        flags: breach.flags.iter().collect(),
    }
}

/// A paste: what stands behind `"paste"`, or an item of a list.
pub fn paste_json(paste: &Paste) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a> {
        source: &'a RawText,
        id: &'a RawText,
        title: &'a Option<RawText>,
        date: &'a Option<RawText>,
        emails: Option<u64>,
    }
    Json {
        source: &paste.source,
        id: &paste.id,
        title: &paste.title,
        date: &paste.date,
        emails: paste.emails,
    }
}

/// A JSON object that a provider sent, on one line; `None` where it is none. Numbers and members stay as they came.
pub(super) fn object(text: &RawText) -> Option<Box<RawValue>> {
    let text = text.as_str()?.trim();
    if !text.starts_with('{') {
        return None;
    }
    // In JSON a line only ends between values: inside of a string it is written as an escape.
    RawValue::from_string(text.replace(['\n', '\r'], " ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_stays_as_it_came_on_one_line() {
        let text = RawText::from("{\n  \"b\": 1.50,\r\n\"a\": \"x\\ny\"}\n");
        let object = object(&text).unwrap();
        assert_eq!(object.get(), r#"{   "b": 1.50,  "a": "x\ny"}"#);
        for wrong in ["", "[1]", "{", "{\"a\":\"\n", "null"] {
            assert!(super::object(&RawText::from(wrong)).is_none(), "{wrong}");
        }
    }
}
