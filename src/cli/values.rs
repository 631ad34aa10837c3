//! Values of options that several commands have.

use crate::{
    config::theme::ColorChoice,
    entity::{report::VerificationType, status::Status},
};
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// `--color`.
pub(super) fn color() -> impl TypedValueParser<Value = ColorChoice> {
    PossibleValuesParser::new(["auto", "always", "never"])
        .try_map(|word| word.parse::<ColorChoice>())
}

/// `--spam`.
pub(super) fn yes_or_no() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["yes", "no"]).map(|word| word == "yes")
}

/// The four statuses that can be set.
pub(super) fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(["new", "investigating", "fixed", "false_positive"])
        .try_map(|word| word.parse::<Status>())
}

/// `--type`.
pub(super) fn verification() -> impl TypedValueParser<Value = VerificationType> {
    PossibleValuesParser::new(["dns", "html", "file"])
        .try_map(|word| word.parse::<VerificationType>())
}
