//! Documents: the reader, and the exchange of one value for another.

use super::{Target, engine::kind, hostile};
use fastrand::Rng;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};
use stanch::http::json::{Value, build_index, parse};

/// The reader of documents.
pub(super) fn documents() -> Target {
    let seeds = [
        &br#"{"data":[{"id":"7f","status":"open","n":41.0,"deep":[[[]],{}]}],"total":2}"#[..],
        br#"[null,true,false,-0.5e-3,"\ud83d\ude00\udc00\u0000"]"#,
        b"\xef\xbb\xbf {\"a\":1,\"a\":2} ",
        b"\"\xff\xed\xa0\x80\"",
        b"18446744073709551615",
    ];
    let mut words = hostile();
    words.extend(super::words(&[
        "\\u", "\\ud800", "\\n", "null", "{}", "[]", ",", "1e5", "\\/",
    ]));
    Target {
        words,
        json: true,
        runs: 3_000,
        ..Target::new(seeds, check)
    }
}

fn check(bytes: &[u8]) -> u64 {
    let read = parse(bytes);
    let noted = build_index(bytes);
    assert_eq!(
        read.map(|_| ()).err(),
        noted.as_ref().map(|_| ()).err().copied()
    );
    // What another reader takes is taken too: there is nothing that it loses a page for.
    if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        assert!(read.is_ok(), "refused: {read:?}");
    }
    let Ok(value) = read else {
        return kind(read.err());
    };
    let (mut values, mut strings) = (0_u32, 0_u32);
    let mut open: Vec<Value<'_>> = vec![value];
    while let Some(value) = open.pop() {
        values += 1;
        assert!(parse(value.raw()).is_ok(), "a part is no document");
        strings += u32::from(value.string().is_some());
        let _ = (value.count(), value.bool(), value.exceeds_depth(20));
        open.extend(value.elements());
        for (name, member) in value.members() {
            let name = std::str::from_utf8(&name).unwrap_or_default();
            if let Some(first) = value.get(name) {
                let twice = value.get_unique(name).is_err();
                assert!(twice || name.is_empty() || first.raw() == member.raw());
            }
            open.push(member);
        }
    }
    kind((values.min(20), strings.min(8), value.is_array()))
}

/// The document with another value in the place of one of its own; nothing where it is none.
pub(super) fn exchanged(rng: &mut Rng, bytes: &[u8], word: &[u8]) -> Option<Vec<u8>> {
    let mut document: Json = serde_json::from_slice(bytes).ok()?;
    let count = nodes(&document);
    let copy = part(&document, rng.usize(..count))?.clone();
    let place = place(&mut document, &mut rng.usize(..count))?;
    *place = match rng.u8(..14) {
        0 => Json::Null,
        1 => json!(rng.bool()),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1.5),
        5 => json!(""),
        6 | 7 => Json::String(String::from_utf8_lossy(word).into_owned()),
        8 => json!([]),
        9 => json!({}),
        10 => (0..60).fold(json!(1), |inner, _| json!([inner])),
        11 => json!([place.clone(), copy]),
        12 => json!({ "x": place.clone() }),
        _ => copy,
    };
    serde_json::to_vec(&document).ok()
}

fn nodes(value: &Json) -> usize {
    1 + match value {
        Json::Array(items) => items.iter().map(nodes).sum::<usize>(),
        Json::Object(members) => members.values().map(nodes).sum(),
        _ => 0,
    }
}

fn part(value: &Json, number: usize) -> Option<&Json> {
    let mut open = vec![value];
    let mut left = number;
    while let Some(value) = open.pop() {
        if left == 0 {
            return Some(value);
        }
        left -= 1;
        match value {
            Json::Array(items) => open.extend(items),
            Json::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    None
}

fn place<'a>(value: &'a mut Json, left: &mut usize) -> Option<&'a mut Json> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Json::Array(items) => items.iter_mut().find_map(|item| place(item, left)),
        Json::Object(members) => members.values_mut().find_map(|member| place(member, left)),
        _ => None,
    }
}
