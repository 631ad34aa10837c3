//! Whether one row matches: the plain way, that says what the fast way in the leak table must come to.

use super::{Expression, Field, Filter, Needle, Term, Values, case_fold, contains};
use crate::entity::{
    claim::Justification,
    connection::{Connection, ConnectionKind},
    date,
    domain::Domain,
    host,
    key::EntityKey,
    leak::{Leak, RiskLevel},
    raw_text::RawText,
    status::{Status, StatusSource},
    user::User,
};

/// What a filter looks at. A thing that has no such member says nothing of it.
pub trait Candidate {
    /// Its identity.
    fn key(&self) -> &EntityKey;
    /// Its status.
    fn status(&self) -> Option<Status>;
    /// Its risk.
    fn risk(&self) -> Option<RiskLevel>;
    /// What a bare word is looked for in.
    fn search_texts(&self) -> Vec<&[u8]>;
    /// What a field holds: none, one or, for a machine, two values. Empty ones count as none.
    fn values(&self, field: Field) -> Vec<&[u8]>;
    /// A date as it came: when it was seen, or when it was added.
    fn date(&self, _field: Field) -> Option<&[u8]> {
        None
    }
    /// How many leaks belong to it.
    fn leaks(&self) -> Option<u64> {
        None
    }
}

impl Filter {
    /// Whether every part holds for a row that is not marked.
    pub fn matches(&self, row: &impl Candidate) -> bool {
        self.matches_with_mark(row, false)
    }

    /// Whether every part holds for a row that is marked or not.
    pub fn matches_with_mark(&self, row: &impl Candidate, marked: bool) -> bool {
        let beside = MatchContext {
            marked,
            now: self.now,
        };
        self.conditions.iter().all(|part| part.matches(row, beside))
    }
}

/// What does not stand in the row.
#[derive(Clone, Copy)]
struct MatchContext {
    marked: bool,
    now: Option<i64>,
}

impl Expression {
    fn matches(&self, row: &impl Candidate, beside: MatchContext) -> bool {
        match self {
            Self::Term(term) => term.matches(row, beside),
            Self::All(parts) => parts.iter().all(|part| part.matches(row, beside)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(row, beside)),
            Self::Not(part) => !part.matches(row, beside),
        }
    }
}

impl Term {
    fn matches(&self, row: &impl Candidate, beside: MatchContext) -> bool {
        let in_words = |holds: &dyn Fn(&[u8]) -> bool| row.search_texts().into_iter().any(holds);
        match self {
            Self::Text(needle) => in_words(&|word| contains_any(word, true, needle)),
            Self::Pattern(pattern) => in_words(&|word| pattern.matches(word)),
            Self::Subsequence(letters) => in_words(&|word| {
                letters.matches(&case_fold(word))
                    || host::search_text(word).is_some_and(|form| letters.matches(&form))
            }),
            Self::Status(set) => row.status().is_some_and(|status| set.contains(status)),
            Self::Risk(set) => set.contains(row.risk()),
            Self::Equals(field, values) => {
                matches_any_value(values, &row.values(*field), |value, needle| {
                    *case_fold(value) == *needle.folded()
                })
            }
            Self::Contains(Field::Key, values) => {
                let whole = row.key().to_string();
                values.needles.iter().any(|needle| {
                    needle.text() == whole
                        || contains(&case_fold(row.key().id.as_bytes()), needle.folded())
                })
            }
            Self::Contains(field, values) => {
                let hosts = field.has_hosts();
                matches_any_value(values, &row.values(*field), |value, needle| {
                    contains_any(value, hosts, needle)
                })
            }
            // What cannot be read as a date is none.
            Self::Date(field, moments) => match row.date(*field).and_then(date::parse_seconds) {
                None => moments.missing,
                Some(date) => moments.contains(date),
            },
            Self::Age(age) => age.matches(
                row.date(age.field()).and_then(date::parse_seconds),
                beside.now,
            ),
            Self::Leaks(counts) => match row.leaks() {
                None => counts.missing,
                Some(leaks) => counts.contains(leaks),
            },
            Self::Marked => beside.marked,
        }
    }
}

