//! The shortest way of the cursor.

use super::capability::TerminalCapabilities;

/// Where the terminal's cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CursorState {
    /// Nobody knows: only an absolute position helps.
    Unknown,
    /// In a column of a row.
    Known(usize, usize),
    /// Behind the last column of a row: terminals differ in what they call that, but not in what leads to its start.
    Edge(usize),
}

/// Moves the cursor to a column of a row.
pub(super) fn move_to(
    facts: TerminalCapabilities,
    from: CursorState,
    column: usize,
    row: usize,
    out: &mut Vec<u8>,
) {
    let best = shortest_move(facts, from, column, row);
    out.extend_from_slice(&best);
}

/// How many bytes the way takes.
pub(super) fn move_length(
    facts: TerminalCapabilities,
    from: CursorState,
    column: usize,
    row: usize,
) -> usize {
    shortest_move(facts, from, column, row).len()
}

fn shortest_move(
    facts: TerminalCapabilities,
    from: CursorState,
    column: usize,
    row: usize,
) -> Vec<u8> {
    if from == CursorState::Known(column, row) {
        return Vec::new();
    }
    let mut best = absolute_move(column, row);
    if !facts.relative_moves {
        return best;
    }
    let (start, at, here) = match from {
        CursorState::Unknown => return best,
        CursorState::Known(at, here) => (Vec::new(), at, here),
        CursorState::Edge(here) => (b"\r".to_vec(), 0, here),
    };
    let mut stepped = start;
    stepped.extend(vertical_move(here, row));
    stepped.extend(horizontal_move(at, column));
    if stepped.len() < best.len() {
        best = stepped;
    }
    best
}

fn absolute_move(column: usize, row: usize) -> Vec<u8> {
    let mut out = b"\x1b[".to_vec();
    if column > 0 || row > 0 {
        decimal(row + 1, &mut out);
    }
    if column > 0 {
        out.push(b';');
        decimal(column + 1, &mut out);
    }
    out.push(b'H');
    out
}

fn vertical_move(from: usize, to: usize) -> Vec<u8> {
    let down = to.saturating_sub(from);
    if from == to {
        return Vec::new();
    }
    // A line feed keeps the column: the terminal is raw. It never scrolls, for the row below is on the screen.
    if (1..=3).contains(&down) {
        return vec![b'\n'; down];
    }
    let by = if down > 0 {
        sequence(down, b'B')
    } else {
        sequence(from - to, b'A')
    };
    pick_shorter(by, sequence(to + 1, b'd'))
}

fn horizontal_move(from: usize, to: usize) -> Vec<u8> {
    if from == to {
        return Vec::new();
    }
    let mut from_start = b"\r".to_vec();
    if to > 0 {
        from_start.extend(sequence(to, b'C'));
    }
    let by = if to > from {
        sequence(to - from, b'C')
    } else if from - to <= 3 {
        vec![8; from - to]
    } else {
        sequence(from - to, b'D')
    };
    pick_shorter(pick_shorter(by, from_start), sequence(to + 1, b'G'))
}

fn pick_shorter(one: Vec<u8>, other: Vec<u8>) -> Vec<u8> {
    if other.len() < one.len() { other } else { one }
}

/// A control sequence with one number, which is left out where it is one.
pub(super) fn sequence(number: usize, end: u8) -> Vec<u8> {
    let mut out = b"\x1b[".to_vec();
    if number != 1 {
        decimal(number, &mut out);
    }
    out.push(end);
    out
}

/// A number in decimal.
pub(super) fn decimal(number: usize, out: &mut Vec<u8>) {
    if number >= 10 {
        decimal(number / 10, out);
    }
    out.push(b'0' + (number % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone(from: CursorState, column: usize, row: usize) -> String {
        String::from_utf8(shortest_move(
            TerminalCapabilities::from_term("xterm"),
            from,
            column,
            row,
        ))
        .unwrap()
    }

    #[test]
    fn the_cursor_takes_the_shortest_way() {
        assert_eq!(gone(CursorState::Unknown, 0, 0), "\x1b[H");
        assert_eq!(gone(CursorState::Unknown, 0, 9), "\x1b[10H");
        assert_eq!(gone(CursorState::Unknown, 4, 9), "\x1b[10;5H");
        assert_eq!(gone(CursorState::Known(4, 9), 4, 9), "");
        assert_eq!(gone(CursorState::Known(2, 9), 1, 10), "\n\x08");
        assert_eq!(gone(CursorState::Known(2, 9), 1, 8), "\x1b[A\x08");
        assert_eq!(gone(CursorState::Known(90, 9), 0, 10), "\n\r");
        assert_eq!(gone(CursorState::Edge(9), 1, 10), "\r\n\x1b[C");
        assert_eq!(gone(CursorState::Known(2, 9), 30, 9), "\x1b[28C");
        assert_eq!(gone(CursorState::Known(20, 9), 20, 40), "\x1b[31B");
        let plain = shortest_move(TerminalCapabilities::PLAIN, CursorState::Known(2, 9), 1, 9);
        assert_eq!(plain, b"\x1b[10;2H");
    }
}
