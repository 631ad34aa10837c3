//! One file by its content: finds out what it is and reads it. Rules D4 to D10.

use super::{
    blank::trim_start,
    blocks,
    context::Context,
    export,
    fault::Fault,
    label,
    list::{self, Line},
    record::{At, Record},
    sink::Sink,
    table::{self, Layout},
    text::{self, FAR, HEAD, LINE, Lines, Text},
};
use std::io::{self, Read};

/// Lines of the head that are looked at for a record of a list.
const LIST_LINES: usize = 2_000;

/// Lines that a header may be among.
const HEADER_LINES: usize = 20;

/// What a file was taken for.
enum Format {
    Empty,
    Blocks,
    Table(Layout),
    List,
    Unclear,
    Unknown,
}

/// Reads a file. False where no rule reads it.
///
/// # Errors
/// What kept it from being read, or from being read to its end.
pub(super) fn file(
    reader: Box<dyn Read + '_>,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<bool> {
    let mut text = text::open(reader, encoding(context))?;
    if let Some(mapping) = &context.options.mapping
        && context.machine.is_none()
        && !is_empty(&text)
    {
        table::mapped(text, mapping, context, sink)?;
        return Ok(true);
    }
    if matches!(trim_blank(&text.head).first(), Some(b'{' | b'[')) {
        match export::json(text, context, sink)? {
            export::Json::Read => return Ok(true),
            export::Json::Other(again) => text = *again,
        }
    }
    match format(&text, context) {
        Format::Empty => {
            context.begin(sink, "empty", &text, false);
            let mut lines = Lines::new(text.stream, LINE, &text.head);
            while lines.next()?.is_some() {}
            sink.end(lines.count(), lines.newline.word());
        }
        Format::Blocks => {
            context.begin(sink, "blocks", &text, false);
            let mut lines = Lines::new(text.stream, LINE, &text.head);
            let end = blocks::read(&mut lines, sink);
            sink.end(lines.count(), lines.newline.word());
            end?;
        }
        Format::Table(layout) => table::read(text, &layout, context, sink)?,
        Format::List => {
            let format = list_format(&text);
            context.begin(sink, format, &text, false);
            let mut lines = Lines::new(text.stream, LINE, &text.head);
            let end = read_list(&mut lines, sink);
            sink.end(lines.count(), lines.newline.word());
            end?;
        }
        Format::Unclear => {
            sink.note_at(context.place(), "unclear", 1);
            return Ok(false);
        }
        Format::Unknown => return unknown(text, context, sink),
    }
    Ok(true)
}

/// Reads a list from one of its lines on, for the leak that is looked for there.
pub(super) fn from_line(
    reader: Box<dyn Read + '_>,
    line: u64,
    offset: u64,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let mut lines = Lines::new(reader, LINE, b"\n").counted_from(line, offset);
    while !sink.stopped {
        let Some(line) = lines.next()? else {
            break;
        };
        take(&line, sink);
    }
    Ok(())
}

/// Whether it has blocks, by its beginning.
pub(super) fn has_blocks(reader: Box<dyn Read + '_>, context: &Context<'_>) -> bool {
    text::open(reader.take(HEAD as u64 * 2).into_box(), encoding(context))
        .is_ok_and(|text| is_blocks(&text))
}

trait IntoBox<'r> {
    fn into_box(self) -> Box<dyn Read + 'r>;
}

impl<'r, R: Read + 'r> IntoBox<'r> for R {
    fn into_box(self) -> Box<dyn Read + 'r> {
        Box::new(self)
    }
}

