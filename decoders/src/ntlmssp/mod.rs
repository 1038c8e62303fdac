//! NTLMSSP messages ([MS-NLMP] 2.2.1), as SMB, HTTP, DCE/RPC and LDAP carry them.
//!
//! Reads one message at a time and keeps no state: it does not check responses, message integrity codes or
//! signatures, and it never lets a response out.

mod event;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

use capture::Direction;
use sha2::{Digest, Sha256};

pub use event::*;
pub use wire::{AuthenticateMessage, AvPairs, ChallengeMessage, Message, NegotiateMessage, parse};

use crate::events::Events;
use crate::text::lossy;
use crate::utf16_le;

/// First bytes of every message.
pub const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";
/// NTLMSSP_NEGOTIATE_UNICODE.
pub const UNICODE: u32 = 0x0000_0001;
/// NTLM_NEGOTIATE_OEM.
pub const OEM: u32 = 0x0000_0002;
/// NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY.
pub const EXTENDED_SESSION_SECURITY: u32 = 0x0008_0000;

/// MsvAvFlags: a message integrity code is there.
const AV_FLAG_MIC: u32 = 2;

/// Reads a message, says what it says, and notes the service. Gives its type where one was read.
pub fn observe(bytes: &[u8], direction: Direction, carrier: Carrier, out: &mut Events) -> Option<u32> {
    let message = match parse(bytes) {
        Ok(message) => message,
        Err(error) => {
            out.malformed(direction, error);
            return None;
        }
    };
    out.service("ntlmssp");
    let event = match &message {
        Message::Negotiate(message) => negotiate(message, carrier, out),
        Message::Challenge(message) => challenge(message, carrier, out),
        Message::Authenticate(message) => authenticate(message, carrier, out),
    };
    out.push_with(direction, event, message.header());
    if let Some(error) = message.trouble() {
        out.malformed(direction, error);
    }
    Some(message.kind())
}

/// What the responses of an AUTHENTICATE_MESSAGE amount to, by their lengths and, where those do not tell, by their
/// content ([MS-NLMP] 3.3.1, 3.3.2). `ess` is the extended session security flag: alone it means nothing. Where no
/// flags came it is to be set: the content then tells.
#[must_use]
pub fn classify(user_empty: bool, ess: bool, lm: &[u8], nt: &[u8]) -> Response {
    let lm_zero = lm.iter().all(|byte| *byte == 0);
    // With extended session security the LM field carries 8 bytes of client challenge and 16 of zero.
    let client_challenge = !lm_zero && lm.get(8..).is_some_and(|tail| tail.iter().all(|byte| *byte == 0));
    match (lm.len(), nt.len()) {
        (0 | 1, 0) if user_empty => Response::Anonymous,
        (24, 0) => Response::Lm,
        (0, 0) => Response::None,
        (24, 24) if ess && client_challenge => Response::NtlmV1Ess,
        (24, 24) if lm == nt || lm_zero => Response::NtlmV1,
        (24, 24) => Response::LmAndNtlmV1,
        (0, 24) => Response::NtlmV1,
        (_, 25..) if nt.get(16..18) == Some(&[1, 1]) => Response::NtlmV2,
        _ => Response::Malformed,
    }
}

fn negotiate(message: &NegotiateMessage<'_>, carrier: Carrier, out: &Events) -> NtlmMessage {
    NtlmMessage::Negotiate(Box::new(Negotiate {
        carrier,
        flags: message.flags,
        domain: text(message.domain, OEM, out),
        workstation: text(message.workstation, OEM, out),
    }))
}

fn challenge(message: &ChallengeMessage<'_>, carrier: Carrier, out: &Events) -> NtlmMessage {
    let mut event = Challenge {
        carrier,
        flags: message.flags,
        target: text(message.target, message.flags, out),
        server_challenge: message.server_challenge,
        ..Challenge::default()
    };
    for (id, value) in message.target_info.pairs(out.limits.list_items) {
        let name = match id {
            1 => &mut event.nb_computer,
            2 => &mut event.nb_domain,
            3 => &mut event.dns_computer,
            4 => &mut event.dns_domain,
            _ => continue,
        };
        *name = unicode(value, out);
    }
    NtlmMessage::Challenge(Box::new(event))
}

fn authenticate(message: &AuthenticateMessage<'_>, carrier: Carrier, out: &Events) -> NtlmMessage {
    // The old form has no flags.
    let ess = message.flags == 0 || message.flags & EXTENDED_SESSION_SECURITY != 0;
    let mut event = Authenticate {
        carrier,
        flags: message.flags,
        domain: text(message.domain, message.flags, out),
        user: text(message.user, message.flags, out),
        workstation: text(message.workstation, message.flags, out),
        lm_response_len: u64::from(message.lm_response_len),
        nt_response_len: u64::from(message.nt_response_len),
        response: classify(message.user.is_empty(), ess, message.lm_response, message.nt_response),
        response_mark: mark(message.nt_response),
        ..Authenticate::default()
    };
    if event.response == Response::NtlmV2 {
        for (id, value) in message.client_info().pairs(out.limits.list_items) {
            av_pair(id, value, &mut event, out);
        }
    }
    event.mic = event.av_flags.is_some_and(|flags| flags & AV_FLAG_MIC != 0) && message.mic_fits;
    NtlmMessage::Authenticate(Box::new(event))
}

/// AV pairs that the client added to those of the challenge ([MS-NLMP] 2.2.2.1, 2.2.2.2).
fn av_pair(id: u16, value: &[u8], event: &mut Authenticate, out: &Events) {
    match id {
        6 => event.av_flags = value.try_into().ok().map(u32::from_le_bytes),
        8 => event.machine_id = value.get(16..48).and_then(|id| id.try_into().ok()),
        9 if !value.is_empty() => event.target_name = Some(unicode(value, out)),
        10 => event.channel_bindings = value.iter().any(|byte| *byte != 0),
        _ => {}
    }
}

/// SHA-256 of an NT response, first 8 bytes.
fn mark(nt_response: &[u8]) -> Option<[u8; 8]> {
    if nt_response.len() < 24 {
        return None;
    }
    Sha256::digest(nt_response).get(..8)?.try_into().ok()
}

/// A name in the charset that the flags tell. The OEM code page is not on the wire: what is not ASCII or UTF-8 in it
/// becomes U+FFFD. Old clients send no flags; then zero bytes give UTF-16 away.
fn text(bytes: &[u8], flags: u32, out: &Events) -> String {
    let wide = match flags & (UNICODE | OEM) {
        0 => bytes.len().is_multiple_of(2) && bytes.contains(&0),
        charset => charset & UNICODE != 0,
    };
    if wide { unicode(bytes, out) } else { out.text(lossy(bytes).trim_end_matches('\0')) }
}

/// A UTF-16 name. Some senders count a terminating zero as part of it.
fn unicode(bytes: &[u8], out: &Events) -> String {
    out.text(utf16_le(bytes).trim_end_matches('\0'))
}
