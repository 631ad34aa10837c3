//! Reads sources: files, folders, archives and what is in them, each member by its content or as the part of a log that
//! it is.

mod disk;
mod glob;
mod place;
mod visit;

pub(super) use disk::{Stamp, Walk, stamp};
pub(super) use glob::expand;

use super::{
    archive::{self, Blob, Budget, Count, LEVELS, Magic, Store, Tar, TarKind, Zip},
    context::{Context, Options},
    fault::{Fault, of_io},
    log::{self, Kind, Role},
    read,
    sink::{Machine, Sink},
    table,
    text::Failing,
};
use crate::{entity::raw_text::RawText, http::ZeroizingBuffer};
use disk::Found;
use place::{Member, Place, cut, stem};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Reads sources into a sink.
pub(super) struct Reader<'r, 'o> {
    pub(super) options: &'r Options,
    pub(super) sink: &'r mut Sink<'o>,
    pub(super) count: Count,
    /// One member alone, and its machine: the place of a leak that is looked for.
    pub(super) only: Option<(Vec<u8>, Option<Machine>)>,
    /// Of folders these files alone: those that have changed.
    pub(super) fresh: Option<&'r BTreeSet<PathBuf>>,
}

/// The files of a folder or of an archive.
enum Tree {
    Folder(Vec<PathBuf>),
    Zip(Arc<Zip>),
    Tar(Blob),
}

impl Reader<'_, '_> {
    /// Reads one source.
    pub(super) fn source(&mut self, number: u32, path: &Path) {
        let shown = RawText::from(path.as_os_str().as_bytes());
        let mut place = Place {
            source: number,
            path: shown,
            member: None,
            named: true,
            machine: None,
            is_credential: false,
            level: 0,
            budget: Budget::new(0),
            is_plain: true,
        };
        match disk::look(path, true) {
            Found::Folder => self.folder(path, &place),
            Found::File(file, stamp) => {
                let size = stamp.0;
                self.sink.seen.opened(path, stamp);
                self.sink.report.totals.files += 1;
                self.sink.report.totals.read += 1;
                self.sink.report.totals.bytes += size;
                place.budget = Budget::new(size);
                let count = self.count.clone();
                let blob = Blob::Held(Store::File {
                    file: Arc::new(file),
                    size,
                    count,
                });
                self.blob(&blob, &place);
            }
            Found::Link | Found::Other => self.sink.problem(place.at(), Fault::NotAFile),
            Found::Unreadable => self.sink.problem(place.at(), Fault::Unreadable),
        }
    }

    fn folder(&mut self, path: &Path, place: &Place) {
        let mut walk = disk::Walk::default();
        walk.folder(path, &mut Vec::new(), 0);
        for (member, fault) in walk.faults {
            self.sink
                .problem((place.path.clone(), Some(cut(&member))), fault);
        }
        for link in walk.links {
            self.sink
                .note_at((place.path.clone(), Some(cut(&link))), "link", 1);
        }
        let mut files = walk.files;
        files.sort();
        self.sink.seen.listed(walk.folders, &files);
        self.sink.report.totals.files += files.len() as u64;
        let parts = |name: &[u8]| {
            name.split(|byte| *byte == b'/')
                .map(<[u8]>::to_vec)
                .collect()
        };
        let members: Vec<Member> = files
            .iter()
            .map(|(name, _)| Member {
                parts: parts(name),
                is_file: true,
            })
            .collect();
        let paths = files.into_iter().map(|(_, path)| path).collect();
        self.tree(&Tree::Folder(paths), &members, place);
    }

    /// Reads a file that can be opened again.
    fn blob(&mut self, blob: &Blob, place: &Place) {
        if let Err(error) = self.opened(blob, place) {
            self.failed(&error, place);
        }
    }

