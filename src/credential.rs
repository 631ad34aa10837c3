//! Where keys come from: a command, a file that is closed to others, an environment variable or the platform's key
//! store. Never an argument, never the configuration itself; and no error ever quotes one.

use crate::entity::{lines, profile::KeySource, secret::Secret, visible};
use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, ErrorKind, Read},
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, OpenOptionsExt},
    },
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// How long a key command may take; a person may have to type a passphrase.
const KEY_COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest key.
const MAX_KEY_BYTES: usize = 8_192;

/// What a key command gets of our environment: enough to find its own things and to ask for a passphrase.
const INHERITED_VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TERM",
    "TZ",
    "TMPDIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "GPG_TTY",
    "GPG_AGENT_INFO",
    "GNUPGHOME",
    "PASSWORD_STORE_DIR",
    "PINENTRY_USER_DATA",
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "CREDENTIALS_DIRECTORY",
];

/// Beginnings of names that it gets too.
const INHERITED_PREFIXES: &[&str] = &["XDG_", "LC_"];

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// There is no such file.
    #[error("the key file {path} is not there")]
    NoFile {
        /// The path, printable.
        path: String,
    },
    /// The file is not one that only we can have written and read.
    #[error("the key file {path} is refused: {why}")]
    Refused {
        /// The path, printable.
        path: String,
        /// Why, and what to do.
        why: String,
    },
    /// The file cannot be read.
    #[error("the key file {path} cannot be read: {why}")]
    Unreadable {
        /// The path, printable.
        path: String,
        /// What failed, in our words.
        why: String,
    },
    /// The command cannot be run, failed or took too long. What it printed is never quoted.
    #[error("the key command {program} {why}")]
    Command {
        /// The program's name, printable; never its arguments.
        program: String,
        /// What failed, in our words.
        why: String,
    },
    /// The variable is not set.
    #[error("the environment variable {name} is not set")]
    NoVariable {
        /// Its name, printable.
        name: String,
    },
    /// The feature is not in this build.
    #[error("this stanch was built without the keyring: cargo build --features keyring")]
    NoKeyring,
    /// The key store has no such entry or cannot be reached.
    #[error("the keyring has no entry {name} that can be read")]
    Keyring {
        /// The entry's name, printable.
        name: String,
    },
    /// There is nothing in it.
    #[error("the key from {origin} is empty")]
    Empty {
        /// Which source, in our words.
        origin: &'static str,
    },
    /// It holds what no key holds.
    #[error(
        "the key from {origin} holds characters that no key has (only printable ASCII can be sent)"
    )]
    InvalidCharacters {
        /// Which source, in our words.
        origin: &'static str,
    },
    /// It begins with what belongs to a file.
    #[error("the key from {origin} begins with a byte order mark, which is no part of a key")]
    ByteOrderMark {
        /// Which source, in our words.
        origin: &'static str,
    },
    /// It is longer than any key.
    #[error("the key from {origin} is too long")]
    TooLong {
        /// Which source, in our words.
        origin: &'static str,
    },
}

impl CredentialError {
    /// The exit code that a command ends with when this ended it.
    pub fn exit_code(&self) -> u8 {
        2
    }

    /// The word for JSON.
    pub fn kind(&self) -> &'static str {
        "config"
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFile { .. } | Self::Refused { .. } | Self::Unreadable { .. } => {
                "see its { file = … } in the configuration; the file must be yours alone, mode 0600"
            }
            Self::Command { .. } => {
                "run the key command by itself: it must print the key on its first line"
            }
            Self::NoVariable { .. } => {
                "set it, or better take the key from a command or a 0600 file"
            }
            Self::NoKeyring | Self::Keyring { .. } => "take the key from a command or a 0600 file",
            Self::ByteOrderMark { .. } => "save it as UTF-8 without a byte order mark (BOM)",
            Self::Empty { .. } | Self::InvalidCharacters { .. } | Self::TooLong { .. } => {
                "check what stands on the first line of the key's source"
            }
        }
    }
}

