//! The shapes that are this service's own: where the documents print no body, the likely ones are all taken.

pub(super) use crate::provider::breach::wire::{
    Mailbox, Mailboxes, breach, first_present, mailboxes, member, name, names, other_members,
    parse_bool, paste, text,
};

use super::malformed_error;
use crate::{
    entity::{breach::Breach, error::ProviderError},
    http::{HttpResponse, json::Value},
    provider::judge::{self, Judgement, ListForm},
};

/// The object in an answer: under `data` or one of these names, or the answer itself.
pub(super) fn object<'a>(value: Value<'a>, names: &[&str]) -> Result<Value<'a>, ProviderError> {
    let mut found: Vec<Value<'a>> = names.iter().filter_map(|name| value.get(name)).collect();
    found.extend(value.get("data"));
    found.push(value);
    found
        .into_iter()
        .find(|object| object.is_object())
        .ok_or_else(|| malformed_error("it is no object"))
}

/// Breaches; a 404 is the answer that there are none.
pub(super) const BREACH_LIST: ListForm = ListForm {
    list_members: &["breaches", "data"],
    may_be_empty: false,
};

/// The breaches in an answer.
pub(super) fn breaches(answer: Result<HttpResponse, ProviderError>) -> Judgement<Breach> {
    judge::list(answer, BREACH_LIST, breach)
}

/// A breach by its source, as the answers about cards and numbers have them.
pub(super) fn parse_breach_source(value: Value<'_>) -> Option<Breach> {
    let classes = value.get("data_classes").into_iter();
    Some(Breach {
        name: member(value, &["source"])
            .or_else(|| name(value))
            .filter(|name| !name.is_empty())?,
        date: member(value, &["breach_date", "date"]),
        data_classes: classes.flat_map(Value::elements).map(text).collect(),
        ..Breach::default()
    })
}
