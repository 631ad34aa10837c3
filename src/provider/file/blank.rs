//! Blanks of a line: SP and TAB.

/// Whether a byte is a blank.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Without the blanks before it.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    let begin = text.iter().take_while(|byte| is_blank(**byte)).count();
    &text[begin..]
}

/// Without the blanks behind it.
pub(super) fn trim_end(text: &[u8]) -> &[u8] {
    let behind = text
        .iter()
        .rev()
        .take_while(|byte| is_blank(**byte))
        .count();
    &text[..text.len() - behind]
}

/// Without the blanks at both ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}
