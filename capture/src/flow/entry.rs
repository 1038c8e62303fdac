//! What the table holds for one flow. Small, because a SYN flood makes many: reader's state and assembler are made
//! when the flow first carries something.

use std::hash::BuildHasher;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::clock::Instant;
use super::list::Links;
use super::{Direction, EndReason, Endpoint, Flow, FlowKey, Transport};
use crate::packet::Packet;
use crate::tcp::assembler::Assembler;

/// What identifies a flow on the wire, the same from both ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuple {
    ends: [Endpoint; 2],
    transport: Transport,
    tunnel: u32,
}

impl Tuple {
    /// Of a packet.
    #[inline]
    pub(crate) const fn of(packet: &Packet<'_>, transport: Transport) -> Self {
        Self { ends: [packet.source, packet.destination], transport, tunnel: packet.tunnel }
    }

    /// The same number for both directions. Each end is hashed for itself, so that it need not be known which is the lower.
    #[inline]
    pub(crate) fn hash(&self, seed: &RandomState) -> u64 {
        let of = |end: &Endpoint| match end.addr {
            IpAddr::V4(addr) => seed.hash_one(u64::from(addr.to_bits()) << 16 | u64::from(end.port)),
            IpAddr::V6(addr) => seed.hash_one((addr.to_bits(), end.port)),
        };
        let [one, other] = &self.ends;
        let way = u64::from(self.tunnel) << 1 | u64::from(self.transport == Transport::Udp);
        seed.hash_one(of(one).wrapping_add(of(other)) ^ way)
    }
}

/// How long a flow may be silent, and who goes first where room is short, depends on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// TCP, closed or reset.
    Ended,
    /// TCP that never got past its first SYN, or was closed by the only side captured.
    HalfOpen,
    /// UDP with a question not answered yet, or of which nothing tells.
    Datagrams,
    /// UDP whose questions are answered.
    Answered,
    /// Any other TCP.
    Established,
}

impl Class {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ended, Self::HalfOpen, Self::Datagrams, Self::Answered, Self::Established];
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Entry<S> {
    pub(crate) flow: Flow,
    /// The reader's state, once the flow has carried something.
    pub(crate) state: Option<Box<S>>,
    /// The TCP streams, once the flow has carried payload or a FIN.
    pub(crate) assembler: Option<Box<Assembler>>,
    /// When its last packet was seen.
    pub(crate) seen: Instant,
    pub(crate) links: Links,
    /// The list it is in.
    pub(crate) class: Class,
    /// The tick in which it was put at the end of it.
    pub(crate) moved: u32,
    /// Whether it was seen since, within that tick.
    pub(crate) seen_since: bool,
    /// Sequence numbers of the first bytes, to the server and to the client, where a SYN told them.
    pub(crate) starts: [Option<u32>; 2],
    pub(crate) tunnel: u32,
    /// TCP: something other than a first SYN or a reset was seen.
    pub(crate) past_syn: bool,
    /// The server gave its first sequence number twice, not the same: the client's acknowledgement tells which holds.
    pub(crate) start_doubtful: bool,
    /// Its reader wants nothing more.
    pub(crate) silent: bool,
    /// UDP: its reader waits for nothing.
    pub(crate) answered: bool,
    /// How it ended, if it has.
    pub(crate) ended: Option<EndReason>,
}

impl<S> Entry<S> {
    pub(crate) fn new(flow: Flow, tunnel: u32) -> Self {
        Self {
            flow,
            state: None,
            assembler: None,
            seen: 0,
            links: Links::ALONE,
            class: Class::HalfOpen,
            moved: 0,
            seen_since: false,
            starts: [None; 2],
            tunnel,
            past_syn: false,
            start_doubtful: false,
            silent: false,
            answered: false,
            ended: None,
        }
    }

    pub(crate) fn tuple(&self) -> Tuple {
        let FlowKey { client, server, transport } = self.flow.key;
        Tuple { ends: [client, server], transport, tunnel: self.tunnel }
    }

    /// Whether it is the flow of a tuple.
    #[inline]
    pub(crate) fn is_of(&self, tuple: &Tuple) -> bool {
        let FlowKey { client, server, transport } = &self.flow.key;
        let [one, other] = &tuple.ends;
        ((one, other) == (client, server) || (one, other) == (server, client))
            && tuple.transport == *transport
            && tuple.tunnel == self.tunnel
    }

    /// Which way a packet of this flow goes.
    pub(crate) fn direction(&self, source: Endpoint) -> Direction {
        if source == self.flow.key.client { Direction::ToServer } else { Direction::ToClient }
    }

    /// The list it belongs in.
    pub(crate) fn classify(&self) -> Class {
        if self.flow.key.transport == Transport::Udp {
            if self.answered { Class::Answered } else { Class::Datagrams }
        } else if self.ended.is_some() {
            Class::Ended
        } else if self.past_syn && !self.closed_by_only_side() {
            Class::Established
        } else {
            Class::HalfOpen
        }
    }

    fn closed_by_only_side(&self) -> bool {
        let Some(assembler) = &self.assembler else { return false };
        [Direction::ToServer, Direction::ToClient].into_iter().any(|direction| {
            assembler.stream(direction).ended() && self.flow.traffic[direction.reverse().index()].packets == 0
        })
    }

    /// Whether a direction's first byte has this sequence number, by a SYN or by the first byte that was read.
    pub(crate) fn may_start_at(&self, direction: Direction, sequence: u32) -> bool {
        let read = self.assembler.as_ref().and_then(|both| both.stream(direction).first_sequence());
        [self.starts[direction.index()], read].contains(&Some(sequence))
    }

    /// Sequence number that is next in turn, as far as it is known.
    pub(crate) fn next_sequence(&self, direction: Direction) -> Option<u32> {
        let stream = self.assembler.as_ref().and_then(|both| both.stream(direction).next_sequence());
        stream.or(self.starts[direction.index()])
    }
}
