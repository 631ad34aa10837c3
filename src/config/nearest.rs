//! Near matches: what an unknown name was probably meant to be.

/// Longer than any name, in bytes: what is longer was not meant to be one.
const LONGEST: usize = 100;

/// The names that are close to `given`, closest first, three at most.
pub fn nearest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    if given.len() > LONGEST {
        return Vec::new();
    }
    let given = given.to_lowercase();
    let letters: Vec<char> = given.chars().collect();
    let limit = (letters.len() / 3).clamp(1, 4);
    let mut close: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let inside = given.len() >= 3 && name.contains(&given[..]);
            let other: Vec<char> = name.to_lowercase().chars().collect();
            // The difference of the lengths is the least that the distance can be.
            if !inside && letters.len().abs_diff(other.len()) > limit {
                return None;
            }
            let distance = distance(&letters, &other);
            (distance <= limit || inside).then_some((distance, name))
        })
        .collect();
    close.sort_unstable();
    close.dedup();
    close.truncate(3);
    close.into_iter().map(|(_, name)| name).collect()
}

/// A hint that names them, or what to say when nothing is close.
pub fn hint(close: &[&str], otherwise: impl FnOnce() -> String) -> String {
    match close {
        [] => otherwise(),
        [one] => format!("did you mean {one}?"),
        [rest @ .., last] => format!("did you mean {} or {last}?", rest.join(", ")),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours between two words.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the table are enough: a swap looks two rows back.
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut row = before.clone();
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name_and_a_stranger_finds_none() {
        let names = ["read_only", "base_url", "rpm"];
        assert_eq!(nearest("read_onyl", names), ["read_only"]);
        assert_eq!(nearest("BASE_URL", names), ["base_url"]);
        assert_eq!(nearest("colour", names), [""; 0]);
        assert_eq!(nearest("rmp", names), ["rpm"]);
        assert_eq!(nearest("only", names), ["read_only"]);
        assert_eq!(nearest(&"rpm".repeat(1_000), names), [""; 0]);
    }
}
