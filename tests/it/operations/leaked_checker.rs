//! Leaked Checker's twenty-one operations.

use super::{
    OperationCoverage, OperationsFixture, assert_refused, assert_secret_only_in, connections,
    count_entities, every_connection, every_user, ids, users,
};
use crate::contracts::LEAKED_CHECKER;
use sha1::{Digest as _, Sha1};
use stanch::{
    demo::SystemName,
    entity::{
        account::{ApiKeyRequest, ApiKeyResponse},
        breach::BreachQuery,
        connection::ConnectionKind,
        key::{Kind, RemoteId},
        lookup::{Lookup, LookupAnswer, Verdict},
        page::PageRequest,
        query::LeakQuery,
        raw_text::RawText,
        secret::Secret,
    },
    provider::Provider,
};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

/// A watched domain that is proved, and one whose proof is pending.
const VERIFIED_DOMAIN: &str = "northlake.example";
const PENDING_DOMAIN: &str = "orchidhealth.example";

const PASSWORD: &str = "correct horse battery staple";
/// A card number that its scheme publishes for tests.
const CARD: &str = "5555555555554444";
const SSN: &str = "1234";

/// The operations that take no key, and those that take a token instead of one.
const PUBLIC: [&str; 2] = ["getApiStatus", "checkPasswordPrefix"];
const TOKEN_OPERATIONS: [&str; 4] = [
    "listApiKeys",
    "createApiKey",
    "revokeApiKey",
    "getApiKeyUsage",
];

