//! Spreadsheets (XLSX): T12. One sheet, its cells as text.

use super::{
    super::{
        archive::{Budget, Zip},
        context::Context,
        fault::Fault,
        record::{At, Password},
        sink::Sink,
        text::Encoding,
    },
    layout::{Layout, layout_of_row},
    mapping::{Mapping, excel},
    row::{Plan, take},
    xml::{Event, Events, attribute, decoded},
};
use crate::http::ZeroizingBuffer;
use std::io;

/// The parts of a spreadsheet together, in bytes.
const PARTS: u64 = 1 << 30;

/// Rows that a header may be among.
const HEADER_ROWS: usize = 20;

/// Cells of a row.
const COLUMNS: usize = 16_384;

/// A spreadsheet's parts.
struct Book<'z> {
    zip: &'z Zip,
    budget: &'z Budget,
    left: u64,
}

impl Book<'_> {
    fn part(&mut self, name: &str) -> io::Result<Option<ZeroizingBuffer>> {
        let name = name.trim_start_matches('/').as_bytes();
        let Some(at) = self.zip.entries.iter().position(|entry| entry.name == name) else {
            return Ok(None);
        };
        let mut bytes = ZeroizingBuffer::default();
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        bytes.read_from(&mut self.zip.open(at, self.budget)?, most.saturating_add(1))?;
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or(Fault::TooLarge)?;
        Ok(Some(bytes))
    }

    /// The part of the sheet of that name, or of the first.
    fn sheet(&mut self, wanted: Option<&str>) -> io::Result<Option<String>> {
        let Some(workbook) = self.part("xl/workbook.xml")? else {
            return Ok(None);
        };
        let id = Events::new(&workbook).find_map(|event| match event {
            Event::Open(b"sheet", attributes, _) => {
                let name = attribute(attributes, b"name")?;
                let fits = wanted.is_none_or(|wanted| wanted.as_bytes() == &name[..]);
                fits.then(|| attribute(attributes, b"id").map(std::borrow::Cow::into_owned))
            }
            _ => None,
        });
        let Some(Some(id)) = id else {
            return Ok(None);
        };
        let Some(relations) = self.part("xl/_rels/workbook.xml.rels")? else {
            return Ok(None);
        };
        let target = Events::new(&relations).find_map(|event| match event {
            Event::Open(b"Relationship", attributes, _)
                if attribute(attributes, b"Id").as_deref() == Some(&id[..]) =>
            {
                attribute(attributes, b"Target").map(std::borrow::Cow::into_owned)
            }
            _ => None,
        });
        let target = target.and_then(|target| String::from_utf8(target).ok());
        Ok(target.map(|target| match target.strip_prefix('/') {
            Some(whole) => whole.to_owned(),
            None => format!("xl/{target}"),
        }))
    }

    /// The strings that cells refer to.
    fn strings(&mut self) -> io::Result<Vec<ZeroizingBuffer>> {
        let Some(part) = self.part("xl/sharedStrings.xml")? else {
            return Ok(Vec::new());
        };
        let (mut strings, mut text, mut phonetic) = (Vec::new(), None, false);
        let mut current = ZeroizingBuffer::default();
        for event in Events::new(&part) {
            match event {
                Event::Open(b"si", _, true) => strings.push(ZeroizingBuffer::default()),
                Event::Open(b"si", ..) => current.clear(),
                Event::Open(b"rPh", ..) => phonetic = true,
                Event::Close(b"rPh") => phonetic = false,
                Event::Open(b"t", _, false) => text = Some(()),
                Event::Close(b"t") => text = None,
                Event::Text(bytes) if text.is_some() && !phonetic => {
                    current.extend(&Password::from(decoded(bytes)));
                }
                Event::Close(b"si") => strings.push(ZeroizingBuffer::from(&current[..])),
                _ => {}
            }
        }
        Ok(strings)
    }

    /// Whether each style is one of dates.
    fn styles(&mut self) -> io::Result<Vec<bool>> {
        let Some(part) = self.part("xl/styles.xml")? else {
            return Ok(Vec::new());
        };
        let (mut own, mut styles, mut within) = (Vec::new(), Vec::new(), false);
        for event in Events::new(&part) {
            match event {
                Event::Open(b"numFmt", attributes, _) => {
                    let code = attribute(attributes, b"formatCode").unwrap_or_default();
                    if let Some(id) = attribute(attributes, b"numFmtId").filter(|_| is_date(&code))
                    {
                        own.push(id.into_owned());
                    }
                }
                Event::Open(b"cellXfs", ..) => within = true,
                Event::Close(b"cellXfs") => within = false,
                Event::Open(b"xf", attributes, _) if within => {
                    let id = attribute(attributes, b"numFmtId").unwrap_or_default();
                    let number = number::<u32>(&id).unwrap_or(0);
                    let known = matches!(number, 14..=22 | 27..=36 | 45..=47 | 50..=58);
                    styles.push(known || own.iter().any(|own| *own == id[..]));
                }
                _ => {}
            }
        }
        Ok(styles)
    }
}

