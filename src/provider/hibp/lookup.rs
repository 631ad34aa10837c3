//! Looking up addresses, domains and passwords. A 404 of an operation about an address or a domain is the answer that
//! nothing is known; of the password range it is neither safe nor leaked.

use super::{
    Hibp, PRIVATE_ALWAYS, PRIVATE_NEVER, account,
    catalogue::whole_breach,
    unsupported_error,
    watch::{Age, NEVER_EMPTY, text_of},
};
use crate::{
    entity::{
        breach::{Breach, BreachQuery},
        error::ProviderError,
        lookup::{Finding, Lookup, LookupAnswer, Verdict},
        raw_text::RawText,
        secret::Secret,
    },
    http::{HttpResponse, Media, NotFound, Request, json::Value},
    provider::{
        LookupSource,
        breach::range::{self, Hash},
        judge,
    },
};
use async_trait::async_trait;
use sha1::{Digest, Sha1};
use zeroize::Zeroize;

/// Characters of an address's hash that leave.
const PREFIX: usize = 6;

/// How many of a minute's requests a range of addresses counts as.
const RANGE_COST: u32 = 2;

const BY_RANGE: &str = "asked by k-anonymity: six characters of the address's SHA-1 left this machine and the address did not; it counted as 2 of the minute's requests; sensitive, retired and opted-out entries are not told, so clean means not known here";
const BY_ADDRESS: &str = "the address itself was sent, as the profile says (email_lookup); it counted as 1 of the minute's requests; sensitive, retired and opted-out entries are not told, so clean means not known here";
const BY_PLAN: &str = "the address itself was sent, because the plan has no k-anonymity; it counted as 1 of the minute's requests; sensitive, retired and opted-out entries are not told, so clean means not known here";
const NOT_ASCII: &str = "nothing was sent: how an address with other than ASCII characters is hashed is not defined; email_lookup = \"address\" asks by the address itself";
const NO_RANGES: &str = "the plan has no k-anonymity, and the profile sends no address (email_lookup); nothing was sent";
const NO_LOGS: &str = "the plan has no stealer logs; nothing was sent";
const NOT_OURS: &str = "stealer logs are for domains of the account alone; nothing was sent";
const OF_SERVICE: &str = "breaches of the service at this domain, not of its mailboxes";
const OF_LOGS: &str = "sites that logins of stealer logs were for, counted";

fn answer(operation: &'static str, result: Result<Finding, ProviderError>) -> LookupAnswer {
    LookupAnswer { operation, result }
}

fn noted(finding: Finding, note: &'static str) -> Finding {
    Finding {
        note: Some(note),
        ..finding
    }
}

#[async_trait]
impl LookupSource for Hibp {
    async fn look_up(&self, lookup: &Lookup) -> Vec<LookupAnswer> {
        match lookup {
            Lookup::Email(address) => self.look_up_address(address.trim()).await,
            Lookup::Domain(name) => self.look_up_domain(name.trim()).await,
            Lookup::Password(password) => vec![self.look_up_password(password, false).await],
            Lookup::Ntlm(password) => vec![self.look_up_password(password, true).await],
            Lookup::Card(_) | Lookup::Ssn(_) => vec![answer(
                "none",
                Err(unsupported_error(
                    "it knows addresses, domains and passwords alone",
                )),
            )],
        }
    }
}

impl Hibp {
    /// An address: by the beginning of its hash where the plan has that and the profile does not say otherwise.
    async fn look_up_address(&self, address: &str) -> Vec<LookupAnswer> {
        let plan = match self.known_plan().await {
            Ok(plan) => plan,
            Err(error) => return vec![answer("rangeBreachedAccounts", Err(error))],
        };
        let options = &self.settings.options;
        let never = options.is_choice(super::EMAIL_LOOKUP, PRIVATE_NEVER);
        if plan.has_ranges && !never {
            let found = self.found_in_range(address).await;
            return vec![answer("rangeBreachedAccounts", found)];
        }
        if options.is_choice(super::EMAIL_LOOKUP, PRIVATE_ALWAYS) {
            return vec![answer(
                "rangeBreachedAccounts",
                Err(unsupported_error(NO_RANGES)),
            )];
        }
        let note = if never { BY_ADDRESS } else { BY_PLAN };
        let request = account(&["breachedaccount", address], address)
            .query("truncateResponse", false)
            .query("includeUnverified", true);
        let breaches = judge::list(self.main.read(&request).await, NEVER_EMPTY, whole_breach);
        let breaches = breaches.into_finding(Finding::of_breaches);
        let pastes = self
            .pastes_of(address)
            .await
            .into_finding(|pastes| Finding {
                count: Some(pastes.len() as u64),
                pastes,
                ..Finding::clean()
            });
        let mut answers = vec![
            answer(
                "listBreachesForAccount",
                breaches.map(|found| noted(found, note)),
            ),
            answer(
                "listPastesForAccount",
                pastes.map(|found| noted(found, note)),
            ),
        ];
        answers.extend(self.sites_found(address, plan.has_logs, note).await);
        answers
    }

