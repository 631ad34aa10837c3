//! `POST /v1/leaks/export`: the list again, its parameters in the body, as JSON or CSV.

use super::super::leak::Leak;
use super::super::system::{Answer, Call};
use super::ProjectDiscovery;
use super::list::page_slice;
use super::query::{Query, last_value};
use super::render;

impl ProjectDiscovery {
    pub(super) fn export(&mut self, call: &Call) -> Result<Answer, Answer> {
        let csv = match last_value(&call.query, "format") {
            None | Some("" | "json") => false,
            Some("csv") => true,
            Some(_) => return Err(Answer::message(400, "Invalid request parameters")),
        };
        let query = Query::read_body(&call.body, self.today, call.faults)?;
        if !csv {
            return Ok(self.list_answer(query, call));
        }
        // A table has no place for counters: rows, whatever group_by says.
        let order = self.order(&query.filter);
        let mut bytes = render::CSV_HEADER.as_bytes().to_vec();
        let mut leak = Leak::default();
        for number in page_slice(&order, query.window) {
            self.generator.fill(*number, &mut leak);
            render::csv_line(&leak, self.visible_state(*number, &leak), &mut bytes);
        }
        if call.faults.shift {
            self.shift();
        }
        Ok(Answer::bytes(200, "text/csv", bytes))
    }
}
