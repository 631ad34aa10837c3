//! Leaked passwords, by the first five characters of their hash.
//!
//! The set is the passwords of the demo's leaks and some that everybody knows, with made-up counts. Around them lie
//! made-up neighbours, so that an answer with lines in it proves nothing until the suffixes are compared.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};

use super::generator::LeakGenerator;
use super::leak::Leak;
use super::population::SharedPopulation;
use super::rng::{SplitMix, mix};
use crate::entity::md4;

/// Leaks whose passwords are in the set, the newest of each system: hashing millions would take too long.
const MAX_HASHED_LEAKS: u32 = 50_000;

/// Characters of a hash that are asked for.
const PREFIX: usize = 5;

/// Neighbours of a prefix at most.
const MAX_NEIGHBOURS: u64 = 60;

/// Lines of a padded answer: this many, and up to so many more.
const MIN_PADDED_LINES: usize = 800;
const MAX_EXTRA_LINES: u64 = 200;

/// Passwords that every such list has, and how often.
const WELL_KNOWN: [(&str, u64); 16] = [
    ("123456", 37_000_000),
    ("123456789", 16_500_000),
    ("password", 9_600_000),
    ("qwerty", 10_100_000),
    ("111111", 4_800_000),
    ("abc123", 4_000_000),
    ("password123", 250_000),
    ("iloveyou", 2_400_000),
    ("letmein", 400_000),
    ("welcome", 460_000),
    ("dragon", 1_200_000),
    ("monkey", 1_300_000),
    ("admin", 1_700_000),
    ("P@ssw0rd", 73_000),
    ("hunter2", 50_474),
    ("correct horse battery staple", 219),
];

/// Which hash of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// SHA-1.
    Sha1,
    /// The one that Windows keeps.
    Ntlm,
}

impl Form {
    fn hash(self, password: &str) -> String {
        match self {
            Self::Sha1 => hexadecimal(&Sha1::digest(password.as_bytes())),
            Self::Ntlm => {
                let wide: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
                hexadecimal(&md4::digest(&wide))
            }
        }
    }

    /// Characters of a hash behind the prefix.
    fn rest(self) -> usize {
        match self {
            Self::Sha1 => 35,
            Self::Ntlm => 27,
        }
    }
}

/// Suffixes and counts, by prefix, upper case.
type Known = HashMap<String, Vec<(String, u64)>>;

/// The set.
#[derive(Debug)]
pub(crate) struct Passwords {
    seed: u64,
    counts: HashMap<String, u64>,
    sha1: Known,
    /// Made when it is first asked for.
    ntlm: std::cell::OnceCell<Known>,
}

impl Passwords {
    /// The set of the newest leaks of a system and of the world that it shares rows with, which has so many.
    pub(crate) fn of_newest(
        seed: u64,
        theirs: u32,
        world: &LeakGenerator,
        crowd: &SharedPopulation,
    ) -> Self {
        let mut leak = Leak::default();
        let mut own = Vec::new();
        for number in theirs.saturating_sub(MAX_HASHED_LEAKS)..theirs {
            world.fill(number, &mut leak);
            own.push(std::mem::take(&mut leak.password));
        }
        for row in crowd.rows().saturating_sub(MAX_HASHED_LEAKS)..crowd.rows() {
            // What is shared is counted already, where it is not too old.
            if crowd.shared_with(row).is_none() {
                crowd.fill(row, &mut leak);
                own.push(std::mem::take(&mut leak.password));
            }
        }
        Self::new(seed, own.iter().map(String::as_str))
    }

    /// The well-known ones and those given, which may repeat: each time counts.
    pub(crate) fn new<'a>(seed: u64, own: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: HashMap<String, u64> = HashMap::new();
        let well_known = WELL_KNOWN.iter().copied();
        let own = own.filter(|password| !password.is_empty());
        for (password, count) in well_known.chain(own.map(|password| (password, 1))) {
            *counts.entry(password.to_owned()).or_default() += count;
        }
        Self {
            seed,
            sha1: known(Form::Sha1, &counts),
            ntlm: std::cell::OnceCell::new(),
            counts,
        }
    }

    /// The lines of a prefix, `SUFFIX:COUNT`, by suffix; empty where nothing is known. Padding has the count 0.
    pub(crate) fn range(&self, prefix: &str, form: Form, padded: bool) -> String {
        let prefix = prefix.to_ascii_uppercase();
        let mut draw = SplitMix::new(prefix.bytes().fold(mix(self.seed), |sum, byte| {
            mix(sum.rotate_left(7) ^ u64::from(byte))
        }));
        let all = match form {
            Form::Sha1 => &self.sha1,
            Form::Ntlm => self.ntlm.get_or_init(|| known(form, &self.counts)),
        };
        let mut lines = all.get(&prefix).cloned().unwrap_or_default();
        // One prefix in four is known to nobody but its own passwords.
        if !draw.one_in(4) {
            for _ in 0..=draw.below(MAX_NEIGHBOURS) {
                lines.push((suffix(&mut draw, form), 1 + draw.skewed(5_000)));
            }
        }
        if padded {
            let wanted = MIN_PADDED_LINES + draw.below(MAX_EXTRA_LINES + 1) as usize;
            while lines.len() < wanted {
                lines.push((suffix(&mut draw, form), 0));
            }
        }
        lines.sort_unstable();
        let mut text = String::new();
        for (suffix, count) in &lines {
            if !text.is_empty() {
                text.push_str("\r\n");
            }
            let _ = write!(text, "{suffix}:{count}");
        }
        text
    }
}

