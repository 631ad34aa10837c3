//! A lookup: what all answers together come to first, then each profile and each operation with what it found.

use super::{Look, frame, text};
use crate::{
    app::{check::CheckOverlay, model::Context},
    entity::{
        breach::{Breach, Paste},
        lookup::{Finding, LookupAnswer, LookupKind, Verdict},
        number::grouped,
    },
    ui::{facts, header},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

/// Columns that it takes at most.
const WIDEST: u16 = 100;

/// Draws it.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    check: &CheckOverlay,
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let columns = spot.width.min(WIDEST);
    let mut lines = Lines {
        look,
        columns: usize::from(columns.saturating_sub(frame::SIDES)),
        rows: Vec::new(),
    };
    lines.head(check);
    for (name, answers) in &check.profiles {
        lines.rows.push(Vec::new());
        let state = context.data.profile(name);
        lines.words(0, &header::titled(context, name), styles.title);
        match answers {
            None => lines.words(2, "asking", styles.pending),
            Some(answers) => {
                for (at, answer) in answers.iter().enumerate() {
                    lines.answer(answer, told_before(&answers[..at], answer));
                }
                let found = answers.iter().any(shows_catalogue);
                if let Some(line) = state.and_then(|state| state.profile.attribution.as_ref())
                    && found
                {
                    lines.words(2, &format!("source: {line}"), styles.dim);
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
    frame::more_below(look, below, room, buffer);
}

/// Whether an operation before this one has listed the very same: it is not listed twice.
fn told_before(before: &[LookupAnswer], answer: &LookupAnswer) -> bool {
    let Ok(finding) = &answer.result else {
        return false;
    };
    let lists = listed(finding) > 0;
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
fn listed(finding: &Finding) -> usize {
    finding.breaches.len() + finding.pastes.len() + finding.accounts.len()
}

/// What it lists, counted: `3 breaches`; `1 breach, 2 pastes`.
fn counted(finding: &Finding) -> String {
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
            format!("{} {noun}", grouped(count as u64))
        })
        .collect();
    words.join(", ")
}

fn shows_catalogue(answer: &LookupAnswer) -> bool {
    answer
        .result
        .as_ref()
        .is_ok_and(|finding| !finding.breaches.is_empty() || !finding.pastes.is_empty())
}

/// A contract's operation in words: `listBreachesForAccount` becomes `list breaches for account`.
fn operation(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

struct Lines<'a> {
    look: &'a Look,
    columns: usize,
    rows: Vec<Vec<Span<'static>>>,
}

impl Lines<'_> {
    /// Our own words from a column on, on as many lines as they need.
    fn words(&mut self, indent: usize, words: &str, style: Style) {
        for line in text::wrapped(words, self.columns.saturating_sub(indent)) {
            self.row(indent, vec![text::own(line, style)]);
        }
    }

    /// The same with a sign before the first line.
    fn signed(&mut self, indent: usize, sign: Span<'static>, words: &str, style: Style) {
        let columns = self.columns.saturating_sub(indent + 2);
        let mut sign = Some(sign);
        for line in text::wrapped(words, columns) {
            let before = sign.take().unwrap_or_else(|| text::literal(" ", style));
            let spans = vec![before, text::literal(" ", style), text::own(line, style)];
            self.row(indent, spans);
        }
    }

    fn row(&mut self, indent: usize, mut spans: Vec<Span<'static>>) {
        spans.insert(0, text::own(" ".repeat(indent), self.look.styles.text));
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
    fn head(&mut self, check: &CheckOverlay) {
        let what = match (&check.shown, check.kind) {
            (Some(shown), kind) => format!("{kind} {shown}"),
            (None, LookupKind::Ssn) => "the last four digits that you typed".to_owned(),
            (None, kind) => format!("the {kind} that you typed"),
        };
        self.words(0, &what, self.look.styles.accent);
        let Some(verdict) = check.verdict() else {
            self.words(
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
        self.signed(0, sign, words, style);
    }

    fn answer(&mut self, answer: &LookupAnswer, told: bool) {
        let styles = &self.look.styles;
        let name = operation(answer.operation);
        match &answer.result {
            Err(error) => {
                let sign = text::literal(self.look.glyphs.unknown, styles.error);
                self.signed(2, sign, &format!("{name}: no answer"), styles.error);
                self.words(4, &error.to_string(), styles.dim);
            }
            Ok(finding) => {
                let verdict = answer.verdict();
                let (sign, style) = self.verdict(verdict);
                let mut words = format!("{name}: {verdict}");
                if listed(finding) > 0 {
                    let same = if told { "the same " } else { "" };
                    words.push_str(&format!(", {same}{}", counted(finding)));
                } else if let Some(count) = finding.count.filter(|count| *count > 0) {
                    words.push_str(&match count {
                        1 => ", once".to_owned(),
                        count => format!(", {} times", grouped(count)),
                    });
                }
                self.signed(2, sign, &words, style);
                if !finding.evidence.is_own()
                    && let Some(message) = &finding.message
                {
                    self.words(4, &format!("no evidence: {message}"), self.look.styles.warn);
                }
                if told {
                    return;
                }
                self.finding(finding);
            }
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let styles = &self.look.styles;
        if let Some(note) = finding.note {
            self.words(4, note, styles.dim);
        }
        for breach in &finding.breaches {
            self.breach(breach);
        }
        for paste in &finding.pastes {
            self.paste(paste);
        }
        for account in &finding.accounts {
            let room = self.columns.saturating_sub(4);
            let spans = text::fit(account.as_bytes(), room, styles.text, styles.escape).spans;
            self.row(4, spans);
        }
    }

    fn breach(&mut self, breach: &Breach) {
        let styles = &self.look.styles;
        let title = breach.title.as_ref().unwrap_or(&breach.name);
        let mut facts = Vec::new();
        if let Some(date) = &breach.date {
            let date = crate::entity::visible::escape(date.as_bytes());
            facts.push(date.as_str().chars().take(10).collect());
        }
        if let Some(accounts) = breach.accounts {
            facts.push(format!("{} accounts", grouped(accounts)));
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
            line.push_span(text::own(format!("  {facts}"), styles.dim));
        }
        self.row(4, line.spans);
        if !beside {
            self.words(6, &facts, styles.dim);
        }
        if !breach.data_classes.is_empty() {
            let joined = facts::joined(&breach.data_classes);
            let room = self.columns.saturating_sub(6);
            self.row(6, text::fit(&joined, room, styles.dim, styles.escape).spans);
        }
    }

    fn paste(&mut self, paste: &Paste) {
        let styles = &self.look.styles;
        let title = paste.title.as_ref().unwrap_or(&paste.id);
        let mut spans = vec![text::literal("paste ", styles.dim)];
        let room = self.columns.saturating_sub(30).max(8);
        spans.extend(text::fit(title.as_bytes(), room, styles.text, styles.escape).spans);
        spans.push(text::literal("  ", styles.dim));
        spans.extend(text::fit(paste.source.as_bytes(), 12, styles.dim, styles.escape).spans);
        self.row(4, spans);
    }
}
