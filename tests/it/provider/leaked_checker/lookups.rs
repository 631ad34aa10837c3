//! Lookups: what leaves, and what an answer proves.

use super::{ServerResponse, display_texts, provider_with, requested_paths, service};
use stanch::{
    entity::{
        error::ProviderError,
        lookup::{Lookup, LookupAnswer, Verdict, combined_verdict},
        raw_text::RawText,
        secret::Secret,
    },
    provider::Provider,
};
use std::sync::Arc;

/// `hunter2`: SHA-1 F3BBBD66A63D4BF1747940578EC3D0103530E21D.
const PREFIX: &str = "F3BBB";
const SUFFIX: &str = "D66A63D4BF1747940578EC3D0103530E21D";

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

async fn single_answer(provider: &Arc<dyn Provider>, lookup: Lookup) -> LookupAnswer {
    let mut answers = provider.lookup().unwrap().look_up(&lookup).await;
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn operations(answers: &[LookupAnswer]) -> Vec<&'static str> {
    answers.iter().map(|answer| answer.operation).collect()
}

fn verdicts(answers: &[LookupAnswer]) -> Vec<Option<Verdict>> {
    let one = |answer: &LookupAnswer| answer.result.as_ref().ok().map(|found| found.verdict);
    answers.iter().map(one).collect()
}

#[tokio::test]
async fn an_address_is_asked_for_in_four_operations() {
    let (server, provider) = service(|path, _| {
        let body = match path {
            "/external/breachedaccount/reception@northwind.example" => {
                r#"[{"Name":"BrightCart","Title":"Bright Cart","LeakedCount":3},{"Name":"OldForum"}]"#
            }
            "/external/breachedemail/reception@northwind.example" => {
                r#"{"success":true,"count":2,"breaches":["BrightCart",{"Name":"OldForum","IsSpamList":true}]}"#
            }
            "/external/breachedcc/email/reception@northwind.example" => {
                r#"{"success":true,"count":1,"breaches":[{"source":"BrightCart2025","email":"reception@northwind.example","breach_date":"2025-03-02","data_classes":["Cards"]}]}"#
            }
            _ => return None,
        };
        Some(ServerResponse::json(200, body))
    })
    .await;
    let lookup = Lookup::Email(" reception@northwind.example ".into());
    let answers = provider.lookup().unwrap().look_up(&lookup).await;
    let expected = [
        "listBreachesForAccount",
        "listBreachesForEmail",
        "listPastesForAccount",
        "listCardBreachesForEmail",
    ];
    assert_eq!(operations(&answers), expected);
    assert_eq!(verdicts(&answers), [Some(Verdict::Found); 4]);
    assert_eq!(combined_verdict(&answers), Verdict::Found);
    let found = |at: usize| answers[at].result.as_ref().unwrap();
    assert_eq!(found(0).breaches[0].accounts, Some(3));
    assert_eq!(found(1).breaches[1].spam, Some(true));
    assert_eq!((found(2).pastes.len(), found(2).count), (2, Some(2)));
    assert_eq!(found(3).breaches[0].name, RawText::from("BrightCart2025"));
    let expected = [
        "GET /external/breachedaccount/reception@northwind.example?truncateResponse=false&IncludeUnverified=true",
        "GET /external/breachedemail/reception@northwind.example?truncate=false&include_unverified=true",
        "GET /external/pasteaccount/reception@northwind.example",
        "GET /external/breachedcc/email/reception@northwind.example",
    ];
    assert_eq!(requested_paths(&server), expected);
}

