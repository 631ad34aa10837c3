//! The plan: what will change, what is left alone and why, what is hidden, what it costs; and its answers, which are
//! on the screen whatever its size.

use super::{Look, frame, text};
use crate::{
    app::{local, model::Model, overlay::PlanOverlay, paging::grouped, plan},
    entity::{
        job::{JobCommand, Lossy, Place, PlannedChange},
        leak::LeakField,
        status::Status,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};

/// Draws it over the whole screen: nothing else matters now.
pub fn draw(model: &Model, look: &Look, overlay: &PlanOverlay, area: Rect, buffer: &mut Buffer) {
    let room = frame::overlay(look, "plan", area, buffer);
    let answers = answers(model, look, overlay);
    let first_answer = room.height.saturating_sub(answers.len() as u16);
    let body = Rect {
        height: first_answer,
        ..room
    };
    let mut row = 0;
    let mut cut = false;
    let lines = lines(model, look, overlay);
    // The headline never scrolls away.
    let scroll = overlay.scroll.min(lines.len().saturating_sub(2));
    let shown = lines
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at == 0 || *at > scroll);
    for (_, (words, style)) in shown {
        if row >= body.height {
            cut = true;
            break;
        }
        row = if words.is_empty() {
            row + u16::from(body.height > 14)
        } else {
            frame::wrapped(&words, style, body, row, buffer)
        };
        cut = row > body.height;
    }
    if cut && body.height > 1 {
        let last = Rect {
            y: body.bottom() - 1,
            height: 1,
            ..body
        };
        super::clear(last, buffer);
        frame::line(
            vec![text::literal("there is more: j", look.styles.dim)],
            last,
            0,
            buffer,
        );
    }
    // The hash stands in the frame, where no screen is too small for it.
    let hash = format!("{} ", overlay.plan.hash.get(..12).unwrap_or_default());
    let title = Rect::new(area.x + 7, area.y, area.width.saturating_sub(8), 1);
    frame::line(vec![text::own(hash, look.styles.title)], title, 0, buffer);
    changes(
        model,
        look,
        overlay,
        Rect {
            y: body.y + row,
            height: body.height.saturating_sub(row),
            ..body
        },
        buffer,
    );
    let below = Rect {
        y: room.y + first_answer,
        height: room.height - first_answer,
        ..room
    };
    super::clear(below, buffer);
    for (index, spans) in answers.into_iter().enumerate() {
        frame::line(spans, below, index as u16, buffer);
    }
}

/// Says that a plan of many leaks is being made, and how to call that off.
pub fn making(look: &Look, leaks: usize, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let room = frame::overlay(look, "plan", area, buffer);
    let words = format!(
        "planning {} leaks{}",
        grouped(leaks as u64),
        look.glyphs.ellipsis
    );
    frame::wrapped(&words, styles.pending, room, 0, buffer);
    let below = Rect {
        y: room.bottom().saturating_sub(1),
        height: room.height.min(1),
        ..room
    };
    let keys = vec![
        text::literal("n", styles.key_hint),
        text::literal(" cancel", styles.text),
    ];
    frame::line(keys, below, 0, buffer);
}

