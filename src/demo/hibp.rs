//! The imitated Have I Been Pwned: its seventeen operations, its state, and which answer comes from where. It listens on a
//! port of its own: the service below `/api/v3`, the password ranges, which take no key, below `/passwords`.
//!
//! The breaches are real ones, and one of stealer logs that is made up; the addresses that are said to be in them are made
//! up. Three domains are proven; one of them was never searched. Sensitive breaches stand in the lists of domains and are
//! not told of an address; retired ones match nobody. What the contract has two ways for is chosen by a switch: a key
//! that is refused in plain text, a 404 without a body, a domain beyond the plan, a web page of the network in front.
//!
//! A path that leads nowhere is answered as a gateway would: by a 404 that looks nearly like the service's own.

mod accounts;
mod front;
mod proofs;
mod test_accounts;
mod wire;

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::SystemName;
use super::catalogue::catalogue;
use super::generator::LeakGenerator;
use super::passwords::{self, Form, Passwords};
use super::population::{LeakSplit, SharedPopulation};
use super::system::{Answer, Call, Changes, RequestFaults, StandInSystem, System};
use accounts::{Accounts, CUT, NEVER_SEARCHED, VERIFIED};
use front::{Door, key_of};
use proofs::Proofs;
use wire::{error, nothing, shown, text};

/// What the system is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// What data and keys depend on.
    pub(crate) seed: u64,
    /// How many leaks each system has.
    pub(crate) shares: LeakSplit,
    /// The day that dates count back from.
    pub(crate) today: Date,
    /// Whether odd logins are many.
    pub(crate) hostile: bool,
    /// Requests that the server takes in any minute, where it was told.
    pub(crate) rpm: Option<u32>,
}

/// The state: the proofs. All else is computed, once it is asked for.
pub(crate) struct Hibp {
    settings: Settings,
    key: String,
    proofs: Proofs,
    accounts: Option<Accounts>,
    passwords: Option<Passwords>,
}

/// The system.
pub(crate) fn imitate(settings: Settings) -> StandInSystem {
    let key = front::api_key(settings.seed);
    StandInSystem {
        router: Box::new(Door::new(key.clone())),
        system: Box::new(Hibp {
            settings,
            key,
            proofs: Proofs::new(settings.seed),
            accounts: None,
            passwords: None,
        }),
    }
}

impl Hibp {
    fn accounts(&mut self) -> &Accounts {
        let settings = self.settings;
        self.accounts
            .get_or_insert_with(|| Accounts::new(settings.seed, &crowd(settings)))
    }

    fn passwords(&mut self) -> &Passwords {
        let settings = self.settings;
        self.passwords.get_or_insert_with(|| hash(settings))
    }

    /// Whether the key of a call is not the one that was given out, and so a test key.
    fn is_test_key(&self, call: &Call) -> bool {
        key_of(&call.headers).is_some_and(|key| !key.eq_ignore_ascii_case(self.key.as_bytes()))
    }

    fn breached_account(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = wire::account(call)?;
        let truncated = wire::flag(call, "truncateResponse")?.unwrap_or(true);
        let unverified = wire::flag(call, "includeUnverified")?.unwrap_or(true);
        let domain = wire::query(call, "domain").map(str::to_lowercase);
        let test = self.is_test_key(call);
        let mut found = match test_accounts::breaches(&account) {
            Some(found) => found,
            None if test => return Err(wire::invalid_key(call)),
            None => self.accounts().public(&account),
        };
        found.retain(|breach| unverified || breach.is_verified);
        found.retain(|breach| {
            domain
                .as_ref()
                .is_none_or(|domain| breach.domain == *domain)
        });
        if found.is_empty() {
            return Err(nothing(call));
        }
        let found = found.into_iter().map(|breach| {
            if truncated {
                json!({ "Name": breach.name })
            } else {
                shown(breach, call)
            }
        });
        Ok(Answer::json(200, &found.collect()))
    }

