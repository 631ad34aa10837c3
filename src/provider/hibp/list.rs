//! Leaks, made of the mailboxes and logs of the watched domains. A page of leaks is what is known
//! of one domain: first the breaches of each, then the logs of each, whose limit is much lower and must hold nothing up.

use super::{
    Hibp,
    watch::{Age, Subscribed, is_refused},
};
use crate::entity::{
    breach::Breach,
    connection::Related,
    error::ProviderError,
    host,
    key::RemoteId,
    leak::{LeakBatch, LeakField},
    page::{LeakPage, NextPage, PageRequest},
    query::LeakQuery,
    raw_text::RawText,
};
use crate::provider::{
    LeakSource,
    breach::{
        catalogue::Catalogue,
        leak::{ID_SEPARATOR, push, push_breach},
        people::{Completeness, by_address_alone, is_wanted},
        wire::{Mailbox, Mailboxes},
    },
};
use async_trait::async_trait;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::sync::Arc;

/// Rows in a page, where the profile does not say. A page is a domain, whatever its size.
const PAGE_SIZE: u32 = 1000;

/// What the id of a leak of a log has before the site. No breach's name has a colon.
pub(super) const LOG: &str = "log:";

/// Whose logs they are, in the words of other services.
const EMPLOYEE: &str = "employee";
const CUSTOMER: &str = "customer";

/// One page of leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Its mailboxes in breaches.
    Breaches,
    /// Its mailboxes in logs, and whoever is in logs with it.
    Logs,
}

/// What is known of a domain from logs.
#[derive(Debug, Default)]
pub(super) struct Logs {
    /// Its own mailboxes, with the sites.
    pub(super) employees: Vec<Mailbox>,
    /// Addresses of others, with the domain as the site.
    pub(super) customers: Vec<RawText>,
    unreadable: u32,
    /// Why a list of it is missing or not whole.
    problem: Option<String>,
}

/// What stands against the list of domains itself.
fn walked_of(subscribed: &Subscribed) -> Completeness {
    let names = subscribed
        .domains
        .iter()
        .filter(|one| one.asked().is_none());
    Completeness {
        unreadable: subscribed.unreadable,
        contradiction: None,
        left_out: names.map(|one| one.name.clone()).collect(),
    }
}

/// What stands against taking what is known of a domain from logs for all.
fn take_logs(walked: &mut Completeness, domain: &str, logs: &Logs) {
    walked.unreadable += logs.unreadable;
    if logs.problem.is_some() {
        walked.left_out.push(domain.into());
        walked.contradicts(logs.problem.clone());
    }
}

/// What of a domain a walk comes to.
pub(super) enum Step<'a> {
    Breaches(&'a Mailboxes),
    Logs(&'a str, &'a Logs),
}

/// The domains that a query is about, as the provider's list has them.
fn domains_of(subscribed: &Subscribed, query: &LeakQuery) -> Vec<String> {
    let same = |one: &str, other: &str| {
        host::normalize(one.as_bytes()) == host::normalize(other.as_bytes())
    };
    let by_id = |name: &str| {
        query.domain_ids.is_empty()
            || query
                .domain_ids
                .iter()
                .any(|id| id.as_str().is_some_and(|id| same(id, name)))
    };
    let names = subscribed.domains.iter().filter_map(|one| one.asked());
    let by_name = |name: &&str| {
        query
            .domain
            .as_deref()
            .is_none_or(|wanted| same(wanted, name))
    };
    names
        .filter(|name| by_name(name) && by_id(name))
        .map(str::to_owned)
        .collect()
}

/// Whether a class of leaks is one that a query is about.
fn wants_class(query: &LeakQuery, class: Option<&str>) -> bool {
    query
        .class
        .as_deref()
        .is_none_or(|wanted| Some(wanted) == class)
}

