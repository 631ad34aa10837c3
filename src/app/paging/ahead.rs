//! How a list goes on behind a page that came, and which pages are asked for next: numbered ones several at a time, those
//! that a cursor leads to one at a time.

use super::{Continuation, MAX_EMPTY_PAGES, MAX_PAGES, Paging};
use crate::{
    app::{
        effect::{DataEffect, Effect},
        model::ProfileState,
    },
    entity::{
        key::{ProfileName, RequestId},
        page::{LeakPage, NextPage, PageCursor, PageRequest},
    },
};
use std::{sync::Arc, time::Duration};

/// Takes in what a page says of the list as a whole.
pub(super) fn apply_page_info(paging: &mut Paging, token: PageRequest, page: &LeakPage, rows: u32) {
    let items = rows + page.unreadable;
    if token.index == 0 {
        paging.page_size = if page.page_size == 0 {
            token.size
        } else {
            page.page_size
        };
    }
    let counted = match &page.next {
        NextPage::Pages(counted) => *counted,
        NextPage::Cursor(cursor) => return follow_cursor(paging, token, page, cursor),
        NextPage::End => {
            paging.continuation = Continuation::End;
            paging.pages = Some(token.index + 1);
            paging.total = page.total.or(paging.total);
            return;
        }
    };
    let counts_pages_alone = counted.is_some() && page.total.is_none();
    if paging.contradiction.is_some() && !counts_pages_alone {
        // Nobody says how many there are: one more page is asked for until one is empty.
        paging.total = None;
        paging.pages = (items == 0).then_some(token.index + 1);
        paging.empty_pages = if items == 0 {
            paging.empty_pages + 1
        } else {
            0
        };
        return;
    }
    if let Some(total) = page.total {
        paging.total = Some(total);
    }
    let size = u64::from(paging.page_size.max(1));
    let by_total = paging.total.map(|total| total.div_ceil(size));
    let known = by_total
        .map(|pages| u32::try_from(pages).unwrap_or(MAX_PAGES))
        .or(counted)
        .map(|pages| pages.min(MAX_PAGES));
    paging.pages = match known {
        Some(pages) => Some(pages.max(paging.pages.unwrap_or(0))),
        // No total: a short page is the last.
        None if u64::from(items) < size => Some(token.index + 1),
        None => paging.pages,
    };
    paging.empty_pages = if items == 0 {
        paging.empty_pages + 1
    } else {
        0
    };
}

/// Notes where a list by cursors goes on. One that leads back to where it was, or has no end, is not whole.
fn follow_cursor(paging: &mut Paging, token: PageRequest, page: &LeakPage, cursor: &PageCursor) {
    paging.total = page.total.or(paging.total);
    let ahead = Continuation::Cursor(cursor.clone());
    let lack = if paging.continuation == ahead {
        Some("its list leads back to where it was")
    } else if token.index + 1 >= MAX_PAGES {
        Some("its list does not end")
    } else {
        None
    };
    match lack {
        Some(lack) => {
            paging.contradiction.get_or_insert_with(|| lack.to_owned());
            paging.continuation = Continuation::End;
        }
        None => paging.continuation = ahead,
    }
}

/// Asks for the pages after those on their way.
pub(super) fn request_pages(
    state: &mut ProfileState,
    request: RequestId,
    profile: &ProfileName,
    now: Duration,
) -> Vec<Effect> {
    let limit = state.budget.limit;
    let paging = &mut state.paging;
    let cursor = match &paging.continuation {
        Continuation::PageNumbers => None,
        Continuation::Cursor(cursor) => Some(cursor.clone()),
        Continuation::End => return Vec::new(),
    };
    if cursor.is_some() {
        // Only the page that it leads to says what follows.
        let is_free = paging.in_flight.is_empty();
        let one = is_free.then(|| request_page(paging, request, profile, cursor, now));
        return one.into_iter().collect();
    }
    // Where pages are counted and rows are not, a page may well have none: each is a domain, say.
    let may_be_empty = paging.total.is_none() && paging.pages.is_some();
    if (paging.empty_pages >= MAX_EMPTY_PAGES && !may_be_empty) || paging.page_size == 0 {
        return Vec::new();
    }
    // Without a total only one page at a time is asked for: the next may not exist.
    let (end, width) = paging.pages.map_or((MAX_PAGES, 1), |pages| {
        (pages, paging.concurrency.width(limit))
    });
    let mut effects = Vec::new();
    while paging.in_flight.len() < width && paging.next_page < end {
        effects.push(request_page(paging, request, profile, None, now));
    }
    effects
}

/// Asks for the next page, by its number or by a cursor.
fn request_page(
    paging: &mut Paging,
    request: RequestId,
    profile: &ProfileName,
    cursor: Option<PageCursor>,
    now: Duration,
) -> Effect {
    let page = PageRequest {
        index: paging.next_page,
        size: paging.page_size,
    };
    paging.in_flight.insert(paging.next_page);
    paging.concurrency.on_request(paging.next_page, now);
    paging.next_page += 1;
    Effect::Data(DataEffect::FetchPage {
        request,
        profile: profile.clone(),
        query: Arc::clone(&paging.query),
        page,
        cursor,
    })
}
