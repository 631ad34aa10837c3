//! The text that a string of JSON stands for.

/// Decodes escapes. One that JSON does not have stays as it is written: nothing is lost.
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (plain, length) = match rest.get(1) {
            Some(b'n') => (b'\n', 2),
            Some(b't') => (b'\t', 2),
            Some(b'r') => (b'\r', 2),
            Some(b'b') => (8, 2),
            Some(b'f') => (12, 2),
            Some(&byte @ (b'"' | b'\\' | b'/')) => (byte, 2),
            Some(b'u') if hex(&rest[2..]).is_some() => {
                rest = &rest[unescape_unit(rest, &mut out)..];
                continue;
            }
            Some(_) | None => (b'\\', 1),
        };
        out.push(plain);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
    out
}

/// Decodes the `\uXXXX` that `rest` starts with, and its second half if it has one; returns how long that was.
fn unescape_unit(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let unit = hex(&rest[2..]).unwrap_or_default();
    if (0xd800..0xdc00).contains(&unit)
        && rest.get(6..8) == Some(b"\\u")
        && let Some(low @ 0xdc00..0xe000) = hex(&rest[8..])
    {
        let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        push_char(code, out);
        return 12;
    }
    push_char(unit, out);
    6
}

fn push_char(code: u32, out: &mut Vec<u8>) {
    if let Some(c) = char::from_u32(code) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        // A lone surrogate, as WTF-8 writes it.
        out.extend_from_slice(&[
            0xe0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]);
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = digits.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
