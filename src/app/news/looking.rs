//! What a round of the console asks of an account, and what it hears.

use crate::entity::{key::ProfileName, seen::Account};

/// What is known of an account before it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which.
    pub account: Account,
    /// What its last probe said.
    pub probe: Option<Vec<u8>>,
    /// Until when it was known whole by this console's own doing, in seconds since 1970.
    pub known: Option<i64>,
    /// It is to be read whatever a probe says.
    pub is_old: bool,
}

/// What was heard of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Of which.
    pub profile: ProfileName,
    /// What.
    pub what: What,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Nothing has come or changed in number.
    Quiet {
        /// Until when the account is known whole, in seconds since 1970.
        whole: i64,
    },
    /// Another process asks the provider, and has found nothing either.
    Followed,
    /// It is worth reading.
    Changed {
        /// What the probe said; none where another process has found something, or there is none.
        probe: Option<Vec<u8>>,
    },
    /// It cannot be read.
    Failed {
        /// Its key, or the plan that it stands for.
        is_refused: bool,
        /// For so long that it is called blind.
        is_blind: bool,
        /// Why.
        why: String,
    },
}

impl What {
    /// Returns true if the account could not be asked.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// Returns true if it is called blind.
    pub(super) fn is_blind(&self) -> bool {
        matches!(self, Self::Failed { is_blind: true, .. })
    }
}
