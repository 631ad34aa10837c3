//! Whose words an answer is: the service's own "not found" and its own refusals, distinguished from pages and messages
//! of gateways, proxies, frameworks, portals and interfaces that were retired.

use crate::{
    entity::error::ProviderError,
    http::{
        HttpResponse, Media, NotFound, Refusal,
        json::{self, FoundMember, Value},
    },
};
use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// Larger than this nothing is a refusal.
const MAX_REFUSAL_BYTES: usize = 64 << 10;

/// Members that errors are made of, in any service or framework.
const ERROR_MEMBERS: [&str; 30] = [
    "message",
    "msg",
    "detail",
    "details",
    "error",
    "errors",
    "status",
    "statuscode",
    "status_code",
    "code",
    "type",
    "title",
    "path",
    "timestamp",
    "instance",
    "requestid",
    "request_id",
    "reason",
    "trace",
    "success",
    "ok",
    "error_description",
    "documentation_url",
    "retry_after",
    "exception",
    "errorcode",
    "error_code",
    "fault",
    "url",
    "method",
];

/// Members whose text says what went wrong.
const MESSAGE_MEMBERS: [&str; 7] = [
    "message",
    "msg",
    "detail",
    "error",
    "error_description",
    "title",
    "reason",
];

/// Words that speak of a path, a program or a host, and never of what was asked for.
const LOCATION_WORDS: [&str; 26] = [
    "route",
    "routes",
    "endpoint",
    "endpoints",
    "path",
    "url",
    "uri",
    "version",
    "retired",
    "deprecated",
    "discontinued",
    "decommissioned",
    "sunset",
    "upstream",
    "gateway",
    "proxy",
    "page",
    "server",
    "backend",
    "tenant",
    "handler",
    "nginx",
    "maintenance",
    "moved",
    "login",
    "portal",
];

/// The same in several words.
const LOCATION_PHRASES: [&str; 9] = [
    "no longer",
    "cannot get",
    "cannot post",
    "authentication token",
    "log in",
    "sign in",
    "unknown api",
    "method not allowed",
    "no such operation",
];

/// The error of an answer that something else gave.
pub fn foreign_error(status: u16) -> ProviderError {
    let why = match status {
        404 => {
            "HTTP 404 that is not the service's own \"not found\", but a gateway's, a proxy's or another program's"
        }
        410 => "HTTP 410 in the words of a gateway, a proxy or an interface that was retired",
        _ => "HTTP 200 in the words of a gateway, a proxy or another program",
    };
    ProviderError::NotThisService {
        status,
        why: why.to_owned(),
    }
}

/// The error of a 404 or 410 that is not the service's own "not found" in the contract's shape.
pub fn not_found_error(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    shape: NotFound,
) -> Option<ProviderError> {
    if status == 403 && is_page(headers) {
        let why = if headers.contains_key("cf-ray") {
            EDGE
        } else {
            BLOCK_PAGE
        };
        return Some(ProviderError::NotThisService {
            status,
            why: why.to_owned(),
        });
    }
    if !matches!(status, 404 | 410) {
        return None;
    }
    let own = status == 404
        && match shape {
            NotFound::Words => is_text(headers) && is_sentence_about_hashes(body),
            NotFound::StatusOrNothing if body.is_empty() => !is_page(headers),
            _ => may_be_json(headers) && is_own_not_found(body, shape),
        };
    (!own).then(|| foreign_error(status))
}

/// What is said of a block by the network in front of a service.
const EDGE: &str = "HTTP 403 as a web page: the network in front of the service blocks this machine or program for now, and the key was not looked at";

/// The same of a page that does not say whose it is.
const BLOCK_PAGE: &str = "HTTP 403 as a web page, from a firewall, a proxy or a gateway: the service itself was not asked";

/// Whether the headers say a web page.
fn is_page(headers: &HeaderMap) -> bool {
    media(headers).is_some_and(|media| media.eq_ignore_ascii_case("text/html"))
}

/// Whether the headers say plain text.
fn is_text(headers: &HeaderMap) -> bool {
    media(headers).is_some_and(|media| media.eq_ignore_ascii_case("text/plain"))
}

/// The media type of an answer, without its parameters.
fn media(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim())
}

