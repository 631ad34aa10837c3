//! Paints what changed of a row.

use super::{
    capability::TerminalCapabilities,
    cell::RenderCell,
    cursor::{self, CursorState, sequence},
    style::{self, CellStyle},
};
use zeroize::Zeroize as _;

/// What the terminal has in hand: its style, and where its cursor is.
#[derive(Clone, Copy, Debug)]
pub(super) struct TerminalState {
    pub(super) style: CellStyle,
    pub(super) cursor: CursorState,
}

impl TerminalState {
    pub(super) fn set_style(&mut self, to: CellStyle, out: &mut Vec<u8>) {
        style::write_transition(self.style, to, out);
        self.style = to;
    }

    /// Makes sure that what is erased is blank.
    pub(super) fn reset_background(&mut self, out: &mut Vec<u8>) {
        if !self.style.erases_to_default() {
            self.set_style(self.style.nearest_for_blank(CellStyle::DEFAULT), out);
        }
    }

    pub(super) fn move_to(
        &mut self,
        facts: TerminalCapabilities,
        column: usize,
        row: usize,
        out: &mut Vec<u8>,
    ) {
        cursor::move_to(facts, self.cursor, column, row, out);
        self.cursor = CursorState::Known(column, row);
    }
}

/// More bytes than a column takes nearly ever: its style and its character.
const COLUMN: usize = 64;

/// From so many blanks on, erasing them is looked at.
const MIN_ERASED_BLANKS: usize = 4;

/// Paints a row: over what is there, or on what is left of it after erasing, whichever takes fewer bytes.
pub(super) fn paint(
    facts: TerminalCapabilities,
    row: usize,
    from: &[RenderCell],
    to: &[RenderCell],
    hand: &mut TerminalState,
    out: &mut Vec<u8>,
) {
    let changed = changed_columns(from, to);
    let Some(first) = changed.iter().position(|changed| *changed) else {
        return;
    };
    let room = room(to.len());
    let mut over = Vec::with_capacity(room);
    let mut after = *hand;
    paint_changed(facts, row, &changed, to, &mut after, &mut over);
    // Painting one word over another is never longer than erasing the rest of the row first.
    // Where a width is in doubt, what runs over has to be painted over.
    if facts.erase_line && over.len() > 24 && !to.iter().any(|tile| tile.ambiguous_width) {
        let mut anew = Vec::with_capacity(room);
        let mut hand_anew = *hand;
        hand_anew.move_to(facts, first, row, &mut anew);
        hand_anew.reset_background(&mut anew);
        anew.extend_from_slice(b"\x1b[K");
        let changes = changed.clone();
        let mut left = changed;
        for (column, left) in left.iter_mut().enumerate().skip(first) {
            *left = to.get(column).is_some_and(|tile| !tile.is_bare());
        }
        paint_changed(facts, row, &left, to, &mut hand_anew, &mut anew);
        if anew.len() < over.len() {
            std::mem::swap(&mut over, &mut anew);
            after = hand_anew;
        }
        // A password may be in the row.
        anew.as_mut_slice().zeroize();
        // What stands behind what changes, such as a frame, need not be painted again.
        let last = changes
            .iter()
            .rposition(|changed| *changed)
            .unwrap_or(first);
        let behind = to.get(last + 1..).unwrap_or_default();
        if facts.erase_cells && behind.iter().any(|tile| !tile.is_bare()) {
            let mut within = Vec::with_capacity(room);
            let mut hand_within = *hand;
            hand_within.move_to(facts, first, row, &mut within);
            hand_within.reset_background(&mut within);
            within.extend(sequence(last + 1 - first, b'X'));
            let mut left = changes;
            for (column, left) in left.iter_mut().enumerate() {
                let is_erased = (first..=last).contains(&column);
                *left = is_erased && to.get(column).is_some_and(|tile| !tile.is_bare());
            }
            paint_changed(facts, row, &left, to, &mut hand_within, &mut within);
            if within.len() < over.len() {
                std::mem::swap(&mut over, &mut within);
                after = hand_within;
            }
            within.as_mut_slice().zeroize();
        }
    }
    out.extend_from_slice(&over);
    over.as_mut_slice().zeroize();
    *hand = after;
}

