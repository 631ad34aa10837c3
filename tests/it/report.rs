//! The figures of a report over a year that is made up, against a count that shares nothing with them, and the sizes and
//! the words of its forms.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

use stanch::report::{
    self, Begin, End, Figures, Input, Spell, figures,
    figures::{Case, Read},
    html, json, md,
    words::About,
};
use std::collections::BTreeMap;

const DAY: i64 = 86_400;

/// 2026-01-01T00:00:00Z.
const YEAR: i64 = 1_767_225_600;

/// The first seconds of the months of that year, and of the next one.
fn months() -> Vec<i64> {
    let month = |number: i16| {
        let date = jiff::civil::date(2026 + number / 12, (number % 12 + 1) as i8, 1);
        let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        zoned.timestamp().as_second()
    };
    (0..=12).map(month).collect()
}

/// What happened to one leak, by chance: it comes, is fixed or leaves, comes back, and so on.
fn life(dice: &mut fastrand::Rng) -> Vec<Spell> {
    let is_opening = dice.u32(..4) == 0;
    let mut at = if is_opening {
        YEAR + DAY
    } else {
        YEAR + DAY + dice.i64(0..370 * DAY)
    };
    let mut begin = if is_opening {
        Begin::Opening
    } else {
        Begin::Known
    };
    let mut spells = Vec::new();
    loop {
        let delay = dice.i64(0..40 * DAY);
        let known = match begin {
            Begin::Opening => (dice.u32(..5) > 0).then_some(at - delay),
            Begin::Known => Some(at - delay),
            _ => Some(at),
        };
        let mut spell = Spell {
            begin,
            from: at,
            known,
            end: None,
        };
        if dice.u32(..3) == 0 {
            spells.push(spell);
            return spells;
        }
        at += 1 + dice.i64(0..60 * DAY);
        let end = [
            End::FixedReadBack,
            End::FixedReadBack,
            End::FixedHere,
            End::FixedElsewhere,
            End::FalsePositive,
            End::Gone,
        ][dice.usize(..6)];
        spell.end = Some((end, at));
        spells.push(spell);
        if dice.u32(..3) > 0 {
            return spells;
        }
        at += 1 + dice.i64(0..60 * DAY);
        begin = [Begin::CameBack, Begin::Reopened, Begin::ListedAgain][dice.usize(..3)];
    }
}

fn world(leaks: usize, domains: u32) -> Vec<Case> {
    let mut dice = fastrand::Rng::with_seed(20);
    (0..leaks)
        .map(|_| Case {
            profile: format!("account-{}", dice.u32(..3)),
            class: ["employee", "customer", "none", "no longer listed"][dice.usize(..4)].to_owned(),
            domain: format!("host-{}.example", dice.u32(..domains)),
            limit: [2, 7, 36_500][dice.usize(..3)] * DAY,
            spells: life(&mut dice),
        })
        .collect()
}

fn input(cases: Vec<Case>, from: i64, to: i64, now: i64) -> Input {
    Input {
        from,
        to,
        now,
        cases,
        coverage: Vec::new(),
        events: BTreeMap::new(),
    }
}

/// The times to fix of what came in, as slowly and plainly as possible: at each time at which something was fixed, the
/// share of those that were still watched then.
fn shares(cases: &[(i64, bool)]) -> Vec<(i64, f64)> {
    let mut times: Vec<i64> = cases
        .iter()
        .filter(|(_, fixed)| *fixed)
        .map(|(time, _)| *time)
        .collect();
    times.sort_unstable();
    times.dedup();
    let mut open = 1.0;
    let mut steps = Vec::new();
    for time in times {
        let watched = cases.iter().filter(|(length, _)| *length >= time).count() as f64;
        let fixed = cases.iter().filter(|one| **one == (time, true)).count() as f64;
        open *= 1.0 - fixed / watched;
        steps.push((time, open));
    }
    steps
}

