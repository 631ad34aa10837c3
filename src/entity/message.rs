//! What is told of a round: counts, our own words and keys. It is what waits on disk until it is delivered, so nothing else
//! is in it.

use super::{json, seen::EventKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a message is about.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
)]
pub enum Topic {
    /// Leaks were found.
    #[default]
    #[strum(serialize = "stanch.leaks.found")]
    Found,
    /// An account was read whole for the first time.
    #[strum(serialize = "stanch.watch.baseline")]
    Baseline,
    /// An account cannot be read.
    #[strum(serialize = "stanch.watch.blind")]
    Blind,
    /// It can be read again.
    #[strum(serialize = "stanch.watch.sighted")]
    Sighted,
    /// What was seen was lost.
    #[strum(serialize = "stanch.watch.reset")]
    Reset,
    /// The watch is alive.
    #[strum(serialize = "stanch.watch.alive")]
    Alive,
    /// Somebody tries a channel out.
    #[strum(serialize = "stanch.watch.test")]
    Test,
}

/// Names of one group; more are counted together.
const GROUPS: usize = 30;

/// Keys of a message.
pub const KEYS: usize = 100;

/// Keys of a message that tells of very many.
pub const STORM_KEYS: usize = 50;

/// One leak that is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldLeak {
    /// Its key.
    pub key: String,
    /// The kind of its event, by its word.
    pub kind: String,
    /// When we learnt of it, RFC 3339.
    pub at: String,
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is about.
    pub topic: Topic,
    /// Its id, the same through every attempt.
    pub id: String,
    /// When the first of what it tells was learnt, RFC 3339.
    pub at: String,
    /// The first position of the list of events that it may tell of, and the last.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// The watch.
    pub watch: String,
    /// Eight digits that tell this installation from others.
    pub installation: String,
    /// How many of each kind, by its word.
    pub counts: BTreeMap<String, u64>,
    /// Distinct logins; of messages that were added up the sum.
    pub people: u64,
    /// One of very many.
    pub storm: bool,
    /// More than half of an account was not seen before.
    pub unseen: bool,
    /// How many waited for the end of quiet hours.
    pub held: u64,
    /// How many, by profile.
    pub by_profile: BTreeMap<String, u64>,
    /// By class.
    pub by_class: BTreeMap<String, u64>,
    /// By risk.
    pub by_risk: BTreeMap<String, u64>,
    /// By domain.
    pub by_domain: BTreeMap<String, u64>,
    /// The first of the leaks.
    pub leaks: Vec<ToldLeak>,
    /// How many are not among them.
    pub more: u64,
    /// Of an account: the number that belongs to the topic.
    pub number: Option<u64>,
    /// Of [`Topic::Alive`]: when each account was read whole last, RFC 3339.
    pub accounts: BTreeMap<String, Option<String>>,
}

/// The kinds that a message counts, in the order in which they are told.
pub const COUNTED: [EventKind; 8] = [
    EventKind::Regressed,
    EventKind::Disputed,
    EventKind::Again,
    EventKind::New,
    EventKind::Entered,
    EventKind::Changed,
    EventKind::Back,
    EventKind::Gone,
];

/// A class of our own words; another word is no provider's to put into a message.
pub fn class_word(class: &[u8]) -> &'static str {
    const KNOWN: [&str; 7] = [
        "employee",
        "customer",
        "personal",
        "user",
        "partner",
        "third_party",
        "combolist",
    ];
    if class.is_empty() {
        return "none";
    }
    let found = KNOWN.iter().find(|known| known.as_bytes() == class);
    found.copied().unwrap_or("other")
}

/// A host's name as a message may have it; `other` for anything else.
pub fn domain_word(domain: &[u8]) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let is_name = (1..=253).contains(&domain.len())
        && domain.contains(&b'.')
        && domain.iter().all(|byte| fits(*byte))
        && domain[0].is_ascii_alphanumeric();
    if !is_name {
        return if domain.is_empty() { "none" } else { "other" }.to_owned();
    }
    String::from_utf8_lossy(domain).to_ascii_lowercase()
}

