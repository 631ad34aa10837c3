//! One leak by its id. The answer holds the password in the clear: only [`ProjectDiscovery::fetch_secret`] keeps it.

use super::{ProjectDiscovery, Team, malformed_error, parse_status, row, unsupported_error};
use crate::{
    entity::{
        change_response::ReadBack, error::ProviderError, key::RemoteId, leak::LeakBatch,
        raw_text::RawText, secret::Secret,
    },
    http::{HttpResponse, NotFound, Request, json::Value},
    provider::leak_builder::LeakBuilder,
};
use serde_json::json;

impl ProjectDiscovery {
    async fn info(&self, id: &RemoteId) -> Result<HttpResponse, ProviderError> {
        let Some(text) = id.as_str() else {
            return Err(unsupported_error(
                "an id that is not text cannot be asked for",
            ));
        };
        let request = Request::post(&["v1", "leaks", "info"])
            .json(&json!({ "leakid": text }))
            .redact(id.as_bytes())
            .with_not_found(NotFound::Message);
        self.transport
            .read(&self.with_team(request, Team::Undocumented))
            .await
    }

    pub(super) async fn fetch_leak(&self, id: &RemoteId) -> Result<LeakBatch, ProviderError> {
        let reply = self.info(id).await?;
        let draft = row::read(find_leak(&reply, id)?)
            .filter(LeakBuilder::has_id)
            .ok_or_else(|| malformed_error("it is no leak"))?;
        let mut batch = LeakBatch::with_capacity(1);
        draft.push_to(&mut batch, &self.settings.fingerprint, parse_status);
        Ok(batch)
    }

    pub(super) async fn fetch_secret(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        if self.transport.is_insecure() {
            return Err(ProviderError::Policy {
                why: "no password is asked for over plain http".into(),
            });
        }
        let reply = self.info(id).await?;
        let password = find_leak(&reply, id)?
            .get_unique("password")
            .map_err(|_| malformed_error("it has two passwords"))?
            .filter(|value| !value.is_null())
            .ok_or_else(|| unsupported_error("the provider has no password for this leak"))?;
        let text = password
            .string()
            .map_or_else(|| password.raw().to_vec(), std::borrow::Cow::into_owned);
        if matches!(&text[..], b"***MASKED***" | b"***") {
            return Err(unsupported_error(
                "the provider masks this password: the domain is not verified, or the plan does not include it",
            ));
        }
        Ok(Secret::new(text))
    }

    /// The status word of one leak; nothing else of the answer is looked at.
    pub(super) async fn read_status_word(&self, id: &RemoteId) -> ReadBack {
        let found = self.info(id).await.and_then(|reply| {
            let leak = find_leak(&reply, id)?;
            let word = leak
                .get_unique("status")
                .map_err(|_| malformed_error("it has two statuses"))?
                .filter(|word| word.is_string())
                .ok_or_else(|| malformed_error("it has no status"))?;
            Ok(RawText::from(&*word.string().unwrap_or_default()))
        });
        match found {
            Ok(word) => ReadBack::StatusWord(word),
            Err(ProviderError::NotFound { status, .. }) => ReadBack::Gone { status },
            Err(ProviderError::Forbidden { .. }) => ReadBack::Gone { status: 403 },
            Err(error) => ReadBack::Unreadable(error),
        }
    }
}

/// The leak in an answer, if it is the one that was asked for.
fn find_leak<'a>(reply: &'a HttpResponse, id: &RemoteId) -> Result<Value<'a>, ProviderError> {
    let value = reply.json()?;
    if value.get("success").and_then(Value::bool) == Some(false) {
        return Err(malformed_error(
            "it says that it failed, and that it did not",
        ));
    }
    let data = value
        .get_unique("data")
        .map_err(|_| malformed_error("it has two leaks"))?
        .filter(|data| data.is_object())
        .ok_or_else(|| malformed_error("there is no leak in it"))?;
    // An answer without the id may be about it; one with another id is not.
    let other = data
        .get("id")
        .and_then(Value::string)
        .is_some_and(|found| !found.eq_ignore_ascii_case(id.as_bytes()));
    if other {
        return Err(malformed_error("it is about another leak"));
    }
    Ok(data)
}
