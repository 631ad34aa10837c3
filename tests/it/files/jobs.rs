//! Jobs, claims and evidence about leaks of files that no profile names.

use super::{Home, parsed};

#[test]
fn a_job_about_named_files_is_undone_and_shown_with_them() {
    let home = Home::new();
    let lines: String = (0..6)
        .map(|number| format!("https://a.example/:user{number}:pw{number}\n"))
        .collect();
    let path = home.write("list.txt", lines);
    let from = path.to_str().unwrap();
    let statuses = |filter: &str| home.list(&[&path], &["--filter", filter]).lines().len();
    let run = |arguments: &[&str]| {
        let ran = home.run(&[arguments, &["--from", from]].concat());
        assert_eq!(ran.exit, 0, "{arguments:?}: {}", ran.err);
        String::from_utf8(ran.out).unwrap()
    };
    run(&["leaks", "claim", "--filter", "login:user1"]);
    assert_eq!(statuses("!claimed:none"), 1);
    run(&["leaks", "fix", "--filter", "login:user2,user3", "--yes"]);
    assert_eq!(statuses("status:fixed"), 2);
    let shown = run(&["jobs", "show", "1", "--with-leaks", "--format", "json"]);
    let shown = parsed(&shown);
    assert_eq!(shown["leaks"].as_array().map(Vec::len), Some(2), "{shown}");
    run(&["jobs", "undo", "1", "--yes"]);
    assert_eq!(statuses("status:fixed"), 0);
    run(&["jobs", "redo", "2", "--yes"]);
    assert_eq!(statuses("status:fixed"), 2);
    run(&["evidence", "--filter", "status:fixed", "--output", "bundle"]);
    assert!(home.path("bundle").is_dir());
    // What outlives the terminal reads the same files.
    run(&[
        "leaks",
        "reopen",
        "--filter",
        "login:user2",
        "--yes",
        "--detach",
    ]);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while statuses("status:fixed") != 1 {
        assert!(
            std::time::Instant::now() < deadline,
            "the job is not carried out"
        );
    }
}
