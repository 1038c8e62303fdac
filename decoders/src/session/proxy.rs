//! The header by which a load balancer tells a server who its client is, before the client's first bytes: versions 1 and
//! 2 of HAProxy's PROXY protocol.
//!
//! It is passed over: the flow stays that of the balancer, for its are the packets.

use crate::decoder::Probe;

/// What a header of version 1 begins with, and the most bytes that one has with its line end.
const LINE: &[u8] = b"PROXY ";
const LONGEST_LINE: usize = 107;
/// What a header of version 2 begins with; then version and command, family, and the length of the rest.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const FIXED: usize = 16;

/// Whether bytes begin with a header, and where it is all there, its length.
pub(super) fn header(bytes: &[u8]) -> (Probe, usize) {
    if bytes.is_empty() {
        return (Probe::No, 0);
    }
    if LINE.starts_with(bytes) || SIGNATURE.starts_with(bytes) {
        return (Probe::Maybe, 0);
    }
    let len = if bytes.starts_with(LINE) {
        let line = bytes.get(..LONGEST_LINE).unwrap_or(bytes);
        match line.windows(2).position(|end| end == b"\r\n") {
            Some(end) => end + 2,
            None if line.len() < LONGEST_LINE => return (Probe::Maybe, 0),
            None => return (Probe::No, 0),
        }
    } else if bytes.starts_with(SIGNATURE) {
        match bytes.get(SIGNATURE.len()..FIXED) {
            None => return (Probe::Maybe, 0),
            Some([0x20 | 0x21, _, high, low]) => FIXED + usize::from(u16::from_be_bytes([*high, *low])),
            Some(_) => return (Probe::No, 0),
        }
    } else {
        return (Probe::No, 0);
    };
    if len <= bytes.len() { (Probe::Yes, len) } else { (Probe::Maybe, 0) }
}
