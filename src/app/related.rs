//! What a provider says belongs to one leak, user or connection: asked for on the way into it, put beside what the
//! leaks tell. It is asked for once, until the lists are loaded again.

use super::{
    command::Refresh,
    effect::{DataEffect, Effect},
    model::{Context, Data, DataUpdate, GroupRef, ScopeItem},
    notice::Severity,
};
use crate::{
    entity::{capability::Ability, connection::Related, error::ProviderError, key::EntityKey},
    table::{GroupKind, GroupRow},
};
use std::collections::BTreeSet;

/// The keys under which providers know what a chip stands for.
fn entity_keys(data: &Data, chip: ScopeItem) -> Vec<EntityKey> {
    match chip {
        ScopeItem::Leak(handle) => vec![data.table.key(handle)],
        ScopeItem::Group(kind, group) => {
            let natives = data.table.listed_entities(kind, group).into_iter();
            natives.map(|native| native.key()).collect()
        }
    }
}

/// Asks for what is related to a chip, where a provider tells and has not been asked.
pub fn fetch_related(update: &mut DataUpdate<'_>, chip: ScopeItem) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in entity_keys(update.data, chip) {
        let tells = update
            .data
            .profile(&key.profile)
            .is_some_and(|state| state.profile.capabilities.can(Ability::Relations));
        if !tells || update.data.related.contains_key(&key) {
            continue;
        }
        update.data.related.insert(key.clone(), BTreeSet::new());
        effects.push(Effect::Data(DataEffect::FetchRelated(key)));
    }
    effects
}

/// It came, or did not.
pub fn on_related_loaded(
    update: &mut DataUpdate<'_>,
    key: &EntityKey,
    result: Result<Box<Related>, ProviderError>,
) -> Vec<Effect> {
    let Some(slot) = update.data.profile(&key.profile).map(|state| state.slot) else {
        return Vec::new();
    };
    match result {
        Ok(related) => {
            update.data.table.add_users(slot, &related.users);
            update
                .data
                .table
                .add_connections(slot, &related.connections);
            let users = related.users.iter().map(|user| &user.key);
            let connections = related.connections.iter().map(|connection| &connection.key);
            let groups = users
                .chain(connections)
                .filter_map(|key| update.data.table.find_listed_entity(key))
                .map(|native| (native.kind, native.group))
                .collect();
            // The lists may have been loaded again meanwhile; then nobody asks for it any more.
            if let Some(known) = update.data.related.get_mut(key) {
                *known = groups;
            }
            update.refresh(Refresh::InSlices);
        }
        Err(error) => {
            // It can be asked for again.
            update.data.related.remove(key);
            let text = format!("{}: what belongs to it did not come: {error}", key.profile);
            let now = update.now.since_start;
            let hint = Some(error.hint().to_owned());
            update.notices.push(Severity::Warning, text, hint, now);
        }
    }
    Vec::new()
}

/// The groups of a kind that providers say belong to the drill-down.
pub fn groups(context: Context<'_>, kind: GroupKind) -> BTreeSet<GroupRef> {
    let chips = context.workspace.scope.iter().copied();
    let keys = chips.flat_map(|chip| entity_keys(context.data, chip));
    keys.filter_map(|key| context.data.related.get(&key))
        .flatten()
        .filter(|(of, _)| *of == kind)
        .copied()
        .collect()
}

/// Rows of the groups of a kind that belong to the drill-down and that no leak of it is in.
pub fn rows(context: Context<'_>, kind: GroupKind, have: &[GroupRow]) -> Vec<GroupRow> {
    let mut groups = groups(context, kind);
    groups.retain(|(_, group)| have.iter().all(|row| row.group != *group));
    let row = |(kind, group): GroupRef| {
        let scope = [(kind, group)];
        let rows = context.data.table.overview(kind, [], &scope);
        rows.into_iter().find(|row| row.group == group)
    };
    groups.into_iter().filter_map(row).collect()
}
