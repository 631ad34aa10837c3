//! The memory of what was seen, opened when it is first asked for: a start does not wait for it.

use crate::{
    app::news::{NewsError, Told},
    entity::{
        news::{KINDS, News},
        seen::{Account, Event, EventKind, Mark, MarkKey},
    },
    seen::{Seen, SeenError, SeenOptions, Store},
    table::RowId,
};
use std::collections::HashMap;
use tokio::sync::OnceCell;

/// What is told of a leak is looked for in the events of so many seconds, and in those that the operator has not seen.
const TOLD_FOR: i64 = 90 * 24 * 3_600;

/// The memory, and whose place in the list of events is meant.
pub struct SeenMemory {
    options: SeenOptions,
    cursor: String,
    seen: OnceCell<Seen>,
}

impl SeenMemory {
    /// The memory of a state directory, for this user.
    pub fn new(options: SeenOptions, user: &str) -> Self {
        Self {
            options,
            cursor: format!("console:{user}"),
            seen: OnceCell::new(),
        }
    }

    /// The key of its marks.
    pub fn marks(&self) -> &MarkKey {
        &self.options.marks
    }

    /// The name of the user's cursor.
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The moment, in seconds since 1970.
    pub fn now(&self) -> i64 {
        (self.options.now)()
    }

    /// Whether something may be remembered: who only reads makes nothing.
    pub fn is_there(&self) -> bool {
        self.options.is_there()
    }

    /// Opens it, once.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub async fn open(&self) -> Result<Seen, NewsError> {
        let opened = self
            .seen
            .get_or_try_init(|| Seen::open(self.options.clone()))
            .await;
        opened.cloned().map_err(|error| error_of(&error))
    }

    /// Asks for one thing.
    ///
    /// # Errors
    /// What the memory says.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T, SeenError> + Send + 'static,
    ) -> Result<T, NewsError> {
        let seen = self.open().await?;
        seen.ask(work).await.map_err(|error| error_of(&error))
    }
}

/// An error as the console tells it.
pub fn error_of(error: &SeenError) -> NewsError {
    NewsError {
        why: error.to_string(),
        hint: error.hint(),
    }
}

/// What is known of an account's leaks, given the row of each mark.
///
/// # Errors
/// What the store says.
pub fn told(
    store: &mut dyn Store,
    account: &Account,
    row_of: impl Fn(Mark) -> Option<RowId>,
    (cursor, now): (&str, i64),
) -> Result<Told, SeenError> {
    let found = store
        .found(account)?
        .into_iter()
        .filter_map(|(mark, found)| Some((row_of(mark)?, found)))
        .collect();
    let seen_up_to = store.cursor(cursor)?.map_or(0, |position| position.seq);
    let from = seen_up_to.min(store.position_at(now.saturating_sub(TOLD_FOR))?);
    let mut news: HashMap<RowId, News> = HashMap::new();
    for event in store.events(from)? {
        let is_ours = event.account.as_ref() == Some(account);
        if is_ours
            && KINDS.contains(&event.what.kind)
            && let Some(row) = row_of(event.what.mark)
        {
            // The last one that says something counts.
            news.insert(row, of_event(&event));
        }
    }
    let mut news: Vec<(RowId, News)> = news.into_iter().collect();
    news.sort_unstable_by_key(|(row, _)| *row);
    Ok(Told {
        end: store.end()?,
        looked_at: seen_up_to,
        found,
        news,
        whole: store.account(account)?.last_whole,
        probe: None,
    })
}

fn of_event(event: &Event) -> News {
    News {
        kind: event.what.kind,
        seq: event.seq,
        at: event.what.at,
        after: event.what.after,
        is_read: false,
    }
}

/// The events of one leak, the first first.
///
/// # Errors
/// What the store says.
pub fn events_of(
    store: &mut dyn Store,
    profile: &crate::entity::key::ProfileName,
    mark: Mark,
) -> Result<Vec<Event>, SeenError> {
    let mut events = store.events(0)?;
    events.retain(|event| {
        event.what.mark == mark
            && event.what.kind.is_of_leak()
            && event.what.kind != EventKind::Own
            && event
                .account
                .as_ref()
                .is_some_and(|account| account.profile == *profile)
    });
    Ok(events)
}