    /// The sites of an address in logs: asked for where the plan has them and the domain is ours.
    async fn sites_found(
        &self,
        address: &str,
        has_logs: bool,
        note: &'static str,
    ) -> Option<LookupAnswer> {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        if !has_logs {
            return None;
        }
        let ours = match self.subscribed(Age::Recent).await {
            Ok(subscribed) => subscribed.has(domain),
            Err(error) => return Some(answer("listStealerSitesForEmail", Err(error))),
        };
        if !ours {
            return None;
        }
        let request = account(&["stealerlogsbyemail", address], address);
        let judged = judge::list(self.main.read(&request).await, NEVER_EMPTY, text_of);
        let found = judged.into_finding(sites);
        Some(answer(
            "listStealerSitesForEmail",
            found.map(|found| noted(found, note)),
        ))
    }

    /// Looks for the rest of an address's hash among those that begin alike. What does not match is zeroed with the
    /// answer's bytes and kept nowhere.
    async fn found_in_range(&self, address: &str) -> Result<Finding, ProviderError> {
        let address = address.trim();
        if !address.is_ascii() {
            return Ok(Finding {
                verdict: Verdict::Inconclusive,
                note: Some(NOT_ASCII),
                ..Finding::clean()
            });
        }
        let mut hash = Sha1::digest(address.to_ascii_lowercase().as_bytes());
        let digits = range::digits(&hash);
        hash.as_mut_slice().zeroize();
        let (prefix, suffix) = digits.split_at(PREFIX);
        let prefix =
            std::str::from_utf8(prefix).map_err(|_| unsupported_error("it has no hash"))?;
        let request = Request::get(&["breachedaccount", "range", prefix])
            .with_not_found(NotFound::Words)
            .refused_in_text()
            .redact(address.as_bytes())
            .costs(RANGE_COST);
        let judged = judge::read(self.main.read(&request).await, |reply| {
            matching(reply, suffix)
        });
        let mut found = judged.into_finding(Finding::of_breaches)?;
        if !found.breaches.is_empty() {
            let names: Vec<RawText> = found.breaches.iter().map(|one| one.name.clone()).collect();
            // Without the catalogue the names are all that is known: the verdict does not hang on it.
            if let Ok(catalogue) = self.known_breaches(names.iter()).await {
                for breach in &mut found.breaches {
                    *breach = catalogue.spelt(&breach.name);
                }
            }
        }
        Ok(noted(found, BY_RANGE))
    }

    async fn look_up_domain(&self, name: &str) -> Vec<LookupAnswer> {
        let plan = match self.known_plan().await {
            Ok(plan) => plan,
            Err(error) => return vec![answer("listBreachedMailboxes", Err(error))],
        };
        let mailboxes = self.mailboxes_of(name).await.into_finding(|mailboxes| {
            let accounts: Vec<_> = mailboxes.into_iter().map(|one| one.address).collect();
            Finding {
                count: Some(accounts.len() as u64),
                accounts,
                ..Finding::clean()
            }
        });
        let query = BreachQuery {
            domain: Some(name.to_owned()),
            spam: None,
        };
        let service = self.narrowed_breaches(&query).await;
        let service = service
            .into_finding(Finding::of_breaches)
            .map(|found| noted(found, OF_SERVICE));
        let mut answers = vec![
            answer("listBreachedMailboxes", mailboxes),
            answer("listBreaches", service),
        ];
        answers.extend(self.logs_found(name, plan.has_logs).await);
        answers
    }

