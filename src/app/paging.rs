//! Reading a profile's leaks page by page: several in flight, as many as the provider bears ([`ConcurrencyLimit`]), each answer
//! checked against the current request, and the totals reconciled at the end. Pages may shift, repeat, come back empty or disagree with the total.

mod ahead;
mod lack;
mod state;

pub use lack::incomplete_reason;
pub use state::{Continuation, MAX_PAGES, Paging, PagingState};

use ahead::{apply_page_info, request_pages};

use super::{
    changed_files::begin,
    command::{Command, Refresh},
    effect::{DataEffect, Effect},
    message::Message,
    model::{Data, DataUpdate},
    natives,
    notice::Severity,
    pace::ConcurrencyLimit,
};
use crate::entity::{
    capability::Ability,
    error::ProviderError,
    key::{ProfileName, RequestId},
    number::group_digits,
    page::{LeakPage, PageCursor, PageRequest},
    query::LeakQuery,
};
use std::{collections::BTreeSet, ops::Range, sync::Arc};

/// Pages without a row in a row, before the list counts as ended.
pub const MAX_EMPTY_PAGES: u32 = 3;
/// Whole readings before a list that does not add up is called incomplete.
pub const MAX_PASSES: u32 = 2;

/// Starts to read a profile from its first page, calling off what was on its way.
pub fn start(
    update: &mut DataUpdate<'_>,
    profile: &ProfileName,
    query: Arc<LeakQuery>,
) -> Vec<Effect> {
    let (request, now) = (update.requests.next_id(), update.now);
    let Some(state) = update.data.profile_mut(profile) else {
        return Vec::new();
    };
    let (slot, size) = (state.slot, state.profile.capabilities.page_size);
    let old = state.paging.request.filter(|_| state.paging.is_loading());
    let (dropped, kept) = (state.paging.dropped_answers, state.paging.rows_retained);
    let pass = update.data.table.begin_pass(slot);
    let asks_domains = !update.setup.headless;
    let mut pace = ConcurrencyLimit::default();
    pace.on_request(0, now.since_start);
    let Some(state) = update.data.profile_mut(profile) else {
        return Vec::new();
    };
    state.files.due = None;
    state.paging = Paging {
        started_at: Some(now.wall),
        request: Some(request),
        query: Arc::clone(&query),
        in_flight: BTreeSet::from([0]),
        concurrency: pace,
        next_page: 1,
        page_size: size,
        passes: 1,
        pass,
        state: PagingState::Loading,
        rows_retained: kept,
        dropped_answers: dropped,
        ..Paging::default()
    };
    let mut effects: Vec<_> = old.map(Effect::cancel).into_iter().collect();
    effects.push(Effect::Data(DataEffect::FetchPage {
        request,
        profile: profile.clone(),
        query,
        page: PageRequest { index: 0, size },
        cursor: None,
    }));
    if state.profile.capabilities.can(Ability::Domains) && asks_domains {
        state.domains_request = Some(request);
        effects.push(Effect::Data(DataEffect::FetchDomains {
            request,
            profile: profile.clone(),
        }));
    }
    effects
}

/// Reads on behind a cursor what has come to a list since it was read. Its rows stay, whatever comes.
pub fn read_on(
    update: &mut DataUpdate<'_>,
    profile: &ProfileName,
    cursor: PageCursor,
) -> Vec<Effect> {
    let (request, now) = (update.requests.next_id(), update.now);
    let Some(state) = update.data.profile_mut(profile) else {
        return Vec::new();
    };
    if state.paging.is_loading() {
        return Vec::new();
    }
    let paging = &mut state.paging;
    paging.started_at = Some(now.wall);
    paging.request = Some(request);
    paging.state = PagingState::Loading;
    paging.error = None;
    paging.contradiction = None;
    paging.continuation = Continuation::Cursor(cursor);
    paging.next_page = 1;
    paging.in_flight.clear();
    paging.parts.clear();
    request_pages(state, request, profile, now.since_start)
}

/// Starts to read every profile.
pub fn start_all(update: &mut DataUpdate<'_>, query: &Arc<LeakQuery>) -> Vec<Effect> {
    let names: Vec<_> = update
        .data
        .profiles
        .iter()
        .map(|state| state.profile.binding.name.clone())
        .collect();
    names
        .iter()
        .flat_map(|name| start(update, name, Arc::clone(query)))
        .collect()
}

