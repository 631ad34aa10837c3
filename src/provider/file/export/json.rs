//! JSON: a document, or one object a line.

use super::{
    super::{
        context::Context,
        fault::Fault,
        record::At,
        sink::Sink,
        table::{Mapping, take_mapped},
        text::{Failing, HEAD, ITEM, Lines, Text, character},
    },
    alias, events,
    formats::{Kind, kind_of},
    objects, pieces,
    value::{at, bytes, has},
};
use crate::http::{
    ZeroizingBuffer,
    json::{Value, parse},
};
use std::io::{self, Read as _};

/// The largest document, in bytes.
const DOCUMENT: usize = 512 << 20;

/// Nested deeper than this an object is not looked into.
const DEPTH: usize = 64;

/// What came of a file that begins as JSON does.
pub(in crate::provider::file) enum Json<'r> {
    Read,
    /// It is something else: the text once more.
    Other(Box<Text<'r>>),
}

/// Reads a file that begins as JSON does, where its first object is known.
pub(in crate::provider::file) fn read<'r>(
    text: Text<'r>,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<Json<'r>> {
    if let Some(kind) = by_line(&text) {
        lines(text, kind, context, sink)?;
        return Ok(Json::Read);
    }
    if !may_be_document(&text.head) {
        return Ok(Json::Other(Box::new(text)));
    }
    let (mut text, document, failed) = whole(text)?;
    let value = parse(&document).ok().filter(|_| failed.is_none());
    if let Some((value, kind)) = value.and_then(|value| Some((value, document_kind(value)?))) {
        context.begin(sink, kind.format(false), &text, true);
        items(value, kind, context, sink);
        end_document(&document, sink);
        return Ok(Json::Read);
    }
    let first = document
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let by_line = parse(first).ok().and_then(kind_of);
    let known = |piece| parse(piece).ok().and_then(kind_of);
    let is_broken = value.is_none() && by_line.is_none();
    let by_piece = pieces::of(&document)
        .take(if is_broken { BEGIN } else { 0 })
        .find_map(known);
    if let Some(kind) = by_piece {
        context.begin(sink, kind.format(false), &text, true);
        let ended = broken(&document, kind, sink);
        end_document(&document, sink);
        return match failed {
            Some(error) => Err(error),
            None if ended => Ok(Json::Read),
            None => Err(Fault::Truncated.into()),
        };
    }
    text.stream = Box::new(io::Cursor::new(document).chain(Failing(failed)));
    match by_line {
        Some(kind) => {
            lines(text, kind, context, sink)?;
            Ok(Json::Read)
        }
        None => Ok(Json::Other(Box::new(text))),
    }
}

/// Items that are looked at to find out what those of a broken document are.
const BEGIN: usize = 100;

/// Takes in what can be read of a document that is cut off or broken within. Whether it was read to its end.
fn broken(document: &[u8], kind: Kind, sink: &mut Sink<'_>) -> bool {
    let mut pieces = pieces::of(document);
    let mut number = 0;
    for (piece, place) in pieces.by_ref().zip(1..) {
        if sink.stopped {
            break;
        }
        match parse(piece) {
            Ok(item) if !item.exceeds_depth(DEPTH) => number = one(item, kind, place, number, sink),
            _ => sink.reject(place, "bad_json"),
        }
    }
    pieces.ended
}

fn end_document(document: &[u8], sink: &mut Sink<'_>) {
    let ends = memchr::memchr_iter(b'\n', document).count() as u64;
    let open = document.last().is_some_and(|byte| *byte != b'\n');
    sink.end(ends + u64::from(open), lines_of(document));
}

fn lines_of(document: &[u8]) -> Option<&'static str> {
    let lf = memchr::memchr_iter(b'\n', document).count();
    let crlf = memchr::memmem::find_iter(document, b"\r\n").count();
    match (lf, crlf) {
        (0, _) => None,
        (lf, crlf) if lf == crlf => Some("crlf"),
        (_, 0) => Some("lf"),
        _ => Some("mixed"),
    }
}

/// The whole of a text, and what ended it too early.
fn whole(mut text: Text<'_>) -> io::Result<(Text<'_>, ZeroizingBuffer, Option<io::Error>)> {
    let mut document = ZeroizingBuffer::default();
    let failed = document.read_from(&mut text.stream, DOCUMENT + 1).err();
    if document.len() > DOCUMENT {
        return Err(Fault::TooLarge.into());
    }
    Ok((text, document, failed))
}

