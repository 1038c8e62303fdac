//! HPACK (RFC 7541), as an observer reads it: one direction's header blocks to fields.
//!
//! Unlike an endpoint's decoder it can begin in the middle. A field that refers to what was not captured is skipped,
//! never guessed, and the others of its block are read; the tables stay right for what comes after. What a block may
//! make of itself is bounded twice: by the table that is held, and by the list of fields that is given out, past which
//! the block is still read for what it does to the table.

mod huffman;
mod table;
#[cfg(test)]
mod tests;

pub(super) use self::table::{FIRST_SIZE, Octets};

use self::table::{Entry, Table};
use crate::error::{DecodeError, ErrorKind};
use crate::limits::Limits;
use crate::reader::Reader;

/// A field of which name and value are known.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Octets,
    pub(super) value: Octets,
}

/// What a header block says.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Its fields, in order.
    pub(super) fields: Vec<Field>,
    /// It has fields that refer to what was not captured.
    pub(super) unknown: bool,
    /// [`Limits::http2_header_list`] was reached: it has more fields.
    pub(super) too_long: bool,
    /// [`Limits::http2_table`] was reached: the encoder keeps more than is held here.
    pub(super) table_bounded: bool,
    /// The largest table size stated in it, in octets.
    pub(super) resized: Option<usize>,
    /// What ended the reading.
    pub(super) fault: Option<DecodeError>,
}

/// The decoder of one direction.
#[derive(Debug)]
pub(super) struct Decoder {
    table: Table,
}

impl Decoder {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { table: Table::new(limits.http2_table) }
    }

    /// Header blocks were lost: what they put into the table is unknown.
    pub(super) fn forget(&mut self) {
        self.table.forget();
    }

    /// Whether header blocks were lost, or held too much.
    pub(super) const fn is_partial(&self) -> bool {
        self.table.is_partial()
    }

    /// Reads a header block, or the beginning of one. Behind a fault the table is not known any more.
    pub(super) fn read(&mut self, block: &[u8], limits: &Limits) -> Block {
        let mut read = Block::default();
        let mut reader = Reader::new("hpack", block);
        let mut size = 0_usize;
        while !reader.is_empty() {
            match self.representation(&mut reader, &mut read) {
                Ok(None) => {}
                Ok(Some(entry)) => {
                    size = size.saturating_add(entry.size());
                    match entry {
                        Entry { name: Some(name), value: Some(value) }
                            if size <= limits.http2_header_list =>
                        {
                            read.fields.push(Field { name, value });
                        }
                        Entry { name: Some(_), value: Some(_) } => read.too_long = true,
                        _ => read.unknown = true,
                    }
                }
                Err(error) => {
                    read.fault = Some(error);
                    self.forget();
                    break;
                }
            }
        }
        read
    }

    /// One field representation (section 6). `None` where it is a change of the table's size.
    fn representation(
        &mut self,
        reader: &mut Reader<'_>,
        read: &mut Block,
    ) -> Result<Option<Entry>, DecodeError> {
        let first = reader.u8("field representation")?;
        if first & 0x80 != 0 {
            let index = integer(reader, "index", first, 7)?;
            return self.entry(reader, index).map(Some);
        }
        if first & 0xE0 == 0x20 {
            let size = integer(reader, "table size", first, 5)?;
            read.table_bounded |= !self.table.resize(size);
            read.resized = read.resized.max(Some(size));
            return Ok(None);
        }
        let indexed = first & 0x40 != 0;
        let name = match integer(reader, "index", first, if indexed { 6 } else { 4 })? {
            0 => Some(string(reader, "name")?),
            index => self.entry(reader, index)?.name,
        };
        let entry = Entry { name, value: Some(string(reader, "value")?) };
        if indexed {
            self.table.insert(entry.clone());
        }
        Ok(Some(entry))
    }

    fn entry(&self, reader: &Reader<'_>, index: usize) -> Result<Entry, DecodeError> {
        self.table.get(index).ok_or_else(|| reader.error("index", ErrorKind::Value(index as u64)))
    }
}

/// An integer that begins in the last `bits` bits of `first` (section 5.1). None is longer than six octets: no size of
/// ours needs more.
fn integer(reader: &mut Reader<'_>, field: &'static str, first: u8, bits: u32) -> Result<usize, DecodeError> {
    let most = u8::MAX >> (8 - bits);
    let mut value = u64::from(first & most);
    if first & most < most {
        return Ok(usize::from(first & most));
    }
    for shift in [0, 7, 14, 21, 28] {
        let octet = reader.u8(field)?;
        value += u64::from(octet & 0x7F) << shift;
        if octet & 0x80 == 0 {
            let huge = reader.error(field, ErrorKind::Value(value));
            return u32::try_from(value).ok().and_then(|value| usize::try_from(value).ok()).ok_or(huge);
        }
    }
    Err(reader.error(field, ErrorKind::Limit("integer of six octets")))
}

/// A string literal (section 5.2).
fn string(reader: &mut Reader<'_>, field: &'static str) -> Result<Octets, DecodeError> {
    let first = reader.u8(field)?;
    let len = integer(reader, field, first, 7)?;
    let octets = reader.take(field, len)?;
    let octets = if first & 0x80 == 0 { octets.into() } else { huffman::decode(octets)?.into() };
    Ok(Octets::Shared(octets))
}
