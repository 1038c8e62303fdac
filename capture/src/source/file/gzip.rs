//! Gzip, unpacked as a reader (RFC 1952): one member after the other, checksums verified.
//!
//! Inflating is miniz_oxide's work. The readers built on it lose what one call had unpacked before it met damage; a
//! capture cut or damaged in the middle is still worth reading up to there, so this one hands out every byte before it
//! fails.

use std::io::{self, ErrorKind, Read};

use flate2::Crc;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Packed bytes read at once.
const PACKED: usize = 32 << 10;
/// Unpacked bytes held, round and round: a power of two, at least the window of deflate (32 KiB, RFC 1951 2).
const UNPACKED: usize = 64 << 10;

/// Bits of FLG (RFC 1952 2.3.1).
mod flag {
    pub(super) const HEADER_CRC: u8 = 1 << 1;
    pub(super) const EXTRA: u8 = 1 << 2;
    pub(super) const NAME: u8 = 1 << 3;
    pub(super) const COMMENT: u8 = 1 << 4;
}

/// What comes next in the packed bytes.
enum At {
    /// A member's header, or the end of the file.
    Header { first: bool },
    /// Deflated bytes.
    Body,
}

/// Unpacks what another reader gives.
pub(super) struct GzipReader<R> {
    packed: Packed<R>,
    at: At,
    inflater: Box<DecompressorOxide>,
    crc: Crc,
    /// What was unpacked last: between `given` and `made` it is still to be handed out, before that it is the window.
    unpacked: Vec<u8>,
    given: usize,
    made: usize,
    /// What is to be told when all that was unpacked has been handed out.
    failure: Option<io::Error>,
}

impl<R: Read> GzipReader<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            packed: Packed { reader, bytes: vec![0; PACKED], at: 0, end: 0 },
            at: At::Header { first: true },
            inflater: Box::default(),
            crc: Crc::new(),
            unpacked: vec![0; UNPACKED],
            given: 0,
            made: 0,
            failure: None,
        }
    }

    /// Unpacks more. Nothing unpacked and no error is the end.
    fn unpack(&mut self) -> io::Result<()> {
        while self.given == self.made {
            match self.at {
                At::Header { first } => {
                    if !self.packed.header(first)? {
                        return Ok(());
                    }
                    self.at = At::Body;
                    self.inflater.init();
                    self.crc.reset();
                    (self.given, self.made) = (0, 0);
                }
                At::Body => self.inflate()?,
            }
        }
        Ok(())
    }

    fn inflate(&mut self) -> io::Result<()> {
        let input = self.packed.some()?;
        if input.is_empty() {
            return Err(cut());
        }
        if self.made == self.unpacked.len() {
            (self.given, self.made) = (0, 0);
        }
        let flags = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
        let (status, used, made) =
            decompress(&mut self.inflater, input, &mut self.unpacked, self.made, flags);
        self.packed.consume(used);
        self.made += made;
        self.crc.update(self.unpacked.get(self.given..self.made).unwrap_or_default());
        match status {
            TINFLStatus::Done => {
                self.at = At::Header { first: false };
                self.packed.trailer(&self.crc)
            }
            TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput => Ok(()),
            _ => Err(io::Error::new(ErrorKind::InvalidData, "corrupt deflate stream")),
        }
    }
}

impl<R: Read> Read for GzipReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.made {
            if self.failure.is_none() {
                self.failure = self.unpack().err();
            }
            if self.given == self.made
                && let Some(error) = &self.failure
            {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
        }
        let rest = self.unpacked.get(self.given..self.made).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

/// The packed bytes, read in blocks.
struct Packed<R> {
    reader: R,
    bytes: Vec<u8>,
    at: usize,
    end: usize,
}

impl<R: Read> Packed<R> {
    /// The bytes at hand, read if there are none; empty at the end.
    fn some(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            self.at = 0;
            self.end = 0;
            self.end = loop {
                match self.reader.read(&mut self.bytes) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
        }
        Ok(self.bytes.get(self.at..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = self.end.min(self.at + count);
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.some()?.first().copied();
        self.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?.ok_or_else(cut)?;
        }
        Ok(bytes)
    }

    /// Reads a member's header; false at the end of the file, where a member before it makes that a proper end.
    fn header(&mut self, first: bool) -> io::Result<bool> {
        let Some(id) = self.byte()? else { return if first { Err(cut()) } else { Ok(false) } };
        let [id2, method, flags] = self.array()?;
        if [id, id2, method] != [0x1F, 0x8B, 8] {
            return Err(io::Error::new(ErrorKind::InvalidData, "what follows is no gzip member"));
        }
        let _time_flags_and_system: [u8; 6] = self.array()?;
        if flags & flag::EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.array()?) {
                let [_] = self.array()?;
            }
        }
        for text in [flag::NAME, flag::COMMENT] {
            while flags & text != 0 && self.array()? != [0] {}
        }
        if flags & flag::HEADER_CRC != 0 {
            let _crc: [u8; 2] = self.array()?;
        }
        Ok(true)
    }

    /// Reads a member's trailer and holds it against what was unpacked.
    fn trailer(&mut self, crc: &Crc) -> io::Result<()> {
        let sum = u32::from_le_bytes(self.array()?);
        let length = u32::from_le_bytes(self.array()?);
        if (sum, length) == (crc.sum(), crc.amount()) {
            return Ok(());
        }
        Err(io::Error::new(ErrorKind::InvalidData, "the gzip checksum is not that of the bytes unpacked"))
    }
}

fn cut() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the gzip stream ends too early")
}
