//! What was computed once and may be served again: orders of rows, and rendered pages.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;

use super::order::Order;
use super::query::{Filter, Window};

/// Orders that are kept.
const MAX_ORDERS: usize = 12;

/// Bytes of rendered pages that are kept. A million leaks in pages of a thousand fit.
const MAX_PAGE_BYTES: usize = 640 * 1_024 * 1_024;

/// The cache. It never holds an answer that would be given differently now.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    orders: Vec<(Filter, Arc<Order>)>,
    pages: HashMap<(Filter, Window), Bytes>,
    bytes: usize,
    stats: HashMap<String, Bytes>,
}

impl Cache {
    /// A kept order.
    pub(crate) fn order(&self, filter: &Filter) -> Option<Arc<Order>> {
        let found = self.orders.iter().find(|(kept, _)| kept == filter);
        found.map(|(_, order)| Arc::clone(order))
    }

    /// Keeps an order; the oldest one gives way.
    pub(crate) fn insert_order(&mut self, filter: Filter, order: Arc<Order>) {
        if self.orders.len() == MAX_ORDERS {
            self.orders.remove(0);
        }
        self.orders.push((filter, order));
    }

    /// A kept page.
    pub(crate) fn page(&self, key: &(Filter, Window)) -> Option<Bytes> {
        self.pages.get(key).cloned()
    }

    /// Keeps a page; when too much is kept all others give way.
    pub(crate) fn insert_page(&mut self, key: (Filter, Window), page: Bytes) {
        if self.bytes + page.len() > MAX_PAGE_BYTES {
            self.drop_pages();
        }
        self.bytes += page.len();
        self.pages.insert(key, page);
    }

    /// Kept statistics.
    pub(crate) fn stats(&self, key: &str) -> Option<Bytes> {
        self.stats.get(key).cloned()
    }

    /// Keeps statistics; they are small, and a stranger's questions must not pile up.
    pub(crate) fn insert_stats(&mut self, key: String, answer: Bytes) {
        if self.stats.len() >= 256 {
            self.stats.clear();
        }
        self.stats.insert(key, answer);
    }

    /// Statuses, or what may be seen, changed: pages show them, some orders depend on them, statistics do not.
    pub(crate) fn invalidate_statuses(&mut self) {
        self.drop_pages();
        self.orders
            .retain(|(filter, _)| !filter.needs_visible_state());
    }

    /// Rows came or left.
    pub(crate) fn invalidate_rows(&mut self) {
        self.drop_pages();
        self.orders.clear();
        self.stats.clear();
    }

    fn drop_pages(&mut self) {
        self.pages.clear();
        self.bytes = 0;
    }
}
