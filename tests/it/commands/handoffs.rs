//! `handoff`: what a shift tells the next one, against the stand-in, through the real binary.

use super::*;

const ONCE: [&str; 2] = ["watch", "--once"];

async fn of_status(rig: &CommandFixture, status: &str, most: &str) -> Vec<String> {
    let filter = format!("status:{status}");
    let arguments = [
        "leaks", "list", "--filter", &filter, "--limit", most, "--format", "jsonl",
    ];
    let listed = rig.run(&arguments).await.assert_ok();
    let lines = listed.stdout.lines();
    lines
        .map(|line| {
            let leak: Value = serde_json::from_str(line).unwrap();
            leak["id"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn a_shift_is_told_with_numbers_that_add_up() {
    let rig = CommandFixture::with_leaks(300).await;
    let fixed = of_status(&rig, "fixed", "2").await;
    rig.run(&ONCE).await.assert_exit(0);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 41 } }))
        .await;
    let opened: serde_json::Map<String, Value> =
        fixed.iter().map(|id| (id.clone(), json!("open"))).collect();
    rig.post_control("/statuses", json!({ "projectdiscovery": opened }))
        .await;
    rig.run(&ONCE).await.assert_exit(10);
    let open = of_status(&rig, "open", "8").await;
    let refused: serde_json::Map<String, Value> = open[..3]
        .iter()
        .map(|id| (id.clone(), json!(403)))
        .collect();
    rig.post_control(
        "/leaks",
        json!({ "projectdiscovery": { "refuse": refused } }),
    )
    .await;
    let mut fix = vec!["leaks", "fix", "--yes", "--ticket", "INC-7"];
    fix.extend(open.iter().map(String::as_str));
    rig.run(&fix).await.assert_exit(3);
    let key = format!("demo-pd:leak:{}", open[4]);
    rig.run(&["notes", "add", &key, "--note", "asked `the` owner"])
        .await
        .assert_ok();
    rig.run(&["leaks", "claim", &key]).await.assert_ok();
    rig.run(&ONCE).await.assert_exit(0);

    let told = rig
        .run(&["handoff", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let handoff = &told["handoff"];
    let of = |kind: &str| {
        let events = handoff["events"].as_array().unwrap().iter();
        events
            .filter(|event| event["event"]["kind"] == kind)
            .count()
    };
    assert_eq!(of("new") + of("again"), 41);
    assert_eq!(of("regressed"), 2);
    let balance = handoff["balance"].as_object().unwrap();
    let number = |name: &str| balance[name].as_i64().unwrap();
    let came = [
        "became_known",
        "came_back",
        "reopened_by_us",
        "listed_again",
    ];
    let left = [
        "fixed_read_back",
        "fixed_kept_here",
        "fixed_elsewhere",
        "false_positive",
        "gone",
    ];
    let sum = |names: &[&str]| -> i64 { names.iter().map(|name| number(name)).sum() };
    assert_eq!(
        number("open_start") + sum(&came),
        number("open_end") + sum(&left)
    );
    // What we changed a moment ago is judged by a later reading.
    let open_now = of_status(&rig, "open", "1000").await.len() as i64;
    assert_eq!(number("open_end"), open_now + 5 - number("fixed_read_back"));
    let outcomes: Vec<&str> = handoff["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["outcome"].as_str().unwrap())
        .collect();
    let count = |word: &str| outcomes.iter().filter(|outcome| **outcome == word).count();
    let told = (count("verified"), count("failed"));
    assert_eq!(told, (5, 3), "{handoff}");
    assert_eq!(handoff["jobs"][0]["ticket"], "INC-7");
    assert_eq!(handoff["claims"][0]["keys"], json!([key]));
    assert_eq!(handoff["notes"][0]["note"], "asked `the` owner");
    let todo = handoff["todo"].as_array().unwrap();
    let what: Vec<&str> = todo
        .iter()
        .map(|todo| todo["what"].as_str().unwrap())
        .collect();
    assert_eq!(what[..2], ["regressed", "failed"]);
    assert_eq!(todo[1]["command"], "stanch jobs retry 1");
    rig.run(&["jobs", "retry", "1", "--dry-run"])
        .await
        .assert_exit(0);

    let text = rig.run(&["handoff"]).await.assert_ok().stdout;
    assert!(
        text.contains("- 41 came in, 5 fixed (5 verified, 0 local only), 2 came back, 3 failed, "),
        "{text}"
    );
    assert!(text.contains("``asked `the` owner``"), "{text}");
    assert!(text.contains("`stanch jobs retry 1`"), "{text}");
}

#[tokio::test]
async fn a_written_handoff_is_where_the_next_one_begins_and_offline_names_keys() {
    let rig = CommandFixture::with_leaks(100).await;
    rig.run(&ONCE).await.assert_exit(0);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 3 } }))
        .await;
    rig.run(&ONCE).await.assert_exit(10);
    let file = rig.path("shift.md");
    let to_file = [
        "handoff",
        "--output",
        file.to_str().unwrap(),
        "--note",
        "all quiet",
    ];
    rig.run(&to_file).await.assert_exit(0);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("- Note: `all quiet`"), "{text}");
    rig.run(&to_file).await.assert_exit(2);
    let before = rig.control("/requests").await["requests"]
        .as_array()
        .unwrap()
        .len();
    let all = ["handoff", "--offline", "--since", "8h", "--format", "json"];
    let told = rig.run(&all).await.assert_ok().json();
    assert_eq!(told["handoff"]["events"].as_array().unwrap().len(), 3);
    assert_eq!(told["handoff"]["events"][0]["leak"], Value::Null);
    let after = rig.control("/requests").await["requests"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(before, after, "offline asks nobody");
    rig.run(&["handoff", "--since", "tomorrow"])
        .await
        .assert_exit(2);
    let audit = rig
        .run(&["audit", "list", "--format", "jsonl"])
        .await
        .assert_ok()
        .stdout;
    assert!(audit.contains("\"handoff\""), "{audit}");
}
