//! What a write request to a provider needs where another console may take its job over: a time that it may take, and a
//! confirmation that the store counts.

use super::Services;
use crate::{
    entity::{
        change_response::ChangeResponse,
        error::{JournalError, ProviderError},
        key::{JobId, RemoteId},
        status::Status,
    },
    provider::StatusStore,
    runtime::deadline::SendDeadline,
};
use std::time::Duration;

/// How often a deadline is put off while the store is waited for.
const PUT_OFF: Duration = Duration::from_millis(500);

impl Services {
    /// The end of a write request, where another console may take its job over.
    pub(super) async fn deadline(&self) -> Result<Option<SendDeadline>, JournalError> {
        if self.journal.news().is_none() {
            return Ok(None);
        }
        match self.journal.send_limit().await? {
            Some(limit) => SendDeadline::arm(limit).map(Some),
            None => Ok(None),
        }
    }

    /// A job of a team that goes on after its confirmation was over was confirmed once more: the store counts from then.
    pub(super) async fn confirm_again(&self, job: JobId) -> Result<(), JournalError> {
        if self.journal.news().is_none() {
            return Ok(());
        }
        let confirmed = self.journal.job(job).await?.job.created_at;
        let (_, now) = self.journal.operator().await?;
        if now.duration_since(confirmed) > jiff::SignedDuration::from_hours(24) {
            self.journal.confirm_job(job).await?;
        }
        Ok(())
    }
}

/// Waits for the store to commit an intent. Meanwhile the deadline is put off: that the store is away ends no console.
pub(super) async fn committed<T>(
    deadline: Option<&SendDeadline>,
    intent: impl Future<Output = T>,
) -> T {
    let Some(deadline) = deadline else {
        return intent.await;
    };
    let mut intent = std::pin::pin!(intent);
    loop {
        match tokio::time::timeout(PUT_OFF, &mut intent).await {
            Ok(committed) => return committed,
            Err(_) => deadline.put_off(),
        }
    }
}

/// Sends a request, unless its time is over; what is not answered in time may or may not have been applied.
pub(super) async fn send(
    store: &dyn StatusStore,
    ids: &[RemoteId],
    wanted: Status,
    deadline: Option<&SendDeadline>,
) -> ChangeResponse {
    let Some(deadline) = deadline else {
        return store.set_statuses(ids, wanted).await;
    };
    let left = deadline.hold();
    if left.is_zero() {
        return ChangeResponse::NotSent(ProviderError::Unreachable {
            why: "the time for the request was over before it could be sent".to_owned(),
            not_sent: true,
        });
    }
    match tokio::time::timeout(left, store.set_statuses(ids, wanted)).await {
        Ok(answer) => answer,
        Err(_) => ChangeResponse::Ambiguous(ProviderError::Timeout {
            why: "no answer before another console may take the job over".to_owned(),
        }),
    }
}
