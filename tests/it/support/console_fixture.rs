//! A console to be driven: the real runtime and the real adapter, on a stand-in of its own and a temporary journal.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::{
    driver::{Driver, Recorder},
    fault_server::{fast_limits, settings},
    statusless_provider::StatuslessProvider,
    test_backend::CountingBackend,
};
use jiff::Timestamp;
use stanch::{
    app::{
        model::{JournalAccess, Model, Setup},
        news,
    },
    clipboard::{ClipboardTarget, Multiplexer},
    config::{Config, Overrides, Policy, theme::ResolvedTheme},
    demo::{Demo, Options, SystemName, parse_list},
    entity::{
        fingerprint::FingerprintKey,
        key::{ProfileName, ProviderId},
        profile::{AdapterSettings, Profile, ProfileBinding},
        secret::Secret,
        seen::MarkKey,
    },
    journal::{Access, AuditOrigin, Journal, JournalOptions, OpenMode, Operator},
    provider::{self, Provider, capabilities_for, registration},
    runtime::{
        Runtime,
        clock::{Clock, ManualClock},
        hangup::PendingWrites,
        renderer::Renderer,
        seen_memory::SeenMemory,
        services::Services,
        state_files,
    },
    seen::SeenOptions,
    ui::Look,
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// When every test takes place.
pub(crate) fn today() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Puts something between the console and the adapter.
pub(crate) type Wrap = fn(Arc<dyn Provider>) -> Arc<dyn Provider>;

/// The three systems whose figures the tests of the console and of the commands hold: the fourth has tests of its own.
pub(crate) const THREE: [SystemName; 3] = [
    SystemName::ProjectDiscovery,
    SystemName::LeaksAi,
    SystemName::LeakedChecker,
];

/// The profiles beside the first, with everything.
const OTHER_PROFILES: [(&str, SystemName); 3] = [
    ("acme-la", SystemName::LeaksAi),
    ("acme-lc", SystemName::LeakedChecker),
    ("acme-hibp", SystemName::Hibp),
];

fn options(everything: bool, fourth: bool) -> Options {
    let today = jiff::civil::date(2026, 11, 22);
    if fourth {
        Options::all_systems(today)
    } else if everything {
        Options {
            systems: THREE.into(),
            ..Options::all_systems(today)
        }
    } else {
        Options::projectdiscovery_only(today)
    }
}

/// What a console is started with.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way of its own to start one"
)]
pub(crate) struct ConsoleFixture {
    pub(crate) size: (u16, u16),
    pub(crate) leaks: u64,
    pub(crate) hostile: bool,
    pub(crate) latency: Duration,
    /// Where the console's clock stands at first.
    pub(crate) now: Timestamp,
    pub(crate) faults: &'static str,
    pub(crate) page_size: u32,
    pub(crate) bulk_size: u32,
    pub(crate) policy: Policy,
    pub(crate) overrides: Overrides,
    pub(crate) multiplexer: Multiplexer,
    /// The word beside the profile.
    pub(crate) environment: &'static str,
    /// Without a profile: the first-run screen.
    pub(crate) first_run: bool,
    /// With the other two systems of the stand-in, a profile each.
    pub(crate) all_systems: bool,
    /// And with the fourth beside them.
    pub(crate) fourth: bool,
    /// What talks to the stand-in, if not the adapter.
    pub(crate) wrap: Option<Wrap>,
    /// More profiles, of providers that store no status.
    pub(crate) statusless_providers: Vec<StatuslessProvider>,
    /// With a memory of what was seen.
    pub(crate) news: bool,
    /// What an earlier console left behind.
    pub(crate) state: Option<tempfile::TempDir>,
}

impl Default for ConsoleFixture {
    fn default() -> Self {
        Self {
            size: (160, 48),
            leaks: 200,
            hostile: false,
            latency: Duration::ZERO,
            now: today(),
            faults: "",
            page_size: 1_000,
            bulk_size: 100,
            policy: Policy::default(),
            overrides: Overrides::default(),
            multiplexer: Multiplexer::None,
            environment: "test",
            first_run: false,
            all_systems: false,
            fourth: false,
            wrap: None,
            news: false,
            statusless_providers: Vec::new(),
            state: None,
        }
    }
}

impl ConsoleFixture {
    /// A console on so many leaks.
    pub(crate) fn with_leaks(leaks: u64) -> Self {
        Self {
            leaks,
            ..Self::default()
        }
    }

