//! The port that a redirect leads to. Whoever follows one is found out: each request is logged, and whether it brought a
//! key along.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;

use super::SystemName;
use super::delivery;
use super::state::Shared;
use super::system::Answer;

/// Its name in the request log.
pub(crate) const NAME: &str = "redirect-target";

/// The routes of that port: any request is logged and answered alike.
pub(crate) fn routes(shared: Shared) -> Router {
    Router::new().fallback(move |request: Request| {
        let shared = shared.clone();
        async move { answer(&shared, &request) }
    })
}

fn answer(shared: &Shared, request: &Request) -> Response<Body> {
    let headers = request.headers();
    let carried = SystemName::ALL
        .iter()
        .any(|system| headers.contains_key(system.key_header()));
    let mut query = super::server::parse_query(request.uri());
    if carried {
        query.push(("key_was_sent".to_owned(), "true".to_owned()));
    }
    let mut requests = shared.requests();
    let number = requests.open(NAME, request.method(), request.uri().path(), &query, None);
    requests.close(number, 200);
    drop(requests);
    delivery::complete_response(&Answer::message(
        200,
        "This is not the server that you asked.",
    ))
}
