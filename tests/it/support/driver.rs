//! Drives a console: keys in, the screen and the model out. It never sleeps: it steps the runtime's own loop until
//! that says it is idle, and the console's clock stands still until a test moves it.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::{
    statusless_provider::StatuslessProvider,
    test_backend::{CountingBackend, screen_text},
};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use serde_json::{Value, json};
use stanch::{
    app::{message::Message, model::Model, sent::Traffic, wake},
    config::chord::Chord,
    demo::Demo,
    entity::status::Status,
    journal::Journal,
    runtime::{
        Runtime, Screen, clock::Clock, clock::ManualClock, executor::Envelope, input::TimedEvent,
    },
    table::RowId,
};
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, mpsc};

/// A test that waits longer than this for the console hangs, and fails.
const TEST_TIMEOUT: Duration = Duration::from_secs(120);

/// Keeps what the console sends to the terminal beside its frames.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<(Vec<u8>, u32)>>, Arc<TerminalLine>);

/// The line to the terminal as a test wants it.
#[derive(Default)]
struct TerminalLine {
    /// The last frame is still on its way.
    busy: AtomicBool,
    /// Something was typed that nobody has read.
    has_input: AtomicBool,
    freed: Notify,
    traffic: Mutex<Traffic>,
}

impl Recorder {
    /// The bytes so far; they are taken away.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    /// From now on the terminal takes no frame.
    pub(crate) fn block(&self) {
        self.1.busy.store(true, Ordering::SeqCst);
    }

    /// It takes them again.
    pub(crate) fn unblock(&self) {
        self.1.busy.store(false, Ordering::SeqCst);
        self.1.freed.notify_one();
    }

    /// Something is typed, or was read.
    pub(crate) fn set_input(&self, typed: bool) {
        self.1.has_input.store(typed, Ordering::SeqCst);
    }

    /// The next frame takes so many bytes.
    pub(crate) fn accept(&self, bytes: u64) {
        let mut traffic = self.1.traffic.lock().unwrap();
        traffic.frames += 1;
        traffic.bytes += bytes;
    }

    /// How often the terminal was given to the shell.
    pub(crate) fn suspend_count(&self) -> u32 {
        self.0.lock().unwrap().1
    }
}

impl Screen for Recorder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().0.extend_from_slice(bytes);
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().1 += 1;
        Ok(())
    }

    fn is_drained(&self) -> io::Result<bool> {
        Ok(!self.1.busy.load(Ordering::SeqCst))
    }

    async fn drained(&self) {
        self.1.freed.notified().await;
    }

    fn has_input(&self) -> bool {
        self.1.has_input.load(Ordering::SeqCst)
    }

    fn traffic(&self) -> Traffic {
        *self.1.traffic.lock().unwrap()
    }
}

/// A console under test.
pub(crate) struct Driver {
    runtime: Runtime<CountingBackend, Recorder>,
    events: mpsc::Receiver<TimedEvent>,
    sender: mpsc::Sender<TimedEvent>,
    http: reqwest::Client,
    pub(crate) recorder: Recorder,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) demo: Demo,
    pub(crate) journal: Journal,
    pub(crate) state: tempfile::TempDir,
    /// The profiles beside the stand-in's.
    pub(crate) statusless_providers: Vec<StatuslessProvider>,
    /// The exit code, once it ended.
    pub(crate) exit_code: Option<u8>,
}

impl Driver {
    pub(crate) fn new(
        runtime: Runtime<CountingBackend, Recorder>,
        recorder: Recorder,
        clock: Arc<ManualClock>,
        demo: Demo,
        journal: Journal,
        state: tempfile::TempDir,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (sender, events) = mpsc::channel(1024);
        Self {
            runtime,
            events,
            sender,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            recorder,
            clock,
            demo,
            journal,
            state,
            statusless_providers: Vec::new(),
            exit_code: None,
        }
    }

    /// Ends the console and answers what it leaves behind.
    pub(crate) async fn end(mut self) -> tempfile::TempDir {
        self.runtime.leave().await.unwrap();
        drop(self.runtime);
        self.journal.close().await;
        self.state
    }

    /// Draws the first frame and starts the first effects.
    pub(crate) fn begin(&mut self) {
        self.exit_code = self.runtime.start().unwrap();
    }

    /// The model.
    pub(crate) fn model(&self) -> &Model {
        self.runtime.model()
    }

