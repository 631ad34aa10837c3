//! A model with its own clock, and no runtime around it.

use super::super::support::console_fixture::{setup, today};
use crossterm::event::{Event, KeyEvent};
use stanch::{
    action::Action,
    app::{
        self,
        effect::Effect,
        input,
        message::{Message, Moment},
        model::{JournalAccess, Model},
    },
    config::{Config, Policy, chord::Chord},
    entity::{
        capability::{Ability, Capabilities, IdFormat, StoreLimits},
        key::{EntityKey, ProfileName, ProviderId, RequestId},
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState},
        page::{LeakPage, PageRequest},
        profile::{Profile, ProfileBinding},
        status::Status,
    },
};
use std::{path::Path, sync::Arc, time::Duration};

pub(crate) struct Core {
    pub(crate) model: Model,
    pub(crate) now: Moment,
}

pub(super) fn name(profile: &str) -> ProfileName {
    ProfileName::new(profile).unwrap()
}

pub(super) fn profile(profile: &str) -> Profile {
    Profile {
        binding: ProfileBinding {
            name: name(profile),
            provider: ProviderId::new("any"),
            origin: "https://api.example".into(),
            team: String::new(),
        },
        provider_title: "Any".into(),
        environment: "test".into(),
        short: None,
        read_only: false,
        insecure: false,
        capabilities: Capabilities {
            abilities: [Ability::Statuses, Ability::Secrets, Ability::Domains]
                .into_iter()
                .collect(),
            members: Vec::new(),
            page_size: 10,
            bulk_size: 2,
            store: Some(StoreLimits {
                statuses: vec![Status::Open, Status::Fixed],
                wider_reach: Vec::new(),
                ids: IdFormat::Hex32,
                changes: 2,
            }),
        },
        verify: [1, 10, 60].map(Duration::from_secs).to_vec(),
        rpm: None,
        attribution: None,
    }
}

/// An id as a provider makes them.
pub(super) fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// The key of a leak of the first profile.
pub(super) fn key(number: u32) -> EntityKey {
    EntityKey::for_leak(name("acme"), id(number)[..].into())
}

/// A page of leaks, each by its number; every fifth is fixed.
pub(super) fn page(numbers: impl IntoIterator<Item = u32>, total: Option<u64>) -> LeakPage {
    let mut leaks = LeakBatch::with_capacity(0);
    for number in numbers {
        let (id, login) = (id(number), format!("u{number}@acme.example"));
        let mut fields = [None; FIELD_COUNT];
        fields[LeakField::Id as usize] = Some(id.as_bytes());
        fields[LeakField::Login as usize] = Some(login.as_bytes());
        leaks.push(&LeakRef {
            fields,
            status: if number % 5 == 0 {
                Status::Fixed
            } else {
                Status::Open
            },
            password: PasswordState::Hidden,
            risk: None,
            damaged: false,
            credential: None,
        });
    }
    LeakPage {
        leaks,
        total,
        page_size: 10,
        ..LeakPage::default()
    }
}

impl Core {
    /// Profiles that have loaded nothing.
    pub(super) fn with_profiles(profiles: Vec<Profile>) -> Self {
        let now = Moment {
            wall: today(),
            since_start: Duration::ZERO,
        };
        let config = Config::default();
        let setup = setup(&config, Policy::default(), Path::new("/tmp"));
        let mut model = Model::new(setup, profiles, JournalAccess::Writer, now);
        model.size = (160, 48);
        Self { model, now }
    }

    /// One profile with leaks 1 to `count`, all loaded.
    pub(crate) fn with_leaks(count: u32) -> Self {
        let mut core = Self::with_profiles(vec![profile("acme")]);
        core.model.data.profiles[0].profile.capabilities.page_size = 1_000;
        app::start(&mut core.model);
        core.load("acme", 1..=count);
        assert!(core.model.data.is_complete());
        core
    }

    /// The one page of a profile comes.
    pub(super) fn load(&mut self, of: &str, numbers: impl IntoIterator<Item = u32>) {
        let mut page = page(numbers, None);
        page.total = Some(page.leaks.len() as u64);
        page.page_size = 1_000;
        let state = self.model.data.profile(&name(of)).unwrap();
        let request = state.paging.request.unwrap();
        self.load_page(of, request, 0, page);
    }

    /// A page comes.
    pub(super) fn load_page(
        &mut self,
        of: &str,
        request: RequestId,
        index: u32,
        page: LeakPage,
    ) -> Vec<Effect> {
        self.update(Message::PageLoaded {
            request,
            profile: name(of),
            page: PageRequest { index, size: 10 },
            result: Ok(Arc::new(page)),
        })
    }

    /// Something happens now.
    pub(crate) fn update(&mut self, message: Message) -> Vec<Effect> {
        app::update(&mut self.model, message, self.now).effects
    }

    /// Time passes.
    pub(crate) fn advance_clock(&mut self, time: Duration) {
        self.now.since_start += time;
        self.now.wall += time;
        self.update(Message::TimerFired);
    }

    /// A frame leaves.
    pub(super) fn draw_frame(&mut self) {
        self.update(Message::FrameDrawn);
    }

    /// An action is asked for now.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        self.update(Message::ActionRequested {
            action,
            read_at: self.now.since_start,
        })
    }

    /// A key is pressed that was read at some moment.
    pub(super) fn press_at(&mut self, key: &str, read: Duration) -> Vec<Effect> {
        let key: KeyEvent = Chord::parse(key).unwrap().event();
        let message = input::translate(&self.model, Event::Key(key), read);
        self.update(message.unwrap())
    }

    /// Marks leaks by their numbers.
    pub(super) fn mark(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let handle = self.model.data.table.find(&key(number)).unwrap();
            self.model.workspace.marks.insert(handle);
        }
    }

    /// The newest notice.
    pub(crate) fn newest_notice(&self) -> String {
        self.model
            .notices
            .current()
            .map_or_else(String::new, |notice| notice.text.clone())
    }
}
