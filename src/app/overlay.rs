//! What lies above the panes. Keys go to the topmost overlay; `Esc` takes it away.

mod keys;
pub mod update;

use super::{
    check::CheckOverlay,
    columns::edit::Editor,
    effect::Effect,
    facets::{self, Picture},
    inspect, job,
    model::{Context, GroupRef, Model, Split, WorkspaceUpdate},
    plan::digest::Digest,
};
use crate::{
    action::Action,
    entity::{
        claim::Words,
        job::{Job, JobRecord, Plan, SkipCode, Skipped},
        key::JobId,
    },
    table::{Handle, Marks},
};
use std::time::Duration;

/// Something above the panes.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// The keys that work here.
    Help {
        /// First line shown.
        scroll: usize,
        /// Only lines with this text.
        search: String,
    },
    /// What a bulk action would do; it waits for an answer.
    Plan(Box<PlanOverlay>),
    /// A plan of many leaks is being made.
    Planning {
        /// Of how many.
        leaks: usize,
    },
    /// What became of a job, or how it stands.
    Job {
        /// Which.
        id: JobId,
        /// Its changes, once they were read.
        record: Option<Box<JobRecord>>,
        /// It is shown because the job ended.
        ended: bool,
        /// First change shown.
        scroll: usize,
    },
    /// The notices in full.
    Errors {
        /// First line shown.
        scroll: usize,
    },
    /// What was sent to the terminal.
    Bytes {
        /// First line shown.
        scroll: usize,
    },
    /// A walk through the console, one card after the other.
    Tour {
        /// Which card.
        card: usize,
    },
    /// All shall be marked, and not all is loaded.
    MarkAll {
        /// How many leaks are not loaded.
        missing: u64,
    },
    /// Everything that is known of a person or a connection.
    Inspect {
        /// Of which.
        group: GroupRef,
        /// First line shown.
        scroll: usize,
    },
    /// A lookup and its answers.
    Check(Box<CheckOverlay>),
    /// All saved views.
    Views {
        /// The view under the cursor.
        cursor: usize,
        /// It is asked whether that shall go.
        asks: bool,
    },
    /// The columns of a pane.
    Columns(Box<Editor>),
    /// What the leaks in view have in common.
    Facets(Box<Picture>),
    /// A job runs and the operator wants to leave.
    Leave,
    /// Jobs of an earlier run have not ended; asked once.
    Resume {
        /// Which, the oldest first.
        jobs: Vec<JobId>,
        /// When it was first drawn, since the start; no answer counts that was read before.
        drawn: Option<Duration>,
    },
}

/// A plan that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct PlanOverlay {
    /// The plan: frozen.
    pub plan: Plan,
    /// What it comes to.
    pub digest: Digest,
    /// The rows of its changes, in their order, where they were looked up.
    pub rows: Vec<Handle>,
    /// The rows of all its targets.
    pub of: Marks,
    /// Whose targets these are, in words: `12 marked leaks`, `the leaks of 1 user`.
    pub targets: String,
    /// Rows that are not loaded yet, where that is known.
    pub not_loaded: u64,
    /// The job that goes on once it is confirmed, where this is no new one.
    pub resumes: Option<JobId>,
    /// The number that has to be typed, above the limit.
    pub number: Option<usize>,
    /// What was typed of it.
    pub typed: String,
    /// It was asked to be applied before it could be: what is missing is said.
    pub entered: bool,
    /// Its targets in the order of the view, by their places: the changes first, then what is left alone.
    pub order: Vec<u32>,
    /// When the plan was first drawn, since the start; no answer counts that was read before.
    pub drawn: Option<Duration>,
    /// Answers that were dropped because they came too early or from a paste.
    pub dropped: u32,
    /// First line shown, the headline aside.
    pub scroll: usize,
    /// Time that making it took, in milliseconds.
    pub plan_ms: u64,
    /// The operator has said yes to statuses that are stored as other ones.
    pub lossy_confirmed: bool,
    /// It was asked for with the leaks that are closed as something else.
    pub include_closed: bool,
    /// The policy wants a reason.
    pub wants_reason: bool,
    /// Why, in the operator's words.
    pub words: Words,
}

/// How long a plan must have been on the screen before an answer to it counts.
pub const READING_TIME: Duration = Duration::from_millis(300);

impl PlanOverlay {
    /// Whether `y` applies it now.
    pub fn is_ready(&self) -> bool {
        self.has_number()
            && !self.plan.eligible.is_empty()
            && !self.asks_about_lossy()
            && !self.lacks_reason()
    }

    /// Whether leaks are left alone, or taken in, because they are closed as something else.
    pub fn is_about_closed(&self) -> bool {
        let closed = |left: &Skipped| left.code == SkipCode::Closed;
        self.plan.skipped.iter().any(closed) || (self.include_closed && self.of.iter().count() > 1)
    }

