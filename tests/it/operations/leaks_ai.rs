//! Leaks.ai's thirteen operations.

use super::{
    OperationCoverage, OperationsFixture, assert_refused, connections, count_entities,
    every_connection, every_user, ids, users,
};
use crate::contracts::LEAKS_AI;
use serde_json::json;
use stanch::{
    demo::SystemName,
    entity::{
        connection::{Connection, ConnectionKind},
        key::{Kind, RemoteId},
        leak::RiskLevel,
        page::PageRequest,
        query::LeakQuery,
        status::Status,
        user::User,
    },
    provider::Provider,
};
use std::{collections::BTreeSet, sync::Arc};

/// An id of the right shape that nothing has.
const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

async fn start(faults: &str) -> OperationsFixture {
    OperationsFixture::start(SystemName::LeaksAi, &LEAKS_AI, faults).await
}

/// Asks for everything, and judges it.
pub(super) async fn count() -> OperationCoverage {
    let rig = start("").await;
    call_all_operations(&rig).await;
    rig.check_exchanges(&[(rig.key(), "authorization")])
}

async fn call_all_operations(rig: &OperationsFixture) {
    let provider = rig.connect(|_| {});
    provider.check().await.unwrap();
    let domains = provider.domains().unwrap().domains().await.unwrap();
    assert!(domains.len() > 1);
    let people = every_user(&provider).await;
    let things = every_connection(&provider).await;
    assert!(!people.is_empty());
    let domain_ids: Vec<RemoteId> = domains.iter().map(|one| one.key.id.clone()).collect();
    let leak = leaks(&provider, &domain_ids, &people[0], &things).await;
    counts(&provider, people.len(), &things).await;
    let (batch, _) = provider.leaks().leak(&leak).await.unwrap();
    assert_eq!(batch.len(), 1);
    let (person, related) = provider
        .users()
        .unwrap()
        .user(&people[0].key.id)
        .await
        .unwrap();
    assert_eq!(person.key, people[0].key);
    assert!(!related.connections.is_empty());
    for form in [ConnectionKind::Endpoint, ConnectionKind::Resource] {
        let thing = connection_with_form(&things, form);
        let (found, related) = provider
            .connections()
            .unwrap()
            .connection(&thing.key.id)
            .await
            .unwrap();
        assert_eq!(found.key, thing.key);
        assert!(!related.users.is_empty(), "{form}");
    }
    assert!(
        connection_with_form(&things, ConnectionKind::Endpoint)
            .tree
            .is_some()
            || has_tree(&provider, &things).await
    );
}

fn connection_with_form(things: &[Connection], form: ConnectionKind) -> &Connection {
    things.iter().find(|one| one.kind == form).unwrap()
}

/// Whether some machine tells the files of its archive.
async fn has_tree(provider: &Arc<dyn Provider>, things: &[Connection]) -> bool {
    for thing in things
        .iter()
        .filter(|one| one.kind == ConnectionKind::Endpoint)
    {
        let (found, _) = provider
            .connections()
            .unwrap()
            .connection(&thing.key.id)
            .await
            .unwrap();
        if found.tree.is_some_and(|tree| tree.len() > 1) {
            return true;
        }
    }
    false
}

/// Lists of leaks in every form that makes another request, and the id of one.
async fn leaks(
    provider: &Arc<dyn Provider>,
    domain_ids: &[RemoteId],
    person: &User,
    things: &[Connection],
) -> RemoteId {
    let text = |text: &str| Some(text.to_owned());
    let queries = [
        LeakQuery::default(),
        LeakQuery {
            domain_ids: domain_ids[..1].to_vec(),
            statuses: vec![Status::New],
            risks: vec![RiskLevel::High],
            sort: vec![("risk_level".to_owned(), true)],
            ..LeakQuery::default()
        },
        LeakQuery {
            domain_ids: domain_ids[..2].to_vec(),
            statuses: vec![
                Status::New,
                Status::Investigating,
                Status::Fixed,
                Status::FalsePositive,
            ],
            risks: vec![RiskLevel::None, RiskLevel::Low, RiskLevel::Medium],
            sort: vec![
                ("first_seen".to_owned(), false),
                ("added_at".to_owned(), true),
            ],
            ..LeakQuery::default()
        },
        LeakQuery {
            login_part: text("@northlake"),
            url_part: text("https://"),
            url_path_part: text("/"),
            url_port: Some(443),
            ..LeakQuery::default()
        },
        LeakQuery {
            login_part: text("a+b & 100%/é"),
            ..LeakQuery::default()
        },
        LeakQuery {
            user: Some(person.key.id.clone()),
            ..LeakQuery::default()
        },
        LeakQuery {
            endpoint: Some(
                connection_with_form(things, ConnectionKind::Endpoint)
                    .key
                    .id
                    .clone(),
            ),
            ..LeakQuery::default()
        },
        LeakQuery {
            resource: Some(
                connection_with_form(things, ConnectionKind::Resource)
                    .key
                    .id
                    .clone(),
            ),
            ..LeakQuery::default()
        },
    ];
    let mut first = None;
    for query in &queries {
        let mut token = PageRequest::default();
        let mut rows = 0;
        loop {
            let page = provider.leaks().page(query, token).await.unwrap();
            assert_eq!(page.unreadable, 0);
            first = first.or_else(|| ids(&page).first().cloned());
            rows += page.leaks.len() as u64;
            if page.leaks.is_empty() {
                break;
            }
            token = PageRequest {
                index: token.index + 1,
                size: page.page_size,
            };
        }
        assert_eq!(
            provider.leaks().count(query).await.unwrap(),
            rows,
            "{query:?}"
        );
        let narrow = query.user.is_some() || query.endpoint.is_some() || query.resource.is_some();
        assert!(!narrow || rows > 0, "nothing came for {query:?}");
    }
    first.unwrap()
}

