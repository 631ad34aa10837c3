//! The way from a frame to the terminal, in as few bytes as the terminal allows.
//!
//! The [canvas](super::canvas) says which cells changed; [`Wire`] keeps what is wanted beside what is shown, and once a frame
//!
//! 1. is told of rows that only moved, or looks for them, and moves them by the terminal's scroll region,
//! 2. paints what is still different: gaps are skipped or written again, whichever is shorter, blanks are erased, colours
//!    change by the difference, the cursor takes the shortest way,
//! 3. hands the bytes to the [`Line`], which gives them to the terminal in one write; what the terminal does not take at
//!    once, a thread waits with. Until that was taken no further frame is drawn: what a slow line cannot carry is never
//!    made.
//!
//! What a terminal understands is in [`Facts`]. An unknown one gets absolute positions and colours and nothing else.

mod backend;
mod facts;
mod line;
mod painter;
mod pen;
mod row;
mod sheet;
mod shift;
mod step;

pub use backend::{Out, Wire};
pub use facts::{Facts, Shift};
pub use line::{Direct, Line};
