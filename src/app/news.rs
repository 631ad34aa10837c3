//! What is new since the operator left. Every whole reading is given to the memory of what was seen, in the background;
//! what that finds is counted in the header, marked in the rows and listed by `N`, what came back first. The operator's
//! place in the list of events moves when the console ends in which they looked, or when they say so.

mod gathering;
mod looking;
mod reading;
mod round_state;
mod rounds;
mod state;

pub use looking::{Look, Looked, What};
pub use reading::{Judged, NewsCursor, NewsError, Reading, Told};
pub use round_state::Rounds;
pub use state::NewsDesk;

use super::{
    command::Refresh,
    effect::{Effect, NewsEffect},
    model::{Context, DataUpdate, DetailSubject},
    notice::Severity,
    views::{self, Views},
};
use crate::{
    entity::{
        key::{ProfileName, RemoteId},
        leak::LeakField,
        number::group_digits,
        query::LeakQuery,
        seen::MarkKey,
    },
    table::{RowId, Table},
};
use gathering::Gathering;
use std::{sync::Arc, time::Duration};

/// So many rows are looked at in one turn.
const SOME: usize = 4_096;

/// Begins to keep what is seen, with the key of the marks; the view of what is new is there from now on.
pub fn begin((desk, views): (&mut NewsDesk, &mut Views), marks: MarkKey) {
    desk.marks = Some(marks);
    views.since_left = Some(views::since_left());
}

/// The first question: how far the operator has come.
pub(super) fn start(desk: &NewsDesk, context: Context<'_>) -> Option<Effect> {
    let is_on = desk.is_on() && !context.data.first_run;
    is_on.then_some(Effect::News(NewsEffect::Load))
}

/// It is known how far the operator has come.
pub(super) fn on_loaded(
    desk: &mut NewsDesk,
    update: &mut DataUpdate<'_>,
    result: Result<NewsCursor, NewsError>,
) {
    match result {
        Ok(cursor) => {
            desk.cursor = Some(cursor);
            update.data.table.set_looked_at(cursor.seq);
        }
        Err(error) => give_up(desk, update, &error),
    }
}

/// Without the memory the console works as it would have without news, and says so once.
fn give_up(desk: &mut NewsDesk, update: &mut DataUpdate<'_>, error: &NewsError) {
    let was_on = desk.is_on();
    desk.stop();
    if was_on {
        let now = update.now.since_start;
        let text = format!("there are no news: {}", error.why);
        let hint = Some(error.hint.to_owned());
        update.notices.push(Severity::Warning, text, hint, now);
    }
}

/// What is due of the console's own rounds; `is_busy` says that something is asked, typed or changed.
pub(super) fn due(desk: &mut NewsDesk, update: &mut DataUpdate<'_>, is_busy: bool) -> Vec<Effect> {
    rounds::due(desk, update, is_busy)
}

/// Accounts were asked for news.
pub(super) fn on_looked(
    desk: &mut NewsDesk,
    update: &mut DataUpdate<'_>,
    result: Result<Vec<Looked>, NewsError>,
) {
    rounds::on_looked(desk, update, result);
}

/// Whether that changes what is on the screen.
pub(super) fn shows(desk: &NewsDesk, result: &Result<Vec<Looked>, NewsError>) -> bool {
    rounds::shows(desk, result)
}

/// `:watch 15m`, `:watch off`, and `:watch` alone, which says how it stands.
pub(super) fn watch(desk: &mut NewsDesk, update: &mut DataUpdate<'_>, word: Option<&str>) {
    rounds::command(desk, update, word);
}

/// A list of leaks was read to its end.
pub(super) fn on_read(desk: &mut NewsDesk, profile: ProfileName, now: Duration) {
    if !desk.is_on() {
        return;
    }
    desk.rounds.on_read(&profile, now);
    if desk
        .gathering
        .as_ref()
        .is_some_and(|it| *it.profile() == profile)
    {
        desk.gathering = None;
    }
    if !desk.due.contains(&profile) {
        desk.due.push_back(profile);
    }
}

/// Goes on for a turn: rows are gathered, and what is gathered is given away.
pub(super) fn take_turn(desk: &mut NewsDesk, update: &DataUpdate<'_>) {
    if !desk.has_turn() {
        return;
    }
    let Some(marks) = desk.marks.clone() else {
        return;
    };
    if desk.gathering.is_none() {
        desk.gathering = desk
            .due
            .pop_front()
            .and_then(|profile| update.data.profile(&profile))
            // What was asked for in part says nothing of what is not there.
            .filter(|state| *state.paging.query == LeakQuery::default())
            .map(|state| {
                let name = &state.profile.binding.name;
                let probe = desk.rounds.probe(name, state.paging.started_at);
                Gathering::new(state, update.now.wall, probe)
            });
        return;
    }
    let Some(gathering) = &mut desk.gathering else {
        return;
    };
    let state = update.data.profile(gathering.profile());
    let Some(state) = state.filter(|state| !state.paging.is_loading()) else {
        // It is read anew, and judged when that has come to its end.
        desk.gathering = None;
        return;
    };
    if let Some(reading) = gathering.step(&update.data.table, state, &marks, SOME) {
        desk.gathering = None;
        desk.is_recording = true;
        let effect = NewsEffect::Judge(Arc::new(reading));
        desk.ready.push(Effect::News(effect));
    }
}

