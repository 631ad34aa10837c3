//! What a file is by its first bytes.

use super::tar;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider::file) enum Magic {
    Zip,
    /// One part of several.
    Part,
    Gzip,
    Tar,
    /// One that is not read, and the command that unpacks it.
    Unsupported(&'static str),
    /// Perhaps text.
    Other,
}

/// Reads the first 512 bytes of a file.
pub(in crate::provider::file) fn magic(begin: &[u8]) -> Magic {
    let is = |bytes: &[u8]| begin.starts_with(bytes);
    if is(b"PK\x07\x08") {
        Magic::Part
    } else if is(b"PK\x03\x04") || is(b"PK\x05\x06") {
        Magic::Zip
    } else if is(&[0x1f, 0x8b]) {
        Magic::Gzip
    } else if is(&[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]) {
        Magic::Unsupported("7z x")
    } else if is(b"Rar!\x1a\x07") {
        Magic::Unsupported("unar")
    } else if is(&[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) {
        Magic::Unsupported("xz -dk")
    } else if is(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Magic::Unsupported("zstd -d")
    } else if is(b"BZh")
        && begin
            .get(3)
            .is_some_and(|level| matches!(level, b'1'..=b'9'))
        && begin.get(4..10).is_some_and(|block| {
            block == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
                || block == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        })
    {
        Magic::Unsupported("bzip2 -dk")
    } else if tar::is_header(begin) {
        Magic::Tar
    } else {
        Magic::Other
    }
}
