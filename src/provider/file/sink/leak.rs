//! A record becomes a row: its texts decoded, its domain found, its password a fingerprint.

use super::{
    super::{
        header,
        ids::{self, Ids},
        record::{Bytes, Password, Record},
        text::Encoding,
    },
    Machine, Page, Settings,
};
use crate::{
    entity::{
        breach::Breach,
        files::FieldSource,
        host,
        leak::{FIELD_COUNT, LeakField, LeakRef, PasswordState},
        placeholder::{is_identifying, is_secret},
        raw_text::RawText,
        status::Status,
    },
    provider::leak_builder::is_partly_masked,
};
use std::borrow::Cow;
use strum::VariantArray as _;

/// Most bytes of a field.
const FIELD: usize = 64 << 10;

/// Passwords that stand for one that was masked.
const MASKS: [&[u8]; 3] = [b"***", b"***MASKED***", b"********"];

/// Whether a password stands for one that was masked.
pub(super) fn is_mask(password: &[u8]) -> bool {
    MASKS.contains(&password)
}

/// The watched domains.
#[derive(Default)]
pub(in crate::provider::file) struct Watched(Vec<(Vec<u8>, RawText)>);

impl Watched {
    pub(in crate::provider::file) fn new(domains: &[String]) -> Self {
        let one = |name: &String| {
            (
                host::normalize(name.as_bytes()).into_owned(),
                RawText::from(&**name),
            )
        };
        Self(domains.iter().map(one).collect())
    }

    /// The longest one that a host is or lies under.
    fn of(&self, name: &[u8]) -> Option<&RawText> {
        let name = host::normalize(name);
        let under = |domain: &[u8]| {
            name.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
        };
        let fits = self.0.iter().filter(|(domain, _)| under(domain));
        fits.max_by_key(|(domain, _)| domain.len())
            .map(|(_, name)| name)
    }
}

/// What the machine of a record adds to its id, where its columns say something of one.
pub(super) fn tie_of(record: &Record<'_>) -> Option<Vec<u8>> {
    let field = |field: LeakField| record.fields[field as usize].as_deref();
    tie(
        field(LeakField::HardwareId),
        field(LeakField::Hostname),
        field(LeakField::Ip),
    )
}

/// I3: what a machine adds to the ids of its leaks.
pub(in crate::provider::file) fn tie(
    hardware_id: Option<&[u8]>,
    hostname: Option<&[u8]>,
    address: Option<&[u8]>,
) -> Option<Vec<u8>> {
    match (hardware_id, hostname, address) {
        (Some(id), ..) => Some([b"h", id].concat()),
        (None, None, None) => None,
        (None, name, address) => {
            let (name, address) = (name.unwrap_or_default(), address.unwrap_or_default());
            Some([b"n", name, b"\0", address].concat())
        }
    }
}

/// What all of a record says, in one number.
pub(super) fn content(record: &Record<'_>, own: u128, ids: &mut Ids) -> u128 {
    let mut all = own.to_be_bytes().to_vec();
    for field in &record.fields {
        let text = field.as_deref().unwrap_or_default();
        all.extend_from_slice(&(text.len() as u32).to_le_bytes());
        all.extend_from_slice(text);
    }
    ids.of([Some(&all), None, None, None])
}

/// Adds a record to a page.
pub(super) fn push(
    record: &mut Record<'_>,
    machine: Option<&Machine>,
    own: u128,
    settings: &Settings,
    encoding: Encoding,
    page: &mut Page,
) {
    let mut damaged = record.damaged;
    let written = ids::digits(own);
    let id = record.id.as_deref().unwrap_or(&written);
    let login = decoded(record.login.as_ref(), encoding, &mut damaged);
    let url = decoded(record.url.as_ref(), encoding, &mut damaged);
    let others = others(record, encoding, &mut damaged);
    let email = login.as_deref().and_then(email_domain);
    let host_name = url.as_deref().and_then(url_domain);
    let (domain, class) = filed(settings, email.as_deref(), host_name.as_deref());
    let mut fields: [Option<&[u8]>; FIELD_COUNT] = [None; FIELD_COUNT];
    fields[LeakField::Id as usize] = Some(id);
    fields[LeakField::Login as usize] = login.as_deref();
    fields[LeakField::Url as usize] = url.as_deref();
    fields[LeakField::Domain as usize] = domain;
    fields[LeakField::Class as usize] = class;
    fields[LeakField::EmailDomain as usize] = email.as_deref();
    fields[LeakField::UrlDomain as usize] = host_name.as_deref();
    if let Some(machine) = machine {
        for (field, text) in facts(machine) {
            fields[field as usize] = text.as_ref().map(RawText::as_bytes);
        }
    }
    for (field, text) in &others {
        fields[*field as usize] = Some(text);
    }
    let word = fields[LeakField::RemoteStatus as usize];
    let status = record.status.or_else(|| word.map(status_of));
    let password = record
        .password
        .as_ref()
        .map(|password| Password::from(encoding.shown(&Cow::Borrowed(&password[..]))));
    let credential = match (login.as_deref(), password.as_deref()) {
        (Some(login), Some(secret)) if !is_mask(secret) && !is_partly_masked(secret) => {
            let whole = is_identifying(login) && is_secret(secret);
            whole.then(|| settings.fingerprint.credential(login, secret))
        }
        _ => None,
    };
    page.leaks.push(&LeakRef {
        fields,
        status: status.unwrap_or(Status::Unknown),
        password: state(record),
        risk: record.risk,
        credential,
        damaged,
    });
    drop(password);
    if let Some(breach) = record.breach.take() {
        keep(&mut page.breaches, *breach);
    }
}

