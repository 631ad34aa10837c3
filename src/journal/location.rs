//! The state directory: files that only this user can reach, on a file system whose locks can be trusted.

use crate::entity::{
    error::{JournalError, NETWORK_FILE_SYSTEM_REASON as ON_NETWORK},
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

/// File system of a directory, as the kernel reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// `f_type` of statfs.
    pub magic: u64,
    /// Name in the mount table, if known: `ext4`, `fuse.sshfs`, ….
    pub name: Option<String>,
}

/// Network file systems, whose locks do not reach other hosts, by number.
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

/// Parts of the names of FUSE file systems that use a network. Others, such as NTFS, are local.
const NETWORK_FUSE: &[&str] = &[
    "ssh", "nfs", "smb", "cifs", "rclone", "s3", "gcs", "gluster", "ceph", "dav", "curl",
];

impl FileSystem {
    /// Returns the name of a network file system; `None` if it is local.
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

/// Paths of the files in one state directory.
#[derive(Clone, Debug)]
pub(super) struct StateDirectory {
    directory: PathBuf,
}

impl StateDirectory {
    /// Returns a state directory. The path must be absolute: the database could read a relative one as a URI, and it
    /// would follow the working directory.
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

    /// The database while it is created.
    pub(super) fn unfinished_database(&self) -> PathBuf {
        self.directory.join("journal.db.new")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.directory.join("journal.lock")
    }

    pub(super) fn audit(&self) -> PathBuf {
        self.directory.join("audit.jsonl")
    }

    /// The key of the installation.
    pub(super) fn fingerprint(&self) -> PathBuf {
        self.directory.join("fingerprint.key")
    }

    /// The key while it is created.
    pub(super) fn unfinished_fingerprint(&self) -> PathBuf {
        self.directory.join("fingerprint.key.new")
    }

    /// The newest event of a team store that was seen here.
    #[cfg(feature = "postgres")]
    pub(super) fn witness(&self) -> PathBuf {
        self.directory.join("team.witness")
    }

    /// The witness while it is written.
    #[cfg(feature = "postgres")]
    pub(super) fn unfinished_witness(&self) -> PathBuf {
        self.directory
            .join(format!("team.witness.{}.new", std::process::id()))
    }

    /// Returns why the journal must not be written here: `None` unless it is on a network file system.
    pub(super) fn network_refusal(&self, given: Option<FileSystem>) -> Option<String> {
        let system =
            given.or_else(|| nearest_existing(&self.directory).and_then(query_file_system))?;
        system.network().map(|name| {
            format!(
                "{} {ON_NETWORK} ({name}), whose locks do not hold",
                printable_path(&self.directory)
            )
        })
    }

    /// Creates the directory if it is missing. Refuses one that others can reach.
    pub(super) fn prepare(&self) -> Result<(), JournalError> {
        if !self.exists()? {
            if let Some(parent) = self.directory.parent() {
                std::fs::create_dir_all(parent)
                    .map_err(|error| io_error(parent, "make", &error))?;
            }
            match DirBuilder::new().mode(0o700).create(&self.directory) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io_error(&self.directory, "make", &error)),
            }
            self.exists()?;
        }
        Ok(())
    }

    /// Returns true if the directory exists. Refuses one that others can reach.
    pub(super) fn exists(&self) -> Result<bool, JournalError> {
        let Some(data) = checked_metadata(&self.directory)? else {
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
            // It is empty, so nothing was exposed: close it before anything is written.
            let closed = std::fs::Permissions::from_mode(0o700);
            return std::fs::set_permissions(&self.directory, closed)
                .map(|()| true)
                .map_err(|error| io_error(&self.directory, "close", &error));
        }
        check_owner(&self.directory, &data, "0700")?;
        Ok(true)
    }

    /// Syncs the directory, so that a new name in it survives a power cut.
    pub(super) fn sync(&self) -> Result<(), JournalError> {
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| io_error(&self.directory, "sync", &error))
    }
}

/// Returns the length of a file; `None` if it is missing. Refuses a link and a file that others can reach.
pub(super) fn file_length(path: &Path) -> Result<Option<u64>, JournalError> {
    let Some(data) = checked_metadata(path)? else {
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

/// Opens a file for reading and writing, and creates it with mode 0600 if it is missing. Never follows a link.
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
        Err(error) => return Err(io_error(path, "make", &error)),
    }
    file_length(path)?;
    options
        .open(path)
        .map_err(|error| io_error(path, "open", &error))
}

/// Returns the path of a file of ours in the state directory; makes both where they are not there, closed to everyone
/// else.
///
/// # Errors
/// `ReadOnly` on a network file system, `Io` where others can reach it or it is a link, `Full` without room.
pub fn own_file(directory: &Path, name: &str) -> Result<PathBuf, JournalError> {
    let place = StateDirectory::new(directory.to_path_buf())?;
    if let Some(why) = place.network_refusal(None) {
        return Err(JournalError::ReadOnly { why });
    }
    place.prepare()?;
    let path = place.directory.join(name);
    if file_length(&path)?.is_none() {
        drop(open(&path, false)?);
        place.sync()?;
    }
    Ok(path)
}

/// Opens an existing file for reading. Never follows a link.
pub(super) fn open_to_read(path: &Path) -> Result<File, JournalError> {
    file_length(path)?;
    OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(|error| io_error(path, "open", &error))
}

/// Converts an error of a file operation.
pub(super) fn io_error(path: &Path, verb: &str, error: &io::Error) -> JournalError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::Full,
        // The library has no kind for it.
        _ if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => JournalError::Io {
            why: format!("{}: the disk failed", printable_path(path)),
        },
        kind => JournalError::Io {
            why: format!("{}: cannot {verb} it: {kind}", printable_path(path)),
        },
    }
}

/// Returns a path as printable text.
pub(super) fn printable_path(path: &Path) -> String {
    visible::escape(path.as_os_str().as_bytes())
        .as_str()
        .to_owned()
}

fn permission_error(path: &Path, why: &str) -> JournalError {
    JournalError::Io {
        why: format!("{} {why}", printable_path(path)),
    }
}

fn checked_metadata(path: &Path) -> Result<Option<Metadata>, JournalError> {
    match std::fs::symlink_metadata(path) {
        Ok(data) => Ok(Some(data)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(path, "look at", &error)),
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
                printable_path(path),
                data.mode() & 0o7777
            ),
        });
    }
    Ok(())
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

/// Returns the directory, or its nearest ancestor that exists.
fn nearest_existing(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.exists())
}

#[cfg(target_os = "linux")]
fn query_file_system(directory: &Path) -> Option<FileSystem> {
    let magic = rustix::fs::statfs(directory).ok()?.f_type as u64 & 0xffff_ffff;
    let name = (magic == FUSE).then(|| mount_type(directory)).flatten();
    Some(FileSystem { magic, name })
}

#[cfg(not(target_os = "linux"))]
fn query_file_system(_directory: &Path) -> Option<FileSystem> {
    None
}

/// Returns the name of the file system in the mount table, by device number.
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
        let told = io_error(Path::new("/a"), "write", &Errno::IO.into()).to_string();
        assert!(told.contains("/a: the disk failed"), "{told}");
        let full = io_error(Path::new("/a"), "write", &Errno::NOSPC.into());
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
