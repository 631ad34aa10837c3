//! Each fault does what its row says.

use super::*;

/// The statuses of so many equal requests.
async fn answers(rig: &DemoFixture, path: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(rig.get(path).await.status);
    }
    statuses
}

async fn count_fixed(rig: &DemoFixture, ids: &[String]) -> usize {
    let all = rig.statuses().await;
    ids.iter().filter(|id| all[*id] == "fixed").count()
}

#[tokio::test]
async fn throttling_comes_with_seconds_nothing_or_a_date() {
    for (fault, check) in [
        (
            "429:2",
            (|header| header == Some("1")) as fn(Option<&str>) -> bool,
        ),
        ("429-bare:2", |header| header.is_none()),
        ("429-date:2", |header| {
            header.is_some_and(|text| httpdate::parse_http_date(text).is_ok())
        }),
    ] {
        let rig = DemoFixture::with_faults(10, fault).await;
        assert_eq!(answers(&rig, "/v1/leaks", 4).await, [200, 429, 200, 429]);
        rig.get("/v1/leaks").await;
        let got = rig
            .send_and_validate_response(Method::GET, "/v1/leaks", None)
            .await;
        let header = got
            .headers
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert!(check(header), "{fault} {header:?}");
    }
}

#[tokio::test]
async fn the_usual_count_is_every_seventh() {
    let rig = DemoFixture::with_faults(10, "500").await;
    assert_eq!(
        answers(&rig, "/v1/leaks", 8).await,
        [200, 200, 200, 200, 200, 200, 500, 200]
    );
    let ids = rig.open_ids(1).await;
    rig.post_control("/faults", json!({ "faults": ["500:1"] }))
        .await;
    assert_eq!(
        rig.fix(&ids).await.unwrap().status,
        200,
        "500 meets reads only"
    );
}

#[tokio::test]
async fn writes_fail_before_after_and_halfway() {
    for (fault, status, fixed) in [
        ("500-before:1", 500, 0),
        ("500-after:1", 500, 6),
        ("half:1", 500, 3),
        ("half-ok:1", 200, 3),
        ("lie:1", 200, 0),
        ("delayed-apply:1", 200, 0),
    ] {
        let rig = DemoFixture::with_leaks(100).await;
        let ids = rig.open_ids(6).await;
        rig.post_control("/faults", json!({ "faults": [fault] }))
            .await;
        let got = rig.fix(&ids).await.unwrap();
        assert_eq!(got.status, status, "{fault}");
        if status == 200 {
            assert_eq!(got.json()["updated_count"], 6, "{fault}");
        }
        assert_eq!(count_fixed(&rig, &ids).await, fixed, "{fault}");
        assert_eq!(
            rig.get("/v1/leaks").await.status,
            200,
            "{fault} meets writes only"
        );
    }
}

#[tokio::test]
async fn a_refusal_stays_a_refusal() {
    let rig = DemoFixture::with_faults(100, "500-after:1").await;
    let got = rig.fix(&["zz".to_owned()]).await.unwrap();
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn cut_connections_give_no_byte_of_answer() {
    for (fault, fixed) in [("drop:1", 0), ("drop-after:1", 4)] {
        let rig = DemoFixture::with_leaks(100).await;
        let ids = rig.open_ids(4).await;
        rig.post_control("/faults", json!({ "faults": [fault] }))
            .await;
        let body = json!({ "leakids": ids, "status": "fixed" }).to_string();
        let request = format!(
            "POST /v1/leaks/status HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\ncontent-length: {}\r\n\r\n{body}",
            rig.demo.api_key(),
            body.len(),
        );
        let address = rig.demo.base_url().trim_start_matches("http://").to_owned();
        let bytes = send_raw(&address, &request).await;
        assert_eq!(bytes, b"", "{fault}");
        assert_eq!(count_fixed(&rig, &ids).await, fixed, "{fault}");
        let log = rig.control("/requests").await;
        assert!(log["requests"].as_array().unwrap().last().unwrap()["status"].is_null());
    }
}

/// All that comes back until the other side closes; how it closes does not matter.
async fn send_raw(address: &str, request: &str) -> Vec<u8> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut all, mut part) = (Vec::new(), [0; 4_096]);
    while let Ok(count) = stream.read(&mut part).await {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&part[..count]);
    }
    all
}

#[tokio::test]
async fn truncated_answers_announce_more_than_they_send() {
    let rig = DemoFixture::with_leaks(100).await;
    let whole = rig.get("/v1/leaks").await.body.len();
    rig.post_control("/faults", json!({ "faults": ["truncate:1"] }))
        .await;
    let request = format!(
        "GET /v1/leaks HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n\r\n",
        rig.demo.api_key()
    );
    let address = rig.demo.base_url().trim_start_matches("http://").to_owned();
    let bytes = send_raw(&address, &request).await;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {whole}")), "{head}");
    assert_eq!(body.len(), whole / 2);
}