    /// Starts the stand-in and the console; nothing was drawn yet.
    #[expect(
        clippy::too_many_lines,
        reason = "one after the other, each needs the one before"
    )]
    pub(crate) async fn start(self) -> Driver {
        let demo = Demo::start(Options {
            leaks: self.leaks,
            hostile: self.hostile,
            latency: self.latency,
            faults: parse_list(self.faults).unwrap(),
            ..options(self.all_systems, self.fourth)
        })
        .await
        .unwrap();
        let state = self.state.unwrap_or_else(|| tempfile::tempdir().unwrap());
        let alone = settings(&demo.base_url());
        let settings = AdapterSettings {
            name: if self.all_systems {
                ProfileName::new("acme-pd").unwrap()
            } else {
                alone.name.clone()
            },
            page_size: Some(self.page_size),
            bulk_size: Some(self.bulk_size),
            verify: vec![Duration::from_millis(10), Duration::from_millis(50)],
            environment: self.environment.into(),
            ..alone
        };
        let mut provider = connect(&settings, demo.api_key());
        if let Some(wrap) = self.wrap {
            provider = wrap(provider);
        }
        let name = settings.name.clone();
        let mut profiles = vec![describe(&settings, provider.as_ref())];
        let mut providers = HashMap::from([(name, provider)]);
        let is_there = |(_, system): &(&str, SystemName)| {
            self.all_systems && (self.fourth || *system != SystemName::Hibp)
        };
        for (name, system) in OTHER_PROFILES.into_iter().filter(is_there) {
            let settings = AdapterSettings {
                name: ProfileName::new(name).unwrap(),
                provider: ProviderId::new(system.provider()),
                base_url: demo.system_base_url(system),
                // The address would be another one each time.
                attribution: matches!(system, SystemName::LeakedChecker | SystemName::Hibp)
                    .then(|| "Have I Been Pwned, December 2018, CC BY 4.0".into()),
                ..settings.clone()
            };
            let provider = connect(&settings, demo.system_api_key(system));
            profiles.push(describe(&settings, provider.as_ref()));
            providers.insert(settings.name, provider);
        }
        let journal = open_journal(&state.path().join("state"), "1").await;
        let config = Config::load(None, &[], &self.overrides);
        let clock = Arc::new(ManualClock::new(self.now));
        let mut model = Model::new(
            setup(&config, self.policy, state.path()),
            if self.first_run {
                Vec::new()
            } else {
                let others = self
                    .statusless_providers
                    .iter()
                    .map(StatuslessProvider::describe);
                profiles.into_iter().chain(others).collect()
            },
            journal_state(&journal),
            clock.now(),
        );
        model.size = self.size;
        state_files::load(
            model.split_workspace(),
            &state.path().join("state"),
            Some("analyst"),
        );
        for keeper in &self.statusless_providers {
            providers.insert(keeper.name(), Arc::new(keeper.clone()) as Arc<dyn Provider>);
        }
        let seen = self.news.then(|| {
            let options = SeenOptions {
                directory: state.path().join("state"),
                marks: MarkKey::of(&FingerprintKey::new([7; 32])),
                now: || today().as_second(),
                thread_init: || {},
                max_pages: None,
                team: None,
                seat: String::new(),
            };
            news::begin((&mut model.news, &mut model.views), options.marks.clone());
            Arc::new(SeenMemory::new(options, "analyst"))
        });
        let services = Arc::new(Services {
            providers,
            journal: journal.clone(),
            clipboard: ClipboardTarget::Osc52,
            multiplexer: self.multiplexer,
            state_directory: state.path().join("state"),
            writes: PendingWrites::default(),
            seen,
            missed_news: AtomicBool::new(false),
            origin: AuditOrigin::Console,
        });
        let recorder = Recorder::default();
        let runtime = Runtime::new(
            Box::new(model),
            look(&config.theme),
            Renderer::new(CountingBackend::new(self.size.0, self.size.1)).unwrap(),
            recorder.clone(),
            services,
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        let mut driver = Driver::new(runtime, recorder, clock, demo, journal, state);
        driver.statusless_providers = self.statusless_providers;
        driver
    }

    /// Starts it and waits until everything is loaded.
    pub(crate) async fn open(self) -> Driver {
        let mut driver = self.start().await;
        driver.begin();
        driver.run_until_settled().await;
        driver
    }
}

fn connect(settings: &AdapterSettings, key: &str) -> Arc<dyn Provider> {
    let row = registration(settings.provider.as_str()).unwrap();
    (row.connect_with_limits)(
        settings.clone(),
        Secret::from(key.to_owned()),
        fast_limits(),
    )
    .unwrap_or_else(|error| panic!("{error}"))
}

fn describe(settings: &AdapterSettings, provider: &dyn Provider) -> Profile {
    Profile {
        binding: ProfileBinding {
            name: settings.name.clone(),
            provider: settings.provider.clone(),
            // The port is another one each time, and a plan's hash must not be.
            origin: "http://127.0.0.1".into(),
            team: String::new(),
        },
        provider_title: registration(settings.provider.as_str())
            .unwrap()
            .title
            .to_owned(),
        environment: settings.environment.clone(),
        short: None,
        read_only: false,
        insecure: false,
        capabilities: capabilities_for(provider),
        verify: settings.verify.clone(),
        rpm: None,
        attribution: provider::attribution(settings),
    }
}

/// A journal in a directory of the test's own, whose clock stands.
pub(crate) async fn open_journal(directory: &Path, pid: &str) -> Journal {
    let who = Operator {
        user: "analyst".into(),
        host: "desk".into(),
        tty: String::new(),
        pid: pid.into(),
    };
    let mut options = JournalOptions::new(directory.to_path_buf(), OpenMode::Write, who);
    options.now = today;
    Journal::open(options).await.unwrap()
}

fn journal_state(journal: &Journal) -> JournalAccess {
    match journal.access() {
        Access::Writer => JournalAccess::Writer,
        Access::Follower { holder } => JournalAccess::Follower { holder },
        Access::ReadOnly { why } => JournalAccess::ReadOnly { reason: why },
    }
}

/// What the console is told at its start, in UTC.
pub(crate) fn setup(config: &Config, policy: Policy, directory: &Path) -> Setup {
    Setup {
        keymap: config.keymap.clone(),
        policy,
        times: config.console.times,
        reasons: config.reasons.clone(),
        commands: config.commands.clone(),
        directory: directory.to_path_buf(),
        banner: None,
        zone: jiff::tz::TimeZone::UTC,
        command_prefix: Vec::new(),
        own_program: None,
        headless: false,
        sources: provider::ids(),
    }
}

/// A look of a theme.
pub(crate) fn look(theme: &ResolvedTheme) -> Look {
    Look {
        styles: theme.styles,
        glyphs: theme.glyphs(),
    }
}
