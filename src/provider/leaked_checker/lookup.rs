//! Looking up addresses and domains: every operation that knows of them, in the contract's order. Here 404 is the
//! answer that nothing is known.

use super::{LeakedChecker, external_or_none, wire};
use crate::{
    entity::{
        breach::{Breach, BreachQuery},
        error::ProviderError,
        lookup::{Finding, LookupAnswer},
    },
    http::{Request, json::Value},
    provider::judge,
};

/// Breaches of a domain in one answer; the provider gives no more.
const MOST: usize = 1000;

fn answer(operation: &'static str, result: Result<Finding, ProviderError>) -> LookupAnswer {
    LookupAnswer { operation, result }
}

impl LeakedChecker {
    /// Asks for breaches about a name that a person gave; a refusal does not repeat it.
    async fn ask(
        &self,
        request: Request,
        name: &str,
        read: impl Fn(Value<'_>) -> Option<Breach>,
    ) -> Result<Finding, ProviderError> {
        let request = request.private(name.as_bytes());
        let answer = self.transport.read(&request).await;
        judge::list(answer, wire::BREACHES, read).finding(Finding::of_breaches)
    }

    pub(super) async fn look_up_address(&self, address: &str) -> Vec<LookupAnswer> {
        // One question, two operations: each spells its parameters in its own way and has its own default.
        let bare = external_or_none(&["breachedaccount", address])
            .query("truncateResponse", false)
            .query("IncludeUnverified", true);
        let wrapped = external_or_none(&["breachedemail", address])
            .query("truncate", false)
            .query("include_unverified", true);
        let cards = external_or_none(&["breachedcc", "email", address]);
        vec![
            answer(
                "listBreachesForAccount",
                self.ask(bare, address, wire::breach).await,
            ),
            answer(
                "listBreachesForEmail",
                self.ask(wrapped, address, wire::breach).await,
            ),
            answer("listPastesForAccount", self.pastes_found(address).await),
            answer(
                "listCardBreachesForEmail",
                self.ask(cards, address, wire::sourced).await,
            ),
        ]
    }

    async fn pastes_found(&self, address: &str) -> Result<Finding, ProviderError> {
        self.pastes_of(address).await.finding(|pastes| Finding {
            count: Some(pastes.len() as u64),
            pastes,
            ..Finding::clean()
        })
    }

    /// The breached mailboxes of a domain.
    async fn accounts_found(&self, name: &str) -> Result<Finding, ProviderError> {
        self.mailboxes_of(name).await.finding(|mailboxes| {
            let accounts: Vec<_> = mailboxes.into_iter().map(|one| one.address).collect();
            Finding {
                count: Some(accounts.len() as u64),
                accounts,
                ..Finding::clean()
            }
        })
    }

    /// The breaches of the service at a domain.
    async fn service_found(&self, name: &str) -> Result<Finding, ProviderError> {
        let query = BreachQuery {
            domain: Some(name.to_owned()),
            spam: None,
        };
        let judged = self.narrowed_breaches(&query).await;
        judged.finding(|breaches| Finding {
            note: Some("breaches of the service at this domain, not of its mailboxes"),
            ..Finding::of_breaches(breaches)
        })
    }

    pub(super) async fn look_up_domain(&self, name: &str) -> Vec<LookupAnswer> {
        let breaches = external_or_none(&["breacheddomain", name])
            .query("truncate", false)
            .query("limit", MOST);
        let accounts = self.accounts_found(name).await;
        let breaches = self.ask(breaches, name, wire::breach).await;
        let breaches = breaches.map(|finding| Finding {
            note: (finding.breaches.len() >= MOST)
                .then_some("the provider tells of the first 1,000 only"),
            ..finding
        });
        vec![
            answer("listBreachedAliases", accounts),
            answer("listBreachesForDomain", breaches),
            answer("listBreaches", self.service_found(name).await),
        ]
    }
}
