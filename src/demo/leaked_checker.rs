//! The imitated Leaked Checker: its operations, its state, and which answer comes from where.
//!
//! The breaches are real ones, the addresses that are said to be in them are made up. Where the vendor's documents are
//! silent, it does this: a failure is `{"success": false, "message": …}`; a clean address, an unknown breach and a domain
//! without hits are 404; a domain that is not subscribed, or not proved, is 403; an address without an `@`, a switch
//! that is neither true nor false, a limit that is no whole number above 0 and a body that cannot be read are 400; a
//! limit above 1,000 is cut down to it, and `count` counts what is in the answer. `breachedaccount` includes unverified
//! breaches and `breachedemail` leaves them out, unless asked otherwise; `breachedemail` and `breacheddomain` give whole
//! breaches unless asked for names. A domain's breaches are those that its addresses are in. `breaches` is an array,
//! `breach` and `latestbreach` are bare objects, by title and without case. Sensitive, retired and fabricated breaches
//! are in the catalogue, but nobody is said to be in them.
//!
//! A password range is lines of `SUFFIX:COUNT`, empty where nothing is known and never 404; `Add-Padding: true` fills it
//! up to 800 to 1,000 lines with such of count 0; a prefix that is not five hexadecimal characters is 400. Of the cards
//! only test numbers were leaked. The second header for the key counts, and a user agent is asked for, only by a switch.
//!
//! Keys are administered with a token alone: a list is `{"success", "count", "keys"}`, what is made and what is used is in
//! `data`, taking one back has no body. The documents name only 200 and 401 there; a key that is not there is 404 and a
//! name that cannot be one 400 all the same.
//!
//! The key's three rate headers go with every answer that the limit let through or turned away. Nothing here has pages
//! and no leak has a status: `shift`, `duplicate` and `na` meet nothing.

pub(super) mod accounts;
pub(super) mod breaches;
pub(super) mod keys;
pub(super) mod parameters;
pub(super) mod router;
pub(super) mod sensitive;
pub(super) mod subscription;
pub(super) mod unknown_members;

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::SystemName;
use super::generator::LeakGenerator;
use super::passwords::{self, Form, Passwords};
use super::population::{LeakSplit, SharedPopulation};
use super::system::{Answer, Call, Changes, RequestFaults, StandInSystem, System};
use accounts::{Accounts, PASTE_SOURCES};
use keys::Keys;
use router::LeakedCheckerRouter;

/// What the system is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// What data and keys depend on.
    pub(crate) seed: u64,
    /// How many leaks each system has.
    pub(crate) split: LeakSplit,
    /// The day that dates count back from.
    pub(crate) today: Date,
    /// Whether odd logins are many.
    pub(crate) hostile: bool,
    /// Requests that the server takes in any minute, where it was told.
    pub(crate) rpm: Option<u32>,
}

/// The state: the keys. All else is computed, once it is asked for.
pub(crate) struct LeakedChecker {
    settings: Settings,
    pub(super) seed: u64,
    pub(super) keys: Keys,
    accounts: Option<Accounts>,
    passwords: Option<Passwords>,
}

/// The system.
pub(crate) fn build(settings: Settings) -> StandInSystem {
    let keys = Keys::new(settings.seed, settings.today);
    StandInSystem {
        router: Box::new(LeakedCheckerRouter::new(settings.seed, keys.clone())),
        system: Box::new(LeakedChecker {
            settings,
            seed: settings.seed,
            keys,
            accounts: None,
            passwords: None,
        }),
    }
}

/// A failure, as this system says it.
pub(crate) fn failure(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "success": false, "message": message }))
}

/// What is said of the clean and the unknown.
fn not_found() -> Answer {
    failure(404, "No breaches could be found")
}

impl LeakedChecker {
    /// The addresses, gathered when they are first asked for.
    pub(super) fn accounts(&mut self) -> &Accounts {
        let (seed, settings) = (self.seed, self.settings);
        self.accounts.get_or_insert_with(|| {
            Accounts::new(seed, &population(settings), subscription::is_verified)
        })
    }

    fn passwords(&mut self) -> &Passwords {
        let settings = self.settings;
        self.passwords
            .get_or_insert_with(|| hash_passwords(settings))
    }

