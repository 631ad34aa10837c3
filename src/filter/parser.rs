//! From pieces to an expression: *not* binds closest, then *and*, which stands between terms side by side, then *or*.

use super::{
    Expression, Filter, FilterError,
    error::{QUOTE, error},
    lexer::{Token, TokenKind, tokenize},
    term_parser,
};
use std::{iter::Peekable, vec::IntoIter};

/// So deep may parentheses and *not* be nested.
const MAX_DEPTH: usize = 64;

/// Reads a filter; `sources` are the ids of the providers that there are, the words of `source:`.
///
/// # Errors
/// With the column and a hint, for what is not of the language.
pub fn parse(text: &str, sources: &[&str]) -> Result<Filter, FilterError> {
    let tokens = tokenize(text)?;
    if tokens.is_empty() {
        return Ok(Filter::default());
    }
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        sources,
        depth: 0,
    };
    let whole = parser.parse_any(None)?;
    if let Some(token) = parser.tokens.peek() {
        return Err(error(
            token.column,
            "no parenthesis is open that this could close",
            QUOTE,
        ));
    }
    Ok(Filter {
        text: text.trim().to_owned(),
        conditions: match whole {
            Expression::All(parts) => parts,
            other => vec![other],
        },
        now: None,
    })
}

/// A word that joins terms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connective {
    And,
    Or,
    Not,
}

impl Connective {
    fn from_token(token: &Token) -> Option<Self> {
        match &token.kind {
            TokenKind::Not => Some(Self::Not),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("and") => Some(Self::And),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("or") => Some(Self::Or),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("not") => Some(Self::Not),
            _ => None,
        }
    }

    fn keyword(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
        }
    }
}

struct Parser<'a> {
    sources: &'a [&'a str],
    tokens: Peekable<IntoIter<Token>>,
    depth: usize,
}

impl Parser<'_> {
    /// Terms with *or* between them. `behind` is what stands before them, for the words of what is missing.
    fn parse_any(&mut self, behind: Option<(usize, &str)>) -> Result<Expression, FilterError> {
        let mut parts = vec![self.parse_all(behind)?];
        while let Some(column) = self.accept(Connective::Or) {
            parts.push(self.parse_all(Some((column, "or")))?);
        }
        Ok(join(parts, Expression::Any))
    }

    /// Terms side by side, or with *and* between them.
    fn parse_all(&mut self, behind: Option<(usize, &str)>) -> Result<Expression, FilterError> {
        let mut parts = vec![self.parse_one(behind)?];
        loop {
            let behind = self.accept(Connective::And).map(|column| (column, "and"));
            let ends = match self.tokens.peek() {
                None => true,
                Some(token) => {
                    token.kind == TokenKind::Close
                        || Connective::from_token(token) == Some(Connective::Or)
                }
            };
            if ends && behind.is_none() {
                return Ok(join(parts, Expression::All));
            }
            match self.parse_one(behind)? {
                // Parentheses around terms side by side change nothing.
                Expression::All(more) => parts.extend(more),
                other => parts.push(other),
            }
        }
    }

    /// One term, with what is before it.
    fn parse_one(&mut self, behind: Option<(usize, &str)>) -> Result<Expression, FilterError> {
        let Some(token) = self.tokens.next() else {
            return Err(missing_term_error(behind));
        };
        let column = token.column;
        match (Connective::from_token(&token), &token.kind) {
            (Some(Connective::Not), _) => {
                self.enter_nested(column)?;
                let inner = self.parse_one(Some((column, "not")))?;
                self.depth -= 1;
                Ok(Expression::Not(Box::new(inner)))
            }
            (Some(joint), _) => Err(error(
                column,
                format!("there is no term before this {}", joint.keyword()),
                format!(
                    "write a term on each side of {0}, or quote the word to look for it",
                    joint.keyword()
                ),
            )),
            (None, TokenKind::Open) => self.parse_group(column),
            (None, TokenKind::Close) => Err(match behind {
                Some((_, "(")) => error(
                    column,
                    "there is nothing between the parentheses",
                    "write terms between them, or quote them to look for them",
                ),
                Some(_) => missing_term_error(behind),
                None => error(
                    column,
                    "no parenthesis is open that this could close",
                    QUOTE,
                ),
            }),
            (None, _) => term_parser::parse_term(token, self.sources).map(Expression::Term),
        }
    }

    /// From behind an opening parenthesis to behind the closing one.
    fn parse_group(&mut self, column: usize) -> Result<Expression, FilterError> {
        self.enter_nested(column)?;
        if self.tokens.peek().is_none() {
            return Err(unclosed_error(column));
        }
        let inner = self.parse_any(Some((column, "(")))?;
        self.depth -= 1;
        match self.tokens.next() {
            Some(_) => Ok(inner),
            None => Err(unclosed_error(column)),
        }
    }

    fn enter_nested(&mut self, column: usize) -> Result<(), FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let hint = format!("nest at most {MAX_DEPTH} deep");
            return Err(error(column, "this is nested too deep", hint));
        }
        Ok(())
    }

    /// Takes a joining word if it comes next; where it stood.
    fn accept(&mut self, joint: Connective) -> Option<usize> {
        let next = self
            .tokens
            .next_if(|token| Connective::from_token(token) == Some(joint));
        next.map(|token| token.column)
    }
}

fn unclosed_error(column: usize) -> FilterError {
    error(
        column,
        "a parenthesis is opened here and never closed",
        format!("close it with ), and {QUOTE}"),
    )
}

fn missing_term_error(behind: Option<(usize, &str)>) -> FilterError {
    let (column, word) = behind.unwrap_or((1, "text"));
    error(
        column,
        format!("there is no term behind this {word}"),
        format!("write a term behind {word}, or quote the word to look for it"),
    )
}

/// One part alone is itself.
fn join(mut parts: Vec<Expression>, all: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            all(parts)
        }
    }
}
