//! How TCP connections open, and when the same ports mean a new one (RFC 9293 3.5 and 3.10.7).

use super::clock::Instant;
use super::entry::Entry;
use super::{
    Direction, EndReason, Endpoint, Flow, FlowId, FlowKey, Moment, Origin, Pulse, Traffic, Transport,
};
use crate::packet::{Packet, Segment};
use crate::tcp::sequence::distance;

/// Silence, in nanoseconds, after which a SYN with another sequence number opens a new connection whatever state the old
/// one seems to be in. Shorter than any stack waits before it repeats a SYN for the third time.
const REUSE_AFTER: Instant = 3_000_000_000;
/// How far ahead of the data a SYN may lie and still be taken for a stray of the same connection: a window without scaling.
const SYN_WINDOW: i64 = 65_535;

/// How far from the next byte in turn a reset may lie. RFC 5961 3.2 has the receiver ask for the exact number, which a
/// capture with losses does not know; a reset that answers a stray segment of an older connection is nearly always farther off.
const RESET_WINDOW: i64 = 1 << 24;

/// A flow as its first TCP segment shows it.
pub(crate) fn tcp_flow(at: Moment, packet: &Packet<'_>, segment: &Segment<'_>) -> Flow {
    let from_server = segment.ack && (segment.syn || refuses(segment));
    let origin = if segment.syn { Origin::Syn } else { Origin::Midstream };
    flow(at, packet, Transport::Tcp, origin, from_server)
}

/// A flow as its first datagram shows it.
pub(crate) fn udp_flow(at: Moment, packet: &Packet<'_>) -> Flow {
    flow(at, packet, Transport::Udp, Origin::Datagram, false)
}

fn flow(at: Moment, packet: &Packet<'_>, transport: Transport, origin: Origin, from_server: bool) -> Flow {
    let source: (Endpoint, _) = (packet.source, packet.source_mac);
    let destination = (packet.destination, packet.destination_mac);
    let ((client, client_mac), (server, server_mac)) =
        if from_server { (destination, source) } else { (source, destination) };
    Flow {
        id: FlowId(at.frame.order),
        key: FlowKey { client, server, transport },
        origin,
        first: at,
        client_mac,
        server_mac,
        traffic: [Traffic::default(); 2],
        pulse: Pulse::default(),
        syn: false,
        syn_ack: false,
        refused: false,
        unreachable: false,
    }
}

/// Whether a segment says that nobody listens, to a SYN that has not come: RFC 9293 3.10.7.1 gives such a reset the number 0.
const fn refuses(segment: &Segment<'_>) -> bool {
    segment.rst && segment.ack && segment.sequence == 0
}

/// Whether a segment of these ends belongs to a new connection instead of the one in the table.
pub(crate) fn supersedes<S>(entry: &Entry<S>, source: Endpoint, segment: &Segment<'_>, now: Instant) -> bool {
    if !segment.syn || segment.rst {
        return false;
    }
    let direction = entry.direction(source);
    let first = segment.sequence.wrapping_add(1);
    // The second time, or, in a capture that is not in strict order, behind the bytes it opened the way for.
    if entry.may_start_at(direction, first) {
        return false;
    }
    if entry.ended.is_some() {
        return true;
    }
    // Some proxies answer one SYN twice, each time with a number of their own; and an answer may come behind the bytes
    // it let through.
    if segment.ack && entry.may_start_at(direction.reverse(), segment.acknowledgement) {
        return false;
    }
    // The second SYN of a simultaneous open, or the answer to the first.
    if !entry.past_syn && direction == Direction::ToClient {
        return false;
    }
    if now.saturating_sub(entry.seen) >= REUSE_AFTER {
        return true;
    }
    match entry.next_sequence(direction) {
        None => true,
        // A capture that is not in strict order: the SYN comes behind an acknowledgement, or the other side's bytes.
        Some(next) if next == first => false,
        // The same client tries anew at once, and nothing has answered the first try.
        Some(_) if !entry.past_syn => false,
        Some(next) => {
            !distance(next, segment.sequence).is_some_and(|ahead| (0..=SYN_WINDOW).contains(&ahead))
        }
    }
}

/// Takes a SYN of the entry's connection in.
pub(crate) fn note_syn<S>(entry: &mut Entry<S>, direction: Direction, segment: &Segment<'_>) {
    let first = segment.sequence.wrapping_add(1);
    let fresh = entry.assembler.is_none() && !entry.past_syn;
    let first_of_flow = !entry.flow.syn && direction == Direction::ToServer && !segment.ack && fresh;
    let start = &mut entry.starts[direction.index()];
    entry.start_doubtful |=
        segment.ack && direction == Direction::ToClient && start.is_some_and(|known| known != first);
    if fresh || start.is_none() {
        *start = Some(first);
    }
    match (direction, segment.ack) {
        (Direction::ToServer, false) => entry.flow.syn = true,
        (Direction::ToClient, true) => {
            entry.flow.syn_ack = true;
            entry.flow.refused = false;
            entry.starts[0].get_or_insert(segment.acknowledgement);
        }
        _ => {}
    }
    entry.past_syn |= segment.ack;
    if entry.ended == Some(EndReason::Reset) && !segment.ack && entry.state.is_none() {
        if first_of_flow {
            // The refusal came before the SYN: what it acknowledges tells that it is of this one.
            entry.flow.refused = true;
            return;
        }
        // Windows tries again, with the same SYN, when it is refused; by then somebody may listen.
        entry.ended = None;
        entry.past_syn = false;
        entry.starts[direction.reverse().index()] = None;
    }
    if let Some(assembler) = &mut entry.assembler {
        for direction in [Direction::ToServer, Direction::ToClient] {
            if let Some(start) = entry.starts[direction.index()] {
                assembler.begin(direction, start);
            }
        }
    }
}

/// Takes the client's acknowledgement for the server's first sequence number, where that was in doubt.
pub(crate) fn settle_start<S>(entry: &mut Entry<S>, direction: Direction, segment: &Segment<'_>) {
    if entry.start_doubtful && direction == Direction::ToServer && segment.ack {
        entry.start_doubtful = false;
        let start = segment.acknowledgement;
        if entry.assembler.as_mut().is_none_or(|both| both.begin_anew(Direction::ToClient, start)) {
            entry.starts[Direction::ToClient.index()] = Some(start);
        }
    }
}

/// Takes a reset in that can come from an end of this connection.
pub(crate) fn note_reset<S>(entry: &mut Entry<S>, direction: Direction, segment: &Segment<'_>) {
    if direction == Direction::ToClient && !entry.past_syn && entry.assembler.is_none() {
        entry.flow.refused |= entry.flow.syn && !entry.flow.syn_ack;
        if refuses(segment) {
            entry.starts[Direction::ToServer.index()].get_or_insert(segment.acknowledgement);
        }
    }
    // The streams go on until the flow leaves: what the other side had sent by then is still on its way,
    // and a forged reset that the receiver ignores must not hide what follows.
    entry.ended = Some(EndReason::Reset);
}

/// Whether a reset can come from an end of this connection.
pub(crate) fn reset_is_plausible<S>(entry: &Entry<S>, direction: Direction, segment: &Segment<'_>) -> bool {
    let near = |by: i64| by.abs() <= RESET_WINDOW;
    entry.next_sequence(direction).is_none_or(|next| distance(next, segment.sequence).is_some_and(near))
}
