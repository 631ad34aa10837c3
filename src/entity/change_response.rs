//! What a provider's answer to a change proves, and what a read back shows.

use super::{error::ProviderError, key::RemoteId, raw_text::RawText};

/// What a provider's answer to one chunk of changes proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeResponse {
    /// 2xx with the right words and exactly the right count or id. Not yet a proof that it was applied.
    Accepted,
    /// No byte of the request left.
    NotSent(ProviderError),
    /// 429: not applied; the transport says until when to wait.
    RateLimited(ProviderError),
    /// 401 or 402: not applied; no further request with this key.
    Unauthorised(ProviderError),
    /// 400, 403, 404, 413: the chunk was refused as a whole, without saying which leak was at fault.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        error: ProviderError,
    },
    /// Anything else: it may or may not have been applied, wholly or in part.
    Ambiguous(ProviderError),
}

impl ChangeResponse {
    /// Returns the error that the answer was, or `None` if the provider agreed.
    pub fn into_error(self) -> Option<ProviderError> {
        match self {
            Self::Accepted => None,
            Self::NotSent(error)
            | Self::RateLimited(error)
            | Self::Unauthorised(error)
            | Self::Refused { error, .. }
            | Self::Ambiguous(error) => Some(error),
        }
    }
}

/// What reading one leak back showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// Its status word at the provider, exactly as it came.
    StatusWord(RawText),
    /// The provider says that there is no such leak, or not for this key: 403, 404.
    Gone {
        /// The HTTP status.
        status: u16,
    },
    /// It was not found, at a provider where that proves nothing: neither that it is gone nor that it was changed.
    Unprovable,
    /// It could not be read.
    Unreadable(ProviderError),
}

/// A leak and what reading it back showed.
pub type ReadBackEntry = (RemoteId, ReadBack);
