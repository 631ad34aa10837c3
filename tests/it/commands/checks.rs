//! Lookups, the catalogue, pastes and keys, through the real binary.

use super::*;

async fn run_check(rig: &CommandFixture, what: &[&str], input: Option<&str>) -> Value {
    let arguments = [&["check"], what, &["--format", "json"]].concat();
    let ran = match input {
        Some(input) => rig.run_with(&arguments, Some(input)).await,
        None => rig.run(&arguments).await,
    };
    let answer = ran.assert_ok().json();
    assert_eq!(members(&answer), ["check", "schema"]);
    let check = answer["check"].clone();
    assert_eq!(
        members(&check),
        [
            "answers",
            "asked",
            "attribution",
            "count",
            "note",
            "shown",
            "verdict",
            "what"
        ]
    );
    for answer in check["answers"].as_array().unwrap() {
        for member in ["profile", "operation", "verdict", "breaches", "pastes"] {
            assert!(!answer[member].is_null(), "{member}: {answer}");
        }
        assert_eq!(answer["profile"], "demo-lc");
    }
    check
}

/// The paths that Leaked Checker was asked for.
async fn requested_paths(rig: &CommandFixture) -> Vec<String> {
    let log = rig.control("/requests").await;
    let entries = log["requests"].as_array().unwrap().iter();
    entries
        .filter(|entry| {
            entry["provider"] == "leaked_checker" || entry["provider"] == "leaked-checker"
        })
        .map(|entry| entry["path"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_password_sends_one_request_with_five_characters() {
    let rig = CommandFixture::with_all_systems(100).await;
    let log = rig.path("log");
    let words = [
        "check",
        "password",
        "--format",
        "json",
        "--verbose",
        "--log",
    ];
    let arguments = [&words[..], &[log.to_str().unwrap()]].concat();
    let ran = rig.run_with(&arguments, Some("hunter2")).await.assert_ok();
    let check = ran.json()["check"].clone();
    assert_eq!(
        (&check["what"], &check["verdict"], &check["shown"]),
        (&json!("password"), &json!("found"), &Value::Null)
    );
    assert!(check["count"].as_u64().unwrap() > 0);
    // SHA-1 of hunter2 begins with F3BBB; nothing else of it left, and nothing of it is printed or logged.
    let asked = requested_paths(&rig).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(
        asked[0].to_uppercase().ends_with("/LEAKEDPASSWORD/F3BBB"),
        "{asked:?}"
    );
    let logged = std::fs::read_to_string(&log).unwrap();
    for text in [&ran.stdout, &ran.stderr, &logged] {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(
            !text
                .to_uppercase()
                .contains("BD66A63D4BF1747940578EC3D0103530E21D")
        );
    }
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.to_uppercase().contains("F3BBB"), "{text}");
    }
    let clean = run_check(&rig, &["password"], Some("9s8df7g9s8d7fg-not-known\n")).await;
    assert_eq!(
        (&clean["verdict"], &clean["count"]),
        (&json!("clean"), &json!(0))
    );
}

#[tokio::test]
async fn a_bare_boolean_proves_nothing_and_ends_well() {
    let rig = CommandFixture::with_all_systems(100).await;
    rig.post_control("/faults", json!({ "faults": ["boolean"] }))
        .await;
    let check = run_check(&rig, &["password"], Some("hunter2\n")).await;
    assert_eq!(check["verdict"], "inconclusive");
    assert!(!check["note"].is_null());
    let text = rig
        .run_with(&["check", "password"], Some("hunter2"))
        .await
        .assert_ok()
        .stdout;
    assert!(
        text.starts_with("verdict") && text.contains("inconclusive"),
        "{text}"
    );
}

#[tokio::test]
async fn cards_and_numbers_are_masked_and_wrong_ones_are_not_sent() {
    let rig = CommandFixture::with_all_systems(100).await;
    let card = run_check(&rig, &["card"], Some("5555 5555 5555 4444\n")).await;
    assert_eq!(card["shown"], "****-****-****-4444");
    assert!(!card.to_string().contains("5555"));
    let ssn = run_check(&rig, &["ssn"], Some("6789\n")).await;
    assert_eq!(ssn["shown"], Value::Null);
    assert!(ssn["note"].as_str().unwrap().contains("ten thousand"));
    let before = requested_paths(&rig).await.len();
    for (what, wrong) in [
        ("card", "5555555555554445"),
        ("ssn", "123-45-6789"),
        ("password", ""),
        ("password", "two\nlines\n"),
    ] {
        let ran = rig
            .run_with(&["check", what], Some(wrong))
            .await
            .assert_exit(2);
        assert_eq!(ran.stdout, "");
        assert!(
            wrong.is_empty() || !ran.stderr.contains(wrong),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(requested_paths(&rig).await.len(), before);
    for (path, text) in texts(rig.home.path()) {
        assert!(!text.contains("5555555555554444"), "{}", path.display());
    }
}

#[tokio::test]
async fn an_address_asks_every_operation_and_names_each() {
    let rig = CommandFixture::with_all_systems(400).await;
    let users = rig
        .run(&["users", "list", "--profile", "demo-lc", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let login = users["items"][0]["login"].as_str().unwrap().to_owned();
    let check = run_check(&rig, &["email", &login], None).await;
    assert_eq!(
        (&check["verdict"], &check["shown"]),
        (&json!("found"), &json!(login))
    );
    let mut operations: Vec<_> = check["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["operation"].as_str().unwrap())
        .collect();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), 4, "{operations:?}");
    assert!(check["attribution"].as_str().unwrap().contains("CC BY 4.0"));
    let clean = run_check(&rig, &["email", "nobody-at-all@nowhere.example"], None).await;
    assert_eq!(clean["verdict"], "clean");
    let domains = rig
        .run(&[
            "domains",
            "list",
            "--profile",
            "demo-lc",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    let domain = domains["items"][0]["name"].as_str().unwrap().to_owned();
    assert_eq!(
        run_check(&rig, &["domain", &domain], None).await["what"],
        "domain"
    );
}

#[tokio::test]
async fn the_catalogue_and_pastes_are_attributed_in_every_format() {
    let rig = CommandFixture::with_all_systems(400).await;
    let json = |arguments: &[&str]| [arguments, &["--format", "json"]].concat().join(" ");
    let run = async |line: String| {
        let words: Vec<&str> = line.split(' ').collect();
        rig.run(&words).await
    };
    let list = run(json(&["breaches", "list"])).await.assert_ok().json();
    let items = list["items"].as_array().unwrap();
    assert!(items.len() > 10);
    for item in items {
        assert_eq!(
            item["attribution"],
            "Have I Been Pwned, December 2018, CC BY 4.0"
        );
    }
    let name = items[0]["name"].as_str().unwrap();
    let shown = run(json(&["breaches", "show", name]))
        .await
        .assert_ok()
        .json();
    assert_eq!(shown["item"]["name"], items[0]["name"]);
    run(json(&["breaches", "show", "NoSuchBreach"]))
        .await
        .assert_exit(6);
    let latest = run(json(&["breaches", "latest"])).await.assert_ok().json();
    assert!(latest["item"]["name"].is_string());
    let spam = run(json(&["breaches", "list", "--spam", "yes"]))
        .await
        .assert_ok()
        .json();
    let spam = spam["items"].as_array().unwrap();
    assert!(spam.len() < items.len() && spam.iter().all(|item| item["spam"] == true));
    let classes = run(json(&["breaches", "classes"])).await.assert_ok().json();
    assert_eq!(members(&classes), ["items", "schema"]);
    assert!(
        classes["items"]
            .as_array()
            .unwrap()
            .contains(&json!("Passwords"))
    );
    let sources = run(json(&["pastes", "sources"])).await.assert_ok().json();
    assert!(
        sources["items"]
            .as_array()
            .unwrap()
            .contains(&json!("Pastebin"))
    );
    let none = run(json(&["pastes", "list", "nobody-at-all@nowhere.example"]))
        .await
        .assert_ok()
        .json();
    assert_eq!(
        (&none["items"], &none["complete"]),
        (&json!([]), &json!(true))
    );
    for text in [
        "breaches list",
        "breaches list --format csv",
        "breaches list --format jsonl",
    ] {
        let out = run(text.to_owned()).await.assert_ok().stdout;
        assert!(out.contains("CC BY 4.0"), "{text}");
    }
}

#[tokio::test]
async fn leaks_and_connections_of_breaches_are_attributed() {
    let rig = CommandFixture::with_all_systems(400).await;
    let json = |arguments: &[&str]| [arguments, &["--format", "json"]].concat().join(" ");
    let run = async |line: String| {
        let words: Vec<&str> = line.split(' ').collect();
        rig.run(&words).await
    };
    let connections = run(json(&["connections", "list", "--profile", "demo-lc"]))
        .await
        .assert_ok()
        .json();
    let breach = connections["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["form"] == "breach")
        .expect("a breach among the connections")
        .clone();
    assert!(breach["breach"]["name"].is_string());
    assert!(
        breach["attribution"]
            .as_str()
            .unwrap()
            .contains("CC BY 4.0")
    );
    let leaks = run(json(&[
        "leaks",
        "list",
        "--profile",
        "demo-lc",
        "--limit",
        "3",
    ]))
    .await
    .assert_ok()
    .json();
    assert!(leaks["items"][0]["breach"]["name"].is_string(), "{leaks}");
    assert!(
        leaks["items"][0]["attribution"]
            .as_str()
            .unwrap()
            .contains("CC BY 4.0")
    );
    let plans = run(json(&["subscription"])).await.assert_ok().json();
    let plans = plans["subscriptions"].as_array().unwrap();
    assert!(
        plans
            .iter()
            .any(|plan| plan["provider"] == "leaked-checker")
    );
}

#[tokio::test]
async fn a_key_is_made_shown_once_used_and_taken_back() {
    let rig = CommandFixture::with_all_systems(100).await;
    let json = ["--format", "json"];
    let log = rig.path("log");
    let log = ["--verbose", "--log", log.to_str().unwrap()];
    for refused in [
        &["api-keys", "create", "ci"][..],
        &["api-keys", "revoke", "1"],
    ] {
        rig.run(&[refused, &["--read-only"]].concat())
            .await
            .assert_exit(4);
    }
    let made = rig
        .run(&[&["api-keys", "create", "ci"][..], &json, &log].concat())
        .await;
    assert_eq!(made.exit, 0, "{made:?}");
    let key = made.json()["api_key"].clone();
    assert_eq!(members(&key), ["file", "id", "key", "name"]);
    let (id, secret) = (key["id"].as_str().unwrap(), key["key"].as_str().unwrap());
    assert!(!made.stderr.contains(secret));
    let file = rig.path("new-key");
    let words = [
        "api-keys",
        "create",
        "cd",
        "--output",
        file.to_str().unwrap(),
    ];
    let written = rig
        .run(&[&words[..], &json].concat())
        .await
        .assert_ok()
        .json();
    assert_eq!(written["api_key"]["key"], Value::Null);
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    rig.run(&words).await.assert_exit(2);
    let list = rig
        .run(&[&["api-keys", "list"][..], &json].concat())
        .await
        .assert_ok();
    assert!(!list.stdout.contains(secret));
    let names: Vec<_> = list.json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["name"].as_str().map(str::to_owned))
        .collect();
    // The third would have been made by the name that was taken.
    assert!(
        names.contains(&"ci".to_owned()) && names.contains(&"cd".to_owned()),
        "{names:?}"
    );
    assert_eq!(names.iter().filter(|name| *name == "cd").count(), 1);
    let usage = rig
        .run(&[&["api-keys", "usage", id][..], &json].concat())
        .await
        .assert_ok()
        .json();
    assert!(usage["usage"].is_object());
    rig.run(&["api-keys", "revoke", id]).await.assert_ok();
    for (path, text) in texts(rig.home.path()) {
        assert!(!text.contains(secret), "{} holds the key", path.display());
        let own = path.file_name().unwrap().to_string_lossy().contains("jwt");
        assert!(
            own || !text.contains(rig.demo.jwt()),
            "{} holds the token",
            path.display()
        );
    }
}

#[tokio::test]
async fn what_is_asked_for_is_normalised_and_shown_or_refused() {
    let rig = CommandFixture::with_all_systems(100).await;
    for typed in [
        "maya@acme.example",
        " Maya@ACME.example ",
        "Maya Ortega <maya@acme.example>",
        "mailto:maya@acme.example",
        "maya@acme.example.",
        "\u{201c}maya@acme.example\u{201d},",
    ] {
        let check = run_check(&rig, &["email", typed], None).await;
        assert_eq!(
            (&check["asked"], &check["shown"]),
            (&json!("maya@acme.example"), &json!("maya@acme.example"))
        );
    }
    // Nobody watches that domain, and the provider says so.
    let arguments = [
        "check",
        "domain",
        "https://M\u{fc}nchen.example/x",
        "--format",
        "json",
    ];
    let check = rig.run(&arguments).await.assert_exit(12).json();
    assert_eq!(check["check"]["asked"], "xn--mnchen-3ya.example");
    let check = run_check(&rig, &["password"], Some("Winter2025!\n")).await;
    assert_eq!(check["asked"], Value::Null);
    let before = requested_paths(&rig).await.len();
    for (arguments, why) in [
        (&["check", "email", "maya @acme.example"][..], "blank"),
        (
            &["check", "email", "maya@acme.example; bob@acme.example"],
            "two or more",
        ),
        (&["check", "email", "j***@acme.example"], "masked"),
        (&["check", "domain", "acme"], "one part"),
        (&["pastes", "list", "maya"], "no @"),
        (
            &["breaches", "list", "--domain", "maya@acme.example"],
            "an address",
        ),
        (&["breaches", "show", " "], "empty"),
        (&["stats", "email", "maya"], "no @"),
        (&["stats", "domain", "acme"], "one part"),
        (&["associated", "*.acme.example"], "masked"),
        (&["verify-domain", "request", "acme example"], "blank"),
    ] {
        let ran = rig.run(arguments).await.assert_exit(2);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(
            ran.stderr.contains(why) && ran.stderr.contains("nothing was sent"),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
    assert_eq!(requested_paths(&rig).await.len(), before);
    let ran = rig
        .run(&["pastes", "list", "<Maya@acme.example>"])
        .await
        .assert_exit(0);
    assert!(
        ran.stderr.contains("asked for maya@acme.example"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn a_secret_from_a_pipe_is_one_line_as_it_is_or_nothing() {
    let rig = CommandFixture::with_all_systems(100).await;
    // Other bytes than text are tested beside the code that reads them.
    for input in [
        "\u{feff}hunter2\r\n",
        "hunter2\nuser: maya\n",
        "hunter2\ruser: maya",
        "hunter2\n\n",
        "h\0u\0n\0",
    ] {
        let ran = rig
            .run_with(&["check", "password"], Some(input))
            .await
            .assert_exit(2);
        assert!(
            ran.stdout.is_empty() && !ran.stderr.contains("hunter2"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(requested_paths(&rig).await, [] as [String; 0]);
    for (input, secret) in [
        ("tab\tinside\n", "tab\tinside"),
        (" lead", " lead"),
        ("trail \r\n", "trail "),
        ("hunter2\r", "hunter2"),
    ] {
        run_check(&rig, &["password"], Some(input)).await;
        let path = requested_paths(&rig).await.pop().unwrap();
        assert!(
            path.ends_with(&sha1_prefix(secret.as_bytes())),
            "{path} {input:?}"
        );
    }
}

fn sha1_prefix(bytes: &[u8]) -> String {
    use sha1::Digest as _;
    let hash: String = sha1::Sha1::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    hash[..5].to_owned()
}
