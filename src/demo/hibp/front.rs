//! The door: paths, keys, and how a refusal is said.

use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::super::SystemName;
use super::super::fault::Kind;
use super::super::rng::mix;
use super::super::routes::{self, Row, get, list, post, public, read, write};
use super::super::system::{Answer, Failure, Operation, RequestFaults, Route, SystemRouter};
use super::wire::{error, text};

/// Requests in any minute that the plan allows.
pub(super) const RPM: u32 = 500;

/// The seventeen operations: method, path with `{}` for what varies, what they are.
static OPERATIONS: [Row; 17] = [
    get("/api/v3/breachedaccount/{}", list("listBreachesForAccount")),
    get(
        "/api/v3/breachedaccount/range/{}",
        list("rangeBreachedAccounts"),
    ),
    get("/api/v3/breacheddomain/{}", list("listBreachedMailboxes")),
    get("/api/v3/subscribeddomains", list("listSubscribedDomains")),
    post(
        "/api/v3/domainverification/generatednstoken",
        write("startDnsProof"),
    ),
    post(
        "/api/v3/domainverification/verifydnstoken",
        write("checkDnsProof"),
    ),
    post(
        "/api/v3/domainverification/sendemail",
        write("sendProofMail"),
    ),
    get("/api/v3/breaches", public("listBreaches")),
    get("/api/v3/breach/{}", public("getBreach")),
    get("/api/v3/latestbreach", public("getLatestBreach")),
    get("/api/v3/dataclasses", public("listDataClasses")),
    get(
        "/api/v3/stealerlogsbyemail/{}",
        list("listStealerSitesForEmail"),
    ),
    get(
        "/api/v3/stealerlogsbywebsitedomain/{}",
        list("listStealerEmailsForSite"),
    ),
    get(
        "/api/v3/stealerlogsbyemaildomain/{}",
        list("listStealerMailboxes"),
    ),
    get("/api/v3/pasteaccount/{}", list("listPastesForAccount")),
    get("/api/v3/subscription/status", read("getSubscription")),
    get("/passwords/range/{}", public("checkPasswordRange")),
];

/// Operations that a test key opens for the addresses of tests.
const BY_TEST_KEY: [&str; 3] = [
    "listBreachesForAccount",
    "listPastesForAccount",
    "listStealerSitesForEmail",
];

/// A key that goes with the seed: 32 hexadecimal digits.
pub(super) fn api_key(seed: u64) -> String {
    let high = mix(seed ^ 0x6869_6270);
    format!("{high:016x}{:016x}", mix(high))
}

/// The key that a request brings.
pub(super) fn key_of(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get("hibp-api-key").map(HeaderValue::as_bytes)
}

/// The door of the system.
pub(crate) struct Door {
    key: String,
}

impl Door {
    /// The door that this key opens.
    pub(crate) fn new(key: String) -> Self {
        Self { key }
    }

    fn check_key(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        manner: RequestFaults,
    ) -> Result<(), Answer> {
        let denied = |what: &str| super::wire::denied(what, manner);
        let given = key_of(headers).ok_or_else(|| denied("missing"))?;
        // The form first, then the key.
        if given.len() != 32 || !given.iter().all(u8::is_ascii_hexdigit) {
            return Err(denied("improperly formed"));
        }
        if given.eq_ignore_ascii_case(self.key.as_bytes()) || BY_TEST_KEY.contains(&operation.id) {
            Ok(())
        } else {
            Err(denied("invalid"))
        }
    }
}

impl SystemRouter for Door {
    fn name(&self) -> &'static str {
        SystemName::Hibp.word()
    }

    fn prefix(&self) -> &'static str {
        ""
    }

    fn has_own_port(&self) -> bool {
        true
    }

    fn route(&self, method: &Method, path: &str) -> Route {
        routes::route(&OPERATIONS, method, path)
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn rpm(&self) -> Option<u32> {
        Some(RPM)
    }

    fn counts(&self, operation: &Operation) -> bool {
        operation.id != "checkPasswordRange"
    }

    fn admit(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        manner: RequestFaults,
    ) -> Result<(), Answer> {
        const NAMELESS: &str = "API request must include a user agent";
        let nameless = headers
            .get(header::USER_AGENT)
            .is_none_or(HeaderValue::is_empty);
        if nameless {
            return Err(match operation.id {
                "rangeBreachedAccounts" | "checkPasswordRange" => text(403, NAMELESS),
                _ if operation.kind == Kind::Write => Answer::message(403, NAMELESS),
                _ => error(403, NAMELESS),
            });
        }
        if operation.public {
            return Ok(());
        }
        self.check_key(operation, headers, manner)
    }

    fn failure(&self, refused: Failure) -> Answer {
        match refused {
            Failure::NotFound => error(404, "Resource not found"),
            Failure::WrongMethod => error(405, "Method not allowed"),
            Failure::RateLimited(seconds) => {
                let seconds = seconds.unwrap_or(1);
                error(
                    429,
                    &format!("Rate limit is exceeded. Try again in {seconds} seconds."),
                )
            }
            Failure::Internal => error(500, "Internal server error"),
        }
    }

    fn write_ids(&self, _: &Operation, _: &[u8]) -> Option<Vec<String>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_should() {
        let door = Door::new(api_key(1));
        let route = |method: Method, path| match door.route(&method, path) {
            Route::Operation(operation) => Some(operation.id),
            Route::WrongMethod => Some("wrong method"),
            Route::NotFound => None,
        };
        let get = |path| route(Method::GET, path);
        assert_eq!(
            get("/api/v3/breachedaccount/a%2Fb%40c.example"),
            Some("listBreachesForAccount")
        );
        assert_eq!(
            get("/api/v3/breachedaccount/range/ABCDEF"),
            Some("rangeBreachedAccounts")
        );
        assert_eq!(get("/passwords/range/ABCDE"), Some("checkPasswordRange"));
        assert_eq!(get("/breachedaccount/a@b.example"), None);
        assert_eq!(
            get("/api/v3/domainverification/sendemail"),
            Some("wrong method")
        );
    }
}
