//! The administration of API keys.

use super::{KEY, ServerResponse, connect, profile, requested_paths, service};
use crate::support::fault_server::{FaultServer, fast_limits};
use stanch::{
    entity::{
        account::{ApiKeyRecord, ApiKeyRequest, ApiKeyResponse},
        error::ProviderError,
        raw_text::RawText,
        secret::Secret,
    },
    provider::Provider,
};
use std::sync::Arc;

const TOKEN: &str = "eyJ0.t0ken.s1gn";
const CREATED_KEY: &str = "00112233445566778899aabbccddeeff";

async fn administer(
    provider: &Arc<dyn Provider>,
    call: ApiKeyRequest,
) -> Result<ApiKeyResponse, ProviderError> {
    provider
        .api_keys()
        .unwrap()
        .administer(&Secret::from(TOKEN.to_owned()), &call)
        .await
}

async fn provider_with_response(answer: ServerResponse) -> (FaultServer, Arc<dyn Provider>) {
    service(move |_, _| Some(answer.clone())).await
}

fn create() -> ApiKeyRequest {
    ApiKeyRequest::Create {
        name: "Nightly job".into(),
    }
}

fn revoke() -> ApiKeyRequest {
    ApiKeyRequest::Revoke { id: "k-1".into() }
}

#[tokio::test]
async fn each_call_goes_out_with_the_token_and_never_with_the_key() {
    let body = format!(r#"{{"keys":[],"key":"{CREATED_KEY}"}}"#);
    let (server, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    for call in [
        ApiKeyRequest::List,
        create(),
        ApiKeyRequest::Usage { id: "a/b".into() },
        revoke(),
    ] {
        administer(&provider, call).await.unwrap();
    }
    let expected = [
        "GET /api-keys/",
        "POST /api-keys/",
        "GET /api-keys/a%2Fb/usage",
        "DELETE /api-keys/k-1",
    ];
    assert_eq!(requested_paths(&server), expected);
    let seen = server.requests();
    for one in &seen {
        assert_eq!(
            one.header("authorization"),
            Some(&format!("Bearer {TOKEN}")[..])
        );
        assert!(!format!("{one:?}").contains(KEY));
    }
    assert_eq!(seen[1].json(), serde_json::json!({ "name": "Nightly job" }));
    // The key itself still works, and still goes out without the token.
    provider.subscription().unwrap().subscription().await.ok();
    let last = &server.requests()[4];
    assert_eq!(
        (last.header("x-api-key"), last.header("authorization")),
        (Some(KEY), None)
    );
}

#[tokio::test]
async fn a_made_key_is_found_in_likely_shapes_and_nowhere_else() {
    for body in [
        format!(
            r#"{{"success":true,"data":{{"id":7,"name":"Nightly job","api_key":"{CREATED_KEY}"}}}}"#
        ),
        format!(r#"{{"id":"7","name":"Nightly job","key":"{CREATED_KEY}"}}"#),
        format!(r#"{{"api_key":{{"Id":"7","Name":"Nightly job","Key":"{CREATED_KEY}"}}}}"#),
        format!(r#"{{"key_id":"7","apiKey":"{CREATED_KEY}","new":[1]}}"#),
    ] {
        let (_, provider) = provider_with_response(ServerResponse::json(201, &body)).await;
        let answer = administer(&provider, create()).await.unwrap();
        assert!(
            !format!("{answer:?}").contains(CREATED_KEY),
            "a key in Debug"
        );
        let ApiKeyResponse::Created { id, name, key } = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(
            (id, name),
            (Some(RawText::from("7")), Some(RawText::from("Nightly job")))
        );
        assert_eq!(key.expose(), CREATED_KEY.as_bytes(), "{body}");
    }
    for body in ["{}", "[]", "7", r#"{"key":7}"#, r#"{"data":{"key":""}}"#] {
        let (server, provider) = provider_with_response(ServerResponse::json(200, body)).await;
        let error = administer(&provider, create()).await.unwrap_err();
        let ProviderError::Malformed { why } = error else {
            panic!("{error:?}");
        };
        assert!(why.contains("revoke"), "{why}");
        assert_eq!(server.count(), 1, "a key is never asked for twice");
    }
}

#[tokio::test]
async fn a_list_and_a_usage_never_hold_a_key() {
    let item = format!(
        r#"{{"id":"k-1","name":"Nightly","key":"{CREATED_KEY}","last_used":"2026-03-01","deep":[{{"secret":"{CREATED_KEY}","n":1}}]}}"#
    );
    for body in [
        format!("[{item}]"),
        format!(r#"{{"success":true,"keys":[{item}]}}"#),
        format!(r#"{{"data":[{item}],"new":1}}"#),
    ] {
        let (_, provider) = provider_with_response(ServerResponse::json(200, &body)).await;
        let ApiKeyResponse::List(list) = administer(&provider, ApiKeyRequest::List).await.unwrap()
        else {
            panic!("no list");
        };
        let ApiKeyRecord { id, name, more } = &list[0];
        assert_eq!(
            (id, name),
            (&Some(RawText::from("k-1")), &Some(RawText::from("Nightly")))
        );
        let more = serde_json::to_string(more).unwrap();
        assert_eq!(more, r#"{"deep":[{"n":1}],"last_used":"2026-03-01"}"#);
        assert_eq!(list.len(), 1);
    }
    let body = format!(r#"{{"success":true,"data":{{"requests":12,"key":"{CREATED_KEY}"}}}}"#);
    let (_, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    let usage = administer(&provider, ApiKeyRequest::Usage { id: "k-1".into() }).await;
    let Ok(ApiKeyResponse::Usage(usage)) = usage else {
        panic!("{usage:?}");
    };
    assert_eq!(serde_json::to_string(&usage).unwrap(), r#"{"requests":12}"#);
}

#[tokio::test]
async fn a_key_is_revoked_by_any_good_status_and_by_no_web_page() {
    let json = [("content-type", "application/json")];
    for good in [
        ServerResponse::json(200, r#"{"success":true}"#),
        ServerResponse::new(200, &[], b""),
        ServerResponse::raw(
            "HTTP/1.1 204 No Content\r\n\r\n",
            crate::support::fault_server::ConnectionEnd::KeepAlive,
        ),
        ServerResponse::new(202, &json, b"null"),
        ServerResponse::new(200, &[("content-type", "text/plain")], b"ok"),
    ] {
        let (_, provider) = provider_with_response(good).await;
        assert_eq!(
            administer(&provider, revoke()).await,
            Ok(ApiKeyResponse::Revoked)
        );
    }
    let page = ServerResponse::new(200, &[("content-type", "text/html")], b"<p>log in</p>");
    for (bad, asked) in [
        (page, 1),
        (ServerResponse::json(404, "{}"), 1),
        (ServerResponse::json(503, "{}"), 1),
    ] {
        let (server, provider) = provider_with_response(bad).await;
        assert!(administer(&provider, revoke()).await.is_err());
        assert_eq!(server.count(), asked);
    }
}

#[tokio::test]
async fn a_refused_token_says_nothing_of_the_key_and_a_refusal_repeats_no_token() {
    let echo = format!(r#"{{"success":false,"message":"bad token {TOKEN}"}}"#);
    let (server, provider) = service(move |path, _| {
        path.starts_with("/api-keys/")
            .then(|| ServerResponse::json(401, &echo))
    })
    .await;
    let error = administer(&provider, ApiKeyRequest::List)
        .await
        .unwrap_err();
    assert_eq!(error, ProviderError::Unauthorised { status: 401 });
    assert!(provider.domains().unwrap().domains().await.is_ok());
    assert_eq!(server.count(), 2);
    let echo = format!(r#"{{"message":"bad token {TOKEN}"}}"#);
    let (_, provider) = provider_with_response(ServerResponse::json(400, echo)).await;
    let error = administer(&provider, ApiKeyRequest::List)
        .await
        .unwrap_err();
    assert_eq!(
        error,
        ProviderError::Rejected {
            status: 400,
            message: None
        }
    );
}

#[tokio::test]
async fn a_read_only_profile_makes_and_revokes_no_key_and_plain_http_carries_no_token() {
    let server = FaultServer::with_response(ServerResponse::json(200, "[]")).await;
    let mut settings = profile(&server);
    settings.read_only = true;
    let provider = connect(settings, fast_limits());
    for call in [create(), revoke()] {
        let refused = administer(&provider, call).await;
        assert!(matches!(refused, Err(ProviderError::Policy { .. })));
    }
    assert!(administer(&provider, ApiKeyRequest::List).await.is_ok());
    assert_eq!(server.count(), 1);
    let mut settings = profile(&server);
    settings.base_url = "http://provider.example/api/v1".into();
    settings.proxy = Some(server.url());
    (settings.allow_insecure_http, settings.insecure_http_flag) = (true, true);
    let provider = connect(settings, fast_limits());
    let refused = administer(&provider, ApiKeyRequest::List).await;
    assert!(matches!(refused, Err(ProviderError::Policy { .. })));
    assert_eq!(server.count(), 1);
    let odd = Secret::from("two\nlines".to_owned());
    let provider = connect(profile(&server), fast_limits());
    let refused = provider
        .api_keys()
        .unwrap()
        .administer(&odd, &ApiKeyRequest::List)
        .await;
    assert!(matches!(refused, Err(ProviderError::Policy { .. })));
    let odd = ApiKeyRequest::Revoke { id: "..".into() };
    assert!(matches!(
        administer(&provider, odd).await,
        Err(ProviderError::Policy { .. })
    ));
}
