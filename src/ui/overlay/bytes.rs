//! What this session has sent to the terminal.

use crate::{
    app::{
        model::Model,
        sent::{Cause, Tally},
    },
    entity::number::grouped,
    ui::{Look, frame, text},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns of what it was for; the longest name of an action fits.
const CAUSE: usize = 19;
/// Columns of a figure.
const FIGURE: usize = 9;
/// With all figures.
const WIDE: u16 = (CAUSE + 6 * FIGURE) as u16 + frame::SIDES;

/// Draws it.
pub fn draw(model: &Model, look: &Look, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let sent = &model.sent;
    let tallies = sent.tallies();
    let rows = (head(model).len() + tallies.len() + 4) as u16;
    let rows = rows.min(area.height.saturating_sub(2));
    let room = frame::overlay(
        look,
        "bytes to this terminal",
        frame::centered(area, WIDE, rows),
        buffer,
    );
    let mut row = 0;
    for words in head(model) {
        row = frame::wrapped(&words, look.styles.text, room, row, buffer);
    }
    row += 1;
    let wide = room.width + frame::SIDES >= WIDE;
    let titles = if wide {
        &["frames", "keys", "bytes", "a key", "last", "most"][..]
    } else {
        &["bytes", "a key"][..]
    };
    // The longest name takes the room of a blank where there is little.
    let name = usize::from(room.width).saturating_sub(titles.len() * FIGURE);
    let name = name.min(CAUSE);
    let mut line = format!("{:name$}", "for");
    for title in titles {
        line.push_str(&format!("{title:>FIGURE$}"));
    }
    frame::line(vec![text::own(line, look.styles.dim)], room, row, buffer);
    row += 1;
    let shown = usize::from(room.height.saturating_sub(row));
    for (cause, tally) in tallies.iter().skip(scroll).take(shown) {
        frame::line(
            vec![text::own(
                figures(*cause, tally, name, wide),
                look.styles.text,
            )],
            room,
            row,
            buffer,
        );
        row += 1;
    }
    let below = tallies.len().saturating_sub(scroll + shown);
    frame::more_below(look, below, room, buffer);
}

/// In all.
fn head(model: &Model) -> Vec<String> {
    let sent = &model.sent;
    let traffic = sent.traffic;
    let mut lines = vec![format!(
        "{} bytes in {} frames.",
        grouped(traffic.bytes),
        grouped(traffic.frames)
    )];
    if traffic.beside > 0 {
        lines.push(format!(
            "{} of them beside the frames.",
            grouped(traffic.beside)
        ));
    }
    lines.push(match sent.dropped {
        0 => "No frame was left out.".into(),
        dropped => format!(
            "{} frames were left out: the line was busy.",
            grouped(dropped)
        ),
    });
    if let Some((cause, bytes)) = sent.last {
        lines.push(format!("The last one: {}, {cause}.", grouped(bytes)));
    }
    lines
}

fn figures(cause: Cause, tally: &Tally, name: usize, wide: bool) -> String {
    let all = [
        tally.frames,
        tally.keys,
        tally.bytes,
        tally.average(),
        tally.last,
        tally.most,
    ];
    let shown = if wide { &all[..] } else { &all[2..4] };
    let mut line = format!("{:name$}", cause.to_string());
    for figure in shown {
        line.push_str(&format!("{:>FIGURE$}", grouped(*figure)));
    }
    line
}
