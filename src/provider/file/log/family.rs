//! Which stealer wrote a log. It is told and never needed.

use super::system::System;

/// The stealer, by the labels and the words of its system files.
pub(super) fn family(files: &[&System]) -> Option<&'static str> {
    let label = |name: &str| files.iter().any(|file| file.has(name));
    let word = |word: &str| files.iter().any(|file| file.words.contains(word));
    let value = |name: &str, part: &str| files.iter().any(|file| file.says(name, part));
    let found = [
        ("rhadamanthys", label("trafficname")),
        ("risepro", word("zip (autofills)")),
        ("lumma", label("lid") || word("lummac2")),
        ("stealc", word("stealc") || label("runningpath")),
        (
            "atomic",
            word("atomic mac") || (label("buildversion") && value("productname", "macos")),
        ),
        ("meta", word("m | e | t | a")),
        ("redline", label("filelocation")),
        ("raccoon", word("raccoon") || label("systemlanguage")),
        (
            "vidar",
            word("vidar") || (label("machineid") && label("workdir")),
        ),
    ];
    found
        .into_iter()
        .find(|(_, fits)| *fits)
        .map(|(name, _)| name)
}
