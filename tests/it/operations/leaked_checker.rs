//! Leaked Checker's twenty-one operations.

use super::{
    Count, Rig, assert_refused, connections, count_of, every_connection, every_user, ids, only_in,
    users,
};
use crate::contracts::LEAKED_CHECKER;
use sha1::{Digest as _, Sha1};
use stanch::{
    demo::SystemName,
    entity::{
        breach::BreachQuery,
        connection::Form,
        key::{Kind, RemoteId},
        lookup::{Lookup, LookupAnswer, Verdict},
        page::PageToken,
        query::LeakQuery,
        report::{ApiKeyAnswer, ApiKeyCall},
        secret::Secret,
        text::Text,
    },
    provider::Provider,
};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

/// A watched domain that is proved, and one whose proof is pending.
const PROVED: &str = "northlake.example";
const PENDING: &str = "orchidhealth.example";

const PASSWORD: &str = "correct horse battery staple";
/// A card number that its scheme publishes for tests.
const CARD: &str = "5555555555554444";
const SSN: &str = "1234";

/// The operations that take no key, and those that take a token instead of one.
const PUBLIC: [&str; 2] = ["getApiStatus", "checkPasswordPrefix"];
const BY_TOKEN: [&str; 4] = [
    "listApiKeys",
    "createApiKey",
    "revokeApiKey",
    "getApiKeyUsage",
];

