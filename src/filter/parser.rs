//! From pieces to an expression: *not* binds closest, then *and*, which stands between terms side by side, then *or*.

use super::{
    Expression, Filter, FilterError,
    error::{QUOTE, error},
    lexer::{Piece, Token, tokens},
    typed,
};
use std::{iter::Peekable, vec::IntoIter};

/// So deep may parentheses and *not* be nested.
const DEPTH: usize = 64;

/// Reads a filter; `sources` are the ids of the providers that there are, the words of `source:`.
///
/// # Errors
/// With the column and a hint, for what is not of the language.
pub fn parse(text: &str, sources: &[&str]) -> Result<Filter, FilterError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Filter::default());
    }
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        sources,
        depth: 0,
    };
    let whole = parser.any(None)?;
    if let Some(token) = parser.tokens.peek() {
        return Err(error(
            token.column,
            "no parenthesis is open that this could close",
            QUOTE,
        ));
    }
    Ok(Filter {
        text: text.trim().to_owned(),
        all: match whole {
            Expression::All(parts) => parts,
            other => vec![other],
        },
        now: None,
    })
}

/// A word that joins terms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
    Not,
}

impl Joint {
    fn of(token: &Token) -> Option<Self> {
        match &token.what {
            Piece::Not => Some(Self::Not),
            Piece::Word(word) if word.eq_ignore_ascii_case("and") => Some(Self::And),
            Piece::Word(word) if word.eq_ignore_ascii_case("or") => Some(Self::Or),
            Piece::Word(word) if word.eq_ignore_ascii_case("not") => Some(Self::Not),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
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
    fn any(&mut self, behind: Option<(usize, &str)>) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all(behind)?];
        while let Some(column) = self.take(Joint::Or) {
            parts.push(self.all(Some((column, "or")))?);
        }
        Ok(joined(parts, Expression::Any))
    }

    /// Terms side by side, or with *and* between them.
    fn all(&mut self, behind: Option<(usize, &str)>) -> Result<Expression, FilterError> {
        let mut parts = vec![self.one(behind)?];
        loop {
            let behind = self.take(Joint::And).map(|column| (column, "and"));
            let ends = match self.tokens.peek() {
                None => true,
                Some(token) => token.what == Piece::Close || Joint::of(token) == Some(Joint::Or),
            };
            if ends && behind.is_none() {
                return Ok(joined(parts, Expression::All));
            }
            match self.one(behind)? {
                // Parentheses around terms side by side change nothing.
                Expression::All(more) => parts.extend(more),
                other => parts.push(other),
            }
        }
    }

    /// One term, with what is before it.
    fn one(&mut self, behind: Option<(usize, &str)>) -> Result<Expression, FilterError> {
        let Some(token) = self.tokens.next() else {
            return Err(nothing_behind(behind));
        };
        let column = token.column;
        match (Joint::of(&token), &token.what) {
            (Some(Joint::Not), _) => {
                self.deeper(column)?;
                let inner = self.one(Some((column, "not")))?;
                self.depth -= 1;
                Ok(Expression::Not(Box::new(inner)))
            }
            (Some(joint), _) => Err(error(
                column,
                format!("there is no term before this {}", joint.word()),
                format!(
                    "write a term on each side of {0}, or quote the word to look for it",
                    joint.word()
                ),
            )),
            (None, Piece::Open) => self.group(column),
            (None, Piece::Close) => Err(match behind {
                Some((_, "(")) => error(
                    column,
                    "there is nothing between the parentheses",
                    "write terms between them, or quote them to look for them",
                ),
                Some(_) => nothing_behind(behind),
                None => error(
                    column,
                    "no parenthesis is open that this could close",
                    QUOTE,
                ),
            }),
            (None, _) => typed::term(token, self.sources).map(Expression::Term),
        }
    }

    /// From behind an opening parenthesis to behind the closing one.
    fn group(&mut self, column: usize) -> Result<Expression, FilterError> {
        self.deeper(column)?;
        if self.tokens.peek().is_none() {
            return Err(never_closed(column));
        }
        let inner = self.any(Some((column, "(")))?;
        self.depth -= 1;
        match self.tokens.next() {
            Some(_) => Ok(inner),
            None => Err(never_closed(column)),
        }
    }

    fn deeper(&mut self, column: usize) -> Result<(), FilterError> {
        self.depth += 1;
        if self.depth > DEPTH {
            let hint = format!("nest at most {DEPTH} deep");
            return Err(error(column, "this is nested too deep", hint));
        }
        Ok(())
    }

    /// Takes a joining word if it comes next; where it stood.
    fn take(&mut self, joint: Joint) -> Option<usize> {
        let next = self.tokens.next_if(|token| Joint::of(token) == Some(joint));
        next.map(|token| token.column)
    }
}

fn never_closed(column: usize) -> FilterError {
    error(
        column,
        "a parenthesis is opened here and never closed",
        format!("close it with ), and {QUOTE}"),
    )
}

fn nothing_behind(behind: Option<(usize, &str)>) -> FilterError {
    let (column, word) = behind.unwrap_or((1, "text"));
    error(
        column,
        format!("there is no term behind this {word}"),
        format!("write a term behind {word}, or quote the word to look for it"),
    )
}

/// One part alone is itself.
fn joined(mut parts: Vec<Expression>, all: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            all(parts)
        }
    }
}
