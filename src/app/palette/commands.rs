//! The commands of the palette that are no actions: name, argument, help.

/// Commands beside the actions: name, argument, help.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "marks",
        "",
        "Say how many leaks are marked, hidden and gone, and which sets are kept.",
    ),
    (
        "marks save",
        "NAME",
        "Keep the marks under a name, also for later consoles.",
    ),
    ("marks load", "NAME", "Mark what was kept under a name."),
    (
        "marks keep",
        "NAME",
        "Keep only those marks that are in a set, too: what both have.",
    ),
    ("marks delete", "NAME", "Delete a set of marks."),
    ("marks read", "FILE", "Mark the keys of a file, one a line."),
    (
        "marks write",
        "FILE",
        "Write the keys of the marks to a new file.",
    ),
    (
        "check email",
        "ADDRESS",
        "Ask what is known to be leaked of an address.",
    ),
    (
        "check domain",
        "NAME",
        "Ask what is known to be leaked of a domain.",
    ),
    (
        "check password",
        "",
        "Ask whether a password was leaked: hidden, five characters of its hash leave.",
    ),
    (
        "check card",
        "",
        "Ask whether a card number was leaked: typed hidden.",
    ),
    (
        "check ssn",
        "",
        "Ask about the last four digits of a number: typed hidden.",
    ),
    (
        "profile",
        "NAME",
        "Show what one profile has; without a name, say which there are.",
    ),
    ("profile all", "", "Show what all profiles have."),
    ("view", "NAME", "Show a saved view."),
    (
        "view save",
        "NAME",
        "Keep filter, sort, grouping and columns under a name.",
    ),
    ("view list", "", "List the saved views."),
    ("view delete", "NAME", "Delete a saved view."),
    (
        "view export",
        "FILE",
        "Write the saved views to a new file (TOML).",
    ),
    (
        "view import",
        "FILE",
        "Take in the views of such a file that are not here yet.",
    ),
    (
        "seen",
        "",
        "Say that you have looked at all that is new since you left.",
    ),
    ("seen undo", "", "Take that back."),
    (
        "sort",
        "KEYS",
        "Sort by keys such as status -seen; a minus turns one round.",
    ),
    (
        "watch",
        "15m|off",
        "Ask a few times an hour whether there is something new; alone it says how that stands.",
    ),
    (
        "refresh",
        "5m|off",
        "Read everything again by itself, after so long.",
    ),
    (
        "mouse",
        "on|off",
        "Let the wheel scroll, a click choose and sort, a drag mark.",
    ),
    (
        "handoff",
        "FILE",
        "Write what happened on your shift and what is left to do to a new file (Markdown).",
    ),
    (
        "rejects",
        "",
        "List what is no leak in the files that were read: file, line and reason.",
    ),
    (
        "run",
        "NAME",
        "Run a program of [commands] on the marked leaks.",
    ),
    (
        "team",
        "",
        "Show who of the team is there, and what each works on.",
    ),
    (
        "tour",
        "",
        "Walk through the console: on the demo in six steps.",
    ),
];
