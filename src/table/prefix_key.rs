//! The beginning of a text as a number, in the order of the texts.

/// A number of text holds so many bytes, and then how many of them there are.
pub(super) const PREFIX_BYTES: usize = 7;

/// Seven bytes of a text and how many of them there are, 8 where more follow: a text comes before all that begin with
/// it, whatever bytes it has. Only that of nothing is 0.
pub(super) fn prefix_key(text: &[u8], chunk: usize) -> u64 {
    let rest = text.get(chunk * PREFIX_BYTES..).unwrap_or_default();
    let mut bytes = [0; 8];
    let length = rest.len().min(PREFIX_BYTES);
    bytes[..length].copy_from_slice(&rest[..length]);
    bytes[PREFIX_BYTES] = rest.len().min(PREFIX_BYTES + 1) as u8;
    u64::from_be_bytes(bytes)
}