/// Room for the bytes of a row of so many columns, so that nothing is left behind by growing.
pub(super) fn room(columns: usize) -> usize {
    columns * COLUMN + 256
}

/// Which columns are painted: those that differ, the whole of a wide character where a half differs, and the whole row
/// where a width is in doubt.
fn changed_columns(from: &[RenderCell], to: &[RenderCell]) -> Vec<bool> {
    let mut changed: Vec<bool> = from.iter().zip(to).map(|(from, to)| from != to).collect();
    if !changed.contains(&true) {
        return changed;
    }
    let mut tiles = from.iter().chain(to);
    if tiles.clone().any(|tile| tile.ambiguous_width) {
        changed.fill(true);
        return changed;
    }
    if tiles.any(|tile| tile.columns == 2) {
        let mut grows = true;
        while grows {
            grows = false;
            for sheet in [from, to] {
                for (column, tile) in sheet.iter().enumerate() {
                    if tile.columns == 2
                        && let Some([one, other]) = changed.get_mut(column..column + 2)
                        && *one != *other
                    {
                        (*one, *other, grows) = (true, true, true);
                    }
                }
            }
        }
    }
    changed
}

/// Paints the columns that changed: from left to right or colour by colour, whichever takes fewer bytes.
fn paint_changed(
    facts: TerminalCapabilities,
    row: usize,
    changed: &[bool],
    to: &[RenderCell],
    hand: &mut TerminalState,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    let before = *hand;
    paint_left_to_right(facts, row, changed, to, hand, out);
    // Painting colour by colour takes at least a step of the cursor for each change of colour that it saves.
    let Some(mut groups) = style_groups(changed, to, before.style) else {
        return;
    };
    let mut grouped = Vec::with_capacity(room(to.len()));
    let mut after = before;
    // The next one is always that which the pen comes to in the fewest bytes.
    while let Some(next) = nearest_group(&groups, after.style) {
        let (_, columns) = groups.swap_remove(next);
        paint_left_to_right(facts, row, &columns, to, &mut after, &mut grouped);
    }
    if grouped.len() < out.len() - start {
        out[start..].zeroize();
        out.truncate(start);
        out.extend_from_slice(&grouped);
        *hand = after;
    }
    grouped.as_mut_slice().zeroize();
}

/// The place of the group whose style is reached from that of the pen in the fewest bytes.
fn nearest_group(groups: &[(CellStyle, Vec<bool>)], pen: CellStyle) -> Option<usize> {
    let mut way = Vec::with_capacity(48);
    let mut length = |to: CellStyle| {
        way.clear();
        style::write_transition(pen, to, &mut way);
        way.len()
    };
    let ways = groups.iter().map(|(to, _)| length(*to)).enumerate();
    let nearest = ways.min_by_key(|(_, length)| *length);
    nearest.map(|(place, _)| place)
}

/// The columns that changed by their style, that of the pen first. `None` where nothing is saved by it: no style comes
/// back after another one, or the place of a character depends on those before it.
fn style_groups(
    changed: &[bool],
    to: &[RenderCell],
    pen: CellStyle,
) -> Option<Vec<(CellStyle, Vec<bool>)>> {
    if to.iter().any(|tile| tile.ambiguous_width) {
        return None;
    }
    let mut groups: Vec<(CellStyle, Vec<bool>)> = vec![(pen, vec![false; to.len()])];
    let (mut current, mut returns) = (0, false);
    for (column, tile) in to.iter().enumerate() {
        if changed.get(column) != Some(&true) || tile.columns == 0 {
            continue;
        }
        if !groups
            .get(current)
            .is_some_and(|(style, _)| matches(*style, tile))
        {
            if let Some(found) = groups.iter().position(|(style, _)| matches(*style, tile)) {
                (current, returns) = (found, true);
            } else {
                current = groups.len();
                groups.push((tile.style, vec![false; to.len()]));
            }
        }
        if let Some(group) = groups
            .get_mut(current)
            .and_then(|(_, group)| group.get_mut(column))
        {
            *group = true;
        }
    }
    returns.then_some(groups)
}

