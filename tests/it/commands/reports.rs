//! `report`: its figures against what the stand-in was told to do, counted here and not there.

use super::*;

const FORMS: [&str; 3] = ["md", "json", "csv"];

fn today() -> String {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string()
}

async fn open_leaks(rig: &CommandFixture) -> u64 {
    let count = rig
        .run(&[
            "leaks",
            "count",
            "--filter",
            "status:open",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    count["count"].as_u64().unwrap()
}

#[tokio::test]
async fn its_figures_are_those_of_the_world_and_its_sums_hold() {
    let rig = CommandFixture::with_leaks(300).await;
    let once = ["watch", "--once", "--quiet"];
    let before = open_leaks(&rig).await;
    rig.run(&once).await.assert_exit(0);
    let opened = rig.ids("fixed", 2).await;
    let fixed = rig.ids("open", 5).await;
    let mut statuses = serde_json::Map::new();
    statuses.extend(opened.iter().map(|id| (id.clone(), json!("open"))));
    statuses.extend(fixed.iter().map(|id| (id.clone(), json!("fixed"))));
    rig.post_control("/statuses", json!({ "projectdiscovery": statuses }))
        .await;
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 12 } }))
        .await;
    rig.run(&once).await.assert_exit(10);
    let after = open_leaks(&rig).await;
    let day = today();
    let period = ["report", "--from", &day, "--to", &day, "--format"];
    let report = rig
        .run(&[&period[..], &["json"]].concat())
        .await
        .assert_ok()
        .json();
    let report = &report["report"];
    let figures = &report["figures"];
    assert_eq!(figures["open_start"], before);
    assert_eq!(figures["open_end"], after);
    assert_eq!(figures["flows"]["came_back"], 2);
    assert_eq!(figures["flows"]["fixed_elsewhere"], 5);
    let known = figures["flows"]["became_known"].as_u64().unwrap();
    assert_eq!(before + known + 2 - 5, after);
    for check in report["checks"].as_array().unwrap() {
        assert_eq!(check["ok"], true, "{check}");
    }
    assert_eq!(report["coverage"][0]["whole"], 1);
    for form in FORMS {
        let printed = rig
            .run(&[&period[..], &[form]].concat())
            .await
            .assert_ok()
            .stdout;
        let again = rig
            .run(&[&period[..], &[form, "--compare", "none"]].concat())
            .await
            .assert_ok()
            .stdout;
        assert!(!printed.is_empty() && !again.is_empty());
    }
    let file = rig.path("report.html");
    let path = file.to_str().unwrap();
    rig.run(&[&period[..], &["html"]].concat())
        .await
        .assert_exit(2);
    rig.run(&[&period[..], &["html", "--output", path, "--quiet"]].concat())
        .await
        .assert_exit(0);
    rig.run(&[&period[..], &["html", "--output", path]].concat())
        .await
        .assert_exit(2);
    let html = std::fs::read_to_string(&file).unwrap();
    for forbidden in [
        "<script", "style=", "http:", "https:", "url(", "@import", "<img", "<a ",
    ] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    assert!(html.contains("became known"));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(html.len() < 200_000);
}

#[tokio::test]
async fn without_a_whole_reading_there_is_nothing_to_count() {
    let rig = CommandFixture::with_leaks(20).await;
    rig.run(&["report", "--format", "json"])
        .await
        .assert_exit(2);
    rig.run(&["watch", "--once", "--quiet"])
        .await
        .assert_exit(0);
    let wrong = [
        "report",
        "--from",
        "2026-02-02",
        "--to",
        "2026-02-01",
        "--format",
        "json",
    ];
    rig.run(&wrong).await.assert_exit(2);
    let day = today();
    let offline = [
        "report",
        "--offline",
        "--from",
        &day,
        "--to",
        &day,
        "--format",
        "md",
    ];
    assert!(
        rig.run(&offline)
            .await
            .assert_ok()
            .stdout
            .contains("# Leaked credentials")
    );
}
