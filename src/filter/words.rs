//! The language in a few lines, for whoever types it.

/// What can be written, and what it takes.
pub const LANGUAGE: &[(&str, &str)] = &[
    (
        "word  \"two words\"",
        "Text in login, url, host name or domain, in any letter case.",
    ),
    (
        "/regular expression/",
        "The same fields, in any letter case; (?-i) for exact case.",
    ),
    ("~letters", "Letters in this order in one of these fields."),
    (
        "FIELD:VALUE[,VALUE]",
        "Any of these. status, risk, class, source, profile, is and form are exact words; other fields contain.",
    ),
    ("FIELD:none", "The field has no value."),
    (
        "risk>=medium leaks>9",
        ">= > <= < with risk, seen, added, age and leaks.",
    ),
    (
        "seen:2026-01..2026-03",
        "Whole days or months, UTC, both ends included; either may be left out.",
    ),
    (
        "age<7d",
        "Seen less than seven days ago; h, d and w are the units.",
    ),
    (
        "status:open",
        "All but fixed and false_positive; status:closed is those two.",
    ),
    ("marked", "What is marked."),
    (
        "!TERM  A or B  (A B)",
        "! or not binds closest, then terms side by side, then or.",
    ),
    (
        "Fields",
        "status risk class source profile domain login url host ip os country device breach seen added age key reason ticket claimed is form leaks",
    ),
];
