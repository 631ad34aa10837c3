//! A message by POST, signed as Standard Webhooks 1.0.0 say.

use super::Outcome;
use crate::{
    entity::{error::ProviderError, secret::Secret},
    http::{Post, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use std::{path::PathBuf, time::Duration};
use zeroize::Zeroizing;

/// What stands before the base64 of a secret.
const PREFIX: &[u8] = b"whsec_";

/// A key that messages are signed with.
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Reads a secret: `whsec_` and base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// What is wrong with it, in our words; nothing of it is told.
    pub fn of(secret: &Secret) -> Result<Self, &'static str> {
        let text = secret.expose();
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            return Err("does not begin with whsec_");
        };
        let bytes = Zeroizing::new(
            STANDARD
                .decode(encoded)
                .map_err(|_| "is not base64 behind whsec_")?,
        );
        if !(24..=64).contains(&bytes.len()) {
            return Err("is not 24 to 64 bytes long");
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The signature of a message, as the header has it.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

/// Where a message goes, and how.
pub struct Address {
    /// The whole address.
    pub url: Zeroizing<String>,
    /// The keys, the newest first.
    pub keys: Vec<SigningKey>,
    /// The content type.
    pub content_type: &'static str,
    /// An answer is waited for so long.
    pub timeout: Duration,
    /// A private certificate authority, PEM.
    pub ca_file: Option<PathBuf>,
    /// A proxy's URL.
    pub proxy: Option<String>,
}

/// Sends a message once.
pub async fn send(address: &Address, id: &str, timestamp: i64, body: Vec<u8>) -> Outcome {
    let signatures: Vec<String> = address
        .keys
        .iter()
        .map(|key| key.sign(id, timestamp, &body))
        .collect();
    let mut headers = vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
    ];
    if !signatures.is_empty() {
        headers.push(("webhook-signature", signatures.join(" ")));
    }
    let answer = post(Post {
        url: &address.url,
        headers,
        content_type: address.content_type,
        body,
        timeout: address.timeout,
        ca_file: address.ca_file.as_deref(),
        proxy: address.proxy.as_deref(),
    })
    .await;
    match answer {
        Ok(answer) => match answer.status {
            200..=299 => Outcome::Delivered,
            410 => Outcome::Unwanted,
            300..=399 => Outcome::failed("it answers with another address, which is not followed"),
            status => Outcome::Failed {
                why: format!("it answers {status}"),
                wait: answer
                    .retry_after
                    .filter(|_| matches!(status, 429 | 503))
                    .map(|wait| wait.as_secs()),
            },
        },
        Err(ProviderError::Policy { why }) => Outcome::failed(format!("it is refused: {why}")),
        Err(ProviderError::Timeout { .. }) => Outcome::failed("it does not answer in time"),
        Err(error) => Outcome::failed(format!("it cannot be reached: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<SigningKey, &'static str> {
        SigningKey::of(&Secret::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn the_known_answer_of_standard_webhooks() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let sign = |id: &str, at, body: &[u8]| key.sign(id, at, body);
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let body = b"{\"test\": 2432232314}";
        let known = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign(id, 1_614_265_330, body), known);
        assert_ne!(sign(id, 1_614_265_331, body), known);
        assert_ne!(
            sign("msg_p5jXN8AQM9LWM0D4loKWxJel", 1_614_265_330, body),
            known
        );
        assert_ne!(sign(id, 1_614_265_330, b"{\"test\": 2432232315}"), known);
    }

    #[test]
    fn a_secret_of_another_form_is_refused_without_telling_it() {
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        for wrong in ["hunter2hunter2hunter2", "whsec_!", &long, &short] {
            let why = key(wrong).err().unwrap();
            assert!(
                !why.contains("hunter2") && !why.contains(&wrong[6..]),
                "{why}"
            );
        }
        for length in [24, 64] {
            let right = format!("whsec_{}", STANDARD.encode(vec![7; length]));
            assert!(key(&right).is_ok());
        }
    }
}
