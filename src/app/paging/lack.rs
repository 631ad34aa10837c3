//! What stands against taking a list for whole although every page of it came.

use crate::entity::{number::group_digits, raw_text::RawText, visible};

/// In words what stands against taking a list for whole, if anything: rows that could not be read, watched domains that
/// were left out, that the domains of its rows are not known, and how its totals contradict each other.
pub fn incomplete_reason(
    unreadable: u64,
    left_out: &[RawText],
    without_domains: bool,
    contradiction: Option<&str>,
) -> Option<String> {
    let mut lacks = Vec::new();
    if !left_out.is_empty() {
        let names: Vec<_> = left_out
            .iter()
            .map(|name| visible::escape(name.as_bytes()).as_str().to_owned())
            .collect();
        let domains = match names.len() {
            1 => "domain was",
            _ => "domains were",
        };
        lacks.push(format!(
            "{} watched {domains} left out: {}",
            names.len(),
            names.join(", ")
        ));
    }
    if without_domains {
        lacks.push(
            "its list of watched domains could not be read, so leaks lack their domain".to_owned(),
        );
    }
    lacks.extend(contradiction.map(str::to_owned));
    if unreadable > 0 {
        let rows = if unreadable == 1 { "row" } else { "rows" };
        lacks.push(format!(
            "{} {rows} could not be read",
            group_digits(unreadable)
        ));
    }
    (!lacks.is_empty()).then(|| lacks.join("; "))
}
