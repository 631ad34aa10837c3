//! ProjectDiscovery's operations, one by one.

use super::{
    super::support::fault_server::{Answer, FaultServer, Seen, connect, fast, id, rows, settings},
    answering, ids, list,
};
use stanch::entity::{
    answer::ReadBack,
    error::ProviderError,
    leak::{LeakField, PasswordState},
    page::PageToken,
    profile::Lists,
    query::{GroupBy, LeakQuery},
    report::{AssociatedQuery, VerificationAnswer, VerificationCall, VerificationType},
    status::Status,
};

fn full_query() -> LeakQuery {
    LeakQuery {
        domain: Some("northwind.example".into()),
        email: Some("m@northwind.example".into()),
        search: Some("vpn & more".into()),
        status: Some(Status::Open),
        class: Some("employee".into()),
        start_date: Some("2026-01-01".into()),
        end_date: Some("2026-02-01".into()),
        time_range: Some("last_month".into()),
        country: Some("Spain".into()),
        hardware_id: Some("5A1B".into()),
        sort: Some(("log_date".into(), true)),
        ..LeakQuery::default()
    }
}

#[tokio::test]
async fn every_parameter_of_a_list_is_pushed_down() {
    let (server, provider) = answering(Answer::json(200, rows(0..1, 1))).await;
    provider
        .leaks(&full_query(), PageToken::default())
        .await
        .unwrap();
    let seen = &server.seen()[0];
    for (name, value) in [
        ("type", "employee"),
        ("domain", "northwind.example"),
        ("email", "m@northwind.example"),
        ("search", "vpn & more"),
        ("status", "open"),
        ("start_date", "2026-01-01"),
        ("end_date", "2026-02-01"),
        ("time_range", "last_month"),
        ("country", "Spain"),
        ("hardware_id", "5A1B"),
        ("group_by", "hardware_id"),
        ("sort_by", "log_date"),
        ("sort_order", "desc"),
        ("limit", "1000"),
        ("page_number", "1"),
    ] {
        assert_eq!(seen.query(name).as_deref(), Some(value), "{name}");
    }
    // Words that it does not know would be refused; the rows are filtered here anyway.
    let strange = LeakQuery {
        class: Some("contractor".into()),
        time_range: Some("yesterday".into()),
        sort: Some(("risk".into(), false)),
        ..LeakQuery::default()
    };
    provider
        .leaks(&strange, PageToken::default())
        .await
        .unwrap();
    assert_eq!(
        server.seen()[1].target,
        "/v1/leaks?limit=1000&page_number=1"
    );
}

#[tokio::test]
async fn the_team_goes_where_it_is_documented_and_elsewhere_by_setting() {
    for everywhere in [false, true] {
        let server = FaultServer::always(Answer::json(200, "{}")).await;
        let mut profile = settings(&server.url());
        (profile.team_id, profile.team_everywhere) = (Some("t-42".into()), everywhere);
        let provider = connect(profile, fast());
        let query = LeakQuery::default();
        let token = PageToken::default();
        let _ = provider.leaks(&query, token).await;
        let _ = provider.leak(&ids(0..1)[0]).await;
        provider.send(&ids(0..1), Status::Fixed).await;
        let _ = provider.export(&query, token, false).await;
        let _ = provider.associated(&AssociatedQuery::default()).await;
        let _ = provider.subscription().await;
        let _ = provider.verification(&VerificationCall::Status).await;
        let teams: Vec<bool> = server
            .seen()
            .iter()
            .map(|seen| seen.header("x-team-id") == Some("t-42"))
            .collect();
        assert_eq!(
            teams,
            [everywhere, everywhere, everywhere, true, true, true, true]
        );
    }
}

