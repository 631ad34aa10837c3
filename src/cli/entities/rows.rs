//! The rows and the fields that a person reads. Everything of a provider's is made printable here.

use super::columns;
use crate::{
    cli::{format::ListFormat, output::Column},
    entity::{
        breach::{Breach, Paste},
        connection::Connection,
        domain::Domain,
        job::{Job, JobState},
        key::EntityKey,
        leak::{Device, Leak, PasswordState, Risk},
        raw_text::RawText,
        status::StatusSource,
        user::{IdentityType, User},
        visible::{Visible, escape},
    },
    export::{Record, RecordKind, json::MASK},
};
use jiff::Timestamp;

const USER_COLUMNS: &[Column] = &[
    Column::text("LOGIN"),
    Column::number("UNRESOLVED"),
    Column::number("LEAKS"),
    Column::text("FIRST LEAKED"),
    Column::uncut("KEY"),
];
const DOMAIN_COLUMNS: &[Column] = &[
    Column::text("NAME"),
    Column::text("VERIFIED"),
    Column::number("UNRESOLVED"),
    Column::number("LEAKS"),
    Column::uncut("KEY"),
];
const CONNECTION_COLUMNS: &[Column] = &[
    Column::text("FORM"),
    Column::text("NAME"),
    Column::text("OS"),
    Column::text("IP"),
    Column::text("COUNTRY"),
    Column::text("DATE"),
    Column::number("LEAKS"),
    Column::uncut("KEY"),
];
const JOB_COLUMNS: &[Column] = &[
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
pub(in crate::cli) fn columns(noun: RecordKind) -> Vec<Column> {
    match noun {
        RecordKind::Leak => columns::usual(None, 0)
            .into_iter()
            .map(columns::Column::of_table)
            .collect(),
        RecordKind::User => USER_COLUMNS.to_vec(),
        RecordKind::Domain => DOMAIN_COLUMNS.to_vec(),
        RecordKind::Connection => CONNECTION_COLUMNS.to_vec(),
        RecordKind::Job => JOB_COLUMNS.to_vec(),
    }
}

/// The cells of one record.
pub(in crate::cli) fn row(record: Record<'_>) -> Vec<Visible> {
    match record {
        Record::Leak(leak) => columns::row(&columns::usual(None, 0), leak, false),
        Record::User(user) => vec![
            text(&user.login),
            printable(user.leaks.unresolved),
            printable(user.leaks.total),
            date(user.first_seen.as_ref()),
            printable(&user.key),
        ],
        Record::Domain(domain) => vec![
            text(&domain.name),
            yes_or_no(domain.verified),
            optional_printable(domain.leaks.map(|leaks| leaks.unresolved)),
            optional_printable(domain.leaks.map(|leaks| leaks.total)),
            printable(&domain.key),
        ],
        Record::Connection(connection) => connection_row(connection),
        Record::Job(job) => job_row(job),
    }
}

fn connection_row(connection: &Connection) -> Vec<Visible> {
    let device = connection.device.as_ref();
    vec![
        printable(connection.kind),
        text(&connection.name),
        optional_text(device.and_then(|d| d.os.as_ref())),
        optional_text(device.and_then(|d| d.ip.as_ref())),
        optional_text(connection.country.as_ref()),
        date(connection.date.as_ref()),
        optional_printable(connection.leaks),
        printable(&connection.key),
    ]
}

/// The state of a job in the words of the screen.
fn state(job: &Job) -> String {
    match job.state {
        JobState::Done => "finished".to_owned(),
        JobState::DoneWithExceptions => "partial".to_owned(),
        state => state.to_string(),
    }
}

fn job_row(job: &Job) -> Vec<Visible> {
    let counts = job.counts;
    let all = counts.sum();
    let known = counts.verified + counts.local + counts.skipped;
    vec![
        printable(job.id),
        match (job.pause, paused_by(job)) {
            (Some((why, _)), _) => printable(format!("{}: {}", state(job), why.label())),
            (None, Some(by)) => printable(format!("{} {by}", state(job))),
            (None, None) => printable(state(job)),
        },
        printable(job.command),
        printable(columns::minute(job.created_at)),
        printable(counts.verified),
        printable(counts.local),
        printable(counts.skipped),
        printable(all - known),
        printable(all),
        printable(job.plan_hash.chars().take(12).collect::<String>()),
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
        ("key", printable(&leak.key)),
        ("status", printable(leak.status)),
        ("kept by", status_source(leak.status_source)),
        ("remote status", optional_text(leak.remote_status.as_ref())),
        ("disputed", dispute_label(leak.disputed)),
        ("risk", risk(leak.risk)),
        ("class", optional_text(leak.class.as_ref())),
        ("login", optional_text(leak.login.as_ref())),
        ("url", optional_text(leak.url.as_ref())),
        ("domain", optional_text(leak.domain.as_ref())),
        ("password", password(leak.password)),
        ("leaked on", optional_text(leak.first_seen.as_ref())),
        ("added", optional_text(leak.added_at.as_ref())),
        ("country", optional_text(leak.country.as_ref())),
    ];
    fields.extend(device(leak.device.as_ref()));
    fields.extend(breach(leak.breach.as_ref()));
    fields.push(("attribution", optional_printable(leak.attribution.as_ref())));
    if let Some(claim) = &leak.claim {
        let words = format!(
            "{} ({}) until {}",
            claim.claimant.user_at_host(),
            claim.claimant.console,
            truncate_to_second(claim.expires_at)
        );
        fields.push(("claimed by", printable(words)));
    }
    if let Some(noted) = &leak.last_note {
        let words = &noted.justification;
        let by = noted
            .author
            .as_ref()
            .map_or_else(String::new, |by| format!("{}, ", by.user_at_host()));
        fields.extend([
            ("reason", optional_printable(words.reason.as_ref())),
            ("note", optional_printable(words.note.as_ref())),
            ("ticket", optional_printable(words.ticket.as_ref())),
            (
                "said by",
                printable(match noted.job {
                    Some(job) => format!("{by}{}, job {job}", noted.noted_at),
                    None => format!("{by}{}", noted.noted_at),
                }),
            ),
        ]);
    }
    if leak.sources > 1 {
        fields.push(("sources", printable(leak.sources)));
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
        ("key", printable(&user.key)),
        ("login", text(&user.login)),
        ("type", optional_printable(kind)),
        ("risk", risk(user.risk)),
        ("first leaked", optional_text(user.first_seen.as_ref())),
        ("leaks", printable(user.leaks.total)),
        ("unresolved", printable(user.leaks.unresolved)),
        ("sources", printable(user.sources)),
    ];
    fields.extend(connections(user.connections.as_deref()));
    fields
}

fn domain_fields(domain: &Domain) -> Vec<(&'static str, Visible)> {
    vec![
        ("key", printable(&domain.key)),
        ("name", text(&domain.name)),
        ("verified", yes_or_no(domain.verified)),
        ("archived", yes_or_no(domain.archived)),
        (
            "leaks",
            optional_printable(domain.leaks.map(|leaks| leaks.total)),
        ),
        (
            "unresolved",
            optional_printable(domain.leaks.map(|leaks| leaks.unresolved)),
        ),
    ]
}

fn connection_fields(connection: &Connection) -> Vec<(&'static str, Visible)> {
    let mut fields = vec![
        ("key", printable(&connection.key)),
        ("form", printable(connection.kind)),
        ("name", text(&connection.name)),
        ("type", optional_printable(connection.resource_type)),
        ("date", optional_text(connection.date.as_ref())),
        ("country", optional_text(connection.country.as_ref())),
        ("leaks", optional_printable(connection.leaks)),
        ("risk", risk(connection.risk)),
    ];
    fields.extend(device(connection.device.as_ref()));
    fields.push(("metadata", optional_text(connection.metadata.as_ref())));
    fields.extend(breach(connection.breach.as_ref()));
    fields.extend(paste(connection.paste.as_ref()));
    fields.push((
        "attribution",
        optional_printable(connection.attribution.as_ref()),
    ));
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
        ("job", printable(job.id)),
        ("state", printable(state(job))),
        (
            "paused",
            match job.pause {
                Some((why, _)) => printable(why.label()),
                None => optional_printable(paused_by(job)),
            },
        ),
        ("command", printable(job.command)),
        ("status", printable(job.wanted)),
        ("profiles", printable(profiles.join(", "))),
        ("plan", printable(&job.plan_hash)),
        ("created", printable(truncate_to_second(job.created_at))),
        (
            "started",
            optional_printable(job.started_at.map(truncate_to_second)),
        ),
        (
            "ended",
            optional_printable(job.ended_at.map(truncate_to_second)),
        ),
        ("reason", optional_printable(job.reason.as_ref())),
        ("note", optional_printable(job.note.as_ref())),
        ("ticket", optional_printable(job.ticket.as_ref())),
        ("changes", printable(job.counts.in_words())),
    ]
}

