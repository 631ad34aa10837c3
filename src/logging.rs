//! The log: JSON lines into a file that is closed to others, never to the terminal, and never with a secret in it; and
//! the process itself, closed to debuggers and core files.

use crate::entity::{json, secret::Secret, visible};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, OpenOptionsExt},
    },
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt};
use zeroize::Zeroizing;

/// What stands in the log where a secret would.
const REDACTED: &[u8] = b"[secret]";

/// Shorter ones would be found inside of ordinary words.
const MIN_SECRET_BYTES: usize = 4;

/// What a URL may hold as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why there is no log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The file is not one that only we can have written.
    #[error("the log file {path} is refused: {why}")]
    Refused {
        /// The path, printable.
        path: String,
        /// Why, and what to do.
        why: String,
    },
    /// The file cannot be made or opened.
    #[error("the log file {path} cannot be written: {why}")]
    Io {
        /// The path, printable.
        path: String,
        /// What failed, in our words.
        why: String,
    },
    /// There is a log already.
    #[error("the log was started before")]
    AlreadyStarted,
}

/// The secrets that must not get into the log, in every spelling that a library might give them. Clones share them;
/// keys that are read later are added later.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<Vec<Zeroizing<Vec<u8>>>>>);

impl Secrets {
    /// Adds one: itself, as JSON, in base64, in hexadecimal, percent-encoded.
    pub fn add(&self, secret: &Secret) {
        let bytes = secret.expose();
        if bytes.len() < MIN_SECRET_BYTES {
            return;
        }
        let hexadecimal = hexadecimal(bytes);
        let mut spellings = vec![
            bytes.to_vec(),
            hexadecimal.to_uppercase().into_bytes(),
            hexadecimal.into_bytes(),
            percent_encode(bytes, UNRESERVED).to_string().into_bytes(),
            percent_encode(bytes, NON_ALPHANUMERIC)
                .to_string()
                .into_bytes(),
        ];
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            spellings.push(engine.encode(bytes).into_bytes());
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            let quoted = serde_json::Value::from(text).to_string();
            spellings.push(quoted.as_bytes()[1..quoted.len() - 1].to_vec());
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(spellings.into_iter().map(Zeroizing::new));
        // A longer spelling first: the one without padding would leave the padding behind, and tell that it was one.
        known.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        known.dedup();
    }

    /// Returns true if this secret was added.
    pub fn contains(&self, secret: &Secret) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().any(|known| known[..] == *secret.expose())
    }

    /// The bytes without the secrets.
    fn scrub(&self, bytes: &[u8]) -> Vec<u8> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = bytes.to_vec();
        for secret in known.iter() {
            if memchr::memmem::find(&bytes, secret).is_none() {
                continue;
            }
            let mut clean = Vec::with_capacity(bytes.len());
            let mut at = 0;
            for found in memchr::memmem::find_iter(&bytes, &secret[..]) {
                clean.extend_from_slice(&bytes[at..found]);
                clean.extend_from_slice(REDACTED);
                at = found + secret.len();
            }
            clean.extend_from_slice(&bytes[at..]);
            bytes = clean;
        }
        bytes
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// Starts the log, once a process. Without a path nothing is logged anywhere.
pub fn init(path: Option<&Path>, verbose: bool, secrets: Secrets) -> Result<(), LogError> {
    let Some(path) = path else { return Ok(()) };
    let file = open(path)?;
    tracing::subscriber::set_global_default(subscriber(file, verbose, secrets))
        .map_err(|_| LogError::AlreadyStarted)
}

/// What [`init`] starts, for a test to use by itself.
pub fn subscriber(
    file: File,
    verbose: bool,
    secrets: Secrets,
) -> impl Subscriber + Send + Sync + 'static {
    let ours = if verbose {
        LevelFilter::TRACE
    } else {
        LevelFilter::INFO
    };
    // Others log what they send and receive; warnings are all that is wanted of them.
    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("stanch", ours);
    let lines = tracing_subscriber::fmt::layer().json().with_writer(Lines {
        file: Arc::new(file),
        secrets,
    });
    tracing_subscriber::registry().with(targets).with(lines)
}

/// Closes the process to core files and, where the system can, to debuggers of the same user. Answers whether all of
/// it took.
pub fn harden_process() -> bool {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let no_core = setrlimit(Resource::Core, none).is_ok();
    no_core && disable_core_dumps()
}

#[cfg(target_os = "linux")]
fn disable_core_dumps() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn disable_core_dumps() -> bool {
    true
}