async fn start(faults: &str) -> Rig {
    Rig::start(SystemName::LeakedChecker, &LEAKED_CHECKER, faults).await
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// Asks for everything, and judges it.
pub(super) async fn count() -> Count {
    let rig = start("").await;
    ask_everything(&rig).await;
    judge(&rig)
}

/// Judges every exchange; nothing secret is in a URL, and each operation has the one proof that it takes.
fn judge(rig: &Rig) -> Count {
    for one in &rig.forwarder.seen() {
        let operation = LEAKED_CHECKER.operation(&one.method, &one.path).unwrap();
        let id = &operation.id[..];
        let keyed = one.headers.contains_key("x-api-key");
        let bearer = one.headers.contains_key("authorization");
        let wanted = (
            !PUBLIC.contains(&id) && !BY_TOKEN.contains(&id),
            BY_TOKEN.contains(&id),
        );
        assert_eq!((keyed, bearer), wanted, "{id}");
        only_in(one, PASSWORD, "");
        assert!(!one.target.contains(CARD) && !one.target.contains(SSN));
    }
    rig.judge(&[(rig.key(), "x-api-key"), (rig.demo.jwt(), "authorization")])
}

async fn ask_everything(rig: &Rig) {
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
        let page = PageToken { index, size: 0 };
        let page = provider
            .leaks()
            .page(&LeakQuery::default(), page)
            .await
            .unwrap();
        assert_eq!(page.unreadable, 0);
        leaks.extend(ids(&page));
        if index + 1 >= page.next.pages().unwrap() {
            break;
        }
    }
    let counted = provider.leaks().count(&LeakQuery::default()).await.unwrap();
    assert_eq!(counted, leaks.len() as u64);
    let people = every_user(provider).await;
    let things = every_connection(provider).await;
    assert!(things.iter().all(|one| one.form == Form::Breach));
    let counted = count_of(provider, Kind::User).await.unwrap();
    assert_eq!(counted, [(None, people.len() as u64)]);
    let counted = count_of(provider, Kind::Connection).await.unwrap();
    assert_eq!(counted, [(Some(Form::Breach), things.len() as u64)]);
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
        if connections.any(|one| one.form == Form::Paste) {
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
    let latest = provider.catalogue().unwrap().latest().await.unwrap();
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
    let holds_cards = |class: &Text| {
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

async fn keys(rig: &Rig, provider: &Arc<dyn Provider>) {
    let token = secret(rig.demo.jwt());
    let ask = async |call: ApiKeyCall| {
        provider
            .api_keys()
            .unwrap()
            .administer(&token, &call)
            .await
            .unwrap()
    };
    let name = "Nightly job".to_owned();
    let ApiKeyAnswer::Created { id, key, .. } = ask(ApiKeyCall::Create { name }).await else {
        panic!("no key");
    };
    let id = id.unwrap().as_str().unwrap().to_owned();
    let new = rig.connect_with(std::str::from_utf8(key.expose()).unwrap(), |_| {});
    new.subscription().unwrap().subscription().await.unwrap();
    let ApiKeyAnswer::List(all) = ask(ApiKeyCall::List).await else {
        panic!("no list");
    };
    assert_eq!(all.len(), 2);
    let usage = ask(ApiKeyCall::Usage { id: id.clone() }).await;
    assert!(matches!(usage, ApiKeyAnswer::Usage(members) if !members.is_empty()));
    let revoked = ask(ApiKeyCall::Revoke { id }).await;
    assert_eq!(revoked, ApiKeyAnswer::Revoked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_password_five_characters_of_its_hash_leave() {
    let rig = start("").await;
    secrets(&rig.connect(|_| {})).await;
    judge(&rig);
    let mut hash = String::new();
    for byte in Sha1::digest(PASSWORD.as_bytes()) {
        write!(hash, "{byte:02X}").unwrap();
    }
    let seen = rig.forwarder.seen();
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
    judge(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_or_token_is_refused_as_described_by_every_operation() {
    let rig = start("").await;
    let (query, page) = (LeakQuery::default(), PageToken::default());
    assert_refused(&rig.stranger().check().await, 401);
    assert_refused(&rig.stranger().leaks().page(&query, page).await, 401);
    assert_refused(&users(&rig.stranger(), page).await, 401);
    assert_refused(&connections(&rig.stranger(), page).await, 401);
    let breach = RemoteId::from("breach:Adobe");
    assert_refused(
        &rig.stranger()
            .connections()
            .unwrap()
            .connection(&breach)
            .await,
        401,
    );
    let all = BreachQuery::default();
    assert_refused(
        &rig.stranger().catalogue().unwrap().breaches(&all).await,
        401,
    );
    assert_refused(&rig.stranger().catalogue().unwrap().latest().await, 401);
    assert_refused(
        &rig.stranger().catalogue().unwrap().data_classes().await,
        401,
    );
    assert_refused(&rig.stranger().pastes().unwrap().services().await, 401);
    assert_refused(
        &rig.stranger().pastes().unwrap().pastes("a@b.example").await,
        401,
    );
    let lookups = [
        Lookup::Email(format!("nobody@{PROVED}")),
        Lookup::Domain(PROVED.to_owned()),
        Lookup::Card(secret(CARD)),
        Lookup::Ssn(secret(SSN)),
    ];
    for lookup in &lookups {
        for answer in rig.stranger().lookup().unwrap().look_up(lookup).await {
            assert_refused(&answer.result, 401);
        }
    }
    let wrong = secret("a.b.c");
    let id = || "key-1".to_owned();
    for call in [
        ApiKeyCall::List,
        ApiKeyCall::Create { name: id() },
        ApiKeyCall::Revoke { id: id() },
        ApiKeyCall::Usage { id: id() },
    ] {
        let provider = rig.connect(|_| {});
        assert_refused(
            &provider.api_keys().unwrap().administer(&wrong, &call).await,
            401,
        );
    }
    let count = judge(&rig);
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
            rig.answers_of(operation),
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
    let nobody = Lookup::Email(format!("nobody@{PROVED}"));
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
            rig.answers_of(operation),
            BTreeSet::from([404]),
            "{operation}"
        );
    }
    assert_refused(
        &provider.catalogue().unwrap().breach("NoSuchBreach").await,
        404,
    );
    for (name, status) in [(PENDING, 403), ("nonsense", 400)] {
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
        ApiKeyCall::Revoke { id: id() },
        ApiKeyCall::Usage { id: id() },
    ] {
        assert_refused(
            &provider.api_keys().unwrap().administer(&token, &call).await,
            404,
        );
    }
    judge(&rig);
    let seen = rig.forwarder.seen();
    let aside = seen
        .iter()
        .filter(|one| super::is_set_aside(rig.system, one));
    assert_eq!(aside.count(), 2);
}
