//! The catalogue of breaches: real ones, from an embedded file. `assets/demo/breach-catalogue.md` says whose it is.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Kinds of data that make a breach one of cards.
const CARD_CLASSES: [&str; 4] = [
    "Credit card CVV",
    "Credit cards",
    "Partial credit card data",
    "Payment histories",
];

/// The kind of data that makes a breach one of national numbers.
const NUMBER_CLASS: &str = "Government issued ids";

/// The catalogue, read once.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::load);

/// A breach, as it is given out.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the wire shape"
)]
pub(crate) struct Breach {
    /// Its stable name.
    pub(crate) name: String,
    /// What people call it; the catalogue is in this order.
    pub(crate) title: String,
    /// The breached service; blank where there is no single one.
    pub(crate) domain: String,
    /// When it happened.
    pub(crate) breach_date: String,
    /// When it came into the catalogue.
    pub(crate) added_date: String,
    /// When its entry was last changed.
    pub(crate) modified_date: String,
    /// Accounts in it.
    #[serde(rename(deserialize = "PwnCount", serialize = "LeakedCount"))]
    pub(crate) leaked_count: u64,
    /// Kinds of data in it.
    pub(crate) data_classes: Vec<String>,
    /// Whether the catalogue vouches for it.
    pub(crate) is_verified: bool,
    /// Whether it was made up by somebody.
    pub(crate) is_fabricated: bool,
    /// Whether being in it says something intimate.
    pub(crate) is_sensitive: bool,
    /// Whether it was taken back.
    pub(crate) is_retired: bool,
    /// Whether it is a list of addresses for spam.
    pub(crate) is_spam_list: bool,
}

impl Breach {
    fn has_any_class(&self, classes: &[&str]) -> bool {
        self.data_classes
            .iter()
            .any(|class| classes.contains(&class.as_str()))
    }

    /// Whether it holds something of cards.
    pub(crate) fn has_cards(&self) -> bool {
        self.has_any_class(&CARD_CLASSES)
    }

    /// Whether a made-up person may be said to be in it.
    fn is_assigned(&self) -> bool {
        !self.is_sensitive && !self.is_retired && !self.is_fabricated
    }
}

/// All breaches.
#[derive(Debug)]
pub(crate) struct Catalogue {
    breaches: Vec<Breach>,
    /// Places by name, lower case: names are compared without case.
    names: HashMap<String, usize>,
    /// Places of the breaches that made-up people are in, the largest first.
    assigned_count: Vec<usize>,
}

/// The catalogue.
pub(crate) fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

impl Catalogue {
    fn load() -> Self {
        let text = include_str!("../../assets/demo/breach-catalogue.json");
        // That the file is good is tested; a server without breaches would still be one.
        let mut breaches: Vec<Breach> = serde_json::from_str(text).unwrap_or_default();
        breaches.sort_by_cached_key(|breach| breach.title.to_lowercase());
        let names = breaches
            .iter()
            .enumerate()
            .map(|(place, breach)| (breach.name.to_lowercase(), place));
        let names = names.collect();
        let mut assigned: Vec<(u64, usize)> = breaches
            .iter()
            .enumerate()
            .filter(|(_, breach)| breach.is_assigned())
            .map(|(place, breach)| (breach.leaked_count, place))
            .collect();
        assigned.sort_unstable_by_key(|(count, place)| (Reverse(*count), *place));
        let assigned = assigned.into_iter().map(|(_, place)| place).collect();
        Self {
            breaches,
            names,
            assigned_count: assigned,
        }
    }

    /// All of them, by title.
    pub(crate) fn all(&self) -> &[Breach] {
        &self.breaches
    }

    /// The one of that name, in any case.
    pub(crate) fn find(&self, name: &str) -> Option<&Breach> {
        let place = self.names.get(&name.trim().to_lowercase())?;
        self.breaches.get(*place)
    }

    /// Breaches that made-up people are in.
    pub(crate) fn assigned_count(&self) -> u64 {
        self.assigned_count.len() as u64
    }

    /// The place in [`Catalogue::all`] of one of these; the largest come first.
    pub(crate) fn assigned_index(&self, turn: u64) -> Option<usize> {
        self.assigned_count.get(turn as usize).copied()
    }

    /// The one that came in last.
    pub(crate) fn latest(&self) -> Option<&Breach> {
        self.breaches.iter().max_by_key(|breach| &breach.added_date)
    }

    /// Kinds of data, by the alphabet.
    pub(crate) fn data_classes(&self) -> BTreeSet<&str> {
        let classes = self.breaches.iter().flat_map(|breach| &breach.data_classes);
        classes.map(String::as_str).collect()
    }

    /// The places of the sensitive ones.
    pub(crate) fn sensitive(&self) -> Vec<usize> {
        let all = self.breaches.iter().enumerate();
        let sensitive = all.filter(|(_, breach)| breach.is_sensitive && !breach.is_retired);
        sensitive.map(|(place, _)| place).collect()
    }

    /// Breaches that hold something of cards.
    pub(crate) fn with_cards(&self) -> Vec<&Breach> {
        let assigned = self.breaches.iter().filter(|breach| breach.is_assigned());
        assigned.filter(|breach| breach.has_cards()).collect()
    }

    /// Breaches that hold national numbers.
    pub(crate) fn with_numbers(&self) -> Vec<&Breach> {
        let assigned = self.breaches.iter().filter(|breach| breach.is_assigned());
        assigned
            .filter(|breach| breach.has_any_class(&[NUMBER_CLASS]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_breach_of_the_file_is_read() {
        let catalogue = catalogue();
        assert_eq!(catalogue.all().len(), 334);
        assert_eq!(catalogue.names.len(), 334);
        assert_eq!(catalogue.assigned_count(), 303);
        let first = &catalogue.all()[catalogue.assigned_index(0).unwrap()];
        assert!(first.leaked_count > 700_000_000, "{first:?}");
        assert!(!catalogue.with_cards().is_empty());
        assert!(!catalogue.with_numbers().is_empty());
        let titles = catalogue
            .all()
            .iter()
            .map(|breach| breach.title.to_lowercase());
        assert!(titles.is_sorted());
    }

    #[test]
    fn names_are_compared_without_case_and_counts_renamed() {
        let adobe = catalogue().find(" adobe").unwrap();
        let shown = serde_json::to_value(adobe).unwrap();
        assert_eq!(shown["Name"], "Adobe");
        assert_eq!(shown["LeakedCount"], 152_445_165);
        assert!(shown.get("PwnCount").is_none());
    }

    #[test]
    fn the_latest_came_in_last() {
        let latest = catalogue().latest().unwrap();
        assert_eq!(latest.added_date, "2018-12-18T16:19:50Z");
    }
}
