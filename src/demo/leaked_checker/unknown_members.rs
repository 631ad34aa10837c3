//! Members that no document names.

use serde_json::{Map, Value, json};

use super::super::system::Call;

/// Adds members that no document names, where that is asked for.
pub(crate) fn add_unknown_members(mut value: Value, call: &Call) -> Value {
    if call.faults.unknown {
        let more = Map::from_iter([
            ("DisclosureUrl".to_owned(), Value::Null),
            (
                "Severity".to_owned(),
                json!({ "scale": "v9", "value": 7.5 }),
            ),
        ]);
        if let Some(object) = value.as_object_mut() {
            object.extend(more);
        }
    }
    value
}
