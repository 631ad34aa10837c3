//! The file of views: TOML, one `[[view]]` table a view, in their order. Text comes in and goes out; where it lies is
//! not known here. Nothing of a file is lost: members that are not known and entries that cannot be read stay in it.
//!
//! ```toml
//! schema = 1
//!
//! [[view]]
//! name = "open and high risk"
//! filter = "status:open risk:high"
//! sort = ["-risk", "-seen"]       # the words of --sort; a minus is the last first
//! group = "user"                  # or domain, machine, resource, breach, credential, profile
//! columns = ["status", "login", "url:40"]
//! ```

use super::{MAX_FILTER_BYTES, MAX_VIEWS, Rest, View, check_name};
use crate::{
    app::{columns::VisibleColumn, model::newest_first, search},
    table::{GroupKind, SortKey},
};
use serde::Deserialize;
use toml::{Spanned, Table, Value};

/// The form of the file.
const SCHEMA_VERSION: i64 = 1;

/// What stands at the top of the file.
const HEADER: &str = "\
# The saved views of Stanch, in their order; it writes this file anew with every change, and keeps members that it does
# not know. sort has the words of --sort, columns a width behind a colon where one was given.
";

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedViews {
    /// The views, in order.
    pub views: Vec<View>,
    /// Entries that cannot be read, and why.
    pub problems: Vec<Problem>,
    /// What is not understood.
    pub unknown: Rest,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What; no value of the file is quoted.
    pub message: String,
}

/// Where the entries stand: the same text once more, with places.
#[derive(Deserialize)]
struct EntrySpans {
    #[serde(default)]
    view: Vec<Spanned<Table>>,
}

/// Reads a file.
///
/// # Errors
/// Where the text is not TOML, or has no list of views.
pub fn parse(text: &str) -> Result<ParsedViews, Problem> {
    let wrong = |error: &toml::de::Error| Problem {
        line: line(text, error.span().map_or(0, |span| span.start)),
        message: "it is not valid TOML".to_owned(),
    };
    let mut members: Table = toml::from_str(text).map_err(|error| wrong(&error))?;
    let places: EntrySpans = toml::from_str(text).map_err(|error| Problem {
        message: "its views are not a list of tables: [[view]]".to_owned(),
        ..wrong(&error)
    })?;
    if members
        .remove("schema")
        .is_some_and(|schema| schema != Value::Integer(SCHEMA_VERSION))
    {
        return Err(Problem {
            line: 1,
            message: "it is of another version of this program".to_owned(),
        });
    }
    members.remove("view");
    let mut read = ParsedViews {
        unknown: Rest {
            members,
            entries: Vec::new(),
        },
        ..ParsedViews::default()
    };
    for entry in places.view {
        let line = line(text, entry.span().start);
        let table = entry.into_inner();
        let taken = parse_view(&table).and_then(|view| {
            if read.views.iter().any(|other| other.name == view.name) {
                Err("another view has the same name")
            } else if read.views.len() >= MAX_VIEWS {
                Err("there are a hundred views before it")
            } else {
                Ok(view)
            }
        });
        match taken {
            Ok(view) => read.views.push(view),
            Err(message) => {
                let message = message.to_owned();
                read.problems.push(Problem { line, message });
                read.unknown.entries.push(table);
            }
        }
    }
    Ok(read)
}

fn line(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.matches('\n').count() + 1
}

fn parse_view(table: &Table) -> Result<View, &'static str> {
    let mut rest = table.clone();
    let text = |value: Option<Value>, what| match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(what),
    };
    let name = text(rest.remove("name"), "name is not a text")?.ok_or("it has no name")?;
    check_name(&name)?;
    let filter = text(rest.remove("filter"), "filter is not a text")?.unwrap_or_default();
    if filter.len() > MAX_FILTER_BYTES || filter.chars().any(char::is_control) {
        return Err("its filter is too long, or holds a control character");
    }
    let sort = parse_word_list(rest.remove("sort"))
        .and_then(|words| match words {
            None => Some(newest_first()),
            Some(words) => words
                .iter()
                .map(|word| search::parse_sort_key(word))
                .collect(),
        })
        .ok_or("sort is not a list of sort keys")?;
    let group = text(rest.remove("group"), "group is not a text")?
        .map(|word| parse_group(&word).ok_or("group is none of the words that are known"))
        .transpose()?;
    let columns = parse_word_list(rest.remove("columns"))
        .and_then(|words| match words {
            None => Some(None),
            Some(words) => words
                .iter()
                .map(|word| word.parse().ok())
                .collect::<Option<Vec<VisibleColumn>>>()
                .map(Some),
        })
        .ok_or("columns is not a list of columns")?;
    Ok(View {
        name,
        filter,
        sort,
        group,
        columns,
        unknown: rest,
    })
}

/// A list of texts; `Some(None)` where there is none.
pub fn parse_word_list(value: Option<Value>) -> Option<Option<Vec<String>>> {
    let Some(value) = value else {
        return Some(None);
    };
    let Value::Array(values) = value else {
        return None;
    };
    let texts = values.into_iter().map(|value| match value {
        Value::String(text) => Some(text),
        _ => None,
    });
    texts.collect::<Option<Vec<_>>>().map(Some)
}

