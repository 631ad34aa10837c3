//! A handoff as JSON: everything, nothing cut.

use super::{Changed, Handoff, Happened};
use crate::{
    entity::{json, key::EntityKey},
    export::json::{job_json, leak_json},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json as object, value::RawValue};

/// A handoff, ready to be written.
#[derive(Serialize)]
pub struct Json {
    from: Option<String>,
    to: Option<String>,
    by: String,
    note: Option<String>,
    balance: Value,
    todo: Vec<Value>,
    events: Vec<EventJson>,
    changes: Vec<ChangeJson>,
    jobs: Vec<Option<Box<RawValue>>>,
    claims: Vec<Value>,
    notes: Vec<NoteJson>,
    accounts: Vec<Value>,
    complete: bool,
}

#[derive(Serialize)]
struct EventJson {
    event: Value,
    key: Option<EntityKey>,
    leak: Option<Box<RawValue>>,
    profile: Option<String>,
}

#[derive(Serialize)]
struct ChangeJson {
    job: i64,
    command: String,
    key: EntityKey,
    wanted: String,
    outcome: String,
    reason: Option<String>,
    leak: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct NoteJson {
    key: EntityKey,
    at: String,
    by: String,
    note: String,
}

/// A moment as RFC 3339.
fn time(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    Some(time.to_string())
}

/// JSON that stands in other JSON as it is: text that is no UTF-8 must stay what it is.
fn raw(value: &impl Serialize) -> Option<Box<RawValue>> {
    let text = json::to_string(value).ok()?;
    RawValue::from_string(text).ok()
}

/// The whole handoff.
pub fn handoff(handoff: &Handoff) -> Json {
    let claims = handoff
        .claims
        .iter()
        .map(|held| object!({ "by": held.by, "until": held.until.to_string(), "keys": held.keys }));
    let notes = handoff.notes.iter().map(|(key, note)| NoteJson {
        key: key.clone(),
        at: note.at.to_string(),
        by: note.by.user_at_host(),
        note: note.text.clone(),
    });
    let todo = handoff.todo.iter().map(|todo| {
        object!({
            "what": todo.what,
            "count": todo.count,
            "command": todo.command,
            "keys": todo.keys,
        })
    });
    let accounts = handoff.accounts.iter().map(|account| {
        let state = &account.state;
        object!({
            "profile": state.account.profile,
            "provider": state.account.provider,
            "last_whole": state.last_whole.and_then(time),
            "blind_since": state.blind_since.and_then(time),
            "readings": account.readings,
            "failed": account.failed,
        })
    });
    Json {
        from: time(handoff.from),
        to: time(handoff.to),
        by: handoff.by.clone(),
        note: handoff.note.clone(),
        balance: balance(handoff),
        todo: todo.collect(),
        events: handoff.events.iter().map(event).collect(),
        changes: handoff.changes.iter().map(change).collect(),
        jobs: handoff
            .jobs
            .iter()
            .map(|job| raw(&job_json(job, None)))
            .collect(),
        claims: claims.collect(),
        notes: notes.collect(),
        accounts: accounts.collect(),
        complete: handoff.incomplete.is_none(),
    }
}

fn balance(handoff: &Handoff) -> Value {
    let Some(balance) = &handoff.balance else {
        return Value::Null;
    };
    let mut members = serde_json::Map::new();
    members.insert("open_start".to_owned(), object!(balance.open_start));
    for (name, number, _) in &balance.flows {
        let name = name.replace(", ", "_").replace(' ', "_");
        members.insert(name, object!(number));
    }
    members.insert("open_end".to_owned(), object!(balance.open_end));
    Value::Object(members)
}

fn event(happened: &Happened) -> EventJson {
    let event = &happened.event;
    let what = &event.what;
    EventJson {
        event: object!({
            "id": event.id.to_string(),
            "seq": event.seq,
            "kind": what.kind.word(),
            "at": time(what.at),
            "before": what.before.remote.to_string(),
            "after": what.after.remote.to_string(),
            "older": what.older,
            "confirmed": what.confirmed,
            "storm": what.storm,
        }),
        key: happened.key.clone(),
        leak: happened
            .leak
            .as_ref()
            .and_then(|leak| raw(&leak_json(leak))),
        profile: event
            .account
            .as_ref()
            .map(|account| account.profile.to_string()),
    }
}

fn change(change: &Changed) -> ChangeJson {
    ChangeJson {
        job: change.job.0,
        command: change.command.to_string(),
        key: change.key.clone(),
        wanted: change.wanted.to_string(),
        outcome: change.outcome.to_string(),
        reason: change.reason.clone(),
        leak: change.leak.as_ref().and_then(|leak| raw(&leak_json(leak))),
    }
}
