//! The structure of the program, checked on tokens: strings and comments may say anything, paths may not.
//!
//! What stands under `#[cfg(test)]` is left out everywhere.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod counts;
mod dependencies;
mod graph;
mod public_names;
mod rules;
mod source;

use source::{Source, sources};
use stanch::entity::option::AddressForm;
use std::collections::BTreeSet;

/// The modules without I/O, clock, task, lock and interior mutability.
const PURE: &[&str] = &["entity", "action", "filter", "table", "app", "ui"];

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn the_core_is_pure() {
    const MODULES: &[&str] = &["fs", "net", "env", "process", "thread", "io", "sync"];
    const WORDS: &[&str] = &[
        "Instant",
        "SystemTime",
        "Mutex",
        "RwLock",
        "RefCell",
        "Cell",
        "OnceCell",
        "OnceLock",
        "LazyLock",
        "LazyCell",
        "Condvar",
        "UnsafeCell",
        "async",
        "await",
        "spawn",
        "tokio",
        "reqwest",
        "rusqlite",
        "rustix",
        "axum",
        "print",
        "println",
        "eprint",
        "eprintln",
        "thread_local",
    ];
    let mut found = Vec::new();
    for source in sources() {
        if !PURE.contains(&&source.top_module()[..]) {
            continue;
        }
        for (path, line) in source.paths("std") {
            // Shared and never changed is no interior mutability.
            let shared = path.starts_with(&["sync".into(), "Arc".into()]);
            // An address is a number.
            let number = path.last().is_some_and(|name| name.starts_with("Ip"));
            if path
                .first()
                .is_some_and(|module| MODULES.contains(&&module[..]))
                && !shared
                && !number
            {
                found.push(format!("{}:{line} std::{}", source.name, path.join("::")));
            }
        }
        for (word, line) in source.words() {
            if WORDS.contains(&&word[..]) || word.starts_with("Atomic") {
                found.push(format!("{}:{line} {word}", source.name));
            }
        }
        for clock in ["Timestamp", "Zoned", "Instant", "SystemTime", "TimeZone"] {
            for name in ["now", "system"] {
                for line in source.calls(clock, name) {
                    found.push(format!("{}:{line} {clock}::{name}", source.name));
                }
            }
        }
    }
    assert_none(&found, "the core does no I/O and knows no time");
}

#[test]
fn tasks_are_started_in_known_places() {
    let mut places = BTreeSet::new();
    for source in sources() {
        for (word, _) in source.words() {
            if word.starts_with("spawn") {
                places.insert((source.name.clone(), word));
            }
        }
    }
    let places: Vec<_> = places
        .iter()
        .map(|(name, word)| format!("{name} {word}"))
        .collect();
    assert_eq!(places, rules::TASK_FILES);
}

/// Where a change stands is private to it: it is moved by a step, a step is made in one place, and what makes a change
/// that already stands somewhere is the reader of stored rows.
#[test]
fn the_state_of_a_change_is_changed_in_one_place() {
    let files_with = |wanted: &str| {
        let all = sources();
        let has = |source: &&Source| source.words().iter().any(|(word, _)| word == wanted);
        let names: Vec<String> = all
            .iter()
            .filter(has)
            .map(|source| source.name.clone())
            .collect();
        names
    };
    assert_eq!(files_with("StoredState"), rules::STATE_FILES);
    assert_eq!(files_with("with_injected_state"), rules::MUTANT_FILES);
    let mut found = Vec::new();
    for source in sources() {
        for (at, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if assigns_state(code) {
                found.push(format!("{}:{}: {}", source.name, at + 1, code.trim()));
            }
        }
        let reads_rows = ["journal/postgres/row.rs", "journal/sqlite/row.rs"];
        if !source.calls("Change", "restored").is_empty() && !reads_rows.contains(&&source.name[..])
        {
            found.push(format!("{} restores a change", source.name));
        }
    }
    assert_none(&found, "a change's state is changed by a step alone");
    for line in [
        "change.state = ChangeState::Verified;",
        "row.change.attempts += 1;",
        "job.changes[0].reason = None;",
        "changes[at].code=Some(403);",
    ] {
        assert!(assigns_state(line), "{line}");
    }
    assert!(!assigns_state(
        "if change.state() == ChangeState::Pending {"
    ));
}

