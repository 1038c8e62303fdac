mod event;

pub use event::*;

use capture::Direction;

use crate::events::Events;
use crate::ntlmssp::Carrier;

/// What a look at a token told its carrier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// `ntlmssp` or `kerberos`.
    pub mechanism: Option<&'static str>,
    /// NTLMSSP without SPNEGO around it.
    pub raw_ntlm: bool,
}

/// Reads a security token that a carrier brought.
pub fn observe(_blob: &[u8], _direction: Direction, _carrier: Carrier, _out: &mut Events) -> Seen {
    Seen::default()
}
