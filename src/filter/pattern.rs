//! Regular expressions, and letters in an order.

use super::case_fold;
use regex::bytes::{Regex, RegexBuilder};
use std::fmt;

/// A regular expression. It looks at text as it came, in any letter case unless it says `(?-i)`.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
    literal: Option<Vec<u8>>,
}

/// Patterns are equal when they are spelled alike.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern")
    }
}

impl Pattern {
    /// From what stands between the slashes; else what is wrong, and behind how many characters.
    pub(super) fn new(text: &str) -> Result<Self, (usize, String)> {
        let mut builder = RegexBuilder::new(text);
        match builder.case_insensitive(true).build() {
            Ok(regex) => Ok(Self {
                text: text.to_owned(),
                regex,
                literal: extract_literal(text),
            }),
            Err(error) => Err(error_text(&error)),
        }
    }

    /// Whether it matches a text as it came. An empty text is none.
    pub fn matches(&self, text: &[u8]) -> bool {
        !text.is_empty() && self.regex.is_match(text)
    }

    /// A text that stands in the folded form of everything that it matches, the long s aside ([`LONG_S`]): what has
    /// neither needs no look.
    pub fn literal(&self) -> Option<&[u8]> {
        self.literal.as_deref()
    }
}

/// A letter that equals `s` in any case, and that stays what it is in lower case.
pub const LONG_S: &[u8] = "ſ".as_bytes();

/// The words of the matcher's own error, without the picture that it draws of the place.
fn error_text(error: &regex::Error) -> (usize, String) {
    let text = match error {
        regex::Error::CompiledTooBig(_) => return (0, "it is too big".to_owned()),
        error => error.to_string(),
    };
    let place = text
        .lines()
        .find(|line| line.trim_start().starts_with('^'))
        // It is drawn behind four blanks.
        .and_then(|line| line.find('^')?.checked_sub(4));
    let words = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("error: "));
    let words = words.unwrap_or("it cannot be read");
    (place.unwrap_or(0), words.to_owned())
}

/// The longest run of plain ASCII characters that every match has, in lower case; found only where that is plain to
/// see.
fn extract_literal(pattern: &str) -> Option<Vec<u8>> {
    let pattern = ["(?-i)", "(?i)"]
        .into_iter()
        .find_map(|flag| pattern.strip_prefix(flag))
        .unwrap_or(pattern);
    if pattern.contains("(?") {
        return None;
    }
    let mut runs = Runs::default();
    let mut depth = 0_usize;
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        let plain = match c {
            '|' => return None,
            '\\' => match rest.next()? {
                c @ ('.' | '/' | '-' | '@' | '\\' | '+' | '*' | '?' | '(' | ')' | '[' | ']'
                | '{' | '}' | '|' | '^' | '$' | '#' | ':') => Some(c),
                'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 'r' | 't' => None,
                _ => return None,
            },
            '[' => {
                skip_class(&mut rest)?;
                None
            }
            '(' => {
                depth += 1;
                None
            }
            ')' => {
                depth = depth.checked_sub(1)?;
                None
            }
            '*' | '?' => {
                runs.forget_last();
                None
            }
            '{' => {
                runs.forget_last();
                rest.by_ref().find(|c| *c == '}')?;
                None
            }
            '+' | '.' | '^' | '$' => None,
            c if c.is_ascii() && !c.is_ascii_control() => Some(c),
            _ => None,
        };
        match plain.filter(|_| depth == 0) {
            Some(c) => runs.current.push(c.to_ascii_lowercase() as u8),
            None => runs.end(),
        }
    }
    runs.end();
    (runs.best.len() > 1).then_some(runs.best)
}

#[derive(Default)]
struct Runs {
    current: Vec<u8>,
    best: Vec<u8>,
}

impl Runs {
    /// What was read last may be missing.
    fn forget_last(&mut self) {
        self.current.pop();
    }

