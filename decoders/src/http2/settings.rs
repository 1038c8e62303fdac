//! SETTINGS: what the sender of the frame allows the other side (RFC 9113 6.5).

use crate::reader::Reader;

/// Octets of one setting.
pub(super) const SETTING: usize = 6;
/// Octets looked at to tell whether a connection begins with settings: a frame's header and one identifier.
pub(super) const FIRST: usize = 11;

const HEADER_TABLE_SIZE: u16 = 1;
const MAX_FRAME_SIZE: u16 = 5;

/// What one side allows the other, the most it has ever allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowed {
    /// Octets of the dynamic table; nothing while no settings were seen.
    pub(super) table: Option<usize>,
    /// Octets of a frame's payload; nothing while no settings were seen.
    pub(super) frame: Option<usize>,
}

impl Allowed {
    /// Reads a SETTINGS payload. `table` and `frame` are what is allowed before any settings.
    pub(super) fn read(&mut self, payload: &[u8], table: usize, frame: usize) {
        let (mut table, mut frame) = (self.table.unwrap_or(table), self.frame.unwrap_or(frame));
        for setting in payload.chunks_exact(SETTING) {
            let mut reader = Reader::new("http2", setting);
            let (identifier, value) = (reader.u16_be("setting"), reader.u32_be("setting"));
            let value = value.map_or(0, |value| usize::try_from(value).unwrap_or(usize::MAX));
            match identifier {
                Ok(HEADER_TABLE_SIZE) => table = table.max(value),
                Ok(MAX_FRAME_SIZE) => frame = frame.max(value),
                _ => {}
            }
        }
        *self = Self { table: Some(table), frame: Some(frame) };
    }
}

/// Whether bytes can be the beginning of a SETTINGS frame, not an acknowledgement, with one to ten settings of which the
/// first is one that stands in a document (RFC 9113 6.5.2, RFC 8441, RFC 9218).
pub(super) fn begin(bytes: &[u8]) -> bool {
    bytes.iter().take(FIRST).enumerate().all(|(at, byte)| match at {
        2 => (6..=60).contains(byte) && byte % 6 == 0,
        3 => *byte == 4,
        10 => (1..=9).contains(byte),
        _ => *byte == 0,
    })
}
