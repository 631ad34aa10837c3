//! Values that providers and stealers send where they know nothing. They are shown as they came, and identify nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The words, one a line.
const PLACEHOLDERS: &str = include_str!("../../assets/placeholders.txt");

/// No word has more letters and digits.
const MAX_PLACEHOLDER_CHARS: usize = 40;

/// By byte, whether a word begins with it: most values are told apart by that alone.
const IS_FIRST_BYTE: [bool; 256] = {
    let mut begins = [false; 256];
    let text = PLACEHOLDERS.as_bytes();
    let (mut at, mut fresh, mut remark) = (0, true, false);
    while at < text.len() {
        let byte = text[at];
        if byte == b'\n' {
            fresh = true;
            remark = false;
        } else if byte == b'#' {
            remark = true;
        } else if fresh && !remark && (byte.is_ascii_alphanumeric() || byte >= 0x80) {
            begins[byte as usize] = true;
            fresh = false;
        }
        at += 1;
    }
    begins
};

/// By the first byte of the words without a letter that is no ASCII, the sketches of those that begin with it: what has
/// none of them is no such word, and need not be compared with every one.
const SKETCHES: [u64; 256] = {
    let mut sketches = [0; 256];
    let text = PLACEHOLDERS.as_bytes();
    let mut at = 0;
    while at < text.len() {
        let (mut sketch, remark) = (Sketch::EMPTY, text[at] == b'#');
        while at < text.len() && text[at] != b'\n' {
            sketch = sketch.with(text[at]);
            at += 1;
        }
        if !remark && sketch.length > 0 {
            sketches[sketch.first as usize] |= sketch.bit();
        }
        at += 1;
    }
    sketches
};

/// What is left of a text to tell it from words: the ends of its letters and digits, and how many there are.
#[derive(Clone, Copy)]
struct Sketch {
    first: u8,
    second: u8,
    last: u8,
    length: u32,
}

impl Sketch {
    const EMPTY: Self = Self {
        first: 0,
        second: 0,
        last: 0,
        length: 0,
    };

    const fn with(self, byte: u8) -> Self {
        if !byte.is_ascii_alphanumeric() && byte.is_ascii() {
            return self;
        }
        let last = byte.to_ascii_lowercase();
        Self {
            first: if self.length == 0 { last } else { self.first },
            second: if self.length == 1 { last } else { self.second },
            last,
            length: self.length + 1,
        }
    }

    const fn bit(self) -> u64 {
        1 << ((self.second as u32 * 5 + self.last as u32 * 11 + self.length * 17) % 64)
    }
}

/// Whether a value stands where one is missing: nothing, a word for nothing, zeros, punctuation alone, a filler.
pub fn is_placeholder(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    if let [first, second, ..] = text
        && (first == second || matches!(first, b'%' | b'$' | b'{' | b'[' | b'<' | b'-' | b'0'))
        && is_blank_form(text)
    {
        return true;
    }
    let mut telling = text.iter().copied();
    let Some(first) = telling.find(|b| b.is_ascii_alphanumeric() || !b.is_ascii()) else {
        return true;
    };
    let first = first.to_ascii_lowercase();
    if first.is_ascii() {
        let may_be = IS_FIRST_BYTE[first as usize] || matches!(first, b'0' | b'f' | b'x');
        // No word has letters first and digits then; nearly every name of a machine and every address has.
        let named = |byte: &u8| byte.is_ascii_digit() || *byte == b'@';
        if !may_be || first.is_ascii_alphabetic() && text.iter().any(named) {
            return false;
        }
        // Nothing that is longer is a word or a filler, whatever stands between its letters.
        return text.len() <= 2 * MAX_PLACEHOLDER_CHARS && is_filler(text);
    }
    std::str::from_utf8(text).is_ok_and(|text| {
        let mut telling = text.chars().filter(|c| c.is_alphanumeric() && *c != '0');
        telling.next().is_none()
            || text.len() <= 2 * MAX_PLACEHOLDER_CHARS && is_listed_placeholder(text)
            || narrowed(text).is_some_and(|text| is_placeholder(text.as_bytes()))
    })
}

/// The same in ASCII, where letters of full width stand in it.
fn narrowed(text: &str) -> Option<String> {
    let wide = |c: char| ('\u{ff01}'..='\u{ff5e}').contains(&c);
    let narrow = |c: char| match c {
        c if wide(c) => char::from_u32(u32::from(c) - 0xff01 + u32::from('!')).unwrap_or(c),
        c => c,
    };
    (text.len() <= 4 * MAX_PLACEHOLDER_CHARS && text.contains(wide))
        .then(|| text.chars().map(narrow).collect())
}

