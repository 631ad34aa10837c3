//! Named sets of marked leaks, as the state directory keeps them between consoles: names, times and keys, no content of
//! a leak. Text comes in and goes out; where it lies is not known here.

use super::{json, key::EntityKey, visible};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The most sets.
pub const MAX_SETS: usize = 100;
/// The most keys of one set.
pub const MAX_KEYS: usize = 1_000_000;
/// The longest name, in characters.
pub const MAX_NAME: usize = 40;
/// The form of the file.
const SCHEMA: u64 = 1;

/// A named set of marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkSet {
    /// Its name.
    pub name: String,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// The leaks, each once, in the order of their keys.
    pub keys: Vec<EntityKey>,
}

/// All named sets, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkSets {
    sets: Vec<MarkSet>,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct File {
    schema: u64,
    sets: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    saved_at: String,
    keys: Vec<String>,
}

/// Checks that a name can be that of a set: printable, of at most [`MAX_NAME`] characters, without blanks around it.
///
/// # Errors
/// What is wrong with the name.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.trim() != name {
        return Err("a set of marks has a name, without blanks around it");
    }
    if name.chars().count() > MAX_NAME {
        return Err("the name of a set of marks has forty characters at most");
    }
    if visible::escape(name.as_bytes()).as_str() != name {
        return Err("the name of a set of marks is of printable characters");
    }
    Ok(())
}

impl MarkSets {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// What is wrong with it; no value of it is quoted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text)
            .map_err(|error| format!("line {}: it is no list of marks", error.line()))?;
        if file.schema != SCHEMA {
            return Err("it is of another version of this program".to_owned());
        }
        let mut sets = Self::default();
        for (at, entry) in file.sets.into_iter().enumerate() {
            let place = |what: &str| format!("set {}: {what}", at + 1);
            let saved_at = entry
                .saved_at
                .parse()
                .map_err(|_| place("saved_at is no time"))?;
            let keys = entry
                .keys
                .iter()
                .map(|key| key.parse())
                .collect::<Result<Vec<EntityKey>, _>>()
                .map_err(|error| place(&error.to_string()))?;
            sets.save(&entry.name, keys, saved_at)
                .map_err(|why| place(&why))?;
        }
        Ok(sets)
    }

    /// Returns the text of the file.
    pub fn text(&self) -> String {
        let file = File {
            schema: SCHEMA,
            sets: self
                .sets
                .iter()
                .map(|set| Entry {
                    name: set.name.clone(),
                    saved_at: set.saved_at.to_string(),
                    keys: set.keys.iter().map(ToString::to_string).collect(),
                })
                .collect(),
        };
        // Strings and numbers alone: there is nothing that could not be written.
        json::to_string(&file).unwrap_or_default() + "\n"
    }

    /// Returns the sets, in the order of their names.
    pub fn list(&self) -> &[MarkSet] {
        &self.sets
    }

    /// Returns the set of a name.
    pub fn find(&self, name: &str) -> Option<&MarkSet> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// Saves keys under a name, in place of what had it.
    ///
    /// # Errors
    /// The name cannot be one, or there are too many sets or keys.
    pub fn save(
        &mut self,
        name: &str,
        mut keys: Vec<EntityKey>,
        saved_at: Timestamp,
    ) -> Result<(), String> {
        check_name(name)?;
        if keys.len() > MAX_KEYS {
            return Err("a set holds at most a million leaks".to_owned());
        }
        keys.sort_unstable();
        keys.dedup();
        let known = self.sets.iter().position(|set| set.name == name);
        if known.is_none() && self.sets.len() >= MAX_SETS {
            return Err("there are a hundred sets of marks: delete one first".to_owned());
        }
        if let Some(at) = known {
            self.sets.remove(at);
        }
        let at = self.sets.partition_point(|set| set.name.as_str() < name);
        self.sets.insert(
            at,
            MarkSet {
                name: name.to_owned(),
                saved_at,
                keys,
            },
        );
        Ok(())
    }

    /// Deletes the set of a name, and returns true if there was one.
    pub fn delete(&mut self, name: &str) -> bool {
        let before = self.sets.len();
        self.sets.retain(|set| set.name != name);
        self.sets.len() < before
    }

    /// Returns the keys that are in all sets of these names.
    ///
    /// # Errors
    /// The first name that no set has.
    pub fn intersect<'n>(&self, names: &[&'n str]) -> Result<Vec<EntityKey>, &'n str> {
        let mut sets = Vec::with_capacity(names.len());
        for name in names {
            sets.push(self.find(name).ok_or(*name)?);
        }
        let Some((first, others)) = sets.split_first() else {
            return Ok(Vec::new());
        };
        let others: Vec<HashSet<&EntityKey>> =
            others.iter().map(|set| set.keys.iter().collect()).collect();
        let in_all = |key: &&EntityKey| others.iter().all(|keys| keys.contains(key));
        Ok(first.keys.iter().filter(in_all).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[&str]) -> Vec<EntityKey> {
        let key = |id: &&str| format!("acme:leak:{id}").parse().unwrap();
        ids.iter().map(key).collect()
    }

    #[test]
    fn sets_survive_their_text() {
        let mut sets = MarkSets::default();
        let at = "2026-11-29T02:00:00Z".parse().unwrap();
        sets.save("vpn", keys(&["2", "1", "2"]), at).unwrap();
        sets.save("a \"b\"", keys(&[]), at).unwrap();
        let names: Vec<_> = sets.list().iter().map(|set| &set.name[..]).collect();
        assert_eq!(names, ["a \"b\"", "vpn"]);
        assert_eq!(sets.find("vpn").unwrap().keys, keys(&["1", "2"]));
        assert_eq!(MarkSets::parse(&sets.text()), Ok(sets.clone()));
        sets.save("vpn", keys(&["3"]), at).unwrap();
        assert_eq!(sets.list().len(), 2);
        assert!(sets.delete("vpn") && !sets.delete("vpn"));
    }

    #[test]
    fn an_intersection_holds_what_all_sets_hold() {
        let mut sets = MarkSets::default();
        let at = Timestamp::UNIX_EPOCH;
        sets.save("a", keys(&["1", "2", "3"]), at).unwrap();
        sets.save("b", keys(&["2", "3", "4"]), at).unwrap();
        assert_eq!(sets.intersect(&["a", "b"]), Ok(keys(&["2", "3"])));
        assert_eq!(sets.intersect(&["a"]), Ok(keys(&["1", "2", "3"])));
        assert_eq!(sets.intersect(&["a", "c"]), Err("c"));
    }

    #[test]
    fn a_file_of_anything_else_is_refused_without_its_values() {
        for text in ["", "[]", "{\"schema\":2,\"sets\":[]}", "{\"schema\":1}"] {
            assert!(MarkSets::parse(text).is_err(), "{text}");
        }
        let bad = "{\"schema\":1,\"sets\":[{\"name\":\"x\",\"saved_at\":\"hunter2\",\"keys\":[]}]}";
        let why = MarkSets::parse(bad).unwrap_err();
        assert!(!why.contains("hunter2"), "{why}");
        assert!(check_name("").is_err() && check_name(" a").is_err());
        assert!(check_name("a\u{1b}").is_err() && check_name("vpn leaks").is_ok());
    }
}