fn encoding(context: &Context<'_>) -> Option<&'static encoding_rs::Encoding> {
    let mapped = context
        .options
        .mapping
        .as_ref()
        .and_then(|mapping| mapping.encoding);
    context.options.encoding.or(mapped)
}

/// N5, D9: nothing that is known. What is packed is read on a little: it may be made to do harm.
fn unknown(mut text: Text<'_>, context: &Context<'_>, sink: &mut Sink<'_>) -> io::Result<bool> {
    if context.is_credential {
        context.begin_as(sink, "unknown", text.encoding, false);
        sink.reject(1, "no_records");
        let mut lines = Lines::new(text.stream, LINE, &text.head);
        while lines.next()?.is_some() {}
        sink.end(lines.count(), lines.newline.word());
        return Ok(true);
    }
    probe(&mut text.stream, context)?;
    if context.named {
        return Err(Fault::UnknownFormat.into());
    }
    Ok(false)
}

/// Reads on where a packed file may grow without end.
pub(super) fn probe(stream: &mut dyn Read, context: &Context<'_>) -> io::Result<()> {
    if !context.is_plain {
        io::copy(&mut stream.take(FAR), &mut io::sink())?;
    }
    Ok(())
}

fn is_empty(text: &Text<'_>) -> bool {
    text.is_short && trim_blank(&text.head).is_empty()
}

fn trim_blank(head: &[u8]) -> &[u8] {
    head.trim_ascii_start()
}

fn format(text: &Text<'_>, context: &Context<'_>) -> Format {
    if is_empty(text) {
        return Format::Empty;
    }
    if is_blocks(text) {
        return Format::Blocks;
    }
    if let Some(layout) = header_of(text) {
        return Format::Table(layout);
    }
    let (mut records, mut rejects) = (0, 0);
    for line in head_lines(text).take(LIST_LINES) {
        match list::line(line) {
            Line::Record(_) => records += 1,
            Line::Reject(_) => rejects += 1,
            Line::Blank | Line::Banner => {}
        }
    }
    match (
        records,
        context.named || context.is_credential && records >= rejects,
    ) {
        (0, _) => Format::Unknown,
        (_, true) => Format::List,
        _ if records >= rejects => Format::List,
        _ => Format::Unclear,
    }
}

/// The columns of a table, where its first line that says something is a header.
pub(super) fn header_of(text: &Text<'_>) -> Option<Layout> {
    let (line, number) = head_lines(text)
        .take(HEADER_LINES)
        .zip(1..)
        .find_map(candidate)?;
    table::layout(line, number)
}

/// The first line that is neither blank nor a banner.
fn candidate((line, number): (&[u8], u64)) -> Option<(&[u8], u64)> {
    let text = trim_start(line);
    (!text.is_empty() && !list::is_banner(text)).then_some((line, number))
}

/// D5: a line with the label of a password, and one with that of a login or a URL.
fn is_blocks(text: &Text<'_>) -> bool {
    let (mut password, mut other) = (false, false);
    for line in head_lines(text) {
        match label::labelled(line).map(|line| line.kind) {
            Some(label::Kind::Password) => password = true,
            Some(label::Kind::Url | label::Kind::Login) => other = true,
            _ => {}
        }
        if password && other {
            return true;
        }
    }
    false
}

/// The lines of the head. Without the last one, where it may go on.
fn head_lines<'t>(text: &'t Text<'_>) -> impl Iterator<Item = &'t [u8]> {
    let head = &text.head[..];
    let mark = if memchr::memchr(b'\n', head).is_none() {
        b'\r'
    } else {
        b'\n'
    };
    let whole = match memchr::memrchr(mark, head) {
        Some(last) if !text.is_short => &head[..last],
        _ => head,
    };
    whole.split(move |byte| *byte == mark).map(|line| {
        let returns = line.iter().rev().take_while(|byte| **byte == b'\r').count();
        let line = &line[..line.len() - returns];
        line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
    })
}

/// A list with URLs is called otherwise than one without.
fn list_format(text: &Text<'_>) -> &'static str {
    let records = head_lines(text)
        .take(LIST_LINES)
        .filter_map(|line| match list::line(line) {
            Line::Record(fields) => Some(fields.url.is_some()),
            _ => None,
        });
    let mut with = [0, 0];
    for has_url in records {
        with[usize::from(has_url)] += 1;
    }
    if with[1] >= with[0] { "ulp" } else { "combo" }
}

fn read_list(lines: &mut Lines<'_>, sink: &mut Sink<'_>) -> io::Result<()> {
    while !sink.stopped {
        let Some(line) = lines.next()? else {
            break;
        };
        sink.line(line.bytes);
        take(&line, sink);
    }
    Ok(())
}

fn take(line: &text::Line<'_>, sink: &mut Sink<'_>) {
    if line.too_long {
        sink.reject_at(line.number, "line_too_long", || Some(LINE as u64 + 1));
        return;
    }
    match list::line(line.bytes) {
        Line::Blank => {}
        Line::Banner => sink.banner(),
        Line::Reject(reason) => sink.reject_at(line.number, reason, || {
            list::place_of_fault(line.bytes, reason)
        }),
        Line::Record(fields) => {
            let mut record = Record {
                login: Some(fields.login.into()),
                url: fields.url.map(Into::into),
                password: Some(fields.password.into()),
                ..Default::default()
            };
            let at = At {
                line: line.number,
                offset: Some(line.offset),
            };
            sink.accept(&mut record, at);
        }
    }
}
