//! ProjectDiscovery's domains: related ones, proofs of ownership, verified ones, and the plan.

use super::super::support::fault_server::{
    FaultServer, RecordedRequest, ServerResponse, fast_limits,
};
use stanch::entity::account::{
    RelatedDomainQuery, VerificationRequest, VerificationResponse, VerificationType,
};

#[tokio::test]
async fn related_domains_are_paged_through_and_names_alone_come_as_text() {
    let server = FaultServer::start(|_, seen| match (seen.query("raw").as_deref(), seen.query("page").as_deref()) {
        (Some("true"), _) => ServerResponse::new(200, &[("content-type", "text/plain; charset=utf-8")], b"a.example\r\nb.example\n"),
        (_, Some("1")) => ServerResponse::json(200, r#"{"domain":"x.example","results":[{"domain":"a.example","sources":["whois_history"],"evidence":{"as_number":7}},{"domain":"b.example","sources":[]}],"sources":[],"total_pages":2}"#),
        _ => ServerResponse::json(200, r#"{"domain":"x.example","results":[{"domain":"c.example"}],"sources":[],"total_pages":2}"#),
    })
    .await;
    let provider = server.connect(fast_limits());
    let mut query = RelatedDomainQuery {
        domain: Some("x.example".into()),
        sources: vec!["whois_history".into(), "certificate_history".into()],
        active: Some(true),
        sort: Some("domain".into()),
        raw: false,
    };
    let found = provider
        .associated_domains()
        .unwrap()
        .list_associated(&query)
        .await
        .unwrap();
    let names: Vec<_> = found
        .iter()
        .map(|one| one.domain.as_str().unwrap())
        .collect();
    assert_eq!(names, ["a.example", "b.example", "c.example"]);
    assert_eq!(
        found[0].evidence.as_ref().unwrap().get(),
        r#"{"as_number":7}"#
    );
    let seen = &server.requests()[0];
    assert_eq!(
        seen.query("source").as_deref(),
        Some("whois_history,certificate_history")
    );
    assert_eq!(
        (
            seen.query("active").as_deref(),
            seen.query("sort").as_deref()
        ),
        (Some("true"), Some("domain"))
    );
    assert_eq!(server.count(), 2);
    query.raw = true;
    assert_eq!(
        provider
            .associated_domains()
            .unwrap()
            .list_associated(&query)
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_proof_of_ownership_walks_all_four_calls() {
    let server = FaultServer::start(|_, seen| match (&seen.method[..], seen.target.rsplit('/').next().unwrap()) {
        ("POST", "request") => ServerResponse::json(200, r#"{"domain":"x.example","verification_string":"abc123"}"#),
        ("POST", "confirm") => ServerResponse::json(200, r#"{"domain":"x.example","message":"Verified"}"#),
        ("DELETE", "request") => ServerResponse::json(200, r#"{"domain":"x.example","message":"Removed"}"#),
        _ => ServerResponse::json(200, r#"{"verification_requests":[{"domain":"x.example","status":"moved","created_at":"2026-01-01T00:00:00Z","verification_attempts":3}]}"#),
    })
    .await;
    let provider = server.connect(fast_limits());
    let domain = || "x.example".to_owned();
    for (how, words) in [
        (
            VerificationType::Dns,
            ["TXT", "projectdiscovery-verification=abc123"],
        ),
        (
            VerificationType::Html,
            [
                "<meta name=\"projectdiscovery-verification\"",
                "content=\"abc123\"",
            ],
        ),
        (
            VerificationType::File,
            ["https://x.example/pd-verification.txt", "abc123"],
        ),
    ] {
        let call = VerificationRequest::Start {
            domain: domain(),
            method: how,
            email: None,
        };
        let VerificationResponse::Requested {
            publish, string, ..
        } = provider
            .domain_verification()
            .unwrap()
            .verify(&call)
            .await
            .unwrap()
        else {
            panic!("a request is answered with what to publish");
        };
        assert_eq!(string.as_str(), Some("abc123"));
        assert!(words.iter().all(|word| publish.contains(word)), "{publish}");
    }
    let confirm = VerificationRequest::Confirm {
        domain: domain(),
        method: VerificationType::Html,
        email: Some("me@x.example".into()),
    };
    assert!(matches!(
        provider
            .domain_verification()
            .unwrap()
            .verify(&confirm)
            .await,
        Ok(VerificationResponse::Done { .. })
    ));
    let drop = VerificationRequest::Withdraw {
        domain: domain(),
        method: VerificationType::File,
    };
    assert!(matches!(
        provider.domain_verification().unwrap().verify(&drop).await,
        Ok(VerificationResponse::Done { .. })
    ));
    let Ok(VerificationResponse::List(list)) = provider
        .domain_verification()
        .unwrap()
        .verify(&VerificationRequest::Status)
        .await
    else {
        panic!("status lists");
    };
    assert_eq!(
        (list.len(), list[0].status.as_str(), list[0].attempts),
        (1, Some("moved"), Some(3))
    );
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(RecordedRequest::json)
        .collect();
    assert_eq!(bodies[0]["verification_type"], "dns_text_record");
    assert_eq!(
        bodies[3],
        serde_json::json!({"domain": "x.example", "verification_type": "html_meta_tag", "email": "me@x.example"})
    );
    assert_eq!(
        bodies[4],
        serde_json::json!({"domain": "x.example", "verification_type": "file_upload"})
    );
}

#[tokio::test]
async fn verified_domains_are_the_union_and_survive_one_missing_source() {
    let proofs = r#"{"verification_requests":[{"domain":"a.example","status":"verified"},{"domain":"p.example","status":"pending"}]}"#;
    let token = r#"{"subscription_type":"ENT","end_date":"2027-01-01T00:00:00Z","verified_domain":["A.example","b.example"],"scan_tokens":100,"is_scannable":true,"old_plan":null}"#;
    for (gone_proofs, gone_token, expected) in [
        (None, None, Some(vec!["a.example", "b.example"])),
        (Some(404), None, Some(vec!["A.example", "b.example"])),
        (None, Some(404), Some(vec!["a.example"])),
        (Some(405), Some(404), None),
        // That something is gone is what a gateway says, too.
        (None, Some(410), None),
        (Some(403), None, None),
        // And that nothing is found, in words that fit any path.
        (Some(4040), None, None),
        (None, Some(4040), None),
    ] {
        let server = FaultServer::start(move |_, seen| {
            let (gone, body) = if seen.target.ends_with("token") {
                (gone_token, token)
            } else {
                (gone_proofs, proofs)
            };
            gone.map_or_else(
                || ServerResponse::json(200, body),
                |status| match status {
                    4040 => ServerResponse::json(404, r#"{"message":"Not Found"}"#),
                    status => ServerResponse::json(
                        status,
                        r#"{"message":"Domain verification is not part of this plan"}"#,
                    ),
                },
            )
        })
        .await;
        let provider = server.connect(fast_limits());
        let found = provider.domains().unwrap().domains().await;
        let names: Option<Vec<_>> = found
            .as_ref()
            .ok()
            .map(|found| found.iter().map(|d| d.name.as_str().unwrap()).collect());
        assert_eq!(names, expected);
        if gone_token.is_none() {
            let plan = provider
                .subscription()
                .unwrap()
                .subscription()
                .await
                .unwrap();
            assert_eq!(plan.plan.unwrap().as_str(), Some("ENT"));
            let limits: Vec<_> = plan.limits.keys().map(String::as_str).collect();
            assert_eq!(limits, ["is_scannable", "old_plan", "scan_tokens"]);
        }
    }
}
