//! The system file of a log: `label: value`, and the facts that its labels stand for.

use super::{
    super::{
        blank::trim,
        label,
        text::{self, Encoding, Lines},
    },
    date,
};
use crate::entity::{host, raw_text::RawText};
use std::{borrow::Cow, io::Read};

/// The largest one, in bytes.
const SIZE: u64 = 4 << 20;

/// Lines in which words are looked for.
const WORDS: usize = 400;

/// Lines with labels that are kept.
const LABELS: usize = 2_000;

/// A system file that was read.
#[derive(Debug, Default)]
pub(in crate::provider::file) struct System {
    labels: Vec<(String, Vec<u8>)>,
    encoding: Option<Encoding>,
    /// Its first lines in lower case.
    pub(super) words: String,
    /// Its first word that is an address.
    pub(super) address: Option<Vec<u8>>,
}

/// What is known of a machine, each as it came.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) hardware_id: Option<Fact>,
    pub(super) hostname: Option<Fact>,
    pub(super) address: Option<Fact>,
    pub(super) country: Option<Fact>,
    pub(super) os: Option<Fact>,
    pub(super) malware_path: Option<Fact>,
    pub(super) log_date: Option<Fact>,
    pub(super) user: Option<Fact>,
}

/// A value as it came and as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) raw: Vec<u8>,
    pub(super) shown: RawText,
}

const HARDWARE_ID: &[&str] = &[
    "hwid",
    "machineid",
    "hardwareuuid",
    "uid",
    "machineguid",
    "guid",
];
const HOSTNAME: &[&str] = &[
    "computername",
    "computer",
    "machinename",
    "pcname",
    "hostname",
    "netbios",
    "devicename",
];
const ADDRESS: &[&str] = &["ip", "ipaddress", "externalip", "publicip", "ipinfo"];
const COUNTRY: &[&str] = &["country", "countrycode"];
const OS: &[&str] = &[
    "operationsystem",
    "operatingsystem",
    "osversion",
    "os",
    "windows",
    "osname",
];
const MALWARE_PATH: &[&str] = &[
    "filelocation",
    "runningpath",
    "executablepath",
    "executepath",
    "executionpath",
    "buildpath",
    "path",
];
const DATE: &[&str] = &[
    "logdate",
    "localdate",
    "localtime",
    "date",
    "time",
    "lastseen",
    "currenttime",
];
const USER: &[&str] = &["username", "user", "currentuser", "pcuser"];

/// Reads a system file, or as much of it as is taken.
pub(in crate::provider::file) fn read(
    reader: Box<dyn Read + '_>,
    forced: Option<&'static encoding_rs::Encoding>,
) -> (System, bool) {
    let mut system = System::default();
    let whole = fill(&mut system, reader, forced).unwrap_or(false);
    (system, whole)
}

fn fill(
    system: &mut System,
    reader: Box<dyn Read + '_>,
    forced: Option<&'static encoding_rs::Encoding>,
) -> std::io::Result<bool> {
    let text = text::open(Box::new(reader.take(SIZE)), forced)?;
    system.encoding = Some(text.encoding);
    let mut lines = Lines::new(text.stream, 65_536, &text.head);
    while let Some(line) = lines.next()? {
        if line.number as usize <= WORDS {
            let words = String::from_utf8_lossy(line.bytes).to_lowercase();
            system.words.push_str(&words);
            system.words.push('\n');
            system.address = system.address.take().or_else(|| address(line.bytes));
        }
        if system.labels.len() >= LABELS {
            continue;
        }
        let text = line.bytes.trim_ascii_start();
        let Some(colon) = memchr::memchr(b':', text) else {
            continue;
        };
        let Some((label, _)) = label::split(&text[..=colon]) else {
            continue;
        };
        let Some(name) = name(label) else { continue };
        if system.labels.iter().all(|(known, _)| *known != name) {
            system
                .labels
                .push((name, trim(&text[colon + 1..]).to_vec()));
        }
    }
    Ok(lines.position() < SIZE)
}

/// A label as it is compared: in lower case, without blanks, `_`, `-` and `.`.
fn name(label: &[u8]) -> Option<String> {
    let label = std::str::from_utf8(label).ok()?;
    let kept = label
        .chars()
        .filter(|c| !matches!(c, ' ' | '\t' | '_' | '-' | '.' | '*' | '•'));
    let name: String = kept.flat_map(char::to_lowercase).collect();
    (!name.is_empty() && name.len() <= 64).then_some(name)
}

/// S9: whether a value says nothing.
fn is_nothing(value: &[u8]) -> bool {
    let value = value.trim_ascii().to_ascii_lowercase();
    matches!(
        &value[..],
        b"" | b"-"
            | b"?"
            | b"unknown"
            | b"n/a"
            | b"none"
            | b"null"
            | b"ip?"
            | b"iso?"
            | b"[redacted]"
    )
}

