//! Where everything is on the screen: pure, and shared by `update` (how many rows a pane shows) and `draw`.
//!
//! ```text
//! header                                              one line
//! domains                  | users                    beside each other
//! leaks                                               the full width: what scrolls spans whole rows
//! connections | jobs | detail                         jobs beside the others where there is room, else in place of connections
//! status                                              one line: marks, filter, scope
//! hints, notice or prompt                             one line
//! ```
//! Below 100 columns or 30 rows one pane at a time has the screen, and so it has when zoomed.

use super::model::{Context, Pane};
use ratatui::layout::Rect;

/// Narrower than this, one pane at a time.
pub const MIN_WIDE_COLUMNS: u16 = 100;
/// Lower than this, one pane at a time.
pub const MIN_WIDE_ROWS: u16 = 30;
/// Smaller than this, only a message.
pub const MIN_SIZE: (u16, u16) = (40, 12);

/// The areas of a screen; a pane that is not on it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Areas {
    /// Profiles and their state.
    pub header: Rect,
    /// The names of the panes, where only one is shown.
    pub tabs: Option<Rect>,
    /// Domains.
    pub domains: Option<Rect>,
    /// Users.
    pub users: Option<Rect>,
    /// Leaks.
    pub leaks: Option<Rect>,
    /// Connections.
    pub connections: Option<Rect>,
    /// Jobs.
    pub jobs: Option<Rect>,
    /// The detail.
    pub detail: Option<Rect>,
    /// Marks, filter, scope.
    pub status: Rect,
    /// Hints, notice or prompt.
    pub footer: Rect,
}

impl Areas {
    /// The area of a pane.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        match pane {
            Pane::Domains => self.domains,
            Pane::Users => self.users,
            Pane::Leaks => self.leaks,
            Pane::Connections => self.connections,
            Pane::Jobs => self.jobs,
        }
    }

    fn set(&mut self, pane: Pane, area: Rect) {
        let slot = match pane {
            Pane::Domains => &mut self.domains,
            Pane::Users => &mut self.users,
            Pane::Leaks => &mut self.leaks,
            Pane::Connections => &mut self.connections,
            Pane::Jobs => &mut self.jobs,
        };
        *slot = Some(area);
    }
}

/// Whether all panes fit beside and above each other.
pub fn is_wide(size: (u16, u16)) -> bool {
    size.0 >= MIN_WIDE_COLUMNS && size.1 >= MIN_WIDE_ROWS
}

/// Whether anything but a message about the size fits.
pub fn is_usable(size: (u16, u16)) -> bool {
    size.0 >= MIN_SIZE.0 && size.1 >= MIN_SIZE.1
}

/// Divides the screen.
pub fn areas(context: Context<'_>) -> Areas {
    let (columns, rows) = context.size;
    let line = |y| Rect::new(0, y, columns, 1);
    let mut areas = Areas {
        header: line(0),
        status: line(rows.saturating_sub(2)),
        footer: line(rows.saturating_sub(1)),
        ..Areas::default()
    };
    let body = Rect::new(0, 1, columns, rows.saturating_sub(3));
    if is_wide(context.size) && !context.workspace.zoomed {
        layout_wide(context, body, &mut areas);
    } else {
        layout_single(context, body, &mut areas);
    }
    areas
}

fn layout_wide(context: Context<'_>, body: Rect, areas: &mut Areas) {
    let top = (body.height / 4).clamp(6, 12);
    let bottom = if context.workspace.detail_visible
        || context.workspace.focus == Pane::Connections
        || context.workspace.focus == Pane::Jobs
    {
        (body.height * 3 / 10).clamp(8, 15)
    } else {
        0
    };
    let half = body.width / 2;
    areas.domains = Some(Rect::new(0, body.y, half, top));
    areas.users = Some(Rect::new(half, body.y, body.width - half, top));
    areas.leaks = Some(Rect::new(
        0,
        body.y + top,
        body.width,
        body.height - top - bottom,
    ));
    if bottom == 0 {
        return;
    }
    let y = body.y + body.height - bottom;
    if body.width >= 140 {
        let (first, second) = (body.width * 3 / 10, body.width * 3 / 10);
        areas.connections = Some(Rect::new(0, y, first, bottom));
        areas.jobs = Some(Rect::new(first, y, second, bottom));
        areas.detail = Some(Rect::new(
            first + second,
            y,
            body.width - first - second,
            bottom,
        ));
    } else {
        let pane = if context.workspace.focus == Pane::Jobs {
            Pane::Jobs
        } else {
            Pane::Connections
        };
        areas.set(pane, Rect::new(0, y, half, bottom));
        areas.detail = Some(Rect::new(half, y, body.width - half, bottom));
    }
}

fn layout_single(context: Context<'_>, body: Rect, areas: &mut Areas) {
    // Zoomed on a large screen the header says enough; on a small one the other panes' names are the way to them.
    let tabs = u16::from(!is_wide(context.size));
    areas.tabs = (tabs == 1).then(|| Rect::new(0, body.y, body.width, 1));
    let body = Rect::new(
        0,
        body.y + tabs,
        body.width,
        body.height - tabs.min(body.height),
    );
    let detail = if context.workspace.detail_visible && !context.workspace.zoomed {
        (body.height * 2 / 5).min(12)
    } else {
        0
    };
    areas.set(
        context.workspace.focus,
        Rect::new(0, body.y, body.width, body.height - detail),
    );
    if detail > 0 {
        areas.detail = Some(Rect::new(
            0,
            body.y + body.height - detail,
            body.width,
            detail,
        ));
    }
}

/// How many rows of its list a pane shows: its area without borders and column titles.
pub fn rows(context: Context<'_>, pane: Pane) -> usize {
    let area = areas(context).pane(pane).unwrap_or_default();
    usize::from(area.height.saturating_sub(3)).max(1)
}
