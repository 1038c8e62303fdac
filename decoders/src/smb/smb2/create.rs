//! SMB2 CREATE, CLOSE, and the SET_INFO that marks a file for deletion ([MS-SMB2] 2.2.13 to 2.2.15, 2.2.39).

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::{Reader, utf16_le};
use crate::smb::Create;
use crate::smb::connection::Connection;
use crate::smb::file::FileKey;
use crate::smb::smb2::{Chain, Command};

/// SMB2_0_INFO_FILE.
const INFO_FILE: u8 = 1;
/// FileDispositionInformation, and its extended form ([MS-FSCC] 2.4.11).
const DISPOSITION: u8 = 13;
const DISPOSITION_EX: u8 = 64;

/// Reads a create request.
pub(super) fn request(
    connection: &mut Connection,
    chain: &mut Chain,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("flags and levels", 24)?;
    let access = reader.u32_le("desired access")?;
    reader.skip("attributes and share access", 8)?;
    let disposition = reader.u32_le("create disposition")?;
    let options = reader.u32_le("create options")?;
    let offset = reader.u16_le("name offset")?;
    let len = reader.u16_le("name length")?;
    let name = reader.at("name", offset.into(), len.into())?;
    chain.file = Some(FileKey::Asked(call.message));
    let create = Create { filename: utf16_le(name), access, disposition, options, ..Create::default() };
    connection.create(&call, create, name, out);
    Ok(())
}

/// Reads a create response.
pub(super) fn response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    let id = if call.status == 0 {
        reader.skip("action, times and sizes", 64).and_then(|()| file_id(&mut reader)).map(Some)
    } else {
        Ok(None)
    };
    connection.created(&call, id.unwrap_or_default(), out);
    id.map(drop)
}

/// Reads a close request.
pub(super) fn close(
    connection: &mut Connection,
    chain: &mut Chain,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("flags", 8)?;
    if let Some(file) = chain.file(file_id(&mut reader)?) {
        connection.close(&call, file, out);
    }
    Ok(())
}

/// Reads a set info request, as far as it is about deletion.
pub(super) fn set_info(
    connection: &mut Connection,
    chain: &mut Chain,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("structure size", 2)?;
    let kind = reader.u8("info type")?;
    let class = reader.u8("file info class")?;
    let len = reader.u32_le("buffer length")? as usize;
    let offset = reader.u16_le("buffer offset")?;
    reader.skip("reserved and additional information", 6)?;
    let file = chain.file(file_id(&mut reader)?);
    if kind != INFO_FILE || !matches!(class, DISPOSITION | DISPOSITION_EX) {
        return Ok(());
    }
    let buffer = reader.at("buffer", offset.into(), len)?;
    // DeletePending, or FILE_DISPOSITION_DELETE: the lowest bit in both.
    let deletes = buffer.first().is_some_and(|flags| flags & 1 != 0);
    if let Some(file) = file.filter(|_| deletes) {
        connection.delete(&call, file, out);
    }
    Ok(())
}

/// A FileId: its persistent and volatile halves together.
pub(super) fn file_id(reader: &mut Reader<'_>) -> Result<u128, DecodeError> {
    reader.array("file id").map(u128::from_le_bytes)
}