    fn pastes(&mut self, call: &Call) -> Result<Answer, Answer> {
        let account = parameters::account(call)?;
        let mut pastes = self.accounts().pastes(&account);
        if pastes.is_empty() {
            return Err(failure(404, "No pastes could be found"));
        }
        if call.faults.unknown {
            for paste in &mut pastes {
                paste["Source"] = "Carrier pigeon".into();
                *paste = unknown_members::add_unknown_members(paste.take(), call);
            }
        }
        Ok(Answer::json(200, &Value::from(pastes)))
    }

    fn password_range(&mut self, call: &Call) -> Result<Answer, Answer> {
        let prefix = parameters::last_segment(call);
        if !passwords::is_prefix(prefix) {
            return Err(failure(
                400,
                "The hash prefix is not five hexadecimal characters",
            ));
        }
        let padded = call
            .headers
            .get("add-padding")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        let range = self.passwords().range(prefix, Form::Sha1, padded);
        if call.faults.boolean {
            // What stands there is not looked at: with so many suffixes to a prefix it would nearly always be true.
            return Ok(Answer::json(
                200,
                &json!({ "success": true, "found": true }),
            ));
        }
        Ok(Answer::bytes(200, "text/plain", range))
    }
}

fn population(settings: Settings) -> SharedPopulation {
    let Settings {
        seed,
        split: shares,
        today,
        hostile,
        ..
    } = settings;
    SharedPopulation::new(SystemName::LeakedChecker, seed, shares, today, hostile)
}

/// The passwords of the newest leaks here and at the first system, whose rows some of these are.
fn hash_passwords(settings: Settings) -> Passwords {
    let theirs = settings.split.projectdiscovery;
    let world = LeakGenerator::new(settings.seed, theirs, settings.today, settings.hostile);
    Passwords::of_newest(settings.seed, theirs, &world, &population(settings))
}

fn status() -> Answer {
    Answer::json(
        200,
        &json!({
            "success": true,
            "status": "operational",
            "version": "1.0",
            "message": "Leaked Checker API is operational.",
        }),
    )
}

fn paste_sources(call: &Call) -> Answer {
    let mut sources = PASTE_SOURCES.to_vec();
    if call.faults.unknown {
        sources.push("Carrier pigeon");
    }
    Answer::json(200, &json!(sources))
}

/// The id of a key in the path.
fn key_id(call: &Call) -> &str {
    call.segments.get(1).map_or("", String::as_str)
}

impl System for LeakedChecker {
    fn answer(&mut self, call: &Call) -> Answer {
        if let Some(key) = router::presented_key(&call.headers, call.faults) {
            self.keys.record_use(key, call.operation.id);
        }
        let today = self.settings.today;
        let answer = match call.operation.id {
            "getApiStatus" => Ok(status()),
            "getSubscriptionStatus" => {
                let rpm = self.settings.rpm.unwrap_or(subscription::RPM);
                Ok(subscription::status(today, rpm))
            }
            "listSubscribedDomains" => Ok(subscription::domains(today, call)),
            "listBreachesForAccount" => self.breached_account(call),
            "listBreachesForEmail" => self.breached_email(call),
            "listBreachedAliases" => self.breached_aliases(call),
            "listBreachesForDomain" => self.breached_domain(call),
            "listBreaches" => breaches::list(call),
            "getBreach" => breaches::breach_by_name(call),
            "getLatestBreach" => breaches::latest_breach(call),
            "listDataClasses" => Ok(breaches::data_classes(call)),
            "listPastesForAccount" => self.pastes(call),
            "listPasteSources" => Ok(paste_sources(call)),
            "checkPasswordPrefix" => self.password_range(call),
            "checkCard" => self.card(call),
            "listCardBreachesForEmail" => self.card_email(call),
            "checkSsn" => self.ssn(call),
            "listApiKeys" => Ok(self.list_keys()),
            "createApiKey" => self.create_key(call),
            "revokeApiKey" => self.revoke_key(call, key_id(call)),
            "getApiKeyUsage" => self.key_usage(key_id(call)),
            _ => Err(failure(404, "Not found")),
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
            Err("Leaked Checker keeps no statuses".to_owned())
        }
    }

    fn change_leaks(&mut self, changes: &Changes) -> Result<(), String> {
        if changes.is_empty() {
            Ok(())
        } else {
            Err("Leaked Checker's leaks have no ids, and none come in".to_owned())
        }
    }

    fn reset(&mut self) {
        self.keys.reset();
    }
}
