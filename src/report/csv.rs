//! The report as comma-separated values: one figure a line.

use super::{
    figures::{Figures, Group, Week},
    words,
};

/// The columns.
pub const COLUMNS: [&str; 6] = ["section", "group", "item", "measure", "value", "unit"];

/// The lines, cells as bytes.
pub fn lines(figures: &Figures) -> Vec<Vec<Vec<u8>>> {
    let mut lines = Lines(Vec::new());
    lines.count("balance", "", "open at the start", figures.open_start);
    for (name, number, _) in words::flows(figures) {
        lines.count("balance", "", name, number);
    }
    lines.count("balance", "", "open at the end", figures.open_end);
    for (item, time) in [
        ("half within", figures.half),
        ("nine of ten within", figures.nine),
        ("plain median of the fixed", figures.plain_median),
    ] {
        lines.seconds("time to fix", "", item, time);
    }
    for (item, number) in [
        ("due", figures.due),
        ("met", figures.met),
        ("over", figures.over),
    ] {
        lines.count("agreed time", "", item, number);
    }
    for (item, number) in words::AGES.iter().zip(figures.ages) {
        lines.count("age", "", item, number);
    }
    for week in &figures.weeks {
        lines.week(week);
    }
    for (section, groups) in [
        ("class", &figures.by_class),
        ("account", &figures.by_account),
        ("domain", &figures.by_domain),
    ] {
        for group in groups {
            lines.group(section, group);
        }
    }
    lines.0
}

struct Lines(Vec<Vec<Vec<u8>>>);

impl Lines {
    fn add(&mut self, cells: [&str; 6]) {
        self.0
            .push(cells.iter().map(|cell| cell.as_bytes().to_vec()).collect());
    }

    fn count(&mut self, section: &str, group: &str, item: &str, number: u64) {
        self.add([section, group, item, "count", &number.to_string(), "leaks"]);
    }

    fn seconds(&mut self, section: &str, group: &str, item: &str, time: Option<i64>) {
        let value = time.map(|time| time.to_string()).unwrap_or_default();
        self.add([section, group, item, "duration", &value, "seconds"]);
    }

    fn week(&mut self, week: &Week) {
        let name = words::day(week.from);
        for (item, number) in [
            ("came in", week.came_in),
            ("fixed", week.fixed),
            ("left otherwise", week.left),
            ("open at the end", week.open),
        ] {
            self.count("week", &name, item, number);
        }
    }

    fn group(&mut self, section: &str, group: &Group) {
        for (item, number) in [
            ("came in", group.came_in),
            ("fixed", group.fixed),
            ("ended otherwise", group.other),
            ("open of these", group.open),
            ("met", group.met),
            ("due", group.due),
            ("open at the end", group.open_at_end),
        ] {
            self.count(section, &group.name, item, number);
        }
        self.seconds(section, &group.name, "half within", group.half);
        self.seconds(section, &group.name, "nine of ten within", group.nine);
    }
}
