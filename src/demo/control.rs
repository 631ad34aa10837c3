//! The control calls: what was asked, what is stored, and how to change it behind a client's back.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::delivery;
use super::fault::Fault;
use super::state::{MountedSystem, Shared};
use super::system::{Answer, Changes};

/// Where the control calls begin.
pub(crate) const PREFIX: &str = "/control";

/// Answers one control call; some of them write out every leak, so it runs off the network threads.
pub(crate) async fn handle(
    shared: Shared,
    method: Method,
    path: String,
    body: Bytes,
) -> Response<Body> {
    let work = move || answer(&shared, &method, &path, &body);
    let answer = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Answer::message(500, "Internal server error"));
    delivery::complete_response(&answer)
}

fn answer(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> Answer {
    let done = match (method.as_str(), path) {
        ("GET", "/requests") => return Answer::json(200, &shared.requests().to_json()),
        ("GET", "/statuses") => return statuses(shared),
        ("GET", "/outstanding") => return pending_writes(shared),
        ("POST", "/statuses") => set_statuses(shared, body),
        ("POST", "/leaks") => change_leaks(shared, body),
        ("POST", "/keys") => set_keys(shared, body),
        ("GET", "/deliveries") => return Answer::json(200, &shared.receiver().to_json()),
        ("POST", "/receiver") => set_receiver(shared, body),
        ("POST", "/faults") => set_faults(shared, body),
        ("POST", "/reset") => {
            shared.reset();
            Ok(())
        }
        (
            _,
            "/requests" | "/statuses" | "/outstanding" | "/leaks" | "/keys" | "/deliveries"
            | "/receiver" | "/faults" | "/reset",
        ) => return Answer::message(405, "Method not allowed"),
        _ => return Answer::message(404, "Not found"),
    };
    match done {
        Ok(()) => Answer::json(200, &json!({ "ok": true })),
        Err(message) => Answer::message(400, &message),
    }
}

fn statuses(shared: &Shared) -> Answer {
    let mut text = b"{".to_vec();
    for (index, place) in shared.systems().iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.extend_from_slice(format!("\"{}\":", place.router.name()).as_bytes());
        text.extend(
            place
                .system()
                .statuses(Instant::now(), shared.global_faults()),
        );
    }
    text.push(b'}');
    Answer::bytes(200, "application/json", text)
}

/// How many writes are still to be applied.
fn pending_writes(shared: &Shared) -> Answer {
    let (now, manner) = (Instant::now(), shared.global_faults());
    let of = |place: &MountedSystem| {
        let writes = place.system().pending_writes(now, manner);
        (place.router.name(), writes)
    };
    Answer::json(200, &shared.systems().iter().map(of).collect())
}

/// A body of one member for each system, unknown systems refused.
fn parts<T: for<'de> Deserialize<'de>>(
    shared: &Shared,
    body: &[u8],
) -> Result<BTreeMap<String, T>, String> {
    let parts: BTreeMap<String, T> =
        serde_json::from_slice(body).map_err(|error| format!("Invalid body: {error}"))?;
    for name in parts.keys() {
        if !shared
            .systems()
            .iter()
            .any(|place| place.router.name() == name)
        {
            return Err(format!("There is no system '{}'", name.escape_debug()));
        }
    }
    Ok(parts)
}

fn set_statuses(shared: &Shared, body: &[u8]) -> Result<(), String> {
    let parts = parts::<BTreeMap<String, String>>(shared, body)?;
    for place in shared.systems() {
        if let Some(statuses) = parts.get(place.router.name()) {
            place.system().set_statuses(statuses)?;
        }
    }
    Ok(())
}

fn change_leaks(shared: &Shared, body: &[u8]) -> Result<(), String> {
    let parts = parts::<Changes>(shared, body)?;
    for place in shared.systems() {
        if let Some(changes) = parts.get(place.router.name()) {
            place.system().change_leaks(changes)?;
        }
    }
    Ok(())
}

/// Whether a system takes its key.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyIs {
    Refuse,
    Accept,
}

fn set_keys(shared: &Shared, body: &[u8]) -> Result<(), String> {
    let parts = parts::<KeyIs>(shared, body)?;
    for place in shared.systems() {
        if let Some(key) = parts.get(place.router.name()) {
            place.refuse_key(matches!(key, KeyIs::Refuse));
        }
    }
    Ok(())
}

fn set_receiver(shared: &Shared, body: &[u8]) -> Result<(), String> {
    let manner = serde_json::from_slice(body).map_err(|error| format!("Invalid body: {error}"))?;
    shared.receiver().set(manner)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsBody {
    faults: Vec<Value>,
}

fn set_faults(shared: &Shared, body: &[u8]) -> Result<(), String> {
    let body: FaultsBody =
        serde_json::from_slice(body).map_err(|error| format!("Invalid body: {error}"))?;
    let mut faults = Vec::new();
    for fault in &body.faults {
        let text = fault.as_str().ok_or("Each fault is a text")?;
        faults.push(text.parse::<Fault>().map_err(|error| error.to_string())?);
    }
    shared.set_faults(&faults);
    Ok(())
}
