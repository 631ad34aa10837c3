//! The guide: its pages are there, its tables are made from what they are of, and what it names is so.
//!
//! `STANCH_GUIDE=1 cargo test --test it guide::` makes the tables anew; without it they are compared.

use crate::cli::run;
use stanch::{
    cli::exit::ExitCode,
    config::{keymap::Keymap, keymap_table, option_table},
    guide::PAGES,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(page: &str) -> PathBuf {
    root().join("assets/guide").join(format!("{page}.md"))
}

/// What stands between two lines of a page is this, or is put there.
fn holds(page: &str, begin: &str, end: &str, table: &str) {
    let path = file(page);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(begin).expect("the block begins");
    let (block, behind) = rest.split_once(end).expect("the block ends");
    if std::env::var_os("STANCH_GUIDE").is_some() {
        fs::write(&path, format!("{before}{begin}\n{table}{end}{behind}")).unwrap();
        return;
    }
    assert_eq!(
        block.trim(),
        table.trim(),
        "{page}.md is behind; make it anew: STANCH_GUIDE=1 cargo test --test it guide::"
    );
}

#[test]
fn the_key_table_is_the_keymaps() {
    let table = keymap_table::markdown(&Keymap::builtin());
    assert!(table.contains("| `j` `down` | Move down. |"), "{table}");
    holds("keys", keymap_table::BEGIN, keymap_table::END, &table);
}

#[test]
fn the_option_table_is_the_samples() {
    let table = option_table::markdown();
    holds(
        "configuration",
        option_table::BEGIN,
        option_table::END,
        &table,
    );
}

#[test]
fn every_file_of_the_guide_is_a_page_and_begins_with_its_title() {
    let files: BTreeSet<String> = fs::read_dir(root().join("assets/guide"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let pages: BTreeSet<String> = PAGES.iter().map(|page| page.name.to_owned()).collect();
    assert_eq!(files, pages);
    for page in PAGES {
        assert!(page.text.starts_with("# "), "{}", page.name);
        // rustdoc would run what has no language as a program.
        let mut inside = false;
        for line in page.text.lines() {
            if line.starts_with("```") {
                assert!(
                    inside || line.len() > 3,
                    "{}: a block without its language",
                    page.name
                );
                inside = !inside;
            }
            assert!(inside || !line.starts_with("    "), "{}: {line}", page.name);
        }
        assert!(!inside, "{}: a block without an end", page.name);
    }
}

#[test]
fn links_lead_to_files_and_pages_that_are_there() {
    let mut texts: Vec<(PathBuf, String)> = PAGES
        .iter()
        .map(|page| (file(page.name), page.text.to_owned()))
        .collect();
    let readme = root().join("README.md");
    texts.push((readme.clone(), fs::read_to_string(readme).unwrap()));
    for (path, text) in texts {
        for (at, _) in text.match_indices("](") {
            let address = text[at + 2..].split(')').next().unwrap();
            if address.contains("://") || address.starts_with('#') {
                continue;
            }
            let name = address.split('#').next().unwrap();
            assert!(
                path.parent().unwrap().join(name).exists(),
                "{}: {address}",
                path.display()
            );
        }
    }
}

#[test]
fn the_readme_is_short_and_names_what_runs() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.len() <= 8_192, "{} bytes", text.len());
    for page in PAGES {
        assert!(
            text.contains(&format!("assets/guide/{}.md", page.name)),
            "{}",
            page.name
        );
    }
}

/// Names of dependencies of a table of the manifest, with those of their target tables.
fn dependencies(manifest: &toml::Table, table: &str) -> BTreeSet<String> {
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        tables.extend(targets.values().filter_map(toml::Value::as_table));
    }
    tables
        .into_iter()
        .filter_map(|all| all.get(table)?.as_table())
        .flat_map(|all| all.keys().cloned())
        .collect()
}

#[test]
fn every_dependency_has_its_line() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let mut wanted = dependencies(&manifest, "dependencies");
    wanted.extend(dependencies(&manifest, "dev-dependencies"));
    wanted.extend(dependencies(&manifest, "build-dependencies"));
    let page = fs::read_to_string(file("dependencies")).unwrap();
    let said: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    let missing: Vec<&String> = wanted.difference(&said).collect();
    assert!(
        missing.is_empty(),
        "no line in dependencies.md: {missing:?}"
    );
}

#[test]
fn help_shows_every_page_and_commands() {
    for page in PAGES {
        let ran = run(&["help", page.name, "--ascii"]);
        assert_eq!(ran.exit, ExitCode::Done, "{}", page.name);
        assert!(
            ran.stdout.is_ascii() && ran.stdout.lines().count() > 10,
            "{}",
            page.name
        );
    }
    let ran = run(&["help"]);
    assert!(PAGES.iter().all(|page| ran.stdout.contains(page.about)));
    let ran = run(&["help", "leaks", "fix"]);
    assert!(ran.stdout.contains("--expect-count"), "{}", ran.stdout);
    let ran = run(&["help", "getting", "started"]);
    assert!(ran.stdout.contains("GETTING STARTED"), "{}", ran.stdout);
    let ran = run(&["help", "filtr"]);
    assert_eq!(ran.exit, ExitCode::Usage);
    assert!(ran.stderr.contains("did you mean filter"), "{}", ran.stderr);
    let ran = run(&["help", "keys", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["schema"], 1);
    assert_eq!(answer["help"]["topic"], "keys");
    assert!(answer["help"]["text"].as_str().unwrap().starts_with("# "));
}

#[test]
fn the_version_is_told_with_what_was_built() {
    let version = format!("stanch {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["version"]).stdout, version);
    assert_eq!(run(&["--version"]).stdout, version);
    let verbose = run(&["version", "--verbose"]).stdout;
    assert_eq!(run(&["--version", "--verbose"]).stdout, verbose);
    assert_eq!(run(&["--verbose", "--version"]).stdout, verbose);
    for word in [
        &version[..],
        "commit",
        "features",
        "target",
        "profile",
        "rustc ",
    ] {
        assert!(verbose.contains(word), "{word}: {verbose}");
    }
    let ran = run(&["version", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["version"]["version"], env!("CARGO_PKG_VERSION"));
    let features = answer["version"]["features"].as_array().unwrap();
    assert_eq!(
        features.iter().any(|name| name == "mutants"),
        cfg!(feature = "mutants")
    );
}
