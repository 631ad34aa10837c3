//! ZIP archives by their central directory: stored, deflate, deflate64; ZipCrypto and AES.

use super::{
    super::fault::{Fault, of_io},
    ENTRIES, aes, crypt,
    entry::{Entry, listed_entry, read, u16_at, u32_at, u64_at},
    guard::{Budget, Guard, Packed},
    inflate::{Buffered, Inflate},
    salvage,
    store::Store,
};
use crate::entity::secret::Secret;
use std::io::{self, BufReader, Read};

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// The end record and the longest comment.
const TAIL: u64 = 22 + 65_535;

/// The longest extra field and name together that are looked at.
const PIECE: usize = 64 << 10;

/// An archive.
pub(in crate::provider::file) struct Zip {
    store: Store,
    pub(in crate::provider::file) entries: Vec<Entry>,
    /// Bytes before the archive in its file.
    before: u64,
    password: Option<Secret>,
    /// What is wrong with the directory. The members were found without it.
    pub(in crate::provider::file) lack: Option<Fault>,
    /// The places of members that are no folders.
    files: Vec<usize>,
}

/// An open member.
pub(in crate::provider::file) type Opened = Box<dyn Read + Send>;

/// Where the directory is.
struct Directory {
    offset: u64,
    size: u64,
    entries: u64,
    /// Where the record stands that says so.
    end: u64,
}

fn directory(store: &Store) -> io::Result<Directory> {
    let from = store.size().saturating_sub(TAIL);
    let tail = read(store, from, TAIL)?;
    let at = memchr::memmem::rfind(&tail, END).ok_or(Fault::Truncated)?;
    let record = &tail[at..];
    if record.len() < 22 {
        return Err(Fault::Truncated.into());
    }
    let disks = [u16_at(record, 4), u16_at(record, 6)];
    if disks.iter().any(|disk| *disk != 0 && *disk != u16::MAX) {
        return Err(Fault::Multipart.into());
    }
    let mut found = Directory {
        offset: u64::from(u32_at(record, 16)),
        size: u64::from(u32_at(record, 12)),
        entries: u64::from(u16_at(record, 10)),
        end: from + at as u64,
    };
    let locator = found.end.checked_sub(20);
    let locator = locator
        .map(|from| read(store, from, 20))
        .transpose()?
        .unwrap_or_default();
    if locator.starts_with(LOCATOR_64) {
        let place = u64_at(&locator, 8);
        let record = read(store, place, 56)?;
        if !record.starts_with(END_64) {
            return Err(Fault::Truncated.into());
        }
        found = Directory {
            offset: u64_at(&record, 48),
            size: u64_at(&record, 40),
            entries: u64_at(&record, 32),
            end: place,
        };
    }
    Ok(found)
}

/// The members that the directory lists, and the bytes before the archive in its file.
fn listed(store: &Store) -> io::Result<(Vec<Entry>, u64)> {
    let found = directory(store)?;
    if found.entries > ENTRIES as u64 {
        return Err(Fault::TooManyEntries.into());
    }
    let begin = found.end.checked_sub(found.size).ok_or(Fault::Truncated)?;
    let before = begin.checked_sub(found.offset).ok_or(Fault::Truncated)?;
    let mut reader = BufReader::with_capacity(PIECE, store.range(begin, found.end));
    let mut entries = Vec::new();
    loop {
        let mut fixed = [0; 46];
        if let Err(error) = reader.read_exact(&mut fixed) {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                break;
            }
            return Err(error);
        }
        if !fixed.starts_with(CENTRAL) {
            break;
        }
        if entries.len() >= ENTRIES {
            return Err(Fault::TooManyEntries.into());
        }
        entries.push(listed_entry(&fixed, &mut reader)?);
    }
    if (entries.len() as u64) < found.entries & 0xffff {
        return Err(Fault::Truncated.into());
    }
    Ok((entries, before))
}

impl Zip {
    /// Reads the directory of an archive. Where it is cut off or broken, the members are found by their own headers.
    ///
    /// # Errors
    /// There is no member, there are too many, or they lie upon each other.
    pub(in crate::provider::file) fn open_archive(
        store: Store,
        password: Option<Secret>,
    ) -> io::Result<Self> {
        let (entries, before, lack) = match listed(&store) {
            Ok((entries, before)) => (entries, before, None),
            Err(error) if of_io(&error) == Fault::Truncated => {
                let entries = salvage::members(&store)?;
                if entries.is_empty() {
                    return Err(error);
                }
                (entries, 0, Some(Fault::Truncated))
            }
            Err(error) => return Err(error),
        };
        let files = (0..entries.len())
            .filter(|at| !entries[*at].is_folder())
            .collect();
        let zip = Self {
            store,
            entries,
            before,
            password,
            lack,
            files,
        };
        zip.check_overlap()?;
        Ok(zip)
    }

