//! A handoff as Markdown. Values of leaks, notes and the words of servers stand in code spans of list items alone; tables
//! hold numbers and our own words.

use super::{Changed, Handoff, Happened};
use crate::{
    entity::{
        job::{ChangeOutcome, Job},
        key::EntityKey,
        leak::Leak,
        number::group_digits,
        seen::EventKind,
        status::Status,
    },
    export::markdown::{code, span},
};
use jiff::{Timestamp, tz::TimeZone};
use std::{collections::BTreeMap, fmt::Write as _};

/// Items of one list.
const MOST: usize = 50;

/// The whole handoff.
pub fn handoff(handoff: &Handoff) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# Handoff, {} to {} UTC\n",
        moment(handoff.from),
        moment(handoff.to)
    );
    in_one_line(&mut out, handoff);
    todo(&mut out, handoff);
    came(&mut out, handoff);
    changes(&mut out, handoff);
    jobs(&mut out, handoff);
    claims(&mut out, handoff);
    notes(&mut out, handoff);
    accounts(&mut out, handoff);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn in_one_line(out: &mut String, handoff: &Handoff) {
    let (verified, here) = handoff.fixed();
    let open = match handoff.open() {
        Some(open) => format!("{} open", group_digits(open)),
        None => "nothing was read whole yet".to_owned(),
    };
    let _ = writeln!(
        out,
        "- {} came in, {} fixed ({} verified, {} local only), {} came back, {} failed, {open}",
        group_digits(handoff.came_in()),
        group_digits(verified + here),
        group_digits(verified),
        group_digits(here),
        group_digits(handoff.came_back()),
        group_digits(handoff.failed()),
    );
    let _ = writeln!(out, "- By {}", span(handoff.by.as_bytes()));
    if let Some(note) = &handoff.note {
        for line in note.lines().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(out, "- Note: {}", span(line.as_bytes()));
        }
    }
    if let Some(why) = &handoff.incomplete {
        let _ = writeln!(
            out,
            "- Not everything was read, so this is not whole: {}",
            span(why.as_bytes())
        );
    }
    out.push('\n');
    let Some(balance) = &handoff.balance else {
        return;
    };
    let _ = writeln!(out, "| | leaks |\n|---|--:|");
    let _ = writeln!(
        out,
        "| open at the start | {} |",
        group_digits(balance.open_start)
    );
    for (name, number, adds) in &balance.flows {
        if *number > 0 {
            let sign = if *adds { '+' } else { '-' };
            let _ = writeln!(out, "| {name} | {sign}{} |", group_digits(*number));
        }
    }
    let _ = writeln!(
        out,
        "| open at the end | {} |\n",
        group_digits(balance.open_end)
    );
    if !balance.adds_up() {
        out.push_str("**This sum does not add up: please report it.**\n\n");
    }
}

fn todo(out: &mut String, handoff: &Handoff) {
    out.push_str("## To do next\n\n");
    if handoff.todo.is_empty() {
        out.push_str("Nothing is left over.\n\n");
        return;
    }
    for todo in &handoff.todo {
        let _ = writeln!(out, "- {}: {}", todo.words, code(&todo.command));
    }
    out.push('\n');
}

/// A heading and its items, cut after [`MOST`].
fn list(out: &mut String, handoff: &Handoff, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "## {title} ({})\n", group_digits(items.len() as u64));
    for item in items.iter().take(MOST) {
        let _ = writeln!(out, "- {item}");
    }
    if items.len() > MOST {
        let since = Timestamp::from_second(handoff.from).unwrap_or_default();
        let _ = writeln!(
            out,
            "- and {} more: {}",
            group_digits((items.len() - MOST) as u64),
            code(&format!("stanch handoff --since {since} --format json"))
        );
    }
    out.push('\n');
}

