//! Whose addresses are in which breaches, and in which pastes.
//!
//! Each row of the shared crowd puts its address into a breach. Only addresses of watched domains can be listed, so a
//! row of any other also puts a watched address into one: the listed pairs of address and breach are as many as the
//! rows. The largest breaches are met the most.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::date;
use serde_json::{Value, json};

use super::super::catalogue::{Breach, catalogue};
use super::super::leak::Leak;
use super::super::population::SharedPopulation;
use super::super::rng::{SplitMix, mix};

/// The services that pastes are found on, by the alphabet.
pub(crate) const PASTE_SOURCES: [&str; 7] = [
    "AdHocUrl",
    "Ghostbin",
    "JustPaste",
    "Pastebin",
    "Pastie",
    "QuickLeak",
    "Slexy",
];

/// Titles of pastes; none is untitled, and a blank one is null.
const PASTE_TITLES: [Option<&str>; 6] = [
    Some("dump-03"),
    Some("combo list, part 2"),
    Some("fresh logins"),
    Some("mail:pass"),
    Some(""),
    None,
];

/// Pastes lie in so many days from the beginning of 2014.
const PASTE_DAYS: u64 = 1_800;

/// The places in the catalogue of the breaches that an address is in. By title, as the catalogue is.
pub(crate) type BreachIndexes = BTreeSet<usize>;

/// All addresses, by domain and local part, lower case.
#[derive(Debug)]
pub(crate) struct Accounts {
    seed: u64,
    domains: BTreeMap<String, BTreeMap<String, BreachIndexes>>,
}

impl Accounts {
    /// The addresses of a crowd; `is_listed` says of which domains they can be listed.
    pub(crate) fn new(
        seed: u64,
        crowd: &SharedPopulation,
        is_listed: impl Fn(&str) -> bool,
    ) -> Self {
        let mut accounts = Self {
            seed: mix(seed ^ 0x6163_636f_756e),
            domains: BTreeMap::new(),
        };
        let mut draw = SplitMix::new(accounts.seed);
        let mut leak = Leak::default();
        let mut listed = Vec::new();
        let mut others = 0_u32;
        for row in 0..crowd.rows() {
            crowd.fill(row, &mut leak);
            let Some((local, domain)) = split(&leak.username) else {
                others += 1;
                continue;
            };
            accounts.add_breach(&local, &domain, &mut draw);
            if is_listed(&domain) {
                listed.push((local, domain));
            } else {
                others += 1;
            }
        }
        if !listed.is_empty() {
            for _ in 0..others {
                let place = draw.below(listed.len() as u64) as usize;
                if let Some((local, domain)) = listed.get(place) {
                    accounts.add_breach(local, domain, &mut draw);
                }
            }
        }
        accounts
    }

    /// Puts an address into one breach more.
    fn add_breach(&mut self, local: &str, domain: &str, draw: &mut SplitMix) {
        let locals = self.domains.entry(domain.to_owned()).or_default();
        let places = locals.entry(local.to_owned()).or_default();
        let all = catalogue().assigned_count();
        // From where the lot falls on to the next that it is not in yet.
        let first = draw.skewed(all);
        let free = (0..all)
            .filter_map(|step| catalogue().assigned_index((first + step) % all))
            .find(|place| !places.contains(place));
        places.extend(free);
    }

    /// The breaches that an address is in, by title; none where it is clean.
    pub(crate) fn breaches(&self, account: &Account) -> Vec<&'static Breach> {
        self.aliases(&account.domain)
            .and_then(|locals| locals.get(&account.local))
            .map(breaches)
            .unwrap_or_default()
    }

    /// The addresses of a domain that are in a breach, by local part.
    pub(crate) fn aliases(&self, domain: &str) -> Option<&BTreeMap<String, BreachIndexes>> {
        self.domains.get(domain)
    }

    /// The pastes that an address is in, the newest first, the undated ones last. Who is in no breach is in none.
    pub(crate) fn pastes(&self, account: &Account) -> Vec<Value> {
        if self.breaches(account).is_empty() {
            return Vec::new();
        }
        let text = format!("{}@{}", account.local, account.domain);
        let mut draw = SplitMix::new(text.bytes().fold(self.seed, |sum, byte| {
            mix(sum.rotate_left(9) ^ u64::from(byte))
        }));
        if !draw.one_in(3) {
            return Vec::new();
        }
        let mut pastes: Vec<(Option<String>, Value)> = (0..=draw.below(3))
            .map(|_| {
                let date = (!draw.one_in(8)).then(|| paste_date(&mut draw));
                let paste = paste(&mut draw, date.as_deref());
                (date, paste)
            })
            .collect();
        pastes.sort_by(|(one, _), (other, _)| other.cmp(one));
        pastes.into_iter().map(|(_, paste)| paste).collect()
    }
}