/// Reads a key, with a notice where its source is a weak one. May take up to 30 seconds: not for the screen's thread.
pub fn read(source: &KeySource) -> Result<(Secret, Option<String>), CredentialError> {
    match source {
        KeySource::Command(words) => Ok((
            validate(
                &from_command(words, KEY_COMMAND_TIMEOUT, Extent::Line)?,
                "the command",
            )?,
            None,
        )),
        KeySource::File(path) => Ok((validate(&from_file(path)?, "the file")?, None)),
        KeySource::Env(name) => {
            let value = std::env::var_os(name).ok_or_else(|| CredentialError::NoVariable {
                name: printable_name(name.as_bytes()),
            })?;
            let key = validate(value.as_bytes(), "the environment")?;
            let notice = format!(
                "the key comes from the environment variable {}, which /proc shows to every process of yours; a command or a 0600 file is safer",
                printable_name(name.as_bytes())
            );
            Ok((key, Some(notice)))
        }
        KeySource::Keyring(name) => Ok((validate(&from_keyring(name)?, "the keyring")?, None)),
    }
}

/// How much of what a source holds is the secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The first line.
    Line,
    /// All of it.
    All,
}

/// Reads a secret of several lines, such as a private key in PEM, from the same sources.
///
/// # Errors
/// What is wrong with the source, or that it holds nothing.
pub fn read_text(source: &KeySource) -> Result<Secret, CredentialError> {
    let (bytes, from) = match source {
        KeySource::Command(words) => (
            from_command(words, KEY_COMMAND_TIMEOUT, Extent::All)?,
            "the command",
        ),
        KeySource::File(path) => (from_file(path)?, "the file"),
        KeySource::Env(name) => {
            let value = std::env::var_os(name).ok_or_else(|| CredentialError::NoVariable {
                name: printable_name(name.as_bytes()),
            })?;
            (Zeroizing::new(value.as_bytes().to_vec()), "the environment")
        }
        KeySource::Keyring(name) => (from_keyring(name)?, "the keyring"),
    };
    if bytes.len() > MAX_KEY_BYTES {
        return Err(CredentialError::TooLong { origin: from });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(CredentialError::Empty { origin: from });
    }
    Ok(Secret::new(bytes.to_vec()))
}

/// Checks the file of a key as [`read`] would, without a look at a command, a variable or a key store.
///
/// # Errors
/// What is wrong with the file or with the key in it.
pub fn check_file(source: &KeySource) -> Result<(), CredentialError> {
    match source {
        KeySource::File(path) => validate(&from_file(path)?, "the file").map(|_| ()),
        KeySource::Command(_) | KeySource::Env(_) | KeySource::Keyring(_) => Ok(()),
    }
}

/// Only what can stand in a header may be a key.
fn validate(bytes: &[u8], from: &'static str) -> Result<Secret, CredentialError> {
    let line = lines::first_line(bytes);
    if line.starts_with(b"\xef\xbb\xbf") {
        return Err(CredentialError::ByteOrderMark { origin: from });
    }
    if line.is_empty() {
        return Err(CredentialError::Empty { origin: from });
    }
    if line.len() > MAX_KEY_BYTES {
        return Err(CredentialError::TooLong { origin: from });
    }
    if !line.iter().all(|byte| matches!(byte, b' '..=b'~')) || line.trim_ascii().is_empty() {
        return Err(CredentialError::InvalidCharacters { origin: from });
    }
    Ok(Secret::new(line.to_vec()))
}

fn from_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    let name = printable_name(path.as_os_str().as_bytes());
    let refused = |why: String| CredentialError::Refused {
        path: name.clone(),
        why,
    };
    let unreadable = |error: &std::io::Error| CredentialError::Unreadable {
        path: name.clone(),
        why: error.kind().to_string(),
    };
    let data = match std::fs::symlink_metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(CredentialError::NoFile { path: name });
        }
        Err(error) => return Err(unreadable(&error)),
    };
    if !data.is_file() {
        return Err(refused(
            "it is not a regular file (a link is not followed); name the file itself".to_owned(),
        ));
    }
    // What was looked at must be what is read: never through a link, and looked at again when it is open.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(
            (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK)
                .bits()
                .cast_signed(),
        )
        .open(path)
        .map_err(|error| unreadable(&error))?;
    let data = file.metadata().map_err(|error| unreadable(&error))?;
    if !data.is_file() {
        return Err(refused("it is not a regular file".to_owned()));
    }
    if data.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused(format!(
            "it belongs to another user: chown \"$USER\" {name}"
        )));
    }
    if data.mode() & 0o177 != 0 {
        return Err(refused(format!(
            "its mode is {:04o}: chmod 0600 {name}",
            data.mode() & 0o7777
        )));
    }
    // Made as large as it can get: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_KEY_BYTES + 2));
    file.take(MAX_KEY_BYTES as u64 + 2)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

