//! Which leaks are meant: by a filter, by keys, or by a file of keys.

use crate::{
    app::{model::Model, plan::Target},
    cli::{
        entities::list,
        failure::{Failure, FailureKind},
    },
    entity::{
        key::{EntityKey, KeyError, Kind, ProfileName, RemoteId},
        lines,
    },
    filter::Filter,
    table::Marks,
};
use std::{collections::BTreeSet, io::Read as _, path::Path};

/// A file of keys is not longer than this.
const LONGEST: u64 = 1 << 30;

/// What the command line named.
pub(super) enum Named {
    /// All leaks that match.
    Filter(Filter),
    /// These, each once, in the order in which they were given.
    Words(Vec<Word>),
}

/// A key, or an id whose profile is the only one in play.
pub(super) enum Word {
    Key(EntityKey),
    Id(String),
}

/// Reads what the command line named; nothing is asked for yet.
pub(super) fn read(arguments: &super::Arguments) -> Result<Named, Failure> {
    if let Some(text) = &arguments.filter {
        return Ok(Named::Filter(list::parse(Some(text))?));
    }
    let words = match &arguments.ids_from {
        Some(path) => words(&text(path)?)?,
        None => arguments
            .keys
            .iter()
            .map(|key| word(key).map_err(|error| wrong(&error, None)))
            .collect::<Result<_, _>>()?,
    };
    Ok(Named::Words(words))
}

fn text(path: &Path) -> Result<String, Failure> {
    let unreadable = |why: String| {
        Failure::new(
            FailureKind::Usage,
            format!("the keys cannot be read: {why}"),
            "give a file with one key a line, or - for standard input",
        )
    };
    let failed = |error: std::io::Error| unreadable(error.kind().to_string());
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        let mut input = std::io::stdin().lock().take(LONGEST);
        input.read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
    }
    String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8".to_owned()))
}

/// One key a line; blank lines and lines that begin with # are skipped.
fn words(text: &str) -> Result<Vec<Word>, Failure> {
    lines::of(text.trim_start_matches('\u{feff}'))
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| word(line).map_err(|error| wrong(&error, Some(at + 1))))
        .collect()
}

fn word(text: &str) -> Result<Word, String> {
    match text.parse::<EntityKey>() {
        Ok(key) if key.kind == Kind::Leak => Ok(Word::Key(key)),
        Ok(key) => Err(format!("this is the key of a {}, not of a leak", key.kind)),
        Err(KeyError::Parts) => Ok(Word::Id(text.to_owned())),
        Err(error @ (KeyError::Profile | KeyError::Kind)) => Err(error.to_string()),
    }
}

fn wrong(error: &str, line: Option<usize>) -> Failure {
    let place = line.map_or_else(String::new, |line| format!("line {line}: "));
    Failure::new(
        FailureKind::Usage,
        format!("{place}{error}"),
        "a leak's key is profile:leak:id, as stanch leaks list prints it",
    )
}

/// The keys of words, each once.
pub(super) fn keys(words: Vec<Word>, profiles: &[ProfileName]) -> Result<Vec<EntityKey>, Failure> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::with_capacity(words.len());
    for word in words {
        let key = match (word, profiles) {
            (Word::Key(key), _) => key,
            (Word::Id(id), [only]) => EntityKey::leak(only.clone(), RemoteId::from(&id[..])),
            (Word::Id(_), _) => {
                return Err(Failure::new(
                    FailureKind::Usage,
                    "an id alone says nothing while several profiles are in play",
                    "give whole keys, profile:leak:id, or one --profile",
                ));
            }
        };
        if seen.insert(key.clone()) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The targets of a filter, once everything is read.
pub(super) fn of_filter(model: &Model, filter: &Filter) -> Vec<Target> {
    let rows = model.table.select(filter, &[], None, &Marks::default());
    rows.into_iter().map(Target::Row).collect()
}

/// The targets of keys, once everything is read.
pub(super) fn of_keys(model: &Model, keys: Vec<EntityKey>) -> Vec<Target> {
    keys.into_iter()
        .map(|key| match model.table.find(&key) {
            Some(row) => Target::Row(row),
            None => Target::Missing(key),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_comments_and_repeated_keys_do_not_count() {
        let only = [ProfileName::new("acme").unwrap()];
        let words = lines("\u{feff}# ids\r\n\r\nacme:leak:1\r\n  2 \n\n1\n#3\n2\n").unwrap();
        let found = keys(words, &only).unwrap();
        let shown: Vec<_> = found.iter().map(EntityKey::to_string).collect();
        assert_eq!(shown, ["acme:leak:1", "acme:leak:2"]);
    }

    #[test]
    fn a_wrong_key_is_told_with_its_line() {
        let Err(failure) = lines("a:leak:1\n\na:user:2\n") else {
            panic!("taken");
        };
        assert!(
            failure.message.starts_with("line 3: "),
            "{}",
            failure.message
        );
        assert!(lines("a:thing:2").is_err());
    }

    #[test]
    fn an_id_alone_needs_one_profile() {
        let two = ["a", "b"].map(|name| ProfileName::new(name).unwrap());
        assert!(keys(lines("1").unwrap(), &two).is_err());
        assert!(keys(lines("a:leak:1").unwrap(), &two).is_ok());
    }
}
