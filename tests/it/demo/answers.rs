//! Every kind of answer of every operation is as the OpenAPI file says.

use std::collections::BTreeSet;

use super::*;
use crate::contracts::{PROJECTDISCOVERY, operations};

const MISSING: &str = "00000000000000000000000000000000";

#[tokio::test]
async fn every_operation_answers_as_described() {
    let rig = DemoFixture::with_leaks(400).await;
    let mut seen = BTreeSet::new();
    for (method, path, body, status) in requests(&rig).await {
        let got = rig.send_validated(method.clone(), &path, body).await;
        assert_eq!(got.status, status, "{method} {path}");
        let bare = path.split('?').next().unwrap_or_default();
        if status == 200 {
            seen.extend(PROJECTDISCOVERY.operation(method.as_str(), bare));
        }
    }
    let all: BTreeSet<_> = operations().into_iter().collect();
    assert_eq!(seen, all);
}

#[expect(
    clippy::too_many_lines,
    reason = "a table, one row for each kind of answer"
)]
/// Requests that the contract describes, and the status that each is answered with.
async fn requests(rig: &DemoFixture) -> Vec<(Method, String, Option<Value>, u16)> {
    let ids = rig.open_ids(4).await;
    let [one, two, foreign, gone] = <[String; 4]>::try_from(ids).unwrap();
    rig.post_control(
        "/leaks",
        json!({ "projectdiscovery": { "refuse": { &foreign: 403, &gone: 404 } } }),
    )
    .await;
    let get = |path: &str, status| (Method::GET, path.to_owned(), None, status);
    let post = |path: &str, body, status| (Method::POST, path.to_owned(), Some(body), status);
    let verification = "/v1/user/domain-verification";
    vec![
        get("/v1/leaks", 200),
        get(
            "/v1/leaks?limit=7&page_number=3&sort_by=country&sort_order=desc&type=customer&status=open&time_range=last_12_months",
            200,
        ),
        get("/v1/leaks?page_number=9999", 200),
        get("/v1/leaks?group_by=url", 200),
        get("/v1/leaks?group_by=email&type=employee", 200),
        get("/v1/leaks?group_by=country&country=Germany", 200),
        post("/v1/leaks/info", json!({ "leakid": one }), 200),
        post("/v1/leaks/info", json!({ "leakid": foreign }), 403),
        post("/v1/leaks/info", json!({ "leakid": MISSING }), 404),
        post(
            "/v1/leaks/status",
            json!({ "leakid": one, "status": "fixed" }),
            200,
        ),
        post(
            "/v1/leaks/status",
            json!({ "leakid": one, "status": "open" }),
            200,
        ),
        post(
            "/v1/leaks/status",
            json!({ "leakids": [one, two], "status": "fixed" }),
            200,
        ),
        post(
            "/v1/leaks/status",
            json!({ "leakids": [one, foreign], "status": "fixed" }),
            403,
        ),
        post(
            "/v1/leaks/status",
            json!({ "leakids": [one, gone], "status": "fixed" }),
            404,
        ),
        post("/v1/leaks/export", json!({}), 200),
        post(
            "/v1/leaks/export?format=json",
            json!({ "type": "employee", "limit": 50, "page_number": 2 }),
            200,
        ),
        post("/v1/leaks/export?format=csv", json!({ "limit": 1000 }), 200),
        post("/v1/leaks/export", json!({ "group_by": "hostname" }), 200),
        get("/v1/leaks/stats/domain?domain=northlake.example", 200),
        get(
            "/v1/leaks/stats/domain?domain=nowhere.example&unmask_email=true",
            200,
        ),
        get("/v1/leaks/stats/email?email=nobody@northlake.example", 200),
        get("/v1/domain/associated", 200),
        get(
            "/v1/domain/associated?domain=northlake.example&source=whois_history,certificate_history&active=true&sort=subdomain_count&limit=2&page=2",
            200,
        ),
        get(
            "/v1/domain/associated?domain=northlake.example&raw=true",
            200,
        ),
        post(
            &format!("{verification}/request"),
            json!({ "domain": "tindra.example" }),
            200,
        ),
        post(
            &format!("{verification}/request"),
            json!({ "domain": "a.tindra.example" }),
            400,
        ),
        post(
            &format!("{verification}/request"),
            json!({ "domain": "northlake.example" }),
            400,
        ),
        get(&format!("{verification}/status"), 200),
        post(
            &format!("{verification}/confirm"),
            json!({ "domain": "tindra.example" }),
            200,
        ),
        post(
            &format!("{verification}/confirm"),
            json!({ "domain": "nowhere.example" }),
            404,
        ),
        (
            Method::DELETE,
            format!("{verification}/request"),
            Some(json!({ "domain": "tindra.example", "verification_type": "dns_text_record" })),
            200,
        ),
        (
            Method::DELETE,
            format!("{verification}/request"),
            Some(json!({ "domain": "nowhere.example", "verification_type": "file_upload" })),
            400,
        ),
        get("/v1/scans/token", 200),
        get("/v1/leaks/domain?search=vpn&limit=5", 200),
        get("/v1/leaks/email", 200),
        get("/v1/leaks/domain/customers?limit=1000&status=fixed", 200),
    ]
}