/// Whether a text has a needle in it, in one of the forms in which either is searched.
fn contains_any(text: &[u8], hosts: bool, needle: &Needle) -> bool {
    let within = |text: &[u8]| needle.forms().any(|form| contains(text, form));
    within(&case_fold(text)) || hosts && host::search_text(text).is_some_and(|form| within(&form))
}

fn matches_any_value(
    wanted: &Values,
    values: &[&[u8]],
    test: impl Fn(&[u8], &Needle) -> bool,
) -> bool {
    let mut values = values.iter().filter(|value| !value.is_empty()).peekable();
    if values.peek().is_none() {
        return wanted.missing;
    }
    values.any(|value| wanted.needles.iter().any(|needle| test(value, needle)))
}

fn present_bytes<'a>(values: impl IntoIterator<Item = Option<&'a RawText>>) -> Vec<&'a [u8]> {
    values
        .into_iter()
        .flatten()
        .map(RawText::as_bytes)
        .collect()
}

impl Candidate for Leak {
    fn key(&self) -> &EntityKey {
        &self.key
    }

    fn status(&self) -> Option<Status> {
        Some(self.status)
    }

    fn risk(&self) -> Option<RiskLevel> {
        self.risk.map(|risk| risk.level)
    }

    fn search_texts(&self) -> Vec<&[u8]> {
        let host = self.device.as_ref().and_then(|d| d.hostname.as_ref());
        present_bytes([
            self.login.as_ref(),
            self.url.as_ref(),
            host,
            self.domain.as_ref(),
        ])
    }

    fn values(&self, field: Field) -> Vec<&[u8]> {
        let device = self.device.as_ref();
        let host = device.and_then(|d| d.hostname.as_ref());
        let words = |word: fn(&Justification) -> Option<&String>| {
            let noted = self.last_note.iter();
            let words = noted.filter_map(|noted| word(&noted.justification));
            words.map(String::as_bytes).collect()
        };
        match field {
            Field::Status
            | Field::Risk
            | Field::Key
            | Field::Seen
            | Field::Added
            | Field::Found
            | Field::Age
            | Field::Form
            | Field::Leaks => Vec::new(),
            Field::Is => {
                let keeper: &[u8] = match self.status_source {
                    StatusSource::Local => b"local",
                    StatusSource::Remote => b"remote",
                };
                let disputed: Option<&[u8]> = self.disputed.then_some(b"disputed");
                let told = self.news.iter().map(|word| word.as_bytes());
                [Some(keeper), disputed]
                    .into_iter()
                    .flatten()
                    .chain(told)
                    .collect()
            }
            Field::Breach => present_bytes([self.breach.as_ref().map(|breach| &breach.name)]),
            Field::Reason => words(|words| words.reason.as_ref()),
            Field::Ticket => words(|words| words.ticket.as_ref()),
            Field::Claimed => {
                let by = self
                    .claim
                    .iter()
                    .map(|claim| claim.claimant.user.as_bytes());
                by.collect()
            }
            Field::Class => present_bytes([self.class.as_ref()]),
            Field::Source => vec![self.provider.as_str().as_bytes()],
            Field::Profile => vec![self.key.profile.as_str().as_bytes()],
            Field::Domain => present_bytes([self.domain.as_ref()]),
            Field::Login => present_bytes([self.login.as_ref()]),
            Field::Url => present_bytes([self.url.as_ref()]),
            Field::Host => present_bytes([host]),
            Field::Ip => present_bytes([device.and_then(|d| d.ip.as_ref())]),
            Field::Os => present_bytes([device.and_then(|d| d.os.as_ref())]),
            Field::Country => present_bytes([self.country.as_ref()]),
            Field::Device => present_bytes([device.and_then(|d| d.hardware_id.as_ref()), host]),
        }
    }

    fn date(&self, field: Field) -> Option<&[u8]> {
        let date = match field {
            Field::Added => self.added_at.as_ref(),
            Field::Found => self.found.as_ref(),
            _ => self.first_seen.as_ref(),
        };
        date.map(RawText::as_bytes)
    }
}

impl Candidate for User {
    fn key(&self) -> &EntityKey {
        &self.key
    }

