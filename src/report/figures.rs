//! The figures of a period. Flows are dated by when we learnt of them; each number of the balance is counted for itself,
//! and the checks say whether they add up.

use super::{
    survival::{self, Observed, Step},
    timeline::{Begin, End, Spell},
};
use crate::entity::seen::EventKind;
use std::collections::BTreeMap;

const DAY: i64 = 86_400;

/// A leak of the report.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its account.
    pub profile: String,
    /// Its class as it is listed now.
    pub class: String,
    /// The domain that it is filed under now.
    pub domain: String,
    /// The agreed time, in seconds.
    pub limit: i64,
    /// Its spells.
    pub spells: Vec<Spell>,
}

/// What an account was like on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Whole, at least once.
    Whole,
    /// In part.
    Part,
    /// Not at all.
    Not,
}

/// What figures are made of.
#[derive(Clone, Debug)]
pub struct Input {
    /// The first second of the period.
    pub from: i64,
    /// The first second behind it.
    pub to: i64,
    /// The moment; what lies behind it has not happened.
    pub now: i64,
    /// The leaks.
    pub cases: Vec<Case>,
    /// By account, each day of the period.
    pub coverage: Vec<(String, Vec<Read>)>,
    /// Events of the period by kind.
    pub events: BTreeMap<EventKind, u64>,
}

/// One week, cut to the period.
#[derive(Clone, Debug, PartialEq)]
pub struct Week {
    /// Its first second.
    pub from: i64,
    /// The first second behind it.
    pub to: i64,
    /// Spells that began.
    pub came_in: u64,
    /// Spells that ended with a fix.
    pub fixed: u64,
    /// Spells that ended otherwise.
    pub left: u64,
    /// Open at its end.
    pub open: u64,
}

/// The cases of one class, account or domain that came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Spells that came in.
    pub came_in: u64,
    /// Of these, fixed by the end.
    pub fixed: u64,
    /// Of these, ended otherwise.
    pub other: u64,
    /// Of these, open at the end.
    pub open: u64,
    /// Half are fixed within, in seconds.
    pub half: Option<i64>,
    /// Nine of ten are fixed within, in seconds.
    pub nine: Option<i64>,
    /// Fixed in the agreed time.
    pub met: u64,
    /// Whose agreed time ended in the period.
    pub due: u64,
    /// All that is open at the end, whenever it came in.
    pub open_at_end: u64,
}

/// One equation, both sides counted for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it says.
    pub name: &'static str,
    /// One side.
    pub left: i64,
    /// The other.
    pub right: i64,
}

impl Check {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

/// The figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Open when the period began, and at the baseline of accounts that were read first within it.
    pub open_start: u64,
    /// Open when it ended.
    pub open_end: u64,
    /// By how they began, spells of the period.
    pub began: BTreeMap<Begin, u64>,
    /// By how they ended.
    pub ended: BTreeMap<End, u64>,
    /// Half are fixed within, in seconds.
    pub half: Option<i64>,
    /// Nine of ten are fixed within, in seconds.
    pub nine: Option<i64>,
    /// The median of what was fixed alone.
    pub plain_median: Option<i64>,
    /// How many cases the times are made of.
    pub timed: u64,
    /// The curve of what is not fixed yet.
    pub curve: Vec<Step>,
    /// Cases whose agreed time ended in the period.
    pub due: u64,
    /// Of these, fixed in time.
    pub met: u64,
    /// Open at the end and older than the agreed time.
    pub over: u64,
    /// Open at the end by age: up to 1 day, 2, 7, 14, 30, 90, more, undated.
    pub ages: [u64; 8],
    /// Open at the end and undated, or came in undated: in no duration.
    pub undated: u64,
    /// The weeks of the period.
    pub weeks: Vec<Week>,
    /// The thirteen weeks that end with it.
    pub quarter: Vec<Week>,
    /// By class.
    pub by_class: Vec<Group>,
    /// By account.
    pub by_account: Vec<Group>,
    /// By domain.
    pub by_domain: Vec<Group>,
    /// The equations.
    pub checks: Vec<Check>,
}

impl Figures {
    /// Spells that began of these kinds.
    pub fn began(&self, kinds: &[Begin]) -> u64 {
        kinds.iter().filter_map(|kind| self.began.get(kind)).sum()
    }

    /// Spells that ended of these kinds.
    pub fn ended(&self, kinds: &[End]) -> u64 {
        kinds.iter().filter_map(|kind| self.ended.get(kind)).sum()
    }

    /// Everything that was fixed.
    pub fn fixed(&self) -> u64 {
        self.ended(&[End::FixedReadBack, End::FixedHere, End::FixedElsewhere])
    }

    /// Whether every equation holds.
    pub fn adds_up(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }
}