/// Calls off what is on its way. Answers whether anything was.
pub fn cancel(update: &mut DataUpdate<'_>) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    for state in &mut update.data.profiles {
        effects.extend(natives::stop(state));
        if state.paging.is_loading() {
            state.paging.state = PagingState::Incomplete;
            state.paging.error = Some(ProviderError::Cancelled);
            state.paging.in_flight.clear();
            effects.extend(state.paging.request.take().map(Effect::cancel));
        }
    }
    if effects.is_empty() {
        return None;
    }
    update.refresh(Refresh::Now);
    let now = update.now.since_start;
    update.notices.push(
        Severity::Warning,
        "loading stopped: the lists are not complete",
        Some("r loads them again".into()),
        now,
    );
    Some(effects)
}

/// A page came, or a part of it.
pub(super) fn on_message(update: &mut DataUpdate<'_>, message: Message) -> Vec<Effect> {
    match message {
        Message::PagePartLoaded {
            request,
            profile,
            page,
            leaks,
            part,
        } => {
            on_part(update, request, &profile, page, &leaks, part);
            Vec::new()
        }
        Message::PageLoaded {
            request,
            profile,
            page,
            result,
        } => on_page(update, request, &profile, page, result),
        _ => Vec::new(),
    }
}

fn profile_index(data: &Data, profile: &ProfileName) -> Option<usize> {
    let mut names = data
        .profiles
        .iter()
        .map(|state| &state.profile.binding.name);
    names.position(|name| name == profile)
}

/// A part of a page came that is not the last one.
fn on_part(
    update: &mut DataUpdate<'_>,
    request: RequestId,
    profile: &ProfileName,
    token: PageRequest,
    page: &LeakPage,
    part: usize,
) {
    let Some(at) = profile_index(update.data, profile) else {
        return;
    };
    let paging = &mut update.data.profiles[at].paging;
    // What was called off is dropped; the page itself counts it.
    if paging.request == Some(request)
        && paging.in_flight.contains(&token.index)
        && paging.parts.get(&token.index).copied().unwrap_or(0) == part
    {
        paging.parts.insert(token.index, part + 1);
        ingest_parts(update, at, page, part..part + 1);
        update.refresh(Refresh::Soon {
            at_once: token.index == 0,
        });
    }
}

/// Takes parts of a page in.
fn ingest_parts(update: &mut DataUpdate<'_>, at: usize, page: &LeakPage, parts: Range<usize>) {
    let state = &mut update.data.profiles[at];
    let paging = &mut state.paging;
    for part in parts {
        let part = page.leaks.part(part);
        let (table, of) = (&mut update.data.table, (state.slot, paging.pass));
        let ingested = match &mut update.data.digest {
            Some(digest) => digest.take_part(table, of, part),
            None => table.ingest_part(state.slot, paging.pass, part),
        };
        paging.rows_received += (part.rows.len() - ingested.repeated) as u64;
        paging.duplicate_rows += ingested.repeated as u64;
    }
    paging.rows_retained = paging.rows_retained.max(paging.rows_received);
}

/// A page came, or did not: the last of its parts, or all that did not come before.
pub(super) fn on_page(
    update: &mut DataUpdate<'_>,
    request: RequestId,
    profile: &ProfileName,
    token: PageRequest,
    result: Result<Arc<LeakPage>, ProviderError>,
) -> Vec<Effect> {
    let Some(at) = profile_index(update.data, profile) else {
        return Vec::new();
    };
    let now = update.now.since_start;
    let state = &mut update.data.profiles[at];
    if state.paging.request != Some(request) || !state.paging.in_flight.remove(&token.index) {
        state.paging.dropped_answers += 1;
        return Vec::new();
    }
    let taken = state.paging.parts.remove(&token.index).unwrap_or(0);
    let page = match result {
        Err(error) => return fail(update, at, &error),
        Ok(page) => page,
    };
    ingest_parts(update, at, &page, taken..page.leaks.part_count());
    let paging = &mut update.data.profiles[at].paging;
    paging.unreadable += u64::from(page.unreadable);
    paging
        .skipped_domains
        .extend(page.missing_domains.iter().cloned());
    paging.lacks_domains |= page.domains_unknown;
    if paging.contradiction.is_none() {
        paging.contradiction.clone_from(&page.contradiction);
    }
    paging
        .concurrency
        .on_response(token.index, now, page.throttle_signals);
    apply_page_info(paging, token, &page, page.leaks.len() as u32);
    update.data.table.add_breaches(&page.breaches);
    if token.index == 0 {
        reserve(update.data, at);
    }
    update.refresh(Refresh::Soon {
        at_once: token.index == 0,
    });
    let effects = request_pages(&mut update.data.profiles[at], request, profile, now);
    if effects.is_empty() && update.data.profiles[at].paging.in_flight.is_empty() {
        return finish(update, at, profile);
    }
    effects
}

