//! A model with its own clock, and no runtime around it.

use super::super::support::rig::{setup, today};
use crossterm::event::{Event, KeyEvent};
use stanch::{
    action::Action,
    app::{
        self,
        effect::Effect,
        input,
        message::{Message, Now},
        model::{JournalState, Model},
    },
    config::{Config, Policy, chord::Chord},
    entity::{
        capability::{Ability, Capabilities, IdRule, StoreLimits},
        key::{EntityKey, ProfileName, ProviderId, RequestId},
        leak::{FIELDS, LeakBatch, LeakField, LeakRef, PasswordState},
        page::{LeakPage, PageToken},
        profile::{Profile, ProfileBinding},
        status::Status,
    },
};
use std::{path::Path, sync::Arc, time::Duration};

pub(crate) struct Core {
    pub(crate) model: Model,
    pub(crate) now: Now,
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
                wider: Vec::new(),
                ids: IdRule::Hex32,
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
    EntityKey::leak(name("acme"), id(number)[..].into())
}

/// A page of leaks, each by its number; every fifth is fixed.
pub(super) fn page(numbers: impl IntoIterator<Item = u32>, total: Option<u64>) -> LeakPage {
    let mut leaks = LeakBatch::with_capacity(0);
    for number in numbers {
        let (id, login) = (id(number), format!("u{number}@acme.example"));
        let mut fields = [None; FIELDS];
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
    pub(super) fn of(profiles: Vec<Profile>) -> Self {
        let now = Now {
            wall: today(),
            since_start: Duration::ZERO,
        };
        let config = Config::default();
        let setup = setup(&config, Policy::default(), Path::new("/tmp"));
        let mut model = Model::new(setup, profiles, JournalState::Writer, now);
        model.size = (160, 48);
        Self { model, now }
    }

    /// One profile with leaks 1 to `count`, all loaded.
    pub(crate) fn with(count: u32) -> Self {
        let mut core = Self::of(vec![profile("acme")]);
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
        self.page_of(of, request, 0, page);
    }

    /// A page comes.
    pub(super) fn page_of(
        &mut self,
        of: &str,
        request: RequestId,
        index: u32,
        page: LeakPage,
    ) -> Vec<Effect> {
        self.take(Message::PageLoaded {
            request,
            profile: name(of),
            page: PageToken { index, size: 10 },
            result: Ok(Arc::new(page)),
        })
    }

    /// Something happens now.
    pub(crate) fn take(&mut self, message: Message) -> Vec<Effect> {
        app::update(&mut self.model, message, self.now).effects
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.since_start += time;
        self.now.wall += time;
        self.take(Message::Ticked);
    }

    /// A frame leaves.
    pub(super) fn frame(&mut self) {
        self.take(Message::FrameDrawn);
    }

    /// An action is asked for now.
    pub(super) fn ask(&mut self, action: Action) -> Vec<Effect> {
        self.take(Message::ActionAsked {
            action,
            read: self.now.since_start,
        })
    }

    /// A key is pressed that was read at some moment.
    pub(super) fn press_at(&mut self, key: &str, read: Duration) -> Vec<Effect> {
        let key: KeyEvent = Chord::parse(key).unwrap().event();
        let message = input::translate(&self.model, Event::Key(key), read);
        self.take(message.unwrap())
    }

    /// Marks leaks by their numbers.
    pub(super) fn mark(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let handle = self.model.data.table.find(&key(number)).unwrap();
            self.model.workspace.marks.insert(handle);
        }
    }

    /// The newest notice.
    pub(crate) fn said(&self) -> String {
        self.model
            .notices
            .current()
            .map_or_else(String::new, |notice| notice.text.clone())
    }
}
