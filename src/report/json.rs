//! The report as JSON: the other forms say the same.

use super::{
    figures::{Figures, Group, Read, Week},
    survival::Step,
    words::{self, About},
};
use serde_json::{Value, json};

/// The whole report.
pub fn report(
    about: &About,
    figures: &Figures,
    compare: Option<&Figures>,
    coverage: &[(String, Vec<Read>)],
) -> Value {
    json!({
        "period": { "from": about.from.to_string(), "to": about.to.to_string() },
        "for": about.recipient,
        "made_at": about.made_at.to_string(),
        "accounts": about.accounts,
        "complete": about.incomplete.is_none(),
        "digest": about.digest,
        "figures": numbers(figures),
        "compare": compare.map(numbers),
        "checks": figures.checks.iter().map(|check| json!({
            "name": check.name, "left": check.left, "right": check.right, "ok": check.holds(),
        })).collect::<Vec<_>>(),
        "coverage": coverage.iter().map(|(profile, days)| json!({
            "profile": profile,
            "whole": count(days, Read::Whole),
            "part": count(days, Read::Part),
            "not": count(days, Read::Not),
        })).collect::<Vec<_>>(),
    })
}

/// How many days were read so.
pub fn count(days: &[Read], read: Read) -> usize {
    days.iter().filter(|day| **day == read).count()
}

/// The figures alone; durations in seconds.
pub fn numbers(figures: &Figures) -> Value {
    let flows: serde_json::Map<String, Value> = words::flows(figures)
        .into_iter()
        .map(|(name, number, _)| (name.replace(", ", "_").replace(' ', "_"), json!(number)))
        .collect();
    json!({
        "open_start": figures.open_start,
        "flows": flows,
        "open_end": figures.open_end,
        "fixed": figures.fixed(),
        "half_seconds": figures.half,
        "nine_of_ten_seconds": figures.nine,
        "plain_median_seconds": figures.plain_median,
        "timed": figures.timed,
        "curve": figures.curve.iter().map(step).collect::<Vec<_>>(),
        "due": figures.due,
        "met": figures.met,
        "over": figures.over,
        "ages": figures.ages,
        "undated": figures.undated,
        "weeks": figures.weeks.iter().map(week).collect::<Vec<_>>(),
        "quarter": figures.quarter.iter().map(week).collect::<Vec<_>>(),
        "by_class": figures.by_class.iter().map(group).collect::<Vec<_>>(),
        "by_account": figures.by_account.iter().map(group).collect::<Vec<_>>(),
        "by_domain": figures.by_domain.iter().map(group).collect::<Vec<_>>(),
    })
}

fn step(step: &Step) -> Value {
    json!({ "seconds": step.seconds, "open": step.open })
}

fn week(week: &Week) -> Value {
    json!({
        "from": words::day(week.from),
        "to": words::day(week.to - 1),
        "came_in": week.came_in,
        "fixed": week.fixed,
        "left": week.left,
        "open": week.open,
    })
}

fn group(group: &Group) -> Value {
    json!({
        "name": group.name,
        "came_in": group.came_in,
        "fixed": group.fixed,
        "other": group.other,
        "open": group.open,
        "half_seconds": group.half,
        "nine_of_ten_seconds": group.nine,
        "met": group.met,
        "due": group.due,
        "open_at_end": group.open_at_end,
    })
}
