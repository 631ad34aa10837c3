//! Looking up what must not be seen: of a password five characters of its hash leave, a card and a number leave in a
//! body that is zeroed. Each is sent once, whatever comes of it: a lost answer may have cost one of a few.

use super::{
    LeakedChecker, external,
    lookup::{clean, of_breaches},
    malformed, policy, wire,
};
use crate::{
    entity::{
        breach::Breach,
        error::ProviderError,
        lookup::{Evidence, Finding, Lookup, LookupAnswer, Verdict, is_card},
        secret::Secret,
        text::Text,
    },
    http::{Media, NotFound, Reply, Request, json::Value},
    provider::judge::{self, Judgement, Totals},
};
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, Zeroizing};

/// Characters of the hash that leave.
const PREFIX: usize = 5;

/// Characters of the hash in all.
const HASH: usize = 40;

const NO_LIST: &str = "the provider does not list the hashes that begin like this one; that some password begins so proves nothing";
const NOT_SAID: &str =
    "the provider does not know the beginning of this hash; that is neither safe nor leaked";
const NO_LINES: &str =
    "the list of hashes is empty, though a padded one was asked for: it was lost on the way";
const UNREADABLE: &str =
    "part of the answer could not be read, and the rest does not hold this hash";
const FOUR_DIGITS: &str = "four digits stand for 10,000 values only, and many people share each: a hit says little about one person";

impl LeakedChecker {
    pub(super) async fn look_up_password(&self, password: &Secret) -> LookupAnswer {
        LookupAnswer {
            operation: "checkPasswordPrefix",
            result: self.password_found(password).await,
        }
    }

