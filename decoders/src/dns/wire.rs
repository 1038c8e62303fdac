//! The message format that DNS, LLMNR and the NetBIOS name service share (RFC 1035 4): header, names, records.
//!
//! A DNS crate is not used here: a passive reader needs what stands before an error, the raw label bytes of NetBIOS
//! names, and opcodes that only WINS has.

use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;
use crate::text::lossy;

/// The fixed header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) id: u16,
    pub(crate) flags: u16,
    /// Questions, answers, authority records, additional records.
    pub(crate) counts: [u16; 4],
}

impl Header {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [id, flags] = [reader.u16_be("id")?, reader.u16_be("flags")?];
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = reader.u16_be("record counts")?;
        }
        Ok(Self { id, flags, counts })
    }

    pub(crate) const fn is_response(self) -> bool {
        self.flags & 0x8000 != 0
    }

    pub(crate) const fn opcode(self) -> u8 {
        (self.flags >> 11 & 0xF) as u8
    }

    pub(crate) const fn rcode(self) -> u8 {
        (self.flags & 0xF) as u8
    }

    /// Records in all sections after the questions.
    pub(crate) fn records(self) -> u32 {
        self.counts.iter().skip(1).map(|count| u32::from(*count)).sum()
    }
}

/// A resource record's fixed part and data.
#[derive(Clone, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) name: Vec<&'a [u8]>,
    pub(crate) rtype: u16,
    pub(crate) ttl: u32,
    /// Offset of the data in the message: names inside it may point elsewhere.
    pub(crate) data_at: usize,
    pub(crate) data: &'a [u8],
}

impl<'a> Record<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let name = labels(reader)?;
        let rtype = reader.u16_be("record type")?;
        reader.skip("record class", 2)?;
        let ttl = reader.u32_be("ttl")?;
        let len = usize::from(reader.u16_be("rdlength")?);
        let data_at = reader.position();
        let data = reader.take("rdata", len)?;
        Ok(Self { name, rtype, ttl, data_at, data })
    }
}

/// Labels that room is made for at first.
const USUAL_LABELS: usize = 8;
/// Labels of the longest name there can be: 255 bytes of one-byte labels (RFC 1035 2.3.4).
const MAX_LABELS: usize = 128;

/// A name's labels, compression pointers followed. Pointers must go back, so that they end.
pub(crate) fn labels<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, DecodeError> {
    let mut labels = Vec::with_capacity(USUAL_LABELS);
    let mut elsewhere: Option<Reader<'a>> = None;
    let mut lowest = reader.position();
    loop {
        let cursor = elsewhere.as_mut().unwrap_or(reader);
        let length = cursor.u8("name")?;
        match length {
            0 => return Ok(labels),
            1..=0x3F => labels.push(cursor.take("label", usize::from(length))?),
            0xC0.. => {
                let low = cursor.u8("name pointer")?;
                let target = usize::from(u16::from_be_bytes([length & 0x3F, low]));
                if target >= lowest {
                    return Err(cursor.error("name pointer", ErrorKind::Value(target as u64)));
                }
                lowest = target;
                let mut jumped = reader.clone().restarted();
                jumped.skip("name pointer", target)?;
                elsewhere = Some(jumped);
            }
            _ => return Err(cursor.error("label length", ErrorKind::Value(u64::from(length)))),
        }
        if labels.len() > MAX_LABELS {
            return Err(reader.error("name", ErrorKind::Limit("labels")));
        }
    }
}

/// Labels as text with dots between; bytes that are no text become U+FFFD.
pub(crate) fn dotted(labels: &[&[u8]]) -> String {
    let mut name = String::with_capacity(labels.iter().map(|label| label.len() + 1).sum());
    for (place, label) in labels.iter().enumerate() {
        if place > 0 {
            name.push('.');
        }
        name.push_str(&lossy(label));
    }
    name
}
