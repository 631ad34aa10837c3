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

/// The places of the local headers of a ZIP.
fn headers(bytes: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, b"PK\x03\x04").collect()
}

/// The ids of what is listed of a file, whether or not that is all.
fn listed(home: &Home, path: &std::path::Path) -> std::collections::BTreeSet<String> {
    let leaks = home.list(&[path], &[]).lines().into_iter();
    leaks
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Where the directory is cut off or broken, the members are found by their own headers.
#[test]
fn a_zip_without_its_directory_gives_its_members() {
    let home = Home::new();
    let mut archive = Archive::default();
    for machine in 0..4 {
        let system =
            format!("HWID: {machine:032x}\nComputer Name: PC-{machine}\nIP: 203.0.113.7\n");
        archive.add(
            format!("{machine}/System.txt").as_bytes(),
            system.as_bytes(),
        );
        let block: String = (0..40)
            .map(|at| {
                format!("URL: https://s{at}.example/\nLogin: u{machine}\nPassword: p{at}\n\n")
            })
            .collect();
        archive.add(
            format!("{machine}/Passwords.txt").as_bytes(),
            block.as_bytes(),
        );
    }
    let whole = archive.finish();
    let all = listed(&home, &home.write("whole.zip", &whole));
    let directory = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    let headers = headers(&whole);
    let mut broken = whole.clone();
    broken[directory + 60] ^= 0xff;
    let end = broken.len() - 22;
    // It says that the directory has more members than it has.
    broken[end + 10] += 1;
    for (name, bytes, machines, leaks) in [
        ("end", &whole[..whole.len() - 22], 4, 160),
        ("directory", &whole[..directory], 4, 160),
        ("half", &whole[..headers[4]], 2, 80),
        ("broken", &broken[..], 4, 160),
    ] {
        let path = home.write(&format!("{name}.zip"), bytes);
        let ran = home.check(&path, &[]);
        let report = ran.import();
        assert_eq!(ran.exit, 5, "{name}");
        assert_eq!(codes(&report, "problems"), ["truncated"], "{name}");
        assert_eq!(report["totals"]["machines"], machines, "{name}");
        assert_eq!(report["totals"]["leaks"], leaks, "{name}");
        assert!(listed(&home, &path).is_subset(&all), "{name}");
    }
    // Sizes that stand behind the members, as where an archive is written to a pipe.
    let mut streamed = Vec::new();
    for (at, header) in headers.iter().enumerate() {
        let end = headers.get(at + 1).copied().unwrap_or(directory);
        let mut member = whole[*header..end].to_vec();
        let sizes = member[14..26].to_vec();
        member[6] |= 8;
        member[14..26].fill(0);
        streamed.extend([&member[..], b"PK\x07\x08", &sizes].concat());
    }
    let streamed = home.write("streamed.zip", &streamed);
    assert_eq!(listed(&home, &streamed), all);
    // A size that leads nowhere ends where the next member begins.
    let mut sized = whole[..directory].to_vec();
    sized[headers[1] + 18..headers[1] + 22].copy_from_slice(&u32::MAX.to_le_bytes());
    let report = home.check(&home.write("sized.zip", &sized), &[]).import();
    assert_eq!(report["totals"]["leaks"], 160, "{report}");
    // Cut within a member: what came before stays.
    let cut = home.write("cut.zip", &whole[..headers[7] + 100]);
    let report = home.check(&cut, &[]).import();
    assert!(
        report["totals"]["leaks"].as_u64().unwrap() >= 120,
        "{report}"
    );
    assert_eq!(report["complete"], false);
}

/// What is read of a member twice, for its machine and for its records, is told once.
#[test]
fn a_member_that_cannot_be_read_is_one_problem() {
    let home = Home::new();
    let mut archive = Archive::default();
    archive.add(
        b"log/System.txt",
        b"HWID: 00112233445566778899\nComputer Name: PC\n",
    );
    archive.add(
        b"log/Passwords.txt",
        b"URL: https://a.example/\nLogin: bob\nPassword: pw\n",
    );
    let mut bytes = archive.finish();
    for mark in [&b"PK\x03\x04"[..], b"PK\x01\x02"] {
        let at: Vec<usize> = memchr::memmem::find_iter(&bytes, mark).collect();
        for place in at {
            let method = place + if mark[2] == 3 { 8 } else { 10 };
            bytes[method] = 12;
        }
    }
    let report = home.check(&home.write("bzip2.zip", &bytes), &[]).import();
    assert_eq!(codes(&report, "problems"), ["unsupported_method"; 2]);
}

#[test]
fn a_tar_without_members_is_whole() {
    let home = Home::new();
    for (name, bytes) in [("a.tar", vec![0; 10_240]), ("b.tar", vec![0; 1_024])] {
        let ran = home.check(&home.write(name, &bytes), &[]);
        assert_eq!(
            (ran.exit, &ran.import()["complete"]),
            (0, &serde_json::json!(true))
        );
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&bytes).unwrap();
        let packed = home.write(&format!("{name}.gz"), packer.finish().unwrap());
        assert_eq!(home.check(&packed, &[]).exit, 0);
    }
    // Zero bytes of any other length are no text, and no archive either.
    for length in [512, 1_000, 11_264, 1 << 20] {
        let ran = home.check(&home.write("zeros", vec![0; length]), &[]);
        assert_eq!(
            codes(&ran.import(), "problems"),
            ["unknown_format"],
            "{length}"
        );
    }
}