#[tokio::test]
async fn nothing_found_is_clean_for_an_address_and_a_failure_leaves_it_open() {
    let (_, provider) = service(|_, _| None).await;
    let lookup = Lookup::Email("nobody@northwind.example".into());
    let answers = provider.lookup().unwrap().look_up(&lookup).await;
    assert_eq!(verdicts(&answers), [Some(Verdict::Clean); 4]);
    assert_eq!(combined_verdict(&answers), Verdict::Clean);
    let echo = r#"{"message":"nobody@northwind.example is not for you"}"#;
    let (_, provider) =
        provider_with("/external/pasteaccount/nobody@northwind.example", 403, echo).await;
    let answers = provider.lookup().unwrap().look_up(&lookup).await;
    assert_eq!(combined_verdict(&answers), Verdict::Inconclusive);
    let refused = Err(ProviderError::Forbidden { message: None });
    assert_eq!(
        answers[2].result, refused,
        "a refusal does not repeat the address"
    );
    // An address that looks like a path stays one part of it.
    let lookup = Lookup::Email("../x?y#z@a.example".into());
    let (server, provider) = service(|_, _| None).await;
    provider.lookup().unwrap().look_up(&lookup).await;
    assert!(
        requested_paths(&server)[0]
            .starts_with("GET /external/breachedaccount/..%2Fx%3Fy%23z@a.example?")
    );
}

#[tokio::test]
async fn a_domain_is_asked_for_in_three_operations() {
    let (server, provider) = service(|path, seen| {
        let body = match path {
            "/external/breacheddomain/northwind.example" => {
                r#"{"success":true,"count":2,"breaches":["BrightCart",{"Name":"OldForum"},{}]}"#
            }
            "/external/breaches" if seen.query("domain").is_some() => "[]",
            _ => return None,
        };
        Some(ServerResponse::json(200, body))
    })
    .await;
    let answers = provider
        .lookup()
        .unwrap()
        .look_up(&Lookup::Domain("northwind.example".into()))
        .await;
    let expected = [
        "listBreachedAliases",
        "listBreachesForDomain",
        "listBreaches",
    ];
    assert_eq!(operations(&answers), expected);
    let expected = [
        Some(Verdict::Found),
        Some(Verdict::Found),
        Some(Verdict::Clean),
    ];
    assert_eq!(verdicts(&answers), expected);
    let accounts = &answers[0].result.as_ref().unwrap().accounts;
    assert_eq!(
        display_texts(accounts),
        ["m.ortega@northwind.example", "reception@northwind.example"]
    );
    assert_eq!(answers[1].result.as_ref().unwrap().breaches.len(), 2);
    let expected = [
        "GET /external/breacheddomain/emails/northwind.example",
        "GET /external/breacheddomain/northwind.example?truncate=false&limit=1000",
        "GET /external/breaches?domain=northwind.example",
    ];
    assert_eq!(requested_paths(&server), expected);
}

async fn password(answer: ServerResponse) -> LookupAnswer {
    let (server, provider) = service(move |path, _| {
        (path == format!("/external/leakedpassword/{PREFIX}")).then(|| answer.clone())
    })
    .await;
    let found = single_answer(&provider, Lookup::Password(secret("hunter2"))).await;
    // One request, five characters, padding asked for, no key and nothing else of it.
    let expected = [format!("GET /external/leakedpassword/{PREFIX}")];
    assert_eq!(requested_paths(&server), expected);
    let seen = &server.requests()[0];
    assert_eq!(seen.header("add-padding"), Some("true"));
    let all = format!("{seen:?}").to_uppercase();
    assert!(!all.contains(&SUFFIX[..6]) && !all.contains("HUNTER2"));
    assert_eq!(found.operation, "checkPasswordPrefix");
    found
}

fn plain(body: &str) -> ServerResponse {
    ServerResponse::new(
        200,
        &[("content-type", "text/plain; charset=utf-8")],
        body.as_bytes(),
    )
}

