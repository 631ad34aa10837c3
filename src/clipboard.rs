//! Copying: by OSC 52 through tmux and screen, by the desktop, by a command, or into a file. Nothing here writes to the
//! terminal: the runtime does, with the bytes that [`copy`] gives back.

use crate::entity::visible;
use crossterm::{Command as _, clipboard::CopyToClipboard};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    fs::OpenOptions,
    io::{self, ErrorKind, Write},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// How long a copy command may take.
const COPY_COMMAND_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest text that goes by OSC 52, in bytes: what terminals with a limit of 100,000 take once it is in base64.
pub const MAX_OSC52_BYTES: usize = 74_994;

/// Bytes of one piece through screen, which cuts longer ones off.
const CHUNK_BYTES: usize = 76;

/// How to copy, as configuration has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipboardTarget {
    /// The terminal's clipboard, wherever the terminal is.
    Osc52,
    /// This machine's desktop (cargo feature `desktop-clipboard`).
    Desktop,
    /// A program that takes the text on its standard input, with its arguments; no shell.
    Command(Vec<String>),
    /// Always a file.
    File,
    /// Not at all.
    Off,
}

/// What stands between us and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplexer {
    /// Nothing.
    None,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Multiplexer {
    /// From the environment; the inner one of two sets its variable last, and only tmux keeps screen's.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| env(name).is_some_and(|value| !value.is_empty());
        let term = env("TERM").unwrap_or_default();
        if set("TMUX") || term.starts_with("tmux") {
            Self::Tmux
        } else if set("STY") {
            Self::Screen
        } else {
            Self::None
        }
    }
}

/// What became of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyTarget {
    /// To be written to the terminal, in one go.
    Bytes(Vec<u8>),
    /// It is in this file.
    File(PathBuf),
    /// It is done.
    Done,
}

/// A copy and what the operator is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyResult {
    /// What became of it.
    pub target: CopyTarget,
    /// The line for the operator.
    pub notice: String,
}

/// Why nothing was copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipboardError {
    /// Configuration says no.
    #[error("copying is off: set [clipboard] via to something else")]
    Off,
    /// The feature is not in this build.
    #[error(
        "this stanch was built without the desktop's clipboard: cargo build --features desktop-clipboard"
    )]
    NoDesktop,
    /// The desktop refused.
    #[error("the desktop's clipboard cannot be reached")]
    Desktop,
    /// The program could not be run or failed.
    #[error("the copy command failed: {why}")]
    Command {
        /// What failed, in our words.
        why: String,
    },
    /// The file could not be written.
    #[error("the copy cannot be written to {path}: {why}")]
    File {
        /// The directory, printable.
        path: String,
        /// What failed, in our words.
        why: String,
    },
}

/// Copies a text. `directory` takes the files; it must be closed to others.
pub fn copy(
    text: &[u8],
    via: &ClipboardTarget,
    multiplexer: Multiplexer,
    directory: &Path,
) -> Result<CopyResult, ClipboardError> {
    match via {
        ClipboardTarget::Off => Err(ClipboardError::Off),
        ClipboardTarget::Osc52 if text.len() <= MAX_OSC52_BYTES => Ok(CopyResult {
            target: CopyTarget::Bytes(sequence(text, multiplexer)),
            notice:
                "sent to the terminal by OSC 52, not confirmed (tmux needs allow-passthrough on)"
                    .to_owned(),
        }),
        ClipboardTarget::Osc52 => {
            let copy = copy_to_file(text, directory)?;
            Ok(CopyResult {
                notice: format!("too long for the terminal; {}", copy.notice),
                ..copy
            })
        }
        ClipboardTarget::File => copy_to_file(text, directory),
        ClipboardTarget::Desktop => copy_to_desktop(text),
        ClipboardTarget::Command(command) => copy_to_command(text, command, COPY_COMMAND_TIMEOUT),
    }
}

/// The bytes that ask the terminal to take a text, wrapped for what stands before it.
pub fn sequence(text: &[u8], multiplexer: Multiplexer) -> Vec<u8> {
    let mut plain = String::new();
    // Writing to a string cannot fail.
    CopyToClipboard::to_clipboard_from(text)
        .write_ansi(&mut plain)
        .ok();
    wrapped(&plain, multiplexer)
}

/// A sequence for the terminal, wrapped for what stands before it.
pub fn wrapped(plain: &str, multiplexer: Multiplexer) -> Vec<u8> {
    match multiplexer {
        Multiplexer::None => plain.as_bytes().to_vec(),
        Multiplexer::Tmux => {
            let doubled = plain.replace('\x1b', "\x1b\x1b");
            format!("\x1bPtmux;{doubled}\x1b\\").into_bytes()
        }
        Multiplexer::Screen => {
            // Screen's own wrapper ends where the sequence would: inside it BEL ends that.
            let inner = plain
                .strip_suffix("\x1b\\")
                .map_or_else(|| plain.to_owned(), |body| format!("{body}\x07"));
            let mut wrapped = Vec::with_capacity(inner.len() * 2);
            for piece in inner.as_bytes().chunks(CHUNK_BYTES) {
                wrapped.extend_from_slice(b"\x1bP");
                wrapped.extend_from_slice(piece);
                wrapped.extend_from_slice(b"\x1b\\");
            }
            wrapped
        }
    }
}

