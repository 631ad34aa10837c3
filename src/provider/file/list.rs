//! Lists of `url:login:password` and of `login:password`: what one line is, by itself. Steps and rules are numbered as in
//! the description of the formats: U1 to U38.

mod fault;
mod shape;

pub(super) use fault::place as place_of_fault;
pub(super) use shape::{is_email, is_urlish};

use super::{
    blank::{trim, trim_end, trim_start},
    header,
};

use shape::{
    begins_with_known_scheme, has_blank, has_more_colons, host_length, is_bare_host, is_hostlike,
    is_name, is_phone, is_word, scheme_end,
};

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Nothing in it.
    Blank,
    /// No record, and it does not try to be.
    Banner,
    /// A record.
    Record(Fields<'a>),
    /// No record, for this reason.
    Reject(&'static str),
}

/// The fields of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub(super) url: Option<&'a [u8]>,
    pub(super) login: &'a [u8],
    pub(super) password: &'a [u8],
}

/// A way to read a line.
enum Reading<'a> {
    /// So it is meant.
    Clean(Fields<'a>),
    /// So it may be meant, if nothing else fits better.
    Doubtful(Fields<'a>),
    /// It is no record, for this reason.
    No(&'static str),
    /// The line is not of this form.
    Other,
    /// It is no record, whatever the others say.
    Never(&'static str),
}

/// A line without its end.
pub(super) fn line(line: &[u8]) -> Line<'_> {
    let text = trim_start(line);
    if text.is_empty() {
        return Line::Blank;
    }
    if is_banner(text) || is_header(text) {
        return Line::Banner;
    }
    if is_cookie(text) {
        return Line::Reject("cookie");
    }
    match quoted(text).map_or_else(|| readings(line, text), Ok) {
        Ok(fields) => finished(fields),
        Err(reason) => Line::Reject(reason),
    }
}

/// U25, U23, U24: blanks around a login are none of it, a password stays as it is; one of the two may be empty.
fn finished(fields: Fields<'_>) -> Line<'_> {
    let login = trim(fields.login);
    if login.is_empty() && fields.password.is_empty() {
        return Line::Reject("empty");
    }
    Line::Record(Fields { login, ..fields })
}

fn readings<'a>(line: &'a [u8], text: &'a [u8]) -> Result<Fields<'a>, &'static str> {
    let (mut doubtful, mut reason) = (None, None);
    let mut take = |reading: Reading<'a>| -> Option<Result<Fields<'a>, &'static str>> {
        match reading {
            Reading::Clean(fields) => return Some(Ok(fields)),
            Reading::Doubtful(fields) => doubtful = doubtful.or(Some(fields)),
            Reading::No(why) => reason = reason.or(Some(why)),
            Reading::Never(why) => return Some(Err(why)),
            Reading::Other => {}
        }
        None
    };
    if memchr::memchr3(b'\t', b'|', b';', text).is_some() {
        for separator in [b'\t', b'|', b';'] {
            let of = if separator == b'\t' {
                trim_start_spaces(line)
            } else {
                text
            };
            if let Some(end) = take(separated(of, separator)) {
                return end;
            }
        }
    }
    if let Some(end) = take(colons(text)) {
        return end;
    }
    if let Some(end) = take(words(text)) {
        return end;
    }
    let none = || {
        let any = text
            .iter()
            .any(|byte| matches!(byte, b':' | b'|' | b';' | b'\t' | b' '));
        if any { "prose" } else { "no_separator" }
    };
    doubtful.ok_or_else(|| reason.unwrap_or_else(none))
}

/// U26: it begins with `#`, or has neither letter nor digit. So is the line that tells a spreadsheet what parts columns.
pub(super) fn is_banner(text: &[u8]) -> bool {
    text.first() == Some(&b'#') || !has_word(text) || is_separator_hint(text)
}

/// `sep=;` and the like, and nothing else.
fn is_separator_hint(text: &[u8]) -> bool {
    let is_hint = |begin: &[u8]| begin.eq_ignore_ascii_case(b"sep=");
    text.split_at_checked(4)
        .is_some_and(|(begin, rest)| is_hint(begin) && matches!(rest, [b',' | b';' | b'\t' | b'|']))
}

/// Whether there is a letter or a digit in it. Bytes that are no UTF-8 are letters of some other encoding.
pub(super) fn has_word(text: &[u8]) -> bool {
    if text.iter().take(64).any(u8::is_ascii_alphanumeric) {
        return true;
    }
    text.utf8_chunks().any(|chunk| {
        !chunk.invalid().is_empty() || chunk.valid().chars().any(char::is_alphanumeric)
    })
}

/// U27: parted by one separator, every part is the name of a column.
fn is_header(text: &[u8]) -> bool {
    if text.len() > 400 {
        return false;
    }
    let Some(first) = text.iter().position(|byte| is_parting(*byte)) else {
        return false;
    };
    if header::field(trim(&text[..first])).is_none() {
        return false;
    }
    [b'\t', b'|', b';', b':', b',']
        .into_iter()
        .any(|separator| {
            let mut parts = 0;
            let all = text.split(|byte| *byte == separator).all(|part| {
                parts += 1;
                header::field(trim(part)).is_some()
            });
            all && parts > 1
        })
}

fn is_parting(byte: u8) -> bool {
    matches!(byte, b'\t' | b'|' | b';' | b':' | b',')
}

/// U38: a line of a browser's cookies.
fn is_cookie(text: &[u8]) -> bool {
    if memchr::memchr(b'\t', text).is_none() {
        return false;
    }
    let parts: Vec<&[u8]> = text.splitn(7, |byte| *byte == b'\t').collect();
    let flag = |at: usize| {
        parts
            .get(at)
            .is_some_and(|part| matches!(*part, b"TRUE" | b"FALSE"))
    };
    parts.len() >= 6 && flag(1) && flag(3)
}

/// U21: the URL in quotes.
fn quoted(text: &[u8]) -> Option<Fields<'_>> {
    let rest = text.strip_prefix(b"\"")?;
    let close = memchr::memchr(b'"', rest)?;
    let (url, behind) = (&rest[..close], &rest[close + 1..]);
    let separator = *behind.first()?;
    if !matches!(separator, b':' | b'|' | b';' | b'\t' | b' ') || !is_urlish(url) {
        return None;
    }
    let behind = &behind[1..];
    let end = memchr::memchr(separator, behind)?;
    Some(Fields {
        url: Some(url),
        login: &behind[..end],
        password: &behind[end + 1..],
    })
}

