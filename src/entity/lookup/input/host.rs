//! The host of a link or an address, in its one form: small letters, `xn--` for what is not ASCII, no trailing dot.

use url::{Host, Url};

const INVALID_NAME_REASON: &str = "is no name of letters, digits, hyphens and single dots";
const IP_ADDRESS_REASON: &str = "is the address of a machine, not a name";

/// The one form of a host name; what is wrong with it otherwise.
pub(super) fn normalize(text: &str) -> Result<String, &'static str> {
    let text = text.trim_end_matches(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    if text.is_empty() {
        return Err("is empty");
    }
    // The parser would resolve escapes; a name has none.
    if text.contains('%') {
        return Err("holds a % sign");
    }
    let name = match Host::parse(text) {
        Ok(Host::Domain(name)) => name,
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(IP_ADDRESS_REASON),
        Err(_) => return Err(INVALID_NAME_REASON),
    };
    let name = name.trim_end_matches('.');
    if !name.contains('.') {
        return Err("has one part only; a domain has two or more, with a dot between them");
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // No top-level domain has one, so that what has one is a name with a mark behind it.
    let marked = name
        .rsplit('.')
        .next()
        .is_some_and(|last| last.contains('_'));
    if name.len() > 253 || marked || !name.split('.').all(label) {
        return Err(INVALID_NAME_REASON);
    }
    Ok(name.to_owned())
}

/// The host of a link, or the text itself where it is none.
pub(super) fn host_from_link(text: &str) -> Result<String, String> {
    if matches!(Host::parse(&format!("[{text}]")), Ok(Host::Ipv6(_))) {
        return Err(format!("it {IP_ADDRESS_REASON}"));
    }
    let lower = text.to_ascii_lowercase();
    let web = ["http:", "https:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme));
    let link = if web || lower.contains("://") {
        text.to_owned()
    } else if lower.starts_with("mailto:") || text.contains(['@', '\u{ff20}']) {
        return Err("it is an address".to_owned());
    } else if text.contains(['/', ':', '?', '#', '\\']) {
        format!("https://{}", text.trim_start_matches('/'))
    } else if text.contains([',', ';', '|']) {
        return Err("there are two or more of them".to_owned());
    } else {
        return Ok(text.to_owned());
    };
    let url = Url::parse(&link).map_err(|_| "it is a link that cannot be read".to_owned())?;
    if !matches!(url.scheme(), "http" | "https" | "ftp" | "ws" | "wss") {
        return Err("it is a link of another kind than the web's".to_owned());
    }
    match url.host_str() {
        Some(host) => Ok(host.trim_matches(['[', ']']).to_owned()),
        None => Err("it is a link without a host".to_owned()),
    }
}
