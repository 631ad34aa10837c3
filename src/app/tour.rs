//! A walk through the console in a minute: cards of a title and a few lines.

/// The cards.
pub const CARDS: &[(&str, &[&str])] = &[
    (
        "Five panes",
        &[
            "1 domains, 2 users, 3 leaks, 4 connections, 5 jobs.",
            "Tab goes round. zf gives a pane the whole screen.",
        ],
    ),
    (
        "Drill down",
        &[
            "Enter on a domain shows its users, on a user the leaks, on a leak its connections.",
            "Esc goes back one step. The chips on the status line say where you are.",
        ],
    ),
    (
        "Narrow and mark",
        &[
            "/ narrows as you type: vpn risk>=medium !status:fixed. ? has the whole language.",
            "Space marks, * marks all that the filter shows, gm brings the last marks back.",
            "Marks hold on to leaks, not to rows: the status line always says how many are hidden.",
        ],
    ),
    (
        "Fix in bulk",
        &[
            "f shows the plan: what will change, what is skipped and why.",
            "y applies it. Above 50 changes you type their number first.",
            "s sets another status. What a provider cannot store is local only, with a sign.",
            "Every change is on disk before it is sent, and counts as fixed only when it was read back.",
        ],
    ),
    (
        "Find your way",
        &[
            "? lists the keys that work here, : finds any command.",
            "zr reveals one password for ten seconds, with an audit line.",
            "q quits.",
        ],
    ),
];