/// Whether a value has the form of one that was never filled in: the name of a variable, an id of one digit or of zeros
/// and a few others.
fn is_blank_form(text: &[u8]) -> bool {
    if text.len() > MAX_PLACEHOLDER_CHARS {
        return false;
    }
    if matches!(text, b"-1" | b"%s" | b"%d") {
        return true;
    }
    let named = |inner: &[u8]| {
        inner.iter().any(u8::is_ascii_alphabetic)
            && inner
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b' '))
    };
    let inside = |open: &[u8], close: &[u8]| text.strip_prefix(open)?.strip_suffix(close);
    let variables: [(&[u8], &[u8]); 5] = [
        (b"%", b"%"),
        (b"${", b"}"),
        (b"{{", b"}}"),
        (b"{%", b"%}"),
        (b"$(", b")"),
    ];
    if variables
        .iter()
        .any(|(open, close)| inside(open, close).is_some_and(|inner| named(inner.trim_ascii())))
    {
        return true;
    }
    if let Some(digits) = text
        .strip_prefix(b"0x")
        .or_else(|| text.strip_prefix(b"0X"))
    {
        return digits.iter().all(|byte| *byte == b'0');
    }
    // An id of a machine or of a network card, with what stands between its groups.
    let digits = || text.iter().filter(|byte| byte.is_ascii_hexdigit());
    let form = text
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b':' | b'{' | b'}'));
    let count = digits().count();
    if !form || count < 12 || (count == text.len() && count < 32) {
        return false;
    }
    let first = digits().next();
    let zeros = digits().take_while(|byte| **byte == b'0').count();
    digits().all(|byte| Some(byte) == first) || zeros * 4 >= count * 3 || count == 32 && zeros >= 16
}

/// The same of texts whose first letter or digit is ASCII.
fn is_filler(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let telling = || text.chars().filter(|c| c.is_alphanumeric());
    let only = |wanted: char, least: usize| {
        telling().all(|c| c.eq_ignore_ascii_case(&wanted)) && telling().count() >= least
    };
    only('0', 1)
        || only('f', 8)
        || only('x', 4)
        || is_listed_placeholder(text)
        || is_repeated_placeholder(text)
}

/// Whether each part of a value stands for nothing: `UNKNOWN\\Unknown`, `null null`, `none, N/A`.
fn is_repeated_placeholder(text: &str) -> bool {
    const SEPARATORS: [char; 6] = [' ', '\t', '\\', ',', ';', '|'];
    let parts = || text.split(SEPARATORS).filter(|part| !part.is_empty());
    parts().count() > 1 && parts().all(|part| is_placeholder(part.as_bytes()))
        || text.split_once('/').is_some_and(|(one, other)| {
            one.len() > 2 && one.eq_ignore_ascii_case(other) && is_placeholder(one.as_bytes())
        })
}

