//! The SMB2 header ([MS-SMB2] 2.2.1).

use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;
use crate::smb::smb2::SMB2;

/// Bytes of a header.
pub(super) const LEN: usize = 64;

/// FSCTL_VALIDATE_NEGOTIATE_INFO: signed in any case ([MS-SMB2] 3.2.5.5).
const VALIDATE_NEGOTIATE: u32 = 0x0014_0204;

/// Command codes ([MS-SMB2] 2.2.1.2).
pub(super) mod command {
    pub(in crate::smb::smb2) const NEGOTIATE: u16 = 0;
    pub(in crate::smb::smb2) const SESSION_SETUP: u16 = 1;
    pub(in crate::smb::smb2) const LOGOFF: u16 = 2;
    pub(in crate::smb::smb2) const TREE_CONNECT: u16 = 3;
    pub(in crate::smb::smb2) const TREE_DISCONNECT: u16 = 4;
    pub(in crate::smb::smb2) const CREATE: u16 = 5;
    pub(in crate::smb::smb2) const CLOSE: u16 = 6;
    pub(in crate::smb::smb2) const READ: u16 = 8;
    pub(in crate::smb::smb2) const WRITE: u16 = 9;
    pub(in crate::smb::smb2) const IOCTL: u16 = 11;
    pub(in crate::smb::smb2) const QUERY_DIRECTORY: u16 = 14;
    pub(in crate::smb::smb2) const SET_INFO: u16 = 17;
}

/// A header, without what is of no interest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Status; ChannelSequence in requests.
    pub(super) status: u32,
    /// Command.
    pub(super) command: u16,
    flags: u32,
    /// NextCommand: bytes to the next header, 0 in the last.
    pub(super) next: u32,
    /// MessageId.
    pub(super) message: u64,
    /// TreeId; 0 in asynchronous messages, where the field is part of AsyncId.
    pub(super) tree: u32,
    /// SessionId.
    pub(super) session: u64,
    has_signature: bool,
}

impl Header {
    /// Reads the header that a message begins with.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(SMB2, bytes);
        if reader.array("protocol id")? != *b"\xFESMB" {
            return Err(DecodeError::new(SMB2, "protocol id", 0, ErrorKind::Unexpected("an smb2 header")));
        }
        let size = reader.u16_le("structure size")?;
        if usize::from(size) != LEN {
            return Err(DecodeError::new(SMB2, "structure size", 4, ErrorKind::Value(size.into())));
        }
        reader.skip("credit charge", 2)?;
        let status = reader.u32_le("status")?;
        let command = reader.u16_le("command")?;
        reader.skip("credits", 2)?;
        let flags = reader.u32_le("flags")?;
        let next = reader.u32_le("next command")?;
        let message = reader.u64_le("message id")?;
        reader.skip("process id", 4)?;
        let tree = reader.u32_le("tree id")?;
        let session = reader.u64_le("session id")?;
        let has_signature = reader.array::<16>("signature")? != [0; 16];
        let tree = if flags & 2 != 0 { 0 } else { tree };
        Ok(Self { status, command, flags, next, message, tree, session, has_signature })
    }

    /// SMB2_FLAGS_SERVER_TO_REDIR.
    pub(super) const fn is_response(&self) -> bool {
        self.flags & 1 != 0
    }

    /// SMB2_FLAGS_RELATED_OPERATIONS.
    pub(super) const fn is_related(&self) -> bool {
        self.flags & 4 != 0
    }

    /// SMB2_FLAGS_SIGNED, and a signature.
    pub(super) const fn is_signed(&self) -> bool {
        self.flags & 8 != 0 && self.has_signature
    }

    /// Whether a signature on this message means that the session is signed. Some messages are signed on every
    /// session: the last session setup response, tree connects in 3.1.1 ([MS-SMB2] 3.2.4.2.4), which Samba signs in
    /// older dialects too, and the validation of the negotiation.
    pub(super) fn proves_signing(&self, message: &[u8]) -> bool {
        match self.command {
            command::NEGOTIATE | command::SESSION_SETUP | command::TREE_CONNECT => false,
            command::IOCTL => {
                let mut reader = Reader::new(SMB2, message);
                let code = reader.skip("header", LEN + 4).and_then(|()| reader.u32_le("control code"));
                // An error response has no control code to tell what it answers.
                code.is_ok_and(|code| code != VALIDATE_NEGOTIATE) && (self.status == 0 || !self.is_response())
            }
            _ => true,
        }
    }
}
