//! Reading request bodies.

use serde_json::{Map, Value};

use super::super::system::Answer;

/// A body that must be one JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Answer> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) | Err(_) => Err(invalid()),
    }
}

/// A text member; none where it is missing or null.
pub(crate) fn text<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, Answer> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid()),
    }
}

/// What is said of a body that cannot be read.
pub(crate) fn invalid() -> Answer {
    Answer::message(400, "Invalid request body")
}

/// Whether an id has the documented shape.
pub(crate) fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
