//! Have I Been Pwned through the real binary: what leaves the machine, and whose data is named.

use super::*;

const ADDRESS: &str = "theo.bakker@northlake.example";

async fn start() -> CommandFixture {
    CommandFixture::with_systems(5_000, &[SystemName::ProjectDiscovery, SystemName::Hibp]).await
}

/// What was asked for, path and query.
async fn requests(rig: &CommandFixture) -> Vec<(String, Value)> {
    let log = rig.control("/requests").await;
    let entries = log["requests"].as_array().unwrap().iter();
    entries
        .map(|entry| {
            (
                entry["path"].as_str().unwrap().to_owned(),
                entry["query"].clone(),
            )
        })
        .collect()
}

#[tokio::test]
async fn five_characters_of_a_password_and_six_of_an_address_leave() {
    let rig = start().await;
    let mut known = 0;
    let mut asked = Vec::new();
    for (what, input) in [
        (&["password"][..], Some("hunter2")),
        (&["password", "--ntlm"], Some("hunter2")),
        (&["email", ADDRESS], None),
    ] {
        let arguments = [&["--profile", "demo-hibp", "check"], what].concat();
        rig.run_with(&arguments, input).await.assert_ok();
        let all = requests(&rig).await;
        asked.push(all[known..].to_vec());
        known = all.len();
    }
    let whole = format!("{asked:?}");
    for secret in ["hunter2", "theo.bakker", "@", "d66a63d4bf"] {
        assert!(!whole.to_lowercase().contains(secret), "{secret}: {whole}");
    }
    let paths = |at: usize| -> Vec<&str> { asked[at].iter().map(|(path, _)| &path[..]).collect() };
    // SHA-1 and NTLM of `hunter2`; SHA-1 of the address.
    assert_eq!(paths(0), ["/passwords/range/F3BBB"]);
    assert_eq!(paths(1), ["/passwords/range/6608E"]);
    assert_eq!(asked[1][0].1["mode"], "ntlm");
    assert_eq!(
        paths(2),
        [
            "/api/v3/subscription/status",
            "/api/v3/breachedaccount/range/CCD344",
            "/api/v3/breaches"
        ]
    );
}

/// H-49: a row of a stealer's log, which is in no breach, and a site say whose data they are, as a breach does.
#[tokio::test]
async fn every_row_says_whose_data_it_is_in_every_form() {
    const LINE: &str = "Have I Been Pwned, December 2018, CC BY 4.0";
    let rig = start().await;
    let list = async |kind: &str, filter: &str, format: &str| {
        let arguments = [
            "--profile",
            "demo-hibp",
            kind,
            "list",
            "--filter",
            filter,
            "--format",
            format,
        ];
        rig.run(&arguments).await.assert_ok().stdout
    };
    for (kind, filter) in [
        ("leaks", "class:employee"),
        ("leaks", "class:customer"),
        ("leaks", "breach:adobe"),
        ("connections", ""),
    ] {
        let table = list(kind, filter, "table").await;
        assert_eq!(table.matches(LINE).count(), 1, "{kind} {filter}: {table}");
        assert!(table.trim_end().ends_with(LINE));
        let all: Value = serde_json::from_str(&list(kind, filter, "json").await).unwrap();
        let items = all["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{kind} {filter}");
        for item in items {
            assert_eq!(item["attribution"], LINE, "{kind} {filter}: {item}");
        }
        let csv = list(kind, filter, "csv").await;
        assert_eq!(csv.matches(LINE).count(), items.len(), "{csv}");
    }
    // Nor is a bundle of evidence without it, in any of its forms.
    let bundle = rig.path("bundle");
    let filter = "class:employee";
    let arguments = ["--profile", "demo-hibp", "evidence", "--filter", filter];
    let arguments = [&arguments[..], &["--output", bundle.to_str().unwrap()]].concat();
    rig.run(&arguments).await.assert_ok();
    for form in ["leaks.csv", "leaks.jsonl", "ecs.jsonl", "ocsf.jsonl"] {
        let text = std::fs::read_to_string(bundle.join(form)).unwrap();
        assert!(text.contains(LINE), "{form}: {text}");
    }
    // Nobody is named where nothing of theirs is shown.
    let other = rig
        .run(&["--profile", "demo-pd", "leaks", "list"])
        .await
        .assert_ok();
    assert!(!other.stdout.contains(LINE));
    let none = rig
        .run(&["--profile", "demo-hibp", "pastes", "sources"])
        .await
        .assert_exit(2);
    assert!(!none.stdout.contains(LINE), "{}", none.stdout);
}
