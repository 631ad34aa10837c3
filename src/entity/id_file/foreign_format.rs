//! What a file or a line looks like that holds no ids.

use super::Refusal;
use crate::entity::visible;

/// What something looks like that is not one key or id a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::Display)]
pub enum ForeignFormat {
    /// Two bytes a character.
    #[strum(to_string = "it looks like UTF-16, as Windows saves \"Unicode\"")]
    Utf16,
    /// Four bytes a character.
    #[strum(to_string = "it looks like UTF-32")]
    Utf32,
    /// NUL bytes.
    #[strum(to_string = "it holds NUL bytes, which no text has")]
    Nul,
    /// A workbook of a spreadsheet, or another archive.
    #[strum(to_string = "it looks like a ZIP archive, such as a workbook of a spreadsheet")]
    Zip,
    /// Compressed.
    #[strum(to_string = "it looks like a gzip file")]
    Gzip,
    /// Another encoding.
    #[strum(to_string = "it is not UTF-8")]
    Encoding,
    /// An object or a list.
    #[strum(to_string = "it looks like JSON")]
    Json,
    /// A page or a document.
    #[strum(to_string = "it looks like a web page or XML")]
    Markup,
    /// Quotes around it.
    #[strum(to_string = "it stands in quotes")]
    Quotes,
    /// Columns between commas.
    #[strum(to_string = "it looks like CSV or a list with commas")]
    Commas,
    /// Columns between semicolons.
    #[strum(to_string = "it looks like CSV or a list with semicolons")]
    Semicolons,
    /// Columns between tabs.
    #[strum(to_string = "it looks like columns between tabs")]
    Tabs,
    /// Columns between bars.
    #[strum(to_string = "it looks like a row of a table")]
    Bars,
    /// Words behind the id.
    #[strum(to_string = "a comment stands on a line of its own, beginning with #")]
    Comment,
    /// Several words.
    #[strum(to_string = "it has several words with blanks between them")]
    Blanks,
    /// The end or the middle is missing.
    #[strum(to_string = "it is cut (…), as in a column that is too narrow")]
    Truncated,
    /// Characters that no id has.
    #[strum(to_string = "it has characters that no id has, and some may not be seen")]
    Characters,
}

impl ForeignFormat {
    /// What to do with such a file.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Utf16 => "save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 FILE",
            Self::Utf32 => "save it as UTF-8, or: iconv -f UTF-32 -t UTF-8 FILE",
            Self::Encoding => "save it as UTF-8",
            Self::Nul => "one key a line; where NUL stands between them: tr '\\000' '\\n' <FILE",
            Self::Zip => "export the column of keys as text, one a line",
            Self::Gzip => "unpack it first: gunzip -c FILE",
            Self::Json => "take the keys out of it, one a line: jq -r .key FILE",
            Self::Quotes => "take the quotes away: tr -d '\"' <FILE",
            Self::Commas | Self::Semicolons | Self::Tabs | Self::Bars => {
                "give the column of keys alone, one key a line"
            }
            Self::Truncated => {
                "take the keys of leaks list --format jsonl or csv, which cuts nothing"
            }
            Self::Markup | Self::Comment | Self::Blanks | Self::Characters => super::ID_HINT,
        }
    }

    /// Such a file, refused as a whole.
    pub(super) fn refusal(self, line: Option<usize>) -> Refusal {
        let place = line.map_or_else(String::new, |line| format!("line {line}: "));
        Refusal {
            message: format!("{place}{self}"),
            hint: self.hint(),
        }
    }
}

/// What the bytes of a file say of it, whatever its lines are; `first` for those at its beginning.
pub(super) fn detect_in_bytes(piece: &[u8], first: bool) -> Option<ForeignFormat> {
    if first {
        for (mark, look) in [
            (&b"\xff\xfe\0\0"[..], ForeignFormat::Utf32),
            (b"\0\0\xfe\xff", ForeignFormat::Utf32),
            (b"\xff\xfe", ForeignFormat::Utf16),
            (b"\xfe\xff", ForeignFormat::Utf16),
            (b"PK\x03\x04", ForeignFormat::Zip),
            (b"\x1f\x8b", ForeignFormat::Gzip),
        ] {
            if piece.starts_with(mark) {
                return Some(look);
            }
        }
    }
    memchr::memchr(0, piece)?;
    // Letters and digits of two bytes: every second byte is NUL, at the same places.
    let head = &piece[..piece.len().min(256)];
    let nuls = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, half) = (nuls(0), nuls(1), head.len() / 2);
    let one_side = even.max(odd) >= half.max(1) * 9 / 10 && even.min(odd) <= half / 10;
    Some(if first && one_side {
        ForeignFormat::Utf16
    } else {
        ForeignFormat::Nul
    })
}

/// What a line looks like, where that is not one key or id.
pub(super) fn detect_in_line(text: &str) -> Option<ForeignFormat> {
    const QUOTES: [char; 9] = [
        '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}',
    ];
    let lone = text.trim_end_matches(',');
    if text.starts_with(['{', '[', '}', ']']) || lone.contains("\":") {
        return Some(ForeignFormat::Json);
    }
    if text.starts_with('<') {
        return Some(ForeignFormat::Markup);
    }
    let holds = |c: char| text.contains(c);
    if text.contains(" #") || text.contains("\t#") || text.contains(" //") {
        return Some(ForeignFormat::Comment);
    }
    let quoted = lone.len() > 1 && lone.starts_with(QUOTES) && lone.ends_with(QUOTES);
    let columns = [
        ('\t', ForeignFormat::Tabs),
        ('|', ForeignFormat::Bars),
        (';', ForeignFormat::Semicolons),
        (',', ForeignFormat::Commas),
    ];
    if let Some((_, look)) = columns.into_iter().find(|(c, _)| lone.contains(*c)) {
        return Some(look);
    }
    if quoted {
        // With a comma behind it, it is a member of a list.
        let json = lone.len() < text.len() && lone.starts_with('"');
        return Some(if json {
            ForeignFormat::Json
        } else {
            ForeignFormat::Quotes
        });
    }
    if lone.len() < text.len() {
        return Some(ForeignFormat::Commas);
    }
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) || holds('"') {
        return Some(ForeignFormat::Quotes);
    }
    if text.chars().any(char::is_whitespace) {
        return Some(ForeignFormat::Blanks);
    }
    if holds('\u{2026}') || text.ends_with("...") {
        return Some(ForeignFormat::Truncated);
    }
    text.chars()
        .any(visible::is_hidden)
        .then_some(ForeignFormat::Characters)
}