fn paint_left_to_right(
    facts: TerminalCapabilities,
    row: usize,
    changed: &[bool],
    to: &[RenderCell],
    hand: &mut TerminalState,
    out: &mut Vec<u8>,
) {
    // From this column on there is nothing but blanks as erasing leaves them.
    let text = to.iter().rposition(|tile| !tile.is_bare());
    let text = text.map_or(0, |last| last + 1);
    let last = changed.iter().rposition(|changed| *changed);
    let end = last.map_or(0, |last| last + 1);
    let mut column = 0;
    while column < end {
        let Some(tile) = to.get(column) else { break };
        if changed.get(column) != Some(&true) || tile.columns == 0 {
            column += 1;
            continue;
        }
        if tile.is_bare() {
            if facts.erase_line && column >= text && end - column >= MIN_ERASED_BLANKS {
                hand.move_to(facts, column, row, out);
                hand.reset_background(out);
                out.extend_from_slice(b"\x1b[K");
                return;
            }
            let run = to.iter().skip(column).take(end - column);
            let run = run.take_while(|tile| tile.is_bare()).count();
            if facts.erase_cells
                && run >= MIN_ERASED_BLANKS
                && is_erase_shorter(facts, *hand, column, row, run)
            {
                hand.move_to(facts, column, row, out);
                hand.reset_background(out);
                out.extend(sequence(run, b'X'));
                column += run;
                continue;
            }
        }
        move_or_rewrite(facts, row, column, to, hand, out);
        write_cell(facts, tile, (column, row), to.len(), hand, out);
        column += 1;
    }
}

/// Whether a run of blanks is shorter to erase and to step over than to write.
fn is_erase_shorter(
    facts: TerminalCapabilities,
    hand: TerminalState,
    column: usize,
    row: usize,
    run: usize,
) -> bool {
    let mut pen = Vec::new();
    let mut clean = hand;
    clean.reset_background(&mut pen);
    let after = cursor::move_length(facts, CursorState::Known(column, row), column + run, row);
    pen.len() + sequence(run, b'X').len() + after < run
}

/// Brings the cursor to a column: by writing what lies between again where that is no longer than a step.
fn move_or_rewrite(
    facts: TerminalCapabilities,
    row: usize,
    column: usize,
    to: &[RenderCell],
    hand: &mut TerminalState,
    out: &mut Vec<u8>,
) {
    if let CursorState::Known(at, here) = hand.cursor
        && here == row
        && at < column
        && let Some(between) = to.get(at..column)
    {
        let step = cursor::move_length(facts, hand.cursor, column, row);
        let same = between
            .iter()
            .all(|tile| tile.columns == 1 && !tile.ambiguous_width && matches(hand.style, tile));
        if same && between.iter().map(RenderCell::length).sum::<usize>() <= step {
            for tile in between {
                tile.write(out);
            }
            hand.cursor = CursorState::Known(column, row);
            return;
        }
    }
    hand.move_to(facts, column, row, out);
}

/// Whether a style writes a tile as it shall look.
fn matches(pen: CellStyle, tile: &RenderCell) -> bool {
    pen == tile.style || (tile.is_blank() && pen.equals_on_blank(tile.style))
}

fn write_cell(
    facts: TerminalCapabilities,
    tile: &RenderCell,
    (column, row): (usize, usize),
    columns: usize,
    hand: &mut TerminalState,
    out: &mut Vec<u8>,
) {
    if !matches(hand.style, tile) {
        let to = if tile.is_blank() {
            hand.style.nearest_for_blank(tile.style)
        } else {
            tile.style
        };
        hand.set_style(to, out);
    }
    let next = column + usize::from(tile.columns);
    if tile.ambiguous_width {
        // Should it be narrower there than here, nothing of what stood there is left.
        out.extend(std::iter::repeat_n(b' ', usize::from(tile.columns)));
        hand.cursor = if next >= columns {
            CursorState::Edge(row)
        } else {
            CursorState::Known(next, row)
        };
        hand.move_to(facts, column, row, out);
        tile.write(out);
        hand.cursor = CursorState::Unknown;
        return;
    }
    tile.write(out);
    hand.cursor = if next >= columns {
        CursorState::Edge(row)
    } else {
        CursorState::Known(next, row)
    };
}
