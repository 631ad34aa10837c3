//! Pages and counts.

use super::{
    LeaksAi, endpoint, leak, malformed_error,
    monitored::DomainNames,
    query::{self, EntityList},
    resource, unsupported_error, user,
};
use crate::{
    entity::{
        connection::{Connection, ConnectionKind},
        error::ProviderError,
        key::{Kind, RemoteId},
        leak::{LeakBatch, LeakField},
        page::{ConnectionPage, EntityPage, LeakPage, NextPage, PageRequest, UserPage},
        profile::AdapterSettings,
        query::{EntityQuery, LeakQuery},
        seen::{MarkKey, Probe},
        status::Status,
    },
    http::{HttpResponse, Request, json::Value},
    provider::{
        judge::{self, Totals},
        parse::{full_page_rows, read_in_parts},
    },
};
use std::sync::Arc;

/// Pages of connections from here on are of resources, below it of endpoints: a page says by its number which list it
/// is of, whatever the lists have grown to since the page before it.
const FIRST_RESOURCE_PAGE: u32 = 1 << 31;

/// So many of the newest leaks are compared with those of the last probe.
const PROBED: u32 = 100;

/// What a list's answer holds.
struct ListResponse<'a> {
    items: Value<'a>,
    rows: u64,
    total: Option<u64>,
    pages: Option<u64>,
    contradiction: Option<String>,
}

fn parse_list(reply: &HttpResponse, is_first: bool) -> Result<ListResponse<'_>, ProviderError> {
    let [data, pagination] = reply.json()?.pick(["data", "pagination"]);
    let mut totals = Totals::default();
    let mut pages = None;
    if let Some(pagination) = pagination.value {
        let [results, all] = pagination.pick(["total_results", "total_pages"]);
        totals.add("total_results", results);
        pages = all.value.and_then(Value::count);
    }
    let items = data
        .unique()
        .map_err(|_| malformed_error("it has the same list twice"))?
        .filter(|data| data.is_array() || (data.is_null() && totals.agreed_total() == Some(0)))
        .ok_or_else(|| malformed_error("there is no list in it"))?;
    let rows = items.elements().count() as u64;
    if rows == 0 && totals.is_empty() && judge::holds_more(reply.json()?, &["data", "pagination"]) {
        return Err(malformed_error(judge::EMPTY_BESIDE_OTHERS));
    }
    let contradiction = totals.contradiction_with_page(is_first, rows, pages);
    let believed = contradiction.is_none();
    Ok(ListResponse {
        items,
        rows,
        // Of contradicting totals none is believed.
        total: totals.agreed_total().filter(|_| believed),
        pages: pages.filter(|_| believed),
        contradiction,
    })
}