/// What a leak is called: its login and site where it is listed, else its key.
fn name(key: Option<&EntityKey>, leak: Option<&Leak>) -> String {
    if let Some(leak) = leak {
        let login = leak.login.as_ref().map(|login| span(login.as_bytes()));
        let url = leak.url.as_ref().map(|url| span(url.as_bytes()));
        return match (login, url) {
            (Some(login), Some(url)) => format!("{login} at {url}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => span(leak.key.to_string().as_bytes()),
        };
    }
    match key {
        Some(key) => span(key.to_string().as_bytes()),
        None => "a leak whose key only a reading tells".to_owned(),
    }
}

fn came(out: &mut String, handoff: &Handoff) {
    let item = |happened: &Happened| {
        let what = &happened.event.what;
        let mut words = name(happened.key.as_ref(), happened.leak.as_ref());
        let class = happened.leak.as_ref().and_then(|leak| leak.class.as_ref());
        if let Some(class) = class {
            let _ = write!(words, ", {}", span(class.as_bytes()));
        }
        match what.kind {
            EventKind::Again => words.push_str(", login and password of a leak that was fixed"),
            EventKind::Regressed => {
                let _ = write!(words, ", {} again", what.after.remote.label());
            }
            EventKind::Disputed => {
                let _ = write!(
                    words,
                    ", recorded locally as {}, the provider says {}",
                    what.after.status.label(),
                    what.after.remote.label()
                );
            }
            _ => {}
        }
        let _ = write!(words, ", {}", moment(what.at));
        words
    };
    let back = handoff.of_kinds(&[EventKind::Regressed]).map(item);
    list(out, handoff, "Came back", &back.collect::<Vec<_>>());
    let disputed = handoff.of_kinds(&[EventKind::Disputed]).map(item);
    list(out, handoff, "Disputed", &disputed.collect::<Vec<_>>());
    let came: Vec<&Happened> = handoff
        .of_kinds(&[EventKind::Again])
        .chain(handoff.of_kinds(&[EventKind::New]))
        .collect();
    if came.len() > MOST {
        by_group(out, &came);
    }
    let came = came.into_iter().map(item);
    list(out, handoff, "Came in", &came.collect::<Vec<_>>());
}

/// What came in by class and by domain, where it is too much to be looked through.
fn by_group(out: &mut String, came: &[&Happened]) {
    let mut groups: BTreeMap<(u8, Vec<u8>), u64> = BTreeMap::new();
    for leak in came.iter().filter_map(|happened| happened.leak.as_ref()) {
        let of = |text: Option<&crate::entity::raw_text::RawText>| {
            text.map_or_else(Vec::new, |text| text.as_bytes().to_vec())
        };
        *groups.entry((0, of(leak.class.as_ref()))).or_default() += 1;
        *groups.entry((1, of(leak.domain.as_ref()))).or_default() += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((which, name), count)| (*which, u64::MAX - count, name.clone()));
    out.push_str("## Came in, by class and domain\n\n");
    for ((which, name), count) in groups.iter().take(MOST) {
        let what = if *which == 0 { "class" } else { "domain" };
        let _ = writeln!(out, "- {what} {}: {}", span(name), group_digits(*count));
    }
    out.push('\n');
}

fn changes(out: &mut String, handoff: &Handoff) {
    let item = |change: &Changed| {
        let mut words = name(Some(&change.key), change.leak.as_ref());
        let _ = write!(words, ", job {}", change.job);
        if let Some(reason) = &change.reason {
            let _ = write!(words, ": {}", span(reason.as_bytes()));
        }
        words
    };
    let is_fixed = |status| status == Status::Fixed;
    let is_open = |status: Status| status.is_unresolved();
    for (title, outcome) in [
        ("Fixed and read back", ChangeOutcome::Verified),
        ("Fixed, local only", ChangeOutcome::Local),
    ] {
        let fixed = [outcome];
        let fixed = handoff.changed(&fixed, is_fixed).map(item);
        list(out, handoff, title, &fixed.collect::<Vec<_>>());
    }
    for (title, outcome) in [
        ("Failed", ChangeOutcome::Failed),
        ("Contradicted", ChangeOutcome::Contradicted),
        ("Unverifiable", ChangeOutcome::Unverifiable),
        ("Changed by others", ChangeOutcome::Drifted),
    ] {
        let changed = [outcome];
        let changed = handoff.changed(&changed, |_| true).map(item);
        list(out, handoff, title, &changed.collect::<Vec<_>>());
    }
    let reopened = [ChangeOutcome::Verified, ChangeOutcome::Local];
    let reopened = handoff.changed(&reopened, is_open).map(item);
    list(
        out,
        handoff,
        "Reopened by us",
        &reopened.collect::<Vec<_>>(),
    );
}

fn jobs(out: &mut String, handoff: &Handoff) {
    let item = |job: &Job| {
        let counts = <ChangeOutcome as strum::IntoEnumIterator>::iter()
            .map(|outcome| (outcome.in_words(), job.counts.get(outcome)))
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{} {word}", group_digits(count)));
        let counts: Vec<String> = counts.collect();
        let mut words = format!(
            "job {}, {} to {}, {}: {} of {}",
            job.id,
            job.command,
            job.wanted.label(),
            job.state,
            counts.join(", "),
            group_digits(job.counts.sum())
        );
        for (what, text) in [("reason", &job.reason), ("ticket", &job.ticket)] {
            if let Some(text) = text {
                let _ = write!(words, ", {what} {}", span(text.as_bytes()));
            }
        }
        words
    };
    let items: Vec<String> = handoff.jobs.iter().map(item).collect();
    list(out, handoff, "Jobs", &items);
}

fn claims(out: &mut String, handoff: &Handoff) {
    let items = handoff.claims.iter().map(|held| {
        format!(
            "{}: {}, the first until {}",
            span(held.by.as_bytes()),
            leaks(held.keys.len()),
            moment(held.until.as_second())
        )
    });
    list(out, handoff, "Claims", &items.collect::<Vec<_>>());
}

fn notes(out: &mut String, handoff: &Handoff) {
    let items = handoff.notes.iter().map(|(key, note)| {
        format!(
            "{} by {} at {}: {}",
            span(key.to_string().as_bytes()),
            span(note.by.user_at_host().as_bytes()),
            moment(note.at.as_second()),
            span(note.text.as_bytes())
        )
    });
    list(out, handoff, "Notes", &items.collect::<Vec<_>>());
}

fn accounts(out: &mut String, handoff: &Handoff) {
    out.push_str("## How the accounts were read\n\n");
    out.push_str(
        "| account | last whole reading | readings | failed rounds | |\n|---|---|--:|--:|---|\n",
    );
    for account in &handoff.accounts {
        let state = &account.state;
        let whole = state.last_whole.map_or_else(|| "never".to_owned(), moment);
        let blind = state.blind_since.map_or_else(String::new, |since| {
            format!("blind since {}", moment(since))
        });
        let _ = writeln!(
            out,
            "| {} | {whole} | {} | {} | {blind} |",
            state.account.profile, account.readings, account.failed
        );
    }
}

/// How many leaks, in words.
pub fn leaks(count: usize) -> String {
    match count {
        1 => "1 leak".to_owned(),
        _ => format!("{} leaks", group_digits(count as u64)),
    }
}

/// A moment to the minute, UTC.
fn moment(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    let time = time.to_zoned(TimeZone::UTC);
    time.strftime("%Y-%m-%d %H:%M").to_string()
}
