//! Builds one leak from the members of an answer: their values, the state of its password, and whether it is damaged.
//!
//! A password that comes in clear ends here: a fingerprint of it goes on, and our own copy is zeroed.

use crate::entity::{
    fingerprint::{Fingerprint, FingerprintKey},
    leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState, Risk},
    placeholder::{is_identifying, is_secret},
    status::Status,
};
use crate::http::json::Item;
use std::borrow::Cow;
use zeroize::Zeroize;

/// Deeper than this an item's members are not read.
pub(super) const MAX_DEPTH: usize = 64;

/// Above this size in bytes an item is damaged; what fits is stored nevertheless, so that a large row stays visible.
pub(super) const MAX_ITEM_BYTES: usize = 1 << 20;

/// Most bytes that are stored of one member.
pub(super) const MAX_FIELD_BYTES: usize = 64 << 10;

/// What providers put in place of a password that they will not show.
const FULL_MASKS: [&[u8]; 2] = [b"***MASKED***", b"***"];

/// What stands in a password of which a part is hidden. No fingerprint is made of one: it would tie together what is
/// only masked alike.
const MASK_CHARS: [&str; 3] = ["***", "•••", "●●●"];

/// The first byte of either kind of dot.
const DOT_LEAD_BYTE: u8 = 0xe2;

/// A leak being read.
#[derive(Default)]
pub(super) struct LeakBuilder<'a> {
    fields: [Option<Cow<'a, [u8]>>; FIELD_COUNT],
    password: Option<PasswordState>,
    clear_password: Option<ClearPassword<'a>>,
    risk: Option<Risk>,
    damaged: bool,
}

/// A password in clear. A decoded copy is zeroed here; a borrowed one is zeroed with the answer's bytes.
struct ClearPassword<'a>(Cow<'a, [u8]>);

impl Drop for ClearPassword<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(copy) = &mut self.0 {
            copy.zeroize();
        }
    }
}

impl<'a> LeakBuilder<'a> {
    /// Notes a member; the second of a name is dropped and the row marked.
    #[inline]
    pub(super) fn set(&mut self, field: LeakField, value: Cow<'a, [u8]>) {
        let slot = &mut self.fields[field as usize];
        if slot.is_some() {
            self.damaged = true;
            return;
        }
        *slot = Some(truncate(value, MAX_FIELD_BYTES, &mut self.damaged));
    }

    /// A member that was noted.
    pub(super) fn get(&self, field: LeakField) -> Option<&[u8]> {
        self.fields[field as usize].as_deref()
    }

    /// Notes what a password says of itself, and itself until the leak is pushed, where it is in clear.
    pub(super) fn set_password(&mut self, text: Option<Cow<'a, [u8]>>) {
        let text = text.map(ClearPassword);
        if self.password.is_some() {
            // Nobody can say which of the two is meant.
            self.damaged = true;
            self.clear_password = None;
            return;
        }
        self.password = Some(match text.as_ref().map(|text| &*text.0) {
            None => PasswordState::None,
            Some(b"") => PasswordState::Empty,
            Some(text) if FULL_MASKS.contains(&text) => PasswordState::MaskedByProvider,
            Some(_) => PasswordState::Hidden,
        });
        self.clear_password = text.filter(|text| !text.0.is_empty() && !is_partly_masked(&text.0));
    }

    /// Notes how grave it is.
    pub(super) fn set_risk(&mut self, risk: Option<Risk>) {
        self.risk = risk;
    }

    /// Returns true if it has an id. Without one it cannot be distinguished from another leak.
    pub(super) fn has_id(&self) -> bool {
        self.get(LeakField::Id).is_some_and(|id| !id.is_empty())
    }

    /// Fills a member that the wire did not have.
    pub(super) fn set_default(&mut self, field: LeakField, value: impl Into<Cow<'a, [u8]>>) {
        self.fields[field as usize].get_or_insert_with(|| value.into());
    }

    /// Adds the leak to a page. Its status is what the provider's word means.
    pub(super) fn push_to(
        &self,
        batch: &mut LeakBatch,
        key: &FingerprintKey,
        status_of: fn(&[u8]) -> Status,
    ) {
        batch.push(&LeakRef {
            fields: std::array::from_fn(|at| self.fields[at].as_deref()),
            status: self
                .get(LeakField::RemoteStatus)
                .map_or(Status::Unknown, status_of),
            password: self.password.unwrap_or(PasswordState::None),
            risk: self.risk,
            credential: self.credential(key),
            damaged: self.damaged,
        });
    }

    fn credential(&self, key: &FingerprintKey) -> Option<Fingerprint> {
        let login = self.get(LeakField::Login)?;
        let clear = self.clear_password.as_ref()?;
        (is_identifying(login) && is_secret(&clear.0)).then(|| key.credential(login, &clear.0))
    }
}

