//! A lookup: what all answers together come to first, then each profile and each operation with what it found.

use super::{Look, frame, text};
use crate::{
    app::{check::LookupOverlay, model::Context},
    entity::{
        breach::{Breach, Paste},
        lookup::{Finding, LookupAnswer, LookupKind, Verdict},
        number::group_digits,
    },
    ui::{detail_fields, header},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

/// Columns that it takes at most.
const MAX_WIDTH: u16 = 100;

/// Draws it.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    check: &LookupOverlay,
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let columns = spot.width.min(MAX_WIDTH);
    let mut lines = LineBuilder {
        look,
        columns: usize::from(columns.saturating_sub(frame::HORIZONTAL_INSET)),
        rows: Vec::new(),
    };
    lines.push_header(check);
    for (name, answers) in &check.profiles {
        lines.rows.push(Vec::new());
        let state = context.data.profile(name);
        lines.push_text(0, &header::profile_title(context, name), styles.title);
        match answers {
            None => lines.push_text(2, "asking", styles.pending),
            Some(answers) => {
                for (at, answer) in answers.iter().enumerate() {
                    lines.push_answer(answer, is_repeated(&answers[..at], answer));
                }
                let found = answers.iter().any(has_entries);
                if let Some(line) = state.and_then(|state| state.profile.attribution.as_ref())
                    && found
                {
                    lines.push_text(2, &format!("source: {line}"), styles.dim);
                }
            }
        }
    }
    // No more of what lies below is hidden than must be.
    let rows = u16::try_from(lines.rows.len() + 2).unwrap_or(u16::MAX);
    let spot = frame::centered(spot, columns, rows);
    let room = frame::overlay(look, "check", spot, buffer);
    let height = usize::from(room.height);
    let first = check.scroll.min(lines.rows.len().saturating_sub(height));
    let below = lines.rows.len().saturating_sub(first + height);
    let shown = lines.rows.into_iter().skip(first).take(height);
    for (row, spans) in shown.enumerate() {
        frame::line(spans, room, row as u16, buffer);
    }
    frame::draw_more_below(look, below, room, buffer);
}

/// Whether an operation before this one has listed the very same: it is not listed twice.
fn is_repeated(before: &[LookupAnswer], answer: &LookupAnswer) -> bool {
    let Ok(finding) = &answer.result else {
        return false;
    };
    let lists = entry_count(finding) > 0;
    lists
        && before
            .iter()
            .filter_map(|other| other.result.as_ref().ok())
            .any(|other| {
                other.breaches == finding.breaches
                    && other.pastes == finding.pastes
                    && other.accounts == finding.accounts
            })
}

/// How many things a finding lists.
fn entry_count(finding: &Finding) -> usize {
    finding.breaches.len() + finding.pastes.len() + finding.accounts.len()
}

/// What it lists, counted: `3 breaches`; `1 breach, 2 pastes`.
fn count_summary(finding: &Finding) -> String {
    let parts = [
        (finding.breaches.len(), "breach", "breaches"),
        (finding.pastes.len(), "paste", "pastes"),
        (finding.accounts.len(), "account", "accounts"),
    ];
    let words: Vec<_> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| {
            let noun = if count == 1 { one } else { many };
            format!("{} {noun}", group_digits(count as u64))
        })
        .collect();
    words.join(", ")
}

fn has_entries(answer: &LookupAnswer) -> bool {
    answer
        .result
        .as_ref()
        .is_ok_and(|finding| !finding.breaches.is_empty() || !finding.pastes.is_empty())
}

/// A contract's operation in words: `listBreachesForAccount` becomes `list breaches for account`.
fn operation_title(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

struct LineBuilder<'a> {
    look: &'a Look,
    columns: usize,
    rows: Vec<Vec<Span<'static>>>,
}

