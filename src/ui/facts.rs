//! What is known of a person or a connection, one fact a line: the detail shows the first of them, the screen of its
//! own all.

use super::{Look, text, value};
use crate::{
    action::Action,
    app::model::{Context, GroupRef},
    entity::{
        breach::{Breach, Paste},
        connection::Connection,
        leak::{Device, LeakField, Risk},
        number::grouped,
        status::Status,
        text::Text,
    },
    table::{GroupKind, Handle},
};
use ratatui::text::Line;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// A label and its value.
pub type Fact = (&'static str, Line<'static>);

/// Where facts are put together.
pub struct Facts<'a> {
    context: Context<'a>,
    look: &'a Look,
    width: usize,
    lines: Vec<Fact>,
}

/// What is known of a group, the most important first.
pub fn of(context: Context<'_>, look: &Look, (kind, id): GroupRef, width: usize) -> Vec<Fact> {
    let mut facts = Facts {
        context,
        look,
        width,
        lines: Vec::new(),
    };
    let name = value::name(context, look, (kind, id), width);
    facts.lines.push((value::form(kind), name));
    facts.counts(&context.data.table.group_rows(kind, id));
    match kind {
        GroupKind::User => {
            let user = context.data.table.user(id);
            facts.risk(user.risk);
            facts.sources(user.sources);
        }
        GroupKind::Endpoint | GroupKind::Resource | GroupKind::Breach | GroupKind::Paste => {
            facts.connection(&context.data.table.connection(kind, id));
        }
        GroupKind::Credential => {
            facts.wrapped(
                "grouped by",
                "login and password together; the password itself is not kept",
            );
        }
        GroupKind::Domain | GroupKind::Profile | GroupKind::Source | GroupKind::Country => {}
    }
    facts.lines
}

impl Facts<'_> {
    fn text(&mut self, label: &'static str, bytes: &[u8]) {
        let styles = &self.look.styles;
        let line = text::fit(bytes, self.width, styles.text, styles.escape);
        self.lines.push((label, line));
    }

    fn some(&mut self, label: &'static str, value: Option<&Text>) {
        if let Some(value) = value {
            self.text(label, value.as_bytes());
        }
    }

    fn words(&mut self, label: &'static str, words: impl Into<String>) {
        let line = Line::from(vec![text::own(words.into(), self.look.styles.text)]);
        self.lines.push((label, line));
    }

    /// Words of ours on as many lines as they need, the label before the first.
    fn wrapped(&mut self, label: &'static str, words: &str) {
        let mut label = label;
        for line in text::wrapped(words, self.width) {
            self.words(std::mem::take(&mut label), line);
        }
    }

    fn time(&mut self, label: &'static str, value: Option<&Text>) {
        let Some(value) = value else { return };
        match value::local_time(self.context, value.as_bytes(), "%Y-%m-%d %H:%M %Z") {
            Some(time) => self.words(label, time),
            None => self.text(label, value.as_bytes()),
        }
    }

    /// How many leaks, by status and by class.
    fn counts(&mut self, rows: &[Handle]) {
        let (table, styles) = (&self.context.data.table, &self.look.styles);
        let mut by_status = [0_u64; 6];
        let mut classes: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for handle in rows {
            by_status[table.status(*handle) as usize] += 1;
            let class = table.text(*handle, LeakField::Class).into_owned();
            *classes.entry(class).or_default() += 1;
        }
        self.words("leaks", grouped(rows.len() as u64));
        if rows.is_empty() {
            return;
        }
        let counted = Status::iter()
            .filter(|status| by_status[*status as usize] > 0)
            .map(|status| {
                let count = grouped(by_status[status as usize]);
                let words = format!("{count} {}", status.in_words());
                Line::from(vec![text::own(words, styles.text)])
            })
            .collect();
        let named = classes
            .iter()
            .map(|(class, count)| {
                let name: &[u8] = if class.is_empty() { b"without" } else { class };
                let count = format!("{} ", grouped(*count));
                let mut one = Line::from(vec![text::own(count, styles.text)]);
                let name = text::fit(name, 24, styles.text, styles.escape);
                one.spans.extend(name.spans);
                one
            })
            .collect();
        self.listed("by status", counted);
        if !classes.keys().all(Vec::is_empty) {
            self.listed("by class", named);
        }
    }

    /// Things with commas between, as many on a line as fit.
    fn listed(&mut self, label: &'static str, things: Vec<Line<'static>>) {
        let mut lines = vec![Line::default()];
        for one in things {
            if let Some(line) = lines.last_mut().filter(|line| line.width() > 0) {
                line.push_span(text::literal(", ", self.look.styles.text));
                // A comma follows, unless it is the last.
                if line.width() + one.width() >= self.width {
                    lines.push(Line::default());
                }
            }
            if let Some(line) = lines.last_mut() {
                line.spans.extend(one.spans);
            }
        }
        let mut label = label;
        for line in lines {
            self.lines.push((std::mem::take(&mut label), line));
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
            self.words("sources", format!("seen by {sources} services"));
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
            let count = grouped(tree.len() as u64);
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
            ("host", &device.hostname),
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
            self.words("accounts", grouped(accounts));
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
            self.text("data", &joined(&breach.data_classes));
        }
    }

    fn paste(&mut self, paste: &Paste) {
        self.some("title", paste.title.as_ref());
        self.text("put on", paste.source.as_bytes());
        self.text("id there", paste.id.as_bytes());
        self.time("date", paste.date.as_ref());
        if let Some(emails) = paste.emails {
            self.words("addresses", grouped(emails));
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
pub fn joined(texts: &[Text]) -> Vec<u8> {
    let mut all = Vec::new();
    for one in texts {
        if !all.is_empty() {
            all.extend_from_slice(b", ");
        }
        all.extend_from_slice(one.as_bytes());
    }
    all
}
