//! Where the journal lies: a directory and files that are ours alone, on a file system whose locks can be trusted.

use crate::entity::{
    error::{JournalError, NETWORK as ON_NETWORK},
    visible,
};
use rustix::{io::Errno, process::geteuid};
use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

/// What a directory lies on, as the kernel says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// `f_type` of statfs.
    pub magic: u64,
    /// The type's name in the mount table, where it is known: `ext4`, `fuse.sshfs`, ….
    pub name: Option<String>,
}

/// Names and numbers of file systems whose locks end at the other machine, or nowhere.
const NETWORK: &[(u64, &str)] = &[
    (0x6969, "nfs"),
    (0x517b, "smb"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb"),
    (0x5346_414f, "afs"),
    (0x7375_7245, "coda"),
    (0x564c, "ncp"),
    (0x00c3_6400, "ceph"),
    (0x0bd0_0bd0, "lustre"),
    (0x0102_1997, "9p"),
];

const FUSE: u64 = 0x6573_5546;

/// Parts of the names of FUSE file systems that reach over a network; others, an NTFS disk for one, are local.
const NETWORK_FUSE: &[&str] = &[
    "ssh", "nfs", "smb", "cifs", "rclone", "s3", "gcs", "gluster", "ceph", "dav", "curl",
];

impl FileSystem {
    /// The network file system's name, if it is one.
    fn network(&self) -> Option<String> {
        if self.magic == FUSE {
            let name = self.name.as_deref()?;
            let kind = name.strip_prefix("fuse.")?;
            return NETWORK_FUSE
                .iter()
                .any(|part| kind.contains(part))
                .then(|| name.to_owned());
        }
        NETWORK
            .iter()
            .find(|(magic, _)| *magic == self.magic)
            .map(|(_, name)| (*name).to_owned())
    }
}

/// The files of one state directory.
#[derive(Clone, Debug)]
pub(super) struct StateDirectory {
    directory: PathBuf,
}

impl StateDirectory {
    /// A place by its absolute path: a relative one could be read by the database as a URI, and moves with the
    /// working directory.
    pub(super) fn new(directory: PathBuf) -> Result<Self, JournalError> {
        if directory.is_absolute() {
            Ok(Self { directory })
        } else {
            Err(permission_error(
                &directory,
                "is not an absolute path; give STANCH_STATE_DIR from the root on",
            ))
        }
    }

    pub(super) fn database(&self) -> PathBuf {
        self.directory.join("journal.db")
    }

    /// The database while it is made.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.directory.join("journal.db.new")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.directory.join("journal.lock")
    }

    pub(super) fn audit(&self) -> PathBuf {
        self.directory.join("audit.jsonl")
    }

    /// The installation's key.
    pub(super) fn fingerprint(&self) -> PathBuf {
        self.directory.join("fingerprint.key")
    }

    /// The same while it is made.
    pub(super) fn unfinished_fingerprint(&self) -> PathBuf {
        self.directory.join("fingerprint.key.new")
    }

    /// Why the journal must not be written here, if it lies on a network.
    pub(super) fn network(&self, given: Option<FileSystem>) -> Option<String> {
        let system = given.or_else(|| nearest_existing(&self.directory).and_then(ask))?;
        system.network().map(|name| {
            format!(
                "{} {ON_NETWORK} ({name}), whose locks do not hold",
                shown(&self.directory)
            )
        })
    }

    /// Makes the directory where it is missing, and refuses one that others can reach.
    pub(super) fn prepare(&self) -> Result<(), JournalError> {
        if !self.exists()? {
            if let Some(parent) = self.directory.parent() {
                std::fs::create_dir_all(parent).map_err(|error| failed(parent, "make", &error))?;
            }
            match DirBuilder::new().mode(0o700).create(&self.directory) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&self.directory, "make", &error)),
            }
            self.exists()?;
        }
        Ok(())
    }

    /// Whether the directory is there; refuses one that others can reach.
    pub(super) fn exists(&self) -> Result<bool, JournalError> {
        let Some(data) = look(&self.directory)? else {
            return Ok(false);
        };
        if !data.is_dir() {
            return Err(permission_error(
                &self.directory,
                "is not a directory (a link is not followed); name the directory itself",
            ));
        }
        if data.uid() == geteuid().as_raw() && data.mode() & 0o077 != 0 && is_empty(&self.directory)
        {
            // Nothing was in it for others to see: it is closed before anything comes into it.
            let closed = std::fs::Permissions::from_mode(0o700);
            return std::fs::set_permissions(&self.directory, closed)
                .map(|()| true)
                .map_err(|error| failed(&self.directory, "close", &error));
        }
        check_owner(&self.directory, &data, "0700")?;
        Ok(true)
    }

    /// Puts a new name in the directory on disk.
    pub(super) fn sync(&self) -> Result<(), JournalError> {
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| failed(&self.directory, "sync", &error))
    }
}