fn copy_to_file(text: &[u8], directory: &Path) -> Result<CopyResult, ClipboardError> {
    let failed = |error: &io::Error| ClipboardError::File {
        path: printable_path(directory),
        why: error.kind().to_string(),
    };
    // The name is ours, never from the data; the first that is free.
    for number in 1..10_000 {
        let path = directory.join(format!("copied-{number}.txt"));
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        let mut file = match made {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed(&error)),
        };
        if let Err(error) = file.write_all(text) {
            std::fs::remove_file(&path).ok();
            return Err(failed(&error));
        }
        let notice = format!("written to {}", printable_path(&path));
        return Ok(CopyResult {
            target: CopyTarget::File(path),
            notice,
        });
    }
    Err(failed(&ErrorKind::AlreadyExists.into()))
}

fn copy_to_command(
    text: &[u8],
    command: &[String],
    limit: Duration,
) -> Result<CopyResult, ClipboardError> {
    let failed = |why: String| ClipboardError::Command { why };
    let Some((program, arguments)) = command.split_first() else {
        return Err(failed("[clipboard] command is empty".to_owned()));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // What it starts is ended with it.
        .process_group(0)
        .spawn()
        .map_err(|error| failed(error.kind().to_string()))?;
    let deadline = Instant::now() + limit;
    let written = spawn_input_writer(&mut child, text).map_err(|error| {
        kill(&mut child);
        failed(error.kind().to_string())
    })?;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                kill(&mut child);
                let seconds = limit.as_secs_f32();
                return Err(failed(format!(
                    "it took longer than {seconds} seconds and was ended"
                )));
            }
            Err(error) => return Err(failed(error.kind().to_string())),
        }
    };
    if !status.success() {
        return Err(failed(format!("it ended with {status}")));
    }
    // A program that needs no more than the beginning may close its input early, and one that goes on without us may
    // still be reading.
    let left = deadline.saturating_duration_since(Instant::now());
    match written.recv_timeout(left) {
        Ok(Err(error)) if error.kind() != ErrorKind::BrokenPipe => {
            Err(failed(error.kind().to_string()))
        }
        Ok(_) | Err(_) => Ok(CopyResult {
            target: CopyTarget::Done,
            notice: "given to the copy command".to_owned(),
        }),
    }
}

/// Writes a command's input on a thread of its own: one that does not read must not hold us up.
fn spawn_input_writer(
    child: &mut Child,
    text: &[u8],
) -> io::Result<mpsc::Receiver<io::Result<()>>> {
    let (sender, written) = mpsc::channel();
    let input = child.stdin.take();
    let text = Zeroizing::new(text.to_vec());
    std::thread::Builder::new()
        .name("copy command".to_owned())
        .spawn(move || {
            let written = input.map_or(Ok(()), |mut input| input.write_all(&text));
            sender.send(written).ok();
        })?;
    Ok(written)
}

/// Ends a command and what it has started.
fn kill(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        kill_process_group(group, Signal::KILL).ok();
    }
    child.kill().ok();
    child.wait().ok();
}

#[cfg(feature = "desktop-clipboard")]
fn copy_to_desktop(text: &[u8]) -> Result<CopyResult, ClipboardError> {
    let text = String::from_utf8_lossy(text).into_owned();
    arboard::Clipboard::new()
        .and_then(|mut clipboard| clipboard.set_text(text))
        .map_err(|_| ClipboardError::Desktop)?;
    Ok(CopyResult {
        target: CopyTarget::Done,
        notice: "copied to this machine's desktop".to_owned(),
    })
}

#[cfg(not(feature = "desktop-clipboard"))]
fn copy_to_desktop(_text: &[u8]) -> Result<CopyResult, ClipboardError> {
    Err(ClipboardError::NoDesktop)
}

