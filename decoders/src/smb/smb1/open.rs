//! Opening, closing and deleting in SMB1 ([MS-CIFS] 2.2.4.64, 2.2.4.41, 2.2.4.5, 2.2.4.7).

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::utf16_le;
use crate::smb::connection::Connection;
use crate::smb::file::FileKey;
use crate::smb::smb1::Command;
use crate::smb::smb1::header::{align, command, text};
use crate::smb::{Create, Delete, SmbEvent};
use crate::text::lossy;

/// Reads an NT_CREATE_ANDX request.
pub(super) fn create_request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, mut block } = command;
    let words = &mut block.words;
    words.skip("andx and reserved", 5)?;
    let len = usize::from(words.u16_le("name length")?);
    words.skip("flags and root", 8)?;
    let access = words.u32_le("desired access")?;
    words.skip("sizes, attributes and share access", 16)?;
    let disposition = words.u32_le("create disposition")?;
    let options = words.u32_le("create options")?;
    let (name, bytes) = if header.is_unicode() {
        align(&mut block.data);
        let bytes = block.data.take("file name", len)?;
        (utf16_le(bytes), bytes)
    } else {
        let bytes = block.data.take("file name", len)?;
        (lossy(bytes).into_owned(), bytes)
    };
    let filename = name.split('\0').next().unwrap_or_default().to_owned();
    let create = Create { filename, access, disposition, options, ..Create::default() };
    connection.create(&call, create, bytes, out);
    Ok(())
}

/// Reads an OPEN_ANDX request; its access mode and open mode are put into the words of NT_CREATE_ANDX.
pub(super) fn open_request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, mut block } = command;
    block.words.skip("andx and flags", 6)?;
    let access = match block.words.u16_le("access mode")? & 7 {
        0 => 0x8000_0000,
        1 => 0x4000_0000,
        2 => 0xC000_0000,
        _ => 0x2000_0000,
    };
    block.words.skip("attributes and time", 8)?;
    let disposition = match block.words.u16_le("open mode")? & 0x13 {
        0x01 => 1,
        0x10 => 2,
        0x11 => 3,
        0x02 => 4,
        0x12 => 5,
        _ => 0,
    };
    let start = block.data.position();
    let filename = text(&mut block.data, header.is_unicode());
    let bytes = block.data.whole().get(start..block.data.position()).unwrap_or_default();
    let create = Create { filename, access, disposition, ..Create::default() };
    connection.create(&call, create, bytes, out);
    Ok(())
}

/// Reads the response to either.
pub(super) fn response(
    connection: &mut Connection,
    code: u8,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let before = if code == command::NT_CREATE_ANDX { 5 } else { 4 };
    let id = if call.status == 0 {
        block
            .words
            .skip("andx and oplock level", before)
            .and_then(|()| block.words.u16_le("file id"))
            .map(Some)
    } else {
        Ok(None)
    };
    connection.created(&call, id.unwrap_or_default().map(u128::from), out);
    id.map(drop)
}

/// Reads a close request.
pub(super) fn close(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let id = block.words.u16_le("file id")?;
    connection.close(&call, FileKey::Id(id.into()), out);
    Ok(())
}

/// Reads a delete request, which names its file.
pub(super) fn delete(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, mut block } = command;
    block.data.skip("buffer format", 1)?;
    let filename = out.text(&text(&mut block.data, header.is_unicode()));
    let delete = Delete { smb: 1, session: call.session, tree_path: connection.disk_path(&call), filename };
    out.push(call.direction, SmbEvent::Delete(Box::new(delete)));
    Ok(())
}
