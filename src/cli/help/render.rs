//! A page of the guide as lines of a terminal: the few forms of Markdown that the pages have.

use crate::entity::visible::{escape, width, wrap};

/// Between two columns of a table.
const GAP: usize = 2;

/// A page in lines of at most `columns` columns; code stays as it is written. With `ascii` nothing else is in it.
pub(super) fn render(page: &str, columns: usize, ascii: bool) -> String {
    let mut out = Vec::new();
    // Before anything is laid out: a replacement may be wider than what it replaces.
    let plain_lines: Vec<String> = page
        .lines()
        .map(|line| if ascii { plain(line) } else { line.to_owned() })
        .collect();
    let lines: Vec<&str> = plain_lines.iter().map(String::as_str).collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = &lines[at..];
        at += if line.trim_start().starts_with("```") {
            code(rest, &mut out)
        } else if line.starts_with('|') {
            table(rest, columns, &mut out)
        } else {
            text(rest, columns, &mut out)
        };
    }
    // One blank line where there are more.
    out.dedup_by(|line, before| line.is_empty() && before.is_empty());
    let mut text = String::new();
    for line in out {
        // Blanks at the beginning of a line are ours.
        let indent = line.len() - line.trim_start().len();
        let line = format!("{:indent$}{}", "", escape(line.trim().as_bytes()).as_str());
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A block of code; how many lines it takes.
fn code(lines: &[&str], out: &mut Vec<String>) -> usize {
    let inside = lines.iter().skip(1);
    let block: Vec<&&str> = inside
        .take_while(|line| !line.trim_start().starts_with("```"))
        .collect();
    out.extend(block.iter().map(|line| format!("    {line}")));
    (block.len() + 2).min(lines.len())
}

/// A heading, an item of a list or a paragraph; how many lines it takes.
fn text(lines: &[&str], columns: usize, out: &mut Vec<String>) -> usize {
    let Some(first) = lines.first() else {
        return 1;
    };
    let trimmed = first.trim_start();
    if trimmed.is_empty() || (trimmed.starts_with("<!--") && trimmed.ends_with("-->")) {
        out.push(String::new());
        return 1;
    }
    if trimmed.starts_with("![") {
        // A terminal shows no picture.
        return 1;
    }
    if let Some(title) = trimmed.strip_prefix('#') {
        let title = inline(title.trim_start_matches('#').trim());
        out.push(String::new());
        out.push(if trimmed.starts_with("##") {
            title
        } else {
            title.to_uppercase()
        });
        out.push(String::new());
        return 1;
    }
    let (sign, indent) = sign(trimmed);
    let before = first.len() - trimmed.len();
    let more = lines.iter().skip(1).take_while(|line| continues(line));
    let more: Vec<&&str> = more.collect();
    let mut words = trimmed.get(sign.len()..).unwrap_or_default().to_owned();
    for line in &more {
        words.push(' ');
        words.push_str(line.trim());
    }
    let indent = before + indent;
    for (number, line) in wrap(&inline(&words), columns.saturating_sub(indent))
        .into_iter()
        .enumerate()
    {
        out.push(if number == 0 {
            format!("{:before$}{sign}{line}", "")
        } else {
            format!("{:indent$}{line}", "")
        });
    }
    more.len() + 1
}

/// What stands before an item of a list, and how far its other lines are moved in.
fn sign(line: &str) -> (&str, usize) {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = digits > 0
        && line
            .get(digits..)
            .is_some_and(|rest| rest.starts_with(". "));
    let length = if line.starts_with("- ") {
        2
    } else if numbered {
        digits + 2
    } else {
        0
    };
    (line.get(..length).unwrap_or_default(), length)
}

/// Whether a line goes on with the paragraph before it.
fn continues(line: &str) -> bool {
    let trimmed = line.trim_start();
    let begins = ["#", "|", "```", "<!--", "!["]
        .iter()
        .any(|begin| trimmed.starts_with(begin));
    !trimmed.is_empty() && !begins && sign(trimmed).1 == 0
}

/// A table; how many lines it takes.
fn table(lines: &[&str], columns: usize, out: &mut Vec<String>) -> usize {
    let block = lines.iter().take_while(|line| line.starts_with('|'));
    let block: Vec<&&str> = block.collect();
    let rows: Vec<Vec<String>> = block
        .iter()
        .filter(|line| !is_rule(line))
        .map(|line| cells(line))
        .collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let mut widths: Vec<usize> = (0..count)
        .map(|at| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| width(cell))
                .max()
                .unwrap_or_default()
        })
        .collect();
    narrow(&mut widths, columns);
    for row in &rows {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(&widths)
            .map(|(cell, room)| wrap(&broken(cell, *room), *room))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        for number in 0..height {
            let mut line = String::new();
            for (cell, room) in cells.iter().zip(&widths) {
                let part = cell.get(number).map_or("", String::as_str);
                line.push_str(part);
                line.push_str(&" ".repeat(room.saturating_sub(width(part)) + GAP));
            }
            out.push(line);
        }
    }
    block.len()
}

