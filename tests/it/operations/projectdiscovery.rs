//! ProjectDiscovery's fifteen operations.

use super::{OperationCoverage, OperationsFixture, assert_refused};
use crate::contracts::PROJECTDISCOVERY;
use stanch::{
    demo::SystemName,
    entity::{
        account::{
            RelatedDomainQuery, StatsSubject, VerificationRequest, VerificationResponse,
            VerificationType,
        },
        change_response::{ChangeResponse, ReadBack},
        error::ProviderError,
        key::RemoteId,
        option::OptionValue,
        page::PageRequest,
        profile::AdapterSettings,
        query::{CountField, LeakQuery},
        status::Status,
    },
    provider::Provider,
};
use std::sync::Arc;

async fn start(faults: &str) -> OperationsFixture {
    OperationsFixture::start(SystemName::ProjectDiscovery, &PROJECTDISCOVERY, faults).await
}

/// Asks for everything, and judges it.
pub(super) async fn count() -> OperationCoverage {
    let rig = start("").await;
    call_all_operations(&rig).await;
    rig.check_exchanges(&[(rig.key(), "x-api-key")])
}

/// Everything that a provider can be asked, in every form that makes another request.
async fn call_all_operations(rig: &OperationsFixture) {
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
            .set("lists", OptionValue::Choice("deprecated"));
    });
    for index in 0.. {
        let page = PageRequest { index, size: 100 };
        let page = old.leaks().page(&LeakQuery::default(), page).await.unwrap();
        if page.leaks.iter().next().is_none() {
            break;
        }
    }
    let team = rig.connect(with_team);
    team.leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
        .unwrap();
    team.leaks().leak(&ids[0]).await.unwrap();
    team.domains().unwrap().domains().await.unwrap();
}

fn with_team(settings: &mut AdapterSettings) {
    settings.team_id = Some("team-1".to_owned());
    settings
        .options
        .set("team_everywhere", OptionValue::Flag(true));
}

async fn lists(provider: &Arc<dyn Provider>) -> Vec<RemoteId> {
    let page = provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
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
            .page(query, PageRequest::default())
            .await
            .unwrap();
        provider
            .export()
            .unwrap()
            .export(query, PageRequest::default(), false)
            .await
            .unwrap();
        provider
            .export()
            .unwrap()
            .export(query, PageRequest::default(), true)
            .await
            .unwrap();
        provider.leaks().count(query).await.unwrap();
    }
    for by in [
        CountField::Url,
        CountField::Country,
        CountField::DeviceIp,
        CountField::Hostname,
        CountField::Email,
        CountField::HardwareId,
    ] {
        provider
            .grouping()
            .unwrap()
            .count_grouped(&LeakQuery::default(), by)
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
        let answer = provider
            .statuses()
            .unwrap()
            .set_statuses(part, status)
            .await;
        assert!(matches!(answer, ChangeResponse::Accepted), "{answer:?}");
        let (readings, _) = provider.statuses().unwrap().read_back(part, status).await;
        assert_eq!(readings.len(), part.len());
        for (_, reading) in readings {
            let ReadBack::StatusWord(word) = reading else {
                panic!("{reading:?}");
            };
            assert_eq!(provider.leaks().parse_status(&word), status);
        }
    }
    let answer = provider
        .statuses()
        .unwrap()
        .set_statuses(&[missing], Status::Fixed)
        .await;
    assert!(
        matches!(answer, ChangeResponse::Refused { .. }),
        "{answer:?}"
    );
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
        RelatedDomainQuery::default(),
        RelatedDomainQuery {
            domain: Some("northlake.example".to_owned()),
            active: Some(true),
            ..RelatedDomainQuery::default()
        },
        RelatedDomainQuery {
            domain: Some("northlake.example".to_owned()),
            raw: true,
            ..RelatedDomainQuery::default()
        },
    ];
    for query in queries {
        provider
            .associated_domains()
            .unwrap()
            .list_associated(&query)
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
            .verify(&VerificationRequest::Start {
                domain: domain(),
                method: how,
                email: None,
            })
            .await
            .unwrap();
        assert!(matches!(requested, VerificationResponse::Requested { .. }));
        // The stand-in may find the proof or not; either answer is one of the file's.
        let confirmed = provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationRequest::Confirm {
                domain: domain(),
                method: how,
                email: Some("it@new.example".to_owned()),
            })
            .await;
        if let Err(error) = confirmed {
            assert!(matches!(error, ProviderError::Rejected { .. }), "{error:?}");
        }
        provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationRequest::Status)
            .await
            .unwrap();
        provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationRequest::Withdraw {
                domain: domain(),
                method: how,
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
        .page(&LeakQuery::default(), PageRequest::default())
        .await
        .unwrap();
    rig.check_exchanges(&[(rig.key(), "x-api-key")]);
    let seen = rig.forwarder.exchanges();
    assert!(seen.iter().any(|one| one.headers.contains_key("x-team-id")));
    assert!(seen.iter().any(|one| one.headers.contains_key("x-api-key")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bearer_key_is_in_its_header_alone() {
    let rig = start("bearer-only").await;
    let bearer = rig.connect(|settings| {
        settings.options.set("auth", OptionValue::Choice("bearer"));
    });
    let ids = lists(&bearer).await;
    changes(&bearer, &ids).await;
    proofs(&bearer).await;
    rig.check_exchanges(&[(rig.key(), "authorization")]);
    let seen = rig.forwarder.exchanges();
    assert!(
        seen.iter()
            .all(|one| one.headers.contains_key("authorization"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_and_what_is_not_there_are_refused_as_described() {
    let rig = start("").await;
    let query = LeakQuery::default();
    let page = PageRequest::default();
    assert_refused(
        &rig.connect_with_wrong_key()
            .leaks()
            .page(&query, page)
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key().leaks().count(&query).await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .leaks()
            .leak(&RemoteId::from(&"0".repeat(32)[..]))
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .domains()
            .unwrap()
            .domains()
            .await,
        401,
    );
    assert_refused(&rig.connect_with_wrong_key().check().await, 401);
    let missing = RemoteId::from(&"0".repeat(32)[..]);
    assert_refused(&rig.connect(|_| {}).leaks().leak(&missing).await, 404);
    rig.check_exchanges(&[(rig.key(), "x-api-key")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_forwarder_saw_what_the_stand_in_logged() {
    let rig = start("").await;
    call_all_operations(&rig).await;
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
        .exchanges()
        .into_iter()
        .map(|one| (one.method, one.path, one.status.into()))
        .collect();
    logged.sort();
    seen.sort();
    assert_eq!(seen, logged);
}
