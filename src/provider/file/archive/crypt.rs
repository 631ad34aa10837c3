//! The older encryption of ZIP archives, as their specification has it.

use super::super::fault::Fault;
use crate::entity::secret::Secret;
use std::io::{self, Read};

/// The bytes before the data, the last of which tells a wrong password.
const HEADER: usize = 12;

struct Keys {
    keys: [u32; 3],
    table: [u32; 256],
}

impl Keys {
    fn new(password: &[u8]) -> Self {
        let table = std::array::from_fn(|at| {
            (0..8).fold(at as u32, |value, _| {
                if value & 1 == 1 {
                    value >> 1 ^ 0xedb8_8320
                } else {
                    value >> 1
                }
            })
        });
        let mut keys = Self {
            keys: [0x1234_5678, 0x2345_6789, 0x3456_7890],
            table,
        };
        for byte in password {
            keys.update(*byte);
        }
        keys
    }

    fn crc(&self, value: u32, byte: u8) -> u32 {
        value >> 8 ^ self.table[usize::from(value as u8 ^ byte)]
    }

    fn update(&mut self, byte: u8) {
        self.keys[0] = self.crc(self.keys[0], byte);
        let sum = self.keys[1].wrapping_add(self.keys[0] & 0xff);
        self.keys[1] = sum.wrapping_mul(134_775_813).wrapping_add(1);
        self.keys[2] = self.crc(self.keys[2], (self.keys[1] >> 24) as u8);
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let value = (self.keys[2] | 2) as u16;
        let plain = byte ^ (u32::from(value).wrapping_mul(u32::from(value ^ 1)) >> 8) as u8;
        self.update(plain);
        plain
    }
}

/// Opens a member.
pub(super) fn open(
    mut packed: Box<dyn Read + Send>,
    password: &Secret,
    check: u8,
) -> io::Result<Box<dyn Read + Send>> {
    let mut keys = Keys::new(password.expose());
    let mut header = [0; HEADER];
    packed.read_exact(&mut header)?;
    let last = header.iter().fold(0, |_, byte| keys.decrypt(*byte));
    if last != check {
        return Err(Fault::WrongPassword.into());
    }
    Ok(Box::new(Plain { packed, keys }))
}

struct Plain {
    packed: Box<dyn Read + Send>,
    keys: Keys,
}

impl Read for Plain {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(into)?;
        for byte in &mut into[..read] {
            *byte = self.keys.decrypt(*byte);
        }
        Ok(read)
    }
}