    fn status(&self) -> Option<Status> {
        None
    }

    fn risk(&self) -> Option<RiskLevel> {
        self.risk.map(|risk| risk.level)
    }

    fn search_texts(&self) -> Vec<&[u8]> {
        vec![self.login.as_bytes()]
    }

    fn values(&self, field: Field) -> Vec<&[u8]> {
        own_values(
            field,
            (&self.key, &self.provider),
            (Field::Login, &self.login),
        )
    }

    fn leaks(&self) -> Option<u64> {
        Some(self.leaks.total)
    }
}

impl Candidate for Domain {
    fn key(&self) -> &EntityKey {
        &self.key
    }

    fn status(&self) -> Option<Status> {
        None
    }

    fn risk(&self) -> Option<RiskLevel> {
        None
    }

    fn search_texts(&self) -> Vec<&[u8]> {
        vec![self.name.as_bytes()]
    }

    fn values(&self, field: Field) -> Vec<&[u8]> {
        own_values(
            field,
            (&self.key, &self.provider),
            (Field::Domain, &self.name),
        )
    }

    fn leaks(&self) -> Option<u64> {
        self.leaks.map(|leaks| leaks.total)
    }
}

impl Candidate for Connection {
    fn key(&self) -> &EntityKey {
        &self.key
    }

    fn status(&self) -> Option<Status> {
        None
    }

    fn risk(&self) -> Option<RiskLevel> {
        None
    }

    fn search_texts(&self) -> Vec<&[u8]> {
        let device = self.device.as_ref();
        present_bytes([
            Some(&self.name),
            device.and_then(|d| d.hostname.as_ref()),
            device.and_then(|d| d.ip.as_ref()),
            device.and_then(|d| d.os.as_ref()),
            self.country.as_ref(),
        ])
    }

    fn values(&self, field: Field) -> Vec<&[u8]> {
        let device = self.device.as_ref();
        let host = device.and_then(|d| d.hostname.as_ref());
        match field {
            // A resource is itself a host.
            Field::Host => present_bytes([
                host.or((self.kind == ConnectionKind::Resource).then_some(&self.name))
            ]),
            Field::Ip => present_bytes([device.and_then(|d| d.ip.as_ref())]),
            Field::Os => present_bytes([device.and_then(|d| d.os.as_ref())]),
            Field::Country => present_bytes([self.country.as_ref()]),
            Field::Device => present_bytes([device.and_then(|d| d.hardware_id.as_ref()), host]),
            Field::Breach => {
                let name = self.breach.as_ref().map(|breach| &breach.name);
                present_bytes(
                    [name.or((self.kind == ConnectionKind::Breach).then_some(&self.name))],
                )
            }
            Field::Form => {
                let word: &'static str = self.kind.into();
                vec![word.as_bytes()]
            }
            Field::Status
            | Field::Risk
            | Field::Is
            | Field::Class
            | Field::Source
            | Field::Profile
            | Field::Domain
            | Field::Login
            | Field::Url
            | Field::Reason
            | Field::Ticket
            | Field::Claimed
            | Field::Key
            | Field::Seen
            | Field::Added
            | Field::Found
            | Field::Age
            | Field::Leaks => {
                own_values(field, (&self.key, &self.provider), (Field::Key, &self.name))
            }
        }
    }

    fn leaks(&self) -> Option<u64> {
        self.leaks
    }
}

fn own_values<'a>(
    field: Field,
    (key, provider): (&'a EntityKey, &'a crate::entity::key::ProviderId),
    (own, value): (Field, &'a RawText),
) -> Vec<&'a [u8]> {
    if field == own {
        return vec![value.as_bytes()];
    }
    match field {
        Field::Source => vec![provider.as_str().as_bytes()],
        Field::Profile => vec![key.profile.as_str().as_bytes()],
        Field::Status
        | Field::Risk
        | Field::Is
        | Field::Breach
        | Field::Class
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
        | Field::Key
        | Field::Seen
        | Field::Added
        | Field::Found
        | Field::Age
        | Field::Form
        | Field::Leaks => Vec::new(),
    }
}