/// The pages of a query, in their order.
fn parts(domains: &[String], query: &LeakQuery, has_logs: bool) -> Vec<(Part, String)> {
    let of_address = query.email.as_deref().map(str::trim).map(|address| {
        let host = address.rsplit_once('@').map_or("", |(_, host)| host);
        host::normalize(host.as_bytes()).into_owned()
    });
    let mut parts = Vec::new();
    if wants_class(query, None) {
        // The mailboxes of a domain all end in it.
        let may_have = |name: &&String| {
            of_address
                .as_ref()
                .is_none_or(|host| *host == *host::normalize(name.as_bytes()))
        };
        let names = domains.iter().filter(may_have).cloned();
        parts.extend(names.map(|name| (Part::Breaches, name)));
    }
    let wants_logs = wants_class(query, Some(EMPLOYEE)) || wants_class(query, Some(CUSTOMER));
    if has_logs && wants_logs {
        parts.extend(domains.iter().cloned().map(|name| (Part::Logs, name)));
    }
    parts
}

/// Adds the leaks of a mailbox in logs.
fn push_employee(batch: &mut LeakBatch, mailbox: &Mailbox, domain: &str) {
    for site in &mailbox.listed {
        push_log(batch, &mailbox.address, site.as_bytes(), domain, EMPLOYEE);
    }
}

/// Adds a leak of a log.
fn push_log(batch: &mut LeakBatch, address: &RawText, site: &[u8], domain: &str, class: &str) {
    let identity = address.as_bytes().to_ascii_lowercase();
    let lower = site.to_ascii_lowercase();
    let id = [&identity[..], &[ID_SEPARATOR], LOG.as_bytes(), &lower].concat();
    let at = memchr::memrchr(b'@', address.as_bytes());
    let host = at.and_then(|at| address.as_bytes().get(at + 1..));
    push(
        batch,
        &[
            (LeakField::Id, Some(&id)),
            (LeakField::Login, Some(address.as_bytes())),
            (LeakField::Domain, Some(domain.as_bytes())),
            (LeakField::EmailDomain, host),
            (LeakField::Class, Some(class.as_bytes())),
            (LeakField::Url, Some(site)),
            (LeakField::UrlDomain, Some(site)),
        ],
    );
}

/// Adds the leak of a log by its parts, for one that is asked for by its id.
pub(super) fn one_log(address: &RawText, site: &RawText, domain: &str, is_ours: bool) -> LeakBatch {
    let mut batch = LeakBatch::with_capacity(1);
    let class = if is_ours { EMPLOYEE } else { CUSTOMER };
    push_log(&mut batch, address, site.as_bytes(), domain, class);
    batch
}

#[async_trait]
impl LeakSource for Hibp {
    fn page_size(&self) -> u32 {
        self.settings.page_size.unwrap_or(PAGE_SIZE).max(1)
    }

    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        let age = if page.index == 0 {
            Age::Fresh
        } else {
            Age::Recent
        };
        let plan = self.known_plan().await?;
        let subscribed = self.subscribed(age).await?;
        let parts = parts(&domains_of(&subscribed, query), query, plan.has_logs);
        let mut answer = LeakPage {
            next: NextPage::numbered(Some(parts.len() as u64)),
            page_size: if page.size == 0 {
                self.page_size()
            } else {
                page.size
            },
            ..LeakPage::default()
        };
        let mut walked = Completeness::default();
        if page.index == 0 {
            // Told once, with the page that the list of domains was asked for.
            walked = walked_of(&subscribed);
            // A reading from the start asks once more whether there is a newer breach.
            self.memory.newest.forget().await;
        }
        match parts.get(page.index as usize) {
            Some((Part::Breaches, domain)) => {
                let cut = subscribed
                    .domains
                    .iter()
                    .find(|one| one.asked() == Some(domain))
                    .and_then(|one| one.cut(plan.most_addresses));
                self.breach_page(query, domain, &mut answer, &mut walked)
                    .await?;
                walked.contradicts(cut);
            }
            Some((Part::Logs, domain)) => {
                let logs = self.logs_of(domain, &subscribed, query, Age::Fresh).await?;
                take_logs(&mut walked, domain, &logs);
                add_logs(&mut answer.leaks, domain, &logs, query);
            }
            None => {}
        }
        answer.unreadable = walked.unreadable;
        answer.contradiction = walked.contradiction;
        answer.missing_domains = walked.left_out;
        Ok(answer)
    }

    /// The service gives no number: every domain is read. Terms that it knows nothing of are not for it to count by.
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        by_address_alone(query)?;
        let mut leaks = 0;
        let add = |mailboxes: &[Mailbox]| {
            let wanted = mailboxes.iter();
            let wanted = wanted.filter(|mailbox| is_wanted(query, &mailbox.address));
            wanted
                .map(|mailbox| mailbox.listed.len() as u64)
                .sum::<u64>()
        };
        self.walk(query, |step| match step {
            Step::Breaches(mailboxes) => leaks += add(&mailboxes.mailboxes),
            Step::Logs(_, logs) => {
                let customers = logs.customers.iter();
                leaks += add(&logs.employees);
                leaks += customers.filter(|one| is_wanted(query, one)).count() as u64;
            }
        })
        .await?
        .check()?;
        Ok(leaks)
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.one_leak(id).await
    }
}

