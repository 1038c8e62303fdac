//! OpenVPN's control channel, in the clear or with `--tls-auth`: the TLS handshakes in it, with the events of [`crate::tls`]
//! (the protocol stands in OpenVPN's `ssl.h` and `ssl_pkt.h`, and on its site under "OpenVPN protocol").
//!
//! ```text
//! datagram, or length and packet -> wire: reset, control, ack -> channel: pieces put in order -> a session that reads TLS
//! ```
//!
//! Looked for on its registered port alone: tunnels elsewhere are no concern of a site. Not read: the data channel, and
//! control channels sealed by `--tls-crypt`. Only a flow that is seen to begin is found; what comes in the middle of one
//! looks like anything. Whether an HMAC is right is not known.

mod channel;
#[cfg(test)]
mod tests;
mod wire;

use capture::{Direction, Transport};

use self::channel::Channel;
use self::wire::{Auth, Control, Opcode};
use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Openvpn,
    transports: &[Transport::Udp, Transport::Tcp],
    ports: &[1194],
    any_port: false,
    exchanges: false,
    probe,
    make: |_| Box::<Connection>::default(),
};

/// Octets of a packet's length, where a stream carries it.
const LENGTH: usize = 2;

/// A flow begins with a packet whose every field but two is known; over TCP its length stands before it. A datagram
/// cannot be taken for that, nor the other way round: the first byte of the one is no opcode and that of the other is 0.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    if wire::hard_reset(bytes, direction).is_some() {
        return Probe::Yes;
    }
    let Some((&[high, low], packet)) = bytes.split_first_chunk::<LENGTH>() else {
        return if matches!(bytes, [0]) { Probe::Maybe } else { Probe::No };
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let resets = packet.first().is_none_or(|first| Opcode::of(*first).hard_reset() == Some(direction));
    if !resets || !wire::may_be_hard_reset(length) {
        return Probe::No;
    }
    match packet.get(..length) {
        None => Probe::Maybe,
        Some(packet) if wire::hard_reset(packet, direction).is_some() => Probe::Yes,
        Some(_) => Probe::No,
    }
}

/// The reader of one flow.
#[derive(Default)]
struct Connection {
    /// The key that was begun last, and how its packets are authenticated.
    current: Option<(Channel, Auth)>,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Datagram { payload, cut } => {
                self.packet(direction, payload, cut, out);
                Outcome::Consumed(payload.len())
            }
            Input::Data(bytes) => self.stream(direction, bytes, out),
            Input::Gap(_) => Outcome::Lost,
            Input::End(reason) => {
                if let Some((channel, _)) = &mut self.current {
                    channel.end(direction, reason, out);
                }
                Outcome::Consumed(0)
            }
        }
    }
}

impl Connection {
    /// Takes the packet at the start of a stream's bytes.
    fn stream(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Outcome {
        let Some((&[high, low], rest)) = bytes.split_first_chunk::<LENGTH>() else {
            return Outcome::NeedMore(LENGTH);
        };
        let length = u16::from_be_bytes([high, low]);
        if length == 0 {
            let kind = ErrorKind::Value(0);
            out.malformed(direction, DecodeError::new("openvpn", "packet length", 0, kind));
            return Outcome::Lost;
        }
        let total = LENGTH + usize::from(length);
        match rest.first() {
            None => return Outcome::NeedMore(LENGTH + 1),
            Some(first) if !self.wants(*first) => return Outcome::Skip(total as u64),
            Some(_) => {}
        }
        let Some(packet) = bytes.get(LENGTH..total) else { return Outcome::NeedMore(total) };
        self.packet(direction, packet, false, out);
        Outcome::Consumed(total)
    }

    /// Whether a packet that begins so is read: what the tunnel carries passes by, and where a key's handshake is over, so
    /// does all but the next one's beginning.
    fn wants(&self, first: u8) -> bool {
        let opcode = Opcode::of(first);
        let done = self.current.as_ref().is_some_and(|(channel, _)| channel.is_done());
        opcode.is_control() && !(done && matches!(opcode, Opcode::CONTROL_V1 | Opcode::ACK_V1))
    }

    /// Takes a whole packet, or as much as the snapshot length left of it.
    fn packet(&mut self, direction: Direction, packet: &[u8], cut: bool, out: &mut Events) {
        if !packet.first().is_some_and(|first| self.wants(*first)) {
            return;
        }
        self.hard_reset(direction, packet, out);
        let Some((channel, auth)) = &mut self.current else { return };
        let control = match Control::read(packet, *auth) {
            Ok(control) => control,
            Err(error) if cut && error.is_short() => return,
            Err(error) => return out.malformed(direction, error),
        };
        if !channel.knows(direction, control.session) {
            return;
        }
        if control.opcode == Opcode::SOFT_RESET_V1 && !channel.has_key(control.key_id) {
            *channel = channel.next(control.key_id, out);
        }
        if channel.has_key(control.key_id) {
            channel.packet(direction, &control, cut, out);
        }
    }

    /// Begins anew where a side does. Its packet is repeated until it is answered, and the answer is one too.
    fn hard_reset(&mut self, direction: Direction, packet: &[u8], out: &mut Events) {
        let Some((control, auth)) = wire::hard_reset(packet, direction) else { return };
        let known =
            self.current.as_mut().is_some_and(|(channel, _)| channel.knows(direction, control.session));
        if !known {
            self.current = Some((Channel::new(out), auth));
        }
    }
}
