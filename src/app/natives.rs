//! Users and connections that a provider lists itself: read page by page once the leaks are here, one page at a time,
//! so that they never take the budget that the leaks wait for. What does not come is said, and empties nothing.

mod state;

use super::{
    command::Refresh,
    effect::{DataEffect, Effect},
    model::{DataUpdate, ProfileState},
    notice::Severity,
    paging::MAX_PAGES,
};
use crate::{
    entity::{
        capability::Ability,
        error::ProviderError,
        key::{Kind, ProfileName, RequestId},
        page::{EntityPage, NativePage, PageRequest},
    },
    table::GroupKind,
};
pub use state::{ListProgress, ListedProgress};

fn facts_of(page: &NativePage) -> PageSummary {
    match page {
        NativePage::Users(page) => PageSummary::from_page(page),
        NativePage::Connections(page) => PageSummary::from_page(page),
    }
}

/// What a page says beside its items.
struct PageSummary {
    items: usize,
    total: Option<u64>,
    next: Option<PageRequest>,
    unreadable: u32,
    left_out: usize,
    has_contradiction: bool,
}

impl PageSummary {
    fn from_page<T>(page: &EntityPage<T>) -> Self {
        Self {
            items: page.items.len(),
            total: page.total,
            next: page.next,
            unreadable: page.unreadable,
            left_out: page.missing_domains.len(),
            has_contradiction: page.contradiction.is_some(),
        }
    }
}

/// Starts to read what a profile lists itself, calling off what was on its way.
pub fn start(update: &mut DataUpdate<'_>, at: usize) -> Vec<Effect> {
    if update.setup.headless {
        return Vec::new();
    }
    let mut effects = stop(&mut update.data.profiles[at]);
    let state = &update.data.profiles[at];
    let (slot, capabilities) = (state.slot, &state.profile.capabilities);
    let wanted = [
        (Kind::User, capabilities.can(Ability::Users)),
        (Kind::Connection, capabilities.can(Ability::Connections)),
    ];
    for (kind, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        let request = update.requests.next_id();
        for group in group_kinds(kind) {
            update.data.table.begin_listed(slot, *group);
        }
        let state = &mut update.data.profiles[at];
        *state.listed.progress_mut(kind) = ListProgress {
            request: Some(request),
            ..ListProgress::default()
        };
        effects.push(Effect::Data(DataEffect::FetchListed {
            request,
            profile: state.profile.binding.name.clone(),
            kind,
            page: PageRequest::default(),
        }));
    }
    effects
}

/// Calls off what is on its way.
pub fn stop(state: &mut ProfileState) -> Vec<Effect> {
    [Kind::User, Kind::Connection]
        .into_iter()
        .filter_map(|kind| state.listed.progress_mut(kind).request.take())
        .map(Effect::cancel)
        .collect()
}

/// A page came, or did not.
pub fn on_page(
    update: &mut DataUpdate<'_>,
    request: RequestId,
    profile: &ProfileName,
    kind: Kind,
    result: Result<Box<NativePage>, ProviderError>,
) -> Vec<Effect> {
    let Some(at) = update
        .data
        .profiles
        .iter()
        .position(|state| state.profile.binding.name == *profile)
    else {
        return Vec::new();
    };
    let state = &mut update.data.profiles[at];
    let slot = state.slot;
    let listing = state.listed.progress_mut(kind);
    if listing.request != Some(request) {
        return Vec::new();
    }
    let page = match result {
        Ok(page) => page,
        Err(error) => {
            listing.request = None;
            listing.error = Some(error.clone());
            notify_error(update, profile, kind, &error);
            update.refresh(Refresh::InSlices);
            return Vec::new();
        }
    };
    let facts = facts_of(&page);
    let next = facts.next;
    match *page {
        NativePage::Users(page) => update.data.table.add_users(slot, &page.items),
        NativePage::Connections(page) => update.data.table.add_connections(slot, &page.items),
    }
    let listing = update.data.profiles[at].listed.progress_mut(kind);
    listing.items_received += facts.items as u64;
    listing.total = facts.total.or(listing.total);
    listing.missing_count +=
        u64::from(facts.unreadable) + facts.left_out as u64 + u64::from(facts.has_contradiction);
    listing.pages += 1;
    // A list that never ends, or leads back to where it was, ends here.
    let next = next.filter(|next| next.index > listing.page.index && listing.pages < MAX_PAGES);
    update.refresh(Refresh::ListedSoon);
    let listing = update.data.profiles[at].listed.progress_mut(kind);
    if let Some(page) = next {
        listing.page = page;
        return vec![Effect::Data(DataEffect::FetchListed {
            request,
            profile: profile.clone(),
            kind,
            page,
        })];
    }
    listing.request = None;
    let adds_up = listing
        .total
        .is_none_or(|total| total == listing.items_received + listing.missing_count);
    listing.complete = adds_up && listing.missing_count == 0;
    if !listing.complete {
        let noun = noun(kind);
        let now = update.now.since_start;
        update.notices.push(
            Severity::Warning,
            format!("{profile}: its {noun} are not complete: a part of them could not be read"),
            Some("what came is shown; r loads them again".into()),
            now,
        );
        update.refresh(Refresh::InSlices);
        return Vec::new();
    }
    // What an earlier reading had and this one has not is gone.
    for group in group_kinds(kind) {
        update.data.table.end_listed(slot, *group);
    }
    update.refresh(Refresh::Listed);
    Vec::new()
}

/// The groups that a list brings.
fn group_kinds(kind: Kind) -> &'static [GroupKind] {
    match kind {
        Kind::User => &[GroupKind::User],
        _ => &[
            GroupKind::Endpoint,
            GroupKind::Resource,
            GroupKind::Breach,
            GroupKind::Paste,
        ],
    }
}

fn noun(kind: Kind) -> &'static str {
    if kind == Kind::User {
        "users"
    } else {
        "connections"
    }
}

fn notify_error(
    update: &mut DataUpdate<'_>,
    profile: &ProfileName,
    kind: Kind,
    error: &ProviderError,
) {
    let noun = noun(kind);
    let text = format!("{profile}: its {noun} did not come: {error}");
    let hint = format!("{}; what the leaks tell is shown", error.hint());
    let now = update.now.since_start;
    update
        .notices
        .push(Severity::Warning, text, Some(hint), now);
}
