//! Parts filter text into words, quoted texts, patterns, fields with their values and the signs between them, each
//! with its column.

use super::FilterError;

/// A piece of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Where it begins, in characters from 1.
    pub(super) column: usize,
    pub(super) kind: TokenKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A bare word.
    Word(String),
    /// A text in quotes.
    Quoted(String),
    /// `name:value,value`.
    Field(String, Vec<Operand>),
    /// `name>=value`, `name=value`, …: where the sign stands, and the value if there is one.
    Comparison(String, ComparisonSign, Option<Operand>),
    /// `/pattern/`, without the slashes.
    Pattern(String),
    /// `~letters`.
    Subsequence(String),
    /// `!`
    Not,
    /// `(`
    Open,
    /// `)`
    Close,
}

/// The sign of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ComparisonSign {
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

pub(super) fn tokenize(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut reader = Lexer {
        chars: text.chars().collect(),
        position: 0,
    };
    let mut tokens = Vec::new();
    loop {
        while reader.peek().is_some_and(char::is_whitespace) {
            reader.position += 1;
        }
        let Some(first) = reader.peek() else {
            return Ok(tokens);
        };
        let column = reader.position + 1;
        let what = match first {
            '!' => reader.read_sign(TokenKind::Not),
            '(' => reader.read_sign(TokenKind::Open),
            ')' => reader.read_sign(TokenKind::Close),
            '/' => reader.read_pattern()?,
            '~' => reader.read_subsequence()?,
            '"' => {
                let text = reader.read_quoted()?;
                reader.expect_separator()?;
                TokenKind::Quoted(text)
            }
            _ => reader.read_word_or_field()?,
        };
        tokens.push(Token { column, kind: what });
    }
}

struct Lexer {
    chars: Vec<char>,
    position: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn error(column: usize, message: &str, hint: &str) -> FilterError {
        FilterError {
            column,
            message: message.to_owned(),
            hint: hint.to_owned(),
        }
    }

    /// From an opening quote to behind the closing one. `\"` and `\\` stand for themselves.
    fn read_quoted(&mut self) -> Result<String, FilterError> {
        let column = self.position + 1;
        self.position += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.position += 1;
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
                    self.position += 1;
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

    fn read_sign(&mut self, piece: TokenKind) -> TokenKind {
        self.position += 1;
        piece
    }

    /// From an opening slash to behind the closing one. `\/` stands for a slash, which the matcher knows too.
    fn read_pattern(&mut self) -> Result<TokenKind, FilterError> {
        let column = self.position + 1;
        self.position += 1;
        let start = self.position;
        while let Some(c) = self.peek() {
            if c == '/' {
                let text: String = self.chars[start..self.position].iter().collect();
                self.position += 1;
                if text.is_empty() {
                    return Err(Self::error(
                        column,
                        "there is nothing between the slashes",
                        "write a regular expression, or quote the text to look for it",
                    ));
                }
                self.expect_separator()?;
                return Ok(TokenKind::Pattern(text));
            }
            self.position += if c == '\\' { 2 } else { 1 };
        }
        Err(Self::error(
            column,
            "a regular expression is opened here and never closed",
            "close it with /, and to look for the text itself, put it in quotes",
        ))
    }

    fn read_subsequence(&mut self) -> Result<TokenKind, FilterError> {
        self.position += 1;
        let column = self.position + 1;
        let text = if self.peek() == Some('"') {
            let text = self.read_quoted()?;
            self.expect_separator()?;
            text
        } else {
            self.read_bare(false)?
        };
        if text.is_empty() {
            return Err(Self::error(
                column,
                "letters are missing here",
                "write the letters behind ~ without a blank, and quote a ~ to look for it",
            ));
        }
        Ok(TokenKind::Subsequence(text))
    }

    /// Nothing may touch a closing quote or slash.
    fn expect_separator(&self) -> Result<(), FilterError> {
        match self.peek() {
            None => Ok(()),
            Some(c) if c.is_whitespace() || matches!(c, '(' | ')') => Ok(()),
            Some(_) => Err(Self::error(
                self.position + 1,
                "something touches what was closed here",
                "put a blank between terms, a comma between values",
            )),
        }
    }

    /// A bare run of characters up to a blank or a parenthesis, and up to a comma where values are listed.
    fn read_bare(&mut self, listed: bool) -> Result<String, FilterError> {
        let start = self.position;
        while let Some(c) = self.peek() {
            if c.is_whitespace() || matches!(c, '(' | ')') || listed && c == ',' {
                break;
            }
            if c == '"' {
                return Err(Self::error(
                    self.position + 1,
                    "a quote begins inside a word",
                    "quote the whole text, and write \\\" for a quote in it",
                ));
            }
            self.position += 1;
        }
        Ok(self.chars[start..self.position].iter().collect())
    }

    fn read_word_or_field(&mut self) -> Result<TokenKind, FilterError> {
        let rest = &self.chars[self.position..];
        let length = rest
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .count();
        let name: String = rest[..length].iter().collect();
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !named {
            return self.read_bare(false).map(TokenKind::Word);
        }
        if rest.get(length) == Some(&':') {
            self.position += length + 1;
            return self
                .read_operands()
                .map(|operands| TokenKind::Field(name, operands));
        }
        let comparison = COMPARISONS.into_iter().find(|sign| {
            sign.chars()
                .eq(rest[length..].iter().take(sign.len()).copied())
        });
        match comparison {
            Some(sign) => {
                self.position += length;
                let mark = ComparisonSign {
                    column: self.position + 1,
                    sign,
                };
                self.position += sign.len();
                let operand = self.read_operand()?;
                if operand.as_ref().is_some_and(|operand| operand.quoted) {
                    self.expect_separator()?;
                }
                Ok(TokenKind::Comparison(name, mark, operand))
            }
            None => self.read_bare(false).map(TokenKind::Word),
        }
    }

    /// A value, if there is one.
    fn read_operand(&mut self) -> Result<Option<Operand>, FilterError> {
        let column = self.position + 1;
        let quoted = self.peek() == Some('"');
        let text = if quoted {
            self.read_quoted()?
        } else {
            self.read_bare(true)?
        };
        Ok((!text.is_empty()).then_some(Operand {
            column,
            text,
            quoted,
        }))
    }

    fn read_operands(&mut self) -> Result<Vec<Operand>, FilterError> {
        let mut operands = Vec::new();
        loop {
            let column = self.position + 1;
            let Some(operand) = self.read_operand()? else {
                return Err(Self::error(
                    column,
                    "a value is missing here",
                    "write FIELD:VALUE without blanks, and none for a field without a value",
                ));
            };
            operands.push(operand);
            if self.peek() == Some(',') {
                self.position += 1;
            } else {
                self.expect_separator()?;
                return Ok(operands);
            }
        }
    }
}
