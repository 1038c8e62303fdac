//! Initial packets, opened with the keys that their first one names (RFC 9000 17.2.2, RFC 9001 5, RFC 9369 3).

use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::quic::{DirectionalKeys, Version};
use rustls::{Side, SupportedCipherSuite};

use crate::error::DecodeError;
use crate::reader::Reader;

const VERSION_2: u32 = 0x6B33_43CF;
/// Octets of a connection identifier at most (RFC 9000 17.2).
const LONGEST_ID: u8 = 20;
/// Octets of a packet number, and of the proof of an empty payload (RFC 9001 5.3).
const SHORTEST: usize = 17;
/// Octets of a packet number at most: the sample that protects the header begins behind as many.
const NUMBER: usize = 4;

/// What a long header says before its protected part.
#[derive(Debug, PartialEq, Eq)]
struct Header<'a> {
    version: u32,
    initial: bool,
    destination: &'a [u8],
    /// Octets before the packet number.
    before: usize,
    /// Octets of packet number and payload.
    length: usize,
}

/// The version as the keys depend on it; nothing for those that are not known.
const fn families(version: u32) -> &'static [Version] {
    match version {
        1 => &[Version::V1],
        VERSION_2 => &[Version::V2],
        // Drafts 29 to 32, as shipped before the RFC.
        0xFF00_001D..=0xFF00_0020 => &[Version::V1Draft],
        // Sealed as the version that the client would rather speak.
        _ if is_reserved(version) => &[Version::V1, Version::V1Draft],
        _ => &[],
    }
}

/// Whether a client names this version to make the server say which ones it knows (RFC 9000 15).
const fn is_reserved(version: u32) -> bool {
    version & 0x0F0F_0F0F == 0x0A0A_0A0A
}

/// Whether a version has these headers: the drafts have from the 22nd on.
const fn is_known(version: u32) -> bool {
    matches!(version, 1 | VERSION_2 | 0xFF00_0016..=0xFF00_00FF) || is_reserved(version)
}

/// Whether it is known how a version's Initial packets are sealed.
pub(super) const fn has_keys(version: u32) -> bool {
    !families(version).is_empty()
}

/// The version of the Initial packet that a datagram begins with. The end of the packet may not be there.
pub(super) fn initial(datagram: &[u8]) -> Option<u32> {
    let header = header(datagram).ok()??;
    (header.initial && header.length >= SHORTEST).then_some(header.version)
}

/// Reads a long header of a known version.
fn header(packet: &[u8]) -> Result<Option<Header<'_>>, DecodeError> {
    let mut reader = Reader::new("quic", packet);
    let first = reader.u8("first byte")?;
    let version = reader.u32_be("version")?;
    if !is_known(version) || first & 0xC0 != 0xC0 {
        return Ok(None);
    }
    // Version 2 numbers the types anew (RFC 9369 3.2).
    let kind = first >> 4 & 3;
    let (initial, retry) = if version == VERSION_2 { (kind == 1, kind == 0) } else { (kind == 0, kind == 3) };
    let destination = id(&mut reader)?;
    let source = id(&mut reader)?;
    let (Some(destination), Some(_), false) = (destination, source, retry) else { return Ok(None) };
    if initial {
        let token = varint(&mut reader, "token length")?;
        reader.skip("token", token)?;
    }
    let length = varint(&mut reader, "length")?;
    Ok(Some(Header { version, initial, destination, before: reader.position(), length }))
}

fn id<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, DecodeError> {
    match reader.u8("connection id length")? {
        length @ 0..=LONGEST_ID => reader.take("connection id", length.into()).map(Some),
        _ => Ok(None),
    }
}

/// A number of one to eight octets (RFC 9000 16).
pub(super) fn varint(reader: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
    let first = reader.u8(field)?;
    let more = reader.take(field, (1_usize << (first >> 6)) - 1)?;
    let value = more.iter().fold(u64::from(first & 0x3F), |value, octet| value << 8 | u64::from(*octet));
    Ok(usize::try_from(value).unwrap_or(usize::MAX))
}

/// What opens the Initial packets of one client.
#[derive(Default)]
pub(super) struct Opener {
    /// Of the first packet that could be opened: the version, and the keys to the others.
    opened: Option<(u32, DirectionalKeys)>,
}

impl Opener {
    /// The version of the packets opened so far.
    pub(super) fn version(&self) -> Option<u32> {
        self.opened.as_ref().map(|(version, _)| *version)
    }

    /// The frames of the next Initial packet of a datagram that can be opened. It takes from the datagram what it has
    /// read.
    pub(super) fn next(&mut self, datagram: &mut Vec<u8>) -> Option<Vec<u8>> {
        loop {
            let Header { version, initial, destination, before, length } = header(datagram).ok()??;
            let end = before.checked_add(length).filter(|end| *end <= datagram.len())?;
            let destination = destination.to_vec();
            let rest = datagram.split_off(end);
            let packet = std::mem::replace(datagram, rest);
            if !initial {
                continue;
            }
            // The keys stay those of the first packet, whatever identifier the server chooses later; but after a Retry
            // they follow the new one.
            let known = self.opened.as_ref().and_then(|(_, keys)| open(keys, &mut packet.clone(), before));
            if let Some(frames) = known {
                return Some(frames);
            }
            for family in families(version) {
                let keys = keys(*family, &destination)?;
                if let Some(frames) = open(&keys, &mut packet.clone(), before) {
                    self.opened = Some((version, keys));
                    return Some(frames);
                }
            }
            if !has_keys(version) {
                return None;
            }
        }
    }
}

/// The keys that the client's packets are sealed with.
fn keys(family: Version, destination: &[u8]) -> Option<DirectionalKeys> {
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { return None };
    Some(suite.quic_suite()?.keys(destination, Side::Server, family).remote)
}

/// Takes off the header protection, then the packet protection (RFC 9001 5.4, 5.3).
fn open(keys: &DirectionalKeys, packet: &mut [u8], before: usize) -> Option<Vec<u8>> {
    let (header, payload) = packet.split_at_mut_checked(before)?;
    let sample = payload.get(NUMBER..NUMBER + keys.header.sample_len())?.to_vec();
    let number = payload.get_mut(..NUMBER)?;
    keys.header.decrypt_in_place(&sample, header.first_mut()?, number).ok()?;
    let octets = usize::from(header.first()? & 3) + 1;
    let number = payload.get(..octets)?.iter().fold(0, |number, octet| number << 8 | u64::from(*octet));
    let (associated, sealed) = packet.split_at_mut_checked(before + octets)?;
    keys.packet.decrypt_in_place(number, associated, sealed).ok().map(<[u8]>::to_vec)
}
