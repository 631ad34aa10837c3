//! `draw`: the model on the screen. It changes nothing and decides nothing: where keys go follows from the model.
//! One file per pane and per overlay; [`text`] is the only place that makes spans of provider text.

pub mod column;
pub mod detail;
pub mod footer;
pub mod frame;
pub mod header;
pub mod overlay;
pub mod pane;
pub mod status;
pub mod text;

use crate::{
    app::{
        layout::{self, SMALLEST},
        model::{Model, Pane},
        overlay::Overlay,
    },
    config::{glyphs::Glyphs, theme::Styles},
};
use ratatui::Frame;
use strum::IntoEnumIterator;

/// What everything looks like.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colours and modifiers by role.
    pub styles: Styles,
    /// Symbols.
    pub glyphs: &'static Glyphs,
}

/// Draws the whole screen.
pub fn draw(model: &Model, look: &Look, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        overlay::too_small(look, area, buffer);
        return;
    }
    // The size in the model is that of the last event; a frame of another size is drawn with what it has.
    let areas = layout::areas(model);
    if model.first_run {
        overlay::first_run(model, look, area, buffer);
    } else {
        header::draw(model, look, areas.header, buffer);
        if let Some(tabs) = areas.tabs {
            header::tabs(model, look, tabs, buffer);
        }
        for pane in Pane::iter() {
            if let Some(area) = areas.pane(pane) {
                pane::draw(model, look, pane, area, buffer);
            }
        }
        if let Some(area) = areas.detail {
            detail::draw(model, look, area, buffer);
        }
        status::draw(model, look, areas.status, buffer);
    }
    for above in &model.overlays {
        match above {
            Overlay::Help { scroll, search } => {
                overlay::help::draw(model, look, *scroll, search, area, buffer);
            }
            Overlay::Plan(plan) => overlay::plan::draw(model, look, plan, area, buffer),
            Overlay::Job {
                id,
                record,
                ended,
                scroll,
            } => overlay::job::draw(
                model,
                look,
                (*id, record.as_deref(), *ended, *scroll),
                area,
                buffer,
            ),
            Overlay::Errors { scroll } => overlay::errors(model, look, *scroll, area, buffer),
            Overlay::Tour { card } => overlay::tour(look, *card, area, buffer),
            Overlay::Leave => overlay::leave(model, look, area, buffer),
        }
    }
    if let Some(position) = footer::draw(model, look, areas.footer, buffer) {
        frame.set_cursor_position(position);
    }
}