/// Reads what one item is.
type ItemReader<T> = fn(Value<'_>, &AdapterSettings) -> Option<T>;

/// A request for one page of a list.
fn list_request(list: &str, index: u32, size: u32) -> Request {
    Request::get(&[list])
        .query("page", u64::from(index) + 1)
        .query("per_page", size)
        .rows(size)
}

impl LeaksAi {
    pub(super) async fn leak_page(
        &self,
        query: &LeakQuery,
        token: PageRequest,
    ) -> Result<LeakPage, ProviderError> {
        let asked = self.requested_rows(token);
        let ask = |part| self.leak_part(query, part);
        let page = read_in_parts(&self.transport, token, asked, ask).await?;
        Ok(page.unwrap_or_default())
    }

    async fn leak_part(
        &self,
        query: &LeakQuery,
        token: PageRequest,
    ) -> Result<LeakPage, ProviderError> {
        let asked = self.requested_rows(token);
        let names = self.domain_names_for(&query.domain_ids).await;
        let request = list_request("leaks", token.index, asked);
        let request = query::add_sort(query::add_terms(request, query, &names)?, query);
        let reply = self.transport.read(&request).await?;
        let listed = parse_list(&reply, token.index == 0)?;
        // Only a page with leaks on it needs to know the domains.
        let names = if listed.rows > 0 {
            self.domain_names().await
        } else {
            names
        };
        let mut page = LeakPage {
            leaks: LeakBatch::with_capacity(asked as usize),
            total: listed.total,
            next: NextPage::numbered(listed.pages),
            contradiction: listed.contradiction.clone(),
            domains_unknown: listed.rows > 0 && names.is_unknown,
            ..LeakPage::default()
        };
        for item in listed.items.elements() {
            let key = &self.settings.fingerprint;
            if leak::push(item, &names, key, &mut page.leaks).is_none() {
                page.unreadable += 1;
            }
        }
        page.page_size = full_page_rows(asked, token, &page);
        Ok(page)
    }

    /// The watched domains, where a query names one by something else than the provider's own id.
    async fn domain_names_for(&self, domains: &[RemoteId]) -> Arc<DomainNames> {
        if query::needs_names(domains) {
            self.domain_names().await
        } else {
            Arc::default()
        }
    }

    pub(super) async fn user_page(
        &self,
        query: &EntityQuery,
        token: PageRequest,
    ) -> Result<UserPage, ProviderError> {
        self.entity_page(&query::USERS, query, token, user::read)
            .await
    }

    /// All pages of endpoints, then all pages of resources. Neither list knows how many there are of both.
    pub(super) async fn connection_page(
        &self,
        query: &EntityQuery,
        token: PageRequest,
    ) -> Result<ConnectionPage, ProviderError> {
        let read_resource: ItemReader<Connection> = resource::read;
        let mut page = match token.index.checked_sub(FIRST_RESOURCE_PAGE) {
            None => {
                let mut page = self
                    .entity_page(&query::ENDPOINTS, query, token, endpoint::read)
                    .await?;
                let next = page.next.filter(|next| next.index < FIRST_RESOURCE_PAGE);
                page.next = next.or(Some(PageRequest {
                    index: FIRST_RESOURCE_PAGE,
                    // The other list may clamp to another size.
                    size: 0,
                }));
                page
            }
            Some(index) => {
                let within = PageRequest { index, ..token };
                let mut page = self
                    .entity_page(&query::RESOURCES, query, within, read_resource)
                    .await?;
                page.next = page.next.and_then(|next| {
                    let index = next.index.checked_add(FIRST_RESOURCE_PAGE)?;
                    Some(PageRequest { index, ..next })
                });
                page
            }
        };
        page.total = None;
        Ok(page)
    }

    async fn entity_page<T>(
        &self,
        list: &EntityList,
        query: &EntityQuery,
        token: PageRequest,
        read: ItemReader<T>,
    ) -> Result<EntityPage<T>, ProviderError> {
        let ask = |part| self.entity_part(list, query, part, read);
        let page = read_in_parts(&self.transport, token, self.requested_rows(token), ask).await?;
        let mut page = page.ok_or_else(|| malformed_error("its pages cannot be counted"))?;
        // What follows the last part follows the page, counted in pages.
        if let Some(next) = &mut page.next
            && token.size > 0
        {
            let rows = u64::from(next.index) * u64::from(next.size);
            let index = rows / u64::from(token.size);
            *next = PageRequest {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                size: token.size,
            };
        }
        Ok(page)
    }

    async fn entity_part<T>(
        &self,
        list: &EntityList,
        query: &EntityQuery,
        token: PageRequest,
        read: ItemReader<T>,
    ) -> Result<EntityPage<T>, ProviderError> {
        let asked = self.requested_rows(token);
        let names = self.domain_names_for(&query.domain_ids).await;
        let request = list_request(list.name, token.index, asked);
        let request = list.add_sort(list.add_terms(request, query, &names)?, query);
        let reply = self.transport.read(&request).await?;
        let listed = parse_list(&reply, token.index == 0)?;
        let (mut items, mut rows) = (Vec::new(), 0);
        for item in listed.items.elements() {
            rows += 1;
            items.extend(read(item, &self.settings));
        }
        Ok(EntityPage {
            next: next_page(token, asked, rows, &listed),
            unreadable: rows - items.len() as u32,
            total: listed.total,
            items,
            part: listed.total.map(|total| (list.name, total)),
            contradiction: listed.contradiction,
            ..EntityPage::empty()
        })
    }

    pub(super) async fn count_leaks(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        if query::needs_local_filter(query) {
            return Err(unsupported_error("it counts by its own filters alone"));
        }
        let names = self.domain_names_for(&query.domain_ids).await;
        let request = query::add_terms(Request::get(&["leaks", "count"]), query, &names)?;
        self.request_count(&request).await
    }

    /// The newest leaks with the number of all, and the numbers of three statuses: the fourth is the rest.
    pub(super) async fn probe_leaks(&self) -> Result<Probe, ProviderError> {
        let newest = LeakQuery {
            sort: vec![("added_at".to_owned(), true)],
            ..LeakQuery::default()
        };
        let token = PageRequest {
            index: 0,
            size: PROBED,
        };
        let page = self.leak_page(&newest, token).await?;
        let marks = MarkKey::of(&self.settings.fingerprint);
        let ids = page.leaks.iter().map(|leak| {
            let id = leak.text(LeakField::Id);
            marks.mark(&self.settings.provider, Kind::Leak, id)
        });
        let mut probe = Probe {
            newest: ids.collect(),
            counts: vec![page.total.unwrap_or(0)],
            requests: 4,
        };
        for status in [Status::New, Status::Investigating, Status::Fixed] {
            let query = LeakQuery {
                statuses: vec![status],
                ..LeakQuery::default()
            };
            probe.counts.push(self.count_leaks(&query).await?);
        }
        Ok(probe)
    }

    /// Users, or endpoints and resources. Resources have no status: asked for some, endpoints alone are counted.
    pub(super) async fn count_by_lists(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError> {
        let lists: &[(Option<ConnectionKind>, &EntityList)] = match kind {
            Kind::User => &[(None, &query::USERS)],
            _ => &[
                (Some(ConnectionKind::Endpoint), &query::ENDPOINTS),
                (Some(ConnectionKind::Resource), &query::RESOURCES),
            ],
        };
        let names = self.domain_names_for(&query.domain_ids).await;
        let mut counts = Vec::new();
        for (form, list) in lists
            .iter()
            .filter(|(_, list)| list.accepts_all_terms(query))
        {
            let request = Request::get(&[list.name, "count"]);
            let request = list.add_terms(request, query, &names)?;
            counts.push((*form, self.request_count(&request).await?));
        }
        if counts.is_empty() {
            return Err(unsupported_error("it counts by its own filters alone"));
        }
        Ok(counts)
    }

    async fn request_count(&self, request: &Request) -> Result<u64, ProviderError> {
        let reply = self.transport.read(request).await?;
        let data = reply.json()?.get("data");
        data.and_then(|data| data.get("count"))
            .and_then(Value::count)
            .ok_or_else(|| malformed_error("there is no count in it"))
    }
}

/// The page after this one. An empty page is the last, whatever the totals say.
fn next_page(
    token: PageRequest,
    asked: u32,
    rows: u32,
    listed: &ListResponse<'_>,
) -> Option<PageRequest> {
    if rows == 0 {
        return None;
    }
    // On the first page: what the provider made of the size that was asked for.
    let clamped = token.index == 0
        && rows < asked
        && listed.total.is_some_and(|total| total > u64::from(rows));
    let size = if clamped { rows } else { asked };
    let index = token.index.checked_add(1)?;
    let told = listed.pages.is_some_and(|pages| u64::from(index) < pages)
        || listed
            .total
            .is_some_and(|total| u64::from(index) * u64::from(size) < total);
    // Where the totals contradict each other none is believed: pages are read until one is empty.
    let silent = listed.pages.is_none()
        && listed.total.is_none()
        && (rows >= asked || listed.contradiction.is_some());
    (told || silent).then_some(PageRequest { index, size })
}
