//! SMB_COM_TREE_CONNECT and SMB_COM_TREE_CONNECT_ANDX ([MS-CIFS] 2.2.4.50 and 2.2.4.55). A share's password is passed
//! over.

use crate::error::DecodeError;
use crate::events::Events;
use crate::smb::connection::Connection;
use crate::smb::smb1::Command;
use crate::smb::smb1::header::{command, one_byte, text};

/// Reads an AndX request.
pub(super) fn request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, mut block } = command;
    block.words.skip("andx and flags", 6)?;
    let password = block.words.u16_le("password length")?;
    block.data.skip("password", password.into())?;
    let start = block.data.position();
    let path = text(&mut block.data, header.is_unicode());
    let bytes = block.data.whole().get(start..block.data.position()).unwrap_or_default();
    connection.tree_connect(&call, &path, bytes, out);
    Ok(())
}

/// Reads a request of the old form.
pub(super) fn old_request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, mut block } = command;
    block.data.skip("buffer format", 1)?;
    let start = block.data.position();
    let path = text(&mut block.data, header.is_unicode());
    let bytes = block.data.whole().get(start..block.data.position()).unwrap_or_default();
    connection.tree_connect(&call, &path, bytes, out);
    Ok(())
}

/// Reads a response: the service names the kind of share ([MS-CIFS] 2.2.4.55.2).
pub(super) fn response(connection: &mut Connection, code: u8, command: Command<'_>, out: &mut Events) {
    let Command { mut call, mut block, .. } = command;
    let service = one_byte(&mut block.data);
    let share_type = match service.as_str() {
        _ if code == command::TREE_CONNECT => 0,
        "A:" => 1,
        "IPC" => 2,
        "LPT1:" => 3,
        _ => 0,
    };
    if code == command::TREE_CONNECT && block.words.skip("max buffer size", 2).is_ok() {
        call.tree = block.words.u16_le("tree id").map_or(call.tree, u32::from);
    }
    connection.tree_connected(&call, share_type, false, out);
}
