//! The file that says where a console stands.

use super::{
    super::{desk, files},
    Services,
};
use crate::app::{effect::SessionEffect, message::Message};

impl Services {
    /// Writes it.
    pub(in crate::runtime) async fn session(&self, effect: SessionEffect) -> Message {
        let state = self.state_directory.clone();
        match effect {
            SessionEffect::KeepSession(text) => {
                let written = files::apart(move || {
                    let file = desk::session_file(&state);
                    files::replace(&file, text.as_bytes(), desk::UNFINISHED)
                });
                Message::SessionKept(written.await)
            }
        }
    }
}
