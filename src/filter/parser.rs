//! From pieces to terms, and the words for what is wrong or not built yet.

use super::{
    Field, Filter, FilterError, Needle, RiskSet, StatusSet, Term, Values,
    field::{TO_COME, nearest},
    lexer::{Operand, Piece, Token, tokens},
};
use crate::entity::{leak::RiskLevel, status::Status};
use strum::IntoEnumIterator;

const STATUS_WORDS: &[&str] = &[
    "new",
    "investigating",
    "open",
    "closed",
    "fixed",
    "false_positive",
    "unknown",
];
const RISK_WORDS: &[&str] = &["none", "low", "medium", "high", "unknown"];
/// `local` and `remote` say who keeps the status; `disputed` that the provider contradicts us.
const IS_WORDS: &[&str] = &["local", "remote", "disputed"];
const SOURCE_WORDS: &[&str] = &["projectdiscovery", "leaks-ai", "leaked-checker"];

/// Reads a filter. Terms side by side, or with `and` between them, must all hold.
///
/// # Errors
/// With the column and a hint, for what is not of the language and for what of it is not built yet.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut terms = Vec::new();
    // Where an `and` waits for its right side.
    let mut open = None;
    for token in tokens(text)? {
        if is_and(&token) {
            if terms.is_empty() || open.is_some() {
                return Err(error(
                    token.column,
                    "there is no term before this and",
                    "write a term on each side of and, or quote the word to look for it",
                ));
            }
            open = Some(token.column);
            continue;
        }
        terms.push(term(token)?);
        open = None;
    }
    match open {
        Some(column) => Err(error(
            column,
            "there is no term behind this and",
            "write a term on each side of and, or quote the word to look for it",
        )),
        None => Ok(Filter {
            text: text.trim().to_owned(),
            terms,
        }),
    }
}

fn is_and(token: &Token) -> bool {
    matches!(&token.what, Piece::Word(word) if word.eq_ignore_ascii_case("and"))
}

fn error(column: usize, message: impl Into<String>, hint: impl Into<String>) -> FilterError {
    FilterError {
        column,
        message: message.into(),
        hint: hint.into(),
    }
}

fn not_built(column: usize, what: &str, hint: &str) -> FilterError {
    error(column, format!("{what} cannot be used yet"), hint)
}

const QUOTE: &str = "to look for the text itself, put it in quotes";

fn term(token: Token) -> Result<Term, FilterError> {
    let column = token.column;
    match token.what {
        Piece::Quoted(text) => Ok(Term::Text(Needle::new(&text))),
        Piece::Word(word) => match word.to_ascii_lowercase().as_str() {
            "or" => Err(not_built(column, "or", QUOTE)),
            "not" => Err(not_built(column, "not", QUOTE)),
            "marked" => Err(not_built(column, "marked", QUOTE)),
            _ => Ok(Term::Text(Needle::new(&word))),
        },
        Piece::Sign(sign) => {
            let what = match sign {
                '!' => "! for not",
                '(' | ')' => "a parenthesis",
                '/' => "a /regular expression/",
                _ => "~ for letters in this order",
            };
            Err(not_built(column, what, QUOTE))
        }
        Piece::Comparison(name, sign) => Err(comparison(column, &name, sign)),
        Piece::Field(name, operands) => field_term(column, &name, &operands),
    }
}

fn comparison(column: usize, name: &str, sign: &str) -> FilterError {
    let name = name.to_ascii_lowercase();
    let known = known_field(&name).is_some() || TO_COME.contains(&&name[..]);
    if !known {
        return unknown_field(column, &name);
    }
    let column = column + name.len();
    if sign == "=" {
        return error(
            column,
            "a field and its value are joined by a colon",
            format!("write {name}:VALUE"),
        );
    }
    not_built(
        column,
        "a comparison",
        "name the values instead, as in risk:medium,high",
    )
}

fn known_field(name: &str) -> Option<Field> {
    name.parse().ok()
}

