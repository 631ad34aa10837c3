//! The stand-in's faults of answers: no command takes one of them for more than it is.

use super::*;

/// The items of a list, and whether it is said to be whole.
fn items_and_completeness(ran: &CommandOutput) -> (usize, bool) {
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    let items = answer["items"].as_array().map_or(0, Vec::len);
    (items, answer["complete"] == true)
}

#[tokio::test]
async fn no_fault_of_an_answer_makes_a_list_whole() {
    let rig = CommandFixture::with_all_systems(300).await;
    let lists: &[&[&str]] = &[
        &["leaks", "list"],
        &["users", "list"],
        &["connections", "list"],
        &["domains", "list"],
        &["breaches", "list"],
    ];
    for list in lists {
        let arguments = [list, &["--format", "json"][..]].concat();
        rig.post_control("/faults", json!({ "faults": [] })).await;
        let (before, whole) = items_and_completeness(&rig.run(&arguments).await.assert_ok());
        assert!(before > 0 && whole, "{list:?}");
        for fault in [
            "404-foreign",
            "410",
            "success-false",
            "wrapped",
            "counts",
            "damaged",
        ] {
            rig.post_control("/faults", json!({ "faults": [fault] }))
                .await;
            let ran = rig.run(&arguments).await;
            let (after, whole) = items_and_completeness(&ran);
            // An answer without a count has none that could be wrong.
            let untouched = ran.exit == 0 && whole && after == before && fault == "counts";
            assert!(
                untouched || (ran.exit == 5 && !whole),
                "{list:?} {fault}: {before} became {after}: {}",
                ran.stderr
            );
        }
    }
}

#[tokio::test]
async fn no_fault_of_an_answer_makes_anything_clean() {
    let rig = CommandFixture::with_all_systems(300).await;
    let leaks = rig
        .run(&["--profile", "demo-lc", "leaks", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let address = leaks["items"][0]["login"].as_str().unwrap().to_owned();
    let arguments = ["check", "email", &address, "--format", "json"];
    let found = rig.run(&arguments).await.assert_ok().json();
    assert_eq!(found["check"]["verdict"], "found");
    for fault in ["404-foreign", "410", "success-false", "wrapped"] {
        rig.post_control("/faults", json!({ "faults": [fault] }))
            .await;
        let ran = rig.run(&arguments).await.assert_exit(5);
        assert_eq!(ran.json()["check"]["verdict"], "inconclusive", "{fault}");
    }
    for fault in ["counts", "damaged"] {
        rig.post_control("/faults", json!({ "faults": [fault] }))
            .await;
        let ran = rig.run(&arguments).await.assert_exit(5);
        assert_ne!(ran.json()["check"]["verdict"], "clean", "{fault}");
    }
}

#[tokio::test]
async fn a_filter_that_is_ignored_there_is_applied_here() {
    let rig = CommandFixture::with_all_systems(300).await;
    let all = rig
        .run(&["breaches", "list", "--format", "json"])
        .await
        .assert_ok();
    let breaches = all.json();
    let items = breaches["items"].as_array().unwrap();
    let domain = items
        .iter()
        .find_map(|breach| breach["domain"].as_str())
        .unwrap()
        .to_owned();
    for arguments in [
        vec!["breaches", "list", "--domain", &domain],
        vec!["breaches", "list", "--spam", "yes"],
        vec!["breaches", "list", "--spam", "no"],
        vec!["leaks", "list", "--filter", "status:fixed"],
        vec!["leaks", "list", "--filter", "login:a"],
    ] {
        let arguments = [&arguments[..], &["--format", "json"]].concat();
        rig.post_control("/faults", json!({ "faults": [] })).await;
        let before = rig.run(&arguments).await.assert_ok().json();
        rig.post_control("/faults", json!({ "faults": ["ignore-filter"] }))
            .await;
        let after = rig.run(&arguments).await.assert_ok().json();
        assert_eq!(before["items"], after["items"], "{arguments:?}");
    }
}
