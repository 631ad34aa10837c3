//! One leak, user or connection by its id, and what it is connected to.

use super::{LeakedChecker, monitored::Age, not_found_error, unsupported_error, wire::Mailbox};
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
    },
    judge,
};

impl LeakedChecker {
    /// A mailbox of a domain, as the domain's list has it: the operation for any account leaves breaches out that the
    /// owner of a domain is told of.
    async fn mailbox(&self, address: &str) -> Result<Mailbox, ProviderError> {
        let mailboxes = self.mailboxes(domain_of(address)?, Age::Cached).await?;
        let mut all = mailboxes.mailboxes.iter();
        let is_it = |one: &&Mailbox| {
            one.address
                .as_bytes()
                .eq_ignore_ascii_case(address.as_bytes())
        };
        if let Some(found) = all.find(is_it) {
            return Ok(found.clone());
        }
        // What could not be read may be the one.
        judge::check_complete(mailboxes.unreadable)?;
        Err(not_found_error())
    }

    /// The pastes of an address as connections. A plan without pastes has none.
    async fn paste_connections(&self, address: &RawText) -> Result<Vec<Connection>, ProviderError> {
        let Some(address) = address.as_str() else {
            return Ok(Vec::new());
        };
        let pastes = match self.pastes_by_address(address).await.into_listed() {
            Err(ProviderError::Forbidden { .. }) => Vec::new(),
            other => other?.items,
        };
        Ok(pastes
            .into_iter()
            .map(|paste| self.maker().paste(paste))
            .collect())
    }

    pub(super) async fn fetch_leak(
        &self,
        id: &RemoteId,
    ) -> Result<(LeakBatch, Related), ProviderError> {
        let (address, name) = text_of(id)?
            .rsplit_once(char::from(ID_SEPARATOR))
            .ok_or_else(not_found_error)?;
        let mailbox = self.mailbox(address).await?;
        let mut names = mailbox.listed.iter();
        let name = names
            .find(|known| known.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
            .ok_or_else(not_found_error)?;
        let catalogue = self.known_breaches().await?;
        let breach = catalogue.breach_or_name(name);
        let mut batch = LeakBatch::with_capacity(1);
        let held = &mailbox.address;
        push_breach(
            &mut batch,
            held.as_bytes(),
            held,
            domain_of(address)?,
            &breach,
        );
        let mut connections = vec![self.maker().breach(breach, None)];
        connections.extend(self.paste_connections(&mailbox.address).await?);
        let users = vec![self.build_user(&mailbox, &catalogue)];
        Ok((batch, Related { users, connections }))
    }

    pub(super) async fn fetch_user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        let mailbox = self.mailbox(text_of(id)?).await?;
        let catalogue = self.known_breaches().await?;
        let breaches = mailbox.listed.iter();
        let mut connections: Vec<Connection> = breaches
            .map(|name| self.maker().breach(catalogue.breach_or_name(name), None))
            .collect();
        connections.extend(self.paste_connections(&mailbox.address).await?);
        let related = Related {
            users: Vec::new(),
            connections,
        };
        Ok((self.build_user(&mailbox, &catalogue), related))
    }

    pub(super) async fn fetch_connection(
        &self,
        id: &RemoteId,
    ) -> Result<(Connection, Related), ProviderError> {
        let id = text_of(id)?;
        let Some(name) = id.strip_prefix("breach:") else {
            return Err(unsupported_error(
                "of connections it shows breaches by themselves",
            ));
        };
        let breach = self.breach_by_name(name).await?;
        let catalogue = self.known_breaches().await?;
        let mut users = Vec::new();
        let watched = self
            .queried_domains(&LeakQuery::default(), Age::Cached)
            .await?;
        for domain in watched.names {
            let mailboxes = self.mailboxes(&domain, Age::Cached).await?;
            let is_in = |one: &&Mailbox| {
                let mut names = one.listed.iter();
                names.any(|known| known.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
            };
            let found = mailboxes.mailboxes.iter().filter(is_in);
            users.extend(found.map(|mailbox| self.build_user(mailbox, &catalogue)));
        }
        let leaks = Some(users.len() as u64);
        let related = Related {
            users,
            connections: Vec::new(),
        };
        Ok((self.maker().breach(breach, leaks), related))
    }
}
