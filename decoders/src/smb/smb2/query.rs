//! SMB2 QUERY_DIRECTORY ([MS-SMB2] 2.2.33): what is looked for. The answers are not read.

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::utf16_le;
use crate::smb::connection::Connection;
use crate::smb::smb2::Command;

/// Reads a request.
pub(super) fn request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("class, flags, index and file id", 24)?;
    let offset = reader.u16_le("file name offset")?;
    let len = reader.u16_le("file name length")?;
    let pattern = reader.at("file name", offset.into(), len.into())?;
    connection.query(&call, &utf16_le(pattern), pattern, out);
    Ok(())
}
