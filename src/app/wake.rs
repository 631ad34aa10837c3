//! When the model wants to be woken although nothing happens: the runtime sets one timer for it, and none when it
//! says `None`. An idle console wakes for nothing.

use super::{
    changed_files,
    effect::{Effect, OutputEffect},
    job,
    model::{Context, Model, Split},
    news,
    overlay::ANSWER_DELAY,
    plan, refresh,
};
use std::time::Duration;

/// A sequence's menu is shown after this.
pub const MENU_DELAY: Duration = Duration::from_millis(300);

/// The next moment, since the start, at which something on the screen changes by itself.
pub fn next_wake_up(model: &Model) -> Option<Duration> {
    let now = model.now.since_start;
    let menu = (!model.sequence.keys.is_empty())
        .then(|| model.sequence.started_at + MENU_DELAY)
        .filter(|due| *due > now);
    let reveal = model
        .workspace
        .reveal
        .as_ref()
        .map(|reveal| reveal.masked_at);
    let plan = model
        .plan()
        .and_then(|plan| plan.drawn_at)
        .map(|drawn| drawn + ANSWER_DELAY)
        .filter(|due| *due > now);
    // Leaks that come, a running job or a wait count on the screen four times a second at most.
    let counts = has_live_counter(model.context()).then(|| TICK_INTERVAL * (tick_number(now) + 1));
    let turn = has_pending_work(model).then_some(now);
    [
        turn,
        menu,
        reveal,
        plan,
        counts,
        model.workspace.detail_delay.due,
        model.workspace.refresh_due,
        model.clear_clipboard_at,
        model.claims.due,
        model.access.poll_due,
        model.session.save_due,
        model.refresh.due,
        model.news.next(),
        changed_files::next(&model.data),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// Whether there is something to do in slices.
pub fn has_pending_work(model: &Model) -> bool {
    works_in_turns(model) || model.news.has_turn()
}

/// Whether something that the operator waits for is done in slices.
fn works_in_turns(model: &Model) -> bool {
    model.plan.plan_builder.is_some() || super::view::has_pending_work(model.context())
}

/// What counts on the screen is drawn this often, on an even beat: messages that come faster do not put it off.
const TICK_INTERVAL: Duration = super::view::REFRESH_INTERVAL;

/// The number of a moment's beat.
fn tick_number(now: Duration) -> u32 {
    u32::try_from(now.as_millis() / TICK_INTERVAL.as_millis()).unwrap_or(u32::MAX - 1)
}

/// Whether something on the screen counts.
fn has_live_counter(context: Context<'_>) -> bool {
    context.data.is_loading()
        || context
            .jobs
            .running
            .iter()
            .any(|job: &job::RunningJob| job.error.is_none())
        || is_waiting_for_budget(context)
        || is_revealed(context)
}

/// Whether a password is on the screen, and with it how long it stays there.
fn is_revealed(context: Context<'_>) -> bool {
    let reveal = context.workspace.reveal.as_ref();
    reveal.is_some_and(|reveal| reveal.secret.is_some())
}

/// Whether a profile waits for its budget.
pub fn is_waiting_for_budget(context: Context<'_>) -> bool {
    let now = context.now.wall;
    context.data.profiles.iter().any(|state| {
        state.budget.held_up(now).is_some() || state.budget.held_up_part(now).is_some()
    })
}

/// The moment came: does what was due. Answers whether the screen changes.
pub fn on_tick(model: &mut Model) -> bool {
    let now = model.now.since_start;
    // What is done in slices ticks far more often than anybody reads: what counts is drawn once a beat.
    let counted = std::mem::replace(&mut model.redraw_tick, tick_number(now));
    let mut changed = !model.sequence.keys.is_empty()
        || model.plan().is_some()
        || (counted != model.redraw_tick
            && (has_live_counter(model.context()) || !model.jobs.running.is_empty()));
    if model
        .workspace
        .reveal
        .as_ref()
        .is_some_and(|reveal| reveal.masked_at <= now)
    {
        model.workspace.reveal = None;
        changed = true;
    }
    // What the operator waits for comes first; what is given to the memory has time.
    if !works_in_turns(model) {
        let (desk, update) = model.split_news();
        news::take_turn(desk, &update);
    }
    changed |= plan::run_slice(&mut model.overlay_update())
        .unwrap_or_else(|| super::view::run_slice(&mut model.workspace_update()));
    if model.workspace.refresh_due.is_some_and(|due| due <= now) {
        super::view::refresh_due(&mut model.workspace_update());
        changed = true;
    }
    if model
        .workspace
        .detail_delay
        .due
        .is_some_and(|due| due <= now)
    {
        super::view::update_detail_now(&mut model.workspace_update());
        changed = true;
    }
    changed
}

/// I/O that is due at this moment.
pub fn due_effects(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    let watch = model.access.due(now);
    let read = model.news.take_ready();
    let is_busy = refresh::is_busy(model);
    let looks = changed_files::due(&mut model.data, now, is_busy);
    let rounds = {
        let (desk, mut update) = model.split_news();
        news::due(desk, &mut update, is_busy)
    };
    let Split {
        views,
        memory,
        claims,
        clear_clipboard,
        update,
        ..
    } = model.split();
    let mut effects: Vec<_> = claims.due(update.context).into_iter().collect();
    effects.extend(watch);
    effects.extend(read);
    effects.extend(looks);
    effects.extend(rounds);
    effects.extend(memory.save_due(views, update.context));
    if clear_clipboard.take_if(|due| *due <= now).is_some() {
        effects.push(Effect::Output(OutputEffect::ClearClipboard));
    }
    effects
}
