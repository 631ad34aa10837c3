//! Changing statuses and reading them back. The provider's yes is not a proof; what a read shows is.

use super::{ListVersion, ProjectDiscovery, Team, status_word, unsupported_error};
use crate::{
    entity::{
        change_response::{ChangeResponse, ReadBack, ReadBackEntry},
        error::ProviderError,
        job::PauseReason,
        key::RemoteId,
        leak::LeakField,
        page::PageRequest,
        query::LeakQuery,
        raw_text::RawText,
        status::Status,
    },
    http::{HttpResponse, NotFound, Request, json::Value},
    provider::LeakSource,
};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::HashMap;

/// Up to so many leaks are asked for one by one at once.
const MAX_SINGLE_READS: usize = 20;

/// Up to so many are asked for one by one when a list did not show them.
const MAX_FALLBACK_READS: usize = 200;

/// Single reads in flight: as many as the transport lets through.
const CONCURRENT_READS: usize = 4;

/// Pages of a list that is read back; a provider that never ends is not followed for ever.
const MAX_PAGES: u32 = 20_000;

/// Empty pages in a row that are taken for a gap and not for the end.
const MAX_EMPTY_PAGES: u32 = 3;

impl ProjectDiscovery {
    pub(super) async fn change(&self, ids: &[RemoteId], status: Status) -> ChangeResponse {
        if let Some(error) = self.change_refusal() {
            return ChangeResponse::NotSent(error);
        }
        let Some(word) = status_word(status) else {
            return ChangeResponse::NotSent(unsupported_error(
                "it stores no status but open and fixed",
            ));
        };
        let texts: Vec<&str> = ids
            .iter()
            .filter(|id| self.accepts_id(id))
            .filter_map(RemoteId::as_str)
            .collect();
        if texts.is_empty() || texts.len() != ids.len() {
            return ChangeResponse::NotSent(unsupported_error(
                "it only accepts ids of 32 hexadecimal digits",
            ));
        }
        let body = match &texts[..] {
            [one] => json!({ "leakid": one, "status": word }),
            many => json!({ "leakids": many, "status": word }),
        };
        let request = Request::post(&["v1", "leaks", "status"])
            .with_not_found(NotFound::Message)
            .json(&body);
        let request = ids
            .iter()
            .fold(request, |request, id| request.redact(id.as_bytes()));
        let request = self.with_team(request, Team::Undocumented);
        let before = self.transport.sent();
        match self.transport.write(&request).await {
            Ok(reply) => classify_response(&reply, &texts, word),
            // The pause after a web page kept it back: no request left, so this was no attempt.
            Err(error)
                if self.transport.sent() == before
                    && error.pause_reason() == Some(PauseReason::Net) =>
            {
                ChangeResponse::NotSent(error)
            }
            Err(error) => classify_error(error),
        }
    }

    pub(super) fn estimate_read_back_requests(&self, changes: u64, total: u64) -> u64 {
        if changes <= MAX_SINGLE_READS as u64 {
            return changes;
        }
        let pages = total.div_ceil(u64::from(self.page_size())).max(1);
        let lists = if self.list_version() == ListVersion::Deprecated {
            3
        } else {
            1
        };
        pages * lists
    }

    pub(super) async fn read_back_leaks(
        &self,
        ids: &[RemoteId],
        wanted: Status,
    ) -> (Vec<ReadBackEntry>, u64) {
        let before = self.transport.sent();
        let mut found: HashMap<&RemoteId, ReadBack> = HashMap::new();
        let mut trouble = None;
        if ids.len() > MAX_SINGLE_READS {
            trouble = self.read_back_list(ids, wanted, &mut found).await.err();
            let left = ids.iter().filter(|id| !found.contains_key(id)).count();
            if left >= MAX_FALLBACK_READS && trouble.is_none() {
                let other = match wanted {
                    Status::Fixed => Status::Open,
                    _ => Status::Fixed,
                };
                trouble = self.read_back_list(ids, other, &mut found).await.err();
            }
        }
        let left: Vec<&RemoteId> = ids.iter().filter(|id| !found.contains_key(id)).collect();
        if left.len() <= MAX_FALLBACK_READS {
            for some in left.chunks(CONCURRENT_READS) {
                if trouble.is_some() {
                    break;
                }
                let reads = join_all(some.iter().map(|id| self.read_status_word(id))).await;
                // What ends one call this way ends the next hundred too.
                trouble = reads.iter().find_map(fatal_error);
                found.extend(some.iter().copied().zip(reads));
            }
        }
        let unread = trouble.unwrap_or_else(|| {
            super::malformed_error("it is in neither list, and too many are left to ask for singly")
        });
        let readings = ids
            .iter()
            .map(|id| {
                let read = found.get(id).cloned();
                (
                    id.clone(),
                    read.unwrap_or_else(|| ReadBack::Unreadable(unread.clone())),
                )
            })
            .collect();
        // Other calls of this profile that fall between are counted in.
        (readings, self.transport.sent() - before)
    }

