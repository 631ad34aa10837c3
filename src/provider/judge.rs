//! The one place that judges an answer before anything is made of it: whose it is, whether it says that it is none,
//! whether all of it can be read, and whether the counts in it are those of what came.
//!
//! [`not_found_error`] and [`refusal`] stand in the transport, so that no adapter sees a 404 of a gateway or a refusal with
//! status 200 as an answer. [`list`] reads an answer that is a list and gives a [`Judgement`]: only its
//! [`Judgement::into_listed`] and [`Judgement::into_finding`] give items out, and both carry along what stands against them.

mod shape;

pub use shape::{foreign_error, not_found_error, refusal};

use crate::entity::{
    error::ProviderError,
    lookup::{EvidenceGrade, Finding, Verdict},
    page::FullList,
};
use crate::http::{
    HttpResponse, Judge,
    json::{FoundMember, Value},
};

/// The judge of the transport, which is called before an answer is returned.
pub const JUDGE: Judge = Judge {
    not_found_error,
    refusal,
    foreign_error,
};

/// What an answer is.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Judgement<T> {
    /// The service's own, with these items.
    Items(CheckedItems<T>),
    /// The service's own words, in the contract's shape, that there is nothing.
    NotFound {
        /// The words.
        message: Option<String>,
    },
    /// The service would not say; its words are in the error.
    Refused(ProviderError),
    /// Something else answered.
    NotThisService(ProviderError),
    /// Nothing that can be read.
    Unreadable(ProviderError),
}

/// What an answer holds. The items are not to be had without what stands against them.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedItems<T> {
    items: Vec<T>,
    unreadable: u32,
    contradiction: Option<String>,
}

impl<T> CheckedItems<T> {
    /// What the items are worth.
    pub fn evidence(&self) -> EvidenceGrade {
        if self.contradiction.is_some() {
            EvidenceGrade::Contradictory
        } else if self.unreadable > 0 {
            EvidenceGrade::Unreadable
        } else {
            EvidenceGrade::Answered
        }
    }

    /// Why they are worth no more.
    pub fn message(&self) -> Option<String> {
        let unreadable = (self.unreadable > 0).then(|| unreadable_message(self.unreadable));
        let parts: Vec<String> = self
            .contradiction
            .clone()
            .into_iter()
            .chain(unreadable)
            .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Keeps the items that pass: a filter that a service was asked to apply is applied again here.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }
}

impl<T> Judgement<T> {
    /// Of a failed request.
    fn from_error(error: ProviderError) -> Self {
        match EvidenceGrade::from_error(&error) {
            EvidenceGrade::NotFound => match error {
                ProviderError::NotFound { message, .. } => Self::NotFound { message },
                other => Self::Unreadable(other),
            },
            EvidenceGrade::NotThisService => Self::NotThisService(error),
            EvidenceGrade::Refused => Self::Refused(error),
            EvidenceGrade::Answered | EvidenceGrade::Unreadable | EvidenceGrade::Contradictory => {
                Self::Unreadable(error)
            }
        }
    }

    /// The items as a list, with what stands against taking it for whole; none where the service says that there are
    /// none.
    pub fn into_listed(self) -> Result<FullList<T>, ProviderError> {
        match self {
            Self::Items(answered) => Ok(FullList {
                items: answered.items,
                unreadable: answered.unreadable,
                contradiction: answered.contradiction,
            }),
            Self::NotFound { .. } => Ok(Vec::new().into()),
            Self::Refused(error) | Self::NotThisService(error) | Self::Unreadable(error) => {
                Err(error)
            }
        }
    }

    /// The items of an answer that has no place for what stands against them: whole, or an error.
    pub fn into_complete(self) -> Result<Vec<T>, ProviderError> {
        if let Self::NotFound { message } = self {
            return Err(ProviderError::NotFound {
                status: 404,
                message,
            });
        }
        let listed = self.into_listed()?;
        if let Some(contradiction) = listed.contradiction {
            return Err(ProviderError::Malformed { why: contradiction });
        }
        check_complete(listed.unreadable)?;
        Ok(listed.items)
    }

    /// The same with other items.
    pub fn map(self, change: impl FnOnce(&mut CheckedItems<T>)) -> Self {
        match self {
            Self::Items(mut answered) => {
                change(&mut answered);
                Self::Items(answered)
            }
            other => other,
        }
    }

