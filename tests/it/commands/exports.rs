//! Files, and what must be in none of them.

use super::*;

#[tokio::test]
async fn an_export_is_a_new_file_of_its_owner_both_ways() {
    let rig = CommandFixture::with_faults(300, "", "page_size = 70\n").await;
    for (format, via) in [
        ("csv", "list"),
        ("csv", "provider"),
        ("json", "provider"),
        ("jsonl", "list"),
        ("jsonl", "provider"),
    ] {
        let path = rig.path(&format!("{via}.{format}"));
        let name = path.to_str().unwrap();
        let arguments = [
            "export",
            "--filter",
            "status:fixed",
            "--format",
            format,
            "--output",
            name,
            "--via",
            via,
        ];
        let ran = rig.run(&arguments).await.assert_exit(0);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("leaks written to"), "{}", ran.stderr);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let before = std::fs::read(&path).unwrap();
        let asked = rig.requests("POST", "/v1/leaks/export").await;
        rig.run(&arguments).await.assert_exit(2);
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(
            rig.requests("POST", "/v1/leaks/export").await,
            asked,
            "asked before it looked"
        );
    }
    let read = |name: &str| std::fs::read_to_string(rig.path(name)).unwrap();
    // The provider's CSV has fewer columns than its list; the leaks are the same, in the same order.
    let keys = |name: &str| {
        let text = read(name);
        let keys = text.lines().map(|line| line.split(',').next().unwrap());
        keys.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(keys("list.csv"), keys("provider.csv"));
    assert_eq!(
        read("list.csv").lines().next(),
        read("provider.csv").lines().next()
    );
    assert_eq!(read("list.jsonl"), read("provider.jsonl"));
    let truth = rig
        .statuses()
        .await
        .values()
        .filter(|word| *word == "fixed")
        .count();
    assert_eq!(read("list.jsonl").lines().count(), truth);
    let json: Value = serde_json::from_str(&read("provider.json")).unwrap();
    assert_eq!(
        (json["items"].as_array().unwrap().len(), &json["complete"]),
        (truth, &json!(true))
    );
    rig.post_control("/faults", json!({ "faults": ["500:1"] }))
        .await;
    for via in ["list", "provider"] {
        let path = rig.path("none.csv");
        rig.run(&[
            "export",
            "--format",
            "csv",
            "--output",
            path.to_str().unwrap(),
            "--via",
            via,
        ])
        .await
        .assert_exit(5);
        assert!(!path.exists());
    }
}

#[tokio::test]
async fn no_password_and_no_key_is_in_any_output_or_file() {
    let rig = CommandFixture::with_leaks(60).await;
    let ids = rig.ids("open", 5).await;
    let mut passwords = Vec::new();
    for id in &ids {
        let url = format!("{}/v1/leaks/info", rig.demo.base_url());
        let request = rig.http.post(url).header("X-API-Key", rig.demo.api_key());
        let request = request.header("content-type", "application/json");
        let answer = request
            .body(json!({ "leakid": id }).to_string())
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let text = answer.to_string();
        let at = text.find("\"password\":\"").map(|at| at + 12).unwrap();
        passwords.push(text[at..].split('"').next().unwrap().to_owned());
    }
    passwords.retain(|password| password.len() > 5 && !password.contains('*'));
    assert!(!passwords.is_empty());
    let file = rig.path("all.csv");
    let mut said = String::new();
    for arguments in [
        &["leaks", "list", "--format", "json"][..],
        &["leaks", "list"],
        &[
            "leaks",
            "show",
            &format!("demo-pd:leak:{}", ids[0]),
            "--format",
            "json",
        ],
        &[
            "leaks",
            "fix",
            &ids[0],
            &ids[1],
            "--yes",
            "--format",
            "json",
            "--log",
            rig.path("log").to_str().unwrap(),
        ],
        &[
            "export",
            "--format",
            "csv",
            "--output",
            file.to_str().unwrap(),
            "--via",
            "provider",
        ],
        &["jobs", "show", "1", "--format", "json"],
    ] {
        let ran = rig.run(arguments).await.assert_exit(0);
        said += &ran.stdout;
        said += &ran.stderr;
    }
    std::fs::remove_file(rig.path("key")).unwrap();
    for (path, text) in texts(rig.home.path()) {
        assert!(
            !text.contains(rig.demo.api_key()),
            "the key is in {}",
            path.display()
        );
        said += &text;
    }
    for password in passwords {
        assert!(!said.contains(&password), "a password is printed");
    }
}
