//! Records: numbers one behind the other, each in as few bytes as it takes.

use crate::table::interner::NO_VALUE;

/// Puts numbers behind each other.
#[derive(Debug)]
pub(super) struct Writer<'b>(pub(super) &'b mut Vec<u8>);

impl Writer<'_> {
    /// Seven bits a byte; the eighth says that there are more.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// The number of a text that may be absent.
    pub(super) fn text(&mut self, number: u32) {
        self.optional_number((number != NO_VALUE).then(|| u64::from(number)));
    }

    /// A number that may be absent. The largest one there is takes two.
    pub(super) fn optional_number(&mut self, number: Option<u64>) {
        match number {
            None => self.number(0),
            Some(u64::MAX) => {
                self.number(u64::MAX);
                self.number(1);
            }
            Some(number) => {
                self.number(number + 1);
                if number == u64::MAX - 1 {
                    self.number(0);
                }
            }
        }
    }

    /// Yes, no or unknown.
    pub(super) fn optional_bool(&mut self, truth: Option<bool>) {
        self.optional_number(truth.map(u64::from));
    }
}

/// Takes numbers in the order in which they were written. Beyond the end all are 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl Reader<'_> {
    pub(super) fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let Some((byte, rest)) = self.0.split_first() else {
                break;
            };
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        number
    }

    /// The number of a text, or [`NO_VALUE`].
    pub(super) fn text(&mut self) -> u32 {
        self.optional_number()
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(NO_VALUE)
    }

    pub(super) fn optional_number(&mut self) -> Option<u64> {
        match self.number() {
            0 => None,
            u64::MAX => Some(u64::MAX - 1 + self.number()),
            number => Some(number - 1),
        }
    }

    pub(super) fn optional_bool(&mut self) -> Option<bool> {
        self.optional_number().map(|truth| truth != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_in_their_order() {
        let numbers = [
            0,
            1,
            127,
            128,
            300,
            65_535,
            u64::MAX / 2,
            u64::MAX - 1,
            u64::MAX,
        ];
        let mut bytes = Vec::new();
        let mut writer = Writer(&mut bytes);
        for number in numbers {
            writer.number(number);
            writer.optional_number(Some(number));
            writer.optional_number(None);
            writer.optional_bool(Some(number > 5));
        }
        writer.text(NO_VALUE);
        writer.text(NO_VALUE - 1);
        let mut reader = Reader(&bytes);
        for number in numbers {
            assert_eq!(reader.number(), number);
            assert_eq!(reader.optional_number(), Some(number));
            assert_eq!(reader.optional_number(), None);
            assert_eq!(reader.optional_bool(), Some(number > 5));
        }
        assert_eq!((reader.text(), reader.text()), (NO_VALUE, NO_VALUE - 1));
        assert!(reader.0.is_empty());
        assert_eq!((reader.number(), reader.optional_number()), (0, None));
    }
}
