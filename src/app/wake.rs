//! When the model wants to be woken although nothing happens: the runtime sets one timer for it, and none when it
//! says `None`. An idle console wakes for nothing.

use super::{
    changed_files,
    effect::{Effect, OutputEffect},
    job,
    model::{Context, Model, Split},
    news,
    overlay::READING_TIME,
    plan, refresh,
};
use std::time::Duration;

/// A sequence's menu is shown after this.
pub const MENU: Duration = Duration::from_millis(300);

/// The next moment, since the start, at which something on the screen changes by itself.
pub fn next(model: &Model) -> Option<Duration> {
    let now = model.now.since_start;
    let menu = (!model.sequence.keys.is_empty())
        .then(|| model.sequence.since + MENU)
        .filter(|due| *due > now);
    let reveal = model.workspace.reveal.as_ref().map(|reveal| reveal.until);
    let plan = model
        .plan()
        .and_then(|plan| plan.drawn)
        .map(|drawn| drawn + READING_TIME)
        .filter(|due| *due > now);
    // Leaks that come, a running job or a wait count on the screen four times a second at most.
    let counts = counts(model.context()).then(|| BEAT * (beat(now) + 1));
    let turn = has_turns(model).then_some(now);
    [
        turn,
        menu,
        reveal,
        plan,
        counts,
        model.workspace.rest.due,
        model.workspace.views_due,
        model.clear_clipboard,
        model.claims.due,
        model.access.watch_due,
        model.memory.due,
        model.refresh.due,
        model.news.next(),
        changed_files::next(&model.data),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// Whether there is something to do in turns.
pub fn has_turns(model: &Model) -> bool {
    works_in_turns(model) || model.news.has_turn()
}

/// Whether something that the operator waits for is done in turns.
fn works_in_turns(model: &Model) -> bool {
    model.plan.planning.is_some() || super::view::has_turns(model.context())
}

/// What counts on the screen is drawn this often, on an even beat: messages that come faster do not put it off.
const BEAT: Duration = super::view::REPAINT;

/// The number of a moment's beat.
fn beat(now: Duration) -> u32 {
    u32::try_from(now.as_millis() / BEAT.as_millis()).unwrap_or(u32::MAX - 1)
}

/// Whether something on the screen counts.
fn counts(context: Context<'_>) -> bool {
    context.data.is_loading()
        || context
            .jobs
            .running
            .iter()
            .any(|job: &job::RunningJob| job.error.is_none())
        || is_waiting(context)
        || is_revealed(context)
}

/// Whether a password is on the screen, and with it how long it stays there.
fn is_revealed(context: Context<'_>) -> bool {
    let reveal = context.workspace.reveal.as_ref();
    reveal.is_some_and(|reveal| reveal.secret.is_some())
}

/// Whether a profile waits for its budget.
pub fn is_waiting(context: Context<'_>) -> bool {
    context.data.profiles.iter().any(|state| {
        state
            .budget
            .wait_until
            .is_some_and(|until| until > context.now.wall)
    })
}

/// The moment came: does what was due. Answers whether the screen changes.
pub fn on_tick(model: &mut Model) -> bool {
    let now = model.now.since_start;
    // What is done in turns ticks far more often than anybody reads: what counts is drawn once a beat.
    let counted = std::mem::replace(&mut model.beat, beat(now));
    let mut changed = !model.sequence.keys.is_empty()
        || model.plan().is_some()
        || (counted != model.beat && (counts(model.context()) || !model.jobs.running.is_empty()));
    if model
        .workspace
        .reveal
        .as_ref()
        .is_some_and(|reveal| reveal.until <= now)
    {
        model.workspace.reveal = None;
        changed = true;
    }
    // What the operator waits for comes first; what is given to the memory has time.
    if !works_in_turns(model) {
        let (desk, update) = model.split_news();
        news::take_turn(desk, &update);
    }
    changed |= plan::take_turn(&mut model.overlay_update())
        .unwrap_or_else(|| super::view::take_turn(&mut model.workspace_update()));
    if model.workspace.views_due.is_some_and(|due| due <= now) {
        super::view::refresh_due(&mut model.workspace_update());
        changed = true;
    }
    if model.workspace.rest.due.is_some_and(|due| due <= now) {
        super::view::rest_now(&mut model.workspace_update());
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
    effects.extend(memory.due(views, update.context));
    if clear_clipboard.take_if(|due| *due <= now).is_some() {
        effects.push(Effect::Output(OutputEffect::ClearClipboard));
    }
    effects
}
