//! Answers that are not what they should be: another program's, refusals that look like success, and bodies that were
//! tampered with.

use serde_json::{Value, json};

use super::fault::{DueFaults, FaultName};
use super::system::Answer;

/// What a web server says of a path that it does not know.
const NGINX_NOT_FOUND: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n\
                     <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// Members that say how many there are.
const COUNT_MEMBERS: [&str; 4] = ["total_count", "total_results", "breach_count", "count"];

/// Parameters that narrow nothing.
const NON_FILTER_PARAMETERS: [&str; 16] = [
    "page",
    "page_number",
    "per_page",
    "limit",
    "sort",
    "sort_by",
    "sort_order",
    "group_by",
    "format",
    "raw",
    "truncate",
    "truncateResponse",
    "IncludeUnverified",
    "include_unverified",
    "unmask_email",
    "mode",
];

/// The answer that comes in place of the system's.
pub(crate) fn replacement(due: &DueFaults) -> Option<Answer> {
    if due.has(FaultName::ForeignMissing) {
        return Some(Answer::bytes(404, "text/html", NGINX_NOT_FOUND));
    }
    if due.has(FaultName::Gone) {
        return Some(Answer::message(410, "This API version has been retired"));
    }
    due.has(FaultName::SuccessFalse).then(|| {
        let body = json!({ "success": false, "message": "The subscription has ended" });
        Answer::json(200, &body)
    })
}

/// A good answer as it arrives.
pub(crate) fn tamper(answer: Answer, due: &DueFaults) -> Answer {
    let tampers = [FaultName::Wrapped, FaultName::Counts, FaultName::Damaged];
    if !answer.is_success() || !tampers.iter().any(|name| due.has(*name)) {
        return answer;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    if due.has(FaultName::Counts) {
        increment_count(&mut value);
    }
    if due.has(FaultName::Damaged) {
        damage(&mut value);
    }
    if due.has(FaultName::Wrapped) {
        value = json!({ "result": value });
    }
    Answer {
        body: value.to_string().into_bytes().into(),
        ..answer
    }
}

/// The parameters of a request to a system that ignores its filters.
pub(crate) fn without_filters(
    query: Vec<(String, String)>,
    due: &DueFaults,
) -> Vec<(String, String)> {
    if !due.has(FaultName::IgnoreFilter) {
        return query;
    }
    let kept = |(name, _): &(String, String)| NON_FILTER_PARAMETERS.contains(&&name[..]);
    query.into_iter().filter(kept).collect()
}

/// One of the counts says one more than there are.
fn increment_count(value: &mut Value) -> bool {
    let Value::Object(members) = value else {
        return false;
    };
    for name in COUNT_MEMBERS {
        if let Some(count) = members.get(name).and_then(Value::as_u64) {
            members.insert(name.to_owned(), Value::from(count + 1));
            return true;
        }
    }
    let mut within = members.values_mut().filter(|value| value.is_object());
    within.any(increment_count)
}

/// The last item of the list, or of a map of lists the last member, is nothing.
fn damage(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => match items.last_mut() {
            Some(last) => {
                *last = Value::Null;
                true
            }
            None => false,
        },
        Value::Object(members) => {
            let is_map = !members.is_empty() && members.values().all(Value::is_array);
            if is_map
                && members.len() > 1
                && let Some((_, last)) = members.iter_mut().next_back()
            {
                *last = Value::Null;
                return true;
            }
            let mut within = members
                .values_mut()
                .filter(|value| value.is_array() || value.is_object());
            within.any(damage)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_items_are_found_where_they_are() {
        let change = |mut value: Value, how: fn(&mut Value) -> bool| {
            assert!(how(&mut value), "{value}");
            value
        };
        assert_eq!(
            change(
                json!({"data": [], "pagination": {"total_results": 3}}),
                increment_count
            ),
            json!({"data": [], "pagination": {"total_results": 4}})
        );
        assert_eq!(
            change(json!({"count": 1, "domains": [1, 2]}), damage),
            json!({"count": 1, "domains": [1, null]})
        );
        assert_eq!(
            change(json!({"a": ["x"], "b": ["y"]}), damage),
            json!({"a": ["x"], "b": null})
        );
        assert!(!damage(&mut json!({"data": 7})));
        assert!(!increment_count(&mut json!(["x"])));
    }
}
