//! `draw`: the model on the screen. It changes nothing and decides nothing: where keys go follows from the model.
//! One file per pane and per overlay; [`text`] is the only place that makes spans of provider text.

pub mod cells;
pub mod chart;
pub mod detail;
pub mod detail_fields;
pub mod footer;
pub mod frame;
pub mod header;
pub mod overlay;
pub mod pane;
pub mod password;
mod prompt;
pub mod redraw;
pub mod status;
pub mod text;
pub mod value;

use crate::{
    app::{
        layout::{self, MIN_SIZE},
        model::{Model, Pane},
        overlay::Overlay,
    },
    config::{glyphs::Glyphs, theme::Styles},
};
use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::{Position, Rect},
};
use redraw::UnchangedRows;
use strum::IntoEnumIterator;

/// What everything looks like.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colours and modifiers by role.
    pub styles: Styles,
    /// Symbols.
    pub glyphs: &'static Glyphs,
}

/// Draws the whole screen on a buffer that is blank but for the rows that are kept, and answers where the cursor is
/// shown.
pub fn draw(
    model: &Model,
    look: &Look,
    kept: &UnchangedRows,
    buffer: &mut Buffer,
) -> Option<Position> {
    let area = buffer.area;
    // The size in the model is that of the last event; the terminal may have another one by now. Then what fits of the
    // old picture is shown until that event comes: outside of the frame there is nothing to draw on.
    let own = Rect::new(0, 0, model.size.0, model.size.1);
    let none = UnchangedRows::NONE;
    let (cursor, kept) = if own == area {
        (paint(model, look, kept, buffer), kept)
    } else {
        let mut picture = Buffer::empty(own);
        paint(model, look, &none, &mut picture);
        for position in own.intersection(area).positions() {
            buffer[position] = picture[position].clone();
        }
        (None, &none)
    };
    clear_split_wide(kept, buffer);
    if look.glyphs.ellipsis != text::ELLIPSIS {
        replace_ellipses(look, kept, buffer);
    }
    cursor
}

/// Puts the theme's own sign of a cut in the place of the usual one, which not every terminal has.
fn replace_ellipses(look: &Look, kept: &UnchangedRows, buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for (number, row) in buffer.content.chunks_exact_mut(columns).enumerate() {
        if kept.contains(number as u16) {
            continue;
        }
        for cell in row {
            if cell.symbol() == text::ELLIPSIS && cell.modifier.contains(text::ELLIPSIS_STYLE) {
                cell.set_symbol(look.glyphs.ellipsis);
            }
        }
    }
}

/// Takes away wide characters whose second half something else was drawn on. A terminal shows nothing of them, and what
/// compares frames takes it that there are none. Rows that are kept were mended before.
pub fn clear_split_wide(kept: &UnchangedRows, buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for (number, row) in buffer.content.chunks_exact_mut(columns).enumerate() {
        if kept.contains(number as u16) {
            continue;
        }
        let mut after_wide = false;
        for at in 0..row.len() {
            let symbol = row[at].symbol();
            let cut = after_wide && symbol != " ";
            // A letter of one byte is never wide.
            after_wide = symbol.len() > 1 && !symbol.is_ascii() && row[at].cell_width() > 1;
            if cut {
                row[at - 1].set_symbol(" ");
            }
        }
    }
}

/// Draws into a buffer of the model's size, and answers where the cursor is shown.
fn paint(
    model: &Model,
    look: &Look,
    kept: &UnchangedRows,
    buffer: &mut Buffer,
) -> Option<Position> {
    let area = buffer.area;
    if area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1 {
        overlay::draw_too_small(look, area, buffer);
        return None;
    }
    let areas = layout::areas(model.context());
    if model.data.first_run {
        overlay::draw_first_run(model, look, area, buffer);
    } else {
        header::draw(
            model.context(),
            (model.refresh, &model.news),
            look,
            areas.header,
            buffer,
        );
        if let Some(tabs) = areas.tabs {
            header::draw_tabs(model.context(), look, tabs, buffer);
        }
        for pane in Pane::iter() {
            if let Some(area) = areas.pane(pane) {
                pane::draw(model, look, pane, area, kept, buffer);
            }
        }
        if let Some(area) = areas.detail {
            detail::draw(model, look, area, buffer);
        }
        status::draw(model, look, areas.status, buffer);
    }
    for above in &model.overlays {
        paint_overlay(model, look, above, area, buffer);
    }
    let cursor = footer::draw(model, look, areas.footer, buffer);
    overlay::tour_step(model, look, area, buffer);
    cursor
}

