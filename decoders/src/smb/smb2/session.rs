//! SMB2 SESSION_SETUP ([MS-SMB2] 2.2.5 and 2.2.6).

use crate::error::DecodeError;
use crate::events::Events;
use crate::smb::connection::Connection;
use crate::smb::smb2::{Command, STATUS_MORE_PROCESSING};
use crate::smb::{SessionSetupRequest, SessionSetupResponse, SmbEvent};

const SIGNING_REQUIRED: u8 = 2;

const FLAG_GUEST: u16 = 1;
const FLAG_NULL: u16 = 2;
const FLAG_ENCRYPT: u16 = 4;

/// Reads a request.
pub(super) fn request(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    reader.skip("structure size and flags", 3)?;
    let mode = reader.u8("security mode")?;
    reader.skip("capabilities and channel", 8)?;
    let offset = reader.u16_le("security buffer offset")?;
    let len = reader.u16_le("security buffer length")?;
    let token = reader.at("security buffer", offset.into(), len.into());
    let seen = connection.blob(call.direction).take(call.direction, token.as_ref().unwrap_or(&&[][..]), out);
    let request = SessionSetupRequest {
        smb: 2,
        session: call.session,
        mechanism: seen.mechanism,
        raw_ntlm: seen.raw_ntlm,
        signing_required: mode & SIGNING_REQUIRED != 0,
        ..SessionSetupRequest::default()
    };
    out.push(call.direction, SmbEvent::SessionSetupRequest(Box::new(request)));
    token.map(drop)
}

/// Reads a response. Only success and the call for more have a body of their own.
pub(super) fn response(
    connection: &mut Connection,
    command: Command<'_>,
    out: &mut Events,
) -> Result<(), DecodeError> {
    let Command { call, mut reader } = command;
    let mut flags = 0;
    let mut lacking = Ok(());
    if matches!(call.status, 0 | STATUS_MORE_PROCESSING) {
        reader.skip("structure size", 2)?;
        flags = reader.u16_le("session flags")?;
        let offset = reader.u16_le("security buffer offset")?;
        let len = reader.u16_le("security buffer length")?;
        match reader.at("security buffer", offset.into(), len.into()) {
            Ok(token) => drop(connection.blob(call.direction).take(call.direction, token, out)),
            Err(error) => lacking = Err(error),
        }
    }
    let response = SessionSetupResponse {
        smb: 2,
        session: call.session,
        status: call.status,
        dos: false,
        guest: flags & FLAG_GUEST != 0,
        anonymous: flags & FLAG_NULL != 0,
        encrypt: flags & FLAG_ENCRYPT != 0,
        native_os: None,
    };
    out.push(call.direction, SmbEvent::SessionSetupResponse(Box::new(response)));
    lacking
}