fn printable_path(path: &Path) -> String {
    visible::escape(path.as_os_str().as_bytes())
        .as_str()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn the_bytes_are_exactly_osc_52_wrapped_for_what_stands_before_the_terminal() {
        assert_eq!(
            sequence(b"m.ortega", Multiplexer::None),
            b"\x1b]52;c;bS5vcnRlZ2E=\x1b\\"
        );
        assert_eq!(
            sequence(b"m.ortega", Multiplexer::Tmux),
            b"\x1bPtmux;\x1b\x1b]52;c;bS5vcnRlZ2E=\x1b\x1b\\\x1b\\"
        );
        assert_eq!(
            sequence(b"m.ortega", Multiplexer::Screen),
            b"\x1bP\x1b]52;c;bS5vcnRlZ2E=\x07\x1b\\"
        );
    }

    #[test]
    fn screen_gets_pieces_that_it_does_not_cut() {
        let bytes = sequence(&[b'x'; 3_000], Multiplexer::Screen);
        let mut inner = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let piece = rest.strip_prefix(b"\x1bP").unwrap();
            let end = piece.windows(2).position(|pair| pair == b"\x1b\\").unwrap();
            assert!(end <= CHUNK_BYTES);
            inner.extend_from_slice(&piece[..end]);
            rest = &piece[end + 2..];
        }
        let plain = sequence(&[b'x'; 3_000], Multiplexer::None);
        assert_eq!(inner[..inner.len() - 1], plain[..plain.len() - 2]);
        assert_eq!(inner.last(), Some(&7));
    }

    #[test]
    fn hostile_text_cannot_end_the_sequence() {
        for multiplexer in [Multiplexer::None, Multiplexer::Tmux] {
            let bytes = sequence(b"\x1b\\\x07\x1b]0;owned\x07", multiplexer);
            assert!(!bytes.contains(&7));
            assert!(!bytes.windows(5).any(|part| part == b"owned"));
        }
    }

    #[test]
    fn the_multiplexer_is_known_by_its_variables() {
        let detect = |pairs: &[(&str, &str)]| {
            Multiplexer::detect(|name| {
                pairs
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(detect(&[("TERM", "xterm-256color")]), Multiplexer::None);
        assert_eq!(
            detect(&[("TERM", "screen"), ("TMUX", "/tmp/tmux-0/default,1,0")]),
            Multiplexer::Tmux
        );
        assert_eq!(detect(&[("TERM", "tmux-256color")]), Multiplexer::Tmux);
        assert_eq!(
            detect(&[("TERM", "screen"), ("STY", "12.pts-0.host")]),
            Multiplexer::Screen
        );
        assert_eq!(detect(&[("TMUX", "")]), Multiplexer::None);
    }

    #[test]
    fn a_long_copy_goes_to_a_closed_file_and_the_notice_says_where() {
        let directory = tempfile::TempDir::new().unwrap();
        let at = |length: usize| {
            let text = vec![b'k'; length];
            copy(
                &text,
                &ClipboardTarget::Osc52,
                Multiplexer::None,
                directory.path(),
            )
            .unwrap()
        };
        let short = at(MAX_OSC52_BYTES);
        assert!(matches!(short.target, CopyTarget::Bytes(_)));
        assert_eq!(
            short.notice,
            "sent to the terminal by OSC 52, not confirmed (tmux needs allow-passthrough on)"
        );
        for number in 1..=2 {
            let long = at(MAX_OSC52_BYTES + 1);
            let path = directory.path().join(format!("copied-{number}.txt"));
            assert_eq!(long.target, CopyTarget::File(path.clone()));
            assert!(long.notice.contains(path.to_str().unwrap()));
            let data = std::fs::metadata(&path).unwrap();
            assert_eq!((data.len(), data.mode() & 0o777), (74_995, 0o600));
        }
    }

    #[test]
    fn a_command_that_does_not_end_or_does_not_read_is_ended() {
        let long = vec![b'x'; 1 << 20];
        for script in [
            "sleep 600",
            "sleep 600 & wait",
            "exec <&-; sleep 600",
            "trap '' TERM; while :; do sleep 1; done",
        ] {
            let words = ["sh", "-c", script].map(str::to_owned);
            let started = Instant::now();
            let error = copy_to_command(&long, &words, Duration::from_millis(200)).unwrap_err();
            assert!(
                error.to_string().contains("longer than 0.2 seconds"),
                "{error}"
            );
            assert!(started.elapsed() < Duration::from_secs(30), "{script}");
        }
        // One that goes on in the background, as those of Wayland and X do, has the text and is left alone.
        let words = ["sh", "-c", "cat >/dev/null & exit 0"].map(str::to_owned);
        let copy = copy_to_command(&long, &words, Duration::from_secs(30)).unwrap();
        assert_eq!(copy.target, CopyTarget::Done);
    }

    #[test]
    fn off_and_a_failing_command_say_so() {
        let directory = tempfile::TempDir::new().unwrap();
        let via = |via: ClipboardTarget| copy(b"text", &via, Multiplexer::None, directory.path());
        assert_eq!(via(ClipboardTarget::Off), Err(ClipboardError::Off));
        let command = |words: &[&str]| {
            via(ClipboardTarget::Command(
                words.iter().map(|word| (*word).to_owned()).collect(),
            ))
        };
        assert!(command(&["false"]).is_err());
        assert!(command(&["/nowhere/copy"]).is_err());
        assert!(command(&[]).is_err());
        let target = directory.path().join("got");
        let target = format!("of={}", target.display());
        assert_eq!(
            command(&["dd", "status=none", &target]).unwrap().target,
            CopyTarget::Done
        );
        let got = std::fs::read(directory.path().join("got")).unwrap();
        assert_eq!(got, b"text");
        let file = via(ClipboardTarget::File).unwrap();
        assert!(matches!(file.target, CopyTarget::File(_)));
    }
}
