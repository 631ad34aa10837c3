//! A reading of which marks are kept and few rows. A watch looks at a million leaks and tells of a few: it remembers how
//! each reads, and takes only the rows into the table that something may be told of.

use crate::{
    entity::{
        date,
        fingerprint::Fingerprint,
        key::{Kind, ProviderId},
        leak::{BatchPart, BatchRow, LeakField},
        seen::{LeakRead, Mark, MarkKey, SeenState, UNKNOWN},
        status::Status,
    },
    table::{Ingested, ProfileSlot, Table},
};
use fixedbitset::FixedBitSet;
use std::collections::HashSet;

/// What is known of an account before it is read.
#[derive(Clone, Debug, Default)]
pub struct KnownLeaks {
    /// The marks, sorted.
    pub marks: Vec<Mark>,
    /// How each stood when it was read last, as a number.
    pub states: Vec<u32>,
    /// Whether the account was read whole before: what is new is told then.
    pub has_baseline: bool,
    /// Of a first reading, leaks that were added since are told all the same.
    pub since: Option<i64>,
    /// Leaks whose rows are needed, whatever they read as.
    pub wanted: HashSet<Mark>,
}

/// What is kept of readings, by account.
#[derive(Clone, Debug)]
pub struct Digest {
    marks: MarkKey,
    accounts: Vec<(ProfileSlot, AccountDigest)>,
}

/// What is kept of the reading of one account.
#[derive(Clone, Debug, Default)]
struct AccountDigest {
    known: KnownLeaks,
    /// The pass over the list that this is of.
    pass: Option<u32>,
    /// The known leaks that read as they stood, by their places.
    as_known: FixedBitSet,
    /// The others, in the order in which they came, each once.
    others: Vec<LeakRead>,
    /// Their marks.
    other_marks: HashSet<Mark>,
    /// What passes before this one brought: it counts where this one is not whole.
    earlier: Vec<LeakRead>,
    earlier_as_known: FixedBitSet,
    /// What stands for login and password of leaks that read as fixed.
    fixed: HashSet<u64>,
    /// The same of others that need work, with their places.
    unresolved: Vec<(u32, u64)>,
}

/// The part of a state that a reading decides.
fn read_part(state: SeenState) -> SeenState {
    SeenState {
        remote: state.remote,
        status: state.status,
        risk: state.risk,
        disputed: state.disputed,
        ..UNKNOWN
    }
}

/// Enough of a fingerprint to tell one from another.
fn short(fingerprint: Fingerprint) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&fingerprint.0[..8]);
    u64::from_le_bytes(bytes)
}

impl Digest {
    /// Begins without an account.
    pub fn new(marks: MarkKey) -> Self {
        Self {
            marks,
            accounts: Vec::new(),
        }
    }

    /// Keeps of an account what differs from what is known of it.
    pub fn add(&mut self, slot: ProfileSlot, known: KnownLeaks) {
        let digest = AccountDigest {
            as_known: FixedBitSet::with_capacity(known.marks.len()),
            known,
            ..AccountDigest::default()
        };
        self.accounts.push((slot, digest));
    }

    /// Takes a part of a page in: marks here, the rows that something may be told of into the table. What it brings
    /// again is counted as the table counts it.
    pub fn take_part(
        &mut self,
        table: &mut Table,
        (slot, pass): (ProfileSlot, u32),
        part: BatchPart<'_>,
    ) -> Ingested {
        let marks = &self.marks;
        let account = self.accounts.iter_mut().find(|(of, _)| *of == slot);
        let Some((_, account)) = account else {
            return table.ingest_part(slot, pass, part);
        };
        account.begin(pass);
        let provider = &table.profiles()[slot.0 as usize].1;
        let mut done = Ingested::default();
        let mut kept = Vec::new();
        for row in part.rows {
            let read = leak_read(table, slot, (marks, provider), part, row);
            let (is_repeated, is_needed) = account.take(read, row.credential);
            done.repeated += usize::from(is_repeated);
            if is_needed {
                kept.push(*row);
            }
        }
        if !kept.is_empty() {
            table.ingest_part(slot, pass, part.with_rows(&kept));
        }
        done
    }

    /// Makes room for so many leaks of an account, which is what its provider says.
    pub fn reserve(&mut self, slot: ProfileSlot, total: u64) {
        if let Some((_, account)) = self.accounts.iter_mut().find(|(of, _)| *of == slot) {
            account.reserve(total);
        }
    }

    /// Ends the reading of an account, and returns its leaks sorted by mark, each once. Where the last pass is not
    /// whole, what an earlier one brought is there as well.
    pub fn finish(&mut self, slot: ProfileSlot, is_whole: bool) -> Vec<LeakRead> {
        let at = self.accounts.iter().position(|(of, _)| *of == slot);
        at.map_or_else(Vec::new, |at| {
            self.accounts.swap_remove(at).1.finish(is_whole)
        })
    }
}

