mod event;

pub use event::*;

use capture::Direction;

use crate::events::Events;
use crate::ntlmssp::Carrier;

/// What a blob turned out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The mechanism: `ntlmssp` or `kerberos`.
    pub mechanism: Option<&'static str>,
    /// Whether it was NTLMSSP without SPNEGO around it.
    pub raw_ntlm: bool,
}

/// Reads a security blob of any carrier.
pub fn observe(_: &[u8], _: Direction, _: Carrier, _: &mut Events) -> Seen {
    Seen::default()
}
