//! The names that columns of tables and members of objects have, in the lists of many systems.

use crate::entity::leak::LeakField;
use std::borrow::Cow;

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Login,
    /// The part of an address before its domain, which is in a column of its own.
    Alias,
    Password,
    Url,
    Id,
    /// Another member of a leak.
    Leak(LeakField),
}

/// Names of columns, without case; blanks, `_`, `-` and `.` alike.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Login,
        &[
            "login",
            "username",
            "user name",
            "user",
            "email",
            "e mail",
            "email address",
            "mail",
            "identity",
            "identity name",
            "account",
            "user id",
            "userid",
            "identifier",
            "login name",
        ],
    ),
    (Field::Alias, &["alias"]),
    (
        Field::Password,
        &[
            "password",
            "pass",
            "passwd",
            "pwd",
            "password plaintext",
            "plaintext",
            "hash",
            "secret",
            "passwort",
            "пароль",
        ],
    ),
    (
        Field::Url,
        &[
            "url",
            "website",
            "web site",
            "site",
            "target url",
            "login url",
            "login uri",
            "uri",
            "link",
            "origin",
            "host url",
        ],
    ),
    (
        Field::Leak(LeakField::FirstSeen),
        &[
            "date",
            "log date",
            "first seen",
            "leak date",
            "infected time",
            "exfiltration date",
            "date compromised",
            "seen",
        ],
    ),
    (
        Field::Leak(LeakField::AddedAt),
        &[
            "added at",
            "imported at",
            "fetched at",
            "spycloud publish date",
            "date added",
            "added",
        ],
    ),
    (
        Field::Leak(LeakField::Hostname),
        &[
            "hostname",
            "host name",
            "computer name",
            "machine name",
            "user hostname",
            "pc name",
            "computer",
        ],
    ),
    (
        Field::Leak(LeakField::Ip),
        &["ip", "ip address", "device ip", "machine ip"],
    ),
    (
        Field::Leak(LeakField::Os),
        &["os", "operating system", "user os"],
    ),
    (
        Field::Leak(LeakField::HardwareId),
        &[
            "hwid",
            "hardware id",
            "infected machine id",
            "machine id",
            "machineid",
        ],
    ),
    (
        Field::Leak(LeakField::MalwarePath),
        &["malware path", "infected path", "stealer path"],
    ),
    (
        Field::Leak(LeakField::Country),
        &["country", "country code"],
    ),
    (Field::Leak(LeakField::Class), &["user type", "class"]),
    (Field::Leak(LeakField::RemoteStatus), &["status"]),
    (Field::Leak(LeakField::Domain), &["domain"]),
    (
        Field::Leak(LeakField::Breach),
        &[
            "breach",
            "source",
            "source id",
            "database",
            "database name",
            "breach name",
            "breaches",
        ],
    ),
    (Field::Id, &["id", "document id", "uuid", "guid"]),
];

/// No name is longer, in bytes.
const LONGEST: usize = 24;

/// By the first byte of names in ASCII, the lengths that they have: nearly every line of a list is told apart by that.
const LENGTHS: [u32; 256] = {
    let mut lengths = [0; 256];
    let mut field = 0;
    while field < NAMES.len() {
        let names = NAMES[field].1;
        let mut at = 0;
        while at < names.len() {
            let name = names[at].as_bytes();
            lengths[name[0] as usize] |= 1 << name.len();
            at += 1;
        }
        field += 1;
    }
    lengths
};

/// Whether a name begins like one that is known and is as long. One that is not plain ASCII may be.
fn may_be_known(name: &[u8]) -> bool {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return false;
    };
    if !name.is_ascii() || !first.is_ascii_graphic() || !last.is_ascii_graphic() {
        return true;
    }
    let lengths = LENGTHS[usize::from(first.to_ascii_lowercase())];
    lengths & (1 << name.len()) != 0
}

/// What a column of this name is, if it is known.
pub(super) fn field(name: &[u8]) -> Option<Field> {
    if name.len() > LONGEST || !may_be_known(name) {
        return None;
    }
    let name = folded(name)?;
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&&*name))
        .map(|(field, _)| *field)
}

/// A name as it is compared.
pub(super) fn folded(name: &[u8]) -> Option<Cow<'_, str>> {
    let name = std::str::from_utf8(name).ok()?.trim();
    let plain = |byte: &u8| byte.is_ascii_lowercase();
    if name.as_bytes().iter().all(plain) {
        return Some(Cow::Borrowed(name));
    }
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        folded.push(if matches!(c, ' ' | '_' | '-' | '.') {
            ' '
        } else {
            c
        });
    }
    Some(Cow::Owned(folded))
}

/// The word that a mapping has for a field.
pub(super) fn word(field: Field) -> &'static str {
    match field {
        Field::Login => "login",
        Field::Alias => "alias",
        Field::Password => "password",
        Field::Url => "url",
        Field::Id => "id",
        Field::Leak(field) => match field {
            LeakField::FirstSeen => "first_seen",
            LeakField::AddedAt => "added_at",
            LeakField::Hostname => "hostname",
            LeakField::Ip => "ip",
            LeakField::Os => "os",
            LeakField::HardwareId => "hardware_id",
            LeakField::MalwarePath => "malware_path",
            LeakField::Country => "country",
            LeakField::Class => "class",
            LeakField::RemoteStatus => "status",
            LeakField::Domain => "domain",
            LeakField::Breach => "breach",
            LeakField::Id => "id",
            LeakField::Login => "login",
            LeakField::Url => "url",
            LeakField::EmailDomain => "email_domain",
            LeakField::UrlDomain => "url_domain",
        },
    }
}

/// The field that a mapping's word stands for.
pub(super) fn of_word(name: &str) -> Option<Field> {
    const FIELDS: [Field; 16] = [
        Field::Id,
        Field::Login,
        Field::Password,
        Field::Url,
        Field::Leak(LeakField::Domain),
        Field::Leak(LeakField::Class),
        Field::Leak(LeakField::RemoteStatus),
        Field::Leak(LeakField::FirstSeen),
        Field::Leak(LeakField::AddedAt),
        Field::Leak(LeakField::Country),
        Field::Leak(LeakField::Hostname),
        Field::Leak(LeakField::Ip),
        Field::Leak(LeakField::Os),
        Field::Leak(LeakField::HardwareId),
        Field::Leak(LeakField::MalwarePath),
        Field::Leak(LeakField::Breach),
    ];
    FIELDS.into_iter().find(|field| word(*field) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_in_any_case_and_with_any_blanks() {
        for (wanted, names) in NAMES {
            for name in *names {
                for spelling in [
                    (*name).to_owned(),
                    name.to_uppercase(),
                    name.replace(' ', "_"),
                    name.replace(' ', "-").to_uppercase(),
                    format!(" {name}\u{a0}"),
                ] {
                    // A column of that name in an earlier row of the list wins.
                    let found = field(spelling.as_bytes());
                    let first = NAMES.iter().find(|(_, names)| names.contains(name));
                    assert_eq!(found, first.map(|(field, _)| *field), "{spelling}");
                    assert!(found.is_some(), "{wanted:?}");
                }
            }
        }
        for name in [
            "",
            "https",
            "logon",
            "a name that is longer than all",
            "пар",
        ] {
            assert_eq!(field(name.as_bytes()), None, "{name}");
        }
    }
}
