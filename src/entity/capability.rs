//! What a provider can do at a profile: which handles of the port it has, and the limits of its pages and its store.

use super::status::Status;

/// A handle of the provider port that a provider has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter)]
#[repr(u8)]
pub enum Ability {
    /// Statuses are stored at the provider.
    Statuses,
    /// Secrets can be asked for, one leak at a time.
    Secrets,
    /// Watched domains are listed.
    Domains,
    /// Users are listed, beside those that are made of the leaks.
    Users,
    /// Connections are listed, beside those that are made of the leaks.
    Connections,
    /// Users and connections are counted.
    EntityCounts,
    /// What one leak, user or connection is connected to.
    Relations,
    /// Leaks are counted by the values of a field.
    Grouping,
    /// An export operation of the provider's own.
    Export,
    /// Addresses, domains, passwords, cards and numbers can be looked up.
    Lookup,
    /// A catalogue of breaches.
    Catalogue,
    /// Pastes.
    Pastes,
    /// Public statistics.
    Stats,
    /// Related domains.
    AssociatedDomains,
    /// Proofs of the ownership of domains.
    DomainVerification,
    /// Plan and limits.
    Subscription,
    /// Administration of API keys.
    ApiKeys,
    /// Leaks are in files.
    Files,
}

impl Ability {
    /// Returns why a provider without this handle refuses a call of it.
    pub fn refusal(self) -> &'static str {
        match self {
            Self::Statuses => "it stores no status",
            Self::Secrets => "it shows no passwords",
            Self::Domains => "it lists no domains",
            Self::Users => "it lists no users",
            Self::Connections => "it lists no connections",
            Self::EntityCounts => "it counts leaks only",
            Self::Relations => "it lists no relations",
            Self::Grouping => "it does not group",
            Self::Export => "it has no export of its own",
            Self::Lookup => "it looks nothing up",
            Self::Catalogue => "it has no catalogue of breaches",
            Self::Pastes => "it knows no pastes",
            Self::Stats => "it has no public statistics",
            Self::AssociatedDomains => "it lists no related domains",
            Self::DomainVerification => "it takes no proofs of ownership",
            Self::Subscription => "it does not tell plan and limits",
            Self::ApiKeys => "its keys cannot be administered from here",
            Self::Files => "it has no files",
        }
    }

    fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// A set of handles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities(u32);

impl Abilities {
    /// Returns true if the handle is in the set.
    pub fn contains(self, ability: Ability) -> bool {
        self.0 & ability.bit() != 0
    }

    /// Adds a handle.
    pub fn insert(&mut self, ability: Ability) {
        self.0 |= ability.bit();
    }

    /// Takes a handle out.
    pub fn remove(&mut self, ability: Ability) {
        self.0 &= !ability.bit();
    }
}

impl FromIterator<Ability> for Abilities {
    fn from_iter<I: IntoIterator<Item = Ability>>(abilities: I) -> Self {
        let mut set = Self::default();
        abilities.into_iter().for_each(|one| set.insert(one));
        set
    }
}

/// A member of a leak that some providers fill in and others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakMember {
    /// How grave it is.
    Risk,
}

/// How far a change of one leak goes at the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It changes this leak alone.
    #[default]
    Row,
    /// It changes every leak of the same credential: same login, same password.
    Credential,
    /// It changes every leak of the same login.
    Login,
}

impl Reach {
    /// Returns what else is changed; `None` if nothing is.
    pub fn extra_scope(self) -> Option<&'static str> {
        match self {
            Self::Row => None,
            Self::Credential => Some("every leak of the same credential"),
            Self::Login => Some("every leak of the same login"),
        }
    }
}

/// What a store of statuses takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// The statuses that it can store.
    pub statuses: Vec<Status>,
    /// Those of them whose change goes beyond the row.
    pub wider_reach: Vec<(Status, Reach)>,
    /// The ids that a change can be sent for.
    pub ids: IdFormat,
    /// Changes in one request, at least one.
    pub changes: u32,
}

impl StoreLimits {
    /// Returns how far a change to this status goes.
    pub fn reach(&self, status: Status) -> Reach {
        let found = self.wider_reach.iter().find(|(wider, _)| *wider == status);
        found.map_or(Reach::Row, |(_, reach)| *reach)
    }
}

/// What a provider can do at one profile. Made by the provider port of the handles that are there: no adapter says it
/// once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The handles that are there.
    pub abilities: Abilities,
    /// Optional members of a leak that are filled in.
    pub members: Vec<LeakMember>,
    /// Rows in one page, as asked for.
    pub page_size: u32,
    /// Changes in one step of a job: those of a request, or what is recorded at once where nothing is sent.
    pub bulk_size: u32,
    /// Limits of the store of statuses; `None` where the provider stores none and the console keeps them.
    pub store: Option<StoreLimits>,
}

impl Capabilities {
    /// Returns true if the handle is there.
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(ability)
    }

    /// Returns true if leaks have this member.
    pub fn has(&self, member: LeakMember) -> bool {
        self.members.contains(&member)
    }

    /// The statuses that the provider stores; empty where it stores none.
    pub fn statuses(&self) -> &[Status] {
        self.store.as_ref().map_or(&[], |store| &store.statuses[..])
    }

    /// Returns true if a change can be sent for an id, or nothing is sent at all.
    pub fn accepts_id(&self, id: &[u8]) -> bool {
        self.store
            .as_ref()
            .is_none_or(|store| store.ids.accepts(id))
    }
}

/// Which ids a provider takes in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdFormat {
    /// 32 hexadecimal digits.
    Hex32,
    /// Any.
    Any,
}

impl IdFormat {
    /// Returns true if an id can be sent.
    pub fn accepts(self, id: &[u8]) -> bool {
        match self {
            Self::Hex32 => id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit),
            Self::Any => true,
        }
    }
}
