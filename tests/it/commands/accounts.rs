//! What is asked of accounts: statistics, related domains, proofs, plans, and the doctor.

use super::*;

#[tokio::test]
async fn statistics_of_a_domain_and_of_an_address() {
    let rig = CommandFixture::with_leaks(60).await;
    let domains = rig
        .run(&["domains", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let domain = domains["items"][0]["name"].as_str().unwrap().to_owned();
    for arguments in [
        &["stats", "domain", &domain][..],
        &["stats", "email", "someone@northwind.example"],
        &[
            "stats",
            "email",
            "someone@northwind.example",
            "--unmask-email",
        ],
    ] {
        let answer = rig
            .run(&[arguments, &["--format", "json"]].concat())
            .await
            .assert_ok()
            .json();
        let stats = &answer["stats"];
        assert_eq!(
            members(stats),
            [
                "countries",
                "shape",
                "subject",
                "timeline",
                "totals",
                "urls"
            ]
        );
        assert_eq!(stats["subject"], arguments[2]);
        assert_eq!(
            members(&stats["totals"]),
            [
                "combolists",
                "customers",
                "devices",
                "employees",
                "leaks",
                "personal"
            ]
        );
        assert!(
            rig.run(arguments)
                .await
                .assert_ok()
                .stdout
                .starts_with("subject")
        );
    }
}

#[tokio::test]
async fn related_domains_in_every_format() {
    let rig = CommandFixture::with_leaks(60).await;
    let answer = rig
        .run(&["associated", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        members(&answer),
        ["complete", "items", "loaded", "profiles", "schema", "total"]
    );
    let items = answer["items"].as_array().unwrap();
    assert!(!items.is_empty());
    assert_eq!(members(&items[0]), ["domain", "evidence", "sources"]);
    let lines = rig
        .run(&["associated", "--format", "jsonl"])
        .await
        .assert_ok()
        .stdout;
    assert_eq!(lines.lines().count(), items.len());
    let raw = rig.run(&["associated", "--raw"]).await.assert_ok().stdout;
    let mut names: Vec<_> = raw.lines().collect();
    names.sort_unstable();
    let mut wanted: Vec<_> = items
        .iter()
        .map(|item| item["domain"].as_str().unwrap())
        .collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    let csv = rig
        .run(&["associated", "--format", "csv"])
        .await
        .assert_ok()
        .stdout;
    assert!(
        csv.starts_with("\"domain\",\"sources\",\"evidence\",\"_escaped\",\"_neutralised\"\r\n")
    );
    let source = items[0]["sources"][0].as_str().unwrap();
    let some = rig
        .run(&[
            "associated",
            "--source",
            source,
            "--active",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    assert!(some["items"].as_array().unwrap().len() < items.len());
}

#[tokio::test]
async fn a_domain_is_proven_and_given_up() {
    let rig = CommandFixture::with_leaks(60).await;
    let name = "new.example";
    let json = ["--format", "json"];
    for refused in [&["request"][..], &["confirm"], &["drop"]] {
        let arguments = [&["verify-domain"], refused, &[name, "--read-only"]].concat();
        assert_eq!(rig.run(&arguments).await.assert_exit(4).stdout, "");
    }
    let answer = rig
        .run(
            &[
                &["verify-domain", "request", name, "--type", "dns"][..],
                &json,
            ]
            .concat(),
        )
        .await
        .assert_ok()
        .json();
    let verification = &answer["verification"];
    assert_eq!(
        members(verification),
        ["domain", "publish", "string", "type"]
    );
    assert_eq!(
        (&verification["domain"], &verification["type"]),
        (&json!(name), &json!("dns"))
    );
    let status = rig
        .run(&[&["verify-domain", "status"][..], &json].concat())
        .await
        .assert_ok()
        .json();
    let items = status["items"].as_array().unwrap();
    let own = items.iter().find(|item| item["domain"] == name).unwrap();
    assert_eq!(own["status"], "pending");
    assert_eq!(
        rig.run(&["verify-domain", "status", "--format", "csv"])
            .await
            .assert_ok()
            .stdout
            .lines()
            .count(),
        items.len() + 1
    );
    for call in ["confirm", "drop"] {
        let ran = rig
            .run(&[&["verify-domain", call, name][..], &json].concat())
            .await;
        if ran.exit == 0 {
            assert_eq!(members(&ran.json()["verification"]), ["domain", "message"]);
        } else {
            assert_eq!((call, ran.exit), ("confirm", 5), "{ran:?}");
        }
    }
    rig.append("[profiles.other]\nprovider = \"projectdiscovery\"\nbase_url = \"http://127.0.0.1:9\"\nkey = { file = \"/dev/null\" }\n");
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    let key = rig.path("key");
    rig.configure(&config.replace("/dev/null", key.to_str().unwrap()));
    let ran = rig
        .run(&["verify-domain", "request", name])
        .await
        .assert_exit(2);
    assert!(
        ran.stderr.contains("demo-pd, other") && ran.stderr.contains("--profile"),
        "{}",
        ran.stderr
    );
    rig.run(&["verify-domain", "request", name, "--profile", "demo-pd"])
        .await
        .assert_ok();
}

#[tokio::test]
async fn every_profile_that_tells_its_plan_is_listed() {
    let rig = CommandFixture::with_leaks(60).await;
    let answer = rig
        .run(&["subscription", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let told = answer["subscriptions"].as_array().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(
        members(&told[0]),
        [
            "active", "limits", "plan", "profile", "provider", "rpm", "until"
        ]
    );
    assert!(
        rig.run(&["subscription"])
            .await
            .assert_ok()
            .stdout
            .contains("demo-pd")
    );
}

#[tokio::test]
async fn the_doctor_looks_at_everything_and_says_what_fails_first() {
    let rig = CommandFixture::with_leaks(60).await;
    let answer = rig
        .run(&["doctor", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let checks = answer["checks"].as_array().unwrap();
    let names: Vec<_> = checks
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["configuration", "key", "provider", "journal"]);
    for check in checks {
        assert_eq!(members(check), ["hint", "message", "name", "ok", "profile"]);
        assert_eq!(check["ok"], true);
    }
    assert_eq!(
        rig.run(&["doctor"])
            .await
            .assert_ok()
            .stdout
            .lines()
            .count(),
        4
    );
    std::fs::write(rig.path("key"), "wrong").unwrap();
    let ran = rig
        .run(&["doctor", "--format", "json"])
        .await
        .assert_exit(12);
    assert_eq!(ran.json()["checks"][2]["ok"], false);
    assert_eq!(ran.stderr, "");
    std::fs::remove_file(rig.path("key")).unwrap();
    let ran = rig
        .run(&["doctor", "--format", "json"])
        .await
        .assert_exit(2);
    assert_eq!(
        (
            &ran.json()["checks"][1]["name"],
            &ran.json()["checks"][1]["ok"]
        ),
        (&json!("key"), &json!(false))
    );
    rig.configure("");
    rig.run(&["doctor"]).await.assert_exit(2);
}
