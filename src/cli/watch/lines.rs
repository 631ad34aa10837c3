//! The lines that a watch prints, for people and for programs.

use super::LineFormat;
use crate::{
    cli::{accounts::Accounts, context::CommandContext, entities::rows, failure::Failure},
    entity::{
        key::ProfileName,
        number::group_digits,
        seen::{Account, Event, EventKind},
        status::Status,
        visible::Visible,
    },
    export::json,
    table::{RowId, Table},
};
use jiff::Timestamp;
use serde_json::{Value, json as object};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;

/// One line.
pub(super) struct Line {
    watch: String,
    order: (u8, i64),
    event: Value,
    profile: Option<ProfileName>,
    kind: EventKind,
    at: i64,
    row: Option<RowId>,
    /// What stands behind the names, in our own words.
    words: String,
    /// Counted, not told one by one.
    is_count: bool,
}

/// Everything that a round tells.
pub(super) struct Told {
    format: LineFormat,
    lines: Vec<Line>,
}

impl Line {
    fn new(watch: &str, event: &Event) -> Self {
        let what = &event.what;
        Self {
            watch: watch.to_owned(),
            order: (what.kind as u8, 0),
            event: object!({
                "id": event.id.to_string(),
                "seq": event.seq,
                "kind": what.kind.word(),
            }),
            profile: event
                .account
                .as_ref()
                .map(|account| account.profile.clone()),
            kind: what.kind,
            at: what.at,
            row: None,
            words: String::new(),
            is_count: false,
        }
    }

    /// Of a leak that is listed.
    pub(super) fn of_leak(watch: &str, event: &Event, row: RowId, table: Option<&Table>) -> Self {
        let what = &event.what;
        let mut line = Self::new(watch, event);
        line.row = Some(row);
        let seen = table.and_then(|table| table.seen_seconds(row)).unwrap_or(0);
        line.order.1 = -seen;
        let is_first = matches!(what.kind, EventKind::New | EventKind::Again);
        line.put("at", object!(time(what.at)));
        let before = (!is_first).then(|| what.before.remote.to_string());
        line.put("before", object!(before));
        line.put("after", object!(what.after.remote.to_string()));
        line.put("older", object!(what.older));
        line.put("confirmed", object!(what.confirmed));
        line.put("storm", object!(what.storm));
        line.words = words(event, table.map(|table| table.leak(row)).as_ref());
        line
    }

    /// Of a leak that is not listed any more.
    pub(super) fn gone(watch: &str, event: &Event) -> Self {
        let mut line = Self::new(watch, event);
        line.put("at", object!(time(event.what.at)));
        line.put("before", object!(event.what.before.remote.to_string()));
        line.put("after", Value::Null);
        line.put("older", object!(false));
        line.put("confirmed", object!(event.what.confirmed));
        line.put("storm", object!(event.what.storm));
        line.words = format!(
            "not listed any more, was {}",
            event.what.before.remote.label()
        );
        line
    }

    /// Of an account.
    pub(super) fn of_account(
        watch: &str,
        event: &Event,
        failures: &BTreeMap<ProfileName, Failure>,
    ) -> Self {
        let mut line = Self::new(watch, event);
        line.order = (0, event.seq.cast_signed());
        let what = &event.what;
        line.put("at", object!(time(what.at)));
        let seconds = what.count.cast_signed();
        line.words = match what.kind {
            EventKind::Baseline => {
                line.put("leaks", object!(what.count));
                format!(
                    "{} leaks are known now: what comes after them is told",
                    group_digits(what.count)
                )
            }
            EventKind::Blind => {
                let failure = line.profile.as_ref().and_then(|name| failures.get(name));
                line.put("since", object!(time(what.at.saturating_sub(seconds))));
                line.put("error", object!(failure.map(Failure::to_json)));
                format!("has not been read for {}", length(seconds))
            }
            EventKind::Sighted => format!("is read again, after {}", length(seconds)),
            _ => {
                "what was seen was lost: the next reading of each account is a baseline".to_owned()
            }
        };
        line
    }

    /// Of leaks that are gone by now.
    pub(super) fn unread(watch: &str, account: &Account, count: u64) -> Self {
        Self {
            watch: watch.to_owned(),
            order: (20, 0),
            event: object!({ "kind": "gone_unread", "count": count }),
            profile: Some(account.profile.clone()),
            kind: EventKind::Gone,
            at: super::clock::now(),
            row: None,
            words: format!(
                "{} events of leaks that are gone by now",
                group_digits(count)
            ),
            is_count: true,
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        if let Value::Object(members) = &mut self.event {
            members.insert(name.to_owned(), value);
        }
    }

    /// Its word for people.
    fn word(&self) -> &'static str {
        match self.kind {
            EventKind::Regressed => "REGRESSED",
            EventKind::Disputed => "DISPUTED",
            kind => kind.word(),
        }
    }
}

impl Told {
    /// Nothing yet.
    pub(super) fn new(format: LineFormat) -> Self {
        Self {
            format,
            lines: Vec::new(),
        }
    }

