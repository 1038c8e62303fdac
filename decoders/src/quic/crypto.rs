//! CRYPTO frames of Initial packets, put in order (RFC 9000 19.6). Clients split a ClientHello as they like, over
//! several packets and out of order.

use super::packet::varint;
use crate::error::{DecodeError, ErrorKind};
use crate::limits::Limits;
use crate::reader::Reader;

/// Octets of a handshake message's header (RFC 8446 4).
const HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;

const PADDING: usize = 0x00;
const PING: usize = 0x01;
const ACK: usize = 0x02;
const ACK_ECN: usize = 0x03;
const CRYPTO: usize = 0x06;
const CONNECTION_CLOSE: usize = 0x1C;

/// The beginning of the handshake, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Crypto {
    bytes: Vec<u8>,
    /// Which of the bytes have come: begin and end of each piece, in order, none touching another.
    come: Vec<(usize, usize)>,
}

impl Crypto {
    /// Reads the frames of a packet.
    pub(super) fn frames(&mut self, frames: &[u8], limits: &Limits) -> Result<(), DecodeError> {
        let mut reader = Reader::new("quic", frames);
        while !reader.is_empty() {
            match varint(&mut reader, "frame type")? {
                PADDING | PING => {}
                kind @ (ACK | ACK_ECN) => acknowledgement(&mut reader, kind)?,
                CRYPTO => {
                    let offset = varint(&mut reader, "crypto offset")?;
                    let length = varint(&mut reader, "crypto length")?;
                    let data = reader.take("crypto data", length)?;
                    self.enter(offset, data, limits)
                        .map_err(|limit| reader.error("crypto data", ErrorKind::Limit(limit)))?;
                }
                CONNECTION_CLOSE => return Ok(()),
                kind => return Err(reader.error("frame type", ErrorKind::Value(kind as u64))),
            }
        }
        Ok(())
    }

    fn enter(&mut self, offset: usize, data: &[u8], limits: &Limits) -> Result<(), &'static str> {
        let end = offset.saturating_add(data.len());
        if end > limits.tls_handshake {
            return Err("tls_handshake");
        }
        if data.is_empty() {
            return Ok(());
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(place) = self.bytes.get_mut(offset..end) {
            place.copy_from_slice(data);
        }
        let (mut begin, mut end) = (offset, end);
        self.come.retain(|(from, to)| {
            let apart = *to < begin || *from > end;
            if !apart {
                (begin, end) = (begin.min(*from), end.max(*to));
            }
            apart
        });
        let at = self.come.partition_point(|(from, _)| *from < begin);
        self.come.insert(at, (begin, end));
        if self.come.len() > limits.list_items { Err("list_items") } else { Ok(()) }
    }

    /// The bytes without a gap from the beginning on.
    fn beginning(&self) -> &[u8] {
        let end = self.come.first().filter(|(from, _)| *from == 0).map_or(0, |(_, to)| *to);
        self.bytes.get(..end).unwrap_or_default()
    }

    /// The ClientHello, its header left out, if it is complete.
    pub(super) fn client_hello(&self) -> Option<&[u8]> {
        let (&[kind, high, mid, low], rest) = self.beginning().split_first_chunk::<HEADER>()?;
        let length = u32::from_be_bytes([0, high, mid, low]) as usize;
        (kind == CLIENT_HELLO).then(|| rest.get(..length)).flatten()
    }

    /// Whether what begins there is no ClientHello.
    pub(super) fn is_other(&self) -> bool {
        self.beginning().first().is_some_and(|kind| *kind != CLIENT_HELLO)
    }
}

/// Passes over an ACK frame (RFC 9000 19.3).
fn acknowledgement(reader: &mut Reader<'_>, kind: usize) -> Result<(), DecodeError> {
    varint(reader, "largest acknowledged")?;
    varint(reader, "ack delay")?;
    let ranges = varint(reader, "ack range count")?;
    varint(reader, "first ack range")?;
    // Each range takes two octets at least, so that the reader ends this.
    for _ in 0..ranges {
        varint(reader, "gap")?;
        varint(reader, "ack range")?;
    }
    if kind == ACK_ECN {
        for _ in 0..3 {
            varint(reader, "ecn count")?;
        }
    }
    Ok(())
}
