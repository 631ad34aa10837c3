//! Checking a bundle anywhere: with nothing but the bundle.

use super::hashing_writer::line_hash;
use super::manifest::{Entry, FileLine, LastLine, NAME};
use crate::entity::{
    hash_chain::{self, ChainFault},
    visible,
};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, ErrorKind, Read},
    os::unix::ffi::OsStrExt,
    path::Path,
};

/// No file of a bundle is longer than this.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// So many bytes more than the manifest says are looked at.
const MAX_EXTRA_BYTES: u64 = 1 << 20;

/// A line that is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// In which file, printable.
    pub file: String,
    /// Which line, from 1.
    pub record: u64,
    /// How.
    pub fault: ChainFault,
}

/// What looking through a bundle showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleReport {
    /// How many lines were looked at, in all files.
    pub records: u64,
    /// The first line that is wrong.
    pub mismatch: Option<Mismatch>,
    /// The hash of the manifest's last line, where the manifest is whole.
    pub manifest_hash: Option<String>,
}

/// Looks through a whole bundle: the manifest first, then every file line by line, then whether anything else is there.
///
/// # Errors
/// When the directory or a file of it cannot be read.
pub fn verify(directory: &Path) -> io::Result<BundleReport> {
    let text = read(&directory.join(NAME), MAX_FILE_BYTES)?.unwrap_or_default();
    let verdict = hash_chain::verify(&text, None);
    let bad = |file: &str, record, what| Mismatch {
        file: file.to_owned(),
        record,
        fault: what,
    };
    let mut checked = BundleReport {
        records: verdict.records,
        mismatch: verdict
            .first_bad
            .map(|(record, what)| bad(NAME, record, what)),
        manifest_hash: None,
    };
    if checked.mismatch.is_some() {
        return Ok(checked);
    }
    let Some((files, seal)) = entries(&text) else {
        checked.mismatch = Some(bad(NAME, verdict.records + 1, ChainFault::Cut));
        return Ok(checked);
    };
    checked.manifest_hash = Some(seal);
    for entry in &files {
        // What is longer than the manifest says is wrong by its first lines too many: all of them need not be read.
        let most = entry
            .bytes
            .saturating_add(MAX_EXTRA_BYTES)
            .min(MAX_FILE_BYTES);
        let (lines, fault) = match read(&directory.join(&entry.name), most)? {
            Some(bytes) => compare(entry, &bytes),
            None => (0, Some((1, ChainFault::Missing))),
        };
        checked.records += lines;
        if let Some((record, what)) = fault {
            checked.mismatch = Some(bad(&entry.name, record, what));
            return Ok(checked);
        }
    }
    checked.mismatch = unlisted_files(directory, &files)?;
    Ok(checked)
}

/// The files that a manifest names and its end's hash; `None` when it has no end, or one that does not agree.
fn entries(text: &[u8]) -> Option<(Vec<Entry>, String)> {
    let lines: Vec<_> = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines.last()?;
    let end: LastLine = serde_json::from_slice(last).ok()?;
    let files: Vec<Entry> = lines
        .iter()
        .filter_map(|line| serde_json::from_slice::<FileLine>(line).ok())
        .map(|line| line.file)
        .collect();
    // A name is looked up in the bundle and nowhere else.
    let inside = files
        .iter()
        .all(|file| !file.name.contains(['/', '\0']) && file.name != "..");
    (inside && files.len() == end.end.files && lines.len() == files.len() + 2)
        .then(|| Some((files, hash_chain::hex(&hash_chain::parse(last)?.hash))))?
}

/// The bytes of a file; `None` when it is not there, or is no file of its own.
fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    match path.symlink_metadata() {
        Ok(data) if data.is_file() && data.len() > MAX_FILE_BYTES => {
            let why = format!("a file of it is longer than {} GiB", MAX_FILE_BYTES >> 30);
            return Err(io::Error::other(why));
        }
        Ok(data) if data.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// How many lines a file has, and the first one that is not what was written.
fn compare(entry: &Entry, bytes: &[u8]) -> (u64, Option<(u64, ChainFault)>) {
    let lines: Vec<_> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(line_hash)
        .collect();
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    let (wanted, length) = (&entry.lines, lines.len() as u64);
    let first = lines
        .iter()
        .zip(wanted)
        .position(|(line, wanted)| line != wanted)
        .unwrap_or_else(|| lines.len().min(wanted.len()));
    let record = first as u64 + 1;
    let known: HashSet<&String> = wanted.iter().collect();
    let wanted_later = |line: &String| wanted.iter().skip(first).any(|wanted| wanted == line);
    let once = |line: &String| lines.iter().filter(|other| *other == line).count() == 1;
    let what = match (lines.get(first), wanted.get(first)) {
        (None, None) => {
            let whole = blake3::hash(bytes).to_hex().to_string();
            let agrees = whole == entry.blake3 && bytes.len() as u64 == entry.bytes;
            return (length, (!agrees).then_some((1, ChainFault::Changed)));
        }
        (None, Some(_)) => ChainFault::Cut,
        (Some(line), None) if known.contains(line) => ChainFault::Reordered,
        (Some(_), None) => ChainFault::Changed,
        (Some(_), Some(_)) if record == length && !ended => ChainFault::Cut,
        (Some(line), Some(wanted)) => match (known.contains(line), lines.contains(wanted)) {
            (true, true) => ChainFault::Reordered,
            // The one that follows stands here, and nowhere else: nothing was put in the place of what is gone.
            (true, false) if wanted_later(line) && once(line) => ChainFault::Missing,
            (true | false, false) | (false, true) => ChainFault::Changed,
        },
    };
    (length, Some((record, what)))
}

/// What lies in the bundle and is not named by its manifest.
fn unlisted_files(directory: &Path, files: &[Entry]) -> io::Result<Option<Mismatch>> {
    for item in std::fs::read_dir(directory)? {
        let name = item?.file_name();
        let known = name == NAME || files.iter().any(|file| name == *file.name);
        if !known {
            return Ok(Some(Mismatch {
                file: visible::escape(name.as_bytes()).as_str().to_owned(),
                record: 1,
                fault: ChainFault::Changed,
            }));
        }
    }
    Ok(None)
}
