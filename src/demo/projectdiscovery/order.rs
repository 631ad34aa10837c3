//! Which rows a filter takes, in which order, and their counts.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::leak::{Class, Leak};
use super::ProjectDiscovery;
use super::query::{Filter, Group, Sort, normalize_login};
use super::render::{VisibleState, visible_text};

/// Counts by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The owner's.
    pub(crate) personal: usize,
    /// Employees' at the company.
    pub(crate) organization: usize,
    /// Employees' elsewhere.
    pub(crate) vendor: usize,
    /// Customers'.
    pub(crate) customer: usize,
}

impl Summary {
    /// Counts one.
    pub(crate) fn add(&mut self, class: Class) {
        match class {
            Class::Personal => self.personal += 1,
            Class::Organization => self.organization += 1,
            Class::Vendor => self.vendor += 1,
            Class::Customer => self.customer += 1,
        }
    }

    /// Employees' of both kinds.
    pub(crate) fn employee(&self) -> usize {
        self.organization + self.vendor
    }
}

/// The rows of a filter.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Their numbers, in order.
    pub(crate) numbers: Vec<u32>,
    /// Their counts.
    pub(crate) summary: Summary,
}

impl ProjectDiscovery {
    /// The rows of a filter, from the cache where they are there.
    pub(super) fn order(&mut self, filter: &Filter) -> Arc<Order> {
        if let Some(order) = self.cache.order(filter) {
            return order;
        }
        let order = Arc::new(self.compute(filter));
        self.cache.insert_order(filter.clone(), Arc::clone(&order));
        order
    }

    fn compute(&self, filter: &Filter) -> Order {
        let mut order = Order::default();
        let mut leak = Leak::default();
        let mut text = String::new();
        for number in self.rows() {
            let class = self.generator.class(number);
            if !self.matches_without_leak(filter, number, class) {
                continue;
            }
            if filter.needs_leak() {
                self.generator.fill(number, &mut leak);
                if !self.matches(filter, number, &leak, &mut text) {
                    continue;
                }
            }
            order.numbers.push(number);
            order.summary.add(class);
        }
        self.sort(filter, &mut order.numbers);
        order
    }

    fn matches_without_leak(&self, filter: &Filter, number: u32, class: Class) -> bool {
        if !filter.kind.includes(class) {
            return false;
        }
        let day = self.generator.day(number);
        filter.from.as_deref().is_none_or(|from| day >= from)
            && filter.to.as_deref().is_none_or(|to| day <= to)
            && filter
                .status
                .is_none_or(|status| self.state(number) == status)
    }

    fn matches(&self, filter: &Filter, number: u32, leak: &Leak, text: &mut String) -> bool {
        filter
            .domain
            .as_deref()
            .is_none_or(|domain| leak.domain == domain)
            && filter
                .email
                .as_deref()
                .is_none_or(|email| normalize_login(&leak.username) == email)
            && filter
                .exact
                .iter()
                .all(|(group, value)| group_contains(*group, leak, value))
            && filter.search.as_deref().is_none_or(|search| {
                visible_text(leak, self.visible_state(number, leak), text);
                if !text.is_ascii() {
                    *text = text.to_lowercase();
                }
                text.make_ascii_lowercase();
                memchr::memmem::find(text.as_bytes(), search.as_bytes()).is_some()
            })
    }

    /// Rows come newest first; equal values stay in that order.
    fn sort(&self, filter: &Filter, numbers: &mut [u32]) {
        let by = match filter.sort {
            None | Some(Sort::LogDate) => {
                if !filter.descending {
                    numbers.reverse();
                }
                return;
            }
            Some(by) => by,
        };
        let mut leak = Leak::default();
        let mut keyed = Vec::with_capacity(numbers.len());
        for number in numbers.iter() {
            self.generator.fill(*number, &mut leak);
            keyed.push((by.value(&leak).to_owned(), *number));
        }
        if filter.descending {
            keyed.sort_by(|left, right| right.0.cmp(&left.0));
        } else {
            keyed.sort_by(|left, right| left.0.cmp(&right.0));
        }
        for (place, (_, number)) in numbers.iter_mut().zip(keyed) {
            *place = number;
        }
    }

    /// What of a leak is shown in a list.
    pub(super) fn visible_state(&self, number: u32, leak: &Leak) -> VisibleState {
        VisibleState {
            state: self.state(number),
            shows_password: self.is_entitled(leak) && !leak.masked_in_lists,
        }
    }

    /// Values and counts of a group, the most frequent first.
    pub(super) fn groups(&self, order: &Order, group: Group) -> Vec<(String, usize)> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut leak = Leak::default();
        for number in &order.numbers {
            self.generator.fill(*number, &mut leak);
            *counts.entry(group.value(&leak)).or_default() += 1;
        }
        let mut groups: Vec<_> = counts.into_iter().collect();
        groups.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        groups
    }
}

fn group_contains(group: Group, leak: &Leak, value: &str) -> bool {
    match group {
        Group::Url => leak.url == value,
        Group::Country => leak.country == value,
        Group::DeviceIp => leak.device_ip == value,
        Group::Hostname => leak.hostname == value,
        Group::Email => normalize_login(&leak.username) == normalize_login(value),
        Group::HardwareId => leak.hardware_id == value,
    }
}
