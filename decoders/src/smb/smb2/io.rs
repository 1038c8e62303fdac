//! SMB2 READ, WRITE and IOCTL ([MS-SMB2] 2.2.19 to 2.2.22, 2.2.31, 2.2.32), as far as pipes and small files go.

use capture::Direction;

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;
use crate::smb::connection::{Connection, Pending, Write};
use crate::smb::file::FileKey;
use crate::smb::pipe::is_rpc;
use crate::smb::smb2::create::file_id;
use crate::smb::smb2::header::{self, Header};
use crate::smb::smb2::{Chain, Command, SMB2, STATUS_BUFFER_OVERFLOW};

/// FSCTL_PIPE_TRANSCEIVE ([MS-FSCC] 2.3.50).
const PIPE_TRANSCEIVE: u32 = 0x0011_C017;

/// Whether the data of a write are of interest, by the first bytes of its message.
pub(super) fn wants_write(connection: &Connection, head: &[u8]) -> bool {
    let mut reader = Reader::new(SMB2, head);
    let found = reader.skip("header", header::LEN + 2).and_then(|()| {
        let offset = reader.u16_le("data offset")?;
        reader.skip("length and offset", 12)?;
        Ok((offset, file_id(&mut reader)?))
    });
    let Ok((offset, id)) = found else { return true };
    let rpc = head.get(usize::from(offset)..).is_some_and(is_rpc);
    connection.wants_write(FileKey::Id(id), rpc)
}

/// Whether the data of a read are of interest: they answer a read from a pipe.
pub(super) fn wants_read(connection: &Connection, header: &Header) -> bool {
    connection.awaits_read(header.message)
}

/// Whether the answer to an IOCTL is of interest.
pub(super) fn wants_ioctl(head: &[u8]) -> bool {
    let mut reader = Reader::new(SMB2, head);
    let code = reader.skip("header", header::LEN + 4).and_then(|()| reader.u32_le("control code"));
    code.is_ok_and(|code| code == PIPE_TRANSCEIVE)
}

/// Reads a read request: remembered where the answer may be RPC.
pub(super) fn read_request(
    connection: &mut Connection,
    chain: &mut Chain,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("length and offset", 16)?;
    let Some(key) = chain.file(file_id(&mut reader)?) else { return Ok(()) };
    let key = connection.file_key(&call, key);
    if connection.file(&key).is_some_and(|file| file.is_pipe) {
        connection.ask(&call, Pending::Read(key), out);
    }
    Ok(())
}

/// Reads a read response.
pub(super) fn read_response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    let Some(Pending::Read(key)) = connection.answered(&call) else { return Ok(()) };
    if !matches!(call.status, 0 | STATUS_BUFFER_OVERFLOW) {
        return Ok(());
    }
    reader.skip("structure size", 2)?;
    let offset = reader.u8("data offset")?;
    reader.skip("reserved", 1)?;
    let len = reader.u32_le("data length")? as usize;
    let data = reader.at("data", offset.into(), len)?;
    connection.read(&call, key, data, out);
    Ok(())
}

/// Reads a write request.
pub(super) fn write_request(
    connection: &mut Connection,
    chain: &mut Chain,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("structure size", 2)?;
    let data_offset = reader.u16_le("data offset")?;
    let len = reader.u32_le("length")?;
    let offset = reader.u64_le("offset")?;
    let Some(key) = chain.file(file_id(&mut reader)?) else { return Ok(()) };
    let key = connection.file_key(&call, key);
    let rpc = reader.whole().get(usize::from(data_offset)..).is_some_and(is_rpc);
    let bytes = if connection.wants_write(key, rpc) {
        reader.at("data", data_offset.into(), len as usize)
    } else {
        Ok(&[][..])
    };
    let write = Write { offset, len: len.into(), bytes: bytes.as_ref().unwrap_or(&&[][..]) };
    connection.write(&call, key, write, out);
    bytes.map(drop)
}

/// Reads an IOCTL, either way: a transaction on a pipe.
pub(super) fn ioctl(
    connection: &mut Connection,
    chain: &mut Chain,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    let to_server = call.direction == Direction::ToServer;
    if !to_server && !matches!(call.status, 0 | STATUS_BUFFER_OVERFLOW) {
        return Ok(());
    }
    reader.skip("structure size", 4)?;
    if reader.u32_le("control code")? != PIPE_TRANSCEIVE {
        return Ok(());
    }
    let key = chain.file(file_id(&mut reader)?);
    let input = (reader.u32_le("input offset")?, reader.u32_le("input count")?);
    if to_server {
        reader.skip("max input response", 4)?;
    }
    let output = (reader.u32_le("output offset")?, reader.u32_le("output count")?);
    let (offset, len) = if to_server { input } else { output };
    let data = reader.at("buffer", offset as usize, len as usize)?;
    let Some(key) = key else { return Ok(()) };
    if to_server {
        let key = connection.file_key(&call, key);
        connection.write(&call, key, Write { offset: 0, len: len.into(), bytes: data }, out);
    } else {
        connection.read(&call, key, data, out);
    }
    Ok(())
}