/// Where there is room, the changes themselves: a number can be right and mean the wrong leaks.
fn changes(model: &Model, look: &Look, overlay: &PlanOverlay, room: Rect, buffer: &mut Buffer) {
    let plan = &overlay.plan;
    if room.height < 4 || plan.eligible.is_empty() {
        return;
    }
    let styles = &look.styles;
    let rows = usize::from(room.height) - 2;
    let shown = plan.eligible.len().min(if plan.eligible.len() > rows {
        rows - 1
    } else {
        rows
    });
    let width = usize::from(room.width);
    let lines: Vec<_> = plan.eligible.iter().take(shown).collect();
    let words: Vec<String> = lines
        .iter()
        .map(|change| becomes(model, plan.wanted, change))
        .collect();
    let first = words.iter().map(String::len).max().unwrap_or_default() + 2;
    let second = lines
        .iter()
        .filter_map(|change| model.table.find(&change.key))
        .map(|handle| model.table.text(handle, LeakField::Login).len())
        .max()
        .unwrap_or_default()
        .min(width / 3);
    for (at, (change, words)) in lines.into_iter().zip(words).enumerate() {
        let mut spans = vec![text::own(format!("{words:<first$}"), styles.dim)];
        match model.table.find(&change.key) {
            Some(handle) => {
                let login = model.table.text(handle, LeakField::Login);
                let url = model.table.text(handle, LeakField::Url);
                let login = text::fit(&login, second, styles.text, styles.escape);
                let gap = " ".repeat((second + 2).saturating_sub(login.width()));
                spans.extend(login.spans);
                spans.push(text::own(gap, styles.text));
                let used: usize = spans.iter().map(Span::width).sum();
                let rest = width.saturating_sub(used);
                spans.extend(text::fit(&url, rest, styles.dim, styles.escape).spans);
            }
            None => spans.push(text::own(change.key.to_string(), styles.text)),
        }
        frame::line(spans, room, at as u16 + 1, buffer);
    }
    let more = plan.eligible.len() - shown;
    if more > 0 {
        frame::line(
            vec![text::own(
                format!("and {} more", grouped(more as u64)),
                styles.dim,
            )],
            room,
            shown as u16 + 1,
            buffer,
        );
    }
}

/// What a change makes of a leak, and where: `new to fixed`, `new to fixed, local`, and what a provider has for it.
fn becomes(model: &Model, wanted: Status, change: &PlannedChange) -> String {
    let (before, stored) = (before(model, change), change.wanted.in_words());
    match change.place {
        Place::Remote => format!("{before} to {stored}"),
        Place::Local if change.wanted == Status::Unknown => {
            format!("{before} to no status, ours is removed")
        }
        Place::Local => format!("{before} to {stored}, local"),
        Place::Both => format!("{before} to {}, stored as {stored}", wanted.in_words()),
    }
}

/// What a leak is before its change.
fn before(model: &Model, change: &PlannedChange) -> &'static str {
    let row = model.table.find(&change.key);
    row.map_or(change.before.in_words(), |row| {
        plan::digest::said(model, row, change.before)
    })
}

/// What is lost at a provider, and where it is kept.
fn lossy_words(model: &Model, lossy: &Lossy) -> String {
    let title = model
        .profile(&lossy.profile)
        .map_or_else(String::new, |state| state.profile.provider_title.clone());
    format!(
        "{} is stored as {} at {title}; the difference is kept here",
        lossy.wanted.in_words(),
        lossy.stored.in_words()
    )
}

fn verb(command: JobCommand, wanted: Status) -> String {
    let word = match command {
        JobCommand::Fix => "Mark fixed",
        JobCommand::Reopen => "Reopen",
        JobCommand::Set => return format!("Set {}", wanted.in_words()),
        JobCommand::Retry => "Try again",
        JobCommand::Undo => "Undo",
        JobCommand::Redo => "Redo",
    };
    word.to_owned()
}

type Lines = Vec<(String, ratatui::style::Style)>;

/// To whom it goes: provider, profile, environment, team.
fn shares(model: &Model, look: &Look, overlay: &PlanOverlay, lines: &mut Lines) {
    let (styles, plan) = (&look.styles, &overlay.plan);
    let several = plan.shares.len() > 1;
    if several {
        let words = local::shares_in_words(model, &plan.shares, look.glyphs.separator);
        lines.push((words, styles.title));
    }
    for share in &plan.shares {
        let environment = model
            .profile(&share.binding.name)
            .map(|state| state.profile.environment.to_uppercase())
            .unwrap_or_default();
        let title = model
            .profile(&share.binding.name)
            .map(|state| state.profile.provider_title.clone())
            .unwrap_or_default();
        let team = if share.binding.team.is_empty() {
            String::new()
        } else {
            format!(
                ", team {}",
                crate::entity::visible::escape(share.binding.team.as_bytes()).as_str()
            )
        };
        let counts = local::remote_and_local(share.remote, share.local);
        let words = if several {
            format!(
                "profile {} {environment}{team}: {counts}",
                share.binding.name
            )
        } else {
            format!(
                "{title} {counts}, profile {} {environment}{team}",
                share.binding.name
            )
        };
        lines.push((words, styles.text));
    }
    if overlay.digest.local > 0 {
        let words = "local: kept here, and labelled so";
        lines.push((words.to_owned(), styles.dim));
    }
}