/// The breaches at these places.
pub(crate) fn breaches(places: &BreachIndexes) -> Vec<&'static Breach> {
    let all = catalogue().all();
    places.iter().filter_map(|place| all.get(*place)).collect()
}

fn paste_date(draw: &mut SplitMix) -> String {
    let day = date(2014, 1, 1).saturating_add((draw.below(PASTE_DAYS) as i64).days());
    let (hour, minute, second) = (draw.below(24), draw.below(60), draw.below(60));
    format!("{day}T{hour:02}:{minute:02}:{second:02}Z")
}

fn paste(draw: &mut SplitMix, date: Option<&str>) -> Value {
    let place = draw.below(PASTE_SOURCES.len() as u64) as usize;
    let mut paste = json!({
        "Source": PASTE_SOURCES.get(place),
        "Id": format!("{:08x}", draw.next() >> 32),
        "Date": date,
        "EmailCount": 1 + draw.skewed(5_000),
    });
    let title = PASTE_TITLES.get(draw.below(PASTE_TITLES.len() as u64) as usize);
    // A title may be null or left out; both occur.
    if let Some(title) = title.copied().flatten() {
        paste["Title"] = Some(title).filter(|title| !title.is_empty()).into();
    }
    paste
}

/// An address as it is looked up: lower case, in two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Before the last `@`.
    pub(crate) local: String,
    /// Behind it.
    pub(crate) domain: String,
}

impl Account {
    /// Reads an address; blanks around it and its case are ignored.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (local, domain) = split(text)?;
        Some(Self { local, domain })
    }
}

fn split(text: &str) -> Option<(String, String)> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let good = !local.is_empty() && !domain.is_empty();
    good.then(|| (local.to_owned(), domain.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::super::SystemName;
    use super::super::super::population::split as shares;
    use super::*;

    fn accounts() -> Accounts {
        let shares = shares(5_000, &[SystemName::LeakedChecker].into());
        let crowd = SharedPopulation::new(
            SystemName::LeakedChecker,
            1,
            shares,
            date(2026, 3, 1),
            false,
        );
        Accounts::new(1, &crowd, |domain| domain == "northlake.example")
    }

    #[test]
    fn pairs_that_can_be_listed_are_as_many_as_the_rows() {
        let accounts = accounts();
        let aliases = accounts.aliases("northlake.example").unwrap();
        let pairs: usize = aliases.values().map(BTreeSet::len).sum();
        assert_eq!(pairs, 500);
        assert!((30..200).contains(&aliases.len()), "{}", aliases.len());
        assert!(accounts.domains.len() > 5);
    }

    #[test]
    fn an_address_is_read_without_case_and_blanks() {
        let account = Account::read(" M.Ortega@Northlake.Example ").unwrap();
        assert_eq!(account.local, "m.ortega");
        assert_eq!(account.domain, "northlake.example");
        for bad in ["", " ", "m.ortega", "@", "m.ortega@", "@northlake.example"] {
            assert_eq!(Account::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn pastes_are_sorted_and_use_every_liberty() {
        let accounts = accounts();
        let (mut untitled, mut null, mut undated, mut many) = (0, 0, 0, 0);
        for (domain, locals) in &accounts.domains {
            for local in locals.keys() {
                let account = Account {
                    local: local.clone(),
                    domain: domain.clone(),
                };
                let pastes = accounts.pastes(&account);
                assert_eq!(pastes, accounts.pastes(&account));
                let dates = pastes.iter().map(|paste| paste["Date"].as_str());
                assert!(dates.rev().is_sorted());
                many += usize::from(pastes.len() > 1);
                for paste in &pastes {
                    undated += usize::from(paste["Date"].is_null());
                    match paste.get("Title") {
                        None => untitled += 1,
                        Some(Value::Null) => null += 1,
                        Some(_) => {}
                    }
                }
            }
        }
        assert!(untitled > 0 && null > 0 && undated > 0 && many > 0);
        let clean = Account::read("nobody@northlake.example").unwrap();
        assert!(accounts.pastes(&clean).is_empty());
    }
}