/// Makes room for what the first page of a profile says that there is.
fn reserve(data: &mut Data, at: usize) {
    if let Some(digest) = &mut data.digest {
        let state = &data.profiles[at];
        digest.reserve(state.slot, state.paging.total.unwrap_or(0));
        return;
    }
    let totals = data.profiles.iter().filter_map(|it| it.paging.total);
    data.table.reserve(totals.fold(0, u64::saturating_add));
}

/// Every page is here: do they add up?
fn finish(update: &mut DataUpdate<'_>, at: usize, profile: &ProfileName) -> Vec<Effect> {
    let state = &mut update.data.profiles[at];
    let paging = &mut state.paging;
    let adds_up = paging.contradiction.is_none()
        && paging
            .total
            .is_none_or(|total| total == paging.rows_received + paging.unreadable);
    // Totals that contradict each other do so the next time, too.
    if !adds_up && paging.passes < MAX_PASSES && paging.contradiction.is_none() {
        // Rows came or went while pages were read: one more whole reading finds what slipped between two pages.
        let (passes, total) = (paging.passes, paging.total);
        let effects = start(
            update,
            profile,
            Arc::clone(&update.data.profiles[at].paging.query.clone()),
        );
        let paging = &mut update.data.profiles[at].paging;
        paging.passes = passes + 1;
        paging.total = total;
        let known = update.data.profiles[at].domains.is_some();
        return effects
            .into_iter()
            .filter(|effect| {
                !known || !matches!(effect, Effect::Data(DataEffect::FetchDomains { .. }))
            })
            .collect();
    }
    let lack = paging.incomplete_reason();
    let is_whole = adds_up && lack.is_none();
    paging.state = if is_whole {
        PagingState::Complete
    } else {
        PagingState::Incomplete
    };
    let (slot, pass) = (state.slot, paging.pass);
    if is_whole {
        update.data.table.end_pass(slot, pass);
        let paging = &mut update.data.profiles[at].paging;
        paging.rows_retained = paging.rows_received;
    }
    let paging = &update.data.profiles[at].paging;
    let (seen, total) = (paging.rows_received, paging.total);
    let now = update.now.since_start;
    if !is_whole {
        let text = match &lack {
            Some(lack) => format!("{profile}: {lack}"),
            None => format!(
                "{profile}: have {} of {}",
                group_digits(seen),
                group_digits(total.unwrap_or(seen))
            ),
        };
        let hint = if lack.is_some() {
            "the list is not complete; r loads it again"
        } else {
            "rows came and went while they were read; r loads them again"
        };
        update
            .notices
            .push(Severity::Warning, text, Some(hint.into()), now);
    }
    update.refresh(Refresh::InSlices);
    update.commands.push(Command::LeaksRead(profile.clone()));
    let mut effects = natives::start(update, at);
    effects.extend(begin::on_read(update, at));
    effects
}

fn fail(update: &mut DataUpdate<'_>, at: usize, error: &ProviderError) -> Vec<Effect> {
    let now = update.now.since_start;
    let state = &mut update.data.profiles[at];
    let request = state.paging.request.take();
    state.paging.in_flight.clear();
    state.paging.state = PagingState::Incomplete;
    state.paging.error = Some(error.clone());
    let text = format!("{}: {error}", state.profile.binding.name);
    update
        .notices
        .push(Severity::Error, text, Some(retry_hint(error)), now);
    update.refresh(Refresh::Now);
    request.map(Effect::cancel).into_iter().collect()
}

/// What to do about a list that did not come. A refused key is not asked with again before the next start.
fn retry_hint(error: &ProviderError) -> String {
    match error {
        error if error.is_refused_key() => format!("{}, then start again", error.hint()),
        _ => format!("{}; r tries again", error.hint()),
    }
}