    /// The cells of the screen.
    pub(crate) fn buffer(&self) -> &Buffer {
        self.runtime.renderer().backend().buffer()
    }

    /// Cells drawn since the start.
    pub(crate) fn drawn_cells(&self) -> usize {
        self.runtime.renderer().backend().drawn_cells
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        screen_text(self.buffer())
    }

    /// The last line of the screen.
    pub(crate) fn footer(&self) -> String {
        self.screen().lines().last().unwrap_or_default().to_owned()
    }

    /// The line above the last one.
    pub(crate) fn status_line(&self) -> String {
        let screen = self.screen();
        screen.lines().rev().nth(1).unwrap_or_default().to_owned()
    }

    /// Whether the screen has this text somewhere.
    pub(crate) fn shows(&self, words: &str) -> bool {
        self.screen().contains(words)
    }

    /// Fails with the screen unless it has this text.
    pub(crate) fn assert_screen(&self, words: &str) -> &Self {
        assert!(
            self.shows(words),
            "{words:?} is not on the screen:\n{}",
            self.screen()
        );
        self
    }

    /// Sends an event of the terminal, read now.
    pub(crate) fn send(&mut self, event: Event) -> &mut Self {
        let read = self.clock.now().since_start;
        self.sender.try_send((event, read)).unwrap();
        self
    }

