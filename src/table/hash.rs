//! The hash of what is looked up a dozen times for every leak: a few multiplications (foldhash). Its keys are drawn anew
//! for every index, so that nobody can send texts that all hash alike.

use foldhash::fast::{FoldHasher, RandomState};
use std::hash::{BuildHasher, Hasher as _};

/// Makes hashers with keys of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct HashKeys(RandomState);

impl HashKeys {
    /// The hash of a text.
    pub(super) fn hash_text(&self, text: &[u8]) -> u64 {
        let mut hasher = self.build_hasher();
        hasher.write(text);
        hasher.finish()
    }
}

impl BuildHasher for HashKeys {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> FoldHasher<'static> {
        self.0.build_hasher()
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
