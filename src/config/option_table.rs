//! The options as a Markdown table, made from the sample configuration: what stands in the guide between [`BEGIN`] and
//! [`END`].

use super::location::SAMPLE;
use std::fmt::Write as _;

/// The line before the table.
pub const BEGIN: &str = "<!-- options -->";
/// The line after the table.
pub const END: &str = "<!-- /options -->";

/// Every option of the sample, by section: its name, the value that stands there, and what is said of it.
pub fn markdown() -> String {
    let mut out = String::from("| Option | In the sample | What it does |\n|---|---|---|\n");
    let mut said = String::new();
    let mut heading = true;
    for line in SAMPLE.lines() {
        let line = line.trim_end();
        if let Some(words) = line.strip_prefix("# ") {
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(words.trim());
        } else if line.is_empty() {
            // What stands at the top is of the file.
            if heading {
                said.clear();
                heading = false;
            }
        } else if let Some(section) = section(line) {
            let about = cell(&said);
            let _ = writeln!(out, "| **`{}`** | | {about} |", cell(section));
            said.clear();
        } else if let Some((name, value)) = option(line) {
            let about = cell(&said);
            let _ = writeln!(out, "| `{}` | `{}` | {about} |", cell(name), cell(value));
            said.clear();
        }
    }
    out
}

/// `[policy]`, also where it is switched off.
fn section(line: &str) -> Option<&str> {
    let line = line.strip_prefix('#').unwrap_or(line);
    line.starts_with('[').then_some(line)
}

/// `name = value`, also where it is switched off.
fn option(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix('#').unwrap_or(line);
    let (name, value) = line.split_once(" = ")?;
    (!name.starts_with(char::is_whitespace)).then_some((name, value))
}

/// Text in a cell: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_and_every_option_of_the_sample_has_a_row() {
        let table = markdown();
        assert!(table.contains("| **`[policy]`** | |  |"), "{table}");
        assert!(
            table.contains("| `confirm_above` | `50` | A plan of more changes than this asks"),
            "{table}"
        );
        let options = SAMPLE.lines().filter(|line| option(line).is_some()).count();
        let rows = table.lines().filter(|line| line.starts_with("| `")).count();
        assert!(options > 30);
        assert_eq!(rows, options);
    }
}