#[tokio::test]
async fn a_truncated_write_was_applied() {
    let rig = DemoFixture::with_leaks(100).await;
    let ids = rig.open_ids(3).await;
    rig.post_control("/faults", json!({ "faults": ["truncate-write:1"] }))
        .await;
    assert!(rig.fix(&ids).await.is_err());
    assert_eq!(count_fixed(&rig, &ids).await, 3);
}

#[tokio::test]
async fn slow_answers_wait_and_trickle() {
    let rig = DemoFixture::with_faults(100, "slow:1").await;
    let start = std::time::Instant::now();
    let mut response = rig
        .request(Method::GET, "/v1/leaks", None)
        .send()
        .await
        .unwrap();
    assert!(start.elapsed() >= std::time::Duration::from_secs(1));
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.len() <= 1_024);
    assert!(response.content_length().unwrap() > 5_000);
}

#[tokio::test]
async fn huge_answers_are_larger_than_sixty_five_mebibytes() {
    let rig = DemoFixture::with_faults(10, "huge:1").await;
    let mut response = rig
        .request(Method::GET, "/v1/leaks", None)
        .send()
        .await
        .unwrap();
    assert_eq!(response.content_length(), None);
    let mut all = 0;
    while let Some(part) = response.chunk().await.unwrap() {
        all += part.len();
    }
    assert!(all >= 65 * 1_024 * 1_024, "{all}");
}

#[tokio::test]
async fn a_web_page_comes_with_success() {
    let rig = DemoFixture::with_faults(10, "html:1").await;
    let got = rig.get("/v1/leaks").await;
    assert_eq!(got.status, 200);
    assert!(got.media().starts_with("text/html"));
}

#[tokio::test]
async fn a_portal_comes_up_at_a_write_and_stands_before_every_path() {
    let rig = DemoFixture::with_leaks(60).await;
    let ids = rig.open_ids(3).await;
    rig.post_control("/reset", json!({})).await;
    rig.post_control("/faults", json!({ "faults": ["portal-at:2"] }))
        .await;
    assert_eq!(
        rig.fix(&ids[..1]).await.unwrap().json()["status"],
        "success"
    );
    assert!(rig.get("/v1/leaks").await.media().contains("json"));
    let page = rig.fix(&ids[1..2]).await.unwrap();
    assert_eq!(page.status, 200);
    assert!(page.media().starts_with("text/html"));
    for path in ["/v1/leaks", "/v1/leaks/info", "/nowhere"] {
        assert!(
            rig.get(path).await.media().starts_with("text/html"),
            "{path}"
        );
    }
    assert_eq!(count_fixed(&rig, &ids).await, 1, "the page applies nothing");
    let log = rig.control("/requests").await;
    let met = log["requests"].as_array().unwrap().iter();
    let met: Vec<bool> = met.map(|entry| entry["portal"] == true).collect();
    assert_eq!(met, [false, false, true, true, true, true]);
    rig.post_control("/faults", json!({ "faults": [] })).await;
    assert!(rig.get("/v1/leaks").await.media().contains("json"));
}

#[tokio::test]
async fn a_redirect_leads_to_a_port_that_tells() {
    let rig = DemoFixture::with_faults(10, "redirect:1").await;
    let got = rig.get("/v1/leaks?limit=5").await;
    assert_eq!(got.status, 302);
    let target = got.headers["location"].to_str().unwrap();
    assert!(!target.starts_with(&rig.demo.base_url()));
    let followed = rig.http.get(target).header("X-API-Key", rig.demo.api_key());
    assert_eq!(DemoFixture::send(followed).await.unwrap().status, 200);
    let log = rig.control("/requests").await;
    let last = log["requests"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["provider"], "redirect-target");
    assert_eq!(last["path"], "/v1/leaks");
    assert_eq!(
        last["query"],
        json!({ "limit": "5", "key_was_sent": "true" })
    );
    assert!(!log.to_string().contains(rig.demo.api_key()));
}

#[tokio::test]
async fn partial_applies_the_good_ones() {
    let rig = DemoFixture::with_leaks(100).await;
    let mut ids = rig.open_ids(5).await;
    let refuse = json!({ "projectdiscovery": { "refuse": { &ids[1]: 403, &ids[2]: 404 } } });
    rig.post_control("/leaks", refuse).await;
    ids.push("zz".to_owned());
    assert_eq!(rig.fix(&ids).await.unwrap().status, 400);
    rig.post_control("/faults", json!({ "faults": ["partial"] }))
        .await;
    let got = rig.fix(&ids).await.unwrap();
    assert_eq!(got.json()["updated_count"], 3);
    assert_eq!(count_fixed(&rig, &ids[..5]).await, 3);
}