/// The kind of the first line, where it is an object by itself and there are more lines.
fn by_line(text: &Text<'_>) -> Option<Kind> {
    let head = text.head.trim_ascii_start();
    let end = memchr::memchr(b'\n', head)?;
    let more = !text.is_short || !head[end..].trim_ascii().is_empty();
    kind_of(parse(head[..end].trim_ascii_end()).ok().filter(|_| more)?)
}

/// Whether a text may be a document, by its first characters: a bracket begins other things, too.
fn may_be_document(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let Some((first, rest)) = head.split_first() else {
        return false;
    };
    let rest = rest.trim_ascii_start();
    match (first, rest.first()) {
        (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{' | b']')) => true,
        (b'[', Some(b'"')) => {
            let mut behind = &rest[1..];
            while let Some(quote) = memchr::memchr2(b'"', b'\\', behind) {
                if behind[quote] == b'"' {
                    let next = behind[quote + 1..].trim_ascii_start().first();
                    return matches!(next, Some(b',' | b']'));
                }
                behind = behind.get(quote + 2..).unwrap_or_default();
            }
            head.len() >= HEAD
        }
        _ => false,
    }
}

/// The array that holds the items of a document.
fn list(document: Value<'_>) -> Option<Value<'_>> {
    if document.is_array() {
        return Some(document);
    }
    pieces::LISTS
        .iter()
        .find_map(|name| document.get(name).filter(|list| list.is_array()))
}

fn document_kind(document: Value<'_>) -> Option<Kind> {
    if document.exceeds_depth(DEPTH) {
        return None;
    }
    if document.is_object() {
        if document.get("type").and_then(Value::string).as_deref() == Some(b"bundle") {
            return Some(Kind::Stix);
        }
        if has(document, "BreachSearchResults") {
            return Some(Kind::Report);
        }
    }
    if let Some(list) = list(document) {
        let mut elements = list.elements();
        if let Some(first) = elements.next() {
            if first.is_object() {
                return kind_of(first);
            }
            let address = |value: Value<'_>| {
                value
                    .string()
                    .is_some_and(|text| memchr::memchr(b'@', &text).is_some())
            };
            return list.elements().all(address).then_some(Kind::Stealer);
        }
        // Nothing in it: known by its frame alone.
        return document.is_object().then_some(Kind::Flat);
    }
    if let Some(kind) = kind_of(document) {
        return Some(kind);
    }
    words(document)
}

/// V9, V10: an object of arrays of words.
fn words(document: Value<'_>) -> Option<Kind> {
    let (mut any, mut hosts) = (false, true);
    for (_, list) in document.members() {
        if !list.is_array() {
            return None;
        }
        for word in list.elements() {
            let word = word.string()?;
            any = true;
            hosts &= memchr::memchr(b'.', &word).is_some() && super::super::list::is_urlish(&word);
        }
    }
    Some(if any && hosts {
        Kind::Stealer
    } else {
        Kind::Aliases
    })
}

/// Takes the items of a document in.
fn items(document: Value<'_>, kind: Kind, context: &Context<'_>, sink: &mut Sink<'_>) {
    match kind {
        Kind::Stix => return objects::stix(document, sink),
        Kind::Report => return events::report(document, sink),
        Kind::Aliases => return alias::aliases(document, false, context, sink),
        Kind::Stealer if document.is_object() => {
            return alias::aliases(document, true, context, sink);
        }
        Kind::Stealer => return alias::addresses(document, context, sink),
        _ => {}
    }
    if let Some(list) = list(document) {
        let mut number = 0;
        for (item, place) in list.elements().zip(1..) {
            if sink.stopped {
                return;
            }
            number = one(item, kind, place, number, sink);
        }
    } else {
        one(document, kind, 1, 0, sink);
    }
}

/// Takes one object in. Of events with objects, `number` is the number of objects before it.
fn one(item: Value<'_>, kind: Kind, place: u64, number: u64, sink: &mut Sink<'_>) -> u64 {
    if !item.is_object() {
        sink.reject(place, "not_an_object");
        return number;
    }
    if item.raw().len() > ITEM && kind != Kind::Misp {
        sink.reject(place, "too_large");
        return number;
    }
    if kind == Kind::Misp {
        return objects::misp(item, number, sink);
    }
    let mut record = events::object(item, kind);
    if record.is_empty() {
        sink.reject(place, "empty");
    } else {
        sink.accept(
            &mut record,
            At {
                line: place,
                offset: None,
            },
        );
    }
    number
}

/// Reads one object a line.
fn lines(text: Text<'_>, kind: Kind, context: &Context<'_>, sink: &mut Sink<'_>) -> io::Result<()> {
    context.begin(sink, kind.format(true), &text, false);
    each_line(text, sink, |item, line, sink| {
        one(item, kind, line, 0, sink);
    })
}

fn each_line(
    text: Text<'_>,
    sink: &mut Sink<'_>,
    mut take: impl FnMut(Value<'_>, u64, &mut Sink<'_>),
) -> io::Result<()> {
    let mut lines = Lines::new(text.stream, ITEM, &text.head);
    let mut end = Ok(());
    while !sink.stopped {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => {
                end = Err(error);
                break;
            }
        };
        sink.line(line.bytes);
        if line.too_long {
            sink.reject_at(line.number, "too_large", || Some(ITEM as u64 + 1));
            continue;
        }
        let bytes = line.bytes.trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        match parse(bytes) {
            Ok(item) if item.is_object() => take(item, line.number, sink),
            Ok(_) => sink.reject_at(line.number, "not_an_object", || {
                Some(character(line.bytes, blanks(line.bytes)))
            }),
            Err(_) => sink.reject_at(line.number, "bad_json", || place_of_fault(line.bytes)),
        }
    }
    sink.end(lines.count(), lines.newline.word());
    end
}

