//! Authentication blobs: SPNEGO tokens (RFC 4178, [MS-SPNG]) and what stands in their place.
//!
//! Whatever carries authentication (SMB, HTTP, DCE/RPC, LDAP) hands its blob to [`observe`](crate::spnego::observe), which tells SPNEGO, raw
//! NTLMSSP and Kerberos apart by their first bytes. It keeps no state between blobs and verifies nothing.

pub(crate) mod der;
mod event;
#[cfg(test)]
pub(crate) mod tests;

use capture::Direction;

pub use event::*;

use crate::events::Events;
use crate::kerberos;
use crate::ntlmssp::{self, Carrier};
use der::{Der, Element, OCTET_STRING, OID, Trouble};

/// Object identifiers as DER content.
mod oid {
    /// SPNEGO, 1.3.6.1.5.5.2.
    pub(super) const SPNEGO: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x02];
    /// NTLMSSP, 1.3.6.1.4.1.311.2.2.10.
    pub(super) const NTLMSSP: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A];
}

/// What a blob turned out to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The mechanism whose token was in it: `ntlmssp` or `kerberos`.
    pub mechanism: Option<&'static str>,
    /// Whether an NTLMSSP message came without SPNEGO around it.
    pub raw_ntlm: bool,
}

/// Reads an authentication blob: SPNEGO, raw NTLMSSP, raw or GSS-framed Kerberos.
///
/// Says [`SpnegoToken`], [`ntlmssp::NtlmMessage`] and [`kerberos::KerberosEvent`], and notes the services. A blob that
/// is cut short says what was readable, and an anomaly. A blob of another kind says nothing.
pub fn observe(blob: &[u8], direction: Direction, carrier: Carrier, out: &mut Events) -> Seen {
    let tag = blob.first().copied().unwrap_or_default();
    match tag {
        b'N' if blob.starts_with(ntlmssp::SIGNATURE) => {
            let read = ntlmssp::observe(blob, direction, carrier, out).is_some();
            Seen { mechanism: read.then_some("ntlmssp"), raw_ntlm: read }
        }
        0x60 => initial_context(blob, direction, carrier, out),
        0xA0 | 0xA1 => negotiation(blob, 0, direction, carrier, out),
        _ => Inner::of(blob, out).say(direction, carrier, out),
    }
}

/// A GSS InitialContextToken (RFC 2743 3.1): APPLICATION 0 with the mechanism's OID and its token.
fn initial_context(blob: &[u8], direction: Direction, carrier: Carrier, out: &mut Events) -> Seen {
    let trouble = Trouble::default();
    let mut token = Der::new("spnego", blob, &out.limits, &trouble);
    let inside = token.next("initial context token").map(|element| token.inside(&element));
    let mechanism = inside.and_then(|mut inside| Some((inside.expect("mechanism", OID)?, inside.rest())));
    match mechanism {
        Some((mechanism, rest)) if mechanism.content == oid::SPNEGO => {
            let start = blob.len().saturating_sub(token.rest().len() + rest.len());
            negotiation(blob, start, direction, carrier, out)
        }
        Some((mechanism, rest)) if mechanism.content == oid::NTLMSSP => {
            let read = ntlmssp::observe(rest, direction, carrier, out).is_some();
            Seen { mechanism: read.then_some("ntlmssp"), raw_ntlm: read }
        }
        Some((mechanism, _)) if kerberos::is_mechanism(mechanism.content) => {
            Inner::of(blob, out).say(direction, carrier, out)
        }
        _ => {
            if let Some(error) = trouble.get() {
                out.malformed(direction, error);
            }
            Seen::default()
        }
    }
}

/// A NegotiationToken (RFC 4178 4.2) that begins at `start` of the blob.
fn negotiation(blob: &[u8], start: usize, direction: Direction, carrier: Carrier, out: &mut Events) -> Seen {
    out.service("spnego");
    let trouble = Trouble::default();
    let bytes = blob.get(start..).unwrap_or_default();
    let mut token = Der::new("spnego", bytes, &out.limits, &trouble);
    let Some(choice) = token.next("negotiation token") else {
        return broken(direction, &trouble, out);
    };
    let read = match choice.tag {
        0xA0 => init(token, &choice, carrier, out),
        0xA1 => response(token, &choice, carrier, out),
        _ => return broken(direction, &trouble, out),
    };
    let limits = (read.left_out > 0).then_some("list_items");
    // What stands before the mechanism's token is lists and states: nothing secret.
    let excerpt = blob.get(..start.saturating_add(read.excerpt)).unwrap_or(blob);
    out.push_with(direction, read.token, excerpt);
    if let Some(error) = trouble.get() {
        out.malformed(direction, error);
    }
    if let Some(limit) = limits {
        out.anomaly(direction, crate::Anomaly::LimitReached { protocol: "spnego", limit });
    }
    let seen = read.inner.say(direction, carrier, out);
    Seen { raw_ntlm: false, ..seen }
}

fn broken(direction: Direction, trouble: &Trouble, out: &mut Events) -> Seen {
    if let Some(error) = trouble.get() {
        out.malformed(direction, error);
    }
    Seen::default()
}

