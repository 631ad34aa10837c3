//! Files of saved views.

use super::{
    super::{desk, files},
    Services,
};
use crate::{
    app::{effect::ViewsEffect, message::Message},
    export,
};

impl Services {
    /// Reads or writes one of them.
    pub(in crate::runtime) async fn views(&self, effect: ViewsEffect) -> Message {
        let state = self.state_directory.clone();
        match effect {
            ViewsEffect::LoadViews => {
                let path = desk::views_file(&state);
                let of = path.clone();
                let read = files::apart(move || files::read_ours(&of, desk::LARGEST));
                let result = read.await;
                Message::ViewsLoaded { path, result }
            }
            ViewsEffect::KeepViews { text, aside } => Message::ViewsKept(
                files::apart(move || desk::keep_views(&state, &text, aside, desk::UNFINISHED))
                    .await,
            ),
            ViewsEffect::ExportViews { path, text, count } => {
                let to = path.clone();
                let written = files::apart(move || {
                    export::write_new(&to, |file| file.write_all(text.as_bytes()))
                        .map_err(|error| error.to_string())
                });
                let result = written.await.map(|()| count);
                Message::ViewsExported { path, result }
            }
            ViewsEffect::ImportViews(path) => {
                let read = files::apart(move || {
                    let text = files::read_ours(&path, desk::LARGEST)?;
                    text.ok_or_else(|| "there is no such file".to_owned())
                });
                Message::ViewsImported(read.await)
            }
        }
    }
}
