//! A page of leaks: one arena of bytes and rows of numbers that point into it, in parts.

use super::{FIELD_COUNT, LeakField, LeakRef, PasswordState, Risk};
use crate::entity::{fingerprint::Fingerprint, status::Status};
use foldhash::fast::FixedState;
use std::hash::{BuildHasher as _, Hasher as _};
use strum::VariantArray as _;

/// One page of leaks: one arena of bytes and fixed-size rows that point into it.
///
/// What repeats from row to row lies in it once, so that whoever takes the page in has to look up each such text once
/// instead of once a row; and it comes in parts, so that nobody has to take in more than one at a time:
/// [`LeakBatch::part`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeakBatch {
    arena: Vec<u8>,
    texts: Vec<BatchText>,
    rows: Vec<BatchRow>,
    /// Texts of the last part that may come again in it, at the places of their hashes.
    recent_texts: Vec<TextSlot>,
    /// Where each part but the first begins: its first row, its first text.
    part_count: Vec<(u32, u32)>,
}

/// Rows of a page that have no text in common with the others: what repeats does so within a part.
#[derive(Clone, Copy, Debug)]
pub struct BatchPart<'a> {
    batch: &'a LeakBatch,
    /// The rows, in the provider's order.
    pub rows: &'a [BatchRow],
    /// The number of its first text.
    pub first: u32,
    texts: &'a [BatchText],
}

impl<'a> BatchPart<'a> {
    /// How many texts there are: their numbers begin with that of the first.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The texts by their numbers: whose member each is, and itself.
    pub fn iter_numbered(&self) -> impl Iterator<Item = (u32, LeakField, &'a [u8])> + use<'a> {
        let batch = self.batch;
        (self.first..)
            .zip(self.texts)
            .map(|(number, text)| (number, text.field, batch.text(*text)))
    }

    /// The same with some of the rows.
    #[must_use]
    pub fn with_rows(self, rows: &'a [BatchRow]) -> Self {
        Self { rows, ..self }
    }

    /// Whether a text has this number.
    pub fn has_text(&self, number: u32) -> bool {
        (number.wrapping_sub(self.first) as usize) < self.texts.len()
    }

    /// The text of a number; empty for one that no text has.
    pub fn text(&self, number: u32) -> &'a [u8] {
        let text = self.batch.texts.get(number as usize);
        text.map_or(&[], |text| self.batch.text(*text))
    }
}

/// The number of a text and a part of its hash, so that others are passed by without a look at them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TextSlot {
    tag: u32,
    number: u32,
}

/// Where a text lies, and which member it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct BatchText {
    start: u32,
    len: u32,
    field: LeakField,
}

/// A row of a page, its texts as numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchRow {
    /// The numbers of its texts, by [`LeakField`]. Where a number comes again it stands for the same text of the same
    /// member; what is absent has a number that no text has.
    pub texts: [u32; FIELD_COUNT],
    /// What to act on.
    pub status: Status,
    /// What is known of the secret.
    pub password: PasswordState,
    /// The provider's risk, where it has one.
    pub risk: Option<Risk>,
    /// What stands for login and secret, where the secret came in clear.
    pub credential: Option<Fingerprint>,
    /// Members came in a wrong type or twice; what could be read is here.
    pub damaged: bool,
}

const NO_TEXT: u32 = u32::MAX;

/// Rows of a part. What takes in a thousand at once may hold up a key for longer than one notices.
const ROWS_PER_PART: usize = 512;

const EMPTY_SLOT: TextSlot = TextSlot {
    tag: 0,
    number: NO_TEXT,
};

/// Places that a text is looked for at. One that is not found there is kept once more: repeats cost room, and nobody
/// can make a page expensive by texts whose hashes collide.
const MAX_PROBES: usize = 8;

impl LeakField {
    /// Whether rows of one page tend to have the same text here.
    fn is_repetitive(self) -> bool {
        match self {
            Self::Url
            | Self::Domain
            | Self::Class
            | Self::RemoteStatus
            | Self::FirstSeen
            | Self::Country
            | Self::Ip
            | Self::Os
            | Self::EmailDomain
            | Self::UrlDomain
            | Self::Breach => true,
            Self::Id
            | Self::Login
            | Self::AddedAt
            | Self::Hostname
            | Self::HardwareId
            | Self::MalwarePath => false,
        }
    }
}