fn within(at: i64, from: i64, to: i64) -> bool {
    (from..to).contains(&at)
}

/// Whether a spell is open at the beginning of a moment.
fn open_at(spell: &Spell, at: i64) -> bool {
    spell.from < at && spell.end.is_none_or(|(_, end)| end >= at)
}

/// Makes the figures.
pub fn figures(input: &Input) -> Figures {
    let (from, to) = (input.from, input.to.min(input.now.saturating_add(1)));
    let spells = || {
        input
            .cases
            .iter()
            .flat_map(|case| case.spells.iter().map(move |spell| (case, spell)))
    };
    let mut began: BTreeMap<Begin, u64> = BTreeMap::new();
    let mut ended: BTreeMap<End, u64> = BTreeMap::new();
    let (mut open_start, mut open_end) = (0, 0);
    for (_, spell) in spells() {
        let opens = spell.begin == Begin::Opening && within(spell.from, from, to);
        open_start += u64::from(opens || open_at(spell, from));
        open_end += u64::from(open_at(spell, to));
        if within(spell.from, from, to) && spell.begin != Begin::Opening {
            *began.entry(spell.begin).or_default() += 1;
        }
        if let Some((end, at)) = spell.end
            && within(at, from, to)
        {
            *ended.entry(end).or_default() += 1;
        }
    }
    let came: Vec<(&Case, &Spell)> = spells()
        .filter(|(_, spell)| came_in(spell, from, to))
        .collect();
    let observed = observed(&came, to);
    let curve = survival::curve(&observed);
    let enough = observed.len() >= 5;
    let time = |share| {
        if enough {
            survival::quantile(&curve, share)
        } else {
            None
        }
    };
    let mut ages = [0; 8];
    let mut over = 0;
    for (case, spell) in spells().filter(|(_, spell)| open_at(spell, to)) {
        ages[age_class(spell, to)] += 1;
        over += u64::from(
            spell
                .known
                .is_some_and(|known| known.saturating_add(case.limit) < to),
        );
    }
    let (due, met) = due_and_met(spells(), from, to);
    let mut figures = Figures {
        open_start,
        open_end,
        half: time(0.5),
        nine: time(0.9),
        plain_median: if enough {
            survival::plain_median(&observed)
        } else {
            None
        },
        timed: observed.len() as u64,
        curve,
        due,
        met,
        over,
        ages,
        undated: ages[7]
            + came
                .iter()
                .filter(|(_, spell)| spell.known.is_none())
                .count() as u64,
        weeks: weeks(input, from, to),
        quarter: weeks(input, to - 13 * 7 * DAY, to),
        by_class: groups(input, from, to, |case| &case.class),
        by_account: groups(input, from, to, |case| &case.profile),
        by_domain: groups(input, from, to, |case| &case.domain),
        began,
        ended,
        checks: Vec::new(),
    };
    figures.checks = checks(&figures);
    figures
}

fn came_in(spell: &Spell, from: i64, to: i64) -> bool {
    spell.begin != Begin::Opening && within(spell.from, from, to)
}

/// How long each case that came in was watched: fixed, or censored when it ended otherwise or the period did.
fn observed(came: &[(&Case, &Spell)], to: i64) -> Vec<Observed> {
    let of = |(_, spell): &(&Case, &Spell)| {
        let known = spell.known?;
        let (until, fixed) = match spell.end {
            Some((end, at)) if at < to => (at, end.is_fix()),
            _ => (to, false),
        };
        Some(Observed {
            seconds: until.saturating_sub(known).max(0),
            fixed,
        })
    };
    came.iter().filter_map(of).collect()
}

fn due_and_met<'a>(
    spells: impl Iterator<Item = (&'a Case, &'a Spell)>,
    from: i64,
    to: i64,
) -> (u64, u64) {
    let (mut due, mut met) = (0, 0);
    for (case, spell) in spells {
        let Some(known) = spell.known else {
            continue;
        };
        let limit = known.saturating_add(case.limit);
        let moment = limit.max(spell.from);
        let left = matches!(spell.end, Some((End::FalsePositive | End::Gone, at)) if at < moment);
        if within(moment, from, to) && !left {
            due += 1;
            let in_time = matches!(spell.end, Some((end, at)) if end.is_fix() && at <= limit);
            met += u64::from(in_time);
        }
    }
    (due, met)
}

fn age_class(spell: &Spell, to: i64) -> usize {
    let Some(known) = spell.known else {
        return 7;
    };
    let days = to.saturating_sub(known);
    let limits = [1, 2, 7, 14, 30, 90];
    let class = limits.iter().position(|limit| days <= limit * DAY);
    class.unwrap_or(6)
}

