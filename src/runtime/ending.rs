//! The end of a console: what is under way is recorded, and what the next one takes up is left on the desk.

use super::{Runtime, Screen, renderer::Surface, services, state_files};
use crate::{
    app::{
        effect::{Effect, JobEffect, NewsEffect},
        message::Message,
    },
    entity::job::{JobState, PauseReason},
};
use std::{io, time::Duration};

/// How long a console that ends waits for its last line in the journal.
const LAST_WORD: Duration = Duration::from_secs(1);

impl<B, S> Runtime<B, S>
where
    B: Surface,
    B::Error: Send + Sync + 'static,
    io::Error: From<B::Error>,
    S: Screen,
{
    /// A write in flight is given time to be answered and recorded; what it tells is recorded by its own task.
    pub(super) async fn settle_writes(&mut self) {
        let deadline = tokio::time::Instant::now() + services::FINAL_WRITE_TIMEOUT;
        while self.writes.count() > 0 {
            if tokio::time::timeout_at(deadline, self.receiver.recv())
                .await
                .is_err()
            {
                return;
            }
        }
    }

    /// What still runs is interrupted by the end of this program, whatever ended it: whoever looks next reads why.
    pub(super) async fn record_interruption(&mut self) {
        let jobs: Vec<_> = self
            .model
            .jobs
            .running
            .iter()
            .filter(|job| job.error.is_none())
            .map(|job| job.id)
            .collect();
        let mut waits = jobs.len();
        for job in jobs {
            let paused = Effect::Jobs(JobEffect::RecordJobState {
                job,
                state: JobState::Paused,
                paused: Some((PauseReason::Hangup, None)),
            });
            self.executor.start(paused);
        }
        let deadline = tokio::time::Instant::now() + LAST_WORD;
        while waits > 0 {
            match tokio::time::timeout_at(deadline, self.receiver.recv()).await {
                Ok(Some(envelope)) => {
                    let recorded = matches!(envelope.message, Message::JobStateRecorded { .. });
                    waits -= usize::from(recorded);
                }
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Leaves on the desk what the next console takes up. Views that are being written are waited for: what is written
    /// last must be the newest.
    pub async fn leave(&mut self) -> io::Result<()> {
        let deadline = tokio::time::Instant::now() + LAST_WORD;
        while self.model.views.is_unsaved() {
            match tokio::time::timeout_at(deadline, self.receiver.recv()).await {
                Ok(Some(envelope)) if matches!(envelope.message, Message::ViewsSaved(_)) => {
                    self.handle(envelope.message)?;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        self.leave_news().await;
        state_files::save(&self.model, &self.state_directory);
        Ok(())
    }

    /// Who has looked at the news has seen them when the console ends. Where that cannot be kept, they are news again.
    async fn leave_news(&mut self) {
        let Some(to) = self.model.news.leaves_at() else {
            return;
        };
        self.executor.start(Effect::News(NewsEffect::Move { to }));
        let deadline = tokio::time::Instant::now() + LAST_WORD;
        while let Ok(Some(envelope)) = tokio::time::timeout_at(deadline, self.receiver.recv()).await
        {
            if matches!(envelope.message, Message::NewsMoved { .. }) {
                return;
            }
        }
    }
}
