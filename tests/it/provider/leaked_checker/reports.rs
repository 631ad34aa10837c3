//! The catalogue, pastes, the plan, and that every operation is reached.

use super::{
    LEAKED_CHECKER, PASTES, ServerResponse, display_texts, path, provider_with, requested_paths,
    service,
};
use stanch::entity::{
    account::ApiKeyRequest, breach::BreachQuery, error::ProviderError, lookup::Lookup,
    page::PageRequest, query::LeakQuery, raw_text::RawText, secret::Secret,
};
use std::collections::BTreeSet;

const PLAN: &str = r#"{"success":true,"data":{"SubscriptionName":"Pro"}}"#;

#[tokio::test]
async fn the_catalogue_is_read_whole_by_domain_and_by_kind() {
    let (server, provider) = service(|path, _| {
        let body = match path {
            "/external/breach/Bright Cart" | "/external/breach/Bright%20Cart" => {
                r#"{"Name":"BrightCart","Title":"Bright Cart","New":[]}"#
            }
            "/external/latestbreach" => r#"{"success":true,"data":{"Name":"Newest"}}"#,
            "/external/dataclasses" => r#"["Passwords","Account balances"]"#,
            "/external/pastesources" => r#"{"sources":["Pastebin","New one"]}"#,
            _ => return None,
        };
        Some(ServerResponse::json(200, body))
    })
    .await;
    let all = provider
        .catalogue()
        .unwrap()
        .breaches(&BreachQuery::default())
        .await
        .unwrap();
    assert_eq!(
        (all.len(), all[0].title.clone()),
        (2, Some(RawText::from("Bright Cart")))
    );
    let query = BreachQuery {
        domain: Some("brightcart.example".into()),
        spam: Some(false),
    };
    provider
        .catalogue()
        .unwrap()
        .breaches(&query)
        .await
        .unwrap();
    let one = provider
        .catalogue()
        .unwrap()
        .breach("Bright Cart")
        .await
        .unwrap();
    assert_eq!(one.name, RawText::from("BrightCart"));
    let newest = provider.catalogue().unwrap().latest_breach().await.unwrap();
    assert_eq!(newest.name, RawText::from("Newest"));
    let classes = provider.catalogue().unwrap().data_classes().await.unwrap();
    assert_eq!(display_texts(&classes), ["Passwords", "Account balances"]);
    let sources = provider.pastes().unwrap().services().await.unwrap();
    assert_eq!(display_texts(&sources), ["Pastebin", "New one"]);
    let expected = [
        "GET /external/breaches",
        "GET /external/breaches?domain=brightcart.example&isSpamList=false",
        "GET /external/breach/Bright%20Cart",
        "GET /external/latestbreach",
        "GET /external/dataclasses",
        "GET /external/pastesources",
    ];
    assert_eq!(requested_paths(&server), expected);
    let missing = provider.catalogue().unwrap().breach("Nothing").await;
    assert!(matches!(missing, Err(ProviderError::NotFound { .. })));
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_read_is_an_error() {
    for body in ["{}", "7", "[]", "[7]", r#"{"breaches":{}}"#] {
        let (_, provider) = service(move |_, _| Some(ServerResponse::json(200, body))).await;
        let all = provider
            .catalogue()
            .unwrap()
            .breaches(&BreachQuery::default())
            .await;
        let whole = all.is_ok_and(|all| all.is_complete());
        assert!(!whole, "{body}");
        assert!(
            provider.catalogue().unwrap().breach("x").await.is_err(),
            "{body}"
        );
        assert!(
            provider.catalogue().unwrap().latest_breach().await.is_err(),
            "{body}"
        );
        assert!(
            provider.catalogue().unwrap().data_classes().await.is_err(),
            "{body}"
        );
        let pastes = provider.pastes().unwrap().pastes("a@b.example").await;
        assert!(!pastes.is_ok_and(|all| all.is_complete()), "{body}");
    }
    let missing = provider_with("/external/breaches", 404, "{}").await.1;
    assert!(
        missing
            .catalogue()
            .unwrap()
            .breaches(&BreachQuery::default())
            .await
            .is_err()
    );
    let query = BreachQuery {
        domain: Some("clean.example".into()),
        spam: None,
    };
    assert!(missing.catalogue().unwrap().breaches(&query).await.is_err());
    let none = r#"{"success":false,"message":"No breaches could be found"}"#;
    let missing = provider_with("/external/breaches", 404, none).await.1;
    assert_eq!(
        missing.catalogue().unwrap().breaches(&query).await,
        Ok(Vec::new().into())
    );
    assert!(
        missing
            .catalogue()
            .unwrap()
            .breaches(&BreachQuery::default())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_filter_that_the_service_ignores_is_applied_here() {
    let (_, provider) = service(|_, _| None).await;
    for (domain, spam, expected) in [
        (Some("BrightCart.example."), None, vec!["BrightCart"]),
        (Some("other.example"), None, vec![]),
        (None, Some(true), vec!["OldForum"]),
        (None, Some(false), vec!["BrightCart"]),
        (Some("brightcart.example"), Some(true), vec![]),
    ] {
        let query = BreachQuery {
            domain: domain.map(str::to_owned),
            spam,
        };
        let found = provider
            .catalogue()
            .unwrap()
            .breaches(&query)
            .await
            .unwrap();
        let names: Vec<_> = found.iter().map(|one| one.name.as_str().unwrap()).collect();
        assert_eq!((names, found.is_complete()), (expected, true), "{query:?}");
    }
    let body = r#"["BrightCart",{"Name":"Other","Domain":"brightcart.example"}]"#;
    let (_, provider) = provider_with("/external/breaches", 200, body).await;
    let query = BreachQuery {
        domain: Some("brightcart.example".into()),
        spam: None,
    };
    let found = provider
        .catalogue()
        .unwrap()
        .breaches(&query)
        .await
        .unwrap();
    // What has only a name cannot be held against the filter.
    assert_eq!((found.len(), found.unreadable), (1, 1));
    let body = r#"{"Name":"Other"}"#;
    let (_, provider) = provider_with("/external/breach/OldForum", 200, body).await;
    assert!(matches!(
        provider.catalogue().unwrap().breach("OldForum").await,
        Err(ProviderError::Malformed { .. })
    ));
}

#[tokio::test]
async fn pastes_are_read_and_none_is_none() {
    let (server, provider) = provider_with("/external/pasteaccount/a@b.example", 200, PASTES).await;
    let pastes = provider
        .pastes()
        .unwrap()
        .pastes(" a@b.example ")
        .await
        .unwrap();
    assert_eq!(
        (pastes.len(), pastes[0].emails, pastes[1].emails),
        (2, Some(88), None)
    );
    assert_eq!((&pastes[1].title, &pastes[1].date), (&None, &None));
    assert_eq!(
        provider.pastes().unwrap().pastes("clean@b.example").await,
        Ok(Vec::new().into())
    );
    requested_paths(&server);
}

#[tokio::test]
async fn the_plan_tells_its_limits_and_odd_ones_too() {
    let body = r#"{"success":true,"data":{"SubscriptionName":"Premium","Description":"Mid tier","SubscribedUntil":"2027-01-31T23:59:59+00:00","Rpm":30,"DomainSearchMaxBreachedAccounts":500,"ApiSupported":true,"CcCheckLimit":5,"IsActive":true}}"#;
    let (server, provider) = provider_with("/external/subscription/status", 200, body).await;
    let plan = provider
        .subscription()
        .unwrap()
        .subscription()
        .await
        .unwrap();
    assert_eq!(plan.plan, Some(RawText::from("Premium")));
    assert_eq!(plan.until, Some(RawText::from("2027-01-31T23:59:59+00:00")));
    assert_eq!((plan.active, plan.rpm), (Some(true), Some(30)));
    assert_eq!(plan.limits["DomainSearchMaxBreachedAccounts"], 500);
    assert_eq!(plan.limits["CcCheckLimit"], 5);
    assert!(!plan.limits.contains_key("Rpm"));
    assert_eq!(
        requested_paths(&server),
        ["GET /external/subscription/status"]
    );
    let odd = r#"{"SubscriptionName":7,"Rpm":99999999999999,"IsActive":"no","New":{"x":[1e999]}}"#;
    let (_, provider) = provider_with("/external/subscription/status", 200, odd).await;
    let plan = provider
        .subscription()
        .unwrap()
        .subscription()
        .await
        .unwrap();
    assert_eq!((plan.rpm, plan.active), (None, None));
    let (_, provider) = provider_with("/external/subscription/status", 200, "[]").await;
    assert!(
        provider
            .subscription()
            .unwrap()
            .subscription()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_check_asks_for_the_service_and_then_for_the_plan() {
    let (server, provider) = provider_with("/external/subscription/status", 200, PLAN).await;
    provider.check().await.unwrap();
    let expected = ["GET /external/status", "GET /external/subscription/status"];
    assert_eq!(requested_paths(&server), expected);
    let (_, provider) = provider_with("/external/subscription/status", 401, "{}").await;
    let refused = ProviderError::Unauthorised { status: 401 };
    assert_eq!(provider.check().await, Err(refused));
}

#[tokio::test]
async fn every_operation_of_the_contract_is_reached() {
    let (server, provider) = provider_with("/external/subscription/status", 200, PLAN).await;
    provider.check().await.unwrap();
    provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
        .unwrap();
    let secret = |text: &str| Secret::from(text.to_owned());
    for lookup in [
        Lookup::Email("a@b.example".into()),
        Lookup::Domain("b.example".into()),
        Lookup::Password(secret("x")),
        Lookup::Card(secret("5555555555554444")),
        Lookup::Ssn(secret("0042")),
    ] {
        provider.lookup().unwrap().look_up(&lookup).await;
    }
    provider.catalogue().unwrap().breach("x").await.unwrap_err();
    provider
        .catalogue()
        .unwrap()
        .latest_breach()
        .await
        .unwrap_err();
    provider
        .catalogue()
        .unwrap()
        .data_classes()
        .await
        .unwrap_err();
    provider.pastes().unwrap().services().await.unwrap_err();
    let (name, id) = ("x".to_owned(), "k-1".to_owned());
    for call in [
        ApiKeyRequest::List,
        ApiKeyRequest::Create { name },
        ApiKeyRequest::Usage { id: id.clone() },
        ApiKeyRequest::Revoke { id },
    ] {
        provider
            .api_keys()
            .unwrap()
            .administer(&secret("t"), &call)
            .await
            .unwrap_err();
    }
    requested_paths(&server);
    let reached: BTreeSet<String> = server
        .requests()
        .iter()
        .map(|seen| {
            LEAKED_CHECKER
                .operation(&seen.method, &path(seen))
                .unwrap()
                .id
        })
        .collect();
    let all: BTreeSet<String> = LEAKED_CHECKER
        .operations()
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(all.len(), 21);
    assert_eq!(reached, all);
}
