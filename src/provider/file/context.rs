//! What is known of a file before it is read, and what a reading goes by.

use super::{
    sink::{File, Sink},
    table::Mapping,
    text::{Encoding, Text as Opened},
};
use crate::entity::{raw_text::RawText, secret::Secret};

/// What a reading goes by.
#[derive(Default)]
pub(super) struct Options {
    /// What lines are in that are no UTF-8.
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) mapping: Option<Mapping>,
    /// The domain of aliases without one.
    pub(super) alias_domain: Option<String>,
    /// What opens encrypted archives.
    pub(super) password: Option<Secret>,
}

/// A file that is to be read.
pub(super) struct Context<'c> {
    pub(super) options: &'c Options,
    /// The number of its source.
    pub(super) source: u32,
    pub(super) path: RawText,
    pub(super) member: Option<RawText>,
    /// The user named it, as a source or as the one file of one.
    pub(super) named: bool,
    /// The number of its machine.
    pub(super) machine: Option<u32>,
    /// Its name says that it holds credentials of a machine.
    pub(super) is_credential: bool,
    /// It can be read from any place.
    pub(super) is_plain: bool,
}

impl Context<'_> {
    /// Its place, for reports.
    pub(super) fn place(&self) -> (RawText, Option<RawText>) {
        (self.path.clone(), self.member.clone())
    }

    /// Its own name, without folders.
    pub(super) fn name(&self) -> &[u8] {
        let path = self.member.as_ref().unwrap_or(&self.path).as_bytes();
        path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Begins it.
    pub(super) fn begin(
        &self,
        sink: &mut Sink<'_>,
        format: &'static str,
        text: &Opened<'_>,
        by_item: bool,
    ) {
        self.begin_as(sink, format, text.encoding, by_item);
        let seekable = self.is_plain && !matches!(text.encoding, Encoding::Utf16 { .. });
        if let Some(file) = sink.files.last_mut() {
            file.seekable = seekable.then_some(text.mark);
        }
    }

    /// Begins it, where it is no text.
    pub(super) fn begin_as(
        &self,
        sink: &mut Sink<'_>,
        format: &'static str,
        encoding: Encoding,
        by_item: bool,
    ) {
        let file = File {
            source: self.source,
            path: self.path.clone(),
            member: self.member.clone(),
            format,
            machine: self.machine,
            by_item,
            encoding,
            seekable: None,
        };
        sink.columns.clear();
        sink.begin(file, encoding);
    }
}
