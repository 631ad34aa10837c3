//! The three old lists: one type each, another envelope, `host_username`, never null.

use std::io::Write as _;

use super::super::system::{Answer, Call};
use super::ProjectDiscovery;
use super::list::{page_count, page_slice};
use super::query::{Query, last_value};
use super::render::{self, Shape};

/// The parameters that the old lists have; others are ignored.
const PARAMETERS: [&str; 9] = [
    "search",
    "limit",
    "page_number",
    "start_date",
    "end_date",
    "time_range",
    "sort_by",
    "sort_order",
    "status",
];

impl ProjectDiscovery {
    pub(super) fn deprecated(&mut self, call: &Call, kind: &str) -> Result<Answer, Answer> {
        let mut given: Vec<_> = call
            .query
            .iter()
            .filter(|(name, _)| PARAMETERS.contains(&name.as_str()))
            .cloned()
            .collect();
        given.push(("type".to_owned(), kind.to_owned()));
        let query = Query::read(&given, self.today, call.faults)?;
        let order = self.order(&query.filter);
        let mut bytes = b"{\"data\":".to_vec();
        self.array(
            page_slice(&order, query.window),
            Shape::Deprecated,
            &mut bytes,
        );
        // Writing to a Vec cannot fail.
        let _ = write!(
            bytes,
            ",\"total_leaks\":{},\"total_pages\":{},\"current_page\":{}",
            order.numbers.len(),
            page_count(&order, query.window),
            query.window.page,
        );
        if kind == "employee" {
            let search = last_value(&given, "search").unwrap_or_default();
            let filtered = given.iter().any(|(name, _)| {
                !matches!(
                    name.as_str(),
                    "type" | "limit" | "page_number" | "sort_by" | "sort_order"
                )
            });
            let _ = write!(bytes, ",\"filtered\":{filtered},\"search_query\":");
            render::text(search, &mut bytes);
        }
        bytes.push(b'}');
        if call.faults.shift {
            self.shift();
        }
        Ok(Answer::bytes(200, "application/json", bytes))
    }
}
