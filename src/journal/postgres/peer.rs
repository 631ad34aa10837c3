//! Who is at the other end of TLS: name, version and end of the server's certificate, for `doctor`.

use super::connect::Target;
use crate::{entity::error::JournalError, journal::port::TeamOptions};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rustls::{ClientConnection, ProtocolVersion, pki_types::ServerName};
use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a client says first: eight bytes, and the number of this request.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// The server as its certificate has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    /// The name that was verified.
    pub(super) name: String,
    /// `TLSv1.2` or `TLSv1.3`.
    pub(super) version: &'static str,
    /// Days until the certificate ends; `None` if that cannot be read.
    pub(super) days: Option<i64>,
}

/// Shakes hands with the server; `None` where the connection is a socket or loopback without TLS.
///
/// # Errors
/// `Io` if the certificate is not accepted, `Unreachable` if the server does not answer.
pub(super) fn of(options: &TeamOptions) -> Result<Option<Peer>, JournalError> {
    let target = Target::new(options, &options.url)?;
    let Some((config, host, port)) = target.tls_peer(options)? else {
        return Ok(None);
    };
    let gone = |error: &std::io::Error| match error.get_ref() {
        Some(inner) if inner.is::<rustls::Error>() => JournalError::Io {
            why: format!("TLS with {host}: {inner}"),
        },
        _ => JournalError::Unreachable {
            why: error.kind().to_string(),
        },
    };
    let addresses = (&*host, port)
        .to_socket_addrs()
        .map_err(|error| gone(&error))?;
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for address in addresses {
        match shake(&address, &config, &host) {
            Ok(peer) => return Ok(Some(peer)),
            Err(error) => last = error,
        }
    }
    Err(gone(&last))
}

fn shake(
    address: &std::net::SocketAddr,
    config: &std::sync::Arc<rustls::ClientConfig>,
    host: &str,
) -> std::io::Result<Peer> {
    let mut stream = TcpStream::connect_timeout(address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&SSL_REQUEST)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    if answer != *b"S" {
        return Err(std::io::Error::other(rustls::Error::General(
            "the server has no TLS".to_owned(),
        )));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    let mut tls = ClientConnection::new(std::sync::Arc::clone(config), name)
        .map_err(std::io::Error::other)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut stream)?;
    }
    let end = tls
        .peer_certificates()
        .and_then(|all| all.first())
        .and_then(|certificate| ends(certificate));
    Ok(Peer {
        name: host.to_owned(),
        version: match tls.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "TLSv1.2",
        },
        days: end.map(|end| end.duration_since(Timestamp::now()).as_hours() / 24),
    })
}

/// One value of DER: its tag, what is in it, what follows.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        let length = bytes
            .iter()
            .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        (length, rest)
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((tag, inside, rest))
}

/// When a certificate ends: `notAfter` of X.509 (RFC 5280, section 4.1.2.5).
fn ends(der: &[u8]) -> Option<Timestamp> {
    const VERSION: u8 = 0xa0;
    const GENERALIZED: u8 = 0x18;
    let (_, certificate, _) = value(der)?;
    let (_, mut signed, _) = value(certificate)?;
    if value(signed)?.0 == VERSION {
        signed = value(signed)?.2;
    }
    // Number, algorithm, issuer.
    for _ in 0..3 {
        signed = value(signed)?.2;
    }
    let (_, validity, _) = value(signed)?;
    let (_, _, after) = value(validity)?;
    let (tag, text, _) = value(after)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let text = if tag == GENERALIZED {
        text.to_owned()
    } else {
        // Two digits: 1950 to 2049.
        let century = if text.get(..2)? < "50" { "20" } else { "19" };
        format!("{century}{text}")
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for der in [
            &b""[..],
            b"\x30",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x03\x30\x01\x02",
            &[0x30; 64],
        ] {
            assert_eq!(ends(der), None);
        }
    }

    #[test]
    fn the_end_of_a_certificate_is_read_in_both_forms() {
        let wrap = |tag: u8, inside: Vec<u8>| {
            let mut der = vec![tag, inside.len() as u8];
            der.extend(inside);
            der
        };
        for (tag, text, wanted) in [
            (0x17, "270102030405Z", "2027-01-02T03:04:05Z"),
            (0x17, "500102030405Z", "1950-01-02T03:04:05Z"),
            (0x18, "20510102030405Z", "2051-01-02T03:04:05Z"),
        ] {
            let mut validity = wrap(0x17, b"200101000000Z".to_vec());
            validity.extend(wrap(tag, text.as_bytes().to_vec()));
            let mut signed = wrap(0xa0, vec![2, 1, 2]);
            signed.extend(wrap(2, vec![7]));
            signed.extend(wrap(0x30, Vec::new()));
            signed.extend(wrap(0x30, Vec::new()));
            signed.extend(wrap(0x30, validity));
            let certificate = wrap(0x30, wrap(0x30, signed));
            assert_eq!(ends(&certificate), Some(wanted.parse().unwrap()), "{text}");
        }
    }
}
