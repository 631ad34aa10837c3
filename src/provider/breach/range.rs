//! Ranges of password hashes: of a password five characters of a hash leave, and the answer lists every hash that
//! begins alike.

use crate::{
    entity::{
        lookup::{EvidenceGrade, Finding, Verdict},
        md4,
    },
    http::{HttpResponse, Media, json::Value},
};
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, Zeroizing};

/// Characters of the hash that leave.
const PREFIX: usize = 5;

const NO_LIST_NOTE: &str = "the provider does not list the hashes that begin like this one; that some password begins so proves nothing";
const UNKNOWN_PREFIX_NOTE: &str =
    "the provider does not know the beginning of this hash; that is neither safe nor leaked";
const EMPTY_LIST_NOTE: &str =
    "the list of hashes is empty, though a padded one was asked for: it was lost on the way";
const UNREADABLE_NOTE: &str =
    "part of the answer could not be read, and the rest does not hold this hash";
/// The hash of a password in upper-case hexadecimal digits. It is zeroed when it is dropped.
pub(in crate::provider) struct Hash(Zeroizing<Vec<u8>>);

impl Hash {
    /// The SHA-1 of a password: 40 digits.
    pub(in crate::provider) fn sha1(password: &[u8]) -> Self {
        let mut hash = Sha1::digest(password);
        let digits = digits(&hash);
        hash.as_mut_slice().zeroize();
        Self(digits)
    }

    /// The hash that Windows keeps of a password: 32 digits. `None` where it is no text.
    pub(in crate::provider) fn ntlm(password: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(password).ok()?;
        // No longer than twice its bytes: a buffer that grows leaves a copy behind.
        let mut wide = Zeroizing::new(Vec::with_capacity(password.len() * 2));
        for unit in text.encode_utf16() {
            wide.extend_from_slice(&unit.to_le_bytes());
        }
        let hash = Zeroizing::new(md4::digest(&wide));
        Some(Self(digits(&*hash)))
    }

    /// What leaves: the first five digits.
    pub(in crate::provider) fn prefix(&self) -> &str {
        let prefix = self.0.get(..PREFIX).unwrap_or_default();
        std::str::from_utf8(prefix).unwrap_or_default()
    }

    /// What stays.
    pub(in crate::provider) fn suffix(&self) -> &[u8] {
        self.0.get(PREFIX..).unwrap_or_default()
    }
}

/// Bytes as upper-case hexadecimal digits.
pub(in crate::provider) fn digits(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let digit = |value: u8| match value {
        0..10 => b'0' + value,
        _ => b'A' + value - 10,
    };
    let mut digits = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
    for byte in bytes {
        digits.push(digit(byte >> 4));
        digits.push(digit(byte & 15));
    }
    digits
}

/// The finding of an answer that lists nothing.
fn inconclusive(note: &'static str, evidence: EvidenceGrade) -> Finding {
    Finding {
        verdict: Verdict::Inconclusive,
        note: Some(note),
        evidence,
        ..Finding::clean()
    }
}

/// The finding where the service says that it does not know the beginning of the hash.
pub(in crate::provider) fn not_said(message: Option<String>) -> Finding {
    Finding {
        message,
        ..inconclusive(UNKNOWN_PREFIX_NOTE, EvidenceGrade::NotFound)
    }
}

/// Looks for the rest of a hash among those that begin alike. Only a list proves anything: a yes or a no is about the
/// beginning, which hundreds of passwords share.
pub(in crate::provider) fn compare(reply: &HttpResponse, hash: &Hash) -> Finding {
    let suffix = hash.suffix();
    if reply.media != Media::Plain {
        let evidence = if is_yes_or_no(reply) {
            EvidenceGrade::Answered
        } else {
            EvidenceGrade::Unreadable
        };
        return inconclusive(NO_LIST_NOTE, evidence);
    }
    let bare = reply.body.trim_ascii().to_ascii_lowercase();
    if matches!(&bare[..], b"true" | b"false" | b"yes" | b"no") {
        return inconclusive(NO_LIST_NOTE, EvidenceGrade::Answered);
    }
    let (mut count, mut lines, mut unreadable) = (0u64, 0u64, false);
    for line in reply.body.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        lines += 1;
        let Some((known, times)) = parse_row(line, suffix.len()) else {
            unreadable = true;
            continue;
        };
        if known.eq_ignore_ascii_case(suffix) {
            // A count of 0 is padding, also where it bears this hash.
            count = count.saturating_add(times);
        }
    }
    if count > 0 {
        return Finding {
            verdict: Verdict::Found,
            count: Some(count),
            ..Finding::clean()
        };
    }
    match (unreadable, lines) {
        (true, 1) => inconclusive(NO_LIST_NOTE, EvidenceGrade::Unreadable),
        (true, _) => inconclusive(UNREADABLE_NOTE, EvidenceGrade::Unreadable),
        // Padding was asked for: a list has hundreds of lines, whatever is known.
        (false, 0) => inconclusive(EMPTY_LIST_NOTE, EvidenceGrade::Unreadable),
        (false, _) => Finding {
            count: Some(0),
            ..Finding::clean()
        },
    }
}

