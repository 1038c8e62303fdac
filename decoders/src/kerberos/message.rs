//! The messages of RFC 4120 section 5, as far as they are in the clear.

use capture::Direction;

use super::KerberosEvent;
use super::time::seconds;
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::limits::Limits;
use crate::ntlmssp::Carrier;
use crate::spnego::der::{BIT_STRING, Der, Element, OCTET_STRING, Trouble};
use crate::text::lossy;

/// PA-ENC-TIMESTAMP.
const PA_ENC_TIMESTAMP: i32 = 2;
/// Address type of a NetBIOS name (RFC 4120 7.5.3).
const ADDRESS_NETBIOS: i64 = 20;
/// ap-options: mutual-required is bit 2, counted from the most significant.
const MUTUAL_REQUIRED: u8 = 0x20;

/// A message read as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it says; names are not yet cut to the limit of a text.
    pub event: KerberosEvent,
    /// The first field that could not be read.
    pub trouble: Option<DecodeError>,
    /// The limit that ended a list.
    limit: Option<&'static str>,
    /// Bytes that may be shown: a service name, or an error up to its data.
    pub(super) excerpt: Box<[u8]>,
}

impl Message {
    /// Says the message. Where the capture cut it, missing bytes are no anomaly.
    pub(super) fn say(self, carrier: Option<Carrier>, cut: bool, direction: Direction, out: &mut Events) {
        let mut event = KerberosEvent { carrier, ..self.event };
        for text in [&mut event.realm, &mut event.crealm, &mut event.sname, &mut event.cname] {
            *text = out.text(text);
        }
        out.push_with(direction, event, &self.excerpt);
        if let Some(error) = self.trouble.filter(|error| !(cut && error.is_short())) {
            out.malformed(direction, error);
        }
        if let Some(limit) = self.limit {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "kerberos", limit });
        }
    }
}

/// Reads one message, without a record mark.
///
/// # Errors
/// An outer tag that none of the messages 10 to 15 and 30 has, a msg-type that contradicts it, or nothing readable
/// behind it. A message that is cut short later is given with its [`Message::trouble`].
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Message, DecodeError> {
    let trouble = Trouble::default();
    let mut parts = Parts { event: KerberosEvent::default(), limits, limit: None, excerpt: &[], bytes };
    let mut outer = Der::new("kerberos", bytes, limits, &trouble);
    let short = DecodeError::new("kerberos", "message", 0, ErrorKind::Short { need: 2, have: bytes.len() });
    let Some(message) = outer.next("message") else { return Err(trouble.get().unwrap_or(short)) };
    parts.event.msg_type = match message.tag {
        tag @ (0x6A..=0x6F | 0x7E) => tag & 0x1F,
        tag => {
            return Err(DecodeError::new("kerberos", "message tag", 0, ErrorKind::Value(tag.into())));
        }
    };
    let fields = outer.sequence(&message, "message");
    if fields.rest().is_empty() {
        return Err(trouble.get().unwrap_or(short));
    }
    match parts.event.msg_type {
        10 | 12 => parts.kdc_req(fields),
        11 | 13 => parts.kdc_rep(fields),
        14 => parts.ap_req(fields),
        15 => parts.ap_rep(fields),
        _ => parts.krb_error(fields),
    }?;
    let excerpt = parts.excerpt.into();
    Ok(Message { event: parts.event, trouble: trouble.get(), limit: parts.limit, excerpt })
}

