//! The one place that judges an answer before anything is made of it: whose it is, whether it says that it is none,
//! whether all of it can be read, and whether the counts in it are those of what came.
//!
//! [`missing`] and [`refusal`] stand in the transport, so that no adapter sees a 404 of a gateway or a refusal with
//! status 200 as an answer. [`list`] reads an answer that is a list and gives a [`Judgement`]: only its
//! [`Judgement::listed`] and [`Judgement::finding`] give items out, and both carry along what stands against them.

mod shape;

pub use shape::{foreign, missing, refusal};

use crate::entity::{
    error::ProviderError,
    lookup::{Evidence, Finding, Verdict},
    page::Listed,
};
use crate::http::{
    Judge, Reply,
    json::{Picked, Value},
};

/// The judge of the transport, which is called before an answer is returned.
pub const JUDGE: Judge = Judge {
    missing,
    refusal,
    foreign,
};

/// What an answer is.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Judgement<T> {
    /// The service's own, with these items.
    Answered(Answered<T>),
    /// The service's own words, in the contract's shape, that there is nothing.
    SaysNotFound {
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
pub struct Answered<T> {
    items: Vec<T>,
    unreadable: u32,
    contradiction: Option<String>,
}

impl<T> Answered<T> {
    /// What the items are worth.
    pub fn evidence(&self) -> Evidence {
        if self.contradiction.is_some() {
            Evidence::Contradictory
        } else if self.unreadable > 0 {
            Evidence::Unreadable
        } else {
            Evidence::Answered
        }
    }

    /// Why they are worth no more.
    pub fn message(&self) -> Option<String> {
        let unreadable = (self.unreadable > 0).then(|| unreadable(self.unreadable));
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
    fn of_error(error: ProviderError) -> Self {
        match Evidence::of_error(&error) {
            Evidence::NotFound => match error {
                ProviderError::NotFound { message, .. } => Self::SaysNotFound { message },
                other => Self::Unreadable(other),
            },
            Evidence::NotThisService => Self::NotThisService(error),
            Evidence::Refused => Self::Refused(error),
            Evidence::Answered | Evidence::Unreadable | Evidence::Contradictory => {
                Self::Unreadable(error)
            }
        }
    }

    /// The items as a list, with what stands against taking it for whole; none where the service says that there are
    /// none.
    pub fn listed(self) -> Result<Listed<T>, ProviderError> {
        match self {
            Self::Answered(answered) => Ok(Listed {
                items: answered.items,
                unreadable: answered.unreadable,
                contradiction: answered.contradiction,
            }),
            Self::SaysNotFound { .. } => Ok(Vec::new().into()),
            Self::Refused(error) | Self::NotThisService(error) | Self::Unreadable(error) => {
                Err(error)
            }
        }
    }

    /// The items of an answer that has no place for what stands against them: whole, or an error.
    pub fn whole(self) -> Result<Vec<T>, ProviderError> {
        if let Self::SaysNotFound { message } = self {
            return Err(ProviderError::NotFound {
                status: 404,
                message,
            });
        }
        let listed = self.listed()?;
        if let Some(contradiction) = listed.contradiction {
            return Err(ProviderError::Malformed { why: contradiction });
        }
        whole(listed.unreadable)?;
        Ok(listed.items)
    }

    /// The same with other items.
    pub fn map(self, change: impl FnOnce(&mut Answered<T>)) -> Self {
        match self {
            Self::Answered(mut answered) => {
                change(&mut answered);
                Self::Answered(answered)
            }
            other => other,
        }
    }

    /// What a lookup found. Nothing is clean but by an answer that can be read whole and agrees with itself, or by the
    /// service's own "not found".
    pub fn finding(self, make: impl FnOnce(Vec<T>) -> Finding) -> Result<Finding, ProviderError> {
        match self {
            Self::Answered(answered) => {
                let (evidence, message) = (answered.evidence(), answered.message());
                let any = !answered.items.is_empty();
                let verdict = match (any, evidence.is_own()) {
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
            Self::SaysNotFound { message } => Ok(Finding {
                verdict: Verdict::Clean,
                evidence: Evidence::NotFound,
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
    pub under: &'static [&'static str],
    /// Whether a list without items and without a count is an answer. It is none where the contract has another way to
    /// say that there is nothing: then it was cut, or something else sent it.
    pub may_be_empty: bool,
}

/// Members that say how many items there are.
const COUNTS: [&str; 4] = ["count", "total", "total_count", "total_results"];

/// Reads an answer that is a list.
pub fn list<T>(
    answer: Result<Reply, ProviderError>,
    form: ListForm,
    read: impl Fn(Value<'_>) -> Option<T>,
) -> Judgement<T> {
    let judged = answer.and_then(|reply| items(reply.json()?, form, read));
    match judged {
        Ok(answered) => Judgement::Answered(answered),
        Err(error) => Judgement::of_error(error),
    }
}

/// Reads an answer that is no list into one, by a reader of its own.
pub fn read<T>(
    answer: Result<Reply, ProviderError>,
    read: impl FnOnce(&Reply) -> Result<Answered<T>, ProviderError>,
) -> Judgement<T> {
    match answer.and_then(|reply| read(&reply)) {
        Ok(answered) => Judgement::Answered(answered),
        Err(error) => Judgement::of_error(error),
    }
}

/// The items of a list, with what stands against them.
pub fn items<T>(
    value: Value<'_>,
    form: ListForm,
    read: impl Fn(Value<'_>) -> Option<T>,
) -> Result<Answered<T>, ProviderError> {
    let no_list = || malformed("there is no list in it");
    let list = if value.is_array() {
        value
    } else {
        let mut found = None;
        for name in form.under {
            let member = value
                .get_once(name)
                .map_err(|_| malformed("it has the same list twice"))?;
            if let Some(member) = member.filter(|member| member.is_array() || member.is_null()) {
                found = Some(member);
                break;
            }
        }
        found.ok_or_else(no_list)?
    };
    let counts = value.pick(COUNTS);
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
        return Err(malformed(
            "its list is empty, and this service says otherwise that there is nothing",
        ));
    }
    let mut totals = Totals::default();
    for (name, count) in COUNTS.into_iter().zip(counts) {
        totals.add(name, count);
    }
    Ok(answered(items, unreadable, totals.against(came)))
}

/// Items with what stands against them.
pub fn answered<T>(items: Vec<T>, unreadable: u32, contradiction: Option<String>) -> Answered<T> {
    Answered {
        items,
        unreadable,
        contradiction,
    }
}

/// An error where an answer has no other place to say that a part of it could not be read.
pub fn whole(count: u32) -> Result<(), ProviderError> {
    match count {
        0 => Ok(()),
        count => Err(ProviderError::Malformed {
            why: unreadable(count),
        }),
    }
}

fn unreadable(count: u32) -> String {
    match count {
        1 => "one part of it cannot be read".to_owned(),
        count => format!("{count} parts of it cannot be read"),
    }
}

/// The totals that one answer carries.
#[derive(Debug, Default)]
pub struct Totals {
    said: Vec<(&'static str, u64)>,
    broken: Option<String>,
}

impl Totals {
    /// Notes a member that says how many there are; absent and `null` say nothing.
    pub fn add(&mut self, name: &'static str, member: Picked<'_>) {
        let Some(value) = member.value.filter(|value| !value.is_null()) else {
            return;
        };
        match value.count() {
            Some(count) if !member.twice => self.said.push((name, count)),
            _ => {
                self.broken
                    .get_or_insert_with(|| format!("its {name} is no number that can be believed"));
            }
        }
    }

    /// How they contradict each other.
    pub fn contradiction(&self) -> Option<String> {
        if self.broken.is_some() {
            return self.broken.clone();
        }
        let (first, count) = *self.said.first()?;
        let (other, otherwise) = *self.said.iter().find(|(_, other)| *other != count)?;
        Some(format!(
            "its totals contradict each other: {first} is {count}, {other} is {otherwise}"
        ))
    }

    /// How they contradict each other, or so many items that came in all.
    pub fn against(&self, came: u64) -> Option<String> {
        self.contradiction().or_else(|| {
            let (name, count) = *self.said.first()?;
            (count != came).then(|| format!("its {name} is {count}, and {came} came"))
        })
    }

    /// How they contradict each other, or a page: more rows than there are, or none where there are some.
    pub fn against_page(&self, is_first: bool, rows: u64, pages: Option<u64>) -> Option<String> {
        if let Some(contradiction) = self.contradiction() {
            return Some(contradiction);
        }
        let (name, count) = *self.said.first()?;
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
    pub fn agreed(&self) -> Option<u64> {
        if self.contradiction().is_some() {
            return None;
        }
        self.said.first().map(|(_, count)| *count)
    }
}

fn malformed(why: &str) -> ProviderError {
    ProviderError::Malformed {
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    const FORM: ListForm = ListForm {
        under: &["breaches", "data"],
        may_be_empty: false,
    };

    fn read(json: &str) -> Result<Answered<String>, ProviderError> {
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
            evidence: Evidence::Answered,
            message: None,
        }
    }

    #[test]
    fn a_list_is_worth_what_its_items_and_its_counts_say() {
        for (json, items, evidence) in [
            (r#"["a","b"]"#, 2, Evidence::Answered),
            (
                r#"{"success":true,"count":1,"breaches":["a"]}"#,
                1,
                Evidence::Answered,
            ),
            (r#"{"count":null,"breaches":["a"]}"#, 1, Evidence::Answered),
            (r#"{"success":true,"breaches":[]}"#, 0, Evidence::Answered),
            (r#"{"count":0,"breaches":null}"#, 0, Evidence::Answered),
            (
                r#"{"count":3,"breaches":["a"]}"#,
                1,
                Evidence::Contradictory,
            ),
            (r#"{"count":3,"breaches":null}"#, 0, Evidence::Contradictory),
            (
                r#"{"count":1,"count":1,"breaches":["a"]}"#,
                1,
                Evidence::Contradictory,
            ),
            (
                r#"{"count":"many","breaches":["a"]}"#,
                1,
                Evidence::Contradictory,
            ),
            (
                r#"{"count":2,"total":1,"breaches":["a"]}"#,
                1,
                Evidence::Contradictory,
            ),
            (r#"["a",null,{}]"#, 1, Evidence::Unreadable),
            ("[7]", 0, Evidence::Unreadable),
        ] {
            let answered = read(json).unwrap();
            assert_eq!(
                (answered.items.len(), answered.evidence()),
                (items, evidence),
                "{json}"
            );
            let verdict = Judgement::Answered(answered)
                .finding(finding)
                .unwrap()
                .verdict;
            let expected = match (items, evidence) {
                (0, Evidence::Answered) => Verdict::Clean,
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
        let judged = Judgement::<String>::of_error(not_found)
            .finding(finding)
            .unwrap();
        assert_eq!(
            (judged.verdict, judged.evidence),
            (Verdict::Clean, Evidence::NotFound)
        );
        for error in [
            foreign(404),
            ProviderError::Cancelled,
            ProviderError::Forbidden { message: None },
            ProviderError::Rejected {
                status: 200,
                message: None,
            },
            malformed("x"),
        ] {
            assert!(
                Judgement::<String>::of_error(error.clone())
                    .finding(finding)
                    .is_err()
            );
            assert!(
                Judgement::<String>::of_error(error.clone())
                    .listed()
                    .is_err()
            );
            assert!(Judgement::<String>::of_error(error).whole().is_err());
        }
        let part = answered(vec!["a".to_owned()], 1, None);
        assert!(Judgement::Answered(part.clone()).whole().is_err());
        assert!(!Judgement::Answered(part).listed().unwrap().is_whole());
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
        assert_eq!(totals(r#"{"a":4,"b":4}"#).agreed(), Some(4));
        assert_eq!(totals(r#"{"a":4,"b":5}"#).agreed(), None);
        assert_eq!(totals(r#"{"a":-4}"#).agreed(), None);
        assert_eq!(totals("{}").against_page(true, 9, Some(3)), None);
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
            let against = four.against_page(first, rows, pages);
            assert_eq!(against.is_none(), good, "{first} {rows} {pages:?}");
        }
        assert_eq!(totals(r#"{"a":0}"#).against_page(true, 0, Some(1)), None);
    }
}
