//! A record as it was parsed, before it becomes a leak.

use crate::entity::{
    breach::Breach,
    leak::{FIELD_COUNT, LeakField, Risk},
    status::Status,
};
use std::{borrow::Cow, ops::Deref};
use zeroize::Zeroize;

/// Bytes of the file, or made of them.
pub(super) type Bytes<'a> = Cow<'a, [u8]>;

/// A password on its way into an id: a copy of its own is zeroed when it is dropped.
#[derive(Default)]
pub(super) struct Password<'a>(Bytes<'a>);

impl<'a> From<Bytes<'a>> for Password<'a> {
    fn from(bytes: Bytes<'a>) -> Self {
        Self(bytes)
    }
}

impl<'a> From<&'a [u8]> for Password<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl Deref for Password<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Password<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(bytes) = &mut self.0 {
            bytes.zeroize();
        }
    }
}

/// A record. Its login, URL and password are as they stand in the file, before any decoding of single bytes.
#[derive(Default)]
pub(super) struct Record<'a> {
    /// The login; none without a label or column of it.
    pub(super) login: Option<Bytes<'a>>,
    /// The URL.
    pub(super) url: Option<Bytes<'a>>,
    /// The password.
    pub(super) password: Option<Password<'a>>,
    /// The secret is somewhere else, and was masked by who exported it.
    pub(super) masked: bool,
    /// The id that the exporting system gave it.
    pub(super) id: Option<Bytes<'a>>,
    /// The other members, by [`LeakField`].
    pub(super) fields: [Option<Bytes<'a>>; FIELD_COUNT],
    /// What its status word means; none where it is read as one of ours.
    pub(super) status: Option<Status>,
    /// The risk.
    pub(super) risk: Option<Risk>,
    /// What is known of its breach beside the name.
    pub(super) breach: Option<Box<Breach>>,
    /// What held it.
    pub(super) application: Option<Bytes<'a>>,
    /// Members came in a wrong form.
    pub(super) damaged: bool,
}

impl<'a> Record<'a> {
    /// Sets a member; what is empty is nothing.
    pub(super) fn set(&mut self, field: LeakField, value: impl Into<Bytes<'a>>) {
        let value = value.into();
        if !value.is_empty() {
            self.fields[field as usize] = Some(value);
        }
    }

    /// Whether it has neither a login nor a password.
    pub(super) fn is_empty(&self) -> bool {
        let none = |value: &Option<Bytes<'_>>| value.as_ref().is_none_or(|value| value.is_empty());
        let secret = self.password.as_deref().unwrap_or_default();
        none(&self.login) && secret.is_empty() && !self.masked
    }
}

/// Where a record stands in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct At {
    /// The line, from 1, or the number of the item.
    pub(super) line: u64,
    /// Bytes of the text before it, after it was turned into UTF-8; none where the file has to be read from its start.
    pub(super) offset: Option<u64>,
}
