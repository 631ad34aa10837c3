//! What a plan says, line by line, and how much of it a screen has room for: so that a plan can be scrolled to its end
//! and no further, whoever draws it.

mod answers;

use crate::{
    app::{local, model::Context, overlay::PlanOverlay, permission},
    entity::{
        job::{InexactMapping, JobCommand},
        number::group_digits,
        status::Status,
        visible,
    },
};

use answers::answer_lines;

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
pub type StyledText = (String, Tone);

/// The lines of a screen, and where it begins to show them.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanPage {
    /// The headline, which does not scroll away.
    pub headline: Vec<String>,
    /// What stands above the targets, one line each.
    pub detail_lines: Vec<StyledText>,
    /// The answers, on the last lines.
    pub answer_lines: Vec<Vec<StyledText>>,
    /// Lines of the screen between the headline and the answers.
    pub visible_lines: usize,
    /// First line shown there, of those above the targets and then the targets themselves.
    pub first_line: usize,
}

/// Lines of the inside that are kept for what is neither headline nor answer.
const MIN_BODY_LINES: usize = 2;
/// Of a room that is less high, no line is spent on a blank.
const MIN_SPACED_LINES: usize = 14;

impl PlanPage {
    /// Of a plan on a screen with an inside of so many columns and rows.
    pub fn new(
        context: Context<'_>,
        overlay: &PlanOverlay,
        separator: &str,
        inside: (u16, u16),
    ) -> Self {
        let columns = usize::from(inside.0);
        let rows = usize::from(inside.1);
        let mut answers = answer_lines(context, overlay, columns);
        answers.truncate(rows.saturating_sub(MIN_BODY_LINES));
        let rows = rows - answers.len();
        let mut headline = visible::wrap(&self::headline(overlay), columns);
        headline.truncate(rows.saturating_sub(MIN_BODY_LINES).max(1));
        let room = rows.saturating_sub(headline.len());
        let mut above = Vec::new();
        for (words, tone) in detail_lines(context, overlay, separator) {
            if words.is_empty() {
                above.extend((rows > MIN_SPACED_LINES).then_some((words, tone)));
                continue;
            }
            let wrapped = visible::wrap(&words, columns);
            above.extend(wrapped.into_iter().map(|line| (line, tone)));
        }
        let mut page = Self {
            headline,
            detail_lines: above,
            answer_lines: answers,
            visible_lines: room,
            first_line: 0,
        };
        page.first_line = overlay.scroll.min(page.max_scroll(overlay));
        page
    }

    /// The last line that it may begin with.
    pub fn max_scroll(&self, overlay: &PlanOverlay) -> usize {
        (self.detail_lines.len() + overlay.order.len()).saturating_sub(self.visible_lines)
    }
}

/// The last line that a plan may begin with on this screen.
pub fn max_scroll(context: Context<'_>, overlay: &PlanOverlay) -> usize {
    // The frame, and a blank at each side.
    let (columns, rows) = context.size;
    let inside = (columns.saturating_sub(4), rows.saturating_sub(2));
    PlanPage::new(context, overlay, "|", inside).max_scroll(overlay)
}

fn command_label(command: JobCommand, wanted: Status) -> String {
    let word = match command {
        JobCommand::Fix => "Mark fixed",
        JobCommand::Reopen => "Reopen",
        JobCommand::Set => return format!("Set {}", wanted.label()),
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
        group_digits(count as u64),
        if count == 1 { "leak" } else { "leaks" }
    );
    match plan.command {
        JobCommand::Fix => format!("Mark {leaks} fixed"),
        JobCommand::Reopen => format!("Reopen {leaks}"),
        JobCommand::Set => format!("Set {leaks} {}", plan.wanted.label()),
        JobCommand::Retry => format!("Retry {leaks}"),
        JobCommand::Undo => format!("Undo {leaks}"),
        JobCommand::Redo => format!("Redo {leaks}"),
    }
}

/// What is lost at a provider, and where it is kept.
fn mapping_text(context: Context<'_>, lossy: &InexactMapping) -> String {
    let title = context
        .data
        .profile(&lossy.profile)
        .map_or_else(String::new, |state| state.profile.provider_title.clone());
    format!(
        "{} is stored as {} at {title}; the difference is stored locally",
        lossy.wanted.label(),
        lossy.stored.label()
    )
}

/// To whom it goes: provider, profile, environment, team.
fn push_shares(
    context: Context<'_>,
    overlay: &PlanOverlay,
    separator: &str,
    lines: &mut Vec<StyledText>,
) {
    let plan = &overlay.plan;
    let several = plan.shares.len() > 1;
    if several {
        let words = local::format_shares(context, &plan.shares, separator);
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
        let counts = local::format_share(share.remote, share.local);
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
        if let Some(beyond) = share.reach.extra_scope() {
            let words = format!("at {title} this also changes {beyond}, in view or not");
            lines.push((words, Tone::Warn));
        }
    }
    if overlay.summary.local_count > 0 {
        let words = "local only: this provider cannot store a status, the journal does";
        lines.push((words.to_owned(), Tone::Dim));
    }
}

