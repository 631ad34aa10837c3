//! Files of saved views.

use super::{
    super::{files, state_files},
    Services,
};
use crate::{
    app::{effect::ViewsEffect, message::Message},
    export,
};

impl Services {
    /// Reads or writes one of them.
    pub(in crate::runtime) async fn perform_views(&self, effect: ViewsEffect) -> Message {
        let state = self.state_directory.clone();
        match effect {
            ViewsEffect::LoadViews => {
                let path = state_files::views_file(&state);
                let of = path.clone();
                let read = files::off_thread(move || {
                    files::read_private(&of, state_files::MAX_FILE_BYTES)
                });
                let result = read.await;
                Message::ViewsLoaded { path, result }
            }
            ViewsEffect::SaveViews {
                text,
                keep_backup: aside,
            } => Message::ViewsSaved(
                files::off_thread(move || {
                    state_files::save_views(&state, &text, aside, state_files::TEMPORARY_SUFFIX)
                })
                .await,
            ),
            ViewsEffect::ExportViews { path, text, count } => {
                let to = path.clone();
                let written = files::off_thread(move || {
                    export::write_new(&to, |file| file.write_all(text.as_bytes()))
                        .map_err(|error| error.to_string())
                });
                let result = written.await.map(|()| count);
                Message::ViewsExported { path, result }
            }
            ViewsEffect::ImportViews(path) => {
                let read = files::off_thread(move || {
                    let text = files::read_private(&path, state_files::MAX_FILE_BYTES)?;
                    text.ok_or_else(|| "there is no such file".to_owned())
                });
                Message::ViewsImported(read.await)
            }
        }
    }
}
