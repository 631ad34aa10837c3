//! Numbers and bytes that every store keeps in its rows: states, kinds, storage targets, ids.

use crate::entity::{
    job::{ChangeState, StorageTarget},
    key::{Kind, RemoteId},
};

/// States by stored number. New ones are appended.
const STATES: [ChangeState; 13] = [
    ChangeState::Pending,
    ChangeState::Inflight,
    ChangeState::Accepted,
    ChangeState::Unknown,
    ChangeState::Verified,
    ChangeState::Local,
    ChangeState::Refused,
    ChangeState::Contradicted,
    ChangeState::Drifted,
    ChangeState::Failed,
    ChangeState::Skipped,
    ChangeState::Cancelled,
    ChangeState::Unverifiable,
];

/// Number of the last state that is not final.
pub(super) const LAST_NONFINAL: u8 = 3;

/// Kinds by stored number. New ones are appended.
const KINDS: [Kind; 4] = [Kind::Leak, Kind::Domain, Kind::User, Kind::Connection];

/// Storage targets by stored number. New ones are appended.
const STORAGE_TARGETS: [StorageTarget; 3] = [
    StorageTarget::Remote,
    StorageTarget::Local,
    StorageTarget::Both,
];

/// Returns the state of a stored number.
pub(super) fn state(number: u8) -> Option<ChangeState> {
    STATES.get(usize::from(number)).copied()
}

/// Returns the storage target of a stored number.
pub(super) fn place(number: u8) -> Option<StorageTarget> {
    STORAGE_TARGETS.get(usize::from(number)).copied()
}

/// Returns the stored number of a state.
pub(super) fn state_number(state: ChangeState) -> i64 {
    match state {
        ChangeState::Pending => 0,
        ChangeState::Inflight => 1,
        ChangeState::Accepted => 2,
        ChangeState::Unknown => 3,
        ChangeState::Verified => 4,
        ChangeState::Local => 5,
        ChangeState::Refused => 6,
        ChangeState::Contradicted => 7,
        ChangeState::Drifted => 8,
        ChangeState::Failed => 9,
        ChangeState::Skipped => 10,
        ChangeState::Cancelled => 11,
        ChangeState::Unverifiable => 12,
    }
}

/// Returns the stored number of a storage target.
pub(super) fn storage_target_number(place: StorageTarget) -> i64 {
    match place {
        StorageTarget::Remote => 0,
        StorageTarget::Local => 1,
        StorageTarget::Both => 2,
    }
}

/// Returns the kind of a stored number.
pub(super) fn kind(number: u8) -> Option<Kind> {
    KINDS.get(usize::from(number)).copied()
}

/// Returns the stored number of a kind.
pub(super) fn kind_number(kind: Kind) -> i64 {
    match kind {
        Kind::Leak => 0,
        Kind::Domain => 1,
        Kind::User => 2,
        Kind::Connection => 3,
    }
}

/// Encodes an id: 16 bytes for 32 lower-case hexadecimal digits, else the bytes themselves. The first byte says which.
pub(super) fn encode_id(id: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(id.len() + 1);
    encode_id_into(id, &mut packed);
    packed
}

/// Appends an encoded id.
pub(super) fn encode_id_into(id: &[u8], into: &mut Vec<u8>) {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let start = into.len();
    if id.len() == 32 {
        into.push(1);
        for pair in id.chunks_exact(2) {
            if let [high, low] = pair
                && let (Some(high), Some(low)) = (digit(*high), digit(*low))
            {
                into.push(high << 4 | low);
            }
        }
        // All were hexadecimal digits.
        if into.len() == start + 17 {
            return;
        }
        into.truncate(start);
    }
    into.push(0);
    into.extend_from_slice(id);
}

/// Decodes an id; `None` if it is damaged.
pub(super) fn decode_id(packed: &[u8]) -> Option<RemoteId> {
    match packed.split_first()? {
        (0, id) => Some(RemoteId::from(id)),
        (1, bytes) if bytes.len() == 16 => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            let digits: Vec<u8> = bytes
                .iter()
                .flat_map(|byte| {
                    [
                        DIGITS[usize::from(byte >> 4)],
                        DIGITS[usize::from(byte & 15)],
                    ]
                })
                .collect();
            Some(RemoteId::from(&digits[..]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_packing_and_no_two_ids_pack_alike() {
        let ids: [&[u8]; 7] = [
            b"7f1c22d0a1b2c3d4e5f60718293a4b5c",
            b"7F1C22D0A1B2C3D4E5F60718293A4B5C",
            b"c4763g3666952g8763caee0915960g5f",
            b"",
            b"\x00",
            b"\xff\xed\xa0\x80",
            b"0123456789abcdef",
        ];
        let packed: Vec<_> = ids.iter().map(|id| encode_id(id)).collect();
        assert_eq!(packed[0].len(), 17);
        for (id, packed) in ids.iter().zip(&packed) {
            assert_eq!(decode_id(packed).unwrap().as_bytes(), *id);
        }
        let mut unique = packed.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), packed.len());
        assert_eq!(decode_id(b"\x01short"), None);
    }

    #[test]
    fn every_state_has_a_number_of_its_own() {
        use ChangeState::{
            Accepted, Cancelled, Contradicted, Drifted, Failed, Inflight, Local, Pending, Refused,
            Skipped, Unknown, Unverifiable, Verified,
        };
        for state in [
            Pending,
            Inflight,
            Accepted,
            Unknown,
            Verified,
            Local,
            Refused,
            Contradicted,
            Drifted,
            Failed,
            Skipped,
            Cancelled,
            Unverifiable,
        ] {
            assert_eq!(STATES.iter().filter(|known| **known == state).count(), 1);
        }
        for (place, state) in STATES.iter().enumerate() {
            assert_eq!(state.is_final(), place > usize::from(LAST_NONFINAL));
            assert_eq!(state_number(*state), i64::try_from(place).unwrap());
        }
        for (place, kind) in KINDS.iter().enumerate() {
            assert_eq!(kind_number(*kind), i64::try_from(place).unwrap());
        }
    }
}
