//! What a reading leaves behind, and how one of some files alone is taken into that of all.

use super::super::{
    sink::{File, Machine, Places},
    source::Stamp,
};
use crate::entity::{files::ImportReport, raw_text::RawText, visible};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::PathBuf,
};

/// What a reading left behind.
#[derive(Clone, Default)]
pub(in crate::provider::file) struct Catalogue {
    pub(in crate::provider::file) sources: Vec<PathBuf>,
    pub(in crate::provider::file) stamps: Vec<Option<Stamp>>,
    pub(in crate::provider::file) files: Vec<File>,
    pub(in crate::provider::file) places: Places,
    pub(in crate::provider::file) machines: Vec<Machine>,
    pub(in crate::provider::file) report: ImportReport,
}

impl Catalogue {
    /// Why it is not the whole, in words.
    pub(in crate::provider::file) fn lack_in_words(&self) -> String {
        let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
        for problem in &self.report.problems {
            *codes.entry(problem.code).or_default() += 1;
        }
        let Some(first) = self.report.problems.first() else {
            return "the reading was stopped".to_owned();
        };
        let all: Vec<String> = codes
            .iter()
            .map(|(code, count)| format!("{count} {code}"))
            .collect();
        let place = first.member.as_ref().unwrap_or(&first.path);
        format!(
            "files that were not read whole: {}; the first is {}: {}",
            all.join(", "),
            visible::escape(place.as_bytes()).as_str(),
            first.message
        )
    }

    /// The machine of a leak.
    pub(in crate::provider::file) fn machine_of(&self, key: u128) -> Option<&Machine> {
        let place = self.places.get(key)?;
        let machine = self.files.get(place.file as usize)?.machine?;
        self.machines.get(machine as usize)
    }
}

/// Which files were read again: by their paths, and those that a reading of a folder's facts read along.
struct Again<'a> {
    fresh: &'a BTreeSet<PathBuf>,
    read: BTreeSet<(&'a [u8], &'a [u8])>,
}

impl<'a> Again<'a> {
    fn new(fresh: &'a BTreeSet<PathBuf>, part: &'a Catalogue) -> Self {
        let read = part.files.iter().map(|file| {
            let member = file.member.as_ref().map(|member| outer(member.as_bytes()));
            (file.path.as_bytes(), member.unwrap_or_default())
        });
        Self {
            fresh,
            read: read.collect(),
        }
    }

    fn holds(&self, path: &RawText, member: Option<&RawText>) -> bool {
        let source = PathBuf::from(OsStr::from_bytes(path.as_bytes()));
        let member = member.map_or(&b""[..], |member| outer(member.as_bytes()));
        self.fresh.contains(&source)
            || self.fresh.contains(&source.join(OsStr::from_bytes(member)))
            || self.read.contains(&(path.as_bytes(), member))
    }
}

/// The file of a folder that a member is, or is in.
fn outer(member: &[u8]) -> &[u8] {
    memchr::memmem::find(member, b"!/").map_or(member, |at| &member[..at])
}

impl Catalogue {
    /// Takes in a reading of some files alone: what was known of them before goes, but the places of their leaks.
    pub(super) fn take_in(&mut self, mut part: Self, fresh: &BTreeSet<PathBuf>) {
        self.report.forget(&Again::new(fresh, &part));
        self.report.join(std::mem::take(&mut part.report));
        let sources = self.join_sources(&part);
        let machines = self.join_machines(std::mem::take(&mut part.machines));
        let base = self.files.len() as u32;
        for mut file in part.files {
            file.source = sources
                .get(file.source as usize)
                .copied()
                .unwrap_or_default();
            file.machine = file
                .machine
                .and_then(|at| machines.get(at as usize).copied());
            self.files.push(file);
        }
        self.places.take_in(&part.places, base);
        if !machines.is_empty() {
            self.count_machines();
        }
        self.report.totals.leaks = self.places.len() as u64;
        self.report.totals.machines = self.machines.len() as u64;
        self.report.complete = self.report.problems.is_empty();
    }

    /// The numbers of a part's sources.
    fn join_sources(&mut self, part: &Self) -> Vec<u32> {
        let known: HashMap<PathBuf, u32> = self.sources.iter().cloned().zip(0..).collect();
        let sources = part.sources.iter().zip(&part.stamps);
        sources
            .map(|(path, stamp)| {
                if let Some(at) = known.get(path) {
                    self.stamps[*at as usize] = *stamp;
                    *at
                } else {
                    self.sources.push(path.clone());
                    self.stamps.push(*stamp);
                    self.sources.len() as u32 - 1
                }
            })
            .collect()
    }

    /// The numbers of a part's machines.
    fn join_machines(&mut self, part: Vec<Machine>) -> Vec<u32> {
        if part.is_empty() {
            return Vec::new();
        }
        let ids = self.machines.iter().map(|machine| machine.id.clone());
        let known: HashMap<String, u32> = ids.zip(0..).collect();
        let mut numbers = Vec::with_capacity(part.len());
        for machine in part {
            if let Some(at) = known.get(&machine.id) {
                numbers.push(*at);
                self.machines[*at as usize] = machine;
            } else {
                numbers.push(self.machines.len() as u32);
                self.machines.push(machine);
            }
        }
        numbers
    }

    /// Counts the leaks of the machines.
    fn count_machines(&mut self) {
        for machine in &mut self.machines {
            machine.leaks = 0;
        }
        for file in self.places.files() {
            let machine = self.files.get(file as usize).and_then(|file| file.machine);
            if let Some(machine) = machine.and_then(|at| self.machines.get_mut(at as usize)) {
                machine.leaks += 1;
            }
        }
    }
}

impl ImportReport {
    /// Forgets what it says of some files.
    fn forget(&mut self, again: &Again<'_>) {
        let totals = &mut self.totals;
        self.files.retain(|file| {
            let goes = again.holds(&file.path, file.member.as_ref());
            if goes {
                totals.lines = totals.lines.saturating_sub(file.lines);
                totals.records = totals.records.saturating_sub(file.records);
                totals.duplicates = totals.duplicates.saturating_sub(file.duplicates);
                totals.banners = totals.banners.saturating_sub(file.banners);
                totals.filtered = totals.filtered.saturating_sub(file.filtered);
                totals.rejects = totals.rejects.saturating_sub(file.rejects);
                totals.undecodable = totals.undecodable.saturating_sub(file.undecodable);
            }
            !goes
        });
        let stays = |path: &RawText, member: &Option<RawText>| !again.holds(path, member.as_ref());
        self.rejects.retain(|it| stays(&it.path, &it.member));
        self.problems.retain(|it| stays(&it.path, &it.member));
        self.notes.retain(|it| stays(&it.path, &it.member));
        self.rejects_left_out = totals.rejects.saturating_sub(self.rejects.len() as u64);
    }

    /// Takes in what is said of other files.
    fn join(&mut self, mut part: Self) {
        let totals = &mut self.totals;
        totals.bytes += part.totals.bytes;
        totals.lines += part.totals.lines;
        totals.records += part.totals.records;
        totals.duplicates += part.totals.duplicates;
        totals.banners += part.totals.banners;
        totals.filtered += part.totals.filtered;
        totals.rejects += part.totals.rejects;
        totals.undecodable += part.totals.undecodable;
        self.files.append(&mut part.files);
        self.rejects.append(&mut part.rejects);
        self.problems.append(&mut part.problems);
        self.notes.append(&mut part.notes);
        self.rejects_left_out = totals.rejects.saturating_sub(self.rejects.len() as u64);
    }
}
