//! The shell around the core: the loop, the executor, the terminal, signals and clocks. The only room that owns the
//! terminal and starts tasks. Start with [`Runtime::run`].

pub mod clock;
pub mod executor;
mod files;
pub mod hangup;
pub mod services;
pub mod session;
pub mod signals;
pub mod terminal;

use crate::{
    app::{self, effect::Effect, input, message::Message, model::Model, notice::Severity, wake},
    entity::job::{JobState, PauseReason},
    ui,
};
use clock::Clock;
use crossterm::event::Event;
use executor::{Envelope, Executor};
use futures_util::{Stream, StreamExt};
use ratatui::{Terminal, backend::Backend};
use std::{io, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// What the loop does to the terminal beside drawing; a test does nothing.
pub trait Screen {
    /// Sends bytes that are no part of a frame.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Gives the terminal to the shell and takes it back.
    fn suspend(&mut self) -> io::Result<()>;
}

/// The terminal of a real run.
#[derive(Debug)]
pub struct RealScreen;

impl Screen for RealScreen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout();
        io::Write::write_all(&mut out, bytes)?;
        io::Write::flush(&mut out)
    }

    fn suspend(&mut self) -> io::Result<()> {
        terminal::leave();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        terminal::enter()
    }
}

/// An event of the terminal and when it was read, since the start.
pub type Read = (Event, Duration);

/// The terminal's events; reading ends when this is dropped, so that two consoles of one process never share a key.
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::Receiver<Read>,
    reader: tokio::task::AbortHandle,
}

impl Events {
    /// Reads events in a task of their own: the stamp is that of the reading, however long the loop is busy, and the
    /// stream is only ever polled by one task, as crossterm's needs it. The channel closes when the terminal goes away.
    pub fn read(
        mut events: impl Stream<Item = io::Result<Event>> + Send + Unpin + 'static,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(EVENTS);
        let task = tokio::spawn(async move {
            while let Some(Ok(event)) = events.next().await {
                if sender.send((event, clock.now().since_start)).await.is_err() {
                    return;
                }
            }
        });
        Self {
            receiver,
            reader: task.abort_handle(),
        }
    }