    /// Both lists of logs about a domain, or why they were not asked for.
    async fn logs_found(&self, name: &str, has_logs: bool) -> [LookupAnswer; 2] {
        const BY_ADDRESS: &str = "listStealerMailboxes";
        const BY_SITE: &str = "listStealerEmailsForSite";
        let both = |error: ProviderError| {
            [
                answer(BY_ADDRESS, Err(error.clone())),
                answer(BY_SITE, Err(error)),
            ]
        };
        if !has_logs {
            return both(unsupported_error(NO_LOGS));
        }
        match self.subscribed(Age::Recent).await {
            Ok(subscribed) if subscribed.has(name) => {}
            Ok(_) => return both(unsupported_error(NOT_OURS)),
            Err(error) => return both(error),
        }
        let employees = self.employees_of(name).await.into_finding(|mailboxes| {
            accounts(mailboxes.into_iter().map(|one| one.address).collect())
        });
        let customers = self.customers_of(name).await.into_finding(accounts);
        [answer(BY_ADDRESS, employees), answer(BY_SITE, customers)]
    }

    /// A password, by the beginning of its hash, at the host that takes no key.
    async fn look_up_password(&self, password: &Secret, ntlm: bool) -> LookupAnswer {
        answer(
            "checkPasswordRange",
            self.password_found(password, ntlm).await,
        )
    }

    async fn password_found(
        &self,
        password: &Secret,
        ntlm: bool,
    ) -> Result<Finding, ProviderError> {
        let hash = if ntlm {
            Hash::ntlm(password.expose()).ok_or_else(|| {
                super::policy_error(
                    "that is no text, and Windows hashes text alone; nothing was sent",
                )
            })?
        } else {
            Hash::sha1(password.expose())
        };
        let mut request = Request::get(&["range", hash.prefix()])
            .header("add-padding", "true")
            .accepts(&[Media::Plain])
            .with_not_found(NotFound::Words)
            .refused_in_text()
            .without_key();
        if ntlm {
            request = request.query("mode", "ntlm");
        }
        match self.passwords.read(&request).await {
            Ok(reply) => Ok(range::compare(&reply, &hash)),
            Err(ProviderError::NotFound { message, .. }) => Ok(range::not_said(message)),
            Err(error) => Err(error),
        }
    }
}

/// Addresses that were found.
fn accounts(accounts: Vec<RawText>) -> Finding {
    Finding {
        count: Some(accounts.len() as u64),
        accounts,
        ..Finding::clean()
    }
}

/// Sites that were found.
fn sites(sites: Vec<RawText>) -> Finding {
    Finding {
        count: Some(sites.len() as u64),
        accounts: sites,
        note: Some(OF_LOGS),
        ..Finding::clean()
    }
}

/// The breaches of the one entry whose hash ends so. Every other is passed over.
fn matching(
    reply: &HttpResponse,
    suffix: &[u8],
) -> Result<judge::CheckedItems<Breach>, ProviderError> {
    let value = reply.json()?;
    if !value.is_array() {
        return Err(super::malformed_error("there is no list in it"));
    }
    let (mut names, mut unreadable, mut came) = (Vec::new(), 0, 0_usize);
    for entry in value.elements() {
        came += 1;
        let rest = entry.get("hashSuffix").and_then(Value::string);
        let Some(rest) = rest.filter(|rest| rest.len() == suffix.len()) else {
            unreadable += 1;
            continue;
        };
        if !rest.eq_ignore_ascii_case(suffix) {
            continue;
        }
        let list = entry.get("websites").filter(|list| list.is_array());
        let read = |list: Value<'_>| list.elements().map(text_of).collect::<Vec<_>>();
        let read = list.map(read).unwrap_or_default();
        if read.is_empty() {
            unreadable += 1;
        }
        for name in read {
            match name {
                Some(name) => names.push(name),
                None => unreadable += 1,
            }
        }
    }
    if came == 0 {
        return Err(super::malformed_error(
            "its list is empty, and this service says otherwise that there is nothing",
        ));
    }
    let breaches = names.into_iter().map(|name| Breach {
        name,
        ..Breach::default()
    });
    Ok(judge::checked_items(breaches.collect(), unreadable, None))
}
