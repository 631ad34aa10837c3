//! `--filter` of the commands.

use crate::{
    cli::failure::{Failure, FailureKind},
    filter::{self, Filter},
};

/// Reads `--filter`, at this moment. Nothing is marked outside of a console, and what nothing can be is refused, not
/// taken for none or for all.
pub(in crate::cli) fn parse(text: Option<&str>) -> Result<Filter, Failure> {
    let filter = filter::parse(text.unwrap_or_default()).map_err(|error| Failure::from(&error))?;
    if filter.has(|term| matches!(term, filter::Term::Marked)) {
        return Err(Failure::new(
            FailureKind::Usage,
            "nothing is marked outside of the console: marked cannot be asked for here",
            "leave it out, and to look for the text itself, put it in quotes",
        ));
    }
    Ok(filter.at(jiff::Timestamp::now()))
}
