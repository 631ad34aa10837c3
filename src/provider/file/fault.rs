//! What can keep a file from being read whole: the problems, each with words and what to do.

use std::{error::Error, fmt, io};

/// A problem: something was not read, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Unreadable,
    NotAFile,
    UnknownFormat,
    UnsupportedEncoding,
    UnsupportedArchive,
    UnsupportedMethod,
    Multipart,
    Encrypted,
    WrongPassword,
    Truncated,
    Crc,
    Overlap,
    Ratio,
    TooLarge,
    TooDeep,
    TooManyEntries,
    NestedTooLarge,
    Changed,
}

impl Fault {
    /// The word for it.
    pub(super) fn code(self) -> &'static str {
        self.words().0
    }

    /// What it is.
    pub(super) fn message(self) -> &'static str {
        self.words().1
    }

    /// What to do.
    pub(super) fn hint(self) -> &'static str {
        self.words().2
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unreadable => (
                "unreadable",
                "it cannot be read",
                "check the file's owner, mode and disk",
            ),
            Self::NotAFile => (
                "not_a_file",
                "it is neither a file nor a folder",
                "write what it gives into a file first",
            ),
            Self::UnknownFormat => (
                "unknown_format",
                "no format that is known was found in it",
                "a table needs --mapping FILE; stanch import mapping FILE prints one to start with",
            ),
            Self::UnsupportedEncoding => (
                "unsupported_encoding",
                "it is in UTF-32",
                "turn it into UTF-8: iconv -f UTF-32 -t UTF-8",
            ),
            Self::UnsupportedArchive => (
                "unsupported_archive",
                "archives of this kind are not read",
                "unpack it and give the folder",
            ),
            Self::UnsupportedMethod => (
                "unsupported_method",
                "it is packed by a method that is not read",
                "unpack it and give the folder: 7z x",
            ),
            Self::Multipart => (
                "multipart",
                "it is one part of an archive in several parts",
                "join the parts first: zip -s 0 FIRST.zip --out WHOLE.zip",
            ),
            Self::Encrypted => (
                "encrypted",
                "it holds encrypted files, and no password was given",
                "give --archive-password-file FILE, or archive_password in the profile",
            ),
            Self::WrongPassword => (
                "wrong_password",
                "the password does not open it",
                "check the first line of the password's file",
            ),
            Self::Truncated => (
                "truncated",
                "it ends before its end",
                "get a whole copy; what was read before stays",
            ),
            Self::Crc => (
                "crc",
                "its checksum is wrong",
                "get another copy; what was read stays",
            ),
            Self::Overlap => (
                "overlap",
                "its files lie upon each other, as in a made-up archive",
                "nothing of it was read; it was made to do harm",
            ),
            Self::Ratio => (
                "ratio",
                "it grows more than 200 times when it is unpacked",
                "it may be made to do harm; unpack it elsewhere if it is not",
            ),
            Self::TooLarge => (
                "too_large",
                "it is larger than what is read",
                "part it, and give the parts",
            ),
            Self::TooDeep => (
                "too_deep",
                "it lies too deep: archives to three levels, folders to 64",
                "unpack it and give the folder",
            ),
            Self::TooManyEntries => (
                "too_many_entries",
                "it holds more files than are read",
                "give a part of it",
            ),
            Self::NestedTooLarge => (
                "nested_too_large",
                "an archive in an archive is larger than what is held in memory",
                "unpack it first",
            ),
            Self::Changed => ("changed", "it changed while it was read", "read it again"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for Fault {}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

/// What an error of reading means.
pub(super) fn of_io(error: &io::Error) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(fault) = inner {
        return *fault;
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::Truncated,
        // What unpacks a stream calls a broken one either.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Fault::Crc,
        _ => Fault::Unreadable,
    }
}
