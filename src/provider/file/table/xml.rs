//! As much of XML as spreadsheets need: tags, attributes, text.

use std::borrow::Cow;

/// What stands in a text.
pub(super) enum Event<'x> {
    /// A tag opens: its name without prefix, its attributes, and whether it closes at once.
    Open(&'x [u8], &'x [u8], bool),
    /// A tag closes.
    Close(&'x [u8]),
    Text(&'x [u8]),
}

/// Goes through a text.
pub(super) struct Events<'x> {
    rest: &'x [u8],
}

impl<'x> Events<'x> {
    pub(super) fn new(xml: &'x [u8]) -> Self {
        Self { rest: xml }
    }
}

fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

impl<'x> Iterator for Events<'x> {
    type Item = Event<'x>;

    fn next(&mut self) -> Option<Event<'x>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(open) = memchr::memchr(b'<', self.rest) else {
                return Some(Event::Text(std::mem::take(&mut self.rest)));
            };
            if open > 0 {
                let (text, rest) = self.rest.split_at(open);
                self.rest = rest;
                return Some(Event::Text(text));
            }
            if let Some(rest) = self.rest.strip_prefix(b"<![CDATA[") {
                let end = memchr::memmem::find(rest, b"]]>").unwrap_or(rest.len());
                self.rest = rest.get(end + 3..).unwrap_or_default();
                return Some(Event::Text(&rest[..end]));
            }
            let skipped = match self.rest.get(1) {
                Some(b'!') if self.rest.starts_with(b"<!--") => Some(&b"-->"[..]),
                Some(b'!' | b'?') => Some(&b">"[..]),
                _ => None,
            };
            if let Some(end) = skipped {
                let at = memchr::memmem::find(self.rest, end)?;
                self.rest = &self.rest[at + end.len()..];
                continue;
            }
            let close = memchr::memchr(b'>', self.rest)?;
            let tag = &self.rest[1..close];
            self.rest = &self.rest[close + 1..];
            if let Some(name) = tag.strip_prefix(b"/") {
                return Some(Event::Close(local(name.trim_ascii())));
            }
            let at_once = tag.ends_with(b"/");
            let tag = tag.strip_suffix(b"/").unwrap_or(tag);
            let end = tag
                .iter()
                .position(u8::is_ascii_whitespace)
                .unwrap_or(tag.len());
            return Some(Event::Open(local(&tag[..end]), &tag[end..], at_once));
        }
    }
}

/// The value of an attribute.
pub(super) fn attribute<'x>(mut attributes: &'x [u8], wanted: &[u8]) -> Option<Cow<'x, [u8]>> {
    loop {
        let equals = memchr::memchr(b'=', attributes)?;
        let name = local(attributes[..equals].trim_ascii());
        let value = attributes[equals + 1..].trim_ascii_start();
        let (quote, value) = value.split_first()?;
        let end = memchr::memchr(*quote, value)?;
        if name == wanted {
            return Some(decoded(&value[..end]));
        }
        attributes = &value[end + 1..];
    }
}

/// Text without entities.
pub(super) fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'&', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest) {
        bytes.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let end = memchr::memchr(b';', &rest[..rest.len().min(12)]);
        let entity = end.and_then(|end| entity(&rest[1..end]));
        if let (Some(c), Some(end)) = (entity, end) {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[end + 1..];
        } else {
            bytes.push(b'&');
            rest = &rest[1..];
        }
    }
    bytes.extend_from_slice(rest);
    Cow::Owned(bytes)
}

fn entity(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => {
            let number = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let scalar = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(scalar)?
        }
    })
}
