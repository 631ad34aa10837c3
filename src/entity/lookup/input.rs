//! What an operator gives to be looked up: brought to the one form that a provider can know, or refused with what is
//! wrong with it. The console and every command call this and nothing else, so that both ask for the same.
//!
//! Addresses and names are normalised: they are pasted out of mail headers, links and lists. Secrets never are: one that
//! was changed on its way would be called clean. No refusal quotes what was given, for it may be a secret that was given
//! in the wrong place.

mod host;
mod trim;

use super::{Lookup, LookupKind, is_card};
use crate::entity::{lines, secret::Secret, visible};
use percent_encoding::percent_decode_str;
use std::fmt;
use zeroize::Zeroizing;

/// No address, name or link that is asked for is longer, in bytes.
pub const MAX_NAME_BYTES: usize = 2_048;

/// No secret that is looked up is longer, in bytes.
pub const MAX_SECRET_BYTES: usize = 4_096;

/// The longest address that mail knows, in bytes.
const MAX_ADDRESS_BYTES: usize = 254;

/// Why something is not looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with it, without a word of it.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

const ADDRESS_HINT: &str =
    "an address is name@domain, one at a time; check domain looks a domain up";
const DOMAIN_HINT: &str =
    "a domain is like acme.example, one at a time; check email looks an address up";
const LINE_HINT: &str = "give the one secret alone, on one line";

fn address_refusal(why: impl fmt::Display) -> Refusal {
    Refusal {
        message: format!("that is no address: {why}"),
        hint: ADDRESS_HINT,
    }
}

fn domain_refusal(why: impl fmt::Display) -> Refusal {
    Refusal {
        message: format!("that is no domain: {why}"),
        hint: DOMAIN_HINT,
    }
}

/// What is looked up, of a kind that is no secret.
pub fn parse_lookup(kind: LookupKind, typed: &str) -> Result<Lookup, Refusal> {
    match kind {
        LookupKind::Email => parse_email(typed).map(Lookup::Email),
        LookupKind::Domain => parse_domain(typed).map(Lookup::Domain),
        LookupKind::Password | LookupKind::Card | LookupKind::Ssn => Err(Refusal {
            message: "a secret is not given like this".to_owned(),
            hint: LINE_HINT,
        }),
    }
}

/// An address: `Name <a@b>`, `<a@b>`, a `mailto:` link, quotes, brackets and what follows an address in a list are
/// taken off; the domain takes its one form, and letters are small.
pub fn parse_email(typed: &str) -> Result<String, Refusal> {
    if typed.len() > MAX_NAME_BYTES {
        return Err(address_refusal("it is longer than any address"));
    }
    if trim::is_truncated(typed) {
        return Err(address_refusal("it is cut (...), so nobody can find it"));
    }
    let typed = typed.replace(['\u{ff20}', '\u{fe6b}'], "@");
    let address = extract_address(&typed)?;
    let text = &address[..];
    if text.is_empty() {
        return Err(address_refusal("it is empty"));
    }
    if let Some(why) = trim::find_hidden_char(text) {
        return Err(address_refusal(why));
    }
    if trim::is_truncated(text) {
        return Err(address_refusal("it is cut (...), so nobody can find it"));
    }
    if trim::is_masked(text) {
        return Err(address_refusal(
            "parts of it are masked, so nobody can find it",
        ));
    }
    let (local, domain) = match text.split_once('@') {
        None => return Err(address_refusal("it has no @")),
        Some((_, domain)) if domain.contains('@') => {
            return Err(address_refusal(
                if text.contains([',', ';', '<', '|', '/']) || text.contains(char::is_whitespace) {
                    "there are two or more of them"
                } else {
                    "it has more than one @"
                },
            ));
        }
        Some(parts) => parts,
    };
    if text.contains(char::is_whitespace) {
        return Err(address_refusal("it has a blank inside"));
    }
    // A keyboard of full width writes the same letters.
    let local: String = trim::unquote(local).chars().map(trim::narrow).collect();
    let local = lowercase(&local);
    if local.is_empty() {
        return Err(address_refusal("nothing stands before the @"));
    }
    if let Some(odd) = local.chars().find(|c| !is_local_part_char(*c)) {
        let odd = visible::escape(odd.to_string().as_bytes());
        return Err(address_refusal(format_args!(
            "{} cannot stand before the @",
            odd.as_str()
        )));
    }
    let domain = host::normalize(domain)
        .map_err(|why| address_refusal(format_args!("what stands behind the @ {why}")))?;
    let whole = format!("{local}@{domain}");
    if local.len() > 64 || whole.len() > MAX_ADDRESS_BYTES {
        return Err(address_refusal("it is longer than any address"));
    }
    // A quoted first part may begin so; without its quotes the same address, given again, would be another.
    if extract_address(&whole).as_ref() != Ok(&whole) {
        return Err(address_refusal(
            "it begins with a quotation mark or a bracket",
        ));
    }
    Ok(whole)
}

