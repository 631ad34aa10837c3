//! MD4 (RFC 1320): broken, and asked for by the hashes that Windows keeps of passwords.

use zeroize::Zeroizing;

/// Bytes of a block.
const BLOCK: usize = 64;

/// The order in which the words of a block are taken, for each of the three rounds, and how far each step rotates.
const ORDER: [[usize; 16]; 3] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
];
const TURNS: [[u32; 4]; 3] = [[3, 7, 11, 19], [3, 5, 9, 13], [3, 9, 11, 15]];

/// What is added in each round.
const ADDED: [u32; 3] = [0, 0x5a82_7999, 0x6ed9_eba1];

/// The digest of a message: 16 bytes.
pub fn digest(message: &[u8]) -> [u8; 16] {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476_u32];
    let mut padded = Zeroizing::new(Vec::with_capacity(message.len() + 2 * BLOCK));
    padded.extend_from_slice(message);
    padded.push(0x80);
    while padded.len() % BLOCK != BLOCK - 8 {
        padded.push(0);
    }
    padded.extend_from_slice(&(message.len() as u64).wrapping_mul(8).to_le_bytes());
    for block in padded.chunks_exact(BLOCK) {
        take(&mut state, block);
    }
    let mut bytes = [0; 16];
    for (four, word) in bytes.chunks_exact_mut(4).zip(state) {
        four.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Takes one block in.
fn take(state: &mut [u32; 4], block: &[u8]) {
    let mut words = Zeroizing::new([0_u32; 16]);
    for (word, four) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = four
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for ((round, order), (turns, added)) in (0..).zip(ORDER).zip(TURNS.into_iter().zip(ADDED)) {
        for (at, turn) in order.into_iter().zip(turns.into_iter().cycle()) {
            let mixed = match round {
                0 => (b & c) | (!b & d),
                1 => (b & c) | (b & d) | (c & d),
                _ => b ^ c ^ d,
            };
            let word = words.get(at).copied().unwrap_or_default();
            let sum = a.wrapping_add(mixed).wrapping_add(word).wrapping_add(added);
            (a, b, c, d) = (d, sum.rotate_left(turn), b, c);
        }
    }
    for (held, new) in state.iter_mut().zip([a, b, c, d]) {
        *held = held.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        let hex = |message: &[u8]| {
            let bytes = digest(message);
            bytes.map(|byte| format!("{byte:02x}")).concat()
        };
        assert_eq!(hex(b""), "31d6cfe0d16ae931b73c59d7e0c089c0");
        assert_eq!(hex(b"abc"), "a448017aaf21d8525fc10ae87aa6729d");
        assert_eq!(
            hex(b"abcdefghijklmnopqrstuvwxyz"),
            "d79e1c308aa5bbcdeea8ed63df412da9"
        );
        assert_eq!(
            hex(
                b"12345678901234567890123456789012345678901234567890123456789012345678901234567890"
            ),
            "e33b4ddc9c38f2199c3e7b164fcc0536"
        );
    }
}
