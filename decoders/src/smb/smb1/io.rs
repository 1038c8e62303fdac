//! Reading and writing in SMB1, as far as pipes and small files go ([MS-CIFS] 2.2.4.42, 2.2.4.43, 2.2.4.12).

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;
use crate::smb::connection::{Connection, Pending, Write};
use crate::smb::file::FileKey;
use crate::smb::pipe::is_rpc;
use crate::smb::smb1::Command;
use crate::smb::smb1::header::Block;

/// STATUS_BUFFER_OVERFLOW, and as a DOS error: ERRDOS 1, ERRmoredata 234.
const OVERFLOW: [u32; 2] = [0x8000_0005, 0x00EA_0001];

/// WriteMode: raw mode and start of a message, when the data begin with the message's length.
const PIPE_START_RAW: u16 = 0x000C;

/// The parameters of a WRITE_ANDX request.
struct WriteWords {
    file: u16,
    offset: u64,
    mode: u16,
    len: u32,
    data_offset: u16,
}

impl WriteWords {
    fn read(words: &mut Reader<'_>) -> Result<Self, DecodeError> {
        words.skip("andx", 4)?;
        let file = words.u16_le("file id")?;
        let low = words.u32_le("offset")?;
        words.skip("timeout", 4)?;
        let mode = words.u16_le("write mode")?;
        words.skip("remaining", 2)?;
        let len_high = words.u16_le("data length high")?;
        let len_low = words.u16_le("data length")?;
        let data_offset = words.u16_le("data offset")?;
        let high = words.u32_le("offset high").unwrap_or(0);
        Ok(Self {
            file,
            offset: u64::from(high) << 32 | u64::from(low),
            mode,
            len: u32::from(len_high) << 16 | u32::from(len_low),
            data_offset,
        })
    }
}

/// Whether the data of a write are of interest, by the first bytes of its message.
pub(super) fn wants_write(connection: &Connection, head: &[u8]) -> bool {
    let words =
        Block::read(head, super::header::LEN).and_then(|mut block| WriteWords::read(&mut block.words));
    let Ok(words) = words else { return true };
    let rpc = looks_like_rpc(head, &words);
    connection.wants_write(FileKey::Id(words.file.into()), rpc)
}

fn looks_like_rpc(message: &[u8], words: &WriteWords) -> bool {
    let start = usize::from(words.data_offset) + prefix(words.mode);
    message.get(start..).is_some_and(is_rpc)
}

/// Bytes of length before the data.
const fn prefix(mode: u16) -> usize {
    if mode & PIPE_START_RAW == PIPE_START_RAW { 2 } else { 0 }
}

/// Reads a WRITE_ANDX request.
pub(super) fn write_andx(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let words = WriteWords::read(&mut block.words)?;
    let message = block.data.whole();
    let key = connection.file_key(&call, FileKey::Id(words.file.into()));
    let bytes = if connection.wants_write(key, looks_like_rpc(message, &words)) {
        block.data.at("data", words.data_offset.into(), words.len as usize)
    } else {
        Ok(&[][..])
    };
    let kept = bytes.as_ref().map_or(&[][..], |bytes| bytes.get(prefix(words.mode)..).unwrap_or_default());
    let write = Write { offset: words.offset, len: words.len.into(), bytes: kept };
    connection.write(&call, key, write, out);
    bytes.map(drop)
}

/// Reads a WRITE request of the old form.
pub(super) fn write(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let file = block.words.u16_le("file id")?;
    block.words.skip("count", 2)?;
    let offset = block.words.u32_le("offset")?;
    block.data.skip("buffer format", 1)?;
    let len = block.data.u16_le("data length")?;
    let bytes = block.data.take("data", len.into())?;
    let key = connection.file_key(&call, FileKey::Id(file.into()));
    connection.write(&call, key, Write { offset: offset.into(), len: len.into(), bytes }, out);
    Ok(())
}

/// Reads a READ_ANDX request: remembered where the answer may be RPC.
pub(super) fn read_request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    block.words.skip("andx", 4)?;
    let file = block.words.u16_le("file id")?;
    let key = connection.file_key(&call, FileKey::Id(file.into()));
    if connection.file(&key).is_some_and(|file| file.is_pipe) {
        connection.ask(&call, Pending::Read(key), out);
    }
    Ok(())
}

/// Reads a READ_ANDX response.
pub(super) fn read_response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let Some(Pending::Read(key)) = connection.answered(&call) else { return Ok(()) };
    if !has_data(call.status) {
        return Ok(());
    }
    block.words.skip("andx, remaining and reserved", 10)?;
    let low = block.words.u16_le("data length")?;
    let offset = block.words.u16_le("data offset")?;
    let high = block.words.u16_le("data length high")?;
    let len = u32::from(high) << 16 | u32::from(low);
    let data = block.data.at("data", offset.into(), len as usize)?;
    connection.read(&call, key, data, out);
    Ok(())
}

/// Whether a response brings data: success, or more than fits.
pub(super) fn has_data(status: u32) -> bool {
    status == 0 || OVERFLOW.contains(&status)
}
