//! Boxes and lines: the frame of a pane or an overlay.

use super::{Look, cells};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Clear, Widget},
};

/// Draws a frame with a title and answers the room inside.
pub fn pane(
    look: &Look,
    title: Vec<Span<'static>>,
    focused: bool,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let style = if focused {
        look.styles.border_focused
    } else {
        look.styles.border
    };
    let edge = |borders: Borders| {
        Block::new()
            .borders(borders)
            .border_set(look.glyphs.border)
            .border_style(style)
    };
    // A block styles its whole room, and in that are thousands of cells: one for each edge touches the edge alone.
    let (one, across) = (1.min(area.width), Borders::LEFT | Borders::RIGHT);
    let left = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(2),
        width: one,
        ..area
    };
    let right = Rect {
        x: area.right() - one,
        ..left
    };
    edge(Borders::LEFT).render(left, buffer);
    edge(Borders::RIGHT).render(right, buffer);
    let mut rows = area.rows();
    if let Some(first) = rows.next() {
        let top = edge(across | Borders::TOP).title(Line::from(title));
        top.render(first, buffer);
    }
    if let Some(last) = rows.next_back() {
        edge(across | Borders::BOTTOM).render(last, buffer);
    }
    edge(Borders::ALL).inner(area)
}

/// Columns of an overlay that its frame and the blanks inside take.
pub const HORIZONTAL_INSET: u16 = 4;

/// Clears the room of an overlay, draws its frame and answers the room inside, with a blank column on each side.
pub fn overlay(look: &Look, title: &str, area: Rect, buffer: &mut Buffer) -> Rect {
    Clear.render(area, buffer);
    let title = vec![
        Span::styled(" ", look.styles.border),
        Span::styled(title.to_owned(), look.styles.title),
        Span::styled(" ", look.styles.border),
    ];
    let inner = pane(look, title, true, area, buffer);
    Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    }
}

/// On the lower edge of an overlay, how many lines are below what it shows.
pub fn draw_more_below(look: &Look, below: usize, room: Rect, buffer: &mut Buffer) {
    if below == 0 {
        return;
    }
    let words = format!(" {below} more below ");
    let edge = Rect {
        y: room.bottom(),
        height: 1,
        ..room
    };
    line(
        vec![super::text::from_ui(words, look.styles.dim)],
        edge,
        0,
        buffer,
    );
}

