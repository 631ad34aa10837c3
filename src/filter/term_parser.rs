//! From a piece of typed text to a term, and the words for what is wrong with it.

use super::{
    CountRanges, Field, FilterError, Needle, Pattern, RiskSet, StatusSet, Subsequence, Term,
    Values,
    date_range::{Age, Comparison, DateRange, DateRanges},
    error::{QUOTE, error},
    field::suggest,
    lexer::{ComparisonSign, Operand, Token, TokenKind},
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
const DAY_HINT: &str = "write a day, a month or a minute, as in 2026-01-31, 2026-01 or 2026-01-31T02:00, or two with .. between them";

/// The term of a piece that is one.
pub(super) fn parse_term(token: Token, sources: &[&str]) -> Result<Term, FilterError> {
    let column = token.column;
    match token.kind {
        TokenKind::Quoted(text) => Ok(Term::Text(Needle::new(&text))),
        TokenKind::Word(word) if word.eq_ignore_ascii_case("marked") => Ok(Term::Marked),
        TokenKind::Word(word) => Ok(Term::Text(Needle::new(&word))),
        TokenKind::Subsequence(text) => Ok(Term::Subsequence(Subsequence::new(&text))),
        TokenKind::Pattern(text) => {
            Pattern::new(&text)
                .map(Term::Pattern)
                .map_err(|(place, why)| {
                    let message = format!("the regular expression cannot be read: {why}");
                    error(column + 1 + place, message, QUOTE)
                })
        }
        TokenKind::Field(name, operands) => parse_field_term(column, &name, &operands, sources),
        TokenKind::Comparison(name, mark, operand) => {
            parse_comparison(column, &name, mark, operand)
        }
        TokenKind::Not | TokenKind::Open | TokenKind::Close => {
            Err(error(column, "a term is missing here", QUOTE))
        }
    }
}

/// A term of a field, a sign and a value.
fn parse_comparison(
    column: usize,
    name: &str,
    mark: ComparisonSign,
    operand: Option<Operand>,
) -> Result<Term, FilterError> {
    let name = name.to_ascii_lowercase();
    let field = find_field(&name).ok_or_else(|| unknown_field(column, &name))?;
    let sign = parse_sign(&name, mark)?;
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
        Field::Risk => parse_risk_comparison(sign, &operand),
        Field::Leaks => parse_leak_comparison(sign, &operand),
        Field::Age => match Age::parse_seconds(&operand.text) {
            Some(limit) => Ok(Term::Age(Age {
                field: Field::Seen,
                comparison: sign,
                limit,
            })),
            None => Err(error(
                operand.column,
                "this is no age",
                "write a number and h, d or w, as in age<7d",
            )),
        },
        _ => {
            if let Some(limit) = Age::parse_seconds(&operand.text) {
                return Ok(Term::Age(Age {
                    field,
                    comparison: sign,
                    limit,
                }));
            }
            let span = parse_day(operand.column, &operand.text)?.compared_to(sign);
            Ok(Term::Date(
                field,
                DateRanges {
                    ranges: vec![span],
                    missing: false,
                },
            ))
        }
    }
}