    /// Whether the number that has to be typed is there, if one has to be.
    pub fn has_number(&self) -> bool {
        self.number
            .is_none_or(|number| self.typed == number.to_string())
    }

    /// Whether what was typed cannot become the number any more.
    pub fn is_wrong(&self) -> bool {
        self.number
            .is_some_and(|number| !number.to_string().starts_with(&self.typed))
    }

    /// Whether a number is being typed, or was.
    pub fn is_typing(&self) -> bool {
        self.number.is_some() && !self.typed.is_empty()
    }

    /// What keeps it from being applied, in words; that nothing does.
    pub fn missing(&self) -> Option<String> {
        if self.plan.eligible.is_empty() {
            return None;
        }
        let words = match self.number.filter(|_| !self.has_number()) {
            Some(number) if self.typed.is_empty() => {
                format!("not applied: type the number {number} first, then y applies")
            }
            Some(number) if self.is_wrong() => format!(
                "not applied: {} is not {number}, the number of leaks that will change",
                self.typed
            ),
            Some(number) => format!("not applied: {} is not yet {number}", self.typed),
            None if self.asks_about_lossy() => {
                "not applied: c accepts the difference first".to_owned()
            }
            None if self.lacks_reason() => {
                "not applied: r gives the reason first, then y applies".to_owned()
            }
            None => "not applied yet: y applies".to_owned(),
        };
        Some(words)
    }

    /// Whether the policy wants a reason, and none was given yet.
    pub fn lacks_reason(&self) -> bool {
        self.wants_reason && self.words.reason.is_none()
    }

    /// Whether a status would be stored as another one, and nobody has said yes to that yet.
    pub fn asks_about_lossy(&self) -> bool {
        !self.lossy_confirmed && self.plan.lossy.iter().any(|lossy| !lossy.confirmed)
    }

    /// Whether an answer read at that moment counts.
    pub fn takes_answer(&self, read: Duration) -> bool {
        self.drawn.is_some_and(|drawn| read >= drawn + READING_TIME)
    }
}

impl Model {
    /// The topmost overlay.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// What lies above the panes below the help: what the help is about.
    pub fn below_help(&self) -> Option<&Overlay> {
        let mut overlays = self.overlays.iter().rev();
        overlays.find(|overlay| !matches!(overlay, Overlay::Help { .. }))
    }

    /// The plan on top, if a plan is on top.
    pub fn plan(&self) -> Option<&PlanOverlay> {
        update::plan_on_top(&self.overlays)
    }

    pub(crate) fn plan_mut(&mut self) -> Option<&mut PlanOverlay> {
        update::plan_on_top_mut(&mut self.overlays)
    }

    /// Whether the runtime shall say when the next frame has left.
    pub fn awaits_frame(&self) -> bool {
        self.plan().is_some_and(|plan| plan.drawn.is_none())
            || matches!(
                self.overlays.last(),
                Some(Overlay::Resume { drawn: None, .. })
            )
    }
}

/// Takes the topmost overlay away; what it still waits for is called off.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Check(check)) if check.is_waiting() => {
            vec![Effect::cancel(check.request)]
        }
        _ => Vec::new(),
    }
}

/// The last line that an overlay may begin with: no key is spent beyond the end.
fn last(model: &Model) -> usize {
    // The frame, and the line that the hints keep.
    let rows = usize::from(model.size.1.saturating_sub(3));
    match model.overlays.last() {
        Some(Overlay::Help { search, .. }) => super::help::lines(model, search, model.size.0)
            .len()
            .saturating_sub(rows),
        Some(Overlay::Job { id, record, .. }) => {
            let live = model.jobs.running.iter().find(|job| job.id == *id);
            let changes = live.map(|job| job.changes.len());
            let changes = changes.or(record.as_ref().map(|record| record.changes.len()));
            let known = job::shown::known(model.context(), *id, record.as_deref());
            let head = head_of_job(model.context(), known);
            changes
                .unwrap_or_default()
                .saturating_sub(rows.saturating_sub(head))
        }
        Some(Overlay::Errors { .. }) => model.notices.all().count().saturating_sub(1),
        Some(Overlay::Bytes { .. }) => model.sent.tallies().len().saturating_sub(1),
        Some(Overlay::Tour { .. }) => super::tour::CARDS.len() - 1,
        Some(Overlay::Inspect { group, .. }) => {
            inspect::rows(model.context(), *group).saturating_sub(rows)
        }
        Some(Overlay::Check(check)) => check.rows(model.size.0).saturating_sub(rows),
        Some(Overlay::Plan(plan)) => super::plan::text::last(model.context(), plan),
        Some(Overlay::Views { .. }) => model.views.saved.len().saturating_sub(1),
        Some(Overlay::Columns(editor)) => editor.rows.len().saturating_sub(1),
        Some(
            Overlay::Planning { .. }
            | Overlay::MarkAll { .. }
            | Overlay::Facets(_)
            | Overlay::Leave
            | Overlay::Resume { .. },
        )
        | None => 0,
    }
}