/// Room for more leaks than these is made as they come: a provider may say anything.
const MAX_RESERVED: usize = 2_000_000;

impl AccountDigest {
    /// Begins to count anew where the pass is another one.
    fn begin(&mut self, pass: u32) {
        if self.pass.replace(pass).is_none_or(|before| before == pass) {
            return;
        }
        self.find_again();
        self.earlier_as_known.union_with(&self.as_known);
        self.earlier.append(&mut self.others);
        self.as_known.clear();
        self.other_marks.clear();
    }

    /// Says of the others whether their login and password are those of a leak that reads as fixed.
    fn find_again(&mut self) {
        for (place, credential) in self.unresolved.drain(..) {
            if let Some(read) = self.others.get_mut(place as usize) {
                read.again = self.fixed.contains(&credential);
            }
        }
    }

    /// Adds what only an earlier pass brought.
    fn add_earlier(&mut self) {
        for place in self.earlier_as_known.ones() {
            if !self.other_marks.contains(&self.known.marks[place]) {
                self.as_known.insert(place);
            }
        }
        for read in std::mem::take(&mut self.earlier) {
            let place = self.known.marks.binary_search(&read.mark);
            let is_there = place.is_ok_and(|place| self.as_known.contains(place));
            if !is_there && self.other_marks.insert(read.mark) {
                self.others.push(read);
            }
        }
    }

    fn reserve(&mut self, total: u64) {
        let total = usize::try_from(total).unwrap_or(MAX_RESERVED);
        let unknown = total
            .min(MAX_RESERVED)
            .saturating_sub(self.known.marks.len());
        self.others
            .reserve_exact(unknown.saturating_sub(self.others.len()));
        self.other_marks
            .reserve(unknown.saturating_sub(self.other_marks.len()));
    }

    /// Takes a leak. Returns whether this reading had it before, and whether its row is needed.
    fn take(&mut self, read: LeakRead, credential: Option<Fingerprint>) -> (bool, bool) {
        let credential = credential.filter(|_| self.known.has_baseline).map(short);
        if read.status == Status::Fixed {
            self.fixed.extend(credential);
        }
        let is_wanted = self.known.wanted.contains(&read.mark);
        let place = self.known.marks.binary_search(&read.mark).ok();
        let before = place.and_then(|place| self.known.states.get(place));
        let before = before.map(|state| SeenState::unpack(*state));
        if let (Some(place), Some(state)) = (place, before)
            && read_part(state) == read_part(read.state())
            && !self.other_marks.contains(&read.mark)
        {
            let is_repeated = self.as_known.put(place);
            return (is_repeated, is_wanted || state.gone);
        }
        let was_as_known = place.is_some_and(|place| self.as_known.contains(place));
        if was_as_known || !self.other_marks.insert(read.mark) {
            // Of one that comes again the first counts; what has changed since is found by the next reading.
            return (true, false);
        }
        if read.status.is_unresolved() {
            let place = u32::try_from(self.others.len()).unwrap_or(u32::MAX);
            self.unresolved
                .extend(credential.map(|credential| (place, credential)));
        }
        self.others.push(read);
        let is_told = before.is_some()
            || self.known.has_baseline
            || self
                .known
                .since
                .is_some_and(|since| read.added.is_some_and(|added| added >= since));
        (false, is_wanted || is_told)
    }

    fn finish(mut self, is_whole: bool) -> Vec<LeakRead> {
        self.find_again();
        if !is_whole {
            self.add_earlier();
        }
        drop((self.other_marks, self.fixed, self.earlier));
        let mut reads = self.others;
        reads.reserve_exact(self.as_known.count_ones(..));
        for place in self.as_known.ones() {
            let (mark, state) = (self.known.marks[place], self.known.states[place]);
            reads.push(LeakRead::of_state(mark, SeenState::unpack(state)));
        }
        reads.sort_unstable_by_key(|read| read.mark);
        reads
    }
}

