//! The messages of a round: what of it each channel of a watch is told.

use super::{
    channels::{Channels, Ready},
    lines::time,
    spec::Spec,
    tell::Telling,
};
use crate::{
    config::channel::Channel,
    entity::{
        leak::LeakField,
        message::{KEYS, Message, ToldLeak, Topic, class_word, domain_word},
        seen::{Event, EventKind, MarkKey},
        visible,
    },
    filter::Filter,
    notify::body::{Detail, More},
    table::{Marks, RowId, Table},
};
use serde_json::{Map, Value, json as object};
use std::collections::{BTreeMap, HashSet};

/// What messages are made of beside events.
pub(super) struct Making<'a> {
    pub(super) table: Option<&'a Table>,
    pub(super) marks: &'a MarkKey,
    pub(super) epoch: &'a [u8],
    /// In quiet hours: what is told all the same.
    pub(super) except: Option<&'a Filter>,
    /// The moment at which quiet hours end; none outside of them.
    pub(super) quiet_until: Option<i64>,
}

/// A message for one channel.
pub(super) struct Made {
    pub(super) channel: Channel,
    pub(super) message: Message,
    /// Not before, where quiet hours hold it.
    pub(super) held_until: Option<i64>,
    /// What else is known of its leaks; never on disk.
    pub(super) more: More,
}

