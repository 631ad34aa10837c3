//! Whether the mouse is on.

/// Whether the mouse is on, and what is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mouse {
    /// The terminal reports it.
    pub on: bool,
    /// The button went down on a row of the leaks and is not up yet.
    pub(in crate::app) pressed: bool,
    /// A range is being dragged.
    pub(in crate::app) dragging: bool,
}
