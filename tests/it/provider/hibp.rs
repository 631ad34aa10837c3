//! Have I Been Pwned: the numbered quirks of its contract, each by a test that carries its number or by a sentence on why
//! no test can meet it.

use super::super::support::fault_server::{
    FaultServer, KEY, RecordedRequest, ServerResponse, fast_limits, settings,
};
use stanch::{
    entity::{
        account::{VerificationRequest, VerificationResponse, VerificationType},
        breach::BreachQuery,
        connection::ConnectionKind,
        error::ProviderError,
        key::{Kind, ProviderId, RemoteId},
        leak::LeakField,
        lookup::{Lookup, LookupAnswer, Verdict},
        option::OptionValue,
        page::{LeakPage, PageRequest},
        profile::AdapterSettings,
        query::{EntityQuery, LeakQuery},
        raw_text::RawText,
        secret::Secret,
    },
    provider::{Provider, registration},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// What no test can meet, or what another file's test does.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "H-10",
        "operations::hibp: the contract's own check of each request takes the spelling of OAS alone",
    ),
    (
        "H-26",
        "that a mailbox is in a breach and its list of logs is 404 is the default of the service here",
    ),
    (
        "H-29",
        "no number of lines is asserted anywhere: provider::breach::range counts none",
    ),
    (
        "H-33",
        "the bytes of an answer are zeroed when it is dropped (http::Wiped), and nothing of a range is kept or logged",
    ),
    (
        "H-44",
        "operations::hibp: bodies and answers are held against the contract's spelling",
    ),
    (
        "H-46",
        "answers::metamorphic: a list that was cut is never whole; http::body refuses what is too large",
    ),
    (
        "H-47",
        "provider::transport: no redirect is followed, whatever the scheme",
    ),
];

const PLAN: &str = r#"{"SubscriptionName":"Pro 1","Description":"x","SubscribedUntil":"2999-02-01T00:00:00","Rpm":1000,"DomainSearchMaxBreachedAccounts":100,"MaxBreachedDomains":null,"IncludesStealerLogs":true,"IncludesBulkDomainAdd":true,"IncludesKAnon":true}"#;
const NO_LOGS: &str = r#"{"SubscriptionName":"Core 1","Rpm":1000,"DomainSearchMaxBreachedAccounts":25,"IncludesStealerLogs":false,"IncludesKAnon":false}"#;
const DOMAINS: &str =
    r#"[{"DomainName":"acme.example","PwnCount":null},{"DomainName":"b.example","PwnCount":9}]"#;
const BREACHES: &str = r#"[{"Name":"BrightCart","Title":"Bright Cart","Domain":"brightcart.example","BreachDate":"2025-03-02","AddedDate":"2025-04-10T06:15Z","PwnCount":7,"Description":"<em>x</em>","LogoPath":"BrightCart.png","DataClasses":["Passwords","Retina scans"],"IsVerified":true,"IsSensitive":true,"IsSubscriptionFree":true,"New":[1]},{"Name":"Old","Title":"Old","Domain":"","BreachDate":"2019-01-01","AddedDate":"2019-01-02T00:00:00Z","IsVerified":false,"IsRetired":true,"Attribution":null}]"#;
/// `m.ortega@acme.example`: SHA-1 behind its first six characters.
const SUFFIX: &str = "50AEFFF0EE1DFD649ADAE66E12EE62E878";

type Reply = fn(&RecordedRequest) -> Option<ServerResponse>;

fn path(seen: &RecordedRequest) -> &str {
    seen.target.split('?').next().unwrap_or_default()
}

fn error(status: u16, message: &str) -> ServerResponse {
    ServerResponse::json(
        status,
        serde_json::json!({ "statusCode": status, "message": message }).to_string(),
    )
}

fn plain(status: u16, text: &str) -> ServerResponse {
    ServerResponse::new(status, &[("content-type", "text/plain")], text.as_bytes())
}

fn page_of_the_edge(status: u16) -> ServerResponse {
    let headers = [("content-type", "text/html"), ("cf-ray", "7f2c-ZRH")];
    ServerResponse::new(status, &headers, b"<html><h1>Please wait</h1></html>")
}

