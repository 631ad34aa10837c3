//! Secrets from standard input: typed without an echo on a terminal, read to the end elsewhere. Never through a buffer
//! that somebody else keeps, and what is kept here is zeroed.

use super::{
    failure::{Failure, FailureKind},
    output::Output,
};
use crate::entity::{
    lookup::input::{self, MAX_SECRET_BYTES},
    secret::Secret,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    stdio,
    termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios},
};
use zeroize::Zeroizing;

/// What follows a line so soon was not typed: it is the rest of a paste.
const PASTE_GAP: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// Reads bytes as they come; 0 is the end.
type ReadBytes<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<usize, Errno>;

/// Reads one secret: on a terminal after a question, without an echo; elsewhere all of standard input, without the end
/// of its line.
pub(super) fn read(output: &mut Output, question: &str) -> Result<Secret, Failure> {
    let mut input = |buffer: &mut [u8]| rustix::io::read(stdio::stdin(), buffer);
    if !termios::isatty(stdio::stdin()) {
        return read_piped(&mut input);
    }
    let _quiet = EchoGuard::start().map_err(read_failure)?;
    output.prompt(question);
    let typed = read_typed(&mut input, &mut has_more_input);
    // The end of the line was not shown either.
    output.prompt("\n");
    typed
}

/// Whether more comes, at once.
fn has_more_input() -> bool {
    let stdin = stdio::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    poll(&mut fds, Some(&PASTE_GAP)).is_ok_and(|ready| ready > 0)
}

/// A terminal that shows nothing of what is typed, and is as it was afterwards.
struct EchoGuard(Termios);

