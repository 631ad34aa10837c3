//! Reading an answer's body: what it is, how it is framed, how fast it comes, how large it grows.

use super::{
    failure::Failure,
    json::{self, JsonError, JsonIndex},
    limits::Limits,
    request::Media,
    zeroizing::ZeroizingBuffer,
};
use crate::entity::error::ProviderError;
use flate2::write::MultiGzDecoder;
use reqwest::{
    Response, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING},
};
use std::io::{self, Write};
use tokio::time::Instant;

/// What the answer says it is, checked before a byte of it is read.
pub(super) fn media(headers: &HeaderMap, accepts: &[Media]) -> Result<Media, Failure> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let Some(value) = values.next() else {
        // A document of JSON says by itself what it is; it is looked at when it is there.
        return if accepts.contains(&Media::Json) {
            Ok(Media::Json)
        } else {
            Err(missing_type_failure())
        };
    };
    if values.next().is_some() {
        return Err(Failure::malformed("it says twice what it is"));
    }
    let text = value.to_str().unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    if name.eq_ignore_ascii_case("text/html") || name.eq_ignore_ascii_case("application/xhtml+xml")
    {
        return Err(Failure::permanent(super::web_page_error()));
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        let ours = ["utf-8", "utf8", "us-ascii"]
            .iter()
            .any(|known| value.eq_ignore_ascii_case(known));
        if name.trim().eq_ignore_ascii_case("charset") && !ours {
            return Err(Failure::malformed("its text is not UTF-8"));
        }
    }
    match Media::from_name(name) {
        Some(media) if accepts.contains(&media) => Ok(media),
        _ => Err(Failure::malformed("it is not of a kind that was asked for")),
    }
}

fn missing_type_failure() -> Failure {
    Failure::malformed("it does not say what it is")
}

/// Whether a body must be complete when it ends: else a cut one looks whole.
fn is_framed(response: &Response) -> bool {
    response.version() >= Version::HTTP_2
        || response.headers().contains_key(CONTENT_LENGTH)
        || response.headers().contains_key(TRANSFER_ENCODING)
}

/// Where decompressed bytes go, up to a size.
struct Sink<'a> {
    out: ZeroizingBuffer,
    received: u64,
    limits: &'a Limits,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = self.out.len() + bytes.len();
        let ratio_broken = size as u64 > self.limits.min_ratio_bytes
            && size as u64 > self.received.saturating_mul(self.limits.max_ratio);
        if size > self.limits.max_decoded_bytes || ratio_broken {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.out.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Most bytes that are reserved because a header announces them.
const MAX_RESERVED_BYTES: u64 = 4 << 20;

/// The length that the headers announce, 0 if none.
fn content_length(headers: &HeaderMap) -> u64 {
    let value = headers.get(CONTENT_LENGTH);
    let text = value.and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A body on its way, plain or compressed.
enum Decoder<'a> {
    Plain(Sink<'a>),
    Gzip(Box<MultiGzDecoder<Sink<'a>>>),
}

impl<'a> Decoder<'a> {
    fn new(headers: &HeaderMap, limits: &'a Limits) -> Result<Self, Failure> {
        let mut sink = Sink {
            out: ZeroizingBuffer::default(),
            received: 0,
            limits,
        };
        let mut codings = headers.get_all(CONTENT_ENCODING).iter();
        let coding = codings
            .next()
            .map_or(&b"identity"[..], |coding| coding.as_bytes());
        if codings.next().is_some() {
            return Err(Failure::malformed("it is compressed twice"));
        }
        match &coding.trim_ascii().to_ascii_lowercase()[..] {
            b"identity" | b"" => {
                let room = content_length(headers).min(MAX_RESERVED_BYTES);
                sink.out = ZeroizingBuffer::with_capacity(room as usize);
                Ok(Self::Plain(sink))
            }
            b"gzip" | b"x-gzip" => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(sink)))),
            _ => Err(Failure::malformed(
                "it is compressed in a way that was not asked for",
            )),
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let result = match self {
            Self::Plain(sink) => {
                sink.received += bytes.len() as u64;
                sink.write_all(bytes)
            }
            Self::Gzip(decoder) => {
                decoder.get_mut().received += bytes.len() as u64;
                decoder.write_all(bytes)
            }
        };
        result.map_err(|error| decode_failure(&error))
    }

    fn finish(self) -> Result<ZeroizingBuffer, Failure> {
        match self {
            Self::Plain(sink) => Ok(sink.out),
            Self::Gzip(decoder) => match decoder.finish() {
                Ok(sink) => Ok(sink.out),
                // A stream that ends early was cut, and may be whole the next time.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Err(truncated_failure())
                }
                Err(error) => Err(decode_failure(&error)),
            },
        }
    }
}

