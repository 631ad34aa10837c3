//! One leak, user or connection by its id, and what it is connected to.

use super::{
    LeaksAi, endpoint, leak, malformed_error, query::strip_prefix, resource, unsupported_error,
    user,
};
use crate::{
    entity::{
        connection::{Connection, Related},
        error::ProviderError,
        key::RemoteId,
        leak::LeakBatch,
        user::User,
    },
    http::{HttpResponse, NotFound, Request, json::Value},
};

impl LeaksAi {
    pub(super) async fn fetch_leak(
        &self,
        id: &RemoteId,
    ) -> Result<(LeakBatch, Related), ProviderError> {
        let id = strip_prefix(id, b"")?;
        let reply = self.get_by_id("leaks", id).await?;
        let related = self.related(find_data(&reply, id)?);
        let names = self.domain_names().await;
        let mut batch = LeakBatch::with_capacity(1);
        let key = &self.settings.fingerprint;
        leak::push(find_data(&reply, id)?, &names, key, &mut batch)
            .ok_or_else(|| malformed_error("it is no leak"))?;
        Ok((batch, related))
    }

    pub(super) async fn fetch_user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        let id = strip_prefix(id, b"")?;
        let reply = self.get_by_id("users", id).await?;
        let data = find_data(&reply, id)?;
        let found =
            user::read(data, &self.settings).ok_or_else(|| malformed_error("it is no user"))?;
        Ok((found, self.related(data)))
    }

    /// An id that says of itself what it is, as those in our keys do, takes one request; a bare one may take two.
    pub(super) async fn fetch_connection(
        &self,
        id: &RemoteId,
    ) -> Result<(Connection, Related), ProviderError> {
        if id.as_bytes().starts_with(resource::PREFIX) {
            return self
                .fetch_resource(strip_prefix(id, resource::PREFIX)?)
                .await;
        }
        let named = id.as_bytes().starts_with(endpoint::PREFIX);
        let id = strip_prefix(id, endpoint::PREFIX)?;
        match self.fetch_endpoint(id).await {
            Err(ProviderError::NotFound { .. }) if !named => self.fetch_resource(id).await,
            other => other,
        }
    }

    async fn fetch_endpoint(&self, id: &str) -> Result<(Connection, Related), ProviderError> {
        let reply = self.get_by_id("endpoints", id).await?;
        let data = find_data(&reply, id)?;
        let found = endpoint::read(data, &self.settings);
        let found = found.ok_or_else(|| malformed_error("it is no endpoint"))?;
        Ok((found, self.related(data)))
    }

    async fn fetch_resource(&self, id: &str) -> Result<(Connection, Related), ProviderError> {
        let reply = self.get_by_id("resources", id).await?;
        let data = find_data(&reply, id)?;
        let found = resource::read(data, &self.settings);
        let found = found.ok_or_else(|| malformed_error("it is no resource"))?;
        Ok((found, self.related(data)))
    }

    async fn get_by_id(&self, list: &str, id: &str) -> Result<HttpResponse, ProviderError> {
        // The count stands where ids do.
        if id == "count" {
            return Err(unsupported_error("that is no id"));
        }
        // `domain_id`, which this may take too, is left out: no id of ours holds the domain that it was listed under,
        // and without it every domain that is watched is looked through.
        let request = Request::get(&[list, id])
            .redact(id.as_bytes())
            .with_not_found(NotFound::Problem);
        self.transport.read(&request).await
    }

    /// What an answer says that its subject is connected to. Items that cannot be read are left out.
    fn related(&self, data: Value<'_>) -> Related {
        let connections = data.get("connections");
        let items = |name: &str| {
            let list = connections.and_then(|all| all.get(name));
            list.into_iter().flat_map(Value::elements)
        };
        let settings = &self.settings;
        let endpoints = items("endpoints").filter_map(|item| endpoint::read(item, settings));
        let resources = items("resources").filter_map(|item| resource::read(item, settings));
        Related {
            users: items("users")
                .filter_map(|item| user::read(item, settings))
                .collect(),
            connections: endpoints.chain(resources).collect(),
        }
    }
}

/// The thing in an answer, if it is the one that was asked for.
fn find_data<'a>(reply: &'a HttpResponse, id: &str) -> Result<Value<'a>, ProviderError> {
    let data = reply
        .json()?
        .get_unique("data")
        .map_err(|_| malformed_error("it has two things in it"))?
        .filter(|data| data.is_object())
        .ok_or_else(|| malformed_error("there is nothing in it"))?;
    // An answer without the id may be about it; one with another id is not.
    let other = data
        .get("id")
        .and_then(Value::string)
        .is_some_and(|found| !found.eq_ignore_ascii_case(id.as_bytes()));
    if other {
        return Err(malformed_error("it is about another one"));
    }
    Ok(data)
}