/// A message while it is read.
struct Parts<'a, 'l> {
    event: KerberosEvent,
    limits: &'l Limits,
    limit: Option<&'static str>,
    excerpt: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Parts<'a, '_> {
    /// msg-type must say what the outer tag says.
    fn msg_type(&self, der: &Der<'a, '_>, field: &Element<'a>) -> Result<(), DecodeError> {
        match der.inner(field, "msg-type").and_then(|kind| kind.integer()) {
            Some(kind) if kind != i64::from(self.event.msg_type) => {
                let kind = ErrorKind::Value(kind.cast_unsigned());
                Err(DecodeError::new("kerberos", "msg-type", field.start, kind))
            }
            _ => Ok(()),
        }
    }

    fn kdc_req(&mut self, mut fields: Der<'a, '_>) -> Result<(), DecodeError> {
        while let Some(field) = fields.next("kdc-req field") {
            match field.tag {
                0xA2 => self.msg_type(&fields, &field)?,
                0xA3 => self.padata(fields.sequence(&field, "padata")),
                0xA4 => self.req_body(fields.sequence(&field, "req-body")),
                _ => {}
            }
        }
        Ok(())
    }

    fn padata(&mut self, mut list: Der<'a, '_>) {
        while let Some(item) = list.next("padata") {
            let mut fields = list.inside(&item);
            let mut kind = None;
            while let Some(field) = fields.next("padata field") {
                match field.tag {
                    0xA1 => {
                        kind = integer(&fields, &field, "padata-type");
                        if self.has_room(self.event.padata.len()) {
                            self.event.padata.extend(kind);
                        }
                    }
                    0xA2 if kind == Some(PA_ENC_TIMESTAMP) => {
                        let value = fields.inner(&field, "padata-value");
                        self.event.encrypted_etype =
                            value.filter(|value| value.tag == OCTET_STRING).and_then(|value| {
                                etype(fields.inside(&field).sequence(&value, "pa-enc-timestamp"))
                            });
                    }
                    _ => {}
                }
            }
        }
    }

    fn req_body(&mut self, mut fields: Der<'a, '_>) {
        while let Some(field) = fields.next("req-body field") {
            match field.tag {
                0xA1 => self.event.cname = self.principal(&fields, &field),
                0xA2 => self.event.realm = text(&fields, &field, "realm"),
                0xA3 => {
                    self.event.sname = self.principal(&fields, &field);
                    self.excerpt = field.content;
                }
                0xA8 => {
                    let mut list = fields.sequence(&field, "etype");
                    while let Some(item) = list.next("etype") {
                        if self.has_room(self.event.etypes.len()) {
                            self.event
                                .etypes
                                .extend(item.integer().and_then(|item| i32::try_from(item).ok()));
                        }
                    }
                }
                0xA9 => self.event.client_host = self.netbios_address(fields.sequence(&field, "addresses")),
                _ => {}
            }
        }
    }

    /// The first NetBIOS name among HostAddresses: 15 bytes padded with spaces, and a suffix.
    fn netbios_address(&mut self, mut list: Der<'a, '_>) -> Option<String> {
        let mut seen = 0;
        while let Some(item) = list.next("host address") {
            if !self.has_room(seen) {
                break;
            }
            seen += 1;
            let mut fields = list.inside(&item);
            let kind = fields.next("addr-type").and_then(|kind| fields.inner(&kind, "addr-type"));
            if kind.and_then(|kind| kind.integer()) != Some(ADDRESS_NETBIOS) {
                continue;
            }
            let address = fields.next("address").and_then(|address| fields.inner(&address, "address"))?;
            let name = address.content.get(..15).unwrap_or(address.content);
            let name = lossy(name);
            return Some(name.trim_end_matches([' ', '\0']).to_owned()).filter(|name| !name.is_empty());
        }
        None
    }

    fn kdc_rep(&mut self, mut fields: Der<'a, '_>) -> Result<(), DecodeError> {
        while let Some(field) = fields.next("kdc-rep field") {
            match field.tag {
                0xA1 => self.msg_type(&fields, &field)?,
                0xA3 => self.event.crealm = text(&fields, &field, "crealm"),
                0xA4 => self.event.cname = self.principal(&fields, &field),
                0xA5 => self.ticket(fields.inside(&field)),
                0xA6 => self.event.encrypted_etype = etype(fields.sequence(&field, "enc-part")),
                _ => {}
            }
        }
        Ok(())
    }

    fn ticket(&mut self, mut der: Der<'a, '_>) {
        let Some(ticket) = der.expect("ticket", 0x61) else { return };
        let mut fields = der.sequence(&ticket, "ticket");
        while let Some(field) = fields.next("ticket field") {
            match field.tag {
                0xA1 => self.event.realm = text(&fields, &field, "realm"),
                0xA2 => self.event.sname = self.principal(&fields, &field),
                0xA3 => self.event.ticket_etype = etype(fields.sequence(&field, "enc-part")),
                _ => {}
            }
        }
    }

    fn ap_req(&mut self, mut fields: Der<'a, '_>) -> Result<(), DecodeError> {
        while let Some(field) = fields.next("ap-req field") {
            match field.tag {
                0xA1 => self.msg_type(&fields, &field)?,
                0xA2 => {
                    // A bit string begins with the number of its unused bits.
                    let options = fields.inner(&field, "ap-options").filter(|bits| bits.tag == BIT_STRING);
                    let first = options.and_then(|bits| bits.content.get(1).copied());
                    self.event.mutual_required = first.is_some_and(|byte| byte & MUTUAL_REQUIRED != 0);
                }
                0xA3 => self.ticket(fields.inside(&field)),
                0xA4 => self.event.encrypted_etype = etype(fields.sequence(&field, "authenticator")),
                _ => {}
            }
        }
        Ok(())
    }

    fn ap_rep(&mut self, mut fields: Der<'a, '_>) -> Result<(), DecodeError> {
        while let Some(field) = fields.next("ap-rep field") {
            match field.tag {
                0xA1 => self.msg_type(&fields, &field)?,
                0xA2 => self.event.encrypted_etype = etype(fields.sequence(&field, "enc-part")),
                _ => {}
            }
        }
        Ok(())
    }

    fn krb_error(&mut self, mut fields: Der<'a, '_>) -> Result<(), DecodeError> {
        self.excerpt = self.bytes;
        while let Some(field) = fields.next("krb-error field") {
            match field.tag {
                0xA1 => self.msg_type(&fields, &field)?,
                0xA4 => {
                    self.event.server_time =
                        fields.inner(&field, "stime").and_then(|time| seconds(time.content));
                }
                0xA6 => self.event.error_code = integer(&fields, &field, "error-code"),
                0xA7 => self.event.crealm = text(&fields, &field, "crealm"),
                0xA8 => self.event.cname = self.principal(&fields, &field),
                0xA9 => self.event.realm = text(&fields, &field, "realm"),
                0xAA => self.event.sname = self.principal(&fields, &field),
                0xAC => self.excerpt = self.bytes.get(..field.start).unwrap_or_default(),
                _ => {}
            }
        }
        Ok(())
    }

    /// PrincipalName: its components joined by `/`.
    fn principal(&mut self, der: &Der<'a, '_>, field: &Element<'a>) -> String {
        let mut name = String::new();
        let mut fields = der.sequence(field, "principal name");
        while let Some(field) =
            fields.next("principal name field").filter(|field| matches!(field.tag, 0xA0 | 0xA1))
        {
            if field.tag == 0xA0 {
                continue;
            }
            let mut list = fields.sequence(&field, "name-string");
            let mut components = 0;
            while let Some(component) = list.next("name-string") {
                if !self.has_room(components) {
                    break;
                }
                if components > 0 {
                    name.push('/');
                }
                components += 1;
                name.push_str(&component.text());
            }
        }
        name
    }

    /// Whether a list with so many items takes one more.
    fn has_room(&mut self, items: usize) -> bool {
        if items >= self.limits.list_items {
            self.limit = Some("list_items");
        }
        items < self.limits.list_items
    }
}

fn integer<'a>(der: &Der<'a, '_>, field: &Element<'a>, name: &'static str) -> Option<i32> {
    der.inner(field, name)?.integer()?.try_into().ok()
}

fn text<'a>(der: &Der<'a, '_>, field: &Element<'a>, name: &'static str) -> String {
    der.inner(field, name).map(|text| text.text().into_owned()).unwrap_or_default()
}

/// etype of an EncryptedData, whose first field it is.
fn etype(mut fields: Der<'_, '_>) -> Option<i32> {
    let field = fields.next("etype").filter(|field| field.tag == 0xA0)?;
    integer(&fields, &field, "etype")
}
