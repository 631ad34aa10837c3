//! The record of one leak: every field, what else is known of its person, machine and credential, and its history. Lines
//! are items with a cursor; each can be copied, and that of another leak opened.

mod state;

pub use state::{History, Record};

use super::{
    command::{Command, Open},
    effect::{Effect, NotesEffect},
    model::{Context, FeatureUpdate, ScopeItem, WorkspaceUpdate},
};
use crate::{
    app::claims,
    entity::{
        claim::ConsoleId,
        error::JournalError,
        history::{HistoryAction, HistoryEntry},
        key::{EntityKey, ProviderId},
        leak::LeakField,
        number::group_digits,
        visible::escape,
    },
    table::{GroupKind, RowId},
};
use std::{cmp::Reverse, fmt::Write as _};

/// Leaks that a section lists at most.
const LISTED: usize = 12;

/// A part of the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// The title of a section.
    Heading(String),
    /// A field with its exact bytes.
    Field(&'static str, Vec<u8>),
    /// A field whose value is a moment, as the provider wrote it.
    Time(&'static str, Vec<u8>),
    /// The status.
    Status,
    /// The password.
    Password,
    /// Another leak.
    Leak(RowId),
    /// An act of the history, by its number.
    Act(usize),
    /// Words in place of what is not there.
    Words(String),
}

impl Item {
    /// Returns true if the cursor can rest on it.
    fn is_selectable(&self) -> bool {
        !matches!(self, Self::Heading(_) | Self::Words(_))
    }
}

/// Opens the record of a leak, and reads its history.
pub(super) fn open(update: &mut WorkspaceUpdate<'_>, leak: RowId) -> Vec<Effect> {
    update.workspace.reveal = None;
    update
        .commands
        .push(Command::LoadRelated(ScopeItem::Leak(leak)));
    update.commands.push(Command::Open(Open::Record(leak)));
    load(update.context(), leak).into_iter().collect()
}

/// The effect that reads the history of a leak.
fn load(context: Context<'_>, leak: RowId) -> Option<Effect> {
    let (key, provider) = named(context, leak)?;
    Some(Effect::Notes(NotesEffect::LoadHistory { key, provider }))
}

/// Returns the key of a leak and its provider.
pub(super) fn named(context: Context<'_>, leak: RowId) -> Option<(EntityKey, ProviderId)> {
    let table = &context.data.table;
    let (_, provider) = table.profiles().get(usize::from(table.slot(leak).0))?;
    Some((table.key(leak), provider.clone()))
}

/// A leak in words: whose, and where; its key where it says neither.
pub(super) fn in_words(context: Context<'_>, leak: RowId) -> String {
    let table = &context.data.table;
    let text = |field| escape(&table.text(leak, field)).as_str().to_owned();
    let mut words = vec![text(LeakField::Login), text(LeakField::UrlDomain)];
    words.retain(|word| !word.is_empty());
    if words.is_empty() {
        words.push(
            escape(table.key(leak).to_string().as_bytes())
                .as_str()
                .to_owned(),
        );
    }
    words.join(", ")
}

/// Takes the history of a leak in, if its record is still open.
pub(super) fn on_history<'a>(
    records: impl Iterator<Item = &'a mut Record>,
    context: Context<'_>,
    key: &EntityKey,
    result: Result<Vec<HistoryEntry>, JournalError>,
) {
    let wanted = context.data.table.find(key);
    let history = match result {
        Ok(entries) => History::Known(entries),
        Err(error) => History::Failed(error.to_string()),
    };
    for record in records.filter(|record| Some(record.leak) == wanted) {
        record.history = history.clone();
    }
}

/// Reads the history again of the records that are open.
pub(super) fn reload<'a>(
    records: impl Iterator<Item = &'a Record>,
    context: Context<'_>,
) -> Vec<Effect> {
    records
        .filter_map(|record| load(context, record.leak))
        .collect()
}

/// A note is on disk, or is not.
pub(super) fn on_noted(
    update: &mut FeatureUpdate<'_>,
    leaks: usize,
    result: Result<(), JournalError>,
) {
    let text = format!(
        "note added to {} {}",
        group_digits(leaks as u64),
        if leaks == 1 { "leak" } else { "leaks" }
    );
    let result = result.map(|()| text).map_err(|error| error.to_string());
    update.report(result, "no note was added");
}

/// Moves the cursor by so many items; what cannot be copied is passed over.
pub(super) fn step(record: &mut Record, context: Context<'_>, by: isize) {
    let items = items(context, record);
    let places: Vec<usize> = (0..items.len())
        .filter(|at| items[*at].is_selectable())
        .collect();
    record.cursor = moved(&places, record.cursor, by);
}

/// A cursor moved by so many of the places where it can rest.
pub(super) fn moved(places: &[usize], cursor: usize, by: isize) -> usize {
    let here = places.partition_point(|place| *place < cursor);
    let last = places.len().saturating_sub(1);
    let to = here.saturating_add_signed(by).min(last);
    places.get(to).copied().unwrap_or_default()
}

