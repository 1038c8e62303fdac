//! TFTP (RFC 1350, RFC 2347), recognised: which file is asked for.
//!
//! Not read: the transfer itself, which goes on between other ports.

mod event;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::events::Events;
use crate::text::lossy;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Tftp,
    transports: &[Transport::Udp],
    ports: &[69],
    any_port: false,
    exchanges: false,
    probe,
    make: |_| Box::new(Tftp),
};

/// Opcode, filename and mode of a request, if that is what the bytes are.
fn request(bytes: &[u8]) -> Option<TftpEvent> {
    let [0, opcode @ (1 | 2), rest @ ..] = bytes else { return None };
    let mut texts = rest.split(|byte| *byte == 0).map(lossy);
    let (filename, mode) = (texts.next()?, texts.next()?);
    let known = ["netascii", "octet", "mail"].iter().any(|known| mode.eq_ignore_ascii_case(known));
    (known && !filename.is_empty()).then(|| TftpEvent {
        opcode: u16::from(*opcode),
        filename: filename.into_owned(),
        mode: mode.into_owned(),
    })
}

fn probe(bytes: &[u8], direction: Direction) -> Probe {
    if direction == Direction::ToServer && request(bytes).is_some() { Probe::Yes } else { Probe::No }
}

/// The reader of one flow; it keeps nothing.
struct Tftp;

impl Decoder for Tftp {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, .. } = input else { return Outcome::Finished };
        if let Some(event) = request(payload) {
            let event =
                TftpEvent { filename: out.text(&event.filename), mode: out.text(&event.mode), ..event };
            out.service("tftp");
            out.push_with(direction, event, payload);
        }
        Outcome::Consumed(payload.len())
    }
}

#[cfg(test)]
mod tests {
    use capture::Direction::ToServer;

    use crate::Event;
    use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events};

    #[test]
    fn a_read_request_names_its_file() {
        let conversation =
            vec![(ToServer, b"\0\x01\\SMSTemp\\x.boot.var\0octet\0blksize\x001456\0".to_vec())];
        let Event::Tftp(event) = datagram_events(69, &conversation).remove(0).1 else {
            panic!("no TFTP event")
        };
        assert_eq!((event.opcode, event.filename.as_str()), (1, "\\SMSTemp\\x.boot.var"));
        damage_does_no_harm_to_datagrams(69, &conversation);
    }
}
