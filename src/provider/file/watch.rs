//! Looks whether files change, by their size and time of change: C10. Files, and folders that a file may come into, are
//! looked at a part at a time; what has changed and then held still from one look to the next is ready to be read again.

use super::source::{Stamp, Walk, stamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    path::{Path, PathBuf},
};

/// Files and folders of one look: 200 a second, where one comes every two seconds.
const LOOK: usize = 400;

/// What a reading met.
#[derive(Default)]
pub(super) struct Seen {
    /// Nobody will look: nothing is kept.
    pub(super) off: bool,
    /// Files that were opened, as they were then.
    files: Vec<(PathBuf, Stamp)>,
    folders: Vec<(PathBuf, Stamp)>,
    /// All files of the folders.
    known: Vec<PathBuf>,
}

impl Seen {
    /// A file was opened.
    pub(super) fn opened(&mut self, path: &Path, stamp: Stamp) {
        if !self.off {
            self.files.push((path.to_owned(), stamp));
        }
    }

    /// Folders were listed.
    pub(super) fn listed(&mut self, folders: Vec<(PathBuf, Stamp)>, files: &[(Vec<u8>, PathBuf)]) {
        if !self.off {
            self.folders.extend(folders);
            self.known
                .extend(files.iter().map(|(_, path)| path.clone()));
        }
    }
}

/// What is known of a path.
enum Entry {
    /// A file as it was when it was read; nothing where it was not there.
    File(Option<Stamp>),
    Folder(Stamp),
    /// A file that no rule reads: not looked at.
    Other,
}

/// The files of a profile, and which of them have changed.
#[derive(Default)]
pub(super) struct Watch {
    entries: BTreeMap<PathBuf, Entry>,
    /// What has changed, as it was at the last look.
    moving: BTreeMap<PathBuf, Stamp>,
    ready: BTreeSet<PathBuf>,
    /// The last path that was looked at in turn.
    last: Option<PathBuf>,
}

impl Watch {
    /// Everything was read.
    pub(super) fn read_all(&mut self, seen: Seen) {
        *self = Self::default();
        self.read(seen);
    }

    /// Some of it was read again.
    pub(super) fn read(&mut self, seen: Seen) {
        for path in seen.known {
            self.entries.entry(path).or_insert(Entry::Other);
        }
        for (path, stamp) in seen.folders {
            self.entries.insert(path, Entry::Folder(stamp));
        }
        for (path, stamp) in seen.files {
            self.ready.remove(&path);
            self.moving.remove(&path);
            self.entries.insert(path, Entry::File(Some(stamp)));
        }
        // What no rule reads does not come again; what is away by now may.
        for path in std::mem::take(&mut self.ready) {
            let entry = match stamp(&path) {
                Some(_) => Entry::Other,
                None => Entry::File(None),
            };
            self.moving.remove(&path);
            self.entries.insert(path, entry);
        }
    }

    /// What is ready to be read again.
    pub(super) fn ready(&self) -> &BTreeSet<PathBuf> {
        &self.ready
    }

    /// Looks once, at the sources as they are now and at a part of all. Answers whether something is ready.
    pub(super) fn look(&mut self, sources: &[PathBuf]) -> bool {
        for path in sources {
            if !self.entries.contains_key(path) {
                self.came(path);
            }
        }
        let mut left = LOOK;
        let moving: Vec<PathBuf> = self.moving.keys().take(left).cloned().collect();
        for path in &moving {
            self.look_at(path);
        }
        left -= moving.len();
        for path in self.turn(left) {
            if !moving.contains(&path) {
                self.look_at(&path);
            }
        }
        !self.ready.is_empty()
    }

    /// The next paths in turn.
    fn turn(&mut self, most: usize) -> Vec<PathBuf> {
        let is_looked_at = |(path, entry): (&PathBuf, &Entry)| {
            (!matches!(entry, Entry::Other)).then(|| path.clone())
        };
        let from = match &self.last {
            Some(last) => Bound::Excluded(last.clone()),
            None => Bound::Unbounded,
        };
        let rest = self.entries.range((from, Bound::Unbounded));
        let mut turn: Vec<PathBuf> = rest.filter_map(is_looked_at).take(most).collect();
        if turn.len() < most
            && let Some(last) = &self.last
        {
            let begin = self
                .entries
                .range::<PathBuf, _>((Bound::Unbounded, Bound::Included(last)));
            turn.extend(begin.filter_map(is_looked_at).take(most - turn.len()));
        }
        self.last = turn.last().cloned();
        turn
    }

