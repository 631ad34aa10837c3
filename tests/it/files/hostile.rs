//! Input that was made to do harm, or is broken: bounded, said in clear words, and nothing lost of the rest.

use super::Home;
use stanch::demo::stealer::Archive;
use std::io::Write as _;

fn codes(report: &serde_json::Value, what: &str) -> Vec<String> {
    let all = report[what].as_array().unwrap();
    all.iter()
        .map(|one| one["code"].as_str().unwrap().to_owned())
        .collect()
}

const LINE: &[u8] = b"https://honest.example/:bob:pw\n";

#[test]
fn a_bomb_is_cut_short_and_its_neighbour_is_read() {
    let home = Home::new();
    let mut archive = Archive::default();
    archive.add(b"bomb.txt", &vec![b'a'; 64 << 20]);
    archive.add(b"list.txt", LINE);
    let path = home.write("bomb.zip", archive.finish());
    let ran = home.check(&path, &[]);
    let report = ran.import();
    assert_eq!(ran.exit, 5);
    assert!(
        codes(&report, "problems").contains(&"ratio".to_owned()),
        "{report}"
    );
    assert_eq!(report["totals"]["leaks"], 1);
}

/// So many zeros are packed to more than a two-hundredth of what is read of a file that is no list: what was packed has
/// to be counted as it is taken, not by the size that a header gives or by what is held back.
#[test]
fn zeros_that_grow_without_end_are_a_bomb_and_no_unknown_format() {
    const ZEROS: usize = 176 << 20;
    let home = Home::new();
    let zeros = vec![0; ZEROS];
    let mut archive = Archive::default();
    archive.add(b"Passwords.txt", &zeros);
    archive.add(b"list.txt", LINE);
    let path = home.write("zeros.zip", archive.finish());
    let ran = home.check(&path, &[]);
    let report = ran.import();
    assert_eq!(
        (ran.exit, codes(&report, "problems")),
        (5, vec!["ratio".to_owned()]),
        "{report}"
    );
    assert_eq!(report["totals"]["leaks"], 1);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&zeros).unwrap();
    let path = home.write("zeros.gz", packer.finish().unwrap());
    let ran = home.check(&path, &[]);
    assert_eq!(
        (ran.exit, codes(&ran.import(), "problems")),
        (5, vec!["ratio".to_owned()])
    );
}

#[test]
fn archives_in_one_another_are_read_to_three_levels() {
    let home = Home::new();
    let mut inner = LINE.to_vec();
    let mut name = "list.txt".to_owned();
    for level in 1..=5 {
        let mut archive = Archive::default();
        archive.add(name.as_bytes(), &inner);
        archive.add(
            b"beside.txt",
            format!("https://level{level}.example/:bob:pw\n").as_bytes(),
        );
        inner = archive.finish();
        name = format!("level{level}.zip");
    }
    let path = home.write("nested.zip", inner);
    let report = home.check(&path, &[]).import();
    assert_eq!(codes(&report, "problems"), ["too_deep"]);
    assert_eq!(report["totals"]["leaks"], 3);
}

#[test]
fn long_lines_and_zero_bytes_cost_themselves_alone() {
    let home = Home::new();
    let mut text = LINE.to_vec();
    text.extend(std::iter::repeat_n(b'x', 3 << 20));
    text.extend_from_slice(b"\nhttps://a.example/:b\0ob:pw\n");
    let path = home.write("long.txt", text);
    let ran = home.check(&path, &[]);
    let report = ran.import();
    assert_eq!(
        (ran.exit, &report["totals"]["leaks"]),
        (0, &serde_json::json!(2)),
        "{report}"
    );
    assert_eq!(report["rejects"][0]["reason"], "line_too_long");
}

#[test]
fn pipes_standard_input_and_missing_files_are_refused() {
    let home = Home::new();
    assert_eq!(home.run(&["leaks", "list", "--from", "-"]).exit, 2);
    let missing = home.run(&["leaks", "list", "--from", "not-there.txt"]);
    assert_eq!(missing.exit, 6, "{}", missing.err);
    assert_eq!(home.run(&["import", "check", "not-there.txt"]).exit, 6);
    let pipe = home.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|made| made.success()) {
        assert_eq!(home.list(&[&pipe], &[]).exit, 2);
        // In a folder it is a problem, and nothing waits for it.
        home.write("folder/list.txt", LINE);
        std::fs::rename(&pipe, home.path("folder/pipe")).unwrap();
        let report = home.check(&home.path("folder"), &[]).import();
        assert_eq!(codes(&report, "problems"), ["not_a_file"]);
        assert_eq!(report["totals"]["leaks"], 1);
    }
}

#[test]
fn links_in_folders_are_not_followed() {
    let home = Home::new();
    home.write("folder/list.txt", LINE);
    home.write("other/secret.txt", b"https://other.example/:bob:pw\n");
    std::os::unix::fs::symlink(home.path("other"), home.path("folder/link")).unwrap();
    std::os::unix::fs::symlink(home.path("folder"), home.path("folder/loop")).unwrap();
    let report = home.check(&home.path("folder"), &[]).import();
    assert_eq!(report["totals"]["leaks"], 1);
    assert_eq!(codes(&report, "notes"), ["link", "link"]);
    // A link that was named is followed.
    let link = home.path("folder/link");
    assert_eq!(home.check(&link, &[]).import()["totals"]["leaks"], 1);
}

#[test]
fn a_stream_that_is_cut_gives_what_came_before() {
    let home = Home::new();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut rng = fastrand::Rng::with_seed(5);
    for number in 0..5_000 {
        writeln!(
            packer,
            "https://a.example/:user{number}:{:016x}",
            rng.u64(..)
        )
        .unwrap();
    }
    let whole = packer.finish().unwrap();
    let path = home.write("cut.txt.gz", &whole[..whole.len() / 2]);
    let ran = home.check(&path, &[]);
    let report = ran.import();
    assert_eq!(codes(&report, "problems"), ["truncated"]);
    assert_eq!(ran.exit, 5);
    let leaks = report["totals"]["leaks"].as_u64().unwrap();
    assert!((1_000..5_000).contains(&leaks), "{leaks}");
}

#[test]
fn an_incomplete_reading_is_listed_and_changes_nothing_by_filter() {
    let home = Home::new();
    home.write("folder/list.txt", LINE);
    home.write("folder/archive.rar", b"Rar!\x1a\x07\x01\x00 made up");
    let folder = home.path("folder");
    let from = folder.to_str().unwrap();
    let ran = home.run(&["leaks", "list", "--from", from, "--format", "json"]);
    let list = super::parsed(&String::from_utf8_lossy(&ran.out));
    assert_eq!(
        (ran.exit, &list["complete"]),
        (5, &serde_json::json!(false)),
        "{}",
        ran.err
    );
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert!(ran.err.contains("unsupported_archive"), "{}", ran.err);
    let fixed = home.run(&[
        "leaks",
        "fix",
        "--filter",
        "login:bob",
        "--from",
        from,
        "--yes",
    ]);
    assert_eq!(fixed.exit, 5, "{}", fixed.err);
    let id = list["items"][0]["id"].as_str().unwrap();
    let key = format!("file:leak:{id}");
    assert_eq!(
        home.run(&["leaks", "fix", &key, "--from", from, "--yes"])
            .exit,
        0
    );
}