/// How long a file of ours is; `None` when it is not there. Refuses one that is a link or that others can reach.
pub(super) fn file(path: &Path) -> Result<Option<u64>, JournalError> {
    let Some(data) = look(path)? else {
        return Ok(None);
    };
    if !data.is_file() {
        return Err(permission_error(
            path,
            "is not a regular file (a link is not followed); move it away",
        ));
    }
    check_owner(path, &data, "0600")?;
    Ok(Some(data.len()))
}

/// Opens a file of ours to be read and written, making it closed to others where it is missing. Never follows a link.
pub(super) fn open(path: &Path, append: bool) -> Result<File, JournalError> {
    let mut options = OpenOptions::new();
    options.read(true).mode(0o600);
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    if append {
        options.append(true);
    } else {
        options.write(true);
    }
    match options.clone().create_new(true).open(path) {
        Ok(file) => return Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(path, "make", &error)),
    }
    file(path)?;
    options
        .open(path)
        .map_err(|error| failed(path, "open", &error))
}

/// Opens a file of ours that is there, to be read. Never follows a link.
pub(super) fn open_to_read(path: &Path) -> Result<File, JournalError> {
    file(path)?;
    OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(|error| failed(path, "open", &error))
}

/// The error of a file operation, in our words.
pub(super) fn failed(path: &Path, verb: &str, error: &io::Error) -> JournalError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::Full,
        // The library has no word for it.
        _ if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => JournalError::Io {
            why: format!("{}: the disk failed", shown(path)),
        },
        kind => JournalError::Io {
            why: format!("{}: cannot {verb} it: {kind}", shown(path)),
        },
    }
}

/// A path that can be printed.
pub(super) fn shown(path: &Path) -> String {
    visible::escape(path.as_os_str().as_bytes())
        .as_str()
        .to_owned()
}

fn permission_error(path: &Path, why: &str) -> JournalError {
    JournalError::Io {
        why: format!("{} {why}", shown(path)),
    }
}

fn look(path: &Path) -> Result<Option<Metadata>, JournalError> {
    match std::fs::symlink_metadata(path) {
        Ok(data) => Ok(Some(data)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, "look at", &error)),
    }
}

fn check_owner(path: &Path, data: &Metadata, mode: &str) -> Result<(), JournalError> {
    if data.uid() != geteuid().as_raw() {
        return Err(permission_error(
            path,
            "belongs to another user; set STANCH_STATE_DIR to a directory of your own",
        ));
    }
    if data.mode() & 0o077 != 0 {
        return Err(JournalError::Io {
            why: format!(
                "{0} is open to other users (mode {1:04o}): chmod {mode} {0}",
                shown(path),
                data.mode() & 0o7777
            ),
        });
    }
    Ok(())
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

/// The directory itself, or the nearest one above it that is there.
fn nearest_existing(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.exists())
}

#[cfg(target_os = "linux")]
fn ask(directory: &Path) -> Option<FileSystem> {
    let magic = rustix::fs::statfs(directory).ok()?.f_type as u64 & 0xffff_ffff;
    let name = (magic == FUSE).then(|| mount_type(directory)).flatten();
    Some(FileSystem { magic, name })
}

#[cfg(not(target_os = "linux"))]
fn ask(_directory: &Path) -> Option<FileSystem> {
    None
}

/// The type's name in the mount table, by device number.
#[cfg(target_os = "linux")]
fn mount_type(directory: &Path) -> Option<String> {
    let device = std::fs::metadata(directory).ok()?.dev();
    let wanted = format!(
        "{}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device)
    );
    let table = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    table.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        (before.split(' ').nth(2)? == wanted)
            .then(|| after.split(' ').next())?
            .map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_failed_is_said_to_have_failed() {
        let told = failed(Path::new("/a"), "write", &Errno::IO.into()).to_string();
        assert!(told.contains("/a: the disk failed"), "{told}");
        let full = failed(Path::new("/a"), "write", &Errno::NOSPC.into());
        assert_eq!(full, JournalError::Full);
    }

    #[test]
    fn network_file_systems_are_known_by_number_or_by_name() {
        let network = |magic, name: Option<&str>| {
            FileSystem {
                magic,
                name: name.map(str::to_owned),
            }
            .network()
        };
        assert_eq!(network(0x6969, None).as_deref(), Some("nfs"));
        assert_eq!(network(0x517b, None).as_deref(), Some("smb"));
        assert_eq!(network(0xfe53_4d42, None).as_deref(), Some("smb"));
        assert_eq!(network(0xff53_4d42, None).as_deref(), Some("cifs"));
        assert_eq!(
            network(FUSE, Some("fuse.sshfs")).as_deref(),
            Some("fuse.sshfs")
        );
        assert_eq!(network(FUSE, Some("fuseblk")), None);
        assert_eq!(network(FUSE, Some("fuse.fuse-overlayfs")), None);
        assert_eq!(network(0xef53, None), None);
    }
}