#[tokio::test]
async fn a_password_is_compared_here_and_five_characters_leave() {
    let other = "003AF1C58B0D4E6A92C7F18D5E60B2A4C37";
    for (body, verdict, count) in [
        (
            format!("{other}:4\r\n{SUFFIX}:17043\r\n"),
            Verdict::Found,
            Some(17043),
        ),
        (
            format!("{}:3", SUFFIX.to_lowercase()),
            Verdict::Found,
            Some(3),
        ),
        (
            format!("{other}:4\r\n{SUFFIX}:0\r\n"),
            Verdict::Clean,
            Some(0),
        ),
        (format!("{other}:4"), Verdict::Clean, Some(0)),
        // A padded list has hundreds of lines: an empty one was lost on the way.
        (String::new(), Verdict::Inconclusive, None),
        ("true".to_owned(), Verdict::Inconclusive, None),
    ] {
        let found = password(plain(&body)).await.result.unwrap();
        assert_eq!((found.verdict, found.count), (verdict, count), "{body}");
        assert_eq!(found.note.is_some(), verdict == Verdict::Inconclusive);
    }
}

#[tokio::test]
async fn a_yes_a_no_and_a_not_found_prove_nothing_of_a_password() {
    for body in [
        r#"{"success":true,"found":true}"#,
        r#"{"success":true,"found":false}"#,
        "true",
        "false",
        "[]",
        "{}",
        r#"{"found":{"new":[1]}}"#,
    ] {
        let found = password(ServerResponse::json(200, body))
            .await
            .result
            .unwrap();
        assert_eq!(
            (found.verdict, found.count),
            (Verdict::Inconclusive, None),
            "{body}"
        );
        assert!(found.note.is_some());
    }
    let none = r#"{"success":false,"message":"The hash prefix was not found"}"#;
    let found = password(ServerResponse::json(404, none))
        .await
        .result
        .unwrap();
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert!(found.note.unwrap().contains("neither safe nor leaked"));
    assert!(matches!(
        password(ServerResponse::json(404, "{}")).await.result,
        Err(ProviderError::NotThisService { status: 404, .. })
    ));
    // A failure is one request, too.
    for status in [400, 429, 500, 503] {
        assert!(
            password(ServerResponse::json(status, "{}"))
                .await
                .result
                .is_err()
        );
    }
    let page = ServerResponse::new(200, &[("content-type", "text/html")], b"<p>");
    assert!(matches!(
        password(page).await.result,
        Err(ProviderError::NotThisService { .. })
    ));
}

const CARD: &str = "5555555555554444";

#[tokio::test]
async fn a_card_leaves_once_in_a_body_and_nothing_that_comes_back_shows_it() {
    let body = r#"{"success":true,"message":"Credit card found in breach database.","data":{"is_breached":true,"cc_masked":"****-****-****-4444","breach_count":2,"breaches":[
        {"cc_masked":"****-****-****-4444","source":"BrightCart2025","date":"2025-03-02","details":{"Name":"Mar***"}},
        {"source":"5555 5555 5555 4444 at BrightCart","date":"5555555555554444"}]}}"#;
    let (server, provider) = provider_with("/external/breachedcc", 200, body).await;
    let answer = single_answer(&provider, Lookup::Card(secret(CARD))).await;
    assert_eq!(answer.operation, "checkCard");
    let found = answer.result.unwrap();
    assert_eq!((found.verdict, found.count), (Verdict::Found, Some(2)));
    let names: Vec<RawText> = found.breaches.iter().map(|one| one.name.clone()).collect();
    assert_eq!(
        display_texts(&names),
        ["BrightCart2025", "****-****-****-4444"]
    );
    assert_eq!(
        found.breaches[1].date,
        Some(RawText::from("****-****-****-4444"))
    );
    assert_eq!(requested_paths(&server), ["POST /external/breachedcc"]);
    let expected = serde_json::json!({ "cc_num": CARD });
    assert_eq!(server.requests()[0].json(), expected);
    let clean = r#"{"success":true,"message":"No breaches found for this credit card.","data":{"is_breached":false,"breach_count":0,"breaches":[]}}"#;
    let (_, provider) = provider_with("/external/breachedcc", 200, clean).await;
    let found = single_answer(&provider, Lookup::Card(secret(CARD)))
        .await
        .result
        .unwrap();
    assert_eq!((found.verdict, found.count), (Verdict::Clean, Some(0)));
}

