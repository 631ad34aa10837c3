//! Which watched domain a leak is filed under. The provider does not say it of a leak, so its own list of domains is
//! asked for once and kept; where that fails, pages come without domains and say so, and the list is asked for again
//! later.

use super::{LeaksAi, domain, domain::MonitoredDomain, host, malformed_error};
use crate::{
    entity::{
        self,
        domain::Domain,
        error::ProviderError,
        key::{EntityKey, Kind, RemoteId},
        raw_text::RawText,
    },
    http::{Request, json::Value},
    provider::{
        LeakSource,
        judge::{self, Totals},
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

/// Pages of domains; a provider that never ends is not followed for ever.
const MAX_PAGES: u32 = 1000;

/// How long a page of leaks waits for the list of domains.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the list is left alone after it failed.
const RETRY_PAUSE: Duration = Duration::from_secs(60);

/// The watched domains by their compared names.
#[derive(Debug, Default)]
pub(super) struct DomainNames {
    entries: HashMap<Vec<u8>, DomainEntry>,
    /// They stand for a list that could not be read, not for one that is empty.
    pub(super) is_unknown: bool,
}

#[derive(Debug)]
struct DomainEntry {
    name: RawText,
    id: Option<RawText>,
    is_monitored: bool,
}

impl DomainNames {
    fn from_domains(domains: &[MonitoredDomain]) -> Self {
        let named = |one: &MonitoredDomain| DomainEntry {
            name: one.name.clone(),
            id: one.id.clone(),
            is_monitored: one.archived != Some(true),
        };
        let key = |one: &MonitoredDomain| host::normalize(one.name.as_bytes());
        Self {
            entries: domains
                .iter()
                .filter_map(|one| Some((key(one)?, named(one))))
                .collect(),
            is_unknown: false,
        }
    }

    /// In the place of those that cannot be had.
    fn is_unknown() -> Arc<Self> {
        Arc::new(Self {
            is_unknown: true,
            ..Self::default()
        })
    }

    /// The longest watched domain that a name is or belongs to, in whatever spelling either came.
    pub(super) fn longest_match(&self, name: &[u8]) -> Option<&RawText> {
        let name = entity::host::normalize(name);
        let mut rest = &name[..];
        loop {
            if let Some(found) = self.entries.get(rest).filter(|found| found.is_monitored) {
                return Some(&found.name);
            }
            let dot = memchr::memchr(b'.', rest)?;
            rest = rest.get(dot + 1..)?;
        }
    }

    /// What the provider calls a domain that we know by its name.
    pub(super) fn domain_id(&self, name: &[u8]) -> Option<&RawText> {
        self.entries.get(&host::normalize(name)?)?.id.as_ref()
    }
}

/// The list, as far as it is known.
#[derive(Default)]
pub(super) struct MonitoredDomains(Mutex<State>);

#[derive(Default)]
struct State {
    known: Option<Arc<DomainNames>>,
    /// Not asked for before this.
    not_before: Option<Instant>,
}

/// One page of domains.
pub(super) struct DomainPage {
    domains: Vec<MonitoredDomain>,
    /// How many pages there are, where it says.
    pages: Option<u64>,
    /// How many domains there are, where it says.
    total: Option<u64>,
}

impl LeaksAi {
    /// The watched domains, asked for once. None while they cannot be had: a page does not fail for them.
    pub(super) async fn domain_names(&self) -> Arc<DomainNames> {
        // Held while asking: the pages of a first load wait for one answer instead of asking each.
        let mut state = self.monitored_domains.0.lock().await;
        if let Some(known) = &state.known {
            return known.clone();
        }
        if state
            .not_before
            .is_some_and(|moment| Instant::now() < moment)
        {
            return DomainNames::is_unknown();
        }
        if let Ok(Ok(domains)) = tokio::time::timeout(LIST_TIMEOUT, self.listed_domains()).await {
            let names = Arc::new(DomainNames::from_domains(&domains));
            state.known = Some(names.clone());
            return names;
        }
        state.not_before = Some(Instant::now() + RETRY_PAUSE);
        DomainNames::is_unknown()
    }

    pub(super) async fn all_domains(&self) -> Result<Vec<Domain>, ProviderError> {
        let domains = self.listed_domains().await?;
        self.monitored_domains.0.lock().await.known =
            Some(Arc::new(DomainNames::from_domains(&domains)));
        let entity = |one: MonitoredDomain| Domain {
            key: EntityKey {
                profile: self.settings.name.clone(),
                kind: Kind::Domain,
                id: RemoteId::from(one.name.as_bytes()),
            },
            provider: self.settings.provider.clone(),
            name: one.name,
            verified: None,
            archived: one.archived,
            leaks: None,
            sources: 1,
        };
        Ok(domains.into_iter().map(entity).collect())
    }

    /// All pages, each name once.
    async fn listed_domains(&self) -> Result<Vec<MonitoredDomain>, ProviderError> {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        let asked = self.page_size();
        let (mut came, mut total) = (0, None);
        for index in 0..MAX_PAGES {
            let page = self.domain_page(index, asked).await?;
            let (domains, pages) = (page.domains, page.pages);
            let rows = domains.len();
            came += rows as u64;
            total = page.total.or(total);
            let before = all.len();
            all.extend(domains.into_iter().filter(|one| {
                let name = host::normalize(one.name.as_bytes());
                seen.insert(name.unwrap_or_else(|| one.name.as_bytes().to_vec()))
            }));
            let more = match pages {
                Some(pages) => u64::from(index) + 1 < pages,
                None => rows >= asked as usize,
            };
            // A provider that does not page them sends the same ones again.
            if !more || all.len() == before {
                break;
            }
        }
        match total {
            Some(total) if total != came && total != all.len() as u64 => {
                let why = format!("its total_results is {total}, and {came} domains came");
                Err(malformed_error(&why))
            }
            Some(_) | None => Ok(all),
        }
    }

    /// One page.
    pub(super) async fn domain_page(
        &self,
        index: u32,
        size: u32,
    ) -> Result<DomainPage, ProviderError> {
        let request = Request::get(&["domains"])
            .query("page", u64::from(index) + 1)
            .query("per_page", size);
        let reply = self.transport.read(&request).await?;
        let answer = reply.json()?;
        let [results, pages] = answer
            .get("pagination")
            .map(|pagination| pagination.pick(["total_results", "total_pages"]))
            .unwrap_or_default();
        let pages = pages.value.and_then(Value::count);
        let mut totals = Totals::default();
        totals.add("total_results", results);
        let items = domain::items(answer)
            .filter(|items| items.is_array() || totals.agreed_total() == Some(0))
            .ok_or_else(|| malformed_error("there is no list of domains in it"))?;
        let rows = items.elements().count() as u64;
        if rows == 0
            && totals.is_empty()
            && judge::holds_more(answer, &["data", "domains", "pagination"])
        {
            return Err(malformed_error(judge::EMPTY_BESIDE_OTHERS));
        }
        if let Some(contradiction) = totals.contradiction_with_page(index == 0, rows, pages) {
            return Err(malformed_error(&contradiction));
        }
        let mut domains = Vec::new();
        for item in items.elements() {
            let domain = domain::read(item);
            domains.push(domain.ok_or_else(|| malformed_error("one of its domains has no name"))?);
        }
        Ok(DomainPage {
            domains,
            pages,
            total: totals.agreed_total(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_watched_domain_wins_and_only_at_a_dot() {
        let domain = |name: &str, archived| MonitoredDomain {
            name: RawText::from(name),
            id: Some(RawText::from("d")),
            archived,
        };
        let names = DomainNames::from_domains(&[
            domain("Northwind.example", None),
            domain("eu.northwind.example", Some(false)),
            domain("old.northwind.example", Some(true)),
        ]);
        let longest = |name: &str| {
            names
                .longest_match(name.as_bytes())
                .and_then(RawText::as_str)
        };
        assert_eq!(longest("northwind.example"), Some("Northwind.example"));
        assert_eq!(
            longest("sso.eu.northwind.example"),
            Some("eu.northwind.example")
        );
        assert_eq!(longest("old.northwind.example"), Some("Northwind.example"));
        assert_eq!(
            longest("SSO.EU.Northwind.example."),
            Some("eu.northwind.example")
        );
        assert_eq!(longest("notnorthwind.example"), None);
        assert_eq!(longest("example"), None);
        assert_eq!(longest(""), None);
        assert_eq!(
            names.domain_id(b"NORTHWIND.example."),
            Some(&RawText::from("d"))
        );
        assert_eq!(names.domain_id(b"other.example"), None);
        let names = DomainNames::from_domains(&[domain("München.example", None)]);
        for name in [
            "münchen.example",
            "sso.xn--mnchen-3ya.example",
            "MÜNCHEN.example.",
        ] {
            assert!(names.longest_match(name.as_bytes()).is_some(), "{name}");
        }
    }
}
