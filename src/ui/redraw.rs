//! Rows that need not be drawn: while nothing but the cursor of the leaks moves, those that it neither left nor reached
//! stand on the screen as they would be drawn again, or all of them some lines higher or lower.

use super::pane::parts;
use crate::{
    action::Action,
    app::{
        claims, layout,
        message::Message,
        model::{Model, Pane},
    },
    table::RowId,
};
use ratatui::layout::Rect;

/// Rows of the screen that are as they were once some have moved.
#[derive(Clone, Debug, Default)]
pub struct UnchangedRows {
    rows: Vec<bool>,
    scroll_region: Option<ScrollRegion>,
}

/// Rows of the screen that move up or down together; blank ones come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrollRegion {
    /// The first.
    pub top: u16,
    /// The one after the last.
    pub bottom: u16,
    /// Up or down.
    pub up: bool,
    /// By so many rows.
    pub distance: u16,
}

impl UnchangedRows {
    /// No row.
    pub const NONE: Self = Self {
        rows: Vec::new(),
        scroll_region: None,
    };

    /// These rows, after a turn or without one.
    pub fn from_rows(rows: impl IntoIterator<Item = bool>, turn: Option<ScrollRegion>) -> Self {
        let rows: Vec<bool> = rows.into_iter().collect();
        // Nothing is gained by moving rows of which none stays.
        let turn = turn.filter(|_| rows.contains(&true));
        Self {
            rows,
            scroll_region: turn,
        }
    }

    /// Whether a row is among them.
    pub fn contains(&self, row: u16) -> bool {
        self.rows.get(usize::from(row)) == Some(&true)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        !self.rows.contains(&true)
    }

    /// What moves first.
    pub fn scroll_region(&self) -> Option<ScrollRegion> {
        self.scroll_region
    }
}

/// What a frame shows of the leaks.
#[derive(Debug)]
pub struct ListSnapshot {
    area: Rect,
    /// Of the table: a row that was changed is drawn, whatever changed it.
    generation: u64,
    /// Ages on the screen are those of this minute.
    minute: i64,
    cursor: Option<RowId>,
    rows: Vec<RowId>,
}

impl ListSnapshot {
    /// Of a frame on which the leaks have their rows of the screen for themselves and show nothing that goes by the
    /// hour; else `None`.
    pub fn from_model(model: &Model) -> Option<Self> {
        let alone = model.workspace.focus == Pane::Leaks
            && model.overlays.is_empty()
            && model.prompt.is_none()
            && model.sequence.keys.is_empty()
            && !model.data.first_run
            && model.workspace.leaks.grouping.is_none()
            && model.workspace.leaks.range_mark.is_none()
            && model.workspace.column.is_none()
            && !claims::has_active_claims(model.context());
        if !alone {
            return None;
        }
        let area = layout::areas(model.context()).leaks?;
        if area.width != model.size.0 {
            return None;
        }
        let list = &model.workspace.leaks.list;
        let area = parts::leak_rows_area(area);
        Some(Self {
            area,
            generation: model.data.table.leaks_generation(),
            minute: model.now.wall.as_second() / 60,
            cursor: list.cursor(),
            rows: list.window(usize::from(area.height)).to_vec(),
        })
    }

    /// The rows of a frame that are as they were in this one, if the screen is as large and nothing has come in
    /// between but [moves](is_cursor_only).
    pub fn unchanged_rows(&self, now: &Self) -> UnchangedRows {
        let same = self.generation == now.generation && self.minute == now.minute;
        if self.area != now.area || !same {
            return UnchangedRows::NONE;
        }
        let moved = [self.cursor, now.cursor];
        let place = |first: Option<&RowId>, rows: &[RowId]| {
            rows.iter().position(|handle| Some(handle) == first)
        };
        // By so many rows up, or down: the first row of one stands there in the other.
        let up = place(now.rows.first(), &self.rows).unwrap_or(0);
        let down = place(self.rows.first(), &now.rows).unwrap_or(0);
        if up > 0 && down > 0 {
            // It is another order.
            return UnchangedRows::NONE;
        }
        let same = now.rows.iter().enumerate().map(|(row, is)| {
            let from = (row + up).checked_sub(down);
            from.and_then(|from| self.rows.get(from)) == Some(is) && !moved.contains(&Some(*is))
        });
        let turn = (up != down).then(|| ScrollRegion {
            top: self.area.top(),
            bottom: self.area.bottom(),
            up: up > down,
            distance: up.max(down) as u16,
        });
        let above = std::iter::repeat_n(false, usize::from(self.area.y));
        UnchangedRows::from_rows(above.chain(same), turn)
    }
}

/// Whether a message changes nothing of the leaks but where their cursor is.
pub fn is_cursor_only(message: &Message) -> bool {
    matches!(
        message,
        Message::ActionRequested {
            action: Action::Down | Action::Up | Action::HalfPageDown | Action::HalfPageUp,
            ..
        }
    )
}
