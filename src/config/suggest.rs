//! Near matches: what an unknown name was probably meant to be.

/// Longer than any name, in bytes: what is longer was not meant to be one.
const MAX_NAME_BYTES: usize = 100;

/// The names that are close to `given`, closest first, three at most.
pub fn suggest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    if given.len() > MAX_NAME_BYTES {
        return Vec::new();
    }
    let given = given.to_lowercase();
    let letters = given.chars().count();
    let limit = (letters / 3).clamp(1, 4);
    let mut close: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let inside = given.len() >= 3 && name.contains(&given[..]);
            let other = name.to_lowercase();
            // The difference of the lengths is the least that the distance can be.
            if !inside && letters.abs_diff(other.chars().count()) > limit {
                return None;
            }
            let distance = strsim::osa_distance(&given, &other);
            (distance <= limit || inside).then_some((distance, name))
        })
        .collect();
    close.sort_unstable();
    close.dedup();
    close.truncate(3);
    close.into_iter().map(|(_, name)| name).collect()
}

/// A hint that names them, or what to say when nothing is close.
pub fn suggestion(close: &[&str], otherwise: impl FnOnce() -> String) -> String {
    match close {
        [] => otherwise(),
        [one] => format!("did you mean {one}?"),
        [rest @ .., last] => format!("did you mean {} or {last}?", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name_and_a_stranger_finds_none() {
        let names = ["read_only", "base_url", "rpm"];
        assert_eq!(suggest("read_onyl", names), ["read_only"]);
        assert_eq!(suggest("BASE_URL", names), ["base_url"]);
        assert_eq!(suggest("colour", names), [""; 0]);
        assert_eq!(suggest("rmp", names), ["rpm"]);
        assert_eq!(suggest("only", names), ["read_only"]);
        assert_eq!(suggest(&"rpm".repeat(1_000), names), [""; 0]);
    }
}
