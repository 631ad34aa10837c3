//! Writes ZIP archives, deflated.

use std::io::Write as _;

/// An archive that is written.
#[derive(Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u32,
}

/// The date of every member: 11 February 2026.
const DATE: u16 = (46 << 9) + (2 << 5) + 11;

impl Archive {
    /// Adds a member.
    pub fn add(&mut self, name: &[u8], content: &[u8]) {
        let mut packer =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        let written = packer.write_all(content);
        // Writing to memory does not fail.
        let packed = written.and_then(|()| packer.finish()).unwrap_or_default();
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut common = Vec::new();
        for short in [20, 0x800, 8, 0, DATE] {
            common.extend_from_slice(&u16::to_le_bytes(short));
        }
        for long in [crc.sum(), packed.len() as u32, content.len() as u32] {
            common.extend_from_slice(&long.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        let offset = self.bytes.len() as u32;
        self.bytes.extend_from_slice(b"PK\x03\x04");
        self.bytes.extend_from_slice(&common);
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(&packed);
        self.directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        self.directory.extend_from_slice(&common);
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name);
        self.entries += 1;
    }

    /// The archive with its directory.
    pub fn finish(mut self) -> Vec<u8> {
        let offset = self.bytes.len() as u32;
        let size = self.directory.len() as u32;
        self.bytes.append(&mut self.directory);
        self.bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        for _ in 0..2 {
            self.bytes
                .extend_from_slice(&(self.entries as u16).to_le_bytes());
        }
        self.bytes.extend_from_slice(&size.to_le_bytes());
        self.bytes.extend_from_slice(&offset.to_le_bytes());
        self.bytes.extend_from_slice(&[0, 0]);
        self.bytes
    }
}
