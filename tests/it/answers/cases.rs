//! Answers that were taken for more than they are, through the program: each with inputs of its kind beside it.

use super::AnswersFixture;
use crate::support::fault_server::{FaultServer, RecordedRequest, ServerResponse, id};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
const TEXT: (&str, &str) = ("content-type", "text/plain");

async fn leaked_checker_fixture(
    respond: impl Fn(&str, &RecordedRequest) -> ServerResponse + Send + Sync + 'static,
) -> AnswersFixture {
    let server = FaultServer::start(move |_, seen| {
        let target = seen.target.split('?').next().unwrap();
        let path = target
            .trim_start_matches("/api/v1")
            .trim_start_matches("/external");
        respond(path, seen)
    })
    .await;
    AnswersFixture::new("leaked-checker", "/api/v1", server)
}

fn not_found() -> ServerResponse {
    ServerResponse::json(
        404,
        r#"{"success":false,"message":"No breaches could be found"}"#,
    )
}

#[tokio::test]
async fn case_01_a_404_of_another_program_is_no_clean_answer() {
    let foreign: &[(u16, (&str, &str), &str)] = &[
        (
            404,
            HTML,
            "<html><head><title>404 Not Found</title></head><body><hr><center>nginx</center></body></html>",
        ),
        (
            404,
            JSON,
            r#"{"message":"no Route matched with those values"}"#,
        ),
        (
            404,
            HTML,
            "<!DOCTYPE html><html><body><pre>Cannot GET /external/breachedaccount</pre></body></html>",
        ),
        (404, TEXT, "404 page not found\n"),
        (
            410,
            JSON,
            r#"{"message":"This API version has been retired"}"#,
        ),
        // Siblings of our own.
        (404, JSON, r#"{"detail":"Not Found"}"#),
        (
            404,
            JSON,
            r#"{"timestamp":"2026-11-29T00:00:00Z","status":404,"error":"Not Found","path":"/x"}"#,
        ),
        (
            404,
            JSON,
            r#"{"success":false,"message":"This API version has been retired"}"#,
        ),
        (
            410,
            JSON,
            r#"{"success":false,"message":"No breaches could be found"}"#,
        ),
        (
            404,
            TEXT,
            r#"{"success":false,"message":"No breaches could be found"}"#,
        ),
        (404, JSON, ""),
        (200, JSON, r#"{"detail":"Not Found"}"#),
        (
            200,
            JSON,
            r#"{"message":"no Route matched with those values"}"#,
        ),
    ];
    for (status, media, body) in foreign {
        let (status, media, body) = (*status, *media, *body);
        let bench = leaked_checker_fixture(move |_, _| {
            ServerResponse::new(status, &[media], body.as_bytes())
        })
        .await;
        for what in [
            ["email", "m.ortega@acme.example"],
            ["domain", "acme.example"],
        ] {
            let ran = bench
                .run(&["check", what[0], what[1], "--format", "json"])
                .await;
            let check = &ran.json()["check"];
            assert_eq!(
                (ran.exit, &check["verdict"]),
                (5, &json!("inconclusive")),
                "{status} {body}: {ran:?}"
            );
            for answer in check["answers"].as_array().unwrap() {
                assert_eq!(answer["evidence"], "not_this_service", "{status} {body}");
                assert!(answer["message"].as_str().unwrap().contains("HTTP"));
            }
        }
        for list in [
            &["pastes", "list", "m.ortega@acme.example"][..],
            &["breaches", "list", "--domain", "acme.example"],
            &["breaches", "show", "BrightCart"],
            &["leaks", "list"],
            &["leaks", "count"],
        ] {
            assert_eq!(bench.run(list).await.exit, 5, "{status} {body} {list:?}");
        }
    }
}

#[tokio::test]
async fn the_services_own_not_found_is_clean() {
    let bench = leaked_checker_fixture(|_, _| not_found()).await;
    for what in [
        ["email", "m.ortega@acme.example"],
        ["domain", "acme.example"],
    ] {
        let ran = bench
            .run(&["check", what[0], what[1], "--format", "json"])
            .await;
        let check = &ran.json()["check"];
        assert_eq!(
            (ran.exit, &check["verdict"]),
            (0, &json!("clean")),
            "{ran:?}"
        );
        for answer in check["answers"].as_array().unwrap() {
            assert_eq!(answer["evidence"], "not_found");
            assert_eq!(answer["message"], "No breaches could be found");
        }
    }
    let ran = bench
        .run(&["pastes", "list", "a@acme.example", "--format", "json"])
        .await;
    assert_eq!((ran.exit, &ran.json()["complete"]), (0, &json!(true)));
    assert_eq!(bench.run(&["breaches", "show", "Nothing"]).await.exit, 6);
}

#[tokio::test]
async fn case_03_a_domain_of_which_nothing_is_said_is_asked_for() {
    for (domains, leaks, code) in [
        (
            r#"[{"DomainName":"acme.example","PwnCount":2},{"DomainName":"northwind.example","PwnCount":null}]"#,
            3,
            5,
        ),
        (r#"[{"DomainName":"acme.example","IsVerified":null}]"#, 3, 0),
        (
            r#"[{"DomainName":"acme.example","IsVerified":"yes"}]"#,
            3,
            0,
        ),
        (r#"[{"DomainName":"acme.example","IsVerified":0}]"#, 3, 0),
        (
            r#"[{"DomainName":"acme.example","IsVerified":{"dns":true}}]"#,
            3,
            0,
        ),
        (r#"[{"DomainName":"acme.example","IsVerified":true}]"#, 3, 0),
        (
            r#"[{"DomainName":"acme.example","IsVerified":false}]"#,
            0,
            0,
        ),
    ] {
        let count = serde_json::from_str::<Value>(domains).unwrap();
        let count = count.as_array().unwrap().len();
        let body = format!(r#"{{"success":true,"count":{count},"domains":{domains}}}"#);
        let bench = leaked_checker_fixture(move |path, _| match path {
            "/subscribeddomains" => ServerResponse::json(200, &body),
            "/breacheddomain/emails/acme.example" => ServerResponse::json(
                200,
                r#"{"m.ortega":["BrightCart"],"reception":["BrightCart","OldForum"]}"#,
            ),
            "/breacheddomain/emails/northwind.example" => ServerResponse::json(
                403,
                r#"{"success":false,"message":"This domain is not verified"}"#,
            ),
            "/breaches" => ServerResponse::json(200, r#"[{"Name":"BrightCart"}]"#),
            _ => not_found(),
        })
        .await;
        let ran = bench.run(&["leaks", "list", "--format", "json"]).await;
        let list = ran.json();
        assert_eq!(ran.exit, code, "{domains}: {ran:?}");
        assert_eq!(list["items"].as_array().unwrap().len(), leaks, "{domains}");
        assert_eq!(list["complete"], code == 0, "{domains}");
        let left_out = if code == 0 {
            json!([])
        } else {
            json!(["northwind.example"])
        };
        assert_eq!(list["profiles"][0]["left_out"], left_out);
        assert_eq!(list["profiles"][0]["unreadable"], 0);
        if code == 5 {
            let error = list["profiles"][0]["error"]["message"].as_str().unwrap();
            assert!(error.contains("northwind.example"), "{error}");
            assert!(ran.stderr.contains("northwind.example"), "{}", ran.stderr);
        }
        for kind in ["users", "connections"] {
            let ran = bench.run(&[kind, "list", "--format", "json"]).await;
            assert_eq!(
                (ran.exit, &ran.json()["complete"]),
                (code, &json!(code == 0))
            );
        }
        let ran = bench.run(&["leaks", "count", "--format", "json"]).await;
        assert_eq!(
            (ran.exit, &ran.json()["complete"]),
            (code, &json!(code == 0))
        );
        // Nothing that could be taken for the count.
        let ran = bench.run(&["leaks", "count"]).await;
        assert_eq!(
            (ran.exit, ran.stdout.is_empty()),
            (code, code == 5),
            "{ran:?}"
        );
    }
}

const STATISTICS: &str = r#"{"leak_devices_count":[{"devices":12}],"leak_customers_count":[{"customers":40}],"leak_user_count":[{"user":5}],
 "leak_employees_count":[{"employees":9}],"combolist_exposure":[{"combolist_exposure":3}],
 "leak_country_stats":[{"Country":"Spain","CredentialsCount":30},{"Country":"","CredentialsCount":4},{"Country":null,"CredentialsCount":2}],
 "top_used_urls_by_customers":[{"count":7,"url":"https://my.acme.example/"}],"top_used_urls_by_employees":[],"top_used_urls_by_user":null,
 "leak_customers_timeline":[{"CredentialsCount":3,"Month":2,"Year":2026}],"leak_user_timeline":[],
 "leak_employees_timeline":[{"CredentialsCount":1,"Month":11,"Year":2026}]}"#;

#[tokio::test]
async fn case_23_statistics_of_another_shape_are_read_or_an_error() {
    let base: Value = serde_json::from_str(STATISTICS).unwrap();
    let with = |name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let all = |change: fn(&Value) -> Value| {
        let members = base.as_object().unwrap().iter();
        Value::Object(
            members
                .map(|(name, value)| (name.clone(), change(value)))
                .collect(),
        )
    };
    let good = [
        base.clone(),
        with("leak_devices_count", json!([{"devices": "12"}])),
        with("leak_devices_count", json!([{"devices": 12.0}])),
        with("leak_devices_count", json!({"devices": 12})),
        with("leak_devices_count", json!(12)),
        with(
            "leak_customers_timeline",
            json!([{"CredentialsCount": 3, "Month": "February", "Year": "2026"}]),
        ),
        with(
            "leak_customers_timeline",
            json!([{"CredentialsCount": "3", "Month": "Feb", "Year": 2026}]),
        ),
    ];
    let bad = [
        all(|_| Value::Null),
        all(|_| json!([])),
        json!({}),
        json!([]),
        json!({"success": true, "data": base}),
        json!({"message": "rate limited, try again later"}),
        json!({"success": false, "message": "no"}),
        json!({"detail": "Not Found"}),
        json!({"domain": "acme.example", "found": true}),
        with("leak_devices_count", json!("twelve")),
        with("leak_devices_count", json!([{"machines": 12}])),
        with("leak_country_stats", json!("Spain")),
        with("leak_country_stats", json!([{"Country": "Spain"}])),
        with(
            "leak_customers_timeline",
            json!([{"CredentialsCount": 3, "Month": 13, "Year": 2026}]),
        ),
        json!({"total_leaks": null, "recent_activity": {}}),
        json!({"total_leaks": "many"}),
    ];
    for (is_good, body) in good
        .iter()
        .map(|it| (true, it))
        .chain(bad.iter().map(|it| (false, it)))
    {
        let answer = ServerResponse::json(200, body.to_string());
        let bench = AnswersFixture::new(
            "projectdiscovery",
            "",
            FaultServer::with_response(answer).await,
        );
        for subject in [["domain", "acme.example"], ["email", "m@acme.example"]] {
            let ran = bench
                .run(&["stats", subject[0], subject[1], "--format", "json"])
                .await;
            if is_good {
                assert_eq!(ran.exit, 0, "{body}: {ran:?}");
                let stats = &ran.json()["stats"];
                assert_eq!(stats["totals"]["devices"], 12);
                let mut timeline = stats["timeline"].as_array().unwrap().iter();
                assert!(timeline.any(|point| point["month"] == "2026-02"), "{body}");
                assert_eq!(stats["countries"].as_array().unwrap().len(), 3);
            } else {
                assert_eq!((ran.exit, &ran.stdout[..]), (5, ""), "{body}: {ran:?}");
                let error: Value = serde_json::from_str(&ran.stderr).unwrap();
                assert!(!error["error"]["message"].as_str().unwrap().is_empty());
            }
        }
    }
}

/// A page of a list of so many leaks that says these totals.
fn page(seen: &RecordedRequest, all: u32, totals: &str) -> ServerResponse {
    let number = |name: &str| seen.query(name).and_then(|text| text.parse().ok());
    let (size, page): (u32, u32) = (
        number("limit").unwrap_or(20).min(10),
        number("page_number").unwrap_or(1),
    );
    let rows: Vec<String> = ((page - 1) * size..(page * size).min(all))
        .map(|n| {
            format!(
                r#"{{"id":"{}","status":"open","url":"https://{n}.example"}}"#,
                id(n)
            )
        })
        .collect();
    ServerResponse::json(200, format!(r#"{{"data":[{}]{totals}}}"#, rows.join(",")))
}

#[tokio::test]
async fn totals_that_contradict_each_other_hide_no_leak_and_are_told() {
    for (totals, code) in [
        (r#","total_count":35,"total_leaks":35,"total_pages":4"#, 0),
        (r#","total_count":10,"total_leaks":35"#, 5),
        (r#","total_count":35,"total_leaks":10"#, 5),
        (
            r#","total_count":10,"total_leaks":10,"summary":{"total_leaks":35}"#,
            5,
        ),
        (r#","total_count":"ten","total_leaks":35"#, 5),
        (r#","total_count":0,"total_leaks":0"#, 5),
        (r#","total_count":36,"total_leaks":36"#, 5),
        (r#","total_count":35,"total_leaks":35,"total_pages":0"#, 5),
    ] {
        let server = FaultServer::start(move |_, seen| page(seen, 35, totals)).await;
        let bench = AnswersFixture::new("projectdiscovery", "", server);
        let ran = bench.run(&["leaks", "list", "--format", "json"]).await;
        let list = ran.json();
        assert_eq!(
            (
                ran.exit,
                &list["complete"],
                list["items"].as_array().unwrap().len()
            ),
            (code, &json!(code == 0), 35),
            "{totals}: {}",
            ran.stderr
        );
        let ran = bench.run(&["leaks", "count", "--format", "json"]).await;
        assert_eq!(ran.json()["complete"], ran.exit == 0, "{totals}");
        let file = bench.home.path().join("leaks.json");
        let ran = bench
            .run(&[
                "export",
                "--format",
                "json",
                "--output",
                file.to_str().unwrap(),
            ])
            .await;
        assert_eq!((ran.exit, file.exists()), (code, code == 0), "{totals}");
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_make_a_list_incomplete() {
    for (rows, kept, unreadable) in [
        (r#"{"id":"a"},null"#, 1, 1),
        (r#"{"id":"a"},7,"x",[]"#, 1, 3),
        (r#"{"id":"a"},{"url":"https://x.example"}"#, 1, 1),
        (r#"{"id":null},{"id":""}"#, 0, 2),
    ] {
        let count = kept + unreadable;
        let body = format!(r#"{{"data":[{rows}],"total_count":{count},"total_leaks":{count}}}"#);
        let bench = AnswersFixture::new(
            "projectdiscovery",
            "",
            FaultServer::with_response(ServerResponse::json(200, body)).await,
        );
        let ran = bench.run(&["leaks", "list", "--format", "json"]).await;
        let list = ran.json();
        assert_eq!(
            (ran.exit, &list["complete"]),
            (5, &json!(false)),
            "{rows}: {ran:?}"
        );
        assert_eq!(list["items"].as_array().unwrap().len(), kept, "{rows}");
        assert_eq!(list["profiles"][0]["unreadable"], unreadable, "{rows}");
    }
}

#[tokio::test]
async fn what_a_password_answer_proves_is_in_the_exit_code() {
    for (media, body, evidence, code) in [
        (JSON, r#"{"success":true,"found":true}"#, "answered", 0),
        (TEXT, "true", "answered", 0),
        (JSON, r#"{"detail":"Not Found"}"#, "not_this_service", 5),
        (
            JSON,
            r#"{"success":false,"message":"Slow down"}"#,
            "refused",
            5,
        ),
        (JSON, "[]", "unreadable", 5),
        (TEXT, "", "unreadable", 5),
        (TEXT, "404 page not found", "unreadable", 5),
        (HTML, "<p>Sign in</p>", "not_this_service", 5),
    ] {
        let bench =
            leaked_checker_fixture(move |_, _| ServerResponse::new(200, &[media], body.as_bytes()))
                .await;
        let ran = bench
            .run_with(&["check", "password", "--format", "json"], "hunter2")
            .await;
        let check = &ran.json()["check"];
        assert_eq!(
            (
                ran.exit,
                &check["verdict"],
                &check["answers"][0]["evidence"]
            ),
            (code, &json!("inconclusive"), &json!(evidence)),
            "{body}: {ran:?}"
        );
    }
}