    /// Reads the pages of one status until all ids are found or the list ends.
    async fn read_back_list<'a>(
        &self,
        ids: &'a [RemoteId],
        status: Status,
        found: &mut HashMap<&'a RemoteId, ReadBack>,
    ) -> Result<(), ProviderError> {
        let mut open: HashMap<&[u8], &RemoteId> = ids
            .iter()
            .filter(|id| !found.contains_key(id))
            .map(|id| (id.as_bytes(), id))
            .collect();
        let query = LeakQuery {
            status: Some(status),
            ..LeakQuery::default()
        };
        let (mut token, mut rows, mut empty) = (PageRequest::default(), 0u64, 0);
        while token.index < MAX_PAGES && !open.is_empty() {
            let page = self.list(&query, token).await?;
            for leak in page.leaks.iter() {
                let (Some(id), Some(word)) =
                    (leak.get(LeakField::Id), leak.get(LeakField::RemoteStatus))
                else {
                    continue;
                };
                if let Some(id) = open.remove(id) {
                    found.insert(id, ReadBack::StatusWord(RawText::from(word)));
                }
            }
            let seen = page.leaks.len() as u64 + u64::from(page.unreadable);
            rows += seen;
            empty = if seen == 0 { empty + 1 } else { 0 };
            let short = seen < u64::from(page.page_size);
            let more = page.total.is_some_and(|total| rows < total)
                || page
                    .next
                    .page_count()
                    .is_some_and(|pages| token.index + 1 < pages);
            if empty >= MAX_EMPTY_PAGES || (short && !more) {
                break;
            }
            token = PageRequest {
                index: token.index + 1,
                size: page.page_size,
            };
        }
        Ok(())
    }
}

fn fatal_error(read: &ReadBack) -> Option<ProviderError> {
    match read {
        ReadBack::Unreadable(
            error @ (ProviderError::Unauthorised { .. }
            | ProviderError::Payment { .. }
            | ProviderError::RateLimited { .. }
            | ProviderError::Unreachable { .. }
            | ProviderError::Policy { .. }),
        ) => Some(error.clone()),
        ReadBack::Unreadable(_)
        | ReadBack::StatusWord(_)
        | ReadBack::Gone { .. }
        | ReadBack::Unprovable => None,
    }
}

/// What a 2xx answer proves.
fn classify_response(reply: &HttpResponse, ids: &[&str], word: &str) -> ChangeResponse {
    let unclear = |why: &str| ChangeResponse::Ambiguous(super::malformed_error(why));
    let Ok(value) = reply.json() else {
        return unclear("it is not JSON");
    };
    let member = |name: &str| value.get_unique(name).ok().flatten();
    let is = |name: &str, expected: &str| {
        member(name)
            .and_then(Value::string)
            .is_some_and(|text| text.eq_ignore_ascii_case(expected.as_bytes()))
    };
    if reply.status != 200 {
        return unclear("its answer is neither a yes nor a no");
    }
    if !is("status", "success") {
        return unclear("it does not say that it succeeded");
    }
    let count = member("updated_count");
    let right = match (ids, count) {
        // The documents name two shapes; the single call's own comes first.
        ([one], None) => is("leak_id", one) && is("new_status", word),
        ([one], Some(count)) => {
            count.count() == Some(1) && (member("leak_id").is_none() || is("leak_id", one))
        }
        (many, Some(count)) => count.count() == Some(many.len() as u64),
        (_, None) => false,
    };
    if right {
        ChangeResponse::Accepted
    } else {
        unclear("it counts or names other leaks than were sent")
    }
}

/// What an error proves about a change.
fn classify_error(error: ProviderError) -> ChangeResponse {
    match error {
        ProviderError::Unauthorised { .. } | ProviderError::Payment { .. } => {
            ChangeResponse::Unauthorised(error)
        }
        ProviderError::RateLimited { .. } => ChangeResponse::RateLimited(error),
        ProviderError::Forbidden { .. } => ChangeResponse::Refused { status: 403, error },
        ProviderError::NotFound { status: 404, .. } => {
            ChangeResponse::Refused { status: 404, error }
        }
        ProviderError::Rejected {
            status: status @ (400 | 413),
            ..
        } => ChangeResponse::Refused { status, error },
        ProviderError::Rejected {
            status: 405 | 501, ..
        } => ChangeResponse::Ambiguous(unsupported_error("it does not take changes of status")),
        ProviderError::Unreachable { not_sent: true, .. } | ProviderError::Policy { .. } => {
            ChangeResponse::NotSent(error)
        }
        ProviderError::Unreachable { .. }
        | ProviderError::NotFound { .. }
        | ProviderError::Keyless { .. }
        | ProviderError::Timeout { .. }
        | ProviderError::Rejected { .. }
        | ProviderError::Malformed { .. }
        | ProviderError::NotThisService { .. }
        | ProviderError::Unsupported { .. }
        | ProviderError::Cancelled => ChangeResponse::Ambiguous(error),
    }
}
