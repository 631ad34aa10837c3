//! `--filter` of the commands.

use crate::{
    cli::failure::{Failure, FailureKind},
    filter::{self, Filter},
    provider::ids,
};

/// Reads `--filter`, at this moment. Nothing is marked outside of a console, and what nothing can be is refused, not
/// taken for none or for all.
pub(in crate::cli) fn parse(text: Option<&str>) -> Result<Filter, Failure> {
    let text = text.unwrap_or_default();
    let filter = filter::parse(text, &ids()).map_err(|error| Failure::from(&error))?;
    if filter.has_term(|term| matches!(term, filter::Term::Marked)) {
        return Err(Failure::new(
            FailureKind::Usage,
            "nothing is marked outside of the console: marked cannot be asked for here",
            "leave it out, and to look for the text itself, put it in quotes",
        ));
    }
    Ok(filter.with_now(jiff::Timestamp::now()))
}