    /// Sends keys: characters as they are, others as `<space>`, `<esc>`, `<C-d>`, `<bs>`; `<lt>` is `<`.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        for key in parse(keys) {
            self.send(Event::Key(key));
        }
        self
    }

    /// Sends a paste.
    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Event::Paste(text.into()))
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.resize_without_event(columns, rows)
            .send(Event::Resize(columns, rows))
    }

    /// The same, and the console is not told yet.
    pub(crate) fn resize_without_event(&mut self, columns: u16, rows: u16) -> &mut Self {
        let glass = self.runtime.renderer_mut().backend_mut();
        glass.resize(columns, rows);
        self
    }

    /// Keys, then rest.
    pub(crate) async fn press(&mut self, keys: &str) -> &mut Self {
        self.keys(keys).run_until_settled().await
    }

    /// Steps the loop until it is idle and nothing is due by itself but what a test waits for on purpose: a plan's
    /// reading time, a menu, a reveal.
    pub(crate) async fn run_until_settled(&mut self) -> &mut Self {
        while self.exit_code.is_none() {
            self.run_until_idle().await;
            let model = self.runtime.model();
            let Some(due) = [
                model.workspace.detail_delay.due,
                model.workspace.refresh_due,
            ]
            .into_iter()
            .flatten()
            .min() else {
                break;
            };
            let now = self.clock.now().since_start;
            self.clock.advance(due.saturating_sub(now));
            self.tick().await;
        }
        self
    }

    /// Steps the loop until it is idle.
    async fn run_until_idle(&mut self) {
        let mut idle = self.runtime.idle();
        let turns = async {
            loop {
                idle.mark_unchanged();
                tokio::select! {
                    biased;
                    turn = self.runtime.run_once(&mut self.events) => {
                        self.exit_code = turn.unwrap();
                        if self.exit_code.is_some() {
                            return;
                        }
                    }
                    _ = idle.changed() => return,
                }
            }
        };
        let rests = tokio::time::timeout(TEST_TIMEOUT, turns).await.is_ok();
        assert!(rests, "the console never comes to rest:\n{}", self.screen());
    }

    /// Steps the loop until something is true.
    pub(crate) async fn run_until(&mut self, what: &str, is: impl Fn(&Model) -> bool) -> &mut Self {
        let turns = async {
            while !is(self.runtime.model()) {
                assert_eq!(self.runtime.run_once(&mut self.events).await.unwrap(), None);
            }
        };
        let happens = tokio::time::timeout(TEST_TIMEOUT, turns).await.is_ok();
        assert!(happens, "{what} never happens:\n{}", self.screen());
        self
    }

    /// Handles what is there without waiting for anything that is not.
    pub(crate) async fn handle_pending(&mut self) -> &mut Self {
        loop {
            let turn = self.runtime.run_once(&mut self.events);
            tokio::select! {
                biased;
                turn = turn => self.exit_code = turn.unwrap(),
                () = std::future::ready(()) => return self,
            }
        }
    }

    async fn tick(&mut self) {
        self.queue_message(Message::TimerFired)
            .run_until_idle()
            .await;
    }

    /// Lets time pass, and the console see that it has.
    pub(crate) async fn advance_clock(&mut self, time: Duration) -> &mut Self {
        self.clock.advance(time);
        let now = self.clock.now().since_start;
        if wake::next_wake_up(self.model()).is_some_and(|due| due <= now) {
            self.tick().await;
        }
        self.run_until_settled().await
    }

    /// Lets the reading time of a plan pass.
    pub(crate) async fn wait_for_reading_time(&mut self) -> &mut Self {
        self.advance_clock(Duration::from_millis(301)).await
    }

    /// Reads a plan and says yes to it.
    pub(crate) async fn read_plan_and_apply(&mut self) -> &mut Self {
        self.wait_for_reading_time().await.press("y").await
    }

    /// Hands the loop a message from outside.
    pub(crate) async fn send_message(&mut self, message: Message) -> &mut Self {
        self.queue_message(message).run_until_settled().await
    }

    /// Lets a message from outside wait for the loop.
    pub(crate) fn queue_message(&mut self, message: Message) -> &mut Self {
        let envelope = Envelope {
            message,
            completes_effect: false,
        };
        self.runtime.sender().try_send(envelope).unwrap();
        self
    }

    /// What a control call of the stand-in answers.
    pub(crate) async fn control(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.demo.control_url());
        let response = self.http.get(url).send().await.unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// Changes something at the stand-in behind the console's back.
    pub(crate) async fn control_post(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.demo.control_url());
        let response = self.http.post(url).body(body.to_string()).send().await;
        let response = response.unwrap();
        assert!(response.status().is_success(), "{path}: {body}");
    }

    /// Sets the stand-in's faults.
    pub(crate) async fn faults(&self, faults: &[&str]) {
        self.control_post("/faults", json!({ "faults": faults }))
            .await;
    }

    /// The status of every leak at the stand-in, by id.
    pub(crate) async fn statuses(&self) -> BTreeMap<String, String> {
        let mut all = self.control("/statuses").await;
        serde_json::from_value(all["projectdiscovery"].take()).unwrap()
    }

    /// Requests that change something, in order.
    pub(crate) async fn writes(&self) -> Vec<Value> {
        let log = self.control("/requests").await;
        let requests = log["requests"].as_array().unwrap();
        let writes = requests.iter().filter(|entry| {
            let path = entry["path"].as_str().unwrap();
            entry["method"] != "GET" && path.ends_with("/status")
        });
        writes.cloned().collect()
    }

    /// The ids of the marked leaks, in order.
    pub(crate) fn marked_ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self
            .model()
            .workspace
            .marks
            .iter()
            .map(|handle| self.id(handle))
            .collect();
        ids.sort();
        ids
    }

    /// The id of a row.
    pub(crate) fn id(&self, handle: RowId) -> String {
        let key = self.model().data.table.key(handle);
        key.id.as_str().unwrap().to_owned()
    }

    /// The id of the row under the cursor of the leaks pane.
    pub(crate) fn cursor(&self) -> String {
        self.id(self.model().workspace.leaks.list.cursor().unwrap())
    }

    /// The rows of the leaks pane with this status, in order.
    pub(crate) fn rows_with(&self, status: Status) -> Vec<RowId> {
        let order = self.model().workspace.leaks.list.order().iter().copied();
        order
            .filter(|handle| self.model().data.table.status(*handle) == status)
            .collect()
    }

    /// Moves the cursor of the leaks pane to a row and marks it.
    pub(crate) fn mark(&mut self, handle: RowId) -> &mut Self {
        self.move_cursor(handle).keys("<space>")
    }

    /// Moves the cursor of the leaks pane to a row.
    pub(crate) fn move_cursor(&mut self, handle: RowId) -> &mut Self {
        let order = self.model().workspace.leaks.list.order();
        let down = order.iter().position(|other| *other == handle).unwrap();
        self.keys("gg").keys(&"j".repeat(down))
    }
}

fn parse(keys: &str) -> Vec<KeyEvent> {
    let mut parsed = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        if let Some((name, after)) = named {
            parsed.push(named_key(name));
            rest = after;
        } else {
            parsed.push(KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE));
            rest = &rest[first.len_utf8()..];
        }
    }
    parsed
}

fn named_key(name: &str) -> KeyEvent {
    let spelled = match name {
        "lt" => "<".to_owned(),
        "bs" => "backspace".to_owned(),
        name => name.replace("C-", "ctrl-"),
    };
    Chord::parse(&spelled).unwrap().event()
}
