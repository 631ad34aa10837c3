//! One request that tells somebody something: no key of a provider, no redirect, no ambient proxy, an answer that is looked
//! at for its status alone. The rules for addresses are those of every other request.

use super::{failure, origin::Origin};
use crate::entity::error::ProviderError;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use std::{path::Path, time::Duration};

/// Bytes of an answer that are read before the rest is dropped.
const READ: usize = 4096;

/// So long is the rest of an answer waited for: its status says everything.
const REST: Duration = Duration::from_secs(1);

/// What is sent.
pub struct Post<'a> {
    /// The whole address, which may be a secret.
    pub url: &'a str,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// All of it takes at most so long.
    pub timeout: Duration,
    /// A private certificate authority, PEM.
    pub ca_file: Option<&'a Path>,
    /// A proxy's URL.
    pub proxy: Option<&'a str>,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The status.
    pub status: u16,
    /// What the answer asks to wait.
    pub retry_after: Option<Duration>,
}

/// Sends it once.
///
/// # Errors
/// `Policy` where the address may not be asked, before anything is looked up; `Timeout` and `Unreachable` otherwise.
pub async fn post(post: Post<'_>) -> Result<Posted, ProviderError> {
    let url =
        url::Url::parse(post.url).map_err(|_| super::policy_error("the address is not a URL"))?;
    let mut base = url.clone();
    base.set_query(None);
    let origin = Origin::new(base.as_str(), false)?;
    let limits = super::Limits::default();
    let client = super::build_client(post.ca_file, post.proxy, &origin, &limits)?;
    let mut request = reqwest::Request::new(reqwest::Method::POST, url);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(post.content_type));
    for (name, value) in &post.headers {
        let value = HeaderValue::from_str(value)
            .map_err(|_| super::policy_error("a header holds characters that cannot be sent"))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    *request.body_mut() = Some(post.body.into());
    let exchange = async {
        let mut answer = client
            .execute(request)
            .await
            .map_err(|error| failure::exchange_failure(&error).error)?;
        let status = answer.status().as_u16();
        let retry_after = failure::parse_retry_after(answer.headers(), b"");
        // What follows is nobody's business; the connection is dropped with it.
        let rest = async {
            let mut read = 0;
            while read < READ
                && let Ok(Some(part)) = answer.chunk().await
            {
                read += part.len();
            }
        };
        tokio::time::timeout(REST, rest).await.ok();
        Ok(Posted {
            status,
            retry_after,
        })
    };
    tokio::time::timeout(post.timeout, exchange)
        .await
        .map_err(|_| ProviderError::Timeout {
            why: "no complete answer within the time limit".to_owned(),
        })?
}
