//! The words and numbers of a report, the same in all of its forms.

use super::{
    figures::Figures,
    timeline::{Begin, End},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

const DAY: i64 = 86_400;

/// What stands beside the figures.
#[derive(Clone, Debug)]
pub struct About {
    /// For whom it is.
    pub recipient: Option<String>,
    /// What people have to say.
    pub remarks: Option<String>,
    /// The first day.
    pub from: Date,
    /// The last day, included.
    pub to: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// The accounts.
    pub accounts: Vec<String>,
    /// The command that made it.
    pub command: String,
    /// The program's version.
    pub version: &'static str,
    /// Why it is not whole, if so.
    pub incomplete: Option<String>,
    /// The hash of the figures.
    pub digest: String,
}

impl About {
    /// The period in words.
    pub fn period(&self) -> String {
        let last = self.from.last_of_month();
        if self.from == self.from.first_of_month() && self.to == last {
            return self.from.strftime("%B %Y").to_string();
        }
        format!("{} to {}", self.from, self.to)
    }
}

/// The flows of the balance, in its order: a word, the number, and whether it adds.
pub fn flows(figures: &Figures) -> Vec<(&'static str, u64, bool)> {
    let began = |kind| figures.began(&[kind]);
    let ended = |kind| figures.ended(&[kind]);
    vec![
        ("became known", began(Begin::Known), true),
        ("came back", began(Begin::CameBack), true),
        ("reopened by us", began(Begin::Reopened), true),
        ("listed again", began(Begin::ListedAgain), true),
        ("fixed, read back", ended(End::FixedReadBack), false),
        ("fixed, kept here", ended(End::FixedHere), false),
        ("fixed elsewhere", ended(End::FixedElsewhere), false),
        ("false positive", ended(End::FalsePositive), false),
        ("gone", ended(End::Gone), false),
    ]
}

/// The classes of age.
pub const AGES: [&str; 8] = [
    "up to 1 day",
    "1 to 2 days",
    "2 to 7 days",
    "7 to 14 days",
    "14 to 30 days",
    "30 to 90 days",
    "more than 90 days",
    "undated",
];

/// A length of time: minutes below an hour, hours below a day, else days with one decimal.
pub fn length(seconds: i64) -> String {
    match seconds {
        ..3_600 => format!("{} min", (seconds + 30) / 60),
        3_600..DAY => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{:.1} d", seconds as f64 / DAY as f64),
    }
}

/// A length of time that may not be reached.
pub fn reached(seconds: Option<i64>, timed: u64) -> String {
    match (seconds, timed) {
        (Some(seconds), _) => length(seconds),
        (None, ..5) => "too few cases".to_owned(),
        (None, _) => "not reached".to_owned(),
    }
}

/// A share in per cent, without decimals.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{:.0} %", part as f64 * 100.0 / whole as f64)
}

/// The day of a moment, UTC.
pub fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |time| time.to_zoned(TimeZone::UTC).date().to_string(),
    )
}

/// The numbers that matter, in one paragraph.
pub fn lead(figures: &Figures) -> String {
    let came = figures.began(&[Begin::Known]);
    let back = figures.began(&[Begin::CameBack]);
    let within = |share: &str, time: Option<i64>| match time {
        Some(seconds) => format!(
            "{share} of what came in was fixed within {}",
            length(seconds)
        ),
        None => format!("{share} of what came in: no time is reached yet"),
    };
    format!(
        "{came} leaks became known and {back} came back; {} were fixed, {} of them read back at the provider. {}; {}. Of {} \
         whose agreed time ended, {} were fixed in time. {} are open, {} of them over the agreed time.",
        figures.fixed(),
        figures.ended(&[End::FixedReadBack]),
        within("Half", figures.half),
        within("nine of ten", figures.nine),
        figures.due,
        figures.met,
        figures.open_end,
        figures.over,
    )
}

/// What the words of a report mean.
pub const GLOSSARY: &[(&str, &str)] = &[
    (
        "Became known",
        "The first reading that had the leak. What was there in an account's first reading is its opening balance.",
    ),
    (
        "Came back",
        "Fixed before, unresolved now, and not because we opened it.",
    ),
    (
        "Fixed, read back",
        "We set it to fixed, and a later reading at the provider showed it so.",
    ),
    (
        "Fixed, kept here",
        "The provider cannot store it; we keep it.",
    ),
    (
        "Fixed elsewhere",
        "A reading showed it fixed, and we had not changed it. It is dated to that reading.",
    ),
    (
        "Half within, nine of ten within",
        "Kaplan-Meier estimate over what came in. What is still open counts as long as it lasts, so slow cases are not left out. The plain median beside it leaves them out, and looks better the more of them stay open.",
    ),
    (
        "Undated",
        "Nobody says when it was added: it is in no duration.",
    ),
];
