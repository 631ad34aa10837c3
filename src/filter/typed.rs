//! From a piece of typed text to a term, and the words for what is wrong with it.

use super::{
    Counts, Field, FilterError, Letters, Needle, Pattern, RiskSet, StatusSet, Term, Values,
    error::{QUOTE, error},
    field::nearest,
    lexer::{Mark, Operand, Piece, Token},
    when::{Age, Moments, Sign, Span},
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
const RISK_WORDS: &[&str] = &["none", "low", "medium", "high", "level-none", "unknown"];
/// `local` and `remote` say who keeps the status; `disputed` that the provider contradicts us; the others, what is told of
/// a leak: all of it since the operator left, what of that nobody has looked at, and what came back, turned up again or
/// is new and stands as it did then.
pub const IS_WORDS: &[&str] = &[
    "local",
    "remote",
    "disputed",
    "news",
    "unread",
    "regressed",
    "again",
    "new",
];
/// Those that only the memory of what was seen knows.
pub(super) const TOLD_WORDS: &[&str] = &["news", "unread", "regressed", "again", "new"];
const FORM_WORDS: &[&str] = &["endpoint", "resource", "breach", "paste", "none"];
const DAY: &str = "write a day, a month or a minute, as in 2026-01-31, 2026-01 or 2026-01-31T02:00, or two with .. between them";

/// The term of a piece that is one.
pub(super) fn term(token: Token, sources: &[&str]) -> Result<Term, FilterError> {
    let column = token.column;
    match token.what {
        Piece::Quoted(text) => Ok(Term::Text(Needle::new(&text))),
        Piece::Word(word) if word.eq_ignore_ascii_case("marked") => Ok(Term::Marked),
        Piece::Word(word) => Ok(Term::Text(Needle::new(&word))),
        Piece::Letters(text) => Ok(Term::Letters(Letters::new(&text))),
        Piece::Pattern(text) => Pattern::new(&text)
            .map(Term::Pattern)
            .map_err(|(place, why)| {
                let message = format!("the regular expression cannot be read: {why}");
                error(column + 1 + place, message, QUOTE)
            }),
        Piece::Field(name, operands) => field_term(column, &name, &operands, sources),
        Piece::Comparison(name, mark, operand) => compared(column, &name, mark, operand),
        Piece::Not | Piece::Open | Piece::Close => {
            Err(error(column, "a term is missing here", QUOTE))
        }
    }
}

/// A term of a field, a sign and a value.
fn compared(
    column: usize,
    name: &str,
    mark: Mark,
    operand: Option<Operand>,
) -> Result<Term, FilterError> {
    let name = name.to_ascii_lowercase();
    let field = known_field(&name).ok_or_else(|| unknown_field(column, &name))?;
    let sign = sign(&name, mark)?;
    let comparable = matches!(
        field,
        Field::Risk | Field::Seen | Field::Added | Field::Found | Field::Age | Field::Leaks
    );
    if !comparable {
        return Err(error(
            mark.column,
            format!("{name} is neither greater nor less"),
            format!("write {name}:VALUE; risk, seen, added, found, age and leaks can be compared"),
        ));
    }
    let Some(operand) = operand else {
        return Err(error(
            mark.column + mark.sign.len(),
            "a value is missing here",
            format!("write it behind {} without a blank", mark.sign),
        ));
    };
    match field {
        Field::Risk => risks_beside(sign, &operand),
        Field::Leaks => leaks_beside(sign, &operand),
        Field::Age => match Age::seconds(&operand.text) {
            Some(limit) => Ok(Term::Age(Age {
                field: Field::Seen,
                sign,
                limit,
            })),
            None => Err(error(
                operand.column,
                "this is no age",
                "write a number and h, d or w, as in age<7d",
            )),
        },
        _ => {
            if let Some(limit) = Age::seconds(&operand.text) {
                return Ok(Term::Age(Age { field, sign, limit }));
            }
            let span = day(operand.column, &operand.text)?.beside(sign);
            Ok(Term::Date(
                field,
                Moments {
                    spans: vec![span],
                    missing: false,
                },
            ))
        }
    }
}

fn sign(name: &str, mark: Mark) -> Result<Sign, FilterError> {
    Ok(match mark.sign {
        ">=" => Sign::AtLeast,
        ">" => Sign::More,
        "<=" => Sign::AtMost,
        "<" => Sign::Less,
        "!=" => {
            return Err(error(
                mark.column,
                "a field is not compared with !=",
                format!("write !{name}:VALUE"),
            ));
        }
        _ => {
            return Err(error(
                mark.column,
                "a field and its value are joined by a colon",
                format!("write {name}:VALUE"),
            ));
        }
    })
}

fn risks_beside(sign: Sign, operand: &Operand) -> Result<Term, FilterError> {
    let Some(limit) = risk(operand)? else {
        return Err(error(
            operand.column,
            "no risk is neither greater nor less",
            "write risk:none for what has none, risk>=level-none for what has one",
        ));
    };
    let levels = [
        RiskLevel::None,
        RiskLevel::Low,
        RiskLevel::Medium,
        RiskLevel::High,
    ];
    let wanted = levels.into_iter().filter(|level| sign.holds(*level, limit));
    let set = wanted.fold(RiskSet::default(), |set, level| set.with(Some(level)));
    Ok(Term::Risk(set.compared()))
}

fn leaks_beside(sign: Sign, operand: &Operand) -> Result<Term, FilterError> {
    let count = count(operand)?;
    let range = match sign {
        Sign::AtLeast => Some((count, u64::MAX)),
        Sign::More => count.checked_add(1).map(|next| (next, u64::MAX)),
        Sign::AtMost => Some((0, count)),
        Sign::Less => count.checked_sub(1).map(|last| (0, last)),
    };
    Ok(Term::Leaks(Counts {
        ranges: range.into_iter().collect(),
        missing: false,
    }))
}

fn count(operand: &Operand) -> Result<u64, FilterError> {
    operand.text.parse().map_err(|_| {
        let hint = "write a number, as in leaks>=10";
        error(operand.column, "this is no number of leaks", hint)
    })
}

fn day(column: usize, text: &str) -> Result<Span, FilterError> {
    Span::of(text).ok_or_else(|| error(column, "this is no day and no month", DAY))
}

/// A day, a month, or from one to another, of which either may be left out.
fn span(operand: &Operand) -> Result<Span, FilterError> {
    let Some((first, last)) = operand.text.split_once("..") else {
        return day(operand.column, &operand.text);
    };
    let end = |column: usize, text: &str| (!text.is_empty()).then(|| day(column, text)).transpose();
    let column = operand.column + first.chars().count() + 2;
    let (from, until) = (end(operand.column, first)?, end(column, last)?);
    if from.is_none() && until.is_none() {
        return Err(error(operand.column, "both ends are missing", DAY));
    }
    Span::between(from, until).ok_or_else(|| {
        error(
            column,
            "this is before the other",
            "write the earlier one first",
        )
    })
}

fn moments(operands: &[Operand]) -> Result<Moments, FilterError> {
    let mut moments = Moments::default();
    for operand in operands {
        if is_none(operand) {
            moments.missing = true;
        } else {
            moments.spans.push(span(operand)?);
        }
    }
    Ok(moments)
}

/// `none` without quotes is the lack of a value.
fn is_none(operand: &Operand) -> bool {
    !operand.quoted && operand.text.eq_ignore_ascii_case("none")
}

fn known_field(name: &str) -> Option<Field> {
    name.parse().ok()
}

fn unknown_field(column: usize, name: &str) -> FilterError {
    let names = Field::iter().map(Field::name);
    let near = nearest(name, names.clone());
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

fn field_term(
    column: usize,
    name: &str,
    operands: &[Operand],
    sources: &[&str],
) -> Result<Term, FilterError> {
    let name = name.to_ascii_lowercase();
    let field = known_field(&name).ok_or_else(|| unknown_field(column, &name))?;
    match field {
        Field::Status => operands
            .iter()
            // Every leak has a status.
            .filter(|operand| !is_none(operand))
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
        Field::Source => listed(field, operands, sources),
        Field::Is => listed(field, operands, IS_WORDS),
        Field::Form => {
            check_words(field, operands, FORM_WORDS)?;
            Ok(Term::Word(field, with_none(operands)))
        }
        Field::Seen | Field::Added | Field::Found => {
            moments(operands).map(|moments| Term::Date(field, moments))
        }
        Field::Age if !operands.is_empty() && operands.iter().all(is_none) => Ok(Term::Date(
            Field::Seen,
            Moments {
                missing: true,
                ..Moments::default()
            },
        )),
        Field::Age => Err(error(
            operands.first().map_or(column, |operand| operand.column),
            "an age is compared",
            "write age<7d for what is newer, age>7d for what is older; h, d and w are the units",
        )),
        Field::Leaks => {
            let counts = operands.iter().filter(|operand| !is_none(operand));
            let counts: Result<Vec<_>, _> = counts.map(count).collect();
            let ranges = counts?.into_iter().map(|count| (count, count)).collect();
            let missing = operands.iter().any(is_none);
            Ok(Term::Leaks(Counts { ranges, missing }))
        }
        Field::Profile | Field::Class => Ok(Term::Word(field, with_none(operands))),
        Field::Key
        | Field::Domain
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
fn listed(field: Field, operands: &[Operand], words: &[&str]) -> Result<Term, FilterError> {
    check_words(field, operands, words)?;
    Ok(Term::Word(field, with_none(operands)))
}

fn check_words(field: Field, operands: &[Operand], words: &[&str]) -> Result<(), FilterError> {
    let known =
        |operand: &&Operand| is_none(operand) || words.contains(&&operand.text.to_lowercase()[..]);
    match operands.iter().find(|operand| !known(operand)) {
        Some(operand) => Err(unknown_word(operand, field.name(), words)),
        None => Ok(()),
    }
}

fn with_none(operands: &[Operand]) -> Values {
    let mut values = Values::default();
    for operand in operands {
        if is_none(operand) {
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

/// `level-none` is the provider's word; `none` is that it says nothing, as for every field.
fn risk(operand: &Operand) -> Result<Option<RiskLevel>, FilterError> {
    match operand.text.to_lowercase().as_str() {
        "unknown" => Ok(None),
        "none" if !operand.quoted => Ok(None),
        "level-none" => Ok(Some(RiskLevel::None)),
        word => word
            .parse()
            .map(Some)
            .map_err(|_| unknown_word(operand, "risk", RISK_WORDS)),
    }
}

fn unknown_word(operand: &Operand, field: &str, words: &[&str]) -> FilterError {
    let near = nearest(&operand.text, words.iter().copied());
    let hint = if near.is_empty() {
        format!("{field} is one of {}", words.join(", "))
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    error(operand.column, format!("{field} has no such word"), hint)
}
