//! Lists and counts: which rows a filter takes, in which order, and one page of them.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::leak::Leak;
use super::super::system::{Answer, Call};
use super::index::{Entry, Index, IndexedEntity};
use super::query::{Filter, Parameters, Sort, Target, Window};
use super::source::{DOMAIN_COUNT, level};
use super::{LeaksAi, render};

/// Orders that are kept.
const MAX_ORDERS: usize = 8;

impl LeaksAi {
    pub(super) fn list(&mut self, call: &Call, target: Target) -> Result<Answer, Answer> {
        let parameters = Parameters(&call.query);
        let window = parameters.window()?;
        let filter = parameters.filter(target, &self.source)?;
        let index = self.index();
        let order = self.order(&index, &filter);
        let mut places = page_slice(&order, window).to_vec();
        if call.faults.duplicate && window.page > 1 {
            let page = window.page - 1;
            let repeated = page_slice(&order, Window { page, ..window })
                .last()
                .copied();
            places.splice(0..0, repeated);
        }
        let rows = places
            .into_iter()
            .filter_map(|place| self.item_json(&index, target, place))
            .collect();
        let answer = envelope(rows, order.len(), window, call);
        if call.faults.shift {
            self.shift();
        }
        Ok(answer)
    }

    pub(super) fn count(&mut self, call: &Call, target: Target) -> Result<Answer, Answer> {
        // What only a list knows is ignored.
        let known: Vec<_> = call
            .query
            .iter()
            .filter(|(name, _)| name != "sort")
            .cloned()
            .collect();
        let filter = Parameters(&known).filter(target, &self.source)?;
        let index = self.index();
        let count = self.order(&index, &filter).len();
        Ok(Answer::json(200, &json!({ "data": { "count": count } })))
    }

    pub(super) fn domains(&self, call: &Call) -> Result<Answer, Answer> {
        let window = Parameters(&call.query).window()?;
        let places: Vec<u32> = (0..DOMAIN_COUNT as u32).collect();
        let rows = page_slice(&places, window).iter().map(|place| {
            let (id, name, archived) = self.source.domain(*place as usize);
            json!({ "id": id.to_string(), "domain": name, "archived": archived })
        });
        Ok(envelope(rows.collect(), places.len(), window, call))
    }

    fn item_json(&self, index: &Index, target: Target, place: u32) -> Option<Value> {
        match target {
            Target::Leaks => {
                let entry = index.entries.get(place as usize)?;
                Some(self.leak(entry))
            }
            Target::Endpoints => Some(self.endpoint(index.machines.get(place)?)),
            Target::Resources => Some(render::resource(index.resources.get(place)?)),
            Target::Users => Some(render::user(index.users.get(place)?)),
        }
    }

    /// The places that a filter takes, in order, kept from page to page.
    fn order(&mut self, index: &Index, filter: &Filter) -> Arc<Vec<u32>> {
        if let Some((_, order)) = self.orders.iter().find(|(kept, _)| kept == filter) {
            return Arc::clone(order);
        }
        let order = Arc::new(match filter.target {
            Target::Leaks => self.filter_leaks(index, filter),
            Target::Endpoints => self.filter_entities(&index.machines.entities, filter),
            Target::Resources => self.filter_entities(&index.resources.entities, filter),
            Target::Users => self.filter_entities(&index.users.entities, filter),
        });
        if self.orders.len() == MAX_ORDERS {
            self.orders.remove(0);
        }
        self.orders.push((filter.clone(), Arc::clone(&order)));
        order
    }

    /// Newest first; sorting keeps that order between equals.
    fn filter_leaks(&self, index: &Index, filter: &Filter) -> Vec<u32> {
        let mut leak = Leak::default();
        let mut taken: Vec<(u32, &Entry)> = (0..)
            .zip(&index.entries)
            .filter(|(_, entry)| self.matches(index, filter, entry, &mut leak))
            .collect();
        if !filter.sort.is_empty() {
            taken.sort_by(|(_, one), (_, two)| {
                compare(&filter.sort, |sort| match sort {
                    Sort::RiskLevel => one.risk.cmp(&two.risk),
                    Sort::FirstSeen => one.first_seen.cmp(&two.first_seen),
                    Sort::AddedAt => one.added.cmp(&two.added),
                    Sort::Date | Sort::Login | Sort::Resource => Ordering::Equal,
                })
            });
        }
        taken.into_iter().map(|(place, _)| place).collect()
    }

