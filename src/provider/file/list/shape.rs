//! What parts of a line look like: hosts, URLs, addresses of mailboxes, telephone numbers, names.

/// Where the host begins behind a scheme.
pub(in crate::provider::file) fn scheme_end(text: &[u8]) -> Option<usize> {
    if !text.first()?.is_ascii_alphabetic() {
        return None;
    }
    let length = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        .count();
    text[length..].starts_with(b"://").then_some(length + 3)
}

pub(in crate::provider::file) fn begins_with_known_scheme(text: &[u8]) -> bool {
    [&b"http://"[..], b"https://", b"ftp://", b"android://"]
        .iter()
        .any(|scheme| {
            text.get(..scheme.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        })
}

pub(in crate::provider::file) fn host_length(text: &[u8]) -> usize {
    if text.first() == Some(&b'[')
        && let Some(close) = memchr::memchr(b']', text)
    {
        return close + 1;
    }
    text.iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#' | b':'))
        .unwrap_or(text.len())
}

pub(in crate::provider::file) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

pub(in crate::provider::file) fn is_hostlike(text: &[u8]) -> bool {
    if let Some(inner) = text
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"))
    {
        return memchr::memchr(b':', inner).is_some() && !has_blank(inner);
    }
    if text == b"localhost" || is_v4(text) {
        return true;
    }
    let text = text.strip_suffix(b".").unwrap_or(text);
    let Some(dot) = memchr::memrchr(b'.', text) else {
        return false;
    };
    let last = &text[dot + 1..];
    let ends = last
        .get(..4)
        .is_some_and(|begin| begin.eq_ignore_ascii_case(b"xn--"))
        || (last.len() > 1
            && last
                .iter()
                .all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80));
    ends && text[..dot]
        .split(|byte| *byte == b'.')
        .chain([last])
        .all(|label| !label.is_empty() && label.iter().all(|byte| is_word(*byte) || *byte >= 0x80))
}

/// Whether it is a host and perhaps a port, without scheme and path.
pub(in crate::provider::file) fn is_bare_host(text: &[u8]) -> bool {
    let length = host_length(text);
    is_hostlike(&text[..length])
        && text.get(length..).is_none_or(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix(b":")
                    .is_some_and(|port| port.iter().all(u8::is_ascii_digit))
        })
}

/// A URL, with or without a scheme: the whole field.
pub(in crate::provider::file) fn is_urlish(text: &[u8]) -> bool {
    if text.is_empty() || has_blank(text) {
        return false;
    }
    if let Some(begin) = scheme_end(text) {
        return host_length(&text[begin..]) > 0;
    }
    let inner = text.strip_prefix(b"//").unwrap_or(text);
    let length = host_length(inner);
    if is_hostlike(&inner[..length]) {
        let rest = &inner[length..];
        let port = rest.strip_prefix(b":").map_or(0, |rest| {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if (1..=5).contains(&digits) {
                digits + 1
            } else {
                0
            }
        });
        return matches!(rest.get(port), None | Some(b'/' | b'?' | b'#'));
    }
    let word = text.iter().take_while(|byte| is_word(**byte)).count();
    word > 0 && text.get(word) == Some(&b'/')
}

/// Whether a URL has a `:` beyond scheme, brackets and port.
pub(in crate::provider::file) fn has_more_colons(url: &[u8]) -> bool {
    let begin = scheme_end(url).unwrap_or(0);
    let begin = if url.starts_with(b"//") { 2 } else { begin };
    let end = begin + host_length(&url[begin..]);
    let rest = &url[end..];
    let port = rest.strip_prefix(b":").map_or(0, |rest| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=5).contains(&digits) {
            digits + 1
        } else {
            0
        }
    });
    memchr::memchr(b':', &rest[port..]).is_some()
}

pub(in crate::provider::file) fn is_v4(text: &[u8]) -> bool {
    text.len() <= 15
        && text.first().is_some_and(u8::is_ascii_digit)
        && std::str::from_utf8(text).is_ok_and(|text| text.parse::<std::net::Ipv4Addr>().is_ok())
}

/// An address of a mailbox.
pub(in crate::provider::file) fn is_email(text: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', text) else {
        return false;
    };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    let plain = |part: &[u8]| {
        !part.is_empty()
            && !part.iter().any(|byte| {
                matches!(
                    byte,
                    b' ' | b'\t' | b':' | b';' | b'|' | b',' | b'@' | b'/' | b'"' | b'<' | b'>'
                )
            })
    };
    plain(local)
        && plain(domain)
        && memchr::memrchr(b'.', domain).is_some_and(|dot| domain.len() - dot > 2)
}

/// A telephone number.
pub(in crate::provider::file) fn is_phone(text: &[u8]) -> bool {
    let inner = text.strip_prefix(b"+").unwrap_or(text);
    if !inner.first().is_some_and(u8::is_ascii_digit) || inner.len() > 40 {
        return false;
    }
    let digits = inner.iter().filter(|byte| byte.is_ascii_digit()).count();
    (7..=15).contains(&digits)
        && inner
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'(' | b')' | b'.' | b'-'))
        && !is_v4(text)
}

pub(in crate::provider::file) fn is_name(text: &[u8]) -> bool {
    !text.is_empty()
        && !text.iter().any(|byte| {
            matches!(
                byte,
                b' ' | b'\t' | b':' | b';' | b'|' | b',' | b'"' | b'<' | b'>'
            )
        })
}

pub(in crate::provider::file) fn has_blank(text: &[u8]) -> bool {
    memchr::memchr2(b' ', b'\t', text).is_some()
}
