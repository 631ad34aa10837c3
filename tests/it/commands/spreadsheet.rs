//! CSV on its way to a spreadsheet, and CSV from a provider.

use super::*;
use crate::support::fault_server::{FaultServer, KEY, ServerResponse};

/// The logins of the shared case, and whether a spreadsheet would show something else.
const LOGINS: &[(&str, bool)] = &[
    ("jürgen.müller@acme.example", false),
    ("محمد@acme.example", false),
    ("王伟", false),
    ("0049151123456", true),
    ("491511234567890123", true),
    ("+49 151 1234567", true),
    ("1E5", true),
    ("007", true),
    ("5e10", true),
    ("3-4", true),
    ("MAR1", true),
    ("TRUE", true),
    ("=1+1", true),
    ("maya;drop", false),
    ("a\"b", false),
    ("😀@acme.example", false),
    ("12345678901234567890", true),
    ("1/2", true),
    ("SEPT2", true),
    ("-5", true),
    // Made up beside them.
    ("2024-01-02", true),
    ("1:30", true),
    ("5%", true),
    ("$5", true),
    ("1,234", true),
    ("1. März", true),
    ("août 3", true),
    ("12E34567", true),
    ("maya1", false),
    ("192.168.1.20", false),
];

async fn fixture_for(server: &FaultServer) -> CommandFixture {
    let rig = CommandFixture::with_leaks(1).await;
    let key = rig.path("other-key");
    std::fs::write(&key, KEY).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    rig.configure(&format!(
        "[profiles.pd]\nprovider = \"projectdiscovery\"\nbase_url = \"{}\"\nkey = {{ file = {:?} }}\n",
        server.url(),
        key.to_str().unwrap()
    ));
    rig
}

async fn listing_server() -> FaultServer {
    let pick = |words: [&str; 3], at: usize| words[at % 3].to_owned();
    let rows: Vec<Value> = LOGINS
        .iter()
        .enumerate()
        .map(|(at, (login, _))| {
            let id = match at {
                0 => "1234567890123456789012345678e123".to_owned(),
                _ => format!("{at:032x}"),
            };
            json!({
                "id": id, "username": login, "status": "open", "domain": "acme.example",
                "log_date": "2026-02-03T10:00:00Z", "country": "DE", "device_ip": "10.0.0.1",
                "hostname": pick(["0012", "1E9", "DESKTOP-1"], at),
                "hardware_id": pick(["5E10", "0000123", "9007199254740993"], at),
            })
        })
        .collect();
    let page = json!({
        "data": rows, "total_leaks": rows.len(), "total_count": rows.len(), "total_pages": 1,
    });
    FaultServer::with_response(ServerResponse::json(200, page.to_string())).await
}

