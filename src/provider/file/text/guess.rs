//! Which encoding a text is in.

use std::borrow::Cow;

/// What a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider::file) enum Encoding {
    /// UTF-8; lines that are none keep their bytes.
    Utf8,
    /// UTF-16.
    Utf16 {
        /// The big end first.
        big: bool,
    },
    /// Lines that are no UTF-8 are in this.
    Bytes {
        /// In what.
        encoding: &'static encoding_rs::Encoding,
        /// It was guessed, not given.
        guessed: bool,
    },
}

impl Encoding {
    /// Its name.
    pub(in crate::provider::file) fn name(self) -> String {
        match self {
            Self::Utf8 => "utf-8".to_owned(),
            Self::Utf16 { big: false } => "utf-16le".to_owned(),
            Self::Utf16 { big: true } => "utf-16be".to_owned(),
            Self::Bytes { encoding, .. } => encoding.name().to_ascii_lowercase(),
        }
    }

    /// Bytes of a line as they are shown: decoded, where they are in something else than UTF-8.
    pub(in crate::provider::file) fn shown<'a>(self, bytes: &Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        match self {
            Self::Bytes { encoding, .. } if std::str::from_utf8(bytes).is_err() => {
                let mut decoder = encoding.new_decoder_without_bom_handling();
                // Room for all of it: what growing leaves behind would not be zeroed.
                let room = decoder.max_utf8_buffer_length(bytes.len());
                let mut text = String::with_capacity(room.unwrap_or(0));
                let _all = decoder.decode_to_string(bytes, &mut text, true);
                Cow::Owned(text.into_bytes())
            }
            _ => bytes.clone(),
        }
    }

    /// Whether lines that are no UTF-8 stay as they are.
    pub(in crate::provider::file) fn keeps_bytes(self) -> bool {
        self == Self::Utf8
    }
}

/// The encoding of a label.
pub(in crate::provider::file) fn of_label(label: &str) -> Option<&'static encoding_rs::Encoding> {
    encoding_rs::Encoding::for_label(label.as_bytes())
}

/// Pairs of bytes that are looked at for UTF-16 without a mark.
const PAIRS: usize = 2048;

/// Fewer pairs say nothing.
const LEAST: usize = 8;

/// What a text is in, by its beginning, and how long its byte order mark is.
pub(super) fn encoding(
    sample: &[u8],
    forced: Option<&'static encoding_rs::Encoding>,
) -> (Encoding, usize) {
    let wide = |big, mark| (Encoding::Utf16 { big }, mark);
    match forced {
        Some(label) if label == encoding_rs::UTF_16LE => {
            return wide(false, marked(sample, [0xff, 0xfe]));
        }
        Some(label) if label == encoding_rs::UTF_16BE => {
            return wide(true, marked(sample, [0xfe, 0xff]));
        }
        _ => {}
    }
    if sample.starts_with(&[0xff, 0xfe]) {
        return wide(false, 2);
    }
    if sample.starts_with(&[0xfe, 0xff]) {
        return wide(true, 2);
    }
    let mark = if sample.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    if let Some(encoding) = forced {
        let encoding = if encoding == encoding_rs::UTF_8 {
            Encoding::Utf8
        } else {
            Encoding::Bytes {
                encoding,
                guessed: false,
            }
        };
        return (encoding, mark);
    }
    if mark == 0
        && let Some(big) = pairs(sample)
    {
        return wide(big, 0);
    }
    let guessed = guessed(sample);
    let encoding = guessed.map_or(Encoding::Utf8, |encoding| Encoding::Bytes {
        encoding,
        guessed: true,
    });
    (encoding, mark)
}

fn marked(sample: &[u8], mark: [u8; 2]) -> usize {
    if sample.starts_with(&mark) { 2 } else { 0 }
}

/// E3: zero bytes in every second place.
fn pairs(sample: &[u8]) -> Option<bool> {
    let pairs = sample.chunks_exact(2).take(PAIRS);
    let all = pairs.len();
    if all < LEAST {
        return None;
    }
    let (mut first, mut second) = (0, 0);
    for pair in pairs {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    let many = |count: usize| count * 100 >= all * 40;
    let few = |count: usize| count * 100 <= all * 5;
    if many(second) && few(first) {
        Some(false)
    } else if many(first) && few(second) {
        Some(true)
    } else {
        None
    }
}

/// E5, E6: where there are lines that are no UTF-8, and none that is UTF-8 beyond ASCII.
fn guessed(sample: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if sample.is_ascii() {
        return None;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let mut any = false;
    for line in sample.split(|byte| *byte == b'\n') {
        if line.is_ascii() {
            continue;
        }
        if std::str::from_utf8(line).is_ok() {
            return None;
        }
        any = true;
        detector.feed(line, false);
        detector.feed(b"\n", false);
    }
    any.then(|| {
        detector.feed(b"", true);
        detector.guess(None, chardetng::Utf8Detection::Deny)
    })
}