/// Whether a plain text is about what was asked for: one short sentence that names a range of hashes, and speaks of no
/// path and no host. A proxy's line, such as `error code: 1016`, names none.
fn is_sentence_about_hashes(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| {
        let text = text.trim();
        let one = text.len() <= 200 && !text.contains(['\n', '<', '{']);
        let lower = text.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        let named = words.any(|word| {
            matches!(
                word,
                "hash" | "hashes" | "prefix" | "prefixes" | "suffix" | "range"
            )
        });
        one && text.contains(' ') && named && !mentions_location(text)
    })
}

/// Whether the headers say JSON, or nothing.
fn may_be_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|value| {
        let text = value.to_str().unwrap_or_default();
        let name = text.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("application/json")
            || name.to_ascii_lowercase().ends_with("+json")
    })
}

/// Whether a body is that shape, and its words can be about what was asked for.
fn is_own_not_found(body: &[u8], shape: NotFound) -> bool {
    let Ok(value) = json::parse(body) else {
        return false;
    };
    let words = |name: &str| {
        let text = value.get_unique(name).ok().flatten()?.string()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let is_place = match shape {
            // An endpoint is a thing of that provider's, too.
            NotFound::Problem => mentions_location(&text.to_lowercase().replace("endpoint", "")),
            _ => mentions_location(&text),
        };
        (!text.trim().is_empty() && !is_place).then_some(text)
    };
    // Words that name what was asked for; that "it" is not found is what any gateway says of any path.
    let subject = |name: &str| words(name).is_some_and(|text| !is_generic_message(&text));
    let failed = value.get("success").and_then(Value::bool) == Some(false);
    match shape {
        NotFound::Never | NotFound::Words => false,
        NotFound::Status | NotFound::StatusOrNothing => {
            let code = value.get_unique("statusCode").ok().flatten();
            // A gateway that knows no such path says so in nearly the same shape.
            let is_path =
                words("message").is_some_and(|text| text.to_lowercase().contains("resource"));
            code.and_then(Value::count) == Some(404)
                && !is_path
                && words("message").is_some()
                && has_only_members(value, &["statuscode", "message"])
        }
        NotFound::Failure => {
            failed && subject("message") && has_only_members(value, &["success", "message"])
        }
        NotFound::Message => {
            (failed || value.get("success").is_none())
                && subject("message")
                && has_only_members(value, &["success", "message"])
        }
        NotFound::Problem => {
            // A type that is an address is a framework's.
            value
                .get("type")
                .and_then(Value::string)
                .is_some_and(|kind| !kind.contains(&b':'))
                && value.get("status").and_then(Value::count).is_some()
                && words("detail").is_some()
                && has_only_members(value, &["type", "status", "detail"])
        }
    }
}

/// Whether an object has no members but these; ones that no framework's errors have may be there too.
fn has_only_members(value: Value<'_>, names: &[&str]) -> bool {
    value.members().all(|(name, _)| {
        let name = String::from_utf8_lossy(&name).to_lowercase();
        names.contains(&&*name) || !ERROR_MEMBERS.contains(&&*name)
    })
}

/// Whether words speak of a path, a program or a host.
fn mentions_location(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| LOCATION_WORDS.contains(&word))
        || LOCATION_PHRASES.iter().any(|phrase| lower.contains(phrase))
}

/// Words of sentences that name nothing: gateways and frameworks say these of any path.
const GENERIC_WORDS: [&str; 46] = [
    "404",
    "410",
    "a",
    "an",
    "any",
    "app",
    "application",
    "are",
    "at",
    "bad",
    "be",
    "been",
    "by",
    "can",
    "cannot",
    "could",
    "does",
    "error",
    "exist",
    "exists",
    "forbidden",
    "found",
    "gateway",
    "gone",
    "has",
    "http",
    "is",
    "no",
    "not",
    "notfound",
    "object",
    "requested",
    "resource",
    "route",
    "service",
    "sorry",
    "such",
    "t",
    "that",
    "the",
    "this",
    "unauthorized",
    "unavailable",
    "was",
    "we",
    "you",
];

/// Whether words say no more than that something is not there, or not allowed.
fn is_generic_message(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.all(|word| GENERIC_WORDS.contains(&word))
}

