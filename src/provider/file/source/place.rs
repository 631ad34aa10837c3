//! Where files are, and what members of archives are called.

use super::{super::archive::Budget, Reader};
use crate::entity::raw_text::RawText;

/// The longest path that is kept, in bytes.
const PATH: usize = 1_024;

/// Where a file is, and what is known of it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) source: u32,
    pub(super) path: RawText,
    /// Its name in the source; none for the source itself.
    pub(super) member: Option<Vec<u8>>,
    pub(super) named: bool,
    pub(super) machine: Option<u32>,
    pub(super) is_credential: bool,
    /// Archives around it.
    pub(super) level: usize,
    pub(super) budget: Budget,
    pub(super) is_plain: bool,
}

impl Place {
    /// The place of a member.
    pub(super) fn of(&self, member: &Member) -> Self {
        Self {
            member: Some([&self.prefix()[..], &member.parts.join(&b'/')].concat()),
            named: false,
            is_plain: false,
            ..self.clone()
        }
    }

    /// What is in it, as an archive.
    pub(super) fn within(&self) -> Self {
        Self {
            level: self.level + 1,
            is_plain: false,
            ..self.clone()
        }
    }

    pub(super) fn at(&self) -> (RawText, Option<RawText>) {
        (self.path.clone(), self.member.as_deref().map(cut))
    }

    /// What members of it are called, before their own names.
    pub(super) fn prefix(&self) -> Vec<u8> {
        self.member
            .as_ref()
            .map_or_else(Vec::new, |member| [member, &b"!/"[..]].concat())
    }

    /// Its own name, without folders.
    pub(super) fn name(&self) -> Vec<u8> {
        let path = self.member.as_deref().unwrap_or(self.path.as_bytes());
        let name = path
            .rsplit(|byte| *byte == b'/')
            .find(|part| !part.is_empty());
        name.unwrap_or_default().to_vec()
    }
}

pub(super) fn cut(path: &[u8]) -> RawText {
    if path.len() <= PATH {
        return RawText::from(path);
    }
    let kept = [&path[..PATH], format!("…+{}", path.len() - PATH).as_bytes()].concat();
    RawText::from(&kept[..])
}

/// A member.
pub(super) struct Member {
    pub(super) parts: Vec<Vec<u8>>,
    /// It can be read.
    pub(super) is_file: bool,
}

impl Reader<'_, '_> {
    /// A5 to A9: names of an archive by their parts, with notes of what is odd.
    pub(super) fn named(
        &mut self,
        names: Vec<(Vec<u8>, bool)>,
        links: &[bool],
        place: &Place,
    ) -> Vec<Member> {
        let mut seen = std::collections::HashSet::new();
        let mut members = Vec::new();
        for ((mut name, is_file), is_link) in names.into_iter().zip(links) {
            if let Some(encoding) = self.options.encoding
                && std::str::from_utf8(&name).is_err()
            {
                name = encoding
                    .decode_without_bom_handling(&name)
                    .0
                    .into_owned()
                    .into_bytes();
            }
            let parts: Vec<Vec<u8>> = name
                .split(|byte| matches!(byte, b'/' | b'\\'))
                .filter(|part| !part.is_empty() && *part != b".")
                .map(<[u8]>::to_vec)
                .collect();
            let at = || {
                (
                    place.path.clone(),
                    Some(cut(&[&place.prefix()[..], &parts.join(&b'/')].concat())),
                )
            };
            if is_odd(&name, &parts) {
                self.sink.note_at(at(), "odd_path", 1);
            }
            if *is_link {
                self.sink.note_at(at(), "link", 1);
            }
            if !seen.insert(parts.clone()) {
                self.sink.note_at(at(), "duplicate_name", 1);
            }
            members.push(Member { parts, is_file });
        }
        members
    }
}

/// A name without the endings of an archive.
pub(super) fn stem(name: &[u8]) -> Vec<u8> {
    let lower = name.to_ascii_lowercase();
    let ending = [&b".tar.gz"[..], b".tgz", b".zip", b".tar", b".gz"]
        .into_iter()
        .find(|ending| lower.ends_with(ending) && lower.len() > ending.len());
    name[..name.len() - ending.map_or(0, <[u8]>::len)].to_vec()
}

/// A5: absolute, with a drive's letter, with `..` or with a NUL.
fn is_odd(name: &[u8], parts: &[Vec<u8>]) -> bool {
    name.starts_with(b"/")
        || name.starts_with(b"\\")
        || name.contains(&0)
        || parts.iter().any(|part| part == b"..")
        || parts
            .first()
            .is_some_and(|part| part.len() == 2 && part[0].is_ascii_alphabetic() && part[1] == b':')
}
