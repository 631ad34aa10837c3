//! How many rows are built at once.

/// Up to so many rows all views are made in one go, in less time than a key may wait.
pub(in crate::app) const AT_ONCE: usize = 20_000;
