//! Where lines end in text that somebody typed, pasted or wrote to a file: at LF, at CR LF and at CR alone.

/// The lines of a text without their ends. A line end at the very end of the text begins no further line.
pub fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let (line, after) = match find_line_end(text.as_bytes()) {
            Some((end, next)) => (&text[..end], &text[next..]),
            None => (text, ""),
        };
        rest = Some(after).filter(|after| !after.is_empty());
        Some(line)
    })
}

/// The first line of bytes, without its end.
pub fn first_line(bytes: &[u8]) -> &[u8] {
    find_line_end(bytes).map_or(bytes, |(end, _)| &bytes[..end])
}

/// Bytes without the one line end that closes them; `None` where a line end is left, so that they are several lines.
pub fn single_line(bytes: &[u8]) -> Option<&[u8]> {
    match find_line_end(bytes) {
        None => Some(bytes),
        Some((end, next)) => (next == bytes.len()).then(|| &bytes[..end]),
    }
}

/// Where the first line ends and where the next one begins.
fn find_line_end(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = memchr::memchr2(b'\r', b'\n', bytes)?;
    let two = bytes[end..].starts_with(b"\r\n");
    Some((end, end + 1 + usize::from(two)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_three_ends_is_one() {
        for end in ["\n", "\r", "\r\n"] {
            let text = format!("a{end}{end} b{end}");
            assert_eq!(
                split_lines(&text).collect::<Vec<_>>(),
                ["a", "", " b"],
                "{end:?}"
            );
            assert_eq!(first_line(text.as_bytes()), b"a");
            assert_eq!(single_line(text.as_bytes()), None);
            assert_eq!(single_line(format!("a{end}").as_bytes()), Some(&b"a"[..]));
        }
        assert_eq!(split_lines("").count(), 0);
        assert_eq!(split_lines("\n").collect::<Vec<_>>(), [""]);
        assert_eq!(split_lines("a\n\rb").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(single_line(b""), Some(&b""[..]));
        assert_eq!(single_line(b"a\n\r"), None);
    }
}