    fn range(&mut self, call: &Call) -> Result<Answer, Answer> {
        let prefix = wire::named(call);
        if prefix.len() != 6 || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(text(400, "Invalid hex prefix"));
        }
        if call.faults.odd.small_plan {
            return Err(text(
                403,
                "Your HIBP API key does not have access to this resource",
            ));
        }
        let found = self.accounts().range(&prefix.to_ascii_uppercase());
        if found.is_empty() {
            return Err(text(404, "There are no hashes beginning with that prefix"));
        }
        let entries = found
            .iter()
            .map(|(suffix, names)| json!({ "hashSuffix": suffix, "websites": names }));
        Ok(Answer::json(200, &entries.collect()))
    }

    /// The domain that the path names, where the account has proven it.
    fn own_domain(&self, call: &Call) -> Result<String, Answer> {
        let domain = wire::named(call).to_lowercase();
        if VERIFIED.contains(&&*domain) || self.proofs.is_verified(&domain) {
            Ok(domain)
        } else {
            Err(error(403, "Domain has not been verified."))
        }
    }

    fn breached_domain(&mut self, call: &Call) -> Result<Answer, Answer> {
        let domain = self.own_domain(call)?;
        let odd = call.faults.odd;
        let is_cut = domain == CUT;
        if is_cut && odd.beyond_plan {
            return Err(error(
                403,
                "The domain has more breached accounts than the subscription covers.",
            ));
        }
        let locals = self.accounts().aliases(&domain);
        let mut members = serde_json::Map::new();
        for (local, names) in locals {
            let names = if is_cut && odd.cut_domain {
                names
                    .into_iter()
                    .filter(|name| *name == wire::LOGS)
                    .collect()
            } else {
                names
            };
            if !names.is_empty() {
                members.insert(local, json!(names));
            }
        }
        if members.is_empty() {
            return Err(nothing(call));
        }
        Ok(Answer::json(200, &Value::Object(members)))
    }

    fn domains(&mut self, call: &Call) -> Answer {
        let renewal = self.renewal();
        let over = call.faults.odd.beyond_plan || call.faults.odd.cut_domain;
        let mut all = Vec::new();
        for name in VERIFIED {
            let count = self.accounts().aliases(name).len() as u64;
            let (now, before) = if over && name == CUT {
                (2_000_001, 2_000_001)
            } else {
                (count, count.saturating_sub(count / 10))
            };
            let mut entry = json!({
                "DomainName": name,
                "PwnCount": now,
                "PwnCountExcludingSpamLists": now,
                "PwnCountExcludingSpamListsAtLastSubscriptionRenewal": before,
                "NextSubscriptionRenewal": format!("{renewal}T00:00:00"),
            });
            if name == NEVER_SEARCHED
                && let Some(members) = entry.as_object_mut()
            {
                for (member, value) in members.iter_mut() {
                    if member != "DomainName" {
                        *value = Value::Null;
                    }
                }
            }
            all.push(wire::odd(entry, call));
        }
        for name in self.proofs.verified() {
            all.push(json!({ "DomainName": name }));
        }
        Answer::json(200, &all.into())
    }

    fn renewal(&self) -> Date {
        let start = self.settings.today.first_of_month();
        start.saturating_add(1.year())
    }

    fn plan(&self, call: &Call) -> Result<Answer, Answer> {
        if call.faults.odd.no_plan {
            return Err(error(404, "No active subscription found."));
        }
        let small = call.faults.odd.small_plan;
        let rpm = self.settings.rpm.unwrap_or(front::RPM);
        Ok(Answer::json(
            200,
            &json!({
                "SubscriptionName": if small { "Core 1" } else { "Pro 1" },
                "Description": "For organisations that watch many domains",
                "SubscribedUntil": format!("{}T00:00:00", self.renewal()),
                "Rpm": rpm,
                "DomainSearchMaxBreachedAccounts": if small { 25_000 } else { 1_000_000 },
                "MaxBreachedDomains": 50,
                "IncludesStealerLogs": !small,
                "IncludesBulkDomainAdd": !small,
                "IncludesAutoSubdomainVerification": !small,
                "IncludesCustomerDomains": !small,
                "IncludesKAnon": !small,
            }),
        ))
    }

    /// A list of logs, where the plan has them.
    fn logs(&mut self, call: &Call) -> Result<Answer, Answer> {
        if call.faults.odd.small_plan {
            return Err(error(
                403,
                "Your subscription does not have access to stealer logs.",
            ));
        }
        if call.operation.id == "listStealerSitesForEmail" {
            let account = wire::account(call)?;
            if let Some(found) = test_accounts::sites(&account) {
                return Ok(Answer::json(200, &json!(found)));
            }
            if self.is_test_key(call) {
                return Err(wire::invalid_key(call));
            }
            if !VERIFIED.contains(&&*account.domain) {
                return Err(error(403, "Domain has not been verified."));
            }
            let sites = self.accounts().sites(&account);
            return listed(call, &json!(sites), sites.is_empty());
        }
        let domain = self.own_domain(call)?;
        if call.faults.odd.logs_429 {
            return Err(
                error(429, "Rate limit is exceeded. Try again in 3600 seconds.")
                    .with_header("retry-after", "3600"),
            );
        }
        let accounts = self.accounts();
        if call.operation.id == "listStealerMailboxes" {
            let found = accounts.employees(&domain);
            let is_empty = found.is_empty();
            return listed(call, &json!(found), is_empty);
        }
        let found = accounts.customers(&domain);
        let is_empty = found.is_empty();
        listed(call, &json!(found), is_empty)
    }

    fn pastes(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = wire::account(call)?;
        let test = self.is_test_key(call);
        let pastes = match test_accounts::pastes(&account) {
            Some(found) => found,
            None if test => return Err(wire::invalid_key(call)),
            None => self.accounts().pastes(&account),
        };
        if pastes.is_empty() {
            return Err(nothing(call));
        }
        let pastes = pastes.into_iter().map(|paste| wire::odd(paste, call));
        Ok(Answer::json(200, &pastes.collect()))
    }

    fn password_range(&mut self, call: &Call) -> Result<Answer, Answer> {
        let prefix = wire::named(call);
        if call.faults.odd.range_404 {
            return Err(text(404, "The hash prefix was not found"));
        }
        if !passwords::is_prefix(prefix) {
            return Err(text(400, "The hash prefix was not in a valid format"));
        }
        let padded = call
            .headers
            .get("add-padding")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        let form = match wire::query(call, "mode") {
            Some("ntlm") => Form::Ntlm,
            _ => Form::Sha1,
        };
        let range = self.passwords().range(prefix, form, padded);
        Ok(Answer::bytes(200, "text/plain", range))
    }
}

