//! Rows that need not be drawn: while nothing but the cursor of the leaks moves, those that it neither left nor reached
//! stand on the screen as they would be drawn again.

use super::pane::leaks;
use crate::{
    action::Action,
    app::{
        claims, layout,
        message::Message,
        model::{Model, Pane},
    },
    table::Handle,
};
use ratatui::layout::Rect;

/// Rows of the screen that are as they were.
#[derive(Clone, Debug, Default)]
pub struct Kept(Vec<bool>);

impl Kept {
    /// No row.
    pub const NONE: Self = Self(Vec::new());

    /// These rows.
    pub fn of(rows: impl IntoIterator<Item = bool>) -> Self {
        Self(rows.into_iter().collect())
    }

    /// Whether a row is among them.
    pub fn has(&self, row: u16) -> bool {
        self.0.get(usize::from(row)) == Some(&true)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }
}

/// What a frame shows of the leaks.
#[derive(Debug)]
pub struct Glance {
    area: Rect,
    cursor: Option<Handle>,
    rows: Vec<Handle>,
}

impl Glance {
    /// Of a frame on which the leaks have their rows of the screen for themselves and show nothing that goes by the
    /// hour; else `None`.
    pub fn of(model: &Model) -> Option<Self> {
        let alone = model.focus == Pane::Leaks
            && model.overlays.is_empty()
            && model.prompt.is_none()
            && model.sequence.keys.is_empty()
            && !model.first_run
            && model.leaks.grouping.is_none()
            && model.leaks.range.is_none()
            && !claims::any(model);
        if !alone {
            return None;
        }
        let area = layout::areas(model).leaks?;
        if area.width != model.size.0 {
            return None;
        }
        let list = &model.leaks.list;
        let area = leaks::rows(area);
        Some(Self {
            area,
            cursor: list.cursor(),
            rows: list.window(usize::from(area.height)).to_vec(),
        })
    }

    /// The rows of a frame that are as they were in this one, if nothing has come in between but [moves](only_moves).
    pub fn kept(&self, now: &Self) -> Kept {
        if self.area != now.area {
            return Kept::NONE;
        }
        let moved = [self.cursor, now.cursor];
        let rows = self.rows.iter().zip(&now.rows);
        let same = rows.map(|(was, is)| was == is && !moved.contains(&Some(*is)));
        Kept::of(std::iter::repeat_n(false, usize::from(self.area.y)).chain(same))
    }
}

/// Whether a message changes nothing of the leaks but where their cursor is.
pub fn only_moves(message: &Message) -> bool {
    matches!(
        message,
        Message::ActionAsked {
            action: Action::Down | Action::Up,
            ..
        }
    )
}