#[tokio::test]
async fn a_number_that_is_no_card_is_not_sent() {
    let (server, provider) = service(|_, _| None).await;
    for wrong in ["5555555555554445", "", "4444", "5555-5555-5555-4444", "x"] {
        let answer = single_answer(&provider, Lookup::Card(secret(wrong))).await;
        assert!(
            matches!(answer.result, Err(ProviderError::Policy { .. })),
            "{wrong}"
        );
    }
    for wrong in ["123", "12345", "", "12a4", "123-45-6789"] {
        let answer = single_answer(&provider, Lookup::Ssn(secret(wrong))).await;
        assert!(
            matches!(answer.result, Err(ProviderError::Policy { .. })),
            "{wrong}"
        );
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn four_digits_of_a_number_leave_and_the_answer_says_how_little_they_mean() {
    let body = r#"{"success":true,"data":{"is_breached":true,"breach_count":1,"breaches":[{"source":"BrightCart2025","details":{"Name":"Mar***"}}]}}"#;
    let (server, provider) = provider_with("/external/breachedssn", 200, body).await;
    let answer = single_answer(&provider, Lookup::Ssn(secret("0042"))).await;
    assert_eq!(answer.operation, "checkSsn");
    let found = answer.result.unwrap();
    assert_eq!((found.verdict, found.count), (Verdict::Found, Some(1)));
    assert!(found.note.unwrap().contains("10,000"));
    assert_eq!(requested_paths(&server), ["POST /external/breachedssn"]);
    assert_eq!(
        server.requests()[0].json(),
        serde_json::json!({ "last4": "0042" })
    );
}

#[tokio::test]
async fn an_odd_answer_about_a_card_loses_no_hit_and_invents_none() {
    for (body, verdict) in [
        (
            r#"{"data":{"is_breached":false,"breaches":[{"source":"x"}]}}"#,
            Some(Verdict::Found),
        ),
        (r#"{"data":{"is_breached":"true"}}"#, Some(Verdict::Found)),
        (r#"{"data":{"breach_count":2}}"#, Some(Verdict::Found)),
        (r#"{"is_breached":false,"new":[{}]}"#, Some(Verdict::Clean)),
        (
            r#"{"data":{"is_breached":"perhaps","breach_count":1e300}}"#,
            None,
        ),
        (r#"{"success":true,"data":null}"#, None),
        ("{}", None),
        ("[]", None),
        ("7", None),
    ] {
        let (_, provider) = provider_with("/external/breachedcc", 200, body).await;
        let answer = single_answer(&provider, Lookup::Card(secret(CARD))).await;
        let found = answer.result.as_ref().ok().map(|found| found.verdict);
        assert_eq!(found, verdict, "{body}");
    }
    // A refusal does not repeat the number, and is not asked for again: a check may cost one of five.
    let echo = r#"{"success":false,"message":"5555555555554444 is over the limit"}"#;
    for status in [400, 403, 500, 503] {
        let (server, provider) = provider_with("/external/breachedcc", status, echo).await;
        let error = single_answer(&provider, Lookup::Card(secret(CARD)))
            .await
            .result
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CARD));
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn lookups_that_find_no_list_are_no_clean_answers() {
    for body in ["{}", "7", "null", r#"{"breaches":7}"#, "\"x\""] {
        let (_, provider) = service(move |_, _| Some(ServerResponse::json(200, body))).await;
        let answers = provider
            .lookup()
            .unwrap()
            .look_up(&Lookup::Email("a@b.example".into()))
            .await;
        assert_eq!(combined_verdict(&answers), Verdict::Inconclusive, "{body}");
        assert!(
            answers.iter().all(|answer| answer.result.is_err()),
            "{body}"
        );
    }
}
