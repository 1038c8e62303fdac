//! SMB2 and SMB3 messages ([MS-SMB2]): the chain of commands in one message, and which command is read where.

mod create;
mod header;
mod io;
mod negotiate;
mod query;
mod session;
#[cfg(test)]
pub(super) mod tests;
mod tree;

use capture::Direction;

use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::reader::Reader;
use crate::smb::Message;
use crate::smb::connection::{Call, Connection};
use crate::smb::file::FileKey;

use header::{Header, command};

/// STATUS_PENDING: an interim response; the final one follows ([MS-SMB2] 3.3.4.2).
const STATUS_PENDING: u32 = 0x0000_0103;
/// STATUS_MORE_PROCESSING_REQUIRED.
const STATUS_MORE_PROCESSING: u32 = 0xC000_0016;
/// STATUS_BUFFER_OVERFLOW: the data are there, but not all of them.
const STATUS_BUFFER_OVERFLOW: u32 = 0x8000_0005;

/// The protocol's name in errors.
const SMB2: &str = "smb2";

/// Offset of SessionId in a transform header ([MS-SMB2] 2.2.41).
const TRANSFORM_SESSION: usize = 44;

/// What later commands of a chain take from earlier ones (SMB2_FLAGS_RELATED_OPERATIONS).
#[derive(Default)]
struct Chain {
    session: u64,
    tree: u32,
    file: Option<FileKey>,
}

impl Chain {
    /// The file that a command names; all ones mean that of the command before ([MS-SMB2] 3.2.4.1.4).
    fn file(&mut self, id: u128) -> Option<FileKey> {
        if id != u128::MAX {
            self.file = Some(FileKey::Id(id));
        }
        self.file
    }
}

/// One command, ready to be read: the bytes from its header on, the cursor behind it.
struct Command<'a> {
    call: Call,
    reader: Reader<'a>,
}

/// Whether all of a message is of interest, by its first bytes.
pub(super) fn wants_all(connection: &Connection, direction: Direction, head: &[u8]) -> bool {
    let Ok(header) = Header::read(head) else { return true };
    if header.next != 0 {
        return true;
    }
    match (direction, header.command) {
        (Direction::ToServer, command::WRITE) => io::wants_write(connection, head),
        (Direction::ToClient, command::READ) => io::wants_read(connection, &header),
        (Direction::ToClient, command::IOCTL) => io::wants_ioctl(head),
        (Direction::ToServer, _) => {
            header.command <= command::CLOSE
                || matches!(
                    header.command,
                    command::READ | command::IOCTL | command::QUERY_DIRECTORY | command::SET_INFO
                )
        }
        (Direction::ToClient, _) => header.command <= command::CREATE,
    }
}

/// Reads the commands of one message.
pub(super) fn read(connection: &mut Connection, message: Message<'_>, out: &mut Events) {
    let mut chain = Chain::default();
    let mut rest = message.bytes;
    for _ in 0..connection.limits.smb_compound {
        let header = match Header::read(rest) {
            Ok(header) => header,
            Err(error) => return message.fail(error, out),
        };
        let next = header.next as usize;
        if next != 0 && next < header::LEN {
            let error = DecodeError::new(SMB2, "next command", 20, ErrorKind::Value(next as u64));
            return out.malformed(message.direction, error);
        }
        let (one, after) = if next == 0 { (rest, &[][..]) } else { rest.split_at(next.min(rest.len())) };
        if let Err(error) = command(connection, &mut chain, &header, Message { bytes: one, ..message }, out) {
            message.fail(error, out);
        }
        if next == 0 {
            return;
        }
        rest = after;
    }
    connection.limit(message.direction, "smb_compound", out);
}

/// Reads one command.
fn command(
    connection: &mut Connection,
    chain: &mut Chain,
    header: &Header,
    message: Message<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let direction = message.direction;
    if header.is_response() != (direction == Direction::ToClient) {
        Connection::unexpected(2, direction, "message against its direction", out);
        return Ok(());
    }
    connection.saw(direction);
    if !header.is_related() {
        *chain = Chain { session: header.session, tree: header.tree, file: None };
    }
    let call = Call {
        smb: 2,
        direction,
        session: if header.session == u64::MAX { chain.session } else { header.session },
        tree: if header.tree == u32::MAX { chain.tree } else { header.tree },
        message: header.message,
        status: header.status,
    };
    let mut reader = Reader::new(SMB2, message.bytes);
    reader.skip("header", header::LEN)?;
    if header.is_signed() && header.proves_signing(message.bytes) {
        connection.signed(&call, out);
    }
    let command = Command { call, reader };
    match direction {
        Direction::ToServer => request(connection, chain, header.command, command, out),
        Direction::ToClient if header.status == STATUS_PENDING => Ok(()),
        Direction::ToClient => response(connection, chain, header.command, command, out),
    }
}

fn request(
    connection: &mut Connection,
    chain: &mut Chain,
    code: u16,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    match code {
        command::NEGOTIATE => negotiate::request(&command, out),
        command::SESSION_SETUP => session::request(connection, command, out),
        command::LOGOFF => {
            connection.logoff(&command.call, out);
            Ok(())
        }
        command::TREE_CONNECT => tree::request(connection, command, out),
        command::TREE_DISCONNECT => {
            connection.tree_gone(&command.call);
            Ok(())
        }
        command::CREATE => create::request(connection, chain, command, out),
        command::CLOSE => create::close(connection, chain, command, out),
        command::READ => io::read_request(connection, chain, command, out),
        command::WRITE => io::write_request(connection, chain, command, out),
        command::IOCTL => io::ioctl(connection, chain, command, out),
        command::QUERY_DIRECTORY => query::request(connection, command, out),
        command::SET_INFO => create::set_info(connection, chain, command, out),
        _ => Ok(()),
    }
}

fn response(
    connection: &mut Connection,
    chain: &mut Chain,
    code: u16,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    match code {
        command::NEGOTIATE => negotiate::response(&command, out),
        command::SESSION_SETUP => session::response(connection, command, out),
        command::TREE_CONNECT => tree::response(connection, command, out),
        command::CREATE => create::response(connection, command, out),
        command::READ => io::read_response(connection, command, out),
        command::IOCTL => io::ioctl(connection, chain, command, out),
        _ => Ok(()),
    }
}

/// Notes an encrypted message ([MS-SMB2] 2.2.41).
pub(super) fn transform(connection: &mut Connection, message: Message<'_>, out: &mut Events) {
    out.smb_is_encrypted();
    connection.saw(message.direction);
    let mut reader = Reader::new(SMB2, message.bytes);
    match reader.skip("transform header", TRANSFORM_SESSION).and_then(|()| reader.u64_le("session id")) {
        Ok(session) => {
            let call = Call { smb: 2, direction: message.direction, session, tree: 0, message: 0, status: 0 };
            connection.encrypted(&call, out);
        }
        Err(error) => message.fail(error, out),
    }
}