/// Small letters; a letter whose small form is several characters stays: not all of them can stand in an address.
fn lowercase(text: &str) -> String {
    let small = |letter: char| {
        let mut small = letter.to_lowercase();
        small
            .next()
            .filter(|_| small.next().is_none())
            .unwrap_or(letter)
    };
    text.chars().map(small).collect()
}

/// Whether the part before the @ may hold a character without quotes.
fn is_local_part_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric())
}

/// The address alone, out of what surrounds it.
fn extract_address(typed: &str) -> Result<String, Refusal> {
    let mut text = trim::trim_edges(typed).to_owned();
    loop {
        let next = if let Some(link) = trim::strip_scheme(&text, &["mailto", "smtp"]) {
            let (path, query) = link.split_once(['?', '#']).unwrap_or((link, ""));
            // A subject or a copy belongs to the link; an address behind its end does not.
            let mut others = query.split([',', ';', ' ', '\t', '\n', '\r']).skip(1);
            if others.any(|other| other.contains('@') && !other.contains('=')) {
                return Err(address_refusal("there are two or more of them"));
            }
            percent_decode(path.trim_start_matches('/'))?
        } else if !text.contains('@') && text.contains("%40") {
            percent_decode(&text)?
        } else {
            match trim::split_brackets(&text) {
                Some((inner, outer)) => pick_address(inner, &outer)?,
                None => text.clone(),
            }
        };
        let next = trim::trim_edges(&next).to_owned();
        if next == text {
            return Ok(text);
        }
        text = next;
    }
}

/// Of what stands in brackets and what stands around them, the one that is an address.
fn pick_address(inner: &str, outer: &str) -> Result<String, Refusal> {
    match (inner.contains('@'), outer.contains('@')) {
        // Many programs write an address a second time where a name belongs.
        (true, true) if parse_email(inner).is_ok_and(|inner| parse_email(outer) == Ok(inner)) => {
            Ok(inner.to_owned())
        }
        (true, true) => Err(address_refusal("there are two or more of them")),
        (false, true) => Ok(outer.to_owned()),
        (true | false, false) => Ok(inner.to_owned()),
    }
}

fn percent_decode(text: &str) -> Result<String, Refusal> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned)
        .map_err(|_| address_refusal("its escapes (%..) are no text"))
}

/// A domain: quotes, brackets, a leading @ or dot and what follows a name in a list are taken off, of a link its host
/// is taken; the name takes its one form, which is small letters and `xn--`.
pub fn parse_domain(typed: &str) -> Result<String, Refusal> {
    if typed.len() > MAX_NAME_BYTES {
        return Err(domain_refusal("it is longer than any link"));
    }
    if trim::is_truncated(typed) {
        return Err(domain_refusal("it is cut (...), so nobody can find it"));
    }
    let mut text = trim::trim_edges(typed);
    while let Some((inner, outer)) = trim::split_brackets(text)
        && outer.is_empty()
    {
        text = trim::trim_edges(inner);
    }
    let text = trim::trim_edges(text.trim_start_matches(['@', '.', '\u{ff20}']));
    if text.is_empty() {
        return Err(domain_refusal("it is empty"));
    }
    if let Some(why) = trim::find_hidden_char(text) {
        return Err(domain_refusal(why));
    }
    if text.contains(char::is_whitespace) {
        return Err(domain_refusal("it has a blank inside"));
    }
    if text.contains('*') || trim::is_masked(text) {
        return Err(domain_refusal("a part of it is left open or masked"));
    }
    let host = host::host_from_link(text).map_err(domain_refusal)?;
    host::normalize(&host).map_err(|why| domain_refusal(format_args!("it {why}")))
}

