//! Have I Been Pwned: seventeen operations. It knows which mailboxes are in which breaches, pastes and logs of stealers,
//! and never a credential; it stores no status.
//!
//! Three transports: [`Hibp::main`] to the service, [`Hibp::logs`] for the two lists that have a limit of their own
//! there, and [`Hibp::passwords`] to another host, to which no key ever goes. The first two count their requests
//! together, and with every other process that works for the profile. [`plan`] is asked for before anything else;
//! [`watch`] reads domains, mailboxes and logs, [`list`] makes leaks of them and [`people`] users and connections, [`one`] each of
//! these by its id, [`catalogue`] reads breaches and pastes, [`lookup`] looks addresses, domains and passwords up, and
//! [`proof`] proves domains.

mod catalogue;
mod list;
mod lookup;
mod one;
mod people;
mod plan;
mod proof;
mod watch;

use super::{
    BreachCatalogue, ConnectionSource, DomainSource, DomainVerification, EntityCounter, LeakSource,
    LookupSource, PasteSource, Provider, Registration, RelationSource, SubscriptionSource,
    UserSource, attribution, handles, judge::JUDGE, malformed_error, policy_error,
    unsupported_error,
};
use crate::entity::{
    capability::IdFormat,
    error::ProviderError,
    option::{AddressForm, KeyNeed, OptionForm, OptionSpec},
    profile::{AdapterSettings, RateBudget},
    secret::Secret,
};
use crate::http::{KeyHeader, Limits, Request, Sends, Transport};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch as channel;

/// Its row.
pub const REGISTRATION: Registration = Registration {
    id: "hibp",
    title: "Have I Been Pwned",
    base_url: "https://haveibeenpwned.com/api/v3",
    attribution: Some("Have I Been Pwned, CC BY 4.0"),
    statuses: &[],
    ids: IdFormat::Any,
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: &[
        OptionSpec {
            name: PASSWORDS_URL,
            form: OptionForm::Url,
        },
        OptionSpec {
            name: EMAIL_LOOKUP,
            form: OptionForm::Choice(&["auto", PRIVATE_ALWAYS, PRIVATE_NEVER]),
        },
    ],
    connect,
    connect_with_limits: connect_within,
};

/// The setting that says where password ranges are asked for.
const PASSWORDS_URL: &str = "passwords_url";

/// Where they are, for everybody but a stand-in.
const PASSWORDS_HOST: &str = "https://api.pwnedpasswords.com";

/// The setting that says how an address is looked up; by k-anonymity where the plan has it, unless it says so.
const EMAIL_LOOKUP: &str = "email_lookup";

/// By k-anonymity or not at all.
const PRIVATE_ALWAYS: &str = "private";

/// By the address itself.
const PRIVATE_NEVER: &str = "address";

fn connect(settings: AdapterSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_within(settings, key, Limits::default())
}

fn connect_within(
    settings: AdapterSettings,
    key: Secret,
    limits: Limits,
) -> Result<Arc<dyn Provider>, ProviderError> {
    let header = KeyHeader {
        name: "hibp-api-key",
        prefix: "",
    };
    let sends = Arc::new(match &settings.state {
        Some(state) => Sends::in_file(state.join("limits").join(settings.name.as_str())),
        None => Sends::here(),
    });
    let keyed = |key: Secret| {
        let made = Transport::new(&settings, key, header, limits.clone(), JUDGE)?;
        Ok::<_, ProviderError>(made.counting_in(Arc::clone(&sends)))
    };
    let main = keyed(key.clone())?;
    let logs = keyed(key)?.as_part_of(&main, "stealer logs");
    let made = Hibp {
        main,
        logs,
        passwords: Transport::keyless(&settings, &passwords_url(&settings), limits, JUDGE)?,
        attribution: attribution(&settings),
        settings,
        plan: tokio::sync::Mutex::default(),
        memory: watch::Memory::default(),
        people: watch::Slot::default(),
        catalogue: tokio::sync::Mutex::default(),
    };
    for transport in [&made.main, &made.logs] {
        transport.assume_limit(plan::LEAST_RPM - 1);
    }
    Ok(Arc::new(made))
}

/// Where password ranges are asked for. A profile of this machine asks nobody else unless it says so: a stand-in has
/// them beside it.
fn passwords_url(settings: &AdapterSettings) -> String {
    if let Some(url) = settings.options.url(PASSWORDS_URL) {
        return url.to_owned();
    }
    let base = url::Url::parse(&settings.base_url).ok();
    let here = base.filter(|base| match base.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    });
    here.map_or_else(
        || PASSWORDS_HOST.to_owned(),
        |base| format!("{}/passwords", base.origin().ascii_serialization()),
    )
}

/// The adapter of one profile.
struct Hibp {
    /// To the service.
    main: Transport,
    /// To the service, for the lists of stealer logs by domain: a limit of theirs stops nothing else.
    logs: Transport,
    /// To the host of the password ranges, without a key.
    passwords: Transport,
    settings: AdapterSettings,
    /// Whose data it is.
    attribution: Option<String>,
    plan: tokio::sync::Mutex<Option<Arc<plan::Plan>>>,
    memory: watch::Memory,
    people: watch::Slot<people::People>,
    /// Everything in the catalogue, once it was asked for.
    catalogue: tokio::sync::Mutex<catalogue::Known>,
}

/// A request about an account or a domain: a 404 says that nothing is known of it, and no message may repeat its name.
fn account(path: &[&str], name: &str) -> Request {
    Request::get(path)
        .with_not_found(watch::NOTHING)
        .redact(name.as_bytes())
}

#[async_trait]
impl Provider for Hibp {
    fn budget(&self) -> channel::Receiver<RateBudget> {
        self.main.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        self.ask_plan().await.map(drop)
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn local_step(&self) -> u32 {
        self.settings.bulk_size.unwrap_or(1).max(1)
    }

    handles! {
        domains: DomainSource,
        users: UserSource,
        connections: ConnectionSource,
        entity_counts: EntityCounter,
        relations: RelationSource,
        lookup: LookupSource,
        catalogue: BreachCatalogue,
        pastes: PasteSource,
        domain_verification: DomainVerification,
        subscription: SubscriptionSource,
    }
}