/// A list, or that there is nothing.
fn listed(call: &Call, found: &Value, is_empty: bool) -> Result<Answer, Answer> {
    if is_empty {
        Err(nothing(call))
    } else {
        Ok(Answer::json(200, found))
    }
}

fn crowd(settings: Settings) -> SharedPopulation {
    let Settings {
        seed,
        shares,
        today,
        hostile,
        ..
    } = settings;
    SharedPopulation::new(SystemName::Hibp, seed, shares, today, hostile)
}

/// The passwords of the newest leaks here and at the first system, whose rows some of these are.
fn hash(settings: Settings) -> Passwords {
    let theirs = settings.shares.projectdiscovery;
    let world = LeakGenerator::new(settings.seed, theirs, settings.today, settings.hostile);
    Passwords::of_newest(settings.seed, theirs, &world, &crowd(settings))
}

/// All breaches, or those of a service or of a kind.
fn breaches(call: &Call) -> Result<Answer, Answer> {
    let domain = wire::query(call, "domain").map(str::to_lowercase);
    let spam = wire::flag(call, "isSpamList")?;
    let found = wire::all()
        .filter(|breach| {
            domain
                .as_ref()
                .is_none_or(|domain| breach.domain == *domain)
        })
        .filter(|breach| spam.is_none_or(|spam| breach.is_spam_list == spam))
        .map(|breach| shown(breach, call));
    Ok(Answer::json(200, &found.collect()))
}

fn data_classes(call: &Call) -> Answer {
    let mut classes: Vec<&str> = catalogue().data_classes().into_iter().collect();
    if call.faults.unknown {
        classes.push("Retina scans");
    }
    Answer::json(200, &json!(classes))
}

impl System for Hibp {
    fn answer(&mut self, call: &Call) -> Answer {
        let odd = call.faults.odd;
        if odd.edge_403 {
            return wire::edge(403);
        }
        if odd.edge_503 {
            return wire::edge(503);
        }
        let answer = match call.operation.id {
            "listBreachesForAccount" => self.breached_account(call),
            "listPastesForAccount" => self.pastes(call),
            "listBreaches" => breaches(call),
            "getBreach" => wire::breach_named(wire::named(call))
                .map(|breach| Answer::json(200, &shown(breach, call)))
                .ok_or_else(|| error(404, "Not found")),
            "getLatestBreach" => wire::latest()
                .map(|breach| Answer::json(200, &shown(breach, call)))
                .ok_or_else(|| error(404, "Not found")),
            "listDataClasses" => Ok(data_classes(call)),
            "checkPasswordRange" => self.password_range(call),
            "listStealerSitesForEmail" => self.logs(call),
            _ if self.is_test_key(call) => Err(wire::invalid_key(call)),
            "rangeBreachedAccounts" => self.range(call),
            "listBreachedMailboxes" => self.breached_domain(call),
            "listSubscribedDomains" => Ok(self.domains(call)),
            "startDnsProof" => self.proofs.start(call),
            "checkDnsProof" => self.proofs.check(call),
            "sendProofMail" => self.proofs.mail(call),
            "getSubscription" => self.plan(call),
            _ => self.logs(call),
        };
        match answer {
            Ok(answer) | Err(answer) => answer,
        }
    }

    fn statuses(&mut self, _: Instant, _: RequestFaults) -> Vec<u8> {
        b"{}".to_vec()
    }

    fn set_statuses(&mut self, statuses: &BTreeMap<String, String>) -> Result<(), String> {
        if statuses.is_empty() {
            Ok(())
        } else {
            Err("Have I Been Pwned keeps no statuses".to_owned())
        }
    }

    fn change_leaks(&mut self, changes: &Changes) -> Result<(), String> {
        if changes.is_empty() {
            Ok(())
        } else {
            Err("Have I Been Pwned's leaks have no ids, and none come in".to_owned())
        }
    }

    fn reset(&mut self) {
        self.proofs.reset();
    }
}