    fn end(&mut self) {
        let run = std::mem::take(&mut self.current);
        if run.len() > self.best.len() {
            self.best = run;
        }
    }
}

/// From behind the opening bracket to behind the closing one.
fn skip_class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<()> {
    rest.next_if_eq(&'^');
    rest.next_if_eq(&']');
    loop {
        match rest.next()? {
            '\\' => {
                rest.next()?;
            }
            '[' => skip_class(rest)?,
            ']' => return Some(()),
            _ => {}
        }
    }
}

/// Letters that stand in a text in this order, whatever stands between them.
#[derive(Clone, PartialEq, Eq)]
pub struct Subsequence {
    folded: String,
}

impl fmt::Debug for Subsequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letters")
    }
}

impl Subsequence {
    /// From what was typed.
    pub(super) fn new(text: &str) -> Self {
        Self {
            folded: String::from_utf8_lossy(&case_fold(text.as_bytes())).into_owned(),
        }
    }

    /// Whether folded text has them.
    pub fn matches(&self, folded: &[u8]) -> bool {
        if !self.folded.is_ascii() {
            return self.matches_multibyte(folded);
        }
        let mut letters = self.folded.bytes();
        let Some(mut wanted) = letters.next() else {
            return true;
        };
        for &byte in folded {
            if byte == wanted {
                match letters.next() {
                    Some(next) => wanted = next,
                    None => return true,
                }
            }
        }
        false
    }

    /// The same of letters of more than a byte.
    fn matches_multibyte(&self, mut folded: &[u8]) -> bool {
        let mut buffer = [0; 4];
        for letter in self.folded.chars() {
            let letter = letter.encode_utf8(&mut buffer).as_bytes();
            let Some(at) = memchr::memmem::find(folded, letter) else {
                return false;
            };
            folded = folded.get(at + letter.len()..).unwrap_or_default();
        }
        true
    }

    /// Whether what has the longer ones has these too.
    pub(super) fn implied_by(&self, longer: &Self) -> bool {
        self.matches(longer.folded.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_in_every_match() {
        for (pattern, wanted) in [
            ("civuli", Some("civuli")),
            ("(?-i)VPN", Some("vpn")),
            ("^adm.*portal$", Some("portal")),
            (r"acme\.example", Some("acme.example")),
            ("abc?d", Some("ab")),
            ("abc+de", Some("abc")),
            ("ab{0,2}cde", Some("cde")),
            ("ab|cd", None),
            ("(ab)?cde", Some("cde")),
            ("(ab", None),
            ("[]xy]+zz", Some("zz")),
            ("[[:alpha:]xy]zz", Some("zz")),
            (r"\pLab", None),
            (r"\x41bc", None),
            ("(?x) a b c", None),
            (r"\d+xyz\b", Some("xyz")),
            ("éab", Some("ab")),
            ("a", None),
            ("a*b*", None),
        ] {
            let found = extract_literal(pattern);
            assert_eq!(found.as_deref(), wanted.map(str::as_bytes), "{pattern}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_told_with_its_place() {
        let (place, words) = Pattern::new("ab(c").unwrap_err();
        assert_eq!((place, &words[..]), (2, "unclosed group"));
        let (place, words) = Pattern::new("*").unwrap_err();
        assert_eq!(place, 0);
        assert!(words.contains("repetition"), "{words}");
        assert_eq!(Pattern::new("(((a{900}){900}){900})").unwrap_err().0, 0);
    }

    #[test]
    fn letters_keep_their_order() {
        let holds = |letters: &str, text: &str| {
            Subsequence::new(letters).matches(&case_fold(text.as_bytes()))
        };
        assert!(holds("CVL", "civuli") && holds("é", "cafÉ") && holds("", ""));
        assert!(!holds("lvc", "civuli") && !holds("cc", "civuli"));
        assert!(!holds("é", "\u{c3}x\u{a9}") && holds("aéb", "xaxéxb"));
        assert!(Subsequence::new("cvl").implied_by(&Subsequence::new("civuli")));
    }
}
