//! What a capture brings along beside packets: host names (4.5), interface statistics (4.6), secrets (4.7).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::PcapNg;
use crate::source::file::reader::Sink;
use crate::source::{NameRecord, SecretBlock, SecretsType};

/// Longest host name kept, in characters.
const NAME_CHARS: usize = 255;
/// Option codes of the interface statistics block: lost by the interface, lost by the system.
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;

/// Walks entries of a 16-bit code, a 16-bit length and a value padded to 4 bytes, up to code 0 or the end.
/// Name records and options are both stored so.
fn entries(pcapng: &PcapNg, mut bytes: &[u8], mut each: impl FnMut(u16, &[u8])) {
    while bytes.len() >= 4 {
        let (code, length) = (pcapng.half(bytes, 0), usize::from(pcapng.half(bytes, 2)));
        let Some(value) = bytes.get(4..4 + length).filter(|_| code != 0) else { return };
        each(code, value);
        bytes = bytes.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
    }
}

/// A name resolution block: addresses, each with names that end in a zero byte.
pub(super) fn names(pcapng: &PcapNg, body: &[u8], sink: &mut Sink<'_>) {
    entries(pcapng, body, |code, value| {
        let (address, names): (IpAddr, &[u8]) = match code {
            1 => match value.split_first_chunk::<4>() {
                Some((address, names)) => (Ipv4Addr::from(*address).into(), names),
                None => return,
            },
            2 => match value.split_first_chunk::<16>() {
                Some((address, names)) => (Ipv6Addr::from(*address).into(), names),
                None => return,
            },
            _ => return,
        };
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            if sink.info.host_names.len() >= sink.options.host_names {
                sink.info.left_out += 1;
                continue;
            }
            let name = String::from_utf8_lossy(name).chars().take(NAME_CHARS).collect();
            sink.info.host_names.push(NameRecord { address, name });
        }
    });
}

/// An interface statistics block: its counts are totals so far, so that the last one holds.
pub(super) fn statistics(pcapng: &PcapNg, body: &[u8], sink: &mut Sink<'_>) {
    let index = pcapng.base + pcapng.word(body, 0) as usize;
    let Some(info) = sink.info.interfaces.get_mut(index) else { return };
    entries(pcapng, body.get(12..).unwrap_or_default(), |code, value| {
        let Some(count) = value.first_chunk().copied() else { return };
        let count = if pcapng.big_endian { u64::from_be_bytes(count) } else { u64::from_le_bytes(count) };
        match code {
            ISB_IFDROP => info.dropped_by_interface = count,
            ISB_OSDROP => info.dropped = count,
            _ => {}
        }
    });
}

/// A decryption secrets block: type, length, keys.
pub(super) fn secrets(pcapng: &mut PcapNg, body: &[u8], sink: &mut Sink<'_>) {
    let (kind, length) = (pcapng.word(body, 0), pcapng.word(body, 4) as usize);
    let room = sink.options.secret_bytes.saturating_sub(pcapng.secret_bytes);
    match body.get(8..).and_then(|rest| rest.get(..length)) {
        Some(data) if data.len() <= room => {
            pcapng.secret_bytes += data.len().max(FIXED_COST);
            sink.info.secrets.push(SecretBlock { kind: SecretsType(kind), data: data.to_vec() });
        }
        _ => sink.info.left_out += 1,
    }
}

/// What an empty secrets block costs to keep, in bytes, so that many of them reach the limit too.
const FIXED_COST: usize = 64;