/// Compares figures with a count of the same world.
fn same(figures: &Figures, cases: &[Case], from: i64, to: i64) {
    let spells: Vec<(&Case, &Spell)> = cases
        .iter()
        .flat_map(|case| case.spells.iter().map(move |spell| (case, spell)))
        .collect();
    let is_in = |at: i64| from <= at && at < to;
    let is_open = |spell: &Spell, at: i64| match spell.end {
        _ if spell.from >= at => false,
        Some((_, end)) => end >= at,
        None => true,
    };
    let count =
        |is: &dyn Fn(&Spell) -> bool| spells.iter().filter(|(_, one)| is(one)).count() as u64;
    let is_opening = |one: &Spell| one.begin == Begin::Opening && is_in(one.from);
    assert_eq!(
        figures.open_start,
        count(&|one| is_opening(one) || is_open(one, from))
    );
    assert_eq!(figures.open_end, count(&|one| is_open(one, to)));
    for begin in [
        Begin::Known,
        Begin::CameBack,
        Begin::Reopened,
        Begin::ListedAgain,
    ] {
        let counted = count(&|one| one.begin == begin && is_in(one.from));
        assert_eq!(figures.began(&[begin]), counted, "{begin:?}");
    }
    for end in [
        End::FixedReadBack,
        End::FixedHere,
        End::FixedElsewhere,
        End::FalsePositive,
        End::Gone,
    ] {
        let counted = count(&|one| one.end.is_some_and(|(how, at)| how == end && is_in(at)));
        assert_eq!(figures.ended(&[end]), counted, "{end:?}");
    }
    let came: Vec<&Spell> = spells
        .iter()
        .map(|(_, one)| *one)
        .filter(|one| one.begin != Begin::Opening && is_in(one.from))
        .collect();
    let watched: Vec<(i64, bool)> = came
        .iter()
        .filter_map(|one| {
            let known = one.known?;
            let ended = one.end.filter(|(_, at)| *at < to);
            let until = ended.map_or(to, |(_, at)| at);
            let is_fix =
                ended.is_some_and(|(how, _)| !matches!(how, End::FalsePositive | End::Gone));
            Some(((until - known).max(0), is_fix))
        })
        .collect();
    let steps = shares(&watched);
    assert_eq!(figures.curve.len(), steps.len());
    for (step, (time, open)) in figures.curve.iter().zip(&steps) {
        assert_eq!(step.seconds, *time);
        assert!((step.open - open).abs() < 1e-9, "{step:?} {open}");
    }
    let within = |share: f64| {
        let reached = |step: &&(i64, f64)| 1.0 - step.1 >= share - 1e-12;
        steps.iter().find(reached).map(|(time, _)| *time)
    };
    if watched.len() >= 5 {
        assert_eq!((figures.half, figures.nine), (within(0.5), within(0.9)));
    } else {
        assert_eq!((figures.half, figures.nine), (None, None));
    }
    let due = spells.iter().filter_map(|(case, one)| {
        let limit = one.known? + case.limit;
        let moment = limit.max(one.from);
        let has_left = one
            .end
            .is_some_and(|(how, at)| matches!(how, End::FalsePositive | End::Gone) && at < moment);
        let is_fix = |how: End| !matches!(how, End::FalsePositive | End::Gone);
        let is_met = one.end.is_some_and(|(how, at)| is_fix(how) && at <= limit);
        (is_in(moment) && !has_left).then_some(u64::from(is_met))
    });
    let due: Vec<u64> = due.collect();
    assert_eq!(
        (figures.due, figures.met),
        (due.len() as u64, due.iter().sum())
    );
}

/// Which leaks a report is about.
type Takes = Box<dyn Fn(&Case) -> bool>;

/// Twelve months, each account, ten filters: figures are counted by another way the same, every sum holds, each month
/// begins where the one before ended, and none is another one when it is made a year later.
fn a_year_of(leaks: usize) {
    let cases = world(leaks, 20);
    let mut parts: Vec<Takes> = vec![Box::new(|_| true)];
    for number in 0..3 {
        let name = format!("account-{number}");
        parts.push(Box::new(move |case| case.profile == name));
    }
    for class in ["employee", "customer", "none", "no longer listed"] {
        parts.push(Box::new(move |case| case.class == class));
    }
    for number in 0..5 {
        let name = format!("host-{number}.example");
        parts.push(Box::new(move |case| case.domain != name));
    }
    parts.push(Box::new(|_| false));
    let months = months();
    let end = *months.last().unwrap();
    for takes in parts {
        let some: Vec<Case> = cases.iter().filter(|case| takes(case)).cloned().collect();
        let mut before: Option<u64> = None;
        for span in months.windows(2) {
            let (from, to) = (span[0], span[1]);
            let made = figures(&input(some.clone(), from, to, to));
            let broken: Vec<_> = made.checks.iter().filter(|check| !check.holds()).collect();
            assert!(broken.is_empty(), "{broken:?}");
            same(&made, &some, from, to);
            // The baseline is the opening balance of its month.
            if from > YEAR {
                assert_eq!(before, Some(made.open_start));
            }
            before = Some(made.open_end);
            let later = figures(&input(some.clone(), from, to, end + 365 * DAY));
            assert_eq!(later, made);
        }
    }
}

#[test]
fn a_year_is_counted_by_another_way_the_same_and_its_months_join() {
    a_year_of(400);
}

#[test]
#[ignore = "five thousand leaks take a minute; run it with --ignored"]
fn a_year_of_five_thousand_is_counted_by_another_way_the_same() {
    a_year_of(5_000);
}

