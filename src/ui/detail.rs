//! The detail: everything that is known of what the cursor rests on.

use super::{
    Look, cells, detail_fields, frame, header, overlay, password::password_line, text, value,
};
use crate::{
    app::{
        claims,
        model::{Context, DetailSubject, Model},
        notice::outcome_summary,
        plan::setting::key_for_status,
    },
    entity::{key::JobId, leak::LeakField, status::Status, visible::escape},
    table::{GroupId, GroupKind, RowId},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

const LABEL_WIDTH: u16 = 11;

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
    if let (Some(scroll), Some(DetailSubject::Leak(handle))) = (
        model.workspace.detail_scroll,
        model.workspace.detail_delay.subject,
    ) {
        whole(model, look, (handle, scroll), room, buffer);
        return;
    }
    match model.workspace.detail_delay.subject {
        Some(DetailSubject::Leak(handle)) => draw_leak(model, look, handle, room, buffer),
        Some(DetailSubject::Group(kind, id)) => {
            draw_group(model.context(), look, kind, id, room, buffer);
        }
        Some(DetailSubject::Job(id)) => draw_job(model.context(), look, id, room, buffer),
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
    (handle, scroll): (RowId, usize),
    room: Rect,
    buffer: &mut Buffer,
) {
    let lines = overlay::record::fields(model, look, handle, usize::from(room.width));
    let height = usize::from(room.height);
    let first = scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(first + height);
    for (row, line) in lines.iter().skip(first).take(height).enumerate() {
        cells::draw_spans(
            &line.spans,
            (room.x, room.y + row as u16),
            room.width,
            buffer,
        );
    }
    frame::draw_more_below(look, below, room, buffer);
}

fn draw_row(
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
            width: LABEL_WIDTH.min(room.width),
            ..room
        },
        at,
        buffer,
    );
    let rest = Rect {
        x: room.x + LABEL_WIDTH,
        width: room.width.saturating_sub(LABEL_WIDTH),
        ..room
    };
    cells::draw_spans(&value.spans, (rest.x, rest.y + at), rest.width, buffer);
}

fn draw_leak(model: &Model, look: &Look, handle: RowId, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let width = usize::from(room.width.saturating_sub(LABEL_WIDTH));
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
        (
            "login",
            with_bidi_badge(look, &get(LeakField::Login), width),
        ),
        ("password", password_line(model, look, handle, width)),
        ("url", fit(&get(LeakField::Url))),
        ("status", status_line(model.context(), look, handle)),
        ("leaked", dates_line(model.context(), look, handle, width)),
        ("domain", pair(LeakField::Domain, LeakField::Class)),
        ("machine", pair(LeakField::Hostname, LeakField::Ip)),
        ("system", pair(LeakField::Os, LeakField::Country)),
        ("malware", fit(&get(LeakField::MalwarePath))),
        ("hardware", fit(&get(LeakField::HardwareId))),
        ("id", fit(&get(LeakField::Id))),
    ];
    // Whose it is matters where there are several, and more than what only tells it apart.
    if model.data.profiles.len() > 1 {
        let from = header::profile_title(model.context(), &model.data.table.key(handle).profile);
        let at = lines.len() - 1;
        let from = Line::from(vec![text::from_ui(from, styles.text)]);
        lines.insert(at, ("source", from));
    }
    let (breach, data) = breach_fields(model.context(), look, handle, width);
    let seen = lines.iter().position(|(label, _)| *label == "leaked");
    let before = seen.unwrap_or(lines.len());
    lines.splice(before..before, [breach, data].into_iter().flatten());
    // Below the status, which is the fourth.
    let mut beside = local_status_line(model, look, handle);
    beside.extend(claim_line(model.context(), look, handle));
    beside.extend(last_note_line(model.context(), look, handle, width));
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
        draw_row(look, label, &value, room, at as u16, buffer);
    }
}

/// The breach that a leak is from, and whose data the leak is: its words are not cut while there is room.
fn breach_fields(
    context: Context<'_>,
    look: &Look,
    handle: RowId,
    width: usize,
) -> (
    Option<detail_fields::Labelled>,
    Option<detail_fields::Labelled>,
) {
    let styles = &look.styles;
    let whose = context
        .data
        .table
        .attribution(context.data.table.slot(handle));
    let source = whose.map(|words| {
        let words = text::from_ui(words.to_owned(), styles.dim);
        ("data of", Line::from(vec![words]))
    });
    let Some(breach) = context.data.table.row_breach(handle) else {
        return (None, source);
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
        let classes = detail_fields::joined(&breach.data_classes);
        let classes = text::fit(&classes, rest, styles.dim, styles.escape);
        line.spans.extend(classes.spans);
    }
    (Some(("breach", line)), source)
}

