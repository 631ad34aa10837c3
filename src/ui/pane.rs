//! Any pane: which file draws it.

pub mod groups;
pub mod jobs;
pub mod leaks;
pub mod parts;

use super::{Look, redraw::UnchangedRows};
use crate::app::model::{Model, Pane};
use ratatui::{buffer::Buffer, layout::Rect};

/// Draws a pane.
pub fn draw(
    model: &Model,
    look: &Look,
    pane: Pane,
    area: Rect,
    kept: &UnchangedRows,
    buffer: &mut Buffer,
) {
    match pane {
        Pane::Leaks => leaks::draw(model, look, area, kept, buffer),
        Pane::Jobs => jobs::draw(model.context(), look, area, buffer),
        Pane::Domains | Pane::Users | Pane::Connections => {
            groups::draw(model.context(), look, pane, area, buffer);
        }
    }
}
