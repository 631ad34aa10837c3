//! Reads one leak once more, at its place: C11. Its id is made anew, so that what is shown is what was asked for.

use super::{
    archive::Count,
    read,
    reading::{Catalogue, Leak, Work},
    sink::{Found, Machine, Place, SPAN},
    source::{self, Reader},
    text,
};
use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
};

/// Finds a leak: at the place where it was read, else wherever it is now.
pub(super) fn find(work: &Work, id: &[u8]) -> Option<Leak> {
    let done = work.done();
    let at_place = done.as_ref().and_then(|done| {
        let place = done.places.get(work.key_of(id))?;
        at(work, done, &place, id)
    });
    at_place.or_else(|| {
        let (found, machines) = work.search_all(id)?;
        let machine = found
            .machine
            .and_then(|at| machines.get(at as usize).cloned());
        Some(leak(found, machine))
    })
}

fn leak(found: Found, machine: Option<Machine>) -> Leak {
    Leak {
        page: found.page,
        secret: found.secret,
        origin: found.origin,
        machine,
    }
}

fn at(work: &Work, done: &Catalogue, place: &Place, id: &[u8]) -> Option<Leak> {
    let file = done.files.get(place.file as usize)?;
    let number = file.source as usize;
    let path = done.sources.get(number)?;
    if source::stamp(path) != *done.stamps.get(number)? {
        return None;
    }
    let machine = file
        .machine
        .and_then(|at| done.machines.get(at as usize).cloned());
    if let (Some(mark), true, None) = (file.seekable, place.offset != u64::MAX, &machine) {
        let (found, _) = work.search(id, |sink| {
            let Ok(mut opened) = File::open(path) else {
                return;
            };
            if opened.seek(SeekFrom::Start(mark + place.offset)).is_err() {
                return;
            }
            sink.begin_again(file);
            let stream = Box::new(opened.take(SPAN + text::LINE as u64 * 2));
            // What cannot be read here is looked for.
            read::from_line(stream, u64::from(place.line), place.offset, sink).ok();
        })?;
        return Some(leak(found, None));
    }
    let member = file
        .member
        .as_ref()
        .map(|member| member.as_bytes().to_vec());
    let again = machine.clone();
    let (found, _) = work.search(id, |sink| {
        let mut reader = Reader {
            options: work.options(),
            sink,
            count: Count::default(),
            only: member.map(|member| (member, again)),
            fresh: None,
        };
        reader.source(file.source, path);
    })?;
    Some(leak(found, machine))
}
