//! The door: paths, the key, and the shape of a problem.

use axum::http::{HeaderMap, Method, header};
use serde_json::json;

use super::super::SystemName;
use super::super::fault::Kind;
use super::super::rng::mix;
use super::super::system::{
    Answer, Failure, Operation, RequestFaults, Route, SystemRouter, segments,
};

/// The thirteen operations: the first part of the path, the second, what they are. All are asked by GET.
static OPERATIONS: [(&str, SecondSegment, Operation); 13] = [
    (
        "domains",
        SecondSegment::None,
        operation("listDomains", Kind::List),
    ),
    (
        "leaks",
        SecondSegment::None,
        operation("listLeaks", Kind::List),
    ),
    (
        "leaks",
        SecondSegment::Count,
        operation("countLeaks", Kind::Read),
    ),
    ("leaks", SecondSegment::Id, operation("getLeak", Kind::Read)),
    (
        "endpoints",
        SecondSegment::None,
        operation("listEndpoints", Kind::List),
    ),
    (
        "endpoints",
        SecondSegment::Count,
        operation("countEndpoints", Kind::Read),
    ),
    (
        "endpoints",
        SecondSegment::Id,
        operation("getEndpoint", Kind::Read),
    ),
    (
        "resources",
        SecondSegment::None,
        operation("listResources", Kind::List),
    ),
    (
        "resources",
        SecondSegment::Count,
        operation("countResources", Kind::Read),
    ),
    (
        "resources",
        SecondSegment::Id,
        operation("getResource", Kind::Read),
    ),
    (
        "users",
        SecondSegment::None,
        operation("listUsers", Kind::List),
    ),
    (
        "users",
        SecondSegment::Count,
        operation("countUsers", Kind::Read),
    ),
    ("users", SecondSegment::Id, operation("getUser", Kind::Read)),
];

/// What stands behind the first part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecondSegment {
    /// Nothing.
    None,
    /// The word.
    Count,
    /// An id.
    Id,
}

const fn operation(id: &'static str, kind: Kind) -> Operation {
    Operation {
        id,
        kind,
        public: false,
    }
}

/// A problem as this system tells it.
pub(super) fn problem(status: u16, kind: &str, detail: &str) -> Answer {
    let body = json!({ "type": kind, "status": status, "detail": detail });
    Answer::json(status, &body)
}

/// A parameter that is refused.
pub(super) fn invalid(detail: &str) -> Answer {
    problem(400, "validation_error", detail)
}

/// The door of the system.
pub(super) struct LeaksAiRouter {
    key: String,
}

impl LeaksAiRouter {
    /// The door whose key goes with the seed, and is clearly of no worth.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            key: format!("demo-key-of-no-worth-{:016x}", mix(seed ^ 0x6c61_6b65_7900)),
        }
    }
}

impl SystemRouter for LeaksAiRouter {
    fn name(&self) -> &'static str {
        SystemName::LeaksAi.word()
    }

    fn prefix(&self) -> &'static str {
        SystemName::LeaksAi.prefix()
    }

    fn route(&self, method: &Method, path: &str) -> Route {
        let parts = segments(path);
        let (first, second) = match parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [first] => (first, SecondSegment::None),
            [first, "count"] => (first, SecondSegment::Count),
            [first, id] if !id.is_empty() => (first, SecondSegment::Id),
            _ => return Route::NotFound,
        };
        let found = OPERATIONS
            .iter()
            .find(|(known, behind, _)| *known == first && *behind == second);
        match found {
            Some((.., operation)) if method == Method::GET => Route::Operation(operation),
            Some(_) => Route::WrongMethod,
            None => Route::NotFound,
        }
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn admit(
        &self,
        _operation: &Operation,
        headers: &HeaderMap,
        manner: RequestFaults,
    ) -> Result<(), Answer> {
        let given = headers.get(header::AUTHORIZATION);
        if given.is_some_and(|given| given.as_bytes() == self.key.as_bytes()) {
            return Ok(());
        }
        let detail = if given.is_some() {
            "Invalid API key."
        } else {
            "Missing API key."
        };
        let mut answer = if manner.status_mismatch {
            // The vendor's own example of a refused key is the body of a refused sort key.
            invalid(
                "Invalid sort field: \"colour\". Valid: [\"risk_level\", \"first_seen\", \"added_at\"].",
            )
        } else {
            problem(401, "unauthorized", detail)
        };
        answer.status = 401;
        Err(answer)
    }

    fn failure(&self, failure: Failure) -> Answer {
        match failure {
            Failure::NotFound => problem(404, "not_found", "There is no such path."),
            Failure::WrongMethod => problem(405, "method_not_allowed", "Method not allowed."),
            Failure::RateLimited(_) => problem(429, "rate_limited", "Too many requests."),
            Failure::Internal => problem(500, "internal_error", "Internal server error."),
        }
    }

    fn write_ids(&self, _operation: &Operation, _body: &[u8]) -> Option<Vec<String>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(method: &Method, path: &str) -> &'static str {
        match LeaksAiRouter::new(1).route(method, path) {
            Route::Operation(operation) => operation.id,
            Route::WrongMethod => "wrong method",
            Route::NotFound => "nowhere",
        }
    }

    #[test]
    fn paths_lead_where_they_should() {
        assert_eq!(id(&Method::GET, "/leaks"), "listLeaks");
        assert_eq!(id(&Method::GET, "/leaks/count"), "countLeaks");
        assert_eq!(id(&Method::GET, "/leaks/counts"), "getLeak");
        assert_eq!(id(&Method::GET, "/domains"), "listDomains");
        assert_eq!(id(&Method::GET, "/domains/count"), "nowhere");
        assert_eq!(id(&Method::GET, "/leaks/"), "nowhere");
        assert_eq!(id(&Method::GET, "/leaks/a/b"), "nowhere");
        assert_eq!(id(&Method::GET, "/"), "nowhere");
        assert_eq!(id(&Method::PATCH, "/leaks/a"), "wrong method");
        assert_eq!(id(&Method::POST, "/nothing"), "nowhere");
    }
}