fn about() -> About {
    About {
        recipient: None,
        remarks: None,
        from: jiff::civil::date(2026, 6, 1),
        to: jiff::civil::date(2026, 6, 30),
        made_at: jiff::Timestamp::from_second(YEAR + 200 * DAY).unwrap(),
        accounts: vec!["account-0".to_owned()],
        command: "stanch report".to_owned(),
        version: "0",
        incomplete: None,
        digest: "0".to_owned(),
    }
}

fn june(cases: Vec<Case>) -> Input {
    let months = months();
    input(cases, months[5], months[6], months[6])
}

/// The bytes of a report on so many leaks and two hundred domains.
#[expect(clippy::print_stderr, reason = "the figure is the result")]
fn size_of(leaks: usize) -> usize {
    let world = june(world(leaks, 200));
    let begun = std::time::Instant::now();
    let made = figures(&world);
    let file = html::report(&about(), &made, Some(&made), &world.coverage);
    let took = begun.elapsed();
    for forbidden in [
        "<script", "style=", "http:", "https:", "url(", "@import", "<img", "<a ",
    ] {
        assert!(!file.contains(forbidden), "{forbidden}");
    }
    eprintln!("{leaks} leaks: {} bytes after {took:?}", file.len());
    file.len()
}

#[test]
fn a_report_of_two_hundred_domains_is_a_short_file() {
    assert!(size_of(5_000) <= 200_000);
}

#[test]
#[ignore = "a hundred thousand leaks; run it with --ignored --nocapture"]
fn a_report_of_a_hundred_thousand_leaks_is_a_short_file() {
    assert!(size_of(100_000) <= 200_000);
}

#[test]
fn a_sum_that_does_not_hold_stands_in_place_of_the_paragraph() {
    let world = june(world(400, 5));
    let mut made = figures(&world);
    let lead = report::words::lead(&made);
    let right = html::report(&about(), &made, None, &[]);
    assert!(right.contains(&html_text(&lead)) && !right.contains("does not add up"));
    let check = made.checks.first_mut().unwrap();
    check.left += 1;
    assert!(!made.adds_up());
    let wrong = html::report(&about(), &made, None, &[]);
    assert!(wrong.contains("This does not add up"));
    assert!(
        !wrong.contains(&html_text(&lead)),
        "the paragraph is not there"
    );
    let told = json::report(&about(), &made, None, &[]);
    assert_eq!(told["checks"][0]["ok"], false);
}

/// Text as it stands in the file.
fn html_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[test]
fn days_that_were_not_read_and_what_was_not_read_whole_are_said() {
    let mut world = june(world(100, 5));
    let mut days = vec![Read::Whole; 30];
    days[3..6].fill(Read::Not);
    days[8] = Read::Part;
    world.coverage = vec![("account-0".to_owned(), days)];
    let made = figures(&world);
    let about = About {
        incomplete: Some("acme-la was not read".to_owned()),
        ..about()
    };
    let told = json::report(&about, &made, None, &world.coverage);
    assert_eq!(told["complete"], false);
    let coverage = &told["coverage"][0];
    let counts = ["whole", "part", "not"].map(|name| coverage[name].as_u64().unwrap());
    assert_eq!(counts, [26, 1, 3]);
    let file = html::report(&about, &made, None, &world.coverage);
    assert!(file.contains("Not everything was read."));
}

#[test]
fn names_that_are_hostile_are_inert_in_every_form() {
    let hostile = [
        "<script>alert(1)</script>",
        "\" onload=\"x",
        "javascript:alert(1)",
        "\u{202e}txt.exe",
        "\u{1b}]0;title\u{7}",
        "| a | b |",
        "[x](https://evil.example)",
        "=HYPERLINK(1)",
    ];
    let mut cases = world(200, 5);
    for (case, name) in cases.iter_mut().zip(hostile.iter().cycle()) {
        // As the report is given them: printable, and nothing else.
        case.domain = (*name).to_owned();
        case.class = (*name).to_owned();
    }
    let world = june(cases);
    let made = figures(&world);
    let file = html::report(&about(), &made, None, &[]);
    for forbidden in ["<script", " onload=\"", "\u{202e}", "\u{1b}"] {
        assert!(!file.contains(forbidden), "{forbidden:?}");
    }
    let text = md::report(&about(), &made, &[]);
    for event in pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::all()) {
        let part = match event {
            // Escapes are written out in it, and nothing of it is read as a mark.
            pulldown_cmark::Event::Code(code) => {
                assert!(!code.chars().any(|c| c.is_control() || c == '\u{202e}'));
                continue;
            }
            part => format!("{part:?}"),
        };
        for never in ["Link", "Image", "Html", "alert", "onload", "HYPERLINK"] {
            assert!(!part.contains(never), "{part}");
        }
    }
}