fn parse_sign(name: &str, mark: ComparisonSign) -> Result<Comparison, FilterError> {
    Ok(match mark.sign {
        ">=" => Comparison::AtLeast,
        ">" => Comparison::More,
        "<=" => Comparison::AtMost,
        "<" => Comparison::Less,
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

fn parse_risk_comparison(sign: Comparison, operand: &Operand) -> Result<Term, FilterError> {
    let Some(limit) = parse_risk(operand)? else {
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
    let wanted = levels
        .into_iter()
        .filter(|level| sign.matches(*level, limit));
    let set = wanted.fold(RiskSet::default(), |set, level| set.with(Some(level)));
    Ok(Term::Risk(set.as_comparison()))
}

fn parse_leak_comparison(sign: Comparison, operand: &Operand) -> Result<Term, FilterError> {
    let count = parse_count(operand)?;
    let range = match sign {
        Comparison::AtLeast => Some((count, u64::MAX)),
        Comparison::More => count.checked_add(1).map(|next| (next, u64::MAX)),
        Comparison::AtMost => Some((0, count)),
        Comparison::Less => count.checked_sub(1).map(|last| (0, last)),
    };
    Ok(Term::Leaks(CountRanges {
        ranges: range.into_iter().collect(),
        missing: false,
    }))
}

fn parse_count(operand: &Operand) -> Result<u64, FilterError> {
    operand.text.parse().map_err(|_| {
        let hint = "write a number, as in leaks>=10";
        error(operand.column, "this is no number of leaks", hint)
    })
}

fn parse_day(column: usize, text: &str) -> Result<DateRange, FilterError> {
    DateRange::parse(text).ok_or_else(|| error(column, "this is no day and no month", DAY_HINT))
}

/// A day, a month, or from one to another, of which either may be left out.
fn parse_range(operand: &Operand) -> Result<DateRange, FilterError> {
    let Some((first, last)) = operand.text.split_once("..") else {
        return parse_day(operand.column, &operand.text);
    };
    let end = |column: usize, text: &str| {
        (!text.is_empty())
            .then(|| parse_day(column, text))
            .transpose()
    };
    let column = operand.column + first.chars().count() + 2;
    let (from, until) = (end(operand.column, first)?, end(column, last)?);
    if from.is_none() && until.is_none() {
        return Err(error(operand.column, "both ends are missing", DAY_HINT));
    }
    DateRange::from_bounds(from, until).ok_or_else(|| {
        error(
            column,
            "this is before the other",
            "write the earlier one first",
        )
    })
}

fn parse_ranges(operands: &[Operand]) -> Result<DateRanges, FilterError> {
    let mut moments = DateRanges::default();
    for operand in operands {
        if is_missing_keyword(operand) {
            moments.missing = true;
        } else {
            moments.ranges.push(parse_range(operand)?);
        }
    }
    Ok(moments)
}

/// `none` without quotes is the lack of a value.
fn is_missing_keyword(operand: &Operand) -> bool {
    !operand.quoted && operand.text.eq_ignore_ascii_case("none")
}

fn find_field(name: &str) -> Option<Field> {
    name.parse().ok()
}

fn unknown_field(column: usize, name: &str) -> FilterError {
    let names = Field::iter().map(Field::name);
    let near = suggest(name, names.clone());
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

fn parse_field_term(
    column: usize,
    name: &str,
    operands: &[Operand],
    sources: &[&str],
) -> Result<Term, FilterError> {
    let name = name.to_ascii_lowercase();
    let field = find_field(&name).ok_or_else(|| unknown_field(column, &name))?;
    match field {
        Field::Status => operands
            .iter()
            // Every leak has a status.
            .filter(|operand| !is_missing_keyword(operand))
            .try_fold(StatusSet::default(), |set, operand| {
                parse_statuses(operand).map(|more| more.into_iter().fold(set, StatusSet::with))
            })
            .map(Term::Status),
        Field::Risk => operands
            .iter()
            .try_fold(RiskSet::default(), |set, operand| {
                parse_risk(operand).map(|level| set.with(level))
            })
            .map(Term::Risk),
        Field::Source => parse_listed(field, operands, sources),
        Field::Is => parse_listed(field, operands, IS_WORDS),
        Field::Form => {
            check_words(field, operands, FORM_WORDS)?;
            Ok(Term::Equals(field, parse_values(operands)))
        }
        Field::Seen | Field::Added | Field::Found => {
            parse_ranges(operands).map(|moments| Term::Date(field, moments))
        }
        Field::Age if !operands.is_empty() && operands.iter().all(is_missing_keyword) => {
            Ok(Term::Date(
                Field::Seen,
                DateRanges {
                    missing: true,
                    ..DateRanges::default()
                },
            ))
        }
        Field::Age => Err(error(
            operands.first().map_or(column, |operand| operand.column),
            "an age is compared",
            "write age<7d for what is newer, age>7d for what is older; h, d and w are the units",
        )),
        Field::Leaks => {
            let counts = operands
                .iter()
                .filter(|operand| !is_missing_keyword(operand));
            let counts: Result<Vec<_>, _> = counts.map(parse_count).collect();
            let ranges = counts?.into_iter().map(|count| (count, count)).collect();
            let missing = operands.iter().any(is_missing_keyword);
            Ok(Term::Leaks(CountRanges { ranges, missing }))
        }
        Field::Profile | Field::Class => Ok(Term::Equals(field, parse_values(operands))),
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
        | Field::Breach => Ok(Term::Contains(field, parse_values(operands))),
    }
}

/// Each value is a word of a list.
fn parse_listed(field: Field, operands: &[Operand], words: &[&str]) -> Result<Term, FilterError> {
    check_words(field, operands, words)?;
    Ok(Term::Equals(field, parse_values(operands)))
}

fn check_words(field: Field, operands: &[Operand], words: &[&str]) -> Result<(), FilterError> {
    let known = |operand: &&Operand| {
        is_missing_keyword(operand) || words.contains(&&operand.text.to_lowercase()[..])
    };
    match operands.iter().find(|operand| !known(operand)) {
        Some(operand) => Err(unknown_word(operand, field.name(), words)),
        None => Ok(()),
    }
}

fn parse_values(operands: &[Operand]) -> Values {
    let mut values = Values::default();
    for operand in operands {
        if is_missing_keyword(operand) {
            values.missing = true;
        } else {
            values.needles.push(Needle::new(&operand.text));
        }
    }
    values
}

fn parse_statuses(operand: &Operand) -> Result<Vec<Status>, FilterError> {
    let word = operand.text.to_lowercase();
    Ok(match word.as_str() {
        "open" => Status::iter()
            .filter(|status| status.is_unresolved())
            .collect(),
        "closed" => Status::iter()
            .filter(|status| !status.is_unresolved())
            .collect(),
        word => match word.parse() {
            Ok(status) => vec![status],
            Err(_) => return Err(unknown_word(operand, "status", STATUS_WORDS)),
        },
    })
}

/// `level-none` is the provider's word; `none` is that it says nothing, as for every field.
fn parse_risk(operand: &Operand) -> Result<Option<RiskLevel>, FilterError> {
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
    let near = suggest(&operand.text, words.iter().copied());
    let hint = if near.is_empty() {
        format!("{field} is one of {}", words.join(", "))
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    error(operand.column, format!("{field} has no such word"), hint)
}
