//! What a profile says of the files that its leaks are in, how far a reading of them is, and what came of it.

use super::{number::group_digits, raw_text::RawText, secret::Secret};
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};

/// The settings of a profile whose leaks are in files.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FileSettings {
    /// Files, folders, archives and globs, in the order in which they are read.
    pub paths: Vec<PathBuf>,
    /// A mapping: what the columns of a table are.
    pub mapping: Option<PathBuf>,
    /// A label of the WHATWG's list of encodings; none guesses.
    pub encoding: Option<String>,
    /// Watched domains.
    pub domains: Vec<String>,
    /// The domain that aliases without one belong to.
    pub alias_domain: Option<String>,
    /// What opens encrypted archives.
    pub archive_password: Option<Secret>,
    /// Whether a console looks for changes of the files.
    pub watch: bool,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FileProgress {
    /// The number of the source that is read, from 1.
    pub source: u64,
    /// How many sources there are.
    pub sources: u64,
    /// Bytes of the sources that were read.
    pub bytes: u64,
    /// Bytes of all sources, where that is known.
    pub size: Option<u64>,
    /// Lines that were read.
    pub lines: u64,
    /// Leaks that were found, each once.
    pub leaks: u64,
    /// Lines, rows and items that are no leak.
    pub rejects: u64,
}

impl FileProgress {
    /// In words: `file 3 of 12 · 41 % · 1,204,331 lines · 1,180,002 leaks · 24,329 rejects`.
    pub fn in_words(&self) -> String {
        let share = self.size.filter(|size| *size > 0).map(|size| {
            let percent = (self.bytes.min(size) * 100) / size;
            format!(" · {percent} %")
        });
        format!(
            "file {} of {}{} · {} lines · {} leaks · {} rejects",
            group_digits(self.source),
            group_digits(self.sources),
            share.unwrap_or_default(),
            group_digits(self.lines),
            group_digits(self.leaks),
            group_digits(self.rejects),
        )
    }
}

/// What a reading found, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct FileTotals {
    /// Regular files in the sources.
    pub files: u64,
    /// Of them, those that were opened.
    pub read: u64,
    /// Members that no rule reads.
    pub ignored: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Lines of the files that were read for records.
    pub lines: u64,
    /// Records.
    pub records: u64,
    /// Records of different ids.
    pub leaks: u64,
    /// Records whose id was there before.
    pub duplicates: u64,
    /// Records that a mapping leaves out.
    pub filtered: u64,
    /// Lines that are no record and do not try to be.
    pub banners: u64,
    /// Lines, rows and items that are no record.
    pub rejects: u64,
    /// Lines with bytes that are kept as they are.
    pub undecodable: u64,
    /// Machines.
    pub machines: u64,
}

/// What was found in the files of one format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormatReport {
    /// The format.
    pub format: &'static str,
    /// Its files.
    pub files: u64,
    /// Their records.
    pub records: u64,
    /// Their rejects.
    pub rejects: u64,
}

/// What was found in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The source.
    pub path: RawText,
    /// The file in it.
    pub member: Option<RawText>,
    /// Its format.
    pub format: &'static str,
    /// The stealer that wrote it, where that is known.
    pub family: Option<&'static str>,
    /// Its encoding.
    pub encoding: String,
    /// How its lines end.
    pub newline: Option<&'static str>,
    /// Lines.
    pub lines: u64,
    /// Records.
    pub records: u64,
    /// Records whose id was there before.
    pub duplicates: u64,
    /// Lines that are no record and do not try to be.
    pub banners: u64,
    /// Records that a mapping leaves out.
    pub filtered: u64,
    /// Lines, rows and items that are no record.
    pub rejects: u64,
    /// Lines with bytes that are kept as they are.
    pub undecodable: u64,
}

/// A line, row or item that is no record. Nothing of its text is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The source.
    pub path: RawText,
    /// The file in it.
    pub member: Option<RawText>,
    /// The line, from 1; of a JSON document the number of the item.
    pub line: u64,
    /// Why.
    pub reason: &'static str,
    /// Where in it, from 1: the cell of a row of a table, the character of any other line. None where it is all of it.
    pub column: Option<u64>,
}

/// A file that was not read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileProblem {
    /// The source.
    pub path: RawText,
    /// The file in it.
    pub member: Option<RawText>,
    /// What it is, in one word.
    pub code: &'static str,
    /// What it is.
    pub message: &'static str,
    /// What to do.
    pub hint: String,
}

/// Something odd that was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileNote {
    /// The source.
    pub path: RawText,
    /// The file in it.
    pub member: Option<RawText>,
    /// What it is, in one word.
    pub code: &'static str,
    /// How often.
    pub count: u64,
}

/// A machine that a stealer's log is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineReport {
    /// The source.
    pub path: RawText,
    /// Its folder in the source.
    pub root: RawText,
    /// What to call it.
    pub name: RawText,
    /// The stealer, where that is known.
    pub family: Option<&'static str>,
    /// Leaks that it is the first to have.
    pub leaks: u64,
}

/// What a reading found, file by file.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Nothing was left unread.
    pub complete: bool,
    /// In numbers.
    pub totals: FileTotals,
    /// By format.
    pub formats: Vec<FormatReport>,
    /// By file.
    pub files: Vec<FileReport>,
    /// What is no record.
    pub rejects: Vec<Reject>,
    /// Rejects that are not listed.
    pub rejects_left_out: u64,
    /// What was not read.
    pub problems: Vec<FileProblem>,
    /// What was odd.
    pub notes: Vec<FileNote>,
    /// The machines.
    pub machines: Vec<MachineReport>,
}

impl ImportReport {
    /// How many rejects there are for each reason, of those that are listed; the most frequent first.
    pub fn by_reason(&self) -> Vec<(&'static str, u64)> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for reject in &self.rejects {
            *counts.entry(reject.reason).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

/// Where a leak stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The source.
    pub path: RawText,
    /// The file in it.
    pub member: Option<RawText>,
    /// The line, from 1; null in a JSON document.
    pub line: Option<u64>,
    /// The format of the file.
    pub format: &'static str,
    /// The stealer that wrote it, where that is known.
    pub family: Option<&'static str>,
    /// The application that held it, where that is known.
    pub application: Option<RawText>,
}

/// What a record was made of: a member of a leak, the column or label that it came from, and its text. A password is
/// not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldSource {
    /// The member of a leak.
    pub field: &'static str,
    /// The column or label that it came from.
    pub from: RawText,
    /// What it is.
    pub value: RawText,
}
