//! The addresses that anybody's tests may ask for: what the documentation says of each.

use serde_json::{Value, json};

use super::super::catalogue::{Breach, catalogue};
use super::wire::{self, Account};

/// Their domain.
const DOMAIN: &str = "hibp-integration-tests.com";

/// The local part of an address of tests.
fn local(account: &Account) -> Option<&str> {
    (account.domain == DOMAIN).then_some(&account.local)
}

/// The first of the catalogue that is of a kind.
fn first(is_it: impl Fn(&Breach) -> bool) -> Option<&'static Breach> {
    wire::all().find(|breach| is_it(breach))
}

/// One that nothing is particular about.
fn plain(place: u64) -> Option<&'static Breach> {
    let place = catalogue().assigned_index(place)?;
    catalogue()
        .all()
        .get(place)
        .filter(|breach| !breach.is_spam_list)
}

/// The breaches of an address of tests; none at all where it is no such address.
pub(super) fn breaches(account: &Account) -> Option<Vec<&'static Breach>> {
    let plain = |count: u64| (0..64).filter_map(plain).take(count as usize);
    let found: Vec<_> = match local(account)? {
        "account-exists" => plain(1).collect(),
        "multiple-breaches" => plain(3).collect(),
        "not-active-and-active-breach" => wire::breach_named("Adobe").into_iter().collect(),
        "sensitive-and-other-breaches" => plain(2).collect(),
        "spam-list-only" => first(|breach| breach.is_spam_list).into_iter().collect(),
        "spam-list-and-others" => first(|breach| breach.is_spam_list)
            .into_iter()
            .chain(plain(2))
            .collect(),
        "subscription-free-breach" | "stealer-log" => vec![wire::logs()],
        "subscription-free-and-other-breaches" => {
            std::iter::once(wire::logs()).chain(plain(2)).collect()
        }
        "unverified-breach" => first(|breach| !breach.is_verified && !breach.is_sensitive)
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    Some(found)
}

/// The pastes of an address of tests.
pub(super) fn pastes(account: &Account) -> Option<Vec<Value>> {
    let found = match local(account)? {
        "account-exists" | "paste-sensitive-breach" => vec![json!({
            "Source": "Pastebin",
            "Id": "test0001",
            "Date": "2014-03-04T19:14:54Z",
            "EmailCount": 139,
        })],
        _ => Vec::new(),
    };
    Some(found)
}

/// The sites of an address of tests.
pub(super) fn sites(account: &Account) -> Option<Vec<&'static str>> {
    (local(account)? == "stealer-log").then(|| vec!["netflix.example"])
}