impl Message {
    /// As it waits on disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(self).unwrap_or_default()
    }

    /// From what waits on disk.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// How many of one kind.
    pub fn count(&self, kind: EventKind) -> u64 {
        self.counts.get(kind.word()).copied().unwrap_or_default()
    }

    /// How many in all.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Adds what a later one tells; the id stays.
    pub fn add(&mut self, other: &Self) {
        let groups = [
            (&mut self.counts, &other.counts),
            (&mut self.by_profile, &other.by_profile),
            (&mut self.by_class, &other.by_class),
            (&mut self.by_risk, &other.by_risk),
            (&mut self.by_domain, &other.by_domain),
        ];
        for (own, others) in groups {
            for (name, count) in others {
                *own.entry(name.clone()).or_default() += count;
            }
        }
        self.people += other.people;
        self.last = self.last.max(other.last);
        self.held += other.held;
        self.storm |= other.storm;
        self.unseen |= other.unseen;
        self.more += other.more;
        self.leaks.extend(other.leaks.iter().cloned());
        if other.at < self.at {
            self.at.clone_from(&other.at);
        }
        self.cut(KEYS);
    }

    /// Keeps the first leaks and the largest domains.
    pub fn cut(&mut self, most: usize) {
        let most = if self.storm {
            STORM_KEYS.min(most)
        } else {
            most
        };
        if self.leaks.len() > most {
            self.more += (self.leaks.len() - most) as u64;
            self.leaks.truncate(most);
        }
        if self.by_domain.len() > GROUPS {
            let mut all: Vec<_> = std::mem::take(&mut self.by_domain).into_iter().collect();
            all.sort_by(|one, two| (two.1, &one.0).cmp(&(one.1, &two.0)));
            let rest: u64 = all.drain(GROUPS..).map(|(_, count)| count).sum();
            self.by_domain = all.into_iter().collect();
            *self.by_domain.entry("other".to_owned()).or_default() += rest;
        }
    }

    /// What it says, in at most sixty characters of ASCII that begin with a letter and hold no semicolon.
    pub fn text(&self) -> String {
        let one = |words: &str| {
            let mut profiles = self.by_profile.keys();
            match (profiles.next(), profiles.next()) {
                (Some(profile), None) => fitted(&[format!("stanch: {words} {profile}")]),
                _ => format!("stanch: {words} an account"),
            }
        };
        match self.topic {
            Topic::Found => self.found(),
            Topic::Baseline => one("a first reading of"),
            Topic::Blind => one("cannot read"),
            Topic::Sighted => one("reads again"),
            Topic::Reset => "stanch: what was seen was lost".to_owned(),
            Topic::Alive => "stanch: the watch is alive".to_owned(),
            Topic::Test => "stanch: this is a test".to_owned(),
        }
    }

    fn found(&self) -> String {
        let first = [EventKind::New, EventKind::Again, EventKind::Regressed];
        let others = COUNTED.into_iter().filter(|kind| !first.contains(kind));
        let parts: Vec<String> = first
            .into_iter()
            .chain(others)
            .map(|kind| (kind, self.count(kind)))
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| format!("{count} {}", kind.word()))
            .collect();
        let names: Vec<&str> = self.by_profile.keys().map(String::as_str).collect();
        let at = if names.len() <= 2 {
            names.join(", ")
        } else {
            format!("{} accounts", names.len())
        };
        let all = parts.join(", ");
        let short = format!("{} events", self.total());
        let count = names.len();
        let places = if count == 1 {
            "1 account".to_owned()
        } else {
            format!("{count} accounts")
        };
        fitted(&[
            format!("stanch: {all} at {at}"),
            format!("stanch: {all} at {places}"),
            format!("stanch: {short} at {places}"),
        ])
    }
}

/// Characters of a text for a terminal.
const LONGEST: usize = 60;

/// The first text that fits; the last is cut.
fn fitted(texts: &[String]) -> String {
    let fits = |text: &&String| text.len() <= LONGEST && text.is_ascii();
    let found = texts.iter().find(fits).or(texts.last());
    let text = found.map(String::as_str).unwrap_or_default();
    text.chars().filter(char::is_ascii).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(counts: &[(&str, u64)], profiles: &[&str]) -> Message {
        let own = |(name, count): &(&str, u64)| ((*name).to_owned(), *count);
        Message {
            counts: counts.iter().map(own).collect(),
            by_profile: profiles
                .iter()
                .map(|name| ((*name).to_owned(), 1))
                .collect(),
            ..Message::default()
        }
    }

    #[test]
    fn a_text_is_short_ascii_without_a_semicolon() {
        let two = message(&[("new", 12), ("regressed", 1)], &["acme-pd"]);
        assert_eq!(two.text(), "stanch: 12 new, 1 regressed at acme-pd");
        let long = "a".repeat(50);
        let far = message(&[("new", 12)], &[&long]);
        assert_eq!(far.text(), "stanch: 12 new at 1 account");
        let many = COUNTED.map(|kind| (kind.word(), 1_000_000));
        let all = message(&many, &["a", "b", "c"]);
        assert_eq!(all.text(), "stanch: 8000000 events at 3 accounts");
        for topic in <Topic as strum::IntoEnumIterator>::iter() {
            let mut told = message(&[("new", 1)], &[&long]);
            told.topic = topic;
            let text = told.text();
            assert!(
                text.len() <= 60 && text.is_ascii() && !text.contains(';'),
                "{text}"
            );
            assert!(text.starts_with("stanch: "));
        }
    }

    #[test]
    fn what_a_provider_sent_is_no_name_of_a_group() {
        assert_eq!(class_word(b"employee"), "employee");
        assert_eq!(class_word(b"<!channel>"), "other");
        assert_eq!(domain_word(b"Northwind.example"), "northwind.example");
        for bad in [
            &b"a b.example"[..],
            b"<x>.y",
            b"localhost",
            b"-a.b",
            "ä.b".as_bytes(),
        ] {
            assert_eq!(domain_word(bad), "other");
        }
    }

    #[test]
    fn messages_add_up_and_are_cut() {
        let mut one = message(&[("new", 60)], &["a"]);
        let leak = |n: usize| ToldLeak {
            key: format!("a:leak:{n}"),
            kind: "new".to_owned(),
            at: String::new(),
        };
        one.leaks = (0..60).map(leak).collect();
        one.by_domain = (0..25).map(|n| (format!("d{n}.example"), 1)).collect();
        let mut two = one.clone();
        two.by_domain = (20..60).map(|n| (format!("d{n}.example"), 1)).collect();
        one.add(&two);
        assert_eq!((one.total(), one.leaks.len(), one.more), (120, KEYS, 20));
        assert_eq!(one.by_domain.len(), GROUPS + 1);
        assert_eq!(one.by_domain.values().sum::<u64>(), 65);
        assert_eq!(Message::from_bytes(&one.to_bytes()), Some(one));
    }
}
