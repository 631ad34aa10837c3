//! The rows and the fields that a person reads. Everything of a provider's is made printable here.

use super::columns;
use crate::{
    cli::{format::ListFormat, output::Column},
    entity::{
        breach::{Breach, Paste},
        connection::Connection,
        domain::Domain,
        job::Job,
        key::EntityKey,
        leak::{Device, Leak, PasswordState, Risk},
        status::StatusSource,
        text::Text,
        user::{IdentityType, User},
        visible::{Visible, escape},
    },
    export::{Noun, Record, json::MASK},
};
use jiff::Timestamp;

const USER: &[Column] = &[
    Column::text("LOGIN"),
    Column::number("UNRESOLVED"),
    Column::number("LEAKS"),
    Column::text("FIRST SEEN"),
    Column::whole("KEY"),
];
const DOMAIN: &[Column] = &[
    Column::text("NAME"),
    Column::text("VERIFIED"),
    Column::number("UNRESOLVED"),
    Column::number("LEAKS"),
    Column::whole("KEY"),
];
const CONNECTION: &[Column] = &[
    Column::text("FORM"),
    Column::text("NAME"),
    Column::text("OS"),
    Column::text("IP"),
    Column::text("COUNTRY"),
    Column::text("DATE"),
    Column::number("LEAKS"),
    Column::whole("KEY"),
];
const JOB: &[Column] = &[
    Column::number("ID"),
    Column::text("STATE"),
    Column::text("COMMAND"),
    Column::text("CREATED"),
    Column::number("VERIFIED"),
    Column::number("LOCAL"),
    Column::number("SKIPPED"),
    Column::number("OTHER"),
    Column::number("CHANGES"),
    Column::text("PLAN"),
];

/// The columns of a noun.
pub(in crate::cli) fn columns(noun: Noun) -> Vec<Column> {
    match noun {
        Noun::Leak => columns::usual(None, 0)
            .into_iter()
            .map(columns::Column::of_table)
            .collect(),
        Noun::User => USER.to_vec(),
        Noun::Domain => DOMAIN.to_vec(),
        Noun::Connection => CONNECTION.to_vec(),
        Noun::Job => JOB.to_vec(),
    }
}

/// The cells of one record.
pub(in crate::cli) fn row(record: Record<'_>) -> Vec<Visible> {
    match record {
        Record::Leak(leak) => columns::row(&columns::usual(None, 0), leak, false),
        Record::User(user) => vec![
            text(&user.login),
            word(user.leaks.unresolved),
            word(user.leaks.total),
            date(user.first_seen.as_ref()),
            word(&user.key),
        ],
        Record::Domain(domain) => vec![
            text(&domain.name),
            known(domain.verified),
            either(domain.leaks.map(|leaks| leaks.unresolved)),
            either(domain.leaks.map(|leaks| leaks.total)),
            word(&domain.key),
        ],
        Record::Connection(connection) => connection_row(connection),
        Record::Job(job) => job_row(job),
    }
}

fn connection_row(connection: &Connection) -> Vec<Visible> {
    let device = connection.device.as_ref();
    vec![
        word(connection.form),
        text(&connection.name),
        maybe(device.and_then(|d| d.os.as_ref())),
        maybe(device.and_then(|d| d.ip.as_ref())),
        maybe(connection.country.as_ref()),
        date(connection.date.as_ref()),
        either(connection.leaks),
        word(&connection.key),
    ]
}

fn job_row(job: &Job) -> Vec<Visible> {
    let counts = job.counts;
    let all = counts.sum();
    let known = counts.verified + counts.local + counts.skipped;
    vec![
        word(job.id),
        match (job.paused, paused_by(job)) {
            (Some((why, _)), _) => word(format!("{}: {}", job.state, why.in_words())),
            (None, Some(by)) => word(format!("{} {by}", job.state)),
            (None, None) => word(job.state),
        },
        word(job.command),
        word(columns::minute(job.created_at)),
        word(counts.verified),
        word(counts.local),
        word(counts.skipped),
        word(all - known),
        word(all),
        word(job.plan_hash.chars().take(12).collect::<String>()),
    ]
}

/// Names and values of one record; members that do not apply are left out.
pub(in crate::cli) fn fields(record: Record<'_>) -> Vec<(&'static str, Visible)> {
    let mut fields = match record {
        Record::Leak(leak) => leak_fields(leak),
        Record::User(user) => user_fields(user),
        Record::Domain(domain) => domain_fields(domain),
        Record::Connection(connection) => connection_fields(connection),
        Record::Job(job) => job_fields(job),
    };
    fields.retain(|(_, value)| !value.as_str().is_empty());
    fields
}

