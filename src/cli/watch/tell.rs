//! What one watch tells of the events behind its cursor.

use super::{
    lines::{Line, Told},
    spec::Spec,
};
use crate::{
    cli::failure::Failure,
    entity::{
        key::ProfileName,
        leak::{Leak, RiskLevel},
        seen::{Account, Event, EventKind, Mark},
        status::Status,
    },
    filter::{Candidate, Field},
    table::{Marks, ProfileSlot, RowId, Table},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What can be looked at.
pub(super) struct Sight<'a> {
    pub(super) table: Option<&'a Table>,
    pub(super) rows: &'a HashMap<(ProfileSlot, Mark), RowId>,
    /// Profiles that were read in this round.
    pub(super) scanned: &'a HashSet<ProfileName>,
    pub(super) slots: &'a HashMap<Account, ProfileSlot>,
    pub(super) failures: &'a BTreeMap<ProfileName, Failure>,
}

/// What one watch told.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// Where its cursor stands now.
    pub(super) to: u64,
    /// The events of leaks that were told, each with its row.
    pub(super) told: Vec<(Event, Option<RowId>)>,
    /// Events of accounts that were told.
    pub(super) of_accounts: Vec<Event>,
}

/// Tells what a watch takes of events.
pub(super) fn of_watch<'e>(
    spec: &Spec,
    start: u64,
    events: impl Iterator<Item = &'e Event>,
    sight: &Sight<'_>,
    told: &mut Told,
) -> Telling {
    let mut telling = Telling {
        to: start,
        ..Telling::default()
    };
    let filter = spec.filter.with_now(jiff::Timestamp::now());
    let taken: HashSet<RowId> = match sight.table {
        Some(table) => table
            .select(&filter, &[], None, &Marks::default())
            .into_iter()
            .collect(),
        None => HashSet::new(),
    };
    let mut unread: BTreeMap<Account, u64> = BTreeMap::new();
    for event in events {
        let kind = event.what.kind;
        if kind.is_operational() {
            telling.to = event.seq;
            told.push(Line::of_account(&spec.name, event, sight.failures));
            telling.of_accounts.push(event.clone());
            continue;
        }
        if kind == EventKind::Own {
            telling.to = event.seq;
            continue;
        }
        let Some(account) = event.account.clone() else {
            telling.to = event.seq;
            continue;
        };
        if kind == EventKind::Gone {
            if spec.kinds.contains(&kind) && spec.filter.is_empty() {
                told.push(Line::gone(&spec.name, event));
                telling.told.push((event.clone(), None));
            }
            telling.to = event.seq;
            continue;
        }
        let row = sight.slots.get(&account).and_then(|slot| {
            let row = sight.rows.get(&(*slot, event.what.mark));
            row.copied()
        });
        let Some(row) = row else {
            if !sight.scanned.contains(&account.profile) {
                // Its row could not be read: this watch goes on from here another time.
                break;
            }
            telling.to = event.seq;
            if spec.kinds.contains(&kind) {
                *unread.entry(account).or_default() += 1;
            }
            continue;
        };
        telling.to = event.seq;
        let Some(kind) = told_kind(spec, event, row, &taken, sight) else {
            continue;
        };
        let mut event = event.clone();
        event.what.kind = kind;
        told.push(Line::of_leak(&spec.name, &event, row, sight.table));
        telling.told.push((event, Some(row)));
    }
    for (account, count) in unread {
        told.push(Line::unread(&spec.name, &account, count));
    }
    telling
}

/// As what an event is told; nothing where the watch does not take it.
fn told_kind(
    spec: &Spec,
    event: &Event,
    row: RowId,
    taken: &HashSet<RowId>,
    sight: &Sight<'_>,
) -> Option<EventKind> {
    if !taken.contains(&row) {
        return None;
    }
    let kind = event.what.kind;
    if kind != EventKind::Changed {
        return spec.kinds.contains(&kind).then_some(kind);
    }
    let was = Was {
        leak: sight.table?.leak(row),
        status: event.what.before.status,
        risk: event.what.before.risk,
    };
    let filter = spec.filter.with_now(jiff::Timestamp::now());
    let kind = if filter.matches(&was) {
        EventKind::Changed
    } else {
        EventKind::Entered
    };
    spec.kinds.contains(&kind).then_some(kind)
}

/// A leak with the status and the risk that it had.
struct Was {
    leak: Leak,
    status: Status,
    risk: Option<RiskLevel>,
}

impl Candidate for Was {
    fn key(&self) -> &crate::entity::key::EntityKey {
        &self.leak.key
    }

    fn status(&self) -> Option<Status> {
        Some(self.status)
    }

    fn risk(&self) -> Option<RiskLevel> {
        self.risk
    }

    fn search_texts(&self) -> Vec<&[u8]> {
        self.leak.search_texts()
    }

    fn values(&self, field: Field) -> Vec<&[u8]> {
        self.leak.values(field)
    }

    fn date(&self, field: Field) -> Option<&[u8]> {
        self.leak.date(field)
    }

    fn leaks(&self) -> Option<u64> {
        self.leak.leaks()
    }
}
