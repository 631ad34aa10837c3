//! What leaves the console: copies, files of leaks and of marks, audit lines. And marks that come from a file.

use super::{super::files, Services};
use crate::{
    app::{
        effect::{AuditNote, OutputEffect},
        message::Message,
    },
    clipboard::{self, CopyTarget},
    entity::secret::Secret,
    export,
};

impl Services {
    /// Copies, writes or reads.
    pub(in crate::runtime) async fn perform_output(&self, effect: OutputEffect) -> Message {
        match effect {
            OutputEffect::CopyText { text, what } => self.copy(text, what).await,
            OutputEffect::ClearClipboard => {
                let mut bytes = clipboard::sequence(b" ", self.multiplexer);
                bytes.extend(clipboard::sequence(b"", self.multiplexer));
                let said = "asked the terminal to clear; tmux and clipboard managers may keep it";
                Message::TextCopied {
                    bytes: Secret::new(bytes),
                    result: Ok(said.to_owned()),
                }
            }
            OutputEffect::ExportLeaks { path, leaks } => {
                let note = AuditNote {
                    profile: None,
                    action: "export",
                    keys: Vec::new(),
                    outcome: "asked".into(),
                    detail: Some(format!("{} leaks", leaks.len())),
                };
                // An export holds no secret: it may go on without its line, and says so.
                let ended = note.clone();
                let audited = self.audit(note).await.is_ok();
                let result = files::export(&path, leaks).await;
                if audited {
                    let outcome = match &result {
                        Ok(_) => "done".to_owned(),
                        Err(_) => "failed".to_owned(),
                    };
                    self.audit(AuditNote { outcome, ..ended }).await.ok();
                }
                Message::LeaksExported {
                    path,
                    audited,
                    result,
                }
            }
            OutputEffect::ReadMarks(path) => {
                let result = files::off_thread({
                    let path = path.clone();
                    move || files::read_ids(&path)
                })
                .await;
                Message::MarksRead { path, result }
            }
            OutputEffect::WriteMarks { path, keys } => {
                let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
                let result = export::write_new(&path, |file| file.write_all(lines.as_bytes()))
                    .map(|()| keys.len());
                Message::MarksWritten {
                    path,
                    result: result.map_err(|error| error.to_string()),
                }
            }
            OutputEffect::WriteAuditLine(note) => {
                Message::AuditLineWritten(self.audit(*note).await)
            }
        }
    }

    async fn copy(&self, text: Secret, what: &'static str) -> Message {
        let (via, multiplexer, directory) = (
            self.clipboard.clone(),
            self.multiplexer,
            self.state_directory.clone(),
        );
        let (sender, copied) = tokio::sync::oneshot::channel();
        // A thread of its own: a console that ends does not wait for it, as it would for a task.
        let started = std::thread::Builder::new()
            .name("copy".to_owned())
            .spawn(move || {
                let copied = clipboard::copy(text.expose(), &via, multiplexer, &directory);
                sender.send(copied).ok();
            });
        let copied = match started {
            Ok(_) => copied.await.map_err(drop),
            Err(_) => Err(()),
        };
        let (bytes, result) = match copied {
            Ok(Ok(copy)) => match copy.target {
                CopyTarget::Bytes(bytes) => (bytes, Ok(format!("{what}: {}", copy.notice))),
                CopyTarget::File(_) | CopyTarget::Done => {
                    (Vec::new(), Ok(format!("{what}: {}", copy.notice)))
                }
            },
            Ok(Err(error)) => (Vec::new(), Err(error.to_string())),
            Err(()) => (Vec::new(), Err("the copy failed".to_owned())),
        };
        let outcome = if result.is_ok() { "sent" } else { "failed" };
        let note = AuditNote {
            profile: None,
            action: "copy",
            keys: Vec::new(),
            outcome: outcome.into(),
            detail: Some(what.to_owned()),
        };
        if self.audit(note).await.is_err() && what == "secret" {
            return Message::TextCopied {
                bytes: Secret::new(Vec::new()),
                result: Err("the audit log cannot be written".into()),
            };
        }
        Message::TextCopied {
            bytes: Secret::new(bytes),
            result,
        }
    }
}
