//! Files: leaks that reach an analyst as a stealer's archive, a list, an export or a table. Nothing here speaks to a
//! network, and nothing of a leak is stored: the file stays the source.
//!
//! A reading goes one way: [`source`] walks paths, folders and [`archive`]s and knows from [`log`] which of their files are
//! whose; [`read`] finds out what a file is and reads it by [`list`], [`blocks`], [`table`] or [`export`], over the lines
//! that [`text`] makes of its bytes; [`sink`] gives each record its [id](ids), drops its password, keeps its place, and
//! counts what is no record. [`reading`] runs that on a thread of its own and hands pages over, [`reveal`] reads one place
//! once more, [`watch`] looks
//! whether files have changed.

mod archive;
mod blank;
mod blocks;
mod context;
mod export;
mod fault;
mod header;
mod ids;
mod label;
mod list;
mod log;
mod read;
mod reading;
mod record;
mod reveal;
mod sink;
mod source;
mod table;
mod text;
mod watch;

use super::{
    ConnectionSource, DomainSource, FileSource, Import, ImportQuery, LeakSource, Provider,
    Registration, RelationSource, SecretSource, handles, malformed_error, not_found_error,
    unsupported_error,
};
use crate::entity::{
    capability::IdFormat,
    connection::{Connection, ConnectionKind, Related},
    domain::Domain,
    error::ProviderError,
    files::{ImportReport, Origin},
    json,
    key::{EntityKey, Kind, RemoteId},
    leak::{Device, LeakBatch},
    option::{AddressForm, KeyNeed},
    page::{ConnectionPage, EntityPage, FileChange, LeakPage, PageCursor, PageRequest},
    profile::{AdapterSettings, RateBudget},
    query::{EntityQuery, LeakQuery},
    raw_text::RawText,
    secret::Secret,
};
use crate::http::Limits;
use async_trait::async_trait;
use context::Options;
use reading::{Catalogue, Work};
use sink::Machine;
use std::{path::Path, sync::Arc};
use tokio::sync::watch as channel;

/// Its row.
pub const REGISTRATION: Registration = Registration {
    id: "file",
    title: "Files",
    base_url: "",
    attribution: None,
    statuses: &[],
    ids: IdFormat::Any,
    key: KeyNeed::Optional,
    address: AddressForm::Path,
    options: &[],
    connect,
    connect_with_limits: connect_within,
};

/// Machines in a page.
const MACHINES: usize = 1_000;

fn connect(settings: AdapterSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_within(settings, key, Limits::default())
}

fn connect_within(
    settings: AdapterSettings,
    key: Secret,
    _: Limits,
) -> Result<Arc<dyn Provider>, ProviderError> {
    let mapping = settings.files.mapping.as_deref().map(mapping).transpose()?;
    let encoding = match &settings.files.encoding {
        None => None,
        Some(label) if label.eq_ignore_ascii_case("auto") => None,
        Some(label) => Some(text::of_label(label).ok_or_else(|| {
            unsupported_error(
                "no encoding is called that; WHATWG's labels are known, such as windows-1251",
            )
        })?),
    };
    let options = Options {
        encoding,
        mapping,
        alias_domain: settings.files.alias_domain.clone(),
        password: settings.files.archive_password.clone(),
    };
    let work = Work::new(settings, (!key.is_empty()).then_some(key), options);
    work.check_paths()?;
    Ok(Arc::new(Files {
        work: Arc::new(work),
    }))
}

fn mapping(path: &Path) -> Result<table::Mapping, ProviderError> {
    let toml = std::fs::read_to_string(path).map_err(|_| {
        unsupported_error("the mapping cannot be read; check its path, owner and mode")
    })?;
    table::read_mapping(&toml)
        .map_err(|why| unsupported_error(&format!("the mapping is wrong: {why}")))
}

/// The adapter of one profile.
struct Files {
    work: Arc<Work>,
}

#[async_trait]
impl Provider for Files {
    fn budget(&self) -> channel::Receiver<RateBudget> {
        self.work.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        self.work.check_paths()
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn secrets(&self) -> Option<&dyn SecretSource> {
        Some(self)
    }

    fn domains(&self) -> Option<&dyn DomainSource> {
        let watched = &self.work.settings().files.domains;
        (!watched.is_empty()).then_some(self as &dyn DomainSource)
    }

    handles! {
        connections: ConnectionSource,
        relations: RelationSource,
        files: FileSource,
    }
}

#[async_trait]
impl LeakSource for Files {
    fn page_size(&self) -> u32 {
        sink::PAGE as u32
    }

    async fn page(&self, _: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        if page.index > 0 {
            return Err(malformed_error("its pages have no numbers"));
        }
        self.work.first_page().await
    }

    async fn page_after(
        &self,
        _: &LeakQuery,
        cursor: &PageCursor,
    ) -> Result<LeakPage, ProviderError> {
        self.work.next_page(cursor).await
    }

