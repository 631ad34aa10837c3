//! A file of ids: one key or id a line. It is read piece by piece, so that one without an end costs nothing, and what is
//! no such file is refused with what it looks like instead of being taken for ids that nothing has.

mod foreign_format;

pub use foreign_format::ForeignFormat;

use super::{
    key::{EntityKey, KeyError, Kind},
    visible,
};
use indexmap::{IndexMap, map::Entry};
use std::fmt::Write as _;

/// No file of ids is longer, in bytes: a million keys take less.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// No line of one is longer, in bytes.
pub const MAX_LINE_BYTES: usize = 4_096;

/// No file of ids has more lines.
pub const MAX_LINES: usize = 2_000_000;

/// As many wrong lines are named.
const MAX_LISTED_LINES: usize = 5;

/// What a line names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LeakIdentifier {
    /// A leak, whole.
    Key(EntityKey),
    /// A provider's id, whose profile is the only one in play.
    Id(String),
}

impl LeakIdentifier {
    /// Reads a key or an id.
    ///
    /// # Errors
    /// What is wrong with it, in our words.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.parse::<EntityKey>() {
            Ok(key) if key.kind == Kind::Leak => Ok(Self::Key(key)),
            Ok(key) => Err(format!("this is the key of a {}, not of a leak", key.kind)),
            Err(KeyError::Parts) => Ok(Self::Id(text.to_owned())),
            Err(error @ (KeyError::Profile | KeyError::Kind)) => Err(error.to_string()),
        }
    }
}

/// One word of a file, where it stood first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdEntry {
    /// The key or id.
    pub identifier: LeakIdentifier,
    /// Its line, from 1.
    pub line: usize,
    /// What the line looks like, where that is not one key: it counts only where a leak has exactly this key.
    pub foreign_format: Option<ForeignFormat>,
}

/// Why a file of ids is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, and in which line.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

/// What to do where nothing better is known.
pub const ID_HINT: &str = "give one key a line, profile:leak:id, as stanch leaks list prints it, or one id a line with one profile";

/// Takes a file in, piece by piece.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    /// How many lines are complete.
    lines: usize,
    bytes: u64,
    /// The last byte ended a line as CR: a LF behind it ends the same one.
    after_cr: bool,
    entries: IndexMap<LeakIdentifier, (usize, Option<ForeignFormat>)>,
    wrong_lines: Vec<usize>,
    unlisted_wrong_lines: usize,
    first_error: Option<(String, Option<ForeignFormat>)>,
}

