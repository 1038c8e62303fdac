//! SMB2 TREE_CONNECT ([MS-SMB2] 2.2.9 and 2.2.10).

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::utf16_le;
use crate::smb::connection::Connection;
use crate::smb::smb2::Command;

/// SMB2_SHAREFLAG_ENCRYPT_DATA.
const ENCRYPT_DATA: u32 = 0x8000;

/// Reads a request.
pub(super) fn request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("structure size and flags", 4)?;
    let offset = reader.u16_le("path offset")?;
    let len = reader.u16_le("path length")?;
    let path = reader.at("path", offset.into(), len.into())?;
    connection.tree_connect(&call, &utf16_le(path), path, out);
    Ok(())
}

/// Reads a response.
pub(super) fn response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    let (mut share_type, mut flags) = (0, 0);
    if call.status == 0 {
        reader.skip("structure size", 2)?;
        share_type = reader.u8("share type")?;
        reader.skip("reserved", 1)?;
        flags = reader.u32_le("share flags")?;
    }
    connection.tree_connected(&call, share_type, flags & ENCRYPT_DATA != 0, out);
    Ok(())
}
