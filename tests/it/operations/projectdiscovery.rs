//! ProjectDiscovery's fifteen operations.

use super::{Count, Rig, assert_refused};
use crate::contracts::PROJECTDISCOVERY;
use stanch::{
    demo::SystemName,
    entity::{
        answer::{Answer, ReadBack},
        error::ProviderError,
        key::RemoteId,
        option::OptionValue,
        page::PageToken,
        profile::ProfileSettings,
        query::{GroupBy, LeakQuery},
        report::{
            AssociatedQuery, StatsSubject, VerificationAnswer, VerificationCall, VerificationType,
        },
        status::Status,
    },
    provider::Provider,
};
use std::sync::Arc;

async fn start(faults: &str) -> Rig {
    Rig::start(SystemName::ProjectDiscovery, &PROJECTDISCOVERY, faults).await
}

/// Asks for everything, and judges it.
pub(super) async fn count() -> Count {
    let rig = start("").await;
    ask_everything(&rig).await;
    rig.judge(&[(rig.key(), "x-api-key")])
}

/// Everything that a provider can be asked, in every form that makes another request.
async fn ask_everything(rig: &Rig) {
    let provider = rig.connect(|_| {});
    provider.check().await.unwrap();
    provider
        .subscription()
        .unwrap()
        .subscription()
        .await
        .unwrap();
    assert!(
        !provider
            .domains()
            .unwrap()
            .domains()
            .await
            .unwrap()
            .is_empty()
    );
    let ids = lists(&provider).await;
    changes(&provider, &ids).await;
    reports(&provider).await;
    proofs(&provider).await;
    let old = rig.connect(|settings| {
        settings
            .options
            .set("lists", OptionValue::Word("deprecated"));
    });
    for index in 0.. {
        let page = PageToken { index, size: 100 };
        let page = old.leaks().page(&LeakQuery::default(), page).await.unwrap();
        if page.leaks.iter().next().is_none() {
            break;
        }
    }
    let team = rig.connect(with_team);
    team.leaks()
        .page(&LeakQuery::default(), PageToken::default())
        .await
        .unwrap();
    team.leaks().leak(&ids[0]).await.unwrap();
    team.domains().unwrap().domains().await.unwrap();
}

fn with_team(settings: &mut ProfileSettings) {
    settings.team_id = Some("team-1".to_owned());
    settings
        .options
        .set("team_everywhere", OptionValue::Flag(true));
}

async fn lists(provider: &Arc<dyn Provider>) -> Vec<RemoteId> {
    let page = provider
        .leaks()
        .page(&LeakQuery::default(), PageToken::default())
        .await
        .unwrap();
    let ids: Vec<RemoteId> = super::ids(&page)
        .into_iter()
        .filter(|id| provider.leaks().accepts_id(id))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    let queries = [
        LeakQuery {
            domain: text("northlake.example"),
            status: Some(Status::Open),
            class: text("employee"),
            ..LeakQuery::default()
        },
        LeakQuery {
            search: text("vpn & 100%"),
            start_date: text("2025-01-01"),
            end_date: text("2026-03-01"),
            sort: vec![("log_date".to_owned(), true)],
            ..LeakQuery::default()
        },
        LeakQuery {
            email: text("marta.weber@sample.example.org"),
            status: Some(Status::Fixed),
            time_range: text("last_month"),
            ..LeakQuery::default()
        },
        LeakQuery {
            country: text("Spain"),
            url: text("https://sso.northlake.example/adfs/ls/"),
            device_ip: text("192.0.2.1"),
            hostname: text("WS-1"),
            hardware_id: text("HW"),
            ..LeakQuery::default()
        },
    ];
    for query in &queries {
        provider
            .leaks()
            .page(query, PageToken::default())
            .await
            .unwrap();
        provider
            .export()
            .unwrap()
            .export(query, PageToken::default(), false)
            .await
            .unwrap();
        provider
            .export()
            .unwrap()
            .export(query, PageToken::default(), true)
            .await
            .unwrap();
        provider.leaks().count(query).await.unwrap();
    }
    for by in [
        GroupBy::Url,
        GroupBy::Country,
        GroupBy::DeviceIp,
        GroupBy::Hostname,
        GroupBy::Email,
        GroupBy::HardwareId,
    ] {
        provider
            .grouping()
            .unwrap()
            .count_by(&LeakQuery::default(), by)
            .await
            .unwrap();
    }
    ids
}