    fn failed(&mut self, error: &io::Error, place: &Place) {
        self.sink.end_if_open();
        if self.sink.wanted.is_some() {
            return;
        }
        let column = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<table::MissingColumn>());
        if let Some(table::MissingColumn(column)) = column {
            self.sink.misfit.get_or_insert_with(|| column.clone());
        }
        self.sink.problem(place.at(), of_io(error));
    }

    fn opened(&mut self, blob: &Blob, place: &Place) -> io::Result<()> {
        let (begin, reader) = begun(blob.open()?)?;
        match archive::magic(&begin) {
            // A16: there is nothing in it.
            Magic::Other
                if begin.iter().all(|byte| *byte == 0)
                    && archive::is_empty_tar(&mut *blob.open()?)? =>
            {
                Ok(())
            }
            Magic::Other => self.content(reader, place),
            Magic::Part => Err(Fault::Multipart.into()),
            Magic::Unsupported(command) => {
                let hint = format!("unpack it first: {command} FILE");
                self.sink
                    .problem_with(place.at(), Fault::UnsupportedArchive, hint);
                Ok(())
            }
            _ if place.level >= LEVELS => Err(Fault::TooDeep.into()),
            Magic::Zip => self.zip(blob, place),
            Magic::Tar => self.tar(blob.clone(), place),
            Magic::Gzip => {
                let inner = Blob::Gzip(Arc::new(blob.clone()), place.budget.clone());
                let (begin, _) = begun(inner.open()?)?;
                if archive::magic(&begin) == Magic::Tar {
                    return self.tar(inner, place);
                }
                self.opened(&inner, &place.within())
            }
        }
    }

    fn content(&mut self, reader: Box<dyn Read + '_>, place: &Place) -> io::Result<()> {
        let context = context(self.options, place);
        if !read::file(reader, &context, self.sink)? {
            self.sink.report.totals.ignored += 1;
        }
        Ok(())
    }

    fn zip(&mut self, blob: &Blob, place: &Place) -> io::Result<()> {
        let place = &place.within();
        let store = blob.store(archive::NESTED)?;
        let zip = Zip::open_archive(store, self.options.password.clone())?;
        let has = |name: &[u8]| zip.entries.iter().any(|entry| entry.name == name);
        if has(b"[Content_Types].xml") {
            if let Some(lack) = zip.lack {
                return Err(lack.into());
            }
            if has(b"xl/workbook.xml") {
                let context = context(self.options, place);
                return table::read_spreadsheet(&zip, &place.budget, &context, self.sink);
            }
            if place.named {
                return Err(Fault::UnknownFormat.into());
            }
            self.sink.report.totals.ignored += 1;
            return Ok(());
        }
        if let Some(lack) = zip.lack {
            self.sink.problem(place.at(), lack);
        }
        let locked = |entry: &archive::ZipEntry| entry.is_encrypted() && !zip.has_password();
        if zip.entries.iter().any(locked) {
            self.sink.problem(place.at(), Fault::Encrypted);
        }
        let (mut members, mut links) = (Vec::new(), Vec::new());
        for entry in zip.entries.iter().filter(|entry| !entry.is_folder()) {
            members.push((entry.name.clone(), !entry.is_special() && !locked(entry)));
            links.push(entry.is_special());
        }
        let members = self.named(members, &links, place);
        let zip = Arc::new(zip);
        self.tree(&Tree::Zip(zip), &members, place);
        Ok(())
    }

    fn tar(&mut self, blob: Blob, place: &Place) -> io::Result<()> {
        let place = &place.within();
        let mut tar = Tar::new(blob.open()?);
        let (mut members, mut links) = (Vec::new(), Vec::new());
        loop {
            match tar.next() {
                Ok(Some(entry)) if entry.kind == TarKind::Folder => {}
                Ok(Some(entry)) => {
                    if members.len() >= archive::ENTRIES {
                        self.sink.problem(place.at(), Fault::TooManyEntries);
                        break;
                    }
                    if entry.kind == TarKind::Sparse {
                        let member = [&place.prefix()[..], &entry.name].concat();
                        self.sink.problem(
                            (place.path.clone(), Some(cut(&member))),
                            Fault::UnsupportedMethod,
                        );
                    }
                    links.push(entry.kind == TarKind::Other);
                    members.push((entry.name, entry.kind == TarKind::File));
                }
                Ok(None) => break,
                Err(error) => {
                    self.failed(&error, place);
                    break;
                }
            }
        }
        if tar.is_broken {
            self.sink.problem(place.at(), Fault::Crc);
        }
        place.budget.again();
        let members = self.named(members, &links, place);
        self.tree(&Tree::Tar(blob), &members, place);
        Ok(())
    }

    /// Reads the files of a tree.
    fn tree(&mut self, tree: &Tree, members: &[Member], place: &Place) {
        if self.only.is_some() {
            return self.one(tree, members, place);
        }
        let log = log::Tree::new(members.iter().map(|member| member.parts.clone()).collect());
        let readable = |all: Vec<usize>| {
            all.into_iter()
                .filter(|at| members[*at].is_file)
                .collect::<Vec<_>>()
        };
        let mut systems = BTreeMap::new();
        let encoding = self.options.encoding;
        let wanted = readable(log.of_kind(&[Kind::System, Kind::Address]));
        self.visit(
            tree,
            members,
            &wanted,
            place,
            &mut |reader, at, stream, _| {
                let (system, whole) = log::read_system(stream, encoding);
                if !whole {
                    let member = place.of(&members[at]);
                    reader.sink.problem(member.at(), Fault::TooLarge);
                }
                systems.insert(at, system);
                Ok(())
            },
        );
        let mut with_blocks = Vec::new();
        let wanted = readable(log.without_root(&systems));
        self.visit(
            tree,
            members,
            &wanted,
            place,
            &mut |reader, at, stream, _| {
                let context = context(reader.options, place);
                if read::has_blocks(stream, &context) {
                    with_blocks.push(at);
                }
                Ok(())
            },
        );
        place.budget.again();
        let found = log.roles(&systems, &with_blocks, &stem(&place.name()));
        let base = self.sink.machines.len() as u32;
        let prefix = place.prefix();
        for mut machine in found.machines {
            machine.path = place.path.clone();
            machine.root = RawText::from(&[&prefix[..], machine.root.as_bytes()].concat()[..]);
            if machine.id.is_empty() {
                machine.id = super::ids::machine(machine.root.as_bytes());
            }
            self.sink.machines.push(machine);
        }
        let used: Vec<usize> = systems.keys().copied().collect();
        let is_fresh = self.fresh_of(tree, &used);
        let mut wanted = Vec::new();
        for (at, role) in found.roles.iter().enumerate() {
            match role {
                Role::Ignored if used.contains(&at) => {}
                Role::Ignored => self.sink.report.totals.ignored += 1,
                Role::Credential(_) | Role::Loose if members[at].is_file => {
                    if is_fresh(at) {
                        wanted.push(at);
                    }
                }
                Role::Credential(_) | Role::Loose => {}
            }
        }
        if matches!(tree, Tree::Folder(_)) {
            self.sink.report.totals.read += (wanted.len() + used.len()) as u64;
        }
        self.visit(
            tree,
            members,
            &wanted,
            place,
            &mut |reader, at, stream, blob| {
                let mut member = place.of(&members[at]);
                if let Role::Credential(machine) = found.roles[at] {
                    member.machine = Some(base + machine);
                    member.is_credential = true;
                }
                reader.member(stream, blob, &member);
                Ok(())
            },
        );
    }

    /// Which files of a tree are to be read: all, or those that changed. What says of which machine files are is read
    /// by all of them.
    fn fresh_of(&self, tree: &Tree, systems: &[usize]) -> impl Fn(usize) -> bool + use<> {
        let fresh: Option<Vec<bool>> = match (tree, self.fresh) {
            (Tree::Folder(paths), Some(fresh)) => {
                Some(paths.iter().map(|path| fresh.contains(path)).collect())
            }
            _ => None,
        };
        let fresh = fresh.filter(|fresh| !systems.iter().any(|at| fresh[*at]));
        move |at| fresh.as_ref().is_none_or(|fresh| fresh[at])
    }

    /// The place of one leak alone.
    fn one(&mut self, tree: &Tree, members: &[Member], place: &Place) {
        let Some((target, machine)) = self.only.clone() else {
            return;
        };
        let fits = |member: &Member| {
            let name = [&place.prefix()[..], &member.parts.join(&b'/')].concat();
            let rest = target.strip_prefix(&name[..]);
            member.is_file && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"!/"))
        };
        let wanted: Vec<usize> = (0..members.len())
            .filter(|at| fits(&members[*at]))
            .collect();
        self.visit(
            tree,
            members,
            &wanted,
            place,
            &mut |reader, at, stream, blob| {
                let mut member = place.of(&members[at]);
                if let Some(machine) = machine.clone() {
                    reader.sink.machines.push(machine);
                    member.machine = Some(reader.sink.machines.len() as u32 - 1);
                    member.is_credential = true;
                }
                reader.member(stream, blob, &member);
                Ok(())
            },
        );
    }

    fn member(&mut self, stream: Box<dyn Read + '_>, blob: Option<&Blob>, place: &Place) {
        if let Some(blob) = blob {
            return self.blob(blob, place);
        }
        let end = begun(stream).and_then(|(begin, mut reader)| {
            if archive::magic(&begin) == Magic::Other {
                return self.content(reader, place);
            }
            let store = archive::held(&mut reader, archive::NESTED)?;
            self.opened(&Blob::Held(store), place)
        });
        if let Err(error) = end {
            self.failed(&error, place);
        }
    }
}

fn context<'c>(options: &'c Options, place: &Place) -> Context<'c> {
    let (path, member) = place.at();
    Context {
        options,
        source: place.source,
        path,
        member,
        named: place.named,
        machine: place.machine,
        is_credential: place.is_credential,
        is_plain: place.is_plain && place.member.is_none() && place.level == 0,
    }
}

/// The first 512 bytes, and all of them once more. An error comes where it was.
fn begun<'r>(mut reader: Box<dyn Read + 'r>) -> io::Result<(ZeroizingBuffer, Box<dyn Read + 'r>)> {
    let mut begin = ZeroizingBuffer::default();
    let failed = begin.read_from(&mut reader, 512).err();
    if let (Some(error), true) = (&failed, begin.is_empty()) {
        return Err(io::Error::new(error.kind(), of_io(error)));
    }
    let again = io::Cursor::new(ZeroizingBuffer::from(&begin[..]));
    let rest = Failing(failed).chain(reader);
    Ok((begin, Box::new(again.chain(rest))))
}
