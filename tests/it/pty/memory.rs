//! No password that was read stays in the memory of the process: not while the list is open in a console or in a command,
//! and not after one was shown. What the kernel keeps of a file is the file itself, and none of the process's.

use super::files::{Case, quit};
use stanch::demo::stealer::Archive;
use std::{
    fmt::Write as _,
    fs::File,
    io::{Read as _, Write as _},
    os::unix::fs::FileExt as _,
    process::Stdio,
    time::Duration,
};

/// What every planted password begins with. It is written nowhere else.
const MARK: &str = "Zq7-planted-";

/// Leaks of every form.
const LEAKS: usize = 1_500;

/// Every so many leaks one password is planted; the others are of as many characters.
const EVERY: usize = 75;

fn password(number: usize) -> String {
    if number.is_multiple_of(EVERY) {
        format!("{MARK}{number:05}")
    } else {
        format!("of-no-worth--{number:05}")
    }
}

fn login(form: &str, number: usize) -> String {
    format!("{form}{number}@acme.example")
}

/// One text of so many leaks, each made by a function of its number.
fn text(one: impl Fn(usize) -> String) -> String {
    (0..LEAKS).map(one).collect()
}

fn list(form: &str, end: &str) -> String {
    text(|number| {
        format!(
            "https://a.example/:{}:{}{end}",
            login(form, number),
            password(number)
        )
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = Archive::default();
    for (name, content) in members {
        archive.add(name.as_bytes(), content.as_bytes());
    }
    archive.finish()
}

/// A spreadsheet, half of whose cells refer to strings that it shares.
fn spreadsheet() -> Vec<u8> {
    let mut shared = "<sst><si><t>login</t></si><si><t>password</t></si>".to_owned();
    let mut sheet =
        "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>"
            .to_owned();
    for number in 0..LEAKS {
        let (login, secret) = (login("sheet", number), password(number));
        write!(sheet, "<row><c t=\"inlineStr\"><is><t>{login}</t></is></c>").unwrap();
        if number.is_multiple_of(2) {
            write!(shared, "<si><t>{secret}</t></si>").unwrap();
            write!(sheet, "<c t=\"s\"><v>{}</v></c></row>", number / 2 + 2).unwrap();
        } else {
            write!(
                sheet,
                "<c t=\"inlineStr\"><is><t>{secret}</t></is></c></row>"
            )
            .unwrap();
        }
    }
    let workbook = "<workbook><sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>";
    let relations =
        "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
    zip(&[
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/sharedStrings.xml", &(shared + "</sst>")),
        (
            "xl/worksheets/sheet1.xml",
            &(sheet + "</sheetData></worksheet>"),
        ),
    ])
}

/// Writes files of every form, in several encodings and packings. Answers how many leaks are in them.
fn planted(case: &Case) -> usize {
    // One line that is none, so that the end of the reading is told.
    case.write("in/list.txt", list("list", "\n") + "no leak here\n");
    let wide: Vec<u8> = list("wide", "\r\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    case.write("in/wide.txt", [&[0xff, 0xfe], &wide[..]].concat());
    let blocks = text(|number| {
        format!(
            "URL: android://x@com.example/\nUsername: {}\nPassword: {}\nsecond line\n\n",
            login("block", number),
            password(number)
        )
    });
    case.write("in/blocks.txt", blocks);
    let table = text(|number| {
        format!(
            "https://a.example/,{},\"{}, \"\"quoted\"\"\"\n",
            login("table", number),
            password(number)
        )
    });
    case.write("in/table.csv", format!("url,username,password\n{table}"));
    let object = |form: &str, number| {
        // An escape, so that the text is decoded.
        let secret = password(number).replace('7', "\\u0037");
        let login = login(form, number);
        format!(
            "{{\"url\":\"https://a.example/\",\"login\":\"{login}\",\"password\":\"{secret}\"}}"
        )
    };
    case.write(
        "in/lines.jsonl",
        text(|number| object("line", number) + "\n"),
    );
    let all = text(|number| object("item", number) + ",");
    case.write("in/items.json", format!("[{}]", all.trim_end_matches(',')));
    case.write("in/sheet.xlsx", spreadsheet());
    // Letters of another encoding behind the password: it is decoded to be shown.
    let cyrillic: Vec<u8> = list("bytes", "\u{1}\n")
        .bytes()
        .flat_map(|byte| match byte {
            1 => vec![0xef, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2],
            byte => vec![byte],
        })
        .collect();
    case.write("in/bytes.txt", cyrillic);
    let packed = list("zip", "\n");
    let inner = list("inner", "\n");
    let nested = zip(&[("deeper.txt", &inner)]);
    let mut archive = Archive::default();
    archive.add(b"deep/list.txt", packed.as_bytes());
    archive.add(b"deep/inner.zip", &nested);
    case.write("in/packed.zip", archive.finish());
    case.write("in/packed.txt.gz", gzip(list("gzip", "\n").as_bytes()));
    LEAKS * 11
}

/// What a process holds in memory that is its own: heap, stacks, mappings without a file. None where this user may not
/// look.
fn memory(process: u32) -> Option<Vec<(String, Vec<u8>)>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let all = File::open(format!("/proc/{process}/mem")).ok()?;
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        let name = words.nth(3).unwrap_or_default();
        if !rights.starts_with("rw") || name.starts_with('/') {
            continue;
        }
        let (from, to) = range.split_once('-')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        let (from, to) = (number(from)?, number(to)?);
        let mut bytes = vec![0; usize::try_from(to - from).ok()?];
        for (piece, at) in bytes.chunks_mut(1 << 20).zip(0_u64..) {
            // A page that cannot be read holds nothing.
            all.read_at(piece, from + (at << 20)).ok();
        }
        found.push((format!("{range} {name}"), bytes));
    }
    Some(found)
}

/// The planted passwords that a process holds, each with where. None where this user may not look.
fn held(process: u32) -> Option<Vec<String>> {
    let wide: Vec<u8> = MARK.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut found = Vec::new();
    for (place, bytes) in memory(process)? {
        for mark in [MARK.as_bytes(), &wide] {
            for at in memchr::memmem::find_iter(&bytes, mark) {
                let from = at.saturating_sub(48);
                let around = bytes.get(from..at + mark.len() + 32).unwrap_or_default();
                found.push(format!("{place}+{at:x}: {}", around.escape_ascii()));
            }
        }
    }
    Some(found)
}

fn assert_clean(process: u32, when: &str) {
    let Some(found) = held(process) else {
        eprintln!(
            "skipped: only who may trace every process looks into this one, which is what it asks for"
        );
        return;
    };
    assert!(
        found.is_empty(),
        "{when}: {} times\n{}",
        found.len(),
        found
            .iter()
            .take(12)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn this_test_would_find_a_password_in_memory() {
    let kept = [password(0)];
    let found = held(std::process::id()).unwrap();
    assert!(found.iter().any(|one| one.contains(&kept[0])), "{found:?}");
}

#[test]
fn no_password_is_in_the_memory_of_a_console_with_the_list_open() {
    let case = Case::new("in");
    let leaks = planted(&case);
    let console = case.start().open();
    let shown = format!("{},{:03}", leaks / 1_000, leaks % 1_000);
    console.wait_for(&format!("leaks {shown} of {shown}"));
    console.wait_for(&format!("{shown} records"));
    assert_clean(console.pid(), "with the list open");

    quit(console);
}

#[test]
fn no_password_is_in_the_memory_of_a_console_after_a_reveal() {
    let case = Case::new("in");
    let leaks = planted(&case);
    let mut console = case.start().open();
    let shown = format!("{},{:03}", leaks / 1_000, leaks % 1_000);
    console.wait_for(&format!("leaks {shown} of {shown}"));
    console.wait_for(&format!("{shown} records"));
    for form in ["list", "zip", "item"] {
        console.keys(&format!("/\x15{form}150@\r"));
        console.wait_for(&format!("leaks 1 of {shown}"));
        console.wait_for(&format!("{form}150@acme.example"));
        console.keys("zr");
        console.wait_for(&password(150));
        console.keys(":mask\r");
        console.wait_without(MARK);
        console.wait_until_quiet(Duration::from_millis(100));
        assert_clean(console.pid(), &format!("after a reveal of {form}"));
    }
    quit(console);
}

#[test]
fn no_password_is_in_the_memory_of_a_command_that_has_the_list() {
    let case = Case::new("in");
    planted(&case);
    for arguments in [
        &["leaks", "list", "--format", "jsonl"][..],
        &["users", "list", "--format", "jsonl"],
    ] {
        let mut command = case.command(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        // It writes more than a pipe holds: behind the first bytes it waits with the whole list in memory.
        let mut first = [0; 64];
        out.read_exact(&mut first).unwrap();
        assert_clean(child.id(), &arguments.join(" "));
        let mut rest = Vec::new();
        out.read_to_end(&mut rest).unwrap();
        assert!(rest.len() > 100_000, "{}", rest.len());
        assert!(child.wait().unwrap().success());
    }
}
