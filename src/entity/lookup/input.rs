//! What an operator gives to be looked up: brought to the one form that a provider can know, or refused with what is
//! wrong with it. The console and every command call this and nothing else, so that both ask for the same.
//!
//! Addresses and names are normalised: they are pasted out of mail headers, links and lists. Secrets never are: one that
//! was changed on its way would be called clean. No refusal quotes what was given, for it may be a secret that was given
//! in the wrong place.

mod host;
mod peel;

use super::{Lookup, LookupKind, is_card};
use crate::entity::{lines, secret::Secret, visible};
use percent_encoding::percent_decode_str;
use std::fmt;
use zeroize::Zeroizing;

/// No address, name or link that is asked for is longer, in bytes.
pub const LONGEST_NAME: usize = 2_048;

/// No secret that is looked up is longer, in bytes.
pub const LONGEST_SECRET: usize = 4_096;

/// The longest address that mail knows, in bytes.
const LONGEST_ADDRESS: usize = 254;

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

fn no_address(why: impl fmt::Display) -> Refusal {
    Refusal {
        message: format!("that is no address: {why}"),
        hint: ADDRESS_HINT,
    }
}

fn no_domain(why: impl fmt::Display) -> Refusal {
    Refusal {
        message: format!("that is no domain: {why}"),
        hint: DOMAIN_HINT,
    }
}

/// What is looked up, of a kind that is no secret.
pub fn lookup(kind: LookupKind, typed: &str) -> Result<Lookup, Refusal> {
    match kind {
        LookupKind::Email => email(typed).map(Lookup::Email),
        LookupKind::Domain => domain(typed).map(Lookup::Domain),
        LookupKind::Password | LookupKind::Card | LookupKind::Ssn => Err(Refusal {
            message: "a secret is not given like this".to_owned(),
            hint: LINE_HINT,
        }),
    }
}

/// An address: `Name <a@b>`, `<a@b>`, a `mailto:` link, quotes, brackets and what follows an address in a list are
/// taken off; the domain takes its one form, and letters are small.
pub fn email(typed: &str) -> Result<String, Refusal> {
    if typed.len() > LONGEST_NAME {
        return Err(no_address("it is longer than any address"));
    }
    if peel::is_cut(typed) {
        return Err(no_address("it is cut (...), so nobody can find it"));
    }
    let typed = typed.replace(['\u{ff20}', '\u{fe6b}'], "@");
    let address = bare_address(&typed)?;
    let text = &address[..];
    if text.is_empty() {
        return Err(no_address("it is empty"));
    }
    if let Some(why) = peel::unprintable(text) {
        return Err(no_address(why));
    }
    if peel::is_masked(text) {
        return Err(no_address("parts of it are masked, so nobody can find it"));
    }
    let (local, domain) = match text.split_once('@') {
        None => return Err(no_address("it has no @")),
        Some((_, domain)) if domain.contains('@') => {
            return Err(no_address(
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
        return Err(no_address("it has a blank inside"));
    }
    let local = peel::unquoted(local);
    if local.is_empty() {
        return Err(no_address("nothing stands before the @"));
    }
    if let Some(odd) = local.chars().find(|c| !is_local(*c)) {
        let odd = visible::escape(odd.to_string().as_bytes());
        return Err(no_address(format_args!(
            "{} cannot stand before the @",
            odd.as_str()
        )));
    }
    let domain = host::normal(domain)
        .map_err(|why| no_address(format_args!("what stands behind the @ {why}")))?;
    let whole = format!("{}@{domain}", local.to_lowercase());
    if local.len() > 64 || whole.len() > LONGEST_ADDRESS {
        return Err(no_address("it is longer than any address"));
    }
    Ok(whole)
}

/// Whether the part before the @ may hold a character without quotes.
fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric())
}

/// The address alone, out of what surrounds it.
fn bare_address(typed: &str) -> Result<String, Refusal> {
    let mut text = peel::edges(typed).to_owned();
    loop {
        let next = if let Some(link) = peel::after_scheme(&text, &["mailto", "smtp"]) {
            let (path, query) = link.split_once(['?', '#']).unwrap_or((link, ""));
            // A subject or a copy belongs to the link; an address behind its end does not.
            let mut others = query.split([',', ';', ' ', '\t', '\n', '\r']).skip(1);
            if others.any(|other| other.contains('@') && !other.contains('=')) {
                return Err(no_address("there are two or more of them"));
            }
            decoded(path.trim_start_matches('/'))?
        } else if !text.contains('@') && text.contains("%40") {
            decoded(&text)?
        } else {
            match peel::bracketed(&text) {
                Some((inner, outer)) => one_of(inner, &outer)?,
                None => text.clone(),
            }
        };
        let next = peel::edges(&next).to_owned();
        if next == text {
            return Ok(text);
        }
        text = next;
    }
}

/// Of what stands in brackets and what stands around them, the one that is an address.
fn one_of(inner: &str, outer: &str) -> Result<String, Refusal> {
    match (inner.contains('@'), outer.contains('@')) {
        // Many programs write an address a second time where a name belongs.
        (true, true) if email(inner).is_ok_and(|inner| email(outer) == Ok(inner)) => {
            Ok(inner.to_owned())
        }
        (true, true) => Err(no_address("there are two or more of them")),
        (false, true) => Ok(outer.to_owned()),
        (true | false, false) => Ok(inner.to_owned()),
    }
}

fn decoded(text: &str) -> Result<String, Refusal> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned)
        .map_err(|_| no_address("its escapes (%..) are no text"))
}

