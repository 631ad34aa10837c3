//! The items of a JSON document that is cut off, or broken within: one broken item costs itself alone.

/// What the array is called that holds the items of a document.
pub(super) const LISTS: [&str; 4] = ["data", "items", "results", "response"];

/// The items of a list, as they are written. What stands between them is passed over.
pub(super) struct Pieces<'d> {
    rest: &'d [u8],
    /// The list has an end of its own; objects one behind the other have none.
    is_list: bool,
    /// The list was read to its end.
    pub(super) ended: bool,
}

/// The items of the list that a document holds, or the objects that stand in it one behind the other.
pub(super) fn of(document: &[u8]) -> Pieces<'_> {
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let document = document.trim_ascii_start();
    let begin = list_begin(document);
    Pieces {
        rest: &document[begin.unwrap_or(0)..],
        is_list: begin.is_some(),
        ended: begin.is_none(),
    }
}

/// Where the first item of the list is.
fn list_begin(document: &[u8]) -> Option<usize> {
    match document.first()? {
        b'[' => return Some(1),
        b'{' => {}
        _ => return None,
    }
    let (mut depth, mut at, mut name) = (0_usize, 0, &b""[..]);
    while let Some(byte) = document.get(at) {
        match byte {
            b'"' => {
                let end = string_end(document, at)?;
                if depth == 1 {
                    name = &document[at + 1..end - 1];
                }
                at = end;
                continue;
            }
            b'[' if depth == 1 && LISTS.iter().any(|list| list.as_bytes() == name) => {
                return Some(at + 1);
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1).filter(|depth| *depth > 0)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the quote that ends a string.
fn string_end(text: &[u8], begin: usize) -> Option<usize> {
    let mut at = begin + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Behind the bracket that ends a value.
fn value_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

impl<'d> Iterator for Pieces<'d> {
    type Item = &'d [u8];

    fn next(&mut self) -> Option<&'d [u8]> {
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
        let blanks = self.rest.iter().take_while(|byte| is_between(byte)).count();
        let rest = &self.rest[blanks..];
        let end = match rest.first() {
            None => None,
            Some(b']') if self.is_list => {
                self.ended = true;
                None
            }
            Some(b'{' | b'[' | b'"') => {
                let end = if rest.starts_with(b"\"") {
                    string_end(rest, 0)
                } else {
                    value_end(rest)
                };
                self.ended &= end.is_some();
                end
            }
            Some(_) => {
                let parting = |byte: &u8| matches!(byte, b',' | b']' | b'{' | b'\n');
                let length = rest[1..].iter().position(parting);
                Some(1 + length.unwrap_or(rest.len() - 1))
            }
        };
        let (piece, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = if end.is_some() { rest } else { &[] };
        end.map(|_| piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(document: &str) -> (Vec<&str>, bool) {
        let mut pieces = of(document.as_bytes());
        let mut all = Vec::new();
        for piece in pieces.by_ref() {
            all.push(std::str::from_utf8(piece).unwrap());
        }
        (all, pieces.ended)
    }

    #[test]
    fn items_are_parted_by_brackets_and_told_from_what_was_cut() {
        for (document, expected, ended) in [
            (
                r#"[{"a":1},{"b":"]}"}]"#,
                &[r#"{"a":1}"#, r#"{"b":"]}"}"#][..],
                true,
            ),
            (r#"[{"a":1},{"b":2"#, &[r#"{"a":1}"#], false),
            (r#"[{"a":1},"#, &[r#"{"a":1}"#], false),
            (
                r#"[{"a":x},7,{"b":2}]"#,
                &[r#"{"a":x}"#, "7", r#"{"b":2}"#],
                true,
            ),
            (
                r#"{"n":[0],"data":[{"a":"\""},{"b"#,
                &[r#"{"a":"\""}"#],
                false,
            ),
            (r#"{"data":[{"a":1}],"x":"#, &[r#"{"a":1}"#], true),
            (r#"{"a":1}{"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#], true),
            (r#"["a",7,"b"#, &[r#""a""#, "7"], false),
            (r#"{"a":1}{"b""#, &[r#"{"a":1}"#], false),
            ("[", &[], false),
            ("", &[], true),
        ] {
            assert_eq!(items(document), (expected.to_vec(), ended), "{document}");
        }
    }
}