async fn start(faults: &str) -> OperationsFixture {
    OperationsFixture::start(SystemName::LeakedChecker, &LEAKED_CHECKER, faults).await
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// Asks for everything, and judges it.
pub(super) async fn count() -> OperationCoverage {
    let rig = start("").await;
    call_all_operations(&rig).await;
    check_exchanges(&rig)
}

/// Judges every exchange; nothing secret is in a URL, and each operation has the one proof that it takes.
fn check_exchanges(rig: &OperationsFixture) -> OperationCoverage {
    for one in &rig.forwarder.exchanges() {
        let operation = LEAKED_CHECKER.operation(&one.method, &one.path).unwrap();
        let id = &operation.id[..];
        let keyed = one.headers.contains_key("x-api-key");
        let bearer = one.headers.contains_key("authorization");
        let wanted = (
            !PUBLIC.contains(&id) && !TOKEN_OPERATIONS.contains(&id),
            TOKEN_OPERATIONS.contains(&id),
        );
        assert_eq!((keyed, bearer), wanted, "{id}");
        assert_secret_only_in(one, PASSWORD, "");
        assert!(!one.target.contains(CARD) && !one.target.contains(SSN));
    }
    rig.check_exchanges(&[(rig.key(), "x-api-key"), (rig.demo.jwt(), "authorization")])
}

async fn call_all_operations(rig: &OperationsFixture) {
    let provider = rig.connect(|_| {});
    provider.check().await.unwrap();
    assert_eq!(
        provider
            .subscription()
            .unwrap()
            .subscription()
            .await
            .unwrap()
            .active,
        Some(true)
    );
    let domains = provider.domains().unwrap().domains().await.unwrap();
    assert!(domains.iter().any(|one| one.verified == Some(true)));
    assert!(domains.iter().any(|one| one.verified == Some(false)));
    let address = lists(&provider).await;
    catalogue(&provider, &address).await;
    lookups(&provider, &address).await;
    secrets(&provider).await;
    keys(rig, &provider).await;
}

/// Leaks, users and connections; the address of somebody in a paste.
async fn lists(provider: &Arc<dyn Provider>) -> String {
    let mut leaks = Vec::new();
    for index in 0.. {
        let page = PageRequest { index, size: 0 };
        let page = provider
            .leaks()
            .page(&LeakQuery::default(), page)
            .await
            .unwrap();
        assert_eq!(page.unreadable, 0);
        leaks.extend(ids(&page));
        if index + 1 >= page.next.page_count().unwrap() {
            break;
        }
    }
    let counted = provider.leaks().count(&LeakQuery::default()).await.unwrap();
    assert_eq!(counted, leaks.len() as u64);
    let people = every_user(provider).await;
    let things = every_connection(provider).await;
    assert!(things.iter().all(|one| one.kind == ConnectionKind::Breach));
    let counted = count_entities(provider, Kind::User).await.unwrap();
    assert_eq!(counted, [(None, people.len() as u64)]);
    let counted = count_entities(provider, Kind::Connection).await.unwrap();
    assert_eq!(
        counted,
        [(Some(ConnectionKind::Breach), things.len() as u64)]
    );
    let (batch, related) = provider.leaks().leak(&leaks[0]).await.unwrap();
    assert_eq!((batch.len(), related.users.len()), (1, 1));
    let (breach, related) = provider
        .connections()
        .unwrap()
        .connection(&things[0].key.id)
        .await
        .unwrap();
    assert_eq!(breach.key, things[0].key);
    assert!(!related.users.is_empty());
    for person in &people {
        let (_, related) = provider
            .users()
            .unwrap()
            .user(&person.key.id)
            .await
            .unwrap();
        let mut connections = related.connections.iter();
        if connections.any(|one| one.kind == ConnectionKind::Paste) {
            return person.login.as_str().unwrap().to_owned();
        }
    }
    panic!("nobody is in a paste");
}

async fn catalogue(provider: &Arc<dyn Provider>, address: &str) {
    let all = provider
        .catalogue()
        .unwrap()
        .breaches(&BreachQuery::default())
        .await
        .unwrap();
    assert!(all.len() > 100, "a real catalogue");
    for (domain, spam) in [
        (Some("adobe.com"), None),
        (None, Some(true)),
        (Some("nowhere.example"), Some(false)),
    ] {
        let query = BreachQuery {
            domain: domain.map(str::to_owned),
            spam,
        };
        assert!(
            provider
                .catalogue()
                .unwrap()
                .breaches(&query)
                .await
                .unwrap()
                .len()
                < all.len()
        );
    }
    assert!(
        provider
            .catalogue()
            .unwrap()
            .breach("Adobe")
            .await
            .unwrap()
            .accounts
            .is_some()
    );
    let latest = provider.catalogue().unwrap().latest_breach().await.unwrap();
    assert!(all.iter().any(|one| one.name == latest.name));
    assert!(
        !provider
            .catalogue()
            .unwrap()
            .data_classes()
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !provider
            .pastes()
            .unwrap()
            .services()
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !provider
            .pastes()
            .unwrap()
            .pastes(address)
            .await
            .unwrap()
            .is_empty()
    );
}

/// The operations of a lookup and what each found.
fn verdicts(answers: &[LookupAnswer]) -> Vec<(&'static str, Verdict)> {
    let one = |answer: &LookupAnswer| {
        let finding = answer.result.as_ref().unwrap_or_else(|error| {
            panic!("{}: {error}", answer.operation);
        });
        (answer.operation, finding.verdict)
    };
    answers.iter().map(one).collect()
}

async fn lookups(provider: &Arc<dyn Provider>, address: &str) {
    let answers = provider
        .lookup()
        .unwrap()
        .look_up(&Lookup::Email(address.to_owned()))
        .await;
    let found = verdicts(&answers);
    let of = |id: &str| found.iter().find(|(known, _)| *known == id).unwrap().1;
    for id in [
        "listBreachesForAccount",
        "listBreachesForEmail",
        "listPastesForAccount",
    ] {
        assert_eq!(of(id), Verdict::Found, "{id}");
    }
    assert_eq!(found.len(), 4);
    let (_, domain) = address.split_once('@').unwrap();
    let answers = provider
        .lookup()
        .unwrap()
        .look_up(&Lookup::Domain(domain.to_owned()))
        .await;
    assert_eq!(
        verdicts(&answers)[..2],
        [
            ("listBreachedAliases", Verdict::Found),
            ("listBreachesForDomain", Verdict::Found)
        ]
    );
    // Somebody whose card is known, so that the operation for it answers with something.
    let login = card_holder(provider).await;
    let answers = provider
        .lookup()
        .unwrap()
        .look_up(&Lookup::Email(login))
        .await;
    assert!(verdicts(&answers).contains(&("listCardBreachesForEmail", Verdict::Found)));
}

/// Somebody in a breach that holds cards.
async fn card_holder(provider: &Arc<dyn Provider>) -> String {
    let holds_cards = |class: &RawText| {
        let class = class.as_str().unwrap_or_default().to_lowercase();
        class.contains("credit card") || class.contains("payment")
    };
    for thing in every_connection(provider).await {
        if thing
            .breach
            .is_some_and(|breach| breach.data_classes.iter().any(holds_cards))
        {
            let (_, related) = provider
                .connections()
                .unwrap()
                .connection(&thing.key.id)
                .await
                .unwrap();
            return related.users[0].login.as_str().unwrap().to_owned();
        }
    }
    panic!("nobody is in a breach that holds cards");
}

async fn secrets(provider: &Arc<dyn Provider>) {
    for (lookup, operation) in [
        (Lookup::Password(secret(PASSWORD)), "checkPasswordPrefix"),
        (Lookup::Card(secret(CARD)), "checkCard"),
        (Lookup::Ssn(secret(SSN)), "checkSsn"),
    ] {
        let answers = provider.lookup().unwrap().look_up(&lookup).await;
        let found = verdicts(&answers);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, operation);
        // Whether this password is known is the stand-in's draw; the card and the number are known.
        assert!(operation == "checkPasswordPrefix" || found[0].1 == Verdict::Found);
    }
}