async fn counts(provider: &Arc<dyn Provider>, people: usize, things: &[Connection]) {
    let counted = count_entities(provider, Kind::User).await.unwrap();
    assert_eq!(counted, [(None, people as u64)]);
    let number = |form: ConnectionKind| things.iter().filter(|one| one.kind == form).count() as u64;
    let counted = count_entities(provider, Kind::Connection).await.unwrap();
    assert_eq!(
        counted,
        [ConnectionKind::Endpoint, ConnectionKind::Resource].map(|form| (Some(form), number(form)))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_values_are_sent_by_each_parameters_own_rule() {
    let rig = start("").await;
    call_all_operations(&rig).await;
    let seen = rig.forwarder.exchanges();
    let values = |name: &str| -> BTreeSet<Vec<String>> {
        let of = |one: &super::Exchange| {
            let named = one.query.iter().filter(|(known, _)| known == name);
            named.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        seen.iter().map(of).collect()
    };
    let joined = |values: &BTreeSet<Vec<String>>| {
        values
            .iter()
            .any(|one| one.len() == 1 && one[0].contains(','))
    };
    assert!(joined(&values("domain_id")), "commas between domains");
    assert!(joined(&values("sort")), "commas between sort keys");
    assert!(
        values("status").iter().any(|one| one.len() == 4),
        "a status is repeated"
    );
    assert!(values("password").iter().all(Vec::is_empty));
    let sizes = values("per_page");
    assert!(sizes.contains(&vec!["100".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_refused_as_described_by_every_operation() {
    let rig = start("").await;
    let query = LeakQuery::default();
    let page = PageRequest::default();
    let id = |prefix: &str| RemoteId::from(&format!("{prefix}{NOTHING}")[..]);
    assert_refused(&rig.connect_with_wrong_key().check().await, 401);
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
        &rig.connect_with_wrong_key().leaks().leak(&id("")).await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .users()
            .unwrap()
            .user(&id(""))
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .connections()
            .unwrap()
            .connection(&id("endpoint:"))
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .connections()
            .unwrap()
            .connection(&id("resource:"))
            .await,
        401,
    );
    assert_refused(&users(&rig.connect_with_wrong_key(), page).await, 401);
    assert_refused(&connections(&rig.connect_with_wrong_key(), page).await, 401);
    let resources = PageRequest {
        index: 1 << 31,
        size: 0,
    };
    assert_refused(
        &connections(&rig.connect_with_wrong_key(), resources).await,
        401,
    );
    assert_refused(
        &count_entities(&rig.connect_with_wrong_key(), Kind::User).await,
        401,
    );
    assert_refused(
        &count_entities(&rig.connect_with_wrong_key(), Kind::Connection).await,
        401,
    );
    let count = rig.check_exchanges(&[(rig.key(), "authorization")]);
    assert!(count.exercised.is_empty());
    // A client that is refused asks no more: the count of resources comes behind that of endpoints.
    let behind = "countResources";
    for operation in count.all.iter().filter(|id| *id != behind) {
        assert_eq!(
            rig.statuses_by_operation(operation),
            BTreeSet::from([401]),
            "{operation}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_or_not_ours_is_refused_as_described() {
    let rig = start("").await;
    let provider = rig.connect(|_| {});
    let id = |prefix: &str| RemoteId::from(&format!("{prefix}{NOTHING}")[..]);
    assert_refused(&provider.leaks().leak(&id("")).await, 404);
    assert_refused(&provider.users().unwrap().user(&id("")).await, 404);
    assert_refused(
        &provider
            .connections()
            .unwrap()
            .connection(&id("endpoint:"))
            .await,
        404,
    );
    assert_refused(
        &provider
            .connections()
            .unwrap()
            .connection(&id("resource:"))
            .await,
        404,
    );
    let page = provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
        .unwrap();
    let ids = ids(&page);
    for (id, status) in ids.iter().zip([403, 404]) {
        let refuse = json!({ id.as_str().unwrap(): status });
        rig.post_control("/leaks", &json!({ "leaks_ai": { "refuse": refuse } }))
            .await;
        assert_refused(&provider.leaks().leak(id).await, status);
    }
    rig.check_exchanges(&[(rig.key(), "authorization")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_line_decides_where_the_body_says_otherwise() {
    let rig = start("status-mismatch").await;
    assert_refused(&rig.connect_with_wrong_key().check().await, 401);
    let seen = rig.forwarder.exchanges();
    let body: serde_json::Value = serde_json::from_slice(&seen[0].answer).unwrap();
    assert_eq!((seen[0].status, &body["status"]), (401, &json!(400)));
    rig.check_exchanges(&[(rig.key(), "authorization")]);
}