#[tokio::test]
async fn bad_requests_are_answered_as_described() {
    let rig = DemoFixture::with_leaks(200).await;
    let cases = [
        (Method::GET, "/v1/leaks?type=staff", None),
        (Method::GET, "/v1/leaks?limit=0", None),
        (Method::GET, "/v1/leaks?page_number=-1", None),
        (Method::GET, "/v1/leaks?start_date=tomorrow", None),
        (Method::POST, "/v1/leaks/info", Some(json!({}))),
        (
            Method::POST,
            "/v1/leaks/info",
            Some(json!({ "leakid": "leak_id_hash" })),
        ),
        (
            Method::POST,
            "/v1/leaks/status",
            Some(json!({ "status": "fixed" })),
        ),
        (
            Method::POST,
            "/v1/leaks/status",
            Some(json!({ "leakid": MISSING })),
        ),
        (
            Method::POST,
            "/v1/leaks/status",
            Some(json!({ "leakid": MISSING, "status": "NA" })),
        ),
        (
            Method::POST,
            "/v1/leaks/status",
            Some(json!({ "leakids": [], "status": "open" })),
        ),
        (
            Method::POST,
            "/v1/leaks/status",
            Some(json!({ "leakid": MISSING, "leakids": [MISSING], "status": "open" })),
        ),
        (Method::POST, "/v1/leaks/export", Some(json!([]))),
        (
            Method::POST,
            "/v1/leaks/export",
            Some(json!({ "limit": "20" })),
        ),
        (Method::POST, "/v1/leaks/export?format=xml", Some(json!({}))),
        (Method::GET, "/v1/leaks/stats/domain", None),
        (Method::GET, "/v1/leaks/stats/email?email=nobody", None),
        (Method::GET, "/v1/domain/associated?sort=age", None),
        (
            Method::POST,
            "/v1/user/domain-verification/request",
            Some(json!({})),
        ),
        (
            Method::POST,
            "/v1/user/domain-verification/confirm",
            Some(json!({ "domain": 5 })),
        ),
        (
            Method::DELETE,
            "/v1/user/domain-verification/request",
            Some(json!({ "domain": "northlake.example" })),
        ),
    ];
    for (method, path, body) in cases {
        let got = rig
            .send_and_validate_response(method.clone(), path, body)
            .await;
        assert_eq!(got.status, 400, "{method} {path}");
    }
    let id = rig
        .send_and_validate_response(Method::POST, "/v1/leaks/info", Some(json!({})))
        .await;
    let wanted = json!({ "success": false, "message": "Invalid leak ID format" });
    assert_eq!(id.json(), wanted);
}

