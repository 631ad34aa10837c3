//! The report as Markdown, for the body of a mail. Values of providers stand in code spans of list items alone.

use super::{
    figures::{Figures, Group, Read},
    json::count,
    words::{self, About},
};
use crate::export::markdown::span;
use std::fmt::Write as _;

/// The whole report.
pub fn report(about: &About, figures: &Figures, coverage: &[(String, Vec<Read>)]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# Leaked credentials, {}\n", about.period());
    if let Some(recipient) = &about.recipient {
        let _ = writeln!(out, "- For: {}", span(recipient.as_bytes()));
    }
    let _ = writeln!(
        out,
        "- Made at {} by stanch {}",
        about.made_at, about.version
    );
    let _ = writeln!(out, "- Accounts: {}\n", about.accounts.join(", "));
    if let Some(why) = &about.incomplete {
        let _ = writeln!(
            out,
            "**Not everything was read.**\n\n- {}\n",
            span(why.as_bytes())
        );
    }
    if figures.adds_up() {
        let _ = writeln!(out, "{}\n", words::lead(figures));
    } else {
        let _ = writeln!(
            out,
            "**A sum of this report does not add up: see its checks.**\n"
        );
    }
    if let Some(remarks) = &about.remarks {
        out.push_str("Remarks:\n\n");
        for line in remarks.lines().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(out, "- {}", span(line.as_bytes()));
        }
        out.push('\n');
    }
    balance(&mut out, figures);
    times(&mut out, figures);
    weeks(&mut out, figures);
    ages(&mut out, figures);
    for (title, groups) in [
        ("By class", &figures.by_class),
        ("By account", &figures.by_account),
        ("By domain", &figures.by_domain),
    ] {
        list(&mut out, title, groups);
    }
    out.push_str(
        "## Coverage\n\n| account | days read whole | in part | not |\n|---|--:|--:|--:|\n",
    );
    for (profile, days) in coverage {
        let of = |read| count(days, read);
        let _ = writeln!(
            out,
            "| {profile} | {} | {} | {} |",
            of(Read::Whole),
            of(Read::Part),
            of(Read::Not)
        );
    }
    out.push_str("\n## Checks\n\n| equation | left | right | |\n|---|--:|--:|---|\n");
    for check in &figures.checks {
        let holds = if check.holds() { "holds" } else { "**wrong**" };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {holds} |",
            check.name, check.left, check.right
        );
    }
    let _ = writeln!(out, "\nDigest of the figures: {}", about.digest);
    out
}

fn balance(out: &mut String, figures: &Figures) {
    out.push_str("## Balance\n\n| | leaks |\n|---|--:|\n");
    let _ = writeln!(out, "| open at the start | {} |", figures.open_start);
    for (name, number, adds) in words::flows(figures) {
        if number > 0 {
            let sign = if adds { '+' } else { '-' };
            let _ = writeln!(out, "| {name} | {sign}{number} |");
        }
    }
    let _ = writeln!(out, "| open at the end | {} |\n", figures.open_end);
}

fn times(out: &mut String, figures: &Figures) {
    out.push_str("## Time to fix\n\n| | |\n|---|--:|\n");
    for (name, value) in [
        ("half within", words::reached(figures.half, figures.timed)),
        (
            "nine of ten within",
            words::reached(figures.nine, figures.timed),
        ),
        (
            "plain median of the fixed",
            words::reached(figures.plain_median, figures.timed),
        ),
        (
            "in the agreed time",
            format!(
                "{} of {} ({})",
                figures.met,
                figures.due,
                words::percent(figures.met, figures.due)
            ),
        ),
        ("open and over it", figures.over.to_string()),
    ] {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push('\n');
}

fn weeks(out: &mut String, figures: &Figures) {
    out.push_str("## Week by week\n\n| week | came in | fixed | left otherwise | open |\n|---|--:|--:|--:|--:|\n");
    for week in &figures.weeks {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            words::day(week.from),
            week.came_in,
            week.fixed,
            week.left,
            week.open
        );
    }
    out.push('\n');
}

fn ages(out: &mut String, figures: &Figures) {
    out.push_str("## What is open, by age\n\n| age | leaks |\n|---|--:|\n");
    for (name, number) in words::AGES.iter().zip(figures.ages) {
        let _ = writeln!(out, "| {name} | {number} |");
    }
    out.push('\n');
}

fn list(out: &mut String, title: &str, groups: &[Group]) {
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(out, "## {title}\n");
    for group in groups.iter().take(50) {
        let _ = writeln!(
            out,
            "- {}: {} came in, {} fixed, {} otherwise, {} open; half within {}; {} of {} in the agreed time; {} open in all",
            span(group.name.as_bytes()),
            group.came_in,
            group.fixed,
            group.other,
            group.open,
            words::reached(group.half, group.came_in),
            group.met,
            group.due,
            group.open_at_end
        );
    }
    if groups.len() > 50 {
        let _ = writeln!(out, "- and {} more", groups.len() - 50);
    }
    out.push('\n');
}