impl EchoGuard {
    fn start() -> Result<Self, Errno> {
        let before = termios::tcgetattr(stdio::stdin())?;
        let mut quiet = before.clone();
        // Byte by byte, and without signals: an interrupt must not leave the terminal mute.
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios::tcsetattr(stdio::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for EchoGuard {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that has gone.
        let _ = termios::tcsetattr(stdio::stdin(), OptionalActions::Flush, &self.0);
    }
}

/// Everything up to the end of the input.
fn read_piped(input: ReadBytes<'_>) -> Result<Secret, Failure> {
    // One buffer that never grows: a buffer that moves leaves a copy behind.
    let mut buffer = Zeroizing::new(vec![0; MAX_SECRET_BYTES + 3]);
    let mut length = 0;
    loop {
        let count = match input(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(read_failure(error)),
        };
        length += count;
    }
    parse_secret(buffer.get(..length).unwrap_or_default())
}

/// Everything up to the end of the line, with the keys that mend a line. What follows the line at once makes it the
/// first of several, which were pasted.
fn read_typed(input: ReadBytes<'_>, follows: &mut dyn FnMut() -> bool) -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES + 2));
    let mut byte = Zeroizing::new([0]);
    loop {
        match input(&mut byte[..]) {
            Ok(0) => break,
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(read_failure(error)),
        }
        match byte[0] {
            end @ (b'\r' | b'\n') => {
                line.push(end);
                // The terminal makes one LF of a CR, hence two of the end of a line that is CR LF.
                while follows() && matches!(input(&mut byte[..]), Ok(1)) {
                    if !matches!(byte[0], b'\r' | b'\n') {
                        line.push(byte[0]);
                        break;
                    }
                }
                break;
            }
            0x04 => break,
            0x03 | 0x1c => {
                return Err(Failure::new(
                    FailureKind::Cancelled,
                    "cancelled: nothing was sent",
                    "",
                ));
            }
            0x08 | 0x7f => {
                // A whole character: its first byte and those that follow it.
                while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            0x15 => line.clear(),
            byte if line.len() <= MAX_SECRET_BYTES => line.push(byte),
            _ => {}
        }
    }
    parse_secret(&line)
}

/// One secret out of what came, with the end of its line.
fn parse_secret(all: &[u8]) -> Result<Secret, Failure> {
    let wrong = |why: &str| {
        Failure::new(
            FailureKind::Usage,
            format!("{why}: nothing was sent"),
            "give one line on standard input, or run it on a terminal to be asked",
        )
    };
    let line = input::single_line(all).map_err(|refusal| wrong(&refusal.message))?;
    if line.is_empty() {
        return Err(wrong("there is nothing on standard input"));
    }
    Ok(Secret::new(line.to_vec()))
}

fn read_failure(error: Errno) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!(
            "standard input cannot be read: {}",
            std::io::Error::from(error).kind()
        ),
        "give one line on standard input, or run it on a terminal to be asked",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives these pieces, one a call.
    fn pieces<'a>(pieces: &'a [&'a [u8]]) -> impl FnMut(&mut [u8]) -> Result<usize, Errno> + 'a {
        let mut pieces = pieces.iter();
        move |buffer| {
            let piece = pieces.next().copied().unwrap_or_default();
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            Ok(count)
        }
    }

    fn from_pipe(all: &[&[u8]]) -> Result<Secret, Failure> {
        read_piped(&mut pieces(all))
    }

    fn from_keys(keys: &[u8]) -> Result<Secret, Failure> {
        let keys: Vec<_> = keys.chunks(1).collect();
        read_typed(&mut pieces(&keys), &mut || false)
    }

    /// The same where all of it is there at once.
    fn from_paste(text: &[u8]) -> Result<Secret, Failure> {
        let mut keys = text.iter();
        let left = std::cell::Cell::new(text.len());
        let mut read = |buffer: &mut [u8]| {
            Ok(keys.next().map_or(0, |byte| {
                buffer[0] = *byte;
                left.set(left.get() - 1);
                1
            }))
        };
        read_typed(&mut read, &mut || left.get() > 0)
    }

    #[test]
    fn one_line_is_taken_without_its_end() {
        for all in [
            &[&b"hunter2"[..]][..],
            &[b"hunter2\n"],
            &[b"hunter2\r\n"],
            &[b"hun", b"ter2", b"\n"],
        ] {
            assert_eq!(from_pipe(all).unwrap().expose(), b"hunter2");
        }
        // Blanks belong to a password, and so does a second end of line that nobody would type.
        assert_eq!(from_pipe(&[b" a \n"]).unwrap().expose(), b" a ");
        for wrong in [&b""[..], b"\n", b"a\nb\n", b"a\n\n", &[b'x'; 5_000]] {
            let failure = from_pipe(&[wrong]).unwrap_err();
            assert_eq!(failure.exit.code(), 2);
        }
    }

    #[test]
    fn what_is_not_one_line_of_text_is_refused_and_everything_else_kept() {
        for (all, kept) in [
            (&b"tab\tinside\n"[..], &b"tab\tinside"[..]),
            (b"\tlead \r\n", b"\tlead "),
            (b"old mac\r", b"old mac"),
            (b"p\xe4ss\n", b"p\xe4ss"),
            (b"in\xef\xbb\xbfside", b"in\xef\xbb\xbfside"),
        ] {
            assert_eq!(from_pipe(&[all]).unwrap().expose(), kept);
        }
        for wrong in [
            &b"\xef\xbb\xbfhunter2\n"[..],
            b"\xff\xfeh\0u\0",
            b"h\0u\0n\0",
            b"one\rtwo",
            b"one\r\ntwo\r\n",
            b"one\n\rtwo",
            b"\nhunter2",
            "hunter2\u{2028}user: maya\n".as_bytes(),
            "hunter2\u{2029}".as_bytes(),
            "one\u{85}two".as_bytes(),
        ] {
            let failure = from_pipe(&[wrong]).unwrap_err();
            assert_eq!(failure.exit.code(), 2);
            assert!(!failure.message.contains("hunter2"), "{}", failure.message);
        }
    }

    #[test]
    fn a_paste_of_several_lines_into_a_terminal_is_refused() {
        for one in [&b"hunter2\n"[..], b"hunter2\r\n", b"hunter2"] {
            assert_eq!(from_paste(one).unwrap().expose(), b"hunter2");
        }
        for several in [&b"hunter2\nuser: maya\n"[..], b"a\r\nb", b"a\n\nb"] {
            assert_eq!(from_paste(several).unwrap_err().exit.code(), 2);
        }
    }

    #[test]
    fn a_typed_line_can_be_mended_and_called_off() {
        assert_eq!(from_keys(b"hunter2\r").unwrap().expose(), b"hunter2");
        assert_eq!(
            from_keys("hué\u{7f}nter22\u{8}\n".as_bytes())
                .unwrap()
                .expose(),
            b"hunter2"
        );
        assert_eq!(from_keys(b"wrong\x15right\x04").unwrap().expose(), b"right");
        assert_eq!(from_keys(b"secret\x03").unwrap_err().exit.code(), 130);
        assert_eq!(from_keys(b"\x7f\r").unwrap_err().exit.code(), 2);
    }
}
