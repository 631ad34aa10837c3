//! The only place that writes to standard output and standard error. Standard output carries the result and nothing
//! else. Provider text comes in as [`Visible`] or inside JSON, never as a plain string.

use super::{exit::ExitCode, failure::Failure};
use crate::entity::{json, visible::Visible};
use serde::Serialize;
use std::{
    io::{self, IsTerminal as _, Write},
    sync::{Arc, Mutex, PoisonError},
};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// Numbers stand at the right.
    pub right_aligned: bool,
    /// Longer cells are cut to this many columns; keys and ids are not.
    pub max_width: Option<usize>,
}

impl Column {
    /// A column of text, cut at 60.
    pub const fn text(title: &'static str) -> Self {
        Self {
            title,
            right_aligned: false,
            max_width: Some(60),
        }
    }

    /// A column that is never cut: keys, ids.
    pub const fn uncut(title: &'static str) -> Self {
        Self {
            title,
            right_aligned: false,
            max_width: None,
        }
    }

    /// A column of numbers.
    pub const fn number(title: &'static str) -> Self {
        Self {
            title,
            right_aligned: true,
            max_width: None,
        }
    }
}

/// Standard output and standard error.
#[expect(
    clippy::struct_excessive_bools,
    reason = "two are options, two are facts of the terminal"
)]
pub struct Output {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    /// Whether standard error is a terminal, where progress may overwrite itself.
    err_is_terminal: bool,
    /// `--quiet`: no progress, no notices.
    pub quiet: bool,
    /// Nothing but ASCII of our own: `--ascii`, or a locale that knows no more.
    pub ascii: bool,
    /// CSV begins with a byte order mark: `--bom yes`.
    pub byte_order_mark: bool,
    /// Errors as one JSON line: `--format json` or `jsonl`.
    pub errors_as_json: bool,
    /// How wide the terminal is that standard output goes to, in columns; `None` where it is no terminal.
    pub width: Option<usize>,
    progress_shown: bool,
    state: OutputState,
}

/// Whether standard output still takes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OutputState {
    Open,
    /// Its reader has gone.
    Closed,
    /// It cannot be written.
    Broken(io::ErrorKind),
}

impl Output {
    /// The process's own.
    pub fn system() -> Self {
        let mut output = Self::with_writers(
            Box::new(io::BufWriter::new(io::stdout())),
            Box::new(io::stderr()),
        );
        output.err_is_terminal = io::stderr().is_terminal();
        if io::stdout().is_terminal() {
            let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok();
            output.width = size
                .map(|size| usize::from(size.ws_col))
                .filter(|width| *width > 0);
        }
        output
    }

