//! Which folders of a tree are machines, and whose each file is.

use super::{
    super::{
        ids,
        sink::{Machine, tie},
    },
    family::family,
    folder::{NameFacts, facts_of_name},
    names::{self, Kind},
    system::{Facts, System},
};
use crate::entity::{leak::Device, raw_text::RawText};
use std::collections::BTreeMap;

/// Paths of a tree that are kept.
const PATHS: usize = 10_000;

/// The files of a source or of an archive.
pub(in crate::provider::file) struct Tree {
    /// The parts of each path.
    pub(in crate::provider::file) paths: Vec<Vec<Vec<u8>>>,
    /// How many parts all of them have in common, the file's own aside.
    common: usize,
    kinds: Vec<Kind>,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider::file) enum Role {
    /// Nothing.
    Ignored,
    /// It is read for the credentials of a machine.
    Credential(u32),
    /// It is read for what is in it.
    Loose,
}

/// What is done with each file, and the machines.
pub(in crate::provider::file) struct Roles {
    pub(in crate::provider::file) roles: Vec<Role>,
    pub(in crate::provider::file) machines: Vec<Machine>,
}

impl Tree {
    /// Of paths by their parts.
    pub(in crate::provider::file) fn new(paths: Vec<Vec<Vec<u8>>>) -> Self {
        let folders = |path: &[Vec<u8>]| path.len().saturating_sub(1);
        let common = match paths.first() {
            None => 0,
            Some(first) => paths.iter().fold(folders(first), |common, path| {
                let same = path
                    .iter()
                    .zip(first)
                    .take_while(|(one, other)| one == other)
                    .count();
                common.min(same).min(folders(path))
            }),
        };
        let kinds = paths
            .iter()
            .map(|path| {
                let behind: Vec<&[u8]> = path[common..].iter().map(|part| &part[..]).collect();
                let kind = names::kind(&behind);
                // The folders in common are looked at for what an archiver left, and for credentials right in them.
                let whole: Vec<&[u8]> = path.iter().map(|part| &part[..]).collect();
                match (kind, names::kind(&whole)) {
                    (_, Kind::Litter) => Kind::Litter,
                    (Kind::Other, Kind::Credential) => Kind::Credential,
                    (kind, _) => kind,
                }
            })
            .collect();
        Self {
            paths,
            common,
            kinds,
        }
    }

    /// The files of a kind.
    pub(in crate::provider::file) fn of_kind(&self, wanted: &[Kind]) -> Vec<usize> {
        (0..self.paths.len())
            .filter(|at| wanted.contains(&self.kinds[*at]))
            .collect()
    }

    /// M1: the folders with a system file that says enough.
    fn strong(&self, systems: &BTreeMap<usize, System>) -> Vec<Vec<Vec<u8>>> {
        let mut roots: Vec<Vec<Vec<u8>>> = systems
            .iter()
            .filter(|(at, system)| self.kinds[**at] == Kind::System && system.facts().count() >= 2)
            .map(|(at, _)| folder(&self.paths[*at]).to_vec())
            .collect();
        roots.sort();
        roots.dedup();
        roots
    }

    /// Credential files under no root that is sure.
    pub(in crate::provider::file) fn without_root(
        &self,
        systems: &BTreeMap<usize, System>,
    ) -> Vec<usize> {
        let roots = self.strong(systems);
        let under = |at: &usize| deepest(&roots, &self.paths[*at]).is_none();
        self.of_kind(&[Kind::Credential])
            .into_iter()
            .filter(under)
            .collect()
    }

    /// M3: the root that a credential file with blocks makes.
    fn weak(&self, at: usize, with_blocks: &[usize]) -> Option<Vec<Vec<u8>>> {
        let path = &self.paths[at];
        let right_in = |at: &usize| self.paths[*at].len() == self.common + 1;
        let next = path.get(self.common)?;
        let is_common = with_blocks.iter().any(right_in) || names::is_part_of_a_log(next);
        let length = if is_common {
            self.common
        } else {
            self.common + 1
        };
        Some(path[..length].to_vec())
    }

    /// What is done with each file. `name` is that of the source or the archive.
    pub(in crate::provider::file) fn roles(
        &self,
        systems: &BTreeMap<usize, System>,
        with_blocks: &[usize],
        name: &[u8],
    ) -> Roles {
        let strong = self.strong(systems);
        let mut weak: Vec<Vec<Vec<u8>>> = with_blocks
            .iter()
            .filter_map(|at| self.weak(*at, with_blocks))
            .collect();
        weak.sort();
        weak.dedup();
        weak.retain(|root| !strong.contains(root) && self.says_something(root, name));
        let mut roots = strong.clone();
        roots.extend(weak);
        let owner: Vec<Option<usize>> = self
            .paths
            .iter()
            .map(|path| deepest(&roots, path))
            .collect();
        let mut machines: Vec<Machine> = Vec::new();
        for (number, root) in roots.iter().enumerate() {
            let members: Vec<usize> = (0..owner.len())
                .filter(|at| owner[*at] == Some(number))
                .collect();
            machines.push(self.machine(root, &members, systems, name));
        }
        let role = |at: usize| {
            let kind = self.kinds[at];
            match (owner[at], kind) {
                (
                    _,
                    Kind::Grabbed | Kind::Litter | Kind::System | Kind::Address | Kind::Artefact,
                ) => Role::Ignored,
                (Some(root), Kind::Credential) => Role::Credential(root as u32),
                (Some(root), Kind::Other) if root < strong.len() => Role::Ignored,
                (_, Kind::Other | Kind::Credential) => Role::Loose,
            }
        };
        let mut roles: Vec<Role> = (0..self.paths.len()).map(role).collect();
        for (at, role) in roles.iter_mut().enumerate() {
            // A system file of no machine is a file like others.
            let system = matches!(self.kinds[at], Kind::System | Kind::Address);
            if system && owner[at].is_none() {
                *role = Role::Loose;
            }
        }
        Roles { roles, machines }
    }

