//! A plan on its way to the server: rows of the stage, and the header of the job.

use super::{
    call::{Caller, LONG, Value},
    refusal::CallError,
    row::Accounts,
};
use crate::{
    entity::{
        error::JournalError,
        job::{JobCommand, NewJob},
        key::{EntityKey, ProfileName},
        profile::ProfileBinding,
    },
    journal::{encoding, record},
};
use bytes::{BufMut, Bytes, BytesMut};
use serde_json::json;
use std::collections::HashMap;
use tokio_postgres::types::Type;

/// About so many bytes of a copy go at once.
const PORTION: usize = 128 * 1024;

/// Up to this many rows go with one ordinary call; more are copied.
const FEW: usize = 2_000;

/// Rows of the stage by column.
#[derive(Default)]
pub(super) struct Stage {
    idx: Vec<i32>,
    account: Vec<i32>,
    kind: Vec<i16>,
    id: Vec<Vec<u8>>,
    before: Vec<Option<i16>>,
    wanted: Vec<i16>,
    place: Vec<i16>,
    state: Vec<i16>,
    remote: Vec<Option<i16>>,
    reason: Vec<Option<&'static str>>,
}

impl Stage {
    /// The rows of a plan; `accounts` has the number of every profile that its keys name.
    pub(super) fn of(new: &NewJob, accounts: &HashMap<ProfileName, i32>) -> Self {
        let mut stage = Self::default();
        let small = |status: crate::entity::status::Status| status as u8;
        let mut remotes = new
            .plan
            .eligible
            .iter()
            .map(|planned| planned.remote_status);
        for (idx, change) in (0..).zip(record::initial_changes(&new.plan)) {
            stage.idx.push(idx);
            let account = accounts.get(&change.key.profile).copied();
            stage.account.push(account.unwrap_or_default());
            stage
                .kind
                .push(encoding::kind_number(change.key.kind) as i16);
            stage.id.push(encoding::encode_id(change.key.id.as_bytes()));
            stage
                .before
                .push(change.before.map(|status| i16::from(small(status))));
            stage.wanted.push(i16::from(small(change.wanted)));
            stage
                .place
                .push(encoding::storage_target_number(change.storage_target) as i16);
            stage
                .state
                .push(encoding::state_number(change.state) as i16);
            let remote = remotes.next().flatten();
            stage
                .remote
                .push(remote.map(|status| i16::from(small(status))));
            stage.reason.push(change.reason.map(<&str>::from));
        }
        stage
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.idx.len()
    }

    /// Puts the rows into the stage.
    pub(super) fn send(&self, caller: &mut Caller, batch: &str) -> Result<(), CallError> {
        if self.len() > FEW {
            match self.copy(caller, batch) {
                // A pooler that knows no named statement cannot copy.
                Err(CallError::Refused { code, .. }) if code == "26000" || code == "42P05" => {}
                copied => return copied,
            }
        }
        for start in (0..self.len()).step_by(FEW) {
            self.insert(caller, batch, start)?;
        }
        Ok(())
    }

    fn insert(&self, caller: &mut Caller, batch: &str, start: usize) -> Result<(), CallError> {
        let end = (start + FEW).min(self.len());
        let part = start..end;
        let values: &[Value<'_>] = &[
            (&batch, Type::TEXT),
            (&&self.idx[part.clone()], Type::INT4_ARRAY),
            (&&self.account[part.clone()], Type::INT4_ARRAY),
            (&&self.kind[part.clone()], Type::INT2_ARRAY),
            (&&self.id[part.clone()], Type::BYTEA_ARRAY),
            (&&self.before[part.clone()], Type::INT2_ARRAY),
            (&&self.wanted[part.clone()], Type::INT2_ARRAY),
            (&&self.place[part.clone()], Type::INT2_ARRAY),
            (&&self.state[part.clone()], Type::INT2_ARRAY),
            (&&self.remote[part.clone()], Type::INT2_ARRAY),
            (&&self.reason[part], Type::TEXT_ARRAY),
        ];
        caller.query_within(
            LONG,
            "stage",
            "INSERT INTO @.stage (batch, idx, account, kind, id, before, wanted, place, state, remote, reason) \
             SELECT $1::uuid, * FROM unnest($2::int[], $3::int[], $4::smallint[], $5::bytea[], $6::smallint[], $7::smallint[], \
             $8::smallint[], $9::smallint[], $10::smallint[], $11::text[])",
            values,
        )?;
        Ok(())
    }

    fn copy(&self, caller: &mut Caller, batch: &str) -> Result<(), CallError> {
        caller.copy(
            "COPY @.stage (batch, idx, account, kind, id, before, wanted, place, state, remote, reason) FROM STDIN (FORMAT binary)",
            &self.to_copy(batch),
        )
    }

