//! Secrets that are shown or copied.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, RevealEffect},
        message::Message,
    },
    entity::key::EntityKey,
    journal::AuditRecord,
    provider::{SecretSource, require},
};

impl Services {
    /// Writes an audit line, then asks for a secret.
    pub(in crate::runtime) async fn perform_reveal(&self, effect: RevealEffect) -> Message {
        match effect {
            RevealEffect::RevealSecret { key, copy } => self.reveal_one(key, copy).await,
        }
    }

    /// The audit line is written first: a secret that cannot be accounted for is not shown.
    async fn reveal_one(&self, key: EntityKey, copy: bool) -> Message {
        let note = |outcome: String| AuditNote {
            profile: Some(key.profile.clone()),
            action: if copy { "copy_secret" } else { "reveal" },
            keys: vec![key.clone()],
            outcome,
            detail: None,
        };
        let provider = self.provider(&key.profile);
        let request = provider
            .as_ref()
            .ok()
            .and_then(|it| it.secrets())
            .map(SecretSource::request);
        let line = |outcome| AuditRecord {
            request: request.map(str::to_owned),
            ..self.audit_record(note(outcome))
        };
        if let Err(error) = self.journal.audit(line("asked".into())).await {
            return Message::SecretRevealed {
                key,
                copy,
                result: Err(format!("the audit log cannot be written: {error}")),
            };
        }
        let result = match provider.and_then(|it| require(it.secrets())) {
            Ok(source) => source.reveal(&key.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            // The attempt stands in the log already; that it failed too is worth a second line, not a second failure.
            let failed = line(format!("failed: {}", error.kind()));
            self.journal.audit(failed).await.ok();
        }
        Message::SecretRevealed {
            key: key.clone(),
            copy,
            result: result.map_err(|error| error.to_string()),
        }
    }
}
