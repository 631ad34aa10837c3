//! What is known of a person or a connection, one fact after the other, the most important first.

use super::model::{Context, GroupRef};
use crate::{
    action::Action,
    entity::{
        breach::{Breach, Paste},
        connection::Connection,
        leak::{Device, LeakField, Risk},
        number::group_digits,
        raw_text::RawText,
        status::Status,
    },
    table::{GroupKind, RowId},
};
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// A fact: its label and what it says.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// What the group is called; its kind is the label.
    Name,
    /// Exact bytes of a provider.
    Text(&'static str, Vec<u8>),
    /// Words of ours.
    Words(&'static str, String),
    /// A moment, as the provider wrote it.
    Time(&'static str, Vec<u8>),
    /// Numbers and what there are so many of.
    Counts(&'static str, Vec<(u64, Vec<u8>)>),
}

/// Where facts are put together.
struct Facts<'a> {
    context: Context<'a>,
    facts: Vec<Fact>,
}

/// Returns what is known of a group.
pub fn of(context: Context<'_>, (kind, id): GroupRef) -> Vec<Fact> {
    let mut facts = Facts {
        context,
        facts: vec![Fact::Name],
    };
    facts.counts(&context.data.table.group_rows(kind, id));
    match kind {
        GroupKind::User => {
            let user = context.data.table.user(id);
            facts.risk(user.risk);
            facts.sources(user.sources);
        }
        GroupKind::Domain => facts.sources(context.data.table.domain(id).sources),
        GroupKind::Endpoint | GroupKind::Resource | GroupKind::Breach | GroupKind::Paste => {
            facts.connection(&context.data.table.connection(kind, id));
        }
        GroupKind::Credential => {
            let words = "login and password together; the password itself is not kept";
            facts.words("grouped by", words);
        }
        GroupKind::Profile | GroupKind::Source | GroupKind::Country => {}
    }
    facts.facts
}

impl Facts<'_> {
    fn some(&mut self, label: &'static str, value: Option<&RawText>) {
        if let Some(value) = value {
            self.facts
                .push(Fact::Text(label, value.as_bytes().to_vec()));
        }
    }

    fn words(&mut self, label: &'static str, words: impl Into<String>) {
        self.facts.push(Fact::Words(label, words.into()));
    }

    fn time(&mut self, label: &'static str, value: Option<&RawText>) {
        if let Some(value) = value {
            self.facts
                .push(Fact::Time(label, value.as_bytes().to_vec()));
        }
    }

    /// How many leaks, by status and by class.
    fn counts(&mut self, rows: &[RowId]) {
        let table = &self.context.data.table;
        let mut by_status = [0_u64; 6];
        let mut classes: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for handle in rows {
            by_status[table.status(*handle) as usize] += 1;
            let class = table.text(*handle, LeakField::Class).into_owned();
            *classes.entry(class).or_default() += 1;
        }
        self.words("leaks", group_digits(rows.len() as u64));
        if rows.is_empty() {
            return;
        }
        let counted = Status::iter()
            .filter(|status| by_status[*status as usize] > 0)
            .map(|status| {
                let name = status.label().as_bytes().to_vec();
                (by_status[status as usize], name)
            })
            .collect();
        self.facts.push(Fact::Counts("by status", counted));
        if !classes.keys().all(Vec::is_empty) {
            let named = classes.into_iter().map(|(class, count)| {
                let class = if class.is_empty() {
                    b"without".to_vec()
                } else {
                    class
                };
                (count, class)
            });
            self.facts.push(Fact::Counts("by class", named.collect()));
        }
    }

    fn risk(&mut self, risk: Option<Risk>) {
        let Some(risk) = risk else { return };
        let score = risk
            .score
            .map_or_else(String::new, |score| format!(" {score}"));
        self.words("risk", format!("{}{score}", risk.level));
    }

    fn sources(&mut self, sources: u32) {
        if sources > 1 {
            self.words("sources", format!("known to {sources} sources"));
        }
    }

    fn connection(&mut self, connection: &Connection) {
        self.risk(connection.risk);
        if let Some(resource) = connection.resource_type {
            self.words("type", resource.to_string());
        }
        if let Some(device) = &connection.device {
            self.device(device);
        }
        self.some("country", connection.country.as_ref());
        match (&connection.breach, &connection.paste) {
            (Some(breach), _) => self.breach(breach),
            (None, Some(paste)) => self.paste(paste),
            (None, None) => self.time("latest", connection.date.as_ref()),
        }
        if let Some(tree) = &connection.tree {
            let count = group_digits(tree.len() as u64);
            let mut words = format!("{count} in the stealer's archive");
            if let Some(key) = key_that_shows(self.context) {
                words.push_str(&format!(", {key} shows them"));
            }
            self.words("files", words);
        }
        if let Some(line) = &connection.attribution {
            self.words("source", line.clone());
        }
    }

    fn device(&mut self, device: &Device) {
        for (label, value) in [
            ("machine", &device.hostname),
            ("address", &device.ip),
            ("system", &device.os),
            ("hardware", &device.hardware_id),
            ("malware", &device.malware_path),
        ] {
            self.some(label, value.as_ref());
        }
    }

    fn breach(&mut self, breach: &Breach) {
        self.some("title", breach.title.as_ref());
        self.some("service", breach.domain.as_ref());
        self.time("happened", breach.date.as_ref());
        self.time("known since", breach.added_at.as_ref());
        if let Some(accounts) = breach.accounts {
            self.words("accounts", group_digits(accounts));
        }
        let kind = match (breach.verified, breach.spam) {
            (_, Some(true)) => Some("a list of addresses for spam"),
            (Some(false), _) => Some("not verified"),
            (Some(true), _) => Some("verified"),
            (None, _) => None,
        };
        if let Some(kind) = kind {
            self.words("catalogue", kind);
        }
        let marks = breach.flags.words();
        if !marks.is_empty() {
            self.words("marks", marks);
        }
        if !breach.data_classes.is_empty() {
            let classes = joined(&breach.data_classes);
            self.facts.push(Fact::Text("data", classes));
        }
    }

    fn paste(&mut self, paste: &Paste) {
        self.some("title", paste.title.as_ref());
        self.some("put on", Some(&paste.source));
        self.some("id there", Some(&paste.id));
        self.time("date", paste.date.as_ref());
        if let Some(emails) = paste.emails {
            self.words("addresses", group_digits(emails));
        }
    }
}

/// The key that shows everything there is, where it is not shown already.
fn key_that_shows(context: Context<'_>) -> Option<String> {
    if context.keys.is_covered {
        return None;
    }
    context.keys.first(Action::Inspect)
}

/// Texts with commas between.
pub fn joined(texts: &[RawText]) -> Vec<u8> {
    let mut all = Vec::new();
    for one in texts {
        if !all.is_empty() {
            all.extend_from_slice(b", ");
        }
        all.extend_from_slice(one.as_bytes());
    }
    all
}