/// A moment as a person reads it: without the parts of a second, which JSON has.
pub(in crate::cli) fn truncate_to_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// A moment in a list: whole seconds for people, exact for programs. RFC 3339 in UTC.
pub(in crate::cli) fn moment(moment: Timestamp, format: ListFormat) -> String {
    match format {
        ListFormat::Table => truncate_to_second(moment).to_string(),
        ListFormat::Json | ListFormat::Jsonl | ListFormat::Csv => moment.to_string(),
    }
}

fn device(device: Option<&Device>) -> Vec<(&'static str, Visible)> {
    let of = |member: fn(&Device) -> Option<&RawText>| optional_text(device.and_then(member));
    vec![
        ("machine", of(|d| d.hostname.as_ref())),
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
        ("title", optional_text(breach.title.as_ref())),
        ("breached", optional_text(breach.domain.as_ref())),
        ("breach date", optional_text(breach.date.as_ref())),
        ("in catalogue", optional_text(breach.added_at.as_ref())),
        ("accounts", optional_printable(breach.accounts)),
        ("data classes", join_texts(&breach.data_classes)),
        ("verified", yes_or_no(breach.verified)),
        ("spam list", yes_or_no(breach.spam)),
        ("marks", printable(breach.flags.words())),
    ]
}

fn paste(paste: Option<&Paste>) -> Vec<(&'static str, Visible)> {
    let Some(paste) = paste else {
        return Vec::new();
    };
    vec![
        ("paste", text(&paste.id)),
        ("put on", text(&paste.source)),
        ("paste title", optional_text(paste.title.as_ref())),
        ("paste date", optional_text(paste.date.as_ref())),
        ("addresses", optional_printable(paste.emails)),
    ]
}

