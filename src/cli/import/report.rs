//! What a reading found, for people and for programs.

use crate::{
    cli::{
        format::Format,
        output::{Column, Output},
    },
    entity::{
        files::{FileProblem, FileTotals, FormatReport, ImportReport},
        key::{EntityKey, RemoteId},
        leak::{Leak, LeakBatch, LeakField},
        number::group_digits,
        profile::Profile,
        raw_text::RawText,
        visible::{Visible, escape},
    },
    export::json,
    provider::Import,
};
use serde::{Serialize, Serializer, ser::SerializeSeq as _};

/// The report with the first leaks behind it.
#[derive(Serialize)]
pub(super) struct Body<'r> {
    #[serde(flatten)]
    report: &'r ImportReport,
    #[serde(serialize_with = "sample")]
    sample: &'r [Leak],
}

impl<'r> Body<'r> {
    pub(super) fn of(report: &'r ImportReport, sample: &'r [Leak]) -> Self {
        Self { report, sample }
    }
}

fn sample<S: Serializer>(leaks: &[Leak], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(leaks.len()))?;
    for leak in leaks {
        list.serialize_element(&json::leak_json(leak))?;
    }
    list.end()
}

/// The leaks of a page.
pub(super) fn leaks(batch: &LeakBatch, profile: &Profile) -> Vec<Leak> {
    let binding = &profile.binding;
    let leak = |row: crate::entity::leak::LeakRef<'_>| {
        let id = RemoteId::from(row.text(LeakField::Id));
        Leak::from_row(
            EntityKey::for_leak(binding.name.clone(), id),
            binding.provider.clone(),
            &row,
        )
    };
    batch.iter().map(leak).collect()
}

/// Two reports as one.
pub(super) fn joined(mut one: Import, mut two: Import) -> Import {
    let report = &mut one.report;
    report.complete &= two.report.complete;
    add(&mut report.totals, &two.report.totals);
    for format in two.report.formats {
        match report
            .formats
            .iter_mut()
            .find(|known| known.format == format.format)
        {
            Some(known) => {
                known.files += format.files;
                known.records += format.records;
                known.rejects += format.rejects;
            }
            None => report.formats.push(format),
        }
    }
    report.files.append(&mut two.report.files);
    report.rejects.append(&mut two.report.rejects);
    report.rejects_left_out += two.report.rejects_left_out;
    report.problems.append(&mut two.report.problems);
    report.notes.append(&mut two.report.notes);
    report.machines.append(&mut two.report.machines);
    one.described.append(&mut two.described);
    one
}

fn add(one: &mut FileTotals, two: &FileTotals) {
    one.files += two.files;
    one.read += two.read;
    one.ignored += two.ignored;
    one.bytes += two.bytes;
    one.lines += two.lines;
    one.records += two.records;
    one.leaks += two.leaks;
    one.duplicates += two.duplicates;
    one.filtered += two.filtered;
    one.banners += two.banners;
    one.rejects += two.rejects;
    one.undecodable += two.undecodable;
    one.machines += two.machines;
}

/// Prints the first records field by field.
pub(super) fn described(output: &mut Output, format: Format, found: &Import) {
    if format == Format::Json {
        output.json(&json::answer("records", &found.described));
        return;
    }
    for (record, number) in found.described.iter().zip(1..) {
        output.text(&format!("record {number}\n"));
        for field in record {
            let (from, value) = (
                escape(field.from.as_bytes()),
                escape(field.value.as_bytes()),
            );
            output.text(&format!(
                "  {:12} {}  ({})\n",
                field.field,
                value.as_str(),
                from.as_str()
            ));
        }
    }
}

fn place(path: &RawText, member: Option<&RawText>) -> String {
    let path = escape(path.as_bytes());
    match member {
        Some(member) => format!("{}: {}", path.as_str(), escape(member.as_bytes()).as_str()),
        None => path.as_str().to_owned(),
    }
}

/// Files that are listed for people.
const LISTED: usize = 50;

