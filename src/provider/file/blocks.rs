//! Blocks of labelled lines, as stealers write them: rules B1 to B20.

use super::{
    blank::{trim, trim_start},
    label::{self, Kind, Labelled},
    list,
    record::{At, Record},
    sink::Sink,
    text::{self, LINE, Line, Lines},
};
use crate::http::ZeroizingBuffer;
use std::{borrow::Cow, io};

/// What one stealer writes for nothing, in records with an application.
const NOTHING: &[u8] = b"UNKNOWN";

/// Reads blocks to their end.
pub(super) fn read(lines: &mut Lines<'_>, sink: &mut Sink<'_>) -> io::Result<()> {
    let mut blocks = Blocks::default();
    while !sink.stopped {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => {
                blocks.finish(sink);
                return Err(error);
            }
        };
        sink.line(line.bytes);
        blocks.line(&line, sink);
    }
    blocks.finish(sink);
    Ok(())
}

/// A record that is being read.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else of what was read"
)]
struct Blocks {
    at: At,
    url: Option<Vec<u8>>,
    login: Option<Vec<u8>>,
    password: Option<ZeroizingBuffer>,
    soft: Option<Vec<u8>>,
    has_profile: bool,
    has_application: bool,
    /// Something of it was read.
    begun: bool,
    /// The kind that opened the run.
    opener: Option<Kind>,
    /// A labelled line was read.
    seen: bool,
    /// The last line belongs to a password that may go on.
    continues: bool,
}

impl Blocks {
    fn line(&mut self, line: &Line<'_>, sink: &mut Sink<'_>) {
        if line.too_long {
            self.continues = false;
            sink.reject_at(line.number, "line_too_long", || Some(LINE as u64 + 1));
            return;
        }
        let text = trim(line.bytes);
        if text.is_empty() {
            self.continues = false;
            if self.password.is_some() {
                self.end_run(sink);
            }
            return;
        }
        if let Some(labelled) = label::labelled(line.bytes) {
            self.labelled(labelled, line, sink);
            return;
        }
        if !list::has_word(text) {
            self.continues = false;
            if self.seen {
                self.end_run(sink);
            } else {
                sink.banner();
            }
            return;
        }
        // B10: an application's password may have several lines.
        if self.continues {
            if let Some(password) = &mut self.password {
                password.extend(b"\n");
                password.extend(line.bytes);
            }
            return;
        }
        if let Some(soft) = label::bracket(line.bytes) {
            self.end_run(sink);
            self.seen = true;
            self.begin(line);
            self.soft = Some(soft.to_vec());
        } else if !self.seen {
            sink.banner();
        } else if label::is_number(line.bytes) {
            self.end_run(sink);
        } else {
            sink.reject_at(line.number, "stray_line", || {
                let begin = line.bytes.len() - trim_start(line.bytes).len();
                Some(text::character(line.bytes, begin))
            });
        }
    }

    fn labelled(&mut self, labelled: Labelled<'_>, line: &Line<'_>, sink: &mut Sink<'_>) {
        self.seen = true;
        self.continues = false;
        let kind = labelled.kind;
        if self.begun && (self.has(kind) || self.opener == Some(kind)) {
            self.finish(sink);
        }
        if self.opener.is_none() {
            self.opener = Some(kind);
        }
        if !self.begun {
            self.begin(line);
        }
        let value = || trim(labelled.rest).to_vec();
        match kind {
            Kind::Url => self.url = Some(value()),
            Kind::Login => self.login = Some(value()),
            Kind::Soft => {
                self.has_application |= labelled.is_application;
                self.soft = Some(value());
            }
            Kind::Profile => self.has_profile = true,
            Kind::Password => {
                self.password = Some(ZeroizingBuffer::from(label::password(labelled.rest)));
                let url = self.url.as_deref().unwrap_or_default();
                self.continues = url
                    .get(..10)
                    .is_some_and(|url| url.eq_ignore_ascii_case(b"android://"));
            }
        }
    }

    fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Url => self.url.is_some(),
            Kind::Login => self.login.is_some(),
            Kind::Password => self.password.is_some(),
            Kind::Soft => self.soft.is_some(),
            Kind::Profile => self.has_profile,
        }
    }

    fn begin(&mut self, line: &Line<'_>) {
        self.begun = true;
        self.at = At {
            line: line.number,
            offset: None,
        };
    }

    /// Ends the record and the run: any kind may open the next one.
    fn end_run(&mut self, sink: &mut Sink<'_>) {
        self.finish(sink);
        self.opener = None;
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        let ended = std::mem::take(self);
        self.opener = ended.opener;
        self.seen = ended.seen;
        if !ended.begun {
            return;
        }
        let known = |value: &Option<Vec<u8>>| {
            value
                .clone()
                .filter(|text| !(ended.has_application && text == NOTHING))
        };
        let password = ended
            .password
            .as_ref()
            .filter(|text| !(ended.has_application && text[..] == *NOTHING));
        let mut record = Record {
            url: known(&ended.url).map(Cow::Owned),
            login: known(&ended.login).map(Cow::Owned),
            password: password.map(|text| text[..].into()),
            application: ended
                .soft
                .clone()
                .filter(|text| !text.is_empty())
                .map(Cow::Owned),
            ..Record::default()
        };
        if record.login.is_none() && record.password.is_none() {
            if ended.url.is_some() {
                sink.reject(ended.at.line, "only_url");
            }
            return;
        }
        sink.accept(&mut record, ended.at);
    }
}
