//! `POST /v1/leaks/info`: one leak, its password in clear for whoever may see it.

use serde_json::json;

use super::super::leak::Leak;
use super::super::system::{Answer, Call};
use super::render::{self, Shape, VisibleState};
use super::{ProjectDiscovery, body};

impl ProjectDiscovery {
    pub(super) fn info(&mut self, call: &Call) -> Result<Answer, Answer> {
        // Whatever is wrong with the body, the vendor speaks of the id.
        let object = body::object(&call.body).map_err(|_| bad_id())?;
        let id = body::text(&object, "leakid").map_err(|_| bad_id())?;
        let id = id.filter(|id| body::is_id(id)).ok_or_else(bad_id)?;
        match self.refusal(id) {
            Some(403) => return Err(forbidden()),
            Some(_) => return Err(not_found()),
            None => {}
        }
        let number = self.find(&id.to_ascii_lowercase()).ok_or_else(not_found)?;
        let mut leak = Leak::default();
        self.generator.fill(number, &mut leak);
        let shown = VisibleState {
            state: self.state(number),
            shows_password: self.is_entitled(&leak),
        };
        let mut bytes = b"{\"success\":true,\"data\":".to_vec();
        render::leak(&leak, shown, Shape::Info, &mut bytes);
        bytes.push(b'}');
        Ok(Answer::bytes(200, "application/json", bytes))
    }
}

/// A leak that the key may not see.
pub(super) fn forbidden() -> Answer {
    Answer::message(403, "Access denied: you don't have access to this leak")
}

fn bad_id() -> Answer {
    failure(400, "Invalid leak ID format")
}

fn not_found() -> Answer {
    failure(404, "Leak not found")
}

fn failure(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "success": false, "message": message }))
}