/// What providers store as something else.
fn losses(model: &Model, overlay: &PlanOverlay, style: ratatui::style::Style, lines: &mut Lines) {
    let lossy = overlay.plan.lossy.iter();
    lines.extend(lossy.map(|lossy| (lossy_words(model, lossy), style)));
}

/// Why, in the operator's words.
fn said(look: &Look, overlay: &PlanOverlay, lines: &mut Lines) {
    let words = &overlay.words;
    for (label, word) in [
        ("reason", &words.reason),
        ("note", &words.note),
        ("ticket", &words.ticket),
    ] {
        if let Some(word) = word {
            let shown = crate::entity::visible::escape(word.as_bytes());
            lines.push((format!("{label}: {}", shown.as_str()), look.styles.text));
        }
    }
}

/// Leaks that somebody else works on.
fn claimed(look: &Look, overlay: &PlanOverlay, lines: &mut Lines) {
    for (who, count) in &overlay.digest.claimed {
        lines.push((
            format!("{} claimed by {who}", grouped(*count as u64)),
            look.styles.warn,
        ));
    }
}

/// What leaks become: without a status of ours where they had none before.
fn becoming(status: Status) -> &'static str {
    match status {
        Status::Unknown => "no status",
        status => status.in_words(),
    }
}

/// What it is about: statuses as they are, domains by number.
fn content(look: &Look, overlay: &PlanOverlay, lines: &mut Lines) {
    let (styles, digest) = (&look.styles, &overlay.digest);
    let now: Vec<_> = digest
        .now
        .iter()
        .map(|((_, words), count)| format!("{} {words}", grouped(*count as u64)))
        .collect();
    if now.is_empty() {
        return;
    }
    let then = &digest.then;
    // What takes a job back gives each leak the status that it had.
    let then: Vec<_> = match then.len() {
        0 | 1 => then
            .keys()
            .map(|status| becoming(*status).to_owned())
            .collect(),
        _ => then
            .iter()
            .map(|(status, count)| format!("{} {}", grouped(*count as u64), becoming(*status)))
            .collect(),
    };
    lines.push((
        format!("now: {}; then: {}", now.join(", "), then.join(", ")),
        styles.text,
    ));
    let mut names: Vec<_> = digest
        .domains
        .iter()
        .map(|(name, count)| {
            let count = grouped(*count as u64);
            if name.is_empty() {
                return format!("none {count}");
            }
            format!("{} {count}", crate::entity::visible::escape(name).as_str())
        })
        .collect();
    if digest.other_domains > 0 {
        names.push(format!("{} more", digest.other_domains));
    }
    lines.push((format!("domains: {}", names.join(", ")), styles.text));
}