/// Readings by TAB, `|` and `;`: U10 to U12, U14, U16 to U20, U30.
fn separated(text: &[u8], separator: u8) -> Reading<'_> {
    let Some(first) = memchr::memchr(separator, text) else {
        return Reading::Other;
    };
    let spaced = |at: usize| {
        at > 0
            && text[at - 1] == b' '
            && text.get(at + 1) == Some(&b' ')
            && text.get(at + 2) != Some(&b' ')
    };
    let second = memchr::memchr(separator, &text[first + 1..]).map(|at| first + 1 + at);
    let wide = usize::from(
        separator != b'\t'
            && spaced(first)
            && second.is_none_or(|second| second > first + 1 && spaced(second)),
    );
    let one = &text[..first - wide];
    let after = &text[first + 1 + wide..];
    let Some(second) = second else {
        return pair(one, after);
    };
    let begin = first + 1 + wide;
    let two = text.get(begin..second - wide).unwrap_or_default();
    let rest = &text[second + 1 + wide..];
    if one.is_empty() && !is_urlish(two) {
        return Reading::Clean(Fields {
            url: None,
            login: two,
            password: rest,
        });
    }
    if is_urlish(one) {
        let fields = Fields {
            url: Some(one),
            login: two,
            password: rest,
        };
        return if has_more_colons(one) {
            Reading::Doubtful(fields)
        } else {
            Reading::Clean(fields)
        };
    }
    let last = memchr::memrchr(separator, text).unwrap_or(second);
    let url = trim(&text[last + 1..]);
    if begins_with_known_scheme(url) && is_urlish(url) {
        let password = text.get(begin..last - wide).unwrap_or_default();
        return Reading::Clean(Fields {
            url: Some(url),
            login: one,
            password,
        });
    }
    if is_email(trim(one)) || is_phone(trim(one)) {
        return Reading::Never("columns");
    }
    Reading::Other
}

fn pair<'a>(one: &'a [u8], two: &'a [u8]) -> Reading<'a> {
    let login = is_email(one) || is_phone(one) || (is_name(one) && !has_blank(two));
    if login && !is_bare_host(one) {
        return Reading::Clean(Fields {
            url: None,
            login: one,
            password: two,
        });
    }
    if is_urlish(one) && !has_more_colons(one) {
        return Reading::No(if is_bare_host(one) {
            "ambiguous"
        } else {
            "no_password"
        });
    }
    Reading::Other
}

/// The reading by `:`: U1 to U9, U15 to U20, U22, U33.
fn colons(text: &[u8]) -> Reading<'_> {
    if memchr::memchr(b':', text).is_none() {
        return Reading::Other;
    }
    match host_of(text) {
        Some(host) => from_host(text, &host),
        None => from_login(text),
    }
}

/// A host at the beginning of a line.
struct Host {
    /// Where it ends.
    end: usize,
    /// Nothing stands before it.
    bare: bool,
    /// There is nothing in it.
    empty: bool,
}

fn host_of(text: &[u8]) -> Option<Host> {
    if let Some(begin) = scheme_end(text) {
        let length = host_length(&text[begin..]);
        return Some(Host {
            end: begin + length,
            bare: false,
            empty: length == 0,
        });
    }
    let begin = if text.starts_with(b"//") { 2 } else { 0 };
    let length = host_length(&text[begin..]);
    if is_hostlike(&text[begin..begin + length]) {
        return Some(Host {
            end: begin + length,
            bare: begin == 0,
            empty: false,
        });
    }
    let word = text.iter().take_while(|byte| is_word(**byte)).count();
    (word > 0 && text.get(word) == Some(&b'/')).then_some(Host {
        end: word,
        bare: false,
        empty: false,
    })
}

