//! The message format that DNS, LLMNR and the NetBIOS name service share (RFC 1035 4): header, names, records.
//!
//! A DNS crate is not used here: a passive reader needs what stands before an error, the raw label bytes of NetBIOS
//! names, and opcodes that only WINS has.

use super::name::Name;
use crate::error::DecodeError;
use crate::reader::Reader;

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
    pub(crate) name: Name<'a>,
    pub(crate) rtype: u16,
    pub(crate) ttl: u32,
    /// Offset of the data in the message: names inside it may point elsewhere.
    pub(crate) data_at: usize,
    pub(crate) data: &'a [u8],
}

impl<'a> Record<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let name = Name::read(reader)?;
        let rtype = reader.u16_be("record type")?;
        reader.skip("record class", 2)?;
        let ttl = reader.u32_be("ttl")?;
        let len = usize::from(reader.u16_be("rdlength")?);
        let data_at = reader.position();
        let data = reader.take("rdata", len)?;
        Ok(Self { name, rtype, ttl, data_at, data })
    }
}
