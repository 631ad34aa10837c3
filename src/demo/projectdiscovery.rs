//! The imitated ProjectDiscovery: its operations, its state, and which answer comes from where.
//!
//! Where the vendor's documents are silent, it does this: a missing or wrong key is 401 `unauthorized`; an unknown
//! value of an enumeration, a page below 1 or a limit that is no whole number above 0 is 400; empty parameters count as
//! not given, drill-down ones aside; explicit dates go before `time_range` and include both days; `last_month` is the
//! month before this one, the longer ranges reach back from today; a page past the end has empty `data` and the real
//! totals; a limit above 1,000 is cut down to it. Without `sort_by` the newest leak comes first. `search` looks at every
//! member as it is shown, without regard to case; the word `vpn` is in about 6 leaks of 100.

pub(super) mod associated;
pub(super) mod body;
pub(super) mod cache;
pub(super) mod deprecated;
pub(super) mod domains;
pub(super) mod export;
pub(super) mod info;
pub(super) mod list;
pub(super) mod order;
pub(super) mod query;
pub(super) mod render;
pub(super) mod router;
pub(super) mod stats;
pub(super) mod status;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::generator::{LeakGenerator, MOST_DAYS, Special};
use super::leak::Leak;
use super::system::{Answer, Call, Changes, Removed, RequestFaults, StandInSystem, System};
use cache::Cache;
use domains::ProofRegister;
use router::ProjectDiscoveryRouter;

/// How late a delayed write is applied.
const WRITE_DELAY: Duration = Duration::from_secs(3);

/// Rows that may be put in, all in all.
const MAX_INSERTED: u32 = 10_000_000;

/// A leak's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
pub(crate) enum State {
    /// Not fixed.
    #[strum(serialize = "open")]
    Open,
    /// Fixed.
    #[strum(serialize = "fixed")]
    Fixed,
    /// Never set.
    #[strum(serialize = "NA")]
    Na,
}

impl State {
    /// The word on the wire.
    pub(crate) fn word(self) -> &'static str {
        self.into()
    }
}

/// The state: what was changed, over what is computed.
pub(crate) struct ProjectDiscovery {
    pub(super) generator: LeakGenerator,
    pub(super) today: Date,
    /// Rows at the start.
    leaks: u32,
    /// Rows that were put in since.
    inserted: u32,
    /// Rows that left.
    removed: BTreeSet<u32>,
    /// Statuses that were set.
    states: HashMap<u32, State>,
    /// Ids, lower case, that are refused with 403 or 404.
    refused: HashMap<String, u16>,
    pub(super) register: ProofRegister,
    /// Writes that are applied later.
    delayed_writes: Vec<(Instant, Vec<u32>, State)>,
    pub(super) cache: Cache,
    /// Whether some statuses read `NA`.
    na: bool,
    /// Pages after which a row came in and one left.
    shifts: u64,
}

/// The system of that many leaks.
pub(crate) fn build(seed: u64, leaks: u32, today: Date, hostile: bool) -> StandInSystem {
    StandInSystem {
        router: Box::new(ProjectDiscoveryRouter::new(seed)),
        system: Box::new(ProjectDiscovery {
            generator: LeakGenerator::new(seed, leaks, today, hostile),
            today,
            leaks,
            inserted: 0,
            removed: BTreeSet::new(),
            states: HashMap::new(),
            refused: HashMap::new(),
            register: ProofRegister::new(seed, today),
            delayed_writes: Vec::new(),
            cache: Cache::default(),
            na: false,
            shifts: 0,
        }),
    }
}

impl ProjectDiscovery {
    /// Whether a row of that number is there.
    pub(super) fn exists(&self, number: u32) -> bool {
        number < self.leaks + self.inserted && !self.removed.contains(&number)
    }

