//! To come.

pub mod text;
