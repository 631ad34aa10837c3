//! What adapters do alike when they read an answer.

use crate::entity::{
    page::{LeakPage, Next, PageToken},
    text::Text,
};
use crate::http::json::Value;

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

/// A page out of its parts: see [`Portions`]. One part alone is the page as it came.
///
/// [`Portions`]: crate::http::Portions
pub(super) fn joined(whole: Option<LeakPage>, part: LeakPage, size: u32) -> LeakPage {
    let Some(mut page) = whole else {
        return part;
    };
    part.leaks.iter().for_each(|leak| page.leaks.push(&leak));
    LeakPage {
        total: part.total.or(page.total),
        // Pages as large as the parts were counted; those that are asked for are larger.
        next: Next::numbered(part.next.pages().map(|pages| {
            let rows = u64::from(pages) * u64::from(part.page_size);
            rows.div_ceil(u64::from(size.max(1)))
        })),
        page_size: size,
        unreadable: page.unreadable + part.unreadable,
        breaches: [page.breaches, part.breaches].concat(),
        setbacks: part.setbacks,
        leaks: page.leaks,
        left_out: [page.left_out, part.left_out].concat(),
        contradiction: page.contradiction.or(part.contradiction),
    }
}

/// Text as it came, anything else as it is written.
pub(super) fn text(value: Value<'_>) -> Text {
    match value.string() {
        Some(text) => Text::from(&*text),
        None => Text::from(value.raw()),
    }
}
