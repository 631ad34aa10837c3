//! A screen as an SVG picture: text in a fixed pitch with its colours, on a dark ground, in a window's frame.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::test_backend::cells;
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use std::{fmt::Write as _, fs, path::Path};

const COLUMN: f32 = 8.4;
const ROW: f32 = 18.0;
const MARGIN: f32 = 14.0;
const TOP: f32 = 36.0;
const BACKGROUND: &str = "#14161b";
const FOREGROUND: &str = "#d7dae0";

/// Holds a screen against the picture that is kept of it under `assets/pictures/`, or makes that anew where
/// `STANCH_PICTURES` is set.
pub(crate) fn assert_picture(name: &str, buffer: &Buffer) {
    let picture = svg(buffer, "Stanch: the leak triage console");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/pictures/{name}.svg"));
    if std::env::var_os("STANCH_PICTURES").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &picture).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "{name} is not what the console looks like now: STANCH_PICTURES=1 cargo test --test it pictures"
    );
}

/// Draws it.
fn svg(buffer: &Buffer, title: &str) -> String {
    let width = f32::from(buffer.area.width) * COLUMN + 2.0 * MARGIN;
    let height = f32::from(buffer.area.height) * ROW + TOP + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{0}\">\n\
         <title>{0}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"9\" fill=\"{BACKGROUND}\" stroke=\"#30343d\"/>\n\
         <g fill=\"#3d424d\"><circle cx=\"20\" cy=\"18\" r=\"5.5\"/><circle cx=\"38\" cy=\"18\" r=\"5.5\"/><circle cx=\"56\" cy=\"18\" r=\"5.5\"/></g>\n\
         <g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\" fill=\"{FOREGROUND}\" xml:space=\"preserve\">\n",
        escape(title)
    );
    for row in 0..buffer.area.height {
        write_backgrounds(buffer, row, &mut out);
        write_text(buffer, row, &mut out);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn x(column: u16) -> f32 {
    f32::from(column) * COLUMN + MARGIN
}

fn y(row: u16) -> f32 {
    f32::from(row) * ROW + TOP
}

fn write_backgrounds(buffer: &Buffer, row: u16, out: &mut String) {
    let mut runs: Vec<(String, u16, u16)> = Vec::new();
    for (column, cell) in cells(buffer, row) {
        let (_, ground) = colours(cell);
        match runs.last_mut() {
            Some((last, _, end)) if *last == ground && *end == column => *end = column + 1,
            _ => runs.push((ground, column, column + 1)),
        }
    }
    for (ground, start, end) in runs.iter().filter(|(ground, ..)| ground != BACKGROUND) {
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{ROW:.0}\" fill=\"{ground}\"/>",
            x(*start),
            y(row),
            f32::from(end - start) * COLUMN
        );
    }
}

/// Runs of one style; each has its column and its length in columns, so that no font can shift what follows.
fn write_text(buffer: &Buffer, row: u16, out: &mut String) {
    let mut runs: Vec<(String, u16, u16, String)> = Vec::new();
    let cells = cells(buffer, row);
    for (at, (column, cell)) in cells.iter().enumerate() {
        let next = cells
            .get(at + 1)
            .map_or(buffer.area.width, |(next, _)| *next);
        let attributes = attributes(cell);
        match runs.last_mut() {
            Some((last, _, end, text)) if *last == attributes => {
                *end = next;
                text.push_str(cell.symbol());
            }
            _ => runs.push((attributes, *column, next, cell.symbol().to_owned())),
        }
    }
    for (attributes, start, _, text) in runs {
        let lead = text.len() - text.trim_start_matches(' ').len();
        let shown = text.trim_end_matches(' ').get(lead..).unwrap_or_default();
        if shown.is_empty() {
            continue;
        }
        let columns = unicode_width::UnicodeWidthStr::width(shown) as f32;
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\"{attributes}>{}</text>",
            x(start + lead as u16),
            y(row) + 13.5,
            columns * COLUMN,
            escape(shown)
        );
    }
}

fn attributes(cell: &Cell) -> String {
    let (fill, _) = colours(cell);
    let mut attributes = String::new();
    if fill != FOREGROUND {
        let _ = write!(attributes, " fill=\"{fill}\"");
    }
    for (modifier, text) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.65\""),
    ] {
        if cell.modifier.contains(modifier) {
            attributes.push_str(text);
        }
    }
    attributes
}

fn colours(cell: &Cell) -> (String, String) {
    let (fill, ground) = (colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND));
    if cell.modifier.contains(Modifier::REVERSED) {
        (ground, fill)
    } else {
        (fill, ground)
    }
}

fn colour(colour: Color, plain: &str) -> String {
    let named = match colour {
        Color::Reset => plain,
        Color::Black => "#14161b",
        Color::Red => "#e06c75",
        Color::Green => "#8cc570",
        Color::Yellow => "#dfb55c",
        Color::Blue => "#61a0ef",
        Color::Magenta => "#c678dd",
        Color::Cyan => "#56b6c2",
        Color::Gray => "#abb2bf",
        Color::DarkGray => "#7a8290",
        Color::LightRed => "#ff7b86",
        Color::LightGreen => "#a5e075",
        Color::LightYellow => "#f2cf7a",
        Color::LightBlue => "#7cb7ff",
        Color::LightMagenta => "#de9bf0",
        Color::LightCyan => "#6fd3df",
        Color::White => "#f4f6fa",
        Color::Rgb(red, green, blue) => return format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(number) => return format!("#{number:02x}{number:02x}{number:02x}"),
    };
    named.to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
