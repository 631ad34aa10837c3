//! What the commands of the team store print.

use super::{AccountArguments, RetainArguments};
use crate::{
    cli::{context::CommandContext, entities::rows, format::Format},
    entity::{number::group_digits, team::FeedKind},
    export::json as out,
    journal::{
        AuditHead,
        team_store::{Found, Imported, Retained, StoreStatus, TeamAccount},
    },
};
use serde_json::json;
use std::path::Path;

/// A text as it may be shown.
pub(super) fn word(text: &str) -> String {
    rows::printable(text).as_str().to_owned()
}

fn line(session: &mut CommandContext, text: &str) {
    let text = format!("{}\n", word(text));
    session.output.text(&text);
}

pub(super) fn made(session: &mut CommandContext, format: Format, path: &Path) {
    let path = path.to_string_lossy();
    match format {
        Format::Json => session
            .output
            .json(&out::answer("init", &json!({"fingerprint_key": path}))),
        Format::Table => {
            line(session, "the store is made");
            line(
                session,
                &format!(
                    "the team's key for fingerprints is {path}: put it where the team keeps secrets, and name it in [store] fingerprint_key"
                ),
            );
        }
    }
}

pub(super) fn migrated(session: &mut CommandContext, format: Format, (before, after): (i32, i32)) {
    match format {
        Format::Json => session.output.json(&out::answer(
            "migrate",
            &json!({"from": before, "to": after}),
        )),
        Format::Table if before == after => {
            line(session, &format!("the schema is the newest: {after}"));
        }
        Format::Table => line(session, &format!("schema {before} became {after}")),
    }
}

pub(super) fn status(session: &mut CommandContext, format: Format, status: &StoreStatus) {
    let online = status
        .consoles
        .iter()
        .filter(|console| console.online)
        .count();
    if format == Format::Json {
        let value = json!({
            "kind": "postgres", "id": status.id, "role": status.role, "can": status.can,
            "schema_version": status.schema_version, "api": status.api, "server": status.server,
            "tls": status.tls, "feed": status.feed, "lag_ms": status.lag_ms,
            "clock_offset_ms": status.clock_offset_ms, "round_trip_ms": status.round_trip_ms,
            "lease_seconds": status.lease_seconds, "send_seconds": status.send_seconds, "head": status.head,
            "audit": {"records": status.audit.seq, "hash": status.audit.hash}, "consoles": status.consoles,
            "jobs": {"live": status.live, "orphaned": status.orphaned}, "warnings": status.warnings,
        });
        session.output.json(&out::answer("store", &value));
        return;
    }
    line(
        session,
        &format!(
            "PostgreSQL {}, schema {}, store {}",
            status.server, status.schema_version, status.id
        ),
    );
    let tls = status.tls.as_deref().unwrap_or("no TLS");
    line(
        session,
        &format!(
            "{} may {}, {tls}, round trip {} ms, clock {:+} ms",
            status.role, status.can, status.round_trip_ms, status.clock_offset_ms
        ),
    );
    let news = match status.feed {
        FeedKind::Listen => format!("news are told, after {} ms", status.lag_ms),
        FeedKind::Poll => format!("news are asked for every {} ms", status.lag_ms),
    };
    line(session, &news);
    line(
        session,
        &format!(
            "{} events, {} audit lines",
            group_digits(status.head.seq.unsigned_abs()),
            group_digits(status.audit.seq.unsigned_abs())
        ),
    );
    line(
        session,
        &format!(
            "{} jobs are not ended, no console runs {} of them",
            status.live, status.orphaned
        ),
    );
    line(session, &format!("{online} online"));
    for console in &status.consoles {
        let is = if console.online { "online" } else { "away" };
        line(
            session,
            &format!(
                "  {is}  {}, since {}, last seen {}, {}",
                console.seat(),
                console.since,
                console.seen_at,
                console.version
            ),
        );
    }
    for warning in &status.warnings {
        line(session, &format!("warning: {warning}"));
    }
}

pub(super) fn embedded(
    session: &mut CommandContext,
    format: Format,
    live: usize,
    head: &AuditHead,
) {
    match format {
        Format::Json => session.output.json(&out::answer(
            "store",
            &json!({
                "kind": "sqlite", "id": null, "role": null, "can": "write", "schema_version": null, "api": null,
                "server": null, "tls": null, "feed": null, "lag_ms": null, "clock_offset_ms": null, "round_trip_ms": null,
                "lease_seconds": null, "send_seconds": null, "head": null,
                "audit": {"records": head.count, "hash": head.hash}, "consoles": [],
                "jobs": {"live": live, "orphaned": 0}, "warnings": [],
            }),
        )),
        Format::Table => {
            line(session, "the journal is this host's own (SQLite); no team store is configured");
            line(session, &format!("{live} jobs are not ended, {} audit lines", group_digits(head.count)));
        }
    }
}

pub(super) fn found(session: &mut CommandContext, format: Format, found: &Found) {
    if format == Format::Json {
        session.output.json(&out::answer("check", found));
        return;
    }
    let counts = format!(
        "{} events, {} audit lines, {} jobs",
        found.events, found.audit, found.jobs
    );
    let verdict = if found.ok { "in order" } else { "NOT in order" };
    line(session, &format!("{verdict}: {counts}"));
    for problem in &found.problems {
        line(session, &format!("  {}: {}", problem.what, problem.detail));
    }
}

pub(super) fn imported(session: &mut CommandContext, format: Format, imported: &Imported) {
    if format == Format::Json {
        session.output.json(&out::answer("import", imported));
        return;
    }
    let was = if imported.already {
        "was there already"
    } else {
        "is taken in"
    };
    let statuses = &imported.statuses;
    line(
        session,
        &format!(
            "the journal {was}: {} jobs with {} changes, {} audit lines; statuses: {} taken in, {} unchanged, {} older",
            imported.jobs,
            imported.changes,
            imported.audit,
            statuses.imported,
            statuses.unchanged,
            statuses.older,
        ),
    );
}

pub(super) fn accounts(session: &mut CommandContext, format: Format, accounts: &[TeamAccount]) {
    if format == Format::Json {
        session.output.json(&out::answer("accounts", &accounts));
        return;
    }
    for account in accounts {
        let team = if account.team.is_empty() {
            String::new()
        } else {
            format!(", team {}", account.team)
        };
        line(
            session,
            &format!(
                "{}  {}  {}{team}",
                account.name, account.provider, account.origin
            ),
        );
    }
}

pub(super) fn account_set(session: &mut CommandContext, arguments: &AccountArguments) {
    match arguments.format.format {
        Format::Json => session.output.json(&out::answer(
            "account",
            &json!({"name": arguments.name, "origin": arguments.origin, "team": arguments.team}),
        )),
        Format::Table => line(
            session,
            &format!("account {} is pinned anew", arguments.name),
        ),
    }
}

pub(super) fn retained(
    session: &mut CommandContext,
    arguments: &RetainArguments,
    retained: &[Retained],
) {
    let changes: i64 = retained.iter().map(|part| part.changes).sum();
    let jobs: i64 = retained.iter().map(|part| part.jobs).sum();
    if arguments.format.format == Format::Json {
        let value = json!({"dry_run": arguments.dry_run, "jobs": jobs, "changes": changes, "parts": retained});
        session.output.json(&out::answer("retain", &value));
        return;
    }
    let verb = if arguments.dry_run {
        "would be dropped"
    } else {
        "are dropped"
    };
    line(
        session,
        &format!(
            "{changes} changes of {jobs} jobs {verb}; the jobs, their events and audit lines stay"
        ),
    );
}
