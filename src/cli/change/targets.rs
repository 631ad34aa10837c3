//! Which leaks are meant: by a filter, by keys, or by a file of keys.

use crate::{
    app::{model::Context, plan::Target},
    cli::{
        entities::filter as expressions,
        failure::{Failure, FailureKind},
        input,
    },
    config::open::open,
    entity::{
        id_file::{self, ID_HINT, IdEntry, LeakIdentifier, Refusal},
        key::{EntityKey, ProfileName, RemoteId},
        option::AddressForm,
    },
    filter::Filter,
    provider::registration,
    table::{Marks, RowId},
};
use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};

/// Which leaks a command is about. Exactly one of filter, file and keys is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[group(id = "leaks", required = true, multiple = false, args = ["filter", "ids_from", "keys"])]
pub struct TargetOptions {
    /// All leaks that match; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The keys in this file, one a line, up to 64 MiB; - is standard input. A file of anything else is refused.
    #[arg(long, value_name = "FILE|-")]
    pub ids_from: Option<PathBuf>,
    /// These leaks: profile:leak:id, or the id alone when one profile is in play.
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
}

impl TargetOptions {
    /// Reads what was named; nothing is asked for yet.
    pub(in crate::cli) fn read(&self) -> Result<TargetSelection, Failure> {
        read(self.filter.as_deref(), self.ids_from.as_deref(), &self.keys)
    }
}

/// What the command line named.
pub(in crate::cli) enum TargetSelection {
    /// All leaks that match.
    Filter(Filter),
    /// These, each once, in the order in which they were given.
    Keys(GivenKeys),
}

/// Keys and ids, and where they came from.
pub(in crate::cli) struct GivenKeys {
    /// What is told as the source; none for keys of the command line.
    file: Option<String>,
    entries: Vec<IdEntry>,
}

/// Reads what the command line named; nothing is asked for yet.
pub(in crate::cli) fn read(
    filter: Option<&str>,
    ids_from: Option<&Path>,
    keys: &[String],
) -> Result<TargetSelection, Failure> {
    if let Some(text) = filter {
        return Ok(TargetSelection::Filter(expressions::parse(Some(text))?));
    }
    let words = match ids_from {
        Some(path) => read_key_file(path)?,
        None => GivenKeys {
            file: None,
            entries: keys
                .iter()
                .map(|key| parse_key(key))
                .collect::<Result<_, _>>()?,
        },
    };
    Ok(TargetSelection::Keys(words))
}

fn parse_key(key: &str) -> Result<IdEntry, Failure> {
    let word = LeakIdentifier::parse(key).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            error,
            "a leak's key is profile:leak:id, as stanch leaks list prints it",
        )
    })?;
    Ok(IdEntry {
        identifier: word,
        line: 0,
        foreign_format: None,
    })
}

/// A file that cannot be read, and one that holds no ids.
enum KeyFileError {
    Io(std::io::Error),
    Refused(Refusal),
}

impl From<std::io::Error> for KeyFileError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

fn read_key_file(path: &Path) -> Result<GivenKeys, Failure> {
    let piped = path.as_os_str() == "-";
    let name = if piped {
        "standard input".to_owned()
    } else {
        input::printable_path(path)
    };
    let mut reader = id_file::Reader::default();
    let mut take = |piece: &[u8]| reader.push(piece).map_err(KeyFileError::Refused);
    let taken = if piped {
        input::for_each_chunk(std::io::stdin().lock(), &mut take)
    } else {
        open(path)
            .map_err(KeyFileError::Io)
            .and_then(|file| input::for_each_chunk(file, &mut take))
    };
    let given = taken.and_then(|()| reader.finish().map_err(KeyFileError::Refused));
    let given = given.map_err(|error| match error {
        KeyFileError::Io(error) => Failure::new(
            FailureKind::Usage,
            format!(
                "the keys cannot be read from {name}: {}",
                input::InputError::from(error).why
            ),
            "give a file with one key a line, or - for standard input",
        ),
        KeyFileError::Refused(refusal) => Failure::new(
            FailureKind::Usage,
            format!("no keys can be taken from {name}: {}", refusal.message),
            refusal.hint,
        ),
    })?;
    // A pipe in which nothing came is a search that found nothing; a file without a key was meant to have some.
    if given.is_empty() && !piped {
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "no keys can be taken from {name}: it is empty, but for blank lines and comments"
            ),
            ID_HINT,
        ));
    }
    Ok(GivenKeys {
        file: Some(name),
        entries: given,
    })
}

/// The keys of words, each with its place; of an id alone at the only profile in play.
pub(super) fn resolve_keys(
    words: GivenKeys,
    profiles: &[ProfileName],
) -> Result<ResolvedKeys, Failure> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::with_capacity(words.entries.len());
    for given in words.entries {
        let key = match (given.identifier, profiles) {
            (LeakIdentifier::Key(key), _) => key,
            (LeakIdentifier::Id(id), [only]) => {
                EntityKey::for_leak(only.clone(), RemoteId::from(&id[..]))
            }
            (LeakIdentifier::Id(_), _) => {
                return Err(Failure::new(
                    FailureKind::Usage,
                    "an id alone says nothing while several profiles are in play",
                    "give whole keys, profile:leak:id, or one --profile",
                ));
            }
        };
        if seen.insert(key.clone()) {
            keys.push((key, given.line, given.foreign_format));
        }
    }
    Ok(ResolvedKeys {
        file: words.file,
        keys,
    })
}

