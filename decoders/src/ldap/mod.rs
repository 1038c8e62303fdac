mod event;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::events::Events;
use crate::limits::Limits;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Ldap,
    transports: &[Transport::Tcp],
    ports: &[],
    any_port: false,
    probe: |_, _| Probe::No,
    make: |_| Box::new(Reader {}),
};

struct Reader {}

impl Decoder for Reader {
    fn feed(&mut self, _: Direction, _: Input<'_>, _: &mut Events) -> Outcome {
        Outcome::Finished
    }
}
