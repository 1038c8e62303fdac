//! SMB_COM_SESSION_SETUP_ANDX ([MS-CIFS] 2.2.4.53, [MS-SMB] 2.2.4.6).

use crate::error::DecodeError;
use crate::events::Events;
use crate::ntlmssp;
use crate::smb::connection::Connection;
use crate::smb::smb1::Command;
use crate::smb::smb1::header::text;
use crate::smb::{SessionSetupRequest, SessionSetupResponse, SmbEvent};

/// WordCount of a request with extended security, and of its response.
const EXTENDED_WORDS: u8 = 12;
const EXTENDED_RESPONSE_WORDS: u8 = 4;
/// WordCount of a request of LAN Manager, with one response.
const LANMAN_WORDS: u8 = 10;

/// SMB_SETUP_GUEST.
const SETUP_GUEST: u16 = 1;

/// Reads a request.
pub(super) fn request(
    connection: &mut Connection,
    mut command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let call = command.call;
    command.block.words.skip("andx, sizes and session key", 14)?;
    let request = match command.block.word_count {
        EXTENDED_WORDS => extended(connection, &mut command, out)?,
        words => raw(&mut command, words, out)?,
    };
    let request = SessionSetupRequest { smb: 1, session: call.session, ..request };
    out.push(call.direction, SmbEvent::SessionSetupRequest(Box::new(request)));
    Ok(())
}

/// With a security blob.
fn extended(
    connection: &mut Connection,
    command: &mut Command<'_>,
    out: &mut Events,
) -> Result<SessionSetupRequest, DecodeError> {
    let unicode = command.header.is_unicode();
    let block = &mut command.block;
    let len = block.words.u16_le("security blob length")?;
    let token = block.data.take("security blob", len.into())?;
    let direction = command.call.direction;
    let seen = connection.blob(direction).take(direction, token, out);
    let native_os = out.text(&text(&mut block.data, unicode));
    Ok(SessionSetupRequest {
        mechanism: seen.mechanism,
        raw_ntlm: seen.raw_ntlm,
        native_os: Some(native_os).filter(|name| !name.is_empty()),
        ..SessionSetupRequest::default()
    })
}

/// With the responses themselves: of them, only lengths and what they are go further.
fn raw(command: &mut Command<'_>, words: u8, out: &Events) -> Result<SessionSetupRequest, DecodeError> {
    let unicode = command.header.is_unicode();
    let block = &mut command.block;
    let lm_len = block.words.u16_le("lm response length")?;
    let nt_len = if words == LANMAN_WORDS { 0 } else { block.words.u16_le("nt response length")? };
    let lm = block.data.take("lm response", lm_len.into())?;
    let nt = block.data.take("nt response", nt_len.into())?;
    let account = out.text(&text(&mut block.data, unicode));
    let domain = out.text(&text(&mut block.data, unicode));
    let native_os = out.text(&text(&mut block.data, unicode));
    let response = ntlmssp::classify(account.is_empty(), false, lm, nt);
    let lengths = words != LANMAN_WORDS;
    Ok(SessionSetupRequest {
        native_os: Some(native_os).filter(|name| !name.is_empty()),
        account: Some(account),
        domain: Some(domain),
        lm_response_len: lengths.then_some(lm_len.into()),
        nt_response_len: lengths.then_some(nt_len.into()),
        raw_response: Some(response),
        ..SessionSetupRequest::default()
    })
}

/// Reads a response. Failures have no words.
pub(super) fn response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, header, mut block } = command;
    let (mut action, mut native_os) = (0, String::new());
    let mut lacking = Ok(());
    if block.word_count >= 3 {
        block.words.skip("andx", 4)?;
        action = block.words.u16_le("action")?;
        if block.word_count == EXTENDED_RESPONSE_WORDS {
            let len = block.words.u16_le("security blob length")?;
            match block.data.take("security blob", len.into()) {
                Ok(token) => drop(connection.blob(call.direction).take(call.direction, token, out)),
                Err(error) => lacking = Err(error),
            }
        }
        if lacking.is_ok() {
            native_os = out.text(&text(&mut block.data, header.is_unicode()));
        }
    }
    let response = SessionSetupResponse {
        smb: 1,
        session: call.session,
        status: call.status,
        dos: header.has_dos_errors(),
        guest: action & SETUP_GUEST != 0,
        native_os: Some(native_os).filter(|name| !name.is_empty()),
        ..SessionSetupResponse::default()
    };
    out.push(call.direction, SmbEvent::SessionSetupResponse(Box::new(response)));
    lacking
}
