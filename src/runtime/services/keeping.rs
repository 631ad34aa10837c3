//! Files of saved views and of marks, and the one that says where a console stands.

use super::{
    super::{desk, files},
    Services,
};
use crate::{
    app::{effect::Effect, message::Message},
    export,
};

impl Services {
    /// Carries an effect out that writes or reads one of them.
    pub(super) async fn keep(&self, effect: Effect) -> Message {
        let state = self.state_directory.clone();
        match effect {
            Effect::LoadViews => {
                let path = desk::views_file(&state);
                let of = path.clone();
                let read = files::apart(move || files::read_ours(&of, desk::LARGEST));
                let result = read.await;
                Message::ViewsLoaded { path, result }
            }
            Effect::KeepViews { text, aside } => Message::ViewsKept(
                files::apart(move || desk::keep_views(&state, &text, aside, desk::UNFINISHED))
                    .await,
            ),
            Effect::ExportViews { path, text, count } => {
                let to = path.clone();
                let written = files::apart(move || {
                    export::write_new(&to, |file| file.write_all(text.as_bytes()))
                        .map_err(|error| error.to_string())
                });
                let result = written.await.map(|()| count);
                Message::ViewsExported { path, result }
            }
            Effect::ImportViews(path) => {
                let read = files::apart(move || {
                    let text = files::read_ours(&path, desk::LARGEST)?;
                    text.ok_or_else(|| "there is no such file".to_owned())
                });
                Message::ViewsImported(read.await)
            }
            Effect::KeepSession(text) => {
                let written = files::apart(move || {
                    let file = desk::session_file(&state);
                    files::replace(&file, text.as_bytes(), desk::UNFINISHED)
                });
                Message::SessionKept(written.await)
            }
            Effect::ReadMarks(path) => {
                let result = files::apart({
                    let path = path.clone();
                    move || files::read_ids(&path)
                })
                .await;
                Message::MarksRead { path, result }
            }
            // Nothing else is handed in here.
            _ => Message::Audited(Ok(())),
        }
    }
}
