//! How an answer goes over the wire: whole, in part, slowly, far too large, or elsewhere.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::system::Answer;

/// What a far too large answer weighs: 65 MiB, in parts.
const HUGE_PARTS: usize = 1_040;
const HUGE_PART: usize = 64 * 1_024;

/// A web page, where JSON was expected.
const WEB_PAGE: &str = "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>\n";

/// The answer as it is.
pub(crate) fn complete_response(answer: &Answer) -> Response<Body> {
    let body = Body::from(answer.body.clone());
    response_head(answer, body)
}

fn response_head(answer: &Answer, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !answer.content_type.is_empty() {
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(answer.content_type),
        );
    }
    add_headers(&mut response, &answer.headers);
    response
}

/// Adds headers; a name or a value that no header may have is left out.
pub(crate) fn add_headers(response: &mut Response<Body>, headers: &[(&'static str, String)]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// The head and half the body, then the connection breaks.
pub(crate) fn half_response(answer: &Answer) -> Response<Body> {
    let part = answer.body.slice(..answer.body.len() / 2);
    let body = stream::unfold(Some(part), async |part| {
        let Some(part) = part else {
            // Lets what was written go out before the connection is given up.
            tokio::time::sleep(Duration::from_millis(5)).await;
            let broken = io::Error::from(io::ErrorKind::ConnectionAborted);
            return Some((Err::<Bytes, _>(broken), None));
        };
        Some((Ok(part), None))
    });
    with_length(answer, Body::from_stream(body))
}

/// One second of nothing, then a KiB a second, until all is sent or the server ends.
pub(crate) async fn slow_response(answer: &Answer, end: CancellationToken) -> Response<Body> {
    pause(&end).await;
    let body = stream::unfold(
        (answer.body.clone(), end, true),
        async |(mut left, end, first)| {
            if left.is_empty() || end.is_cancelled() {
                return None;
            }
            if !first {
                pause(&end).await;
            }
            let part = left.split_to(left.len().min(1_024));
            Some((Ok::<_, Infallible>(part), (left, end, false)))
        },
    );
    with_length(answer, Body::from_stream(body))
}

async fn pause(end: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
        () = end.cancelled() => {}
    }
}

fn with_length(answer: &Answer, body: Body) -> Response<Body> {
    let mut response = response_head(answer, body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    response
}

/// 65 MiB that begin like a list. No length is announced: a client must count for itself.
pub(crate) fn huge_response() -> Response<Body> {
    let filler = Bytes::from(vec![b' '; HUGE_PART]);
    let body = stream::unfold(0, move |part| {
        let bytes = if part == 0 {
            Bytes::from_static(b"{\"data\":[")
        } else {
            filler.clone()
        };
        async move { (part <= HUGE_PARTS).then_some((Ok::<_, Infallible>(bytes), part + 1)) }
    });
    let answer = Answer::bytes(200, "application/json", Bytes::new());
    response_head(&answer, Body::from_stream(body))
}

/// A web page.
pub(crate) fn web_page() -> Answer {
    Answer::bytes(200, "text/html; charset=utf-8", WEB_PAGE)
}
