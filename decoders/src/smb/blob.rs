//! Security blobs of negotiate and session setup: joined where a big one comes in parts, then handed to their reader.

use capture::Direction;

use crate::Event;
use crate::events::Events;
use crate::ntlmssp::Carrier;
use crate::spnego::{self, Seen, SpnegoToken};

/// Parts smaller than this are taken for whole tokens: peers split at their buffer size, which is never below it
/// ([MS-SMB] 2.2.4.6.1, MaxBufferSize of 1024 at least).
const LEAST_PART: usize = 1_024;

/// The part of a token that has come, in one direction.
#[derive(Debug, Default)]
pub(super) struct Joined {
    part: Vec<u8>,
}

impl Joined {
    /// Takes a blob; says what the token is once all of it has come.
    pub(super) fn take(&mut self, direction: Direction, blob: &[u8], out: &mut Events) -> Seen {
        if blob.is_empty() {
            return Seen::default();
        }
        let mut part = std::mem::take(&mut self.part);
        let token = if part.is_empty() || is_start(blob) {
            blob
        } else {
            part.extend_from_slice(blob);
            part.as_slice()
        };
        if blob.len() >= LEAST_PART && lacks(token) && token.len() <= out.limits.smb_message {
            self.part = token.to_vec();
            return Seen::default();
        }
        spnego::observe(token, direction, Carrier::Smb, out)
    }

    /// Forgets a part whose rest will not come.
    pub(super) fn clear(&mut self) {
        self.part = Vec::new();
    }
}

/// The mechanisms of a server's hint, and what else it is.
pub(super) fn mechanisms(direction: Direction, blob: &[u8], out: &mut Events) -> Vec<String> {
    if blob.is_empty() {
        return Vec::new();
    }
    let before = out.said.len();
    spnego::observe(blob, direction, Carrier::Smb, out);
    let said = out.said.get(before..).unwrap_or_default();
    let found = said.iter().find_map(|said| match &said.event {
        Event::Spnego(SpnegoToken::Init(init)) => Some(init.mechanisms.clone()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// Whether a blob begins a token: GSS initial token, NegTokenInit, NegTokenResp, or NTLMSSP with its type.
fn is_start(blob: &[u8]) -> bool {
    blob.starts_with(b"NTLMSSP\0")
        || (matches!(blob.first(), Some(0x60 | 0xA0 | 0xA1)) && lacks_by(blob).is_some())
}

/// Whether a DER token is longer than what is there.
fn lacks(token: &[u8]) -> bool {
    matches!(token.first(), Some(0x60 | 0xA0 | 0xA1)) && lacks_by(token).is_some_and(|missing| missing > 0)
}

/// By how many bytes the outermost DER length exceeds what is there; nothing where that is no length in use.
fn lacks_by(token: &[u8]) -> Option<usize> {
    let (head, len) = match *token.get(1..)? {
        [short @ 0..=0x7F, ..] => (2, usize::from(short)),
        [0x81, len, ..] => (3, len.into()),
        [0x82, high, low, ..] => (4, u16::from_be_bytes([high, low]).into()),
        [0x83, high, middle, low, ..] => (5, u32::from_be_bytes([0, high, middle, low]) as usize),
        _ => return None,
    };
    Some((head + len).saturating_sub(token.len()))
}
