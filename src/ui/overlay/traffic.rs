//! What this session has sent to the terminal.

use crate::{
    app::{
        model::Model,
        sent::{CauseTraffic, FrameCause},
    },
    entity::number::group_digits,
    ui::{Look, frame, text},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns of what it was for; the longest name of an action fits.
const CAUSE_WIDTH: usize = 19;
/// Columns of a figure.
const FIGURE_WIDTH: usize = 9;
/// With all figures.
const FULL_WIDTH: u16 = (CAUSE_WIDTH + 6 * FIGURE_WIDTH) as u16 + frame::HORIZONTAL_INSET;

/// Draws it.
pub fn draw(model: &Model, look: &Look, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let sent = &model.traffic;
    let tallies = sent.causes_by_bytes();
    let rows = (summary_lines(model).len() + tallies.len() + 4) as u16;
    let rows = rows.min(area.height.saturating_sub(2));
    let room = frame::overlay(
        look,
        "bytes to this terminal",
        frame::centered(area, FULL_WIDTH, rows),
        buffer,
    );
    let mut row = 0;
    for words in summary_lines(model) {
        row = frame::wrapped(&words, look.styles.text, room, row, buffer);
    }
    row += 1;
    let wide = room.width + frame::HORIZONTAL_INSET >= FULL_WIDTH;
    let titles = if wide {
        &["frames", "keys", "bytes", "a key", "last", "most"][..]
    } else {
        &["bytes", "a key"][..]
    };
    // The longest name takes the room of a blank where there is little.
    let name = usize::from(room.width).saturating_sub(titles.len() * FIGURE_WIDTH);
    let name = name.min(CAUSE_WIDTH);
    let mut line = format!("{:name$}", "for");
    for title in titles {
        line.push_str(&format!("{title:>FIGURE_WIDTH$}"));
    }
    frame::line(
        vec![text::from_ui(line, look.styles.dim)],
        room,
        row,
        buffer,
    );
    row += 1;
    let shown = usize::from(room.height.saturating_sub(row));
    for (cause, tally) in tallies.iter().skip(scroll).take(shown) {
        frame::line(
            vec![text::from_ui(
                format_figures(*cause, tally, name, wide),
                look.styles.text,
            )],
            room,
            row,
            buffer,
        );
        row += 1;
    }
    let below = tallies.len().saturating_sub(scroll + shown);
    frame::draw_more_below(look, below, room, buffer);
}

/// In all.
fn summary_lines(model: &Model) -> Vec<String> {
    let sent = &model.traffic;
    let traffic = sent.total;
    let mut lines = vec![format!(
        "{} bytes in {} frames.",
        group_digits(traffic.bytes),
        group_digits(traffic.frames)
    )];
    if traffic.out_of_frame_bytes > 0 {
        lines.push(format!(
            "{} of them beside the frames.",
            group_digits(traffic.out_of_frame_bytes)
        ));
    }
    lines.push(match sent.dropped_frames {
        0 => "No frame was left out.".into(),
        dropped => format!(
            "{} frames were left out: the line was busy.",
            group_digits(dropped)
        ),
    });
    if let Some((cause, bytes)) = sent.last_frame {
        lines.push(format!("The last one: {}, {cause}.", group_digits(bytes)));
    }
    lines
}

fn format_figures(cause: FrameCause, tally: &CauseTraffic, name: usize, wide: bool) -> String {
    let all = [
        tally.frames,
        tally.keys,
        tally.bytes,
        tally.average(),
        tally.last,
        tally.largest,
    ];
    let shown = if wide { &all[..] } else { &all[2..4] };
    let mut line = format!("{:name$}", cause.to_string());
    for figure in shown {
        line.push_str(&format!("{:>FIGURE_WIDTH$}", group_digits(*figure)));
    }
    line
}