/// Whether a part of a password is hidden.
pub(super) fn is_partly_masked(text: &[u8]) -> bool {
    // Nearly every password has no byte that a cover begins with.
    let may_be = memchr::memchr2(b'*', DOT_LEAD_BYTE, text).is_some();
    may_be
        && MASK_CHARS
            .iter()
            .any(|cover| memchr::memmem::find(text, cover.as_bytes()).is_some())
}

/// The first `limit` bytes of a text, and how many more there were.
#[inline]
pub(super) fn truncate<'a>(
    value: Cow<'a, [u8]>,
    limit: usize,
    damaged: &mut bool,
) -> Cow<'a, [u8]> {
    if value.len() <= limit {
        return value;
    }
    *damaged = true;
    Cow::Owned(truncate_with_count(&value, limit))
}

#[cold]
fn truncate_with_count(value: &[u8], limit: usize) -> Vec<u8> {
    let mut kept = value[..limit].to_vec();
    kept.extend_from_slice(format!(" …+{} bytes", value.len() - limit).as_bytes());
    kept
}

/// Reads one item of a page, its members named by `column`; `None` where it is no object at all.
pub(super) fn read<'a>(
    item: impl Into<Item<'a>>,
    column: impl Fn(&[u8]) -> Option<LeakField>,
) -> Option<LeakBuilder<'a>> {
    let item = item.into();
    if !item.value.is_object() {
        return None;
    }
    let mut draft = LeakBuilder {
        damaged: item.value.raw().len() > MAX_ITEM_BYTES,
        ..LeakBuilder::default()
    };
    // Names seen as null count as seen: the second of a pair is a contradiction, whatever the first said.
    let mut nulls = [false; FIELD_COUNT];
    let mut nested = false;
    for (name, value) in item.members() {
        let contains = value.is_object() || value.is_array();
        nested |= contains;
        if &*name == b"password" {
            if value.is_null() {
                draft.set_password(None);
            } else if let Some(text) = value.string() {
                draft.set_password(Some(text));
            } else {
                draft.set_password(Some(Cow::Borrowed(value.raw())));
                draft.damaged = true;
                draft.clear_password = None;
            }
            continue;
        }
        let Some(field) = column(&name) else { continue };
        draft.damaged |= nulls[field as usize];
        if let Some(text) = value.string() {
            draft.set(field, text);
        } else if value.is_null() {
            draft.damaged |= draft.fields[field as usize].is_some();
            nulls[field as usize] = true;
        } else {
            draft.damaged |= contains;
            if !contains || !value.exceeds_depth(MAX_DEPTH) {
                draft.set(field, Cow::Borrowed(value.raw()));
            }
        }
    }
    // Without a container in it nothing is deep.
    draft.damaged |= nested && item.value.exceeds_depth(MAX_DEPTH);
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    const KEY: [u8; 32] = [7; 32];

    fn pushed(json: &str) -> LeakBatch {
        let column = |name: &[u8]| (name == b"login").then_some(LeakField::Login);
        let draft = read(parse(json.as_bytes()).unwrap(), column).unwrap();
        let mut batch = LeakBatch::default();
        draft.push_to(&mut batch, &FingerprintKey::new(KEY), |_| Status::Unknown);
        batch
    }

    fn credential(json: &str) -> Option<Fingerprint> {
        pushed(json).iter().next().unwrap().credential
    }

    #[test]
    fn a_clear_password_becomes_a_fingerprint_and_a_masked_one_none() {
        let wanted = FingerprintKey::new(KEY).credential(b"m@x.example", b"hunter2\n");
        // Whichever comes first.
        for json in [
            r#"{"login":"m@x.example","password":"hunter2\n"}"#,
            r#"{"password":"hunter2\n","login":" M@x.example"}"#,
        ] {
            assert_eq!(credential(json), Some(wanted), "{json}");
        }
        for json in [
            r#"{"login":"m","password":"***"}"#,
            r#"{"login":"m","password":"***MASKED***"}"#,
            r#"{"login":"m","password":"a****z"}"#,
            r#"{"login":"m","password":"a•••••z"}"#,
            r#"{"login":"m","password":""}"#,
            r#"{"login":"m","password":null}"#,
            r#"{"login":"m","password":{"x":"hunter2"}}"#,
            r#"{"login":"m","password":"one","password":"two"}"#,
            r#"{"login":" ","password":"hunter2"}"#,
            r#"{"password":"hunter2"}"#,
            r#"{"login":"m"}"#,
        ] {
            assert_eq!(credential(json), None, "{json}");
        }
    }

    #[test]
    fn two_passwords_mark_the_row() {
        let batch = pushed(r#"{"login":"m","password":null,"password":"two"}"#);
        let row = batch.iter().next().unwrap();
        assert!(row.damaged);
        assert_eq!(row.password, PasswordState::None);
        assert_eq!(row.credential, None);
    }
}