/// What can be read of a document that ends too early, or is broken within, is read; the rest is told.
#[test]
fn a_json_document_that_is_broken_gives_its_other_items() {
    let home = Home::new();
    let item = |at: usize| {
        format!("{{\"url\":\"https://s{at}.example/\",\"username\":\"u\",\"password\":\"p{at}\"}}")
    };
    let all: Vec<String> = (0..9).map(item).collect();
    let list = format!("[\n{}\n]\n", all.join(",\n"));
    let framed = format!("{{\"total\":[9],\"data\":[{}]}}", all.join(","));
    for (name, whole) in [("list", &list), ("framed", &framed)] {
        for length in [whole.len() / 2, whole.len() - 4] {
            let ran = home.check(&home.write(name, &whole[..length]), &[]);
            let report = ran.import();
            let expected = whole[..length].matches("\"}").count();
            assert!(expected > 3);
            assert_eq!(report["totals"]["leaks"], expected, "{name} {length}");
            assert_eq!(codes(&report, "problems"), ["truncated"], "{name} {length}");
        }
        let broken = whole.replacen(
            "\"username\":\"u\",\"password\":\"p3\"",
            "\"username\":,",
            1,
        );
        let report = home.check(&home.write(name, broken), &[]).import();
        assert_eq!(report["complete"], true, "{name}");
        assert_eq!(report["totals"]["leaks"], 8, "{name}");
        assert_eq!(report["rejects"][0]["reason"], "bad_json", "{name}");
        assert_eq!(report["rejects"][0]["line"], 4, "{name}");
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        packer.write_all(whole.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        let cut = home.write("cut.gz", &packed[..packed.len() / 2]);
        let report = home.check(&cut, &[]).import();
        assert!(report["totals"]["leaks"].as_u64().unwrap() >= 3, "{report}");
        assert_eq!(codes(&report, "problems"), ["truncated"], "{name}");
    }
    let behind = home.write("behind.json", all.concat());
    let report = home.check(&behind, &[]).import();
    assert_eq!(
        (&report["totals"]["leaks"], &report["complete"]),
        (&serde_json::json!(9), &serde_json::json!(true))
    );
}

/// A spreadsheet writes into the first line what parts the columns: it is no record, and a header may follow.
#[test]
fn the_line_that_tells_a_spreadsheet_its_separator_is_a_banner() {
    let home = Home::new();
    let text = "sep=;\r\nurl;login;password\r\nhttps://a.example/;bob;\"p;w\"\r\n";
    let report = home.check(&home.write("sep.csv", text), &[]).import();
    assert_eq!(report["files"][0]["format"], "csv");
    assert_eq!(report["totals"]["leaks"], 1);
    let text = "sep=;\nhttps://a.example/;bob;pw\nsep=x;bob\n";
    let report = home.check(&home.write("sep.txt", text), &[]).import();
    assert_eq!(report["totals"]["banners"], 1);
    assert_eq!(report["totals"]["leaks"], 2);
}

/// A member of a tar: its header and its bytes, to the end of a block.
fn tar_member(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
    block[148..156].fill(b' ');
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block.extend_from_slice(bytes);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

/// What stands behind a broken header of a tar is read, and that something was passed over is told.
#[test]
fn a_broken_header_of_a_tar_costs_its_member_alone() {
    let home = Home::new();
    let mut whole = Vec::new();
    let mut headers = Vec::new();
    for at in 0..5 {
        headers.push(whole.len());
        // Zero bytes to the end of a block look like the end of a tar, but are not.
        let line = format!("https://s{at}.example/:bob:pw\n");
        let text = line.repeat(40);
        whole.extend(tar_member(&format!("lists/{at}.txt"), text.as_bytes()));
    }
    whole.extend([0; 1_024]);
    for (broken, left) in [(1, 4), (4, 4)] {
        let mut bytes = whole.clone();
        bytes[headers[broken] + 7] ^= 1;
        let ran = home.check(&home.write("broken.tar", &bytes), &[]);
        let report = ran.import();
        assert_eq!(
            (ran.exit, codes(&report, "problems")),
            (5, vec!["crc".to_owned()])
        );
        assert_eq!(report["totals"]["leaks"], left, "{broken}");
    }
    let report = home.check(&home.write("whole.tar", &whole), &[]).import();
    assert_eq!(
        (&report["totals"]["leaks"], &report["complete"]),
        (&serde_json::json!(5), &serde_json::json!(true))
    );
}