/// The words of a cell, those that are wider than its column in pieces that are not.
fn broken(cell: &str, columns: usize) -> String {
    let mut out = String::with_capacity(cell.len());
    for word in cell.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut piece = String::new();
        for letter in word.chars() {
            piece.push(letter);
            if width(&piece) > columns && piece.len() > letter.len_utf8() {
                piece.pop();
                out.push_str(&piece);
                out.push(' ');
                piece = letter.to_string();
            }
        }
        out.push_str(&piece);
    }
    out
}

/// The line between the titles and the rows.
fn is_rule(line: &str) -> bool {
    line.contains("--")
        && line
            .bytes()
            .all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '))
}

/// Takes from the widest columns until all of them fit.
fn narrow(widths: &mut [usize], columns: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > columns {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 6 => *widest -= 1,
            _ => return,
        }
    }
}

/// The cells of a row; a bar behind a backslash is a letter.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|');
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'|') => cell.extend(letters.next()),
            '|' => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| inline(cell.trim())).collect()
}

/// Words without the signs that a browser would make looks of. A link to elsewhere keeps its address.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix('`') {
            let end = behind.find('`').unwrap_or(behind.len());
            out.push_str(behind.get(..end).unwrap_or_default());
            rest = behind.get(end + 1..).unwrap_or_default();
        } else if let Some(behind) = rest.strip_prefix("**") {
            rest = behind;
        } else if let Some((name, address, behind)) = link(rest) {
            out.push_str(&inline(name));
            if address.contains("://") {
                out.push_str(" (");
                out.push_str(address);
                out.push(')');
            }
            rest = behind;
        } else {
            out.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// `[name](address)` at the beginning of a text, and what is behind it.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (name, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    (!name.contains(['[', ']'])).then_some((name, address, behind))
}

/// The same in ASCII.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for letter in line.chars() {
        match letter {
            '\u{2026}' => out.push_str("..."),
            '\u{2013}' | '\u{2014}' => out.push('-'),
            '\u{2264}' => out.push_str("<="),
            '\u{2265}' => out.push_str(">="),
            '\u{2192}' => out.push_str("->"),
            '\u{d7}' => out.push('x'),
            '\u{b7}' => out.push('.'),
            '\u{2018}' | '\u{2019}' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{25b2}' => out.push('^'),
            '\u{25bc}' => out.push('v'),
            other if other.is_ascii() => out.push(other),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# A page\n\nA paragraph with `code`, **weight**, a [page](keys.md)\nand [one elsewhere](https://x.example).\n\n- an item that is longer than a line of thirty\n- \u{2026}\n\n```text\n  code   stays\n```\n\n| a | what |\n|---|---|\n| `x\\|y` | words that need more than one line |\n";

    #[test]
    fn a_page_fits_its_lines() {
        let text = render(PAGE, 30, true);
        let expected = "\
A PAGE

A paragraph with code, weight,
a page and one elsewhere
(https://x.example).

- an item that is longer than
  a line of thirty
- ...

      code   stays

a    what
x|y  words that need more than
     one line
";
        assert_eq!(text.trim_start(), expected);
        assert!(text.is_ascii());
    }

    #[test]
    fn a_word_that_is_wider_than_its_column_is_broken() {
        assert_eq!(broken("ab  abcdefg h", 3), "ab abc def g h");
        assert_eq!(broken("\u{4e00}\u{4e00}", 1), "\u{4e00} \u{4e00}");
    }

    #[test]
    fn every_page_of_the_guide_fits_an_80_column_terminal_but_for_its_code() {
        for page in crate::guide::PAGES {
            let text = render(page.text, 80, true);
            assert!(text.is_ascii(), "{}", page.name);
            for line in text.lines().filter(|line| !line.starts_with("    ")) {
                assert!(width(line) <= 80, "{}: {line}", page.name);
            }
        }
    }
}
