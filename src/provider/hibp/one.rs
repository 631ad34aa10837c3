//! One leak, user or connection by its id, and what it is connected to.

use super::super::not_found_error;
use super::{
    Hibp,
    list::{LOG, Logs, one_log},
    unsupported_error,
    watch::Age,
};
use crate::entity::{
    connection::{Connection, Related},
    error::ProviderError,
    key::RemoteId,
    leak::LeakBatch,
    query::LeakQuery,
    raw_text::RawText,
    user::User,
};
use crate::provider::{
    breach::{
        identity::{domain_of, text_of},
        leak::{ID_SEPARATOR, push_breach},
        wire::Mailbox,
    },
    judge,
};
use std::sync::Arc;

fn same(one: &RawText, other: &str) -> bool {
    one.as_bytes().eq_ignore_ascii_case(other.as_bytes())
}

/// What is known of one address.
#[derive(Default)]
struct Known {
    address: Option<RawText>,
    breaches: Vec<RawText>,
    sites: Vec<RawText>,
}

impl Known {
    fn is_nobody(&self) -> bool {
        self.breaches.is_empty() && self.sites.is_empty()
    }
}

impl Hibp {
    /// A mailbox of a domain, as the domain's list has it: the operation for any account leaves breaches out that the
    /// owner of a domain is told of.
    async fn mailbox(&self, address: &str) -> Result<Option<Mailbox>, ProviderError> {
        let mailboxes = self.mailboxes(domain_of(address)?, Age::Recent).await?;
        if let Some(found) = mailboxes
            .mailboxes
            .iter()
            .find(|one| same(&one.address, address))
        {
            return Ok(Some(found.clone()));
        }
        // What could not be read may be the one.
        judge::check_complete(mailboxes.unreadable)?;
        Ok(None)
    }

    /// The logs of a domain of ours.
    async fn logs_here(&self, domain: &str) -> Result<Logs, ProviderError> {
        if !self.known_plan().await?.has_logs {
            return Ok(Logs::default());
        }
        let subscribed = self.subscribed(Age::Recent).await?;
        self.logs_of(domain, &subscribed, &LeakQuery::default(), Age::Recent)
            .await
    }

    /// What is known of an address: of a domain of ours by its lists, of any other by the logs of our sites.
    async fn known(&self, address: &str) -> Result<Known, ProviderError> {
        let subscribed = self.subscribed(Age::Recent).await?;
        let mut known = Known::default();
        if subscribed.has(domain_of(address)?) {
            if let Some(mailbox) = self.mailbox(address).await? {
                known.address = Some(mailbox.address);
                known.breaches = mailbox.listed;
            }
            let logs = self.logs_here(domain_of(address)?).await?;
            let mut employees = logs.employees.into_iter();
            if let Some(one) = employees.find(|one| same(&one.address, address)) {
                known.address.get_or_insert(one.address);
                known.sites = one.listed;
            }
            return Ok(known);
        }
        for domain in subscribed.domains.iter().filter_map(|one| one.asked()) {
            let logs = self.logs_here(domain).await?;
            if let Some(found) = logs.customers.iter().find(|one| same(one, address)) {
                known.address.get_or_insert_with(|| found.clone());
                known.sites.push(domain.into());
            }
        }
        Ok(known)
    }

    /// The pastes of an address as connections. A plan without pastes has none.
    async fn paste_connections(&self, address: &RawText) -> Result<Vec<Connection>, ProviderError> {
        let Some(address) = address.as_str() else {
            return Ok(Vec::new());
        };
        let pastes = match self.pastes_of(address).await.into_listed() {
            Err(ProviderError::Forbidden { .. }) => Vec::new(),
            other => other?.items,
        };
        let maker = self.maker();
        Ok(pastes.into_iter().map(|paste| maker.paste(paste)).collect())
    }