    fn says_something(&self, root: &[Vec<u8>], name: &[u8]) -> bool {
        facts_of_name(own_name(root, name)).any()
            || (0..self.paths.len())
                .any(|at| self.kinds[at] == Kind::Artefact && self.paths[at].starts_with(root))
    }

    fn machine(
        &self,
        root: &[Vec<u8>],
        members: &[usize],
        systems: &BTreeMap<usize, System>,
        archive: &[u8],
    ) -> Machine {
        let mut own: Vec<(&Vec<Vec<u8>>, Kind, &System)> = members
            .iter()
            .filter_map(|at| Some((&self.paths[*at], self.kinds[*at], systems.get(at)?)))
            .collect();
        own.sort_by(|one, other| one.0.cmp(other.0));
        let mut facts = Facts::default();
        for (_, _, system) in own.iter().filter(|(_, kind, _)| *kind == Kind::System) {
            facts.fill(system.facts());
        }
        let files: Vec<&System> = own.iter().map(|(_, _, system)| *system).collect();
        let mut address = own.iter().filter(|(_, kind, _)| *kind == Kind::Address);
        let address = address.find_map(|(_, _, system)| system.address.clone());
        let name = own_name(root, archive);
        let named = facts_of_name(name);
        let tree = tree(&self.paths, members, root.len());
        Machine {
            family: family(&files),
            files: members.len() as u64,
            grabbed: members
                .iter()
                .filter(|at| self.kinds[**at] == Kind::Grabbed)
                .count() as u64,
            root: RawText::from(&root.join(&b'/')[..]),
            tree,
            ..machine_of(&facts, named, address, name)
        }
    }
}

fn folder(path: &[Vec<u8>]) -> &[Vec<u8>] {
    path.split_last().map_or(&[], |(_, folder)| folder)
}

/// M2: the deepest root that a path lies under.
fn deepest(roots: &[Vec<Vec<u8>>], path: &[Vec<u8>]) -> Option<usize> {
    let above = roots
        .iter()
        .enumerate()
        .filter(|(_, root)| folder(path).starts_with(root));
    above.max_by_key(|(_, root)| root.len()).map(|(at, _)| at)
}

/// The name of a root's folder, or of the archive.
fn own_name<'a>(root: &'a [Vec<u8>], archive: &'a [u8]) -> &'a [u8] {
    root.last().map_or(archive, |folder| &folder[..])
}

/// The files of a machine relative to its root, sorted by their bytes.
fn tree(paths: &[Vec<Vec<u8>>], members: &[usize], root: usize) -> Vec<RawText> {
    let mut all: Vec<Vec<u8>> = members
        .iter()
        .map(|at| paths[*at][root..].join(&b'/'))
        .collect();
    all.sort();
    let left = all.len().saturating_sub(PATHS);
    all.truncate(PATHS);
    let mut tree: Vec<RawText> = all.iter().map(|path| RawText::from(&path[..])).collect();
    if left > 0 {
        tree.push(RawText::from(format!("…+{left}")));
    }
    tree
}

fn machine_of(facts: &Facts, named: NameFacts, address: Option<Vec<u8>>, name: &[u8]) -> Machine {
    type Known<'f> = Option<(Vec<u8>, RawText)>;
    let known = |fact: &Option<super::system::Fact>| {
        fact.as_ref()
            .map(|fact| (fact.raw.clone(), fact.shown.clone()))
    };
    let or = |fact: Known<'_>, other: Option<Vec<u8>>| {
        fact.or_else(|| other.map(|raw| (raw.clone(), RawText::from(&raw[..]))))
    };
    let hardware_id = or(known(&facts.hardware_id), named.hardware_id);
    let address = or(or(known(&facts.address), address), named.address);
    let hostname = known(&facts.hostname);
    let raw = |fact: &Known<'_>| fact.as_ref().map(|(raw, _)| raw.clone());
    let shown = |fact: &Known<'_>| fact.as_ref().map(|(_, shown)| shown.clone());
    let tied = tie(
        raw(&hardware_id).as_deref(),
        raw(&hostname).as_deref(),
        raw(&address).as_deref(),
    );
    let title = shown(&hostname).or_else(|| shown(&hardware_id));
    Machine {
        id: tied.as_deref().map(ids::machine).unwrap_or_default(),
        name: title.unwrap_or_else(|| RawText::from(name)),
        tie: tied,
        country: shown(&or(known(&facts.country), named.country)),
        date: facts.date().or(named.date).map(RawText::from),
        log_date: shown(&known(&facts.log_date)),
        user: shown(&known(&facts.user)),
        device: Device {
            hostname: shown(&hostname),
            ip: shown(&address),
            os: shown(&known(&facts.os)),
            hardware_id: shown(&hardware_id),
            malware_path: shown(&known(&facts.malware_path)),
        },
        ..Machine::default()
    }
}
