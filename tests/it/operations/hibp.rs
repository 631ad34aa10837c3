//! Have I Been Pwned's seventeen operations.

use super::{
    OperationCoverage, OperationsFixture, assert_refused, assert_secret_only_in, count_entities,
    every_connection, every_user, ids,
};
use crate::contracts::HIBP;
use sha1::{Digest as _, Sha1};
use stanch::{
    demo::SystemName,
    entity::{
        account::{VerificationRequest, VerificationResponse, VerificationType},
        breach::BreachQuery,
        connection::ConnectionKind,
        error::ProviderError,
        key::{Kind, RemoteId},
        leak::LeakField,
        lookup::{Lookup, LookupAnswer, Verdict},
        option::OptionValue,
        page::PageRequest,
        query::LeakQuery,
        secret::Secret,
    },
    provider::Provider,
};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

const PASSWORD: &str = "correct horse battery staple";

/// The operations that take no key.
const PUBLIC: [&str; 5] = [
    "listBreaches",
    "getBreach",
    "getLatestBreach",
    "listDataClasses",
    "checkPasswordRange",
];

async fn start(faults: &str) -> OperationsFixture {
    OperationsFixture::start(SystemName::Hibp, &HIBP, faults).await
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// Asks for everything, and judges it.
pub(super) async fn count() -> OperationCoverage {
    let rig = start("").await;
    ask_everything(&rig).await;
    judge(&rig)
}

/// Judges every exchange: the key goes where it is asked for and nowhere else, and every program names itself.
fn judge(rig: &OperationsFixture) -> OperationCoverage {
    for one in &rig.forwarder.exchanges() {
        let operation = HIBP.operation(&one.method, &one.path).unwrap();
        let id = &operation.id[..];
        let keyed = one.headers.contains_key("hibp-api-key");
        assert_eq!(keyed, !PUBLIC.contains(&id), "{id}");
        let agent = one.headers["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("stanch/"), "{id}: H-08");
        assert_secret_only_in(one, PASSWORD, "");
        if id == "checkPasswordRange" {
            assert!(one.target.starts_with("/passwords/range/"), "H-30");
        }
    }
    rig.check_exchanges(&[(rig.key(), "hibp-api-key")])
}

async fn ask_everything(rig: &OperationsFixture) {
    let provider = rig.connect(|_| {});
    provider.check().await.unwrap();
    let plan = provider
        .subscription()
        .unwrap()
        .subscription()
        .await
        .unwrap();
    assert_eq!(
        (
            plan.rpm,
            plan.active,
            plan.limits["IncludesKAnon"].as_bool()
        ),
        (Some(1_000_000), Some(true), Some(true))
    );
    let domains = provider.domains().unwrap().domains().await.unwrap();
    assert_eq!(domains.len(), 3);
    assert!(domains.iter().all(|one| one.verified == Some(true)));
    let address = lists(&provider).await;
    catalogue(&provider, &address).await;
    lookups(rig, &address).await;
    passwords(&provider).await;
    proofs(&provider).await;
}

/// Leaks, users and connections; the address of somebody in a paste.
async fn lists(provider: &Arc<dyn Provider>) -> String {
    let mut leaks = Vec::new();
    let mut classes = BTreeSet::new();
    for index in 0.. {
        let page = PageRequest { index, size: 0 };
        let page = provider
            .leaks()
            .page(&LeakQuery::default(), page)
            .await
            .unwrap();
        assert_eq!((page.unreadable, page.contradiction.as_ref()), (0, None));
        classes.extend(
            page.leaks
                .iter()
                .map(|leak| leak.text(LeakField::Class).to_vec()),
        );
        leaks.extend(ids(&page));
        if index + 1 >= page.next.page_count().unwrap() {
            break;
        }
    }
    let wanted = [&b""[..], b"customer", b"employee"].map(<[u8]>::to_vec);
    assert_eq!(classes, BTreeSet::from(wanted));
    let distinct: BTreeSet<_> = leaks.iter().collect();
    assert_eq!(distinct.len(), leaks.len(), "every leak once");
    let counted = provider.leaks().count(&LeakQuery::default()).await.unwrap();
    assert_eq!(counted, leaks.len() as u64);
    let people = every_user(provider).await;
    let things = every_connection(provider).await;
    let counted = count_entities(provider, Kind::User).await.unwrap();
    assert_eq!(counted, [(None, people.len() as u64)]);
    let of = |form| things.iter().filter(|one| one.kind == form).count() as u64;
    let counted = count_entities(provider, Kind::Connection).await.unwrap();
    let wanted =
        [ConnectionKind::Breach, ConnectionKind::Resource].map(|form| (Some(form), of(form)));
    assert_eq!(counted, wanted);
    let of_kind = |part: &str| {
        let mut all = leaks.iter();
        all.find(|id| id.as_str().unwrap().contains("|log:") == (part == "log"))
            .unwrap()
    };
    for part in ["log", "breach"] {
        let (batch, related) = provider.leaks().leak(of_kind(part)).await.unwrap();
        assert_eq!((batch.len(), related.users.len()), (1, 1), "{part}");
    }
    for form in [ConnectionKind::Breach, ConnectionKind::Resource] {
        let thing = things.iter().find(|one| one.kind == form).unwrap();
        let source = provider.connections().unwrap();
        let (found, related) = source.connection(&thing.key.id).await.unwrap();
        assert_eq!(found.key, thing.key);
        assert!(!related.users.is_empty());
    }
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
    let catalogue = provider.catalogue().unwrap();
    let all = catalogue.breaches(&BreachQuery::default()).await.unwrap();
    assert!(all.len() > 40, "a real catalogue");
    for (domain, spam) in [
        (Some("adobe.com"), None),
        (None, Some(true)),
        (Some("nowhere.example"), Some(false)),
    ] {
        let query = BreachQuery {
            domain: domain.map(str::to_owned),
            spam,
        };
        assert!(catalogue.breaches(&query).await.unwrap().len() < all.len());
    }
    assert!(catalogue.breach("Adobe").await.unwrap().accounts.is_some());
    let latest = catalogue.latest_breach().await.unwrap();
    assert!(all.iter().any(|one| one.name == latest.name));
    assert!(!catalogue.data_classes().await.unwrap().is_empty());
    let pastes = provider.pastes().unwrap();
    assert!(!pastes.pastes(address).await.unwrap().is_empty());
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

async fn lookups(rig: &OperationsFixture, address: &str) {
    let email = Lookup::Email(address.to_owned());
    let by_range = rig.connect(|_| {});
    let answers = by_range.lookup().unwrap().look_up(&email).await;
    assert_eq!(
        verdicts(&answers),
        [("rangeBreachedAccounts", Verdict::Found)]
    );
    let by_address = rig.connect(|settings| {
        let word = OptionValue::Choice("address");
        settings.options.set("email_lookup", word);
    });
    let answers = by_address.lookup().unwrap().look_up(&email).await;
    let found = verdicts(&answers);
    assert_eq!(
        found[..2],
        [
            ("listBreachesForAccount", Verdict::Found),
            ("listPastesForAccount", Verdict::Found)
        ]
    );
    assert_eq!(found[2].0, "listStealerSitesForEmail");
    // Somebody in a log, so that the operation for it answers with something.
    let people = every_user(&by_address).await;
    let mut any = false;
    for person in people.iter().take(60) {
        let login = person.login.as_str().unwrap().to_owned();
        let answers = by_address
            .lookup()
            .unwrap()
            .look_up(&Lookup::Email(login))
            .await;
        any |= answers.iter().any(|answer| {
            answer.operation == "listStealerSitesForEmail" && answer.verdict() == Verdict::Found
        });
        if any {
            break;
        }
    }
    assert!(any, "nobody is in a log");
    let (_, domain) = address.split_once('@').unwrap();
    let answers = by_range
        .lookup()
        .unwrap()
        .look_up(&Lookup::Domain(domain.to_owned()))
        .await;
    let operations: Vec<_> = answers.iter().map(|answer| answer.operation).collect();
    assert_eq!(
        operations,
        [
            "listBreachedMailboxes",
            "listBreaches",
            "listStealerMailboxes",
            "listStealerEmailsForSite"
        ]
    );
}

async fn passwords(provider: &Arc<dyn Provider>) {
    for lookup in [
        Lookup::Password(secret(PASSWORD)),
        Lookup::Ntlm(secret(PASSWORD)),
    ] {
        let answers = provider.lookup().unwrap().look_up(&lookup).await;
        assert_eq!(verdicts(&answers), [("checkPasswordRange", Verdict::Found)]);
    }
}

async fn proofs(provider: &Arc<dyn Provider>) {
    let verify = async |call: VerificationRequest| {
        let proofs = provider.domain_verification().unwrap();
        proofs.verify(&call).await
    };
    let domain = || "new.example".to_owned();
    let request = |email: Option<&str>| VerificationRequest::Start {
        domain: domain(),
        method: VerificationType::Dns,
        email: email.map(str::to_owned),
    };
    let confirm = || VerificationRequest::Confirm {
        domain: domain(),
        method: VerificationType::Dns,
        email: None,
    };
    let VerificationResponse::Requested { string, .. } = verify(request(None)).await.unwrap()
    else {
        panic!("no record");
    };
    assert!(string.as_str().unwrap().starts_with("hibp-verify=dweb_"));
    let sent = verify(request(Some("postmaster@new.example"))).await;
    assert!(matches!(sent, Ok(VerificationResponse::Done { .. })));
    let early = verify(confirm()).await.unwrap_err();
    assert!(early.to_string().contains("not there yet"), "{early}");
    let done = verify(confirm()).await;
    assert!(matches!(done, Ok(VerificationResponse::Done { .. })));
    let VerificationResponse::List(all) = verify(VerificationRequest::Status).await.unwrap() else {
        panic!("no list");
    };
    assert_eq!(all.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_password_and_of_an_address_the_beginning_of_a_hash_leaves() {
    const ADDRESS: &str = "m.ortega@northlake.example";
    let hash = |text: &str| {
        let mut hash = String::new();
        for byte in Sha1::digest(text.as_bytes()) {
            write!(hash, "{byte:02X}").unwrap();
        }
        hash
    };
    let rig = start("").await;
    let provider = rig.connect(|_| {});
    let lookup = provider.lookup().unwrap();
    drop(lookup.look_up(&Lookup::Password(secret(PASSWORD))).await);
    drop(lookup.look_up(&Lookup::Email(ADDRESS.to_owned())).await);
    let seen = rig.forwarder.exchanges();
    let asked: Vec<&str> = seen.iter().map(|one| &one.target[..]).collect();
    let password = format!("/passwords/range/{}", &hash(PASSWORD)[..5]);
    let address = format!("/api/v3/breachedaccount/range/{}", &hash(ADDRESS)[..6]);
    assert_eq!(
        asked[..3],
        [&password, "/api/v3/subscription/status", &address]
    );
    assert_eq!(seen[0].headers["add-padding"], "true");
    let keys = seen
        .iter()
        .map(|one| one.headers.contains_key("hibp-api-key"));
    assert_eq!(keys.take(3).collect::<Vec<_>>(), [false, true, true]);
    for one in &seen {
        let sent = format!("{} {:?} {:?}", one.target, one.headers, one.body).to_uppercase();
        assert!(!sent.contains(&hash(PASSWORD)[5..]) && !sent.contains(&hash(ADDRESS)[6..]));
        assert!(!sent.contains("ORTEGA") && !sent.contains("HORSE"));
    }
    judge(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_refused_as_described_and_the_public_operations_answer() {
    for faults in ["", "bare-401"] {
        let rig = start(faults).await;
        let (query, page) = (LeakQuery::default(), PageRequest::default());
        assert_refused(&rig.connect_with_wrong_key().check().await, 401);
        assert_refused(
            &rig.connect_with_wrong_key()
                .leaks()
                .page(&query, page)
                .await,
            401,
        );
        let id = RemoteId::from("a@northlake.example");
        assert_refused(
            &rig.connect_with_wrong_key()
                .users()
                .unwrap()
                .user(&id)
                .await,
            401,
        );
        for lookup in [
            Lookup::Email("a@northlake.example".to_owned()),
            Lookup::Domain("northlake.example".to_owned()),
        ] {
            for answer in rig
                .connect_with_wrong_key()
                .lookup()
                .unwrap()
                .look_up(&lookup)
                .await
            {
                assert_refused(&answer.result, 401);
            }
        }
        let stranger = rig.connect_with_wrong_key();
        let catalogue = stranger.catalogue().unwrap();
        assert!(catalogue.latest_breach().await.is_ok());
        let missing = catalogue.breach("NoSuchBreach").await;
        assert_refused(&missing, 404);
        judge(&rig);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_known_or_not_in_the_plan_is_answered_as_described() {
    for faults in ["", "bare-404"] {
        let rig = start(faults).await;
        let by_address = rig.connect(|settings| {
            let word = OptionValue::Choice("address");
            settings.options.set("email_lookup", word);
        });
        for provider in [rig.connect(|_| {}), by_address] {
            let nobody = Lookup::Email("nobody@northlake.example".to_owned());
            let answers = provider.lookup().unwrap().look_up(&nobody).await;
            let mut all = verdicts(&answers).into_iter();
            assert!(
                all.all(|(_, verdict)| verdict == Verdict::Clean),
                "{faults}"
            );
        }
        let provider = rig.connect(|_| {});
        let foreign = Lookup::Domain("orchidhealth.example".to_owned());
        let answers = provider.lookup().unwrap().look_up(&foreign).await;
        assert_refused(&answers[0].result, 403);
        assert_eq!(answers[1].verdict(), Verdict::Clean, "the public answer");
        if faults.is_empty() {
            judge(&rig);
        }
    }
    let rig = start("no-plan").await;
    let error = rig.connect(|_| {}).check().await.unwrap_err();
    assert!(matches!(error, ProviderError::Payment { .. }), "{error:?}");
    judge(&rig);
    let rig = start("small-plan").await;
    let provider = rig.connect(|_| {});
    let page = provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(page.next.page_count(), Some(3), "no logs are asked for");
    let email = Lookup::Email("nobody@northlake.example".to_owned());
    let answers = provider.lookup().unwrap().look_up(&email).await;
    assert_eq!(answers.len(), 2, "the address itself was sent");
    let call = VerificationRequest::Start {
        domain: "new.example".to_owned(),
        method: VerificationType::Dns,
        email: None,
    };
    let proofs = provider.domain_verification().unwrap();
    assert_refused(&proofs.verify(&call).await, 403);
    judge(&rig);
}
