//! Globs: `*`, `?`, `[…]` in a part of a path, `**` for any folders.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path, PathBuf},
};

/// Folders that `**` goes down.
const LEVELS: usize = 64;

/// Paths that a glob may give.
const MOST: usize = 1_000_000;

/// Whether a path is a glob.
fn is_glob(path: &[u8]) -> bool {
    path.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// The paths that a path or glob stands for, in the order of their bytes. One that is there is itself, whatever
/// characters it has.
pub(in crate::provider::file) fn expand(path: &Path) -> Vec<PathBuf> {
    if !is_glob(path.as_os_str().as_bytes()) || fs::symlink_metadata(path).is_ok() {
        return vec![path.to_owned()];
    }
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        found = match part {
            Component::Normal(name) if name == OsStr::new("**") => {
                found.iter().flat_map(|base| below(base)).collect()
            }
            Component::Normal(name) if is_glob(name.as_bytes()) => found
                .iter()
                .flat_map(|base| matching(base, name.as_bytes()))
                .collect(),
            part => found.into_iter().map(|base| base.join(part)).collect(),
        };
        found.truncate(MOST);
    }
    found.retain(|path| fs::symlink_metadata(path).is_ok());
    found.sort();
    found.dedup();
    found
}

fn folder(base: &Path) -> &Path {
    if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        base
    }
}

fn names(base: &Path) -> Vec<fs::DirEntry> {
    fs::read_dir(folder(base))
        .into_iter()
        .flatten()
        .flatten()
        .collect()
}

fn matching(base: &Path, pattern: &[u8]) -> Vec<PathBuf> {
    let names = names(base).into_iter().map(|entry| entry.file_name());
    let hidden = pattern.first() == Some(&b'.');
    names
        .filter(|name| hidden || !name.as_bytes().starts_with(b"."))
        .filter(|name| fits(pattern, name.as_bytes()))
        .map(|name| base.join(name))
        .collect()
}

/// A folder and all folders below it.
fn below(base: &Path) -> Vec<PathBuf> {
    let mut all = vec![base.to_owned()];
    let mut at = 0;
    while at < all.len() && all.len() < MOST {
        let deep = all[at].components().count() > base.components().count() + LEVELS;
        if !deep {
            let folders = names(&all[at])
                .into_iter()
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
            let paths: Vec<PathBuf> = folders
                .map(|entry| all[at].join(entry.file_name()))
                .collect();
            all.extend(paths);
        }
        at += 1;
    }
    all
}

/// Whether a name fits a pattern.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return name.is_empty();
    };
    match first {
        b'*' => (0..=name.len()).any(|at| fits(rest, &name[at..])),
        b'?' => name.split_first().is_some_and(|(_, name)| fits(rest, name)),
        b'[' => match (set(rest), name.split_first()) {
            (Some((set, rest)), Some((byte, name))) => is_in(set, *byte) && fits(rest, name),
            (None, Some((b'[', name))) => fits(rest, name),
            _ => false,
        },
        _ => name
            .split_first()
            .is_some_and(|(byte, name)| byte == first && fits(rest, name)),
    }
}

fn set(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let close = rest.iter().skip(1).position(|byte| *byte == b']')? + 1;
    Some((&rest[..close], &rest[close + 1..]))
}

fn is_in(set: &[u8], byte: u8) -> bool {
    let (not, set) = match set.first() {
        Some(b'!' | b'^') => (true, &set[1..]),
        _ => (false, set),
    };
    let mut at = 0;
    let mut found = false;
    while at < set.len() {
        if set.get(at + 1) == Some(&b'-') && at + 2 < set.len() {
            found |= (set[at]..=set[at + 2]).contains(&byte);
            at += 3;
        } else {
            found |= set[at] == byte;
            at += 1;
        }
    }
    found != not
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_names() {
        for (pattern, name, expected) in [
            ("*.zip", "a.zip", true),
            ("*.zip", "a.zip2", false),
            ("case-?[0-9]", "case-41", true),
            ("case-?[!0-9]", "case-41", false),
            ("[US]*", "S.zip", true),
            ("a*b*c", "aXbYc", true),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), name.as_bytes()),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