fn leak_fields(leak: &Leak) -> Vec<(&'static str, Visible)> {
    let mut fields = vec![
        ("key", word(&leak.key)),
        ("status", word(leak.status)),
        ("kept by", kept_by(leak.status_source)),
        ("remote status", maybe(leak.remote_status.as_ref())),
        ("disputed", disputed(leak.disputed)),
        ("risk", risk(leak.risk)),
        ("class", maybe(leak.class.as_ref())),
        ("login", maybe(leak.login.as_ref())),
        ("url", maybe(leak.url.as_ref())),
        ("domain", maybe(leak.domain.as_ref())),
        ("password", password(leak.password)),
        ("first seen", maybe(leak.first_seen.as_ref())),
        ("added", maybe(leak.added_at.as_ref())),
        ("country", maybe(leak.country.as_ref())),
    ];
    fields.extend(device(leak.device.as_ref()));
    fields.extend(breach(leak.breach.as_ref()));
    fields.push(("attribution", either(leak.attribution.as_ref())));
    if let Some(claim) = &leak.claim {
        let words = format!(
            "{} ({}) until {}",
            claim.by.by(),
            claim.by.console,
            second(claim.until)
        );
        fields.push(("claimed by", word(words)));
    }
    if let Some(noted) = &leak.noted {
        let words = &noted.words;
        let by = noted
            .by
            .as_ref()
            .map_or_else(String::new, |by| format!("{}, ", by.by()));
        fields.extend([
            ("reason", either(words.reason.as_ref())),
            ("note", either(words.note.as_ref())),
            ("ticket", either(words.ticket.as_ref())),
            (
                "said by",
                word(match noted.job {
                    Some(job) => format!("{by}{}, job {job}", noted.at),
                    None => format!("{by}{}", noted.at),
                }),
            ),
        ]);
    }
    if leak.sources > 1 {
        fields.push(("sources", word(leak.sources)));
    }
    fields.extend(connections(leak.connections.as_deref()));
    fields
}

fn user_fields(user: &User) -> Vec<(&'static str, Visible)> {
    let kind = user.identity_type.map(|kind| match kind {
        IdentityType::Email => "email",
        IdentityType::Username => "username",
    });
    let mut fields = vec![
        ("key", word(&user.key)),
        ("login", text(&user.login)),
        ("type", either(kind)),
        ("risk", risk(user.risk)),
        ("first seen", maybe(user.first_seen.as_ref())),
        ("leaks", word(user.leaks.total)),
        ("unresolved", word(user.leaks.unresolved)),
        ("sources", word(user.sources)),
    ];
    fields.extend(connections(user.connections.as_deref()));
    fields
}

fn domain_fields(domain: &Domain) -> Vec<(&'static str, Visible)> {
    vec![
        ("key", word(&domain.key)),
        ("name", text(&domain.name)),
        ("verified", known(domain.verified)),
        ("archived", known(domain.archived)),
        ("leaks", either(domain.leaks.map(|leaks| leaks.total))),
        (
            "unresolved",
            either(domain.leaks.map(|leaks| leaks.unresolved)),
        ),
    ]
}

fn connection_fields(connection: &Connection) -> Vec<(&'static str, Visible)> {
    let mut fields = vec![
        ("key", word(&connection.key)),
        ("form", word(connection.form)),
        ("name", text(&connection.name)),
        ("type", either(connection.resource_type)),
        ("date", maybe(connection.date.as_ref())),
        ("country", maybe(connection.country.as_ref())),
        ("leaks", either(connection.leaks)),
        ("risk", risk(connection.risk)),
    ];
    fields.extend(device(connection.device.as_ref()));
    fields.push(("metadata", maybe(connection.metadata.as_ref())));
    fields.extend(breach(connection.breach.as_ref()));
    fields.extend(paste(connection.paste.as_ref()));
    fields.push(("attribution", either(connection.attribution.as_ref())));
    fields
}

/// Who paused a job of a team: `by cho`.
fn paused_by(job: &Job) -> Option<String> {
    let holding = job.holding.as_ref()?;
    holding.paused_by.as_ref().map(|role| format!("by {role}"))
}

fn job_fields(job: &Job) -> Vec<(&'static str, Visible)> {
    let profiles: Vec<_> = job.profiles.iter().map(|b| b.name.as_str()).collect();
    vec![
        ("job", word(job.id)),
        ("state", word(job.state)),
        (
            "paused",
            match job.paused {
                Some((why, _)) => word(why.in_words()),
                None => either(paused_by(job)),
            },
        ),
        ("command", word(job.command)),
        ("status", word(job.wanted)),
        ("profiles", word(profiles.join(", "))),
        ("plan", word(&job.plan_hash)),
        ("created", word(second(job.created_at))),
        ("started", either(job.started_at.map(second))),
        ("ended", either(job.ended_at.map(second))),
        ("reason", either(job.reason.as_ref())),
        ("note", either(job.note.as_ref())),
        ("ticket", either(job.ticket.as_ref())),
        ("changes", word(job.counts)),
    ]
}