    fn look_at(&mut self, path: &Path) {
        let now = stamp(path);
        match (self.entries.get(path), now) {
            (Some(Entry::File(read)), Some(now)) if *read != Some(now) => self.moved(path, now),
            (Some(Entry::Folder(read)), Some(now)) if *read != now => self.list(path),
            // As it was read, or away: its leaks go when everything is read.
            _ => {
                self.moving.remove(path);
                self.ready.remove(path);
            }
        }
    }

    /// A file is not what was read.
    fn moved(&mut self, path: &Path, now: Stamp) {
        if self.moving.insert(path.to_owned(), now) == Some(now) {
            self.ready.insert(path.to_owned());
        }
    }

    /// Something came that was not there.
    fn came(&mut self, path: &Path) {
        if path.is_dir() {
            return self.list(path);
        }
        self.entries.insert(path.to_owned(), Entry::File(None));
        if let Some(now) = stamp(path) {
            self.moved(path, now);
        }
    }

    /// Finds what is new in a folder, and below it.
    fn list(&mut self, folder: &Path) {
        let mut walk = Walk::default();
        walk.folder(folder, &mut Vec::new(), 0);
        for (path, stamp) in walk.folders {
            self.entries.insert(path, Entry::Folder(stamp));
        }
        for (_, path) in walk.files {
            if !self.entries.contains_key(&path) {
                self.came(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(watch: &mut Watch, folder: &Path, files: &[&Path]) {
        let mut walk = Walk::default();
        walk.folder(folder, &mut Vec::new(), 0);
        let mut seen = Seen::default();
        seen.listed(walk.folders, &walk.files);
        for path in files {
            seen.opened(path, stamp(path).unwrap_or_default());
        }
        watch.read(seen);
    }

    #[test]
    fn what_changed_is_ready_once_it_holds_still() {
        let Ok(home) = tempfile::tempdir() else {
            return;
        };
        let (list, other) = (home.path().join("list.txt"), home.path().join("other.jpg"));
        for path in [&list, &other] {
            assert!(std::fs::write(path, "a").is_ok());
        }
        let sources = [home.path().to_owned()];
        let mut watch = Watch::default();
        read(&mut watch, home.path(), &[&list]);
        assert!(!watch.look(&sources) && !watch.look(&sources));

        // It grows from look to look: nothing is read before it rests.
        assert!(std::fs::write(&list, "ab").is_ok() && !watch.look(&sources));
        assert!(std::fs::write(&list, "abc").is_ok() && !watch.look(&sources));
        assert!(watch.look(&sources));
        assert_eq!(watch.ready().iter().collect::<Vec<_>>(), [&list]);
        read(&mut watch, home.path(), &[&list]);
        assert!(!watch.look(&sources));

        // What no rule reads is not looked at; what comes is, also in a folder that comes.
        assert!(std::fs::write(&other, "abc").is_ok());
        assert!(!watch.look(&sources) && !watch.look(&sources));
        let deep = home.path().join("new/deep.txt");
        assert!(std::fs::create_dir(home.path().join("new")).is_ok());
        assert!(std::fs::write(&deep, "a").is_ok());
        assert!(!watch.look(&sources));
        assert!(watch.look(&sources));
        assert_eq!(watch.ready().iter().collect::<Vec<_>>(), [&deep]);
        read(&mut watch, home.path(), &[&list, &deep]);

        // What goes is nothing to read; what comes back as another file is.
        assert!(std::fs::remove_file(&list).is_ok());
        assert!(!watch.look(&sources) && !watch.look(&sources));
        assert!(std::fs::write(&list, "another").is_ok());
        assert!(!watch.look(&sources));
        assert!(watch.look(&sources));
    }

    #[test]
    fn more_files_than_one_look_has_come_in_turn() {
        let Ok(home) = tempfile::tempdir() else {
            return;
        };
        let paths: Vec<PathBuf> = (0..LOOK * 2)
            .map(|number| home.path().join(format!("{number:04}.txt")))
            .collect();
        for path in &paths {
            assert!(std::fs::write(path, "a").is_ok());
        }
        let sources = [home.path().to_owned()];
        let mut watch = Watch::default();
        let all: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        read(&mut watch, home.path(), &all);
        let last = &paths[LOOK * 2 - 1];
        assert!(std::fs::write(last, "ab").is_ok());
        // Folder and files are one more than two looks; then it has to hold still.
        let looks = (1..=5).find(|_| watch.look(&sources));
        assert!(
            looks.is_some_and(|looks| (3..=4).contains(&looks)),
            "{looks:?}"
        );
        assert!(watch.ready().contains(last));
    }
}
