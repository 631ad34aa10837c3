//! The one escape of values in Markdown: a code span, in which renderers make no link, no mention, no emphasis and no
//! HTML of text.

use crate::entity::visible;

/// Characters of a value that are shown.
const LONGEST: usize = 200;

/// A value as a code span. Values stand in list items only: never in a heading, a table, a link or a paragraph.
pub fn span(value: &[u8]) -> String {
    let shown = visible::escape(value);
    let mut text = if shown.has_escapes() {
        // Its own backslashes are doubled, so that an escape is known from them.
        let parts = shown.parts().map(|(is_escape, part)| {
            if is_escape {
                part.to_owned()
            } else {
                part.replace('\\', "\\\\")
            }
        });
        parts.collect()
    } else {
        shown.as_str().to_owned()
    };
    let length = text.chars().count();
    if length > LONGEST {
        text = text.chars().take(LONGEST).collect();
        text.push_str(&format!("…+{}", length - LONGEST));
    }
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    code(&text)
}

/// A printable text of one line as a code span, all of it: a command of ours.
pub fn code(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let edge = |c: Option<char>| matches!(c, Some('`' | ' '));
    // A blank at one edge alone is kept by renderers; one at both is taken off.
    let blank = if edge(text.chars().next()) || edge(text.chars().last()) {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_holds_whatever_it_is_given() {
        assert_eq!(span(b"a@b.example"), "`a@b.example`");
        assert_eq!(span(b""), "(empty)");
        assert_eq!(span(b"a`b"), "``a`b``");
        assert_eq!(span(b"`x"), "`` `x ``");
        assert!(!span(b"a\nb").contains('\n'));
        assert!(span("x".repeat(300).as_bytes()).ends_with("…+100`"));
    }
}
