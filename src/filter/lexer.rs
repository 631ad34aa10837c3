//! Parts filter text into words, quoted texts, patterns, fields with their values and the signs between them, each
//! with its column.

use super::FilterError;

/// A piece of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Where it begins, in characters from 1.
    pub(super) column: usize,
    pub(super) what: Piece,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A bare word.
    Word(String),
    /// A text in quotes.
    Quoted(String),
    /// `name:value,value`.
    Field(String, Vec<Operand>),
    /// `name>=value`, `name=value`, …: where the sign stands, and the value if there is one.
    Comparison(String, Mark, Option<Operand>),
    /// `/pattern/`, without the slashes.
    Pattern(String),
    /// `~letters`.
    Letters(String),
    /// `!`
    Not,
    /// `(`
    Open,
    /// `)`
    Close,
}

/// The sign of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) column: usize,
    pub(super) sign: &'static str,
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operand {
    pub(super) column: usize,
    pub(super) text: String,
    pub(super) quoted: bool,
}

const COMPARISONS: [&str; 6] = [">=", "<=", "!=", ">", "<", "="];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
    };
    let mut tokens = Vec::new();
    loop {
        while reader.peek().is_some_and(char::is_whitespace) {
            reader.at += 1;
        }
        let Some(first) = reader.peek() else {
            return Ok(tokens);
        };
        let column = reader.at + 1;
        let what = match first {
            '!' => reader.sign(Piece::Not),
            '(' => reader.sign(Piece::Open),
            ')' => reader.sign(Piece::Close),
            '/' => reader.pattern()?,
            '~' => reader.letters()?,
            '"' => {
                let text = reader.quoted()?;
                reader.separated()?;
                Piece::Quoted(text)
            }
            _ => reader.word_or_field()?,
        };
        tokens.push(Token { column, what });
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn error(column: usize, message: &str, hint: &str) -> FilterError {
        FilterError {
            column,
            message: message.to_owned(),
            hint: hint.to_owned(),
        }
    }

    /// From an opening quote to behind the closing one. `\"` and `\\` stand for themselves.
    fn quoted(&mut self) -> Result<String, FilterError> {
        let column = self.at + 1;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match (c, self.peek()) {
                ('"', _) if text.is_empty() => {
                    return Err(Self::error(
                        column,
                        "there is nothing between the quotes",
                        "write the text to look for, or FIELD:none for a field without a value",
                    ));
                }
                ('"', _) => return Ok(text),
                ('\\', Some(next @ ('"' | '\\'))) => {
                    self.at += 1;
                    text.push(next);
                }
                (c, _) => text.push(c),
            }
        }
        Err(Self::error(
            column,
            "a quote is opened here and never closed",
            "close it with \"",
        ))
    }

    fn sign(&mut self, piece: Piece) -> Piece {
        self.at += 1;
        piece
    }

    /// From an opening slash to behind the closing one. `\/` stands for a slash, which the matcher knows too.
    fn pattern(&mut self) -> Result<Piece, FilterError> {
        let column = self.at + 1;
        self.at += 1;
        let start = self.at;
        while let Some(c) = self.peek() {
            if c == '/' {
                let text: String = self.chars[start..self.at].iter().collect();
                self.at += 1;
                if text.is_empty() {
                    return Err(Self::error(
                        column,
                        "there is nothing between the slashes",
                        "write a regular expression, or quote the text to look for it",
                    ));
                }
                self.separated()?;
                return Ok(Piece::Pattern(text));
            }
            self.at += if c == '\\' { 2 } else { 1 };
        }
        Err(Self::error(
            column,
            "a regular expression is opened here and never closed",
            "close it with /, and to look for the text itself, put it in quotes",
        ))
    }

    fn letters(&mut self) -> Result<Piece, FilterError> {
        self.at += 1;
        let column = self.at + 1;
        let text = if self.peek() == Some('"') {
            let text = self.quoted()?;
            self.separated()?;
            text
        } else {
            self.bare(false)?
        };
        if text.is_empty() {
            return Err(Self::error(
                column,
                "letters are missing here",
                "write the letters behind ~ without a blank, and quote a ~ to look for it",
            ));
        }
        Ok(Piece::Letters(text))
    }

    /// Nothing may touch a closing quote or slash.
    fn separated(&self) -> Result<(), FilterError> {
        match self.peek() {
            None => Ok(()),
            Some(c) if c.is_whitespace() || matches!(c, '(' | ')') => Ok(()),
            Some(_) => Err(Self::error(
                self.at + 1,
                "something touches what was closed here",
                "put a blank between terms, a comma between values",
            )),
        }
    }

    /// A bare run of characters up to a blank or a parenthesis, and up to a comma where values are listed.
    fn bare(&mut self, listed: bool) -> Result<String, FilterError> {
        let start = self.at;
        while let Some(c) = self.peek() {
            if c.is_whitespace() || matches!(c, '(' | ')') || listed && c == ',' {
                break;
            }
            if c == '"' {
                return Err(Self::error(
                    self.at + 1,
                    "a quote begins inside a word",
                    "quote the whole text, and write \\\" for a quote in it",
                ));
            }
            self.at += 1;
        }
        Ok(self.chars[start..self.at].iter().collect())
    }

    fn word_or_field(&mut self) -> Result<Piece, FilterError> {
        let rest = &self.chars[self.at..];
        let length = rest
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .count();
        let name: String = rest[..length].iter().collect();
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !named {
            return self.bare(false).map(Piece::Word);
        }
        if rest.get(length) == Some(&':') {
            self.at += length + 1;
            return self.operands().map(|operands| Piece::Field(name, operands));
        }
        let comparison = COMPARISONS.into_iter().find(|sign| {
            sign.chars()
                .eq(rest[length..].iter().take(sign.len()).copied())
        });
        match comparison {
            Some(sign) => {
                self.at += length;
                let mark = Mark {
                    column: self.at + 1,
                    sign,
                };
                self.at += sign.len();
                let operand = self.operand()?;
                if operand.as_ref().is_some_and(|operand| operand.quoted) {
                    self.separated()?;
                }
                Ok(Piece::Comparison(name, mark, operand))
            }
            None => self.bare(false).map(Piece::Word),
        }
    }

    /// A value, if there is one.
    fn operand(&mut self) -> Result<Option<Operand>, FilterError> {
        let column = self.at + 1;
        let quoted = self.peek() == Some('"');
        let text = if quoted {
            self.quoted()?
        } else {
            self.bare(true)?
        };
        Ok((!text.is_empty()).then_some(Operand {
            column,
            text,
            quoted,
        }))
    }

    fn operands(&mut self) -> Result<Vec<Operand>, FilterError> {
        let mut operands = Vec::new();
        loop {
            let column = self.at + 1;
            let Some(operand) = self.operand()? else {
                return Err(Self::error(
                    column,
                    "a value is missing here",
                    "write FIELD:VALUE without blanks, and none for a field without a value",
                ));
            };
            operands.push(operand);
            if self.peek() == Some(',') {
                self.at += 1;
            } else {
                self.separated()?;
                return Ok(operands);
            }
        }
    }
}
