//! What other consoles have changed in the journal.

/// Which parts of the journal are not as they were last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set: each part changes for itself"
)]
pub struct JournalChanges {
    /// Jobs and their changes.
    pub jobs: bool,
    /// The leaks of jobs that have not ended.
    pub active_leaks: bool,
    /// Local statuses and accepted mappings.
    pub statuses: bool,
    /// Claims.
    pub claims: bool,
    /// Last notes.
    pub notes: bool,
}

impl JournalChanges {
    /// Nothing.
    pub const NONE: Self = Self {
        jobs: false,
        active_leaks: false,
        statuses: false,
        claims: false,
        notes: false,
    };

    /// Everything: a store that knows only that something was written answers this.
    pub const ALL: Self = Self {
        jobs: true,
        active_leaks: true,
        statuses: true,
        claims: true,
        notes: true,
    };

    /// Returns true if anything changed.
    pub fn any(self) -> bool {
        self != Self::NONE
    }

    /// Returns true if something changed that is shown with the leaks: their statuses, claims or notes.
    pub fn affects_annotations(self) -> bool {
        self.statuses || self.claims || self.notes
    }
}
