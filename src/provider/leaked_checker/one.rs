//! One leak, user or connection by its id, and what it is connected to.

use super::{LeakedChecker, not_found, unsupported, watch::Age, wire::Mailbox};
use crate::entity::{
    connection::{Connection, Related},
    error::ProviderError,
    key::RemoteId,
    leak::LeakBatch,
    query::LeakQuery,
    text::Text,
    user::User,
};
use crate::provider::{
    breach::leak::{BETWEEN, push_breach},
    judge,
};

/// The domain of an address.
fn domain_of(address: &str) -> Result<&str, ProviderError> {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    domain
        .filter(|domain| !domain.is_empty())
        .ok_or_else(not_found)
}

/// An id as text; one that is none was never given out.
fn text_of(id: &RemoteId) -> Result<&str, ProviderError> {
    id.as_str().ok_or_else(not_found)
}

impl LeakedChecker {
    /// A mailbox of a domain, as the domain's list has it: the operation for any account leaves breaches out that the
    /// owner of a domain is told of.
    async fn mailbox(&self, address: &str) -> Result<Mailbox, ProviderError> {
        let mailboxes = self.mailboxes(domain_of(address)?, Age::Recent).await?;
        let mut all = mailboxes.all.iter();
        let is_it = |one: &&Mailbox| {
            one.address
                .as_bytes()
                .eq_ignore_ascii_case(address.as_bytes())
        };
        if let Some(found) = all.find(is_it) {
            return Ok(found.clone());
        }
        // What could not be read may be the one.
        judge::whole(mailboxes.unreadable)?;
        Err(not_found())
    }

    /// The pastes of an address as connections. A plan without pastes has none.
    async fn paste_connections(&self, address: &Text) -> Result<Vec<Connection>, ProviderError> {
        let Some(address) = address.as_str() else {
            return Ok(Vec::new());
        };
        let pastes = match self.pastes_of(address).await.listed() {
            Err(ProviderError::Forbidden { .. }) => Vec::new(),
            other => other?.items,
        };
        Ok(pastes
            .into_iter()
            .map(|paste| self.maker().paste(paste))
            .collect())
    }

    pub(super) async fn one_leak(
        &self,
        id: &RemoteId,
    ) -> Result<(LeakBatch, Related), ProviderError> {
        let (address, name) = text_of(id)?
            .rsplit_once(char::from(BETWEEN))
            .ok_or_else(not_found)?;
        let mailbox = self.mailbox(address).await?;
        let mut names = mailbox.listed.iter();
        let name = names
            .find(|known| known.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
            .ok_or_else(not_found)?;
        let catalogue = self.known_breaches().await?;
        let breach = catalogue.of(name);
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
        let users = vec![self.user_of(&mailbox, &catalogue)];
        Ok((batch, Related { users, connections }))
    }

    pub(super) async fn one_user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        let mailbox = self.mailbox(text_of(id)?).await?;
        let catalogue = self.known_breaches().await?;
        let breaches = mailbox.listed.iter();
        let mut connections: Vec<Connection> = breaches
            .map(|name| self.maker().breach(catalogue.of(name), None))
            .collect();
        connections.extend(self.paste_connections(&mailbox.address).await?);
        let related = Related {
            users: Vec::new(),
            connections,
        };
        Ok((self.user_of(&mailbox, &catalogue), related))
    }

    pub(super) async fn one_connection(
        &self,
        id: &RemoteId,
    ) -> Result<(Connection, Related), ProviderError> {
        let id = text_of(id)?;
        let Some(name) = id.strip_prefix("breach:") else {
            return Err(unsupported(
                "of connections it shows breaches by themselves",
            ));
        };
        let breach = self.breach_named(name).await?;
        let catalogue = self.known_breaches().await?;
        let mut users = Vec::new();
        let watched = self.watched(&LeakQuery::default(), Age::Recent).await?;
        for domain in watched.names {
            let mailboxes = self.mailboxes(&domain, Age::Recent).await?;
            let is_in = |one: &&Mailbox| {
                let mut names = one.listed.iter();
                names.any(|known| known.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
            };
            let found = mailboxes.all.iter().filter(is_in);
            users.extend(found.map(|mailbox| self.user_of(mailbox, &catalogue)));
        }
        let leaks = Some(users.len() as u64);
        let related = Related {
            users,
            connections: Vec::new(),
        };
        Ok((self.maker().breach(breach, leaks), related))
    }
}
