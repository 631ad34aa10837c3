//! Whose turn it is: of several hosts of a team that run the same watch one asks and tells, and the others stand by. On one
//! host the locks of watches do that.

use super::{
    cursor,
    round::{Start, Watcher},
    spec::Spec,
};
use crate::{
    cli::{
        context::CommandContext,
        failure::{Failure, FailureKind},
    },
    entity::seen::Account,
    seen::{Lease, LeaseOf},
};
use std::{collections::HashSet, time::Duration};

/// A lease lasts for half an interval more than one, and so many seconds: a round that is a little late loses nothing.
const SPARE: u64 = 5;

/// How long a lease lasts, in seconds.
fn seconds(every: Duration) -> u32 {
    let seconds = every.mul_f64(1.5).as_secs().saturating_add(SPARE);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

impl Watcher {
    async fn ask(&self, of: LeaseOf, seconds: u32) -> Result<Lease, Failure> {
        let lease = self.seen.ask(move |store| store.lease(&of, seconds)).await;
        lease.map_err(|error| Failure::from(&error))
    }

    /// Finds out which watches run here in this round, and says what has changed.
    pub(super) async fn take_turns(&mut self, session: &mut CommandContext) -> Result<(), Failure> {
        for at in 0..self.specs.len() {
            let Spec { file, is_due, .. } = &self.specs[at];
            if !is_due {
                continue;
            }
            let name = self.specs[at].name.clone();
            // A place in a file is of nobody else.
            let elsewhere = if file.is_some() {
                None
            } else {
                let of = LeaseOf::Watch(name.clone());
                match self.ask(of, seconds(self.specs[at].every)).await? {
                    Lease::Ours => None,
                    Lease::Of(who) => Some(who),
                }
            };
            let before = std::mem::replace(&mut self.specs[at].elsewhere, elsewhere);
            match (&before, &self.specs[at].elsewhere) {
                (before, Some(who)) if before.as_ref() != Some(who) => {
                    let told = format!("stanch: watch {name} runs at {who}: this one stands by");
                    session.output.notice(&told);
                }
                (Some(who), None) => {
                    let told = format!("stanch: watch {name} runs here now, and at {who} no more");
                    session.output.notice(&told);
                }
                _ => {}
            }
        }
        let elsewhere = self.specs.iter().filter(|spec| spec.elsewhere.is_some());
        let elsewhere = elsewhere.map(|spec| spec.name.clone()).collect();
        self.deliverer.leave(elsewhere);
        Ok(())
    }

    /// The accounts that nobody else reads. Of the others only what was found is read.
    pub(super) async fn own_accounts(&self) -> Result<HashSet<Account>, Failure> {
        let mut own = HashSet::new();
        for account in self.accounts() {
            let of = LeaseOf::Account(account.clone());
            if self.ask(of, seconds(self.every)).await? == Lease::Ours {
                own.insert(account);
            }
        }
        Ok(own)
    }

    /// Whether everything that is to be told is still ours to tell: a reading may have taken longer than a lease.
    pub(super) async fn is_still_ours(&self, starts: &[Start]) -> Result<bool, Failure> {
        for Start { watch, after } in starts {
            let spec = &self.specs[*watch];
            if spec.file.is_some() {
                continue;
            }
            let of = LeaseOf::Watch(spec.name.clone());
            if self.ask(of, seconds(spec.every)).await? != Lease::Ours
                || cursor::read(spec, &self.seen).await? != Some(*after)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lets others have what this one had: it ends.
    pub(super) async fn give_back(&self) {
        let watches = self.own_specs().filter(|spec| spec.file.is_none());
        let watches = watches.map(|spec| LeaseOf::Watch(spec.name.clone()));
        let accounts = self.accounts().into_iter().map(LeaseOf::Account);
        for of in watches.chain(accounts) {
            // Another one has it: then this asks for nothing. A store that is gone lets it end by itself.
            self.ask(of, 0).await.ok();
        }
    }

    /// Why nothing was done, where every watch runs elsewhere.
    pub(super) fn elsewhere(&self) -> Option<Failure> {
        if self.own_specs().next().is_some() {
            return None;
        }
        let spec = self.specs.first()?;
        let who = spec.elsewhere.as_ref()?;
        Some(Failure::new(
            FailureKind::Locked,
            format!("watch {} runs at {who}", spec.name),
            "it asks and tells for the team; give this one another name with --name, or a place of its own with --cursor",
        ))
    }
}
