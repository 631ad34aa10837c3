//! Numbers that are in the order of what they stand for: places among few texts, statuses and risks.

use crate::{
    entity::{leak::Risk, status::Status},
    table::interner::{Interner, NO_VALUE},
};

/// The place of a number, if it has one.
pub(super) fn rank(ranks: &[u32], number: u32) -> Option<u64> {
    let rank = ranks.get(number as usize).copied();
    rank.filter(|rank| *rank != NO_VALUE).map(u64::from)
}

/// By number, the place of each text in lower case among them; [`NO_VALUE`] for an empty one.
pub(super) fn ranks(strings: &Interner) -> Vec<u32> {
    let mut ranks = vec![NO_VALUE; strings.len()];
    let numbers = 0..strings.len() as u32;
    let mut texts: Vec<_> = numbers
        .map(|number| (strings.folded(number), number))
        .filter(|(text, _)| !text.is_empty())
        .collect();
    texts.sort_unstable();
    let alike = texts.chunk_by(|(one, _), (two, _)| one == two);
    for (rank, texts) in alike.enumerate() {
        for (_, number) in texts {
            ranks[*number as usize] = rank as u32;
        }
    }
    ranks
}

/// What needs work first, what is done last.
pub(super) fn status_rank(status: Status) -> u64 {
    match status {
        Status::New => 0,
        Status::Investigating => 1,
        Status::Open => 2,
        Status::Unknown => 3,
        Status::Fixed => 4,
        Status::FalsePositive => 5,
    }
}

/// The level, then the score's bits in the order of the numbers. The largest number is left to what has no risk.
pub(super) fn risk_rank(risk: Risk) -> u64 {
    let score = risk.score.map_or(0, |score| {
        let bits = score.to_bits();
        let ordered = if bits >> 63 == 0 {
            bits | 1 << 63
        } else {
            !bits
        };
        ordered >> 3
    });
    (risk.level as u64) << 61 | score
}