/// How a row of a page reads.
fn leak_read(
    table: &Table,
    slot: ProfileSlot,
    (marks, provider): (&MarkKey, &ProviderId),
    part: BatchPart<'_>,
    row: &BatchRow,
) -> LeakRead {
    let text = |field: LeakField| part.text(row.texts[field as usize]);
    let id = text(LeakField::Id);
    let local = table.local_status_of_id(slot, id);
    let effective = local.map(|local| {
        let has_word = part.has_text(row.texts[LeakField::RemoteStatus as usize]);
        let is_known = has_word || row.status != Status::Unknown;
        local.effective(is_known.then_some(row.status))
    });
    let (status, disputed) = effective.unwrap_or((row.status, false));
    let date = |field| date::parse_seconds(text(field));
    LeakRead {
        mark: marks.mark(provider, Kind::Leak, id),
        remote: row.status,
        status,
        risk: row.risk.map(|risk| risk.level),
        disputed,
        again: false,
        added: date(LeakField::AddedAt).or_else(|| date(LeakField::FirstSeen)),
        doubtful: false,
        unconfirmed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::fingerprint::FingerprintKey;

    fn mark(id: u8) -> Mark {
        let marks = MarkKey::of(&FingerprintKey::new([1; 32]));
        marks.mark(&ProviderId::new("projectdiscovery"), Kind::Leak, &[id])
    }

    fn read(id: u8, status: Status) -> LeakRead {
        LeakRead::of_state(
            mark(id),
            SeenState {
                remote: status,
                status,
                ..UNKNOWN
            },
        )
    }

    /// An account of which these are known.
    fn digest(known: &[(u8, Status)], has_baseline: bool) -> AccountDigest {
        let mut known: Vec<(Mark, u32)> = known
            .iter()
            .map(|(id, status)| (mark(*id), read(*id, *status).state().pack()))
            .collect();
        known.sort_unstable();
        let (marks, states) = known.into_iter().unzip();
        let known = KnownLeaks {
            marks,
            states,
            has_baseline,
            ..KnownLeaks::default()
        };
        let mut digest = Digest::new(MarkKey::of(&FingerprintKey::new([1; 32])));
        digest.add(ProfileSlot(0), known);
        digest.accounts.pop().unwrap().1
    }

    #[test]
    fn rows_are_needed_of_what_is_new_or_reads_otherwise_and_of_nothing_else() {
        let mut digest = digest(&[(1, Status::Open), (2, Status::Fixed)], true);
        digest.begin(1);
        assert_eq!(digest.take(read(1, Status::Open), None), (false, false));
        assert_eq!(digest.take(read(2, Status::Open), None), (false, true));
        assert_eq!(digest.take(read(3, Status::Open), None), (false, true));
        // Each again, as it came and otherwise.
        for (id, status) in [
            (1, Status::Open),
            (2, Status::Open),
            (3, Status::Open),
            (1, Status::Fixed),
            (2, Status::Fixed),
            (3, Status::Fixed),
        ] {
            assert!(digest.take(read(id, status), None).0, "{id} {status}");
        }
        let mut all = [
            read(1, Status::Open),
            read(2, Status::Open),
            read(3, Status::Open),
        ];
        all.sort_by_key(|read| read.mark);
        assert_eq!(digest.finish(true), all);
    }

    #[test]
    fn a_first_reading_needs_no_rows_but_those_that_were_added_since() {
        let mut digest = digest(&[], false);
        digest.known.since = Some(100);
        digest.begin(1);
        let dated = |id, added| LeakRead {
            added,
            ..read(id, Status::Open)
        };
        assert_eq!(digest.take(dated(1, Some(99)), None), (false, false));
        assert_eq!(digest.take(dated(2, None), None), (false, false));
        assert_eq!(digest.take(dated(3, Some(100)), None), (false, true));
    }

    #[test]
    fn a_whole_pass_stands_for_itself_and_another_one_with_those_before_it() {
        for is_whole in [true, false] {
            let mut digest = digest(&[(1, Status::Open), (3, Status::Open)], true);
            digest.begin(1);
            digest.take(read(1, Status::Open), None);
            digest.take(read(2, Status::Open), None);
            digest.take(read(3, Status::Fixed), None);
            digest.begin(2);
            assert_eq!(digest.take(read(2, Status::Open), None), (false, true));
            let mut all = vec![read(2, Status::Open)];
            if !is_whole {
                all.extend([read(1, Status::Open), read(3, Status::Fixed)]);
            }
            all.sort_by_key(|read| read.mark);
            assert_eq!(digest.finish(is_whole), all);
        }
    }

    #[test]
    fn a_new_leak_with_a_fixed_ones_credential_is_there_again_in_either_order() {
        let mut digest = digest(&[(1, Status::Fixed), (2, Status::Fixed)], true);
        let credential = |byte| Some(Fingerprint([byte; 16]));
        digest.begin(1);
        digest.take(read(1, Status::Fixed), credential(1));
        digest.take(read(3, Status::Open), credential(1));
        digest.take(read(4, Status::Open), credential(2));
        digest.take(read(5, Status::Open), credential(3));
        digest.take(read(2, Status::Fixed), credential(2));
        let again: HashSet<Mark> = digest
            .finish(true)
            .into_iter()
            .filter(|read| read.again)
            .map(|read| read.mark)
            .collect();
        assert_eq!(again, HashSet::from([mark(3), mark(4)]));
    }
}