async fn changes(provider: &Arc<dyn Provider>, ids: &[RemoteId]) {
    provider.leaks().leak(&ids[0]).await.unwrap();
    // Some are masked for everyone.
    let mut revealed = 0;
    for id in &ids[..10] {
        revealed += u32::from(provider.secrets().unwrap().reveal(id).await.is_ok());
    }
    assert!(revealed > 0);
    let missing = RemoteId::from(&"0".repeat(32)[..]);
    provider.leaks().leak(&missing).await.unwrap_err();
    for (part, status) in [
        (&ids[..1], Status::Fixed),
        (&ids[..25], Status::Fixed),
        (&ids[..25], Status::Open),
    ] {
        let answer = provider.statuses().unwrap().send(part, status).await;
        assert!(matches!(answer, Answer::Accepted), "{answer:?}");
        let (readings, _) = provider.statuses().unwrap().read_back(part, status).await;
        assert_eq!(readings.len(), part.len());
        for (_, reading) in readings {
            let ReadBack::Word(word) = reading else {
                panic!("{reading:?}");
            };
            assert_eq!(provider.leaks().status_of(&word), status);
        }
    }
    let answer = provider
        .statuses()
        .unwrap()
        .send(&[missing], Status::Fixed)
        .await;
    assert!(matches!(answer, Answer::Refused { .. }), "{answer:?}");
}

async fn reports(provider: &Arc<dyn Provider>) {
    for unmask in [false, true] {
        let domain = StatsSubject::Domain("northlake.example".to_owned());
        provider
            .stats()
            .unwrap()
            .stats(&domain, unmask)
            .await
            .unwrap();
        let email = StatsSubject::Email("marta.weber@sample.example.org".to_owned());
        provider
            .stats()
            .unwrap()
            .stats(&email, unmask)
            .await
            .unwrap();
    }
    let queries = [
        AssociatedQuery::default(),
        AssociatedQuery {
            domain: Some("northlake.example".to_owned()),
            active: Some(true),
            ..AssociatedQuery::default()
        },
        AssociatedQuery {
            domain: Some("northlake.example".to_owned()),
            raw: true,
            ..AssociatedQuery::default()
        },
    ];
    for query in queries {
        provider
            .associated_domains()
            .unwrap()
            .associated(&query)
            .await
            .unwrap();
    }
}

async fn proofs(provider: &Arc<dyn Provider>) {
    let domain = || "new.example".to_owned();
    for how in [
        VerificationType::Dns,
        VerificationType::Html,
        VerificationType::File,
    ] {
        let requested = provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationCall::Request {
                domain: domain(),
                how,
                email: None,
            })
            .await
            .unwrap();
        assert!(matches!(requested, VerificationAnswer::Requested { .. }));
        // The stand-in may find the proof or not; either answer is one of the file's.
        let confirmed = provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationCall::Confirm {
                domain: domain(),
                how,
                email: Some("it@new.example".to_owned()),
            })
            .await;
        if let Err(error) = confirmed {
            assert!(matches!(error, ProviderError::Rejected { .. }), "{error:?}");
        }
        provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationCall::Status)
            .await
            .unwrap();
        provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationCall::Drop {
                domain: domain(),
                how,
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_and_a_key_are_each_in_a_header() {
    let rig = start("").await;
    let team = rig.connect(with_team);
    team.leaks()
        .page(&LeakQuery::default(), PageToken::default())
        .await
        .unwrap();
    rig.judge(&[(rig.key(), "x-api-key")]);
    let seen = rig.forwarder.seen();
    assert!(seen.iter().any(|one| one.headers.contains_key("x-team-id")));
    assert!(seen.iter().any(|one| one.headers.contains_key("x-api-key")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bearer_key_is_in_its_header_alone() {
    let rig = start("bearer-only").await;
    let bearer = rig.connect(|settings| {
        settings.options.set("auth", OptionValue::Word("bearer"));
    });
    let ids = lists(&bearer).await;
    changes(&bearer, &ids).await;
    proofs(&bearer).await;
    rig.judge(&[(rig.key(), "authorization")]);
    let seen = rig.forwarder.seen();
    assert!(
        seen.iter()
            .all(|one| one.headers.contains_key("authorization"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_and_what_is_not_there_are_refused_as_described() {
    let rig = start("").await;
    let query = LeakQuery::default();
    let page = PageToken::default();
    assert_refused(&rig.stranger().leaks().page(&query, page).await, 401);
    assert_refused(&rig.stranger().leaks().count(&query).await, 401);
    assert_refused(
        &rig.stranger()
            .leaks()
            .leak(&RemoteId::from(&"0".repeat(32)[..]))
            .await,
        401,
    );
    assert_refused(&rig.stranger().domains().unwrap().domains().await, 401);
    assert_refused(&rig.stranger().check().await, 401);
    let missing = RemoteId::from(&"0".repeat(32)[..]);
    assert_refused(&rig.connect(|_| {}).leaks().leak(&missing).await, 404);
    rig.judge(&[(rig.key(), "x-api-key")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_forwarder_saw_what_the_stand_in_logged() {
    let rig = start("").await;
    ask_everything(&rig).await;
    let log = rig.control("/requests").await;
    let mut logged: Vec<(String, String, u64)> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            (
                text("method"),
                text("path"),
                one["status"].as_u64().unwrap(),
            )
        })
        .collect();
    let mut seen: Vec<(String, String, u64)> = rig
        .forwarder
        .seen()
        .into_iter()
        .map(|one| (one.method, one.path, one.status.into()))
        .collect();
    logged.sort();
    seen.sort();
    assert_eq!(seen, logged);
}