impl Hibp {
    async fn breach_page(
        &self,
        query: &LeakQuery,
        domain: &str,
        answer: &mut LeakPage,
        walked: &mut Completeness,
    ) -> Result<(), ProviderError> {
        let mailboxes = match self.mailboxes(domain, Age::Fresh).await {
            Ok(mailboxes) => mailboxes,
            Err(error) if is_refused(&error) => {
                walked.left_out.push(domain.into());
                walked.contradicts(Some(refused(domain, &error)));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        walked.unreadable += mailboxes.unreadable;
        walked.contradicts(mailboxes.contradiction.clone());
        if mailboxes.mailboxes.is_empty() {
            return Ok(());
        }
        let catalogue = self.catalogue_for(&mailboxes).await?;
        let mut used: IndexMap<RawText, Breach> = IndexMap::new();
        answer.leaks = LeakBatch::with_capacity(mailboxes.leaks() as usize);
        let wanted = mailboxes.mailboxes.iter();
        for mailbox in wanted.filter(|mailbox| is_wanted(query, &mailbox.address)) {
            let identity = mailbox.address.as_bytes().to_ascii_lowercase();
            for name in &mailbox.listed {
                let breach = used
                    .entry(name.clone())
                    .or_insert_with(|| catalogue.spelt(name));
                push_breach(
                    &mut answer.leaks,
                    &identity,
                    &mailbox.address,
                    domain,
                    breach,
                );
            }
        }
        answer.breaches = used.into_values().collect();
        Ok(())
    }

    /// The catalogue with every breach of these mailboxes, as far as the service has them.
    async fn catalogue_for(&self, mailboxes: &Mailboxes) -> Result<Arc<Catalogue>, ProviderError> {
        let mut seen = HashSet::new();
        let names = mailboxes.mailboxes.iter().flat_map(|one| &one.listed);
        self.known_breaches(names.filter(|name| seen.insert(*name)))
            .await
    }

    /// What is known of a domain from logs. A list that could not be read is missing, and says why: that it has a limit
    /// of its own must not cost the rest.
    pub(super) async fn logs_of(
        &self,
        domain: &str,
        subscribed: &Subscribed,
        query: &LeakQuery,
        age: Age,
    ) -> Result<Logs, ProviderError> {
        let mut logs = Logs::default();
        if wants_class(query, Some(EMPLOYEE)) {
            match self.employees(domain, age).await {
                Ok(employees) => {
                    logs.unreadable += employees.unreadable;
                    logs.employees = employees.mailboxes;
                    logs.problem = employees.contradiction;
                }
                Err(error) => logs.lack(domain, error)?,
            }
        }
        if wants_class(query, Some(CUSTOMER)) {
            match self.customers(domain, age).await {
                Ok(customers) => {
                    logs.unreadable += customers.unreadable;
                    let others = customers.addresses.iter();
                    let others = others.filter(|one| !logs.has(domain, one, subscribed));
                    logs.customers = others.cloned().collect();
                }
                Err(error) => logs.lack(domain, error)?,
            }
        }
        Ok(logs)
    }

    /// Goes through all that a query is about, domain by domain.
    pub(super) async fn walk(
        &self,
        query: &LeakQuery,
        mut each: impl FnMut(Step<'_>) + Send,
    ) -> Result<Completeness, ProviderError> {
        let plan = self.known_plan().await?;
        let subscribed = self.subscribed(Age::Recent).await?;
        let mut walked = walked_of(&subscribed);
        for (part, domain) in parts(&domains_of(&subscribed, query), query, plan.has_logs) {
            match part {
                Part::Breaches => match self.mailboxes(&domain, Age::Recent).await {
                    Ok(mailboxes) => {
                        each(Step::Breaches(&mailboxes));
                        walked.unreadable += mailboxes.unreadable;
                        walked.contradicts(mailboxes.contradiction);
                    }
                    Err(error) if is_refused(&error) => {
                        walked.contradicts(Some(refused(&domain, &error)));
                        walked.left_out.push(domain.as_str().into());
                    }
                    Err(error) => return Err(error),
                },
                Part::Logs => {
                    let logs = self
                        .logs_of(&domain, &subscribed, query, Age::Recent)
                        .await?;
                    each(Step::Logs(&domain, &logs));
                    take_logs(&mut walked, &domain, &logs);
                }
            }
        }
        let mut cut = subscribed.domains.iter();
        let cut = cut.find_map(|one| one.cut(plan.most_addresses));
        walked.contradicts(cut);
        Ok(walked)
    }
}

impl Logs {
    /// Notes that a list could not be read. What stops everything else is an error still.
    fn lack(&mut self, domain: &str, error: ProviderError) -> Result<(), ProviderError> {
        if error.is_refused_key() || error == ProviderError::Cancelled {
            return Err(error);
        }
        self.problem.get_or_insert_with(|| {
            format!("the stealer logs of {domain} are not all here: the service {error}")
        });
        Ok(())
    }

    /// Whether an address with the domain as its site is a mailbox's own row, here or at another domain of ours.
    fn has(&self, domain: &str, address: &RawText, subscribed: &Subscribed) -> bool {
        let host = address.as_str().and_then(|text| text.rsplit_once('@'));
        let Some((_, host)) = host else { return false };
        if !host.eq_ignore_ascii_case(domain) {
            return subscribed.has(host);
        }
        self.employees.iter().any(|one| {
            one.address
                .as_bytes()
                .eq_ignore_ascii_case(address.as_bytes())
                && one
                    .listed
                    .iter()
                    .any(|site| site.as_bytes().eq_ignore_ascii_case(domain.as_bytes()))
        })
    }
}

/// Adds the leaks of a domain's logs to a page.
fn add_logs(batch: &mut LeakBatch, domain: &str, logs: &Logs, query: &LeakQuery) {
    for mailbox in &logs.employees {
        if is_wanted(query, &mailbox.address) {
            push_employee(batch, mailbox, domain);
        }
    }
    for address in &logs.customers {
        if is_wanted(query, address) {
            push_log(batch, address, domain.as_bytes(), domain, CUSTOMER);
        }
    }
}

/// What is said of a domain that was refused, in the service's own words where it has any.
fn refused(domain: &str, error: &ProviderError) -> String {
    let words = match error {
        ProviderError::Forbidden { message } | ProviderError::Rejected { message, .. } => {
            message.as_deref()
        }
        _ => None,
    };
    match words {
        Some(words) => format!("{domain} was refused: {words}"),
        None => format!("{domain} was refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_and_an_address_decide_which_pages_are_read() {
        let domains = ["a.example", "b.example"].map(str::to_owned);
        let count = |query: &LeakQuery, has_logs| {
            let parts = parts(&domains, query, has_logs);
            let breaches = parts.iter().filter(|(part, _)| *part == Part::Breaches);
            (breaches.count(), parts.len())
        };
        let all = LeakQuery::default();
        assert_eq!(count(&all, false), (2, 2));
        assert_eq!(count(&all, true), (2, 4));
        let customers = LeakQuery {
            class: Some(CUSTOMER.to_owned()),
            ..LeakQuery::default()
        };
        assert_eq!(count(&customers, true), (0, 2));
        assert_eq!(count(&customers, false), (0, 0));
        let address = LeakQuery {
            email: Some("X@B.example".to_owned()),
            ..LeakQuery::default()
        };
        assert_eq!(count(&address, true), (1, 3));
    }
}