/// Rows of a CSV text by the names of their columns.
fn rows(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ::csv::Reader::from_reader(bytes);
    let names = reader.headers().unwrap().clone();
    let row = |row: ::csv::StringRecord| {
        let cells = names.iter().zip(row.iter());
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

#[tokio::test]
async fn a_spreadsheet_shows_what_was_leaked_in_every_cell() {
    let server = listing_server().await;
    let rig = fixture_for(&server).await;
    let file = rig.path("o.csv");
    let path = file.to_str().unwrap();
    rig.run(&["export", "--format", "csv", "--output", path])
        .await
        .assert_exit(0);
    let bytes = std::fs::read(&file).unwrap();
    assert!(
        bytes.starts_with(b"\xef\xbb\xbf\"key\""),
        "a byte order mark"
    );
    let all = rows(&bytes);
    assert_eq!(all.len(), LOGINS.len());
    for (login, changed) in LOGINS {
        let shown = if *changed {
            format!("'{login}")
        } else {
            (*login).to_owned()
        };
        let row = all.iter().find(|row| row["login"] == shown);
        let row = row.unwrap_or_else(|| panic!("no {shown}"));
        let named: Vec<_> = row["_neutralised"].split(' ').collect();
        assert_eq!(named.contains(&"login"), *changed, "{login}");
        assert_eq!(row["_escaped"], "");
        // Every cell and no other is named; what stays is what no spreadsheet changes.
        for (name, cell) in row.iter().filter(|(name, _)| !name.starts_with('_')) {
            assert_eq!(
                cell.starts_with('\''),
                named.contains(&&name[..]),
                "{name}: {cell}"
            );
        }
        for name in ["hostname", "hardware_id"] {
            assert!(
                row[name].starts_with('\'') || row[name] == "DESKTOP-1",
                "{}",
                row[name]
            );
        }
        for (name, as_it_is) in [("ip", "10.0.0.1"), ("disputed", "false"), ("sources", "1")] {
            assert_eq!(row[name], as_it_is);
        }
        assert!(
            row["first_seen"].starts_with("2026-02-03"),
            "{}",
            row["first_seen"]
        );
    }
    let long = all.iter().find(|row| row["id"].contains("e123"));
    assert_eq!(long.unwrap()["id"], "'1234567890123456789012345678e123");
    // Text for a program is as exact as before.
    let list = rig
        .run(&["leaks", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let items = list["items"].as_array().unwrap();
    for (login, _) in LOGINS {
        assert!(items.iter().any(|item| item["login"] == *login), "{login}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_where_a_spreadsheet_needs_one_and_nowhere_else() {
    let rig = CommandFixture::with_leaks(10).await;
    let mark = "\u{feff}";
    for (name, more, marked) in [
        ("a.csv", &[][..], true),
        ("b.CSV", &[], true),
        ("c.txt", &[], false),
        ("d.csv", &["--bom", "no"], false),
        ("e.txt", &["--bom", "yes"], true),
    ] {
        let path = rig.path(name);
        let mut arguments = vec![
            "export",
            "--format",
            "csv",
            "--output",
            path.to_str().unwrap(),
        ];
        arguments.extend(more);
        rig.run(&arguments).await.assert_exit(0);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.starts_with(mark), marked, "{name}");
        assert_eq!(rows(text.as_bytes()).len(), 10, "{name}");
    }
    let json = rig.path("f.csv");
    rig.run(&[
        "export",
        "--format",
        "jsonl",
        "--output",
        json.to_str().unwrap(),
    ])
    .await
    .assert_exit(0);
    assert!(
        std::fs::read_to_string(json).unwrap().starts_with('{'),
        "JSON has none"
    );
    for (list, more, marked) in [
        ("leaks", &[][..], false),
        ("leaks", &["--bom", "yes"], true),
        ("leaks", &["--bom=yes"], true),
        ("users", &["--bom", "no"], false),
        ("users", &["--bom", "yes"], true),
    ] {
        let arguments = [&[list, "list", "--format", "csv"][..], more].concat();
        let ran = rig.run(&arguments).await.assert_ok();
        assert_eq!(ran.stdout.starts_with(mark), marked, "{arguments:?}");
    }
    rig.run(&["leaks", "list", "--format", "csv", "--bom", "maybe"])
        .await
        .assert_exit(2);
}

#[tokio::test]
async fn a_row_of_a_providers_csv_with_a_cell_too_few_or_too_many_is_no_leak() {
    let good = "id,username,status\n0123456789abcdef0123456789abcdef,ana,open\n";
    for (name, more, exit) in [
        ("whole", "1123456789abcdef0123456789abcdef,ben,open\n", 0),
        (
            "no line end",
            "1123456789abcdef0123456789abcdef,ben,open",
            0,
        ),
        ("too few", "1123456789abcdef0123456789abcdef,ben\n", 5),
        (
            "too many",
            "1123456789abcdef0123456789abcdef,b,en,open\n",
            5,
        ),
        ("cut in a quote", "1123456789abcdef0123456789abcdef,\"be", 5),
        ("one word", "Gateway Timeout\n", 5),
        ("no id", ",ben,open\n", 5),
    ] {
        let body = format!("{good}{more}");
        let server = FaultServer::start(move |_, seen| {
            let first = seen.json()["page_number"] == 1;
            let body = if first {
                &body[..]
            } else {
                "id,username,status\n"
            };
            ServerResponse::new(200, &[("content-type", "text/csv")], body.as_bytes())
        })
        .await;
        let rig = fixture_for(&server).await;
        let file = rig.path("o.csv");
        let path = file.to_str().unwrap();
        let arguments = [
            "export", "--via", "provider", "--format", "csv", "--output", path,
        ];
        let ran = rig.run(&arguments).await;
        assert_eq!(ran.exit, exit, "{name}: {ran:?}");
        assert_eq!(file.exists(), exit == 0, "{name}");
        if exit == 0 {
            let logins: Vec<_> = rows(&std::fs::read(&file).unwrap())
                .iter()
                .map(|row| row["login"].clone())
                .collect();
            assert_eq!(logins.len(), 2, "{name}: {logins:?}");
        } else {
            assert!(
                ran.stderr.contains("1 of its rows could not be read"),
                "{name}: {}",
                ran.stderr
            );
        }
    }
}