/// Whether an answer is the bare yes or no that the service may give in place of a list.
fn is_yes_or_no(reply: &HttpResponse) -> bool {
    reply.json().is_ok_and(|value| {
        value.bool().is_some() || value.get("found").and_then(Value::bool).is_some()
    })
}

/// One row of the list: the rest of a hash, and how often it was seen.
fn parse_row(line: &[u8], rest: usize) -> Option<(&[u8], u64)> {
    let at = memchr::memchr(b':', line)?;
    let (known, times) = (line.get(..at)?, line.get(at + 1..)?);
    let is_rest = known.len() == rest && known.iter().all(u8::is_ascii_hexdigit);
    let is_count = !times.is_empty() && times.iter().all(u8::is_ascii_digit);
    // More digits than fit are very often.
    let times = std::str::from_utf8(times).ok()?.parse().unwrap_or(u64::MAX);
    (is_rest && is_count).then_some((known, times))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `password123`, as the contract has it.
    const SUFFIX: &[u8] = b"C6007F9D5E2A1B0C3D4E5F60718293A4B5C";

    fn plain(body: &str) -> HttpResponse {
        HttpResponse::plain(body.as_bytes())
    }

    fn found(body: &str) -> (Verdict, Option<u64>) {
        let digits = [&b"CBFDA"[..], SUFFIX].concat();
        let finding = compare(&plain(body), &Hash(Zeroizing::new(digits)));
        (finding.verdict, finding.count)
    }

    #[test]
    fn a_hash_is_the_published_one() {
        assert!(Hash::sha1(b"password123").0.starts_with(b"CBFDAC60"));
        assert_eq!(
            &*Hash::sha1(b"").0,
            b"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"
        );
        let ntlm = Hash::ntlm(b"password").unwrap();
        assert_eq!(&*ntlm.0, b"8846F7EAEE8FB117AD06BDD830B7586C");
        assert_eq!((ntlm.prefix(), ntlm.suffix().len()), ("8846F", 27));
        assert!(Hash::ntlm(b"\xff").is_none(), "it is no text");
    }

    #[test]
    fn only_a_row_with_a_count_is_a_hit_in_any_case_and_padding_is_dropped() {
        let rest = std::str::from_utf8(SUFFIX).unwrap();
        let other = "0".repeat(35);
        assert_eq!(
            found(&format!("{other}:4\r\n{rest}:7\r\n")),
            (Verdict::Found, Some(7))
        );
        let lower = rest.to_lowercase();
        assert_eq!(found(&format!("{lower}:7")), (Verdict::Found, Some(7)));
        assert_eq!(
            found(&format!("{other}:4\r\n{rest}:0")),
            (Verdict::Clean, Some(0))
        );
        assert_eq!(
            found(&format!("{rest}:0\n{rest}:3")),
            (Verdict::Found, Some(3))
        );
        // A padded list has hundreds of lines: an empty one was lost on the way.
        assert_eq!(found(""), (Verdict::Inconclusive, None));
        let many = format!("{rest}:99999999999999999999999");
        assert_eq!(found(&many), (Verdict::Found, Some(u64::MAX)));
    }

    #[test]
    fn what_is_no_list_proves_nothing() {
        let rest = std::str::from_utf8(SUFFIX).unwrap();
        for body in [
            "true",
            "found",
            rest,
            &format!("{rest}:"),
            &format!("{rest}:-1"),
            &format!("0{rest}:4\n{rest}x:4"),
            &format!("{}:1\nrubbish", "0".repeat(35)),
        ] {
            assert_eq!(found(body), (Verdict::Inconclusive, None), "{body}");
        }
        let beside = format!("rubbish\n{rest}:2");
        assert_eq!(found(&beside), (Verdict::Found, Some(2)), "a hit is a hit");
    }
}