#[tokio::test]
async fn a_shift_brings_a_row_in_and_takes_one_out() {
    let rig = DemoFixture::with_faults(100, "shift:2").await;
    let ids = async |page: u32| -> Vec<String> {
        let got = rig
            .get(&format!("/v1/leaks?limit=50&page_number={page}"))
            .await
            .json();
        assert_eq!(got["total_leaks"], 100);
        got["data"].as_array().unwrap().iter().map(id).collect()
    };
    let before = [ids(1).await, ids(2).await].concat();
    let after = [ids(1).await, ids(2).await].concat();
    assert_eq!(
        after[1..].iter().filter(|id| before.contains(id)).count(),
        99
    );
    assert!(!before.contains(&after[0]));
    assert_eq!(rig.statuses().await.len(), 100);
}

#[tokio::test]
async fn a_duplicate_is_the_last_row_of_the_page_before() {
    let rig = DemoFixture::with_faults(100, "duplicate").await;
    let ids = async |page: u32| -> Vec<String> {
        let got = rig
            .get(&format!("/v1/leaks?limit=40&page_number={page}"))
            .await
            .json();
        got["data"].as_array().unwrap().iter().map(id).collect()
    };
    let (one, two) = (ids(1).await, ids(2).await);
    assert_eq!((one.len(), two.len()), (40, 41));
    assert_eq!(one.last(), two.first());
}

#[tokio::test]
async fn unknown_brings_members_and_values_that_no_document_names() {
    let rig = DemoFixture::with_faults(100, "unknown").await;
    let got = rig.get("/v1/leaks?limit=100").await.json();
    let rows = got["data"].as_array().unwrap();
    assert!(got.get("next_cursor").is_some());
    assert!(rows.iter().all(|row| row.get("stealer_family").is_some()));
    assert!(
        rows.iter()
            .any(|row| row["user_type"] == "contractor" && row["status"] == "triaged")
    );
    assert!(rows.iter().any(|row| row["status"] == "open"));
}

#[tokio::test]
async fn some_statuses_were_never_set() {
    let rig = DemoFixture::with_faults(2_000, "na").await;
    let never = rig
        .rows("")
        .await
        .iter()
        .filter(|row| row["status"] == "NA")
        .map(id)
        .collect::<Vec<_>>();
    assert!((8..40).contains(&never.len()), "{}", never.len());
    assert_eq!(rig.status_by_id(&never[0]).await, "NA");
    assert_eq!(rig.fix(&never[..1]).await.unwrap().status, 200);
    assert_eq!(rig.status_by_id(&never[0]).await, "fixed");
    let (open, fixed) = (
        rig.rows("status=open").await.len(),
        rig.rows("status=fixed").await.len(),
    );
    assert_eq!(open + fixed + never.len() - 1, 2_000);
}

#[tokio::test]
async fn switches_change_the_rules() {
    let rig = DemoFixture::with_faults(50, "strict-limit").await;
    assert_eq!(rig.get("/v1/leaks?limit=1001").await.status, 400);
    assert_eq!(rig.get("/v1/leaks?limit=1000").await.status, 200);

    let rig = DemoFixture::with_faults(50, "bearer-only").await;
    assert_eq!(rig.get("/v1/leaks").await.status, 401);
    let bearer = format!("Bearer {}", rig.demo.api_key());
    let request = rig
        .request(Method::GET, "/v1/leaks", None)
        .header("Authorization", bearer);
    assert_eq!(DemoFixture::send(request).await.unwrap().status, 200);

    let rig = DemoFixture::with_faults(50, "flat-stats").await;
    let got = rig
        .send_validated(
            Method::GET,
            "/v1/leaks/stats/domain?domain=northlake.example",
            None,
        )
        .await;
    assert!(got.json()["recent_activity"]["last_30_days"].is_number());
    let got = rig
        .send_validated(Method::GET, "/v1/leaks/stats/email?email=a@b.example", None)
        .await;
    assert_eq!(got.json()["email"], "a@b.example");
}

#[tokio::test]
async fn no_minute_sees_more_than_its_limit() {
    let rig = DemoFixture::with_options(Options {
        rpm: Some(3),
        ..options(10)
    })
    .await;
    assert_eq!(answers(&rig, "/v1/leaks", 4).await, [200, 200, 200, 429]);
    let got = rig
        .send_and_validate_response(Method::GET, "/v1/leaks", None)
        .await;
    let seconds: u64 = got.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(rig.control("/statuses").await.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn latency_delays_every_answer() {
    let latency = std::time::Duration::from_millis(80);
    let rig = DemoFixture::with_options(Options {
        latency,
        ..options(10)
    })
    .await;
    let start = std::time::Instant::now();
    rig.get("/v1/leaks").await;
    assert!(start.elapsed() >= latency);
}
