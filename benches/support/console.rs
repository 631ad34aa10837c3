//! A console without its shell: the core on a table of so many leaks, drawn on a terminal that only keeps the bytes.

use ratatui::layout::Size;
use stanch::{
    action::Action,
    app::{
        self,
        message::{Message, Moment},
        model::{JournalAccess, Model, Setup},
        view,
    },
    config::Config,
    entity::{
        key::{ProfileName, ProviderId},
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState},
        status::Status,
    },
    runtime::{
        renderer::Renderer,
        terminal_output::{FrameSink, TerminalBackend, TerminalCapabilities},
    },
    ui::{
        self, Look,
        redraw::{ListSnapshot, UnchangedRows},
    },
};
use std::{io, time::Duration};

/// Columns and rows.
pub(crate) const SIZE: (u16, u16) = (160, 48);

/// Keeps how much it was sent.
#[derive(Debug, Default)]
pub(crate) struct ByteCounter {
    bytes: usize,
}

impl FrameSink for ByteCounter {
    fn size(&self) -> io::Result<Size> {
        Ok(SIZE.into())
    }

    fn send(&mut self, frame: Vec<u8>) -> io::Result<()> {
        self.bytes += frame.len();
        Ok(())
    }
}

/// The core and what it is drawn on.
pub(crate) struct Console {
    pub(crate) model: Model,
    pub(crate) look: Look,
    pub(crate) renderer: Renderer<TerminalBackend<ByteCounter>>,
    last_list: Option<ListSnapshot>,
    now: Moment,
}

impl Console {
    /// With a model, on a terminal of this kind.
    pub(crate) fn new(model: Model, facts: TerminalCapabilities) -> io::Result<Self> {
        let config = Config::default();
        let now = model.now;
        Ok(Self {
            model,
            look: Look {
                styles: config.theme.styles,
                glyphs: config.theme.glyphs(),
            },
            last_list: None,
            renderer: Renderer::new(TerminalBackend::new(ByteCounter::default(), facts)?)?,
            now,
        })
    }

    /// An action, as often as that, before a frame.
    pub(crate) fn act(&mut self, action: Action, times: usize) {
        for _ in 0..times {
            self.now.since_start += Duration::from_millis(1);
            let read = self.now.since_start;
            app::update(
                &mut self.model,
                Message::ActionRequested {
                    action,
                    read_at: read,
                },
                self.now,
            );
        }
    }

    /// What follows the cursor follows it.
    pub(crate) fn pass_detail_delay(&mut self) {
        self.now.since_start += view::DETAIL_DELAY + Duration::from_millis(1);
        app::update(&mut self.model, Message::TimerFired, self.now);
    }

    /// Draws, and answers how many bytes that took.
    pub(crate) fn draw(&mut self) -> io::Result<usize> {
        self.last_list = None;
        self.draw_moved()
    }

    /// The same where nothing but the cursor has moved since the last frame.
    pub(crate) fn draw_moved(&mut self) -> io::Result<usize> {
        let before = self.renderer.backend().sink().bytes;
        let (model, look) = (&self.model, &self.look);
        let now = ListSnapshot::from_model(model);
        let kept = match (&self.last_list, &now) {
            (Some(before), Some(now)) => before.unchanged_rows(now),
            _ => UnchangedRows::NONE,
        };
        self.last_list = now;
        self.renderer
            .draw(&kept, |kept, buffer| ui::draw(model, look, kept, buffer))?;
        Ok(self.renderer.backend().sink().bytes - before)
    }
}

/// A model with so many leaks in its table, and its views made.
pub(crate) fn model(leaks: usize) -> Model {
    let config = Config::default();
    let setup = Setup {
        keymap: config.keymap.clone(),
        policy: config.policy,
        reasons: Vec::new(),
        commands: Vec::new(),
        times: config.console.times,
        directory: std::path::PathBuf::new(),
        banner: None,
        zone: jiff::tz::TimeZone::UTC,
        command_prefix: Vec::new(),
        own_program: None,
        headless: false,
        sources: stanch::provider::ids(),
    };
    let now = Moment {
        since_start: Duration::ZERO,
        wall: jiff::Timestamp::UNIX_EPOCH,
    };
    let mut model = Model::new(setup, Vec::new(), JournalAccess::Writer, now);
    model.data.first_run = false;
    model.size = SIZE;
    fill(&mut model, leaks);
    model.workspace.zoomed = true;
    view::refresh(&mut model.workspace_update());
    view::clamp_cursors(&mut model.workspace_update());
    // What is done in slices is done by the time that somebody presses a key.
    while view::has_pending_work(model.context()) {
        view::run_slice(&mut model.workspace_update());
    }
    model
}

const DOMAINS: [&str; 6] = [
    "northlake.example",
    "fusace-corp.test",
    "civuli.example",
    "harbour-bank.test",
    "oldmill.example",
    "quay.test",
];
const HOSTS: [&str; 4] = ["jira", "mail", "vpn", "sso"];
const COUNTRIES: [&str; 5] = ["DE", "FR", "US", "BR", "JP"];
const CLASSES: [&str; 3] = ["employee", "customer", "personal"];
const STATUSES: [Status; 3] = [Status::Open, Status::Fixed, Status::New];

fn fill(model: &mut Model, leaks: usize) {
    let Ok(name) = ProfileName::new("bench") else {
        return;
    };
    let slot = model
        .data
        .table
        .add_profile(name, ProviderId::new("projectdiscovery"));
    let pass = model.data.table.begin_pass(slot);
    let mut random = fastrand::Rng::with_seed(1);
    for page in 0..leaks.div_ceil(1_000) {
        let mut batch = LeakBatch::default();
        for at in (page * 1_000..leaks).take(1_000) {
            let domain = DOMAINS[random.usize(..DOMAINS.len())];
            let host = HOSTS[random.usize(..HOSTS.len())];
            let number = random.u32(..2_000_000);
            let day = random.u32(1..29);
            let values = [
                (LeakField::Id, format!("{at:032x}")),
                (LeakField::Login, format!("user{number}@{domain}")),
                (LeakField::Url, format!("https://{host}.{domain}/login")),
                (LeakField::Domain, domain.to_owned()),
                (
                    LeakField::Hostname,
                    format!("DESKTOP-{:07X}", random.u32(..1 << 28)),
                ),
                (LeakField::Country, COUNTRIES[random.usize(..5)].to_owned()),
                (LeakField::Class, CLASSES[random.usize(..3)].to_owned()),
                (LeakField::FirstSeen, format!("2026-03-{day:02}T10:00:00Z")),
            ];
            let mut fields = [None; FIELD_COUNT];
            for (field, value) in &values {
                fields[*field as usize] = Some(value.as_bytes());
            }
            batch.push(&LeakRef {
                fields,
                status: STATUSES[random.usize(..3)],
                password: PasswordState::Hidden,
                risk: None,
                damaged: false,
                credential: None,
            });
        }
        model.data.table.ingest(slot, pass, &batch);
    }
}
