//! CSV: the hostile strings are inert, and what was done to them is said.

use super::*;

struct Case {
    name: String,
    bytes: Vec<u8>,
    cell: Option<String>,
    prefix: Option<String>,
    expected: String,
    class: String,
}

impl Case {
    /// The column that such a value stands in.
    fn column(&self) -> &'static str {
        if self.class == "date" {
            "first_seen"
        } else {
            "login"
        }
    }
}

fn corpus() -> Vec<Case> {
    let corpus: Value =
        serde_json::from_str(include_str!("../../fixtures/hostile_strings.json")).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    corpus["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| Case {
            name: text(&case["name"]).unwrap(),
            bytes: bytes(case),
            cell: text(&case["csv"]["cell"]),
            prefix: text(&case["csv"]["cell_prefix"]),
            expected: text(&case["csv"]["neutralised"]).unwrap(),
            class: text(&case["class"]).unwrap(),
        })
        .collect()
}

fn bytes(case: &Value) -> Vec<u8> {
    if let Some(hex) = case["bytes_hex"].as_str() {
        let pairs = hex.as_bytes().chunks(2);
        return pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
    }
    let mut bytes = Vec::new();
    for part in case["generator"].as_array().into_iter().flatten() {
        match part {
            Value::String(text) => bytes.extend_from_slice(text.as_bytes()),
            part => {
                let count = usize::try_from(part[1].as_u64().unwrap()).unwrap();
                bytes.extend_from_slice(part[0].as_str().unwrap().repeat(count).as_bytes());
            }
        }
    }
    bytes
}

fn quoted(cell: &csv::Cell) -> String {
    format!("\"{}\"", cell.text.replace('"', "\"\""))
}

/// Needs the real escape function: the cells of the corpus are its output.
#[test]
fn every_hostile_string_has_exactly_its_cell() {
    let cases = corpus();
    assert_eq!(cases.len(), 215);
    let mut wrong = Vec::new();
    for case in cases {
        let cell = csv::cell(case.column(), &case.bytes);
        let done = format!(
            "{}{}",
            if cell.escaped { "e" } else { "" },
            if cell.neutralised { "f" } else { "" }
        );
        let quoted = quoted(&cell);
        let same = match (&case.cell, &case.prefix) {
            (Some(whole), _) => *whole == quoted,
            (None, Some(prefix)) => quoted.starts_with(prefix.as_str()),
            (None, None) => false,
        };
        if !same || done != case.expected {
            wrong.push(format!(
                "{}: {:.80} {done}, not {:?}",
                case.name, quoted, case.expected
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of 215:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The part of the corpus that no escape function decides.
#[test]
fn exactly_the_values_that_begin_like_a_formula_are_neutralised() {
    for case in corpus() {
        let cell = csv::cell(case.column(), &case.bytes);
        assert_eq!(
            cell.neutralised,
            case.expected.contains('f'),
            "{}",
            case.name
        );
        assert_eq!(
            cell.neutralised,
            cell.text.starts_with('\'') && !case.bytes.starts_with(b"'"),
            "{}",
            case.name
        );
    }
}

#[test]
fn a_table_has_one_line_a_record_every_cell_quoted_and_says_what_was_done() {
    let mut hostile = leak(b"=1+1");
    hostile.url = Some("C:\\x\u{1b}\"q\"".into());
    let records = [Record::Leak(&hostile)];
    let bytes = write_records("csv", RecordKind::Leak, &records);
    let text = String::from_utf8(bytes.clone()).unwrap();
    let head = text.split("\r\n").next().unwrap();
    assert!(head.starts_with("\"key\",\"profile\",\"provider\",\"id\",\"domain\",\"login\""));
    assert!(head.ends_with("\"_escaped\",\"_neutralised\""), "{head}");
    assert!(!head.contains("password"));
    assert!(!text.contains("********"));
    let mut reader = ::csv::Reader::from_reader(&bytes[..]);
    let names = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let get = |name| &rows[0][names.iter().position(|known| known == name).unwrap()];
    assert_eq!(get("login"), "'=1+1");
    assert_eq!(get("_neutralised"), "login");
    let url = visible::escape(b"C:\\x\x1b\"q\"");
    if url.has_escapes() {
        assert_eq!(get("url"), "C:\\\\x\\e\"q\"");
        assert_eq!(get("_escaped"), "url");
        assert_eq!(text.matches("\r\n").count(), 2);
        assert_eq!(text.matches('\n').count(), 2);
    }
    let empty = String::from_utf8(write_records("csv", RecordKind::Job, &[])).unwrap();
    assert_eq!(
        empty.matches("\r\n").count(),
        1,
        "a header, also of nothing"
    );
    let job = job();
    let jobs =
        String::from_utf8(write_records("csv", RecordKind::Job, &[Record::Job(&job)])).unwrap();
    assert!(
        jobs.contains("\"'=phished\"") && jobs.contains("\"reason\"\r\n"),
        "{jobs}"
    );
}
