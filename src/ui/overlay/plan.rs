//! The plan: what will change, what is left alone and why, what is hidden, what it costs; then every target in the order
//! of the view; and its answers, which are on the screen whatever its size.

use super::{Look, frame, text};
use crate::{
    app::{
        model::Context,
        overlay::PlanOverlay,
        plan::{
            self,
            text::{PlanPage, StyledText, Tone},
        },
    },
    entity::{
        job::{PlannedChange, StorageTarget},
        key::EntityKey,
        leak::LeakField,
        number::group_digits,
        status::Status,
    },
    table::RowId,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};
use unicode_width::UnicodeWidthStr as _;

/// Below this many columns a line has what becomes of a target and whose it is.
const NARROW_WIDTH: usize = 60;
/// Columns that an address needs to be worth it.
const MIN_URL_WIDTH: usize = 8;

/// Draws it across the screen, as high as its content: the list stays readable around a small one.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    overlay: &PlanOverlay,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inside = (
        area.width.saturating_sub(frame::HORIZONTAL_INSET),
        area.height.saturating_sub(2),
    );
    let page = PlanPage::new(context, overlay, look.glyphs.separator, inside);
    let lines = page.headline.len()
        + page.detail_lines.len()
        + overlay.order.len()
        + page.answer_lines.len();
    let rows = u16::try_from(lines + 2).unwrap_or(u16::MAX);
    // A plan that is as high as the screen is as wide, so that nothing moves while it is scrolled.
    let columns = if rows < area.height {
        columns(context, overlay, &page).min(area.width)
    } else {
        area.width
    };
    let area = frame::centered(area, columns, rows);
    let title = plan::text::title(overlay);
    let room = frame::overlay(look, &title, area, buffer);
    let inside = (room.width, room.height);
    let page = PlanPage::new(context, overlay, look.glyphs.separator, inside);
    let mut row = 0;
    for line in &page.headline {
        let words = text::from_ui(line.clone(), look.styles.accent);
        frame::line(vec![words], room, row, buffer);
        row += 1;
    }
    let body = Rect {
        y: room.y + row,
        height: (page.visible_lines as u16).min(room.height.saturating_sub(row)),
        ..room
    };
    let above = page
        .detail_lines
        .iter()
        .skip(page.first_line)
        .take(page.visible_lines);
    let mut row = 0;
    for (words, tone) in above {
        let span = text::from_ui(words.clone(), style(look, *tone));
        frame::line(vec![span], body, row, buffer);
        row += 1;
    }
    let first = page.first_line.saturating_sub(page.detail_lines.len());
    let rest = Rect {
        y: body.y + row,
        height: body.height.saturating_sub(row),
        ..body
    };
    let shown = draw_targets(context, look, overlay, first, rest, buffer);
    // The hash stands in the frame, where no screen is too small for it.
    let hash = format!("{} ", overlay.plan.hash.get(..12).unwrap_or_default());
    let behind = title.width() as u16 + 3;
    let spot = Rect::new(
        area.x + behind,
        area.y,
        area.width.saturating_sub(behind + 1),
        1,
    );
    frame::line(vec![text::from_ui(hash, look.styles.dim)], spot, 0, buffer);
    draw_range(look, (first, shown, overlay.order.len()), room, buffer);
    let below = Rect {
        y: room.bottom().saturating_sub(page.answer_lines.len() as u16),
        height: page.answer_lines.len() as u16,
        ..room
    };
    for (index, words) in page.answer_lines.iter().enumerate() {
        frame::line(spans(look, words), below, index as u16, buffer);
    }
}

