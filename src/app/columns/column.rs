//! A column: its name, what it needs, and its width where somebody has said so.

use crate::{entity::leak::LeakField, table::SortField};
use std::str::FromStr;

/// How much of a profile's name a column shows.
pub const SHORT_NAME_CHARS: usize = 8;

/// The narrowest that a column can be made.
pub const MIN_WIDTH: u16 = 3;

/// The widest.
pub const MAX_WIDTH: u16 = 200;

/// A column of a pane; its name is how a file spells it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum::EnumCount,
    strum::EnumIter,
    strum::EnumString,
    strum::Display,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
#[expect(missing_docs, reason = "each is the column of its name")]
pub enum Column {
    Status,
    Login,
    Url,
    Host,
    Country,
    Class,
    Risk,
    Seen,
    From,
    Claim,
    Domain,
    Ip,
    Os,
    Device,
    Breach,
    Added,
    Id,
    Reason,
    Ticket,
    Name,
    Form,
    Open,
    Fixed,
    Leaks,
    Verified,
    Sources,
    First,
    Last,
    Found,
    News,
}

impl Column {
    /// What stands above it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Host => "machine",
            Self::Seen => "leaked",
            Self::From => "source",
            Self::Device => "hardware",
            Self::Form => "kind",
            column => column.into(),
        }
    }

    /// Whether it holds numbers, which stand at its right edge.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Open | Self::Fixed | Self::Leaks)
    }

    /// The text member of a leak that it shows as it came.
    pub fn field(self) -> Option<LeakField> {
        Some(match self {
            Self::Login => LeakField::Login,
            Self::Url => LeakField::Url,
            Self::Host => LeakField::Hostname,
            Self::Country => LeakField::Country,
            Self::Class => LeakField::Class,
            Self::Domain => LeakField::Domain,
            Self::Ip => LeakField::Ip,
            Self::Os => LeakField::Os,
            Self::Device => LeakField::HardwareId,
            Self::Breach => LeakField::Breach,
            Self::Id => LeakField::Id,
            _ => return None,
        })
    }

    /// Columns that it needs, its share of what is left over, and how soon it goes where there is no room.
    pub(super) fn width_spec(self) -> (u16, u16, u8) {
        match self {
            Self::Status | Self::Claim | Self::News => (10, 0, 1),
            Self::Sources => (9, 0, 1),
            Self::Login => (24, 5, 0),
            Self::Url => (18, 6, 1),
            Self::Host => (12, 2, 6),
            Self::Country => (8, 1, 8),
            Self::Class => (8, 1, 5),
            Self::Risk => (8, 0, 4),
            Self::Seen | Self::Found => (10, 0, 3),
            Self::From => (SHORT_NAME_CHARS as u16, 0, 7),
            Self::Domain => (12, 2, 9),
            Self::Ip => (15, 0, 11),
            Self::Os => (8, 1, 12),
            Self::Device | Self::Id => (10, 1, 13),
            Self::Breach | Self::Reason => (10, 1, 9),
            Self::Added => (10, 0, 10),
            Self::Ticket => (8, 1, 10),
            Self::Name => (14, 4, 0),
            Self::Form | Self::Verified => (8, 0, 6),
            Self::Open => (7, 0, 1),
            Self::Fixed => (7, 0, 4),
            Self::Leaks => (7, 0, 2),
            Self::First | Self::Last => (10, 0, 7),
        }
    }

    /// The column of what leaks are sorted by.
    pub fn from_sort_field(field: SortField) -> Self {
        match field {
            SortField::Seen => Self::Seen,
            SortField::Added => Self::Added,
            SortField::Found => Self::Found,
            SortField::News => Self::News,
            SortField::Login => Self::Login,
            SortField::Domain => Self::Domain,
            SortField::Url => Self::Url,
            SortField::Status => Self::Status,
            SortField::Host => Self::Host,
            SortField::Country => Self::Country,
            SortField::Risk => Self::Risk,
            SortField::Key => Self::Id,
        }
    }
}

/// A column that is shown, and how wide where somebody has said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleColumn {
    /// Which.
    pub column: Column,
    /// How wide; else as wide as the room and the content make it.
    pub width: Option<u16>,
}

impl From<Column> for VisibleColumn {
    fn from(column: Column) -> Self {
        Self {
            column,
            width: None,
        }
    }
}

impl std::fmt::Display for VisibleColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.width {
            Some(width) => write!(f, "{}:{width}", self.column),
            None => write!(f, "{}", self.column),
        }
    }
}

impl FromStr for VisibleColumn {
    type Err = ();

    /// `url`, or `url:40`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, width) = match text.split_once(':') {
            Some((name, width)) => (name, Some(width.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        if width.is_some_and(|width| !(MIN_WIDTH..=MAX_WIDTH).contains(&width)) {
            return Err(());
        }
        Ok(Self {
            column: name.parse().map_err(|_| ())?,
            width,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn a_column_survives_its_spelling_and_what_is_none_is_refused() {
        for column in Column::iter() {
            for width in [None, Some(MIN_WIDTH), Some(MAX_WIDTH)] {
                let shown = VisibleColumn { column, width };
                assert_eq!(shown.to_string().parse(), Ok(shown));
            }
        }
        for wrong in [
            "", "urls", "url:", "url:2", "url:201", "url:x", "url:9:9", "URL",
        ] {
            assert_eq!(wrong.parse::<VisibleColumn>(), Err(()), "{wrong}");
        }
    }
}
