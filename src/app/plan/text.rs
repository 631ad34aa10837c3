//! What a plan says, line by line, and how much of it a screen has room for: so that a plan can be scrolled to its end
//! and no further, whoever draws it.

mod answers;

use crate::{
    app::{local, model::Context, overlay::PlanOverlay, permission},
    entity::{
        job::{InexactMapping, JobCommand},
        number::grouped,
        status::Status,
        visible,
    },
};

use answers::answers;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The headline, and what is typed.
    Accent,
    /// What has to be seen.
    Warn,
    /// What forbids it.
    Error,
    /// What it is about.
    Title,
    /// Plain words.
    Text,
    /// What is only good to know.
    Dim,
    /// A key.
    Key,
}

/// Words and how they are meant.
pub type Words = (String, Tone);

/// The lines of a screen, and where it begins to show them.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The headline, which does not scroll away.
    pub headline: Vec<String>,
    /// What stands above the targets, one line each.
    pub above: Vec<Words>,
    /// The answers, on the last lines.
    pub answers: Vec<Vec<Words>>,
    /// Lines of the screen between the headline and the answers.
    pub room: usize,
    /// First line shown there, of those above the targets and then the targets themselves.
    pub first: usize,
}

/// Lines of the inside that are kept for what is neither headline nor answer.
const LEAST: usize = 2;
/// Of a room that is less high, no line is spent on a blank.
const AIRY: usize = 14;

impl Page {
    /// Of a plan on a screen with an inside of so many columns and rows.
    pub fn of(
        context: Context<'_>,
        overlay: &PlanOverlay,
        separator: &str,
        inside: (u16, u16),
    ) -> Self {
        let columns = usize::from(inside.0);
        let rows = usize::from(inside.1);
        let mut answers = answers(context, overlay, columns);
        answers.truncate(rows.saturating_sub(LEAST));
        let rows = rows - answers.len();
        let mut headline = visible::wrapped(&self::headline(overlay), columns);
        headline.truncate(rows.saturating_sub(LEAST).max(1));
        let room = rows.saturating_sub(headline.len());
        let mut above = Vec::new();
        for (words, tone) in lines(context, overlay, separator) {
            if words.is_empty() {
                above.extend((rows > AIRY).then_some((words, tone)));
                continue;
            }
            let wrapped = visible::wrapped(&words, columns);
            above.extend(wrapped.into_iter().map(|line| (line, tone)));
        }
        let mut page = Self {
            headline,
            above,
            answers,
            room,
            first: 0,
        };
        page.first = overlay.scroll.min(page.last(overlay));
        page
    }

    /// The last line that it may begin with.
    pub fn last(&self, overlay: &PlanOverlay) -> usize {
        (self.above.len() + overlay.order.len()).saturating_sub(self.room)
    }
}

/// The last line that a plan may begin with on this screen.
pub fn last(context: Context<'_>, overlay: &PlanOverlay) -> usize {
    // The frame, and a blank at each side.
    let (columns, rows) = context.size;
    let inside = (columns.saturating_sub(4), rows.saturating_sub(2));
    Page::of(context, overlay, "|", inside).last(overlay)
}

fn verb(command: JobCommand, wanted: Status) -> String {
    let word = match command {
        JobCommand::Fix => "Mark fixed",
        JobCommand::Reopen => "Reopen",
        JobCommand::Set => return format!("Set {}", wanted.in_words()),
        JobCommand::Retry => "Try again",
        JobCommand::Undo => "Undo",
        JobCommand::Redo => "Redo",
    };
    word.to_owned()
}

/// The title of a plan: what it does to how many leaks.
pub fn title(overlay: &PlanOverlay) -> String {
    let plan = &overlay.plan;
    let count = plan.eligible.len();
    let leaks = format!(
        "{} {}",
        grouped(count as u64),
        if count == 1 { "leak" } else { "leaks" }
    );
    match plan.command {
        JobCommand::Fix => format!("Mark {leaks} fixed"),
        JobCommand::Reopen => format!("Reopen {leaks}"),
        JobCommand::Set => format!("Set {leaks} {}", plan.wanted.in_words()),
        JobCommand::Retry => format!("Retry {leaks}"),
        JobCommand::Undo => format!("Undo {leaks}"),
        JobCommand::Redo => format!("Redo {leaks}"),
    }
}