/// The leak under the cursor.
pub(super) fn chosen(context: Context<'_>, record: &Record) -> Option<RowId> {
    match items(context, record).get(record.cursor) {
        Some(Item::Leak(leak)) => Some(*leak),
        _ => None,
    }
}

/// The text of the item under the cursor, printable, and what it is called; `None` if it is no text: a password.
pub(super) fn copied(context: Context<'_>, record: &Record) -> Option<(String, &'static str)> {
    let table = &context.data.table;
    let printable = |bytes: &[u8]| escape(bytes).as_str().to_owned();
    match items(context, record).get(record.cursor)? {
        Item::Field(label, value) | Item::Time(label, value) => Some((printable(value), *label)),
        Item::Status => Some((table.status(record.leak).label().to_owned(), "status")),
        Item::Leak(leak) => Some((printable(table.key(*leak).to_string().as_bytes()), "key")),
        Item::Act(at) => match &record.history {
            History::Known(entries) => entries
                .get(*at)
                .map(|entry| (printable(act(entry).as_bytes()), "entry")),
            History::Loading | History::Failed(_) => None,
        },
        Item::Password | Item::Heading(_) | Item::Words(_) => None,
    }
}

/// An act in one line: time in UTC, operator, act, statuses, outcome, job, words.
pub fn act(entry: &HistoryEntry) -> String {
    let mut line = format!("{:.0}  {}  {}", entry.at, by(entry), entry.what);
    if let Some(after) = entry.after {
        let before = entry.before.map_or("unknown", |status| status.label());
        // Writing to a string cannot fail.
        let _ = write!(line, "  {before} to {}", after.label());
    }
    for part in [&entry.outcome, &entry.detail].into_iter().flatten() {
        let _ = write!(line, "  {part}");
    }
    if let Some(job) = entry.job {
        let _ = write!(line, "  job {job}");
    }
    let words = &entry.words;
    for part in [&words.reason, &words.ticket, &words.note]
        .into_iter()
        .flatten()
    {
        let _ = write!(line, "  {part}");
    }
    line
}

/// The operator of an act.
pub fn by(entry: &HistoryEntry) -> String {
    let nobody = match entry.what {
        HistoryAction::Read(_) => "stanch",
        _ => "unknown",
    };
    entry
        .by
        .as_ref()
        .map_or_else(|| nobody.to_owned(), ConsoleId::user_at_host)
}

/// Everything that a record shows, in order.
pub fn items(context: Context<'_>, record: &Record) -> Vec<Item> {
    let mut items = fields(context, record.leak);
    for (kind, title) in [
        (GroupKind::Credential, "same login and password"),
        (GroupKind::User, "other leaks of this user"),
        (GroupKind::Endpoint, "other leaks of this machine"),
    ] {
        items.extend(others(context, record.leak, kind, title));
    }
    items.push(Item::Heading("history".to_owned()));
    match &record.history {
        History::Loading => items.push(Item::Words("reading the journal".to_owned())),
        History::Failed(why) => items.push(Item::Words(format!("cannot be read: {why}"))),
        History::Known(entries) if entries.is_empty() => {
            items.push(Item::Words(
                "nothing was done with this leak here".to_owned(),
            ));
        }
        History::Known(entries) => items.extend((0..entries.len()).map(Item::Act)),
    }
    items
}

/// The fields that have a value, the most telling first.
pub fn fields(context: Context<'_>, handle: RowId) -> Vec<Item> {
    let table = &context.data.table;
    let get = |field| table.text(handle, field).into_owned();
    let mut items = vec![
        Item::Field("login", get(LeakField::Login)),
        Item::Password,
        Item::Field("url", get(LeakField::Url)),
        Item::Status,
        Item::Field("at provider", get(LeakField::RemoteStatus)),
        Item::Field("risk", risk(context, handle).into_bytes()),
        Item::Field("class", get(LeakField::Class)),
        Item::Time("leaked on", get(LeakField::FirstSeen)),
        Item::Time("added", get(LeakField::AddedAt)),
        Item::Time("found here", table.found_text(handle).into_bytes()),
    ];
    items.extend(work(context, handle));
    items.extend([
        Item::Field("domain", get(LeakField::Domain)),
        Item::Field("machine", get(LeakField::Hostname)),
        Item::Field("address", get(LeakField::Ip)),
        Item::Field("system", get(LeakField::Os)),
        Item::Field("country", get(LeakField::Country)),
        Item::Field("hardware id", get(LeakField::HardwareId)),
        Item::Field("malware", get(LeakField::MalwarePath)),
    ]);
    if let Some(breach) = table.row_breach(handle) {
        let of = |text: &Option<crate::entity::raw_text::RawText>| {
            text.as_ref().map(|text| text.as_bytes().to_vec())
        };
        let title = of(&breach.title).unwrap_or_else(|| breach.name.as_bytes().to_vec());
        let mut classes = Vec::new();
        for class in &breach.data_classes {
            if !classes.is_empty() {
                classes.extend_from_slice(b", ");
            }
            classes.extend_from_slice(class.as_bytes());
        }
        items.push(Item::Field("breach", title));
        items.push(Item::Time("breached", of(&breach.date).unwrap_or_default()));
        items.push(Item::Field("data", classes));
    }
    let key = table.key(handle);
    let profile = context.data.profile(&key.profile);
    let source = profile.map_or_else(
        || key.profile.to_string(),
        |state| format!("{}, profile {}", state.profile.provider_title, key.profile),
    );
    items.push(Item::Field("source", source.into_bytes()));
    let whose = table.attribution(table.slot(handle)).unwrap_or_default();
    items.push(Item::Field("data of", whose.as_bytes().to_vec()));
    items.push(Item::Field("key", key.to_string().into_bytes()));
    items.retain(
        |item| !matches!(item, Item::Field(_, value) | Item::Time(_, value) if value.is_empty()),
    );
    items
}

