//! Looking up addresses and domains: every operation that knows of them, in the contract's order. Here 404 is the
//! answer that nothing is known.

use super::{LeakedChecker, external, found, wire};
use crate::{
    entity::{
        breach::Breach,
        error::ProviderError,
        lookup::{Finding, LookupAnswer, Verdict},
    },
    provider::http::{Request, json::Value},
};

/// Breaches of a domain in one answer; the provider gives no more.
const MOST: usize = 1000;

/// Nothing is known.
pub(super) fn clean() -> Finding {
    Finding {
        verdict: Verdict::Clean,
        count: None,
        breaches: Vec::new(),
        pastes: Vec::new(),
        accounts: Vec::new(),
        note: None,
    }
}

/// Breaches, or that there are none.
pub(super) fn of_breaches(breaches: Vec<Breach>) -> Finding {
    Finding {
        verdict: if breaches.is_empty() {
            Verdict::Clean
        } else {
            Verdict::Found
        },
        count: Some(breaches.len() as u64),
        breaches,
        ..clean()
    }
}

fn answer(operation: &'static str, result: Result<Option<Finding>, ProviderError>) -> LookupAnswer {
    LookupAnswer {
        operation,
        result: result.map(|finding| finding.unwrap_or_else(clean)),
    }
}

impl LeakedChecker {
    /// Asks for something about a name that a person gave; a refusal does not repeat it.
    async fn ask(
        &self,
        request: Request,
        name: &str,
        read: impl FnOnce(Value<'_>) -> Result<Finding, ProviderError>,
    ) -> Result<Option<Finding>, ProviderError> {
        let request = request.private(name.as_bytes());
        let reply = found(self.transport.read(&request).await)?;
        reply.map(|reply| read(reply.json()?)).transpose()
    }

    pub(super) async fn look_up_address(&self, address: &str) -> Vec<LookupAnswer> {
        let breaches = |value: Value<'_>| Ok(of_breaches(wire::breaches(value)?));
        // One question, two operations: each spells its parameters in its own way and has its own default.
        let bare = external(&["breachedaccount", address])
            .query("truncateResponse", false)
            .query("IncludeUnverified", true);
        let wrapped = external(&["breachedemail", address])
            .query("truncate", false)
            .query("include_unverified", true);
        let cards = external(&["breachedcc", "email", address]);
        vec![
            answer(
                "listBreachesForAccount",
                self.ask(bare, address, breaches).await,
            ),
            answer(
                "listBreachesForEmail",
                self.ask(wrapped, address, breaches).await,
            ),
            answer("listPastesForAccount", self.pastes_found(address).await),
            answer(
                "listCardBreachesForEmail",
                self.ask(cards, address, |value| {
                    let list = wire::list(value, &["breaches", "data"])?;
                    Ok(of_breaches(
                        list.elements().filter_map(wire::sourced).collect(),
                    ))
                })
                .await,
            ),
        ]
    }

    async fn pastes_found(&self, address: &str) -> Result<Option<Finding>, ProviderError> {
        let pastes = self.pastes_of(address).await?;
        Ok(pastes
            .filter(|pastes| !pastes.is_empty())
            .map(|pastes| Finding {
                verdict: Verdict::Found,
                count: Some(pastes.len() as u64),
                pastes,
                ..clean()
            }))
    }

    pub(super) async fn look_up_domain(&self, name: &str) -> Vec<LookupAnswer> {
        let aliases = external(&["breacheddomain", "emails", name]);
        let breaches = external(&["breacheddomain", name])
            .query("truncate", false)
            .query("limit", MOST);
        let service = external(&["breaches"]).private_query("domain", name);
        vec![
            answer(
                "listBreachedAliases",
                self.ask(aliases, name, |value| {
                    let mailboxes = wire::mailboxes(value, name)?;
                    let all = mailboxes.all.into_iter();
                    let accounts: Vec<_> = all.map(|mailbox| mailbox.address).collect();
                    Ok(Finding {
                        verdict: if accounts.is_empty() {
                            Verdict::Clean
                        } else {
                            Verdict::Found
                        },
                        count: Some(accounts.len() as u64),
                        accounts,
                        ..clean()
                    })
                })
                .await,
            ),
            answer(
                "listBreachesForDomain",
                self.ask(breaches, name, |value| {
                    let breaches = wire::breaches(value)?;
                    let note = (breaches.len() >= MOST)
                        .then_some("the provider tells of the first 1,000 only");
                    Ok(Finding {
                        note,
                        ..of_breaches(breaches)
                    })
                })
                .await,
            ),
            answer(
                "listBreaches",
                self.ask(service, name, |value| {
                    Ok(Finding {
                        note: Some("breaches of the service at this domain, not of its mailboxes"),
                        ..of_breaches(wire::breaches(value)?)
                    })
                })
                .await,
            ),
        ]
    }
}
