//! The language in a few lines, for whoever types it: short enough for a narrow screen.

/// What can be written, and what it takes.
pub const SYNTAX: &[(&str, &str)] = &[
    (
        "word  \"two words\"",
        "Text in login, url, host or domain, in any case.",
    ),
    (
        "/regular expression/",
        "The same fields, any case; (?-i) for exact case.",
    ),
    ("~letters", "Letters in this order in one of these fields."),
    (
        "FIELD:VALUE[,VALUE]",
        "Any of these values; FIELD:none has no value.",
    ),
    (
        "fields, exactly",
        "status risk class source profile is form",
    ),
    (
        "fields, a part of",
        "login url host domain ip os country device breach",
    ),
    ("fields, a part of", "key reason ticket claimed"),
    (
        "risk>=medium leaks>9",
        ">= > <= < with risk seen added found age leaks.",
    ),
    (
        "seen:2026-01..2026-03",
        "Days or months, UTC, inclusive, open where left out.",
    ),
    ("age<7d", "Leaked less than seven days ago; h d w."),
    (
        "is:news found<8h",
        "New since you left; found here in the last hours.",
    ),
    (
        "status:open",
        "All but fixed, false_positive; status:closed: these.",
    ),
    ("marked", "What is marked."),
    (
        "!TERM  A or B  (A B)",
        "! or not binds closest, then and, then or.",
    ),
];