/// How many lines the fields of a leak take in so many columns, about.
pub(super) fn rows(context: Context<'_>, leak: RowId, columns: usize) -> usize {
    let columns = columns.max(1);
    let items = fields(context, leak).into_iter();
    items
        .map(|item| match item {
            Item::Field(_, value) => escape(&value).as_str().len().div_ceil(columns).max(1),
            _ => 1,
        })
        .sum()
}

/// Who works on it, and the last words that were left with it.
fn work(context: Context<'_>, handle: RowId) -> Vec<Item> {
    let mut items = Vec::new();
    let zoned = |at: jiff::Timestamp| {
        at.to_zoned(context.setup.zone.clone())
            .strftime("%Y-%m-%d %H:%M %Z")
            .to_string()
    };
    if let Some(claim) = claims::active_claim(context, handle) {
        let words = format!(
            "{}, until {}",
            claims::holder_label(claim),
            zoned(claim.expires_at)
        );
        items.push(Item::Field("claimed by", words.into_bytes()));
    }
    if let Some(noted) = context.data.table.last_note(handle) {
        let words = &noted.justification;
        for (label, text) in [
            ("reason", &words.reason),
            ("ticket", &words.ticket),
            ("note", &words.note),
        ] {
            let text = text.clone().unwrap_or_default();
            items.push(Item::Field(label, text.into_bytes()));
        }
    }
    items
}

/// The provider's risk in words.
fn risk(context: Context<'_>, handle: RowId) -> String {
    let risk = context.data.table.row(handle).risk;
    risk.map_or_else(String::new, |risk| match risk.score {
        Some(score) => format!("{} ({score})", risk.level),
        None => risk.level.to_string(),
    })
}

/// The other leaks of the group of a leak, newest first.
fn others(context: Context<'_>, leak: RowId, kind: GroupKind, title: &str) -> Vec<Item> {
    let table = &context.data.table;
    let Some(group) = table.group(leak, kind) else {
        return Vec::new();
    };
    let mut rows: Vec<RowId> = table.group_rows(kind, group);
    rows.retain(|row| *row != leak);
    listed(context, rows, title).map_or_else(Vec::new, |(heading, rows)| {
        let rows = rows.into_iter().map(Item::Leak);
        std::iter::once(Item::Heading(heading))
            .chain(rows)
            .collect()
    })
}

/// The heading of some leaks, and as many of the newest as a section lists; `None` if there are none.
pub(super) fn listed(
    context: Context<'_>,
    rows: Vec<RowId>,
    title: &str,
) -> Option<(String, Vec<RowId>)> {
    let all = rows.len();
    let rows = newest(context, rows, LISTED);
    let count = if all > rows.len() {
        format!("{} newest of {}", rows.len(), group_digits(all as u64))
    } else {
        group_digits(all as u64)
    };
    (all > 0).then(|| (format!("{title} ({count})"), rows))
}

/// The newest leaks of some, at most so many; of one date by their keys, whatever order they came in.
pub(super) fn newest(context: Context<'_>, mut rows: Vec<RowId>, most: usize) -> Vec<RowId> {
    let table = &context.data.table;
    let date = |row: &RowId| Reverse(table.seen_seconds(*row));
    if rows.len() > most {
        // Of very many leaks only those that can be among the newest are put in order.
        let (_, last, _) = rows.select_nth_unstable_by_key(most.saturating_sub(1), date);
        let last = date(last);
        rows.retain(|row| date(row) <= last);
    }
    rows.sort_by(|one, other| {
        let by_date = date(one).cmp(&date(other));
        by_date.then_with(|| table.compare_keys(*one, *other))
    });
    rows.truncate(most);
    rows
}
