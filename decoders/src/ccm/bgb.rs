//! Client notification where it falls back to HTTP: session, a binary header, an XML header with a signature in
//! base64, a message. The client's key is not sent along, so the signature's presence is all that can be said.

use super::event::{CcmMessage, Content, MsgHeader, Verdict};
use super::signature::{NO_HEADER, NO_KEY};
use super::xml::{self, Element, Visit};
use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;
use crate::text::lossy;

/// Bytes of a session identifier; structural: it is a GUID or a number.
const SESSION: u32 = 1 << 10;

/// Reads the body of a `RequestType=Continue`.
pub(super) fn read(body: &[u8], out: &Events) -> Result<CcmMessage, DecodeError> {
    let mut reader = Reader::new("ccm", body);
    reader.skip("keep-alive interval", 4)?;
    let session = reader.u32_le("session id length")?;
    let session = usize::try_from(session.min(SESSION)).unwrap_or(usize::MAX);
    reader.skip("session id", session)?;
    let payload_size = reader.u32_le("payload size")?;
    reader.skip("version", 4)?;
    let header_size = usize::try_from(reader.u32_le("header size")?).unwrap_or(usize::MAX);
    reader.skip("channel", 2)?;
    let header = reader.take("header", header_size)?;
    let left = reader.left();
    let payload = reader.take("payload", left)?;
    let mut fields = Fields::default();
    let header_read = xml::read(&lossy(header), out, &mut fields);
    let mut message = CcmMessage {
        header: Some(fields.header),
        payload_len: u64::from(payload_size).saturating_sub(header_size as u64),
        ..CcmMessage::default()
    };
    message.signature.verdict = match (fields.signed, &header_read) {
        (true, _) => Verdict::NotVerifiable(NO_KEY),
        (false, Ok(())) => Verdict::Absent,
        (false, Err(_)) => Verdict::NotVerifiable(NO_HEADER),
    };
    let (content, error) = super::content::read(&lossy(payload), out);
    message.content = if error.is_some() { Content::Unread } else { content };
    Ok(message)
}

#[derive(Default)]
struct Fields {
    header: MsgHeader,
    signed: bool,
}

impl Visit for Fields {
    fn close(&mut self, element: &Element<'_>) {
        if element.is("SourceID") {
            self.header.source_id = element.text();
        } else if element.is_in("Hooks") && element.has_room(self.header.hooks.len()) {
            self.header.hooks.push(element.attribute("Name").unwrap_or_default());
        } else if element.is("Property")
            && element.raw_attribute("Name").is_some_and(|name| name.eq_ignore_ascii_case("PayloadSignature"))
        {
            self.signed |= element.value().is_some_and(|value| !value.trim().is_empty());
        }
    }
}