    /// All rows, the newest first.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.leaks + self.inserted)
            .rev()
            .filter(|number| self.removed.is_empty() || !self.removed.contains(number))
    }

    /// The row behind an id, in either case.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.generator
            .find_number(id)
            .filter(|number| self.exists(*number))
    }

    /// A leak's status now.
    pub(super) fn state(&self, number: u32) -> State {
        if let Some(state) = self.states.get(&number) {
            *state
        } else if self.na && self.generator.is_never_set(number) {
            State::Na
        } else if number < self.leaks && self.generator.is_fixed_at_start(number) {
            State::Fixed
        } else {
            State::Open
        }
    }

    /// Sets statuses; answers that show them are computed anew.
    pub(super) fn set_states(&mut self, numbers: &[u32], state: State) {
        for number in numbers {
            self.states.insert(*number, state);
        }
        self.cache.invalidate_statuses();
    }

    /// Sets statuses three seconds from `now`.
    pub(super) fn set_states_later(&mut self, numbers: Vec<u32>, state: State, now: Instant) {
        self.delayed_writes
            .push((now + WRITE_DELAY, numbers, state));
    }

    /// How an id is refused, where it is.
    pub(super) fn refusal(&self, id: &str) -> Option<u16> {
        self.refused.get(&id.to_ascii_lowercase()).copied()
    }

    /// Whether the account may see passwords of this leak: its own, and those of domains that it has proved.
    pub(super) fn is_entitled(&self, leak: &Leak) -> bool {
        leak.domain.is_empty() || self.register.is_verified(leak.domain)
    }

    /// A row comes in at the top, and one leaves somewhere.
    pub(super) fn shift(&mut self) {
        self.shifts += 1;
        let all = self.leaks + self.inserted;
        let first = self.generator.pick(self.shifts, all);
        let leaving = (0..all)
            .map(|step| (first + step) % all)
            .find(|number| self.exists(*number));
        self.removed.extend(leaving);
        self.inserted += 1;
        self.cache.invalidate_rows();
    }

    /// What is special about rows that come in.
    fn special(&self, changes: &Changes) -> Result<Special, String> {
        if changes.added_days_ago.is_some_and(|ago| ago > MOST_DAYS) {
            return Err(format!("Rows were added at most {MOST_DAYS} days ago"));
        }
        let like = changes.like.as_deref().map(|id| self.known(id));
        Ok(Special {
            added_days_ago: changes.added_days_ago,
            without_date: changes.without_date,
            like: like.transpose()?,
        })
    }

    fn known(&self, id: &str) -> Result<u32, String> {
        self.find(id)
            .ok_or_else(|| format!("There is no leak '{}'", id.escape_debug()))
    }

    /// The rows that leave.
    fn leaving(&mut self, removed: Option<&Removed>) -> Result<BTreeSet<u32>, String> {
        match removed {
            None => Ok(BTreeSet::new()),
            Some(Removed::These(ids)) => ids.iter().map(|id| self.known(id)).collect(),
            Some(Removed::Some(count)) => {
                let all = self.leaks + self.inserted;
                let mut leaving = BTreeSet::new();
                for _ in 0..*count {
                    self.shifts += 1;
                    let first = self.generator.pick(self.shifts, all);
                    let found = (0..all)
                        .map(|step| (first + step) % all)
                        .find(|number| self.exists(*number) && !leaving.contains(number));
                    leaving.extend(found);
                }
                Ok(leaving)
            }
        }
    }

    /// What has become due since the last request.
    fn apply_due(&mut self, now: Instant, manner: RequestFaults) {
        if self.na != manner.na {
            self.na = manner.na;
            self.cache.invalidate_statuses();
        }
        let (due, later): (Vec<_>, Vec<_>) = self
            .delayed_writes
            .drain(..)
            .partition(|(when, ..)| *when <= now);
        self.delayed_writes = later;
        for (_, numbers, state) in due {
            self.set_states(&numbers, state);
        }
    }
}

impl System for ProjectDiscovery {
    fn answer(&mut self, call: &Call) -> Answer {
        self.apply_due(call.now, call.faults);
        let answer = match call.operation.id {
            "listLeaks" => self.list(call),
            "getLeakInfo" => self.info(call),
            "updateLeakStatus" => self.update_status(call),
            "exportLeaks" => self.export(call),
            "domainLeakStats" => self.stats(call, "domain"),
            "emailLeakStats" => self.stats(call, "email"),
            "associatedDomains" => self.associated(call),
            "requestDomainVerification" => self.request_verification(call),
            "deleteDomainVerification" => self.drop_verification(call),
            "confirmDomainVerification" => self.confirm_verification(call),
            "domainVerificationStatus" => Ok(self.verification_status()),
            "planAndVerifiedDomains" => Ok(self.plan_usage()),
            "deprecatedEmployeeLeaks" => self.deprecated(call, "employee"),
            "deprecatedPersonalLeaks" => self.deprecated(call, "personal"),
            "deprecatedCustomerLeaks" => self.deprecated(call, "customer"),
            _ => Err(Answer::message(404, "Not found")),
        };
        match answer {
            Ok(answer) | Err(answer) => answer,
        }
    }

    fn statuses(&mut self, now: Instant, manner: RequestFaults) -> Vec<u8> {
        self.apply_due(now, manner);
        let mut text = b"{".to_vec();
        let mut id = String::new();
        for number in self.rows() {
            if text.len() > 1 {
                text.push(b',');
            }
            self.generator.write_id(number, &mut id);
            text.push(b'"');
            text.extend_from_slice(id.as_bytes());
            text.extend_from_slice(b"\":\"");
            text.extend_from_slice(self.state(number).word().as_bytes());
            text.push(b'"');
        }
        text.push(b'}');
        text
    }

