//! The filter language, in the help of what takes one.

use crate::filter::SYNTAX;

/// What an option takes, and the language in which that is said.
pub(in crate::cli) fn help(takes: &str) -> String {
    let forms = SYNTAX
        .iter()
        .map(|(form, what)| format!("{form}\n    {what}\n"));
    format!("{takes}\n\n{}", forms.collect::<String>().trim_end())
}
