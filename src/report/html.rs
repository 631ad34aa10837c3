//! The report as one HTML file: no script, nothing loaded, every text through one escape, charts drawn with classes.

mod charts;

use super::{
    figures::{Figures, Group, Read},
    json::count,
    words::{self, About},
};
use crate::entity::visible;
use std::fmt::Write as _;

/// The one style element.
const STYLE: &str = include_str!("../../assets/report.css");

/// A value as it may stand in text and in attributes.
pub(super) fn text(value: &[u8]) -> String {
    let shown = visible::escape(value);
    let mut out = String::with_capacity(shown.as_str().len());
    for c in shown.as_str().chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A slash pair would read as an address.
            c => out.push(c),
        }
    }
    out
}

/// The hash of the style element, for the policy that allows it alone.
pub fn style_hash() -> String {
    use base64::Engine as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest.as_ref())
}

/// The whole file.
pub fn report(
    about: &About,
    figures: &Figures,
    compare: Option<&Figures>,
    coverage: &[(String, Vec<Read>)],
) -> String {
    let mut out = String::with_capacity(64 * 1024);
    head(&mut out, about);
    lead(&mut out, about, figures);
    tiles(&mut out, figures, compare);
    section(&mut out, "What came in, what went out", &balance(figures));
    section(&mut out, "Week by week", &weeks(figures));
    section(&mut out, "What is open", &open(figures));
    section(&mut out, "Time to fix", &times(figures, compare));
    section(&mut out, "Coverage", &coverage_table(coverage));
    section(&mut out, "Checks and words", &checks(figures));
    let _ = write!(
        out,
        "<p class=\"fine\">{} · stanch {} · figures {}</p>\n</main>\n</body>\n</html>\n",
        text(about.command.as_bytes()),
        about.version,
        about.digest
    );
    out
}

fn head(out: &mut String, about: &About) {
    let title = text(format!("Leaked credentials, {}", about.period()).as_bytes());
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header><div class=\"brand\">Stanch<span>leak triage</span></div><h1>Leaked credentials</h1>\n<dl class=\"meta\">",
        style_hash()
    );
    let recipient = about.recipient.as_deref().unwrap_or("whom it concerns");
    for (name, value) in [
        ("For", recipient.to_owned()),
        ("Period", format!("{} to {}, UTC", about.from, about.to)),
        ("Made", about.made_at.to_string()),
        ("Accounts", about.accounts.join(", ")),
    ] {
        let _ = write!(
            out,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            text(value.as_bytes())
        );
    }
    out.push_str("</dl></header>\n");
}

fn lead(out: &mut String, about: &About, figures: &Figures) {
    if let Some(why) = &about.incomplete {
        let _ = writeln!(
            out,
            "<p class=\"banner\"><b>Not everything was read.</b> {}</p>",
            text(why.as_bytes())
        );
    }
    if figures.adds_up() {
        let _ = writeln!(
            out,
            "<p class=\"lead\">{}</p>",
            text(words::lead(figures).as_bytes())
        );
    } else {
        for check in figures.checks.iter().filter(|check| !check.holds()) {
            let _ = writeln!(
                out,
                "<p class=\"banner\"><b>This does not add up:</b> {}: {} and {}</p>",
                check.name, check.left, check.right
            );
        }
    }
    if let Some(remarks) = &about.remarks {
        let _ = write!(out, "<aside><b>Remarks</b>");
        for line in remarks.lines() {
            let _ = write!(out, "<br>{}", text(line.as_bytes()));
        }
        out.push_str("</aside>\n");
    }
}

fn section(out: &mut String, title: &str, body: &str) {
    let _ = write!(out, "<section><h2>{title}</h2>\n{body}</section>\n");
}

fn tiles(out: &mut String, now: &Figures, before: Option<&Figures>) {
    let change = |now: u64, before: Option<u64>| {
        before.map_or_else(String::new, |before| {
            let (now, before) = (now.cast_signed(), before.cast_signed());
            format!("{:+} against the period before", now - before)
        })
    };
    let known = |figures: &Figures| figures.began(&[super::Begin::Known]);
    let met = |figures: &Figures| words::percent(figures.met, figures.due);
    let half = |figures: &Figures| words::reached(figures.half, figures.timed);
    let said = |value: Option<String>| {
        value.map_or_else(String::new, |value| format!("{value} in the period before"))
    };
    let tiles = [
        (
            "Open",
            now.open_end.to_string(),
            change(now.open_end, before.map(|figures| figures.open_end)),
        ),
        (
            "Became known",
            known(now).to_string(),
            change(known(now), before.map(known)),
        ),
        (
            "Fixed",
            now.fixed().to_string(),
            change(now.fixed(), before.map(Figures::fixed)),
        ),
        ("Half fixed within", half(now), said(before.map(half))),
        ("In the agreed time", met(now), said(before.map(met))),
        (
            "Open and over it",
            now.over.to_string(),
            change(now.over, before.map(|figures| figures.over)),
        ),
    ];
    out.push_str("<dl class=\"tiles\">");
    for (name, value, note) in tiles {
        let _ = write!(
            out,
            "<div><dt>{name}</dt><dd>{value}</dd><dd class=\"dd d\">{note}</dd></div>"
        );
    }
    out.push_str("</dl>\n");
}

fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::from("<table><thead><tr>");
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let tag = if at == 0 { "th scope=\"row\"" } else { "td" };
            let end = if at == 0 { "th" } else { "td" };
            let _ = write!(out, "<{tag}>{cell}</{end}>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>\n");
    out
}

fn balance(figures: &Figures) -> String {
    let mut rows = vec![vec![
        "open at the start".to_owned(),
        figures.open_start.to_string(),
    ]];
    for (name, number, adds) in words::flows(figures) {
        let sign = if adds { '+' } else { '−' };
        rows.push(vec![name.to_owned(), format!("{sign}{number}")]);
    }
    rows.push(vec![
        "open at the end".to_owned(),
        figures.open_end.to_string(),
    ]);
    charts::bridge(figures) + &table(&["", "leaks"], &rows)
}

fn weeks(figures: &Figures) -> String {
    let rows: Vec<Vec<String>> = figures
        .weeks
        .iter()
        .map(|week| {
            let numbers = [week.came_in, week.fixed, week.left, week.open];
            let name = words::day(week.from);
            std::iter::once(name)
                .chain(numbers.iter().map(u64::to_string))
                .collect()
        })
        .collect();
    charts::weeks(&figures.quarter)
        + "<ul class=\"key\"><li class=\"in\">came in</li><li class=\"out\">fixed</li><li class=\"opn\">open at the end of the week</li></ul>\n"
        + &table(
            &["week from", "came in", "fixed", "left otherwise", "open"],
            &rows,
        )
}

fn open(figures: &Figures) -> String {
    let rows: Vec<Vec<String>> = words::AGES
        .iter()
        .zip(figures.ages)
        .map(|(name, number)| vec![(*name).to_owned(), number.to_string()])
        .collect();
    charts::ages(figures) + &table(&["age", "open"], &rows)
}

fn times(figures: &Figures, compare: Option<&Figures>) -> String {
    let plain = words::reached(figures.plain_median, figures.timed);
    let mut out = charts::curve(figures, compare);
    let _ = writeln!(
        out,
        "<p class=\"note\">Half within <b>{}</b>, nine of ten within <b>{}</b>, over {} cases that came in; what is open counts \
         as long as it lasts. The plain median of the fixed alone is {plain}: it leaves the open ones out.</p>",
        words::reached(figures.half, figures.timed),
        words::reached(figures.nine, figures.timed),
        figures.timed
    );
    for (title, groups) in [
        ("by class", &figures.by_class),
        ("by account", &figures.by_account),
        ("by domain", &figures.by_domain),
    ] {
        out.push_str(&group_table(title, groups));
    }
    out
}

fn group_table(title: &str, groups: &[Group]) -> String {
    let rows: Vec<Vec<String>> = groups
        .iter()
        .take(200)
        .map(|group| {
            vec![
                text(group.name.as_bytes()),
                group.came_in.to_string(),
                group.fixed.to_string(),
                group.other.to_string(),
                group.open.to_string(),
                words::reached(group.half, group.came_in),
                words::reached(group.nine, group.came_in),
                format!("{} of {}", group.met, group.due),
                group.open_at_end.to_string(),
            ]
        })
        .collect();
    table(
        &[
            title,
            "came in",
            "fixed",
            "otherwise",
            "open",
            "half",
            "9 of 10",
            "in time",
            "open in all",
        ],
        &rows,
    )
}

fn coverage_table(coverage: &[(String, Vec<Read>)]) -> String {
    let rows: Vec<Vec<String>> = coverage
        .iter()
        .map(|(profile, days)| {
            let of = |read| count(days, read).to_string();
            vec![
                text(profile.as_bytes()),
                of(Read::Whole),
                of(Read::Part),
                of(Read::Not),
            ]
        })
        .collect();
    table(&["account", "days read whole", "in part", "not"], &rows)
        + "<p class=\"note\">Fixes by others are dated to the reading that showed them. A day on which an account was not read \
           counts in the durations.</p>\n"
}

fn checks(figures: &Figures) -> String {
    let rows: Vec<Vec<String>> = figures
        .checks
        .iter()
        .map(|check| {
            let sign = if check.holds() {
                "✓ holds"
            } else {
                "✗ wrong"
            };
            vec![
                check.name.to_owned(),
                check.left.to_string(),
                check.right.to_string(),
                sign.to_owned(),
            ]
        })
        .collect();
    let mut out = table(&["equation", "left", "right", ""], &rows);
    out.push_str("<dl class=\"words\">");
    for (word, meaning) in words::GLOSSARY {
        let _ = write!(out, "<div><dt>{word}</dt><dd>{meaning}</dd></div>");
    }
    out.push_str("</dl>\n");
    out
}