    /// L6: members whose bytes lie upon each other are those of a bomb.
    fn check_overlap(&self) -> io::Result<()> {
        let mut ranges: Vec<(u64, u64)> = self
            .entries
            .iter()
            .map(|entry| {
                let length = 30 + entry.name.len() as u64 + entry.packed;
                (entry.offset, entry.offset.saturating_add(length))
            })
            .collect();
        ranges.sort_unstable();
        let overlap = ranges.windows(2).any(|pair| pair[0].1 > pair[1].0);
        if overlap {
            Err(Fault::Overlap.into())
        } else {
            Ok(())
        }
    }

    /// The place in the directory of a member, counted without folders.
    pub(in crate::provider::file) fn place_of(&self, at: usize) -> usize {
        self.files.get(at).copied().unwrap_or(usize::MAX)
    }

    /// Whether there is a password.
    pub(in crate::provider::file) fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Opens a member.
    ///
    /// # Errors
    /// It is not where it should be, packed by another method, or the password does not open it.
    pub(in crate::provider::file) fn open(&self, at: usize, budget: &Budget) -> io::Result<Opened> {
        let entry = self.entries.get(at).ok_or(Fault::Truncated)?;
        let place = self.before + entry.offset;
        let local = read(&self.store, place, 30)?;
        if local.len() < 30 || !local.starts_with(LOCAL) {
            return Err(Fault::Truncated.into());
        }
        let begin = place + 30 + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        let packed = self.store.range(begin, begin.saturating_add(entry.packed));
        let packed: Opened = Box::new(Exactly {
            inner: packed,
            left: entry.packed,
        });
        let (plain, method, crc) = self.decrypted(entry, packed)?;
        let room = usize::try_from(entry.packed).map_or(PIECE, |packed| packed.min(PIECE));
        let (unpacked, taken): (Opened, Packed) = match method {
            0 => (plain, Packed::Stored),
            8 => {
                let packed = Buffered::new(plain, room);
                let taken = Packed::Counted(packed.taken());
                (Box::new(Inflate::new(packed)), taken)
            }
            9 => {
                let packed = Buffered::new(plain, room);
                let taken = Packed::Counted(packed.taken());
                (
                    Box::new(deflate64::Deflate64Decoder::with_buffer(packed)),
                    taken,
                )
            }
            _ => return Err(Fault::UnsupportedMethod.into()),
        };
        let guarded = Guard::new(unpacked, taken, budget.clone());
        Ok(Box::new(Checked {
            inner: guarded,
            crc: flate2::Crc::new(),
            wanted: crc.filter(|_| !entry.unsure),
            size: (!entry.unsure).then_some(entry.size),
            secret: entry.is_encrypted(),
            ended: false,
        }))
    }

    /// The packed bytes without encryption, their method, and their checksum where there is one.
    fn decrypted(&self, entry: &Entry, packed: Opened) -> io::Result<(Opened, u16, Option<u32>)> {
        if !entry.is_encrypted() {
            return Ok((packed, entry.method, Some(entry.crc)));
        }
        let password = self.password.as_ref().ok_or(Fault::Encrypted)?;
        if let Some(header) = &entry.aes {
            let plain = aes::open(packed, password, header, entry.packed)?;
            // AE-2 keeps no checksum: its own code stands for it.
            let crc = (header.version == 1).then_some(entry.crc);
            return Ok((plain, header.method, crc));
        }
        if entry.method == 99 {
            return Err(Fault::UnsupportedMethod.into());
        }
        // Where sizes follow the data, the time stands for the checksum.
        let check = if entry.flags & 8 != 0 {
            (entry.time >> 8) as u8
        } else {
            (entry.crc >> 24) as u8
        };
        let plain = crypt::open(packed, password, check)?;
        Ok((plain, entry.method, Some(entry.crc)))
    }
}

/// A stream of so many bytes: one that ends before is cut short.
struct Exactly<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || into.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(into)?;
        if read == 0 {
            return Err(Fault::Truncated.into());
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

/// A member whose checksum is looked at where it ends.
struct Checked<R> {
    inner: R,
    crc: flate2::Crc,
    wanted: Option<u32>,
    size: Option<u64>,
    secret: bool,
    ended: bool,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(into).map_err(|error| {
            let broken = matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
            );
            if broken && self.secret {
                Fault::WrongPassword.into()
            } else if broken {
                Fault::Crc.into()
            } else {
                error
            }
        })?;
        self.crc.update(&into[..read]);
        if read == 0 {
            self.ended = true;
            let sum = self.wanted.is_none_or(|wanted| wanted == self.crc.sum());
            // A count of bytes is kept to its last 32 bits.
            let size = self
                .size
                .is_none_or(|size| size as u32 == self.crc.amount());
            if !sum || !size {
                return Err(Fault::Crc.into());
            }
        }
        Ok(read)
    }
}
