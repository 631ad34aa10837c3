//! The symbols of the screen: one column each, and different from each other where one might stand for the other, so
//! that nothing needs colour. Two sets: box drawing and symbols, and ASCII.

use crate::entity::{job::ChangeOutcome, leak::RiskLevel, status::Status};
use ratatui::symbols::border;

/// A set of symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each member of a group is the symbol of its name"
)]
pub struct Glyphs {
    /// Before the row that is marked, and before the row under the cursor.
    pub mark: &'static str,
    pub cursor: &'static str,
    /// Both at once.
    pub marked_cursor: &'static str,
    /// Before a group of which some leaks are marked.
    pub some_marked: &'static str,
    /// A triage status, as the provider or we keep it.
    pub status_new: &'static str,
    pub status_investigating: &'static str,
    pub status_open: &'static str,
    pub status_fixed: &'static str,
    pub status_false_positive: &'static str,
    pub status_unknown: &'static str,
    /// Beside a status: kept by us, not the provider's; being changed; the provider says otherwise.
    pub local: &'static str,
    pub pending: &'static str,
    pub disputed: &'static str,
    /// How grave the provider says it is.
    pub risk_none: &'static str,
    pub risk_low: &'static str,
    pub risk_medium: &'static str,
    pub risk_high: &'static str,
    pub risk_unknown: &'static str,
    /// What became of a change.
    pub verified: &'static str,
    pub failed: &'static str,
    pub contradicted: &'static str,
    pub unverifiable: &'static str,
    pub drifted: &'static str,
    pub skipped: &'static str,
    pub cancelled: &'static str,
    pub accepted: &'static str,
    pub unknown: &'static str,
    /// Which way a column is sorted.
    pub ascending: &'static str,
    pub descending: &'static str,
    /// The scrollbar's line and the part that is in view.
    pub scroll_track: &'static str,
    pub scroll_thumb: &'static str,
    /// A bar's cells: done, under way, to do.
    pub bar_full: &'static str,
    pub bar_half: &'static str,
    pub bar_empty: &'static str,
    /// Text goes on, a step between scope chips, a rule between columns.
    pub ellipsis: &'static str,
    pub chip: &'static str,
    /// Between two things that are said side by side.
    pub separator: &'static str,
    pub rule: &'static str,
    /// A row of these, always as many, stands for a secret of any length.
    pub mask: &'static str,
    /// A pane's frame.
    pub border: border::Set<'static>,
}

/// Symbols of a terminal with Unicode; none of them is ever drawn as a picture two columns wide.
pub const UNICODE: Glyphs = Glyphs {
    mark: "◉",
    cursor: "❯",
    marked_cursor: "◈",
    some_marked: "◎",
    status_new: "○",
    status_investigating: "◐",
    status_open: "◌",
    status_fixed: "✓",
    status_false_positive: "⊘",
    status_unknown: "?",
    local: "⌂",
    pending: "⧗",
    disputed: "≠",
    risk_none: "·",
    risk_low: "▂",
    risk_medium: "▅",
    risk_high: "█",
    risk_unknown: "?",
    verified: "✓",
    failed: "✗",
    contradicted: "≠",
    unverifiable: "?",
    drifted: "↯",
    skipped: "-",
    cancelled: "⊘",
    accepted: "»",
    unknown: "!",
    ascending: "▲",
    descending: "▼",
    scroll_track: "│",
    scroll_thumb: "█",
    bar_full: "█",
    bar_half: "▒",
    bar_empty: "░",
    ellipsis: "…",
    chip: "›",
    separator: "·",
    rule: "│",
    mask: "•",
    border: border::PLAIN,
};

/// Symbols for `--ascii`.
pub const ASCII: Glyphs = Glyphs {
    mark: "*",
    cursor: ">",
    marked_cursor: "#",
    some_marked: "+",
    status_new: "n",
    status_investigating: "i",
    status_open: "o",
    status_fixed: "v",
    status_false_positive: "-",
    status_unknown: "?",
    local: "L",
    pending: "~",
    disputed: "!",
    risk_none: ".",
    risk_low: "l",
    risk_medium: "m",
    risk_high: "H",
    risk_unknown: "?",
    verified: "v",
    failed: "X",
    contradicted: "!",
    unverifiable: "?",
    drifted: "d",
    skipped: "-",
    cancelled: "c",
    accepted: ">",
    unknown: "u",
    ascending: "^",
    descending: "v",
    scroll_track: "|",
    scroll_thumb: "#",
    bar_full: "#",
    bar_half: "=",
    bar_empty: ".",
    ellipsis: "~",
    chip: ">",
    separator: "-",
    rule: "|",
    mask: "*",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

impl Glyphs {
    /// The symbol of a status.
    pub fn status(&self, status: Status) -> &'static str {
        match status {
            Status::New => self.status_new,
            Status::Investigating => self.status_investigating,
            Status::Open => self.status_open,
            Status::Fixed => self.status_fixed,
            Status::FalsePositive => self.status_false_positive,
            Status::Unknown => self.status_unknown,
        }
    }

    /// The symbol of a risk; `None` where the provider says nothing.
    pub fn risk(&self, level: Option<RiskLevel>) -> &'static str {
        match level {
            None => self.risk_unknown,
            Some(RiskLevel::None) => self.risk_none,
            Some(RiskLevel::Low) => self.risk_low,
            Some(RiskLevel::Medium) => self.risk_medium,
            Some(RiskLevel::High) => self.risk_high,
        }
    }

    /// The symbol of an outcome.
    pub fn outcome(&self, outcome: ChangeOutcome) -> &'static str {
        match outcome {
            ChangeOutcome::Verified => self.verified,
            ChangeOutcome::Local => self.local,
            ChangeOutcome::Failed => self.failed,
            ChangeOutcome::Contradicted => self.contradicted,
            ChangeOutcome::Unverifiable => self.unverifiable,
            ChangeOutcome::Drifted => self.drifted,
            ChangeOutcome::Skipped => self.skipped,
            ChangeOutcome::Cancelled => self.cancelled,
            ChangeOutcome::Accepted => self.accepted,
            ChangeOutcome::Unknown => self.unknown,
            ChangeOutcome::Pending => self.pending,
        }
    }

    /// What stands for a secret, whatever its length.
    pub fn secret_mask(&self) -> String {
        self.mask.repeat(8)
    }

    /// Symbols that must not be taken for each other, by family.
    pub fn families(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        use strum::IntoEnumIterator;
        let mut statuses: Vec<_> = Status::iter().map(|status| self.status(status)).collect();
        statuses.extend([self.local, self.pending, self.disputed]);
        let risks = [
            None,
            Some(RiskLevel::None),
            Some(RiskLevel::Low),
            Some(RiskLevel::Medium),
            Some(RiskLevel::High),
        ];
        vec![
            ("row", vec![self.mark, self.cursor, self.marked_cursor]),
            ("status", statuses),
            ("risk", risks.map(|risk| self.risk(risk)).to_vec()),
            (
                "outcome",
                ChangeOutcome::iter()
                    .map(|outcome| self.outcome(outcome))
                    .collect(),
            ),
            ("sort", vec![self.ascending, self.descending]),
            ("scrollbar", vec![self.scroll_track, self.scroll_thumb]),
            ("text", vec![self.ellipsis, self.chip, self.rule, self.mask]),
        ]
    }
}
