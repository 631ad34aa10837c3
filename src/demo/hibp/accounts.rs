//! Whose addresses are in which breaches, logs and pastes.
//!
//! Three of four rows of the shared crowd put an address into a breach, the others into a log of a stealer. Only
//! addresses of proven domains can be listed, so a row of any other also puts a listed address into one: what can be
//! listed is as many as the rows.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::date;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::super::catalogue::{Breach, catalogue};
use super::super::leak::Leak;
use super::super::population::SharedPopulation;
use super::super::rng::{SplitMix, mix};
use super::super::word_lists::WordLists;
use super::wire::Account;

/// The domains that are proven.
pub(super) const VERIFIED: [&str; 3] = [
    "northlake.example",
    "brightfield.example",
    "saltmarsh.example",
];

/// The one of them that was never searched: its counts are null, and nothing is known of it.
pub(super) const NEVER_SEARCHED: &str = "saltmarsh.example";

/// The one of them that a switch puts beyond the plan.
pub(super) const CUT: &str = "northlake.example";

/// The services that pastes are found on; the last has a URL as its id.
const SOURCES: [&str; 4] = ["Pastebin", "Ghostbin", "Slexy", "AdHocUrl"];

/// Characters of an address's hash that are asked for.
const PREFIX: usize = 6;

/// Tries until a pair is a new one.
const TRIES: u32 = 200;

/// Somebody.
#[derive(Debug, Default)]
struct Mailbox {
    /// Places in the catalogue.
    breaches: BTreeSet<usize>,
    /// Sites of logs.
    sites: BTreeSet<String>,
}

/// All addresses, by domain and local part, lower case.
#[derive(Debug)]
pub(super) struct Accounts {
    seed: u64,
    domains: BTreeMap<String, BTreeMap<String, Mailbox>>,
    /// Addresses in logs with a site of ours.
    customers: BTreeMap<String, BTreeSet<String>>,
    /// Made when it is first asked for.
    ranges: OnceCell<Ranges>,
}

/// Suffixes and names of breaches, by prefix.
type Ranges = HashMap<String, Vec<(String, Vec<String>)>>;

fn is_listed(domain: &str) -> bool {
    VERIFIED.contains(&domain) && domain != NEVER_SEARCHED
}

impl Accounts {
    /// The addresses of a crowd.
    pub(super) fn new(seed: u64, crowd: &SharedPopulation) -> Self {
        let mut accounts = Self {
            seed: mix(seed ^ 0x6869_6270_6163),
            domains: BTreeMap::new(),
            customers: BTreeMap::new(),
            ranges: OnceCell::new(),
        };
        let mut draw = SplitMix::new(accounts.seed);
        let mut leak = Leak::default();
        let (mut listed, mut foreign, mut others) = (Vec::new(), Vec::new(), 0_u32);
        let logs = crowd.rows() / 4;
        for row in 0..crowd.rows() - logs {
            crowd.fill(row, &mut leak);
            let Some(account) = Account::read(&leak.username) else {
                others += 1;
                continue;
            };
            accounts.breach(&account, &mut draw);
            if is_listed(&account.domain) {
                listed.push(account);
            } else {
                others += 1;
                if !VERIFIED.contains(&&*account.domain) {
                    foreign.push(account);
                }
            }
        }
        if listed.is_empty() {
            // Of a few rows none may be about one of ours: then all of them are about this one.
            listed.extend(Account::read("m.ortega@northlake.example"));
        }
        let pick = |draw: &mut SplitMix| draw.below(listed.len() as u64) as usize;
        for _ in 0..others {
            if let Some(account) = listed.get(pick(&mut draw)) {
                accounts.breach(account, &mut draw);
            }
        }
        accounts.fill_logs(logs, &listed, &foreign, &mut draw);
        accounts
    }

    fn mailbox(&mut self, account: &Account) -> &mut Mailbox {
        let locals = self.domains.entry(account.domain.clone()).or_default();
        locals.entry(account.local.clone()).or_default()
    }