async fn keys(rig: &OperationsFixture, provider: &Arc<dyn Provider>) {
    let token = secret(rig.demo.jwt());
    let ask = async |call: ApiKeyRequest| {
        provider
            .api_keys()
            .unwrap()
            .administer(&token, &call)
            .await
            .unwrap()
    };
    let name = "Nightly job".to_owned();
    let ApiKeyResponse::Created { id, key, .. } = ask(ApiKeyRequest::Create { name }).await else {
        panic!("no key");
    };
    let id = id.unwrap().as_str().unwrap().to_owned();
    let new = rig.connect_with(std::str::from_utf8(key.expose()).unwrap(), |_| {});
    new.subscription().unwrap().subscription().await.unwrap();
    let ApiKeyResponse::List(all) = ask(ApiKeyRequest::List).await else {
        panic!("no list");
    };
    assert_eq!(all.len(), 2);
    let usage = ask(ApiKeyRequest::Usage { id: id.clone() }).await;
    assert!(matches!(usage, ApiKeyResponse::Usage(members) if !members.is_empty()));
    let revoked = ask(ApiKeyRequest::Revoke { id }).await;
    assert_eq!(revoked, ApiKeyResponse::Revoked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_password_five_characters_of_its_hash_leave() {
    let rig = start("").await;
    secrets(&rig.connect(|_| {})).await;
    check_exchanges(&rig);
    let mut hash = String::new();
    for byte in Sha1::digest(PASSWORD.as_bytes()) {
        write!(hash, "{byte:02X}").unwrap();
    }
    let seen = rig.forwarder.exchanges();
    let asked: Vec<&str> = seen.iter().map(|one| &one.path[..]).collect();
    let prefix = format!("/external/leakedpassword/{}", &hash[..5]);
    assert_eq!(
        asked,
        [&prefix, "/external/breachedcc", "/external/breachedssn"]
    );
    assert_eq!(seen[0].headers["add-padding"], "true");
    // The rest of it may be in the answer; it is in no request.
    for one in &seen {
        let sent = format!("{} {:?} {:?}", one.target, one.headers, one.body);
        assert!(!sent.to_uppercase().contains(&hash[5..]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truth_value_is_as_described_and_proves_nothing() {
    let rig = start("boolean").await;
    let provider = rig.connect(|_| {});
    let answers = provider
        .lookup()
        .unwrap()
        .look_up(&Lookup::Password(secret(PASSWORD)))
        .await;
    assert_eq!(
        verdicts(&answers),
        [("checkPasswordPrefix", Verdict::Inconclusive)]
    );
    check_exchanges(&rig);
}

#[expect(clippy::too_many_lines, reason = "every operation once")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_or_token_is_refused_as_described_by_every_operation() {
    let rig = start("").await;
    let (query, page) = (LeakQuery::default(), PageRequest::default());
    assert_refused(&rig.connect_with_wrong_key().check().await, 401);
    assert_refused(
        &rig.connect_with_wrong_key()
            .leaks()
            .page(&query, page)
            .await,
        401,
    );
    assert_refused(&users(&rig.connect_with_wrong_key(), page).await, 401);
    assert_refused(&connections(&rig.connect_with_wrong_key(), page).await, 401);
    let breach = RemoteId::from("breach:Adobe");
    assert_refused(
        &rig.connect_with_wrong_key()
            .connections()
            .unwrap()
            .connection(&breach)
            .await,
        401,
    );
    let all = BreachQuery::default();
    assert_refused(
        &rig.connect_with_wrong_key()
            .catalogue()
            .unwrap()
            .breaches(&all)
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .catalogue()
            .unwrap()
            .latest_breach()
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .catalogue()
            .unwrap()
            .data_classes()
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .pastes()
            .unwrap()
            .services()
            .await,
        401,
    );
    assert_refused(
        &rig.connect_with_wrong_key()
            .pastes()
            .unwrap()
            .pastes("a@b.example")
            .await,
        401,
    );
    let lookups = [
        Lookup::Email(format!("nobody@{VERIFIED_DOMAIN}")),
        Lookup::Domain(VERIFIED_DOMAIN.to_owned()),
        Lookup::Card(secret(CARD)),
        Lookup::Ssn(secret(SSN)),
    ];
    for lookup in &lookups {
        for answer in rig
            .connect_with_wrong_key()
            .lookup()
            .unwrap()
            .look_up(lookup)
            .await
        {
            assert_refused(&answer.result, 401);
        }
    }
    let wrong = secret("a.b.c");
    let id = || "key-1".to_owned();
    for call in [
        ApiKeyRequest::List,
        ApiKeyRequest::Create { name: id() },
        ApiKeyRequest::Revoke { id: id() },
        ApiKeyRequest::Usage { id: id() },
    ] {
        let provider = rig.connect(|_| {});
        assert_refused(
            &provider.api_keys().unwrap().administer(&wrong, &call).await,
            401,
        );
    }
    let count = check_exchanges(&rig);
    // What needs no key is all that was answered.
    assert_eq!(count.exercised, BTreeSet::from(["getApiStatus".to_owned()]));
    // A client that is refused asks no more: these come behind another operation of the same question.
    let behind = [
        "listBreachesForEmail",
        "listCardBreachesForEmail",
        "listBreachesForDomain",
    ];
    let asked = count
        .all
        .iter()
        .filter(|id| !PUBLIC.contains(&&id[..]) && !behind.contains(&&id[..]));
    for operation in asked {
        assert_eq!(
            rig.statuses_by_operation(operation),
            BTreeSet::from([401]),
            "{operation}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_known_or_not_ours_is_answered_as_described() {
    let rig = start("").await;
    let provider = rig.connect(|_| {});
    // Nobody knows this address: 404 is the answer that it is clean.
    let nobody = Lookup::Email(format!("nobody@{VERIFIED_DOMAIN}"));
    let answers = provider.lookup().unwrap().look_up(&nobody).await;
    assert!(
        verdicts(&answers)
            .iter()
            .all(|(_, verdict)| *verdict == Verdict::Clean)
    );
    for operation in [
        "listBreachesForAccount",
        "listBreachesForEmail",
        "listPastesForAccount",
        "listCardBreachesForEmail",
    ] {
        assert_eq!(
            rig.statuses_by_operation(operation),
            BTreeSet::from([404]),
            "{operation}"
        );
    }
    assert_refused(
        &provider.catalogue().unwrap().breach("NoSuchBreach").await,
        404,
    );
    for (name, status) in [(PENDING_DOMAIN, 403), ("nonsense", 400)] {
        let answers = provider
            .lookup()
            .unwrap()
            .look_up(&Lookup::Domain(name.to_owned()))
            .await;
        for answer in &answers[..2] {
            assert_refused(&answer.result, status);
        }
    }
    // The contract has no answer for a key that is not there; ours is set aside.
    let token = secret(rig.demo.jwt());
    let id = || "key-99".to_owned();
    for call in [
        ApiKeyRequest::Revoke { id: id() },
        ApiKeyRequest::Usage { id: id() },
    ] {
        assert_refused(
            &provider.api_keys().unwrap().administer(&token, &call).await,
            404,
        );
    }
    check_exchanges(&rig);
    let seen = rig.forwarder.exchanges();
    let aside = seen
        .iter()
        .filter(|one| super::is_set_aside(rig.system, one));
    assert_eq!(aside.count(), 2);
}
