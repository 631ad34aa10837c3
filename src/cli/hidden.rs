//! Secrets from standard input: typed without an echo on a terminal, read to the end elsewhere. Never through a buffer
//! that somebody else keeps, and what is kept here is zeroed.

use super::{
    failure::{Failure, FailureKind},
    output::Output,
};
use crate::entity::secret::Secret;
use rustix::{
    io::Errno,
    stdio,
    termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios},
};
use zeroize::Zeroizing;

/// No secret is longer.
const LONGEST: usize = 4_096;

/// Reads bytes as they come; 0 is the end.
type Read<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<usize, Errno>;

/// Reads one secret: on a terminal after a question, without an echo; elsewhere all of standard input, without the end
/// of its line.
pub(super) fn read(output: &mut Output, question: &str) -> Result<Secret, Failure> {
    let mut input = |buffer: &mut [u8]| rustix::io::read(stdio::stdin(), buffer);
    if !termios::isatty(stdio::stdin()) {
        return piped(&mut input);
    }
    let _quiet = Quiet::start().map_err(unreadable)?;
    output.ask(question);
    let typed = typed(&mut input);
    // The end of the line was not shown either.
    output.ask("\n");
    typed
}

/// A terminal that shows nothing of what is typed, and is as it was afterwards.
struct Quiet(Termios);

impl Quiet {
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

impl Drop for Quiet {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that has gone.
        let _ = termios::tcsetattr(stdio::stdin(), OptionalActions::Flush, &self.0);
    }
}

/// Everything up to the end of the input.
fn piped(input: Read<'_>) -> Result<Secret, Failure> {
    // One buffer that never grows: a buffer that moves leaves a copy behind.
    let mut buffer = Zeroizing::new(vec![0; LONGEST + 3]);
    let mut length = 0;
    loop {
        let count = match input(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(unreadable(error)),
        };
        length += count;
    }
    let all = buffer.get(..length).unwrap_or_default();
    let line = all.strip_suffix(b"\n").unwrap_or(all);
    secret(line.strip_suffix(b"\r").unwrap_or(line))
}

/// Everything up to the end of the line, with the keys that mend a line.
fn typed(input: Read<'_>) -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let mut byte = Zeroizing::new([0]);
    loop {
        match input(&mut byte[..]) {
            Ok(0) => break,
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(unreadable(error)),
        }
        match byte[0] {
            b'\r' | b'\n' | 0x04 => break,
            0x03 | 0x1c => {
                return Err(Failure::new(
                    FailureKind::Cancelled,
                    "called off: nothing was sent",
                    "",
                ));
            }
            0x08 | 0x7f => {
                // A whole character: its first byte and those that follow it.
                while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            0x15 => line.clear(),
            byte if line.len() <= LONGEST => line.push(byte),
            _ => {}
        }
    }
    secret(&line)
}

fn secret(line: &[u8]) -> Result<Secret, Failure> {
    let wrong = |why: &str| {
        Err(Failure::new(
            FailureKind::Usage,
            format!("{why}: nothing was sent"),
            "give one line on standard input, or run it on a terminal to be asked",
        ))
    };
    match line {
        [] => wrong("there is nothing on standard input"),
        line if line.len() > LONGEST => wrong("that is longer than any secret"),
        line if line.contains(&b'\n') => wrong("there is more than one line on standard input"),
        line => Ok(Secret::new(line.to_vec())),
    }
}

fn unreadable(error: Errno) -> Failure {
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
        piped(&mut pieces(all))
    }

    fn from_keys(keys: &[u8]) -> Result<Secret, Failure> {
        let keys: Vec<_> = keys.chunks(1).collect();
        typed(&mut pieces(&keys))
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