/// The date of the leak, and when the provider took it in.
fn dates_line(context: Context<'_>, look: &Look, handle: RowId, width: usize) -> Line<'static> {
    let mut line = time_line(
        context,
        look,
        &context.data.table.text(handle, LeakField::FirstSeen),
        width,
    );
    let added = context.data.table.text(handle, LeakField::AddedAt);
    if !added.is_empty() {
        line.push_span(text::literal("  added ", look.styles.dim));
        let rest = width.saturating_sub(line.width());
        line.spans
            .extend(time_line(context, look, &added, rest).spans);
    }
    line
}

/// The text, with a badge where letters run from right to left: its parts may not stand in the order of its bytes.
fn with_bidi_badge(look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
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

fn status_line(context: Context<'_>, look: &Look, handle: RowId) -> Line<'static> {
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
fn local_status_line(
    model: &Model,
    look: &Look,
    handle: RowId,
) -> Vec<(&'static str, Line<'static>)> {
    let styles = &look.styles;
    let Some(local) = model.data.table.local_status(handle) else {
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
        Line::from(vec![text::from_ui(
            format!("since {since}{who}{by}"),
            styles.text,
        )]),
    )];
    let now = model.data.table.known_remote_status(handle);
    if let Some(now) = now.filter(|_| model.data.table.is_disputed(handle)) {
        let then = local
            .remote_when_set
            .map_or("nothing", |status| status.label());
        lines.push((
            "conflict",
            Line::from(vec![
                text::literal(look.glyphs.disputed, styles.error),
                text::from_ui(
                    format!(
                        " local {}, provider {} (then {then})",
                        local.status.label(),
                        now.label()
                    ),
                    styles.warn,
                ),
            ]),
        ));
        let choice = |status: Status, does: &str| {
            key_for_status(model.context(), status)
                .map(|key| format!("{key} {does} {}", status.label()))
        };
        let choices: Vec<_> = [choice(local.status, "keeps"), choice(now, "takes")]
            .into_iter()
            .flatten()
            .collect();
        lines.push((
            "",
            Line::from(vec![text::from_ui(choices.join(", "), styles.key_hint)]),
        ));
    }
    lines
}

/// Who has taken it on, where from and until when.
fn claim_line(context: Context<'_>, look: &Look, handle: RowId) -> Option<detail_fields::Labelled> {
    let claim = claims::active_claim(context, handle)?;
    let until = claim
        .expires_at
        .to_zoned(context.setup.zone.clone())
        .strftime("%H:%M %Z");
    let (style, whose) = if claim.is_own {
        (look.styles.accent, "you, ")
    } else {
        (look.styles.warn, "")
    };
    let words = format!("{whose}{} until {until}", claims::holder_label(claim));
    Some(("claimed", Line::from(vec![text::from_ui(words, style)])))
}

/// The last words that were left with it, and whose they are.
fn last_note_line(
    context: Context<'_>,
    look: &Look,
    handle: RowId,
    width: usize,
) -> Vec<detail_fields::Labelled> {
    let Some(noted) = context.data.table.last_note(handle) else {
        return Vec::new();
    };
    let styles = &look.styles;
    let words = &noted.justification;
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
        .noted_at
        .to_zoned(context.setup.zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z");
    let by = noted.author.as_ref().map_or_else(
        || "unknown".to_owned(),
        |seat| escape(seat.user_at_host().as_bytes()).as_str().to_owned(),
    );
    let job = noted
        .job
        .map_or_else(String::new, |id| format!(", job {id}"));
    let whose = format!("{by}, {at}{job}");
    lines.push((
        "said by",
        Line::from(vec![text::from_ui(whose, styles.dim)]),
    ));
    lines
}

fn time_line(context: Context<'_>, look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
    match value::local_time(context, bytes, "%Y-%m-%d %H:%M %Z") {
        Some(time) => Line::from(vec![text::from_ui(time, look.styles.text)]),
        None => text::fit(bytes, width, look.styles.text, look.styles.escape),
    }
}

fn draw_group(
    context: Context<'_>,
    look: &Look,
    kind: GroupKind,
    id: GroupId,
    room: Rect,
    buffer: &mut Buffer,
) {
    let width = usize::from(room.width.saturating_sub(LABEL_WIDTH));
    let lines = detail_fields::fields_of_group(context, look, (kind, id), width);
    for (at, (label, value)) in lines.into_iter().enumerate() {
        draw_row(look, label, &value, room, at as u16, buffer);
    }
}

fn draw_job(context: Context<'_>, look: &Look, id: JobId, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let Some(job) = context.workspace.jobs.jobs.iter().find(|job| job.id == id) else {
        return;
    };
    let own = |words: String| Line::from(vec![text::from_ui(words, styles.text)]);
    let zoned = |time: jiff::Timestamp| {
        time.to_zoned(context.setup.zone.clone())
            .strftime("%Y-%m-%d %H:%M:%S %Z")
            .to_string()
    };
    let counts = super::pane::jobs::counts(context, job);
    let mut lines = vec![
        (
            "job",
            own(format!("{id}  {}", super::pane::jobs::job_title(job))),
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
    let width = usize::from(room.width.saturating_sub(LABEL_WIDTH));
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
        draw_row(look, label, &value, room, at, buffer);
        at += 1;
    }
    frame::wrapped(&outcome_summary(counts), styles.text, room, at, buffer);
}
