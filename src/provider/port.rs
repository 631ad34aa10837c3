//! The port: what a remote system can be asked. Start with [`Provider`], which names every handle once.
//!
//! A handle is a trait of one subject. What a provider can do is which handles it has, and nothing else: the set of them
//! is what the console and the commands ask ([`capabilities_for`](super::capabilities_for)), and a handle that is not
//! there is refused in the words of its [`Ability`].

mod account;
mod entities;
mod files;
mod leaks;
mod lookup;
mod secret;
mod status;

pub use account::{
    ApiKeyAdministration, AssociatedDomainSource, DomainVerification, StatsSource,
    SubscriptionSource,
};
pub use entities::{
    ConnectionSource, DomainSource, EntityCounter, RelationSource, UserSource, related_from_item,
};
pub use files::{FileSource, Import, ImportQuery};
pub use leaks::{ExportSource, GroupCounter, LeakSource};
pub use lookup::{BreachCatalogue, LookupSource, PasteSource};
pub use secret::SecretSource;
pub use status::{StatusStore, read_back};

use super::unsupported_error;
use crate::entity::{
    capability::{Abilities, Ability},
    error::ProviderError,
    profile::RateBudget,
};
use async_trait::async_trait;
use tokio::sync::watch;

/// The type of a handle.
pub trait Handle {
    /// What a provider that has it can do.
    const ABILITY: Ability;
}

/// Returns the handle, or the refusal of a provider that has it not.
pub fn require<T: Handle + ?Sized>(handle: Option<&T>) -> Result<&T, ProviderError> {
    handle.ok_or_else(|| unsupported_error(T::ABILITY.refusal()))
}

/// The optional handles that a provider itself has, one row each: the handle and its type.
macro_rules! handles {
    ($($handle:ident: $source:ident,)*) => {
        $(
            fn $handle(&self) -> Option<&dyn $source> {
                Some(self)
            }
        )*
    };
}
pub(crate) use handles;

/// Declares [`Provider`]: the methods that every provider has, then its optional handles, one row each.
macro_rules! provider {
    (
        $(#[$about:meta])*
        { $($base:tt)* }
        $($(#[$doc:meta])* $handle:ident: $source:ident is $ability:ident,)*
    ) => {
        $(#[$about])*
        #[async_trait]
        pub trait Provider: Send + Sync {
            $($base)*
            $(
                $(#[$doc])*
                fn $handle(&self) -> Option<&dyn $source> {
                    None
                }
            )*
        }

        $(
            impl Handle for dyn $source + '_ {
                const ABILITY: Ability = Ability::$ability;
            }
        )*

        /// The optional handles that are there.
        pub(super) fn abilities(provider: &dyn Provider) -> Abilities {
            let handles = [$((Ability::$ability, provider.$handle().is_some())),*];
            let there = handles.into_iter().filter(|(_, is_there)| *is_there);
            there.map(|(ability, _)| ability).collect()
        }
    };
}

provider! {
    /// A remote system, at one profile. Every call is cancelled by dropping its future; a call that was never polled
    /// is never sent. A handle that is not here is not supported.
    {
        /// The request budget, live.
        fn budget(&self) -> watch::Receiver<RateBudget>;

        /// The cheapest call that proves address and key.
        async fn check(&self) -> Result<(), ProviderError>;

        /// The leaks.
        fn leaks(&self) -> &dyn LeakSource;

        /// Changes in one step of a job where the console keeps the statuses itself: nothing of it is sent.
        fn local_step(&self) -> u32 {
            100
        }
    }

    /// Statuses that it stores.
    statuses: StatusStore is Statuses,
    /// Secrets that it shows.
    secrets: SecretSource is Secrets,
    /// Domains that it watches.
    domains: DomainSource is Domains,
    /// Users that it lists.
    users: UserSource is Users,
    /// Connections that it lists.
    connections: ConnectionSource is Connections,
    /// Its counts of users and connections.
    entity_counts: EntityCounter is EntityCounts,
    /// What belongs to one leak, user or connection.
    relations: RelationSource is Relations,
    /// Its counts of leaks by a field.
    grouping: GroupCounter is Grouping,
    /// Its own export operation.
    export: ExportSource is Export,
    /// What can be looked up.
    lookup: LookupSource is Lookup,
    /// Its catalogue of breaches.
    catalogue: BreachCatalogue is Catalogue,
    /// Pastes that it knows.
    pastes: PasteSource is Pastes,
    /// Public statistics.
    stats: StatsSource is Stats,
    /// Related domains.
    associated_domains: AssociatedDomainSource is AssociatedDomains,
    /// Proofs of ownership.
    domain_verification: DomainVerification is DomainVerification,
    /// Plan and limits.
    subscription: SubscriptionSource is Subscription,
    /// Administration of its keys.
    api_keys: ApiKeyAdministration is ApiKeys,
    /// The files that its leaks are in.
    files: FileSource is Files,
}
