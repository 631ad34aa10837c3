//! The administration of API keys, with a token of its own. The documents print no body: the likely shapes are read,
//! and a key is never among what is listed.

use super::{LeakedChecker, malformed, policy, wire};
use crate::{
    entity::{
        error::ProviderError,
        report::{ApiKeyAnswer, ApiKeyCall, ApiKeyRecord},
        secret::Secret,
        text::Text,
    },
    http::{Media, NotFound, Request, json::Value},
    provider::judge::{self, ListForm},
};
use reqwest::Method;
use serde_json::{Map, Value as Json, json};

const IDS: [&str; 5] = ["id", "key_id", "keyId", "Id", "_id"];
const NAMES: [&str; 3] = ["name", "Name", "key_name"];
const KEYS: [&str; 8] = [
    "key", "api_key", "apiKey", "ApiKey", "Key", "apikey", "token", "secret",
];
const LISTS: [&str; 6] = ["keys", "api_keys", "apiKeys", "data", "results", "items"];

impl LeakedChecker {
    pub(super) async fn administered(
        &self,
        token: &Secret,
        call: &ApiKeyCall,
    ) -> Result<ApiKeyAnswer, ProviderError> {
        if let Some(error) = self.no_secrets() {
            return Err(error);
        }
        let changes = matches!(call, ApiKeyCall::Create { .. } | ApiKeyCall::Revoke { .. });
        if changes && self.settings.read_only {
            return Err(policy("the profile is read-only"));
        }
        match call {
            ApiKeyCall::List => {
                let request = Request::get(&["api-keys"]).folder().with_token(token);
                let form = ListForm {
                    under: &LISTS,
                    may_be_empty: true,
                };
                let answer = self.transport.read(&request).await;
                judge::list(answer, form, record)
                    .whole()
                    .map(ApiKeyAnswer::List)
            }
            ApiKeyCall::Create { name } => {
                let request = Request::post(&["api-keys"])
                    .folder()
                    .json(&json!({ "name": name }))
                    .private(name.as_bytes())
                    .with_token(token);
                let reply = self.transport.write(&request).await?;
                created(reply.json()?, name)
            }
            ApiKeyCall::Revoke { id } => {
                let request = Request::new(Method::DELETE, &["api-keys", id])
                    .private(id.as_bytes())
                    .accepts(&[Media::Json, Media::Plain])
                    .may_be_empty()
                    .says_not_found(NotFound::Failure)
                    .with_token(token);
                self.transport.write(&request).await?;
                Ok(ApiKeyAnswer::Revoked)
            }
            ApiKeyCall::Usage { id } => {
                let request = Request::get(&["api-keys", id, "usage"])
                    .says_not_found(NotFound::Failure)
                    .private(id.as_bytes())
                    .with_token(token);
                let reply = self.transport.read(&request).await?;
                let usage = wire::object(reply.json()?, &["usage"])?;
                if usage.members().next().is_none() {
                    return Err(malformed("there is no usage in it"));
                }
                Ok(ApiKeyAnswer::Usage(without_keys(wire::rest(usage, &[]))))
            }
        }
    }
}

fn record(item: Value<'_>) -> Option<ApiKeyRecord> {
    if !item.is_object() {
        return None;
    }
    // What has neither is no key, but an answer that holds some.
    if wire::member(item, &IDS).is_none() && wire::member(item, &NAMES).is_none() {
        return None;
    }
    let named: Vec<&str> = IDS.into_iter().chain(NAMES).collect();
    Some(ApiKeyRecord {
        id: wire::member(item, &IDS),
        name: wire::member(item, &NAMES),
        more: without_keys(wire::rest(item, &named)),
    })
}

/// The one answer with a key in it: at its top, or one object further down.
fn created(value: Value<'_>, asked: &str) -> Result<ApiKeyAnswer, ProviderError> {
    let mut places = vec![value];
    let within = ["data", "api_key", "apiKey", "key"];
    places.extend(within.iter().filter_map(|name| value.get(name)));
    for place in places.iter().filter(|place| place.is_object()) {
        let members = KEYS.iter().filter_map(|name| place.get(name)?.string());
        let Some(key) = members.into_iter().find(|text| !text.is_empty()) else {
            continue;
        };
        return Ok(ApiKeyAnswer::Created {
            id: wire::member(*place, &IDS).or_else(|| wire::member(value, &IDS)),
            name: wire::member(*place, &NAMES).or_else(|| Some(Text::from(asked))),
            key: Secret::new(key.into_owned()),
        });
    }
    Err(malformed(
        "there is no key in it; one may have been made all the same: list the keys and revoke it",
    ))
}

/// Members of a listed key without what may be the key itself.
fn without_keys(mut members: Map<String, Json>) -> Map<String, Json> {
    members.retain(|name, value| !is_key(name, value));
    for value in members.values_mut() {
        strip(value);
    }
    members
}

/// The same further down.
fn strip(value: &mut Json) {
    match value {
        Json::Object(members) => {
            let held = std::mem::take(members);
            *members = without_keys(held);
        }
        Json::Array(items) => {
            items.retain(|item| !looks_like_key(item));
            items.iter_mut().for_each(strip);
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// By its name, or by what it looks like. An id may look like one and is none.
fn is_key(name: &str, value: &Json) -> bool {
    let is_named = KEYS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let is_id = name.to_ascii_lowercase().ends_with("id");
    (is_named && !value.is_object() && !value.is_array()) || (!is_id && looks_like_key(value))
}

/// 32 hexadecimal digits.
fn looks_like_key(value: &Json) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_key_is_never_listed_however_deep() {
        let key = "0123456789abcdef0123456789ABCDEF";
        let members = json!({
            "key": "short", "Token": "x", "masked": "0123…", "other": key, "owner_id": key,
            "deep": {"api_key": "x", "list": [key, {"value": key, "calls": 7}]}, "calls": 3
        });
        let Json::Object(members) = members else {
            return;
        };
        let kept = Json::Object(without_keys(members));
        let expected = json!({
            "masked": "0123…", "owner_id": key, "deep": {"list": [{"calls": 7}]}, "calls": 3
        });
        assert_eq!(kept, expected);
    }
}