impl LineBuilder<'_> {
    /// Our own words from a column on, on as many lines as they need.
    fn push_text(&mut self, indent: usize, words: &str, style: Style) {
        for line in text::wrap(words, self.columns.saturating_sub(indent)) {
            self.push_row(indent, vec![text::from_ui(line, style)]);
        }
    }

    /// The same with a sign before the first line.
    fn push_with_sign(&mut self, indent: usize, sign: Span<'static>, words: &str, style: Style) {
        let columns = self.columns.saturating_sub(indent + 2);
        let mut sign = Some(sign);
        for line in text::wrap(words, columns) {
            let before = sign.take().unwrap_or_else(|| text::literal(" ", style));
            let spans = vec![
                before,
                text::literal(" ", style),
                text::from_ui(line, style),
            ];
            self.push_row(indent, spans);
        }
    }

    fn push_row(&mut self, indent: usize, mut spans: Vec<Span<'static>>) {
        spans.insert(0, text::from_ui(" ".repeat(indent), self.look.styles.text));
        self.rows.push(spans);
    }

    fn verdict(&self, verdict: Verdict) -> (Span<'static>, Style) {
        let (glyphs, styles) = (self.look.glyphs, &self.look.styles);
        match verdict {
            Verdict::Found => (text::literal(glyphs.failed, styles.error), styles.error),
            Verdict::Clean => (text::literal(glyphs.verified, styles.ok), styles.ok),
            Verdict::Inconclusive => (text::literal(glyphs.unverifiable, styles.warn), styles.warn),
        }
    }

    /// What was looked up, and what it all comes to.
    fn push_header(&mut self, check: &LookupOverlay) {
        let what = match (&check.display_text, check.kind) {
            (Some(shown), kind) => format!("{kind} {shown}"),
            (None, LookupKind::Ssn) => "the last four digits that you typed".to_owned(),
            (None, kind) => format!("the {kind} that you typed"),
        };
        self.push_text(0, &what, self.look.styles.accent);
        let Some(verdict) = check.verdict() else {
            self.push_text(
                0,
                "Waiting for answers. Esc calls it off.",
                self.look.styles.pending,
            );
            return;
        };
        let (sign, style) = self.verdict(verdict);
        let words = match (verdict, check.kind) {
            (Verdict::Found, LookupKind::Password) => {
                "found: it is in lists of leaked passwords and must not be used"
            }
            (Verdict::Found, LookupKind::Ssn) => {
                "found, which says little: one number in ten thousand ends like this"
            }
            (Verdict::Found, _) => "found: it is known to at least one of these",
            (Verdict::Clean, _) => "clean: not known to any of these",
            (Verdict::Inconclusive, _) => "inconclusive: the answers prove nothing either way",
        };
        self.push_with_sign(0, sign, words, style);
    }

    fn push_answer(&mut self, answer: &LookupAnswer, told: bool) {
        let styles = &self.look.styles;
        let name = operation_title(answer.operation);
        match &answer.result {
            Err(error) => {
                let sign = text::literal(self.look.glyphs.unknown, styles.error);
                self.push_with_sign(2, sign, &format!("{name}: no answer"), styles.error);
                self.push_text(4, &error.to_string(), styles.dim);
            }
            Ok(finding) => {
                let verdict = answer.verdict();
                let (sign, style) = self.verdict(verdict);
                let mut words = format!("{name}: {verdict}");
                if entry_count(finding) > 0 {
                    let same = if told { "the same " } else { "" };
                    words.push_str(&format!(", {same}{}", count_summary(finding)));
                } else if let Some(count) = finding.count.filter(|count| *count > 0) {
                    words.push_str(&match count {
                        1 => ", once".to_owned(),
                        count => format!(", {} times", group_digits(count)),
                    });
                }
                self.push_with_sign(2, sign, &words, style);
                if !finding.evidence.is_conclusive()
                    && let Some(message) = &finding.message
                {
                    self.push_text(4, &format!("no evidence: {message}"), self.look.styles.warn);
                }
                if told {
                    return;
                }
                self.push_finding(finding);
            }
        }
    }

    fn push_finding(&mut self, finding: &Finding) {
        let styles = &self.look.styles;
        if let Some(note) = finding.note {
            self.push_text(4, note, styles.dim);
        }
        for breach in &finding.breaches {
            self.push_breach(breach);
        }
        for paste in &finding.pastes {
            self.push_paste(paste);
        }
        for account in &finding.accounts {
            let room = self.columns.saturating_sub(4);
            let spans = text::fit(account.as_bytes(), room, styles.text, styles.escape).spans;
            self.push_row(4, spans);
        }
    }

    fn push_breach(&mut self, breach: &Breach) {
        let styles = &self.look.styles;
        let title = breach.title.as_ref().unwrap_or(&breach.name);
        let mut facts = Vec::new();
        if let Some(date) = &breach.date {
            let date = crate::entity::visible::escape(date.as_bytes());
            facts.push(date.as_str().chars().take(10).collect());
        }
        if let Some(accounts) = breach.accounts {
            facts.push(format!("{} accounts", group_digits(accounts)));
        }
        if breach.verified == Some(false) {
            facts.push("not verified".to_owned());
        }
        if breach.spam == Some(true) {
            facts.push("spam list".to_owned());
        }
        let facts = facts.join(", ");
        let room = self.columns.saturating_sub(4);
        let mut line = text::fit(title.as_bytes(), room, styles.text, styles.escape);
        let beside = line.width() + 2 + facts.len() <= room;
        if beside && !facts.is_empty() {
            line.push_span(text::from_ui(format!("  {facts}"), styles.dim));
        }
        self.push_row(4, line.spans);
        if !beside {
            self.push_text(6, &facts, styles.dim);
        }
        if !breach.data_classes.is_empty() {
            let joined = detail_fields::joined(&breach.data_classes);
            let room = self.columns.saturating_sub(6);
            self.push_row(6, text::fit(&joined, room, styles.dim, styles.escape).spans);
        }
    }

    fn push_paste(&mut self, paste: &Paste) {
        let styles = &self.look.styles;
        let title = paste.title.as_ref().unwrap_or(&paste.id);
        let mut spans = vec![text::literal("paste ", styles.dim)];
        let room = self.columns.saturating_sub(30).max(8);
        spans.extend(text::fit(title.as_bytes(), room, styles.text, styles.escape).spans);
        spans.push(text::literal("  ", styles.dim));
        spans.extend(text::fit(paste.source.as_bytes(), 12, styles.dim, styles.escape).spans);
        self.push_row(4, spans);
    }
}