    /// To any two writers.
    pub fn with_writers(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            err,
            err_is_terminal: false,
            quiet: false,
            ascii: false,
            byte_order_mark: false,
            errors_as_json: false,
            width: None,
            progress_shown: false,
            state: OutputState::Open,
        }
    }

    /// Into memory, for tests: the output, what came to standard output, what came to standard error.
    pub fn in_memory() -> (Self, MemoryWriter, MemoryWriter) {
        let (out, err) = (MemoryWriter::default(), MemoryWriter::default());
        let output = Self::with_writers(Box::new(out.clone()), Box::new(err.clone()));
        (output, out, err)
    }

    /// Whether the reader of standard output has gone: there is no use in making more of the result.
    pub fn is_closed(&self) -> bool {
        self.state != OutputState::Open
    }

    /// Whether the result cannot be written: a disk that is full, for one. Sends what is buffered to find out.
    pub fn is_lost(&mut self) -> bool {
        self.flush();
        matches!(self.state, OutputState::Broken(_))
    }

    /// A part of the result in our own words, as it is.
    pub fn text(&mut self, text: &str) {
        self.write_out(text.as_bytes());
    }

    /// A part of the result, exactly these bytes: a format that does its own quoting.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.write_out(bytes);
    }

    /// A value as one line of JSON.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        match json::to_vec(value) {
            Ok(mut line) => {
                line.push(b'\n');
                self.write_out(&line);
            }
            Err(_) => self.state = OutputState::Broken(io::ErrorKind::InvalidData),
        }
    }

    /// The result as a writer, for formats that write piece by piece. Once nobody reads any more it says so.
    pub fn writer(&mut self) -> ResultWriter<'_> {
        ResultWriter(self)
    }

    /// What stands before CSV.
    pub fn begin_csv(&mut self) {
        if self.byte_order_mark {
            self.write_out(crate::export::csv::BYTE_ORDER_MARK);
        }
    }

    /// Rows as comma-separated values, made inert as in every file, for lists that have no format of their own.
    pub fn csv(&mut self, columns: &[&str], rows: &[Vec<Vec<u8>>]) {
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let header = columns.iter().copied().chain(["_escaped", "_neutralised"]);
        let mut written = writer.write_record(header);
        for row in rows {
            let (mut cells, mut escaped, mut neutralised) = (Vec::new(), Vec::new(), Vec::new());
            for (name, value) in columns.iter().zip(row) {
                let cell = crate::export::csv::cell(name, value);
                escaped.extend(cell.escaped.then_some(*name));
                neutralised.extend(cell.neutralised.then_some(*name));
                cells.push(cell.text);
            }
            cells.extend([escaped.join(" "), neutralised.join(" ")]);
            written = written.and_then(|()| writer.write_record(&cells));
        }
        match (written, writer.into_inner()) {
            (Ok(()), Ok(bytes)) => {
                self.begin_csv();
                self.write_out(&bytes);
            }
            (Ok(()) | Err(_), Ok(_) | Err(_)) => {
                self.state = OutputState::Broken(io::ErrorKind::InvalidData);
            }
        }
    }

    /// Rows under titles, aligned by the columns that they take on a terminal, and no wider than that where the columns
    /// of text can be made narrower.
    pub fn table(&mut self, columns: &[Column], rows: &[Vec<Visible>]) {
        let end = if self.ascii { '~' } else { '…' };
        let cell = |columns: &[Column], row: &[Visible], at: usize| {
            row.get(at)
                .map(|cell| cut(cell.as_str(), columns[at].max_width, end))
                .unwrap_or_default()
        };
        let widths = |columns: &[Column]| -> Vec<usize> {
            let widest = |at: usize| rows.iter().map(move |row| cell(columns, row, at).width());
            let titled = columns.iter().enumerate();
            titled
                .map(|(at, column)| widest(at).fold(column.title.width(), usize::max))
                .collect()
        };
        let fitted = fitted(columns, widths(columns), self.width);
        let columns = &fitted[..];
        let widths = widths(columns);
        // Members of JSON and CSV are named in lower case; above a table they are titles like all others.
        let title = |column: &Column| column.title.to_uppercase().replace('_', " ");
        let titles = columns.iter().map(title);
        self.row(columns, &widths, titles);
        for row in rows {
            let cells = (0..columns.len()).map(|at| cell(columns, row, at));
            self.row(columns, &widths, cells);
        }
    }

    fn row(&mut self, columns: &[Column], widths: &[usize], cells: impl Iterator<Item = String>) {
        let mut line = String::new();
        for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            let (before, after) = if column.right_aligned {
                (&blanks[..], "")
            } else {
                ("", &blanks[..])
            };
            line.push_str(before);
            line.push_str(&cell);
            line.push_str(after);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        self.write_out(line.as_bytes());
    }

    /// Names and values, one a line, the values aligned.
    pub fn key_values(&mut self, fields: &[(&str, Visible)]) {
        let width = fields
            .iter()
            .map(|(name, _)| name.width())
            .max()
            .unwrap_or(0);
        for (name, value) in fields {
            let line = format!("{name:width$}  {}", value.as_str());
            self.write_out(line.trim_end().as_bytes());
            self.write_out(b"\n");
        }
    }

    /// Whether a question would be seen.
    pub fn can_prompt(&self) -> bool {
        self.err_is_terminal && io::stdin().is_terminal()
    }

    /// How far it is, in our own words. On a terminal one line that overwrites itself; elsewhere nothing.
    pub fn progress(&mut self, text: &str) {
        if !self.quiet && self.err_is_terminal {
            self.write_err(&format!("\r{text}\x1b[K"));
            self.progress_shown = true;
        }
    }

    /// Whether bytes for the terminal itself would reach one.
    pub fn has_terminal(&self) -> bool {
        self.err_is_terminal
    }

    /// Bytes for the terminal itself, such as a copy; nothing where there is none.
    pub fn terminal(&mut self, bytes: &[u8]) {
        if self.err_is_terminal {
            self.end_progress();
            // What a terminal does not take is lost as it would be in the console.
            self.err
                .write_all(bytes)
                .and_then(|()| self.err.flush())
                .ok();
        }
    }

    /// Something to know that is not the result, in our own words.
    pub fn notice(&mut self, text: &str) {
        if !self.quiet {
            self.end_progress();
            self.write_err(&format!("{text}\n"));
        }
    }

    /// What has to be known beside the result, in our own words: `--quiet` does not silence it.
    pub fn warning(&mut self, text: &str) {
        self.end_progress();
        self.write_err(&format!("{text}\n"));
    }

    /// A question to the operator; the answer is typed behind it.
    pub fn prompt(&mut self, question: &str) {
        self.flush();
        self.end_progress();
        self.write_err(question);
    }

    /// Tells a failure in the form of the format, and returns its exit code. `--quiet` does not silence it.
    pub fn failure(&mut self, failure: &Failure) -> ExitCode {
        self.flush();
        self.end_progress();
        let text = if self.errors_as_json {
            let error = serde_json::json!({
                "schema": 1,
                "error": failure.to_json(),
                "exit": failure.exit.code(),
            });
            json::to_string(&error).unwrap_or_default() + "\n"
        } else if failure.hint.is_empty() {
            format!("stanch: {}\n", failure.message)
        } else {
            format!("stanch: {}\nhint: {}\n", failure.message, failure.hint)
        };
        self.write_err(&text);
        failure.exit
    }

    /// Flushes; `Err` when a part of the result could not be written for another reason than that nobody reads it.
    pub fn finish(&mut self) -> Result<(), io::ErrorKind> {
        self.end_progress();
        self.flush();
        match self.state {
            OutputState::Open | OutputState::Closed => Ok(()),
            OutputState::Broken(kind) => Err(kind),
        }
    }

    /// Sends what is buffered.
    pub fn flush(&mut self) {
        // What is buffered goes to the terminal, too, where progress may stand on the line.
        self.end_progress();
        if self.state == OutputState::Open {
            let flushed = self.out.flush();
            self.record_result(flushed);
        }
    }

    fn end_progress(&mut self) {
        if std::mem::take(&mut self.progress_shown) {
            self.write_err("\r\x1b[K");
        }
    }

    fn write_out(&mut self, bytes: &[u8]) {
        self.end_progress();
        if self.state == OutputState::Open {
            let written = self.out.write_all(bytes);
            self.record_result(written);
        }
    }

    fn record_result(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            // A reader that has seen enough (`| head`) is not an error.
            self.state = match error.kind() {
                io::ErrorKind::BrokenPipe => OutputState::Closed,
                kind => OutputState::Broken(kind),
            };
        }
    }

    fn write_err(&mut self, text: &str) {
        // Nobody is left to be told that standard error cannot be written.
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }
}