/// What a record was made of: its members with the columns or labels that they came from. Nothing of a password is in it.
pub(super) fn describe(
    record: &Record<'_>,
    encoding: Encoding,
    columns: &[(&'static str, RawText)],
) -> Vec<FieldSource> {
    let mut all = Vec::new();
    let mut add = |field: &'static str, value: Option<RawText>| {
        let Some(value) = value else { return };
        let from = columns.iter().find(|(known, _)| *known == field);
        let from = from.map_or_else(|| RawText::from(field), |(_, from)| from.clone());
        all.push(FieldSource { field, from, value });
    };
    let text = |bytes: &Option<Bytes<'_>>| {
        bytes
            .as_ref()
            .map(|bytes| RawText::from(&*encoding.shown(bytes)))
    };
    add("id", text(&record.id));
    add("login", text(&record.login));
    add("url", text(&record.url));
    add(
        "password",
        record.password.as_ref().map(|_| RawText::from("********")),
    );
    for (field, bytes) in LeakField::VARIANTS.iter().zip(&record.fields) {
        add(header::word(header::Field::Leak(*field)), text(bytes));
    }
    add("application", text(&record.application));
    all
}

/// What a machine says of all its leaks.
fn facts(machine: &Machine) -> [(LeakField, &Option<RawText>); 7] {
    let device = &machine.device;
    [
        (LeakField::Hostname, &device.hostname),
        (LeakField::Ip, &device.ip),
        (LeakField::Os, &device.os),
        (LeakField::HardwareId, &device.hardware_id),
        (LeakField::MalwarePath, &device.malware_path),
        (LeakField::Country, &machine.country),
        (LeakField::FirstSeen, &machine.date),
    ]
}

fn keep(breaches: &mut Vec<Breach>, breach: Breach) {
    if breaches.iter().all(|known| known.name != breach.name) {
        breaches.push(breach);
    }
}

fn state(record: &Record<'_>) -> PasswordState {
    match record.password.as_deref() {
        _ if record.masked => PasswordState::MaskedByProvider,
        None => PasswordState::None,
        Some(b"") => PasswordState::Empty,
        Some(password) if is_mask(password) => PasswordState::MaskedByProvider,
        Some(_) => PasswordState::Hidden,
    }
}

/// A word that is one of ours.
fn status_of(word: &[u8]) -> Status {
    let word = std::str::from_utf8(word).unwrap_or_default();
    let word = word.trim().to_ascii_lowercase();
    word.parse().unwrap_or(Status::Unknown)
}

fn decoded<'a>(
    bytes: Option<&'a Bytes<'_>>,
    encoding: Encoding,
    damaged: &mut bool,
) -> Option<Cow<'a, [u8]>> {
    let bytes = bytes?;
    if bytes.len() <= FIELD && bytes.is_ascii() {
        return Some(Cow::Borrowed(bytes));
    }
    Some(cut(encoding.shown(bytes), damaged))
}

/// The members that a record has beside those that each has a name for.
fn others<'a>(
    record: &'a Record<'_>,
    encoding: Encoding,
    damaged: &mut bool,
) -> Vec<(LeakField, Cow<'a, [u8]>)> {
    let mut all = Vec::new();
    for (field, bytes) in LeakField::VARIANTS.iter().zip(&record.fields) {
        // Of a list there is none of these.
        if bytes.is_none() {
            continue;
        }
        if let Some(text) = decoded(bytes.as_ref(), encoding, damaged) {
            all.push((*field, text));
        }
    }
    all
}

/// L8: what is kept of a field.
fn cut<'a>(text: Cow<'a, [u8]>, damaged: &mut bool) -> Cow<'a, [u8]> {
    if text.len() <= FIELD {
        return text;
    }
    *damaged = true;
    let mut kept = text[..FIELD].to_vec();
    kept.extend_from_slice(format!("…+{}", text.len() - FIELD).as_bytes());
    Cow::Owned(kept)
}

/// The domain of a login's address: behind its last `@`, with a dot in it.
fn email_domain(login: &[u8]) -> Option<Cow<'_, [u8]>> {
    let at = memchr::memrchr(b'@', login)?;
    let domain = &login[at + 1..];
    memchr::memchr(b'.', domain)?;
    Some(host::display_form(domain)).filter(|name| !name.is_empty())
}

/// The host of a URL; an Android package is none.
fn url_domain(url: &[u8]) -> Option<Cow<'_, [u8]>> {
    const ANDROID: &[u8] = b"android:";
    let begin = url.get(..ANDROID.len());
    if begin.is_some_and(|begin| begin.eq_ignore_ascii_case(ANDROID)) {
        return None;
    }
    let name = host::url_host(url).map(host::display_form);
    name.filter(|name| !name.is_empty())
}

type Filed<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// The domain that a leak is filed under, and its class where that follows.
fn filed<'a>(settings: &'a Settings, email: Option<&'a [u8]>, url: Option<&'a [u8]>) -> Filed<'a> {
    if settings.watched.0.is_empty() {
        return (email.or(url), None);
    }
    let of = |name: Option<&[u8]>| settings.watched.of(name?).map(RawText::as_bytes);
    if let Some(domain) = of(email) {
        return (Some(domain), Some(b"employee"));
    }
    match of(url) {
        Some(domain) => (Some(domain), Some(b"customer")),
        None => (None, None),
    }
}
