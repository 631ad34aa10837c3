//! What is counted of files, and what is kept of them: their names for the places of leaks, rejects, problems, notes.

use super::{
    super::{fault::Fault, text::Encoding},
    Sink,
};
use crate::entity::{
    files::{FileNote, FileProblem, FileReport, FormatReport, MachineReport, Reject},
    leak::Device,
    raw_text::RawText,
};

/// A file that was read for records.
#[derive(Clone, Debug)]
pub(in crate::provider::file) struct File {
    /// The number of its source.
    pub(in crate::provider::file) source: u32,
    pub(in crate::provider::file) path: RawText,
    pub(in crate::provider::file) member: Option<RawText>,
    pub(in crate::provider::file) format: &'static str,
    /// The number of its machine.
    pub(in crate::provider::file) machine: Option<u32>,
    /// Its records have numbers, not lines.
    pub(in crate::provider::file) by_item: bool,
    /// What it is in.
    pub(in crate::provider::file) encoding: Encoding,
    /// Its records can be read from their places: how long its byte order mark is.
    pub(in crate::provider::file) seekable: Option<u64>,
}

/// A machine that a stealer's log is about.
#[derive(Clone, Debug, Default)]
pub(in crate::provider::file) struct Machine {
    /// Its id.
    pub(in crate::provider::file) id: String,
    pub(in crate::provider::file) path: RawText,
    pub(in crate::provider::file) root: RawText,
    pub(in crate::provider::file) name: RawText,
    pub(in crate::provider::file) family: Option<&'static str>,
    /// What it adds to the ids of its leaks.
    pub(in crate::provider::file) tie: Option<Vec<u8>>,
    pub(in crate::provider::file) device: Device,
    pub(in crate::provider::file) country: Option<RawText>,
    pub(in crate::provider::file) date: Option<RawText>,
    pub(in crate::provider::file) log_date: Option<RawText>,
    pub(in crate::provider::file) user: Option<RawText>,
    pub(in crate::provider::file) tree: Vec<RawText>,
    /// Files of it, and those that were grabbed.
    pub(in crate::provider::file) files: u64,
    pub(in crate::provider::file) grabbed: u64,
    pub(in crate::provider::file) leaks: u64,
}

/// Before the first file.
pub(super) fn no_file() -> FileReport {
    FileReport {
        path: RawText::default(),
        member: None,
        format: "",
        family: None,
        encoding: String::new(),
        newline: None,
        lines: 0,
        records: 0,
        duplicates: 0,
        banners: 0,
        filtered: 0,
        rejects: 0,
        undecodable: 0,
    }
}

/// Files that are listed; the rest is counted.
const LISTED: usize = 200_000;

