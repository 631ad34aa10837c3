//! The head of the chain of readings in the audit log: whoever writes the journal puts it there, and whoever verifies the
//! log looks whether the memory still holds it.

use super::{context::CommandContext, seen_options::seen_options};
use crate::{
    journal::{AuditLog, AuditOrigin, AuditRecord, Journal},
    seen::Seen,
};
use serde_json::{Map, Value};

/// The action of such a line.
const ACTION: &str = "watch-head";

/// The name under which the memory keeps the head that was put into the log last.
const NOTE: &str = "audited";

/// The memory of this host or of the team, where there is one that can be read.
async fn memory(session: &CommandContext, journal: &Journal) -> Option<Seen> {
    let state = session.state_directory().ok()?;
    let key = journal.fingerprint_key().await.ok()?;
    let options = seen_options(session, &state, &key, String::new()).ok()?;
    if !options.is_there() {
        return None;
    }
    Seen::open(options).await.ok()
}

/// Puts the head into the log, where it is another one than last time. What cannot be read is no reason not to write
/// the journal.
pub(super) async fn keep(session: &CommandContext, journal: &Journal) {
    let Some(seen) = memory(session, journal).await else {
        return;
    };
    let asked = seen.ask(|store| Ok((store.head()?, store.note(NOTE)?)));
    let Ok(((count, hash), kept)) = asked.await else {
        return;
    };
    if count == 0 || kept.as_ref() == Some(&hash) {
        return;
    }
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let record = AuditRecord {
        detail: Some(format!("{count} readings, {hex}")),
        ..AuditRecord::new(AuditOrigin::Command, ACTION, "kept")
    };
    if journal.audit(record).await.is_ok() {
        // Where this fails the same line is written once more.
        seen.ask(move |store| store.set_note(NOTE, &hash))
            .await
            .ok();
    }
}

/// Whether the memory is what the log says of it: true where the log says nothing, or there is no memory any more, which a
/// line of its own tells.
pub(super) async fn holds(session: &CommandContext, journal: &Journal, log: &AuditLog) -> bool {
    let Some(hash) = last(log) else {
        return true;
    };
    let Some(seen) = memory(session, journal).await else {
        return true;
    };
    let asked = seen.ask(move |store| Ok((store.holds(&hash)?, store.verify()?)));
    match asked.await {
        Ok((holds, chain)) => holds && chain.is_ok(),
        Err(_) => true,
    }
}

/// The last head that the log has; none where what was seen was forgotten since.
fn last(log: &AuditLog) -> Option<Vec<u8>> {
    let mut last = None;
    for line in log.lines() {
        let Ok(line) = serde_json::from_slice::<Map<String, Value>>(line) else {
            continue;
        };
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("action") {
            ACTION => {
                let hex = text("detail").rsplit(' ').next().unwrap_or_default();
                last = bytes(hex);
            }
            "watch-forget" => last = None,
            _ => {}
        }
    }
    last
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
    is_hex
        .then(|| (0..64).step_by(2).map(byte).collect())
        .flatten()
}