/// A domain: quotes, brackets, a leading @ or dot and what follows a name in a list are taken off, of a link its host
/// is taken; the name takes its one form, which is small letters and `xn--`.
pub fn domain(typed: &str) -> Result<String, Refusal> {
    if typed.len() > LONGEST_NAME {
        return Err(no_domain("it is longer than any link"));
    }
    if peel::is_cut(typed) {
        return Err(no_domain("it is cut (...), so nobody can find it"));
    }
    let mut text = peel::edges(typed);
    while let Some((inner, outer)) = peel::bracketed(text)
        && outer.is_empty()
    {
        text = peel::edges(inner);
    }
    let text = peel::edges(text.trim_start_matches(['@', '.', '\u{ff20}']));
    if text.is_empty() {
        return Err(no_domain("it is empty"));
    }
    if let Some(why) = peel::unprintable(text) {
        return Err(no_domain(why));
    }
    if text.contains(char::is_whitespace) {
        return Err(no_domain("it has a blank inside"));
    }
    if text.contains('*') || peel::is_masked(text) {
        return Err(no_domain("a part of it is left open or masked"));
    }
    let host = host::of_link(text).map_err(no_domain)?;
    host::normal(&host).map_err(|why| no_domain(format_args!("it {why}")))
}

/// A name of a catalogue, such as a breach's: blanks and a pair of quotes around it are taken off, and the comma or
/// semicolon of a list behind it.
pub fn name(typed: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| Refusal {
        message: format!("that is no name: {why}"),
        hint: "a name is one line of printable text; breaches list has them",
    };
    if typed.len() > LONGEST_NAME {
        return Err(wrong("it is too long"));
    }
    let text = peel::name(typed);
    if text.is_empty() {
        return Err(wrong("it is empty"));
    }
    match peel::unprintable(text) {
        Some(why) => Err(wrong(&why)),
        None => Ok(text.to_owned()),
    }
}

/// A secret out of text that came at once, by a pipe or a paste: exactly as it is, without the one line end that closes
/// it. Several lines are none, and neither is what begins with a byte order mark.
pub fn one_line(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let wrong = |message: &str| {
        Err(Refusal {
            message: message.to_owned(),
            hint: LINE_HINT,
        })
    };
    if has_mark(bytes) {
        return wrong(MARK);
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
    match lines::single(bytes) {
        None => wrong("there is more than one line"),
        Some(line) if line.len() > LONGEST_SECRET => wrong("that is longer than any secret"),
        Some(line) => Ok(line),
    }
}

/// Characters that end a line and are neither CR nor LF.
const LINE_SEPARATORS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

const MARK: &str =
    "it begins with a byte order mark, which belongs to the file and not to the secret";

/// Whether bytes begin with a byte order mark, of UTF-8 or of UTF-16.
fn has_mark(bytes: &[u8]) -> bool {
    [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"]
        .iter()
        .any(|mark| bytes.starts_with(mark))
}

/// The lookup of a secret, exactly as it was given; only of a card's number, and of the last four digits of another, are
/// blanks and dashes left out.
pub fn secret(kind: LookupKind, typed: &Secret) -> Result<Lookup, Refusal> {
    let wrong = |message: &str, hint| {
        Err(Refusal {
            message: message.to_owned(),
            hint,
        })
    };
    if typed.is_empty() {
        return wrong("nothing was given", LINE_HINT);
    }
    if has_mark(typed.expose()) {
        return wrong(MARK, LINE_HINT);
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
pub fn told(typed: &str, asked: &str) -> Option<String> {
    (typed != asked).then(|| format!("asked for {}", visible::escape(asked.as_bytes()).as_str()))
}
