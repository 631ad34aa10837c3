//! The guide: its pages are there, and what it names is so.

use crate::cli::run;
use stanch::{cli::exit::ExitCode, guide::PAGES};
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
    let texts: Vec<(PathBuf, String)> = PAGES
        .iter()
        .map(|page| (file(page.name), page.text.to_owned()))
        .collect();
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
fn help_shows_every_page_and_commands() {
    for page in PAGES {
        let ran = run(&["help", page.name, "--ascii"]);
        assert_eq!(ran.exit, ExitCode::Done, "{}", page.name);
        assert!(
            ran.out.is_ascii() && ran.out.lines().count() > 10,
            "{}",
            page.name
        );
    }
    let ran = run(&["help"]);
    assert!(PAGES.iter().all(|page| ran.out.contains(page.about)));
    let ran = run(&["help", "leaks", "fix"]);
    assert!(ran.out.contains("--expect-count"), "{}", ran.out);
    let ran = run(&["help", "getting", "started"]);
    assert!(ran.out.contains("GETTING STARTED"), "{}", ran.out);
    let ran = run(&["help", "filtr"]);
    assert_eq!(ran.exit, ExitCode::Usage);
    assert!(ran.err.contains("did you mean filter"), "{}", ran.err);
    let ran = run(&["help", "keys", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["schema"], 1);
    assert_eq!(answer["help"]["topic"], "keys");
    assert!(answer["help"]["text"].as_str().unwrap().starts_with("# "));
}

#[test]
fn the_version_is_told_with_what_was_built() {
    let version = format!("stanch {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["version"]).out, version);
    assert_eq!(run(&["--version"]).out, version);
    let verbose = run(&["version", "--verbose"]).out;
    assert_eq!(run(&["--version", "--verbose"]).out, verbose);
    assert_eq!(run(&["--verbose", "--version"]).out, verbose);
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
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["version"]["version"], env!("CARGO_PKG_VERSION"));
    let features = answer["version"]["features"].as_array().unwrap();
    assert_eq!(
        features.iter().any(|name| name == "mutants"),
        cfg!(feature = "mutants")
    );
}
