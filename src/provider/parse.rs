//! What adapters do alike when they read an answer.

use crate::{
    entity::{
        error::ProviderError,
        page::{EntityPage, LeakPage, NextPage, PageRequest},
        raw_text::RawText,
    },
    http::{Transport, json::Value},
};

/// How many rows a full page holds: what was asked for, or on the first page what the provider made of it.
pub(super) fn full_page_rows(asked: u32, token: PageRequest, page: &LeakPage) -> u32 {
    let rows = page.leaks.len() as u32 + page.unreadable;
    let more = page.total.is_some_and(|total| total > u64::from(rows));
    if token.index == 0 && rows > 0 && rows < asked && more {
        rows
    } else {
        asked
    }
}

/// A page of a list, or a part of one.
pub(super) trait PagePart: Sized {
    /// Rows that came, those that could not be read included.
    fn rows(&self) -> u32;

    /// This part and the one behind it, of a page that holds `size` rows.
    fn join(self, part: Self, size: u32) -> Self;
}

/// Reads one page of a list, in as many parts as the line needs: see [`PageParts`]. One part alone is the page as it
/// came. `None` if the page is so far behind that its parts have no number.
///
/// [`PageParts`]: crate::http::PageParts
pub(super) async fn read_in_parts<P, F>(
    transport: &Transport,
    token: PageRequest,
    size: u32,
    ask: impl Fn(PageRequest) -> F,
) -> Result<Option<P>, ProviderError>
where
    P: PagePart,
    F: Future<Output = Result<P, ProviderError>>,
{
    let mut portions = transport.page_parts(token, size);
    let mut page: Option<P> = None;
    while let Some((part, _turn)) = portions.next().await {
        match ask(part).await {
            Ok(part) => {
                portions.record_part(part.rows());
                page = Some(match page {
                    Some(before) => before.join(part, size),
                    None => part,
                });
            }
            Err(error) if portions.reduce_on_slow(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

impl PagePart for LeakPage {
    fn rows(&self) -> u32 {
        self.leaks.len() as u32 + self.unreadable
    }

    fn join(mut self, part: Self, size: u32) -> Self {
        part.leaks.iter().for_each(|leak| self.leaks.push(&leak));
        Self {
            total: part.total.or(self.total),
            // Pages as large as the parts were counted; those that are asked for are larger.
            next: NextPage::numbered(part.next.page_count().map(|pages| {
                let rows = u64::from(pages) * u64::from(part.page_size);
                rows.div_ceil(u64::from(size.max(1)))
            })),
            page_size: size,
            unreadable: self.unreadable + part.unreadable,
            breaches: [self.breaches, part.breaches].concat(),
            throttle_signals: part.throttle_signals,
            leaks: self.leaks,
            missing_domains: [self.missing_domains, part.missing_domains].concat(),
            domains_unknown: self.domains_unknown || part.domains_unknown,
            contradiction: self.contradiction.or(part.contradiction),
        }
    }
}

impl<T> PagePart for EntityPage<T> {
    fn rows(&self) -> u32 {
        self.items.len() as u32 + self.unreadable
    }

    fn join(mut self, mut part: Self, _: u32) -> Self {
        self.items.append(&mut part.items);
        Self {
            items: self.items,
            unreadable: self.unreadable + part.unreadable,
            contradiction: self.contradiction.or(part.contradiction),
            ..part
        }
    }
}

/// Text as it came, anything else as it is written.
pub(super) fn text(value: Value<'_>) -> RawText {
    match value.string() {
        Some(text) => RawText::from(&*text),
        None => RawText::from(value.raw()),
    }
}