fn unknown_field(column: usize, name: &str) -> FilterError {
    let names = Field::iter().map(Field::name);
    let near = nearest(name, names.clone().chain(TO_COME.iter().copied()));
    let hint = if matches!(name, "id" | "leak") {
        // The word that people try first.
        "an id is looked for with key:".to_owned()
    } else if near.is_empty() {
        let all: Vec<&str> = names.collect();
        format!("{QUOTE}; fields are {}", all.join(", "))
    } else {
        format!("did you mean {}? {QUOTE}", near.join(" or "))
    };
    error(column, "there is no field of this name", hint)
}

fn field_term(column: usize, name: &str, operands: &[Operand]) -> Result<Term, FilterError> {
    let name = name.to_ascii_lowercase();
    let Some(field) = known_field(&name) else {
        return Err(if TO_COME.contains(&&name[..]) {
            not_built(column, &format!("the field {name}"), "leave it out for now")
        } else {
            unknown_field(column, &name)
        });
    };
    match field {
        Field::Status => operands
            .iter()
            .try_fold(StatusSet::default(), |set, operand| {
                statuses(operand).map(|more| more.into_iter().fold(set, StatusSet::with))
            })
            .map(Term::Status),
        Field::Risk => operands
            .iter()
            .try_fold(RiskSet::default(), |set, operand| {
                risk(operand).map(|level| set.with(level))
            })
            .map(Term::Risk),
        Field::Source => listed(field, operands, SOURCE_WORDS),
        Field::Is => listed(field, operands, IS_WORDS),
        Field::Profile => Ok(Term::Word(field, literal(operands))),
        Field::Class => Ok(Term::Word(field, with_none(operands))),
        Field::Key => Ok(Term::Contains(field, literal(operands))),
        Field::Domain
        | Field::Login
        | Field::Url
        | Field::Host
        | Field::Ip
        | Field::Os
        | Field::Country
        | Field::Device
        | Field::Reason
        | Field::Ticket
        | Field::Claimed
        | Field::Breach => Ok(Term::Contains(field, with_none(operands))),
    }
}

/// Each value is a word of a list.
fn listed(
    field: Field,
    operands: &[Operand],
    words: &'static [&'static str],
) -> Result<Term, FilterError> {
    for operand in operands {
        if !words.contains(&&operand.text.to_lowercase()[..]) {
            return Err(unknown_word(operand, field.name(), words));
        }
    }
    Ok(Term::Word(field, literal(operands)))
}

/// Every leak has one of these, so `none` is a word like any other.
fn literal(operands: &[Operand]) -> Values {
    Values {
        any: operands
            .iter()
            .map(|operand| Needle::new(&operand.text))
            .collect(),
        missing: false,
    }
}

/// `none` without quotes is the lack of a value.
fn with_none(operands: &[Operand]) -> Values {
    let mut values = Values::default();
    for operand in operands {
        if !operand.quoted && operand.text.eq_ignore_ascii_case("none") {
            values.missing = true;
        } else {
            values.any.push(Needle::new(&operand.text));
        }
    }
    values
}

fn statuses(operand: &Operand) -> Result<Vec<Status>, FilterError> {
    let word = operand.text.to_lowercase();
    Ok(match word.as_str() {
        "open" => Status::iter().filter(|status| status.is_open()).collect(),
        "closed" => Status::iter().filter(|status| !status.is_open()).collect(),
        word => match word.parse() {
            Ok(status) => vec![status],
            Err(_) => return Err(unknown_word(operand, "status", STATUS_WORDS)),
        },
    })
}

/// `none` is the provider's word; `unknown` is that it says nothing.
fn risk(operand: &Operand) -> Result<Option<RiskLevel>, FilterError> {
    match operand.text.to_lowercase().as_str() {
        "unknown" => Ok(None),
        word => word
            .parse()
            .map(Some)
            .map_err(|_| unknown_word(operand, "risk", RISK_WORDS)),
    }
}

fn unknown_word(operand: &Operand, field: &str, words: &'static [&'static str]) -> FilterError {
    let near = nearest(&operand.text, words.iter().copied());
    let hint = if near.is_empty() {
        format!("{field} is one of {}", words.join(", "))
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    error(operand.column, format!("{field} has no such word"), hint)
}
