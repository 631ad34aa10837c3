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

/// Runs a command at a moment.
async fn run_at(rig: &CommandFixture, moment: &str, arguments: &[&str]) -> CommandOutput {
    let moment: jiff::Timestamp = moment.parse().unwrap();
    let mut command = rig.command(arguments);
    command.env("STANCH_REHEARSE", format!("clock:@{}", moment.as_second()));
    rig.finish(command.spawn().unwrap()).await
}

/// The report of one day, made at a moment.
async fn of_day(rig: &CommandFixture, day: &str, moment: &str) -> Value {
    let arguments = ["report", "--from", day, "--to", day, "--format", "json"];
    let report = run_at(rig, moment, &arguments).await.assert_ok().json();
    for check in report["report"]["checks"].as_array().unwrap() {
        assert_eq!(check["ok"], true, "{check}");
    }
    report["report"].clone()
}

/// A flow is dated by the moment at which the journal committed it. So a report is the same before and after the reading
/// that shows it, and the day of that reading does not have it.
#[tokio::test]
async fn a_fix_of_ours_counts_on_its_own_day_whenever_the_next_reading_comes() {
    let rig = CommandFixture::with_leaks(100).await;
    let once = ["watch", "--once", "--quiet"];
    run_at(&rig, "2026-03-02T12:00:00Z", &once)
        .await
        .assert_exit(0);
    let ids = rig.ids("open", 3).await;
    for (verb, id, moment) in [
        (&["fix"][..], &ids[0], "2026-03-05T12:00:00Z"),
        (
            &["set", "false_positive"][..],
            &ids[1],
            "2026-03-05T13:00:00Z",
        ),
        (&["fix"][..], &ids[2], "2026-03-06T12:00:00Z"),
    ] {
        let key = format!("demo-pd:leak:{id}");
        let arguments = [&["leaks"][..], verb, &[&key, "--yes"]].concat();
        run_at(&rig, moment, &arguments).await.assert_exit(0);
    }
    let early = of_day(&rig, "2026-03-05", "2026-03-07T00:00:00Z").await;
    let flows = &early["figures"]["flows"];
    assert_eq!(
        (&flows["fixed_read_back"], &flows["false_positive"]),
        (&json!(1), &json!(1))
    );
    let next = of_day(&rig, "2026-03-06", "2026-03-07T00:00:00Z").await;
    assert_eq!(next["figures"]["flows"]["fixed_read_back"], 1);
    assert_eq!(next["figures"]["open_start"], early["figures"]["open_end"]);
    run_at(&rig, "2026-03-10T12:00:00Z", &once)
        .await
        .assert_exit(0);
    for (day, before) in [("2026-03-05", &early), ("2026-03-06", &next)] {
        let again = of_day(&rig, day, "2026-03-11T00:00:00Z").await;
        assert_eq!(again["figures"], before["figures"], "{day}");
    }
    let reading = of_day(&rig, "2026-03-10", "2026-03-11T00:00:00Z").await;
    assert_eq!(reading["figures"]["fixed"], 0);
    // Three days without a reading are said to be so.
    let arguments = [
        "report",
        "--from",
        "2026-03-02",
        "--to",
        "2026-03-10",
        "--format",
        "json",
    ];
    let all = run_at(&rig, "2026-03-11T00:00:00Z", &arguments).await;
    let coverage = all.assert_ok().json()["report"]["coverage"][0].clone();
    assert_eq!(
        (&coverage["whole"], &coverage["not"]),
        (&json!(2), &json!(7))
    );
}

/// A leak that was opened again by others after our fix ended with that fix, and came back at the reading.
#[tokio::test]
async fn a_fix_that_did_not_last_until_the_next_reading_counts_and_so_does_its_return() {
    let rig = CommandFixture::with_leaks(100).await;
    let once = ["watch", "--once", "--quiet"];
    run_at(&rig, "2026-03-02T12:00:00Z", &once)
        .await
        .assert_exit(0);
    let id = rig.ids("open", 1).await.remove(0);
    let key = format!("demo-pd:leak:{id}");
    run_at(
        &rig,
        "2026-03-05T12:00:00Z",
        &["leaks", "fix", &key, "--yes"],
    )
    .await
    .assert_exit(0);
    rig.post_control("/statuses", json!({ "projectdiscovery": { id: "open" } }))
        .await;
    run_at(&rig, "2026-03-08T12:00:00Z", &once)
        .await
        .assert_exit(10);
    let moment = "2026-03-09T00:00:00Z";
    let fixed = of_day(&rig, "2026-03-05", moment).await;
    let back = of_day(&rig, "2026-03-08", moment).await;
    let flows = |report: &Value| report["figures"]["flows"].clone();
    assert_eq!(flows(&fixed)["fixed_read_back"], 1);
    assert_eq!(flows(&fixed)["came_back"], 0);
    assert_eq!(flows(&back)["fixed_read_back"], 0);
    assert_eq!(flows(&back)["came_back"], 1);
}