    /// One more.
    pub(super) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Prints all of it; whether a part was not taken.
    pub(super) fn print(
        mut self,
        session: &mut CommandContext,
        table: Option<&Table>,
        failures: &BTreeMap<ProfileName, Failure>,
        connected: &Accounts,
    ) -> bool {
        self.lines
            .sort_by(|one, two| (&one.watch, one.order).cmp(&(&two.watch, two.order)));
        match self.format {
            LineFormat::Table => {
                for line in &self.lines {
                    session.output.text(&text(line, table));
                }
            }
            LineFormat::Jsonl => {
                for line in &self.lines {
                    session.output.json(&member(line, table));
                }
            }
            LineFormat::Json => {
                let items: Vec<_> = self.lines.iter().map(|line| member(line, table)).collect();
                let profiles: Vec<Value> = connected
                    .profiles
                    .iter()
                    .map(|profile| {
                        let binding = &profile.binding;
                        object!({
                            "profile": binding.name,
                            "provider": binding.provider,
                            "error": failures.get(&binding.name).map(Failure::to_json),
                        })
                    })
                    .collect();
                session.output.json(&Answer {
                    schema: json::SCHEMA,
                    items,
                    complete: failures.is_empty(),
                    profiles,
                });
            }
        }
        session.output.flush();
        if session.output.is_closed() {
            return true;
        }
        self.summary(session);
        false
    }

    fn summary(&self, session: &mut CommandContext) {
        let mut counts: BTreeMap<(EventKind, &str), u64> = BTreeMap::new();
        let mut profiles: Vec<&ProfileName> = Vec::new();
        for line in self
            .lines
            .iter()
            .filter(|line| !line.is_count && line.kind.is_of_leak())
        {
            *counts.entry((line.kind, line.kind.word())).or_default() += 1;
            if let Some(name) = &line.profile
                && !profiles.contains(&name)
            {
                profiles.push(name);
            }
        }
        if counts.is_empty() {
            return;
        }
        let parts: Vec<String> = counts
            .iter()
            .map(|((_, word), count)| format!("{} {word}", group_digits(*count)))
            .collect();
        let at: Vec<&str> = profiles.iter().map(|name| name.as_str()).collect();
        session.output.notice(&format!(
            "stanch: {} at {}",
            parts.join(", "),
            at.join(", ")
        ));
    }
}

/// The answer of `--format json`.
#[derive(serde::Serialize)]
struct Answer<T> {
    schema: u8,
    items: Vec<T>,
    complete: bool,
    profiles: Vec<Value>,
}

/// One object of JSON.
fn member(line: &Line, table: Option<&Table>) -> impl serde::Serialize + use<> {
    #[derive(serde::Serialize)]
    struct Member {
        schema: u8,
        watch: String,
        event: Value,
        leak: Option<Box<serde_json::value::RawValue>>,
        profile: Option<ProfileName>,
    }
    let leak = line.row.zip(table).map(|(row, table)| table.leak(row));
    let leak = leak.and_then(|leak| {
        let text = crate::entity::json::to_string(&json::leak_json(&leak)).ok()?;
        serde_json::value::RawValue::from_string(text).ok()
    });
    Member {
        schema: json::SCHEMA,
        watch: line.watch.clone(),
        event: line.event.clone(),
        leak,
        profile: line.profile.clone(),
    }
}

/// One line for people.
fn text(line: &Line, table: Option<&Table>) -> String {
    let leak = line.row.zip(table).map(|(row, table)| table.leak(row));
    let cell = |text: Option<Visible>, width: usize| {
        let text = text.unwrap_or_default();
        let text = text.as_str();
        format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
    };
    let mut cells = vec![
        minute(line.at),
        format!("{:9}", line.word()),
        line.profile
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string),
    ];
    if let Some(leak) = &leak {
        cells.push(cell(leak.login.as_ref().map(rows::text), 28));
        cells.push(cell(leak.url.as_ref().map(rows::text), 40));
    }
    cells.push(line.words.clone());
    let mut text = cells.join("  ");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// What is said of a leak behind its names.
fn words(event: &Event, leak: Option<&crate::entity::leak::Leak>) -> String {
    let what = &event.what;
    let mut words = match what.kind {
        EventKind::Regressed => format!("was fixed, {} again", now_words(what.after.remote)),
        EventKind::Disputed => format!(
            "local status {}, the provider says {}",
            what.after.status.label(),
            what.after.remote.label()
        ),
        EventKind::Back => "listed again".to_owned(),
        EventKind::Again => "login and password of a leak that was fixed".to_owned(),
        EventKind::Changed | EventKind::Entered => format!(
            "{} before, {} now",
            what.before.status.label(),
            what.after.status.label()
        ),
        _ => String::new(),
    };
    if matches!(what.kind, EventKind::New | EventKind::Again)
        && let Some(leak) = leak
    {
        let class = leak
            .class
            .as_ref()
            .map(|class| rows::text(class).as_str().to_owned());
        let seen = leak.first_seen.as_ref();
        let seen = seen.map(|seen| format!("seen {}", rows::text(seen).as_str()));
        let own = (!words.is_empty()).then(|| std::mem::take(&mut words));
        words = own
            .into_iter()
            .chain(class)
            .chain(seen)
            .collect::<Vec<_>>()
            .join(", ");
    }
    if what.older {
        words.push_str(", added before the baseline");
    }
    if !what.confirmed {
        words.push_str(", not read a second time");
    }
    words
}

fn now_words(status: Status) -> &'static str {
    match status {
        Status::Unknown => "unknown",
        other => other.label(),
    }
}

/// A moment as RFC 3339.
pub(super) fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

/// A moment to the minute, UTC.
pub(in crate::cli) fn minute(seconds: i64) -> String {
    time(seconds).replace('T', " ").chars().take(16).collect()
}

/// A length of time, in seconds.
pub(super) fn length(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