/// A name of a catalogue, such as a breach's: blanks and a pair of quotes around it are taken off, and the comma or
/// semicolon of a list behind it.
pub fn parse_name(typed: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| Refusal {
        message: format!("that is no name: {why}"),
        hint: "a name is one line of printable text; breaches list has them",
    };
    if typed.len() > MAX_NAME_BYTES {
        return Err(wrong("it is too long"));
    }
    let text = trim::trim_name(typed);
    if text.is_empty() {
        return Err(wrong("it is empty"));
    }
    match trim::find_hidden_char(text) {
        Some(why) => Err(wrong(&why)),
        None => Ok(text.to_owned()),
    }
}

/// A secret out of text that came at once, by a pipe or a paste: exactly as it is, without the one line end that closes
/// it. Several lines are none, and neither is what begins with a byte order mark.
pub fn single_line(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let wrong = |message: &str| {
        Err(Refusal {
            message: message.to_owned(),
            hint: LINE_HINT,
        })
    };
    if has_byte_order_mark(bytes) {
        return wrong(BYTE_ORDER_MARK_REASON);
    }
    if bytes.contains(&0) {
        return wrong("there are NUL bytes in it, as in text of two bytes a character (UTF-16)");
    }
    // Unicode's own ends of a line and of a paragraph: they come between lines that were copied, and show nothing.
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Some(end) = text.chars().find(|c| LINE_SEPARATORS.contains(c)) {
        let code = u32::from(end);
        return wrong(&format!(
            "there is a line separator in it (U+{code:04X}), as between several lines"
        ));
    }
    match lines::single_line(bytes) {
        None => wrong("there is more than one line"),
        Some(line) if line.len() > MAX_SECRET_BYTES => wrong("that is longer than any secret"),
        Some(line) => Ok(line),
    }
}

/// Characters that end a line and are neither CR nor LF.
const LINE_SEPARATORS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

const BYTE_ORDER_MARK_REASON: &str =
    "it begins with a byte order mark, which belongs to the file and not to the secret";

/// Whether bytes begin with a byte order mark, of UTF-8 or of UTF-16.
fn has_byte_order_mark(bytes: &[u8]) -> bool {
    [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"]
        .iter()
        .any(|mark| bytes.starts_with(mark))
}

/// The lookup of a secret, exactly as it was given; only of a card's number, and of the last four digits of another, are
/// blanks and dashes left out.
pub fn parse_secret(kind: LookupKind, typed: &Secret) -> Result<Lookup, Refusal> {
    let wrong = |message: &str, hint| {
        Err(Refusal {
            message: message.to_owned(),
            hint,
        })
    };
    if typed.is_empty() {
        return wrong("nothing was given", LINE_HINT);
    }
    if has_byte_order_mark(typed.expose()) {
        return wrong(BYTE_ORDER_MARK_REASON, LINE_HINT);
    }
    let digits = || {
        let mut digits = Zeroizing::new(Vec::with_capacity(typed.expose().len()));
        let kept = typed.expose().iter();
        digits.extend(
            kept.copied()
                .filter(|byte| !matches!(byte, b' ' | b'-' | b'\t')),
        );
        digits
    };
    match kind {
        LookupKind::Card => {
            let mut digits = digits();
            if !is_card(&digits) {
                return wrong(
                    "that is no card number",
                    "it has 12 to 19 digits, and the last one has to fit the others",
                );
            }
            Ok(Lookup::Card(Secret::new(std::mem::take(&mut *digits))))
        }
        LookupKind::Ssn => {
            let mut digits = digits();
            if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
                return wrong(
                    "that is not four digits",
                    "give the last four digits alone, never the whole number",
                );
            }
            Ok(Lookup::Ssn(Secret::new(std::mem::take(&mut *digits))))
        }
        LookupKind::Password | LookupKind::Email | LookupKind::Domain => {
            Ok(Lookup::Password(typed.clone()))
        }
    }
}

/// What was asked for, printable, where it is not what was typed.
pub fn changed_text(typed: &str, asked: &str) -> Option<String> {
    (typed != asked).then(|| format!("asked for {}", visible::escape(asked.as_bytes()).as_str()))
}
