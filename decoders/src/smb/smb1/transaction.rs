//! Transactions: RPC over named pipes, directory searches, and deletion by path or file ([MS-CIFS] 2.2.4.33, 2.2.4.46,
//! 2.2.5.6, 2.2.6). Secondary requests are not joined: what is read here fits one message.

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;
use crate::smb::connection::{Connection, Pending, Write};
use crate::smb::file::FileKey;
use crate::smb::smb1::Command;
use crate::smb::smb1::header::text;
use crate::smb::smb1::io::has_data;

/// TRANS_TRANSACT_NMPIPE.
const TRANSACT_NMPIPE: u16 = 0x0026;
/// TRANS2_FIND_FIRST2.
const FIND_FIRST2: u16 = 0x0001;
/// TRANS2_SET_FILE_INFORMATION.
const SET_FILE_INFORMATION: u16 = 0x0008;
/// SMB_SET_FILE_DISPOSITION_INFO, and the same as a pass-through level ([MS-SMB] 2.2.2.3.5).
const DISPOSITION: [u16; 2] = [0x0102, 1_013];

/// The tables of a transaction request.
struct Transaction<'a> {
    setup: Reader<'a>,
    parameters: (usize, usize),
    data: (usize, usize),
}

impl<'a> Transaction<'a> {
    fn read(words: &Reader<'a>) -> Result<Self, DecodeError> {
        let mut words = words.clone();
        words.skip("totals, flags and timeout", 18)?;
        let parameters_len = usize::from(words.u16_le("parameter count")?);
        let parameters_offset = usize::from(words.u16_le("parameter offset")?);
        let data_len = usize::from(words.u16_le("data count")?);
        let data_offset = usize::from(words.u16_le("data offset")?);
        let setup = usize::from(words.u8("setup count")?) * 2;
        words.skip("reserved", 1)?;
        let setup = words.sub("setup", setup)?;
        Ok(Self { setup, parameters: (parameters_offset, parameters_len), data: (data_offset, data_len) })
    }
}

/// Reads a TRANSACTION request, if it is RPC on a pipe.
pub(super) fn pipe_request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, block, .. } = command;
    let mut transaction = Transaction::read(&block.words)?;
    if transaction.setup.left() < 4 || transaction.setup.u16_le("subcommand")? != TRANSACT_NMPIPE {
        return Ok(());
    }
    let file = transaction.setup.u16_le("file id")?;
    let (offset, len) = transaction.data;
    let bytes = block.data.at("data", offset, len)?;
    let key = connection.file_key(&call, FileKey::Id(file.into()));
    connection.write(&call, key, Write { offset: 0, len: len as u64, bytes }, out);
    connection.ask(&call, Pending::Read(key), out);
    Ok(())
}

/// Reads a TRANSACTION response.
pub(super) fn pipe_response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let Some(Pending::Read(key)) = connection.answered(&call) else { return Ok(()) };
    if !has_data(call.status) {
        return Ok(());
    }
    block.words.skip("totals and parameters", 12)?;
    let len = block.words.u16_le("data count")?;
    let offset = block.words.u16_le("data offset")?;
    let data = block.data.at("data", offset.into(), len.into())?;
    connection.read(&call, key, data, out);
    Ok(())
}

/// Reads a TRANSACTION2 request: searches, and deletion.
pub(super) fn request2(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, block } = command;
    let mut transaction = Transaction::read(&block.words)?;
    if transaction.setup.is_empty() {
        return Ok(());
    }
    let subcommand = transaction.setup.u16_le("subcommand")?;
    let (offset, len) = transaction.parameters;
    // The texts are aligned from the header on, so the parameters are read in place.
    let end = block.data.whole().get(..offset.saturating_add(len)).unwrap_or(block.data.whole());
    let mut parameters = Reader::new("smb", end);
    match subcommand {
        FIND_FIRST2 => {
            parameters.skip("parameters", offset + 12)?;
            let start = parameters.position();
            let pattern = text(&mut parameters, header.is_unicode());
            let bytes = end.get(start..parameters.position()).unwrap_or_default();
            connection.query(&call, &pattern, bytes, out);
        }
        SET_FILE_INFORMATION => {
            parameters.skip("parameters", offset)?;
            let file = parameters.u16_le("file id")?;
            let level = parameters.u16_le("information level")?;
            let (offset, len) = transaction.data;
            let data = block.data.at("data", offset, len)?;
            if DISPOSITION.contains(&level) && data.first().is_some_and(|&deletes| deletes != 0) {
                connection.delete(&call, FileKey::Id(file.into()), out);
            }
        }
        _ => {}
    }
    Ok(())
}
