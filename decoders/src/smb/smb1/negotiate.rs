//! SMB_COM_NEGOTIATE ([MS-CIFS] 2.2.4.52, [MS-SMB] 2.2.4.5).

use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::smb::connection::Connection;
use crate::smb::smb1::Command;
use crate::smb::smb1::header::one_byte;
use crate::smb::{NegotiateRequest, NegotiateResponse, SmbEvent, blob};

/// Marks a dialect string.
const DIALECT: u8 = 2;

const SIGNATURES_ENABLED: u8 = 4;
const SIGNATURES_REQUIRED: u8 = 8;
/// CAP_EXTENDED_SECURITY.
const CAP_EXTENDED_SECURITY: u32 = 0x8000_0000;
/// WordCount of the response to `NT LM 0.12`.
const NT_WORDS: u8 = 17;

/// Reads a request.
pub(super) fn request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let mut dialects = Vec::new();
    let mut wrong = Ok(());
    let bytes = block.data.clone().rest();
    while !block.data.is_empty() && dialects.len() < out.limits.list_items {
        let format = block.data.u8("buffer format")?;
        if format != DIALECT {
            wrong = Err(block.data.error("buffer format", ErrorKind::Value(format.into())));
            break;
        }
        dialects.push(out.text(&one_byte(&mut block.data)));
    }
    connection.dialects.clone_from(&dialects);
    let request = NegotiateRequest { smb: 1, dialects, ..NegotiateRequest::default() };
    out.push_with(call.direction, SmbEvent::NegotiateRequest(Box::new(request)), bytes);
    wrong
}

/// Reads a response.
pub(super) fn response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut block, .. } = command;
    let words = block.words.whole();
    let index = block.words.u16_le("dialect index");
    let dialect = index.as_ref().ok().and_then(|&index| connection.dialects.get(usize::from(index)).cloned());
    let mut response =
        NegotiateResponse { smb: 1, dialect, status: call.status, ..NegotiateResponse::default() };
    if block.word_count == NT_WORDS {
        let mode = block.words.u8("security mode")?;
        response.signing_enabled = mode & SIGNATURES_ENABLED != 0;
        response.signing_required = mode & SIGNATURES_REQUIRED != 0;
        block.words.skip("sizes and session key", 16)?;
        response.extended_security = block.words.u32_le("capabilities")? & CAP_EXTENDED_SECURITY != 0;
    }
    if response.extended_security && block.data.skip("server guid", 16).is_ok() {
        response.auth_mechs = blob::mechanisms(call.direction, block.data.rest(), out);
    }
    out.push_with(call.direction, SmbEvent::NegotiateResponse(Box::new(response)), words);
    if block.word_count == 0 { Ok(()) } else { index.map(drop) }
}
