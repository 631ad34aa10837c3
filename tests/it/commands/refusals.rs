//! What ends without a result: usage, keys, networks, journals.

use super::*;
use stanch::journal::{Access, Journal, JournalOptions, OpenMode, Operator};

#[tokio::test]
async fn wrong_filters_sorts_and_fields_end_with_2_and_near_names() {
    let rig = CommandFixture::with_leaks(60).await;
    for (arguments, near) in [
        (&["leaks", "list", "--sort", "logni"][..], "login"),
        (&["leaks", "list", "--sort", "-sene"], "seen"),
        (
            &["users", "list", "--sort", "url"],
            "one of: name, leaks, unresolved, seen",
        ),
        (&["leaks", "list", "--filter", "statsu:open"], "status"),
        (&["leaks", "count", "--by", "contry"], "country"),
        (&["users", "count", "--by", "status"], "profile, source"),
        (&["leaks", "fix", "--filter", "risk>=hihg", "--yes"], "high"),
        (&["leaks", "fix", "--filter", "a or", "--yes"], "behind or"),
        (
            &["leaks", "fix", "--filter", "!marked", "--yes"],
            "leave it out",
        ),
        (
            &["leaks", "fix", "demo-pd:user:x", "--yes"],
            "profile:leak:id",
        ),
        (
            &["leaks", "fix", "--ids-from", "/nowhere/at/all", "--yes"],
            "one key a line",
        ),
        (
            &[
                "export",
                "--format",
                "csv",
                "--output",
                "/nowhere/at/all.csv",
            ],
            "--output",
        ),
    ] {
        let ran = rig.run(arguments).await.assert_exit(2);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.contains(near), "{arguments:?}: {}", ran.stderr);
    }
    let log = rig.control("/requests").await;
    assert_eq!(log["requests"], json!([]));
}

#[tokio::test]
async fn an_id_alone_needs_one_profile_in_play() {
    let rig = CommandFixture::with_leaks(60).await;
    let id = &rig.ids("open", 1).await[0];
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    rig.append(&config.replace("demo-pd", "second"));
    rig.run(&["leaks", "fix", id, "--dry-run"])
        .await
        .assert_exit(2);
    rig.run(&["leaks", "fix", id, "--dry-run", "--profile", "second"])
        .await
        .assert_ok();
    let two = format!("second:leak:{id}");
    let one = format!("demo-pd:leak:{id}");
    let plan = rig
        .run(&["leaks", "fix", &one, &two, "--dry-run", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(plan["plan"]["profiles"].as_array().unwrap().len(), 2);
    let only = rig
        .run(&[
            "leaks",
            "list",
            "--filter",
            "profile:second",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    assert_eq!(only["profiles"].as_array().unwrap().len(), 1);
    assert_eq!(only["items"].as_array().unwrap().len(), 60);
}

#[tokio::test]
async fn a_refused_key_ends_with_12_and_a_silent_address_with_5() {
    let rig = CommandFixture::with_leaks(60).await;
    let id = rig.ids("open", 1).await.remove(0);
    let commands = [
        &["leaks", "list"][..],
        &["users", "list"],
        &["domains", "list"],
        &["leaks", "count"],
        &["leaks", "show", &format!("demo-pd:leak:{id}")],
        &["leaks", "fix", &id, "--yes"],
        &["associated"],
        &["verify-domain", "status"],
        &["verify-domain", "request", "new.example"],
        &["subscription"],
        &[
            "export",
            "--format",
            "json",
            "--output",
            rig.path("out.json").to_str().unwrap(),
        ],
    ]
    .map(|words| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    });
    std::fs::write(rig.path("key"), "wrong").unwrap();
    for words in &commands {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let ran = rig.run(&words).await.assert_exit(12);
        assert!(
            ran.stderr.contains("key was refused"),
            "{words:?}: {}",
            ran.stderr
        );
    }
    let ran = rig
        .run(&["leaks", "list", "--format", "json"])
        .await
        .assert_exit(12);
    assert_eq!(
        (&ran.json()["items"], &ran.json()["complete"]),
        (&json!([]), &json!(false))
    );
    assert_eq!(ran.error()["kind"], "unauthorised");
    // Nothing listens on the port of a listener that is gone.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    rig.configure(&config.replace(&rig.demo.base_url(), &format!("http://{port}")));
    let ran = rig
        .run(&[
            "leaks",
            "show",
            &format!("demo-pd:leak:{id}"),
            "--format",
            "json",
        ])
        .await
        .assert_exit(5);
    assert_eq!(
        (&ran.stdout[..], &ran.error()["kind"]),
        ("", &json!("unreachable"))
    );
    assert!(!rig.path("out.json").exists());
}

#[tokio::test]
async fn another_console_is_11_and_a_state_directory_of_others_is_7() {
    let rig = CommandFixture::with_leaks(60).await;
    let id = &rig.ids("open", 1).await[0];
    let state = rig.path("state");
    let other = Journal::open(JournalOptions::new(
        state.clone(),
        OpenMode::Write,
        Operator::default(),
    ))
    .await
    .unwrap();
    assert_eq!(other.access(), Access::Writer);
    let ran = rig
        .run(&["leaks", "fix", id, "--yes", "--format", "json"])
        .await
        .assert_exit(11);
    assert_eq!(
        (&ran.stdout[..], &ran.error()["kind"]),
        ("", &json!("locked"))
    );
    // To look takes no lock.
    rig.run(&["leaks", "fix", id, "--dry-run"])
        .await
        .assert_ok();
    rig.run(&["jobs", "list"]).await.assert_ok();
    rig.run(&["doctor"]).await.assert_ok();
    other.close().await;
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o777)).unwrap();
    let ran = rig
        .run(&["leaks", "fix", id, "--yes", "--format", "json"])
        .await
        .assert_exit(7);
    assert_eq!(
        (&ran.stdout[..], &ran.error()["kind"]),
        ("", &json!("journal"))
    );
    rig.run(&["doctor"]).await.assert_exit(7);
    assert_eq!(rig.writes().await, 0);
}

#[tokio::test]
async fn jobs_are_read_without_configuration_and_without_provider() {
    let rig = CommandFixture::with_leaks(60).await;
    std::fs::remove_file(rig.path("config.toml")).unwrap();
    let answer = rig
        .run(&["jobs", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(answer["items"], json!([]));
    assert!(!rig.path("state").exists());
    rig.run(&["jobs", "show", "1"]).await.assert_exit(6);
    rig.run(&["leaks", "list"]).await.assert_exit(2);
}
