//! The ClientHello in SSL 2.0 framing that old clients open with, to be understood by any server
//! (RFC 5246 E.2). Nothing else of SSL 2.0 is read.

use crate::decoder::Probe;
use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;

use super::event::ClientHello;

/// Two-byte header, message type, version, three lengths.
pub(super) const FIXED: usize = 11;
/// msg_type of CLIENT-HELLO.
const CLIENT_HELLO: u8 = 1;
/// msg_type of SERVER-HELLO, where the server chose SSL 2.0 itself.
const SERVER_HELLO: u8 = 4;

/// Length of the record with its header, where the two-byte form of a header stands there.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let &[high, low] = bytes.first_chunk()?;
    (high & 0x80 != 0).then(|| 2 + usize::from(u16::from_be_bytes([high & 0x7F, low])))
}

/// Whether bytes begin with such a hello. Its lengths must agree with each other, so this cannot well be chance.
pub(super) fn is_client_hello(bytes: &[u8]) -> bool {
    let (Some(total), Some(fixed)) = (length(bytes), bytes.first_chunk::<FIXED>()) else { return false };
    let &[_, _, kind, major, minor, spec_high, spec_low, id_high, id_low, random_high, random_low] = fixed;
    let specs = usize::from(u16::from_be_bytes([spec_high, spec_low]));
    let id = usize::from(u16::from_be_bytes([id_high, id_low]));
    let challenge = usize::from(u16::from_be_bytes([random_high, random_low]));
    let version = matches!((major, minor), (0, 2) | (3, 0..=4));
    kind == CLIENT_HELLO
        && version
        && specs > 0
        && specs.is_multiple_of(3)
        && matches!(id, 0 | 16)
        && (16..=32).contains(&challenge)
        && total == FIXED + specs + id + challenge
}

/// Whether bytes look like such a hello: as far as the length of its cipher list, which must fit the record's.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let ok = |at: usize, test: fn(u8) -> bool| bytes.get(at).copied().is_none_or(test);
    let begins = !bytes.is_empty()
        && ok(0, |byte| byte & 0x80 != 0)
        && ok(2, |byte| byte == CLIENT_HELLO)
        && ok(3, |byte| matches!(byte, 0 | 3))
        && ok(4, |byte| byte <= 4);
    match bytes.get(5..7) {
        _ if !begins => Probe::No,
        None => Probe::Maybe,
        Some(_) if bytes.len() >= FIXED => {
            if is_client_hello(bytes) {
                Probe::Yes
            } else {
                Probe::No
            }
        }
        Some(specs) => {
            let specs = specs.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            let rest = length(bytes).unwrap_or_default().saturating_sub(FIXED + specs);
            let fits = specs > 0 && specs.is_multiple_of(3) && (16..=48).contains(&rest);
            if fits { Probe::Yes } else { Probe::No }
        }
    }
}

/// Whether bytes begin with a server's answer in SSL 2.0.
pub(super) fn is_server_hello(bytes: &[u8]) -> bool {
    length(bytes).is_some() && bytes.get(2) == Some(&SERVER_HELLO)
}

/// Reads such a hello, header included.
pub(super) fn client_hello(bytes: &[u8], items: usize) -> Result<ClientHello, DecodeError> {
    let mut reader = Reader::new("tls", bytes);
    reader.skip("ssl 2.0 header", 3)?;
    let version = reader.u16_be("client_version")?;
    let specs = usize::from(reader.u16_be("cipher_spec_length")?);
    let id = usize::from(reader.u16_be("session_id_length")?);
    let challenge_length = usize::from(reader.u16_be("challenge_length")?);
    if specs / 3 > items {
        return Err(reader.error("cipher_specs", ErrorKind::Limit("tls_ciphers")));
    }
    let mut hello = ClientHello { version, ssl2: true, ..ClientHello::default() };
    let mut list = reader.sub("cipher_specs", specs)?;
    while !list.is_empty() {
        // SSL 3.0 and TLS suites are those whose first byte is zero; the others exist in SSL 2.0 alone.
        let [kind, high, low] = list.array("cipher_specs")?;
        if kind == 0 {
            hello.cipher_suites.push(u16::from_be_bytes([high, low]));
        }
    }
    hello.session_id = reader.take("session_id", id)?.to_vec();
    // The challenge is the random, right-aligned and led by zeros.
    let challenge = reader.take("challenge", challenge_length)?;
    let start = hello.random.len().saturating_sub(challenge.len());
    for (to, from) in hello.random.iter_mut().skip(start).zip(challenge) {
        *to = *from;
    }
    Ok(hello)
}