    /// What a lookup found. Nothing is clean but by an answer that can be read whole and agrees with itself, or by the
    /// service's own "not found".
    pub fn into_finding(
        self,
        make: impl FnOnce(Vec<T>) -> Finding,
    ) -> Result<Finding, ProviderError> {
        match self {
            Self::Items(answered) => {
                let (evidence, message) = (answered.evidence(), answered.message());
                let any = !answered.items.is_empty();
                let verdict = match (any, evidence.is_conclusive()) {
                    (true, _) => Verdict::Found,
                    (false, true) => Verdict::Clean,
                    (false, false) => Verdict::Inconclusive,
                };
                Ok(Finding {
                    verdict,
                    evidence,
                    message,
                    ..make(answered.items)
                })
            }
            Self::NotFound { message } => Ok(Finding {
                verdict: Verdict::Clean,
                evidence: EvidenceGrade::NotFound,
                message,
                ..make(Vec::new())
            }),
            Self::Refused(error) | Self::NotThisService(error) | Self::Unreadable(error) => {
                Err(error)
            }
        }
    }
}

/// Where an answer has its list, and what it may say of it.
#[derive(Clone, Copy, Debug)]
pub struct ListForm {
    /// Members that the list may stand under; it may also be the answer itself.
    pub list_members: &'static [&'static str],
    /// Whether a list without items and without a count is an answer. It is none where the contract has another way to
    /// say that there is nothing: then it was cut, or something else sent it.
    pub may_be_empty: bool,
}

/// Members that say how many items there are.
const COUNT_MEMBERS: [&str; 4] = ["count", "total", "total_count", "total_results"];