/// Provider texts, with commas between them.
pub(in crate::cli) fn join_texts(texts: &[RawText]) -> Visible {
    let texts: Vec<_> = texts.iter().map(RawText::as_bytes).collect();
    escape(&texts.join(&b", "[..]))
}

fn status_source(source: StatusSource) -> Visible {
    match source {
        StatusSource::Local => Visible::literal("us, on this machine"),
        StatusSource::Remote => Visible::default(),
    }
}

fn dispute_label(disputed: bool) -> Visible {
    if disputed {
        Visible::literal("the provider says otherwise now")
    } else {
        Visible::default()
    }
}

fn connections(keys: Option<&[EntityKey]>) -> Vec<(&'static str, Visible)> {
    keys.unwrap_or_default()
        .iter()
        .map(|key| ("connection", printable(key)))
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
    optional_printable(risk.map(|risk| match risk.score {
        Some(score) => format!("{} ({score})", risk.level),
        None => risk.level.to_string(),
    }))
}

/// Provider text.
pub(in crate::cli) fn text(text: &RawText) -> Visible {
    escape(text.as_bytes())
}

/// Provider text, if there is any.
pub(in crate::cli) fn optional_text(text: Option<&RawText>) -> Visible {
    text.map(self::text).unwrap_or_default()
}

/// A word or a number. Keys hold provider text, so nothing here is taken for printable.
#[expect(
    clippy::needless_pass_by_value,
    reason = "words are numbers and enums more often than not"
)]
pub(in crate::cli) fn printable(word: impl ToString) -> Visible {
    escape(word.to_string().as_bytes())
}

/// A word or a number, if there is one.
pub(in crate::cli) fn optional_printable(word: Option<impl ToString>) -> Visible {
    word.map(self::printable).unwrap_or_default()
}

/// A provider's date to the minute, or to the day where it says no more.
fn date(text: Option<&RawText>) -> Visible {
    escape(&columns::date(text))
}

/// Yes, no or nothing.
pub(in crate::cli) fn yes_or_no(flag: Option<bool>) -> Visible {
    match flag {
        Some(true) => Visible::literal("yes"),
        Some(false) => Visible::literal("no"),
        None => Visible::default(),
    }
}