    /// Puts an address into one breach more, now and then a sensitive one.
    fn breach(&mut self, account: &Account, draw: &mut SplitMix) {
        let all = catalogue().assigned_count();
        let first = draw.skewed(all);
        let sensitive = draw.one_in(12).then(|| catalogue().sensitive());
        let mailbox = self.mailbox(account);
        if let Some(sensitive) = sensitive {
            let free = sensitive
                .into_iter()
                .find(|place| !mailbox.breaches.contains(place));
            if let Some(place) = free {
                mailbox.breaches.insert(place);
                return;
            }
        }
        // From where the lot falls on to the next that it is not in yet.
        let free = (0..all)
            .filter_map(|step| catalogue().assigned_index((first + step) % all))
            .find(|place| !mailbox.breaches.contains(place));
        mailbox.breaches.extend(free);
    }

    /// So many rows of logs: half of them of our own people at other sites, half of others at ours.
    fn fill_logs(
        &mut self,
        rows: u32,
        listed: &[Account],
        foreign: &[Account],
        draw: &mut SplitMix,
    ) {
        let words = WordLists::load();
        let sites: Vec<&str> = words
            .vendor_sites
            .iter()
            .filter_map(|site| site.split('/').nth(2))
            .collect();
        let employees = rows / 2;
        if employees > 0
            && let Some(account) = listed.first()
        {
            // One address in both lists: it is one row.
            let address = format!("{}@{}", account.local, account.domain);
            let site = account.domain.clone();
            self.mailbox(account).sites.insert(site.clone());
            self.customers.entry(site).or_default().insert(address);
        }
        for _ in 1..employees {
            for _ in 0..TRIES {
                let account = &listed[draw.below(listed.len() as u64) as usize];
                let site = sites[draw.below(sites.len() as u64) as usize].to_owned();
                if self.mailbox(account).sites.insert(site) {
                    break;
                }
            }
        }
        for number in employees..rows {
            for turn in 0..TRIES {
                let at = draw.below(foreign.len().max(1) as u64) as usize;
                let address = match foreign.get(at).filter(|_| turn + 1 < TRIES) {
                    Some(account) => format!("{}@{}", account.local, account.domain),
                    None => format!("visitor{number}@mail.example"),
                };
                let site = VERIFIED[draw.below(2) as usize].to_owned();
                if self.customers.entry(site).or_default().insert(address) {
                    break;
                }
            }
        }
    }

    fn held(&self, account: &Account) -> Option<&Mailbox> {
        self.domains.get(&account.domain)?.get(&account.local)
    }

    /// The breaches of an address that anybody may be told of.
    pub(super) fn public(&self, account: &Account) -> Vec<&'static Breach> {
        self.held(account).map(public_of).unwrap_or_default()
    }

    /// The local parts of a domain with the names of their breaches.
    pub(super) fn aliases(&self, domain: &str) -> BTreeMap<String, Vec<&'static str>> {
        if !is_listed(domain) {
            return BTreeMap::new();
        }
        let all = catalogue().all();
        let locals = self.domains.get(domain).into_iter().flatten();
        let named = locals.map(|(local, mailbox)| {
            let names = mailbox.breaches.iter().filter_map(|place| all.get(*place));
            let names = names.map(|breach| &*breach.name);
            (local.clone(), names.collect::<Vec<_>>())
        });
        named.filter(|(_, names)| !names.is_empty()).collect()
    }

    /// The local parts of a domain with the sites of their logs.
    pub(super) fn employees(&self, domain: &str) -> BTreeMap<String, BTreeSet<String>> {
        let locals = self.domains.get(domain).into_iter().flatten();
        let with_sites = locals.filter(|(_, mailbox)| !mailbox.sites.is_empty());
        with_sites
            .map(|(local, mailbox)| (local.clone(), mailbox.sites.clone()))
            .collect()
    }

    /// The addresses in logs with a site.
    pub(super) fn customers(&self, site: &str) -> BTreeSet<String> {
        self.customers.get(site).cloned().unwrap_or_default()
    }

    /// The sites of an address.
    pub(super) fn sites(&self, account: &Account) -> BTreeSet<String> {
        self.held(account)
            .map(|mailbox| mailbox.sites.clone())
            .unwrap_or_default()
    }

    /// The hashes of addresses that begin so, with the names of their public breaches.
    pub(super) fn range(&self, prefix: &str) -> Vec<(String, Vec<String>)> {
        let ranges = self.ranges.get_or_init(|| self.hashed());
        ranges.get(prefix).cloned().unwrap_or_default()
    }

    fn hashed(&self) -> Ranges {
        let mut ranges = Ranges::new();
        for (domain, locals) in &self.domains {
            for (local, mailbox) in locals {
                let names: Vec<String> = public_of(mailbox)
                    .into_iter()
                    .map(|breach| breach.name.clone())
                    .collect();
                if names.is_empty() {
                    continue;
                }
                let mut prefix = String::new();
                for byte in Sha1::digest(format!("{local}@{domain}").as_bytes()) {
                    let _ = write!(prefix, "{byte:02X}");
                }
                let suffix = prefix.split_off(PREFIX);
                let range = ranges.entry(prefix).or_default();
                // A neighbour that is made up, so that an entry alone proves nothing.
                if range.is_empty() {
                    let other = suffix.chars().rev().collect();
                    range.push((other, vec!["Adobe".to_owned()]));
                }
                range.push((suffix, names));
            }
        }
        ranges
    }

    /// The pastes that an address is in, the newest first. Who is in no breach is in none.
    pub(super) fn pastes(&self, account: &Account) -> Vec<Value> {
        if self.public(account).is_empty() {
            return Vec::new();
        }
        let text = format!("{}@{}", account.local, account.domain);
        let mut draw = SplitMix::new(text.bytes().fold(self.seed, |sum, byte| {
            mix(sum.rotate_left(9) ^ u64::from(byte))
        }));
        if !draw.one_in(3) {
            return Vec::new();
        }
        let mut pastes: Vec<(String, Value)> = (0..=draw.below(3))
            .map(|_| {
                let days = draw.below(1_800) as i64;
                let day = date(2014, 1, 1).saturating_add(days.days());
                (day.to_string(), paste(&mut draw, &day.to_string()))
            })
            .collect();
        pastes.sort_by(|(one, _), (other, _)| other.cmp(one));
        pastes.into_iter().map(|(_, paste)| paste).collect()
    }
}