fn number<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// Whether a format has a day, a month or a year outside of quotes and brackets.
fn is_date(code: &[u8]) -> bool {
    let (mut quoted, mut bracket) = (false, false);
    code.iter().any(|byte| {
        match byte {
            b'"' => quoted = !quoted,
            b'[' => bracket = true,
            b']' => bracket = false,
            b'd' | b'm' | b'y' | b'D' | b'M' | b'Y' if !quoted && !bracket => return true,
            _ => {}
        }
        false
    })
}

/// Reads the first sheet, or that of the mapping.
pub(in crate::provider::file) fn read(
    zip: &Zip,
    budget: &Budget,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let mapping = context.options.mapping.as_ref();
    let mut book = Book {
        zip,
        budget,
        left: PARTS,
    };
    let name = book.sheet(mapping.and_then(|mapping| mapping.sheet.as_deref()))?;
    let sheet = name.map(|name| book.part(&name)).transpose()?.flatten();
    let Some(sheet) = sheet else {
        return Err(Fault::UnknownFormat.into());
    };
    let (strings, styles) = (book.strings()?, book.styles()?);
    let rows = Rows {
        events: Events::new(&sheet),
        strings,
        styles,
        number: 0,
    };
    match mapping {
        Some(mapping) => mapped(rows, mapping, context, sink),
        None => known(rows, context, sink),
    }
}

fn known(mut rows: Rows<'_>, context: &Context<'_>, sink: &mut Sink<'_>) -> io::Result<()> {
    let mut header: Option<Layout> = None;
    let mut before = 0;
    for _ in 0..HEADER_ROWS {
        let Some((number, cells)) = rows.next() else {
            break;
        };
        let cells: Vec<&[u8]> = cells.iter().map(|cell| &cell[..]).collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        header = layout_of_row(&cells, number);
        if header.is_some() {
            break;
        }
        before += 1;
    }
    let Some(header) = header else {
        if context.named {
            return Err(Fault::UnknownFormat.into());
        }
        sink.report.totals.ignored += 1;
        return Ok(());
    };
    context.begin_as(sink, "xlsx", Encoding::Utf8, false);
    sink.columns = header.sources();
    (0..before).for_each(|_| sink.banner());
    each(rows, &Plan::Known(&header), context, sink);
    Ok(())
}

fn mapped(
    mut rows: Rows<'_>,
    mapping: &Mapping,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    context.begin_as(sink, "mapped", Encoding::Utf8, false);
    sink.columns = mapping.sources();
    let mut names = Vec::new();
    for _ in 0..mapping.skip_lines {
        rows.next();
    }
    if mapping.header {
        let cells = rows.next().map(|(_, cells)| cells).unwrap_or_default();
        names = cells.iter().map(|cell| cell.to_vec()).collect();
        mapping.check_header(&names)?;
    }
    each(rows, &Plan::Mapped(mapping, names), context, sink);
    Ok(())
}