/// Prints the report for people.
pub(super) fn table(output: &mut Output, report: &ImportReport, sample: &[Leak]) {
    let totals = &report.totals;
    let counts = [
        ("leaks", totals.leaks),
        ("records", totals.records),
        ("duplicates", totals.duplicates),
        ("rejects", totals.rejects),
        ("filtered", totals.filtered),
        ("banners", totals.banners),
        ("undecodable", totals.undecodable),
        ("machines", totals.machines),
        ("lines", totals.lines),
        ("bytes", totals.bytes),
        ("files", totals.files),
        ("read", totals.read),
        ("ignored", totals.ignored),
    ];
    let fields: Vec<(&str, Visible)> = counts
        .iter()
        .map(|(name, count)| (*name, escape(group_digits(*count).as_bytes())))
        .collect();
    output.key_values(&fields);
    formats(output, &report.formats);
    for file in report.files.iter().take(LISTED) {
        let family = file
            .family
            .map_or_else(String::new, |family| format!(", {family}"));
        let line = format!(
            "{}  {}{family}, {}: {} records, {} rejects\n",
            place(&file.path, file.member.as_ref()),
            file.format,
            file.encoding,
            group_digits(file.records),
            group_digits(file.rejects),
        );
        output.text(&line);
    }
    if report.files.len() > LISTED {
        output.text(&format!(
            "and {} files more\n",
            group_digits((report.files.len() - LISTED) as u64)
        ));
    }
    for machine in report.machines.iter().take(LISTED) {
        let name = escape(machine.name.as_bytes());
        let root = place(&machine.path, Some(&machine.root));
        let family = machine.family.unwrap_or("unknown stealer");
        output.text(&format!(
            "machine {}  {family}, {} leaks  {root}\n",
            name.as_str(),
            group_digits(machine.leaks)
        ));
    }
    for reject in &report.rejects {
        let at = place(&reject.path, reject.member.as_ref());
        let column = reject
            .column
            .map_or_else(String::new, |at| format!(":{at}"));
        output.text(&format!(
            "reject {at}:{}{column}  {}\n",
            reject.line, reject.reason
        ));
    }
    if report.rejects_left_out > 0 {
        output.text(&format!(
            "and {} rejects more; --rejects all lists them\n",
            group_digits(report.rejects_left_out)
        ));
    }
    for note in &report.notes {
        let at = place(&note.path, note.member.as_ref());
        output.text(&format!(
            "note {at}  {} ({})\n",
            note.code,
            group_digits(note.count)
        ));
    }
    for problem in &report.problems {
        problem_lines(output, problem);
    }
    for leak in sample {
        let text = |text: &Option<RawText>| {
            let bytes = text.as_ref().map(RawText::as_bytes).unwrap_or_default();
            escape(bytes).as_str().to_owned()
        };
        output.text(&format!("{}  {}\n", text(&leak.login), text(&leak.url)));
    }
}

fn problem_lines(output: &mut Output, problem: &FileProblem) {
    let at = place(&problem.path, problem.member.as_ref());
    output.text(&format!(
        "problem {at}  {}: {}\n  hint: {}\n",
        problem.code, problem.message, problem.hint
    ));
}

fn formats(output: &mut Output, formats: &[FormatReport]) {
    let columns = [
        Column {
            title: "format",
            max_width: Some(24),
            right_aligned: false,
        },
        Column {
            title: "files",
            max_width: Some(12),
            right_aligned: true,
        },
        Column {
            title: "records",
            max_width: Some(16),
            right_aligned: true,
        },
        Column {
            title: "rejects",
            max_width: Some(16),
            right_aligned: true,
        },
    ];
    let cell = |text: String| escape(text.as_bytes());
    let rows: Vec<Vec<Visible>> = formats
        .iter()
        .map(|format| {
            vec![
                cell(format.format.to_owned()),
                cell(group_digits(format.files)),
                cell(group_digits(format.records)),
                cell(group_digits(format.rejects)),
            ]
        })
        .collect();
    output.table(&columns, &rows);
}