/// Whether a good answer says in itself that it is none.
pub fn refusal(reply: &HttpResponse) -> Option<Refusal> {
    if reply.media != Media::Json {
        return None;
    }
    let document = reply.document().ok()?;
    // Of a long answer the members around its list are looked at alone.
    if reply.body.len() > MAX_REFUSAL_BYTES {
        return says_that_it_failed(&document.pick(VERDICT_MEMBERS)).then_some(Refusal::Own);
    }
    refusal_in(document.value())
}

/// Members by which an answer says of itself whether it is one, whatever stands beside them.
const VERDICT_MEMBERS: [&str; 10] = [
    "success",
    "ok",
    "Success",
    "error",
    "errors",
    "Error",
    "status",
    "statusCode",
    "status_code",
    "code",
];

/// Whether these members say that an answer is none. A list of texts is none of their words: in a map of lists it is what
/// was asked for.
fn says_that_it_failed(found: &[FoundMember<'_>; 10]) -> bool {
    let [
        success,
        ok,
        success_too,
        error,
        errors,
        error_too,
        status,
        codes @ ..,
    ] = *found;
    // What is said twice is not known.
    let no = |member: FoundMember<'_>| {
        member.value.is_some_and(says_no)
            || member.is_duplicate && member.value.is_some_and(|value| !value.is_array())
    };
    let error_in = |member: FoundMember<'_>| member.value.is_some_and(is_error);
    // A number that is called status may be of the example in a contract, whatever the answer is.
    let failed = status.value.is_some_and(is_failure_word);
    let failure = |member: FoundMember<'_>| {
        let value = member.value;
        value.is_some_and(|value| is_failure_word(value) || is_failure_code(value))
    };
    [success, ok, success_too].into_iter().any(no)
        || [error, error_too].into_iter().any(error_in)
        // A number of them is a figure of its own.
        || errors.value.is_some_and(|value| value.count().is_none() && is_error(value))
        || failed
        || codes.into_iter().any(failure)
}

/// Whether a value says no, in whatever type.
fn says_no(value: Value<'_>) -> bool {
    match value.string() {
        Some(text) => matches!(
            &*text.trim_ascii().to_ascii_lowercase(),
            b"false" | b"no" | b"0" | b"n" | b"f"
        ),
        None => matches!(value.raw(), b"false" | b"0" | b"0.0"),
    }
}

/// Whether the value of an `error` says that there is one.
fn is_error(value: Value<'_>) -> bool {
    if let Some(text) = value.string() {
        return !matches!(
            &*text.trim_ascii().to_ascii_lowercase(),
            b"" | b"none" | b"null" | b"no" | b"false" | b"0" | b"ok" | b"no error"
        );
    }
    if value.is_array() {
        return value.elements().any(Value::is_object);
    }
    if value.is_object() {
        return value.members().next().is_some();
    }
    !matches!(value.raw(), b"null" | b"false" | b"0")
}

/// Whether a number is one of HTTP's for a failure.
fn is_failure_code(value: Value<'_>) -> bool {
    value.count().is_some_and(|code| (400..600).contains(&code))
}

/// Whether a word says that something failed.
fn is_failure_word(value: Value<'_>) -> bool {
    value.string().is_some_and(|text| {
        matches!(
            &*text.trim_ascii().to_ascii_lowercase(),
            b"error" | b"errors" | b"fail" | b"failed" | b"failure"
        )
    })
}

