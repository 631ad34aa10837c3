//! The report on a period: figures that two people get the same, made of what was seen, and its four forms. [`figures`](fn@figures)
//! is pure; [`html`], [`md`], [`csv`] and [`json`] draw its answer and nothing else. [`handoff`] is
//! what one shift tells the next.

pub mod csv;
pub mod figures;
pub mod handoff;
pub mod html;
pub mod json;
pub mod md;
pub mod survival;
pub mod timeline;
pub mod words;

pub use figures::{Figures, Group, Input, Week, figures};
pub use timeline::{Begin, End, Spell, spells};
