//! The three lines that say why a plan is made.

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JustificationField {
    /// The reason.
    Reason,
    /// Free text.
    Note,
    /// A ticket's number.
    Ticket,
}

impl JustificationField {
    /// What stands before the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reason => "reason: ",
            Self::Note => "note: ",
            Self::Ticket => "ticket: ",
        }
    }
}
