//! The charts, as SVG: classes, no style; each has a title and a description, and its numbers stand in a table beside it.

use super::super::{
    figures::{Figures, Week},
    words,
};
use std::fmt::Write as _;

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 220.0;
const BASE: f64 = 180.0;

fn begin(title: &str, description: &str) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH:.0} {HEIGHT:.0}\" role=\"img\"><title>{title}</title><desc>{description}</desc>"
    )
}

fn line(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = write!(
        out,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn bar(out: &mut String, class: &str, x: f64, y: f64, width: f64, height: f64) {
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>",
        height.max(0.5)
    );
}

fn label(out: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{text}</text>"
    );
}

/// From what was open at the start to what is open at the end; flows of nothing are left out.
pub(super) fn bridge(figures: &Figures) -> String {
    let flows: Vec<_> = words::flows(figures)
        .into_iter()
        .filter(|(_, number, _)| *number > 0)
        .collect();
    let mut level = figures.open_start as f64;
    let mut top = level.max(figures.open_end as f64);
    for (_, number, adds) in &flows {
        level += if *adds {
            *number as f64
        } else {
            -(*number as f64)
        };
        top = top.max(level);
    }
    let scale = (BASE - 24.0) / top.max(1.0);
    let step = WIDTH / (flows.len() + 2) as f64;
    let width = step * 0.6;
    let mut out = begin(
        "Balance of the period",
        "Bars from what was open at the start, over what came in and went out, to what is open at the end.",
    );
    let mut x = step * 0.2;
    let mut put =
        |out: &mut String, class: &str, low: f64, high: f64, name: &str, number: String| {
            bar(
                out,
                class,
                x,
                BASE - high * scale,
                width,
                (high - low) * scale,
            );
            label(
                out,
                "val",
                x + width / 2.0,
                BASE - high * scale - 6.0,
                &number,
            );
            let (first, rest) = name.split_once(", ").unwrap_or((name, ""));
            label(out, "lab", x + width / 2.0, BASE + 16.0, first);
            label(out, "lab", x + width / 2.0, BASE + 30.0, rest);
            x += step;
        };
    let start = figures.open_start as f64;
    put(
        &mut out,
        "tot",
        0.0,
        start,
        "at the start",
        figures.open_start.to_string(),
    );
    let mut level = start;
    for (name, number, adds) in flows {
        let size = number as f64;
        let (low, high, class, sign) = if adds {
            (level, level + size, "in", '+')
        } else {
            (level - size, level, "out", '−')
        };
        put(
            &mut out,
            class,
            low.max(0.0),
            high.max(0.0),
            name,
            format!("{sign}{number}"),
        );
        level += if adds { size } else { -size };
    }
    put(
        &mut out,
        "tot",
        0.0,
        figures.open_end as f64,
        "at the end",
        figures.open_end.to_string(),
    );
    line(&mut out, "axis", (0.0, BASE), (WIDTH, BASE));
    out.push_str("</svg>\n");
    out
}

/// Thirteen weeks: what came in, what was fixed, and what was open at the end of each.
pub(super) fn weeks(weeks: &[Week]) -> String {
    let most = weeks
        .iter()
        .map(|week| week.came_in.max(week.fixed))
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    let open = weeks.iter().map(|week| week.open).max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / weeks.len().max(1) as f64;
    let mut out = begin(
        "Thirteen weeks",
        "For each week a bar of what came in, a bar of what was fixed, and a line of what was open.",
    );
    let mut points = String::new();
    for (at, week) in weeks.iter().enumerate() {
        let x = at as f64 * step;
        let height = |number: u64| number as f64 / most * (BASE - 30.0);
        bar(
            &mut out,
            "in",
            x + step * 0.15,
            BASE - height(week.came_in),
            step * 0.3,
            height(week.came_in),
        );
        bar(
            &mut out,
            "out",
            x + step * 0.5,
            BASE - height(week.fixed),
            step * 0.3,
            height(week.fixed),
        );
        let y = BASE - week.open as f64 / open * (BASE - 30.0);
        let _ = write!(points, "{:.1},{y:.1} ", x + step * 0.9);
        label(
            &mut out,
            "lab",
            x + step / 2.0,
            BASE + 16.0,
            &words::day(week.from)[5..],
        );
    }
    let _ = write!(
        out,
        "<polyline class=\"openline\" points=\"{}\"/>",
        points.trim_end()
    );
    line(&mut out, "axis", (0.0, BASE), (WIDTH, BASE));
    out.push_str("</svg>\n");
    out
}

/// What is open, by age.
pub(super) fn ages(figures: &Figures) -> String {
    let most = figures.ages.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / 8.0;
    let mut out = begin("Open leaks by age", "A bar for each class of age.");
    for (at, (name, number)) in words::AGES.iter().zip(figures.ages).enumerate() {
        let x = at as f64 * step;
        let height = number as f64 / most * (BASE - 30.0);
        bar(
            &mut out,
            if at > 3 { "ovb" } else { "okb" },
            x + step * 0.2,
            BASE - height,
            step * 0.6,
            height,
        );
        label(
            &mut out,
            "val",
            x + step / 2.0,
            BASE - height - 6.0,
            &number.to_string(),
        );
        label(&mut out, "lab", x + step / 2.0, BASE + 16.0, name);
    }
    line(&mut out, "axis", (0.0, BASE), (WIDTH, BASE));
    out.push_str("</svg>\n");
    out
}

/// The share that is fixed, over the days since it was known.
pub(super) fn curve(figures: &Figures, compare: Option<&Figures>) -> String {
    let last = |figures: &Figures| figures.curve.last().map_or(0, |step| step.seconds);
    let longest = last(figures).max(compare.map_or(0, last)).max(86_400) as f64;
    let mut out = begin(
        "Time to fix",
        "The share that is fixed, by time since it was known; the period before in grey.",
    );
    for share in [0.5, 0.9] {
        let y = BASE - share * (BASE - 30.0);
        line(&mut out, "grid", (0.0, y), (WIDTH, y));
        label(
            &mut out,
            "lab",
            18.0,
            y - 4.0,
            if share < 0.7 { "half" } else { "9 of 10" },
        );
    }
    let path = |figures: &Figures| {
        let mut points = format!("0,{BASE:.1}");
        let mut y = BASE;
        for step in &figures.curve {
            let x = step.seconds as f64 / longest * WIDTH;
            let _ = write!(points, " {x:.1},{y:.1}");
            y = BASE - (1.0 - step.open) * (BASE - 30.0);
            let _ = write!(points, " {x:.1},{y:.1}");
        }
        let _ = write!(points, " {WIDTH:.1},{y:.1}");
        points
    };
    if let Some(before) = compare {
        let _ = write!(
            out,
            "<polyline class=\"prev\" points=\"{}\"/>",
            path(before)
        );
    }
    let _ = write!(
        out,
        "<polyline class=\"now\" points=\"{}\"/>",
        path(figures)
    );
    line(&mut out, "axis", (0.0, BASE), (WIDTH, BASE));
    for part in [0.25, 0.5, 0.75, 1.0] {
        let name = words::length((longest * part) as i64);
        label(
            &mut out,
            "lab",
            (WIDTH * part).min(WIDTH - 20.0),
            BASE + 16.0,
            &name,
        );
    }
    out.push_str("</svg>\n");
    out
}
