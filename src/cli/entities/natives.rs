//! Users and connections that providers list themselves: read after the leaks, page by page to the end. What one
//! provider does not give empties nothing that another gave.

use super::load::Lack;
use crate::{
    app::paging::MAX_PAGES,
    cli::{connect::Connected, output::Output},
    entity::{
        connection::Connection,
        error::ProviderError,
        key::{EntityKey, Kind, ProfileName},
        page::{EntityPage, PageToken},
        query::EntityQuery,
        user::User,
    },
    provider::{ConnectionSource, UserSource, needed},
    runtime::session::Session as Run,
    table::{GroupId, GroupKind, Slot, Table},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a provider listed, as far as it came.
enum Listed {
    Users(Vec<User>),
    Connections(Vec<Connection>),
}

/// What became of one list: as much as came, and what stopped it.
struct Whole<T> {
    items: Vec<T>,
    lack: Lack,
    error: Option<ProviderError>,
}

/// Whose list is not whole, and what of it is lacking or why it did not come.
pub(super) type Failed = (ProfileName, Result<Lack, ProviderError>);

/// Reads what the profiles list of a kind into the table; whose list is not whole, and why.
pub(super) async fn load(
    output: &mut Output,
    run: &mut Run,
    connected: &Connected,
    kind: Kind,
    query: &EntityQuery,
) -> Vec<Failed> {
    let asked = run.model.data.profiles.iter().filter_map(|state| {
        let (name, slot) = (state.profile.binding.name.clone(), state.slot);
        let provider = connected.providers.get(&name)?;
        let source = match kind {
            Kind::User => Source::Users(provider.users()?),
            Kind::Connection => Source::Connections(provider.connections()?),
            Kind::Domain | Kind::Leak => return None,
        };
        Some(async move { (name, slot, all(source, query).await) })
    });
    let asked: Vec<_> = asked.collect();
    let mut failed = Vec::new();
    for (name, slot, (listed, lack, error)) in futures_util::future::join_all(asked).await {
        let table = &mut run.model.data.table;
        match listed {
            Listed::Users(users) => table.add_users(slot, &users),
            Listed::Connections(connections) => table.add_connections(slot, &connections),
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
enum Source<'a> {
    Users(&'a dyn UserSource),
    Connections(&'a dyn ConnectionSource),
}

async fn all(source: Source<'_>, query: &EntityQuery) -> (Listed, Lack, Option<ProviderError>) {
    match source {
        Source::Users(users) => {
            let whole = pages(|page| users.page(query, page)).await;
            (Listed::Users(whole.items), whole.lack, whole.error)
        }
        Source::Connections(connections) => {
            let whole = pages(|page| connections.page(query, page)).await;
            (Listed::Connections(whole.items), whole.lack, whole.error)
        }
    }
}

/// Every page of a list. One that never ends, or leads back to where it was, ends here.
async fn pages<T, F>(mut ask: impl FnMut(PageToken) -> F) -> Whole<T>
where
    F: Future<Output = Result<EntityPage<T>, ProviderError>>,
{
    let mut whole = Whole {
        items: Vec::new(),
        lack: Lack::default(),
        error: None,
    };
    let mut parts: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    let mut token = PageToken::default();
    for _ in 0..MAX_PAGES {
        match ask(token).await {
            Ok(page) => {
                let lack = &mut whole.lack;
                let came = page.items.len() as u64 + u64::from(page.unreadable);
                whole.items.extend(page.items);
                lack.unreadable += u64::from(page.unreadable);
                lack.left_out.extend(page.left_out);
                lack.contradiction = lack.contradiction.take().or(page.contradiction);
                if let Some((part, total)) = page.part {
                    let (seen, said) = parts.entry(part).or_default();
                    (*seen, *said) = (*seen + came, total);
                }
                let next = page.next.filter(|next| next.index > token.index);
                let Some(next) = next else {
                    add_up(lack, &parts);
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
fn add_up(lack: &mut Lack, parts: &BTreeMap<&'static str, (u64, u64)>) {
    let lacking = parts.iter().find(|(_, (seen, said))| seen != said);
    if let Some((part, (seen, said))) = lacking {
        lack.contradiction.get_or_insert_with(|| {
            format!("it says that there are {said} {part}, and {seen} came")
        });
    }
}

/// Asks the providers that list a group for all that they know of it: their members get what a list leaves out. The
/// keys of what it is connected to, and who did not answer.
pub(super) async fn relate(
    run: &mut Run,
    connected: &Connected,
    kind: GroupKind,
    group: GroupId,
) -> (BTreeSet<EntityKey>, Vec<(ProfileName, ProviderError)>) {
    let natives: Vec<EntityKey> = run
        .model
        .data
        .table
        .natives(kind, group)
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
            match needed(provider.users()) {
                Ok(users) => users.user(&key.id).await.map(|(user, related)| {
                    table.add_users(slot, &[user]);
                    related
                }),
                Err(error) => Err(error),
            }
        } else {
            match needed(provider.connections()) {
                Ok(source) => source.connection(&key.id).await.map(|(found, related)| {
                    table.add_connections(slot, &[found]);
                    related
                }),
                Err(error) => Err(error),
            }
        };
        match answer {
            Ok(related) => keys.extend(keys_of(table, slot, &related.connections)),
            Err(ProviderError::Unsupported { .. }) => {}
            Err(error) => failed.push((key.profile, error)),
        }
    }
    (keys, failed)
}

/// Takes in connections that a provider told beside something else: their keys here.
pub(super) fn keys_of(table: &mut Table, slot: Slot, connections: &[Connection]) -> Vec<EntityKey> {
    table.add_connections(slot, connections);
    connections
        .iter()
        .map(|connection| match table.find_native(&connection.key) {
            Some(native) => table.group_key(native.kind, native.group),
            None => connection.key.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn page(items: Vec<u32>, next: Option<u32>) -> EntityPage<u32> {
        EntityPage {
            items,
            next: next.map(|index| PageToken { index, size: 0 }),
            unreadable: 1,
            ..EntityPage::empty()
        }
    }

    #[tokio::test]
    async fn pages_are_read_to_their_end_and_what_came_before_a_failure_stays() {
        let whole = pages(|token| async move {
            Ok(page(
                vec![token.index],
                (token.index < 2).then_some(token.index + 1),
            ))
        })
        .await;
        assert_eq!((whole.items, whole.lack.unreadable), (vec![0, 1, 2], 3));
        let whole = pages(|token| async move {
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
        let whole = pages(|_| async {
            Ok(EntityPage {
                part: Some(("users", 3)),
                ..page(vec![1], None)
            })
        })
        .await;
        assert!(whole.lack.contradiction.is_some());
        // A list that leads back to where it was.
        let asked = Cell::new(0);
        let whole = pages(|_| {
            asked.set(asked.get() + 1);
            async { Ok(page(vec![1], Some(0))) }
        })
        .await;
        assert_eq!((whole.items.len(), asked.get()), (1, 1));
    }
}
