//! What the systems have in common: how the leaks are split, and whose rows each system has.
//!
//! About half the rows of the smaller systems are about a person, a machine and a password that ProjectDiscovery has
//! too; the others are about people of their own. Nothing is stored: who shares with whom is computed from the seed.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::SystemName;
use super::generator::LeakGenerator;
use super::leak::Leak;
use super::rng::mix;

/// How many leaks each system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeakSplit {
    /// ProjectDiscovery's: the numbers below this.
    pub(crate) projectdiscovery: u32,
    /// Rows of Leaks.ai.
    pub(crate) leaks_ai: u32,
    /// Rows of Leaked Checker.
    pub(crate) leaked_checker: u32,
    /// Rows of Have I Been Pwned.
    pub(crate) hibp: u32,
}

/// Splits the leaks: eight of ten at ProjectDiscovery, one at Leaks.ai, and the last one between the two that know of
/// breaches, or at the one of them that is served. Alone it has all of them; the others are
/// the same whoever is served beside them.
pub(crate) fn split(leaks: u32, systems: &BTreeSet<SystemName>) -> LeakSplit {
    let alone = systems.iter().eq([&SystemName::ProjectDiscovery]);
    let rest = if alone { 0 } else { leaks / 5 };
    let last = rest / 2;
    let hibp = if systems.contains(&SystemName::Hibp) {
        last / 2
    } else {
        0
    };
    LeakSplit {
        projectdiscovery: leaks - rest,
        leaks_ai: rest.div_ceil(2),
        leaked_checker: last - hibp,
        hibp,
    }
}

/// The rows of a system that shares people, machines and passwords with ProjectDiscovery.
#[derive(Clone, Debug)]
pub(crate) struct SharedPopulation {
    projectdiscovery_leaks: LeakGenerator,
    own_leaks: LeakGenerator,
    seed: u64,
    rows: u32,
    projectdiscovery_rows: u32,
}

impl SharedPopulation {
    /// The rows of `system`; `shares` says how many it and ProjectDiscovery have.
    pub(crate) fn new(
        system: SystemName,
        seed: u64,
        shares: LeakSplit,
        today: Date,
        hostile: bool,
    ) -> Self {
        let rows = match system {
            SystemName::ProjectDiscovery => shares.projectdiscovery,
            SystemName::LeaksAi => shares.leaks_ai,
            SystemName::LeakedChecker => shares.leaked_checker,
            SystemName::Hibp => shares.hibp,
        };
        let own = mix(seed ^ 0x6372_6f77_6400 ^ system as u64);
        Self {
            projectdiscovery_leaks: LeakGenerator::new(
                seed,
                shares.projectdiscovery,
                today,
                hostile,
            ),
            // People of another seed; no id of it is ever shown, so none needs to be odd.
            own_leaks: LeakGenerator::new(own, rows, today, false),
            seed: own,
            rows,
            projectdiscovery_rows: shares.projectdiscovery,
        }
    }

    /// Rows at the start. Rows from there on were put in later, and are dated today.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    /// The number of the ProjectDiscovery leak that this row shares its person, machine and password with. About half
    /// the rows have one, no two the same, and later rows have later ones.
    pub(crate) fn shared_with(&self, row: u32) -> Option<u32> {
        if row >= self.rows || self.hash_u64(row, 1) & 1 == 0 {
            return None;
        }
        let (rows, theirs) = (u64::from(self.rows), u64::from(self.projectdiscovery_rows));
        let first = u64::from(row) * theirs / rows;
        let next = (u64::from(row) + 1) * theirs / rows;
        let number = first + self.hash_u64(row, 2) % (next - first).max(1);
        (next > first).then_some(number as u32)
    }

    /// Computes the person, the machine, the password and the place of a row. The id is not this system's.
    pub(crate) fn fill(&self, row: u32, leak: &mut Leak) {
        match self.shared_with(row) {
            Some(number) => self.projectdiscovery_leaks.fill(number, leak),
            None => self.own_leaks.fill(row, leak),
        }
    }

    /// A number that depends on the seed, the system, the row and `salt` alone.
    pub(crate) fn hash_u64(&self, row: u32, salt: u64) -> u64 {
        mix(self.seed ^ mix(u64::from(row) << 8 | salt))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::date;

    use super::*;

    #[test]
    fn shares_add_up() {
        let all: BTreeSet<_> = SystemName::ALL.into();
        for leaks in [0, 1, 4, 5, 9, 10, 5_000, 50_000_000] {
            let shares = split(leaks, &all);
            assert_eq!(
                shares.projectdiscovery + shares.leaks_ai + shares.leaked_checker + shares.hibp,
                leaks
            );
        }
        let shares = split(5_000, &all);
        assert_eq!(
            (
                shares.projectdiscovery,
                shares.leaks_ai,
                shares.leaked_checker,
                shares.hibp
            ),
            (4_000, 500, 250, 250)
        );
        let alone = split(5_000, &BTreeSet::from([SystemName::ProjectDiscovery]));
        assert_eq!(alone.projectdiscovery, 5_000);
    }

    #[test]
    fn half_the_rows_share_a_leak_and_no_two_the_same() {
        let without = [
            SystemName::ProjectDiscovery,
            SystemName::LeaksAi,
            SystemName::LeakedChecker,
        ];
        let shares = split(5_000, &without.into());
        let today = date(2026, 3, 1);
        let world = LeakGenerator::new(1, shares.projectdiscovery, today, false);
        let (mut one, mut two) = (Leak::default(), Leak::default());
        for system in [SystemName::LeaksAi, SystemName::LeakedChecker] {
            let crowd = SharedPopulation::new(system, 1, shares, today, false);
            let mut seen = HashSet::new();
            for row in 0..crowd.rows() {
                let Some(number) = crowd.shared_with(row) else {
                    continue;
                };
                assert!(number < shares.projectdiscovery);
                assert!(seen.insert(number));
                crowd.fill(row, &mut one);
                world.fill(number, &mut two);
                assert_eq!(
                    (&one.username, &one.password, &one.hostname),
                    (&two.username, &two.password, &two.hostname)
                );
            }
            assert!((200..300).contains(&seen.len()), "{}", seen.len());
            assert_eq!(crowd.shared_with(crowd.rows()), None);
        }
    }
}
