//! The imitated Leaks.ai: its operations, its state, and which answer comes from where.
//!
//! Where the vendor's documents are silent, it does this: a missing or wrong key, or one behind the word `Bearer`, is
//! 401 `unauthorized`; a foreign `domain_id` is 403; a malformed UUID, state, risk level or sort key, a page below 1
//! and a `per_page` above 100 are 400 `validation_error`; a path whose id is no UUID is 404, as is one whose thing is
//! not filed under the domain that is named. Unknown and empty parameters count as not given. `risk_level` takes commas
//! and repetition in any case everywhere, `status` repetition only, `domain_id` both; only leaks are sorted by several
//! keys. A page past the end is 200 with no rows and the true totals. Leaks and endpoints come with the newest
//! `added_at` first, users by login, resources by name; where a time is not known it counts as the earliest. Texts are
//! compared without regard to case, passwords as they are, masked or not. Of the passwords about 60 in 100 are shown.
//! A leak is filed under the monitored domain of its login or address; the archived domain holds the oldest ones of the
//! largest. Any method but GET is 405. No limit is documented, so there is none unless the server is told one.

mod detail;
mod ids;
mod index;
mod list;
mod query;
mod render;
mod router;
mod source;
mod stamp;
mod tree;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;

use super::population::LeakSplit;
use super::rng::mix;
use super::system::{Answer, Call, Changes, RequestFaults, StandInSystem, System};
use ids::Id;
use index::{Index, IndexedEntity};
use query::{Filter, Target, find_row};
use router::{LeaksAiRouter, problem};
use source::Source;

/// Rows that may be put in, all in all.
const MAX_INSERTED: u32 = 1_000_000;

/// A triage state.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
enum State {
    New,
    Investigating,
    Resolved,
    FalsePositive,
}

impl State {
    /// The word on the wire.
    fn word(self) -> &'static str {
        self.into()
    }

    /// The state of something that was there at the start: most is new.
    fn from_hash(lot: u64) -> Self {
        match lot % 100 {
            0..70 => Self::New,
            70..82 => Self::Investigating,
            82..95 => Self::Resolved,
            _ => Self::FalsePositive,
        }
    }
}

/// The name of a risk level.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
enum Level {
    None,
    Low,
    Medium,
    High,
}

impl Level {
    /// The word on the wire.
    fn word(self) -> &'static str {
        self.into()
    }
}

/// The state: what was changed, over what is computed.
struct LeaksAi {
    source: Source,
    /// Rows that were put in since the start.
    inserted: u32,
    /// Rows that left.
    removed: BTreeSet<u32>,
    /// States of leaks and endpoints that were set.
    states: HashMap<Id, State>,
    /// Ids that are refused with 403 or 404.
    refused: HashMap<Id, u16>,
    /// What the rows are about, once somebody asked.
    index: Option<Arc<Index>>,
    /// Orders of rows, kept from page to page.
    orders: Vec<(Filter, Arc<Vec<u32>>)>,
    /// Pages after which a row came in and one left.
    shifts: u64,
}

/// The system with its share of the leaks.
pub(super) fn build(seed: u64, shares: LeakSplit, today: Date, hostile: bool) -> StandInSystem {
    StandInSystem {
        router: Box::new(LeaksAiRouter::new(seed)),
        system: Box::new(LeaksAi {
            source: Source::new(seed, shares, today, hostile),
            inserted: 0,
            removed: BTreeSet::new(),
            states: HashMap::new(),
            refused: HashMap::new(),
            index: None,
            orders: Vec::new(),
            shifts: 0,
        }),
    }
}

impl LeaksAi {
    fn row_count(&self) -> u32 {
        self.source.rows() + self.inserted
    }

    fn exists(&self, row: u32) -> bool {
        row < self.row_count() && !self.removed.contains(&row)
    }

    fn index(&mut self) -> Arc<Index> {
        if let Some(index) = &self.index {
            return Arc::clone(index);
        }
        let rows = (0..self.row_count()).filter(|row| self.exists(*row));
        let index = Arc::new(Index::new(&self.source, rows));
        self.index = Some(Arc::clone(&index));
        index
    }