impl Reader {
    /// Takes the next piece.
    ///
    /// # Errors
    /// When the file cannot be one of ids, whatever follows.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        if let Some(look) = foreign_format::detect_in_bytes(piece, self.bytes == 0) {
            return Err(look.refusal(None));
        }
        let begun = self.bytes > 0;
        self.bytes += piece.len() as u64;
        if self.bytes > MAX_FILE_BYTES {
            return Err(Refusal {
                message: format!("it is longer than {} MiB", MAX_FILE_BYTES >> 20),
                hint: "give a part of the keys at a time",
            });
        }
        let piece = match piece.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if !begun => rest,
            _ => piece,
        };
        let mut rest = piece;
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            let continued = std::mem::take(&mut self.after_cr) && end == 0 && rest[0] == b'\n';
            if !continued {
                self.extend(&rest[..end])?;
                self.end_line();
                if self.lines > MAX_LINES {
                    return Err(Refusal {
                        message: format!("it has more than {MAX_LINES} lines"),
                        hint: "give a part of the keys at a time",
                    });
                }
            }
            self.after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            self.after_cr = false;
            self.extend(rest)?;
        }
        Ok(())
    }

    fn extend(&mut self, part: &[u8]) -> Result<(), Refusal> {
        if self.line.len() + part.len() > MAX_LINE_BYTES {
            return Err(Refusal {
                message: format!(
                    "line {} is longer than {MAX_LINE_BYTES} bytes: it is no id and no key",
                    self.lines + 1
                ),
                hint: ID_HINT,
            });
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.lines += 1;
        match Self::read(&line) {
            Ok(None) => {}
            Ok(Some((word, look))) => {
                if let Entry::Vacant(place) = self.entries.entry(word) {
                    place.insert((self.lines, look));
                }
            }
            Err((why, look)) => {
                if self.wrong_lines.len() < MAX_LISTED_LINES {
                    self.wrong_lines.push(self.lines);
                } else {
                    self.unlisted_wrong_lines += 1;
                }
                self.first_error.get_or_insert((why, look));
            }
        }
        // The buffer goes on to the next line.
        self.line = line;
        self.line.clear();
    }

    /// What a line says: nothing, a word and whether it is a doubtful one, or why it is neither.
    #[expect(clippy::type_complexity, reason = "two results of a word and its look")]
    fn read(
        line: &[u8],
    ) -> Result<Option<(LeakIdentifier, Option<ForeignFormat>)>, (String, Option<ForeignFormat>)>
    {
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(("it is not UTF-8".to_owned(), Some(ForeignFormat::Encoding)));
        };
        // Blanks of any kind and characters that are not seen come with a copy out of a document or a chat.
        let text = text.trim_matches(|c: char| c.is_whitespace() || visible::is_hidden(c));
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let look = foreign_format::detect_in_line(text);
        match (LeakIdentifier::parse(text), look) {
            (Ok(word @ LeakIdentifier::Key(_)), look) => Ok(Some((word, look))),
            (Ok(word @ LeakIdentifier::Id(_)), None) => Ok(Some((word, None))),
            (Ok(LeakIdentifier::Id(_)) | Err(_), Some(look)) => Err((look.to_string(), Some(look))),
            (Err(why), None) => Err((why, None)),
        }
    }

    /// The words, each once, in their order.
    ///
    /// # Errors
    /// When a line is neither a key nor an id.
    pub fn finish(mut self) -> Result<Vec<IdEntry>, Refusal> {
        if !self.line.is_empty() {
            self.end_line();
        }
        if let Some((why, look)) = &self.first_error {
            let none = self.entries.is_empty();
            return Err(self.refusal_for(why, *look, none));
        }
        let words = self.entries.into_iter();
        Ok(words
            .map(|(word, (line, look))| IdEntry {
                identifier: word,
                line,
                foreign_format: look,
            })
            .collect())
    }

    fn refusal_for(&self, why: &str, look: Option<ForeignFormat>, none: bool) -> Refusal {
        let mut message = if none && self.wrong_lines.len() > 1 {
            "no line of it is an id or a key".to_owned()
        } else {
            format!(
                "{} no id and no key",
                line_list_text(&self.wrong_lines, self.unlisted_wrong_lines)
            )
        };
        // Writing to a string cannot fail.
        let _ = write!(message, ": {why}");
        Refusal {
            message,
            hint: look.map_or(ID_HINT, ForeignFormat::hint),
        }
    }
}

