//! Which module and which file may use which.

use super::{
    assert_none,
    graph::Graph,
    rules::{self, Imports},
    source::{Source, sources},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a module may use.
#[derive(Clone, Copy)]
enum AllowedUses {
    /// These modules.
    Only(&'static [&'static str]),
    /// Every module before it in the table.
    AllAbove,
}

use AllowedUses::{AllAbove, Only};

/// Who may use whom, the lowest first. The crate's documentation shows people what of it is built. Exceptions stand in
/// [`rules::MODULE_USES`].
const MODULES: &[(&str, AllowedUses)] = &[
    ("entity", Only(&[])),
    ("action", Only(&["entity"])),
    ("filter", Only(&["entity"])),
    ("config", Only(&["entity", "action", "filter"])),
    ("table", Only(&["entity", "filter"])),
    ("feature", AllAbove),
    ("ui", AllAbove),
    ("overlay", AllAbove),
    ("app", AllAbove),
    ("http", Only(&["entity"])),
    ("provider", Only(&["entity", "http"])),
    ("journal", Only(&["entity"])),
    ("seen", Only(&["entity", "journal"])),
    ("export", Only(&["entity"])),
    ("report", Only(&["entity", "export"])),
    ("clipboard", Only(&["entity"])),
    ("credential", Only(&["entity"])),
    ("logging", Only(&["entity"])),
    ("notify", Only(&["entity", "http", "clipboard"])),
    ("demo", Only(&["entity"])),
    ("guide", Only(&[])),
    ("runtime", AllAbove),
    ("cli", AllAbove),
];

/// What a module may use today: what the table says and the exceptions add, without modules that are not there yet and
/// without those that use the module themselves by an exception.
fn allowed_today(module: &str) -> BTreeSet<&'static str> {
    let at = MODULES.iter().position(|(name, _)| *name == module);
    let uses = MODULES[at.unwrap_or_else(|| panic!("{module} is not in the table"))].1;
    let mut allowed: BTreeSet<&str> = match uses {
        Only(names) => names.iter().copied().collect(),
        AllAbove => MODULES[..at.unwrap()]
            .iter()
            .map(|(name, _)| *name)
            .collect(),
    };
    for exception in rules::MODULE_USES {
        if exception.module == module {
            allowed.insert(exception.uses);
        }
        if exception.uses == module {
            allowed.remove(exception.module);
        }
    }
    allowed.retain(|name| {
        !rules::UNBUILT_MODULES
            .iter()
            .any(|(absent, _)| absent == name)
    });
    allowed
}

/// The modules that a file names, each with the first line that does.
fn modules_named(source: &Source) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    for (path, line) in source.paths("crate") {
        if let Some(module) = path.into_iter().next()
            && MODULES.iter().any(|(name, _)| **name == module)
            && module != source.top_module()
        {
            named.entry(module).or_insert(line);
        }
    }
    named
}

/// What breaks the table of modules.
fn forbidden_uses(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let module = source.top_module();
        if ["lib", "main"].contains(&&module[..]) {
            continue;
        }
        let allowed = allowed_today(&module);
        for (used, line) in modules_named(source) {
            if !allowed.contains(&used[..]) {
                found.push(format!("{}:{line} uses {used}", source.name));
            }
        }
    }
    found
}

#[test]
fn modules_use_only_the_modules_below_them() {
    assert_none(
        &forbidden_uses(&sources()),
        "a module uses one that it may not use",
    );
    let planted = |name, text| forbidden_uses(&[Source::from_text(name, text)]);
    assert_eq!(
        planted("entity/leak.rs", "use crate::table::Table;"),
        ["entity/leak.rs:1 uses table"]
    );
    assert_eq!(
        planted("app/plan.rs", "fn f(look: crate::ui::Look) {}"),
        ["app/plan.rs:1 uses ui"]
    );
    assert_eq!(
        planted("journal/store.rs", "use super::super::provider::x;"),
        ["journal/store.rs:1 uses provider"]
    );
    assert!(planted("runtime/files.rs", "use crate::{app::x, ui::y};").is_empty());
}

#[test]
fn exceptions_of_the_module_table_only_shrink() {
    let sources = sources();
    for exception in rules::MODULE_USES {
        assert!(exception.why.len() > 20, "{}", exception.module);
        let files = sources.iter().filter(|source| {
            source.top_module() == exception.module
                && modules_named(source).contains_key(exception.uses)
        });
        assert_eq!(
            files.count(),
            exception.files,
            "files of {} that use {}: where they have become fewer, lower the figure; they may not become more",
            exception.module,
            exception.uses
        );
    }
    for (module, why) in rules::UNBUILT_MODULES {
        assert!(why.len() > 20, "{module}");
        assert!(MODULES.iter().any(|(name, _)| name == module), "{module}");
        let built = sources.iter().any(|source| source.top_module() == *module);
        assert!(!built, "{module} is there now: take it out of NOT_BUILT");
    }
}