/// Whether a line of code assigns where a change stands.
fn assigns_state(code: &str) -> bool {
    ["state", "attempts", "code", "reason"]
        .iter()
        .any(|member| {
            code.match_indices(&format!(".{member}"))
                .any(|(at, found)| {
                    let (before, after) = (&code[..at], code[at + found.len()..].trim_start());
                    let assigned = ["=", "+=", "-="].iter().any(|sign| {
                        after
                            .strip_prefix(sign)
                            .is_some_and(|rest| !rest.starts_with('='))
                    });
                    assigned && before.contains("change")
                })
        })
}

/// What a provider is known by in any spelling, and its folder. A provider of files is none: files are no service.
fn provider_names() -> Vec<(String, String)> {
    let mut names = Vec::new();
    for row in stanch::provider::REGISTRY {
        if row.address != AddressForm::Http {
            continue;
        }
        let folder = format!("provider/{}", row.id.replace('-', "_"));
        let host = row.base_url.split('/').nth(2).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        for name in [row.id, row.title, host] {
            names.push((fold_name(name), folder.clone()));
        }
    }
    // What people and programs call them beside that.
    names.push(("pwned".to_owned(), "provider/hibp".to_owned()));
    names
}

/// A name without case and without what stands between its words.
fn fold_name(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

#[test]
fn a_provider_is_named_in_its_own_folder_alone() {
    let names = provider_names();
    assert!(names.len() > 12, "{names:?}");
    let mut found = Vec::new();
    for source in sources() {
        if source.name == "provider.rs" || source.top_module() == "demo" {
            continue;
        }
        for (word, line) in source.words().into_iter().chain(source.strings()) {
            let folded = fold_name(&word);
            let named = names
                .iter()
                .any(|(name, own)| folded.contains(name) && !source.name.starts_with(own));
            if named {
                found.push(format!("{}:{line}", source.name));
            }
        }
    }
    found.dedup();
    let files: BTreeSet<String> = found
        .iter()
        .map(|place| place.split(':').next().unwrap().to_owned())
        .collect();
    let files: Vec<String> = files.into_iter().collect();
    assert_eq!(
        files,
        rules::PROVIDER_NAMES,
        "a provider is named here:\n{}",
        found.join("\n")
    );
}

/// A system of the stand-in is named in its own folder and where the systems are listed.
#[test]
fn a_system_of_the_stand_in_is_named_where_systems_are_listed() {
    let names = provider_names();
    let mut files = BTreeSet::new();
    for source in sources() {
        if source.top_module() != "demo" {
            continue;
        }
        let own = |folder: &String| {
            let folder = folder.replacen("provider", "demo", 1);
            source.name.starts_with(&folder)
        };
        for (word, _) in source.words().into_iter().chain(source.strings()) {
            let folded = fold_name(&word);
            if names
                .iter()
                .any(|(name, folder)| folded.contains(name) && !own(folder))
            {
                files.insert(source.name.clone());
            }
        }
    }
    let files: Vec<String> = files.into_iter().collect();
    assert_eq!(files, rules::SYSTEM_NAMES);
}

/// What a provider can do is which handles it has: one function says so, and no adapter says it once more.
#[test]
fn capability_sets_are_made_in_one_place() {
    let mut places = BTreeSet::new();
    for source in sources() {
        let words = source.words();
        let made = words
            .iter()
            .any(|(word, _)| word == "Capabilities" || word == "Abilities");
        let code = source.text.lines().filter(|line| {
            let line = line.split("//").next().unwrap_or_default();
            ["Capabilities {", "Abilities("]
                .iter()
                .any(|made| line.contains(made))
        });
        if made && code.count() > 0 {
            places.insert(source.name.clone());
        }
    }
    let places: Vec<_> = places.into_iter().collect();
    assert_eq!(places, ["entity/capability.rs", "provider.rs"]);
}

#[test]
fn spans_of_provider_text_are_made_in_one_place() {
    let mut places = BTreeSet::new();
    for source in sources() {
        for kind in ["Span", "Line", "Text"] {
            for name in ["raw", "styled"] {
                if !source.calls(kind, name).is_empty() {
                    places.insert(source.name.clone());
                }
            }
        }
    }
    let places: Vec<_> = places.into_iter().collect();
    assert_eq!(places, rules::SPAN_FILES);
}

#[test]
fn the_database_is_used_below_the_embedded_store_alone() {
    let mut found = Vec::new();
    for source in sources() {
        let homes = ["journal/sqlite/", "seen/sqlite/"];
        let below = homes.iter().any(|home| source.name.starts_with(home));
        for (word, line) in source.words() {
            if ["rusqlite", "libsqlite3_sys"].contains(&&word[..]) && !below {
                found.push(format!("{}:{line} {word}", source.name));
            }
        }
    }
    assert_none(&found, "the database is the embedded store's own");
}

#[test]
fn nothing_panics_on_purpose() {
    let mut found = Vec::new();
    for source in sources() {
        for (method, line) in source.methods() {
            if ["unwrap", "expect", "unwrap_err", "expect_err"].contains(&&method[..]) {
                found.push(format!("{}:{line} .{method}", source.name));
            }
        }
        for (word, line) in source.macros() {
            if ["panic", "todo", "unimplemented", "dbg"].contains(&&word[..]) {
                found.push(format!("{}:{line} {word}!", source.name));
            }
        }
    }
    assert_none(&found, "outside tests nothing panics on purpose");
}

#[test]
fn files_have_full_names_a_sentence_and_an_end() {
    const BANNED: &[&str] = &[
        "mod", "util", "utils", "helper", "helpers", "common", "misc", "manager", "types",
    ];
    let mut found = Vec::new();
    let mut long = Vec::new();
    for source in sources() {
        let stem = source.name.trim_end_matches(".rs").rsplit('/').next();
        if BANNED.contains(&stem.unwrap()) {
            found.push(format!("{} says nothing by its name", source.name));
        }
        if !source.text.starts_with("//! ") {
            found.push(format!("{} does not say what it is", source.name));
        }
        let lines = source.lines();
        if lines > 500 {
            long.push(source.name.clone());
        }
    }
    assert_none(&found, "names and first lines");
    assert_eq!(
        long,
        rules::LONG_FILES,
        "files above 500 lines, their tests aside"
    );
}

#[test]
fn json_that_leaves_is_made_in_one_place() {
    // What a service is sent, and a member of a table that makes its cells inert itself.
    const ELSEWHERE: &[&str] = &["entity/json.rs", "export/csv.rs", "http/request.rs"];
    let mut found = Vec::new();
    for source in sources() {
        for (path, line) in source.paths("serde_json") {
            let writes = path.last().is_some_and(|name| name.starts_with("to_"));
            if writes && path != ["to_value"] && !ELSEWHERE.contains(&&source.name[..]) {
                found.push(format!("{}:{line} {}", source.name, path.join("::")));
            }
        }
    }
    assert_none(&found, "entity::json makes JSON that shows nothing hidden");
}

#[test]
fn the_reader_of_sources_sees_what_it_must() {
    let source = Source::from_text(
        "app/plan.rs",
        r#"
        //! Text.
        use crate::{a::B, c::{self, d::E as F}, g::*};
        use super::{h, super::i::J};
        pub(crate) fn k() -> crate::l::M { let s = "crate::n::O"; /* crate::p */ std::env::var(s) }
        #[cfg(test)]
        mod tests { use crate::q; fn r() { s.unwrap() } }
        fn t() { u.unwrap(); panic!("{}", crate::v::w()) }
        "#,
    );
    let paths: Vec<_> = source
        .paths("crate")
        .into_iter()
        .map(|(path, _)| path.join("::"))
        .collect();
    let expected = [
        "a::B", "c::self", "c::d::E", "g::*", "app::h", "i::J", "l::M", "v::w",
    ];
    assert_eq!(paths, expected);
    assert_eq!(source.paths("std")[0].0, ["env", "var"]);
    assert_eq!(source.methods(), [("unwrap".to_owned(), 8)]);
    assert_eq!(source.macros(), [("panic".to_owned(), 8)]);
    assert_eq!(source.strings()[0].0, "\"crate::n::O\"");
}