/// Weeks that begin on Mondays, cut to the span.
fn weeks(input: &Input, from: i64, to: i64) -> Vec<Week> {
    let mut weeks = Vec::new();
    let mut begin = from;
    while begin < to {
        // 1970-01-05 was a Monday.
        let since_monday = (begin - 4 * DAY).rem_euclid(7 * DAY);
        let end = (begin - since_monday + 7 * DAY).min(to);
        let mut week = Week {
            from: begin,
            to: end,
            came_in: 0,
            fixed: 0,
            left: 0,
            open: 0,
        };
        for spell in input.cases.iter().flat_map(|case| &case.spells) {
            week.came_in += u64::from(came_in(spell, begin, end));
            week.open += u64::from(open_at(spell, end));
            if let Some((how, at)) = spell.end
                && within(at, begin, end)
            {
                if how.is_fix() {
                    week.fixed += 1;
                } else {
                    week.left += 1;
                }
            }
        }
        weeks.push(week);
        begin = end;
    }
    weeks
}

fn groups<'a>(
    input: &'a Input,
    from: i64,
    to: i64,
    name: impl Fn(&'a Case) -> &'a str,
) -> Vec<Group> {
    let mut by_name: BTreeMap<&str, Vec<(&Case, &Spell)>> = BTreeMap::new();
    for case in &input.cases {
        let group = by_name.entry(name(case)).or_default();
        group.extend(case.spells.iter().map(|spell| (case, spell)));
    }
    let mut groups: Vec<Group> = by_name
        .into_iter()
        .map(|(name, all)| {
            let came: Vec<_> = all
                .iter()
                .copied()
                .filter(|(_, spell)| came_in(spell, from, to))
                .collect();
            let ended = |fix: bool| {
                let of = |(_, spell): &&(&Case, &Spell)| {
                    spell
                        .end
                        .is_some_and(|(end, at)| at < to && end.is_fix() == fix)
                };
                came.iter().filter(of).count() as u64
            };
            let observed = observed(&came, to);
            let curve = survival::curve(&observed);
            let enough = observed.len() >= 5;
            let (due, met) = due_and_met(all.iter().copied(), from, to);
            let (fixed, other) = (ended(true), ended(false));
            Group {
                name: name.to_owned(),
                came_in: came.len() as u64,
                fixed,
                other,
                open: came.len() as u64 - fixed - other,
                half: survival::quantile(&curve, 0.5).filter(|_| enough),
                nine: survival::quantile(&curve, 0.9).filter(|_| enough),
                met,
                due,
                open_at_end: all.iter().filter(|(_, spell)| open_at(spell, to)).count() as u64,
            }
        })
        .filter(|group| group.came_in + group.open_at_end + group.due > 0)
        .collect();
    groups.sort_by(|one, two| {
        (two.came_in, two.open_at_end, &one.name).cmp(&(one.came_in, one.open_at_end, &two.name))
    });
    groups
}

fn checks(figures: &Figures) -> Vec<Check> {
    let begun: u64 = figures.began.values().sum();
    let ended: u64 = figures.ended.values().sum();
    let sum = |groups: &[Group]| {
        groups
            .iter()
            .map(|group| group.came_in)
            .sum::<u64>()
            .cast_signed()
    };
    let open = |groups: &[Group]| {
        groups
            .iter()
            .map(|group| group.open_at_end)
            .sum::<u64>()
            .cast_signed()
    };
    let signed = u64::cast_signed;
    let weeks = |of: fn(&Week) -> u64| signed(figures.weeks.iter().map(of).sum::<u64>());
    vec![
        Check {
            name: "open at the start + began - ended = open at the end",
            left: signed(figures.open_start) + signed(begun) - signed(ended),
            right: signed(figures.open_end),
        },
        Check {
            name: "came in by week = came in",
            left: weeks(|week| week.came_in),
            right: signed(begun),
        },
        Check {
            name: "fixed and left by week = ended",
            left: weeks(|week| week.fixed + week.left),
            right: signed(ended),
        },
        Check {
            name: "came in by class = came in",
            left: sum(&figures.by_class),
            right: signed(begun),
        },
        Check {
            name: "came in by account = came in",
            left: sum(&figures.by_account),
            right: signed(begun),
        },
        Check {
            name: "came in by domain = came in",
            left: sum(&figures.by_domain),
            right: signed(begun),
        },
        Check {
            name: "open by age = open at the end",
            left: signed(figures.ages.iter().sum()),
            right: signed(figures.open_end),
        },
        Check {
            name: "open by account = open at the end",
            left: open(&figures.by_account),
            right: signed(figures.open_end),
        },
        Check {
            name: "open by domain = open at the end",
            left: open(&figures.by_domain),
            right: signed(figures.open_end),
        },
    ]
}
