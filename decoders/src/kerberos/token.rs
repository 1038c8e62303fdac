//! Kerberos messages in authentication tokens: in a GSS frame with a token id (RFC 4121 4.1), or bare, as DCE style
//! mechanisms send them.

use capture::Direction;

use super::message::{Message, parse};
use crate::error::DecodeError;
use crate::events::Events;
use crate::ntlmssp::Carrier;
use crate::spnego::MechToken;
use crate::spnego::der::{Der, OID, Trouble};

/// OIDs of the mechanism, as DER content: as registered, as Windows 2000 truncated it, user-to-user, and IAKERB, which
/// goes on as Kerberos once it has its ticket.
const MECHANISMS: [&[u8]; 4] = [
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02],
    &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02],
    &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02, 0x03],
    &[0x2B, 0x06, 0x01, 0x05, 0x02, 0x05],
];

/// Whether an OID, as DER content, means Kerberos.
pub(crate) fn is_mechanism(oid: &[u8]) -> bool {
    MECHANISMS.contains(&oid)
}

/// A token read as far as it goes.
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: MechToken,
    message: Option<Box<Message>>,
    trouble: Option<DecodeError>,
}

impl Token {
    /// Says the message, if there was one, and what is wrong with it. The flow's service is what carries the token:
    /// Kerberos itself is spoken to a key distribution centre.
    pub(crate) fn say(self, direction: Direction, carrier: Carrier, out: &mut Events) {
        if let Some(message) = self.message {
            message.say(Some(carrier), false, direction, out);
        }
        if let Some(error) = self.trouble {
            out.malformed(direction, error);
        }
    }
}

/// Reads a token, if it is one of Kerberos.
pub(crate) fn token(bytes: &[u8], out: &Events) -> Option<Token> {
    let (&tag, _) = bytes.split_first()?;
    match tag {
        0x60 => framed(bytes, out),
        0x6E | 0x6F | 0x7E => Some(bare(bytes, out)),
        _ => None,
    }
}

/// The mechanism's OID, two bytes of token id, the message.
fn framed(bytes: &[u8], out: &Events) -> Option<Token> {
    let trouble = Trouble::default();
    let mut frame = Der::new("kerberos", bytes, &out.limits, &trouble);
    let element = frame.next("initial context token")?;
    let mut inside = frame.inside(&element);
    let mechanism = inside.expect("mechanism", OID)?;
    if !is_mechanism(mechanism.content) {
        return None;
    }
    let Some((id, message)) = inside.rest().split_first_chunk::<2>() else {
        return Some(Token { kind: MechToken::Other, message: None, trouble: trouble.get() });
    };
    match id {
        [1..=3, 0] => {
            let token = bare(message, out);
            Some(Token { trouble: token.trouble.or(trouble.get()), ..token })
        }
        // The user-to-user messages are of their own kind, and say no more than that no ticket could be had.
        [4, 0 | 1] => {
            Some(Token { kind: MechToken::KerberosUserToUser, message: None, trouble: trouble.get() })
        }
        _ => Some(Token { kind: MechToken::Other, message: None, trouble: trouble.get() }),
    }
}

fn bare(bytes: &[u8], out: &Events) -> Token {
    match parse(bytes, &out.limits) {
        Ok(message) => Token { kind: kind(&message), message: Some(Box::new(message)), trouble: None },
        Err(error) => Token { kind: MechToken::Other, message: None, trouble: Some(error) },
    }
}

fn kind(message: &Message) -> MechToken {
    match message.event.msg_type {
        14 => MechToken::KerberosApReq,
        15 => MechToken::KerberosApRep,
        30 => MechToken::KerberosError(message.event.error_code.unwrap_or_default()),
        _ => MechToken::Other,
    }
}
