mod event;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::events::Events;
use crate::limits::Limits;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Dcerpc,
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

/// One association inside a pipe.
#[derive(Debug, Default)]
pub struct Association {}

impl Association {
    /// An association of which nothing is known yet.
    #[must_use]
    pub fn new(_: &Limits) -> Self {
        Self::default()
    }

    /// Reads what came through the pipe.
    pub fn feed(&mut self, _direction: Direction, _bytes: &[u8], _pipe: Option<&str>, _out: &mut Events) {}

    /// Something is missing in this direction.
    pub fn gap(&mut self, _direction: Direction) {}
}
