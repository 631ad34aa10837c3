//! A file of ids: one key or id a line. It is read piece by piece, so that one without an end costs nothing, and what is
//! no such file is refused with what it looks like instead of being taken for ids that nothing has.

mod look;

pub use look::Look;

use super::{
    key::{EntityKey, KeyError, Kind},
    visible,
};
use indexmap::{IndexMap, map::Entry};
use std::fmt::Write as _;

/// No file of ids is longer, in bytes: a million keys take less.
pub const LONGEST: u64 = 64 << 20;

/// No line of one is longer, in bytes.
pub const LONGEST_LINE: usize = 4_096;

/// No file of ids has more lines.
pub const MOST_LINES: usize = 2_000_000;

/// As many wrong lines are named.
const NAMED: usize = 5;

/// What a line names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// A leak, whole.
    Key(EntityKey),
    /// A provider's id, whose profile is the only one in play.
    Id(String),
}

impl Word {
    /// Reads a key or an id.
    ///
    /// # Errors
    /// What is wrong with it, in our words.
    pub fn read(text: &str) -> Result<Self, String> {
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
pub struct Given {
    /// The key or id.
    pub word: Word,
    /// Its line, from 1.
    pub line: usize,
    /// What the line looks like, where that is not one key: it counts only where a leak has exactly this key.
    pub look: Option<Look>,
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
pub const HINT: &str = "give one key a line, profile:leak:id, as stanch leaks list prints it, or one id a line with one profile";

/// Takes a file in, piece by piece.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    /// How many lines are complete.
    lines: usize,
    bytes: u64,
    /// The last byte ended a line as CR: a LF behind it ends the same one.
    after_cr: bool,
    words: IndexMap<Word, (usize, Option<Look>)>,
    wrong: Vec<usize>,
    more_wrong: usize,
    first: Option<(String, Option<Look>)>,
}

impl Reader {
    /// Takes the next piece.
    ///
    /// # Errors
    /// When the file cannot be one of ids, whatever follows.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        if let Some(look) = look::of_bytes(piece, self.bytes == 0) {
            return Err(look.refusal(None));
        }
        let begun = self.bytes > 0;
        self.bytes += piece.len() as u64;
        if self.bytes > LONGEST {
            return Err(Refusal {
                message: format!("it is longer than {} MiB", LONGEST >> 20),
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
                if self.lines > MOST_LINES {
                    return Err(Refusal {
                        message: format!("it has more than {MOST_LINES} lines"),
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
        if self.line.len() + part.len() > LONGEST_LINE {
            return Err(Refusal {
                message: format!(
                    "line {} is longer than {LONGEST_LINE} bytes: it is no id and no key",
                    self.lines + 1
                ),
                hint: HINT,
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
                if let Entry::Vacant(place) = self.words.entry(word) {
                    place.insert((self.lines, look));
                }
            }
            Err((why, look)) => {
                if self.wrong.len() < NAMED {
                    self.wrong.push(self.lines);
                } else {
                    self.more_wrong += 1;
                }
                self.first.get_or_insert((why, look));
            }
        }
        // The buffer goes on to the next line.
        self.line = line;
        self.line.clear();
    }

    /// What a line says: nothing, a word and whether it is a doubtful one, or why it is neither.
    #[expect(clippy::type_complexity, reason = "two results of a word and its look")]
    fn read(line: &[u8]) -> Result<Option<(Word, Option<Look>)>, (String, Option<Look>)> {
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(("it is not UTF-8".to_owned(), Some(Look::Encoding)));
        };
        // Blanks of any kind and characters that are not seen come with a copy out of a document or a chat.
        let text = text.trim_matches(|c: char| c.is_whitespace() || visible::is_hidden(c));
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let look = look::of_line(text);
        match (Word::read(text), look) {
            (Ok(word @ Word::Key(_)), look) => Ok(Some((word, look))),
            (Ok(word @ Word::Id(_)), None) => Ok(Some((word, None))),
            (Ok(Word::Id(_)) | Err(_), Some(look)) => Err((look.to_string(), Some(look))),
            (Err(why), None) => Err((why, None)),
        }
    }

    /// The words, each once, in their order.
    ///
    /// # Errors
    /// When a line is neither a key nor an id.
    pub fn finish(mut self) -> Result<Vec<Given>, Refusal> {
        if !self.line.is_empty() {
            self.end_line();
        }
        if let Some((why, look)) = &self.first {
            let none = self.words.is_empty();
            return Err(self.refused(why, *look, none));
        }
        let words = self.words.into_iter();
        Ok(words
            .map(|(word, (line, look))| Given { word, line, look })
            .collect())
    }

    fn refused(&self, why: &str, look: Option<Look>, none: bool) -> Refusal {
        let mut message = if none && self.wrong.len() > 1 {
            "no line of it is an id or a key".to_owned()
        } else {
            format!("{} no id and no key", named(&self.wrong, self.more_wrong))
        };
        // Writing to a string cannot fail.
        let _ = write!(message, ": {why}");
        Refusal {
            message,
            hint: look.map_or(HINT, Look::hint),
        }
    }
}

/// Lines by their numbers, and the verb: `line 3 is`, `lines 3, 7 and 12 more are`.
pub fn named(lines: &[usize], more: usize) -> String {
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
            let shown = words.into_iter().map(|given| match given.word {
                Word::Key(key) => format!("{}={key}", given.line),
                Word::Id(id) => format!("{}={id}", given.line),
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
        assert_eq!(words[0].look, Some(Look::Commas));
        assert_eq!(words[1].look, None);
    }

    #[test]
    fn what_has_no_end_ends_at_a_stated_size() {
        let mut reader = Reader::default();
        let line = reader.push(&vec![b'a'; LONGEST_LINE + 1]).unwrap_err();
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
