//! Members of objects as bytes.

use crate::http::json::Value;
use std::borrow::Cow;

/// Whether an object has a member, whatever it is.
pub(super) fn has(object: Value<'_>, name: &str) -> bool {
    object.get(name).is_some()
}

/// A value as text; anything else than text as it is written, and nothing of null.
pub(super) fn bytes(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    if value.is_null() {
        return None;
    }
    Some(value.string().unwrap_or(Cow::Borrowed(value.raw())))
}

/// A member as text.
pub(super) fn text<'a>(object: Value<'a>, name: &str) -> Option<Cow<'a, [u8]>> {
    bytes(object.get(name)?)
}

/// The first of these members that is there and is not empty.
pub(super) fn first<'a>(object: Value<'a>, names: &[&str]) -> Option<Cow<'a, [u8]>> {
    names
        .iter()
        .find_map(|name| text(object, name).filter(|text| !text.is_empty()))
}

/// What lies at a path through objects and arrays: `creds.0.pw`.
pub(super) fn at<'a>(value: Value<'a>, path: &str) -> Option<Value<'a>> {
    // A member may have a dot in its name.
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    path.split('.').try_fold(value, |value, step| {
        if value.is_array() {
            value.elements().nth(step.parse().ok()?)
        } else {
            value.get(step)
        }
    })
}
