//! The fields of the language, and how near a misspelt word is to a known one.

/// A field that a term can name.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Debug,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum Field {
    /// The triage status.
    Status,
    /// The provider's risk.
    Risk,
    /// The provider's class.
    Class,
    /// The provider.
    Source,
    /// The profile.
    Profile,
    /// The domain that it is filed under.
    Domain,
    /// The login.
    Login,
    /// The URL.
    Url,
    /// The machine's host name.
    Host,
    /// The machine's address.
    Ip,
    /// The machine's operating system.
    Os,
    /// The machine's country.
    Country,
    /// The machine: its hardware id or its host name.
    Device,
    /// The breach that it is from.
    Breach,
    /// Who keeps its status, whether that is disputed, and what is told of it.
    Is,
    /// The last reason that was left with it.
    Reason,
    /// The last ticket that was left with it.
    Ticket,
    /// The user who has taken it on.
    Claimed,
    /// The key, whole, or a part of the provider's id.
    Key,
    /// The provider's date of it.
    Seen,
    /// The day it came into the provider's store.
    Added,
    /// When it was found here; nothing where it was there at the first whole reading.
    Found,
    /// How long ago it was seen.
    Age,
    /// Which form a connection has; a leak has none.
    Form,
    /// How many leaks belong to it; a leak has none.
    Leaks,
}

impl Field {
    /// As the language spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a bare word looks there too.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Login | Self::Url | Self::Host | Self::Domain)
    }
}

impl Field {
    /// Whether its texts have hosts in them, which are looked for in whatever spelling they came.
    pub(super) fn has_hosts(self) -> bool {
        self.is_text() || matches!(self, Self::Ip | Self::Os | Self::Device)
    }
}

/// The names that a misspelt word may have meant, best first, three at most.
pub(super) fn suggest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let limit = 1 + word.chars().count() / 4;
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let starts = word.len() > 1 && name.starts_with(&word[..]);
            let distance = if starts { 0 } else { distance(&word, name) };
            (distance <= limit).then_some((distance, name))
        })
        .collect();
    near.sort_by_key(|&(distance, _)| distance);
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters must be put in, left out, changed or swapped with their neighbour.
fn distance(one: &str, two: &str) -> usize {
    // A long word is near to nothing; its table would only cost time.
    if one.len() > 32 {
        return usize::MAX;
    }
    strsim::osa_distance(one, two)
}
