//! The administration of API keys, with a token of its own. The documents print no body: the likely shapes are read,
//! and a key is never among what is listed.

use super::{LeakedChecker, malformed_error, policy_error, wire};
use crate::{
    entity::{
        account::{ApiKeyRecord, ApiKeyRequest, ApiKeyResponse},
        error::ProviderError,
        raw_text::RawText,
        secret::Secret,
    },
    http::{Media, NotFound, Request, json::Value},
    provider::judge::{self, ListForm},
};
use reqwest::Method;
use serde_json::{Map, Value as Json, json};

const ID_MEMBERS: [&str; 5] = ["id", "key_id", "keyId", "Id", "_id"];
const NAME_MEMBERS: [&str; 3] = ["name", "Name", "key_name"];
const KEY_MEMBERS: [&str; 8] = [
    "key", "api_key", "apiKey", "ApiKey", "Key", "apikey", "token", "secret",
];
const LIST_MEMBERS: [&str; 6] = ["keys", "api_keys", "apiKeys", "data", "results", "items"];

impl LeakedChecker {
    pub(super) async fn administer_keys(
        &self,
        token: &Secret,
        call: &ApiKeyRequest,
    ) -> Result<ApiKeyResponse, ProviderError> {
        if let Some(error) = self.secret_refusal() {
            return Err(error);
        }
        let changes = matches!(
            call,
            ApiKeyRequest::Create { .. } | ApiKeyRequest::Revoke { .. }
        );
        if changes && self.settings.read_only {
            return Err(policy_error("the profile is read-only"));
        }
        match call {
            ApiKeyRequest::List => {
                let request = Request::get(&["api-keys"])
                    .trailing_slash()
                    .with_token(token);
                let form = ListForm {
                    list_members: &LIST_MEMBERS,
                    may_be_empty: true,
                };
                let answer = self.transport.read(&request).await;
                judge::list(answer, form, parse_record)
                    .into_complete()
                    .map(ApiKeyResponse::List)
            }
            ApiKeyRequest::Create { name } => {
                let request = Request::post(&["api-keys"])
                    .trailing_slash()
                    .json(&json!({ "name": name }))
                    .redact(name.as_bytes())
                    .with_token(token);
                let reply = self.transport.write(&request).await?;
                parse_created_key(reply.json()?, name)
            }
            ApiKeyRequest::Revoke { id } => {
                let request = Request::new(Method::DELETE, &["api-keys", id])
                    .redact(id.as_bytes())
                    .accepts(&[Media::Json, Media::Plain])
                    .may_be_empty()
                    .with_not_found(NotFound::Failure)
                    .with_token(token);
                self.transport.write(&request).await?;
                Ok(ApiKeyResponse::Revoked)
            }
            ApiKeyRequest::Usage { id } => {
                let request = Request::get(&["api-keys", id, "usage"])
                    .with_not_found(NotFound::Failure)
                    .redact(id.as_bytes())
                    .with_token(token);
                let reply = self.transport.read(&request).await?;
                let usage = wire::object(reply.json()?, &["usage"])?;
                if usage.members().next().is_none() {
                    return Err(malformed_error("there is no usage in it"));
                }
                Ok(ApiKeyResponse::Usage(without_keys(wire::other_members(
                    usage,
                    &[],
                ))))
            }
        }
    }
}

fn parse_record(item: Value<'_>) -> Option<ApiKeyRecord> {
    if !item.is_object() {
        return None;
    }
    // What has neither is no key, but an answer that holds some.
    if wire::member(item, &ID_MEMBERS).is_none() && wire::member(item, &NAME_MEMBERS).is_none() {
        return None;
    }
    let named: Vec<&str> = ID_MEMBERS.into_iter().chain(NAME_MEMBERS).collect();
    Some(ApiKeyRecord {
        id: wire::member(item, &ID_MEMBERS),
        name: wire::member(item, &NAME_MEMBERS),
        more: without_keys(wire::other_members(item, &named)),
    })
}

/// The one answer with a key in it: at its top, or one object further down.
fn parse_created_key(value: Value<'_>, asked: &str) -> Result<ApiKeyResponse, ProviderError> {
    let mut places = vec![value];
    let within = ["data", "api_key", "apiKey", "key"];
    places.extend(within.iter().filter_map(|name| value.get(name)));
    for place in places.iter().filter(|place| place.is_object()) {
        let members = KEY_MEMBERS
            .iter()
            .filter_map(|name| place.get(name)?.string());
        let Some(key) = members.into_iter().find(|text| !text.is_empty()) else {
            continue;
        };
        return Ok(ApiKeyResponse::Created {
            id: wire::member(*place, &ID_MEMBERS).or_else(|| wire::member(value, &ID_MEMBERS)),
            name: wire::member(*place, &NAME_MEMBERS).or_else(|| Some(RawText::from(asked))),
            key: Secret::new(key.into_owned()),
        });
    }
    Err(malformed_error(
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
    let is_named = KEY_MEMBERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
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