fn public_of(mailbox: &Mailbox) -> Vec<&'static Breach> {
    let all = catalogue().all();
    let places = mailbox.breaches.iter().filter_map(|place| all.get(*place));
    places
        .filter(|breach| !breach.is_sensitive && !breach.is_retired)
        .collect()
}

fn paste(draw: &mut SplitMix, day: &str) -> Value {
    let source = SOURCES[draw.below(SOURCES.len() as u64) as usize];
    let mut id = format!("{:08x}", draw.next() >> 32);
    if source == "AdHocUrl" {
        id = format!("http://files.example/{id}.txt");
    }
    let date = (!draw.one_in(8)).then(|| format!("{day}T19:14:54Z"));
    let mut paste = json!({
        "Source": source,
        "Id": id,
        "Date": date,
        "EmailCount": 1 + draw.skewed(5_000),
    });
    if draw.one_in(2) {
        paste["Title"] = "dump".into();
    }
    paste
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::super::super::SystemName;
    use super::super::super::population::split;
    use super::*;

    #[test]
    fn what_can_be_listed_is_as_many_as_the_rows() {
        let systems: BTreeSet<_> = SystemName::ALL.into();
        for leaks in [20, 60, 100, 400, 5_000] {
            let shares = split(leaks, &systems);
            let crowd = SharedPopulation::new(SystemName::Hibp, 1, shares, date(2026, 3, 1), false);
            let accounts = Accounts::new(1, &crowd);
            let mut rows = 0;
            for domain in VERIFIED {
                rows += accounts
                    .aliases(domain)
                    .values()
                    .map(Vec::len)
                    .sum::<usize>();
                rows += accounts
                    .employees(domain)
                    .values()
                    .map(BTreeSet::len)
                    .sum::<usize>();
                let customers = accounts.customers(domain);
                rows += customers
                    .iter()
                    .filter(|one| !one.ends_with(domain))
                    .count();
            }
            assert_eq!(rows as u32, shares.hibp, "{leaks}");
        }
    }

    #[test]
    fn sensitive_breaches_stand_in_lists_alone() {
        let shares = split(5_000, &SystemName::ALL.into());
        let crowd = SharedPopulation::new(SystemName::Hibp, 1, shares, date(2026, 3, 1), false);
        let accounts = Accounts::new(1, &crowd);
        let (mut listed, mut told) = (0, 0);
        for (local, names) in accounts.aliases(VERIFIED[0]) {
            let account = Account {
                local,
                domain: VERIFIED[0].to_owned(),
            };
            listed += names.len();
            told += accounts.public(&account).len();
        }
        assert!(told < listed, "{told} of {listed}");
        assert!(super::super::wire::breach_named(super::super::wire::LOGS).is_some());
    }
}