/// Writes a file.
pub fn serialize(views: &[View], rest: &Rest) -> String {
    let mut document = rest.members.clone();
    document.insert("schema".into(), Value::Integer(SCHEMA_VERSION));
    let own = views.iter().map(|view| Value::Table(view_table(view)));
    let kept = rest.entries.iter().cloned().map(Value::Table);
    document.insert("view".into(), Value::Array(own.chain(kept).collect()));
    format!("{HEADER}{document}")
}

fn view_table(view: &View) -> Table {
    let mut table = view.unknown.clone();
    table.insert("name".into(), Value::String(view.name.clone()));
    table.insert("filter".into(), Value::String(view.filter.clone()));
    table.insert("sort".into(), word_list(format_sort_keys(&view.sort)));
    if let Some(word) = view.group.and_then(format_group) {
        table.insert("group".into(), Value::String(word.to_owned()));
    }
    if let Some(columns) = &view.columns {
        let columns = columns.iter().map(VisibleColumn::to_string);
        table.insert("columns".into(), word_list(columns));
    }
    table
}

/// A list of texts as a value.
pub fn word_list(words: impl IntoIterator<Item = String>) -> Value {
    Value::Array(words.into_iter().map(Value::String).collect())
}

/// Sort keys as the command line spells them.
pub fn format_sort_keys(keys: &[SortKey]) -> Vec<String> {
    keys.iter()
        .map(|key| search::format_sort_key(*key))
        .collect()
}

/// What groups are called in a file.
const GROUP_NAMES: &[(&str, GroupKind)] = &[
    ("domain", GroupKind::Domain),
    ("user", GroupKind::User),
    ("machine", GroupKind::Endpoint),
    ("resource", GroupKind::Resource),
    ("breach", GroupKind::Breach),
    ("credential", GroupKind::Credential),
    ("profile", GroupKind::Profile),
];

/// The kind of a word.
pub fn parse_group(word: &str) -> Option<GroupKind> {
    let mut groups = GROUP_NAMES.iter();
    groups
        .find(|(name, _)| *name == word)
        .map(|(_, kind)| *kind)
}

/// The word of a kind.
pub fn format_group(kind: GroupKind) -> Option<&'static str> {
    let mut groups = GROUP_NAMES.iter();
    groups
        .find(|(_, other)| *other == kind)
        .map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::SortField;

    const FILE: &str = r#"
schema = 1
colour = "red"

[[view]]
name = "worst first"
filter = "status:open risk:high"
sort = ["-risk", "seen"]
group = "user"
columns = ["login", "url:40"]
owner = "ada"

[[view]]
name = "wrong"
sort = ["upside down"]

[[view]]
name = "plain"
"#;

    #[test]
    fn nothing_of_a_file_is_lost() {
        let read = super::parse(FILE).unwrap();
        let names: Vec<_> = read.views.iter().map(|view| &view.name[..]).collect();
        assert_eq!(names, ["worst first", "plain"]);
        let keys = [(SortField::Risk, true), (SortField::Seen, false)];
        let keys = keys.map(|(field, descending)| SortKey { field, descending });
        assert_eq!(read.views[0].sort, keys);
        assert_eq!(read.views[0].group, Some(GroupKind::User));
        let problem = Problem {
            line: 13,
            message: "sort is not a list of sort keys".into(),
        };
        assert_eq!(read.problems, [problem]);
        let text = serialize(&read.views, &read.unknown);
        for kept in [
            "colour = \"red\"",
            "owner = \"ada\"",
            "upside down",
            "url:40",
        ] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let again = super::parse(&text).unwrap();
        assert_eq!(again.views, read.views);
        assert_eq!(again.unknown, read.unknown);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_nothing_of_its_value() {
        for (text, line) in [
            ("schema = 1\n\n[[view]\n", 3),
            ("view = 3\n", 1),
            ("schema = 2\n", 1),
            ("a = \"\u{1b}[2J\"\n", 1),
        ] {
            let problem = super::parse(text).unwrap_err();
            assert_eq!(problem.line, line, "{text}");
            assert!(!problem.message.contains('\u{1b}'));
        }
        for entry in [
            "",
            "name = 3",
            "name = \"save me\"",
            "name = \"a\\u202eb\"",
            "name = \" a\"",
            "name = \"a\"\ngroup = \"moon\"",
            "name = \"a\"\ncolumns = [\"nothing\"]",
            "name = \"a\"\nfilter = [1]",
            "name = \"a\"\nfilter = \"\\n\"",
        ] {
            let read = super::parse(&format!("[[view]]\n{entry}\n")).unwrap();
            assert_eq!(read.views, [], "{entry}");
            assert_eq!(read.problems.len(), 1, "{entry}");
        }
    }

    #[test]
    fn there_are_never_more_than_a_hundred_and_no_name_is_there_twice() {
        let many: String = (0..MAX_VIEWS + 2)
            .map(|number| format!("[[view]]\nname = \"v{}\"\n", number.min(MAX_VIEWS)))
            .collect();
        let read = super::parse(&many).unwrap();
        assert_eq!((read.views.len(), read.problems.len()), (MAX_VIEWS, 2));
        let twice = super::parse("[[view]]\nname = \"a\"\n[[view]]\nname = \"a\"\n").unwrap();
        assert_eq!((twice.views.len(), twice.problems.len()), (1, 1));
    }

    #[test]
    fn every_group_has_a_word() {
        for (word, kind) in GROUP_NAMES {
            assert_eq!(parse_group(word), Some(*kind));
            assert_eq!(format_group(*kind), Some(*word));
        }
    }
}