#[tokio::test]
async fn counts_come_from_a_page_of_one_and_groups_from_the_provider() {
    let server = FaultServer::start(|_, seen| match seen.query("group_by").as_deref() {
        None => Answer::json(200, rows(0..1, 41)),
        Some("country") => Answer::json(
            200,
            r#"{"group_summary":[{"country":"Peru","count":6},{"country":null,"count":2},{"country":"Spain","count":19}],"total_leaks":27}"#,
        ),
        Some(_) => Answer::json(200, rows(0..1, 1)),
    })
    .await;
    let provider = server.connect(fast());
    let query = LeakQuery::default();
    assert_eq!(provider.count(&query).await, Ok(41));
    assert_eq!(server.seen()[0].query("limit").as_deref(), Some("1"));
    let groups = provider.count_by(&query, GroupBy::Country).await.unwrap();
    let shown: Vec<_> = groups
        .iter()
        .map(|group| (group.value.as_ref().and_then(|v| v.as_str()), group.count))
        .collect();
    assert_eq!(shown, [(Some("Spain"), 19), (Some("Peru"), 6), (None, 2)]);
    let listed = provider.count_by(&query, GroupBy::Url).await;
    assert!(matches!(listed, Err(ProviderError::Unsupported { .. })));
}

#[tokio::test]
async fn one_secret_is_revealed_and_a_mask_is_none() {
    let answer = |password: &str| {
        let body = format!(
            r#"{{"success":true,"data":{{"id":"{}","password":{password},"status":"open"}}}}"#,
            id(1)
        );
        Answer::json(200, body)
    };
    let (server, provider) = answering(answer(r#""winter\u00e9-77""#)).await;
    let one = &ids(1..2)[0];
    assert_eq!(
        provider.reveal(one).await.unwrap().expose(),
        "winteré-77".as_bytes()
    );
    assert_eq!(
        server.seen()[0].json(),
        serde_json::json!({"leakid": id(1)})
    );
    let leak = provider.leak(one).await.unwrap();
    assert_eq!(leak.iter().next().unwrap().password, PasswordState::Hidden);
    let other = provider.reveal(&ids(2..3)[0]).await;
    assert!(
        matches!(other, Err(ProviderError::Malformed { .. })),
        "another leak's password is not ours"
    );
    for masked in [r#""***MASKED***""#, r#""***""#, "null"] {
        let (_, provider) = answering(answer(masked)).await;
        assert!(matches!(
            provider.reveal(one).await,
            Err(ProviderError::Unsupported { .. })
        ));
    }
}

#[tokio::test]
async fn a_read_only_profile_changes_nothing() {
    let server = FaultServer::always(Answer::json(200, "{}")).await;
    let mut profile = settings(&server.url());
    profile.read_only = true;
    let provider = connect(profile, fast());
    let proof = provider.send(&ids(0..2), Status::Fixed).await;
    assert!(matches!(
        proof,
        stanch::entity::answer::Answer::NotSent(ProviderError::Policy { .. })
    ));
    let call = VerificationCall::Drop {
        domain: "x.example".into(),
        how: VerificationType::Dns,
    };
    assert!(matches!(
        provider.verification(&call).await,
        Err(ProviderError::Policy { .. })
    ));
    assert_eq!(server.count(), 0);
}

/// A provider with leaks 0 to `total`, those below `fixed` fixed, in pages of `size`.
fn leaks_server(seen: &Seen, total: u32, fixed: u32, size: u32) -> Answer {
    if seen.target == "/v1/leaks/info" {
        let id = seen.json()["leakid"].as_str().unwrap().to_owned();
        let number = u32::from_str_radix(&id, 16).unwrap();
        if number >= total {
            return Answer::json(404, r#"{"success":false,"message":"Leak not found"}"#);
        }
        let word = if number < fixed { "fixed" } else { "open" };
        return Answer::json(
            200,
            format!(
                r#"{{"success":true,"data":{{"id":"{id}","password":"p","status":"{word}"}}}}"#
            ),
        );
    }
    let word = seen.query("status").unwrap();
    let range = if word == "fixed" {
        0..fixed
    } else {
        fixed..total
    };
    let page: u32 = seen.query("page_number").unwrap().parse().unwrap();
    let numbers: Vec<u32> = range
        .clone()
        .skip(((page - 1) * size) as usize)
        .take(size as usize)
        .collect();
    Answer::json(
        200,
        rows(numbers, u64::from(range.end - range.start)).replace("open", &word),
    )
}

async fn read_back(count: u32, total: u32, fixed: u32) -> (Vec<ReadBack>, u64, Vec<Seen>) {
    let server = FaultServer::start(move |_, seen| leaks_server(seen, total, fixed, 100)).await;
    let provider = server.connect(fast());
    let asked = ids(0..count);
    let (readings, requests) = provider.read_back(&asked, Status::Fixed).await;
    let order: Vec<_> = readings.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(order, asked, "every id gets exactly one reading");
    (
        readings.into_iter().map(|(_, read)| read).collect(),
        requests,
        server.seen(),
    )
}

fn count(readings: &[ReadBack], word: &str) -> usize {
    readings
        .iter()
        .filter(|read| **read == ReadBack::Word(word.into()))
        .count()
}

#[tokio::test]
async fn few_leaks_are_read_back_one_by_one() {
    let (readings, requests, seen) = read_back(20, 19, 15).await;
    assert_eq!(
        (count(&readings, "fixed"), count(&readings, "open")),
        (15, 4)
    );
    assert_eq!(readings[19], ReadBack::Gone { status: 404 });
    assert_eq!(requests, 20);
    assert!(seen.iter().all(|seen| seen.target == "/v1/leaks/info"));
}

#[tokio::test]
async fn many_leaks_are_read_back_by_their_list_until_all_are_found() {
    let (readings, requests, seen) = read_back(150, 1000, 600).await;
    assert_eq!((count(&readings, "fixed"), requests), (150, 2));
    assert!(
        seen.iter()
            .all(|seen| seen.query("status").as_deref() == Some("fixed"))
    );
}

#[tokio::test]
async fn what_the_list_does_not_show_is_asked_for_singly() {
    let (readings, requests, _) = read_back(50, 49, 40).await;
    assert_eq!(
        (count(&readings, "fixed"), count(&readings, "open")),
        (40, 9)
    );
    assert_eq!(
        (&readings[49], requests),
        (&ReadBack::Gone { status: 404 }, 1 + 10)
    );
}

#[tokio::test]
async fn what_many_leaks_became_instead_is_read_from_the_other_list() {
    let (readings, requests, _) = read_back(400, 500, 100).await;
    assert_eq!(
        (count(&readings, "fixed"), count(&readings, "open")),
        (100, 300)
    );
    assert_eq!(requests, 1 + 3);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_leaves_every_leak_unread() {
    let (_, provider) = answering(Answer::json(401, "{}")).await;
    for many in [5, 50] {
        let (readings, _) = provider.read_back(&ids(0..many), Status::Fixed).await;
        assert_eq!(readings.len(), many as usize);
        assert!(
            readings.iter().all(|(_, read)| matches!(
                read,
                ReadBack::Unread(ProviderError::Unauthorised { .. })
            ))
        );
    }
    assert_eq!(provider.read_back_cost(20, 5000), 20);
    assert_eq!(provider.read_back_cost(21, 5001), 6);
}

#[tokio::test]
async fn the_export_is_read_as_json_and_as_csv() {
    let csv = "id,url,username,password,device_ip,hostname,os,country,log_date,hardware_id,domain,email_domain,url_domain,status,user_type\r\n\
        7f1c,\"https://x.example/?a=\"\"1\"\",2\",m@x.example,winter-boots-77,,,,Spain,2026-02-11,,x.example,,,fixed,employee\r\n\
        02b9,short,row\r\n";
    let server = FaultServer::start(move |_, seen| match seen.query("format").as_deref() {
        Some("csv") => Answer::new(
            200,
            &[("content-type", "text/csv; charset=utf-8")],
            csv.as_bytes(),
        ),
        _ => Answer::json(200, rows(0..3, 3)),
    })
    .await;
    let provider = server.connect(fast());
    let page = provider
        .export(
            &full_query(),
            PageToken {
                index: 2,
                size: 500,
            },
            true,
        )
        .await
        .unwrap();
    let leaks: Vec<_> = page.leaks.iter().collect();
    assert_eq!(
        leaks[0].text(LeakField::Url),
        b"https://x.example/?a=\"1\",2"
    );
    assert_eq!(
        (leaks[0].status, leaks[0].password),
        (Status::Fixed, PasswordState::Hidden)
    );
    assert_eq!(
        (leaks[0].text(LeakField::Country), leaks[0].damaged),
        (&b"Spain"[..], false)
    );
    assert!(leaks[1].damaged && leaks[1].text(LeakField::Id) == b"02b9");
    assert_eq!((page.page_size, page.total), (500, None));
    let seen = &server.seen()[0];
    assert_eq!(
        (&seen.method[..], seen.header("accept")),
        ("POST", Some("text/csv"))
    );
    let body = seen.json();
    assert_eq!(
        (&body["type"], &body["limit"], &body["page_number"]),
        (&"employee".into(), &500.into(), &3.into())
    );
    assert_eq!(body["search"], "vpn & more");
    // CSV tells no total: a short first page is followed by another request, so that a clamp loses nothing.
    let first = provider
        .export(&LeakQuery::default(), PageToken::default(), true)
        .await
        .unwrap();
    assert_eq!(first.page_size, 2);
    let page = provider
        .export(&LeakQuery::default(), PageToken::default(), false)
        .await
        .unwrap();
    assert_eq!((page.leaks.len(), page.page_size), (3, 1000));
    for bad in ["<html>", "a,b\r\n1,2\r\n"] {
        let (_, provider) = answering(Answer::new(
            200,
            &[("content-type", "text/csv")],
            bad.as_bytes(),
        ))
        .await;
        assert!(
            provider
                .export(&LeakQuery::default(), PageToken::default(), true)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn related_domains_are_paged_through_and_names_alone_come_as_text() {
    let server = FaultServer::start(|_, seen| match (seen.query("raw").as_deref(), seen.query("page").as_deref()) {
        (Some("true"), _) => Answer::new(200, &[("content-type", "text/plain; charset=utf-8")], b"a.example\r\nb.example\n"),
        (_, Some("1")) => Answer::json(200, r#"{"domain":"x.example","results":[{"domain":"a.example","sources":["whois_history"],"evidence":{"as_number":7}},{"domain":"b.example","sources":[]}],"sources":[],"total_pages":2}"#),
        _ => Answer::json(200, r#"{"domain":"x.example","results":[{"domain":"c.example"}],"sources":[],"total_pages":2}"#),
    })
    .await;
    let provider = server.connect(fast());
    let mut query = AssociatedQuery {
        domain: Some("x.example".into()),
        sources: vec!["whois_history".into(), "certificate_history".into()],
        active: Some(true),
        sort: Some("domain".into()),
        raw: false,
    };
    let found = provider.associated(&query).await.unwrap();
    let names: Vec<_> = found
        .iter()
        .map(|one| one.domain.as_str().unwrap())
        .collect();
    assert_eq!(names, ["a.example", "b.example", "c.example"]);
    assert_eq!(
        found[0].evidence.as_ref().unwrap().get(),
        r#"{"as_number":7}"#
    );
    let seen = &server.seen()[0];
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
    assert_eq!(provider.associated(&query).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_proof_of_ownership_walks_all_four_calls() {
    let server = FaultServer::start(|_, seen| match (&seen.method[..], seen.target.rsplit('/').next().unwrap()) {
        ("POST", "request") => Answer::json(200, r#"{"domain":"x.example","verification_string":"abc123"}"#),
        ("POST", "confirm") => Answer::json(200, r#"{"domain":"x.example","message":"Verified"}"#),
        ("DELETE", "request") => Answer::json(200, r#"{"domain":"x.example","message":"Removed"}"#),
        _ => Answer::json(200, r#"{"verification_requests":[{"domain":"x.example","status":"moved","created_at":"2026-01-01T00:00:00Z","verification_attempts":3},{"status":"lost"}]}"#),
    })
    .await;
    let provider = server.connect(fast());
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
        let call = VerificationCall::Request {
            domain: domain(),
            how,
        };
        let VerificationAnswer::Requested {
            publish, string, ..
        } = provider.verification(&call).await.unwrap()
        else {
            panic!("a request is answered with what to publish");
        };
        assert_eq!(string.as_str(), Some("abc123"));
        assert!(words.iter().all(|word| publish.contains(word)), "{publish}");
    }
    let confirm = VerificationCall::Confirm {
        domain: domain(),
        how: VerificationType::Html,
        email: Some("me@x.example".into()),
    };
    assert!(matches!(
        provider.verification(&confirm).await,
        Ok(VerificationAnswer::Done { .. })
    ));
    let drop = VerificationCall::Drop {
        domain: domain(),
        how: VerificationType::File,
    };
    assert!(matches!(
        provider.verification(&drop).await,
        Ok(VerificationAnswer::Done { .. })
    ));
    let Ok(VerificationAnswer::List(list)) = provider.verification(&VerificationCall::Status).await
    else {
        panic!("status lists");
    };
    assert_eq!(
        (list.len(), list[0].status.as_str(), list[0].attempts),
        (1, Some("moved"), Some(3))
    );
    let bodies: Vec<_> = server.seen().iter().map(Seen::json).collect();
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
        (None, Some(410), Some(vec!["a.example"])),
        (Some(405), Some(404), None),
        (Some(403), None, None),
    ] {
        let server = FaultServer::start(move |_, seen| {
            let (gone, body) = if seen.target.ends_with("token") {
                (gone_token, token)
            } else {
                (gone_proofs, proofs)
            };
            gone.map_or_else(
                || Answer::json(200, body),
                |status| Answer::json(status, "{}"),
            )
        })
        .await;
        let provider = server.connect(fast());
        let found = provider.domains().await;
        let names: Option<Vec<_>> = found
            .as_ref()
            .ok()
            .map(|found| found.iter().map(|d| d.name.as_str().unwrap()).collect());
        assert_eq!(names, expected);
        if gone_token.is_none() {
            let plan = provider.subscription().await.unwrap();
            assert_eq!(plan.plan.unwrap().as_str(), Some("ENT"));
            let limits: Vec<_> = plan.limits.keys().map(String::as_str).collect();
            assert_eq!(limits, ["is_scannable", "old_plan", "scan_tokens"]);
        }
    }
}

#[tokio::test]
async fn a_check_asks_the_scan_token_and_else_a_list_of_one() {
    let (server, provider) = answering(Answer::json(200, "{}")).await;
    provider.check().await.unwrap();
    assert_eq!(server.seen()[0].target, "/v1/scans/token");
    let server = FaultServer::start(|_, seen| match &seen.target[..] {
        "/v1/scans/token" => Answer::json(404, "{}"),
        _ => Answer::json(200, rows(0..1, 9)),
    })
    .await;
    server.connect(fast()).check().await.unwrap();
    assert_eq!(server.seen()[1].target, "/v1/leaks?limit=1&page_number=1");
    let (_, provider) = answering(Answer::json(401, "{}")).await;
    assert!(matches!(
        provider.check().await,
        Err(ProviderError::Unauthorised { .. })
    ));
}

#[tokio::test]
async fn the_deprecated_lists_are_read_by_setting_and_only_the_one_of_a_class() {
    let server = FaultServer::always(Answer::json(200, rows(0..1, 1))).await;
    let mut profile = settings(&server.url());
    profile.lists = Lists::Deprecated;
    let provider = connect(profile, fast());
    list(&provider).await.unwrap();
    provider
        .leaks(&full_query(), PageToken::default())
        .await
        .unwrap();
    let paths: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.target.split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/leaks/email",
            "/v1/leaks/domain",
            "/v1/leaks/domain/customers",
            "/v1/leaks/domain"
        ]
    );
    let last = &server.seen()[3];
    assert_eq!(
        (
            last.query("search").as_deref(),
            last.query("email"),
            last.query("type")
        ),
        (Some("vpn & more"), None, None)
    );
    assert!(
        provider
            .count_by(&full_query(), GroupBy::Url)
            .await
            .is_err()
    );
}