/// Columns that a small plan takes with its frame: those of its longest line, and no less than its title wants.
fn columns(context: Context<'_>, overlay: &PlanOverlay, page: &PlanPage) -> u16 {
    let words = |line: &[StyledText]| line.iter().map(|(words, _)| words.width()).sum::<usize>();
    let above = page.detail_lines.iter().map(|(words, _)| words.width());
    let headline = page.headline.iter().map(|line| line.width());
    let answers = page.answer_lines.iter().map(|line| words(line));
    let lines: Vec<Target> = overlay
        .order
        .iter()
        .map(|place| Target::from_index(context, overlay, *place as usize))
        .collect();
    let most = |wide: &dyn Fn(&Target) -> usize| lines.iter().map(wide).max().unwrap_or(0);
    let text = |line: &Target, field| {
        line.row
            .map_or(0, |row| context.data.table.text(row, field).len())
    };
    let targets = most(&|line| line.status_change.width())
        + most(&|line| text(line, LeakField::Login))
        + most(&|line| text(line, LeakField::Url))
        + 4;
    let widest = above.chain(headline).chain(answers).chain([targets]).max();
    let widest = widest.unwrap_or(0).max(SMALLEST) + usize::from(frame::HORIZONTAL_INSET);
    u16::try_from(widest).unwrap_or(u16::MAX)
}

/// Columns that a small plan has at least: its title and its hash stand in its frame.
const SMALLEST: usize = 60;

fn style(look: &Look, tone: Tone) -> Style {
    let styles = &look.styles;
    match tone {
        Tone::Accent => styles.accent,
        Tone::Warn => styles.warn,
        Tone::Error => styles.error,
        Tone::Title => styles.title,
        Tone::Text => styles.text,
        Tone::Dim => styles.dim,
        Tone::Key => styles.key_hint,
    }
}

fn spans(look: &Look, words: &[StyledText]) -> Vec<Span<'static>> {
    let span = |(words, tone): &StyledText| text::from_ui(words.clone(), style(look, *tone));
    words.iter().map(span).collect()
}

/// On the lower edge, which of the targets these are, where that is not all of them.
fn draw_range(
    look: &Look,
    (first, shown, all): (usize, usize, usize),
    room: Rect,
    buffer: &mut Buffer,
) {
    if shown >= all {
        return;
    }
    let words = match shown {
        0 if all == 1 => " j: 1 target below ".to_owned(),
        0 => format!(" j: {} targets below ", group_digits(all as u64)),
        _ => format!(
            " {} to {} of {} targets  j k move ",
            group_digits(first as u64 + 1),
            group_digits((first + shown) as u64),
            group_digits(all as u64)
        ),
    };
    let edge = Rect {
        y: room.bottom(),
        height: 1,
        ..room
    };
    frame::line(vec![text::from_ui(words, look.styles.dim)], edge, 0, buffer);
}