/// A negotiation token read as far as it goes.
struct Read<'a> {
    token: SpnegoToken,
    inner: Inner<'a>,
    /// Bytes before the mechanism's token.
    excerpt: usize,
    /// Mechanisms beyond the limit.
    left_out: usize,
}

/// NegTokenInit, or NegTokenInit2 with its hints in field 3 ([MS-SPNG] 2.2.1).
fn init<'a>(der: Der<'a, '_>, choice: &Element<'a>, carrier: Carrier, out: &Events) -> Read<'a> {
    let mut init = NegTokenInit { carrier, ..NegTokenInit::default() };
    let (mut inner, mut excerpt, mut left_out) = (Inner::Nothing, usize::MAX, 0);
    let mut fields = der.sequence(choice, "neg token init");
    while let Some(field) = fields.next("neg token init field") {
        match field.tag {
            0xA0 => {
                let mut list = fields.sequence(&field, "mech types");
                while let Some(mechanism) = list.next("mech type") {
                    if init.mechanisms.len() >= out.limits.list_items {
                        left_out += 1;
                    } else {
                        init.mechanisms.extend(mechanism.oid());
                    }
                }
            }
            0xA2 => {
                excerpt = excerpt.min(field.start);
                inner = mech_token(&fields, &field, out);
            }
            0xA3 => {
                excerpt = excerpt.min(field.start);
                init.hint = hint(&fields, &field, out).or(init.hint);
            }
            _ => {}
        }
    }
    init.token = inner.kind();
    Read { token: SpnegoToken::Init(Box::new(init)), inner, excerpt, left_out }
}

/// hintName of the negHints; a mechListMIC in the same place is an octet string.
fn hint<'a>(der: &Der<'a, '_>, field: &Element<'a>, out: &Events) -> Option<String> {
    let hints = der.inner(field, "neg hints").filter(|hints| hints.tag == der::SEQUENCE)?;
    let inside = der.inside(field).inside(&hints);
    let mut fields = inside;
    let name = fields.next("hint name").filter(|name| name.tag == 0xA0)?;
    inside.inner(&name, "hint name").map(|name| out.text(&name.text()))
}

/// NegTokenResp.
fn response<'a>(der: Der<'a, '_>, choice: &Element<'a>, carrier: Carrier, out: &Events) -> Read<'a> {
    let mut response = NegTokenResp { carrier, ..NegTokenResp::default() };
    let (mut inner, mut excerpt) = (Inner::Nothing, usize::MAX);
    let mut fields = der.sequence(choice, "neg token resp");
    while let Some(field) = fields.next("neg token resp field") {
        match field.tag {
            0xA0 => {
                let state = fields.inner(&field, "neg state").and_then(|state| state.integer());
                response.state = state.and_then(|state| u8::try_from(state).ok());
            }
            0xA1 => response.supported = fields.inner(&field, "supported mech").and_then(|mech| mech.oid()),
            0xA2 => {
                excerpt = excerpt.min(field.start);
                inner = mech_token(&fields, &field, out);
            }
            0xA3 => excerpt = excerpt.min(field.start),
            _ => {}
        }
    }
    response.token = inner.kind();
    Read { token: SpnegoToken::Response(Box::new(response)), inner, excerpt, left_out: 0 }
}

fn mech_token<'a>(der: &Der<'a, '_>, field: &Element<'a>, out: &Events) -> Inner<'a> {
    match der.inner(field, "mech token") {
        Some(token) if token.tag == OCTET_STRING => Inner::of(token.content, out),
        _ => Inner::Nothing,
    }
}

/// A mechanism's token.
enum Inner<'a> {
    Nothing,
    Ntlmssp(&'a [u8]),
    Kerberos(kerberos::Token),
    Other,
}

impl<'a> Inner<'a> {
    fn of(token: &'a [u8], out: &Events) -> Self {
        if token.is_empty() {
            return Self::Nothing;
        }
        if token.starts_with(ntlmssp::SIGNATURE) {
            return Self::Ntlmssp(token);
        }
        kerberos::token(token, out).map_or(Self::Other, Self::Kerberos)
    }

    fn kind(&self) -> MechToken {
        match self {
            Self::Nothing => MechToken::None,
            Self::Ntlmssp(message) => {
                let kind = message.get(8..12).and_then(|kind| kind.try_into().ok());
                kind.map_or(MechToken::Other, |kind| MechToken::Ntlmssp(u32::from_le_bytes(kind)))
            }
            Self::Kerberos(token) => token.kind,
            Self::Other => MechToken::Other,
        }
    }

    /// Says what is in the token.
    fn say(self, direction: Direction, carrier: Carrier, out: &mut Events) -> Seen {
        let mechanism = match self {
            Self::Nothing | Self::Other => None,
            Self::Ntlmssp(message) => ntlmssp::observe(message, direction, carrier, out).map(|_| "ntlmssp"),
            Self::Kerberos(token) => {
                token.say(direction, carrier, out);
                Some("kerberos")
            }
        };
        Seen { mechanism, raw_ntlm: false }
    }
}