/// Reads an answer that is a list.
pub fn list<T>(
    answer: Result<HttpResponse, ProviderError>,
    form: ListForm,
    read: impl Fn(Value<'_>) -> Option<T>,
) -> Judgement<T> {
    let judged = answer.and_then(|reply| items(reply.json()?, form, read));
    match judged {
        Ok(answered) => Judgement::Items(answered),
        Err(error) => Judgement::from_error(error),
    }
}

/// Reads an answer that is no list into one, by a reader of its own.
pub fn read<T>(
    answer: Result<HttpResponse, ProviderError>,
    read: impl FnOnce(&HttpResponse) -> Result<CheckedItems<T>, ProviderError>,
) -> Judgement<T> {
    match answer.and_then(|reply| read(&reply)) {
        Ok(answered) => Judgement::Items(answered),
        Err(error) => Judgement::from_error(error),
    }
}

/// The items of a list, with what stands against them.
pub fn items<T>(
    value: Value<'_>,
    form: ListForm,
    read: impl Fn(Value<'_>) -> Option<T>,
) -> Result<CheckedItems<T>, ProviderError> {
    let no_list = || malformed_error("there is no list in it");
    let list = if value.is_array() {
        value
    } else {
        let mut found = None;
        for name in form.list_members {
            let member = value
                .get_unique(name)
                .map_err(|_| malformed_error("it has the same list twice"))?;
            if let Some(member) = member.filter(|member| member.is_array() || member.is_null()) {
                found = Some(member);
                break;
            }
        }
        found.ok_or_else(no_list)?
    };
    let counts = value.pick(COUNT_MEMBERS);
    let counted = counts
        .iter()
        .any(|count| count.value.is_some_and(|count| !count.is_null()));
    if list.is_null() && !counted {
        return Err(no_list());
    }
    let (mut items, mut unreadable) = (Vec::new(), 0);
    for item in list.elements() {
        match read(item) {
            Some(item) => items.push(item),
            None => unreadable += 1,
        }
    }
    let came = items.len() as u64 + u64::from(unreadable);
    if came == 0 && value.is_array() && !form.may_be_empty {
        return Err(malformed_error(
            "its list is empty, and this service says otherwise that there is nothing",
        ));
    }
    if came == 0 && !counted && holds_more(value, form.list_members) {
        return Err(malformed_error(EMPTY_BESIDE_OTHERS));
    }
    let mut totals = Totals::default();
    for (name, count) in COUNT_MEMBERS.into_iter().zip(counts) {
        totals.add(name, count);
    }
    Ok(checked_items(
        items,
        unreadable,
        totals.contradiction_with(came),
    ))
}

/// What is said of a list that is empty where something else is not.
pub const EMPTY_BESIDE_OTHERS: &str =
    "its list is empty, and what was asked for may be in another member";

/// Whether an object holds more than these members: what was asked for may be in there, in another envelope.
pub fn holds_more(value: Value<'_>, known: &[&str]) -> bool {
    value.members().any(|(name, value)| {
        let filled = value.members().next().is_some() || value.elements().next().is_some();
        filled && !known.iter().any(|known| known.as_bytes() == &*name)
    })
}

/// Items with what stands against them.
pub fn checked_items<T>(
    items: Vec<T>,
    unreadable: u32,
    contradiction: Option<String>,
) -> CheckedItems<T> {
    CheckedItems {
        items,
        unreadable,
        contradiction,
    }
}

/// An error where an answer has no other place to say that a part of it could not be read.
pub fn check_complete(count: u32) -> Result<(), ProviderError> {
    match count {
        0 => Ok(()),
        count => Err(ProviderError::Malformed {
            why: unreadable_message(count),
        }),
    }
}

fn unreadable_message(count: u32) -> String {
    match count {
        1 => "one part of it cannot be read".to_owned(),
        count => format!("{count} parts of it cannot be read"),
    }
}

/// The totals that one answer carries.
#[derive(Debug, Default)]
pub struct Totals {
    counts: Vec<(&'static str, u64)>,
    invalid: Option<String>,
}

impl Totals {
    /// Notes a member that says how many there are; absent and `null` say nothing.
    pub fn add(&mut self, name: &'static str, member: FoundMember<'_>) {
        let Some(value) = member.value.filter(|value| !value.is_null()) else {
            return;
        };
        match value.count() {
            Some(count) if !member.is_duplicate => self.counts.push((name, count)),
            _ => {
                self.invalid
                    .get_or_insert_with(|| format!("its {name} is no number that can be believed"));
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.invalid.is_none()
    }

    /// How they contradict each other.
    pub fn contradiction(&self) -> Option<String> {
        if self.invalid.is_some() {
            return self.invalid.clone();
        }
        let (first, count) = *self.counts.first()?;
        let (other, otherwise) = *self.counts.iter().find(|(_, other)| *other != count)?;
        Some(format!(
            "its totals contradict each other: {first} is {count}, {other} is {otherwise}"
        ))
    }

    /// How they contradict each other, or so many items that came in all.
    pub fn contradiction_with(&self, came: u64) -> Option<String> {
        self.contradiction().or_else(|| {
            let (name, count) = *self.counts.first()?;
            (count != came).then(|| format!("its {name} is {count}, and {came} came"))
        })
    }

    /// How they contradict each other, or a page: more rows than there are, or none where there are some.
    pub fn contradiction_with_page(
        &self,
        is_first: bool,
        rows: u64,
        pages: Option<u64>,
    ) -> Option<String> {
        if let Some(contradiction) = self.contradiction() {
            return Some(contradiction);
        }
        let (name, count) = *self.counts.first()?;
        let more = rows > count;
        let none = is_first && rows == 0 && count > 0;
        if more || none {
            return Some(format!("its {name} is {count}, and a page of {rows} came"));
        }
        let pages = pages?;
        // A page holds one row at least.
        ((pages == 0 && count > 0) || (pages > count.max(1)))
            .then(|| format!("its {name} is {count}, and it counts {pages} pages"))
    }

    /// What they all say, where they agree.
    pub fn agreed_total(&self) -> Option<u64> {
        if self.contradiction().is_some() {
            return None;
        }
        self.counts.first().map(|(_, count)| *count)
    }
}

fn malformed_error(why: &str) -> ProviderError {
    ProviderError::Malformed {
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    const FORM: ListForm = ListForm {
        list_members: &["breaches", "data"],
        may_be_empty: false,
    };

    fn read(json: &str) -> Result<CheckedItems<String>, ProviderError> {
        let text = |value: Value<'_>| String::from_utf8(value.string()?.into_owned()).ok();
        items(parse(json.as_bytes()).unwrap(), FORM, text)
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "it has the form that a judgement asks for"
    )]
    fn finding(items: Vec<String>) -> Finding {
        Finding {
            verdict: Verdict::Clean,
            count: Some(items.len() as u64),
            breaches: Vec::new(),
            pastes: Vec::new(),
            accounts: Vec::new(),
            note: None,
            evidence: EvidenceGrade::Answered,
            message: None,
        }
    }

    #[test]
    fn a_list_is_worth_what_its_items_and_its_counts_say() {
        for (json, items, evidence) in [
            (r#"["a","b"]"#, 2, EvidenceGrade::Answered),
            (
                r#"{"success":true,"count":1,"breaches":["a"]}"#,
                1,
                EvidenceGrade::Answered,
            ),
            (
                r#"{"count":null,"breaches":["a"]}"#,
                1,
                EvidenceGrade::Answered,
            ),
            (
                r#"{"success":true,"breaches":[]}"#,
                0,
                EvidenceGrade::Answered,
            ),
            (r#"{"count":0,"breaches":null}"#, 0, EvidenceGrade::Answered),
            (
                r#"{"count":0,"breaches":[],"meta":{"page":1}}"#,
                0,
                EvidenceGrade::Answered,
            ),
            (
                r#"{"count":3,"breaches":["a"]}"#,
                1,
                EvidenceGrade::Contradictory,
            ),
            (
                r#"{"count":3,"breaches":null}"#,
                0,
                EvidenceGrade::Contradictory,
            ),
            (
                r#"{"count":1,"count":1,"breaches":["a"]}"#,
                1,
                EvidenceGrade::Contradictory,
            ),
            (
                r#"{"count":"many","breaches":["a"]}"#,
                1,
                EvidenceGrade::Contradictory,
            ),
            (
                r#"{"count":2,"total":1,"breaches":["a"]}"#,
                1,
                EvidenceGrade::Contradictory,
            ),
            (r#"["a",null,{}]"#, 1, EvidenceGrade::Unreadable),
            ("[7]", 0, EvidenceGrade::Unreadable),
        ] {
            let answered = read(json).unwrap();
            assert_eq!(
                (answered.items.len(), answered.evidence()),
                (items, evidence),
                "{json}"
            );
            let verdict = Judgement::Items(answered)
                .into_finding(finding)
                .unwrap()
                .verdict;
            let expected = match (items, evidence) {
                (0, EvidenceGrade::Answered) => Verdict::Clean,
                (0, _) => Verdict::Inconclusive,
                _ => Verdict::Found,
            };
            assert_eq!(verdict, expected, "{json}");
        }
        for json in [
            "{}",
            "[]",
            "null",
            "7",
            r#"{"breaches":null}"#,
            r#"{"items":["a"]}"#,
            r#"{"result":{"breaches":["a"]}}"#,
            r#"{"breaches":{"a":1}}"#,
            r#"{"breaches":[],"breaches":["a"]}"#,
            r#"{"data":[],"result":{"breaches":["a"]}}"#,
            r#"{"breaches":[],"items":["a"]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn only_the_services_own_not_found_is_nothing() {
        let not_found = ProviderError::NotFound {
            status: 404,
            message: Some("none".to_owned()),
        };
        let judged = Judgement::<String>::from_error(not_found)
            .into_finding(finding)
            .unwrap();
        assert_eq!(
            (judged.verdict, judged.evidence),
            (Verdict::Clean, EvidenceGrade::NotFound)
        );
        for error in [
            foreign_error(404),
            ProviderError::Cancelled,
            ProviderError::Forbidden { message: None },
            ProviderError::Rejected {
                status: 200,
                message: None,
            },
            malformed_error("x"),
        ] {
            assert!(
                Judgement::<String>::from_error(error.clone())
                    .into_finding(finding)
                    .is_err()
            );
            assert!(
                Judgement::<String>::from_error(error.clone())
                    .into_listed()
                    .is_err()
            );
            assert!(
                Judgement::<String>::from_error(error)
                    .into_complete()
                    .is_err()
            );
        }
        let part = checked_items(vec!["a".to_owned()], 1, None);
        assert!(Judgement::Items(part.clone()).into_complete().is_err());
        assert!(!Judgement::Items(part).into_listed().unwrap().is_complete());
    }

    #[test]
    fn totals_are_held_against_each_other_and_against_a_page() {
        let totals = |json: &str| {
            let value = parse(json.as_bytes()).unwrap();
            let [a, b] = value.pick(["a", "b"]);
            let mut totals = Totals::default();
            totals.add("a", a);
            totals.add("b", b);
            totals
        };
        assert_eq!(totals(r#"{"a":4,"b":4}"#).agreed_total(), Some(4));
        assert_eq!(totals(r#"{"a":4,"b":5}"#).agreed_total(), None);
        assert_eq!(totals(r#"{"a":-4}"#).agreed_total(), None);
        assert_eq!(totals("{}").contradiction_with_page(true, 9, Some(3)), None);
        let four = totals(r#"{"a":4}"#);
        for (first, rows, pages, good) in [
            (true, 4, Some(1), true),
            (true, 2, Some(2), true),
            (false, 0, Some(1), true),
            (true, 5, Some(1), false),
            (true, 0, Some(1), false),
            (true, 4, Some(0), false),
            (true, 4, Some(5), false),
        ] {
            let against = four.contradiction_with_page(first, rows, pages);
            assert_eq!(against.is_none(), good, "{first} {rows} {pages:?}");
        }
        assert_eq!(
            totals(r#"{"a":0}"#).contradiction_with_page(true, 0, Some(1)),
            None
        );
    }
}
