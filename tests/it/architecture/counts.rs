//! Figures that may only fall, and names that belong to one module.

use super::{
    assert_none, rules,
    source::{Source, sources},
};

/// The files that do something.
fn files_with(sources: &[Source], has: impl Fn(&Source) -> bool) -> Vec<&str> {
    let files = sources.iter().filter(|source| has(source));
    files.map(|source| &source.name[..]).collect()
}

fn assert_at_most(files: &[&str], most: usize, what: &str) {
    assert_eq!(
        files.len(),
        most,
        "files that {what}: where they have become fewer, lower the figure; they may not become more:\n{}",
        files.join("\n")
    );
}

#[test]
fn fewer_files_change_the_whole_model() {
    let takes = |source: &Source| source.has_mutable("Model");
    assert_at_most(
        &files_with(&sources(), takes),
        rules::MAX_FILES_WITH_MODEL,
        "take `&mut Model`",
    );
    let planted = |text| takes(&Source::from_text("app/x.rs", text));
    assert!(planted("fn f(model: &mut Model) {}"));
    assert!(planted("fn f<'a>(model: &'a mut Model) {}"));
    assert!(planted("fn f(model: &mut super::model::Model) {}"));
    assert!(!planted("fn f(model: &Model, other: &mut Models) {}"));
}

#[test]
fn fewer_files_name_the_kinds_of_overlays() {
    let names = |source: &Source| source.names_variant_of("Overlay");
    assert_at_most(
        &files_with(&sources(), names),
        rules::MAX_FILES_WITH_OVERLAY,
        "name a variant of `Overlay`",
    );
    let planted = |text| names(&Source::from_text("ui/x.rs", text));
    assert!(planted("fn f() { g(&Overlay::Leave) }"));
    assert!(planted("fn f() { g(crate::app::overlay::Overlay::Quit) }"));
    assert!(!planted("use super::overlay::Overlay;"));
    assert!(!planted("fn f() { g(overlays.filter_map(Overlay::job)) }"));
}

#[test]
fn the_database_is_used_by_the_journal_and_the_memory_alone() {
    let uses = |sources: &[Source]| {
        let mut found = Vec::new();
        for source in sources {
            let words = source.words().into_iter();
            for (_, line) in words.filter(|(word, _)| word == "rusqlite") {
                let is_memory = source.name.starts_with("seen/sqlite");
                if source.top_module() != "journal" && !is_memory {
                    found.push(format!("{}:{line} uses rusqlite", source.name));
                }
            }
        }
        found
    };
    assert_none(
        &uses(&sources()),
        "the database belongs to the journal and to seen/sqlite",
    );
    let planted = Source::from_text("cli/audit.rs", "fn f(c: rusqlite::Connection) {}");
    assert_eq!(uses(&[planted]), ["cli/audit.rs:1 uses rusqlite"]);
}

#[test]
fn a_message_is_small_enough_to_be_moved_about() {
    assert!(size_of::<stanch::app::message::Message>() <= 128);
}
