//! Users and connections that providers list themselves: read after the leaks, page by page to the end. What one
//! provider does not give empties nothing that another gave.

use super::load::Shortfall;
use crate::{
    app::paging::MAX_PAGES,
    cli::{accounts::Accounts, output::Output},
    entity::{
        connection::Connection,
        error::ProviderError,
        key::{EntityKey, Kind, ProfileName},
        page::{EntityPage, PageRequest},
        query::EntityQuery,
        user::User,
    },
    provider::{ConnectionSource, UserSource, require},
    runtime::headless::HeadlessRun as Run,
    table::{GroupId, GroupKind, ProfileSlot, Table},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a provider listed, as far as it came.
enum FetchedEntities {
    Users(Vec<User>),
    Connections(Vec<Connection>),
}

/// What became of one list: as much as came, and what stopped it.
struct ListResult<T> {
    items: Vec<T>,
    shortfall: Shortfall,
    error: Option<ProviderError>,
}

/// Whose list is not whole, and what of it is lacking or why it did not come.
pub(super) type ListFailure = (ProfileName, Result<Shortfall, ProviderError>);

/// Reads what the profiles list of a kind into the table; whose list is not whole, and why.
pub(super) async fn load(
    output: &mut Output,
    run: &mut Run,
    connected: &Accounts,
    kind: Kind,
    query: &EntityQuery,
) -> Vec<ListFailure> {
    let asked = run.model.data.profiles.iter().filter_map(|state| {
        let (name, slot) = (state.profile.binding.name.clone(), state.slot);
        let provider = connected.providers.get(&name)?;
        let source = match kind {
            Kind::User => ListSource::Users(provider.users()?),
            Kind::Connection => ListSource::Connections(provider.connections()?),
            Kind::Domain | Kind::Leak => return None,
        };
        Some(async move { (name, slot, read_source(source, query).await) })
    });
    let asked: Vec<_> = asked.collect();
    let mut failed = Vec::new();
    for (name, slot, (listed, lack, error)) in futures_util::future::join_all(asked).await {
        let table = &mut run.model.data.table;
        match listed {
            FetchedEntities::Users(users) => table.add_users(slot, &users),
            FetchedEntities::Connections(connections) => table.add_connections(slot, &connections),
        }
        failed.push((name.clone(), Ok(lack)));
        match error {
            Some(ProviderError::Unsupported { why }) => {
                output.notice(&format!("stanch: {name}: {why}"));
            }
            Some(error) => failed.push((name, Err(error))),
            None => {}
        }
    }
    failed
}

/// A list of a provider's own.
enum ListSource<'a> {
    Users(&'a dyn UserSource),
    Connections(&'a dyn ConnectionSource),
}

async fn read_source(
    source: ListSource<'_>,
    query: &EntityQuery,
) -> (FetchedEntities, Shortfall, Option<ProviderError>) {
    match source {
        ListSource::Users(users) => {
            let whole = read_pages(|page| users.page(query, page)).await;
            (
                FetchedEntities::Users(whole.items),
                whole.shortfall,
                whole.error,
            )
        }
        ListSource::Connections(connections) => {
            let whole = read_pages(|page| connections.page(query, page)).await;
            (
                FetchedEntities::Connections(whole.items),
                whole.shortfall,
                whole.error,
            )
        }
    }
}

/// Every page of a list. One that never ends, or leads back to where it was, ends here.
async fn read_pages<T, F>(mut ask: impl FnMut(PageRequest) -> F) -> ListResult<T>
where
    F: Future<Output = Result<EntityPage<T>, ProviderError>>,
{
    let mut whole = ListResult {
        items: Vec::new(),
        shortfall: Shortfall::default(),
        error: None,
    };
    let mut parts: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    let mut token = PageRequest::default();
    for _ in 0..MAX_PAGES {
        match ask(token).await {
            Ok(page) => {
                let lack = &mut whole.shortfall;
                let came = page.items.len() as u64 + u64::from(page.unreadable);
                whole.items.extend(page.items);
                lack.unreadable += u64::from(page.unreadable);
                lack.left_out.extend(page.missing_domains);
                lack.contradiction = lack.contradiction.take().or(page.contradiction);
                if let Some((part, total)) = page.part {
                    let (seen, said) = parts.entry(part).or_default();
                    (*seen, *said) = (*seen + came, total);
                }
                let next = page.next.filter(|next| next.index > token.index);
                let Some(next) = next else {
                    check_totals(lack, &parts);
                    return whole;
                };
                token = next;
            }
            Err(error) => {
                whole.error = Some(error);
                return whole;
            }
        }
    }
    whole.error = Some(ProviderError::Malformed {
        why: "its list does not end".to_owned(),
    });
    whole
}

/// Holds what came of each list against what the provider says there is in it.
fn check_totals(lack: &mut Shortfall, parts: &BTreeMap<&'static str, (u64, u64)>) {
    let lacking = parts.iter().find(|(_, (seen, said))| seen != said);
    if let Some((part, (seen, said))) = lacking {
        lack.contradiction.get_or_insert_with(|| {
            format!("it says that there are {said} {part}, and {seen} came")
        });
    }
}

/// Asks the providers that list a group for all that they know of it: their members get what a list leaves out. The
/// keys of what it is connected to, and who did not answer.
pub(super) async fn load_relations(
    run: &mut Run,
    connected: &Accounts,
    kind: GroupKind,
    group: GroupId,
) -> (BTreeSet<EntityKey>, Vec<(ProfileName, ProviderError)>) {
    let natives: Vec<EntityKey> = run
        .model
        .data
        .table
        .listed_entities(kind, group)
        .into_iter()
        .map(|native| native.key())
        .collect();
    let (mut keys, mut failed) = (BTreeSet::new(), Vec::new());
    for key in natives {
        let Some(state) = run.model.data.profile(&key.profile) else {
            continue;
        };
        let slot = state.slot;
        let provider = connected.providers.get(&key.profile);
        let Some(provider) = provider.filter(|provider| provider.relations().is_some()) else {
            continue;
        };
        let table = &mut run.model.data.table;
        let answer = if kind == GroupKind::User {
            match require(provider.users()) {
                Ok(users) => users.user(&key.id).await.map(|(user, related)| {
                    table.add_users(slot, &[user]);
                    related
                }),
                Err(error) => Err(error),
            }
        } else {
            match require(provider.connections()) {
                Ok(source) => source.connection(&key.id).await.map(|(found, related)| {
                    table.add_connections(slot, &[found]);
                    related
                }),
                Err(error) => Err(error),
            }
        };
        match answer {
            Ok(related) => keys.extend(upsert_connections(table, slot, &related.connections)),
            Err(ProviderError::Unsupported { .. }) => {}
            Err(error) => failed.push((key.profile, error)),
        }
    }
    (keys, failed)
}

/// Takes in connections that a provider told beside something else: their keys here.
pub(super) fn upsert_connections(
    table: &mut Table,
    slot: ProfileSlot,
    connections: &[Connection],
) -> Vec<EntityKey> {
    table.add_connections(slot, connections);
    connections
        .iter()
        .map(
            |connection| match table.find_listed_entity(&connection.key) {
                Some(native) => table.group_key(native.kind, native.group),
                None => connection.key.clone(),
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn page(items: Vec<u32>, next: Option<u32>) -> EntityPage<u32> {
        EntityPage {
            items,
            next: next.map(|index| PageRequest { index, size: 0 }),
            unreadable: 1,
            ..EntityPage::empty()
        }
    }

    #[tokio::test]
    async fn pages_are_read_to_their_end_and_what_came_before_a_failure_stays() {
        let whole = read_pages(|token| async move {
            Ok(page(
                vec![token.index],
                (token.index < 2).then_some(token.index + 1),
            ))
        })
        .await;
        assert_eq!(
            (whole.items, whole.shortfall.unreadable),
            (vec![0, 1, 2], 3)
        );
        let whole = read_pages(|token| async move {
            match token.index {
                0 => Ok(page(vec![7], Some(1))),
                _ => Err(ProviderError::Cancelled),
            }
        })
        .await;
        assert_eq!(
            (whole.items, whole.error),
            (vec![7], Some(ProviderError::Cancelled))
        );
        // A list of which less came than there is said to be.
        let whole = read_pages(|_| async {
            Ok(EntityPage {
                part: Some(("users", 3)),
                ..page(vec![1], None)
            })
        })
        .await;
        assert!(whole.shortfall.contradiction.is_some());
        // A list that leads back to where it was.
        let asked = Cell::new(0);
        let whole = read_pages(|_| {
            asked.set(asked.get() + 1);
            async { Ok(page(vec![1], Some(0))) }
        })
        .await;
        assert_eq!((whole.items.len(), asked.get()), (1, 1));
    }
}
