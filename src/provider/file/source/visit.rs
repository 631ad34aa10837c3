//! Opens the members of a tree one after the other.

use super::{
    super::{
        archive::{Blob, Store, Tar, TarKind},
        fault::{Fault, of_io},
    },
    Reader, Tree,
    disk::{self, Found},
    place::{Member, Place},
};
use std::{
    io::{self, Read},
    sync::Arc,
};

/// Takes an open member, and the file that it can be opened again by.
pub(super) type Visit<'v> = &'v mut dyn FnMut(
    &mut Reader<'_, '_>,
    usize,
    Box<dyn Read + '_>,
    Option<&Blob>,
) -> io::Result<()>;

impl Reader<'_, '_> {
    /// Opens members one after the other: in the order of their paths, those of a tar as they pass by.
    pub(super) fn visit(
        &mut self,
        tree: &Tree,
        members: &[Member],
        wanted: &[usize],
        place: &Place,
        visit: Visit<'_>,
    ) {
        let mut ordered = wanted.to_vec();
        if !matches!(tree, Tree::Tar(_)) {
            ordered.sort_by(|one, other| members[*one].parts.cmp(&members[*other].parts));
        }
        let Tree::Tar(blob) = tree else {
            for at in ordered {
                if self.sink.stopped {
                    return;
                }
                self.visit_one(tree, at, members, place, visit);
            }
            return;
        };
        if wanted.is_empty() {
            return;
        }
        if let Err(error) = self.pass(blob, &ordered, visit) {
            // What is wrong with the stream was said when its names were read.
            self.sink.end_if_open();
            if of_io(&error) == Fault::Ratio {
                self.failed(&error, place);
            }
        }
    }

    fn visit_one(
        &mut self,
        tree: &Tree,
        at: usize,
        members: &[Member],
        place: &Place,
        visit: Visit<'_>,
    ) {
        let blob = match tree {
            Tree::Folder(paths) => match disk::look(&paths[at], false) {
                Found::File(file, stamp) => {
                    let size = stamp.0;
                    self.sink.seen.opened(&paths[at], stamp);
                    self.sink.report.totals.bytes += size;
                    let count = self.count.clone();
                    Ok((
                        Blob::Held(Store::File {
                            file: Arc::new(file),
                            size,
                            count,
                        }),
                        size,
                    ))
                }
                Found::Unreadable => Err(Fault::Unreadable),
                Found::Folder | Found::Link | Found::Other => Err(Fault::Changed),
            },
            Tree::Zip(zip) => {
                let at = zip.place_of(at);
                Ok((Blob::Member(Arc::clone(zip), at, place.budget.clone()), 0))
            }
            Tree::Tar(_) => return,
        };
        let end = blob.map_err(io::Error::from).and_then(|(blob, _)| {
            let stream = blob.open()?;
            visit(self, at, stream, Some(&blob))
        });
        if let Err(error) = end {
            let member = place.of(&members[at]);
            self.failed(&error, &member);
        }
    }

    fn pass(&mut self, blob: &Blob, wanted: &[usize], visit: Visit<'_>) -> io::Result<()> {
        let mut tar = Tar::new(blob.open()?);
        let (mut at, mut left) = (0, wanted.len());
        while let Some(entry) = tar.next()? {
            if left == 0 || self.sink.stopped {
                break;
            }
            if entry.kind == TarKind::Folder {
                continue;
            }
            if wanted.binary_search(&at).is_ok() {
                left -= 1;
                visit(self, at, Box::new(&mut tar), None)?;
            }
            at += 1;
        }
        Ok(())
    }
}
