//! UUIDs as their sixteen bytes, and back as text.

/// Where a UUID has its dashes.
pub(super) const DASHES: [usize; 4] = [8, 13, 18, 23];

/// The bytes of 32 digits, with dashes or without.
pub(super) fn packed(digits: &[u8]) -> Option<[u8; 16]> {
    let value = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(&pair[0])? << 4 | value(&pair[1])?;
    }
    Some(bytes)
}

/// The bytes of a UUID in lower case.
pub(super) fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let has_dashes = text.len() == 36 && DASHES.iter().all(|at| text[*at] == b'-');
    let mut digits = [0; 32];
    let mut rest = text
        .iter()
        .enumerate()
        .filter(|(at, _)| !DASHES.contains(at));
    for digit in &mut digits {
        *digit = *rest.next().filter(|_| has_dashes)?.1;
    }
    packed(&digits)
}

/// A UUID of its bytes.
pub(super) fn format_uuid(bytes: &[u8; 16]) -> Vec<u8> {
    let mut text = Vec::with_capacity(36);
    written(bytes, &DASHES, &mut text);
    text
}

/// Writes bytes as hexadecimal digits, with a dash at each of these places.
pub(super) fn written(bytes: &[u8], dashes: &[usize], into: &mut Vec<u8>) {
    let digit = |number: u8| number + if number < 10 { b'0' } else { b'a' - 10 };
    let from = into.len();
    for byte in bytes {
        if dashes.contains(&(into.len() - from)) {
            into.push(b'-');
        }
        into.extend([digit(byte >> 4), digit(byte & 15)]);
    }
}
