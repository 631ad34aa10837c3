//! The provider's own export, as JSON or as CSV.

use super::{ProjectDiscovery, Team, list, malformed_error, parse_status, row};
use crate::{
    entity::{
        error::ProviderError,
        fingerprint::FingerprintKey,
        leak::{LeakBatch, LeakField},
        page::{LeakPage, PageRequest},
        query::LeakQuery,
    },
    http::{Media, Request},
    provider::{
        leak_builder::LeakBuilder,
        parse::{full_page_rows, read_in_parts},
    },
};
use serde_json::{Map, Value};
use std::borrow::Cow;

impl ProjectDiscovery {
    pub(super) async fn export_page(
        &self,
        query: &LeakQuery,
        token: PageRequest,
        csv: bool,
    ) -> Result<LeakPage, ProviderError> {
        let asked = self.requested_rows(token);
        let ask = |part| self.export_part(query, part, csv);
        let page = read_in_parts(&self.transport, token, asked, ask).await?;
        Ok(page.unwrap_or_default())
    }

    async fn export_part(
        &self,
        query: &LeakQuery,
        token: PageRequest,
        csv: bool,
    ) -> Result<LeakPage, ProviderError> {
        let asked = self.requested_rows(token);
        let (format, media) = if csv {
            ("csv", Media::Csv)
        } else {
            ("json", Media::Json)
        };
        let mut request = Request::post(&["v1", "leaks", "export"])
            .query("format", format)
            .rows(asked)
            .accepts(&[media]);
        let mut body = Map::new();
        for term in list::terms(query) {
            if term.redacted {
                request = request.redact(term.value.as_bytes());
            }
            body.insert(term.name.to_owned(), Value::from(term.value));
        }
        body.insert("limit".to_owned(), Value::from(asked));
        body.insert(
            "page_number".to_owned(),
            Value::from(u64::from(token.index) + 1),
        );
        let request = self.with_team(request.json(&body), Team::Documented);
        // It changes nothing, whatever its method is.
        let reply = self.transport.read(&request).await?;
        let mut page = if csv {
            parse_csv(&reply.body, &self.settings.fingerprint, token.index == 0)?
        } else {
            list::page(&reply, None, &self.settings.fingerprint, token.index == 0)?
        };
        let rows = page.leaks.len() as u32 + page.unreadable;
        page.page_size = if csv && token.index == 0 && rows > 0 && rows < asked {
            // CSV has no place for a total: a short first page may be all, or all that the provider gives at once.
            // Taking it for a full one costs a request and loses no row.
            rows
        } else {
            full_page_rows(asked, token, &page)
        };
        Ok(page)
    }
}

/// Reads CSV by the names in its first line.
fn parse_csv(
    bytes: &[u8],
    key: &FingerprintKey,
    is_first: bool,
) -> Result<LeakPage, ProviderError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut page = LeakPage::default();
    if bytes.trim_ascii().is_empty() {
        if is_first {
            return Err(malformed_error(
                "it has not even a line that names the columns",
            ));
        }
        return Ok(page);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let broken = |_| malformed_error("it is not CSV");
    let header = reader.byte_headers().map_err(broken)?.clone();
    let columns: Vec<Column> = header.iter().map(column).collect();
    if !columns.contains(&Column::Field(LeakField::Id)) {
        return Err(malformed_error("its first line does not name the columns"));
    }
    page.leaks = LeakBatch::with_capacity(bytes.len() / 250);
    for record in reader.byte_records() {
        let record = record.map_err(broken)?;
        // A row that was cut, or that a stray quote or comma divided: its cells cannot be assigned.
        if record.len() != columns.len() {
            page.unreadable += 1;
            continue;
        }
        let mut draft = LeakBuilder::default();
        for (cell, column) in record.iter().zip(&columns) {
            match column {
                Column::Field(field) => draft.set(*field, Cow::Borrowed(cell)),
                Column::Password => draft.set_password(Some(Cow::Borrowed(cell))),
                Column::Other => {}
            }
        }
        if draft.get(LeakField::Id).is_none_or(<[u8]>::is_empty) {
            page.unreadable += 1;
            continue;
        }
        draft.push_to(&mut page.leaks, key, parse_status);
    }
    Ok(page)
}

/// What a column is.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Field(LeakField),
    Password,
    Other,
}

fn column(name: &[u8]) -> Column {
    let name = name.trim_ascii().to_ascii_lowercase();
    match row::field(&name) {
        Some(field) => Column::Field(field),
        None if name == b"password" => Column::Password,
        None => Column::Other,
    }
}
