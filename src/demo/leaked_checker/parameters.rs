//! Reading what a request asks for.

use serde_json::{Map, Value};

use super::super::system::{Answer, Call};
use super::accounts::Account;
use super::failure;

/// A parameter's value; blank counts as not given.
pub(crate) fn text<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let found = call.query.iter().find(|(known, _)| known == name);
    found
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

/// A parameter that is true or false, or not given.
pub(crate) fn flag(call: &Call, name: &str) -> Result<Option<bool>, Answer> {
    match text(call, name).map(str::to_lowercase).as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(failure(400, &format!("{name} is true or false"))),
    }
}

/// What the path names at its end.
pub(crate) fn last_segment(call: &Call) -> &str {
    call.segments.last().map_or("", |part| part.trim())
}

/// The address at the end of the path.
pub(crate) fn account(call: &Call) -> Result<Account, Answer> {
    Account::read(last_segment(call))
        .ok_or_else(|| failure(400, "The account is not an email address"))
}

/// The body, which must be one JSON object.
pub(crate) fn body(call: &Call) -> Result<Map<String, Value>, Answer> {
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) | Err(_) => Err(failure(400, "Invalid request body")),
    }
}
