//! SMB2 NEGOTIATE ([MS-SMB2] 2.2.3 and 2.2.4).

use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::{Reader, utf16_le};
use crate::smb::smb2::{Command, header};
use crate::smb::{NegotiateRequest, NegotiateResponse, SmbEvent, blob};
use crate::text::uuid;

const SIGNING_ENABLED: u16 = 1;
const SIGNING_REQUIRED: u16 = 2;
/// SMB2_GLOBAL_CAP_ENCRYPTION.
const CAP_ENCRYPTION: u32 = 0x40;
/// Dialect from which on there are negotiate contexts.
const REVISION_311: u16 = 0x0311;

const CONTEXT_ENCRYPTION: u16 = 2;
const CONTEXT_NET_NAME: u16 = 5;
const CONTEXT_SIGNING: u16 = 8;

/// What the negotiate contexts say ([MS-SMB2] 2.2.3.1).
#[derive(Default)]
struct Contexts {
    ciphers: Vec<u16>,
    signing_algorithms: Vec<u16>,
    net_name: Option<String>,
}

/// Reads a request.
pub(super) fn request(command: &Command<'_>, out: &mut Events) -> Result<(), DecodeError> {
    let mut reader = command.reader.clone();
    reader.skip("structure size", 2)?;
    let count = reader.u16_le("dialect count")?;
    let mode = reader.u16_le("security mode")?;
    reader.skip("capabilities", 6)?;
    let guid = reader.array("client guid")?;
    let offset = reader.u32_le("negotiate context offset")? as usize;
    let contexts_count = reader.u16_le("negotiate context count")?;
    reader.skip("reserved", 2)?;
    let mut dialects = Vec::new();
    for _ in 0..usize::from(count).min(out.limits.list_items) {
        dialects.push(reader.u16_le("dialects")?);
    }
    // Before 3.1.1 the fields of the contexts are a time.
    let contexts = if dialects.contains(&REVISION_311) {
        contexts(&reader, offset, contexts_count, out)
    } else {
        Ok(Contexts::default())
    };
    let (contexts, lacking) = split(contexts);
    let request = NegotiateRequest {
        smb: 2,
        dialects: dialects.into_iter().map(|dialect| format!("0x{dialect:04x}")).collect(),
        signing_enabled: mode & SIGNING_ENABLED != 0,
        signing_required: mode & SIGNING_REQUIRED != 0,
        net_name: contexts.net_name,
        client_guid: Some(guid_text(guid)),
        ciphers: contexts.ciphers,
        signing_algorithms: contexts.signing_algorithms,
    };
    let body = reader.whole().get(header::LEN..).unwrap_or_default();
    out.push_with(command.call.direction, SmbEvent::NegotiateRequest(Box::new(request)), body);
    lacking
}

/// Reads a response.
pub(super) fn response(command: &Command<'_>, out: &mut Events) -> Result<(), DecodeError> {
    if command.call.status != 0 {
        let refusal =
            NegotiateResponse { smb: 2, status: command.call.status, ..NegotiateResponse::default() };
        out.push(command.call.direction, SmbEvent::NegotiateResponse(Box::new(refusal)));
        return Ok(());
    }
    let mut reader = command.reader.clone();
    reader.skip("structure size", 2)?;
    let mode = reader.u16_le("security mode")?;
    let revision = reader.u16_le("dialect revision")?;
    let count = reader.u16_le("negotiate context count")?;
    let guid = reader.array("server guid")?;
    let capabilities = reader.u32_le("capabilities")?;
    reader.skip("sizes and times", 28)?;
    let blob_offset = reader.u16_le("security buffer offset")?;
    let blob_len = reader.u16_le("security buffer length")?;
    let offset = reader.u32_le("negotiate context offset")? as usize;
    let before_blob = reader.whole().get(header::LEN..reader.position()).unwrap_or_default();
    let contexts = if revision == REVISION_311 {
        contexts(&reader, offset, count, out)
    } else {
        Ok(Contexts::default())
    };
    let (contexts, lacking) = split(contexts);
    let token = reader.at("security buffer", blob_offset.into(), blob_len.into());
    let (token, no_token) = token.map_or_else(|error| (&[][..], Err(error)), |token| (token, Ok(())));
    let response = NegotiateResponse {
        smb: 2,
        dialect: Some(format!("0x{revision:04x}")),
        signing_enabled: mode & SIGNING_ENABLED != 0,
        signing_required: mode & SIGNING_REQUIRED != 0,
        encryption_capability: capabilities & CAP_ENCRYPTION != 0,
        ciphers: contexts.ciphers,
        signing_algorithms: contexts.signing_algorithms,
        server_guid: Some(guid_text(guid)),
        extended_security: false,
        auth_mechs: blob::mechanisms(command.call.direction, token, out),
        status: 0,
    };
    out.push_with(command.call.direction, SmbEvent::NegotiateResponse(Box::new(response)), before_blob);
    lacking.and(no_token)
}

/// What could be read, and why that is not all.
fn split(contexts: Result<Contexts, DecodeError>) -> (Contexts, Result<(), DecodeError>) {
    contexts.map_or_else(|error| (Contexts::default(), Err(error)), |contexts| (contexts, Ok(())))
}

/// Reads negotiate contexts; each begins at a multiple of 8 bytes from the header.
fn contexts(message: &Reader<'_>, offset: usize, count: u16, out: &Events) -> Result<Contexts, DecodeError> {
    let mut contexts = Contexts::default();
    let mut offset = offset;
    for _ in 0..usize::from(count).min(out.limits.list_items) {
        let mut head = Reader::new("smb2", message.at("negotiate context", offset, 8)?);
        let kind = head.u16_le("context type")?;
        let len = usize::from(head.u16_le("data length")?);
        let mut data = Reader::new("smb2", message.at("negotiate context data", offset + 8, len)?);
        match kind {
            CONTEXT_ENCRYPTION => contexts.ciphers = codes(&mut data, out)?,
            CONTEXT_SIGNING => contexts.signing_algorithms = codes(&mut data, out)?,
            CONTEXT_NET_NAME => contexts.net_name = Some(out.text(&utf16_le(data.rest()))),
            _ => {}
        }
        offset = (offset + 8 + len).next_multiple_of(8);
    }
    Ok(contexts)
}

/// A counted list of algorithms.
fn codes(data: &mut Reader<'_>, out: &Events) -> Result<Vec<u16>, DecodeError> {
    let count = usize::from(data.u16_le("algorithm count")?);
    (0..count.min(out.limits.list_items)).map(|_| data.u16_le("algorithm")).collect()
}

/// A GUID as text; its first three fields are little-endian on the wire.
fn guid_text(bytes: [u8; 16]) -> String {
    let [a0, a1, a2, a3, b0, b1, c0, c1, rest @ ..] = bytes;
    let (time_mid, time_high) = (u16::from_le_bytes([b0, b1]), u16::from_le_bytes([c0, c1]));
    uuid(u32::from_le_bytes([a0, a1, a2, a3]), time_mid, time_high, rest)
}
