//! What is no leak in the files that were read, and what could not be read.

use crate::{
    entity::{
        files::{FileProblem, ImportReport, Reject},
        key::ProfileName,
        number::group_digits,
        visible::escape,
    },
    ui::{Look, frame, text},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns of a line's number and of the place in it, where there is room and where there is little, and of the longest
/// reason.
const NUMBER: usize = 14;
const SHORT_NUMBER: usize = 9;
const REASON: usize = 15;

/// Problems that are shown among what happened.
const SHOWN: usize = 8;

/// What the last reading of a profile's files found.
pub type Report<'r> = (&'r ProfileName, &'r ImportReport);

/// Lists the rejects.
pub fn draw(reports: &[Report<'_>], look: &Look, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let room = frame::overlay(
        look,
        "no leaks",
        frame::centered(area, 120, area.height.saturating_sub(2)),
        buffer,
    );
    let rejects = || reports.iter().flat_map(|(_, report)| &report.rejects);
    let count = rejects().count();
    let left_out: u64 = reports
        .iter()
        .map(|(_, report)| report.rejects_left_out)
        .sum();
    let mut row = 0;
    if count == 0 {
        let words =
            "Every line, row and item of the files that were read is a leak, a banner or blank.";
        frame::wrapped(words, styles.text, room, row, buffer);
        return;
    }
    for line in by_reason(reports) {
        row = frame::wrapped(&line, styles.text, room, row, buffer);
    }
    if left_out > 0 {
        let words = format!(
            "{} more are counted only: stanch import check --rejects all lists them.",
            group_digits(left_out)
        );
        row = frame::wrapped(&words, styles.dim, room, row, buffer);
    }
    row += 1;
    let (number, title) = if room.width < 60 {
        (SHORT_NUMBER, "line")
    } else {
        (NUMBER, "line:column")
    };
    let head = format!("{title:>number$}  {:REASON$}  {}", "reason", "file");
    frame::line(vec![text::from_ui(head, styles.dim)], room, row, buffer);
    row += 1;
    let shown = usize::from(room.height.saturating_sub(row));
    for reject in rejects().skip(scroll).take(shown) {
        let column = reject
            .column
            .map_or_else(String::new, |at| format!(":{at}"));
        let place_in_file = format!("{}{column}", group_digits(reject.line));
        let words = format!("{place_in_file:>number$}  {:REASON$}  ", reject.reason);
        let left = usize::from(room.width).saturating_sub(words.len());
        let mut spans = vec![text::from_ui(words, styles.text)];
        spans.extend(place(reject, left, look));
        frame::line(spans, room, row, buffer);
        row += 1;
    }
    frame::draw_more_below(look, count.saturating_sub(scroll + shown), room, buffer);
}

/// Where a reject stands: source and file in it where there is room for both, else what is nearest to it.
fn place(reject: &Reject, columns: usize, look: &Look) -> Vec<ratatui::text::Span<'static>> {
    let path = reject.path.as_bytes();
    let member = reject
        .member
        .as_ref()
        .map(crate::entity::raw_text::RawText::as_bytes);
    let whole = match member {
        Some(member) => [path, b": ", member].concat(),
        None => path.to_vec(),
    };
    let short = member.unwrap_or_else(|| {
        let name = path.rsplit(|byte| *byte == b'/').next();
        name.unwrap_or_default()
    });
    let shown = if whole.len() <= columns {
        &whole[..]
    } else {
        short
    };
    text::fit(shown, columns, look.styles.text, look.styles.escape).spans
}

/// How many there are for each reason: `case-41: 1,204 prose · 12 columns`.
fn by_reason(reports: &[Report<'_>]) -> Vec<String> {
    let lines = reports.iter().filter_map(|(name, report)| {
        let counts: Vec<_> = report
            .by_reason()
            .iter()
            .map(|(reason, count)| format!("{} {reason}", group_digits(*count)))
            .collect();
        (!counts.is_empty()).then(|| format!("{name}: {}", counts.join(" · ")))
    });
    lines.collect()
}

/// Files that were not read whole, with what to do, and how many rejects there are: among what happened. Answers the row
/// behind them.
pub fn told(reports: &[Report<'_>], look: &Look, row: u16, room: Rect, buffer: &mut Buffer) -> u16 {
    let (styles, mut row) = (&look.styles, row);
    for (name, report) in reports {
        for problem in report.problems.iter().take(SHOWN) {
            let words = format!("{} {name}: {}", look.glyphs.failed, said(problem));
            row = frame::wrapped(&words, styles.error, room, row, buffer);
            let hint = format!("hint: {}", problem.hint);
            row = frame::wrapped(&hint, styles.dim, room, row, buffer) + 1;
        }
        if report.problems.len() > SHOWN {
            let more = (report.problems.len() - SHOWN) as u64;
            let words = format!(
                "{name}: {} files more; stanch import check lists them",
                group_digits(more)
            );
            row = frame::wrapped(&words, styles.error, room, row, buffer) + 1;
        }
    }
    let before = row;
    for line in by_reason(reports) {
        let words = format!("no leaks in {line}");
        row = frame::wrapped(&words, styles.text, room, row, buffer);
    }
    if row > before {
        let words = "hint: :rejects lists them with file, line and reason";
        row = frame::wrapped(words, styles.dim, room, row, buffer) + 1;
    }
    row
}

fn said(problem: &FileProblem) -> String {
    let place = problem.member.as_ref().unwrap_or(&problem.path);
    format!(
        "{}: {} ({})",
        escape(place.as_bytes()).as_str(),
        problem.message,
        problem.code
    )
}