/// Opens a log to add to, or makes it; refuses one that others can reach.
pub fn open(path: &Path) -> Result<File, LogError> {
    let name = visible::escape(path.as_os_str().as_bytes())
        .as_str()
        .to_owned();
    let failed = |error: &io::Error| LogError::Io {
        path: name.clone(),
        why: error.kind().to_string(),
    };
    let refused = |why: String| LogError::Refused {
        path: name.clone(),
        why,
    };
    let mut options = OpenOptions::new();
    options.append(true).mode(0o600).custom_flags(
        (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK)
            .bits()
            .cast_signed(),
    );
    match options.clone().create_new(true).open(path) {
        Ok(file) => return Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(&error)),
    }
    let regular = std::fs::symlink_metadata(path).map_err(|error| failed(&error))?;
    if !regular.is_file() {
        return Err(refused(
            "it is not a regular file (a link is not followed)".to_owned(),
        ));
    }
    let file = options.open(path).map_err(|error| failed(&error))?;
    let data = file.metadata().map_err(|error| failed(&error))?;
    if data.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused("it belongs to another user".to_owned()));
    }
    if data.mode() & 0o177 != 0 {
        return Err(refused(format!(
            "its mode is {:04o}: chmod 0600 {name}",
            data.mode() & 0o7777
        )));
    }
    Ok(file)
}

/// Writes whole events, scrubbed.
struct Lines {
    file: Arc<File>,
    secrets: Secrets,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: self,
            pending: Vec::new(),
        }
    }
}

/// One event: a secret may come in pieces, so nothing is written before the event is whole.
struct Line<'a> {
    lines: &'a Lines,
    pending: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = self.lines.secrets.scrub(&std::mem::take(&mut self.pending));
        (&*self.lines.file).write_all(&json::sanitize(bytes))
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        // A log that cannot be written must not stop what it tells about.
        self.flush().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    const KEY: &str = "pd_\"k3y\\+/with odd=chars";

    fn logged(verbose: bool, work: impl FnOnce()) -> String {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("log");
        let secrets = Secrets::default();
        let subscriber = subscriber(open(&path).unwrap(), verbose, secrets.clone());
        // Added when the log runs already, as a key that is read at start is.
        secrets.add(&Secret::from(KEY.to_owned()));
        tracing::subscriber::with_default(subscriber, work);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_secret_is_scrubbed_in_every_spelling() {
        let hexadecimal = hexadecimal(KEY.as_bytes());
        let spellings = [
            KEY.to_owned(),
            STANDARD.encode(KEY),
            URL_SAFE_NO_PAD.encode(KEY),
            hexadecimal.to_uppercase(),
            hexadecimal,
            percent_encode(KEY.as_bytes(), NON_ALPHANUMERIC).to_string(),
        ];
        let text = logged(true, || {
            for spelling in &spellings {
                tracing::error!(target: "stanch", header = %spelling, "sent {spelling} twice {spelling}");
            }
        });
        assert_eq!(text.lines().count(), spellings.len());
        assert_eq!(text.matches("[secret]").count(), 3 * spellings.len());
        for spelling in &spellings {
            assert!(!text.contains(spelling.as_str()));
            let quoted = serde_json::Value::from(spelling.as_str()).to_string();
            assert!(!text.contains(&quoted[1..quoted.len() - 1]));
        }
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }

    #[test]
    fn others_only_warn_and_we_say_more_when_asked() {
        let work = || {
            tracing::debug!(target: "hyper::proto", "bytes");
            tracing::info!(target: "reqwest::connect", "connecting");
            tracing::warn!(target: "rustls::conn", "closed early");
            tracing::debug!(target: "stanch::provider", "page");
            tracing::info!(target: "stanch::app", "started");
        };
        let quiet = logged(false, work);
        assert!(quiet.contains("closed early") && quiet.contains("started"));
        assert!(
            !quiet.contains("bytes") && !quiet.contains("connecting") && !quiet.contains("page")
        );
        let verbose = logged(true, work);
        assert!(verbose.contains("page") && !verbose.contains("bytes"));
    }

    #[test]
    fn a_log_that_others_can_reach_is_refused() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("log");
        open(&path).unwrap().write_all(b"first\n").unwrap();
        open(&path).unwrap().write_all(b"second\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first\nsecond\n");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 0600"), "{error}");
        let link = directory.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(matches!(open(&link), Err(LogError::Refused { .. })));
        assert!(matches!(
            open(&directory.path().join("no/log")),
            Err(LogError::Io { .. })
        ));
    }

    /// In a process of its own: what it does cannot be taken back.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_hardened_process_leaves_no_core() {
        if std::env::var_os("STANCH_TEST_HARDENED").is_some() {
            assert!(harden_process());
            let limits = fs::read_to_string("/proc/self/limits").unwrap();
            let core = limits
                .lines()
                .find(|line| line.starts_with("Max core file size"))
                .unwrap();
            assert_eq!(core.matches(" 0 ").count(), 2, "{core}");
            let dumpable = rustix::process::dumpable_behavior().unwrap();
            assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
            return;
        }
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "logging::tests::a_hardened_process_leaves_no_core",
            ])
            .env("STANCH_TEST_HARDENED", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
    }
}
