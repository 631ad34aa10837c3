//! What adapters do alike when they read an answer.

use super::http::json::Value;
use crate::entity::{
    page::{LeakPage, PageToken},
    text::Text,
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

/// Text as it came, anything else as it is written.
pub(super) fn text(value: Value<'_>) -> Text {
    match value.string() {
        Some(text) => Text::from(&*text),
        None => Text::from(value.raw()),
    }
}