    /// The rows as COPY takes them in binary form, in portions: of each row the number of its fields, of each field its
    /// length and its bytes, all with the highest byte first.
    fn to_copy(&self, batch: &str) -> Vec<Bytes> {
        let batch = uuid_bytes(batch);
        let mut portions = Vec::new();
        let mut out = BytesMut::with_capacity(PORTION + PORTION / 8);
        // Signature, flags, length of what else is in the header.
        out.put_slice(b"PGCOPY\n\xff\r\n\0");
        out.put_slice(&[0; 8]);
        for at in 0..self.len() {
            out.put_i16(11);
            field(&mut out, Some(&batch));
            field(&mut out, Some(&self.idx[at].to_be_bytes()));
            field(&mut out, Some(&self.account[at].to_be_bytes()));
            field(&mut out, Some(&self.kind[at].to_be_bytes()));
            field(&mut out, Some(&self.id[at]));
            small(&mut out, self.before[at]);
            small(&mut out, Some(self.wanted[at]));
            small(&mut out, Some(self.place[at]));
            small(&mut out, Some(self.state[at]));
            small(&mut out, self.remote[at]);
            field(&mut out, self.reason[at].map(str::as_bytes));
            if out.len() >= PORTION {
                portions.push(out.split().freeze());
            }
        }
        out.put_i16(-1);
        portions.push(out.freeze());
        portions
    }
}

/// A field, or none.
fn field(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            out.put_slice(bytes);
        }
        None => out.put_i32(-1),
    }
}

fn small(out: &mut BytesMut, number: Option<i16>) {
    let bytes = number.map(i16::to_be_bytes);
    field(out, bytes.as_ref().map(|bytes| &bytes[..]));
}

/// Sixteen bytes as the server takes them.
fn uuid_bytes(text: &str) -> [u8; 16] {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    bytes
}

/// A random UUID as text.
///
/// # Errors
/// `Io` if the system gives no random bytes.
pub(super) fn random_uuid() -> Result<String, JournalError> {
    let mut bytes = [0_u8; 16];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| JournalError::Io {
            why: "the system gives no random bytes".to_owned(),
        })?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok([
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-"))
}

/// The profiles that the keys of a plan name, each once. A key may name one that takes no part: it has no origin then.
pub(super) fn bindings(new: &NewJob) -> Vec<ProfileBinding> {
    let plan = &new.plan;
    let mut all: Vec<ProfileBinding> = plan
        .shares
        .iter()
        .map(|share| share.binding.clone())
        .collect();
    let keys = plan.eligible.iter().map(|planned| &planned.key);
    let keys = keys.chain(plan.skipped.iter().map(|skipped| &skipped.key));
    let mut last: Option<&EntityKey> = None;
    for key in keys {
        if last.is_some_and(|last| last.profile == key.profile) {
            continue;
        }
        last = Some(key);
        if all.iter().all(|binding| binding.name != key.profile) {
            all.push(ProfileBinding {
                name: key.profile.clone(),
                provider: crate::entity::key::ProviderId::new(""),
                origin: String::new(),
                team: String::new(),
            });
        }
    }
    all
}

/// The header of a job; `head` is the newest event that the plan rests on.
pub(super) fn header(
    new: &NewJob,
    accounts: &HashMap<ProfileName, i32>,
    head: i64,
) -> serde_json::Value {
    let plan = &new.plan;
    let number = |name: &ProfileName| accounts.get(name).copied().unwrap_or_default();
    let source = |command: JobCommand| {
        plan.source_job
            .filter(|_| plan.command == command)
            .map(|id| id.0)
    };
    let shares: Vec<_> = plan
        .shares
        .iter()
        .enumerate()
        .map(|(place, share)| {
            json!({
                "place": place, "account": number(&share.binding.name), "remote": share.remote, "local": share.local,
                "bulk_size": share.bulk_size, "origin": share.binding.origin, "team": share.binding.team,
            })
        })
        .collect();
    let lossy: Vec<_> = plan
        .inexact_mappings
        .iter()
        .map(|lossy| {
            json!({"account": number(&lossy.profile), "wanted": lossy.wanted as u8, "stored": lossy.stored as u8})
        })
        .collect();
    json!({
        "command": plan.command, "wanted": plan.wanted as u8, "plan_hash": plan.hash, "made_at": plan.built_at.to_string(),
        "reason": new.reason, "note": new.note, "ticket": new.ticket, "plan_ms": new.plan_ms, "head": head,
        "retries": source(JobCommand::Retry), "undoes": source(JobCommand::Undo), "redoes": source(JobCommand::Redo),
        "undone": record::undone_job(plan).map(|id| id.0), "leaves_behind": plan.is_incomplete_revert(),
        "shares": shares, "lossy": lossy,
    })
}

/// Finds the number of an account by the name in the team and the provider.
pub(super) fn number_of(accounts: &Accounts, name: &str, provider: &str) -> Option<i32> {
    let same = |account: &super::row::Account| {
        account.name == name && account.provider.as_str() == provider
    };
    accounts
        .iter()
        .find(|(_, account)| same(account))
        .map(|(id, _)| *id)
}
