//! `POST /v1/leaks/status`: one leak or many, all or nothing.
//!
//! A chunk is checked whole before anything is written: first the form of every id (400), then whether every leak is
//! ours (403), then whether every leak is there (404).

use serde_json::{Value, json};

use super::super::system::{Answer, Apply, Call};
use super::info::forbidden;
use super::{ProjectDiscovery, State, body};

/// The leaks of one request.
enum RequestedIds<'a> {
    One(&'a str),
    Many(Vec<&'a str>),
}

impl ProjectDiscovery {
    pub(super) fn update_status(&mut self, call: &Call) -> Result<Answer, Answer> {
        let object = body::object(&call.body)?;
        let state = match body::text(&object, "status")? {
            Some("open") => State::Open,
            Some("fixed") => State::Fixed,
            Some(_) | None => return Err(body::invalid()),
        };
        let one = body::text(&object, "leakid")?;
        let many = match object.get("leakids") {
            None | Some(Value::Null) => None,
            Some(Value::Array(ids)) => {
                let ids: Option<Vec<&str>> = ids.iter().map(Value::as_str).collect();
                Some(ids.ok_or_else(body::invalid)?)
            }
            Some(_) => return Err(body::invalid()),
        };
        let named = match (one, many) {
            (Some(id), None) => RequestedIds::One(id),
            (None, Some(ids)) if !ids.is_empty() => RequestedIds::Many(ids),
            (Some(_), Some(_)) | (None, Some(_) | None) => return Err(body::invalid()),
        };
        match named {
            RequestedIds::One(id) => {
                let numbers = self.check(&[id], false)?;
                self.write(numbers, state, call);
                Ok(Answer::json(
                    200,
                    &json!({
                        "status": "success",
                        "message": "Leak status updated successfully",
                        "leak_id": id,
                        "new_status": state.word(),
                    }),
                ))
            }
            RequestedIds::Many(ids) => {
                let numbers = self.check(&ids, call.faults.apply == Apply::OnlyValid)?;
                let count = numbers
                    .len()
                    .saturating_add_signed(call.faults.reported_offset.into());
                self.write(numbers, state, call);
                Ok(Answer::json(
                    200,
                    &json!({
                        "status": "success",
                        "message": format!("{count} leak statuses updated successfully"),
                        "updated_count": count,
                    }),
                ))
            }
        }
    }

    /// The rows of the ids, each once, in order; `lenient` leaves out what would be refused.
    fn check(&self, ids: &[&str], lenient: bool) -> Result<Vec<u32>, Answer> {
        let (mut foreign, mut missing) = (false, false);
        let mut numbers = Vec::with_capacity(ids.len());
        let mut seen = std::collections::HashSet::new();
        for id in ids {
            if !body::is_id(id) {
                if lenient {
                    continue;
                }
                return Err(Answer::message(400, "Invalid leak ID format"));
            }
            let found = self.find(&id.to_ascii_lowercase());
            match (self.refusal(id), found) {
                (Some(403), _) => foreign = true,
                (Some(_), _) | (None, None) => missing = true,
                (None, Some(number)) => {
                    if seen.insert(number) {
                        numbers.push(number);
                    }
                }
            }
        }
        if foreign && !lenient {
            return Err(forbidden());
        }
        if missing && !lenient {
            return Err(Answer::message(404, "One or more leaks not found"));
        }
        Ok(numbers)
    }

    fn write(&mut self, mut numbers: Vec<u32>, state: State, call: &Call) {
        match call.faults.apply {
            Apply::All | Apply::OnlyValid => self.set_states(&numbers, state),
            Apply::Nothing => {}
            Apply::FirstHalf => {
                numbers.truncate(numbers.len() / 2);
                self.set_states(&numbers, state);
            }
            Apply::Delayed => self.set_states_later(numbers, state, call.now),
        }
    }
}
