//! Which rows a mapping keeps.

/// A condition on a column.
pub(in crate::provider::file) struct Keep {
    pub(super) column: String,
    pub(super) is: Option<Vec<String>>,
    pub(super) not: Option<Vec<String>>,
    pub(super) matches: Option<regex::bytes::Regex>,
    pub(super) empty: Option<bool>,
}

/// Whether a cell meets it. An absent cell is an empty one.
pub(super) fn holds(keep: &Keep, cell: Option<&[u8]>) -> bool {
    let cell = cell.unwrap_or_default();
    let among = |words: &Vec<String>| words.iter().any(|word| word.as_bytes() == cell);
    keep.is.as_ref().is_none_or(among)
        && !keep.not.as_ref().is_some_and(among)
        && keep
            .matches
            .as_ref()
            .is_none_or(|regex| regex.is_match(cell))
        && keep.empty.is_none_or(|empty| empty == cell.is_empty())
}