/// A room of at most this size in the middle of another.
pub fn centered(area: Rect, columns: u16, rows: u16) -> Rect {
    let (width, height) = (columns.min(area.width), rows.min(area.height));
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

/// Draws an overlay in the middle of an area, so many columns wide, and as high as what it shows and no less than `least`
/// rows inside. It is drawn twice: how high it is is known when it was drawn once.
pub fn fitted(
    look: &Look,
    title: &str,
    area: Rect,
    (columns, least): (u16, u16),
    buffer: &mut Buffer,
    draw: impl Fn(Rect, &mut Buffer),
) {
    let spot = centered(area, columns, area.height);
    let inside = Rect {
        x: spot.x + HORIZONTAL_INSET / 2,
        y: spot.y + 1,
        width: spot.width.saturating_sub(HORIZONTAL_INSET),
        height: spot.height.saturating_sub(2),
    };
    let mut scratch = Buffer::empty(area);
    draw(inside, &mut scratch);
    let is_used = |row: &u16| {
        let y = inside.y + row;
        let mut cells = (inside.left()..inside.right()).filter_map(|x| scratch.cell((x, y)));
        cells.any(|cell| cell.symbol() != " ")
    };
    let last = (0..inside.height).rev().find(is_used);
    let rows = last.map_or(1, |last| last + 1).max(least) + 2;
    let room = overlay(look, title, centered(area, columns, rows), buffer);
    draw(room, buffer);
}

/// Puts spans on a line of a room; what does not fit is cut, and a sign says so.
pub fn line(spans: Vec<Span<'static>>, room: Rect, row: u16, buffer: &mut Buffer) {
    if row < room.height {
        let spans = Line::from(spans).spans;
        cells::draw_spans(&spans, (room.x, room.y + row), room.width, buffer);
        let whole = usize::from(room.width);
        let bytes: usize = spans.iter().map(|span| span.content.len()).sum();
        // Hardly any line has more bytes than columns.
        if bytes > whole && whole > 0 && trimmed_width(&spans) > whole {
            let at = (room.right().saturating_sub(1), room.y + row);
            if let Some(cell) = buffer.cell_mut(at) {
                let style = cell.style().add_modifier(super::text::ELLIPSIS_STYLE);
                cell.set_symbol(super::text::ELLIPSIS).set_style(style);
            }
        }
    }
}

/// The columns of spans without the blanks at their end.
fn trimmed_width(spans: &[Span<'static>]) -> usize {
    let mut columns = 0;
    let mut last = 0;
    for span in spans {
        let words = span.content.trim_end();
        if !words.is_empty() {
            last = columns + unicode_width::UnicodeWidthStr::width(words);
        }
        columns += span.width();
    }
    last
}

/// Our own words on as many lines as they need, from a row on; answers the row after. What has no room there is not drawn.
pub fn wrapped(words: &str, style: Style, room: Rect, row: u16, buffer: &mut Buffer) -> u16 {
    on_lines(words, style, room, (row, u16::MAX), buffer)
}

/// Our own words on the lines that are left from a row on; the last of them is cut where they need more. Answers the row
/// after.
pub fn wrapped_or_cut(words: &str, style: Style, room: Rect, row: u16, buffer: &mut Buffer) -> u16 {
    on_lines(
        words,
        style,
        room,
        (row, room.height.saturating_sub(1)),
        buffer,
    )
}

fn on_lines(
    words: &str,
    style: Style,
    room: Rect,
    (first, last): (u16, u16),
    buffer: &mut Buffer,
) -> u16 {
    let mut row = first;
    let mut text = String::new();
    for word in words.split_whitespace() {
        let width = unicode_width::UnicodeWidthStr::width(&text[..])
            + unicode_width::UnicodeWidthStr::width(word)
            + 1;
        if !text.is_empty() && width > usize::from(room.width) && row < last {
            line(
                vec![super::text::from_ui(std::mem::take(&mut text), style)],
                room,
                row,
                buffer,
            );
            row += 1;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    if !text.is_empty() {
        line(vec![super::text::from_ui(text, style)], room, row, buffer);
        row += 1;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, glyphs::Glyphs};

    #[test]
    fn what_is_cut_behind_a_wide_gap_has_its_sign() {
        let drawn = |columns: u16| {
            let area = Rect::new(0, 0, columns, 1);
            let mut buffer = Buffer::empty(area);
            let spans = vec![Span::raw("key        "), Span::raw("does it  ")];
            line(spans, area, 0, &mut buffer);
            let cells = buffer.content.iter().map(ratatui::buffer::Cell::symbol);
            cells.collect::<String>()
        };
        assert_eq!(drawn(20), "key        does it  ");
        assert_eq!(drawn(18), "key        does it");
        assert_eq!(drawn(17), "key        does …");
        assert_eq!(drawn(12), "key        …");
    }

    #[test]
    fn a_frame_is_the_block_that_ratatui_draws() {
        let config = Config::default();
        let look = Look {
            styles: config.theme.styles,
            glyphs: config.theme.glyphs(),
        };
        let glyphs: &Glyphs = look.glyphs;
        for (columns, rows) in [(20, 6), (20, 3), (20, 2), (5, 5), (2, 4), (1, 4)] {
            let mut buffers = [(); 2].map(|()| Buffer::empty(Rect::new(0, 0, 24, 8)));
            let area = Rect::new(3, 1, columns, rows);
            let title = || vec![Span::raw(" a title ")];
            let inner = pane(&look, title(), true, area, &mut buffers[0]);
            let block = Block::bordered()
                .border_set(glyphs.border)
                .border_style(look.styles.border_focused)
                .title(Line::from(title()));
            assert_eq!(inner, block.inner(area));
            block.render(area, &mut buffers[1]);
            assert_eq!(buffers[0], buffers[1], "{columns}x{rows}");
        }
    }
}
