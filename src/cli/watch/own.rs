//! What we changed ourselves, as the console knows it, too.

pub(super) use crate::runtime::own_changes::{Own, changes};