/// What providers store as something else.
fn push_mappings(
    context: Context<'_>,
    overlay: &PlanOverlay,
    tone: Tone,
    lines: &mut Vec<StyledText>,
) {
    let lossy = overlay.plan.inexact_mappings.iter();
    lines.extend(lossy.map(|lossy| (mapping_text(context, lossy), tone)));
}

/// Why, in the operator's words.
fn push_justification(overlay: &PlanOverlay, lines: &mut Vec<StyledText>) {
    let words = &overlay.justification;
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
fn push_targets(overlay: &PlanOverlay, lines: &mut Vec<StyledText>) {
    let digest = &overlay.summary;
    let now: Vec<_> = digest
        .current_statuses
        .iter()
        .map(|((_, words), count)| format!("{} {words}", group_digits(*count as u64)))
        .collect();
    if now.is_empty() {
        return;
    }
    let then = &digest.target_statuses;
    // What takes a job back gives each leak the status that it had.
    let then: Vec<_> = match then.len() {
        0 | 1 => then
            .keys()
            .map(|status| target_status_label(*status).to_owned())
            .collect(),
        _ => then
            .iter()
            .map(|(status, count)| {
                format!(
                    "{} {}",
                    group_digits(*count as u64),
                    target_status_label(*status)
                )
            })
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
            let count = group_digits(*count as u64);
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
fn target_status_label(status: Status) -> &'static str {
    match status {
        Status::Unknown => "no status",
        status => status.label(),
    }
}

/// What stands between the headline and the targets.
fn detail_lines(context: Context<'_>, overlay: &PlanOverlay, separator: &str) -> Vec<StyledText> {
    let plan = &overlay.plan;
    let mut lines = Vec::new();
    if overlay.ignored_answers > 0 {
        let keys = if overlay.ignored_answers == 1 {
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
    if overlay.is_reason_missing() {
        let words = "the policy wants a reason with every change";
        lines.push((words.to_owned(), Tone::Warn));
    }
    // What is asked about stands where no screen is too small for it.
    if overlay.needs_mapping_acceptance() {
        push_mappings(context, overlay, Tone::Warn, &mut lines);
    }
    lines.push((
        format!(
            "{}: {}.",
            command_label(plan.command, plan.wanted),
            overlay.target_label
        ),
        Tone::Title,
    ));
    push_justification(overlay, &mut lines);
    // Leaks that somebody else works on.
    for (who, count) in &overlay.summary.claim_holders {
        let words = format!("{} claimed by {who}", group_digits(*count as u64));
        lines.push((words, Tone::Warn));
    }
    lines.push((String::new(), Tone::Text));
    push_shares(context, overlay, separator, &mut lines);
    if !overlay.needs_mapping_acceptance() {
        push_mappings(context, overlay, Tone::Dim, &mut lines);
    }
    push_targets(overlay, &mut lines);
    for (reason, count) in &overlay.summary.skip_reasons {
        let count = group_digits(*count as u64);
        lines.push((format!("skipped: {count} {reason}"), Tone::Warn));
    }
    if overlay.not_loaded > 0 {
        lines.push((
            format!(
                "{} leaks are not loaded and not in this plan",
                group_digits(overlay.not_loaded)
            ),
            Tone::Warn,
        ));
    }
    lines.extend(cost_line(overlay));
    if !overlay.order.is_empty() {
        lines.push((String::new(), Tone::Text));
    }
    lines
}

/// Requests and time.
fn cost_line(overlay: &PlanOverlay) -> Option<StyledText> {
    let plan = &overlay.plan;
    let time = plan
        .eta_seconds
        .map(|seconds| format!(", about {}", crate::app::notice::format_seconds(seconds)))
        .unwrap_or_default();
    let counted = |count: u64, word: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {word}{plural}", group_digits(count))
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
    let mut words = format!("{} will change", group_digits(plan.eligible.len() as u64));
    if !plan.skipped.is_empty() {
        let reasons: Vec<_> = overlay
            .summary
            .skip_reasons
            .keys()
            .map(String::as_str)
            .collect();
        words.push_str(&format!(
            ", {} skipped: {}",
            group_digits(plan.skipped.len() as u64),
            reasons.join(", ")
        ));
    }
    if plan.hidden > 0 {
        words.push_str(&format!(
            ", {} hidden by filter",
            group_digits(plan.hidden as u64)
        ));
    }
    words
}
