//! Mailboxes while they are remembered: there may be tens of thousands, with a few hundred names.

use super::wire;
use crate::entity::raw_text::RawText;
use std::collections::HashMap;

/// The mailboxes of a domain while they are remembered: there may be tens of thousands, in a few hundred breaches.
#[derive(Debug, Default)]
pub(in crate::provider) struct Packed {
    /// All but the mailboxes.
    other_fields: wire::Mailboxes,
    /// Their addresses one behind the other, and where each ends; and where the names of each end.
    addresses: Vec<u8>,
    ends: Vec<(usize, usize)>,
    /// The names of all mailboxes one behind the other, by their numbers.
    listed: Vec<u32>,
    names: Vec<RawText>,
}

impl Packed {
    pub(in crate::provider) fn new(mailboxes: &wire::Mailboxes) -> Self {
        let rest = wire::Mailboxes {
            mailboxes: Vec::new(),
            contradiction: mailboxes.contradiction.clone(),
            ..*mailboxes
        };
        let mut packed = Self {
            other_fields: rest,
            ..Self::default()
        };
        let mut numbers: HashMap<&[u8], u32> = HashMap::new();
        for mailbox in &mailboxes.mailboxes {
            packed
                .addresses
                .extend_from_slice(mailbox.address.as_bytes());
            for name in &mailbox.listed {
                let number = numbers.entry(name.as_bytes()).or_insert_with(|| {
                    packed.names.push(name.clone());
                    packed.names.len() as u32 - 1
                });
                packed.listed.push(*number);
            }
            let ends = (packed.addresses.len(), packed.listed.len());
            packed.ends.push(ends);
        }
        packed.addresses.shrink_to_fit();
        packed.ends.shrink_to_fit();
        packed.listed.shrink_to_fit();
        packed
    }

    pub(in crate::provider) fn unpack(&self) -> wire::Mailboxes {
        let before = std::iter::once((0, 0)).chain(self.ends.iter().copied());
        let mailbox = |((from, first), (to, last))| wire::Mailbox {
            address: RawText::from(self.addresses.get(from..to).unwrap_or_default()),
            listed: self
                .listed
                .get(first..last)
                .unwrap_or_default()
                .iter()
                .filter_map(|number| self.names.get(*number as usize).cloned())
                .collect(),
        };
        wire::Mailboxes {
            mailboxes: before.zip(self.ends.iter().copied()).map(mailbox).collect(),
            contradiction: self.other_fields.contradiction.clone(),
            ..self.other_fields
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_remembered_as_they_came() {
        let mailbox = |address: &str, breaches: &[&str]| wire::Mailbox {
            address: RawText::from(address),
            listed: breaches.iter().map(|name| RawText::from(*name)).collect(),
        };
        for all in [
            Vec::new(),
            vec![
                mailbox("a@x.example", &["One", "Two"]),
                mailbox("b@x.example", &[]),
                mailbox("", &["one", "Two", "Three"]),
                mailbox("c@x.example", &["One"]),
            ],
        ] {
            let mailboxes = wire::Mailboxes {
                mailboxes: all,
                unreadable: 3,
                contradiction: Some("its count is 9".to_owned()),
            };
            let packed = Packed::new(&mailboxes);
            assert_eq!(packed.unpack(), mailboxes);
        }
    }
}