    fn pending_writes(&mut self, now: Instant, manner: RequestFaults) -> usize {
        self.apply_due(now, manner);
        self.delayed_writes.len()
    }

    fn set_statuses(&mut self, statuses: &BTreeMap<String, String>) -> Result<(), String> {
        let mut changes = Vec::new();
        for (id, word) in statuses {
            let number = self.known(id)?;
            let state: State = word
                .parse()
                .map_err(|_| format!("There is no status '{}'", word.escape_debug()))?;
            changes.push((number, state));
        }
        for (number, state) in changes {
            self.states.insert(number, state);
        }
        self.cache.invalidate_statuses();
        Ok(())
    }

    fn change_leaks(&mut self, changes: &Changes) -> Result<(), String> {
        let (refuse, insert) = (&changes.refuse, changes.insert);
        if refuse.values().any(|status| !matches!(status, 403 | 404)) {
            return Err("A leak is refused with 403 or 404".to_owned());
        }
        if insert > MAX_INSERTED - self.inserted.min(MAX_INSERTED) {
            return Err(format!("At most {MAX_INSERTED} rows can be put in"));
        }
        let special = self.special(changes)?;
        let removed = self.leaving(changes.remove.as_ref())?;
        for (id, status) in refuse {
            self.refused.insert(id.to_ascii_lowercase(), *status);
        }
        if changes.renumber {
            self.generator.renumber();
        }
        self.removed.extend(removed);
        let first = self.leaks + self.inserted;
        self.inserted += insert;
        if special != Special::default() {
            for number in first..first + insert {
                self.generator.make_special(number, special.clone());
            }
        }
        if insert > 0 || changes.renumber || changes.remove.is_some() {
            self.cache.invalidate_rows();
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.generator.reset();
        self.inserted = 0;
        self.shifts = 0;
        self.removed.clear();
        self.states.clear();
        self.refused.clear();
        self.delayed_writes.clear();
        self.register.reset();
        self.cache.invalidate_rows();
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, Method};
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::super::system::{Apply, Route, segments};
    use super::*;

    fn call(
        imitation: &StandInSystem,
        path: &str,
        body: &Value,
        manner: RequestFaults,
        now: Instant,
    ) -> Call {
        let Route::Operation(operation) = imitation.router.route(&Method::POST, path) else {
            panic!("no such path");
        };
        Call {
            operation,
            query: Vec::new(),
            segments: segments(path),
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_string()),
            faults: manner,
            now,
        }
    }

    #[test]
    fn a_delayed_write_is_applied_three_seconds_later() {
        let mut imitation = build(1, 50, date(2026, 3, 1), false);
        let mut id = String::new();
        LeakGenerator::new(1, 50, date(2026, 3, 1), false).write_id(20, &mut id);
        let (start, plain) = (Instant::now(), RequestFaults::default());
        let status = |imitation: &mut StandInSystem, seconds: u64| {
            let now = start + Duration::from_millis(seconds * 1_000);
            let all = imitation.system.statuses(now, plain);
            let all: Value = serde_json::from_slice(&all).unwrap();
            all[&id].as_str().unwrap().to_owned()
        };
        let part = BTreeMap::from([(id.clone(), "open".to_owned())]);
        imitation.system.set_statuses(&part).unwrap();
        let late = RequestFaults {
            apply: Apply::Delayed,
            ..plain
        };
        let body = json!({ "leakid": id, "status": "fixed" });
        let write = call(&imitation, "/v1/leaks/status", &body, late, start);
        assert_eq!(imitation.system.answer(&write).status, 200);
        assert_eq!(status(&mut imitation, 2), "open");
        assert_eq!(status(&mut imitation, 3), "fixed");
    }

    #[test]
    fn a_delayed_write_does_not_outlive_a_reset() {
        let mut imitation = build(1, 50, date(2026, 3, 1), false);
        let (start, plain) = (Instant::now(), RequestFaults::default());
        let before = imitation.system.statuses(start, plain);
        let all: BTreeMap<String, String> = serde_json::from_slice(&before).unwrap();
        let open = all.iter().find(|(_, status)| *status == "open").unwrap().0;
        let late = RequestFaults {
            apply: Apply::Delayed,
            ..plain
        };
        let body = json!({ "leakids": [open], "status": "fixed" });
        let write = call(&imitation, "/v1/leaks/status", &body, late, start);
        assert_eq!(imitation.system.answer(&write).status, 200);
        imitation.system.reset();
        let later = start + Duration::from_secs(9);
        assert_eq!(imitation.system.statuses(later, plain), before);
    }
}
