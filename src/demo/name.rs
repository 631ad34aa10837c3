//! Which systems there are, and what each is called where.

/// An imitated system.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::EnumIter,
)]
#[strum(serialize_all = "snake_case")]
pub enum SystemName {
    /// ProjectDiscovery, at the root of the port.
    #[strum(serialize = "projectdiscovery")]
    ProjectDiscovery,
    /// Leaks.ai.
    LeaksAi,
    /// Leaked Checker.
    LeakedChecker,
    /// Have I Been Pwned, on a port of its own.
    Hibp,
}

impl SystemName {
    /// All of them, in the order of the announcement.
    pub const ALL: [Self; 4] = [
        Self::ProjectDiscovery,
        Self::LeaksAi,
        Self::LeakedChecker,
        Self::Hibp,
    ];

    /// Its name in the announcement, the request log and the control calls.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Where its paths begin on the server; empty for the system at the root.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::ProjectDiscovery => "",
            Self::LeaksAi => "/leaks-ai/api/v1",
            Self::LeakedChecker => "/leaked-checker/api/v1",
            Self::Hibp => "/api/v3",
        }
    }

    /// Its profile in a configuration that is written for it.
    pub fn profile(self) -> &'static str {
        match self {
            Self::ProjectDiscovery => "demo-pd",
            Self::LeaksAi => "demo-la",
            Self::LeakedChecker => "demo-lc",
            Self::Hibp => "demo-hibp",
        }
    }

    /// What a configuration calls its provider.
    pub fn provider(self) -> &'static str {
        match self {
            Self::ProjectDiscovery => "projectdiscovery",
            Self::LeaksAi => "leaks-ai",
            Self::LeakedChecker => "leaked-checker",
            Self::Hibp => "hibp",
        }
    }

    /// Where its second address begins, to which no key goes; none where it has one address alone.
    pub fn keyless_prefix(self) -> Option<&'static str> {
        (self == Self::Hibp).then_some("/passwords")
    }

    /// The header that its key goes in.
    pub(crate) fn key_header(self) -> &'static str {
        match self {
            Self::ProjectDiscovery => "x-api-key",
            Self::LeaksAi => "authorization",
            Self::LeakedChecker => "leakedchecker-api-key",
            Self::Hibp => "hibp-api-key",
        }
    }

    /// Whether it listens on a port of its own.
    pub(crate) fn has_own_port(self) -> bool {
        self == Self::Hibp
    }

    /// Whether its answers tell how many requests a minute may have.
    pub(crate) fn reports_limit(self) -> bool {
        match self {
            Self::ProjectDiscovery | Self::LeaksAi => false,
            Self::LeakedChecker | Self::Hibp => true,
        }
    }

    /// Whom its data must be credited to.
    pub(crate) fn attribution(self) -> Option<&'static str> {
        match self {
            Self::ProjectDiscovery | Self::LeaksAi => None,
            Self::LeakedChecker | Self::Hibp => Some("Have I Been Pwned, December 2018, CC BY 4.0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn all_are_all() {
        assert_eq!(
            SystemName::iter().collect::<Vec<_>>(),
            SystemName::ALL.to_vec()
        );
        assert_eq!(
            SystemName::ALL.map(SystemName::word),
            ["projectdiscovery", "leaks_ai", "leaked_checker", "hibp"]
        );
    }
}
