//! A lookup that is shown, and the line that takes a secret.

use crate::entity::{
    key::{ProfileName, RequestId},
    lookup::{self, LookupAnswer, LookupKind, Verdict, input::MAX_SECRET_BYTES},
    secret::Secret,
};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Fewer columns than this make lines of an answer fold.
const NARROW: u16 = 80;

/// A line that is typed and not shown. Its `Debug` says nothing, and its bytes are zeroed on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretInput {
    /// Room that is never moved, so that no copy stays behind.
    bytes: Zeroizing<Vec<u8>>,
    /// Whether something had no room: what is there is not what was typed.
    truncated: bool,
}

impl SecretInput {
    /// An empty line.
    pub fn new() -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES)),
            truncated: false,
        }
    }

    /// Adds a character; one that has no room any more is refused.
    pub fn push(&mut self, c: char) -> bool {
        let mut bytes = [0; 4];
        let fits = self.push_text(c.encode_utf8(&mut bytes).as_bytes());
        bytes.zeroize();
        fits
    }

    /// Adds text at once, all of it or nothing.
    pub fn push_text(&mut self, text: &[u8]) -> bool {
        let fits = self.bytes.len() + text.len() <= MAX_SECRET_BYTES;
        if fits {
            self.bytes.extend_from_slice(text);
        }
        self.truncated |= !fits;
        fits
    }

    /// Whether something of what was typed had no room.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        let kept = self
            .bytes
            .iter()
            .rposition(|byte| byte & 0xC0 != 0x80)
            .unwrap_or(0);
        self.bytes[kept..].zeroize();
        self.bytes.truncate(kept);
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        self.bytes.reserve_exact(MAX_SECRET_BYTES);
        self.truncated = false;
    }

    /// How many characters it has.
    pub fn char_count(&self) -> usize {
        let first = |byte: &&u8| **byte & 0xC0 != 0x80;
        self.bytes.iter().filter(first).count()
    }

    /// What was typed.
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.bytes.to_vec())
    }
}

impl Default for SecretInput {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenLine")
    }
}

/// What a lookup has come to so far.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupOverlay {
    /// Which request it belongs to.
    pub request: RequestId,
    /// What kind of thing was looked up.
    pub kind: LookupKind,
    /// What may be shown of it.
    pub display_text: Option<String>,
    /// Each profile that was asked, and its answers once they came.
    pub profiles: Vec<(ProfileName, Option<Vec<LookupAnswer>>)>,
    /// First line shown.
    pub scroll: usize,
}

impl LookupOverlay {
    /// Whether an answer is still to come.
    pub fn is_waiting(&self) -> bool {
        self.profiles.iter().any(|(_, answers)| answers.is_none())
    }

    /// What all answers together come to; `None` while some are to come.
    pub fn verdict(&self) -> Option<Verdict> {
        let answers = self
            .profiles
            .iter()
            .filter_map(|(_, answers)| answers.as_ref());
        (!self.is_waiting()).then(|| lookup::combined_verdict(answers.flatten()))
    }

    /// Lines that it takes at most on a screen of so many columns.
    pub(in crate::app) fn rows(&self, columns: u16) -> usize {
        // On a narrow screen what stands beside a name goes below it, and our words take two lines.
        let folds = if columns < NARROW { 2 } else { 1 };
        let of = |answer: &LookupAnswer| {
            answer.result.as_ref().map_or(2, |finding| {
                4 + finding.breaches.len() * 2 + finding.pastes.len() + finding.accounts.len()
            })
        };
        let answers = self
            .profiles
            .iter()
            .filter_map(|(_, answers)| answers.as_ref());
        folds * (4 + self.profiles.len() * 3 + answers.flatten().map(of).sum::<usize>())
    }
}