    fn matches(&self, index: &Index, filter: &Filter, entry: &Entry, leak: &mut Leak) -> bool {
        let cheaply = filter.domains.intersects(entry.domains)
            && filter.risk.contains(level(entry.risk) as usize)
            && filter.status.contains(self.state(entry.row) as usize)
            && filter
                .user
                .is_none_or(|id| index.users.position(id) == Some(entry.user))
            && filter.resource.is_none_or(|id| {
                entry.resource.is_some() && index.resources.position(id) == entry.resource
            })
            && filter.endpoint.is_none_or(|id| {
                entry.machine.is_some() && index.machines.position(id) == entry.machine
            })
            && filter.login.as_deref().is_none_or(|part| {
                let user = index.users.get(entry.user);
                user.is_some_and(|user| user.name.contains(part))
            });
        if !cheaply || !filter.needs_leak() {
            return cheaply;
        }
        self.source.fill(entry.row, leak);
        let url = url::Url::parse(&leak.url).ok();
        let holds = |text: &str, part: &Option<String>| {
            part.as_deref().is_none_or(|part| text.contains(part))
        };
        let path = url.as_ref().map_or("", |url| url.path()).to_lowercase();
        holds(&leak.password, &filter.password)
            && holds(&leak.url.to_lowercase(), &filter.url)
            && holds(&path, &filter.url_path)
            && filter.url_port.is_none_or(|port| {
                let given = url.as_ref().and_then(url::Url::port_or_known_default);
                given == Some(port)
            })
    }

    /// Users and resources by name, machines with the newest first; sorting keeps that order between equals.
    fn filter_entities(&self, things: &[IndexedEntity], filter: &Filter) -> Vec<u32> {
        let mut taken: Vec<(u32, &IndexedEntity)> = (0..)
            .zip(things)
            .filter(|(_, thing)| {
                filter.domains.intersects(thing.domains)
                    && filter.risk.contains(level(thing.risk) as usize)
                    && (filter.target != Target::Endpoints
                        || filter.status.contains(self.endpoint_state(thing) as usize))
                    && filter
                        .login
                        .as_deref()
                        .is_none_or(|part| thing.name.contains(part))
            })
            .collect();
        taken.sort_by(|(_, one), (_, two)| {
            let usual = match filter.target {
                Target::Endpoints => two.added.cmp(&one.added),
                Target::Leaks | Target::Resources | Target::Users => Ordering::Equal,
            };
            compare(&filter.sort, |sort| match sort {
                Sort::RiskLevel => one.risk.cmp(&two.risk),
                Sort::FirstSeen | Sort::Date => one.first_seen.cmp(&two.first_seen),
                Sort::AddedAt => one.added.cmp(&two.added),
                Sort::Login | Sort::Resource => one.name.cmp(&two.name),
            })
            .then(usual)
            .then_with(|| one.name.cmp(&two.name))
        });
        taken.into_iter().map(|(place, _)| place).collect()
    }
}

/// The first key that tells two rows apart decides.
fn compare(sort: &[(Sort, bool)], by: impl Fn(Sort) -> Ordering) -> Ordering {
    sort.iter()
        .map(|(key, down)| {
            let order = by(*key);
            if *down { order.reverse() } else { order }
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// A page's share of an order; empty past the end.
fn page_slice(order: &[u32], window: Window) -> &[u32] {
    let rows = u64::from(window.rows);
    let all = order.len() as u64;
    let first = (window.page - 1).saturating_mul(rows).min(all);
    let last = first.saturating_add(rows).min(all);
    order.get(first as usize..last as usize).unwrap_or_default()
}

fn envelope(mut rows: Vec<Value>, all: usize, window: Window, call: &Call) -> Answer {
    if call.faults.unknown {
        for (place, row) in rows.iter_mut().enumerate() {
            render::add_unknown_members(place, row);
        }
    }
    let body = json!({
        "data": rows,
        "pagination": {
            "page": window.page,
            "per_page": window.rows,
            "total_pages": all.div_ceil(window.rows as usize),
            "total_results": all,
        },
    });
    Answer::json(200, &body)
}
