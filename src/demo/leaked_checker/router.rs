//! The door: paths, keys, and how a refusal is said.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::json;

use super::super::SystemName;
use super::super::rate::Rate;
use super::super::routes::{self, Row, delete, get, list, post, public, read, write};
use super::super::system::{Answer, Failure, Operation, RequestFaults, Route, SystemRouter};
use super::failure;
use super::keys::{self, Keys};
use super::subscription::RPM;

/// The twenty-one operations: method, path with `{}` for what varies, what they are.
static OPERATIONS: [Row; 21] = [
    get("/external/status", public("getApiStatus")),
    get(
        "/external/subscription/status",
        read("getSubscriptionStatus"),
    ),
    get("/external/subscribeddomains", list("listSubscribedDomains")),
    get(
        "/external/breachedaccount/{}",
        list("listBreachesForAccount"),
    ),
    get("/external/breachedemail/{}", list("listBreachesForEmail")),
    get(
        "/external/breacheddomain/emails/{}",
        list("listBreachedAliases"),
    ),
    get("/external/breacheddomain/{}", list("listBreachesForDomain")),
    get("/external/breaches", list("listBreaches")),
    get("/external/breach/{}", read("getBreach")),
    get("/external/latestbreach", read("getLatestBreach")),
    get("/external/dataclasses", list("listDataClasses")),
    get("/external/pasteaccount/{}", list("listPastesForAccount")),
    get("/external/pastesources", list("listPasteSources")),
    get("/external/leakedpassword/{}", public("checkPasswordPrefix")),
    post("/external/breachedcc", read("checkCard")),
    get(
        "/external/breachedcc/email/{}",
        read("listCardBreachesForEmail"),
    ),
    post("/external/breachedssn", read("checkSsn")),
    get("/api-keys/", read("listApiKeys")),
    post("/api-keys/", write("createApiKey")),
    delete("/api-keys/{}", write("revokeApiKey")),
    get("/api-keys/{}/usage", read("getApiKeyUsage")),
];

/// The operations that a token opens, not a key.
const TOKEN_OPERATIONS: [&str; 4] = [
    "listApiKeys",
    "createApiKey",
    "revokeApiKey",
    "getApiKeyUsage",
];

/// The door of the system.
pub(crate) struct LeakedCheckerRouter {
    key: String,
    jwt: String,
    keys: Keys,
}

impl LeakedCheckerRouter {
    /// The door that these keys open, and a token that goes with the seed.
    pub(crate) fn new(seed: u64, keys: Keys) -> Self {
        Self {
            key: keys::api_key(seed),
            jwt: keys::jwt(seed),
            keys,
        }
    }

    fn check_key(&self, headers: &HeaderMap, manner: RequestFaults) -> Result<(), Answer> {
        let denied = |what| failure(401, &format!("Access denied due to {what} X-API-Key"));
        let given = presented_key(headers, manner).ok_or_else(|| denied("missing"))?;
        if given.len() != 32 || !given.iter().all(u8::is_ascii_hexdigit) {
            return Err(denied("improperly formed"));
        }
        if self.keys.contains(given) {
            Ok(())
        } else {
            Err(denied("invalid"))
        }
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Answer> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        match given {
            Some(token) if token == self.jwt.as_bytes() => Ok(()),
            Some(_) => Err(failure(401, "Access denied due to invalid token")),
            None => Err(failure(401, "Access denied due to missing token")),
        }
    }
}

/// The key that a request brings. The second header counts where a switch says so.
pub(crate) fn presented_key(headers: &HeaderMap, manner: RequestFaults) -> Option<&[u8]> {
    let alias = || {
        headers
            .get("leakedchecker-api-key")
            .filter(|_| manner.alias_key)
    };
    headers
        .get("x-api-key")
        .or_else(alias)
        .map(HeaderValue::as_bytes)
}

impl SystemRouter for LeakedCheckerRouter {
    fn name(&self) -> &'static str {
        SystemName::LeakedChecker.word()
    }

    fn prefix(&self) -> &'static str {
        SystemName::LeakedChecker.prefix()
    }

    fn route(&self, method: &Method, path: &str) -> Route {
        routes::route(&OPERATIONS, method, path)
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn jwt(&self) -> Option<&str> {
        Some(&self.jwt)
    }

    fn rpm(&self) -> Option<u32> {
        Some(RPM)
    }

    fn admit(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        manner: RequestFaults,
    ) -> Result<(), Answer> {
        let nameless = headers
            .get(header::USER_AGENT)
            .is_none_or(HeaderValue::is_empty);
        if manner.need_agent && nameless {
            return Err(failure(403, "A user agent is required"));
        }
        if operation.public {
            Ok(())
        } else if TOKEN_OPERATIONS.contains(&operation.id) {
            self.check_token(headers)
        } else {
            self.check_key(headers, manner)
        }
    }

    fn failure(&self, refused: Failure) -> Answer {
        match refused {
            Failure::NotFound => failure(404, "There is no such path"),
            Failure::WrongMethod => failure(405, "Method not allowed"),
            Failure::RateLimited(seconds) => {
                let mut body = json!({
                    "success": false,
                    "message": "Rate limit exceeded. Please wait before making more requests.",
                });
                if let Some(seconds) = seconds {
                    body["retry_after"] = seconds.into();
                }
                Answer::json(429, &body)
            }
            Failure::Internal => failure(500, "Internal server error"),
        }
    }

    fn rate_headers(&self, _: &Operation, rate: Rate) -> Vec<(&'static str, String)> {
        vec![
            ("x-ratelimit-limit", rate.limit.to_string()),
            ("x-ratelimit-remaining", rate.remaining.to_string()),
            ("x-ratelimit-reset", rate.reset.to_string()),
        ]
    }

    fn write_ids(&self, _: &Operation, _: &[u8]) -> Option<Vec<String>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn route(method: &Method, path: &str) -> Option<&'static str> {
        let door = LeakedCheckerRouter::new(1, Keys::new(1, date(2026, 3, 1)));
        match door.route(method, path) {
            Route::Operation(operation) => Some(operation.id),
            Route::WrongMethod => Some("wrong method"),
            Route::NotFound => None,
        }
    }

    #[test]
    fn paths_lead_where_they_should() {
        let get = |path| route(&Method::GET, path);
        assert_eq!(
            get("/external/breacheddomain/a.example"),
            Some("listBreachesForDomain")
        );
        assert_eq!(
            get("/external/breacheddomain/emails/a.example"),
            Some("listBreachedAliases")
        );
        assert_eq!(
            get("/external/breachedaccount/a%2Fb%40c.example"),
            Some("listBreachesForAccount")
        );
        assert_eq!(get("/external/breachedaccount/"), None);
        assert_eq!(get("/external/breachedaccount/a/b"), None);
        assert_eq!(get("/external/breachedcc"), Some("wrong method"));
        assert_eq!(get("/api-keys/"), Some("listApiKeys"));
        assert_eq!(get("/api-keys"), None);
        assert_eq!(get("/api-keys/key-1"), Some("wrong method"));
        assert_eq!(
            route(&Method::DELETE, "/api-keys/key-1"),
            Some("revokeApiKey")
        );
        assert_eq!(route(&Method::DELETE, "/api-keys/"), Some("wrong method"));
    }
}
