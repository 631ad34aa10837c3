//! One request in our words, and its answer.

use super::{
    json::{Document, JsonIndex, Value},
    not_found::NotFound,
    zeroizing::ZeroizingBuffer,
};
use crate::entity::{error::ProviderError, secret::Secret};
use bytes::Bytes;
use serde::Serialize;
use zeroize::Zeroizing;

/// What an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// `text/plain`.
    Plain,
}

impl Media {
    /// As a header spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Plain => "text/plain",
        }
    }

    /// From a header's type without its parameters.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Json, Self::Csv, Self::Plain]
            .into_iter()
            .find(|media| media.name().eq_ignore_ascii_case(name))
    }
}

/// A request, before it has an address.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own, any mix is possible"
)]
pub struct Request {
    pub(super) method: reqwest::Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Bytes>,
    pub(super) accepts: Vec<Media>,
    pub(super) sends_key: bool,
    /// Goes out in place of the key.
    pub(super) token: Option<Secret>,
    /// The path ends with a slash.
    pub(super) trailing_slash: bool,
    /// A good answer may have no content at all.
    pub(super) may_be_empty: bool,
    /// How many rows of a list are asked for; more than one may be asked for in parts.
    pub(super) rows: u32,
    /// How the contract says here that there is nothing.
    pub(super) not_found: NotFound,
    /// Refusals of this operation are plain text.
    pub(super) refused_in_text: bool,
    /// How many of a minute's requests it counts as.
    pub(super) cost: u32,
    /// Values that an answer's message must not repeat.
    pub(super) redact: Vec<Zeroizing<Vec<u8>>>,
}

impl Request {
    /// A request by its method (`GET`, …) and the segments of its path; each is percent-encoded.
    pub fn new(method: reqwest::Method, path: &[&str]) -> Self {
        Self {
            method,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            accepts: vec![Media::Json],
            sends_key: true,
            token: None,
            trailing_slash: false,
            may_be_empty: false,
            rows: 0,
            not_found: NotFound::Never,
            refused_in_text: false,
            cost: 1,
            redact: Vec::new(),
        }
    }

    /// A `GET` of a path.
    pub fn get(path: &[&str]) -> Self {
        Self::new(reqwest::Method::GET, path)
    }

    /// A `POST` to a path.
    pub fn post(path: &[&str]) -> Self {
        Self::new(reqwest::Method::POST, path)
    }

    /// Adds a parameter whose value is not private.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and words read better without a borrow"
    )]
    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds a parameter with a value that a person gave or a leak holds.
    pub fn redacted_query(self, name: &'static str, value: &str) -> Self {
        self.redact(value.as_bytes()).query(name, value)
    }

    /// Adds a header with a value that a person gave.
    pub fn header(self, name: &'static str, value: &str) -> Self {
        let mut request = self.redact(value.as_bytes());
        request.headers.push((name, value.to_owned()));
        request
    }

    /// Adds a JSON body; name the private values in it with [`Self::redact`].
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body).ok().map(Bytes::from);
        self
    }

    /// Adds a JSON body that holds a secret: these very bytes go out, and are zeroed with the last copy of the request.
    pub fn secret_json(mut self, body: Zeroizing<Vec<u8>>) -> Self {
        self.body = Some(Bytes::from_owner(body));
        self
    }

    /// Names a value that the request carries and that no message may repeat.
    pub fn redact(mut self, value: &[u8]) -> Self {
        if !value.is_empty() {
            self.redact.push(Zeroizing::new(value.to_vec()));
        }
        self
    }

    /// Accepts these kinds of answers instead of JSON.
    pub fn accepts(mut self, accepts: &[Media]) -> Self {
        self.accepts = accepts.to_vec();
        self
    }

    /// Goes out without the key.
    pub fn without_key(mut self) -> Self {
        self.sends_key = false;
        self
    }

    /// Goes out with `Authorization: Bearer …` of its own, and never with the key beside it.
    pub fn with_token(mut self, token: &Secret) -> Self {
        self.token = Some(token.clone());
        self.without_key()
    }

    /// Ends the path with a slash.
    pub fn trailing_slash(mut self) -> Self {
        self.trailing_slash = true;
        self
    }

    /// Asks for so many rows, and for fewer where they come too slowly: see [`PageParts`].
    ///
    /// [`PageParts`]: super::PageParts
    pub fn rows(mut self, rows: u32) -> Self {
        self.rows = rows;
        self
    }

    /// Says how the contract puts it here that there is nothing of what is asked for. A 404 of any other shape is not
    /// the service's own.
    pub fn with_not_found(mut self, shape: NotFound) -> Self {
        self.not_found = shape;
        self
    }

    /// Takes the words of a refusal from plain text: this operation says them so.
    pub fn refused_in_text(mut self) -> Self {
        self.refused_in_text = true;
        self
    }

    /// Counts as so many of a minute's requests.
    pub fn costs(mut self, requests: u32) -> Self {
        self.cost = requests.max(1);
        self
    }

    /// Takes a good answer without content, too: its status says everything.
    pub fn may_be_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }
}

/// A complete answer. Its bytes may hold passwords: they are zeroed on drop.
pub struct HttpResponse {
    /// The HTTP status, always 2xx.
    pub status: u16,
    /// What it is.
    pub media: Media,
    /// The body, decompressed; for JSON a whole document.
    pub body: ZeroizingBuffer,
    /// Of a JSON answer.
    pub(super) index: Option<JsonIndex>,
}

impl HttpResponse {
    /// A good answer in plain text.
    #[cfg(test)]
    pub fn plain(body: &[u8]) -> Self {
        Self {
            status: 200,
            media: Media::Plain,
            body: ZeroizingBuffer::from(body),
            index: None,
        }
    }

    /// The document of a JSON answer, which was looked through when it came.
    pub fn document(&self) -> Result<Document<'_>, ProviderError> {
        let outline = self.index.as_ref();
        let outline = outline.ok_or_else(|| ProviderError::Malformed {
            why: "it is not JSON".to_owned(),
        })?;
        Ok(Document::new(&self.body, outline))
    }

    /// The value of that document.
    pub fn json(&self) -> Result<Value<'_>, ProviderError> {
        self.document().map(Document::value)
    }
}