fn is_listed_placeholder(text: &str) -> bool {
    if text.is_ascii() {
        let sketch = text.bytes().fold(Sketch::EMPTY, Sketch::with);
        if SKETCHES[usize::from(sketch.first)] & sketch.bit() == 0 {
            return false;
        }
    }
    let telling = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let own = telling(text);
    if !own.is_ascii() {
        // Marks that join a letter do not count in either.
        let same = |line: &str| {
            let letters = line.chars().filter(|c| c.is_alphanumeric());
            letters.eq(own.chars())
        };
        let words = PLACEHOLDERS.lines().filter(|line| !line.starts_with('#'));
        return words.filter(|line| !line.is_empty()).any(same);
    }
    let same = |line: &str| {
        let mut rest = own.as_bytes();
        for byte in line
            .bytes()
            .filter(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
        {
            match rest.split_first() {
                Some((first, behind)) if *first == byte => rest = behind,
                _ => return false,
            }
        }
        rest.is_empty()
    };
    let words = PLACEHOLDERS.lines().filter(|line| !line.starts_with('#'));
    words.filter(|line| !line.is_empty()).any(same)
}

/// Whether a part of a value is hidden: `j***@…`, `•••`, `[redacted]@…`. What is hidden alike need not be alike.
pub fn is_masked(text: &[u8]) -> bool {
    // Nearly every value has none of these, and is looked at no further.
    if memchr::memchr3(b'*', b'#', NON_ASCII_MASK_BYTE, text).is_some() {
        let covers = |cover: &&str| memchr::memmem::find(text, cover.as_bytes()).is_some();
        if MASKS.iter().any(covers) {
            return true;
        }
    }
    let Some(at) = memchr::memrchr(b'@', text) else {
        return false;
    };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    let letters = || local.iter().filter(|b| b.is_ascii_alphanumeric());
    let crossed = letters().all(|b| b.eq_ignore_ascii_case(&b'x')) && letters().count() >= 3;
    let named = |text: &[u8]| {
        text.iter()
            .any(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
    };
    let labels = || domain.split(|byte| *byte == b'.');
    let covered = domain.len() > 3
        && labels().all(|label| label.len() > 1 && label.iter().all(|b| matches!(b, b'x' | b'X')));
    // A run of these is no name's: `jxxxx@`, `j____@`, `j..@`.
    let run = local.windows(4).any(|some| {
        let first = some[0].to_ascii_lowercase();
        matches!(first, b'x' | b'_' | b'-') && some.iter().all(|b| b.to_ascii_lowercase() == first)
    });
    let no_domain = || is_placeholder(domain) || labels().next().is_some_and(is_placeholder);
    crossed
        || covered
        || run
        || local.ends_with(b"..")
        || !named(local)
        || is_placeholder(local) && (is_redaction(local) || no_domain())
}

fn is_redaction(local: &[u8]) -> bool {
    let local = local.to_ascii_lowercase();
    [&b"redacted"[..], b"masked", b"protected", b"removed"]
        .iter()
        .any(|word| memchr::memmem::find(&local, word).is_some())
}

/// What parts of values are hidden by.
const MASKS: [&str; 25] = [
    "*", "###", "…", "•", "●", "∙", "▪", "█", "■", "‣", "⚫", "◼", "▓", "▒", "░", "◦", "○", "□",
    "⬤", "⋯", "⁎", "✱", "✻", "∗", "⋆",
];

/// The first byte of every cover that is no ASCII.
const NON_ASCII_MASK_BYTE: u8 = 0xe2;

/// Whether a name, a login or an id tells one thing from another: it is there, whole, and no placeholder.
pub fn is_identifying(text: &[u8]) -> bool {
    !is_placeholder(text) && !is_masked(text)
}

/// Whether a secret can be told from others by what came: it is whole, and no word for a missing one. Digits alone are
/// a secret like any other.
pub fn is_secret(text: &[u8]) -> bool {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let named = text
        .iter()
        .any(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    digits
        || if named {
            !is_placeholder(text)
        } else {
            text.len() > 2
        }
}

/// Whether a country's name or code is one. `NA` is Namibia.
pub fn is_country(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    match text.len() {
        0 | 1 => false,
        2 => {
            text.iter().all(u8::is_ascii_alphabetic)
                && !matches_code(text, b"zz")
                && !matches_code(text, b"xx")
        }
        _ => !is_placeholder(text),
    }
}

fn matches_code(text: &[u8], code: &[u8]) -> bool {
    text.eq_ignore_ascii_case(code)
}

/// The address that a text is, where it is one of a single place: private ones, loopback, link-local, shared ones of
/// carriers and the unspecified one are everywhere.
pub fn parse_public_address(text: &[u8]) -> Option<IpAddr> {
    super::host::parse_address(text).filter(|address| match address {
        IpAddr::V4(address) => is_public_v4(*address),
        IpAddr::V6(address) => is_public_v6(*address),
    })
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && second & 0b1100_0000 == 64;
    !(first == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || shared
        || first >= 224)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, ..] = address.segments();
    let unique_local = first & 0xfe00 == 0xfc00;
    let link_local = first & 0xffc0 == 0xfe80 || first & 0xffc0 == 0xfec0;
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || unique_local
        || link_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_for_nothing_however_it_is_written() {
        let words = PLACEHOLDERS.lines().filter(|line| !line.is_empty());
        let words: Vec<_> = words.filter(|line| !line.starts_with('#')).collect();
        assert!(words.len() > 50);
        for word in words {
            for text in [
                word.to_owned(),
                word.to_uppercase(),
                format!(" <{word}>. "),
                word.replace(' ', "_"),
            ] {
                assert!(is_placeholder(text.as_bytes()), "{text:?}");
            }
        }
    }

    #[test]
    fn what_says_nothing_is_a_placeholder() {
        for text in [
            "",
            " ",
            "UNKNOWN",
            "Unknown",
            "unknown ",
            "N/A",
            "n\\a",
            "NA",
            "n.a.",
            "None",
            "NULL",
            "(null)",
            "<none>",
            "nil",
            "undefined",
            "-",
            "--",
            "---",
            "?",
            "???",
            "Not Found",
            "NOT_FOUND",
            "0",
            "000000",
            "00000000-0000-0000-0000-000000000000",
            "{00000000-0000-0000-0000-000000000000}",
            "00:00:00:00:00:00",
            "0.0.0.0",
            "::",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "ff:ff:ff:ff:ff:ff",
            "03000200-0400-0500-0006-000700080009",
            "To be filled by O.E.M.",
            "Default string",
            "System Serial Number",
            "[object Object]",
            "\u{a0}",
            "—",
            "НЕИЗВЕСТНО",
            "未知",
            "xxxxxx",
            // The like of these in other words, other letters and other forms.
            "ＵＮＫＮＯＷＮ",
            "Ｎ／Ａ",
            "UNKNOWN UNKNOWN",
            "UNKNOWN\\Unknown",
            "unknown/unknown",
            "null, null",
            "None;N/A",
            "DESKTOP-UNKNOWN",
            "device unknown",
            "%COMPUTERNAME%",
            "${hostname}",
            "{{ hwid }}",
            "%s",
            "-1",
            "0x0",
            "0x00000000",
            "11111111-1111-1111-1111-111111111111",
            "{aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa}",
            "00000000-0000-0000-0000-000000000001",
            "00000000-0000-0000-0000-AC1F6B000000",
            "00-00-00-00-00-00-00-E0",
            "Access is denied.",
            "[object Undefined]",
            "System.String",
            "keine Angabe",
            "non disponible",
            "não encontrado",
            "нет данных",
            "未知的",
            "なし",
            "알 수 없음",
            "غير معروف",
        ] {
            assert!(is_placeholder(text.as_bytes()), "{text}");
            assert!(!is_identifying(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_masked_is_not_identifying() {
        for text in [
            "•••",
            "•••••••@acme.example",
            "j***@acme.example",
            "j*@acme.example",
            "***@acme.example",
            "ma…@acme.example",
            "xxx@acme.example",
            "jo...@acme.example",
            "@acme.example",
            "-@acme.example",
            "[redacted]@acme.example",
            "unknown@unknown",
            "DESKTOP-***",
            "●●●",
            "jxxxx@acme.example",
            "j____@acme.example",
            "j..@acme.example",
            "jane@xxxxx.xxx",
            "unknown@unknown.com",
            "▓▓▓▓",
            "j◦◦◦@acme.example",
        ] {
            assert!(!is_identifying(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_names_something_is_identifying() {
        for text in [
            "m.ortega",
            "nina@acme.example",
            "na@acme.example",
            "unknown@acme.example",
            "HW1",
            "DESKTOP-7QK2",
            "f",
            "ff",
            "nathan",
            "nullius",
            "0x1f",
            "7",
            "10",
            "admin",
            "3F2504E0",
            "éva",
            "unknown-7",
            "none-such",
            "x",
            "xx",
            "é",
            "0xdeadbeef",
            "000000000042",
            "0000012345",
            "11111111",
            "00-1A-2B-3C-4D-5E",
            "00000000-0000-4000-8000-AC1F6B123456",
            "%acme%7",
            "100%",
            "foxxx@acme.example",
            "_ana_@acme.example",
            "x@xx.example",
            "none of us",
            "unknown artist",
            "\u{7530}\u{4e2d}",
        ] {
            assert!(is_identifying(text.as_bytes()), "{text}");
        }
        assert!(is_identifying(b"A\xff"));
    }

    #[test]
    fn a_secret_may_be_digits_and_namibia_is_a_country() {
        for (text, secret) in [
            ("hunter2", true),
            ("0000", true),
            ("!!!!", true),
            ("N/A", false),
            ("null", false),
            ("UNKNOWN", false),
            ("-", false),
            ("[NOT_SAVED]", false),
            ("", false),
        ] {
            assert_eq!(is_secret(text.as_bytes()), secret, "{text}");
        }
        for (text, country) in [
            ("NA", true),
            ("es", true),
            ("Spain", true),
            ("ZZ", false),
            ("??", false),
            ("-", false),
            ("UNKNOWN", false),
            ("N/A", false),
            ("", false),
            ("null", false),
        ] {
            assert_eq!(is_country(text.as_bytes()), country, "{text}");
        }
    }

    #[test]
    fn an_address_that_is_everywhere_is_no_place() {
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.10",
            "169.254.1.1",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd12::7",
            "::ffff:192.168.1.10",
            "[::1]",
            "203.0.113.xxx",
            "UNKNOWN",
            "",
        ] {
            assert_eq!(parse_public_address(text.as_bytes()), None, "{text}");
        }
        for (text, address) in [
            ("203.0.113.8", "203.0.113.8"),
            (" ::ffff:203.0.113.8 ", "203.0.113.8"),
            ("2001:DB8:0:0::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("100.128.0.1", "100.128.0.1"),
        ] {
            let found = parse_public_address(text.as_bytes()).map(|address| address.to_string());
            assert_eq!(found.as_deref(), Some(address), "{text}");
        }
    }
}
