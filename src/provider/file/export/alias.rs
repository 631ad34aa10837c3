//! Addresses whose domain stands elsewhere, and breaches that a search found them in.

use super::super::{
    context::Context,
    list,
    record::{At, Bytes, Record},
    sink::Sink,
};
use crate::{entity::leak::LeakField, http::json::Value};
use std::borrow::Cow;

/// An address of an alias. One that has an `@` is whole.
pub(in crate::provider::file) fn aliased(alias: &[u8], domain: Option<&[u8]>) -> Vec<u8> {
    match domain {
        Some(domain) if memchr::memchr(b'@', alias).is_none() => [alias, b"@", domain].concat(),
        _ => alias.to_vec(),
    }
}

impl Context<'_> {
    /// The domain that aliases belong to: the one that is set, else the last one that the file's name says.
    pub(in crate::provider::file) fn alias_domain(&self, sink: &mut Sink<'_>) -> Option<Vec<u8>> {
        let found = self.domain();
        if found.is_none() {
            sink.note("alias_without_domain");
        }
        found
    }

    fn domain(&self) -> Option<Vec<u8>> {
        if let Some(domain) = &self.options.alias_domain {
            return Some(domain.clone().into_bytes());
        }
        let name = self.name();
        let stem = memchr::memrchr(b'.', name).map_or(name, |dot| &name[..dot]);
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        stem.split(|byte| !is_part(byte))
            .rev()
            .find(|part| memchr::memchr(b'.', part).is_some() && list::is_urlish(part))
            .map(<[u8]>::to_vec)
    }
}

/// The words of each member are the breaches of an alias, or the hosts that it logged in to.
pub(super) fn aliases(
    document: Value<'_>,
    is_stealer: bool,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) {
    let domain = context.alias_domain(sink);
    for ((alias, words), item) in document.members().zip(1..) {
        if sink.stopped {
            return;
        }
        let login = aliased(&alias, domain.as_deref());
        let mut any = false;
        for word in words.elements().filter_map(Value::string) {
            any = true;
            take(&login, &word, is_stealer, item, sink);
        }
        if !any {
            sink.reject(item, "empty");
        }
    }
}

/// Addresses that logged in to the host in the file's name.
pub(super) fn addresses(document: Value<'_>, context: &Context<'_>, sink: &mut Sink<'_>) {
    let host = context.alias_domain(sink).unwrap_or_default();
    for (address, item) in document.elements().zip(1..) {
        match address.string().filter(|address| !address.is_empty()) {
            Some(address) => take(&address, &host, true, item, sink),
            None => sink.reject(item, "empty"),
        }
    }
}

fn take(login: &[u8], word: &[u8], is_url: bool, item: u64, sink: &mut Sink<'_>) {
    let mut record = Record {
        id: Some(Cow::Owned([login, b"|", word].concat())),
        login: Some(Cow::Borrowed(login)),
        ..Record::default()
    };
    if is_url {
        record.url = Some(Cow::Borrowed(word)).filter(|word: &Bytes<'_>| !word.is_empty());
    } else {
        record.set(LeakField::Breach, word);
    }
    sink.accept(
        &mut record,
        At {
            line: item,
            offset: None,
        },
    );
}

/// A row of an address and its breaches, one leak each.
pub(in crate::provider::file) fn breaches_of(record: &Record<'_>, at: At, sink: &mut Sink<'_>) {
    let all = record.fields[LeakField::Breach as usize]
        .clone()
        .unwrap_or_default();
    let login = record.login.clone().unwrap_or_default();
    let words = all.split(|byte| matches!(byte, b',' | b';'));
    let mut any = false;
    for word in words
        .map(<[u8]>::trim_ascii)
        .filter(|word| !word.is_empty())
    {
        any = true;
        let mut one = Record {
            id: Some(Cow::Owned([&login[..], b"|", word].concat())),
            login: Some(Cow::Borrowed(&login)),
            fields: record.fields.clone(),
            damaged: record.damaged,
            ..Record::default()
        };
        one.set(LeakField::Breach, word);
        sink.accept(&mut one, at);
    }
    if !any {
        sink.reject(at.line, "empty");
    }
}