fn each(mut rows: Rows<'_>, plan: &Plan<'_>, context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut last = rows.number;
    while !sink.stopped {
        let Some((number, cells)) = rows.next() else {
            break;
        };
        last = number;
        sink.line(b"");
        let all: Vec<&[u8]> = cells.iter().map(|cell| &cell[..]).collect();
        if all.iter().any(|cell| !cell.is_empty()) {
            take(
                plan,
                &all,
                At {
                    line: number,
                    offset: None,
                },
                context,
                sink,
            );
        }
    }
    sink.end(last, None);
}

/// The rows of a sheet.
struct Rows<'x> {
    events: Events<'x>,
    strings: Vec<ZeroizingBuffer>,
    styles: Vec<bool>,
    number: u64,
}

/// A cell that is being read.
#[derive(Default)]
struct Cell {
    column: usize,
    kind: Vec<u8>,
    is_date: bool,
    value: ZeroizingBuffer,
}

/// The column of a reference: `AB12` is 27.
fn column(reference: &[u8]) -> Option<usize> {
    let letters = reference
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic());
    let number = letters.fold(0_usize, |number, letter| {
        number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    number.checked_sub(1).filter(|column| *column < COLUMNS)
}

impl Rows<'_> {
    fn cell(&self, attributes: &[u8], after: usize) -> Cell {
        let at = attribute(attributes, b"r").and_then(|reference| column(&reference));
        let style = attribute(attributes, b"s").and_then(|style| number::<usize>(&style));
        Cell {
            column: at.unwrap_or(after),
            kind: attribute(attributes, b"t").unwrap_or_default().into_owned(),
            is_date: style
                .and_then(|style| self.styles.get(style))
                .is_some_and(|is_date| *is_date),
            value: ZeroizingBuffer::default(),
        }
    }

    fn text(&self, cell: Cell) -> ZeroizingBuffer {
        match &cell.kind[..] {
            b"s" => {
                let at = number::<usize>(&cell.value);
                let found = at.and_then(|at| self.strings.get(at));
                found.map_or_else(ZeroizingBuffer::default, |text| {
                    ZeroizingBuffer::from(&text[..])
                })
            }
            b"b" => {
                let is_true = cell.value[..] == *b"1";
                ZeroizingBuffer::from(if is_true { &b"TRUE"[..] } else { b"FALSE" })
            }
            b"" | b"n" => match number::<f64>(&cell.value) {
                Some(days) if cell.is_date => match excel(days) {
                    Some(date) => ZeroizingBuffer::from(date.as_bytes()),
                    None => cell.value,
                },
                Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => {
                    ZeroizingBuffer::from(format!("{whole:.0}").as_bytes())
                }
                _ => cell.value,
            },
            _ => cell.value,
        }
    }

    /// The next row: its number and its cells.
    fn next(&mut self) -> Option<(u64, Vec<ZeroizingBuffer>)> {
        let mut cells: Vec<ZeroizingBuffer> = Vec::new();
        let mut cell: Option<Cell> = None;
        let (mut in_row, mut in_value) = (false, false);
        loop {
            match self.events.next()? {
                Event::Open(b"row", attributes, at_once) => {
                    let given = attribute(attributes, b"r").and_then(|row| number(&row));
                    self.number = given.unwrap_or(self.number + 1);
                    in_row = true;
                    if at_once {
                        return Some((self.number, cells));
                    }
                }
                Event::Close(b"row") if in_row => return Some((self.number, cells)),
                Event::Open(b"c", attributes, false) => {
                    cell = Some(self.cell(attributes, cells.len()));
                }
                Event::Open(b"v" | b"t", _, false) => in_value = true,
                Event::Close(b"v" | b"t") => in_value = false,
                Event::Text(bytes) if in_value => {
                    if let Some(cell) = &mut cell {
                        cell.value.extend(&Password::from(decoded(bytes)));
                    }
                }
                Event::Close(b"c") => {
                    if let Some(cell) = cell.take() {
                        let column = cell.column;
                        while cells.len() <= column {
                            cells.push(ZeroizingBuffer::default());
                        }
                        cells[column] = self.text(cell);
                    }
                }
                _ => {}
            }
        }
    }
}