impl LeakBatch {
    /// An empty page with room for `rows` rows.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            arena: Vec::with_capacity(rows * 192),
            texts: Vec::with_capacity(rows * 8),
            rows: Vec::with_capacity(rows),
            recent_texts: vec![EMPTY_SLOT; (rows.min(ROWS_PER_PART) * 2).next_power_of_two()],
            part_count: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, leak: &LeakRef<'_>) {
        if !self.rows.is_empty() && self.rows.len().is_multiple_of(ROWS_PER_PART) {
            self.recent_texts.fill(EMPTY_SLOT);
            self.part_count
                .push((self.rows.len() as u32, self.texts.len() as u32));
        }
        let mut texts = [NO_TEXT; FIELD_COUNT];
        for (field, (text, value)) in LeakField::VARIANTS
            .iter()
            .zip(texts.iter_mut().zip(&leak.fields))
        {
            if let Some(value) = value {
                *text = self.intern(*field, value);
            }
        }
        self.rows.push(BatchRow {
            texts,
            status: leak.status,
            password: leak.password,
            risk: leak.risk,
            credential: leak.credential,
            damaged: leak.damaged,
        });
    }

    /// The number of a text, which is kept if it is not known to be here.
    #[inline]
    fn intern(&mut self, field: LeakField, value: &[u8]) -> u32 {
        let number = self.texts.len() as u32;
        if field.is_repetitive() && !self.recent_texts.is_empty() {
            let hash = hash(field, value);
            let tag = (hash >> 32) as u32;
            let mask = self.recent_texts.len() - 1;
            for probe in 0..MAX_PROBES {
                let at = (hash as usize + probe) & mask;
                let known = self.recent_texts[at];
                if known.number == NO_TEXT {
                    self.recent_texts[at] = TextSlot { tag, number };
                    break;
                }
                if known.tag != tag {
                    continue;
                }
                let text = self.texts[known.number as usize];
                if text.field == field && self.text(text) == value {
                    return known.number;
                }
            }
        }
        self.texts.push(BatchText {
            start: self.arena.len() as u32,
            len: value.len() as u32,
            field,
        });
        self.arena.extend_from_slice(value);
        number
    }

    fn text(&self, text: BatchText) -> &[u8] {
        &self.arena[text.start as usize..text.start as usize + text.len as usize]
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in the provider's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = LeakRef<'_>> + DoubleEndedIterator + '_ {
        self.rows.iter().map(|row| self.row(row))
    }

    /// How many parts there are.
    pub fn part_count(&self) -> usize {
        self.part_count.len() + usize::from(!self.rows.is_empty())
    }

    /// A part, counted from 0; without rows where there is none of this number.
    pub fn part(&self, part: usize) -> BatchPart<'_> {
        let end = (self.rows.len() as u32, self.texts.len() as u32);
        let begins = |part: usize| match part.checked_sub(1) {
            None => (0, 0),
            Some(before) => self.part_count.get(before).copied().unwrap_or(end),
        };
        let (from, to) = (begins(part), begins(part + 1));
        BatchPart {
            batch: self,
            rows: self
                .rows
                .get(from.0 as usize..to.0 as usize)
                .unwrap_or_default(),
            first: from.1,
            texts: self
                .texts
                .get(from.1 as usize..to.1 as usize)
                .unwrap_or_default(),
        }
    }

    fn row(&self, row: &BatchRow) -> LeakRef<'_> {
        LeakRef {
            fields: row
                .texts
                .map(|number| self.texts.get(number as usize).map(|text| self.text(*text))),
            status: row.status,
            password: row.password,
            risk: row.risk,
            credential: row.credential,
            damaged: row.damaged,
        }
    }
}

/// A quick hash of a member's text.
fn hash(field: LeakField, value: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(field as u64).build_hasher();
    hasher.write(value);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leak<'a>(texts: &[(LeakField, &'a [u8])]) -> LeakRef<'a> {
        let mut fields = [None; FIELD_COUNT];
        for (field, text) in texts {
            fields[*field as usize] = Some(*text);
        }
        LeakRef {
            fields,
            status: Status::Open,
            password: PasswordState::Hidden,
            risk: None,
            credential: None,
            damaged: false,
        }
    }

    #[test]
    fn what_repeats_lies_in_a_page_once_and_reads_back_as_it_was() {
        let rows: Vec<Vec<(LeakField, Vec<u8>)>> = (0..2_000_u32)
            .map(|row| {
                vec![
                    (LeakField::Id, row.to_string().into_bytes()),
                    (LeakField::Os, format!("system {}", row % 7).into_bytes()),
                    (
                        LeakField::Country,
                        format!("system {}", row % 5).into_bytes(),
                    ),
                    (
                        LeakField::Url,
                        format!("https://{row}.example").into_bytes(),
                    ),
                ]
            })
            .collect();
        for room in [0, 1, 100, 2_000] {
            let mut batch = match room {
                0 => LeakBatch::default(),
                room => LeakBatch::with_capacity(room),
            };
            for row in &rows {
                let texts: Vec<_> = row
                    .iter()
                    .map(|(field, text)| (*field, &text[..]))
                    .collect();
                batch.push(&leak(&texts));
            }
            assert_eq!(batch.len(), rows.len());
            for (row, read) in rows.iter().zip(batch.iter()) {
                for (field, text) in row {
                    assert_eq!(read.get(*field), Some(&text[..]));
                }
                assert_eq!(read.get(LeakField::Login), None);
            }
            let mut expected = rows.iter();
            assert_eq!(batch.part_count(), rows.len().div_ceil(ROWS_PER_PART));
            for part in (0..batch.part_count()).map(|part| batch.part(part)) {
                let own = part.first..part.first + part.len() as u32;
                assert!(
                    part.iter_numbered()
                        .map(|(number, ..)| number)
                        .eq(own.clone())
                );
                for (kept, row) in part.rows.iter().zip(expected.by_ref()) {
                    for (field, text) in row {
                        let number = kept.texts[*field as usize];
                        assert!(own.contains(&number), "a text of another part");
                        assert_eq!(part.text(number), text);
                    }
                    assert!(!own.contains(&kept.texts[LeakField::Login as usize]));
                }
                if room == 2_000 {
                    assert_eq!(part.len(), 2 * part.rows.len() + 7 + 5);
                }
            }
            assert_eq!(expected.len(), 0);
        }
        assert_eq!(LeakBatch::default().part_count(), 0);
        assert!(LeakBatch::default().part(0).rows.is_empty());
    }

    #[test]
    fn one_number_is_one_text_of_one_member() {
        let mut batch = LeakBatch::with_capacity(4);
        let both = [
            (LeakField::Domain, &b"a.example"[..]),
            (LeakField::UrlDomain, b"a.example"),
        ];
        batch.push(&leak(&both));
        batch.push(&leak(&both));
        let numbers: Vec<_> = batch.part(0).rows.iter().map(|row| row.texts).collect();
        assert_eq!(numbers[0], numbers[1]);
        let [domain, url] =
            [LeakField::Domain, LeakField::UrlDomain].map(|field| numbers[0][field as usize]);
        assert_ne!(domain, url);
    }
}
