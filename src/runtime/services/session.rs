//! The file that says where a console stands.

use super::{
    super::{files, state_files},
    Services,
};
use crate::app::{effect::SessionEffect, message::Message};

impl Services {
    /// Writes it.
    pub(in crate::runtime) async fn perform_session(&self, effect: SessionEffect) -> Message {
        let state = self.state_directory.clone();
        match effect {
            SessionEffect::SaveSession(text) => {
                let written = files::off_thread(move || {
                    let file = state_files::session_file(&state);
                    files::replace(&file, text.as_bytes(), state_files::TEMPORARY_SUFFIX)
                });
                Message::SessionSaved(written.await)
            }
        }
    }
}
