//! Lookups of what must not be seen: how little of it leaves, and what is said of the answer.

use super::*;

/// `hunter2`: SHA-1 F3BBBD66A63D4BF1747940578EC3D0103530E21D.
const PREFIX: &str = "F3BBB";
const REST: &str = "D66A63D4BF1747940578EC3D0103530E21D";

/// Every request to every system so far.
async fn log(rig: &CommandFixture) -> Vec<Value> {
    let log = rig.control("/requests").await;
    log["requests"].as_array().unwrap().clone()
}

/// Looks something up that is read from standard input; nothing of it may be printed or kept.
async fn look_up(rig: &CommandFixture, kind: &str, input: &str, hidden: &[&str]) -> Value {
    let ran = rig
        .run_with(&["check", kind, "--format", "json"], Some(input))
        .await
        .assert_ok();
    let kept = if rig.path("state").exists() {
        texts(&rig.path("state"))
    } else {
        Vec::new()
    };
    for word in hidden {
        let word = word.to_uppercase();
        assert!(!ran.stdout.to_uppercase().contains(&word), "{}", ran.stdout);
        for (path, text) in &kept {
            assert!(!text.to_uppercase().contains(&word), "{}", path.display());
        }
        for request in log(rig).await {
            let request = request.to_string().to_uppercase();
            assert!(!request.contains(&word), "{request}");
        }
    }
    ran.json()["check"].clone()
}

#[tokio::test]
async fn of_a_password_one_request_leaves_with_five_characters_of_its_hash() {
    let rig = CommandFixture::with_all_systems(400).await;
    // With the line end of an echo and without one it is the same password.
    for (place, input) in ["hunter2", "hunter2\n"].into_iter().enumerate() {
        let check = look_up(&rig, "password", input, &["hunter2", REST, &REST[..8]]).await;
        assert_eq!(check["what"], "password");
        assert!(
            check["verdict"] == "clean" || check["verdict"] == "found",
            "{check}"
        );
        assert_eq!(check["shown"], Value::Null);
        let log = log(&rig).await;
        assert_eq!(log.len(), place + 1, "one request, to one system: {log:?}");
        let asked = &log[place];
        assert_eq!(
            (&asked["provider"], &asked["method"], &asked["status"]),
            (&json!("leaked_checker"), &json!("GET"), &json!(200))
        );
        let path = asked["path"].as_str().unwrap();
        let (before, characters) = path.rsplit_once('/').unwrap();
        assert!(before.ends_with("/external/leakedpassword"), "{path}");
        assert_eq!(characters, PREFIX);
        assert_eq!(asked["query"], json!({}));
    }
}

#[tokio::test]
async fn a_truth_value_on_five_characters_is_inconclusive_and_no_failure() {
    let rig = CommandFixture::with_all_systems(400).await;
    rig.post_control("/faults", json!({ "faults": ["boolean"] }))
        .await;
    let check = look_up(&rig, "password", "hunter2", &["hunter2", REST]).await;
    assert_eq!(check["verdict"], "inconclusive");
    assert_eq!(check["count"], Value::Null);
    assert_eq!(check["answers"][0]["verdict"], "inconclusive");
    assert_eq!(check["answers"][0]["error"], Value::Null);
    let note = check["note"].as_str().unwrap();
    assert!(note.contains("proves nothing"), "{note}");
    assert_eq!(log(&rig).await.len(), 1);
    let ran = rig.run_with(&["check", "password"], Some("hunter2")).await;
    let text = ran.assert_ok().stdout;
    assert!(
        text.contains("inconclusive") && !text.contains("clean"),
        "{text}"
    );
}

#[tokio::test]
async fn a_card_is_masked_and_what_is_none_is_not_sent() {
    let rig = CommandFixture::with_all_systems(400).await;
    for wrong in ["5555555555554445", "0000", "", "many"] {
        let arguments = ["check", "card", "--format", "json"];
        let ran = rig.run_with(&arguments, Some(wrong)).await.assert_exit(2);
        assert!(
            wrong.is_empty() || !ran.stderr.contains(wrong),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(log(&rig).await, [] as [Value; 0]);
    let hidden = ["5555555555554444", "5555 5555", "55555555"];
    let check = look_up(&rig, "card", "5555 5555-5555 4444\n", &hidden).await;
    assert_eq!(check["verdict"], "found");
    assert_eq!(check["shown"], "****-****-****-4444");
    let asked: Vec<_> = log(&rig).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0]["path"],
        "/leaked-checker/api/v1/external/breachedcc"
    );
}

#[tokio::test]
async fn four_digits_are_never_shown_and_a_hit_on_them_says_little() {
    let rig = CommandFixture::with_all_systems(400).await;
    let ran = rig
        .run_with(&["check", "ssn", "--format", "json"], Some("123-45-1234"))
        .await
        .assert_exit(2);
    assert!(!ran.stderr.contains("1234"), "{}", ran.stderr);
    assert_eq!(log(&rig).await.len(), 0);
    let ran = rig
        .run_with(&["check", "ssn", "--format", "json"], Some("1234"))
        .await
        .assert_ok();
    let check = ran.json()["check"].clone();
    assert_eq!(
        (&check["verdict"], &check["shown"]),
        (&json!("found"), &Value::Null)
    );
    let note = check["note"].as_str().unwrap();
    assert!(note.contains("says very little"), "{note}");
    assert_eq!(log(&rig).await.len(), 1);
}

#[tokio::test]
async fn an_address_is_looked_up_with_the_credit_that_its_data_asks_for() {
    let rig = CommandFixture::with_all_systems(400).await;
    let users = rig
        .run(&["users", "list", "--format", "json", "--profile", "demo-lc"])
        .await
        .assert_ok()
        .json();
    let address = users["items"][0]["login"].as_str().unwrap().to_owned();
    let arguments = ["check", "email", &address, "--format", "json"];
    let check = rig.run(&arguments).await.assert_ok().json()["check"].clone();
    assert_eq!(check["verdict"], "found");
    assert_eq!(
        check["attribution"],
        "Have I Been Pwned, December 2018, CC BY 4.0"
    );
    let operations: Vec<_> = check["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["operation"].as_str().unwrap())
        .collect();
    assert_eq!(
        operations,
        [
            "listBreachesForAccount",
            "listBreachesForEmail",
            "listPastesForAccount",
            "listCardBreachesForEmail"
        ]
    );
    let nobody = "nobody@northlake.example";
    let clean = rig
        .run(&["check", "email", nobody])
        .await
        .assert_ok()
        .stdout;
    assert!(clean.contains("clean"), "{clean}");
}
