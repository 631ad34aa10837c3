//! The shell around the core: the loop, the executor, the terminal, signals and clocks. The only module that owns the
//! terminal and starts tasks. Start with [`Runtime::run`].

pub mod clock;
mod deadline;
mod ending;
pub mod executor;
mod files;
pub mod hangup;
pub mod headless;
pub mod input;
pub mod mark_sets;
mod notice_log;
pub mod own_changes;
pub mod renderer;
mod screen;
pub mod seen_memory;
pub mod services;
pub mod signals;
pub mod state_files;
pub mod terminal;
pub mod terminal_output;

use crate::{
    app::{
        self,
        effect::{Effect, LoopEffect},
        input as app_input,
        message::Message,
        model::Model,
        wake,
    },
    ui::{
        self,
        redraw::{self, ListSnapshot, UnchangedRows},
    },
};
use clock::Clock;
use executor::{Envelope, Executor};
use input::TimedEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};
use renderer::{Renderer, Surface};
use std::{io, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

pub use screen::{RealScreen, Screen};

#[expect(clippy::struct_excessive_bools, reason = "each is another wait")]
/// The console's loop and everything it owns.
pub struct Runtime<B: Surface, S> {
    /// Too large to be carried about by everything that waits.
    model: Box<Model>,
    look: ui::Look,
    renderer: Renderer<B>,
    screen: S,
    executor: Executor,
    receiver: mpsc::Receiver<Envelope>,
    clock: Arc<dyn Clock>,
    idle: watch::Sender<u64>,
    idle_count: u64,
    dirty: bool,
    /// A key was taken since the last frame: it is answered before anything else that waits.
    key_pending: bool,
    /// A plan or a prompt was opened that is on no frame yet: the keys behind it wait.
    needs_first_frame: bool,
    /// The line is busy: the frame that is due was counted as dropped.
    frame_skipped: bool,
    /// The plan is told that it was drawn once its frame was taken.
    frame_in_flight: bool,
    /// What was due had its turn: next comes what waits.
    timer_handled: bool,
    /// The last frame, while nothing but a cursor has moved since.
    last_list: Option<ListSnapshot>,
    /// A key that was typed was waited for since the last message.
    waited_for_input: bool,
    /// The style of the row under the cursor, where a slow line takes it away; and frames until it comes back.
    bar: Option<ratatui::style::Style>,
    slow: u8,
    writes: hangup::PendingWrites,
    state_directory: PathBuf,
}

/// A line is slow for so many frames since one was dropped.
const SLOW: u8 = 40;

/// A reader of keys that is let run has read within this.
const INPUT_GRACE: Duration = Duration::from_millis(5);

/// So many keys are taken before a frame, when they are there already.
const MAX_KEYS_PER_FRAME: usize = 256;

impl<B, S> Runtime<B, S>
where
    B: Surface,
    B::Error: Send + Sync + 'static,
    io::Error: From<B::Error>,
    S: Screen,
{
    /// A console that has drawn nothing yet.
    pub fn new(
        model: Box<Model>,
        look: ui::Look,
        canvas: Renderer<B>,
        screen: S,
        services: Arc<services::Services>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let writes = services.writes.clone();
        let state_directory = services.state_directory.clone();
        let (executor, receiver) = Executor::new(services);
        Self {
            model,
            look,
            renderer: canvas,
            screen,
            executor,
            receiver,
            clock,
            idle: watch::channel(0).0,
            idle_count: 0,
            dirty: true,
            key_pending: false,
            needs_first_frame: false,
            frame_skipped: false,
            frame_in_flight: false,
            timer_handled: false,
            last_list: None,
            waited_for_input: false,
            bar: None,
            slow: 0,
            writes,
            state_directory,
        }
    }

    /// On a slow line the row under the cursor has its marker alone: its style would cost most of what a key sends.
    pub fn adapt_cursor(&mut self) {
        self.bar = Some(self.look.styles.cursor_row);
    }

    /// Takes the style of the row under the cursor away for a while, if the frame before had to be dropped.
    fn adapt(&mut self) {
        let Some(bar) = self.bar else { return };
        self.slow = if self.frame_skipped {
            SLOW
        } else {
            self.slow.saturating_sub(1)
        };
        let style = if self.slow == 0 {
            bar
        } else {
            ratatui::style::Style::new()
        };
        if style != self.look.styles.cursor_row {
            self.look.styles.cursor_row = style;
            // The row that has the bar, or has it no more, is drawn again.
            self.last_list = None;
        }
    }

    /// A sender for what is not the end of an effect.
    pub fn sender(&self) -> mpsc::Sender<Envelope> {
        self.executor.sender()
    }

    /// Changes whenever the loop comes to rest: no effect in flight, no message waiting, the screen drawn.
    pub fn idle(&self) -> watch::Receiver<u64> {
        self.idle.subscribe()
    }

    /// Runs until the end and answers the exit code.
    pub async fn run(&mut self, events: &mut mpsc::Receiver<TimedEvent>) -> io::Result<u8> {
        if let Some(code) = self.start()? {
            return Ok(code);
        }
        loop {
            let ended = match self.run_once(events).await {
                // A terminal that takes nothing any more went away, whoever notices first.
                Err(_) if self.screen.is_drained().is_err() => Some(hangup::EXIT_CODE),
                turned => turned?,
            };
            if let Some(code) = ended {
                self.settle_writes().await;
                self.record_interruption().await;
                self.leave().await?;
                return Ok(code);
            }
        }
    }

    /// Draws the first frame and starts the first effects; answers the exit code if that was the end already.
    pub fn start(&mut self) -> io::Result<Option<u8>> {
        self.model.now = self.clock.now();
        let size = self.renderer.size()?;
        self.model.size = (size.width, size.height);
        self.model.workspace.detail_visible = app::layout::is_wide(self.model.size);
        // The first frame shows what is being asked for, not that there is nothing.
        let effects = app::start(&mut self.model);
        self.draw()?;
        self.execute(effects)
    }

    /// One turn of the loop: draws what changed, waits for the next thing to happen and handles it. May be dropped
    /// while it waits; nothing is lost.
    pub async fn run_once(
        &mut self,
        events: &mut mpsc::Receiver<TimedEvent>,
    ) -> io::Result<Option<u8>> {
        let free = self.screen.is_drained()?;
        if free && self.frame_in_flight {
            self.frame_in_flight = false;
            self.on_frame_taken()?;
        }
        if self.dirty && (self.needs_first_frame || self.key_pending || self.receiver.is_empty()) {
            self.draw_if_ready(free)?;
        }
        if self.dirty && (self.needs_first_frame || self.receiver.is_empty()) {
            self.draw_if_ready(free)?;
        }
        // Only what waits for the line is woken by it.
        let waits = self.frame_in_flight || (self.dirty && !free);
        self.publish_idle();
        let wake = wake::next_wake_up(&self.model);
        let wait = wake.map(|due| due.saturating_sub(self.clock.now().since_start));
        // What streams in faster than it is taken must not keep what is due from its turn: they take turns.
        let due = wait.is_some_and(|wait| wait.is_zero()) && !self.timer_handled;
        let typed = self.has_pending_input(events);
        tokio::select! {
            biased;
            read = events.recv(), if !self.needs_first_frame => match read {
                Some(read) => self.on_events(read, events),
                // The terminal is gone; the watch ends the program if this was not the end already.
                None => Ok(Some(hangup::EXIT_CODE)),
            },
            () = tokio::time::sleep(INPUT_GRACE), if typed => {
                self.waited_for_input = true;
                Ok(None)
            }
            envelope = self.receiver.recv(), if !due && !typed => match envelope {
                Some(envelope) => {
                    (self.timer_handled, self.waited_for_input) = (false, false);
                    if envelope.completes_effect {
                        self.executor.on_completed();
                    }
                    self.handle(envelope.message)
                }
                None => Ok(Some(0)),
            },
            () = self.screen.drained(), if waits => Ok(None),
            () = sleep(wait), if !typed => {
                self.timer_handled = true;
                self.handle(Message::TimerFired)
            }
        }
    }

    /// Whether a key was typed that its reader did not get to, for the loop keeps the processor: then it rests, and the
    /// key comes before the next message. Once for each message, should the reader never get to it.
    fn has_pending_input(&self, events: &mpsc::Receiver<TimedEvent>) -> bool {
        !self.waited_for_input
            && !self.needs_first_frame
            && !self.receiver.is_empty()
            && events.is_empty()
            && self.screen.has_input()
    }

    /// Draws, or leaves the frame out where the last one is still on its way: what is on the screen then is drawn with
    /// the next one.
    fn draw_if_ready(&mut self, free: bool) -> io::Result<()> {
        if free {
            return self.draw();
        }
        if !std::mem::replace(&mut self.frame_skipped, true) {
            self.model.traffic.dropped_frames += 1;
        }
        Ok(())
    }

    /// An event, and those that wait behind it already. What follows a key that opened a plan or a prompt waits for
    /// the frame, be the line busy or not: nobody has seen it yet.
    fn on_events(
        &mut self,
        first: TimedEvent,
        events: &mut mpsc::Receiver<TimedEvent>,
    ) -> io::Result<Option<u8>> {
        let mut next = Some(first);
        for taken in 1..=MAX_KEYS_PER_FRAME {
            let Some((event, read)) = next else { break };
            let above = (self.model.overlays.len(), self.model.prompt.is_some());
            if let Some(message) = app_input::translate(&self.model, event, read) {
                let code = self.handle(message)?;
                self.key_pending = true;
                if code.is_some() {
                    return Ok(code);
                }
            }
            let now = (self.model.overlays.len(), self.model.prompt.is_some());
            if self.dirty && (now.0 > above.0 || now.1 && !above.1) {
                self.needs_first_frame = true;
            }
            // The next one is left where it is when it is not handled now: a key that was taken is never dropped.
            if taken == MAX_KEYS_PER_FRAME || above != now {
                break;
            }
            next = events.try_recv().ok();
        }
        Ok(None)
    }

    fn handle(&mut self, message: Message) -> io::Result<Option<u8>> {
        let before = self
            .model
            .notices
            .newest_first()
            .next()
            .map(|notice| notice.posted_at);
        let moves = redraw::is_cursor_only(&message);
        let updated = app::update(&mut self.model, message, self.clock.now());
        if updated.redraw && !moves {
            self.last_list = None;
        }
        notice_log::log_notice(&self.model, before);
        self.dirty |= updated.redraw;
        self.frame_skipped &= !updated.redraw;
        self.execute(updated.effects)
    }

    fn execute(&mut self, effects: Vec<Effect>) -> io::Result<Option<u8>> {
        for effect in effects {
            let Some(effect) = self.executor.start(effect) else {
                continue;
            };
            match effect {
                LoopEffect::CancelRequest(request) => self.executor.cancel(request),
                LoopEffect::WriteTerminal(bytes) => self.screen.write(bytes.expose())?,
                LoopEffect::Mouse(on) => self.screen.write(terminal::report_mouse(on))?,
                LoopEffect::Suspend => {
                    self.draw()?;
                    self.screen.suspend()?;
                    self.repaint()?;
                }
                LoopEffect::Redraw => self.repaint()?,
                LoopEffect::Quit(code) => return Ok(Some(code)),
            }
        }
        Ok(None)
    }

    /// Draws every cell anew, without asking the terminal anything.
    fn repaint(&mut self) -> io::Result<()> {
        self.renderer.invalidate()?;
        self.last_list = None;
        self.dirty = true;
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        self.adapt();
        let (model, look) = (&self.model, &self.look);
        let now = ListSnapshot::from_model(model);
        let kept = match (&self.last_list, &now) {
            (Some(before), Some(now)) => before.unchanged_rows(now),
            _ => UnchangedRows::NONE,
        };
        let shown = self
            .renderer
            .draw(&kept, |kept, buffer| ui::draw(model, look, kept, buffer))?;
        // Of a terminal that has another size than the model knows yet, nothing stands where it is thought to.
        self.last_list = now.filter(|_| Size::from(model.size) == shown.area.as_size());
        debug_assert!(kept.is_empty() || *shown == draw_full(model, look, shown.area));
        (self.dirty, self.key_pending) = (false, false);
        (self.needs_first_frame, self.frame_skipped) = (false, false);
        self.model.traffic.record_frame(self.screen.traffic());
        if self.screen.is_drained()? {
            self.on_frame_taken()
        } else {
            self.frame_in_flight = self.model.awaits_frame();
            Ok(())
        }
    }

    /// The terminal has taken a frame: a plan on it can be read from now on.
    fn on_frame_taken(&mut self) -> io::Result<()> {
        if self.model.awaits_frame() {
            self.handle(Message::FrameDrawn)?;
        }
        Ok(())
    }

    fn publish_idle(&mut self) {
        if self.executor.in_flight() == 0
            && self.receiver.is_empty()
            && !wake::has_pending_work(&self.model)
            && !self.dirty
        {
            self.idle_count += 1;
            self.idle.send_replace(self.idle_count);
        }
    }

    /// The model, for tests.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What it draws on, for tests.
    pub fn renderer(&self) -> &Renderer<B> {
        &self.renderer
    }

    /// What it draws on, for tests that give it another size.
    pub fn renderer_mut(&mut self) -> &mut Renderer<B> {
        &mut self.renderer
    }
}

/// A frame of which every row is drawn.
fn draw_full(model: &Model, look: &ui::Look, area: Rect) -> Buffer {
    let mut buffer = Buffer::empty(area);
    ui::draw(model, look, &UnchangedRows::NONE, &mut buffer);
    buffer
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(Duration::ZERO) => tokio::task::yield_now().await,
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
