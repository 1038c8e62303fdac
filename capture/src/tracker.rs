//! The whole way from frames to what flows carry: [`Tracker`] finds the flow of each packet, puts its bytes in
//! order, ends flows, and keeps to the limits.
//!
//! One tracker sees all packets of the flows it is given, in frame order, on one thread. Two trackers share
//! nothing, and each keeps to its limits for itself: a run that is split among several by flow gives the same
//! flows. What it hands over depends on the frames alone: not on a clock, and not on the order of any hash map.

use crate::counters::Counters;
use crate::defrag::{Defragmenter, Whole};
use crate::duplicate::Duplicates;
use crate::flow::clock::Clock;
use crate::flow::entry::{Entry, Tuple};
use crate::flow::opening;
use crate::flow::table::Table;
use crate::flow::{Consumer, Datagram, Demand, EndReason, Flow, Moment, Origin, Transport};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::link::{self, Dissected};
use crate::packet::{Body, Packet, Segment};
use crate::tcp::account::Account;
use crate::tcp::assembler::Assembler;
use crate::wire::Stop;

mod ahead;
mod closing;
mod reader;

pub use ahead::Foreseen;
use reader::Reader;

/// Turns frames into flows and hands what they carry to a [`Consumer`].
pub struct Tracker<C: Consumer> {
    limits: Limits,
    counters: Counters,
    table: Table<C::State>,
    clock: Clock,
    defragmenter: Defragmenter,
    duplicates: Duplicates,
    /// The flow of the packet before, while the table has not changed since.
    latest: Option<u32>,
    /// Bytes of memory that all flows hold for out-of-order payload.
    held: usize,
    /// The flows still to be closed, once the capture is over.
    closing: Option<std::vec::IntoIter<u32>>,
    /// Where the flow of the packet at hand was when it was foreseen.
    foreseen: Option<u32>,
}

