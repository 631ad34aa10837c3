//! The hash of what is looked up a dozen times for every leak: a few multiplications. Its keys are drawn anew for every
//! index, so that nobody can send texts that all hash alike.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers with keys of its own.
#[derive(Clone, Debug)]
pub(super) struct HashKeys {
    one: u64,
    two: u64,
}

impl Default for HashKeys {
    fn default() -> Self {
        let random = RandomState::new();
        Self {
            one: random.hash_one(1),
            two: random.hash_one(2),
        }
    }
}

impl HashKeys {
    /// The hash of a text.
    pub(super) fn hash_text(&self, text: &[u8]) -> u64 {
        let mut hasher = self.build_hasher();
        hasher.write(text);
        hasher.finish()
    }
}

impl BuildHasher for HashKeys {
    type Hasher = FastHasher;

    fn build_hasher(&self) -> FastHasher {
        FastHasher {
            sum: self.one,
            key: self.two,
        }
    }
}

/// The state of one hash.
pub(super) struct FastHasher {
    sum: u64,
    key: u64,
}

/// Both halves of a product: every bit of either factor has a say in every bit of it.
fn folded_multiply(one: u64, two: u64) -> u64 {
    let product = u128::from(one) * u128::from(two);
    product as u64 ^ (product >> 64) as u64
}

/// The first eight bytes, or all of what are fewer, as a number.
fn read_word(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    // The first four and the last four: they meet or overlap, which is as good.
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    bytes
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

impl FastHasher {
    fn mix(&mut self, one: u64, two: u64) {
        self.sum = folded_multiply(self.sum ^ one, self.key ^ two);
    }
}

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut pairs = bytes.chunks_exact(16);
        for pair in &mut pairs {
            let (one, two) = pair.split_at(8);
            self.mix(read_word(one), read_word(two));
        }
        let rest = pairs.remainder();
        let (one, two) = match (rest.len(), rest.last_chunk()) {
            (0..=8, _) => (read_word(rest), 0),
            // The last eight, some of them for the second time.
            (_, Some(last)) => (read_word(rest), u64::from_le_bytes(*last)),
            (_, None) => (0, 0),
        };
        self.mix(one, two);
        // So that no text hashes as a longer one that ends in zeros. What it is mixed with nobody can foresee.
        self.sum ^= bytes.len() as u64;
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number, 0);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        folded_multiply(self.sum, self.key | 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn texts_that_differ_little_hash_far_apart() {
        let keys = HashKeys::default();
        let mut texts: HashSet<Vec<u8>> = HashSet::new();
        for length in 0..40 {
            texts.insert(vec![0; length]);
            texts.insert(vec![b'a'; length]);
            for at in 0..length {
                let mut text = vec![b'a'; length];
                text[at] = b'b';
                texts.insert(text);
            }
        }
        texts.extend((0..20_000_u32).map(|number| format!("user{number}@a.example").into_bytes()));
        let hashes: HashSet<u64> = texts.iter().map(|text| keys.hash_text(text)).collect();
        assert_eq!(hashes.len(), texts.len());
        // An index looks at the low bits: they must spread as well as chance does.
        let low: HashSet<u64> = hashes.iter().map(|hash| hash & 0xffff).collect();
        let expected = 65_536.0 * (1.0 - (-(texts.len() as f64) / 65_536.0).exp());
        assert!((low.len() as f64) > expected * 0.97, "{}", low.len());
    }

    #[test]
    fn every_index_has_keys_of_its_own() {
        let (one, two) = (HashKeys::default(), HashKeys::default());
        assert_ne!(one.hash_one(b"x"), two.hash_one(b"x"));
        assert_eq!(one.hash_one(b"x"), one.clone().hash_one(b"x"));
    }
}
