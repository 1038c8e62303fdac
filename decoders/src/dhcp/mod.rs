//! DHCP and BOOTP (RFC 2131, RFC 2132), recognised: message type, client's MAC address and host name.
//!
//! Not read yet: PXE options and what boot servers answer.

mod event;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;

/// Marks the beginning of the options (RFC 2131 3).
const MAGIC_COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Bytes before the magic cookie.
const FIXED: usize = 236;
/// Options (RFC 2132).
const PAD: u8 = 0;
const HOST_NAME: u8 = 12;
const MESSAGE_TYPE: u8 = 53;
const END: u8 = 255;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Dhcp,
    transports: &[Transport::Udp],
    ports: &[67, 68, 4011],
    any_port: false,
    probe,
    make: |_| Box::new(Dhcp),
};

/// Ports and operation code say which way it goes: 1 is a request, 2 a reply.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let operation = match direction {
        Direction::ToServer => 1,
        Direction::ToClient => 2,
    };
    let long_enough = bytes.len() >= FIXED;
    if long_enough && bytes.first() == Some(&operation) { Probe::Yes } else { Probe::No }
}

/// The reader of one flow; it keeps nothing.
struct Dhcp;

impl Decoder for Dhcp {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        let mut event = DhcpEvent::default();
        let read = read(payload, &mut event);
        out.service("dhcp");
        out.push_with(direction, event, payload);
        if let Err(error) = read
            && !(cut && error.is_short())
        {
            out.malformed(direction, error);
        }
        Outcome::Consumed(payload.len())
    }
}

fn read(bytes: &[u8], event: &mut DhcpEvent) -> Result<(), DecodeError> {
    let mut reader = Reader::new("dhcp", bytes);
    reader.skip("op", 1)?;
    let [hardware, length] = [reader.u8("htype")?, reader.u8("hlen")?];
    if (hardware, length) == (1, 6) {
        event.client_mac = reader.at("chaddr", 28, 6)?.try_into().ok();
    }
    let mut options = reader.restarted();
    options.skip("fixed fields", FIXED)?;
    if options.left() < MAGIC_COOKIE.len() || options.array::<4>("magic cookie")? != MAGIC_COOKIE {
        return Ok(());
    }
    while !options.is_empty() {
        let option = options.u8("option")?;
        if option == END {
            break;
        }
        if option == PAD {
            continue;
        }
        let length = usize::from(options.u8("option length")?);
        let value = options.take("option value", length)?;
        match (option, value) {
            (MESSAGE_TYPE, [kind]) => event.message_type = *kind,
            (HOST_NAME, name) => event.host_name = Some(String::from_utf8_lossy(name).into_owned()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use capture::Direction::ToServer;

    use super::*;
    use crate::Event;
    use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events};

    #[test]
    fn a_discover_names_its_client() {
        let mut bytes = vec![0; FIXED];
        bytes[..3].copy_from_slice(&[1, 1, 6]);
        bytes[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 7]);
        bytes.extend(MAGIC_COOKIE);
        bytes.extend([53, 1, 1, 0, 12, 5]);
        bytes.extend(b"wks-1");
        bytes.push(255);
        let conversation = vec![(ToServer, bytes)];
        let Event::Dhcp(event) = datagram_events(67, &conversation).remove(0).1 else {
            panic!("no DHCP event")
        };
        assert_eq!((event.message_type, event.host_name.as_deref()), (1, Some("wks-1")));
        assert_eq!(event.client_mac, Some([2, 0, 0, 0, 0, 7]));
        damage_does_no_harm_to_datagrams(67, &conversation);
    }
}