    /// The channel.
    pub fn receiver(&mut self) -> &mut mpsc::Receiver<Read> {
        &mut self.receiver
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Events that may wait for the loop.
const EVENTS: usize = 1024;

/// The console's loop and everything it owns.
pub struct Runtime<B: Backend, S> {
    model: Model,
    look: ui::Look,
    terminal: Terminal<B>,
    screen: S,
    executor: Executor,
    receiver: mpsc::Receiver<Envelope>,
    clock: Arc<dyn Clock>,
    idle: watch::Sender<u64>,
    turns: u64,
    dirty: bool,
    writes: hangup::Writes,
}

/// How long a console that ends waits for its last line in the journal.
const LAST_WORD: Duration = Duration::from_secs(1);

/// So many keys are taken before a frame, when they are there already.
const KEYS_A_FRAME: usize = 64;

impl<B, S> Runtime<B, S>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
    io::Error: From<B::Error>,
    S: Screen,
{
    /// A console that has drawn nothing yet.
    pub fn new(
        model: Model,
        look: ui::Look,
        terminal: Terminal<B>,
        screen: S,
        services: Arc<services::Services>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let writes = services.writes.clone();
        let (executor, receiver) = Executor::new(services);
        Self {
            model,
            look,
            terminal,
            screen,
            executor,
            receiver,
            clock,
            idle: watch::channel(0).0,
            turns: 0,
            dirty: true,
            writes,
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
    pub async fn run(&mut self, events: &mut mpsc::Receiver<Read>) -> io::Result<u8> {
        if let Some(code) = self.begin()? {
            return Ok(code);
        }
        loop {
            if let Some(code) = self.turn(events).await? {
                self.settle_writes().await;
                self.record_interruption().await;
                return Ok(code);
            }
        }
    }

    /// Draws the first frame and starts the first effects; answers the exit code if that was the end already.
    pub fn begin(&mut self) -> io::Result<Option<u8>> {
        self.model.now = self.clock.now();
        let size = self.terminal.size()?;
        self.model.size = (size.width, size.height);
        self.model.detail = app::layout::is_wide(self.model.size);
        // The first frame shows what is being asked for, not that there is nothing.
        let effects = app::start(&mut self.model);
        self.draw()?;
        self.carry_out(effects)
    }

    /// One turn of the loop: draws what changed, waits for the next thing to happen and handles it. May be dropped
    /// while it waits; nothing is lost.
    pub async fn turn(&mut self, events: &mut mpsc::Receiver<Read>) -> io::Result<Option<u8>> {
        if self.dirty && self.receiver.is_empty() {
            self.draw()?;
        }
        self.publish_idle();
        let wake = wake::next(&self.model);
        let wait = wake.map(|due| due.saturating_sub(self.clock.now().since_start));
        tokio::select! {
            biased;
            read = events.recv() => match read {
                Some(read) => self.on_events(read, events),
                // The terminal is gone; the watch ends the program if this was not the end already.
                None => Ok(Some(hangup::EXIT)),
            },
            envelope = self.receiver.recv() => match envelope {
                Some(envelope) => {
                    if envelope.of_effect {
                        self.executor.ended();
                    }
                    self.handle(envelope.message)
                }
                None => Ok(Some(0)),
            },
            () = sleep(wait) => self.handle(Message::Ticked),
        }
    }

    /// An event, and those that wait behind it already. What follows a key that opened a plan or a prompt waits for
    /// the frame: nobody has seen it yet.
    fn on_events(
        &mut self,
        first: Read,
        events: &mut mpsc::Receiver<Read>,
    ) -> io::Result<Option<u8>> {
        let mut next = Some(first);
        for taken in 1..=KEYS_A_FRAME {
            let Some((event, read)) = next else { break };
            let above = (self.model.overlays.len(), self.model.prompt.is_some());
            if let Some(message) = input::translate(&self.model, event, read) {
                let code = self.handle(message)?;
                if code.is_some() {
                    return Ok(code);
                }
            }
            // The next one is left where it is when it is not handled now: a key that was taken is never dropped.
            if taken == KEYS_A_FRAME
                || above != (self.model.overlays.len(), self.model.prompt.is_some())
            {
                break;
            }
            next = events.try_recv().ok();
        }
        Ok(None)
    }

    fn handle(&mut self, message: Message) -> io::Result<Option<u8>> {
        let before = self.model.notices.all().next().map(|notice| notice.at);
        let updated = app::update(&mut self.model, message, self.clock.now());
        log_notice(&self.model, before);
        self.dirty |= updated.dirty;
        self.carry_out(updated.effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> io::Result<Option<u8>> {
        for effect in effects {
            match effect {
                Effect::CancelRequest(request) => self.executor.cancel(request),
                Effect::WriteTerminal(bytes) => self.screen.write(bytes.expose())?,
                Effect::Suspend => {
                    self.draw()?;
                    self.screen.suspend()?;
                    self.repaint()?;
                }
                Effect::Redraw => self.repaint()?,
                Effect::Quit(code) => return Ok(Some(code)),
                other => self.executor.spawn(other),
            }
        }
        Ok(None)
    }

    /// Draws every cell anew, without asking the terminal anything.
    fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal
            .resize(ratatui::layout::Rect::new(0, 0, size.width, size.height))?;
        self.dirty = true;
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let (model, look) = (&self.model, &self.look);
        self.terminal.draw(|frame| ui::draw(model, look, frame))?;
        self.dirty = false;
        if self.model.awaits_frame() {
            self.handle(Message::FrameDrawn)?;
        }
        Ok(())
    }

    fn publish_idle(&mut self) {
        if self.executor.in_flight() == 0
            && self.receiver.is_empty()
            && self.model.stale_groups.is_empty()
            && !self.dirty
        {
            self.turns += 1;
            self.idle.send_replace(self.turns);
        }
    }

    /// A write in flight is given time to be answered and recorded; what it tells is recorded by its own task.
    async fn settle_writes(&mut self) {
        let deadline = tokio::time::Instant::now() + services::LAST_WRITE;
        while self.writes.count() > 0 {
            if tokio::time::timeout_at(deadline, self.receiver.recv())
                .await
                .is_err()
            {
                return;
            }
        }
    }

    /// What still runs is interrupted by the end of this program, whatever ended it: whoever looks next reads why.
    async fn record_interruption(&mut self) {
        let jobs: Vec<_> = self
            .model
            .running
            .iter()
            .filter(|job| job.error.is_none())
            .map(|job| job.id)
            .collect();
        let mut waits = jobs.len();
        for job in jobs {
            self.executor.spawn(Effect::RecordState {
                job,
                state: JobState::Paused,
                paused: Some((PauseReason::Hangup, None)),
            });
        }
        let deadline = tokio::time::Instant::now() + LAST_WORD;
        while waits > 0 {
            match tokio::time::timeout_at(deadline, self.receiver.recv()).await {
                Ok(Some(envelope)) => {
                    let recorded = matches!(envelope.message, Message::JobStateRecorded { .. });
                    waits -= usize::from(recorded);
                }
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// The model, for tests.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The terminal, for tests.
    pub fn terminal(&self) -> &Terminal<B> {
        &self.terminal
    }

    /// The terminal, for tests that give it another size.
    pub fn terminal_mut(&mut self) -> &mut Terminal<B> {
        &mut self.terminal
    }
}

/// What the operator is told is in the log too, once; notices hold no value of a leak.
fn log_notice(model: &Model, before: Option<Duration>) {
    let Some(notice) = model
        .notices
        .all()
        .next()
        .filter(|notice| Some(notice.at) != before)
    else {
        return;
    };
    match notice.severity {
        Severity::Info => tracing::info!(text = notice.text, "notice"),
        Severity::Warning => tracing::warn!(text = notice.text, "notice"),
        Severity::Error => tracing::error!(text = notice.text, "notice"),
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
