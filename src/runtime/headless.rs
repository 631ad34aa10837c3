//! A run without a console: the same model, the same effects, driven until what was waited for is there.

use super::{
    clock::Clock,
    executor::{Envelope, Executor},
    seen_memory,
    services::{FINAL_WRITE_TIMEOUT, Services},
    signals,
};
use crate::{
    app::{
        self,
        effect::{Effect, LoopEffect},
        job::targets::{FollowUpError, FollowUpTargets},
        message::Message,
        model::Model,
        news,
        news::NewsError,
    },
    entity::{
        claim::{ClaimOperation, ClaimResult},
        error::JournalError,
        evidence::Evidence,
        job::JobCommand,
        key::{EntityKey, JobId, Kind, ProviderId},
        leak::LeakField,
        seen::{Account, Mark},
    },
    journal::Journal,
    table::RowId,
};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::mpsc;

/// A model and what carries its effects out.
pub struct HeadlessRun {
    /// The model; too large to be carried about by everything that waits.
    pub model: Box<Model>,
    executor: Executor,
    receiver: mpsc::Receiver<Envelope>,
    clock: Arc<dyn Clock>,
    services: Arc<Services>,
    /// The exit code that a signal asked for.
    exit_code: Option<u8>,
    /// Why a plan is not on disk.
    record_error: Option<JournalError>,
}

impl HeadlessRun {
    /// A session that has done nothing yet.
    pub fn new(model: Box<Model>, services: Arc<Services>, clock: Arc<dyn Clock>) -> Self {
        let (executor, receiver) = Executor::new(Arc::clone(&services));
        Self {
            model,
            executor,
            receiver,
            clock,
            services,
            exit_code: None,
            record_error: None,
        }
    }

    /// The journal that effects use.
    pub fn journal(&self) -> Journal {
        self.services.journal.clone()
    }

    /// From here on a signal ends [`HeadlessRun::drive`], not the program; [`HeadlessRun::exit_code`] says so.
    pub fn watch_signals(&self) {
        signals::watch_signals(&self.executor.sender(), &self.services.writes);
    }

    /// The exit code that a signal asked for, if one came.
    pub fn exit_code(&self) -> Option<u8> {
        self.exit_code
    }

    /// Why a confirmed plan is not on disk: a console says it in a notice, a command ends with it.
    pub fn record_error(&self) -> Option<&JournalError> {
        self.record_error.as_ref()
    }

    /// A job and how its leaks stand now.
    pub async fn load_follow_up_targets(
        &self,
        job: JobId,
        command: JobCommand,
    ) -> Result<FollowUpTargets, FollowUpError> {
        self.services.load_follow_up_targets(job, command).await
    }

    /// Claims leaks, takes them over or releases them, with the audit line of it.
    ///
    /// # Errors
    /// The journal refuses, or the line cannot be written.
    pub async fn claim(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        act: ClaimOperation,
    ) -> Result<ClaimResult, JournalError> {
        self.services.claim_leaks(leaks, act).await
    }

    /// Writes a bundle of evidence into a new directory: how many leaks it is about, its checksum, and whether the audit
    /// log says so.
    ///
    /// # Errors
    /// Why it was not written.
    pub async fn evidence(
        &self,
        path: PathBuf,
        evidence: Evidence,
    ) -> Result<(usize, String, bool), String> {
        let (audited, result) = self.services.bundle(path, Arc::new(evidence)).await;
        result.map(|(leaks, checksum)| (leaks, checksum, audited))
    }

    /// Lays beside the leaks what the memory of what was seen says of them. Where there is none yet, that is nothing.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn tell_news(&mut self) -> Result<(), NewsError> {
        let services = Arc::clone(&self.services);
        let Some(memory) = services.seen.as_ref().filter(|memory| memory.is_there()) else {
            return Ok(());
        };
        let mut told = Vec::new();
        for state in &self.model.data.profiles {
            let account = Account::from(&state.profile.binding);
            let table = &self.model.data.table;
            let rows = (0..table.row_id_count() as u32).map(RowId);
            let mut marks: Vec<(Mark, RowId)> = rows
                .filter(|row| table.slot(*row) == state.slot && !table.is_gone(*row))
                .map(|row| {
                    let id = table.text(row, LeakField::Id);
                    let mark = memory.marks().mark(&account.provider, Kind::Leak, &id);
                    (mark, row)
                })
                .collect();
            marks.sort_unstable();
            let name = account.profile.clone();
            let (cursor, now) = (memory.cursor().to_owned(), memory.now());
            let known = memory.ask(move |store| {
                let row_of = |mark: Mark| {
                    let at = marks.binary_search_by_key(&mark, |(mark, _)| *mark).ok()?;
                    Some(marks.get(at)?.1)
                };
                seen_memory::told(store, &account, row_of, (&cursor, now))
            });
            told.push((name, known.await?));
        }
        let mut update = self.model.data_update();
        for (name, told) in told {
            update.data.table.set_looked_at(told.looked_at);
            news::take_in(&mut update, &name, told);
        }
        // Nothing is shown that would have to be made again.
        update.commands.clear();
        Ok(())
    }

    /// The moment, put into the model as `update` would.
    pub fn refresh_now(&mut self) -> app::message::Moment {
        self.model.now = self.clock.now();
        self.model.now
    }

    /// Starts effects. What only a console can do means nothing here.
    pub fn start(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match self.executor.start(effect) {
                Some(LoopEffect::CancelRequest(request)) => self.executor.cancel(request),
                Some(LoopEffect::Quit(code)) => self.exit_code = Some(code),
                Some(
                    LoopEffect::WriteTerminal(_)
                    | LoopEffect::Mouse(_)
                    | LoopEffect::Suspend
                    | LoopEffect::Redraw,
                )
                | None => {}
            }
        }
    }

    /// Runs until `done` says so, nothing is in flight any more or a signal came; `seen` looks at the model after each
    /// message.
    pub async fn drive(&mut self, done: impl Fn(&Model) -> bool, mut seen: impl FnMut(&Model)) {
        while self.exit_code.is_none() && !done(&self.model) && self.executor.in_flight() > 0 {
            let Some(envelope) = self.receiver.recv().await else {
                return;
            };
            if envelope.completes_effect {
                self.executor.on_completed();
            }
            self.handle(envelope.message);
            seen(&self.model);
        }
    }

    /// Gives a write in flight time to be answered and recorded; what it tells is recorded by its own task, and
    /// nothing follows it.
    pub async fn wait_for_writes(&mut self) {
        let deadline = tokio::time::Instant::now() + FINAL_WRITE_TIMEOUT;
        while self.services.writes.count() > 0 {
            let waited = tokio::time::timeout_at(deadline, self.receiver.recv());
            if waited.await.is_err() {
                return;
            }
        }
    }

    fn handle(&mut self, message: Message) {
        if let Message::JobRecorded {
            result: Err(error), ..
        } = &message
        {
            self.record_error = Some(error.clone());
        }
        let updated = app::update(&mut self.model, message, self.clock.now());
        self.start(updated.effects);
    }
}