/// A moment as a person reads it: without the parts of a second, which JSON has.
pub(in crate::cli) fn second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// A moment in a list: whole seconds for people, exact for programs. RFC 3339 in UTC.
pub(in crate::cli) fn moment(moment: Timestamp, format: ListFormat) -> String {
    match format {
        ListFormat::Table => second(moment).to_string(),
        ListFormat::Json | ListFormat::Jsonl | ListFormat::Csv => moment.to_string(),
    }
}

fn device(device: Option<&Device>) -> Vec<(&'static str, Visible)> {
    let of = |member: fn(&Device) -> Option<&Text>| maybe(device.and_then(member));
    vec![
        ("host", of(|d| d.hostname.as_ref())),
        ("ip", of(|d| d.ip.as_ref())),
        ("os", of(|d| d.os.as_ref())),
        ("hardware id", of(|d| d.hardware_id.as_ref())),
        ("malware path", of(|d| d.malware_path.as_ref())),
    ]
}

/// Names and values of a breach.
pub(in crate::cli) fn breach(breach: Option<&Breach>) -> Vec<(&'static str, Visible)> {
    let Some(breach) = breach else {
        return Vec::new();
    };
    vec![
        ("breach", text(&breach.name)),
        ("title", maybe(breach.title.as_ref())),
        ("breached", maybe(breach.domain.as_ref())),
        ("breach date", maybe(breach.date.as_ref())),
        ("in catalogue", maybe(breach.added_at.as_ref())),
        ("accounts", either(breach.accounts)),
        ("data classes", words(&breach.data_classes)),
        ("verified", known(breach.verified)),
        ("spam list", known(breach.spam)),
        ("marks", word(breach.flags.words())),
    ]
}

fn paste(paste: Option<&Paste>) -> Vec<(&'static str, Visible)> {
    let Some(paste) = paste else {
        return Vec::new();
    };
    vec![
        ("paste", text(&paste.id)),
        ("put on", text(&paste.source)),
        ("paste title", maybe(paste.title.as_ref())),
        ("paste date", maybe(paste.date.as_ref())),
        ("addresses", either(paste.emails)),
    ]
}

/// Provider texts, with commas between them.
pub(in crate::cli) fn words(texts: &[Text]) -> Visible {
    let texts: Vec<_> = texts.iter().map(Text::as_bytes).collect();
    escape(&texts.join(&b", "[..]))
}

fn kept_by(source: StatusSource) -> Visible {
    match source {
        StatusSource::Local => Visible::literal("us, on this machine"),
        StatusSource::Remote => Visible::default(),
    }
}

fn disputed(disputed: bool) -> Visible {
    if disputed {
        Visible::literal("the provider says otherwise now")
    } else {
        Visible::default()
    }
}

fn connections(keys: Option<&[EntityKey]>) -> Vec<(&'static str, Visible)> {
    keys.unwrap_or_default()
        .iter()
        .map(|key| ("connection", word(key)))
        .collect()
}

fn password(state: PasswordState) -> Visible {
    match state {
        PasswordState::Hidden => Visible::literal(MASK),
        PasswordState::MaskedByProvider => Visible::literal("masked by the provider"),
        PasswordState::Empty => Visible::literal("empty"),
        PasswordState::None => Visible::default(),
    }
}

fn risk(risk: Option<Risk>) -> Visible {
    either(risk.map(|risk| match risk.score {
        Some(score) => format!("{} ({score})", risk.level),
        None => risk.level.to_string(),
    }))
}

/// Provider text.
pub(in crate::cli) fn text(text: &Text) -> Visible {
    escape(text.as_bytes())
}

/// Provider text, if there is any.
pub(in crate::cli) fn maybe(text: Option<&Text>) -> Visible {
    text.map(self::text).unwrap_or_default()
}

/// A word or a number. Keys hold provider text, so nothing here is taken for printable.
#[expect(
    clippy::needless_pass_by_value,
    reason = "words are numbers and enums more often than not"
)]
pub(in crate::cli) fn word(word: impl ToString) -> Visible {
    escape(word.to_string().as_bytes())
}

/// A word or a number, if there is one.
pub(in crate::cli) fn either(word: Option<impl ToString>) -> Visible {
    word.map(self::word).unwrap_or_default()
}

/// A provider's date to the minute, or to the day where it says no more.
fn date(text: Option<&Text>) -> Visible {
    escape(&columns::date(text))
}

/// Yes, no or nothing.
pub(in crate::cli) fn known(flag: Option<bool>) -> Visible {
    match flag {
        Some(true) => Visible::literal("yes"),
        Some(false) => Visible::literal("no"),
        None => Visible::default(),
    }
}