/// Lines by their numbers, and the verb: `line 3 is`, `lines 3, 7 and 12 more are`.
pub fn line_list_text(lines: &[usize], more: usize) -> String {
    let mut parts: Vec<_> = lines.iter().map(usize::to_string).collect();
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    match &parts[..] {
        [one] => format!("line {one} is"),
        [parts @ .., last] => format!("lines {} and {last} are", parts.join(", ")),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<String>, Refusal> {
        let whole = {
            let mut reader = Reader::default();
            reader.push(bytes).and_then(|()| reader.finish())
        };
        // However it comes, the answer is the same.
        for size in [1, 2, 3, 7, 64] {
            let mut reader = Reader::default();
            let pieces = bytes.chunks(size).try_for_each(|piece| reader.push(piece));
            let again = pieces.and_then(|()| reader.finish());
            // What a file looks like by its first bytes needs them in one piece.
            if size == 64 || (!bytes.contains(&0) && bytes.first() != Some(&0xff)) {
                assert_eq!(again, whole, "{size}");
            }
        }
        whole.map(|words| {
            let shown = words.into_iter().map(|given| match given.identifier {
                LeakIdentifier::Key(key) => format!("{}={key}", given.line),
                LeakIdentifier::Id(id) => format!("{}={id}", given.line),
            });
            shown.collect()
        })
    }

    #[test]
    fn lines_end_in_any_way_and_blanks_comments_and_repeats_do_not_count() {
        for text in [
            "\u{feff}# ids\r\n\r\nacme:leak:1\r\n  2 \r\n\r\n2\r\n#3\r\n",
            "# ids\n\nacme:leak:1\n2\n\n2\n#3",
            "# ids\r\racme:leak:1\r\u{a0}2\u{200b}\r\r2\r#3\r",
            "# ids\n\n\u{202a}acme:leak:1\u{202c}\n\t2\u{3000}\n",
        ] {
            let words = read(text.as_bytes()).unwrap();
            assert_eq!(words, ["3=acme:leak:1", "4=2"], "{text:?}");
        }
        assert_eq!(read(b"").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_file_of_ids_is_told_by_what_it_looks_like() {
        let id = "abe13a0ccb84841f72862256eea24769";
        let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
            let text = format!("{id}\r\n{id}\r\n");
            let units = text.encode_utf16().flat_map(bytes);
            mark.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        for (bytes, near) in [
            (utf16(u16::to_le_bytes, b"\xff\xfe"), "UTF-16"),
            (utf16(u16::to_be_bytes, b"\xfe\xff"), "UTF-16"),
            (utf16(u16::to_le_bytes, b""), "UTF-16"),
            (utf16(u16::to_be_bytes, b""), "UTF-16"),
            (b"\xff\xfe\0\0a\0\0\0".to_vec(), "UTF-32"),
            (format!("{id}\0{id}\0").into_bytes(), "NUL"),
            (vec![0; 100], "NUL"),
            (b"PK\x03\x04\x14\0\x06\0".to_vec(), "ZIP"),
            (b"\x1f\x8b\x08\0".to_vec(), "gzip"),
            (format!("id,reason\n{id},reset\n").into_bytes(), "commas"),
            (format!("{id};{id}").into_bytes(), "semicolons"),
            (format!("{id}\treset\n").into_bytes(), "tabs"),
            (format!("| {id} |\n").into_bytes(), "table"),
            (format!("\"{id}\"\n\"{id}\"\n").into_bytes(), "quotes"),
            (format!("'{id}'").into_bytes(), "quotes"),
            (format!("\u{201c}{id}\u{201d}").into_bytes(), "quotes"),
            (format!("{{\"key\":\"pd:leak:{id}\"}}").into_bytes(), "JSON"),
            (format!("[\"{id}\"]").into_bytes(), "JSON"),
            (
                format!("[\n  \"{id}\",\n  \"{id}\"\n]").into_bytes(),
                "JSON",
            ),
            (b"<!doctype html>\n<p>".to_vec(), "web page"),
            (format!("{id} {id}").into_bytes(), "blanks"),
            (format!("{id}  # maya").into_bytes(), "comment"),
            (format!("{id}\u{200b}{id}").into_bytes(), "characters"),
            (format!("{}\u{2026}", &id[..9]).into_bytes(), "cut"),
            (
                format!("{}\u{2026}{}", &id[..9], &id[20..]).into_bytes(),
                "cut",
            ),
            (format!("{}...", &id[..9]).into_bytes(), "cut"),
            (b"caf\xe9".to_vec(), "UTF-8"),
        ] {
            let refusal = read(&bytes).expect_err(near);
            assert!(refusal.message.contains(near), "{near}: {refusal:?}");
            assert!(!refusal.message.contains(id), "{refusal:?}");
        }
    }

    #[test]
    fn wrong_lines_are_named_by_their_numbers() {
        let told = |text: &str| read(text.as_bytes()).unwrap_err().message;
        assert!(told("a\n\nb c\n").starts_with("line 3 is no id and no key: "));
        assert!(told("a\nb c\nd\ne f\n").starts_with("lines 2 and 4 are no id"));
        let many = format!("a\n{}", "b c\n".repeat(9));
        assert!(told(&many).starts_with("lines 2, 3, 4, 5, 6 and 4 more are no id"));
        assert!(told("b c\nd e\n").starts_with("no line of it is an id or a key"));
        assert!(told("a:leak:1\n\na:user:2\n").starts_with("line 3 is no id"));
        assert!(told("a:thing:2").contains("kind"));
    }

    #[test]
    fn a_key_may_hold_what_an_id_alone_may_not() {
        let mut reader = Reader::default();
        reader
            .push(b"acme-lc:leak:ana@x.example%1FAdobe, Inc\nacme-lc:leak:b\n")
            .unwrap();
        let words = reader.finish().unwrap();
        assert_eq!(words[0].foreign_format, Some(ForeignFormat::Commas));
        assert_eq!(words[1].foreign_format, None);
    }

    #[test]
    fn what_has_no_end_ends_at_a_stated_size() {
        let mut reader = Reader::default();
        let line = reader.push(&vec![b'a'; MAX_LINE_BYTES + 1]).unwrap_err();
        assert!(line.message.contains("4096 bytes"), "{line:?}");
        let mut reader = Reader::default();
        let piece = format!("#{}\n", "x".repeat(4_000)).repeat(100);
        let ended = (0..1_000).find_map(|_| reader.push(piece.as_bytes()).err());
        assert!(ended.unwrap().message.contains("64 MiB"));
        let mut reader = Reader::default();
        let piece = b"y\n".repeat(1 << 16);
        let ended = (0..100).find_map(|_| reader.push(&piece).err()).unwrap();
        assert!(ended.message.contains("2000000 lines"), "{ended:?}");
    }
}
