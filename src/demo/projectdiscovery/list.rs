//! `GET /v1/leaks`: rows or counters.

use std::io::Write as _;

use axum::body::Bytes;

use super::super::leak::Leak;
use super::super::system::{Answer, Call};
use super::ProjectDiscovery;
use super::order::Order;
use super::query::{Filter, Query, Window};
use super::render::{self, Shape};

/// Bytes that a leak takes, about, as JSON.
const LEAK_BYTES: usize = 560;

/// A page's share of an order.
pub(super) fn page_slice(order: &Order, window: Window) -> &[u32] {
    let limit = u64::from(window.limit);
    let all = order.numbers.len() as u64;
    let first = (window.page - 1).saturating_mul(limit).min(all);
    let last = first.saturating_add(limit).min(all);
    &order.numbers[first as usize..last as usize]
}

/// Pages that an order fills.
pub(super) fn page_count(order: &Order, window: Window) -> usize {
    order.numbers.len().div_ceil(window.limit as usize)
}

impl ProjectDiscovery {
    pub(super) fn list(&mut self, call: &Call) -> Result<Answer, Answer> {
        let query = Query::read(&call.query, self.today, call.faults)?;
        Ok(self.list_answer(query, call))
    }

    /// The answer of the list, and of an export as JSON.
    pub(super) fn list_answer(&mut self, query: Query, call: &Call) -> Answer {
        let bytes = if let Some(group) = query.wants_groups() {
            let order = self.order(&query.filter);
            let groups = self.groups(&order, group);
            groups_json(group.word(), &groups, order.numbers.len())
        } else if call.faults.unknown || call.faults.duplicate {
            self.odd_page(&query, call)
        } else {
            self.page((query.filter, query.window))
        };
        if call.faults.shift {
            self.shift();
        }
        Answer::bytes(200, "application/json", bytes)
    }

    fn page(&mut self, key: (Filter, Window)) -> Bytes {
        if let Some(page) = self.cache.page(&key) {
            return page;
        }
        let order = self.order(&key.0);
        let page = self.envelope(page_slice(&order, key.1), &order, key.1, Shape::List);
        self.cache.insert_page(key, page.clone());
        page
    }

    fn odd_page(&mut self, query: &Query, call: &Call) -> Bytes {
        let window = query.window;
        let order = self.order(&query.filter);
        let mut numbers = page_slice(&order, window).to_vec();
        if call.faults.duplicate && window.page > 1 {
            let page = window.page - 1;
            let repeated = page_slice(&order, Window { page, ..window })
                .last()
                .copied();
            numbers.splice(0..0, repeated);
        }
        let shape = if call.faults.unknown {
            Shape::Unknown
        } else {
            Shape::List
        };
        self.envelope(&numbers, &order, window, shape)
    }

    fn envelope(&self, numbers: &[u32], order: &Order, window: Window, shape: Shape) -> Bytes {
        let mut bytes = Vec::with_capacity(numbers.len() * LEAK_BYTES + 512);
        bytes.extend_from_slice(b"{\"data\":");
        self.array(numbers, shape, &mut bytes);
        let (all, summary) = (order.numbers.len(), order.summary);
        // Writing to a Vec cannot fail.
        let _ = write!(
            bytes,
            ",\"total_leaks\":{all},\"total_pages\":{},\"total_count\":{all},\"summary\":{{\"total_leaks\":{all},\
             \"personal_leaks\":{},\"employee_leaks\":{},\"customer_leaks\":{},\"external_vendor_leaks\":{},\
             \"organization_leaks\":{}}}",
            page_count(order, window),
            summary.personal,
            summary.employee(),
            summary.customer,
            summary.vendor,
            summary.organization,
        );
        if shape == Shape::Unknown {
            bytes.extend_from_slice(b",\"next_cursor\":null,\"warnings\":[]");
        }
        bytes.push(b'}');
        bytes.into()
    }

    /// Writes rows as a JSON array.
    pub(super) fn array(&self, numbers: &[u32], shape: Shape, into: &mut Vec<u8>) {
        let mut leak = Leak::default();
        into.push(b'[');
        for (place, number) in numbers.iter().enumerate() {
            if place > 0 {
                into.push(b',');
            }
            self.generator.fill(*number, &mut leak);
            render::leak(&leak, self.visible_state(*number, &leak), shape, into);
        }
        into.push(b']');
    }
}

fn groups_json(word: &str, groups: &[(String, usize)], all: usize) -> Bytes {
    let mut bytes = b"{\"group_summary\":[".to_vec();
    for (place, (value, count)) in groups.iter().enumerate() {
        if place > 0 {
            bytes.push(b',');
        }
        let _ = write!(bytes, "{{\"{word}\":");
        render::text(value, &mut bytes);
        let _ = write!(bytes, ",\"count\":{count}}}");
    }
    let _ = write!(bytes, "],\"total_leaks\":{all}}}");
    bytes.into()
}