    async fn password_found(&self, password: &Secret) -> Result<Finding, ProviderError> {
        let hash = hash_of(password.expose());
        let (prefix, suffix) = hash.split_at(PREFIX);
        let prefix = std::str::from_utf8(prefix).map_err(|_| policy("it has no hash"))?;
        // Public: with the key the provider would know which account looks it up.
        let request = external(&["leakedpassword", prefix])
            .header("add-padding", "true")
            .accepts(&[Media::Plain, Media::Json])
            .says_not_found(NotFound::Failure)
            .without_key();
        match self.transport.write(&request).await {
            Ok(reply) => Ok(compare(&reply, suffix)),
            Err(ProviderError::NotFound { message, .. }) => Ok(Finding {
                message,
                ..inconclusive(NOT_SAID, Evidence::NotFound)
            }),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn look_up_card(&self, digits: &Secret) -> LookupAnswer {
        LookupAnswer {
            operation: "checkCard",
            result: self.card_found(digits).await,
        }
    }

    async fn card_found(&self, digits: &Secret) -> Result<Finding, ProviderError> {
        if !is_card(digits.expose()) {
            return Err(policy(
                "that is no card number: its digits do not add up, and nothing was sent",
            ));
        }
        let reply = self.post("breachedcc", "cc_num", digits).await?;
        let mut finding = read(reply.json()?)?;
        let masked = Lookup::Card(digits.clone()).shown().unwrap_or_default();
        for breach in &mut finding.breaches {
            mask(breach, digits.expose(), &masked);
        }
        Ok(finding)
    }

    pub(super) async fn look_up_number(&self, digits: &Secret) -> LookupAnswer {
        LookupAnswer {
            operation: "checkSsn",
            result: self.number_found(digits).await,
        }
    }

    async fn number_found(&self, digits: &Secret) -> Result<Finding, ProviderError> {
        let four = digits.expose().len() == 4 && digits.expose().iter().all(u8::is_ascii_digit);
        if !four {
            return Err(policy(
                "the last four digits alone are looked up, and nothing was sent",
            ));
        }
        let reply = self.post("breachedssn", "last4", digits).await?;
        Ok(Finding {
            note: Some(FOUR_DIGITS),
            ..read(reply.json()?)?
        })
    }

    /// Sends digits in a body. They are digits and no more: nothing in them needs an escape.
    async fn post(
        &self,
        operation: &str,
        member: &str,
        digits: &Secret,
    ) -> Result<Reply, ProviderError> {
        if let Some(error) = self.no_secrets() {
            return Err(error);
        }
        let [before, after] = [format!("{{\"{member}\":\""), "\"}".to_owned()];
        // Of its full size from the start: a buffer that grows leaves a copy behind.
        let size = before.len() + digits.expose().len() + after.len();
        let mut body = Zeroizing::new(Vec::with_capacity(size));
        body.extend_from_slice(before.as_bytes());
        body.extend_from_slice(digits.expose());
        body.extend_from_slice(after.as_bytes());
        let request = Request::post(&["external", operation])
            .private(digits.expose())
            .secret_json(body);
        self.transport.write(&request).await
    }
}

fn inconclusive(note: &'static str, evidence: Evidence) -> Finding {
    Finding {
        verdict: Verdict::Inconclusive,
        note: Some(note),
        evidence,
        ..clean()
    }
}

/// The SHA-1 of a password in upper-case hexadecimal digits.
fn hash_of(password: &[u8]) -> Zeroizing<[u8; HASH]> {
    let digit = |value: u8| match value {
        0..10 => b'0' + value,
        _ => b'A' + value - 10,
    };
    let mut hash = Sha1::digest(password);
    let mut digits = Zeroizing::new([0; HASH]);
    for (pair, byte) in digits.chunks_exact_mut(2).zip(hash.iter()) {
        if let [high, low] = pair {
            (*high, *low) = (digit(byte >> 4), digit(byte & 15));
        }
    }
    hash.as_mut_slice().zeroize();
    digits
}

/// Looks for the rest of a hash among those that begin alike. Only a list proves anything: a yes or a no is about the
/// beginning, which hundreds of passwords share.
fn compare(reply: &Reply, suffix: &[u8]) -> Finding {
    if reply.media != Media::Plain {
        let evidence = if is_yes_or_no(reply) {
            Evidence::Answered
        } else {
            Evidence::Unreadable
        };
        return inconclusive(NO_LIST, evidence);
    }
    let bare = reply.body.trim_ascii().to_ascii_lowercase();
    if matches!(&bare[..], b"true" | b"false" | b"yes" | b"no") {
        return inconclusive(NO_LIST, Evidence::Answered);
    }
    let (mut count, mut lines, mut unreadable) = (0u64, 0u64, false);
    for line in reply.body.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        lines += 1;
        let Some((known, times)) = row(line) else {
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
            ..clean()
        };
    }
    match (unreadable, lines) {
        (true, 1) => inconclusive(NO_LIST, Evidence::Unreadable),
        (true, _) => inconclusive(UNREADABLE, Evidence::Unreadable),
        // Padding was asked for: a list has hundreds of lines, whatever is known.
        (false, 0) => inconclusive(NO_LINES, Evidence::Unreadable),
        (false, _) => Finding {
            count: Some(0),
            ..clean()
        },
    }
}

/// Whether an answer is the bare yes or no that the service may give in place of a list.
fn is_yes_or_no(reply: &Reply) -> bool {
    reply.json().is_ok_and(|value| {
        value.bool().is_some() || value.get("found").and_then(Value::bool).is_some()
    })
}

/// One row of the list: the rest of a hash, and how often it was seen.
fn row(line: &[u8]) -> Option<(&[u8], u64)> {
    let at = memchr::memchr(b':', line)?;
    let (known, times) = (line.get(..at)?, line.get(at + 1..)?);
    let is_rest = known.len() == HASH - PREFIX && known.iter().all(u8::is_ascii_hexdigit);
    let is_count = !times.is_empty() && times.iter().all(u8::is_ascii_digit);
    // More digits than fit are very often.
    let times = std::str::from_utf8(times).ok()?.parse().unwrap_or(u64::MAX);
    (is_rest && is_count).then_some((known, times))
}

/// Reads the answer about a card or a number, which says found or not in the same words.
fn read(value: Value<'_>) -> Result<Finding, ProviderError> {
    let data = wire::object(value, &[])?;
    let list = data.get("breaches").filter(|list| !list.is_null());
    let (mut breaches, mut unreadable) = (Vec::new(), 0);
    for item in list.into_iter().flat_map(Value::elements) {
        match wire::sourced(item) {
            Some(breach) => breaches.push(breach),
            None => unreadable += 1,
        }
    }
    if list.is_some_and(|list| !list.is_array()) {
        unreadable += 1;
    }
    let [counted] = data.pick(["breach_count"]);
    let count = counted.value.and_then(Value::count);
    let mut totals = Totals::default();
    totals.add("breach_count", counted);
    let came = breaches.len() as u64 + u64::from(unreadable);
    let contradiction = totals.against(came);
    let said = data.get("is_breached").and_then(wire::truth);
    // Whatever of the three says so: a hit must not be lost to a contradiction.
    let is_found =
        said == Some(true) || count.is_some_and(|count| count > 0) || !breaches.is_empty();
    if !is_found && said.is_none() {
        return Err(malformed("it does not say whether anything was found"));
    }
    let denies = said == Some(false) && is_found;
    let has_none = said == Some(true) && count == Some(0) && came == 0;
    let contradiction = contradiction.or_else(|| {
        (denies || has_none).then(|| "it says both that it was found and that not".to_owned())
    });
    let answered = judge::answered(breaches, unreadable, contradiction);
    let (evidence, message) = (answered.evidence(), answered.message());
    let breaches = Judgement::Answered(answered).listed()?.items;
    Ok(Finding {
        verdict: match (is_found, evidence.is_own()) {
            (true, _) => Verdict::Found,
            (false, true) => Verdict::Clean,
            (false, false) => Verdict::Inconclusive,
        },
        evidence,
        message,
        count: count.or(Some(breaches.len() as u64)),
        ..of_breaches(breaches)
    })
}

/// Hides the number in texts of the provider's that repeat it, whatever stands between its digits.
fn mask(breach: &mut Breach, digits: &[u8], masked: &str) {
    let hide = |text: &mut Text| {
        let bytes = text.as_bytes().iter().copied();
        let bare = Zeroizing::new(bytes.filter(u8::is_ascii_digit).collect::<Vec<u8>>());
        if memchr::memmem::find(&bare, digits).is_some() {
            *text = Text::from(masked);
        }
    };
    hide(&mut breach.name);
    let rest = [
        &mut breach.title,
        &mut breach.domain,
        &mut breach.date,
        &mut breach.added_at,
    ];
    rest.into_iter().flatten().for_each(hide);
    breach.data_classes.iter_mut().for_each(hide);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `password123`, as the contract has it.
    const SUFFIX: &[u8] = b"C6007F9D5E2A1B0C3D4E5F60718293A4B5C";

    fn plain(body: &str) -> Reply {
        Reply::plain(body.as_bytes())
    }

    fn found(body: &str) -> (Verdict, Option<u64>) {
        let finding = compare(&plain(body), SUFFIX);
        (finding.verdict, finding.count)
    }

    #[test]
    fn a_hash_is_the_published_one() {
        assert!(hash_of(b"password123").starts_with(b"CBFDAC60"));
        assert_eq!(&*hash_of(b""), b"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
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

    #[test]
    fn a_number_that_is_repeated_is_masked_whatever_stands_between() {
        let mut breach = Breach {
            name: Text::from("hit 5555-5555 5555.4444!"),
            title: Some(Text::from("BrightCart 2025")),
            ..Breach::default()
        };
        mask(&mut breach, b"5555555555554444", "****-****-****-4444");
        assert_eq!(breach.name, Text::from("****-****-****-4444"));
        assert_eq!(breach.title, Some(Text::from("BrightCart 2025")));
    }
}
