//! A message on its way to the receiver, and the answer to it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

use super::receiver::{PREFIX, Reply, Way};
use super::state::Shared;
use super::system::Answer;

/// So late is a slow answer.
const SLOW: Duration = Duration::from_secs(3);

/// Whether a path is the receiver's.
pub(crate) fn is_for(path: &str) -> bool {
    let rest = path.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The head of a message, as it is kept.
pub(crate) struct Head(Value);

impl Head {
    /// Of a request.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let headers: BTreeMap<&str, String> = headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str(), value.into_owned())
            })
            .collect();
        let at = jiff::Timestamp::try_from(SystemTime::now()).map(|at| at.to_string());
        Self(json!({
            "method": method.as_str(),
            "path": uri.path(),
            "headers": headers,
            "at": at.ok(),
        }))
    }
}

/// Keeps a message and answers it; nothing where the connection is cut.
pub(crate) async fn take(shared: &Shared, head: Head, body: &[u8]) -> Option<Answer> {
    let mut delivery = head.0;
    // As it came: a signature is over its bytes.
    delivery["body"] = String::from_utf8_lossy(body).into();
    let (reply, retry_after) = shared.receiver().take(delivery);
    let status = match reply {
        Reply::Status(status) => status,
        Reply::Way(Way::Drop) => return None,
        Reply::Way(Way::Hang) => {
            shared.0.end.cancelled().await;
            return None;
        }
        Reply::Way(Way::Slow) => {
            tokio::time::sleep(SLOW).await;
            204
        }
    };
    let mut answer = Answer::empty(status);
    if let Some(seconds) = retry_after {
        answer = answer.with_header("retry-after", seconds.to_string());
    }
    if (300..400).contains(&status) {
        // Whoever follows it is found out in the log of requests.
        answer = answer.with_header("location", format!("http://{}/", shared.0.redirect_target));
    }
    Some(answer)
}
