//! What the name of a folder or of an archive says of a machine: S12.

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::provider::file) struct NameFacts {
    pub(in crate::provider::file) country: Option<Vec<u8>>,
    pub(in crate::provider::file) hardware_id: Option<Vec<u8>>,
    pub(in crate::provider::file) address: Option<Vec<u8>>,
    pub(in crate::provider::file) date: Option<String>,
}

impl NameFacts {
    /// Whether it says anything.
    pub(super) fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// Reads a name.
pub(in crate::provider::file) fn facts_of_name(name: &[u8]) -> NameFacts {
    NameFacts {
        country: country(name),
        hardware_id: hardware_id(name),
        address: address(name),
        date: date(name),
    }
}

fn bracketed(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memchr_iter(b'[', name).filter_map(|open| {
        let rest = &name[open + 1..];
        memchr::memchr(b']', rest).map(|close| &rest[..close])
    })
}

fn is_code(text: &[u8]) -> bool {
    text.len() == 2 && text.iter().all(u8::is_ascii_uppercase)
}

/// `[CC]`, `CC[…`, `CC_1.2.3.4`.
fn country(name: &[u8]) -> Option<Vec<u8>> {
    if let Some(code) = bracketed(name).find(|inner| is_code(inner)) {
        return Some(code.to_vec());
    }
    let code = name.get(..2).filter(|code| is_code(code))?;
    let rest = &name[2..];
    let by_address = rest
        .strip_prefix(b"_")
        .is_some_and(|rest| v4_at(rest).is_some());
    (rest.first() == Some(&b'[') || by_address).then(|| code.to_vec())
}

fn hardware_id(name: &[u8]) -> Option<Vec<u8>> {
    let is_id =
        |inner: &&[u8]| (16..=64).contains(&inner.len()) && inner.iter().all(u8::is_ascii_hexdigit);
    bracketed(name).find(is_id).map(<[u8]>::to_vec)
}

/// The address at the beginning of a text.
fn v4_at(text: &[u8]) -> Option<&[u8]> {
    let end = text
        .iter()
        .position(|byte| !(byte.is_ascii_digit() || *byte == b'.'))
        .unwrap_or(text.len());
    let mut run = &text[..end.min(15)];
    while !run.is_empty() {
        let parsed = std::str::from_utf8(run).ok()?.parse::<std::net::Ipv4Addr>();
        if parsed.is_ok() {
            return Some(run);
        }
        run = &run[..run.len() - 1];
    }
    None
}

fn address(name: &[u8]) -> Option<Vec<u8>> {
    let begins = |at: usize| at == 0 || !(name[at - 1].is_ascii_digit() || name[at - 1] == b'.');
    (0..name.len())
        .filter(|at| name[*at].is_ascii_digit() && begins(*at))
        .find_map(|at| v4_at(&name[at..]))
        .map(<[u8]>::to_vec)
}

/// `YYYY-MM-DD` or `YYYYMMDD_hhmmss`.
fn date(name: &[u8]) -> Option<String> {
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    (0..name.len()).find_map(|at| {
        if at > 0 && name[at - 1].is_ascii_digit() {
            return None;
        }
        let rest = &name[at..];
        let text = match (rest.get(..10), rest.get(..15)) {
            (Some(day), _)
                if digits(&day[..4])
                    && day[4] == b'-'
                    && digits(&day[5..7])
                    && day[7] == b'-'
                    && digits(&day[8..]) =>
            {
                String::from_utf8_lossy(day).into_owned()
            }
            (_, Some(moment))
                if digits(&moment[..8]) && moment[8] == b'_' && digits(&moment[9..]) =>
            {
                let day = String::from_utf8_lossy(&moment[..8]).into_owned();
                format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..])
            }
            _ => return None,
        };
        super::date::read(&text)
    })
}
