//! What the console can do and commands can too: claims, marks, views, evidence, and tables that fit.

use super::*;

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

async fn keys(rig: &CommandFixture, filter: &str) -> Vec<String> {
    let list = ["leaks", "list", "--filter", filter, "--format", "json"];
    let answer = rig.run(&list).await.assert_ok().json();
    let items = answer["items"].as_array().unwrap();
    let key = |item: &Value| item["key"].as_str().unwrap().to_owned();
    items.iter().map(key).collect()
}

#[tokio::test]
async fn leaks_are_listed_with_risk_source_and_dates_that_fit() {
    let rig = CommandFixture::with_leaks(40).await;
    let ran = rig.run(&["leaks", "list"]).await.assert_ok();
    let mut lines = ran.stdout.lines();
    let titles = words(lines.next().unwrap());
    let usual = [
        "STATUS", "RISK", "LOGIN", "URL", "MACHINE", "COUNTRY", "CLASS", "LEAKED", "SOURCE", "KEY",
    ];
    assert_eq!(titles, usual);
    for line in lines {
        assert!(!line.contains("T00:00"), "{line}");
        assert!(line.contains("projectdiscovery"), "{line}");
    }
    let list = [
        "leaks",
        "list",
        "--columns",
        "key,risk,added",
        "--limit",
        "3",
    ];
    let ran = rig.run(&list).await.assert_ok();
    assert_eq!(
        words(ran.stdout.lines().next().unwrap()),
        ["KEY", "RISK", "ADDED"]
    );
    assert_eq!(ran.stdout.lines().count(), 4);
    let csv = [&list[..], &["--format", "csv"]].concat();
    let ran = rig.run(&csv).await.assert_ok();
    let head = "\"key\",\"risk\",\"added\",\"_escaped\",\"_neutralised\"";
    assert_eq!(ran.stdout.lines().next(), Some(head));
    let ran = rig
        .run(&["leaks", "list", "--columns", "statsu"])
        .await
        .assert_exit(2);
    assert!(ran.stderr.contains("did you mean status"), "{}", ran.stderr);
    rig.run(&[&list[..], &["--format", "json"]].concat())
        .await
        .assert_exit(2);
    let ran = rig
        .run(&["domains", "list", "--columns", "name"])
        .await
        .assert_exit(2);
    assert!(ran.stderr.contains("for leaks"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_saved_view_lists_what_it_shows() {
    let rig = CommandFixture::with_leaks(60).await;
    let file = rig.path("views.toml");
    let text = "schema = 1\n[[view]]\nname = \"worst\"\nfilter = \"status:open\"\nsort = [\"login\"]\ncolumns = [\"login\", \"status\"]\n";
    std::fs::write(&file, text).unwrap();
    let import = [
        "views",
        "import",
        file.to_str().unwrap(),
        "--format",
        "json",
    ];
    let answer = rig.run(&import).await.assert_ok().json();
    let counts = json!({"imported": 1, "left_out": 0, "unreadable": 0});
    assert_eq!(answer, json!({"schema": 1, "views": counts}));
    let answer = rig.run(&import).await.assert_ok().json();
    assert_eq!(answer["views"]["left_out"], 1);
    let answer = rig
        .run(&["views", "list", "--format", "json"])
        .await
        .assert_ok();
    let items = answer.json();
    let worst = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["name"] == "worst")
        .unwrap();
    assert_eq!(
        members(worst),
        ["columns", "filter", "group", "name", "sort"]
    );
    let ran = rig.run(&["views", "export"]).await.assert_ok();
    assert!(ran.stdout.contains("name = \"worst\""), "{}", ran.stdout);
    let ran = rig
        .run(&["leaks", "list", "--view", "worst"])
        .await
        .assert_ok();
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(words(lines[0]), ["LOGIN", "STATUS"]);
    assert!(lines[1..].iter().all(|line| !line.ends_with("fixed")));
    let logins: Vec<_> = lines[1..].iter().map(|line| words(line)[0]).collect();
    assert!(logins.is_sorted(), "{logins:?}");
    let ran = rig
        .run(&["leaks", "list", "--view", "wurst"])
        .await
        .assert_exit(6);
    assert!(ran.stderr.contains("did you mean worst"), "{}", ran.stderr);
    rig.run(&["--read-only", "views", "import", file.to_str().unwrap()])
        .await
        .assert_exit(4);
}

#[tokio::test]
async fn claims_are_made_listed_held_and_released() {
    let rig = CommandFixture::with_leaks(40).await;
    let keys = keys(&rig, "status:open").await;
    let (first, second) = (&keys[0][..], &keys[1][..]);
    let claim = ["leaks", "claim", first, second, "--format", "json"];
    let answer = rig.run(&claim).await.assert_ok().json();
    assert_eq!(members(&answer["claimed"]), ["changed", "held"]);
    assert_eq!(answer["claimed"]["changed"].as_array().unwrap().len(), 2);
    // Another command of the same person has no terminal of its own either.
    rig.run(&claim).await.assert_ok();
    let answer = rig
        .run(&["claims", "list", "--format", "json"])
        .await
        .assert_ok();
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    assert_eq!(
        members(&items[0]),
        ["by", "console", "key", "mine", "until"]
    );
    let shown = rig.run(&["leaks", "show", first, "--format", "json"]).await;
    assert!(!shown.json()["item"]["claim"].is_null());

    // Somebody else of this machine wants one of them.
    let as_ben = |arguments: &[&str]| {
        let mut command = rig.command(arguments);
        command.env("USER", "ben");
        command.spawn().unwrap()
    };
    let ran = rig
        .finish(as_ben(&["leaks", "claim", first, "--format", "json"]))
        .await
        .assert_exit(3);
    let held = &ran.json()["claimed"]["held"][0];
    assert_eq!(members(held), ["by", "key", "until"]);
    assert_eq!(held["key"], first);
    let release = ["leaks", "release", first, "--format", "json"];
    rig.finish(as_ben(&release)).await.assert_exit(3);
    let ran = rig
        .finish(as_ben(&["leaks", "claim", first, "--take"]))
        .await;
    assert!(ran.assert_exit(0).stdout.starts_with("1 claimed, 0 held"));
    rig.run(&release).await.assert_exit(3);
    let taken = [&release[..], &["--take"]].concat();
    let answer = rig.run(&taken).await.assert_ok().json();
    assert_eq!(answer["claimed"]["changed"], json!([first]));
    rig.run(&["leaks", "release", "--filter", "status:open"])
        .await
        .assert_exit(0);
    let answer = rig
        .run(&["claims", "list", "--format", "json"])
        .await
        .assert_ok();
    assert_eq!(answer.json()["items"], json!([]));
    rig.run(&["leaks", "claim", "acme:leak:0"])
        .await
        .assert_exit(6);
    rig.run(&["--read-only", "leaks", "claim", first])
        .await
        .assert_exit(4);
    let audit = std::fs::read_to_string(rig.path("state").join("audit.jsonl")).unwrap();
    assert!(audit.contains("\"action\":\"claim\"") && audit.contains("\"action\":\"take_over\""));
}

#[tokio::test]
async fn sets_of_marks_are_saved_intersected_acted_on_and_deleted() {
    let rig = CommandFixture::with_leaks(60).await;
    let open = keys(&rig, "status:open").await;
    let save = ["marks", "save", "open ones", "--filter", "status:open"];
    let ran = rig.run(&save).await.assert_ok();
    assert_eq!(
        ran.stdout,
        format!("{} leaks saved as open ones\n", open.len())
    );
    let ran = rig
        .run(&["marks", "save", "two", &open[0], &open[1]])
        .await
        .assert_ok();
    assert_eq!(ran.stdout, "2 leaks saved as two\n");
    let answer = rig
        .run(&["marks", "list", "--format", "json"])
        .await
        .assert_ok();
    let items = answer.json()["items"].clone();
    assert_eq!(members(&items[0]), ["leaks", "name", "saved_at"]);
    assert_eq!(items[1]["leaks"], 2);
    let ran = rig
        .run(&["marks", "list", "open ones", "two"])
        .await
        .assert_ok();
    let mut both: Vec<_> = ran.stdout.lines().collect();
    both.sort_unstable();
    let mut wanted = [&open[0][..], &open[1][..]];
    wanted.sort_unstable();
    assert_eq!(both, wanted);
    let fix = [
        "leaks",
        "fix",
        "--ids-from",
        "-",
        "--dry-run",
        "--format",
        "json",
    ];
    let plan = rig
        .run_with(&fix, Some(&ran.stdout))
        .await
        .assert_ok()
        .json();
    assert_eq!(plan["plan"]["eligible"].as_array().unwrap().len(), 2);
    let file = rig.path("state").join("marks.json");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    rig.run(&["marks", "delete", "two"]).await.assert_ok();
    rig.run(&["marks", "delete", "two"]).await.assert_exit(6);
    rig.run(&["marks", "list", "two"]).await.assert_exit(6);
    rig.run(&["--read-only", "marks", "delete", "open ones"])
        .await
        .assert_exit(4);
    // What cannot be read is not overwritten.
    std::fs::write(&file, "not ours").unwrap();
    rig.run(&save).await.assert_exit(7);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not ours");
}

#[tokio::test]
async fn evidence_is_written_about_keys_filters_and_jobs() {
    let rig = CommandFixture::with_leaks(60).await;
    let open = keys(&rig, "status:open").await;
    let write = async |about: &[&str], directory: &str, input: Option<&str>| {
        let path = rig.path(directory);
        let end = ["--output", path.to_str().unwrap(), "--format", "json"];
        let arguments = [&["evidence"], about, &end].concat();
        rig.run_with(&arguments, input).await
    };
    let answer = write(&["--filter", "status:open"], "all", None)
        .await
        .assert_ok();
    let evidence = answer.json()["evidence"].clone();
    assert_eq!(
        members(&evidence),
        ["audited", "checksum", "directory", "job", "leaks"]
    );
    assert_eq!(evidence["leaks"], open.len());
    write(&["--filter", "status:open"], "all", None)
        .await
        .assert_exit(2);
    let input = format!("{}\n{}\n", open[0], open[1]);
    let answer = write(&["--ids-from", "-"], "two", Some(&input))
        .await
        .assert_ok();
    assert_eq!(answer.json()["evidence"]["leaks"], 2);
    rig.run(&["leaks", "fix", &open[0], "--yes"])
        .await
        .assert_ok();
    let answer = write(&["--job", "1"], "job", None).await.assert_ok().json();
    assert_eq!(answer["evidence"]["job"], 1);
    for directory in ["all", "two", "job"] {
        let path = rig.path(directory);
        let verify = ["audit", "verify", path.to_str().unwrap()];
        rig.run(&verify).await.assert_exit(0);
    }
    write(&["--job", "9"], "none", None).await.assert_exit(6);
    write(&["--filter", "login:nobody-at-all"], "none", None)
        .await
        .assert_exit(6);
    let unknown = open[0].replace(|letter: char| letter.is_ascii_digit(), "0");
    write(&["--ids-from", "-"], "none", Some(&unknown))
        .await
        .assert_exit(6);
    assert!(!rig.path("none").exists());
}

#[tokio::test]
async fn a_job_is_shown_with_its_leaks() {
    let rig = CommandFixture::with_leaks(40).await;
    let open = keys(&rig, "status:open").await;
    rig.run(&["leaks", "fix", &open[0], &open[1], "--yes"])
        .await
        .assert_ok();
    let ran = rig.run(&["jobs", "show", "1"]).await.assert_ok();
    assert!(!ran.stdout.contains("LOGIN"), "{}", ran.stdout);
    let ran = rig
        .run(&["jobs", "show", "1", "--with-leaks"])
        .await
        .assert_ok();
    let title = ran
        .stdout
        .lines()
        .find(|line| line.contains("OUTCOME"))
        .unwrap();
    assert!(title.contains("LOGIN") && title.contains("URL"), "{title}");
    let show = ["jobs", "show", "1", "--with-leaks", "--format", "json"];
    let answer = rig.run(&show).await.assert_ok().json();
    assert_eq!(answer["job"]["changes"].as_array().unwrap().len(), 2);
    let leaks = answer["leaks"].as_array().unwrap();
    assert_eq!(leaks.len(), 2);
    assert!(leaks.iter().all(|leak| !leak["login"].is_null()));
}

#[tokio::test]
async fn a_shell_is_told_what_it_may_complete_to() {
    let rig = CommandFixture::with_leaks(10).await;
    let words = async |what: &str| {
        let ran = rig.run(&["complete", what]).await.assert_ok();
        ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let has = |words: &[String], word: &str| words.iter().any(|other| other == word);
    let filter = words("filter").await;
    for word in [
        "status:open",
        "risk:high",
        "login:",
        "source:projectdiscovery",
    ] {
        assert!(has(&filter, word), "{word}: {filter:?}");
    }
    assert!(has(&words("sort").await, "-seen"));
    assert!(has(&words("columns").await, "risk"));
    assert!(has(&words("by").await, "class"));
    assert!(has(&words("views").await, "all"));
    assert_eq!(words("profiles").await.len(), 1);
    rig.run(&["marks", "save", "mine", "--filter", "status:open"])
        .await
        .assert_ok();
    assert_eq!(words("marks").await, ["mine"]);
}
