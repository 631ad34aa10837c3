//! The log of requests, for whoever checks what a client sent. Keys and bodies never enter it.

use std::collections::VecDeque;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Entries that are kept; older ones are forgotten.
const MAX_ENTRIES: usize = 200_000;

/// Parameters whose values are left out, should a client put a secret into the query.
const SECRET_PARAMETERS: [&str; 6] = [
    "key",
    "api_key",
    "apikey",
    "token",
    "password",
    "authorization",
];

/// The log.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    next: u64,
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    at: Timestamp,
    provider: &'static str,
    method: String,
    path: String,
    query: Map<String, Value>,
    status: Option<u16>,
    ids: Option<Vec<String>>,
    portal: bool,
}

impl Requests {
    /// Enters a request that has come in, and gives its number, which counts from 1.
    pub(crate) fn open(
        &mut self,
        provider: &'static str,
        method: &Method,
        path: &str,
        query: &[(String, String)],
        ids: Option<Vec<String>>,
    ) -> u64 {
        self.next += 1;
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        let query = query.iter().map(|(name, value)| {
            let secret = SECRET_PARAMETERS
                .iter()
                .any(|word| name.eq_ignore_ascii_case(word));
            let value = if secret { "left out" } else { value };
            (name.clone(), Value::from(value))
        });
        self.entries.push_back(Entry {
            number: self.next,
            at: Timestamp::now(),
            provider,
            method: method.to_string(),
            path: path.to_owned(),
            query: query.collect(),
            status: None,
            ids,
            portal: false,
        });
        self.next
    }

    /// Notes how a request was answered. One that was cut off keeps no status.
    pub(crate) fn close(&mut self, number: u64, status: u16) {
        if let Some(entry) = self.entry(number) {
            entry.status = Some(status);
        }
    }

    /// Notes that a request met a web page and never came to its system, whatever the status of its answer.
    pub(crate) fn mark_portal(&mut self, number: u64) {
        if let Some(entry) = self.entry(number) {
            entry.portal = true;
        }
    }

    /// The entry of that number, unless it is forgotten.
    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let first = self.entries.front().map_or(number, |entry| entry.number);
        let place = number.checked_sub(first).map(|place| place as usize);
        self.entries.get_mut(place?)
    }

    /// Forgets everything; numbers start again.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The log as the control call gives it.
    pub(crate) fn to_json(&self) -> Value {
        let entries = self.entries.iter().map(|entry| {
            json!({
                "n": entry.number,
                "at": entry.at.to_string(),
                "provider": entry.provider,
                "method": entry.method,
                "path": entry.path,
                "query": entry.query,
                "status": entry.status,
                "ids": entry.ids,
                "portal": entry.portal,
            })
        });
        json!({ "requests": entries.collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_capped_and_numbers_go_on() {
        let mut requests = Requests::default();
        for _ in 0..MAX_ENTRIES + 5 {
            requests.open("p", &Method::GET, "/", &[], None);
        }
        requests.close(3, 200);
        requests.close(7, 404);
        assert_eq!(requests.entries.len(), MAX_ENTRIES);
        assert_eq!(requests.entries[0].number, 6);
        assert_eq!(requests.entries[1].status, Some(404));
    }

    #[test]
    fn secrets_in_a_query_are_left_out() {
        let mut requests = Requests::default();
        let query = [("API_KEY".to_owned(), "abc123".to_owned())];
        requests.open("p", &Method::GET, "/", &query, None);
        assert!(!requests.to_json().to_string().contains("abc123"));
    }
}
