//! Identity: what a cursor, a mark, a plan and a journal row hold on to. Never a row number.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr, sync::Arc};

/// A configured account's name: `[a-z0-9-]`, not empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProfileName(Arc<str>);

impl ProfileName {
    /// Checks the spelling.
    pub fn new(name: &str) -> Result<Self, KeyError> {
        let fits = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(name.into()))
        } else {
            Err(KeyError::Profile)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which kind of system a profile is an account at, as its registry row spells it: `projectdiscovery`, ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProviderId(Arc<str>);

impl ProviderId {
    /// From a registry row or a stored record.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id, as configuration and JSON spell it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The four nouns that have a pane and a key.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumString,
    strum::Display,
    strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum Kind {
    /// An internet domain that is watched, or that leaks are filed under.
    Domain,
    /// A person: one login.
    User,
    /// One leaked credential.
    Leak,
    /// What ties a leak to the world: an infected machine, a resource, a breach, a paste.
    Connection,
}

/// What a provider calls a thing, byte for byte as it came.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteId(Arc<[u8]>);

impl RemoteId {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The id, where it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The same id in small letters, where it is one in hexadecimal digits, a hash or a UUID, and has capital ones.
    pub fn to_lowercase_hex(&self) -> Option<Self> {
        let hexadecimal = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
        let capital = self.0.iter().any(u8::is_ascii_uppercase);
        (capital && self.0.iter().all(hexadecimal))
            .then(|| Self::from(&self.0.to_ascii_lowercase()[..]))
    }
}

impl From<&[u8]> for RemoteId {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for RemoteId {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl fmt::Debug for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteId({})", percent_encode(&self.0, ID_ESCAPES))
    }
}

/// `profile:kind:remote-id`, split at its first two colons; control characters, `%` and bytes beyond ASCII that are not UTF-8 are percent-encoded
/// in the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey {
    /// The account that it was read from.
    pub profile: ProfileName,
    /// What it is.
    pub kind: Kind,
    /// The provider's own id, or for what we derive from leaks, its name.
    pub id: RemoteId,
}

const ID_ESCAPES: &AsciiSet = &CONTROLS.add(b'%');

impl EntityKey {
    /// A leak's key.
    pub fn for_leak(profile: ProfileName, id: RemoteId) -> Self {
        Self {
            profile,
            kind: Kind::Leak,
            id,
        }
    }

    /// Puts its spelling behind what is there. Most ids are spelled as they are.
    pub fn write_to(&self, into: &mut Vec<u8>) {
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'%';
        if self.kind == Kind::Leak && self.id.0.iter().all(plain) {
            for part in [self.profile.0.as_bytes(), b":leak:", &self.id.0] {
                into.extend_from_slice(part);
            }
        } else {
            into.extend_from_slice(self.to_string().as_bytes());
        }
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.profile, self.kind)?;
        for chunk in self.id.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                // Beyond ASCII the corpus wants readable ids; C1 controls are controls all the same.
                if c == '%' || c.is_control() {
                    let mut buffer = [0; 4];
                    for byte in c.encode_utf8(&mut buffer).bytes() {
                        write!(f, "%{byte:02X}")?;
                    }
                } else {
                    write!(f, "{c}")?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for EntityKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not three parts.
    #[error("a key is profile:kind:id")]
    Parts,
    /// A profile name with a character that none has.
    #[error("a profile's name is made of a-z, 0-9 and -")]
    Profile,
    /// None of the four kinds.
    #[error("a key's kind is domain, user, leak or connection")]
    Kind,
}

impl FromStr for EntityKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, ':');
        let (Some(profile), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::Parts);
        };
        let id: Vec<u8> = percent_decode_str(id).collect();
        Ok(Self {
            profile: ProfileName::new(profile)?,
            kind: kind.parse().map_err(|_| KeyError::Kind)?,
            id: RemoteId::from(&id[..]),
        })
    }
}

/// Numbers a request for pages; an answer to any but the current one is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RequestId(pub u64);

/// Numbers a job in the journal, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_spelling_whatever_is_in_its_id() {
        for id in [
            &b"7f1c"[..],
            b"a:b:c",
            b"50%",
            b"x\n\x1b[2J",
            b"\xff\xed\xa0\x80",
            "é\u{9b}".as_bytes(),
            b"",
        ] {
            let key = EntityKey {
                profile: ProfileName::new("acme-pd").unwrap(),
                kind: Kind::Connection,
                id: id.into(),
            };
            let text = key.to_string();
            assert!(!text.chars().any(char::is_control), "{text}");
            let leak = EntityKey::for_leak(key.profile.clone(), key.id.clone());
            let mut spelled = b"before ".to_vec();
            leak.write_to(&mut spelled);
            assert_eq!(spelled, format!("before {leak}").into_bytes());
            assert_eq!(text.parse::<EntityKey>(), Ok(key));
        }
    }

    #[test]
    fn what_is_not_a_key_says_why() {
        assert_eq!("a:b".parse::<EntityKey>(), Err(KeyError::Parts));
        assert_eq!("A:leak:x".parse::<EntityKey>(), Err(KeyError::Profile));
        assert_eq!("a:thing:x".parse::<EntityKey>(), Err(KeyError::Kind));
    }
}