/// A reading was judged: some leaks seem to have come back and are read a second time, or all is kept.
pub(super) fn on_judged(
    desk: &mut NewsDesk,
    update: &mut DataUpdate<'_>,
    profile: &ProfileName,
    result: Result<Box<Judged>, NewsError>,
) -> Vec<Effect> {
    let told = match result.map(|judged| *judged) {
        Ok(Judged::Suspected { reading, rows }) => {
            let id = |row: &RowId| {
                let id = update.data.table.text(*row, LeakField::Id);
                (*row, RemoteId::from(&*id))
            };
            let confirm = rows.iter().map(id).collect();
            let effect = NewsEffect::Record { reading, confirm };
            return vec![Effect::News(effect)];
        }
        Ok(Judged::Recorded(told)) => told,
        Err(error) => {
            desk.is_recording = false;
            give_up(desk, update, &error);
            return Vec::new();
        }
    };
    desk.is_recording = false;
    let probe = told.probe.clone();
    desk.rounds.on_kept(profile, told.whole, probe);
    if let Some(cursor) = &mut desk.cursor {
        cursor.end = cursor.end.max(told.end);
    }
    take_in(update, profile, told);
    Vec::new()
}

/// Puts what the memory says of a profile's leaks beside them.
pub fn take_in(update: &mut DataUpdate<'_>, profile: &ProfileName, told: Told) {
    let Some(slot) = update.data.profile(profile).map(|state| state.slot) else {
        return;
    };
    let table = &mut update.data.table;
    let before = table.leaks_generation();
    table.set_found(told.found);
    table.set_news(slot, told.news);
    if table.leaks_generation() != before {
        update.refresh(Refresh::Soon { at_once: true });
    }
}

/// The operator says that they have looked at everything, or takes that back.
pub(super) fn looked(desk: &NewsDesk, undo: bool) -> Option<Effect> {
    let to = desk.cursor?.end;
    let effect = if undo {
        NewsEffect::MoveBack
    } else {
        NewsEffect::Move { to }
    };
    desk.is_on().then_some(Effect::News(effect))
}

/// The operator's place was moved, or was not.
pub(super) fn on_moved(
    desk: &mut NewsDesk,
    update: &mut DataUpdate<'_>,
    is_undone: bool,
    result: Result<NewsCursor, NewsError>,
) {
    let now = update.now.since_start;
    let cursor = match result {
        Ok(cursor) => cursor,
        Err(error) => {
            let text = format!("the news stay as they are: {}", error.why);
            let hint = Some(error.hint.to_owned());
            update.notices.push(Severity::Error, text, hint, now);
            return;
        }
    };
    let before = update.data.table.count_news().all();
    desk.cursor = Some(cursor);
    desk.opened_at = None;
    update.data.table.set_looked_at(cursor.seq);
    let after = update.data.table.count_news().all();
    let leaks = |count: u64| match count {
        1 => "1 leak".to_owned(),
        count => format!("{} leaks", group_digits(count)),
    };
    let (text, hint) = if is_undone {
        (format!("there are news of {} again", leaks(after)), None)
    } else {
        let hint = ":seen undo takes that back".to_owned();
        let looked = before.saturating_sub(after);
        (format!("{} looked at", leaks(looked)), Some(hint))
    };
    update.notices.push(Severity::Info, text, hint, now);
    update.refresh(Refresh::Soon { at_once: true });
}

/// What of the news somebody looks at is no longer marked; whether the screen changes.
pub(super) fn follow_cursor(
    update: &mut DataUpdate<'_>,
    subject: Option<DetailSubject>,
    is_moved: bool,
) -> bool {
    match subject {
        // A cursor that nobody put where it is shows nothing to anybody.
        Some(DetailSubject::Leak(leak)) if is_moved => update.data.table.read_news(leak),
        _ => false,
    }
}

/// Counts the news again where rows have changed.
pub(super) fn count(desk: &mut NewsDesk, table: &Table) {
    let generation = table.leaks_generation();
    if desk.counted != Some(generation) {
        desk.counted = Some(generation);
        desk.counts = table.count_news();
    }
}
