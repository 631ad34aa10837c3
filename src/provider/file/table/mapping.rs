//! A mapping: a TOML file that says what the columns of a table are, or the members of an object.

use super::{
    super::{
        header::{self, Field},
        text,
    },
    keep::Keep,
    layout::Layout,
};
use crate::entity::{raw_text::RawText, status::Status, visible};
use serde::Deserialize;
use std::{collections::BTreeMap, io};

/// What a mapping says.
pub(in crate::provider::file) struct Mapping {
    format: Option<Format>,
    pub(super) delimiter: Option<u8>,
    pub(super) header: bool,
    pub(super) skip_lines: u64,
    pub(in crate::provider::file) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) sheet: Option<String>,
    /// Where the array of records is in a document.
    pub(in crate::provider::file) records: Option<String>,
    pub(super) fields: Vec<(Field, String)>,
    pub(super) constants: Vec<(Field, String)>,
    pub(super) dates: Vec<(Field, DateForm)>,
    pub(super) statuses: Vec<(String, Status)>,
    pub(super) keep: Vec<Keep>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Format {
    Csv,
    Tsv,
    Json,
    Jsonl,
    Xlsx,
}

/// How dates are written.
pub(super) enum DateForm {
    /// As `strptime` has it.
    Pattern(String),
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// Days of a spreadsheet.
    Excel,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: Option<Format>,
    delimiter: Option<String>,
    header: Option<bool>,
    skip_lines: Option<u64>,
    encoding: Option<String>,
    sheet: Option<String>,
    records: Option<String>,
    fields: BTreeMap<String, Column>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
    #[serde(default)]
    dates: BTreeMap<String, String>,
    #[serde(default)]
    status: BTreeMap<String, String>,
    #[serde(default)]
    keep: Vec<KeepDocument>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Column {
    Name(String),
    Number(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeepDocument {
    column: String,
    is: Option<Vec<String>>,
    not: Option<Vec<String>>,
    matches: Option<String>,
    empty: Option<bool>,
}

/// Reads a mapping.
///
/// # Errors
/// What is wrong with it, in words.
pub(in crate::provider::file) fn read(toml: &str) -> Result<Mapping, String> {
    let document: Document = toml::from_str(toml).map_err(|error| {
        let line = error.span().map(|span| {
            toml.get(..span.start)
                .unwrap_or_default()
                .matches('\n')
                .count()
                + 1
        });
        let at = line.map_or_else(String::new, |line| format!("line {line}: "));
        format!(
            "{at}{}",
            visible::escape(error.message().as_bytes()).as_str()
        )
    })?;
    let mut fields = Vec::new();
    for (name, column) in &document.fields {
        let column = match column {
            Column::Name(name) => name.clone(),
            Column::Number(number) => number.to_string(),
        };
        fields.push((field(name)?, column));
    }
    let known = |field: Field| fields.iter().any(|(known, _)| *known == field);
    if !known(Field::Login) && !known(Field::Password) {
        return Err("[fields] has neither login nor password".to_owned());
    }
    let constants = pairs(&document.constants, |value| Ok(value.to_owned()))?;
    let dates = pairs(&document.dates, |value| Ok(date_form(value)))?;
    let statuses = document
        .status
        .iter()
        .map(|(theirs, ours)| Ok((theirs.clone(), status(ours)?)))
        .collect::<Result<_, String>>()?;
    let keep = document
        .keep
        .into_iter()
        .map(keep)
        .collect::<Result<_, String>>()?;
    let encoding = document
        .encoding
        .map(|label| text::of_label(&label).ok_or("encoding: no encoding is called that"))
        .transpose()?;
    Ok(Mapping {
        format: document.format,
        delimiter: delimiter(document.delimiter.as_deref(), document.format)?,
        header: document.header.unwrap_or(true),
        skip_lines: document.skip_lines.unwrap_or(0),
        encoding,
        sheet: document.sheet,
        records: document.records,
        fields,
        constants,
        dates,
        statuses,
        keep,
    })
}

fn field(name: &str) -> Result<Field, String> {
    header::of_word(name).ok_or_else(|| {
        let name = visible::escape(name.as_bytes());
        format!("{} is no member of a leak", name.as_str())
    })
}

fn pairs<T>(
    table: &BTreeMap<String, String>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<(Field, T)>, String> {
    table
        .iter()
        .map(|(name, value)| Ok((field(name)?, read(value)?)))
        .collect()
}

fn status(word: &str) -> Result<Status, String> {
    word.parse().map_err(|_| {
        "[status]: ours are new, investigating, open, fixed, false_positive and unknown".to_owned()
    })
}

fn date_form(form: &str) -> DateForm {
    match form {
        "unix" => DateForm::Unix,
        "unix_ms" => DateForm::UnixMilliseconds,
        "excel" => DateForm::Excel,
        pattern => DateForm::Pattern(pattern.to_owned()),
    }
}

fn keep(document: KeepDocument) -> Result<Keep, String> {
    let matches = document
        .matches
        .map(|pattern| {
            regex::bytes::RegexBuilder::new(&pattern)
                .size_limit(1 << 20)
                .build()
                .map_err(|_| "[[keep]]: matches is no regular expression".to_owned())
        })
        .transpose()?;
    Ok(Keep {
        column: document.column,
        is: document.is,
        not: document.not,
        matches,
        empty: document.empty,
    })
}

fn delimiter(word: Option<&str>, format: Option<Format>) -> Result<Option<u8>, String> {
    match word.map(str::as_bytes) {
        Some(b"tab" | b"\t") => Ok(Some(b'\t')),
        Some([byte]) if byte.is_ascii() && *byte != b'"' => Ok(Some(*byte)),
        Some(_) => Err("delimiter is one character, or \"tab\"".to_owned()),
        None if format == Some(Format::Tsv) => Ok(Some(b'\t')),
        None => Ok(None),
    }
}

impl DateForm {
    /// The date of a cell: a day, or a moment where it has a time zone.
    pub(super) fn read(&self, cell: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(cell).ok()?.trim();
        let moment = |moment: jiff::Timestamp| Some(moment.to_string());
        match self {
            Self::Unix => {
                let seconds: f64 = text.parse().ok()?;
                moment(jiff::Timestamp::from_second(seconds as i64).ok()?)
            }
            Self::UnixMilliseconds => {
                moment(jiff::Timestamp::from_millisecond(text.parse().ok()?).ok()?)
            }
            Self::Excel => excel(text.parse().ok()?),
            Self::Pattern(pattern) => {
                let read = jiff::fmt::strtime::parse(pattern, text).ok()?;
                if read.offset().is_some() {
                    return moment(read.to_timestamp().ok()?);
                }
                Some(read.to_date().ok()?.to_string())
            }
        }
    }
}

/// The day of a spreadsheet's number.
pub(super) fn excel(days: f64) -> Option<String> {
    if !(1.0..2_958_466.0).contains(&days) {
        return None;
    }
    let first = jiff::civil::date(1899, 12, 30);
    let day = first
        .checked_add(jiff::Span::new().try_days(days as i64).ok()?)
        .ok()?;
    Some(day.to_string())
}

impl Mapping {
    /// Whether it is for objects.
    pub(super) fn is_json(&self, head: &[u8]) -> bool {
        match self.format {
            Some(Format::Json | Format::Jsonl) => true,
            Some(_) => false,
            None => matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')),
        }
    }

    /// Whether each line is an object.
    pub(in crate::provider::file) fn is_by_line(&self) -> Option<bool> {
        match self.format {
            Some(Format::Jsonl) => Some(true),
            Some(Format::Json) => Some(false),
            _ => None,
        }
    }

    /// The members of a leak and the columns that they come from.
    pub(in crate::provider::file) fn sources(&self) -> Vec<(&'static str, RawText)> {
        let fields = self.fields.iter();
        fields
            .map(|(field, column)| (header::word(*field), RawText::from(&**column)))
            .collect()
    }

    /// Whether a header has every column that is named.
    pub(super) fn check_header(&self, names: &[Vec<u8>]) -> io::Result<()> {
        let has = |column: &str| {
            names
                .iter()
                .any(|name| name.trim_ascii() == column.as_bytes())
                || column
                    .parse::<usize>()
                    .is_ok_and(|number| (1..=names.len()).contains(&number))
        };
        let columns = self.fields.iter().map(|(_, column)| column);
        let columns = columns.chain(self.keep.iter().map(|keep| &keep.column));
        for column in columns {
            if !has(column) {
                return Err(io::Error::other(MissingColumn(column.clone())));
            }
        }
        Ok(())
    }
}

/// A column that a mapping names and a table has not.
#[derive(Debug, thiserror::Error)]
#[error("the header has no column {0}")]
pub(in crate::provider::file) struct MissingColumn(pub(in crate::provider::file) String);

/// A mapping that is filled in with what a header was understood as.
pub(in crate::provider::file) fn template(layout: &Layout, encoding: text::Encoding) -> String {
    let shown = |name: &[u8]| encoding.shown(&name.into()).into_owned();
    let quoted = |name: &[u8]| {
        toml::Value::String(String::from_utf8_lossy(&shown(name)).into_owned()).to_string()
    };
    let mut text =
        String::from("# What the columns are. Every member but [fields] may be left out.\n");
    if layout.delimiter == b'\t' {
        text.push_str("delimiter = \"tab\"\n");
    } else {
        text.push_str(&format!(
            "delimiter = \"{}\"\n",
            char::from(layout.delimiter)
        ));
    }
    if layout.line > 1 {
        text.push_str(&format!("skip_lines = {}\n", layout.line - 1));
    }
    text.push_str("\n[fields]\n");
    let mut unknown = String::new();
    for (field, name) in layout.columns.iter().zip(&layout.names) {
        match field {
            Some(Field::Alias) | None => unknown.push_str(&format!("# = {}\n", quoted(name))),
            Some(field) => text.push_str(&format!("{} = {}\n", header::word(*field), quoted(name))),
        }
    }
    if !unknown.is_empty() {
        text.push_str("# Columns without a member of ours:\n");
        text.push_str(&unknown);
    }
    text
}