/// Whether a text is the beginning of a hash.
pub(crate) fn is_prefix(text: &str) -> bool {
    text.len() == PREFIX && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

/// Passwords by their hash.
fn known(form: Form, counts: &HashMap<String, u64>) -> Known {
    let mut known = Known::new();
    for (password, count) in counts {
        let mut prefix = form.hash(password);
        let suffix = prefix.split_off(PREFIX);
        known.entry(prefix).or_default().push((suffix, *count));
    }
    known
}

/// A made-up suffix. That it belongs to a password that anybody types is beyond chance.
fn suffix(draw: &mut SplitMix, form: Form) -> String {
    let mut suffix = format!(
        "{:016X}{:016X}{:03X}",
        draw.next(),
        draw.next(),
        draw.below(4_096)
    );
    suffix.truncate(form.rest());
    suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(&str, u64)> {
        text.split("\r\n")
            .filter(|line| !line.is_empty())
            .map(|line| {
                let (suffix, count) = line.split_once(':').unwrap();
                (suffix, count.parse().unwrap())
            })
            .collect()
    }

    #[test]
    fn a_known_password_is_in_its_range_in_either_case() {
        // SHA-1 of password123, as the vendor's own sample has it.
        let passwords = Passwords::new(1, std::iter::empty());
        for prefix in ["CBFDA", "cbfda"] {
            let text = passwords.range(prefix, Form::Sha1, false);
            assert!(
                lines(&text).contains(&("C6008F9CAB4083784CBD1874F76618D2A97", 250_000)),
                "{text}"
            );
        }
    }

    #[test]
    fn the_hash_of_windows_has_ranges_of_its_own() {
        let passwords = Passwords::new(1, std::iter::empty());
        let text = passwords.range("8846f", Form::Ntlm, true);
        assert!(lines(&text).contains(&("7EAEE8FB117AD06BDD830B7586C", 9_600_000)));
        assert!(lines(&text).iter().all(|(suffix, _)| suffix.len() == 27));
    }

    #[test]
    fn own_passwords_count_each_time_and_blank_ones_never() {
        let own = ["Basil-41", "", "Basil-41"];
        let passwords = Passwords::new(1, own.into_iter());
        let hash = hexadecimal(&Sha1::digest(b"Basil-41"));
        let text = passwords.range(&hash[..5], Form::Sha1, false);
        assert!(lines(&text).contains(&(&hash[5..], 2)));
        let empty = hexadecimal(&Sha1::digest(b""));
        let text = passwords.range(&empty[..5], Form::Sha1, false);
        assert!(
            !lines(&text)
                .iter()
                .any(|(suffix, _)| *suffix == &empty[5..])
        );
    }

    #[test]
    fn padding_fills_up_with_nothing_and_hides_how_much_is_known() {
        let passwords = Passwords::new(1, std::iter::empty());
        let mut empty = 0;
        for number in 0..64_u32 {
            let prefix = format!("{:05X}", number * 16_381);
            let bare = passwords.range(&prefix, Form::Sha1, false);
            empty += u32::from(bare.is_empty());
            let text = passwords.range(&prefix, Form::Sha1, true);
            let padded = lines(&text);
            assert!((800..=1_000).contains(&padded.len()), "{}", padded.len());
            assert!(padded.is_sorted());
            assert!(padded.iter().all(|(suffix, _)| suffix.len() == 35
                && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())
                && *suffix == suffix.to_uppercase()));
            let real: Vec<_> = padded.into_iter().filter(|line| line.1 > 0).collect();
            assert_eq!(real, lines(&bare));
        }
        assert!((5..40).contains(&empty), "{empty}");
    }

    #[test]
    fn a_prefix_is_five_hexadecimal_characters() {
        for good in ["CBFDA", "0abc9"] {
            assert!(is_prefix(good));
        }
        for bad in ["", "CBFD", "CBFDAC", "CBFDG", "CBFé"] {
            assert!(!is_prefix(bad), "{bad}");
        }
    }
}