/// Standard output as a writer.
pub struct ResultWriter<'a>(&'a mut Output);

impl Write for ResultWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_out(bytes);
        match self.0.state {
            OutputState::Open => Ok(bytes.len()),
            OutputState::Closed => Err(io::ErrorKind::BrokenPipe.into()),
            OutputState::Broken(kind) => Err(kind.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush();
        Ok(())
    }
}

/// No column is made narrower than its title or than this.
const NARROWEST: usize = 6;

/// The columns, the widest ones of text made narrower until the table fits into a width or none can be.
fn fitted(columns: &[Column], mut widths: Vec<usize>, most: Option<usize>) -> Vec<Column> {
    let mut fitted = columns.to_vec();
    let Some(most) = most else {
        return fitted;
    };
    let between = 2 * columns.len().saturating_sub(1);
    loop {
        let over = (widths.iter().sum::<usize>() + between).saturating_sub(most);
        let least = |at: usize| columns[at].title.width().max(NARROWEST);
        let can = (0..columns.len())
            .filter(|at| columns[*at].max_width.is_some() && widths[*at] > least(*at))
            .max_by_key(|at| widths[*at]);
        let (1.., Some(at)) = (over, can) else {
            return fitted;
        };
        // Down to the next widest, so that the widest give alike.
        let next = (0..columns.len())
            .filter(|other| *other != at && columns[*other].max_width.is_some())
            .map(|other| widths[other])
            .filter(|width| *width < widths[at])
            .max()
            .unwrap_or(0);
        widths[at] = widths[at]
            .saturating_sub(over)
            .max(next)
            .max(least(at))
            .min(widths[at] - 1);
        fitted[at].max_width = Some(widths[at]);
    }
}

/// Cuts a text to a width, with a sign that something is missing.
fn cut(text: &str, most: Option<usize>, end: char) -> String {
    let Some(most) = most.filter(|most| text.width() > *most) else {
        return text.to_owned();
    };
    let mut kept = String::new();
    let mut width = 0;
    for grapheme in text.graphemes(true) {
        width += grapheme.width();
        if width + 1 > most {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push(end);
    kept
}

/// What was written into memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryWriter(Arc<Mutex<Vec<u8>>>);

impl MemoryWriter {
    /// The text so far.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for MemoryWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first line of a watch once stood behind `reading leaks: 70 of 70`, on the same line.
    #[test]
    fn a_result_never_stands_behind_progress_on_its_line() {
        let screen = MemoryWriter::default();
        let mut output = Output::with_writers(Box::new(screen.clone()), Box::new(screen.clone()));
        output.err_is_terminal = true;
        output.progress("reading leaks: 70 of 70");
        output.text("new  acme\n");
        output.flush();
        assert_eq!(
            screen.text(),
            "\rreading leaks: 70 of 70\x1b[K\r\x1b[Knew  acme\n"
        );
    }
}