impl<C: Consumer> Tracker<C> {
    /// An empty tracker.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            counters: Counters::default(),
            table: Table::new(),
            clock: Clock::default(),
            defragmenter: Defragmenter::new(&limits),
            duplicates: Duplicates::default(),
            latest: None,
            held: 0,
            closing: None,
            foreseen: None,
        }
    }

    /// What was seen and lost so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many flows are in the table.
    #[must_use]
    pub fn flows(&self) -> usize {
        self.table.len()
    }

    /// Takes a frame in.
    pub fn push(&mut self, frame: &Frame<'_>, consumer: &mut C) {
        let dissected = link::dissect(frame, &self.limits);
        self.push_dissected(frame, &dissected, Foreseen(None), consumer);
    }

    /// Takes a frame in that was dissected already, and perhaps foreseen.
    pub fn push_dissected(
        &mut self,
        frame: &Frame<'_>,
        dissected: &Dissected<'_>,
        Foreseen(slot): Foreseen,
        consumer: &mut C,
    ) {
        self.foreseen = slot;
        self.counters.frames += 1;
        self.counters.bytes += frame.bytes.len() as u64;
        self.counters.frames_cut += u64::from(frame.is_cut());
        let at = Moment { frame: frame.id, time: frame.time };
        let Some(mut whole) = self.dissected(at, dissected, consumer) else { return };
        // A datagram in pieces may hold a tunnel with a datagram in pieces, and so may a compressed one; the dissector
        // bounds the nesting, and so does this, without relying on it.
        let limits = self.limits;
        for _ in 0..=limits.tunnel_depth {
            let Some(inner) = self.dissected(at, &whole.dissect(&limits), consumer) else { break };
            whole = inner;
        }
    }

    /// Deals with what a frame turned out to be; gives the datagram that it completed or held compressed.
    fn dissected(&mut self, at: Moment, dissected: &Dissected<'_>, consumer: &mut C) -> Option<Whole> {
        match dissected {
            Dissected::Packet(packet) => self.packet(at, packet, consumer),
            Dissected::Fragment(fragment) => {
                return self.defragmenter.push(fragment, at.time, &mut self.counters);
            }
            Dissected::Compressed(compressed) => match compressed.inflate(&self.limits) {
                Ok(whole) => return Some(whole),
                Err(Stop::Malformed(_)) => self.counters.malformed += 1,
                Err(_) => self.counters.other_transport += 1,
            },
            Dissected::NotIp => self.counters.not_ip += 1,
            Dissected::OtherTransport => self.counters.other_transport += 1,
            // Counted with the frames that were cut.
            Dissected::CutShort => {}
            Dissected::UnknownLink(link) => *self.counters.unknown_link.entry(link.0).or_default() += 1,
            Dissected::Malformed(_) => self.counters.malformed += 1,
        }
        None
    }

    /// Takes a packet in that was taken out of its frame already.
    pub fn packet(&mut self, at: Moment, packet: &Packet<'_>, consumer: &mut C) {
        let now = self.clock.observe(at.time);
        if let Some(slot) = self.latest.take().filter(|_| self.clock.jumped()) {
            self.table.touch(slot, now);
        }
        while let Some(slot) = self.table.expired(now, &self.limits) {
            self.leave(slot, at, EndReason::Idle, consumer);
        }
        match packet.body {
            Body::Tcp(segment) => self.segment(at, packet, &segment, consumer),
            Body::Udp { payload, cut, wire_len, identification } => {
                let copy = self.is_copy(at, packet, payload, identification);
                self.datagram(at, packet, Datagram { payload, cut }, wire_len, copy, consumer);
            }
            Body::Unreachable { tcp } => self.unreachable(packet, tcp),
        }
    }

    /// Whether a datagram is the second copy of one just seen, and counts it if so.
    fn is_copy(&mut self, at: Moment, packet: &Packet<'_>, payload: &[u8], identification: u16) -> bool {
        let identity = (packet.source, packet.destination, packet.tunnel, identification, payload);
        let window = match identification {
            0 => self.limits.unmarked_duplicate_window,
            _ => self.limits.duplicate_window,
        };
        let copy = self.duplicates.seen(identity, at.time, window);
        self.counters.duplicates += u64::from(copy);
        copy
    }

    fn segment(&mut self, at: Moment, packet: &Packet<'_>, segment: &Segment<'_>, consumer: &mut C) {
        let now = self.clock.now();
        let mut found = self.find(at, packet, Transport::Tcp, consumer);
        if let Some(slot) = found.filter(|_| segment.syn) {
            let entry = self.table.get(slot);
            if entry.is_some_and(|entry| opening::supersedes(entry, packet.source, segment, now)) {
                self.leave(slot, at, EndReason::Reset, consumer);
                found = None;
            }
        }
        let slot = found.unwrap_or_else(|| {
            let flow = opening::tcp_flow(at, packet, segment);
            self.counters.tcp_flows += 1;
            self.counters.midstream_flows += u64::from(flow.origin == Origin::Midstream);
            self.enter(flow, packet.tunnel, consumer)
        });
        self.latest = Some(slot);
        if self.take_segment(slot, at, packet, segment, consumer) {
            self.table.touch(slot, now);
        }
    }

    fn has_ended(&self, slot: u32) -> bool {
        self.table.get(slot).is_some_and(|entry| entry.ended.is_some())
    }

    /// Says whether the segment makes the flow stay. Late ones do not make a closed flow stay: if it goes on, its end was
    /// forged or misread.
    fn take_segment(
        &mut self,
        slot: u32,
        at: Moment,
        packet: &Packet<'_>,
        segment: &Segment<'_>,
        consumer: &mut C,
    ) -> bool {
        let Some(entry) = self.table.get_mut(slot) else { return false };
        let lingers = entry.ended.is_some();
        let direction = entry.direction(packet.source);
        entry.flow.traffic[direction.index()].packets += 1;
        if segment.rst {
            if entry.ended.is_none() && opening::reset_is_plausible(entry, direction, segment) {
                opening::note_reset(entry, direction, segment);
            }
            return !lingers;
        }
        if segment.syn {
            opening::note_syn(entry, direction, segment);
        } else {
            entry.past_syn = true;
            opening::settle_start(entry, direction, segment);
        }
        let nothing = segment.wire_len == 0 && !segment.fin && entry.assembler.is_none();
        if entry.ended == Some(EndReason::Fin) || nothing || entry.flow.refused {
            return !lingers || entry.ended.is_none();
        }
        let Entry { flow, state, assembler, starts, ended, .. } = entry;
        let both = assembler.get_or_insert_with(|| Box::new(Assembler::new(*starts)));
        let account = &mut Account {
            limits: &self.limits,
            counters: &mut self.counters,
            held: &mut self.held,
            now: self.clock.now(),
        };
        let mut reader = Reader { consumer, flow, state, at };
        reader.segment(both, direction, segment, account);
        if both.ended() {
            // Where a reset came before, nobody heeded it.
            *ended = Some(EndReason::Fin);
            *assembler = None;
        }
        !lingers || ended.is_none()
    }

    fn datagram(
        &mut self,
        at: Moment,
        packet: &Packet<'_>,
        datagram: Datagram<'_>,
        wire_len: u32,
        copy: bool,
        consumer: &mut C,
    ) {
        let now = self.clock.now();
        let slot = self.find(at, packet, Transport::Udp, consumer).unwrap_or_else(|| {
            self.counters.udp_flows += 1;
            self.enter(opening::udp_flow(at, packet), packet.tunnel, consumer)
        });
        self.latest = Some(slot);
        if let Some(entry) = self.table.get_mut(slot) {
            let direction = entry.direction(packet.source);
            let Entry { flow, state, silent, answered, .. } = entry;
            let traffic = &mut flow.traffic[direction.index()];
            traffic.packets += 1;
            let bytes = u64::from(wire_len).max(datagram.payload.len() as u64);
            traffic.bytes += bytes;
            flow.pulse.note(at.time, bytes);
            if !copy && !*silent {
                let state = state.get_or_insert_with(|| Box::new(consumer.open(flow)));
                let demand = consumer.datagram(flow, state, at, direction, datagram);
                *silent = demand == Demand::Nothing;
                *answered = demand == Demand::Little;
            }
        }
        self.table.touch(slot, now);
    }

    /// Notes an ICMP message about a flow. It is no traffic of the flow, and makes none.
    fn unreachable(&mut self, packet: &Packet<'_>, tcp: bool) {
        let transport = if tcp { Transport::Tcp } else { Transport::Udp };
        let slot = self.table.find(&Tuple::of(packet, transport));
        if let Some(entry) = slot.and_then(|slot| self.table.get_mut(slot)) {
            entry.flow.unreachable = true;
        }
    }

    /// Puts a new flow into the table, and another out where it is full.
    fn enter(&mut self, flow: Flow, tunnel: u32, consumer: &mut C) -> u32 {
        while self.table.len() >= self.limits.flows.max(1) {
            let Some(victim) = self.table.victim(&self.limits) else { break };
            self.counters.flows_evicted += u64::from(!self.has_ended(victim));
            self.leave(victim, flow.first, EndReason::Evicted, consumer);
        }
        self.table.insert(Entry::new(flow, tunnel), self.clock.now())
    }
}

#[cfg(test)]
mod tests;
