//! The password of a leak: masked, or revealed with how long it stays on the screen.

use super::{Look, text};
use crate::{
    app::model::Model,
    entity::{capability::Ability, leak::PasswordState, secret::Secret},
    table::RowId,
};
use ratatui::text::{Line, Span};

/// The password on one line.
pub fn password_line(model: &Model, look: &Look, handle: RowId, width: usize) -> Line<'static> {
    let secret = revealed(model, handle);
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return masked(model, look, handle);
    };
    let styles = &look.styles;
    let left = countdown(model, look);
    let room = width.saturating_sub(left.width());
    let shown = text::fit(secret.expose(), room, styles.accent, styles.escape);
    let mut line = text::scattered(shown);
    line.push_span(left);
    line
}

/// The password on as many lines as it needs.
pub fn password_lines(
    model: &Model,
    look: &Look,
    handle: RowId,
    width: usize,
) -> Vec<Line<'static>> {
    let secret = revealed(model, handle);
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return vec![masked(model, look, handle)];
    };
    let styles = &look.styles;
    let folded = text::folded(secret.expose(), width, styles.accent, styles.escape);
    let mut lines: Vec<Line<'static>> = folded.into_iter().map(text::scattered).collect();
    lines.push(Line::from(vec![countdown(model, look)]));
    lines
}

/// The password of a leak, while it is revealed.
fn revealed(model: &Model, handle: RowId) -> Option<&Secret> {
    let reveal = model.workspace.reveal.as_ref()?;
    reveal.secret.as_ref().filter(|_| reveal.leak == handle)
}

/// How long a revealed password stays on the screen.
fn countdown(model: &Model, look: &Look) -> Span<'static> {
    let until = model
        .workspace
        .reveal
        .as_ref()
        .map(|reveal| reveal.masked_at);
    let left = until
        .unwrap_or_default()
        .saturating_sub(model.now.since_start);
    let seconds = left.as_millis().div_ceil(1_000);
    text::from_ui(format!("  masked in {seconds} s"), look.styles.dim)
}

/// Eight mask glyphs whatever there is, or why there is nothing to mask.
fn masked(model: &Model, look: &Look, handle: RowId) -> Line<'static> {
    let styles = &look.styles;
    let masked = || text::from_ui(look.glyphs.secret_mask(), styles.text);
    let reveal = model.workspace.reveal.as_ref();
    if let Some(reveal) = reveal.filter(|reveal| reveal.leak == handle) {
        return Line::from(match &reveal.secret {
            Some(_) => vec![text::literal("(empty)", styles.dim)],
            None => vec![
                masked(),
                text::literal("  asking the provider", styles.pending),
            ],
        });
    }
    Line::from(match model.data.table.row(handle).password {
        PasswordState::Hidden => {
            let reveals = model
                .data
                .profile_for_row(handle)
                .is_some_and(|state| state.profile.capabilities.can(Ability::Secrets));
            let words = if reveals {
                "  zr reveals"
            } else {
                "  not shown by this provider"
            };
            vec![masked(), text::literal(words, styles.dim)]
        }
        PasswordState::MaskedByProvider => vec![text::literal("masked by provider", styles.dim)],
        PasswordState::Empty => vec![text::literal("(empty)", styles.dim)],
        PasswordState::None => vec![text::literal("(none)", styles.dim)],
    })
}
