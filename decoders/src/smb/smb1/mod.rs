//! SMB1 messages ([MS-CIFS], [MS-SMB]): the chain of AndX commands in one message, and which is read where.

mod header;
mod io;
mod negotiate;
mod open;
mod session;
#[cfg(test)]
pub(super) mod tests;
mod transaction;
mod tree;

use capture::Direction;

use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::smb::Message;
use crate::smb::connection::{Call, Connection};

use header::{Block, Header, command, is_andx};

/// The protocol's name in errors.
const SMB1: &str = "smb";

/// One command, ready to be read.
struct Command<'a> {
    call: Call,
    header: &'a Header,
    block: Block<'a>,
}

/// The PID and MID of a message: by them an answer finds its request.
const fn message_key(header: &Header) -> u64 {
    (header.process as u64) << 16 | header.message as u64
}

/// Whether all of a message is of interest, by its first bytes.
pub(super) fn wants_all(connection: &Connection, direction: Direction, head: &[u8]) -> bool {
    let Ok(header) = Header::read(head) else { return true };
    match (direction, header.command) {
        (Direction::ToServer, command::WRITE_ANDX) => io::wants_write(connection, head),
        (Direction::ToServer, _) => true,
        (Direction::ToClient, command::READ_ANDX | command::TRANSACTION) => {
            connection.awaits_read(message_key(&header))
        }
        (Direction::ToClient, code) => matches!(
            code,
            command::NEGOTIATE
                | command::SESSION_SETUP_ANDX
                | command::TREE_CONNECT
                | command::TREE_CONNECT_ANDX
                | command::OPEN_ANDX
                | command::NT_CREATE_ANDX
        ),
    }
}

/// Reads the commands of one message.
pub(super) fn read(connection: &mut Connection, message: Message<'_>, out: &mut Events) {
    let header = match Header::read(message.bytes) {
        Ok(header) => header,
        Err(error) => return message.fail(error, out),
    };
    let direction = message.direction;
    if header.is_response() != (direction == Direction::ToClient) {
        return Connection::unexpected(1, direction, "message against its direction", out);
    }
    connection.saw(direction);
    let call = Call {
        smb: 1,
        direction,
        session: header.user.into(),
        tree: header.tree.into(),
        message: message_key(&header),
        status: header.status,
    };
    if header.is_signed() {
        connection.signed(&call, out);
    }
    if let Err(error) = chain(connection, call, &header, message.bytes, out) {
        message.fail(error, out);
    }
}

/// Reads the commands of a chain; each gives the offset of the next, which must lie behind it.
fn chain(
    connection: &mut Connection,
    call: Call,
    header: &Header,
    message: &[u8],
    out: &mut Events,
) -> Result<(), DecodeError> {
    let (mut code, mut offset) = (header.command, header::LEN);
    for _ in 0..connection.limits.smb_compound {
        let block = Block::read(message, offset)?;
        let mut words = block.words.clone();
        let next = if is_andx(code) && block.word_count >= 2 {
            let next = words.u8("andx command")?;
            words.skip("andx reserved", 1)?;
            Some((next, usize::from(words.u16_le("andx offset")?)))
        } else {
            None
        };
        command(connection, code, Command { call, header, block }, out)?;
        match next {
            None | Some((command::NONE, _)) => return Ok(()),
            Some((_, 0)) if call.direction == Direction::ToClient => return Ok(()),
            Some((_, after)) if after <= offset => {
                return Err(DecodeError::new(
                    SMB1,
                    "andx offset",
                    offset + 3,
                    ErrorKind::Value(after as u64),
                ));
            }
            Some((next, after)) => (code, offset) = (next, after),
        }
    }
    connection.limit(call.direction, "smb_compound", out);
    Ok(())
}

/// Reads one command.
fn command(
    connection: &mut Connection,
    code: u8,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let to_server = command.call.direction == Direction::ToServer;
    match (code, to_server) {
        (command::NEGOTIATE, true) => negotiate::request(connection, command, out),
        (command::NEGOTIATE, false) => negotiate::response(connection, command, out),
        (command::SESSION_SETUP_ANDX, true) => session::request(connection, command, out),
        (command::SESSION_SETUP_ANDX, false) => session::response(connection, command, out),
        (command::LOGOFF_ANDX, true) => {
            connection.logoff(&command.call, out);
            Ok(())
        }
        (command::TREE_CONNECT_ANDX, true) => tree::request(connection, command, out),
        (command::TREE_CONNECT, true) => tree::old_request(connection, command, out),
        (command::TREE_CONNECT_ANDX | command::TREE_CONNECT, false) => {
            tree::response(connection, code, command, out);
            Ok(())
        }
        (command::TREE_DISCONNECT, true) => {
            connection.tree_gone(&command.call);
            Ok(())
        }
        (command::NT_CREATE_ANDX, true) => open::create_request(connection, command, out),
        (command::OPEN_ANDX, true) => open::open_request(connection, command, out),
        (command::NT_CREATE_ANDX | command::OPEN_ANDX, false) => {
            open::response(connection, code, command, out)
        }
        (command::CLOSE, true) => open::close(connection, command, out),
        (command::DELETE, true) => open::delete(connection, command, out),
        (command::READ_ANDX, true) => io::read_request(connection, command, out),
        (command::READ_ANDX, false) => io::read_response(connection, command, out),
        (command::WRITE_ANDX, true) => io::write_andx(connection, command, out),
        (command::WRITE, true) => io::write(connection, command, out),
        (command::TRANSACTION, true) => transaction::pipe_request(connection, command, out),
        (command::TRANSACTION, false) => transaction::pipe_response(connection, command, out),
        (command::TRANSACTION2, true) => transaction::request2(connection, command, out),
        _ => Ok(()),
    }
}
