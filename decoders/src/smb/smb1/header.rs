//! The SMB1 header and the blocks behind it ([MS-CIFS] 2.2.3).

use crate::error::{DecodeError, ErrorKind};
use crate::reader::{Reader, utf16_le};
use crate::smb::smb1::SMB1;
use crate::text::lossy;

/// Bytes of a header.
pub(super) const LEN: usize = 32;

/// Command codes ([MS-CIFS] 2.2.2.1).
pub(super) mod command {
    pub(in crate::smb::smb1) const CLOSE: u8 = 0x04;
    pub(in crate::smb::smb1) const DELETE: u8 = 0x06;
    pub(in crate::smb::smb1) const WRITE: u8 = 0x0B;
    pub(in crate::smb::smb1) const TRANSACTION: u8 = 0x25;
    pub(in crate::smb::smb1) const OPEN_ANDX: u8 = 0x2D;
    pub(in crate::smb::smb1) const READ_ANDX: u8 = 0x2E;
    pub(in crate::smb::smb1) const WRITE_ANDX: u8 = 0x2F;
    pub(in crate::smb::smb1) const TRANSACTION2: u8 = 0x32;
    pub(in crate::smb::smb1) const TREE_CONNECT: u8 = 0x70;
    pub(in crate::smb::smb1) const TREE_DISCONNECT: u8 = 0x71;
    pub(in crate::smb::smb1) const NEGOTIATE: u8 = 0x72;
    pub(in crate::smb::smb1) const SESSION_SETUP_ANDX: u8 = 0x73;
    pub(in crate::smb::smb1) const LOGOFF_ANDX: u8 = 0x74;
    pub(in crate::smb::smb1) const TREE_CONNECT_ANDX: u8 = 0x75;
    pub(in crate::smb::smb1) const NT_CREATE_ANDX: u8 = 0xA2;
    /// No further command in the chain.
    pub(in crate::smb::smb1) const NONE: u8 = 0xFF;
}

/// Whether a command's parameters begin with the next command and its offset.
pub(super) const fn is_andx(code: u8) -> bool {
    matches!(code, 0x24 | 0x2D | 0x2E | 0x2F | 0x73 | 0x74 | 0x75 | 0xA2)
}

/// A header, without what is of no interest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) command: u8,
    /// NTSTATUS; 0 where the server answers in DOS error codes and all is well, the code itself where not.
    pub(super) status: u32,
    flags: u8,
    flags2: u16,
    pub(super) tree: u16,
    pub(super) process: u16,
    pub(super) user: u16,
    pub(super) message: u16,
    has_signature: bool,
}

impl Header {
    /// Reads the header that a message begins with.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(SMB1, bytes);
        if reader.array("protocol id")? != *b"\xFFSMB" {
            return Err(DecodeError::new(SMB1, "protocol id", 0, ErrorKind::Unexpected("an smb header")));
        }
        let command = reader.u8("command")?;
        let status = reader.u32_le("status")?;
        let flags = reader.u8("flags")?;
        let flags2 = reader.u16_le("flags2")?;
        reader.skip("process id high", 2)?;
        let has_signature = !matches!(&reader.array("signature")?, [0, 0, 0, 0, 0, 0, 0, 0] | b"BSRSPYL ");
        reader.skip("reserved", 2)?;
        let tree = reader.u16_le("tree id")?;
        let process = reader.u16_le("process id")?;
        let user = reader.u16_le("user id")?;
        let message = reader.u16_le("multiplex id")?;
        Ok(Self { command, status, flags, flags2, tree, process, user, message, has_signature })
    }

    /// SMB_FLAGS_REPLY.
    pub(super) const fn is_response(&self) -> bool {
        self.flags & 0x80 != 0
    }

    /// Whether the status is a DOS error, for want of SMB_FLAGS2_NT_STATUS.
    pub(super) const fn has_dos_errors(&self) -> bool {
        self.flags2 & 0x4000 == 0
    }

    /// SMB_FLAGS2_UNICODE.
    pub(super) const fn is_unicode(&self) -> bool {
        self.flags2 & 0x8000 != 0
    }

    /// A signature that is neither empty nor the filler `BSRSPYL ` of a client that could sign but does not
    /// ([MS-CIFS] 3.2.4.1.1). SMB_FLAGS2_SMB_SECURITY_SIGNATURE is not asked for: Samba leaves it out and signs.
    pub(super) const fn is_signed(&self) -> bool {
        self.has_signature && !matches!(self.command, command::NEGOTIATE | command::SESSION_SETUP_ANDX)
    }
}

/// One command of a message: its parameter words and its data bytes ([MS-CIFS] 2.2.3.2 and 2.2.3.3).
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    /// The parameter words.
    pub(super) words: Reader<'a>,
    /// WordCount.
    pub(super) word_count: u8,
    /// The message up to the end of the data bytes, the cursor where they begin: offsets and the alignment of text
    /// count from the header.
    pub(super) data: Reader<'a>,
}

impl<'a> Block<'a> {
    /// Reads the block at an offset of the message.
    pub(super) fn read(message: &'a [u8], offset: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(SMB1, message);
        reader.skip("block", offset)?;
        let word_count = reader.u8("word count")?;
        let words = reader.sub("parameter words", usize::from(word_count) * 2)?;
        let byte_count = usize::from(reader.u16_le("byte count").unwrap_or(0));
        let start = reader.position();
        // ByteCount cannot say the length of a big write, and some peers get it wrong: what is there counts.
        let end = start.saturating_add(byte_count).min(message.len());
        let mut data = Reader::new(SMB1, message.get(..end).unwrap_or(message));
        data.skip("data", start)?;
        Ok(Self { words, word_count, data })
    }
}

/// A text that ends with a zero, or with the data: UTF-16 on an even offset, or one-byte characters.
pub(super) fn text(data: &mut Reader<'_>, unicode: bool) -> String {
    if unicode {
        align(data);
        let rest = data.whole().get(data.position()..).unwrap_or_default();
        let units = rest.chunks_exact(2).position(|unit| unit == [0, 0]);
        let len = units.map_or(rest.len(), |units| units * 2);
        let text = utf16_le(rest.get(..len).unwrap_or_default());
        let _ = data.skip("text", units.map_or(len, |_| len + 2));
        text
    } else {
        one_byte(data)
    }
}

/// A text in one-byte characters that ends with a zero, or with the data.
pub(super) fn one_byte(data: &mut Reader<'_>) -> String {
    let rest = data.whole().get(data.position()..).unwrap_or_default();
    let end = memchr::memchr(0, rest);
    let len = end.unwrap_or(rest.len());
    let text = lossy(rest.get(..len).unwrap_or_default()).into_owned();
    let _ = data.skip("text", end.map_or(len, |end| end + 1));
    text
}

/// Goes to an even offset.
pub(super) fn align(data: &mut Reader<'_>) {
    if data.position() % 2 == 1 {
        let _ = data.skip("padding", 1);
    }
}
