//! A login at the store of a team.

/// A login at the store of a team. There are few of them and many claims and statuses: whoever makes one keeps its name
/// for as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Role(&'static str);

impl Role {
    /// A login of this name.
    pub fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0
    }
}
