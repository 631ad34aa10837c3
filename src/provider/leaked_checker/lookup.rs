//! Looking up addresses and domains: every operation that knows of them, in the contract's order. Here 404 is the
//! answer that nothing is known.

use super::{LeakedChecker, optional_external_request, wire};
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
const MAX_DOMAIN_BREACHES: usize = 1000;

fn lookup_answer(operation: &'static str, result: Result<Finding, ProviderError>) -> LookupAnswer {
    LookupAnswer { operation, result }
}

impl LeakedChecker {
    /// Asks for breaches about a name that a person gave; a refusal does not repeat it.
    async fn request_breaches(
        &self,
        request: Request,
        name: &str,
        read: impl Fn(Value<'_>) -> Option<Breach>,
    ) -> Result<Finding, ProviderError> {
        let request = request.redact(name.as_bytes());
        let answer = self.transport.read(&request).await;
        judge::list(answer, wire::BREACH_LIST, read).into_finding(Finding::of_breaches)
    }

    pub(super) async fn look_up_address(&self, address: &str) -> Vec<LookupAnswer> {
        // One question, two operations: each spells its parameters in its own way and has its own default.
        let bare = optional_external_request(&["breachedaccount", address])
            .query("truncateResponse", false)
            .query("IncludeUnverified", true);
        let wrapped = optional_external_request(&["breachedemail", address])
            .query("truncate", false)
            .query("include_unverified", true);
        let cards = optional_external_request(&["breachedcc", "email", address]);
        vec![
            lookup_answer(
                "listBreachesForAccount",
                self.request_breaches(bare, address, wire::breach).await,
            ),
            lookup_answer(
                "listBreachesForEmail",
                self.request_breaches(wrapped, address, wire::breach).await,
            ),
            lookup_answer("listPastesForAccount", self.find_pastes(address).await),
            lookup_answer(
                "listCardBreachesForEmail",
                self.request_breaches(cards, address, wire::parse_breach_source)
                    .await,
            ),
        ]
    }

    async fn find_pastes(&self, address: &str) -> Result<Finding, ProviderError> {
        self.pastes_by_address(address)
            .await
            .into_finding(|pastes| Finding {
                count: Some(pastes.len() as u64),
                pastes,
                ..Finding::clean()
            })
    }

    /// The breached mailboxes of a domain.
    async fn find_accounts(&self, name: &str) -> Result<Finding, ProviderError> {
        self.judge_mailboxes(name).await.into_finding(|mailboxes| {
            let accounts: Vec<_> = mailboxes.into_iter().map(|one| one.address).collect();
            Finding {
                count: Some(accounts.len() as u64),
                accounts,
                ..Finding::clean()
            }
        })
    }

    /// The breaches of the service at a domain.
    async fn find_service_breaches(&self, name: &str) -> Result<Finding, ProviderError> {
        let query = BreachQuery {
            domain: Some(name.to_owned()),
            spam: None,
        };
        let judged = self.filtered_breaches(&query).await;
        judged.into_finding(|breaches| Finding {
            note: Some("breaches of the service at this domain, not of its mailboxes"),
            ..Finding::of_breaches(breaches)
        })
    }

    pub(super) async fn look_up_domain(&self, name: &str) -> Vec<LookupAnswer> {
        let breaches = optional_external_request(&["breacheddomain", name])
            .query("truncate", false)
            .query("limit", MAX_DOMAIN_BREACHES);
        let accounts = self.find_accounts(name).await;
        let breaches = self.request_breaches(breaches, name, wire::breach).await;
        let breaches = breaches.map(|finding| Finding {
            note: (finding.breaches.len() >= MAX_DOMAIN_BREACHES)
                .then_some("the provider tells of the first 1,000 only"),
            ..finding
        });
        vec![
            lookup_answer("listBreachedAliases", accounts),
            lookup_answer("listBreachesForDomain", breaches),
            lookup_answer("listBreaches", self.find_service_breaches(name).await),
        ]
    }
}