    async fn count(&self, _: &LeakQuery) -> Result<u64, ProviderError> {
        Err(unsupported_error("leaks are counted as they are read"))
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        let found = self.work.find(id.as_bytes()).await?;
        let connections = found
            .machine
            .iter()
            .map(|machine| self.endpoint(machine))
            .collect();
        let related = Related {
            users: Vec::new(),
            connections,
        };
        Ok((found.page.leaks, related))
    }
}

#[async_trait]
impl SecretSource for Files {
    fn request(&self) -> &'static str {
        "READ /{source}"
    }

    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        let found = self.work.find(id.as_bytes()).await?;
        found
            .secret
            .ok_or_else(|| unsupported_error("the file has no password for this leak"))
    }
}

#[async_trait]
impl DomainSource for Files {
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        let settings = self.work.settings();
        let domain = |name: &String| Domain {
            key: EntityKey {
                profile: settings.name.clone(),
                kind: Kind::Domain,
                id: RemoteId::from(name.as_str()),
            },
            provider: settings.provider.clone(),
            name: RawText::from(name.as_str()),
            verified: None,
            archived: None,
            leaks: None,
            sources: 1,
        };
        Ok(settings.files.domains.iter().map(domain).collect())
    }
}

#[async_trait]
impl ConnectionSource for Files {
    async fn page(
        &self,
        _: &EntityQuery,
        page: PageRequest,
    ) -> Result<ConnectionPage, ProviderError> {
        let found = self.work.catalogue().await?;
        let from = page.index as usize * MACHINES;
        let machines = found.machines.iter().skip(from).take(MACHINES);
        let more = found.machines.len() > from + MACHINES;
        Ok(EntityPage {
            items: machines.map(|machine| self.endpoint(machine)).collect(),
            total: Some(found.machines.len() as u64),
            next: more.then(|| PageRequest {
                index: page.index + 1,
                size: MACHINES as u32,
            }),
            contradiction: found.lack(),
            ..EntityPage::empty()
        })
    }

    async fn connection(&self, id: &RemoteId) -> Result<(Connection, Related), ProviderError> {
        let found = self.work.catalogue().await?;
        let machine = found
            .machines
            .iter()
            .find(|machine| machine.id.as_bytes() == id.as_bytes());
        let machine = machine.ok_or_else(not_found_error)?;
        Ok((self.endpoint(machine), Related::default()))
    }
}

#[async_trait]
impl RelationSource for Files {
    async fn related(&self, kind: Kind, id: &RemoteId) -> Result<Related, ProviderError> {
        if kind != Kind::Leak {
            return Ok(Related::default());
        }
        let found = self.work.catalogue().await?;
        let machine = found.machine_of(self.work.key_of(id.as_bytes()));
        Ok(Related {
            users: Vec::new(),
            connections: machine
                .map(|machine| self.endpoint(machine))
                .into_iter()
                .collect(),
        })
    }
}

#[async_trait]
impl FileSource for Files {
    async fn import(&self, query: ImportQuery) -> Result<Import, ProviderError> {
        self.work.import(query).await
    }

    fn report(&self) -> ImportReport {
        self.work.report()
    }

    async fn origin(&self, id: &RemoteId) -> Result<Origin, ProviderError> {
        self.work.origin(id.as_bytes()).await
    }

    async fn look(&self) -> Result<FileChange, ProviderError> {
        self.work.look().await
    }

    async fn template(&self) -> Result<String, ProviderError> {
        self.work.template()
    }
}

impl Files {
    /// A machine as a connection.
    fn endpoint(&self, machine: &Machine) -> Connection {
        let settings = self.work.settings();
        let key = EntityKey {
            profile: settings.name.clone(),
            kind: Kind::Connection,
            id: RemoteId::from(machine.id.as_str()),
        };
        let mut found = Connection::from_name(
            key,
            settings.provider.clone(),
            ConnectionKind::Endpoint,
            machine.name.clone(),
        );
        found.date.clone_from(&machine.date);
        found.leaks = Some(machine.leaks);
        found.device = Some(machine.device.clone()).filter(|device| *device != Device::default());
        found.country.clone_from(&machine.country);
        found.tree = Some(machine.tree.clone());
        found.metadata = metadata(machine);
        found
    }
}

/// What else is known of a machine.
#[derive(serde::Serialize)]
struct Metadata<'m> {
    family: Option<&'static str>,
    log_date: Option<&'m RawText>,
    user: Option<&'m RawText>,
    files: u64,
    grabbed: u64,
}

fn metadata(machine: &Machine) -> Option<RawText> {
    let metadata = Metadata {
        family: machine.family,
        log_date: machine.log_date.as_ref(),
        user: machine.user.as_ref(),
        files: machine.files,
        grabbed: machine.grabbed,
    };
    json::to_string(&metadata).ok().map(RawText::from)
}

impl Catalogue {
    /// What stands against taking the reading for whole.
    fn lack(&self) -> Option<String> {
        (!self.report.complete).then(|| self.lack_in_words())
    }
}