fn from_command(
    words: &[String],
    limit: Duration,
    extent: Extent,
) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(CredentialError::Command {
            program: String::new(),
            why: "is empty".to_owned(),
        });
    };
    let failed = |why: String| CredentialError::Command {
        program: printable_name(program.as_bytes()),
        why,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(inherited())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // What it says of its own accord may hold the key: it is neither shown nor kept.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            failed(match error.kind() {
                ErrorKind::NotFound => "cannot be run: there is no program of that name".to_owned(),
                kind => format!("cannot be run: {kind}"),
            })
        })?;
    let deadline = Instant::now() + limit;
    let line = printed(&mut child, deadline, extent).map_err(|why| failed(why.to_owned()))?;
    if line.len() > MAX_KEY_BYTES {
        // It need not be waited for: what it printed is no key, whatever comes.
        kill(&mut child);
        return Ok(line);
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(line),
            Ok(Some(status)) => return Err(failed(format!("ended with {status}"))),
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(None) => {
                kill(&mut child);
                return Err(failed(TIMEOUT_MESSAGE.to_owned()));
            }
            Err(error) => return Err(failed(format!("is lost: {}", error.kind()))),
        }
    }
}

/// What a program of the operator's own gets of our environment.
pub fn inherited() -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let is_inherited = |name: &str| {
        let begins = |prefix: &&str| name.starts_with(*prefix);
        INHERITED_VARIABLES.contains(&name) || INHERITED_PREFIXES.iter().any(begins)
    };
    std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(is_inherited))
        .collect()
}

const TIMEOUT_MESSAGE: &str = "took longer than 30 seconds and was ended";

/// The first line, as soon as it is there: a daemon that the command starts may hold the pipe open for good. Or all that
/// the command prints.
fn printed(
    child: &mut Child,
    deadline: Instant,
    extent: Extent,
) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let Some(output) = child.stdout.take() else {
        return Err("has no output");
    };
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::Builder::new()
        .name("key command".to_owned())
        .spawn(move || {
            let mut line = Zeroizing::new(Vec::with_capacity(MAX_KEY_BYTES + 2));
            let mut output = BufReader::with_capacity(1, output);
            let mut limited = (&mut output).take(MAX_KEY_BYTES as u64 + 2);
            let read = match extent {
                Extent::Line => limited.read_until(b'\n', &mut line),
                Extent::All => limited.read_to_end(&mut line),
            };
            sender.send(read.map(|_| line)).ok();
            // What follows is taken and dropped, so that the command can end by itself.
            std::io::copy(&mut output, &mut std::io::sink()).ok();
        });
    if reader.is_err() {
        kill(child);
        return Err("cannot be listened to");
    }
    match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(line)) => Ok(line),
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
            kill(child);
            Err("cannot be read")
        }
        Err(RecvTimeoutError::Timeout) => {
            kill(child);
            Err(TIMEOUT_MESSAGE)
        }
    }
}

/// Ends the command and takes its exit status in, whatever it was.
fn kill(child: &mut Child) {
    child.kill().ok();
    child.wait().ok();
}

#[cfg(feature = "keyring")]
fn from_keyring(name: &str) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    keyring::Entry::new("stanch", name)
        .and_then(|entry| entry.get_secret())
        .map(Zeroizing::new)
        .map_err(|_| CredentialError::Keyring {
            name: printable_name(name.as_bytes()),
        })
}

#[cfg(not(feature = "keyring"))]
fn from_keyring(_name: &str) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    Err(CredentialError::NoKeyring)
}

fn printable_name(bytes: &[u8]) -> String {
    visible::escape(bytes).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        let words = ["sleep".to_owned(), "60".to_owned()];
        let started = Instant::now();
        let error = from_command(&words, Duration::from_millis(50), Extent::Line).unwrap_err();
        assert!(error.to_string().contains("longer"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_pipe_that_a_daemon_holds_open_does_not_hold_us_up() {
        let words = ["sh", "-c", "sleep 20 & echo k3y"].map(str::to_owned);
        let started = Instant::now();
        let line = from_command(&words, Duration::from_secs(10), Extent::Line).unwrap();
        assert_eq!(**line, *b"k3y\n");
        assert!(started.elapsed() < Duration::from_secs(8));
    }
}