/// The first word that is an address.
fn address(value: &[u8]) -> Option<Vec<u8>> {
    value
        .split(|byte| matches!(byte, b' ' | b'\t' | b'/' | b',' | b'|'))
        .find(|word| host::parse_address(word).is_some())
        .map(<[u8]>::to_vec)
}

/// S9: whether a text may be the name of a country.
fn is_country(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    text.chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | ',' | '\'' | '(' | ')' | '-'))
}

/// `EG, Cairo` is `EG`; `…, Poland (03-890)` is `Poland`.
fn location(value: &[u8]) -> Option<Vec<u8>> {
    let mut parts = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let first = parts.next()?;
    if first.len() == 2 && first.iter().all(u8::is_ascii_uppercase) {
        return Some(first.to_vec());
    }
    let last = parts.next_back().unwrap_or(first);
    let end = memchr::memchr(b'(', last).unwrap_or(last.len());
    Some(last[..end].trim_ascii().to_vec()).filter(|name| !name.is_empty())
}

impl System {
    /// Whether it has a label.
    pub(super) fn has(&self, name: &str) -> bool {
        self.labels.iter().any(|(known, _)| known == name)
    }

    /// Whether the value of a label holds a word, in any case.
    pub(super) fn says(&self, name: &str, part: &str) -> bool {
        self.value(name)
            .is_some_and(|value| String::from_utf8_lossy(value).to_lowercase().contains(part))
    }

    fn value(&self, name: &str) -> Option<&[u8]> {
        let found = self.labels.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| &value[..])
            .filter(|value| !is_nothing(value))
    }

    fn fact(&self, raw: Vec<u8>) -> Fact {
        let encoding = self.encoding.unwrap_or(Encoding::Utf8);
        let shown = RawText::from(&*encoding.shown(&Cow::Borrowed(&raw[..])));
        Fact { raw, shown }
    }

    fn first(&self, names: &[&str]) -> Option<Fact> {
        let found = names.iter().find_map(|name| self.value(name));
        found.map(|value| self.fact(value.to_vec()))
    }

    /// What its labels say.
    pub(super) fn facts(&self) -> Facts {
        let hostname = self
            .first(HOSTNAME)
            .map(|fact| self.without_workgroup(&fact));
        let country = self
            .first(COUNTRY)
            .filter(|fact| is_country(&fact.raw))
            .or_else(|| Some(self.fact(location(self.value("location")?)?)))
            .filter(|fact| is_country(&fact.raw));
        let address = ADDRESS
            .iter()
            .find_map(|name| address(self.value(name)?))
            .map(|raw| self.fact(raw));
        let installed = || {
            self.has("trafficname")
                .then(|| self.first(&["installdate"]))
                .flatten()
        };
        Facts {
            hardware_id: self.first(HARDWARE_ID),
            hostname: hostname.filter(|fact| !fact.raw.is_empty()),
            address,
            country,
            os: self.first(OS).or_else(|| self.product()),
            malware_path: self.first(MALWARE_PATH),
            log_date: self.first(DATE).or_else(installed),
            user: self.first(USER),
        }
    }

    /// A product's name with its version.
    fn product(&self) -> Option<Fact> {
        let name = self.value("productname")?;
        let version = self.value("productversion");
        Some(self.fact(match version {
            Some(version) => [name, b" ", version].concat(),
            None => name.to_vec(),
        }))
    }

    fn without_workgroup(&self, fact: &Fact) -> Fact {
        let raw = fact.raw.strip_suffix(b" [WORKGROUP]").unwrap_or(&fact.raw);
        self.fact(raw.to_vec())
    }
}

impl Facts {
    /// How many of those that make a folder the root of a machine are known.
    pub(super) fn count(&self) -> usize {
        let known = [
            &self.hardware_id,
            &self.hostname,
            &self.address,
            &self.os,
            &self.log_date,
            &self.country,
            &self.malware_path,
        ];
        known.into_iter().filter(|fact| fact.is_some()).count()
    }

    /// Takes over what is not known yet.
    pub(super) fn fill(&mut self, other: Self) {
        let fill = |fact: &mut Option<Fact>, other: Option<Fact>| {
            if fact.is_none() {
                *fact = other;
            }
        };
        fill(&mut self.hardware_id, other.hardware_id);
        fill(&mut self.hostname, other.hostname);
        fill(&mut self.address, other.address);
        fill(&mut self.country, other.country);
        fill(&mut self.os, other.os);
        fill(&mut self.malware_path, other.malware_path);
        fill(&mut self.log_date, other.log_date);
        fill(&mut self.user, other.user);
    }

    /// The date, as it is told.
    pub(super) fn date(&self) -> Option<String> {
        date::read(self.log_date.as_ref()?.shown.as_str()?)
    }
}