/// The headline first: a small screen shows at least that and the answers.
fn lines(model: &Model, look: &Look, overlay: &PlanOverlay) -> Lines {
    let (styles, plan) = (&look.styles, &overlay.plan);
    let mut lines = vec![(headline(overlay), styles.accent)];
    if overlay.dropped > 0 {
        let keys = if overlay.dropped == 1 {
            "1 answer"
        } else {
            "several answers"
        };
        lines.push((
            format!("{keys} came too early or from a paste and did not count"),
            styles.warn,
        ));
    }
    if let Some(why) = plan::refused(model) {
        lines.push((why, styles.error));
    }
    if overlay.lacks_reason() {
        let words = "the policy wants a reason with every change";
        lines.push((words.to_owned(), styles.warn));
    }
    // What is asked about stands where no screen is too small for it.
    if overlay.asks_about_lossy() {
        losses(model, overlay, styles.warn, &mut lines);
    }
    lines.push((
        format!("{}: {}.", verb(plan.command, plan.wanted), overlay.targets),
        styles.title,
    ));
    said(look, overlay, &mut lines);
    claimed(look, overlay, &mut lines);
    lines.push((String::new(), styles.text));
    shares(model, look, overlay, &mut lines);
    if !overlay.asks_about_lossy() {
        losses(model, overlay, styles.dim, &mut lines);
    }
    content(look, overlay, &mut lines);
    for (reason, count) in &overlay.digest.reasons {
        let count = grouped(*count as u64);
        lines.push((format!("skipped: {count} {reason}"), styles.warn));
    }
    if overlay.not_loaded > 0 {
        lines.push((
            format!(
                "{} leaks are not loaded and not in this plan",
                grouped(overlay.not_loaded)
            ),
            styles.warn,
        ));
    }
    if plan.requests > 0 {
        let time = plan
            .eta_seconds
            .map(|seconds| format!(", about {}", super::job::in_words(seconds)))
            .unwrap_or_default();
        lines.push((
            format!(
                "{} write {}, about {} {} to verify{time}",
                grouped(plan.requests),
                if plan.requests == 1 {
                    "request"
                } else {
                    "requests"
                },
                grouped(plan.reads),
                if plan.reads == 1 { "read" } else { "reads" }
            ),
            styles.text,
        ));
    }
    lines
}

/// `10 will change, 2 skipped: already fixed, 4 hidden by filter`.
pub fn headline(overlay: &PlanOverlay) -> String {
    let plan = &overlay.plan;
    let mut words = format!("{} will change", grouped(plan.eligible.len() as u64));
    if !plan.skipped.is_empty() {
        let reasons: Vec<_> = overlay.digest.reasons.keys().map(String::as_str).collect();
        words.push_str(&format!(
            ", {} skipped: {}",
            grouped(plan.skipped.len() as u64),
            reasons.join(", ")
        ));
    }
    if plan.hidden > 0 {
        words.push_str(&format!(
            ", {} hidden by filter",
            grouped(plan.hidden as u64)
        ));
    }
    words
}

fn answers(model: &Model, look: &Look, overlay: &PlanOverlay) -> Vec<Vec<Span<'static>>> {
    let styles = &look.styles;
    let key = |key: &'static str, words: &'static str| {
        vec![
            text::literal(key, styles.key_hint),
            text::literal(words, styles.text),
        ]
    };
    let closed = if overlay.include_closed {
        " leave closed alone   "
    } else {
        " include closed   "
    };
    if overlay.plan.eligible.is_empty() {
        let mut spans = vec![text::literal("Nothing to change.  ", styles.text)];
        if overlay.is_about_closed() {
            spans.extend(key("i", closed));
        }
        spans.extend(key("n", " close"));
        return vec![spans];
    }
    if plan::refused(model).is_some() {
        return vec![key("n", " cancel")];
    }
    let mut lines = Vec::new();
    if overlay.asks_about_lossy() {
        lines.push(key("c", " accept that difference"));
    }
    if let Some(number) = overlay.number {
        let done = overlay.typed == number.to_string();
        lines.push(vec![
            text::own(
                format!("type {number} to apply: "),
                if done { styles.text } else { styles.warn },
            ),
            text::own(overlay.typed.clone(), styles.accent),
            text::literal(if done { "" } else { "_" }, styles.dim),
        ]);
    }
    let mut spans = Vec::new();
    if overlay.lacks_reason() {
        spans.extend(key("r", " reason   "));
    }
    if overlay.is_ready() {
        spans.extend(key("y", " apply   "));
    }
    spans.extend(key("n", " cancel   "));
    if overlay.plan.hidden > 0 {
        spans.extend(key("h", " drop hidden   "));
    }
    if overlay.is_about_closed() {
        spans.extend(key("i", closed));
    }
    if !overlay.lacks_reason() {
        spans.extend(key("r", " reason   "));
    }
    spans.extend(key("o", " note   "));
    spans.extend(key("t", " ticket"));
    lines.push(spans);
    lines
}