fn usual(seen: &RecordedRequest) -> ServerResponse {
    match path(seen) {
        "/subscription/status" => ServerResponse::json(200, PLAN),
        "/subscribeddomains" => ServerResponse::json(200, DOMAINS),
        "/breaches" => ServerResponse::json(200, BREACHES),
        "/breacheddomain/acme.example" => {
            ServerResponse::json(200, r#"{"M.Ortega":["brightcart"],"m.ortega":["Old"]}"#)
        }
        _ => error(404, "Not found"),
    }
}

/// A service that answers some requests otherwise.
async fn service(reply: Reply) -> (FaultServer, Arc<dyn Provider>) {
    service_with(reply, |_| {}).await
}

async fn service_with(
    reply: Reply,
    change: impl FnOnce(&mut AdapterSettings),
) -> (FaultServer, Arc<dyn Provider>) {
    let server =
        FaultServer::start(move |_, seen| reply(seen).unwrap_or_else(|| usual(seen))).await;
    let provider = connect_with(&server, change);
    (server, provider)
}

fn connect(server: &FaultServer) -> Arc<dyn Provider> {
    connect_with(server, |_| {})
}

fn connect_with(
    server: &FaultServer,
    change: impl FnOnce(&mut AdapterSettings),
) -> Arc<dyn Provider> {
    let mut profile = settings(&server.url());
    profile.provider = ProviderId::new("hibp");
    change(&mut profile);
    let key = Secret::from(KEY.to_owned());
    let row = registration("hibp").unwrap();
    (row.connect_with_limits)(profile, key, fast_limits()).unwrap()
}

fn by_address(profile: &mut AdapterSettings) {
    let word = OptionValue::Choice("address");
    profile.options.set("email_lookup", word);
}

fn targets(server: &FaultServer) -> Vec<String> {
    server
        .requests()
        .into_iter()
        .map(|seen| seen.target)
        .collect()
}

async fn page(provider: &Arc<dyn Provider>, index: u32) -> Result<LeakPage, ProviderError> {
    let token = PageRequest { index, size: 0 };
    provider.leaks().page(&LeakQuery::default(), token).await
}

/// The ids of all leaks, and what stood against taking them for all.
async fn all(provider: &Arc<dyn Provider>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut ids, mut left_out, mut contradictions) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0.. {
        let page = page(provider, index).await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        ids.extend(page.leaks.iter().map(|leak| text(leak.text(LeakField::Id))));
        left_out.extend(page.missing_domains.iter().map(|one| text(one.as_bytes())));
        contradictions.extend(page.contradiction.clone());
        if index + 1 >= page.next.page_count().unwrap() {
            return (ids, left_out, contradictions);
        }
    }
    unreachable!()
}

async fn email(provider: &Arc<dyn Provider>, address: &str) -> Vec<LookupAnswer> {
    let lookup = Lookup::Email(address.to_owned());
    provider.lookup().unwrap().look_up(&lookup).await
}

async fn password(provider: &Arc<dyn Provider>, ntlm: bool) -> LookupAnswer {
    let secret = Secret::from("hunter2".to_owned());
    let lookup = if ntlm {
        Lookup::Ntlm(secret)
    } else {
        Lookup::Password(secret)
    };
    let mut answers = provider.lookup().unwrap().look_up(&lookup).await;
    answers.remove(0)
}

fn verdicts(answers: &[LookupAnswer]) -> Vec<Verdict> {
    answers.iter().map(LookupAnswer::verdict).collect()
}

/// H-01, H-02, H-03, H-40: what a 404 means by operation, in which form, and only once the plan was read.
#[tokio::test]
async fn h01_h02_h03_h40_a_404_means_what_its_operation_says_in_the_services_own_form() {
    let clean: [Reply; 2] = [
        |_| None,
        |seen| {
            let is_account = path(seen).contains("account/");
            is_account.then(|| ServerResponse::new(404, &[], b""))
        },
    ];
    for reply in clean {
        let (_server, provider) = service_with(reply, by_address).await;
        let answers = email(&provider, "x@else.example").await;
        assert_eq!(verdicts(&answers), [Verdict::Clean; 2]);
    }
    let foreign: [Reply; 3] = [
        |seen| {
            let page = ServerResponse::new(404, &[("content-type", "text/html")], b"<h1>404</h1>");
            path(seen).contains("account/").then_some(page)
        },
        |seen| {
            let body = r#"{"statusCode":404,"message":"no route"}"#;
            path(seen)
                .contains("account/")
                .then(|| ServerResponse::json(404, body))
        },
        |seen| {
            path(seen)
                .contains("account/")
                .then(|| ServerResponse::json(404, "{}"))
        },
    ];
    for reply in foreign {
        let (_server, provider) = service_with(reply, by_address).await;
        let answers = email(&provider, "x@else.example").await;
        assert!(
            verdicts(&answers)
                .iter()
                .all(|one| *one == Verdict::Inconclusive)
        );
    }
    // A base path that is wrong: nothing at all is asked behind the plan that is not there.
    let (server, provider) = service_with(|_| Some(error(404, "Not found")), by_address).await;
    let answers = email(&provider, "x@else.example").await;
    assert_eq!(verdicts(&answers), [Verdict::Inconclusive]);
    assert_eq!(targets(&server), ["/subscription/status"]);
    assert!(matches!(
        answers[0].result,
        Err(ProviderError::Payment { .. })
    ));
    let (_server, provider) = service(|_| Some(error(404, "Resource not found"))).await;
    let refused = provider.check().await.unwrap_err();
    assert!(
        matches!(refused, ProviderError::NotThisService { .. }),
        "{refused:?}"
    );
    let (_server, provider) = service(|_| None).await;
    let missing = provider.catalogue().unwrap().breach("Nope").await;
    assert!(
        matches!(missing, Err(ProviderError::NotFound { .. })),
        "exit 6"
    );
}