/// Draws one thing that lies above the panes.
fn paint_overlay(model: &Model, look: &Look, above: &Overlay, area: Rect, buffer: &mut Buffer) {
    match above {
        Overlay::Help { scroll, search } => {
            overlay::help::draw(model, look, *scroll, search, area, buffer);
        }
        Overlay::Plan(plan) => overlay::plan::draw(model.context(), look, plan, area, buffer),
        Overlay::PlanBuild { leaks } => {
            overlay::plan::draw_building(look, *leaks, area, buffer);
        }
        Overlay::Job {
            id,
            record,
            finished,
            scroll,
        } => overlay::job::draw(
            model.context(),
            look,
            (*id, record.as_deref(), *finished, *scroll),
            area,
            buffer,
        ),
        Overlay::Notices { scroll } => {
            overlay::draw_notices(model, look, *scroll, area, buffer);
        }
        Overlay::Team { scroll } => {
            let shown = overlay::team::Shown {
                team: model.access.team.as_deref(),
                orphans: pane::jobs::orphans(model.context()),
                zone: &model.setup.zone,
                scroll: *scroll,
            };
            overlay::team::draw(&shown, look, area, buffer);
        }
        Overlay::Traffic { scroll } => {
            overlay::traffic::draw(model, look, *scroll, area, buffer);
        }
        Overlay::Rejects { scroll } => {
            let reports: Vec<_> = model.data.reports().collect();
            overlay::rejects::draw(&reports, look, *scroll, area, buffer);
        }
        Overlay::Tour { card } => overlay::draw_tour(look, *card, area, buffer),
        Overlay::MarkAll { not_loaded } => overlay::draw_mark_all(look, *not_loaded, area, buffer),
        Overlay::Record(record) => overlay::record::draw(model, look, record, area, buffer),
        Overlay::Inspect(record) => {
            overlay::inspect::draw(model.context(), look, record, area, buffer);
        }
        Overlay::Lookup(check) => {
            overlay::lookup::draw(model.context(), look, check, area, buffer);
        }
        Overlay::Views {
            cursor,
            confirming_delete,
        } => {
            overlay::views::draw(model, look, (*cursor, *confirming_delete), area, buffer);
        }
        Overlay::Columns(editor) => {
            overlay::columns::draw(model.context(), look, editor, area, buffer);
        }
        Overlay::Facets(picture) => {
            overlay::facets::draw(model.context(), look, picture, area, buffer);
        }
        Overlay::Quit => overlay::draw_quit(model.context(), look, area, buffer),
        Overlay::Resume { jobs, .. } => {
            overlay::resume::draw(model.context(), look, jobs, area, buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{
            message::Moment,
            model::{JournalAccess, Setup},
        },
        config::Config,
    };

    #[test]
    fn a_frame_of_another_size_than_the_model_has_is_drawn_with_what_fits() {
        let config = Config::default();
        let setup = Setup {
            keymap: config.keymap.clone(),
            policy: config.policy,
            times: config.console.times,
            reasons: Vec::new(),
            commands: Vec::new(),
            directory: std::path::PathBuf::new(),
            banner: None,
            zone: jiff::tz::TimeZone::UTC,
            command_prefix: Vec::new(),
            own_program: None,
            headless: false,
            sources: Vec::new(),
        };
        let now = Moment {
            since_start: std::time::Duration::ZERO,
            wall: jiff::Timestamp::UNIX_EPOCH,
        };
        let mut model = Model::new(setup, Vec::new(), JournalAccess::Writer, now);
        model.data.first_run = false;
        let look = Look {
            styles: config.theme.styles,
            glyphs: config.theme.glyphs(),
        };
        for old in [(160, 48), (80, 24), (40, 12), (10, 3)] {
            for new in [(160, 48), (80, 24), (40, 12), (39, 11), (10, 3), (1, 1)] {
                model.size = old;
                let mut buffer = Buffer::empty(Rect::new(0, 0, new.0, new.1));
                draw(&model, &look, &UnchangedRows::NONE, &mut buffer);
                let blank = buffer.content.iter().all(|cell| cell.symbol() == " ");
                assert!(!blank || new.0 == 1, "{old:?} to {new:?}");
            }
        }
    }
}