    /// A leak's state now.
    fn state(&self, row: u32) -> State {
        let set = self.states.get(&self.source.ids.leak(row));
        set.copied().unwrap_or_else(|| self.source.state(row))
    }

    /// An endpoint's state now.
    fn endpoint_state(&self, machine: &IndexedEntity) -> State {
        let set = self.states.get(&machine.id);
        set.copied()
            .unwrap_or_else(|| State::from_hash(machine.id.hash_u64(5)))
    }

    /// A row comes in at the top, and one leaves somewhere.
    fn shift(&mut self) {
        self.shifts += 1;
        let all = self.row_count();
        let first = (mix(self.shifts) % u64::from(all.max(1))) as u32;
        let leaving = (0..all)
            .map(|step| (first + step) % all)
            .find(|row| self.exists(*row));
        self.removed.extend(leaving);
        self.inserted += 1;
        self.invalidate_rows();
    }

    fn invalidate_rows(&mut self) {
        self.index = None;
        self.orders.clear();
    }
}

impl System for LeaksAi {
    fn answer(&mut self, call: &Call) -> Answer {
        let answer = match call.operation.id {
            "listDomains" => self.domains(call),
            "listLeaks" => self.list(call, Target::Leaks),
            "countLeaks" => self.count(call, Target::Leaks),
            "getLeak" => self.detail(call, Target::Leaks),
            "listEndpoints" => self.list(call, Target::Endpoints),
            "countEndpoints" => self.count(call, Target::Endpoints),
            "getEndpoint" => self.detail(call, Target::Endpoints),
            "listResources" => self.list(call, Target::Resources),
            "countResources" => self.count(call, Target::Resources),
            "getResource" => self.detail(call, Target::Resources),
            "listUsers" => self.list(call, Target::Users),
            "countUsers" => self.count(call, Target::Users),
            "getUser" => self.detail(call, Target::Users),
            _ => Err(problem(404, "not_found", "Not found.")),
        };
        match answer {
            Ok(answer) | Err(answer) => answer,
        }
    }

    fn statuses(&mut self, _now: Instant, _manner: RequestFaults) -> Vec<u8> {
        let rows = (0..self.row_count()).filter(|row| self.exists(*row));
        let members: Vec<String> = rows
            .map(|row| {
                format!(
                    "\"{}\":\"{}\"",
                    self.source.ids.leak(row),
                    self.state(row).word()
                )
            })
            .collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    }

    /// Takes endpoints too: they have the same states.
    fn set_statuses(&mut self, statuses: &BTreeMap<String, String>) -> Result<(), String> {
        let index = self.index();
        let mut changes = Vec::new();
        for (text, word) in statuses {
            let row = find_row(self.source.ids, text).filter(|row| self.exists(*row));
            let id = Id::parse(text)
                .filter(|id| row.is_some() || index.machines.position(*id).is_some())
                .ok_or_else(|| format!("There is no leak '{}'", text.escape_debug()))?;
            let state: State = word
                .parse()
                .map_err(|_| format!("There is no status '{}'", word.escape_debug()))?;
            changes.push((id, state));
        }
        self.states.extend(changes);
        self.orders.clear();
        Ok(())
    }

    fn change_leaks(&mut self, changes: &Changes) -> Result<(), String> {
        if changes.is_elaborate() {
            return Err("Leaks.ai's rows are refused or come in, nothing else".to_owned());
        }
        let (refuse, insert) = (&changes.refuse, changes.insert);
        if refuse.values().any(|status| !matches!(status, 403 | 404)) {
            return Err("A leak is refused with 403 or 404".to_owned());
        }
        if insert > MAX_INSERTED - self.inserted.min(MAX_INSERTED) {
            return Err(format!("At most {MAX_INSERTED} rows can be put in"));
        }
        let mut refused = Vec::new();
        for (text, status) in refuse {
            let id = Id::parse(text)
                .ok_or_else(|| format!("There is no leak '{}'", text.escape_debug()))?;
            refused.push((id, *status));
        }
        self.refused.extend(refused);
        if insert > 0 {
            self.inserted += insert;
            self.invalidate_rows();
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.inserted = 0;
        self.shifts = 0;
        self.removed.clear();
        self.states.clear();
        self.refused.clear();
        self.invalidate_rows();
    }
}
