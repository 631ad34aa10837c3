//! The detail: everything that is known of what the cursor rests on.

use super::{Look, cells, facts, frame, header, overlay, password::password, text, value};
use crate::{
    app::{
        claims,
        model::{Context, Model, Subject},
        notice::counted,
        plan::setting::key_that_sets,
    },
    entity::{key::JobId, leak::LeakField, status::Status, visible::escape},
    table::{GroupId, GroupKind, Handle},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

const LABEL: u16 = 11;

/// Draws it.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let room = frame::pane(
        look,
        vec![
            text::literal(" 6 ", look.styles.key_hint),
            text::literal("detail ", look.styles.dim),
        ],
        model.workspace.detail_scroll.is_some(),
        area,
        buffer,
    );
    let room = Rect {
        x: room.x + 1,
        width: room.width.saturating_sub(2),
        ..room
    };
    if let (Some(scroll), Some(Subject::Leak(handle))) =
        (model.workspace.detail_scroll, model.workspace.rest.subject)
    {
        whole(model, look, (handle, scroll), room, buffer);
        return;
    }
    match model.workspace.rest.subject {
        Some(Subject::Leak(handle)) => leak(model, look, handle, room, buffer),
        Some(Subject::Group(kind, id)) => group(model.context(), look, kind, id, room, buffer),
        Some(Subject::Job(id)) => job(model.context(), look, id, room, buffer),
        None => {
            frame::wrapped(
                "Nothing is under the cursor.",
                look.styles.dim,
                room,
                0,
                buffer,
            );
        }
    }
}

/// Every field of a leak in full, from a line on.
fn whole(
    model: &Model,
    look: &Look,
    (handle, scroll): (Handle, usize),
    room: Rect,
    buffer: &mut Buffer,
) {
    let lines = overlay::record::fields(model, look, handle, usize::from(room.width));
    let height = usize::from(room.height);
    let first = scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(first + height);
    for (row, line) in lines.iter().skip(first).take(height).enumerate() {
        cells::put(
            &line.spans,
            (room.x, room.y + row as u16),
            room.width,
            buffer,
        );
    }
    frame::more_below(look, below, room, buffer);
}

fn row(
    look: &Look,
    label: &'static str,
    value: &Line<'static>,
    room: Rect,
    at: u16,
    buffer: &mut Buffer,
) {
    if at >= room.height {
        return;
    }
    frame::line(
        vec![text::literal(label, look.styles.dim)],
        Rect {
            width: LABEL.min(room.width),
            ..room
        },
        at,
        buffer,
    );
    let rest = Rect {
        x: room.x + LABEL,
        width: room.width.saturating_sub(LABEL),
        ..room
    };
    cells::put(&value.spans, (rest.x, rest.y + at), rest.width, buffer);
}

fn leak(model: &Model, look: &Look, handle: Handle, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let width = usize::from(room.width.saturating_sub(LABEL));
    let get = |field| model.data.table.text(handle, field);
    let fit = |bytes: &[u8]| text::fit(bytes, width, styles.text, styles.escape);
    // Two short things that belong together share a line: the detail has few.
    let pair = |one, other| {
        let (one, other) = (get(one), get(other));
        let mut line = text::fit(&one, width / 2, styles.text, styles.escape);
        if !other.is_empty() {
            let rest = width.saturating_sub(line.width() + 2);
            line.push_span(text::literal(
                if one.is_empty() { "" } else { "  " },
                styles.text,
            ));
            line.spans
                .extend(text::fit(&other, rest, styles.dim, styles.escape).spans);
        }
        line
    };
    let mut lines: Vec<(&'static str, Line<'static>)> = vec![
        ("login", badged(look, &get(LeakField::Login), width)),
        ("password", password(model, look, handle, width)),
        ("url", fit(&get(LeakField::Url))),
        ("status", status(model.context(), look, handle)),
        ("leaked", seen(model.context(), look, handle, width)),
        ("domain", pair(LeakField::Domain, LeakField::Class)),
        ("machine", pair(LeakField::Hostname, LeakField::Ip)),
        ("system", pair(LeakField::Os, LeakField::Country)),
        ("malware", fit(&get(LeakField::MalwarePath))),
        ("hardware", fit(&get(LeakField::HardwareId))),
        ("id", fit(&get(LeakField::Id))),
    ];
    // Whose it is matters where there are several, and more than what only tells it apart.
    if model.data.profiles.len() > 1 {
        let from = header::titled(model.context(), &model.data.table.key(handle).profile);
        let at = lines.len() - 1;
        let from = Line::from(vec![text::own(from, styles.text)]);
        lines.insert(at, ("source", from));
    }
    let (breach, data) = breach(model.context(), look, handle, width);
    let seen = lines.iter().position(|(label, _)| *label == "leaked");
    let before = seen.unwrap_or(lines.len());
    lines.splice(before..before, [breach, data].into_iter().flatten());
    // Below the status, which is the fourth.
    let mut beside = kept(model, look, handle);
    beside.extend(claimed(model.context(), look, handle));
    beside.extend(noted(model.context(), look, handle, width));
    for (at, line) in beside.into_iter().enumerate() {
        lines.insert(4 + at, line);
    }
    if let Some(host) = ascii_host(&get(LeakField::Url)) {
        lines.insert(3, ("url host", fit(host.as_bytes())));
    }
    // What the provider left out is left out here too, while there is not room for everything.
    if usize::from(room.height) < lines.len() {
        lines.retain(|(label, value)| value.width() > 0 || *label == "password");
    }
    for (at, (label, value)) in lines.into_iter().enumerate() {
        row(look, label, &value, room, at as u16, buffer);
    }
}