    pub(super) async fn one_leak(
        &self,
        id: &RemoteId,
    ) -> Result<(LeakBatch, Related), ProviderError> {
        let (address, name) = text_of(id)?
            .rsplit_once(char::from(ID_SEPARATOR))
            .ok_or_else(not_found_error)?;
        let known = self.known(address).await?;
        let held = known.address.clone().ok_or_else(not_found_error)?;
        let catalogue = if known.breaches.is_empty() {
            Arc::default()
        } else {
            self.known_breaches(known.breaches.iter()).await?
        };
        let leaks = (known.breaches.len() + known.sites.len()) as u64;
        let users = vec![self.user_of(&held, known.breaches.iter(), leaks, &catalogue)];
        let maker = self.maker();
        if let Some(site) = name.strip_prefix(LOG) {
            let mut sites = known.sites.iter();
            let site = sites
                .find(|one| same(one, site))
                .ok_or_else(not_found_error)?;
            let is_ours = self.subscribed(Age::Recent).await?.has(domain_of(address)?);
            let domain = if is_ours {
                domain_of(address)?
            } else {
                site.as_str().unwrap_or_default()
            };
            let related = Related {
                users,
                connections: vec![maker.site(site, None)],
            };
            return Ok((one_log(&held, site, domain, is_ours), related));
        }
        let mut names = known.breaches.iter();
        let name = names
            .find(|one| same(one, name))
            .ok_or_else(not_found_error)?;
        let breach = catalogue.spelt(name);
        let mut batch = LeakBatch::with_capacity(1);
        let identity = held.as_bytes().to_ascii_lowercase();
        push_breach(&mut batch, &identity, &held, domain_of(address)?, &breach);
        let mut connections = vec![maker.breach(breach, None)];
        connections.extend(self.paste_connections(&held).await?);
        Ok((batch, Related { users, connections }))
    }

    pub(super) async fn one_user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        let known = self.known(text_of(id)?).await?;
        let address = known.address.clone().ok_or_else(not_found_error)?;
        if known.is_nobody() {
            return Err(not_found_error());
        }
        let catalogue = self.known_breaches(known.breaches.iter()).await?;
        let maker = self.maker();
        let breaches = known.breaches.iter();
        let mut connections: Vec<Connection> = breaches
            .map(|name| maker.breach(catalogue.spelt(name), None))
            .collect();
        connections.extend(known.sites.iter().map(|site| maker.site(site, None)));
        connections.extend(self.paste_connections(&address).await?);
        let leaks = (known.breaches.len() + known.sites.len()) as u64;
        let user = self.user_of(&address, known.breaches.iter(), leaks, &catalogue);
        let related = Related {
            users: Vec::new(),
            connections,
        };
        Ok((user, related))
    }

    pub(super) async fn one_connection(
        &self,
        id: &RemoteId,
    ) -> Result<(Connection, Related), ProviderError> {
        let id = text_of(id)?;
        if let Some(site) = id.strip_prefix("resource:") {
            return self.one_site(site).await;
        }
        let Some(name) = id.strip_prefix("breach:") else {
            return Err(unsupported_error(
                "of connections it shows breaches and sites by themselves",
            ));
        };
        let breach = self.breach_named(name).await?;
        let catalogue = self.known_breaches(std::iter::once(&breach.name)).await?;
        let mut users = Vec::new();
        let subscribed = self.subscribed(Age::Recent).await?;
        for domain in subscribed.domains.iter().filter_map(|one| one.asked()) {
            let mailboxes = match self.mailboxes(domain, Age::Recent).await {
                Err(error) if super::watch::is_refused(&error) => continue,
                other => other?,
            };
            let is_in = |one: &&Mailbox| one.listed.iter().any(|known| same(known, name));
            users.extend(mailboxes.mailboxes.iter().filter(is_in).map(|one| {
                self.user_of(
                    &one.address,
                    one.listed.iter(),
                    one.listed.len() as u64,
                    &catalogue,
                )
            }));
        }
        let leaks = Some(users.len() as u64);
        let related = Related {
            users,
            connections: Vec::new(),
        };
        Ok((self.maker().breach(breach, leaks), related))
    }

    async fn one_site(&self, site: &str) -> Result<(Connection, Related), ProviderError> {
        let subscribed = self.subscribed(Age::Recent).await?;
        let (mut found, mut users) = (None, Vec::new());
        let nothing = Arc::default();
        for domain in subscribed.domains.iter().filter_map(|one| one.asked()) {
            let logs = self.logs_here(domain).await?;
            for one in &logs.employees {
                if let Some(known) = one.listed.iter().find(|known| same(known, site)) {
                    found.get_or_insert_with(|| known.clone());
                    let leaks = one.listed.len() as u64;
                    users.push(self.user_of(&one.address, std::iter::empty(), leaks, &nothing));
                }
            }
            if domain.eq_ignore_ascii_case(site) {
                for one in &logs.customers {
                    found.get_or_insert_with(|| domain.into());
                    users.push(self.user_of(one, std::iter::empty(), 1, &nothing));
                }
            }
        }
        let name = found.ok_or_else(not_found_error)?;
        let related = Related {
            users,
            connections: Vec::new(),
        };
        let leaks = Some(related.users.len() as u64);
        Ok((self.maker().site(&name, leaks), related))
    }
}