fn decode_failure(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::FileTooLarge {
        Failure::malformed("it is larger than is allowed")
    } else {
        Failure::malformed("its compression is damaged")
    }
}

fn truncated_failure() -> Failure {
    Failure::transient(ProviderError::Malformed {
        why: "it was cut short".to_owned(),
    })
}

/// Reads the whole body of a good answer, or none of it.
pub(super) async fn read(
    mut response: Response,
    media: Media,
    deadline: Instant,
    limits: &Limits,
) -> Result<(ZeroizingBuffer, Option<JsonIndex>), Failure> {
    if media != Media::Json && !is_framed(&response) {
        return Err(Failure::malformed("it cannot be proven to be complete"));
    }
    let told = response.headers().contains_key(CONTENT_TYPE);
    if content_length(response.headers()) > limits.max_decoded_bytes as u64 {
        return Err(decode_failure(&io::ErrorKind::FileTooLarge.into()));
    }
    let mut decoder = Decoder::new(response.headers(), limits)?;
    let step = limits.slow_after;
    let (mut checkpoint, mut since_checkpoint) = (Instant::now() + step, 0u64);
    let mut received = 0u64;
    loop {
        let wait = tokio::time::timeout_at(checkpoint.min(deadline), response.chunk()).await;
        let now = Instant::now();
        if let Ok(chunk) = wait {
            let Some(chunk) = chunk.map_err(|error| super::failure::exchange_failure(&error))?
            else {
                break;
            };
            since_checkpoint += chunk.len() as u64;
            received += chunk.len() as u64;
            decoder.feed(&chunk)?;
        }
        if now >= deadline {
            // What came so far came too slowly; of an answer that never began, the size says nothing.
            return Err(if received > 0 {
                Failure::transient(super::failure::too_slow_error())
            } else {
                super::timeout_failure()
            });
        }
        if now >= checkpoint {
            if (since_checkpoint as f64) < limits.min_bytes_per_second as f64 * step.as_secs_f64() {
                return Err(if since_checkpoint > 0 {
                    Failure::transient(super::failure::too_slow_error())
                } else {
                    stalled_failure()
                });
            }
            (checkpoint, since_checkpoint) = (now + step, 0);
        }
    }
    let body = decoder.finish()?;
    if media != Media::Json {
        return Ok((body, None));
    }
    if !told && !looks_like_json(&body) {
        return Err(missing_type_failure());
    }
    match json::build_index(&body) {
        Ok(outline) => Ok((body, Some(outline))),
        Err(JsonError::Truncated) => Err(truncated_failure()),
        Err(JsonError::Syntax) if !told => Err(missing_type_failure()),
        Err(JsonError::Syntax) => Err(Failure::malformed("it is not JSON")),
    }
}

/// Nothing of an answer came for so long that its connection is taken for dead.
fn stalled_failure() -> Failure {
    Failure::transient(ProviderError::Timeout {
        why: "the answer stopped coming".to_owned(),
    })
}

/// Whether text that does not say what it is begins as a document of JSON that holds something.
fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Reads the body of a refusal, for its message; anything wrong with it makes it empty.
pub(super) async fn read_refusal(mut response: Response, deadline: Instant) -> ZeroizingBuffer {
    const MAX_REFUSAL_BYTES: usize = 64 << 10;
    let mut body = ZeroizingBuffer::default();
    if response.headers().contains_key(CONTENT_ENCODING) {
        return read_compressed_refusal(response, deadline).await;
    }
    let deadline = deadline.min(Instant::now() + std::time::Duration::from_secs(2));
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout_at(deadline, response.chunk()).await {
        if body.len() + chunk.len() > MAX_REFUSAL_BYTES {
            return ZeroizingBuffer::default();
        }
        body.extend(&chunk);
    }
    body
}

async fn read_compressed_refusal(response: Response, deadline: Instant) -> ZeroizingBuffer {
    let small = Limits {
        max_decoded_bytes: 64 << 10,
        slow_after: std::time::Duration::from_secs(2),
        ..Limits::default()
    };
    let read = read(response, Media::Json, deadline, &small).await;
    read.map(|(body, _)| body).unwrap_or_default()
}
