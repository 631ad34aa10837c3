//! Opens what an operator names to be read. A pipe that nobody writes to would keep a program waiting for ever: it is
//! refused after a short while.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
};
use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    path::Path,
};

/// How long a pipe waits for somebody who writes to it, in seconds: a command that was started beside this one has
/// opened it by then.
const WRITER_TIMEOUT_SECONDS: i64 = 2;

/// A file, device or pipe that was opened to be read.
#[derive(Debug)]
pub struct InputFile {
    file: File,
    /// What a pipe gave when it was asked whether somebody writes to it.
    first_byte: Option<u8>,
}

impl InputFile {
    /// What the system knows of it.
    ///
    /// # Errors
    /// When the system does not answer.
    pub fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
}

impl Read for InputFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.first_byte, buffer.first_mut()) {
            (Some(byte), Some(slot)) => {
                *slot = byte;
                self.first_byte = None;
                Ok(1)
            }
            _ => self.file.read(buffer),
        }
    }
}

/// Opens it. A pipe that somebody has opened to write is read at the writer's speed, however slow that is.
///
/// # Errors
/// When it cannot be opened, or is a pipe to which nobody has written within two seconds and which nobody has opened
/// to write.
pub fn open(path: &Path) -> io::Result<InputFile> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    let mut first = None;
    if file.metadata()?.file_type().is_fifo() && !has_input(&file)? {
        // Only a reading tells a pipe without a writer from one whose writer is slow.
        let mut byte = [0];
        match file.read(&mut byte) {
            Ok(0) => return Err(io::Error::other("it is a pipe that nobody writes to")),
            Ok(_) => first = Some(byte[0]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    let flags = fcntl_getfl(&file)?;
    fcntl_setfl(&file, flags.difference(OFlags::NONBLOCK))?;
    Ok(InputFile {
        file,
        first_byte: first,
    })
}

/// Whether something came out of a pipe within the time, or its end.
fn has_input(file: &File) -> io::Result<bool> {
    let wait = Timespec {
        tv_sec: WRITER_TIMEOUT_SECONDS,
        tv_nsec: 0,
    };
    loop {
        let mut watched = [PollFd::new(file, PollFlags::IN)];
        match poll(&mut watched, Some(&wait)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, Mode, mkfifoat};
    use std::{
        io::Write as _,
        time::{Duration, Instant},
    };

    fn pipe(directory: &tempfile::TempDir) -> std::path::PathBuf {
        let path = directory.path().join("pipe");
        mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
        path
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_refused_within_seconds() {
        let directory = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let error = open(&pipe(&directory)).unwrap_err();
        assert_eq!(error.to_string(), "it is a pipe that nobody writes to");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_pipe_with_a_writer_is_read_to_its_end_however_late_it_writes() {
        let directory = tempfile::tempdir().unwrap();
        let path = pipe(&directory);
        let (opened, told) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn({
            let path = path.clone();
            move || {
                let mut pipe = OpenOptions::new().write(true).open(path).unwrap();
                // It writes only when the reader has waited for it in vain.
                told.recv().unwrap();
                pipe.write_all(b"a\nb\n").unwrap();
            }
        });
        let mut input = open(&path).unwrap();
        opened.send(()).unwrap();
        let mut text = String::new();
        input.read_to_string(&mut text).unwrap();
        assert_eq!(text, "a\nb\n");
        writer.join().unwrap();
    }

    #[test]
    fn a_file_is_read_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "text").unwrap();
        let mut text = String::new();
        open(&path).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
        assert!(open(&path.with_file_name("none")).is_err());
    }
}
