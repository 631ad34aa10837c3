//! The door: paths, keys, and which ids a write names.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use super::super::SystemName;
use super::super::fault::Kind;
use super::super::rng::mix;
use super::super::system::{Answer, Failure, Operation, RequestFaults, Route, SystemRouter};

/// The fifteen operations: method, path, what they are.
static OPERATIONS: [(&str, &str, Operation); 15] = [
    ("GET", "/v1/leaks", operation("listLeaks", Kind::List)),
    (
        "POST",
        "/v1/leaks/info",
        operation("getLeakInfo", Kind::Read),
    ),
    (
        "POST",
        "/v1/leaks/status",
        operation("updateLeakStatus", Kind::Write),
    ),
    (
        "POST",
        "/v1/leaks/export",
        operation("exportLeaks", Kind::List),
    ),
    ("GET", "/v1/leaks/stats/domain", public("domainLeakStats")),
    ("GET", "/v1/leaks/stats/email", public("emailLeakStats")),
    (
        "GET",
        "/v1/domain/associated",
        operation("associatedDomains", Kind::Read),
    ),
    (
        "POST",
        "/v1/user/domain-verification/request",
        operation("requestDomainVerification", Kind::Write),
    ),
    (
        "DELETE",
        "/v1/user/domain-verification/request",
        operation("deleteDomainVerification", Kind::Write),
    ),
    (
        "POST",
        "/v1/user/domain-verification/confirm",
        operation("confirmDomainVerification", Kind::Write),
    ),
    (
        "GET",
        "/v1/user/domain-verification/status",
        operation("domainVerificationStatus", Kind::Read),
    ),
    (
        "GET",
        "/v1/scans/token",
        operation("planAndVerifiedDomains", Kind::Read),
    ),
    (
        "GET",
        "/v1/leaks/domain",
        operation("deprecatedEmployeeLeaks", Kind::List),
    ),
    (
        "GET",
        "/v1/leaks/email",
        operation("deprecatedPersonalLeaks", Kind::List),
    ),
    (
        "GET",
        "/v1/leaks/domain/customers",
        operation("deprecatedCustomerLeaks", Kind::List),
    ),
];

const fn operation(id: &'static str, kind: Kind) -> Operation {
    Operation {
        id,
        kind,
        public: false,
    }
}

const fn public(id: &'static str) -> Operation {
    Operation {
        id,
        kind: Kind::Read,
        public: true,
    }
}

/// The demo key: the same for the same seed, and clearly of no worth.
pub(crate) fn api_key(seed: u64) -> String {
    format!("demo-key-of-no-worth-{:016x}", mix(seed ^ 0x006b_6579))
}

/// The door of the system.
pub(crate) struct ProjectDiscoveryRouter {
    key: String,
}

impl ProjectDiscoveryRouter {
    /// The door whose key goes with the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { key: api_key(seed) }
    }
}

impl SystemRouter for ProjectDiscoveryRouter {
    fn name(&self) -> &'static str {
        SystemName::ProjectDiscovery.word()
    }

    fn prefix(&self) -> &'static str {
        SystemName::ProjectDiscovery.prefix()
    }

    fn route(&self, method: &Method, path: &str) -> Route {
        let mut route = Route::NotFound;
        for (verb, known, operation) in &OPERATIONS {
            if *known == path {
                if *verb == method.as_str() {
                    return Route::Operation(operation);
                }
                route = Route::WrongMethod;
            }
        }
        route
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn admit(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        manner: RequestFaults,
    ) -> Result<(), Answer> {
        let given = if manner.bearer_only {
            headers
                .get(header::AUTHORIZATION)
                .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        } else {
            headers.get("x-api-key").map(HeaderValue::as_bytes)
        };
        if operation.public || given == Some(self.key.as_bytes()) {
            return Ok(());
        }
        Err(Answer::message(401, "unauthorized"))
    }

    fn failure(&self, failure: Failure) -> Answer {
        match failure {
            Failure::NotFound => Answer::message(404, "There is no such path"),
            Failure::WrongMethod => Answer::message(405, "Method not allowed"),
            Failure::RateLimited(_) => Answer::message(429, "Too many requests"),
            Failure::Internal => Answer::message(500, "Internal server error"),
        }
    }

    fn write_ids(&self, operation: &Operation, body: &[u8]) -> Option<Vec<String>> {
        if operation.id != "updateLeakStatus" {
            return None;
        }
        let body: Value = serde_json::from_slice(body).ok()?;
        if let Some(id) = body.get("leakid").and_then(Value::as_str) {
            return Some(vec![id.to_owned()]);
        }
        let ids = body.get("leakids")?.as_array()?;
        let ids = ids.iter().filter_map(Value::as_str).map(str::to_owned);
        Some(ids.collect())
    }
}