/// What is lost at a provider, and where it is kept.
fn lossy_words(context: Context<'_>, lossy: &InexactMapping) -> String {
    let title = context
        .data
        .profile(&lossy.profile)
        .map_or_else(String::new, |state| state.profile.provider_title.clone());
    format!(
        "{} is stored as {} at {title}; the difference is stored locally",
        lossy.wanted.in_words(),
        lossy.stored.in_words()
    )
}

/// To whom it goes: provider, profile, environment, team.
fn shares(context: Context<'_>, overlay: &PlanOverlay, separator: &str, lines: &mut Vec<Words>) {
    let plan = &overlay.plan;
    let several = plan.shares.len() > 1;
    if several {
        let words = local::shares_in_words(context, &plan.shares, separator);
        lines.push((words, Tone::Title));
    }
    for share in &plan.shares {
        let environment = context
            .data
            .profile(&share.binding.name)
            .map(|state| state.profile.environment.to_uppercase())
            .unwrap_or_default();
        let title = context
            .data
            .profile(&share.binding.name)
            .map(|state| state.profile.provider_title.clone())
            .unwrap_or_default();
        let team = if share.binding.team.is_empty() {
            String::new()
        } else {
            let team = visible::escape(share.binding.team.as_bytes());
            format!(", team {}", team.as_str())
        };
        let counts = local::remote_and_local(share.remote, share.local);
        let words = if several {
            format!(
                "profile {} {environment}{team}: {counts}",
                share.binding.name
            )
        } else {
            format!(
                "{title} {counts}, profile {} {environment}{team}",
                share.binding.name
            )
        };
        lines.push((words, Tone::Text));
        if let Some(beyond) = share.reach.beyond_row() {
            let words = format!("at {title} this also changes {beyond}, in view or not");
            lines.push((words, Tone::Warn));
        }
    }
    if overlay.digest.local > 0 {
        let words = "local only: this provider cannot store a status, the journal does";
        lines.push((words.to_owned(), Tone::Dim));
    }
}

/// What providers store as something else.
fn losses(context: Context<'_>, overlay: &PlanOverlay, tone: Tone, lines: &mut Vec<Words>) {
    let lossy = overlay.plan.lossy.iter();
    lines.extend(lossy.map(|lossy| (lossy_words(context, lossy), tone)));
}

/// Why, in the operator's words.
fn said(overlay: &PlanOverlay, lines: &mut Vec<Words>) {
    let words = &overlay.words;
    for (label, word) in [
        ("reason", &words.reason),
        ("note", &words.note),
        ("ticket", &words.ticket),
    ] {
        if let Some(word) = word {
            let shown = visible::escape(word.as_bytes());
            lines.push((format!("{label}: {}", shown.as_str()), Tone::Text));
        }
    }
}

/// What it is about: statuses as they are, domains by number.
fn content(overlay: &PlanOverlay, lines: &mut Vec<Words>) {
    let digest = &overlay.digest;
    let now: Vec<_> = digest
        .now
        .iter()
        .map(|((_, words), count)| format!("{} {words}", grouped(*count as u64)))
        .collect();
    if now.is_empty() {
        return;
    }
    let then = &digest.then;
    // What takes a job back gives each leak the status that it had.
    let then: Vec<_> = match then.len() {
        0 | 1 => then
            .keys()
            .map(|status| becoming(*status).to_owned())
            .collect(),
        _ => then
            .iter()
            .map(|(status, count)| format!("{} {}", grouped(*count as u64), becoming(*status)))
            .collect(),
    };
    lines.push((
        format!("now: {}; then: {}", now.join(", "), then.join(", ")),
        Tone::Text,
    ));
    let mut names: Vec<_> = digest
        .domains
        .iter()
        .map(|(name, count)| {
            let count = grouped(*count as u64);
            if name.is_empty() {
                return format!("none {count}");
            }
            format!("{} {count}", visible::escape(name).as_str())
        })
        .collect();
    if digest.other_domains > 0 {
        names.push(format!("{} more", digest.other_domains));
    }
    lines.push((format!("domains: {}", names.join(", ")), Tone::Text));
}

