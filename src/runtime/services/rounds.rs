//! The console's own rounds: a few requests that tell whether an account is worth reading again. Where another process
//! asks the provider, only what that has kept is looked at.

use super::Services;
use crate::{
    app::news::{Look, Looked, NewsError, What},
    entity::{
        error::ProviderError,
        seen::{Account, AccountState, EventKind},
    },
    seen::{Failed, SeenError, Store},
};

/// What the memory says of an account before its provider is asked.
struct Before {
    state: AccountState,
    /// Another process has found something that this console does not know.
    has_events: bool,
}

fn before(store: &mut dyn Store, account: &Account, after: u64) -> Result<Before, SeenError> {
    let state = store.account(account)?;
    let is_news = |kind: EventKind| kind.is_of_leak() && kind != EventKind::Own;
    let events = store.events(after)?;
    let mut mine = events.iter();
    let has_events =
        mine.any(|event| event.account.as_ref() == Some(account) && is_news(event.what.kind));
    Ok(Before { state, has_events })
}

impl Services {
    /// Asks accounts, one after the other, whether they are worth reading again.
    pub(super) async fn look(
        &self,
        accounts: Vec<Look>,
        after: u64,
        every: i64,
    ) -> Result<Vec<Looked>, NewsError> {
        let mut looked = Vec::with_capacity(accounts.len());
        for look in accounts {
            let profile = look.account.profile.clone();
            let what = self.look_at(look, after, every).await?;
            looked.push(Looked { profile, what });
        }
        Ok(looked)
    }

    async fn look_at(&self, look: Look, after: u64, every: i64) -> Result<What, NewsError> {
        let memory = self.memory()?;
        let account = look.account.clone();
        let before = memory.ask(move |store| before(store, &account, after));
        let Before { state, has_events } = before.await?;
        if has_events {
            return Ok(What::Changed { probe: None });
        }
        let by_another = state.last_whole.is_some_and(|whole| {
            let is_recent = memory.now().saturating_sub(whole) <= every.saturating_mul(2);
            is_recent && look.known.is_none_or(|known| whole > known)
        });
        if by_another && !look.is_old {
            return Ok(What::Followed);
        }
        let provider = match self.provider(&look.account.profile) {
            Ok(provider) => provider,
            // The header says already that it is not connected.
            Err(error) => {
                return Ok(What::Failed {
                    is_refused: true,
                    is_blind: false,
                    why: error.to_string(),
                });
            }
        };
        let probe = match provider.leaks().probe().await {
            Ok(probe) => probe,
            // Some servers know no counts; then only a whole reading can tell.
            Err(ProviderError::Unsupported { .. } | ProviderError::Malformed { .. }) => None,
            Err(error) => return self.note_failure(look.account, &error).await,
        };
        let Some(probe) = probe else {
            return Ok(What::Changed { probe: None });
        };
        let bytes = probe.to_bytes();
        if look.is_old || look.probe.as_ref() != Some(&bytes) {
            return Ok(What::Changed { probe: Some(bytes) });
        }
        let (at, requests) = (memory.now(), u64::from(probe.requests));
        let whole = memory.ask(move |store| {
            store.quiet(&look.account, at, requests)?;
            Ok(store.account(&look.account)?.last_whole)
        });
        let whole = whole.await?.unwrap_or(at);
        Ok(What::Quiet { whole })
    }

    /// Keeps that an account could not be asked.
    async fn note_failure(
        &self,
        account: Account,
        error: &ProviderError,
    ) -> Result<What, NewsError> {
        let memory = self.memory()?;
        let is_refused = error.is_refused_key() || matches!(error, ProviderError::Forbidden { .. });
        let failed = Failed {
            at: memory.now(),
            refused: is_refused,
        };
        let is_blind = memory.ask(move |store| {
            store.failed(&account, failed)?;
            Ok(store.account(&account)?.blind_since.is_some())
        });
        let is_blind = is_blind.await?;
        Ok(What::Failed {
            is_refused,
            is_blind,
            why: error.to_string(),
        })
    }
}