fn refusal_in(value: Value<'_>) -> Option<Refusal> {
    if !value.is_object() {
        return None;
    }
    let text = |name: &str| {
        let text = value.get(name)?.string()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    let told = MESSAGE_MEMBERS.iter().find_map(|name| text(name));
    let foreign = told.as_deref().is_some_and(mentions_location);
    if value.get("success").is_some_and(says_no) {
        return Some(if foreign {
            Refusal::Foreign
        } else {
            Refusal::Own
        });
    }
    let succeeded = value.get("success").and_then(Value::bool) == Some(true)
        || text("status").is_some_and(|word| word.eq_ignore_ascii_case("success"));
    let mut members = value.members();
    let is_error = members.all(|(name, value)| {
        let name = String::from_utf8_lossy(&name).to_lowercase();
        // A list or an object may be what was asked for, whatever it is called.
        let data = (value.is_array() || value.is_object()) && !matches!(&*name, "error" | "errors");
        ERROR_MEMBERS.contains(&&*name) && !data
    });
    let error = value.get("error").is_some_and(Value::is_object);
    let failed = says_that_it_failed(&value.pick(VERDICT_MEMBERS));
    let told = told.or_else(|| (error || failed).then(String::new))?;
    if succeeded || !is_error {
        return failed.then_some(if foreign {
            Refusal::Foreign
        } else {
            Refusal::Own
        });
    }
    let shaped = has_only_members(value, &["message"])
        || {
            let named = |name: &str| value.get(name).is_some();
            named("detail")
                && named("type")
                && has_only_members(value, &["type", "status", "detail"])
        }
        || (value.get("statusCode").is_some()
            && has_only_members(value, &["statuscode", "message"]));
    Some(if shaped && !foreign && !is_generic_message(&told) {
        Refusal::Own
    } else {
        Refusal::Foreign
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn own(status: u16, media: Option<&'static str>, body: &str, shape: NotFound) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        }
        not_found_error(status, &headers, body.as_bytes(), shape).is_none()
    }

    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    #[test]
    fn a_not_found_is_the_services_own_by_its_shape_its_words_and_its_status() {
        let failure = r#"{"success":false,"message":"No breaches could be found"}"#;
        assert!(own(404, JSON, failure, NotFound::Failure));
        assert!(own(404, None, failure, NotFound::Failure));
        assert!(own(404, JSON, failure, NotFound::Message));
        for leak in [
            r#"{"message":"One or more leaks not found"}"#,
            r#"{"success":false,"message":"Leak not found"}"#,
        ] {
            assert!(own(404, JSON, leak, NotFound::Message));
        }
        // That nothing is found is what gateways say of any path.
        for nothing in [
            r#"{"message":"Not Found"}"#,
            r#"{"success":false,"message":"Not found."}"#,
        ] {
            assert!(!own(404, JSON, nothing, NotFound::Message));
            assert!(!own(404, JSON, nothing, NotFound::Failure));
        }
        let problem = r#"{"type":"not_found","status":404,"detail":"Endpoint not found."}"#;
        assert!(own(404, JSON, problem, NotFound::Problem));
        let short = r#"{"type":"not_found","status":404,"detail":"Not found."}"#;
        assert!(own(404, JSON, short, NotFound::Problem));
        // A shape is one operation's, and the status belongs to it.
        assert!(!own(404, JSON, failure, NotFound::Never));
        assert!(!own(404, JSON, failure, NotFound::Problem));
        assert!(!own(404, JSON, problem, NotFound::Failure));
        assert!(!own(410, JSON, failure, NotFound::Failure));
        assert!(!own(404, Some("text/html"), failure, NotFound::Failure));
        for body in FOREIGN {
            for shape in [NotFound::Failure, NotFound::Message, NotFound::Problem] {
                assert!(!own(404, JSON, body, shape), "{shape:?} {body}");
            }
        }
    }

    const FOREIGN: &[&str] = &[
        "",
        "{}",
        "[]",
        "null",
        "404 page not found\n",
        "<html><center><h1>404 Not Found</h1></center><hr><center>nginx</center></html>",
        r#"{"detail":"Not Found"}"#,
        r#"{"message":"no Route matched with those values"}"#,
        r#"{"message":"Missing Authentication Token"}"#,
        r#"{"message":"This API version has been retired"}"#,
        r#"{"success":false,"message":"This API version has been retired"}"#,
        r#"{"success":false,"message":"Cannot GET /breachedaccount"}"#,
        r#"{"success":false}"#,
        r#"{"success":false,"message":""}"#,
        r#"{"success":false,"message":["No breaches"]}"#,
        r#"{"success":true,"message":"No breaches could be found"}"#,
        r#"{"success":false,"message":"Not Found","path":"/x","timestamp":1}"#,
        r#"{"timestamp":"2026-11-29T00:00:00Z","status":404,"error":"Not Found","path":"/x"}"#,
        r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"No static resource x.","instance":"/x"}"#,
        r#"{"message":"Route GET:/x not found","error":"Not Found","statusCode":404}"#,
        r#"{"error":"Not Found"}"#,
        r#"{"success":false,"message":"Not Found"}"#,
        r#"{"success":false,"message":"Resource not found."}"#,
        r#"{"success":false,"message":"404 - Not Found!"}"#,
        r#"{"success":false,"message":"The requested resource could not be found."}"#,
        r#"{"success":false,"message":"No such service"}"#,
        r#"{"message":"Not Found"}"#,
        r#"{"message":"The route x could not be found."}"#,
        r#"{"message":"name resolution failed","request_id":"x"}"#,
        r#"{"message":"not found","kind":"Status","status":"Failure","code":404}"#,
        r#"{"status":"error","code":404,"message":"Application not found","request_id":"x"}"#,
        r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","status":404,"detail":"No such leak."}"#,
        r#"{"data":null,"error":{"status":404,"name":"NotFoundError","message":"Not Found"}}"#,
        r#""Not Found""#,
        "0",
        r#"{"error":{"code":404,"message":"Not found","status":"NOT_FOUND"}}"#,
        r#"{"statusCode":404,"message":"Resource not found"}"#,
    ];

    fn refused(body: &str) -> Option<Refusal> {
        refusal_in(json::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn a_refusal_with_a_good_status_is_one_and_data_is_none() {
        for body in [
            r#"{"success":false,"message":"Subscription expired"}"#,
            r#"{"success":false,"data":[]}"#,
            r#"{"success":"false"}"#,
            r#"{"success":0,"count":0,"domains":[]}"#,
            r#"{"message":"rate limited, try again later"}"#,
            r#"{"type":"validation_error","status":400,"detail":"Invalid sort field"}"#,
            r#"{"statusCode":429,"message":"Rate limit is exceeded"}"#,
            // Beside a list that would say that there is nothing.
            r#"{"success":" False ","data":[]}"#,
            r#"{"success":true,"success":false,"data":[]}"#,
            r#"{"ok":false,"data":[]}"#,
            r#"{"error":"quota exceeded","data":[],"total_count":0}"#,
            r#"{"success":true,"error":"quota exceeded","data":[]}"#,
            r#"{"error":true,"breaches":[]}"#,
            r#"{"error":{"code":7},"data":[]}"#,
            r#"{"errors":[{"message":"quota exceeded"}],"data":null}"#,
            r#"{"status":"error","data":[]}"#,
            r#"{"status":"Failed","count":0,"breaches":[]}"#,
            r#"{"code":"401","data":[]}"#,
            r#"{"statusCode":429,"data":[]}"#,
        ] {
            assert_eq!(refused(body), Some(Refusal::Own), "{body}");
        }
        for body in [
            r#"{"detail":"Not Found"}"#,
            r#"{"message":"Not Found"}"#,
            r#"{"message":"no Route matched with those values"}"#,
            r#"{"success":false,"message":"no such endpoint"}"#,
            r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/x"}"#,
            r#"{"error":{"code":401,"message":"x"}}"#,
            r#"{"error":"invalid_token","error_description":"expired"}"#,
        ] {
            assert_eq!(refused(body), Some(Refusal::Foreign), "{body}");
        }
        for body in [
            "{}",
            "[]",
            r#"{"success":true,"message":"Key revoked"}"#,
            r#"{"success":true,"status":"operational","version":"1","message":"up"}"#,
            r#"{"status":"success","message":"Leak status updated","leak_id":"x","new_status":"fixed"}"#,
            r#"{"domain":"x.example","message":"Verified"}"#,
            r#"{"message":["Adobe"],"error":["Adobe"]}"#,
            r#"{"errors":["Adobe"],"status":["LinkedIn"],"code":["Adobe"]}"#,
            r#"{"success":true,"error":null,"errors":[],"data":[]}"#,
            r#"{"error":"","code":0,"status":200,"data":[]}"#,
            r#"{"error":false,"status":"ok","data":[]}"#,
            r#"{"status":400,"data":[]}"#,
            r#"{"success":true,"errors":12,"requests":40}"#,
            r#"{"data":[],"message":"x"}"#,
        ] {
            assert_eq!(refused(body), None, "{body}");
        }
    }
}