/// How many lines stand above the changes of a job, at the most: none of these may be out of reach.
fn head_of_job(context: Context<'_>, job: Option<&Job>) -> usize {
    let (columns, rows) = context.size;
    let wrapped = if columns < 120 { 3 } else { 1 };
    if rows < 16 {
        return 1 + wrapped;
    }
    let words = job.map(|job| [&job.reason, &job.note, &job.ticket]);
    let said = words.into_iter().flatten().flatten().count();
    let linked = usize::from(job.is_some_and(|job| job.undone_by.is_some()));
    // Its numbers, the bar, what it does, what it is, a blank, the titles.
    6 + wrapped + said + linked
}

/// Scrolls the topmost overlay by so many lines.
pub fn scroll(model: &mut Model, by: isize) {
    let last = last(model);
    match model.overlays.last_mut() {
        Some(
            Overlay::Help { scroll, .. }
            | Overlay::Job { scroll, .. }
            | Overlay::Errors { scroll }
            | Overlay::Bytes { scroll }
            | Overlay::Inspect { scroll, .. },
        ) => *scroll = scroll.saturating_add_signed(by).min(last),
        Some(Overlay::Check(check)) => {
            check.scroll = check.scroll.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Tour { card }) => {
            *card = card.saturating_add_signed(by.signum()).min(last);
        }
        Some(Overlay::Plan(plan)) => {
            plan.scroll = plan.scroll.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Views {
            cursor,
            asks: false,
        }) => *cursor = cursor.saturating_add_signed(by).min(last),
        Some(Overlay::Columns(editor)) => {
            editor.cursor = editor.cursor.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Facets(picture)) => facets::step(picture, by),
        Some(
            Overlay::Planning { .. }
            | Overlay::MarkAll { .. }
            | Overlay::Views { .. }
            | Overlay::Leave
            | Overlay::Resume { .. },
        )
        | None => {}
    }
}

/// Does what an overlay with a cursor is asked for; anything else is nothing to it.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let down = action == Action::MoveDown;
    match (model.overlays.last_mut(), action) {
        (Some(Overlay::Views { .. } | Overlay::Columns(_)), Action::Choose) => {
            return choose(model);
        }
        (Some(Overlay::Views { cursor, asks }), Action::Remove) => {
            *asks = *cursor < model.views.saved.len();
        }
        (Some(Overlay::Views { .. }), Action::MoveDown | Action::MoveUp) => {
            let Split {
                overlays,
                views,
                mut update,
                ..
            } = model.split();
            if let Some(Overlay::Views { cursor, .. }) = overlays.last_mut() {
                return views.move_view(&mut update, cursor, down);
            }
        }
        (Some(Overlay::Columns(_) | Overlay::Facets(_)), _) => {
            let (overlays, mut update) = model.split_overlays();
            match overlays.last_mut() {
                Some(Overlay::Columns(editor)) => edit_columns(editor, &mut update, action),
                Some(Overlay::Facets(picture)) => explore(picture, &mut update, action),
                _ => {}
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Opens the view under the cursor in place of the list; the editor of columns is done.
fn choose(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Views { cursor, .. }) = model.overlay() {
        let cursor = *cursor;
        if cursor < model.views.saved.len() {
            model.overlays.pop();
            let Split {
                views, mut update, ..
            } = model.split();
            views.choose(&mut update, cursor);
        }
        return Vec::new();
    }
    close(model)
}

fn edit_columns(editor: &mut Editor, update: &mut WorkspaceUpdate<'_>, action: Action) {
    match action {
        Action::ToggleColumn => editor.toggle(update),
        Action::RestoreColumns => editor.restore(update),
        Action::MoveDown => editor.shift(update, true),
        Action::MoveUp => editor.shift(update, false),
        Action::Narrower => editor.widen(update, -STEP),
        Action::Wider => editor.widen(update, STEP),
        _ => {}
    }
}

fn explore(picture: &mut Picture, update: &mut WorkspaceUpdate<'_>, action: Action) {
    match action {
        Action::Choose => facets::choose(picture, update),
        Action::NextPane => facets::turn(picture, 1),
        Action::PreviousPane => facets::turn(picture, -1),
        Action::PaneLeft | Action::PaneRight => {
            facets::sideways(picture, action == Action::PaneRight);
        }
        _ => {}
    }
}

/// A motion of what the topmost overlay shows.
pub(super) fn motion(model: &mut Model, action: Action) {
    let page = isize::from(i16::try_from(model.size.1.saturating_sub(6)).unwrap_or(1));
    let by = match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::HalfPageDown => page / 2,
        Action::HalfPageUp => -page / 2,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::Top => isize::MIN / 2,
        _ => isize::MAX / 2,
    };
    scroll(model, by);
}

/// Columns of the terminal that a column is made wider or narrower by.
pub(super) const STEP: i16 = 2;