/// Keys, each once, with their lines and what these look like.
pub(in crate::cli) struct ResolvedKeys {
    file: Option<String>,
    keys: Vec<(EntityKey, usize, Option<id_file::ForeignFormat>)>,
}

impl ResolvedKeys {
    /// The profiles that they name.
    pub(super) fn profiles(&self) -> HashSet<&ProfileName> {
        self.keys.iter().map(|(key, ..)| &key.profile).collect()
    }

    /// Returns true if a profile is one of files, and every leak that is named of it was read.
    pub(super) fn are_read_from_files(&self, context: Context<'_>, profile: &ProfileName) -> bool {
        let row = context
            .data
            .profile(profile)
            .and_then(|state| registration(state.profile.binding.provider.as_str()));
        let mut named = self.keys.iter().filter(|(key, ..)| key.profile == *profile);
        row.is_some_and(|row| row.address == AddressForm::Path)
            && named.all(|(key, ..)| context.data.table.find_in_any_case(key).is_some())
    }
}

/// The targets of a filter, once everything is read.
pub(super) fn targets_by_filter(context: Context<'_>, filter: &Filter) -> Vec<Target> {
    let rows = context
        .data
        .table
        .select(filter, &[], None, &Marks::default());
    rows.into_iter().map(Target::Row).collect()
}

/// The targets of keys, once everything is read. A leak counts once, however often and in whatever case its id was
/// written.
///
/// # Errors
/// When a line of a file looks like anything but a key and no leak has that key, or no line of it can be an id.
pub(super) fn targets_by_keys(
    context: Context<'_>,
    keys: ResolvedKeys,
) -> Result<Vec<Target>, Failure> {
    let found: Vec<Option<RowId>> = keys
        .keys
        .iter()
        .map(|(key, ..)| context.data.table.find_in_any_case(key))
        .collect();
    if let Some(file) = &keys.file {
        check_key_lines(context, file, &keys, &found)?;
    }
    let mut rows = HashSet::new();
    let mut targets = Vec::with_capacity(found.len());
    for ((key, ..), row) in keys.keys.into_iter().zip(found) {
        match row {
            Some(row) if rows.insert(row) => targets.push(Target::Row(row)),
            Some(_) => {}
            None => targets.push(Target::Missing(key)),
        }
    }
    Ok(targets)
}

fn check_key_lines(
    context: Context<'_>,
    file: &str,
    keys: &ResolvedKeys,
    found: &[Option<RowId>],
) -> Result<(), Failure> {
    let missing = || keys.keys.iter().zip(found).filter(|(_, row)| row.is_none());
    let doubtful: Vec<_> = missing()
        .filter_map(|((_, line, look), _)| Some((*line, (*look)?)))
        .collect();
    if let Some((_, look)) = doubtful.first() {
        let mut lines: Vec<usize> = doubtful.iter().map(|(line, _)| *line).collect();
        let more = lines.len().saturating_sub(5);
        lines.truncate(5);
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "no keys can be taken from {file}: {} no key that any leak has: {look}",
                id_file::line_list_text(&lines, more)
            ),
            look.hint(),
        ));
    }
    let accepted = |key: &EntityKey| {
        let profile = context.data.profile(&key.profile);
        profile.is_none_or(|state| state.profile.capabilities.accepts_id(key.id.as_bytes()))
    };
    let none = !keys.keys.is_empty()
        && missing().count() == keys.keys.len()
        && !keys.keys.iter().any(|(key, ..)| accepted(key));
    if none {
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "no keys can be taken from {file}: no line of it is an id as the provider has them"
            ),
            ID_HINT,
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<GivenKeys, Refusal> {
        let mut reader = id_file::Reader::default();
        reader.push(text.as_bytes())?;
        Ok(GivenKeys {
            file: Some("a file".to_owned()),
            entries: reader.finish()?,
        })
    }

    #[test]
    fn a_repeated_key_counts_once_however_it_is_given() {
        let only = [ProfileName::new("acme").unwrap()];
        let words = words("\u{feff}# ids\r\n\r\nacme:leak:1\r\n  2 \n\n1\n#3\n2\n").unwrap();
        let found = resolve_keys(words, &only).unwrap();
        let shown: Vec<_> = found.keys.iter().map(|(key, ..)| key.to_string()).collect();
        assert_eq!(shown, ["acme:leak:1", "acme:leak:2"]);
    }

    #[test]
    fn an_id_alone_needs_one_profile() {
        let two = ["a", "b"].map(|name| ProfileName::new(name).unwrap());
        assert!(resolve_keys(words("1").unwrap(), &two).is_err());
        assert!(resolve_keys(words("a:leak:1").unwrap(), &two).is_ok());
    }
}