/// How many blanks a line begins with.
fn blanks(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

/// The character, from 1, at which a line is no JSON any more.
fn place_of_fault(line: &[u8]) -> Option<u64> {
    let begin = blanks(line);
    let text = line.get(begin..)?;
    let error = serde_json::from_slice::<serde::de::IgnoredAny>(text).err()?;
    // It counts bytes from 1, and an end that comes too early as the last one.
    let at = begin + error.column().saturating_sub(usize::from(!error.is_eof()));
    Some(character(line, at))
}

/// Reads objects by a mapping.
pub(in crate::provider::file) fn mapped(
    text: Text<'_>,
    mapping: &Mapping,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let take = |item: Value<'_>, line: u64, sink: &mut Sink<'_>| {
        let get = |path: &str| at(item, path).and_then(bytes);
        take_mapped(
            mapping,
            &get,
            &|_| None,
            false,
            At { line, offset: None },
            sink,
        );
    };
    let head = text.head.trim_ascii_start();
    let lined = || {
        let end = memchr::memchr(b'\n', head)?;
        parse(head[..end].trim_ascii_end())
            .ok()
            .filter(|value| value.is_object())
    };
    if mapping.is_by_line().unwrap_or_else(|| lined().is_some()) {
        context.begin(sink, "mapped", &text, false);
        sink.columns = mapping.sources();
        return each_line(text, sink, take);
    }
    let (text, document, failed) = whole(text)?;
    if let Some(error) = failed {
        return Err(error);
    }
    let Ok(value) = parse(&document) else {
        return Err(Fault::UnknownFormat.into());
    };
    context.begin(sink, "mapped", &text, true);
    sink.columns = mapping.sources();
    let found = match &mapping.records {
        Some(path) => at(value, path),
        None => list(value).or(Some(value)),
    };
    let found = found.filter(|found| !found.exceeds_depth(DEPTH * 2));
    let single = found.filter(|found| found.is_object());
    let all = found
        .into_iter()
        .filter(|found| found.is_array())
        .flat_map(Value::elements);
    for (item, place) in single.into_iter().chain(all).zip(1..) {
        if sink.stopped {
            break;
        }
        if item.is_object() {
            take(item, place, sink);
        } else {
            sink.reject(place, "not_an_object");
        }
    }
    let lines = memchr::memchr_iter(b'\n', &document).count() as u64 + 1;
    sink.end(lines, lines_of(&document));
    Ok(())
}