#[tokio::test]
async fn only_statistics_are_public() {
    let rig = DemoFixture::with_leaks(100).await;
    for operation in operations() {
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let url = format!("{}{}", rig.demo.base_url(), operation.path);
        for wrong in ["", "X-API-Key", "Authorization"] {
            let mut request = rig.http.request(method.clone(), &url).body("{}");
            if wrong == "Authorization" {
                request = request.header(wrong, format!("Bearer {}", rig.demo.api_key()));
            } else if !wrong.is_empty() {
                request = request.header(wrong, "not the key");
            }
            let got = DemoFixture::send(request).await.unwrap();
            let status = if operation.path.contains("/stats/") {
                400
            } else {
                401
            };
            assert_eq!(got.status, status, "{operation:?}");
            validate_response(
                &operation.method,
                &operation.path,
                got.status,
                got.media(),
                &got.body,
            )
            .unwrap();
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let rig = DemoFixture::with_leaks(10).await;
    assert_eq!(rig.get("/v1/leaks/7f1c").await.status, 404);
    assert_eq!(rig.get("/").await.status, 404);
    assert_eq!(rig.get("/v1/leaks/status").await.status, 405);
    assert_eq!(rig.post("/v1/leaks", json!({})).await.status, 405);
}

#[tokio::test]
async fn a_refused_chunk_writes_nothing_and_says_the_first_thing_wrong() {
    let rig = DemoFixture::with_leaks(200).await;
    let ids = rig.open_ids(3).await;
    let (good, foreign, gone) = (&ids[0], &ids[1], &ids[2]);
    rig.post_control(
        "/leaks",
        json!({ "projectdiscovery": { "refuse": { foreign: 403, gone: 404 } } }),
    )
    .await;
    let bad = "zz".to_owned();
    let unknown = MISSING.to_owned();
    let before = rig.statuses().await;
    let cases: [(Vec<&String>, u16, &str); 5] = [
        (
            vec![good, gone, foreign, &bad],
            400,
            "Invalid leak ID format",
        ),
        (
            vec![good, gone, foreign],
            403,
            "Access denied: you don't have access to this leak",
        ),
        (
            vec![good, foreign, &unknown],
            403,
            "Access denied: you don't have access to this leak",
        ),
        (vec![good, gone], 404, "One or more leaks not found"),
        (vec![&unknown, good], 404, "One or more leaks not found"),
    ];
    for (ids, status, message) in cases {
        let body = json!({ "leakids": ids, "status": "fixed" });
        let got = rig
            .send_and_validate_response(Method::POST, "/v1/leaks/status", Some(body))
            .await;
        assert_eq!((got.status, got.message().as_str()), (status, message));
    }
    assert_eq!(rig.statuses().await, before);
}

#[tokio::test]
async fn statuses_change_both_ways_and_are_told_as_documented() {
    let rig = DemoFixture::with_leaks(200).await;
    let ids = rig.open_ids(3).await;
    let got = rig
        .post(
            "/v1/leaks/status",
            json!({ "leakid": ids[0].to_uppercase(), "status": "fixed" }),
        )
        .await;
    assert_eq!(got.json()["leak_id"], ids[0].to_uppercase());
    assert_eq!(got.json()["new_status"], "fixed");
    assert_eq!(rig.status_by_id(&ids[0]).await, "fixed");
    let got = rig
        .fix(&[ids[1].clone(), ids[2].clone(), ids[1].clone()])
        .await
        .unwrap();
    let wanted = json!({
        "status": "success", "message": "2 leak statuses updated successfully", "updated_count": 2
    });
    assert_eq!(got.json(), wanted);
    let fixed: Vec<String> = rig.rows("status=fixed").await.iter().map(id).collect();
    assert!(ids.iter().all(|id| fixed.contains(id)));
    rig.post(
        "/v1/leaks/status",
        json!({ "leakid": ids[0], "status": "open" }),
    )
    .await;
    assert_eq!(rig.status_by_id(&ids[0]).await, "open");
}

#[tokio::test]
async fn info_shows_what_lists_mask_where_the_domain_is_proved() {
    let rig = DemoFixture::with_leaks(300).await;
    let rows = rig.rows("").await;
    let masked = |row: &&Value| row["password"] == "***MASKED***";
    let proved = |row: &&Value| row["domain"] == "northlake.example";
    let pending = |row: &&Value| row["domain"] == "orchidhealth.example";
    let password = async |id: String| {
        let got = rig.post("/v1/leaks/info", json!({ "leakid": id })).await;
        got.json()["data"]["password"].clone()
    };
    let shown = rows.iter().filter(proved).find(masked).map(id).unwrap();
    assert_ne!(password(shown).await, "***MASKED***");
    let hidden = rows.iter().filter(pending).find(masked).map(id).unwrap();
    assert_eq!(password(hidden.clone()).await, "***MASKED***");
    assert!(
        rows.iter()
            .filter(pending)
            .all(|row| { row["password"] == "***MASKED***" || text(row, "password").is_empty() })
    );

    let domain = json!({ "domain": "orchidhealth.example" });
    let confirmed = rig
        .post("/v1/user/domain-verification/confirm", domain)
        .await;
    assert_eq!(confirmed.status, 200);
    assert_ne!(password(hidden).await, "***MASKED***");
    let usage = rig.get("/v1/scans/token").await.json();
    let verified = usage["verified_domain"].as_array().unwrap();
    assert!(verified.contains(&json!("orchidhealth.example")));
}

#[tokio::test]
async fn proofs_go_from_pending_to_verified_to_deleted() {
    let rig = DemoFixture::with_leaks(10).await;
    let path = "/v1/user/domain-verification";
    let standing = async |domain: &str| {
        let all = rig.get(&format!("{path}/status")).await.json();
        let all = all["verification_requests"].as_array().unwrap().clone();
        let found = all.iter().find(|request| request["domain"] == domain);
        found.map(|request| text(request, "status"))
    };
    assert_eq!(standing("new.example").await, None);
    let asked = json!({ "domain": "new.example", "verification_type": "html_meta_tag" });
    let first = rig.post(&format!("{path}/request"), asked.clone()).await;
    let again = rig.post(&format!("{path}/request"), asked.clone()).await;
    assert_eq!(first.json(), again.json());
    assert_eq!(standing("new.example").await.as_deref(), Some("pending"));
    let got = rig
        .post(
            &format!("{path}/confirm"),
            json!({ "domain": "new.example" }),
        )
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(standing("new.example").await.as_deref(), Some("verified"));
    let dropped = rig
        .send_validated(Method::DELETE, &format!("{path}/request"), Some(asked))
        .await;
    assert_eq!(dropped.status, 200);
    assert_eq!(standing("new.example").await.as_deref(), Some("deleted"));

    let unproven = json!({ "domain": "unproven-one.example" });
    rig.post(&format!("{path}/request"), unproven.clone()).await;
    for standing_after in ["pending", "pending", "failed"] {
        let got = rig.post(&format!("{path}/confirm"), unproven.clone()).await;
        assert_eq!(got.status, 400);
        assert_eq!(
            standing("unproven-one.example").await.as_deref(),
            Some(standing_after)
        );
    }
}

#[tokio::test]
async fn associated_domains_filter_sort_and_page() {
    let rig = DemoFixture::with_leaks(10).await;
    let base = "/v1/domain/associated?domain=northlake.example";
    let all = rig.get(base).await.json();
    assert_eq!(all["total_count"], 14);
    assert_eq!(all["results"].as_array().unwrap().len(), 14);
    let raw = rig.get(&format!("{base}&raw=true")).await;
    assert!(raw.media().starts_with("text/plain"));
    assert_eq!(String::from_utf8(raw.body).unwrap().lines().count(), 14);
    let page = rig.get(&format!("{base}&limit=4&page=4")).await.json();
    assert_eq!(page["results"].as_array().unwrap().len(), 2);
    assert_eq!(page["total_pages"], 4);
    let active = rig.get(&format!("{base}&active=false")).await.json();
    let active = active["results"].as_array().unwrap().clone();
    assert!(active.iter().all(|one| one["evidence"]["active"] == false));
    let everything = rig.get("/v1/domain/associated").await.json();
    assert_eq!(everything["total_count"], 14 * 5);
}