impl Sink<'_> {
    /// Begins a file.
    pub(in crate::provider::file) fn begin(&mut self, file: File, encoding: Encoding) {
        let machine = file.machine.and_then(|at| self.machines.get(at as usize));
        self.current = FileReport {
            path: file.path.clone(),
            member: file.member.clone(),
            format: file.format,
            family: machine.and_then(|machine| machine.family),
            encoding: encoding.name(),
            ..no_file()
        };
        self.encoding = encoding;
        self.files.push(File { encoding, ..file });
    }

    /// Begins a file once more, for a leak at its place.
    pub(in crate::provider::file) fn begin_again(&mut self, file: &File) {
        self.begin(file.clone(), file.encoding);
    }

    /// Ends it.
    pub(in crate::provider::file) fn end(&mut self, lines: u64, newline: Option<&'static str>) {
        let mut file = std::mem::replace(&mut self.current, no_file());
        file.lines = lines;
        file.newline = newline;
        let totals = &mut self.report.totals;
        totals.lines += lines;
        totals.records += file.records;
        totals.duplicates += file.duplicates;
        totals.banners += file.banners;
        totals.filtered += file.filtered;
        totals.undecodable += file.undecodable;
        let place = || (file.path.clone(), file.member.clone());
        if file.undecodable > 0 {
            self.note_at(place(), "undecodable", file.undecodable);
        }
        if newline == Some("mixed") {
            self.note_at(place(), "mixed_newlines", 1);
        }
        if matches!(self.encoding, Encoding::Bytes { guessed: true, .. }) {
            self.note_at(place(), "encoding_guessed", 1);
        }
        let formats = &mut self.report.formats;
        let known = formats
            .iter()
            .position(|format| format.format == file.format);
        let at = known.unwrap_or_else(|| {
            formats.push(FormatReport {
                format: file.format,
                files: 0,
                records: 0,
                rejects: 0,
            });
            formats.len() - 1
        });
        formats[at].files += 1;
        formats[at].records += file.records;
        formats[at].rejects += file.rejects;
        if self.report.files.len() < LISTED {
            self.report.files.push(file);
        }
        self.tell();
    }

    /// Ends a file that could not be read to its end.
    pub(in crate::provider::file) fn end_if_open(&mut self) {
        if !self.current.format.is_empty() {
            self.end(self.current.lines, None);
        }
    }

    /// A line, row or item is no record, all of it.
    pub(in crate::provider::file) fn reject(&mut self, line: u64, reason: &'static str) {
        self.reject_at(line, reason, || None);
    }

    /// A line, row or item is no record. Where the fault is in it, from 1, is asked only where it is listed.
    pub(in crate::provider::file) fn reject_at(
        &mut self,
        line: u64,
        reason: &'static str,
        column: impl FnOnce() -> Option<u64>,
    ) {
        if self.wanted.is_some() {
            return;
        }
        self.current.rejects += 1;
        self.report.totals.rejects += 1;
        self.progress.rejects += 1;
        if self.report.rejects.len() >= self.settings.rejects {
            self.report.rejects_left_out += 1;
            return;
        }
        self.report.rejects.push(Reject {
            path: self.current.path.clone(),
            member: self.current.member.clone(),
            line,
            reason,
            column: column(),
        });
    }

    /// A line is no record and does not try to be.
    pub(in crate::provider::file) fn banner(&mut self) {
        self.current.banners += 1;
    }

    /// A record is left out by a mapping.
    pub(in crate::provider::file) fn filtered(&mut self) {
        self.current.filtered += 1;
    }

    /// A line came: it is counted, and whether its bytes are kept as they are.
    pub(in crate::provider::file) fn line(&mut self, bytes: &[u8]) {
        self.progress.lines += 1;
        if self.encoding.keeps_bytes() && std::str::from_utf8(bytes).is_err() {
            self.current.undecodable += 1;
        }
        if self.progress.lines.is_multiple_of(u64::from(super::TOLD)) {
            self.tell();
        }
    }

    /// Something of the current file is odd.
    pub(in crate::provider::file) fn note(&mut self, code: &'static str) {
        let place = (self.current.path.clone(), self.current.member.clone());
        self.note_at(place, code, 1);
    }

    /// Something is odd.
    pub(in crate::provider::file) fn note_at(
        &mut self,
        (path, member): (RawText, Option<RawText>),
        code: &'static str,
        count: u64,
    ) {
        if self.wanted.is_some() {
            return;
        }
        let notes = &mut self.report.notes;
        let same =
            |note: &FileNote| note.code == code && note.path == path && note.member == member;
        let from = notes.len().saturating_sub(16);
        match notes[from..].iter().rposition(same) {
            Some(at) => notes[from + at].count += count,
            None if notes.len() < super::REJECTS => notes.push(FileNote {
                path,
                member,
                code,
                count,
            }),
            None => {}
        }
    }

    /// Something was not read, or not to its end.
    pub(in crate::provider::file) fn problem(
        &mut self,
        place: (RawText, Option<RawText>),
        fault: Fault,
    ) {
        self.problem_with(place, fault, fault.hint().to_owned());
    }

    /// The same with another hint.
    pub(in crate::provider::file) fn problem_with(
        &mut self,
        (path, member): (RawText, Option<RawText>),
        fault: Fault,
        hint: String,
    ) {
        self.problems += 1;
        if self.report.problems.len() >= super::REJECTS {
            return;
        }
        // A member is opened more than once: for what it says of a machine, and for its records.
        let known = (path.clone(), member.clone(), fault.code());
        if !self.told.insert(known) {
            return;
        }
        self.report.problems.push(FileProblem {
            path,
            member,
            code: fault.code(),
            message: fault.message(),
            hint,
        });
    }

    /// The machines, as they are reported.
    pub(in crate::provider::file) fn machine_reports(&self) -> Vec<MachineReport> {
        let report = |machine: &Machine| MachineReport {
            path: machine.path.clone(),
            root: machine.root.clone(),
            name: machine.name.clone(),
            family: machine.family,
            leaks: machine.leaks,
        };
        self.machines.iter().map(report).collect()
    }
}
