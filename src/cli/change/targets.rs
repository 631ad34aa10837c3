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
        ids::{self, Given, HINT, Refusal, Word},
        key::{EntityKey, ProfileName, RemoteId},
        option::AddressForm,
    },
    filter::Filter,
    provider::registration,
    table::{Handle, Marks},
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
    pub(in crate::cli) fn read(&self) -> Result<Named, Failure> {
        read(self.filter.as_deref(), self.ids_from.as_deref(), &self.keys)
    }
}

/// What the command line named.
pub(in crate::cli) enum Named {
    /// All leaks that match.
    Filter(Filter),
    /// These, each once, in the order in which they were given.
    Words(Words),
}

/// Keys and ids, and where they came from.
pub(in crate::cli) struct Words {
    /// What is told as the source; none for keys of the command line.
    file: Option<String>,
    given: Vec<Given>,
}

/// Reads what the command line named; nothing is asked for yet.
pub(in crate::cli) fn read(
    filter: Option<&str>,
    ids_from: Option<&Path>,
    keys: &[String],
) -> Result<Named, Failure> {
    if let Some(text) = filter {
        return Ok(Named::Filter(expressions::parse(Some(text))?));
    }
    let words = match ids_from {
        Some(path) => of_file(path)?,
        None => Words {
            file: None,
            given: keys.iter().map(|key| one(key)).collect::<Result<_, _>>()?,
        },
    };
    Ok(Named::Words(words))
}

fn one(key: &str) -> Result<Given, Failure> {
    let word = Word::read(key).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            error,
            "a leak's key is profile:leak:id, as stanch leaks list prints it",
        )
    })?;
    Ok(Given {
        word,
        line: 0,
        look: None,
    })
}

/// A file that cannot be read, and one that holds no ids.
enum Unread {
    Io(std::io::Error),
    Refused(Refusal),
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

fn of_file(path: &Path) -> Result<Words, Failure> {
    let piped = path.as_os_str() == "-";
    let name = if piped {
        "standard input".to_owned()
    } else {
        input::shown(path)
    };
    let mut reader = ids::Reader::default();
    let mut take = |piece: &[u8]| reader.push(piece).map_err(Unread::Refused);
    let taken = if piped {
        input::pieces(std::io::stdin().lock(), &mut take)
    } else {
        open(path)
            .map_err(Unread::Io)
            .and_then(|file| input::pieces(file, &mut take))
    };
    let given = taken.and_then(|()| reader.finish().map_err(Unread::Refused));
    let given = given.map_err(|error| match error {
        Unread::Io(error) => Failure::new(
            FailureKind::Usage,
            format!(
                "the keys cannot be read from {name}: {}",
                input::Unread::from(error).why
            ),
            "give a file with one key a line, or - for standard input",
        ),
        Unread::Refused(refusal) => Failure::new(
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
            HINT,
        ));
    }
    Ok(Words {
        file: Some(name),
        given,
    })
}

/// The keys of words, each with its place; of an id alone at the only profile in play.
pub(super) fn keys(words: Words, profiles: &[ProfileName]) -> Result<Keys, Failure> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::with_capacity(words.given.len());
    for given in words.given {
        let key = match (given.word, profiles) {
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
            keys.push((key, given.line, given.look));
        }
    }
    Ok(Keys {
        file: words.file,
        keys,
    })
}

/// Keys, each once, with their lines and what these look like.
pub(in crate::cli) struct Keys {
    file: Option<String>,
    keys: Vec<(EntityKey, usize, Option<ids::Look>)>,
}

impl Keys {
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
pub(super) fn of_filter(context: Context<'_>, filter: &Filter) -> Vec<Target> {
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
pub(super) fn of_keys(context: Context<'_>, keys: Keys) -> Result<Vec<Target>, Failure> {
    let found: Vec<Option<Handle>> = keys
        .keys
        .iter()
        .map(|(key, ..)| context.data.table.find_in_any_case(key))
        .collect();
    if let Some(file) = &keys.file {
        refuse_what_is_no_key(context, file, &keys, &found)?;
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

fn refuse_what_is_no_key(
    context: Context<'_>,
    file: &str,
    keys: &Keys,
    found: &[Option<Handle>],
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
                ids::named(&lines, more)
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
            HINT,
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Words, Refusal> {
        let mut reader = ids::Reader::default();
        reader.push(text.as_bytes())?;
        Ok(Words {
            file: Some("a file".to_owned()),
            given: reader.finish()?,
        })
    }

    #[test]
    fn a_repeated_key_counts_once_however_it_is_given() {
        let only = [ProfileName::new("acme").unwrap()];
        let words = words("\u{feff}# ids\r\n\r\nacme:leak:1\r\n  2 \n\n1\n#3\n2\n").unwrap();
        let found = keys(words, &only).unwrap();
        let shown: Vec<_> = found.keys.iter().map(|(key, ..)| key.to_string()).collect();
        assert_eq!(shown, ["acme:leak:1", "acme:leak:2"]);
    }

    #[test]
    fn an_id_alone_needs_one_profile() {
        let two = ["a", "b"].map(|name| ProfileName::new(name).unwrap());
        assert!(keys(words("1").unwrap(), &two).is_err());
        assert!(keys(words("a:leak:1").unwrap(), &two).is_ok());
    }
}