/// H-02: nor does a 404 of the operations that need no plan say anything behind an address that is not the service's.
#[tokio::test]
async fn h02_behind_a_wrong_address_no_breach_is_missing_and_no_record_is_on_its_way() {
    let wrong: [Reply; 2] = [
        |_| Some(ServerResponse::new(404, &[], b"")),
        |_| Some(ServerResponse::json(404, r#"{"message":"Unknown"}"#)),
    ];
    for reply in wrong {
        let (server, provider) = service(reply).await;
        let missing = provider.catalogue().unwrap().breach("Nope").await;
        assert!(
            matches!(missing, Err(ProviderError::NotThisService { .. })),
            "{missing:?}"
        );
        let call = VerificationRequest::Confirm {
            domain: "new.example".to_owned(),
            method: VerificationType::Dns,
            email: None,
        };
        let confirmed = provider.domain_verification().unwrap().verify(&call).await;
        assert!(
            matches!(confirmed, Err(ProviderError::NotThisService { .. })),
            "{confirmed:?}"
        );
        assert!(server.count() > 0);
    }
}

/// H-05: of the four things that a 403 can mean the service says which.
#[tokio::test]
async fn h05_a_refusal_is_told_in_the_words_of_the_service() {
    let (_server, provider) = service(|seen| {
        path(seen)
            .starts_with("/breacheddomain/")
            .then(|| error(403, "Domain has not been verified."))
    })
    .await;
    let lookup = Lookup::Domain("else.example".to_owned());
    let answers = provider.lookup().unwrap().look_up(&lookup).await;
    assert_eq!(answers[0].verdict(), Verdict::Inconclusive);
    assert_eq!(
        answers[0].message().unwrap(),
        "access was denied (HTTP 403): Domain has not been verified."
    );
}

/// H-04, H-05, H-06, H-07, H-38: refusals in every form that they come in.
#[tokio::test]
async fn h04_h05_h06_h07_h38_refusals_are_told_apart() {
    for answer in [error(401, "Access denied"), plain(401, "Access denied")] {
        let server = FaultServer::with_response(answer).await;
        let provider = connect(&server);
        let refused = provider.check().await;
        assert_eq!(refused, Err(ProviderError::Unauthorised { status: 401 }));
    }
    // One domain's refusal leaves the others readable, and says which it was.
    let (_server, provider) = service(|seen| match path(seen) {
        "/breacheddomain/acme.example" => Some(error(403, "Domain has not been verified.")),
        "/breacheddomain/b.example" => Some(ServerResponse::json(200, r#"{"x":["Old"]}"#)),
        _ => None,
    })
    .await;
    let (ids, left_out, why) = all(&provider).await;
    assert_eq!(ids, ["x@b.example|Old"]);
    assert_eq!(left_out, ["acme.example"]);
    assert!(why[0].contains("Domain has not been verified"), "{why:?}");
    // A block at the edge is not the key's: it is said in its own words, once, and its page is not shown.
    let (server, provider) = service(|_| Some(page_of_the_edge(403))).await;
    let refused = provider.check().await.unwrap_err();
    assert!(refused.to_string().contains("web page"), "{refused}");
    assert!(!refused.to_string().contains("Please wait") && server.count() == 1);
    let (_server, provider) = service(|_| Some(page_of_the_edge(503))).await;
    let refused = provider.check().await.unwrap_err();
    assert!(!refused.to_string().contains("Please wait"), "{refused}");
    // Plain text on both ranges.
    let (_server, provider) = service(|seen| {
        let text = "Your HIBP API key does not have access to this resource";
        path(seen).contains("/range/").then(|| plain(403, text))
    })
    .await;
    for answer in [
        email(&provider, "a@b.example").await.remove(0),
        password(&provider, false).await,
    ] {
        let Err(ProviderError::Forbidden { message }) = &answer.result else {
            panic!("{answer:?}");
        };
        assert!(message.as_ref().unwrap().contains("does not have access"));
        assert_eq!(answer.verdict(), Verdict::Inconclusive);
    }
}

/// H-08, H-09, H-20: what goes out about an address.
#[tokio::test]
async fn h08_h09_h20_an_address_goes_out_whole_encoded_and_with_an_agent() {
    let (server, provider) = service_with(|_| None, by_address).await;
    drop(email(&provider, "a+b/c%d#e?f@x.example").await);
    let seen = server.requests();
    assert!(
        seen.iter()
            .all(|one| one.header("user-agent").unwrap().starts_with("stanch/"))
    );
    let asked = seen
        .iter()
        .find(|one| path(one).starts_with("/breachedaccount/"))
        .unwrap();
    let parts: Vec<&str> = path(asked).split('/').collect();
    assert_eq!(parts.len(), 3, "{}", asked.target);
    let decoded = percent_encoding::percent_decode_str(parts[2])
        .decode_utf8()
        .unwrap();
    assert_eq!(decoded, "a+b/c%d#e?f@x.example");
    assert!(!parts[2].contains(['#', '?']) && asked.target.contains("truncateResponse=false"));
}

/// H-11, H-12, H-13, H-14, H-16: breaches as they come.
#[tokio::test]
async fn h11_h12_h13_h14_h16_breaches_are_read_as_they_come() {
    let (server, provider) = service(|_| None).await;
    let listed = provider
        .catalogue()
        .unwrap()
        .breaches(&stanch::entity::breach::BreachQuery::default())
        .await
        .unwrap();
    let [bright, old] = &listed.items[..] else {
        panic!("{listed:?}")
    };
    assert_eq!(bright.added_at, Some(RawText::from("2025-04-10T06:15Z")));
    assert_eq!((bright.verified, old.verified), (Some(true), Some(false)));
    assert_eq!((old.domain.as_ref(), bright.data_classes.len()), (None, 2));
    assert_eq!(bright.flags.words(), "sensitive, subscription free");
    assert_eq!(old.flags.words(), "retired");
    assert_eq!(
        targets(&server),
        ["/breaches"],
        "no logo, no link is fetched"
    );
    // A retired breach stands in the catalogue and makes nobody a leak.
    let (_server, provider) = service(|seen| {
        (path(seen) == "/breacheddomain/acme.example").then(|| error(404, "Not found"))
    })
    .await;
    assert!(all(&provider).await.0.is_empty());
}

/// H-15, H-18, H-19, H-21, H-48: mailboxes and their ids.
#[tokio::test]
async fn h15_h18_h19_h21_h48_mailboxes_make_leaks_with_stable_ids() {
    let (_server, provider) = service(|_| None).await;
    let (mut ids, ..) = all(&provider).await;
    ids.sort();
    // The sensitive one is here; the alias twice is one mailbox; the name is the catalogue's, whatever its case.
    let wanted = [
        "m.ortega@acme.example|BrightCart",
        "m.ortega@acme.example|Old",
    ];
    assert_eq!(ids, wanted);
    let (_server, provider) = service(|seen| {
        (path(seen) == "/breacheddomain/acme.example").then(|| {
            ServerResponse::json(
                200,
                r#"{"m.ortega":["OLD"],"a|b":["Old"],"é \"x\"":["Old"],"p+1":["Old"],"p":["Old"]}"#,
            )
        })
    })
    .await;
    let (ids, ..) = all(&provider).await;
    let wanted = [
        "m.ortega@acme.example|Old",
        "a|b@acme.example|Old",
        "é \"x\"@acme.example|Old",
        "p+1@acme.example|Old",
        "p@acme.example|Old",
    ];
    assert_eq!(ids, wanted);
    let (batch, _) = provider
        .leaks()
        .leak(&RemoteId::from(wanted[1]))
        .await
        .unwrap();
    assert_eq!(batch.len(), 1, "split at the last bar");
}

/// H-17: a name that the kept catalogue does not know is asked for once more, then shown bare.
#[tokio::test]
async fn h17_an_unknown_name_is_asked_for_once_more() {
    let (server, provider) = service(|seen| {
        (path(seen) == "/breacheddomain/b.example")
            .then(|| ServerResponse::json(200, r#"{"x":["Newest"],"y":["Newest"]}"#))
    })
    .await;
    let (ids, ..) = all(&provider).await;
    assert!(ids.contains(&"x@b.example|Newest".to_owned()));
    drop(all(&provider).await);
    let asked = targets(&server);
    assert_eq!(asked.iter().filter(|one| *one == "/breaches").count(), 2);
    // An answer that did not come is none: the name is asked for again.
    let server = FaultServer::start({
        let catalogues = AtomicU32::new(0);
        move |_, seen| match path(seen) {
            "/breaches" => match catalogues.fetch_add(1, Ordering::Relaxed) {
                0 => ServerResponse::json(200, BREACHES),
                1 => error(400, "not now"),
                _ => ServerResponse::json(
                    200,
                    r#"[{"Name":"Newest","Title":"The newest","BreachDate":"2026-01-01"}]"#,
                ),
            },
            "/breacheddomain/b.example" => ServerResponse::json(200, r#"{"x":["newest"]}"#),
            _ => usual(seen),
        }
    })
    .await;
    let provider = connect(&server);
    let refused = page(&provider, 1).await;
    assert!(refused.is_err(), "{refused:?}");
    let (ids, ..) = all(&provider).await;
    assert!(ids.contains(&"x@b.example|Newest".to_owned()), "{ids:?}");
}

/// H-18: what may change is in no id: a title, the case of an alias, the case of a name.
#[tokio::test]
async fn h18_a_breach_that_is_renamed_and_an_alias_that_changes_case_keep_their_ids() {
    let before: Reply = |_| None;
    let renamed: Reply = |seen| match path(seen) {
        "/breaches" => Some(ServerResponse::json(
            200,
            BREACHES
                .replace("Bright Cart", "Bright Cart (formerly BC)")
                .replace(r#""Title":"Old""#, r#""Title":"Older""#)
                .replace("brightcart.example", "cart.example"),
        )),
        "/subscribeddomains" => Some(ServerResponse::json(
            200,
            DOMAINS.replace("acme.example", "Acme.Example"),
        )),
        "/breacheddomain/acme.example" | "/breacheddomain/Acme.Example" => Some(
            ServerResponse::json(200, r#"{"M.ORTEGA":["BRIGHTCART","old"]}"#),
        ),
        _ => None,
    };
    let mut ids = Vec::new();
    for reply in [before, renamed] {
        let (_server, provider) = service(reply).await;
        let (mut found, ..) = all(&provider).await;
        found.sort();
        for id in &found {
            let (batch, _) = provider
                .leaks()
                .leak(&RemoteId::from(&id[..]))
                .await
                .unwrap();
            let leak = batch.iter().next().unwrap();
            assert_eq!(leak.text(LeakField::Id), id.as_bytes());
        }
        ids.push(found);
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0].len(), 2);
}

/// H-22, H-23: no count of addresses is a total, and one beyond the plan marks the page.
#[tokio::test]
async fn h22_h23_counts_are_never_totals_and_a_domain_beyond_the_plan_is_not_whole() {
    let (_server, provider) = service(|_| None).await;
    assert_eq!(page(&provider, 0).await.unwrap().total, None);
    assert!(
        provider
            .domains()
            .unwrap()
            .domains()
            .await
            .unwrap()
            .iter()
            .all(|one| one.leaks.is_none())
    );
    let (_server, provider) = service(|seen| {
        let beyond = r#"[{"DomainName":"acme.example","PwnCountExcludingSpamLists":101,"PwnCountExcludingSpamListsAtLastSubscriptionRenewal":101}]"#;
        (path(seen) == "/subscribeddomains").then(|| ServerResponse::json(200, beyond))
    })
    .await;
    let (ids, _, why) = all(&provider).await;
    assert_eq!(ids.len(), 2);
    assert!(
        why[0].contains("101 breached addresses") && why[0].contains("100"),
        "{why:?}"
    );
    let (_server, provider) = service(|seen| {
        let grown = r#"[{"DomainName":"acme.example","PwnCountExcludingSpamLists":101,"PwnCountExcludingSpamListsAtLastSubscriptionRenewal":99}]"#;
        (path(seen) == "/subscribeddomains").then(|| ServerResponse::json(200, grown))
    })
    .await;
    assert!(all(&provider).await.2.is_empty());
}

/// H-24: what the plan has not, and what is not ours, is not asked for.
#[tokio::test]
async fn h24_logs_are_asked_for_where_the_plan_and_the_domain_allow_it() {
    let (server, provider) = service(|seen| {
        (path(seen) == "/subscription/status").then(|| ServerResponse::json(200, NO_LOGS))
    })
    .await;
    drop(all(&provider).await);
    let lookup = Lookup::Domain("acme.example".to_owned());
    let answers = provider.lookup().unwrap().look_up(&lookup).await;
    let why = answers[2].message().unwrap();
    assert!(why.contains("the plan has no stealer logs"), "{why}");
    assert!(targets(&server).iter().all(|one| !one.contains("stealer")));
    let (server, provider) = service_with(|_| None, by_address).await;
    drop(email(&provider, "x@else.example").await);
    let lookup = Lookup::Domain("else.example".to_owned());
    drop(provider.lookup().unwrap().look_up(&lookup).await);
    assert!(targets(&server).iter().all(|one| !one.contains("stealer")));
}

/// H-25, H-26: the limit of the logs costs the logs alone, and the limit of the rest does not stop them.
#[tokio::test]
async fn h25_h26_the_lists_of_logs_have_a_limit_of_their_own() {
    let (_server, provider) = service(|seen| {
        path(seen)
            .contains("/stealerlogsby")
            .then(|| ServerResponse::new(429, &[("retry-after", "3600")], b""))
    })
    .await;
    let (ids, left_out, why) = all(&provider).await;
    assert_eq!(ids.len(), 2, "the mailboxes are all here");
    assert_eq!(left_out, ["acme.example", "b.example"]);
    assert!(
        why[0].contains("the stealer logs of acme.example"),
        "{why:?}"
    );
    assert!(provider.check().await.is_ok(), "the rest is not stopped");
    let budget = provider.budget().borrow().clone();
    assert_eq!(budget.wait_until, None);
    assert_eq!(budget.part.unwrap().name, "stealer logs", "{budget:?}");
    let (_server, provider) = service(|seen| match path(seen) {
        "/pasteaccount/x@else.example" => {
            Some(ServerResponse::new(429, &[("retry-after", "3600")], b""))
        }
        one if one.starts_with("/stealerlogsbywebsitedomain/acme") => {
            Some(ServerResponse::json(200, r#"["dana@example.net"]"#))
        }
        _ => None,
    })
    .await;
    // Everything that is wanted of the rest is read; then the rest is stopped.
    assert_eq!(all(&provider).await.0.len(), 3);
    let stopped = provider.pastes().unwrap().pastes("x@else.example").await;
    assert!(
        matches!(stopped, Err(ProviderError::RateLimited { .. })),
        "{stopped:?}"
    );
    let query = LeakQuery {
        class: Some("customer".to_owned()),
        ..LeakQuery::default()
    };
    let logs = provider
        .leaks()
        .page(&query, PageRequest { index: 1, size: 0 })
        .await;
    assert!(logs.is_ok(), "{logs:?}");
}

/// H-27, H-28, H-30, H-31, H-34: both ranges.
#[tokio::test]
async fn h27_h28_h30_h31_h34_ranges_are_lists_and_nothing_else_is() {
    const SHA1: &str = "D66A63D4BF1747940578EC3D0103530E21D";
    let answers: [(Reply, Verdict); 5] = [
        (
            |seen| {
                path(seen)
                    .contains("/passwords/")
                    .then(|| plain(200, &format!("0{}:4\r\n{SHA1}:7", &SHA1[1..])))
            },
            Verdict::Found,
        ),
        (
            |seen| {
                path(seen)
                    .contains("/passwords/")
                    .then(|| plain(200, &format!("{SHA1}:0")))
            },
            Verdict::Clean,
        ),
        (
            |seen| {
                path(seen)
                    .contains("/passwords/")
                    .then(|| plain(404, "The hash prefix was not found"))
            },
            Verdict::Inconclusive,
        ),
        (
            |seen| {
                path(seen)
                    .contains("/passwords/")
                    .then(|| plain(400, "The hash was not in a valid format"))
            },
            Verdict::Inconclusive,
        ),
        (
            |seen| {
                path(seen)
                    .contains("/passwords/")
                    .then(|| plain(200, "welcome"))
            },
            Verdict::Inconclusive,
        ),
    ];
    for (at, (reply, wanted)) in answers.into_iter().enumerate() {
        let (server, provider) = service(reply).await;
        assert_eq!(password(&provider, false).await.verdict(), wanted, "{at}");
        let seen = server.requests();
        assert_eq!(seen[0].target, "/passwords/range/F3BBB", "no mode is sent");
        assert_eq!(seen[0].header("hibp-api-key"), None);
        assert_eq!(seen[0].header("add-padding"), Some("true"));
    }
    let (server, provider) = service(|seen| {
        let row = "2B8C2AF6B5A1B6D5D5D5D5D5D5D:1";
        path(seen).contains("/passwords/").then(|| plain(200, row))
    })
    .await;
    assert_eq!(password(&provider, true).await.verdict(), Verdict::Clean);
    assert!(targets(&server)[0].ends_with("?mode=ntlm"));
    // Of addresses a 404 of its own is clean.
    let (_server, provider) = service(|seen| {
        let none = "There are no hashes beginning with that prefix";
        path(seen)
            .contains("/breachedaccount/range/")
            .then(|| plain(404, none))
    })
    .await;
    let answers = email(&provider, "m.ortega@acme.example").await;
    assert_eq!(verdicts(&answers), [Verdict::Clean]);
    for body in ["[]", "{}", r#"[{"hashSuffix":"short","websites":["X"]}]"#] {
        let server = FaultServer::start(move |_, seen| {
            if path(seen).contains("/breachedaccount/range/") {
                ServerResponse::json(200, body)
            } else {
                usual(seen)
            }
        })
        .await;
        let provider = connect(&server);
        let answers = email(&provider, "m.ortega@acme.example").await;
        assert_eq!(verdicts(&answers), [Verdict::Inconclusive], "{body}");
    }
}

/// H-32: the address is hashed trimmed and in lower case, compared without case, and not at all where it is not ASCII.
#[tokio::test]
async fn h32_an_address_is_hashed_in_its_one_form() {
    let (server, provider) = service(|seen| {
        let body = format!(
            r#"[{{"hashSuffix":"{}","websites":["BrightCart"]}}]"#,
            SUFFIX.to_lowercase()
        );
        path(seen)
            .contains("/breachedaccount/range/")
            .then(|| ServerResponse::json(200, body))
    })
    .await;
    let answers = email(&provider, " M.Ortega@ACME.example ").await;
    assert_eq!(verdicts(&answers), [Verdict::Found]);
    let finding = answers[0].result.as_ref().unwrap();
    assert_eq!(
        finding.breaches[0].title,
        Some(RawText::from("Bright Cart"))
    );
    let note = finding.note.unwrap();
    assert!(note.contains("k-anonymity") && note.contains("2 of the minute's requests"));
    let count = server.count();
    let answers = email(&provider, "é@acme.example").await;
    assert_eq!(verdicts(&answers), [Verdict::Inconclusive]);
    assert_eq!(server.count(), count, "nothing is sent");
}

/// H-35, H-36: marks are no pastes, and an id may be a URL.
#[tokio::test]
async fn h35_h36_pastes_are_counted_and_never_opened() {
    let (server, provider) = service(|seen| {
        let body = r#"[{"Source":"AdHocUrl","Id":"http://127.0.0.1:1/x.txt","EmailCount":3},{"Source":"OptOut","Id":"","EmailCount":0},{"Source":"PermanentOptOut","Id":"x","EmailCount":0}]"#;
        path(seen).starts_with("/pasteaccount/").then(|| ServerResponse::json(200, body))
    })
    .await;
    let pastes = provider
        .pastes()
        .unwrap()
        .pastes("a@b.example")
        .await
        .unwrap();
    assert_eq!(pastes.len(), 1);
    assert_eq!(pastes[0].id, RawText::from("http://127.0.0.1:1/x.txt"));
    assert_eq!(server.count(), 2);
}

/// H-37, H-39: a wait that is asked for is kept to, and one request less than the plan's is sent.
#[tokio::test]
async fn h37_h39_the_rate_is_learned_and_one_below_it_is_kept() {
    let (_server, provider) = service(|_| None).await;
    assert_eq!(
        provider.budget().borrow().limit,
        Some(9),
        "the smallest plan's, at first"
    );
    provider.check().await.unwrap();
    assert_eq!(provider.budget().borrow().limit, Some(999));
    let (_server, provider) = service_with(|_| None, |profile| profile.rpm = Some(7)).await;
    provider.check().await.unwrap();
    assert_eq!(
        provider.budget().borrow().limit,
        Some(7),
        "the profile's own stays"
    );
    let (_server, provider) =
        service(|_| Some(ServerResponse::new(429, &[("retry-after", "3600")], b""))).await;
    let limited = provider.check().await;
    assert!(matches!(limited, Err(ProviderError::RateLimited { .. })));
}

/// H-41, H-42, H-43, H-45: proofs.
#[tokio::test]
async fn h41_h42_h43_h45_proofs_are_sent_once_and_their_words_are_inert() {
    let request = |email: Option<&str>| VerificationRequest::Start {
        domain: "new.example".to_owned(),
        method: VerificationType::Dns,
        email: email.map(str::to_owned),
    };
    let confirm = VerificationRequest::Confirm {
        domain: "new.example".to_owned(),
        method: VerificationType::Dns,
        email: None,
    };
    let (_server, provider) = service(|_| {
        Some(ServerResponse::json(
            400,
            r#"{"message":"Domain has already been verified."}"#,
        ))
    })
    .await;
    let proofs = provider.domain_verification().unwrap();
    for call in [
        &request(None),
        &confirm,
        &request(Some("postmaster@new.example")),
    ] {
        let answer = proofs.verify(call).await;
        assert!(
            matches!(answer, Ok(VerificationResponse::Done { .. })),
            "{answer:?}"
        );
    }
    let (_server, provider) = service(|seen| {
        let long = "y".repeat(900);
        let body =
            serde_json::json!({ "message": format!("instead found \u{1b}[31m\u{202e}{long}") });
        path(seen)
            .starts_with("/domainverification/")
            .then(|| ServerResponse::json(404, body.to_string()))
    })
    .await;
    let proofs = provider.domain_verification().unwrap();
    let refused = proofs.verify(&confirm).await.unwrap_err().to_string();
    assert!(refused.contains("not there yet"), "{refused}");
    assert!(
        !refused.contains(['\u{1b}', '\u{202e}']) && refused.len() < 400,
        "{refused}"
    );
    // A mail leaves once, whatever comes of it, and only to an address of that domain.
    let (server, provider) = service(|_| Some(error(500, "x"))).await;
    let proofs = provider.domain_verification().unwrap();
    assert!(
        proofs
            .verify(&request(Some("postmaster@new.example")))
            .await
            .is_err()
    );
    assert_eq!(server.count(), 1);
    assert_eq!(server.requests()[0].json()["EmailAlias"], "postmaster");
    let other = proofs
        .verify(&request(Some("postmaster@else.example")))
        .await;
    assert!(matches!(other, Err(ProviderError::Policy { .. })));
    assert_eq!(server.count(), 1, "nothing was sent");
    let (_server, provider) = service(|_| Some(ServerResponse::new(200, &[], b""))).await;
    let proofs = provider.domain_verification().unwrap();
    assert!(proofs.verify(&confirm).await.is_ok());
}

/// H-49: whose data it is stands beside every breach, paste and site.
#[tokio::test]
async fn h49_connections_say_whose_data_they_are() {
    let (_server, provider) = service(|seen| {
        path(seen)
            .starts_with("/stealerlogsbyemaildomain/acme")
            .then(|| ServerResponse::json(200, r#"{"m.ortega":["sso.contoso.example"]}"#))
    })
    .await;
    let page = provider
        .connections()
        .unwrap()
        .page(&EntityQuery::default(), PageRequest::default())
        .await
        .unwrap();
    let forms: BTreeSet<String> = page.items.iter().map(|one| one.kind.to_string()).collect();
    assert_eq!(
        forms.into_iter().collect::<Vec<_>>(),
        ["breach", "resource"]
    );
    for one in &page.items {
        let line = one.attribution.as_deref().unwrap();
        assert!(line.starts_with("Have I Been Pwned, CC BY 4.0"), "{line}");
        assert!(one.kind != ConnectionKind::Endpoint);
    }
    let related = provider
        .relations()
        .unwrap()
        .related(Kind::User, &RemoteId::from("m.ortega@acme.example"))
        .await
        .unwrap();
    assert_eq!(related.connections.len(), 3);
}

/// An address in both lists of logs is one row; a customer's is another.
/// The service asks to search a domain only when there is a newer breach.
#[tokio::test]
async fn the_list_of_a_domain_is_read_again_only_when_a_breach_has_come() {
    let same: Reply = |seen| {
        let newest = r#"{"Name":"BrightCart","AddedDate":"2025-04-10T06:15Z"}"#;
        (path(seen) == "/latestbreach").then(|| ServerResponse::json(200, newest))
    };
    let newer: Reply = |seen| {
        let newest = r#"{"Name":"Newer","AddedDate":"2025-05-01T00:00Z"}"#;
        (path(seen) == "/latestbreach").then(|| ServerResponse::json(200, newest))
    };
    let silent: Reply = |_| None;
    for (reply, lists, newest) in [(same, 2, 1), (newer, 4, 1), (silent, 4, 2)] {
        let (server, provider) = service(reply).await;
        // The catalogue is known before the lists are: what is newer than they are is newer than it.
        drop(
            provider
                .catalogue()
                .unwrap()
                .breaches(&BreachQuery::default())
                .await,
        );
        let first = all(&provider).await;
        let second = all(&provider).await;
        assert_eq!(first, second);
        assert!(!first.0.is_empty());
        let asked = targets(&server);
        let count = |what: &str| asked.iter().filter(|one| one.contains(what)).count();
        assert_eq!(count("/breacheddomain/"), lists, "{asked:?}");
        assert_eq!(count("/latestbreach"), newest, "{asked:?}");
        assert_eq!(count("/subscribeddomains"), 2, "{asked:?}");
    }
}

#[tokio::test]
async fn an_address_of_ours_in_both_lists_of_logs_is_one_row() {
    let (_server, provider) = service(|seen| match path(seen) {
        "/breacheddomain/acme.example" => Some(error(404, "Not found")),
        "/stealerlogsbyemaildomain/acme.example" => Some(ServerResponse::json(
            200,
            r#"{"m.ortega":["acme.example","shop.example.net"]}"#,
        )),
        "/stealerlogsbywebsitedomain/acme.example" => Some(ServerResponse::json(
            200,
            r#"["dana@example.net","M.Ortega@acme.example"]"#,
        )),
        _ => None,
    })
    .await;
    let (ids, ..) = all(&provider).await;
    let wanted = [
        "m.ortega@acme.example|log:acme.example",
        "m.ortega@acme.example|log:shop.example.net",
        "dana@example.net|log:acme.example",
    ];
    assert_eq!(ids, wanted);
    for id in wanted {
        let (batch, related) = provider.leaks().leak(&RemoteId::from(id)).await.unwrap();
        assert_eq!((batch.len(), related.connections.len()), (1, 1), "{id}");
    }
}

/// Every quirk of the contract has its number here.
#[test]
fn every_quirk_is_named() {
    let here = include_str!("hibp.rs");
    let missing: Vec<String> = (1..=49)
        .map(|number| format!("H-{number:02}"))
        .filter(|number| !here.contains(&number[..]))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(ELSEWHERE.iter().all(|(_, why)| why.len() > 20));
}