/// What leaks become: without a status of ours where they had none before.
fn becoming(status: Status) -> &'static str {
    match status {
        Status::Unknown => "no status",
        status => status.in_words(),
    }
}

/// What stands between the headline and the targets.
fn lines(context: Context<'_>, overlay: &PlanOverlay, separator: &str) -> Vec<Words> {
    let plan = &overlay.plan;
    let mut lines = Vec::new();
    if overlay.dropped > 0 {
        let keys = if overlay.dropped == 1 {
            "1 answer"
        } else {
            "several answers"
        };
        lines.push((
            format!("{keys} came too early or from a paste and did not count"),
            Tone::Warn,
        ));
    }
    if let Some(why) = permission::refused(context) {
        lines.push((why, Tone::Error));
    }
    if overlay.lacks_reason() {
        let words = "the policy wants a reason with every change";
        lines.push((words.to_owned(), Tone::Warn));
    }
    // What is asked about stands where no screen is too small for it.
    if overlay.asks_about_lossy() {
        losses(context, overlay, Tone::Warn, &mut lines);
    }
    lines.push((
        format!("{}: {}.", verb(plan.command, plan.wanted), overlay.targets),
        Tone::Title,
    ));
    said(overlay, &mut lines);
    // Leaks that somebody else works on.
    for (who, count) in &overlay.digest.claimed {
        let words = format!("{} claimed by {who}", grouped(*count as u64));
        lines.push((words, Tone::Warn));
    }
    lines.push((String::new(), Tone::Text));
    shares(context, overlay, separator, &mut lines);
    if !overlay.asks_about_lossy() {
        losses(context, overlay, Tone::Dim, &mut lines);
    }
    content(overlay, &mut lines);
    for (reason, count) in &overlay.digest.reasons {
        let count = grouped(*count as u64);
        lines.push((format!("skipped: {count} {reason}"), Tone::Warn));
    }
    if overlay.not_loaded > 0 {
        lines.push((
            format!(
                "{} leaks are not loaded and not in this plan",
                grouped(overlay.not_loaded)
            ),
            Tone::Warn,
        ));
    }
    lines.extend(cost(overlay));
    if !overlay.order.is_empty() {
        lines.push((String::new(), Tone::Text));
    }
    lines
}

/// Requests and time.
fn cost(overlay: &PlanOverlay) -> Option<Words> {
    let plan = &overlay.plan;
    let time = plan
        .eta_seconds
        .map(|seconds| format!(", about {}", crate::app::notice::in_words(seconds)))
        .unwrap_or_default();
    let counted = |count: u64, word: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {word}{plural}", grouped(count))
    };
    (plan.requests > 0).then(|| {
        let words = format!(
            "{}, about {} to verify{time}",
            counted(plan.requests, "write request"),
            counted(plan.reads, "read")
        );
        (words, Tone::Text)
    })
}

/// `10 will change, 2 skipped: already fixed, 4 hidden by filter`.
fn headline(overlay: &PlanOverlay) -> String {
    let plan = &overlay.plan;
    let mut words = format!("{} will change", grouped(plan.eligible.len() as u64));
    if !plan.skipped.is_empty() {
        let reasons: Vec<_> = overlay.digest.reasons.keys().map(String::as_str).collect();
        words.push_str(&format!(
            ", {} skipped: {}",
            grouped(plan.skipped.len() as u64),
            reasons.join(", ")
        ));
    }
    if plan.hidden > 0 {
        words.push_str(&format!(
            ", {} hidden by filter",
            grouped(plan.hidden as u64)
        ));
    }
    words
}