/// The breach that a leak is from, and whose data that is: its words are not cut while there is room.
fn breach(
    context: Context<'_>,
    look: &Look,
    handle: Handle,
    width: usize,
) -> (Option<facts::Labelled>, Option<facts::Labelled>) {
    let styles = &look.styles;
    let Some(breach) = context.data.table.breach_of(handle) else {
        return (None, None);
    };
    let title = breach.title.as_ref().unwrap_or(&breach.name);
    let room = if breach.data_classes.is_empty() {
        width
    } else {
        width / 2
    };
    let mut line = text::fit(title.as_bytes(), room, styles.text, styles.escape);
    if !breach.data_classes.is_empty() {
        line.push_span(text::literal("  ", styles.text));
        let rest = width.saturating_sub(line.width());
        let classes = facts::joined(&breach.data_classes);
        let classes = text::fit(&classes, rest, styles.dim, styles.escape);
        line.spans.extend(classes.spans);
    }
    let whose = context
        .data
        .table
        .attribution(context.data.table.slot(handle));
    let source = whose.map(|words| {
        let words = text::own(words.to_owned(), styles.dim);
        ("data of", Line::from(vec![words]))
    });
    (Some(("breach", line)), source)
}

/// The date of the leak, and when the provider took it in.
fn seen(context: Context<'_>, look: &Look, handle: Handle, width: usize) -> Line<'static> {
    let mut line = time(
        context,
        look,
        &context.data.table.text(handle, LeakField::FirstSeen),
        width,
    );
    let added = context.data.table.text(handle, LeakField::AddedAt);
    if !added.is_empty() {
        line.push_span(text::literal("  added ", look.styles.dim));
        let rest = width.saturating_sub(line.width());
        line.spans.extend(time(context, look, &added, rest).spans);
    }
    line
}

/// The text, with a badge where letters run from right to left: its parts may not stand in the order of its bytes.
fn badged(look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
    let mut line = text::fit(
        bytes,
        width.saturating_sub(4),
        look.styles.text,
        look.styles.escape,
    );
    if escape(bytes).is_right_to_left() {
        line.push_span(text::literal(" RTL", look.styles.warn));
    }
    line
}

/// The host of a URL as it goes over the wire, where that is not how it looks: `xn--…`.
fn ascii_host(url: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(url)
        .ok()
        .filter(|text| text.len() < 4096 && !text.is_ascii())?;
    let host = url::Url::parse(text).ok()?.host_str()?.to_owned();
    (!text.contains(&host)).then_some(host)
}

fn status(context: Context<'_>, look: &Look, handle: Handle) -> Line<'static> {
    let mut line = value::row_status(context, look, handle);
    if context.data.table.is_local(handle) {
        line.push_span(text::literal(" local only", look.styles.accent));
    }
    let word = context.data.table.text(handle, LeakField::RemoteStatus);
    let status = context.data.table.status(handle);
    if !word.is_empty() && *word != *status.to_string().as_bytes() {
        line.push_span(text::literal("  the provider says ", look.styles.dim));
        line.spans
            .extend(text::fit(&word, 20, look.styles.text, look.styles.escape).spans);
    }
    if context.data.table.row(handle).damaged {
        line.push_span(text::literal("  came damaged", look.styles.warn));
    }
    line
}

/// Whose a local status is, since when, and what to do where the provider says otherwise.
fn kept(model: &Model, look: &Look, handle: Handle) -> Vec<(&'static str, Line<'static>)> {
    let styles = &look.styles;
    let Some(local) = model.data.table.local(handle) else {
        return Vec::new();
    };
    let by = local
        .job
        .map_or_else(|| ", imported".to_owned(), |job| format!(", job {job}"));
    let who = local
        .by
        .map_or_else(String::new, |role| format!(", by {}", role.name()));
    let since = local
        .set_at
        .to_zoned(model.setup.zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z");
    let mut lines = vec![(
        "local only",
        Line::from(vec![text::own(
            format!("since {since}{who}{by}"),
            styles.text,
        )]),
    )];
    let now = model.data.table.remote_said(handle);
    if let Some(now) = now.filter(|_| model.data.table.is_disputed(handle)) {
        let then = local
            .remote_then
            .map_or("nothing", |status| status.in_words());
        lines.push((
            "conflict",
            Line::from(vec![
                text::literal(look.glyphs.disputed, styles.error),
                text::own(
                    format!(
                        " local {}, provider {} (then {then})",
                        local.status.in_words(),
                        now.in_words()
                    ),
                    styles.warn,
                ),
            ]),
        ));
        let choice = |status: Status, does: &str| {
            key_that_sets(model.context(), status)
                .map(|key| format!("{key} {does} {}", status.in_words()))
        };
        let choices: Vec<_> = [choice(local.status, "keeps"), choice(now, "takes")]
            .into_iter()
            .flatten()
            .collect();
        lines.push((
            "",
            Line::from(vec![text::own(choices.join(", "), styles.key_hint)]),
        ));
    }
    lines
}

/// Who has taken it on, where from and until when.
fn claimed(context: Context<'_>, look: &Look, handle: Handle) -> Option<facts::Labelled> {
    let claim = claims::holder(context, handle)?;
    let until = claim
        .until
        .to_zoned(context.setup.zone.clone())
        .strftime("%H:%M %Z");
    let (style, whose) = if claim.mine {
        (look.styles.accent, "you, ")
    } else {
        (look.styles.warn, "")
    };
    let words = format!("{whose}{} until {until}", claims::shown(claim));
    Some(("claimed", Line::from(vec![text::own(words, style)])))
}

/// The last words that were left with it, and whose they are.
fn noted(context: Context<'_>, look: &Look, handle: Handle, width: usize) -> Vec<facts::Labelled> {
    let Some(noted) = context.data.table.noted(handle) else {
        return Vec::new();
    };
    let styles = &look.styles;
    let words = &noted.words;
    let said = [
        ("reason", &words.reason),
        ("note", &words.note),
        ("ticket", &words.ticket),
    ];
    let mut lines: Vec<_> = said
        .into_iter()
        .filter_map(|(label, word)| {
            let word = word.as_ref()?.as_bytes();
            Some((label, text::fit(word, width, styles.text, styles.escape)))
        })
        .collect();
    let at = noted
        .at
        .to_zoned(context.setup.zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z");
    let by = noted.by.as_ref().map_or_else(
        || "unknown".to_owned(),
        |seat| escape(seat.by().as_bytes()).as_str().to_owned(),
    );
    let job = noted
        .job
        .map_or_else(String::new, |id| format!(", job {id}"));
    let whose = format!("{by}, {at}{job}");
    lines.push(("said by", Line::from(vec![text::own(whose, styles.dim)])));
    lines
}

fn time(context: Context<'_>, look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
    match value::local_time(context, bytes, "%Y-%m-%d %H:%M %Z") {
        Some(time) => Line::from(vec![text::own(time, look.styles.text)]),
        None => text::fit(bytes, width, look.styles.text, look.styles.escape),
    }
}

fn group(
    context: Context<'_>,
    look: &Look,
    kind: GroupKind,
    id: GroupId,
    room: Rect,
    buffer: &mut Buffer,
) {
    let width = usize::from(room.width.saturating_sub(LABEL));
    let lines = facts::of(context, look, (kind, id), width);
    for (at, (label, value)) in lines.into_iter().enumerate() {
        row(look, label, &value, room, at as u16, buffer);
    }
}

fn job(context: Context<'_>, look: &Look, id: JobId, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let Some(job) = context.workspace.jobs.jobs.iter().find(|job| job.id == id) else {
        return;
    };
    let own = |words: String| Line::from(vec![text::own(words, styles.text)]);
    let zoned = |time: jiff::Timestamp| {
        time.to_zoned(context.setup.zone.clone())
            .strftime("%Y-%m-%d %H:%M:%S %Z")
            .to_string()
    };
    let counts = super::pane::jobs::counts(context, job);
    let mut lines = vec![
        (
            "job",
            own(format!("{id}  {}", super::pane::jobs::named(job))),
        ),
        ("state", super::pane::jobs::state(context, look, job)),
        (
            "plan",
            own(job.plan_hash.get(..12).unwrap_or_default().to_owned()),
        ),
        ("confirmed", own(zoned(job.created_at))),
        (
            "ended",
            own(job.ended_at.map_or_else(|| "not yet".to_owned(), zoned)),
        ),
        (
            "requests",
            own(format!(
                "writes {}, reads {}, journal {} ms",
                job.timing.writes, job.timing.reads, job.timing.journal_ms
            )),
        ),
    ];
    let width = usize::from(room.width.saturating_sub(LABEL));
    let said = [
        ("reason", &job.reason),
        ("note", &job.note),
        ("ticket", &job.ticket),
    ];
    lines.extend(said.into_iter().filter_map(|(label, word)| {
        let word = word.as_ref()?.as_bytes();
        Some((label, text::fit(word, width, styles.text, styles.escape)))
    }));
    let mut at = 0;
    for (label, value) in lines {
        row(look, label, &value, room, at, buffer);
        at += 1;
    }
    frame::wrapped(&counted(counts), styles.text, room, at, buffer);
}