fn from_host<'a>(text: &'a [u8], host: &Host) -> Reading<'a> {
    if host.empty {
        return Reading::No("bad_url");
    }
    let begin = behind_port(text, host.end);
    let mut colons = memchr::memchr_iter(b':', &text[begin..]).map(|at| begin + at);
    let Some(first) = colons.next() else {
        return Reading::No("no_login");
    };
    let Some(second) = colons.next() else {
        let bare = host.bare && first == host.end;
        return Reading::No(if bare { "ambiguous" } else { "no_password" });
    };
    let fits = |from: usize, to: usize| {
        let login = &text[from + 1..to];
        memchr::memchr(b'/', login).is_none() && scheme_end(&text[from + 1..]).is_none()
    };
    let (mut from, mut to) = (first, second);
    let found = loop {
        if fits(from, to) {
            break Some((from, to));
        }
        match colons.next() {
            Some(next) => (from, to) = (to, next),
            None => break None,
        }
    };
    let (from, to) = match found {
        Some(pair) => pair,
        None if scheme_end(&text[first + 1..]).is_some() => return Reading::No("ambiguous"),
        None => (first, second),
    };
    let (url, login) = (&text[..from], &text[from + 1..to]);
    if has_blank(url) {
        return Reading::No("prose");
    }
    judged(Fields {
        url: Some(url),
        login,
        password: &text[to + 1..],
    })
}

/// U3, U4: a port is behind a host where a path follows, or a login and a password.
fn behind_port(text: &[u8], host_end: usize) -> usize {
    let Some(rest) = text
        .get(host_end..)
        .and_then(|rest| rest.strip_prefix(b":"))
    else {
        return host_end;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits])
        .ok()
        .and_then(|text| text.parse::<u32>().ok());
    if !(1..=5).contains(&digits) || number.is_none_or(|number| number > 65_535) {
        return host_end;
    }
    let is_port = match rest.get(digits) {
        Some(b'/' | b'?' | b'#') => true,
        Some(b':') => memchr::memchr(b':', &rest[digits + 1..]).is_some(),
        _ => false,
    };
    if is_port {
        host_end + 1 + digits
    } else {
        host_end
    }
}

fn from_login(text: &[u8]) -> Reading<'_> {
    let Some(first) = memchr::memchr(b':', text) else {
        return Reading::Other;
    };
    let rest = &text[first + 1..];
    if first == 0 {
        return match memchr::memchr(b':', rest) {
            Some(second) => judged(Fields {
                url: None,
                login: &rest[..second],
                password: &rest[second + 1..],
            }),
            None => Reading::No("no_password"),
        };
    }
    let login = &text[..first];
    let is_name = if is_email(login) || is_phone(trim_end(login)) {
        false
    } else if is_name(login) {
        true
    } else {
        return Reading::No("prose");
    };
    if begins_with_known_scheme(rest) {
        return Reading::No("ambiguous");
    }
    let url_at =
        memchr::memchr_iter(b':', rest).find(|at| begins_with_known_scheme(&rest[at + 1..]));
    let (password, url) = match url_at {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    if is_name && password.is_empty() {
        return Reading::No("no_password");
    }
    if is_name && has_blank(password) {
        return Reading::No("prose");
    }
    judged(Fields {
        url,
        login,
        password,
    })
}

/// U15: a URL or login that holds another separator was perhaps parted by that one.
fn judged(fields: Fields<'_>) -> Reading<'_> {
    let holds = |text: &[u8]| {
        memchr::memchr2(b'\t', b'|', text).is_some()
            || memchr::memchr_iter(b';', text).nth(1).is_some()
    };
    if holds(fields.login) || fields.url.is_some_and(holds) {
        Reading::Doubtful(fields)
    } else {
        Reading::Clean(fields)
    }
}

/// The reading by SP: U13, U20, U28.
fn words(text: &[u8]) -> Reading<'_> {
    let Some(space) = memchr::memchr(b' ', text) else {
        return Reading::Other;
    };
    let (one, rest) = (&text[..space], &text[space + 1..]);
    let Some(space) = memchr::memchr(b' ', rest) else {
        return if !rest.is_empty() && (is_email(one) || is_phone(one)) {
            Reading::Clean(Fields {
                url: None,
                login: one,
                password: rest,
            })
        } else {
            Reading::Other
        };
    };
    let (two, behind) = (&rest[..space], &rest[space + 1..]);
    if is_urlish(one) {
        let one_word = !has_blank(behind) && behind.iter().any(|byte| !byte.is_ascii_lowercase());
        if is_email(two) || is_phone(two) || one_word {
            return Reading::Clean(Fields {
                url: Some(one),
                login: two,
                password: behind,
            });
        }
        return Reading::Other;
    }
    if (is_email(one) || is_phone(one)) && !has_blank(behind) && is_urlish(behind) {
        return Reading::Clean(Fields {
            url: Some(behind),
            login: one,
            password: two,
        });
    }
    Reading::Other
}

fn trim_start_spaces(text: &[u8]) -> &[u8] {
    let begin = text.iter().take_while(|byte| **byte == b' ').count();
    &text[begin..]
}
