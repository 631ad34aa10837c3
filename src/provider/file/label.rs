//! Labels of the blocks that stealers write: `Password: …`, `- Логин = …`.

use super::blank::trim;
use std::borrow::Cow;

/// What a labelled line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Url,
    Login,
    Password,
    Soft,
    Profile,
}

/// A line with a label that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labelled<'a> {
    pub(super) kind: Kind,
    /// The label is `Application`.
    pub(super) is_application: bool,
    /// What stands behind the separator, as it is.
    pub(super) rest: &'a [u8],
}

/// A label has no more characters.
const LONGEST: usize = 64;

const LABELS: &[(Kind, &[&str])] = &[
    (
        Kind::Url,
        &[
            "url",
            "ur1",
            "host",
            "hostname",
            "site",
            "website",
            "web site",
            "link",
            "origin",
            "server",
            "хост",
            "сайт",
            "ссылка",
        ],
    ),
    (
        Kind::Login,
        &[
            "login",
            "log in",
            "user",
            "username",
            "user name",
            "user login",
            "usr",
            "u53rn4m3",
            "email",
            "e mail",
            "mail",
            "account",
            "логин",
            "пользователь",
        ],
    ),
    (
        Kind::Password,
        &[
            "password",
            "pass",
            "user password",
            "passwd",
            "pwd",
            "pswd",
            "p455w0rd",
            "пароль",
        ],
    ),
    (
        Kind::Soft,
        &[
            "soft",
            "software",
            "browser",
            "web browser",
            "application",
            "app",
            "storage",
            "program",
            "client",
            "браузер",
        ],
    ),
    (Kind::Profile, &["profile", "browser profile"]),
];

/// The label of a line and what stands behind it, whatever the label is.
pub(super) fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr2(b':', b'=', line)?;
    let mut label = trim(&line[..at]);
    for bullet in [&b"-"[..], b"*", b">", "•".as_bytes()] {
        if let Some(rest) = label.strip_prefix(bullet) {
            label = trim(rest);
            break;
        }
    }
    (!label.is_empty()).then_some((label, &line[at + 1..]))
}

/// The line, where its label is known.
pub(super) fn labelled(line: &[u8]) -> Option<Labelled<'_>> {
    let (label, rest) = split(line)?;
    if label.len() > LONGEST * 4 {
        return None;
    }
    let folded = folded(label);
    if folded.chars().count() > LONGEST {
        return None;
    }
    let kind = LABELS
        .iter()
        .find(|(_, labels)| labels.contains(&&*folded))
        .map(|(kind, _)| *kind)?;
    Some(Labelled {
        kind,
        is_application: folded == "application",
        rest,
    })
}

/// A label as it is compared: in lower case, blanks, `_` and `-` as one blank. One of an older code page is read as
/// windows-1251, the one that such labels were written in.
fn folded(label: &[u8]) -> String {
    let text = match std::str::from_utf8(label) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            encoding_rs::WINDOWS_1251
                .decode_without_bom_handling(label)
                .0
        }
    };
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if matches!(c, ' ' | '\t' | '_' | '-') {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else {
            folded.push(c);
        }
    }
    folded
}

/// B7: behind the separator of a password one run of TABs or one blank is not of it.
pub(super) fn password(rest: &[u8]) -> &[u8] {
    match rest.first() {
        Some(b'\t') => {
            let tabs = rest.iter().take_while(|byte| **byte == b'\t').count();
            &rest[tabs..]
        }
        Some(b' ') => &rest[1..],
        _ => rest,
    }
}

/// B13: `["Chrome" = "Profile 1"]`, the browser of the records behind it.
pub(super) fn bracket(line: &[u8]) -> Option<&[u8]> {
    let inner = trim(line).strip_prefix(b"[\"")?.strip_suffix(b"\"]")?;
    let at = memchr::memmem::find(inner, b"\" = \"")?;
    Some(&inner[..at])
}

/// A number alone: `#12`, `3)`.
pub(super) fn is_number(line: &[u8]) -> bool {
    let line = trim(line);
    let digits = line.iter().filter(|byte| byte.is_ascii_digit()).count();
    (1..=6).contains(&digits) && {
        let other = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte < 0x80 && *byte != b'_';
        let begin = line.iter().position(u8::is_ascii_digit).unwrap_or(0);
        let end = line.iter().rposition(u8::is_ascii_digit).unwrap_or(0);
        line[begin..=end].iter().all(u8::is_ascii_digit)
            && begin <= 1
            && line.len() - 1 - end <= 1
            && line[..begin].iter().all(other)
            && line[end + 1..].iter().all(other)
    }
}
