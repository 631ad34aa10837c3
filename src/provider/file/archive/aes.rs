//! AES encryption of ZIP archives (AE-1, AE-2): counter mode, its counter with the small end first from 1; key by PBKDF2
//! with HMAC-SHA1, 1,000 rounds; ten bytes of HMAC-SHA1 behind the data.

use super::super::fault::Fault;
use crate::entity::secret::Secret;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use sha1::{Digest as _, Sha1};
use std::io::{self, Read};
use zeroize::Zeroizing;

/// Rounds that make a key.
const ROUNDS: usize = 1_000;

/// The code behind the data.
const CODE: u64 = 10;

/// What the extra field of a member says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) version: u16,
    /// Bytes of the key.
    key: usize,
    /// How the data are packed.
    pub(super) method: u16,
}

impl Header {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let [v0, v1, b'A', b'E', strength, m0, m1, ..] = *body else {
            return None;
        };
        let key = match strength {
            1 => 16,
            2 => 24,
            3 => 32,
            _ => return None,
        };
        Some(Self {
            version: u16::from_le_bytes([v0, v1]),
            key,
            method: u16::from_le_bytes([m0, m1]),
        })
    }
}

/// HMAC-SHA1.
#[derive(Clone)]
struct Mac {
    inner: Sha1,
    outer: Sha1,
}

impl Mac {
    fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        if key.len() > 64 {
            block[..20].copy_from_slice(&Sha1::digest(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let padded = |pad: u8| {
            let bytes = Zeroizing::new(block.map(|byte| byte ^ pad));
            let mut hash = Sha1::new();
            hash.update(&bytes[..]);
            hash
        };
        Self {
            inner: padded(0x36),
            outer: padded(0x5c),
        }
    }

    fn finish(self) -> [u8; 20] {
        let mut outer = self.outer;
        outer.update(self.inner.finalize());
        outer.finalize().into()
    }
}

fn stretched(password: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mac = Mac::new(password);
    let mut key = Zeroizing::new(Vec::new());
    let mut number = 1_u32;
    while key.len() < length {
        let mut first = mac.clone();
        first.inner.update(salt);
        first.inner.update(number.to_be_bytes());
        let mut last = first.finish();
        let mut block = last;
        for _ in 1..ROUNDS {
            let mut next = mac.clone();
            next.inner.update(last);
            last = next.finish();
            for (byte, other) in block.iter_mut().zip(last) {
                *byte ^= other;
            }
        }
        key.extend_from_slice(&block);
        number += 1;
    }
    key.truncate(length);
    key
}

enum Cipher {
    Short(aes::Aes128),
    Middle(aes::Aes192),
    Long(aes::Aes256),
}

impl Cipher {
    fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Short(aes::Aes128::new_from_slice(key).ok()?),
            24 => Self::Middle(aes::Aes192::new_from_slice(key).ok()?),
            _ => Self::Long(aes::Aes256::new_from_slice(key).ok()?),
        })
    }

    fn encrypt(&self, block: &mut [u8; 16]) {
        let mut whole = aes::Block::from(*block);
        match self {
            Self::Short(cipher) => cipher.encrypt_block(&mut whole),
            Self::Middle(cipher) => cipher.encrypt_block(&mut whole),
            Self::Long(cipher) => cipher.encrypt_block(&mut whole),
        }
        *block = whole.into();
    }
}

/// Opens a member of so many packed bytes.
pub(super) fn open(
    mut packed: Box<dyn Read + Send>,
    password: &Secret,
    header: &Header,
    size: u64,
) -> io::Result<Box<dyn Read + Send>> {
    let mut salt = vec![0; header.key / 2];
    packed.read_exact(&mut salt)?;
    let mut check = [0; 2];
    packed.read_exact(&mut check)?;
    let keys = stretched(password.expose(), &salt, header.key * 2 + 2);
    if keys[header.key * 2..] != check {
        return Err(Fault::WrongPassword.into());
    }
    let left = size
        .checked_sub(salt.len() as u64 + 2 + CODE)
        .ok_or(Fault::Truncated)?;
    Ok(Box::new(Plain {
        packed,
        cipher: Cipher::new(&keys[..header.key]).ok_or(Fault::UnsupportedMethod)?,
        mac: Some(Mac::new(&keys[header.key..header.key * 2])),
        counter: 0,
        pad: [0; 16],
        used: 16,
        left,
    }))
}

struct Plain {
    packed: Box<dyn Read + Send>,
    cipher: Cipher,
    mac: Option<Mac>,
    counter: u128,
    pad: [u8; 16],
    used: usize,
    left: u64,
}

impl Read for Plain {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            return self.end();
        }
        let room = into
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.packed.read(&mut into[..room])?;
        self.left -= read as u64;
        if let Some(mac) = &mut self.mac {
            mac.inner.update(&into[..read]);
        }
        for byte in &mut into[..read] {
            if self.used == 16 {
                self.counter += 1;
                self.pad = self.counter.to_le_bytes();
                self.cipher.encrypt(&mut self.pad);
                self.used = 0;
            }
            *byte ^= self.pad[self.used];
            self.used += 1;
        }
        Ok(read)
    }
}

impl Plain {
    /// The code behind the data says whether they are what they were.
    fn end(&mut self) -> io::Result<usize> {
        if let Some(mac) = self.mac.take() {
            let mut code = [0; CODE as usize];
            self.packed.read_exact(&mut code)?;
            if mac.finish()[..CODE as usize] != code {
                return Err(Fault::Crc.into());
            }
        }
        Ok(0)
    }
}
