//! What adapters do alike when they read an answer.

use crate::{
    entity::{
        error::ProviderError,
        page::{EntityPage, LeakPage, Next, PageToken},
        text::Text,
    },
    http::{Transport, json::Value},
};

/// How many rows a full page holds: what was asked for, or on the first page what the provider made of it.
pub(super) fn full_page(asked: u32, token: PageToken, page: &LeakPage) -> u32 {
    let rows = page.leaks.len() as u32 + page.unreadable;
    let more = page.total.is_some_and(|total| total > u64::from(rows));
    if token.index == 0 && rows > 0 && rows < asked && more {
        rows
    } else {
        asked
    }
}

/// A page of a list, or a part of one.
pub(super) trait Part: Sized {
    /// Rows that came, those that could not be read included.
    fn rows(&self) -> u32;

    /// This part and the one behind it, of a page that holds `size` rows.
    fn joined(self, part: Self, size: u32) -> Self;
}

/// Reads one page of a list, in as many parts as the line needs: see [`Portions`]. One part alone is the page as it
/// came. `None` if the page is so far behind that its parts have no number.
///
/// [`Portions`]: crate::http::Portions
pub(super) async fn in_parts<P, F>(
    transport: &Transport,
    token: PageToken,
    size: u32,
    ask: impl Fn(PageToken) -> F,
) -> Result<Option<P>, ProviderError>
where
    P: Part,
    F: Future<Output = Result<P, ProviderError>>,
{
    let mut portions = transport.portions(token, size);
    let mut page: Option<P> = None;
    while let Some((part, _turn)) = portions.next().await {
        match ask(part).await {
            Ok(part) => {
                portions.took(part.rows());
                page = Some(match page {
                    Some(before) => before.joined(part, size),
                    None => part,
                });
            }
            Err(error) if portions.smaller(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

impl Part for LeakPage {
    fn rows(&self) -> u32 {
        self.leaks.len() as u32 + self.unreadable
    }

    fn joined(mut self, part: Self, size: u32) -> Self {
        part.leaks.iter().for_each(|leak| self.leaks.push(&leak));
        Self {
            total: part.total.or(self.total),
            // Pages as large as the parts were counted; those that are asked for are larger.
            next: Next::numbered(part.next.pages().map(|pages| {
                let rows = u64::from(pages) * u64::from(part.page_size);
                rows.div_ceil(u64::from(size.max(1)))
            })),
            page_size: size,
            unreadable: self.unreadable + part.unreadable,
            breaches: [self.breaches, part.breaches].concat(),
            setbacks: part.setbacks,
            leaks: self.leaks,
            left_out: [self.left_out, part.left_out].concat(),
            without_domains: self.without_domains || part.without_domains,
            contradiction: self.contradiction.or(part.contradiction),
        }
    }
}

impl<T> Part for EntityPage<T> {
    fn rows(&self) -> u32 {
        self.items.len() as u32 + self.unreadable
    }

    fn joined(mut self, mut part: Self, _: u32) -> Self {
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
pub(super) fn text(value: Value<'_>) -> Text {
    match value.string() {
        Some(text) => Text::from(&*text),
        None => Text::from(value.raw()),
    }
}
