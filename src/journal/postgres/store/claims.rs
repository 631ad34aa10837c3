//! Claims: the server decides who has a leak. They belong to the login; the console is kept to be shown.

use super::TeamStore;
use crate::{
    entity::{
        claim::{Claim, ClaimOperation, ClaimResult, ConsoleId},
        error::JournalError,
        key::{EntityKey, ProviderId},
        profile::ProfileBinding,
    },
    journal::{
        port::ClaimStore,
        postgres::{
            call::LONG,
            refusal::server_text,
            row::{self, get, key_at},
        },
    },
};
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::{Row, types::Type};

impl TeamStore {
    /// Reads role, user, host, terminal, process and the seconds that are left, from a column on. The end is this
    /// console's own time: no clock of another host decides anything.
    fn claim_at(&self, from: &Row, at: usize) -> Result<Claim, JournalError> {
        let text = |at| get::<&str>(from, at).map(server_text);
        let (role, tty, pid) = (text(at)?, text(at + 3)?, text(at + 4)?);
        let left: f64 = get(from, at + 5)?;
        let now: Timestamp = (self.now)();
        let left = SignedDuration::try_from_secs_f64(left).unwrap_or_default();
        let identity = self.identity.as_ref();
        Ok(Claim {
            is_own: identity.is_some_and(|identity| identity.role == role),
            role: Some(row::role(get(from, at)?)),
            claimant: ConsoleId {
                user: role,
                host: text(at + 2)?,
                console: if tty.is_empty() {
                    format!("process {pid}")
                } else {
                    tty
                },
            },
            expires_at: now.checked_add(left).unwrap_or(now),
        })
    }
}

impl ClaimStore for TeamStore {
    fn claim(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        act: ClaimOperation,
    ) -> Result<ClaimResult, JournalError> {
        self.may_write()?;
        let columns = self.columns(leaks)?;
        let word = act.to_string();
        let rows = self.write_within(
            LONG,
            None,
            "claim",
            "SELECT place, changed, coalesce(by_role, ''), coalesce(by_user, ''), coalesce(by_host, ''), coalesce(by_tty, ''), \
             coalesce(by_pid, ''), coalesce(extract(epoch FROM ends - clock_timestamp()), 0)::float8 \
             FROM @.claim($1::uuid, $2, $3, $4, $5, $6) ORDER BY place",
            &[
                (&word, Type::TEXT),
                (&columns.account, Type::INT4_ARRAY),
                (&columns.kind, Type::INT2_ARRAY),
                (&columns.id, Type::BYTEA_ARRAY),
            ],
        )?;
        let mut claimed = ClaimResult::default();
        for row in &rows {
            let place = usize::try_from(get::<i32>(row, 0)?).unwrap_or_default();
            let Some((key, _)) = leaks.get(place) else {
                continue;
            };
            if get(row, 1)? {
                claimed.changed.push(key.clone());
            } else if !get::<&str>(row, 2)?.is_empty() {
                claimed
                    .held_by_others
                    .push((key.clone(), self.claim_at(row, 2)?));
            }
        }
        Ok(claimed)
    }

    fn renew_claims(&mut self) -> Result<u64, JournalError> {
        let rows = self.write(None, "claim", "SELECT @.claim_renew($1::uuid, $2)", &[])?;
        Ok(super::first::<i64>(&rows, 0)?.cast_unsigned())
    }

    fn claims(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError> {
        let numbers = self.numbers(profiles)?;
        let rows = self.read(
            "SELECT m.account, m.kind, m.id, m.role, c.os_user, c.host, c.tty, c.pid, \
             extract(epoch FROM m.until - clock_timestamp())::float8 \
             FROM @.claim AS m JOIN @.console AS c ON c.id = m.console \
             WHERE m.account = ANY ($1) AND m.until > clock_timestamp() ORDER BY m.account, m.kind, m.id",
            &[(&numbers, Type::INT4_ARRAY)],
        )?;
        rows.iter()
            .map(|row| Ok((key_at(row, 0, &self.accounts)?, self.claim_at(row, 3)?)))
            .collect()
    }
}