/// Says that a plan of many leaks is being made, and how to call that off.
pub fn draw_building(look: &Look, leaks: usize, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let room = frame::overlay(look, "plan", frame::centered(area, 48, 4), buffer);
    let words = format!(
        "planning {} leaks{}",
        group_digits(leaks as u64),
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

/// The targets from one on, as many as there is room for, one a line: a number can be right and mean the wrong leaks.
/// Answers how many that are.
fn draw_targets(
    context: Context<'_>,
    look: &Look,
    overlay: &PlanOverlay,
    first: usize,
    room: Rect,
    buffer: &mut Buffer,
) -> usize {
    let styles = &look.styles;
    let width = usize::from(room.width);
    let places = overlay.order.iter().skip(first);
    let lines: Vec<Target> = places
        .take(usize::from(room.height))
        .map(|place| Target::from_index(context, overlay, *place as usize))
        .collect();
    let widest = lines
        .iter()
        .map(|line| line.status_change.chars().count())
        .max();
    let most = if width < NARROW_WIDTH {
        width / 3
    } else {
        width / 2
    };
    let words_room = widest.unwrap_or_default().min(most);
    let logins = lines.iter().filter_map(|line| line.row);
    let second = logins
        .map(|row| context.data.table.text(row, LeakField::Login).len())
        .max()
        .unwrap_or_default()
        .min(if width < NARROW_WIDTH {
            width.saturating_sub(words_room + 2)
        } else {
            // What the addresses leave, and no less than a third.
            let urls = lines.iter().filter_map(|line| line.row);
            let urls = urls.map(|row| context.data.table.text(row, LeakField::Url).len());
            let left = width.saturating_sub(words_room + 4 + urls.max().unwrap_or(0));
            left.max(width / 3)
        });
    for (at, line) in lines.iter().enumerate() {
        let words = line.status_change.as_bytes();
        let words = text::fit(words, words_room, line.style(look), styles.escape);
        let gap = " ".repeat((words_room + 2).saturating_sub(words.width()));
        let mut spans = words.spans;
        spans.push(text::from_ui(gap, styles.text));
        if let Some(row) = line.row {
            let login = context.data.table.text(row, LeakField::Login);
            let url = context.data.table.text(row, LeakField::Url);
            let login = text::fit(&login, second, styles.text, styles.escape);
            let gap = " ".repeat((second + 2).saturating_sub(login.width()));
            spans.extend(login.spans);
            spans.push(text::from_ui(gap, styles.text));
            let used: usize = spans.iter().map(Span::width).sum();
            let rest = width.saturating_sub(used);
            let rest = if rest < MIN_URL_WIDTH { 0 } else { rest };
            spans.extend(text::fit(&url, rest, styles.dim, styles.escape).spans);
        } else {
            let key = line.key.map(EntityKey::to_string).unwrap_or_default();
            let used: usize = spans.iter().map(Span::width).sum();
            let rest = width.saturating_sub(used);
            spans.extend(text::fit(key.as_bytes(), rest, styles.text, styles.escape).spans);
        }
        frame::line(spans, room, at as u16, buffer);
    }
    lines.len()
}

/// What becomes of a target.
struct Target<'a> {
    key: Option<&'a EntityKey>,
    row: Option<RowId>,
    status_change: String,
    skipped: bool,
}

impl<'a> Target<'a> {
    /// The one at a place: the changes first, then what is left alone.
    fn from_index(context: Context<'_>, overlay: &'a PlanOverlay, place: usize) -> Self {
        let plan = &overlay.plan;
        if let Some(change) = plan.eligible.get(place) {
            return Self {
                key: Some(&change.key),
                row: context.data.table.find(&change.key),
                status_change: status_change(context, plan.wanted, change),
                skipped: false,
            };
        }
        let skipped = plan.skipped.get(place - plan.eligible.len());
        Self {
            key: skipped.map(|skipped| &skipped.key),
            row: skipped.and_then(|skipped| context.data.table.find(&skipped.key)),
            status_change: skipped.map_or_else(String::new, |skipped| {
                format!("skipped: {}", skipped.reason)
            }),
            skipped: true,
        }
    }

    fn style(&self, look: &Look) -> Style {
        if self.skipped {
            look.styles.warn
        } else {
            look.styles.dim
        }
    }
}

/// What a change makes of a leak, and where: `new to fixed`, `new to fixed, local`, and what a provider has for it.
fn status_change(context: Context<'_>, wanted: Status, change: &PlannedChange) -> String {
    let (before, stored) = (status_before(context, change), change.wanted.label());
    match change.storage_target {
        StorageTarget::Remote => format!("{before} to {stored}"),
        StorageTarget::Local if change.wanted == Status::Unknown => {
            format!("{before} to no status, ours is removed")
        }
        StorageTarget::Local => format!("{before} to {stored}, local"),
        StorageTarget::Both => format!("{before} to {}, stored as {stored}", wanted.label()),
    }
}

/// What a leak is before its change.
fn status_before(context: Context<'_>, change: &PlannedChange) -> &'static str {
    let row = context.data.table.find(&change.key);
    row.map_or(change.before.label(), |row| {
        plan::digest::status_label(context, row, change.before)
    })
}