#[test]
fn every_module_is_in_the_table_and_on_the_map() {
    let map = sources().into_iter().find(|source| source.name == "lib.rs");
    let text = map.unwrap().text;
    let built: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let known: BTreeSet<_> = MODULES
        .iter()
        .map(|(module, _)| *module)
        .filter(|module| {
            !rules::UNBUILT_MODULES
                .iter()
                .any(|(absent, _)| absent == module)
        })
        .collect();
    assert_eq!(built, known);
    let mut shown = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("//! | [`")) {
        let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
        // One row may name several modules.
        let names = cells[1].split("[`").skip(1);
        let names = names.filter_map(|name| known.get(name.split('`').next()?));
        let names: Vec<&str> = names.copied().collect();
        let expected: BTreeSet<&str> = match *cells.last().unwrap() {
            "–" => BTreeSet::new(),
            "the above" | "all" => shown.clone(),
            "all but cli" => {
                let others = known.iter().copied();
                others
                    .filter(|other| ![names[0], "cli"].contains(other))
                    .collect()
            }
            cell => cell.split(", ").collect(),
        };
        for module in &names {
            assert_eq!(expected, allowed_today(module), "{module}");
        }
        shown.extend(names);
    }
    assert_eq!(shown, known, "modules on the map");
}

/// What is wrong with the imports between files, beside the exceptions.
fn wrong_imports(sources: &[Source], exceptions: &[Imports]) -> Vec<String> {
    let graph = Graph::from_sources(sources);
    let cut: Vec<(&str, &str)> = exceptions
        .iter()
        .flat_map(|group| group.imports.iter().copied())
        .collect();
    let rest = graph.without(&cut);
    let mut found = Vec::new();
    for cycle in rest.cycles() {
        for from in &cycle {
            for (to, line) in rest.imports(from).filter(|(to, _)| cycle.contains(to)) {
                found.push(format!(
                    "{from}:{line} imports {to}, which leads back to it"
                ));
            }
        }
    }
    for (from, to) in cut {
        if !graph.has(from, to) {
            found.push(format!("{from} does not import {to} any more: take it out"));
        } else if !rest.reaches(to, from) {
            found.push(format!(
                "{from} may import {to}, no cycle comes of it: take it out"
            ));
        }
    }
    found
}

#[test]
fn no_file_imports_itself_through_others() {
    for group in rules::CYCLES {
        assert!(group.why.len() > 20, "{:?}", group.imports);
    }
    assert_none(
        &wrong_imports(&sources(), rules::CYCLES),
        "imports between files that go in a circle",
    );
}

#[test]
fn an_added_cycle_is_found() {
    let file = Source::from_text;
    let planted = |extra: &str| {
        vec![
            file("a.rs", "mod x; mod y; pub use x::X; use crate::b::B;"),
            file("a/x.rs", "use super::y::Y; pub struct X;"),
            file("a/y.rs", extra),
            file("b.rs", "pub struct B;"),
        ]
    };
    let none: &[Imports] = &[];
    // A parent names its children, and these name what it has.
    assert!(wrong_imports(&planted("fn f(b: super::B) {}"), none).is_empty());
    // Straight, and through what the parent offers.
    for back in [
        "use super::x::X;",
        "fn f(x: super::X) {}",
        "use crate::a; fn f() -> a::X { a::X }",
        "use crate::{a::{X as Z}, b}; pub struct Y;",
    ] {
        let found = wrong_imports(&planted(back), none);
        assert!(
            found.contains(&"a/y.rs:1 imports a/x.rs, which leads back to it".to_owned()),
            "{back}: {found:?}"
        );
    }
    let known: &[Imports] = &[Imports {
        why: "",
        imports: &[("a/y.rs", "a/x.rs")],
    }];
    assert!(wrong_imports(&planted("use super::x::X;"), known).is_empty());
    assert_eq!(
        wrong_imports(&planted(""), known),
        ["a/y.rs does not import a/x.rs any more: take it out"]
    );
    // One exception allows no second cycle.
    let mut more = planted("use super::x::X;");
    more[3] = file("b.rs", "use crate::a::x::X;");
    more[1] = file("a/x.rs", "use super::y::Y; use crate::b::B;");
    assert_eq!(
        wrong_imports(&more, known),
        [
            "a/x.rs:1 imports b.rs, which leads back to it",
            "b.rs:1 imports a/x.rs, which leads back to it"
        ]
    );
}
