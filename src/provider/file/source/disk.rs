//! Files and folders of a disk. What is neither is never opened for reading, and a link in a folder is not followed.

use super::super::fault::Fault;
use std::{
    fs::{self, File, OpenOptions},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt as _, OpenOptionsExt as _},
    },
    path::{Path, PathBuf},
};

/// Levels of folders, and files of one.
const LEVELS: usize = 64;
const FILES: usize = 1_000_000;

/// Size and time of change of a file, or of a folder.
pub(in crate::provider::file) type Stamp = (u64, i64, i64);

/// What is at a path.
pub(super) enum Found {
    File(File, Stamp),
    Folder,
    Link,
    Other,
    Unreadable,
}

/// Looks at a path. A link is followed where it was named.
pub(super) fn look(path: &Path, follow: bool) -> Found {
    let kind = if follow {
        fs::metadata(path)
    } else {
        fs::symlink_metadata(path)
    };
    let Ok(kind) = kind else {
        return Found::Unreadable;
    };
    if kind.is_dir() {
        return Found::Folder;
    }
    if kind.is_symlink() {
        return Found::Link;
    }
    if !kind.is_file() {
        return Found::Other;
    }
    let mut flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    if !follow {
        flags |= rustix::fs::OFlags::NOFOLLOW;
    }
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path);
    let Ok(file) = opened else {
        return Found::Unreadable;
    };
    match file.metadata() {
        Ok(found) if found.is_file() => Found::File(file, stamp_of(&found)),
        Ok(_) => Found::Other,
        Err(_) => Found::Unreadable,
    }
}

/// Size and time of change of what is at a path.
pub(in crate::provider::file) fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().as_ref().map(stamp_of)
}

fn stamp_of(found: &fs::Metadata) -> Stamp {
    (found.len(), found.mtime(), found.mtime_nsec())
}

/// Goes through a folder.
#[derive(Default)]
pub(in crate::provider::file) struct Walk {
    /// Names relative to the folder, and paths.
    pub(in crate::provider::file) files: Vec<(Vec<u8>, PathBuf)>,
    /// The folders, each as it was before it was listed.
    pub(in crate::provider::file) folders: Vec<(PathBuf, Stamp)>,
    pub(super) links: Vec<Vec<u8>>,
    pub(super) faults: Vec<(Vec<u8>, Fault)>,
    full: bool,
}

impl Walk {
    /// Goes through a folder and the folders in it.
    pub(in crate::provider::file) fn folder(
        &mut self,
        path: &Path,
        name: &mut Vec<u8>,
        level: usize,
    ) {
        if level > LEVELS {
            self.faults.push((name.clone(), Fault::TooDeep));
            return;
        }
        if let Some(stamp) = stamp(path) {
            self.folders.push((path.to_owned(), stamp));
        }
        let Ok(entries) = fs::read_dir(path) else {
            self.faults.push((name.clone(), Fault::Unreadable));
            return;
        };
        for entry in entries {
            let Ok(entry) = entry else {
                self.faults.push((name.clone(), Fault::Unreadable));
                return;
            };
            if self.full {
                return;
            }
            let length = name.len();
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend_from_slice(entry.file_name().as_bytes());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&entry.path(), name, level + 1),
                Ok(kind) if kind.is_symlink() => self.links.push(name.clone()),
                Ok(kind) if kind.is_file() => self.file(name, entry.path()),
                Ok(_) => self.faults.push((name.clone(), Fault::NotAFile)),
                Err(_) => self.faults.push((name.clone(), Fault::Unreadable)),
            }
            name.truncate(length);
        }
    }

    fn file(&mut self, name: &[u8], path: PathBuf) {
        if self.files.len() >= FILES {
            self.full = true;
            self.faults.push((Vec::new(), Fault::TooManyEntries));
            return;
        }
        self.files.push((name.to_vec(), path));
    }
}