impl Making<'_> {
    /// Eight digits that tell this installation from others.
    pub(super) fn installation(&self) -> String {
        let id = self.marks.message(&[b"installation"]);
        id.chars().take(8).collect()
    }

    /// The id of a message.
    pub(super) fn id(&self, message: &Message, channel: &Channel, part: &str) -> String {
        let (first, last) = (message.first.to_le_bytes(), message.last.to_le_bytes());
        let channel = channel.to_string();
        let parts: [&[u8]; 6] = [
            self.epoch,
            message.watch.as_bytes(),
            channel.as_bytes(),
            part.as_bytes(),
            &first,
            &last,
        ];
        format!("msg_{}", self.marks.message(&parts))
    }

    /// The messages of one watch about events behind `after`.
    pub(super) fn of_watch(
        &self,
        spec: &Spec,
        telling: &Telling,
        after: u64,
        channels: &Channels,
    ) -> Vec<Made> {
        let mut made = Vec::new();
        for channel in &spec.tell {
            let Some(ready) = channels.ready.get(channel) else {
                continue;
            };
            let kinds = match ready {
                Ready::Webhook(webhook) => webhook.kinds.as_deref(),
                Ready::Terminal(_) | Ready::Hook(..) => None,
            };
            let events: Vec<&(Event, Option<RowId>)> = telling
                .told
                .iter()
                .filter(|(event, _)| event.seq > after)
                .filter(|(event, _)| kinds.is_none_or(|kinds| kinds.contains(&event.what.kind)))
                .collect();
            let held = self.quiet_until.filter(|_| ready.is_quiet());
            let (now, later): (Vec<_>, Vec<_>) = match (held, self.excepted()) {
                (None, _) => (events, Vec::new()),
                (Some(_), None) => (Vec::new(), events),
                (Some(_), Some(told)) => events
                    .into_iter()
                    .partition(|(_, row)| row.is_some_and(|row| told.contains(&row))),
            };
            for (events, held_until, part) in [(now, None, "now"), (later, held, "later")] {
                if events.is_empty() {
                    continue;
                }
                let mut message = self.found(spec, &events, ready);
                (message.first, message.last) = (after + 1, telling.to);
                if held_until.is_some() {
                    message.held = message.total();
                }
                message.id = self.id(&message, channel, part);
                let more = self.more(&events, ready, &message);
                made.push(Made {
                    channel: channel.clone(),
                    message,
                    held_until,
                    more,
                });
            }
            // A first reading rings no bell.
            let rings = |event: &&Event| {
                *channel != Channel::Terminal || event.what.kind != EventKind::Baseline
            };
            let of_accounts = telling.of_accounts.iter().filter(rings);
            for event in of_accounts.filter(|event| event.seq > after) {
                let mut message = self.of_account(spec, event);
                message.id = self.id(&message, channel, message.topic.to_string().as_str());
                made.push(Made {
                    channel: channel.clone(),
                    message,
                    held_until: held,
                    more: More::new(),
                });
            }
        }
        made
    }

    fn excepted(&self) -> Option<HashSet<RowId>> {
        let rows = self
            .table?
            .select(self.except?, &[], None, &Marks::default());
        Some(rows.into_iter().collect())
    }

    fn found(&self, spec: &Spec, events: &[&(Event, Option<RowId>)], ready: &Ready) -> Message {
        let mut message = Message {
            watch: spec.name.clone(),
            installation: self.installation(),
            ..Message::default()
        };
        let one = |map: &mut BTreeMap<String, u64>, name: &str| {
            *map.entry(name.to_owned()).or_default() += 1;
        };
        let mut people = HashSet::new();
        let mut first = i64::MAX;
        for (event, row) in events {
            let what = &event.what;
            one(&mut message.counts, what.kind.word());
            message.storm |= what.storm;
            first = first.min(what.at);
            let profile = event
                .account
                .as_ref()
                .map(|account| account.profile.as_str());
            one(&mut message.by_profile, profile.unwrap_or_default());
            let Some((table, row)) = self.table.zip(*row) else {
                message.more += 1;
                continue;
            };
            people.insert(table.text(row, LeakField::Login).to_vec());
            one(
                &mut message.by_class,
                class_word(&table.text(row, LeakField::Class)),
            );
            let domain = domain_word(&table.text(row, LeakField::Domain));
            one(&mut message.by_domain, &domain);
            let risk = what
                .after
                .risk
                .map_or("unknown".to_owned(), |risk| risk.to_string());
            one(&mut message.by_risk, &risk);
            if ready.detail() == Detail::Counts {
                message.more += 1;
            } else {
                message.leaks.push(ToldLeak {
                    key: table.key(row).to_string(),
                    kind: what.kind.word().to_owned(),
                    at: time(what.at),
                });
            }
        }
        message.at = time(first);
        message.people = people.len() as u64;
        message.unseen = message.storm && self.is_mostly_unseen(events);
        message.cut(KEYS);
        message
    }

    /// Whether more than half of an account was not seen before.
    fn is_mostly_unseen(&self, events: &[&(Event, Option<RowId>)]) -> bool {
        let Some(table) = self.table else {
            return false;
        };
        let mut new: BTreeMap<u16, u64> = BTreeMap::new();
        let mut all: BTreeMap<u16, u64> = BTreeMap::new();
        let is_new = |event: &Event| matches!(event.what.kind, EventKind::New | EventKind::Again);
        for (_, row) in events.iter().filter(|(event, _)| is_new(event)) {
            if let Some(row) = row {
                *new.entry(table.slot(*row).0).or_default() += 1;
            }
        }
        for row in 0..table.row_id_count() {
            let row = RowId(u32::try_from(row).unwrap_or(u32::MAX));
            if !table.is_gone(row) {
                *all.entry(table.slot(row).0).or_default() += 1;
            }
        }
        new.iter()
            .any(|(slot, count)| count * 2 > all.get(slot).copied().unwrap_or_default())
    }

    /// Login, URL and the rest, where the channel is told of leaks.
    fn more(&self, events: &[&(Event, Option<RowId>)], ready: &Ready, message: &Message) -> More {
        let mut more = More::new();
        let Some(table) = self.table.filter(|_| ready.detail() == Detail::Leaks) else {
            return more;
        };
        let told: HashSet<&str> = message.leaks.iter().map(|leak| &leak.key[..]).collect();
        for (_, row) in events {
            let Some(row) = *row else { continue };
            let key = table.key(row).to_string();
            if !told.contains(&key[..]) {
                continue;
            }
            let mut known = Map::new();
            for (name, field) in [
                ("login", LeakField::Login),
                ("url", LeakField::Url),
                ("domain", LeakField::Domain),
                ("class", LeakField::Class),
                ("first_seen", LeakField::FirstSeen),
                ("added_at", LeakField::AddedAt),
            ] {
                let text = table.text(row, field);
                let value = match std::str::from_utf8(&text) {
                    Ok("") => Value::Null,
                    Ok(text) => object!(text),
                    Err(_) => object!(visible::escape(&text).as_str()),
                };
                known.insert(name.to_owned(), value);
            }
            let risk = table.row(row).risk.map(|risk| risk.level.to_string());
            known.insert("risk".to_owned(), object!(risk));
            more.insert(key, known);
        }
        more
    }

    fn of_account(&self, spec: &Spec, event: &Event) -> Message {
        let what = &event.what;
        let profile = event
            .account
            .as_ref()
            .map(|account| account.profile.to_string());
        Message {
            topic: match what.kind {
                EventKind::Baseline => Topic::Baseline,
                EventKind::Blind => Topic::Blind,
                EventKind::Sighted => Topic::Sighted,
                _ => Topic::Reset,
            },
            at: time(what.at),
            first: event.seq,
            last: event.seq,
            watch: spec.name.clone(),
            installation: self.installation(),
            by_profile: profile.into_iter().map(|name| (name, 1)).collect(),
            number: (what.kind != EventKind::Reset).then_some(what.count),
            ..Message::default()
        }
    }
}
