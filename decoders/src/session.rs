//! One flow's decoding: find the protocol, keep what is incomplete, begin again after a gap, hand over.
//!
//! No decoder buffers on its own: the session keeps the unconsumed tail of each direction under one cap.
//! It knows no protocol beyond the list of specs.

mod nested;
mod proxy;
mod search;
#[cfg(test)]
mod tests;

use capture::{Chunk, Datagram, Demand, Direction, Flow, Origin, Transport};

pub(crate) use self::nested::Nested;
use crate::decoder::{Decoder, Input, Outcome, Spec};
use crate::events::{Anomaly, Events};
use crate::{DECODERS, Protocol};

/// How many times the bytes that are there may be made room for at once.
const ROOM_AHEAD: usize = 4;

/// What is known of one direction.
#[derive(Debug, Default)]
struct Lane {
    /// Bytes not yet consumed.
    kept: Vec<u8>,
    /// Bytes that must be in `kept` before the decoder is asked again.
    at_least: usize,
    /// The decoder has lost its place; chunks are probed until one fits.
    lost: bool,
    /// Chunks looked at since the direction was lost, or since the flow began.
    looked: u32,
    /// Nothing follows.
    ended: bool,
}

/// The decoding of one flow.
pub struct Session {
    decoder: Option<(&'static Spec, Box<dyn Decoder>)>,
    lanes: [Lane; 2],
    /// The bytes showed that the capture's client is the protocol's server, which does not say who called.
    swapped: bool,
    finished: bool,
    midstream: bool,
    gapped: bool,
    /// It runs inside TLS, where no other TLS is looked for.
    inside: bool,
    transport: Transport,
    ports: [u16; 2],
}

impl Session {
    /// A session for a flow that begins.
    #[must_use]
    pub fn new(flow: &Flow) -> Self {
        Self {
            decoder: None,
            lanes: [Lane::default(), Lane::default()],
            swapped: false,
            finished: false,
            midstream: flow.origin == Origin::Midstream,
            gapped: false,
            inside: false,
            transport: flow.key.transport,
            ports: [flow.key.server.port, flow.key.client.port],
        }
    }

    /// A session for what goes through an opened TLS connection between these ports, the server's first.
    pub(crate) fn inside(ports: [u16; 2]) -> Self {
        Self {
            decoder: None,
            lanes: [Lane::default(), Lane::default()],
            swapped: false,
            finished: false,
            midstream: false,
            gapped: false,
            inside: true,
            transport: Transport::Tcp,
            ports,
        }
    }

    /// A session for a stream of a known protocol that another one carries between these ports, the server's first.
    pub(crate) fn carried(protocol: Protocol, ports: [u16; 2], out: &mut Events) -> Self {
        let mut session = Self { inside: false, ..Self::inside(ports) };
        session.hand_over(protocol, out);
        session
    }

    /// Something of both directions, for who wants them near.
    pub(crate) fn glance(&self) -> u64 {
        let [to_server, to_client] = &self.lanes;
        to_server.kept.len() as u64 ^ to_client.kept.len() as u64 ^ u64::from(self.finished)
    }

    /// Whether the protocol's client is the capture's server.
    #[must_use]
    pub const fn is_swapped(&self) -> bool {
        self.swapped
    }

    /// Takes the next part of a stream.
    pub fn chunk(&mut self, direction: Direction, chunk: Chunk<'_>, out: &mut Events) -> Demand {
        if self.finished {
            return Demand::Nothing;
        }
        match chunk {
            Chunk::Data(data) => self.data(direction, data, out),
            Chunk::Gap(missing) => {
                self.gap(direction, missing, out);
                Demand::All
            }
            Chunk::End(reason) => {
                let lane = self.lane(direction);
                lane.kept = Vec::new();
                lane.ended = true;
                if !lane.lost {
                    self.feed(direction, Input::End(reason), out);
                }
                if self.lanes.iter().all(|lane| lane.ended) {
                    // The flow stays in the table for a while; what was known of its inside need not.
                    self.finish();
                }
                self.demand()
            }
        }
    }

    /// Takes one datagram.
    pub fn datagram(&mut self, direction: Direction, datagram: Datagram<'_>, out: &mut Events) -> Demand {
        if self.finished || datagram.payload.is_empty() {
            return self.demand();
        }
        if self.decoder.is_none() && !self.detect(direction, datagram.payload, out) {
            return self.demand();
        }
        let input = Input::Datagram { payload: datagram.payload, cut: datagram.cut };
        if let Some(Outcome::HandOver(protocol, _)) = self.feed(direction, input, out) {
            self.hand_over(protocol, out);
        }
        if self.is_answered_by(direction) { Demand::Little } else { self.demand() }
    }

    /// Whether a datagram of this direction answers what was asked, and little more is to be expected. Who asks from
    /// the port of the service itself asks from there again and again.
    fn is_answered_by(&self, direction: Direction) -> bool {
        let [server, client] = self.ports;
        let exchanges = self.decoder.as_ref().is_some_and(|(spec, _)| spec.exchanges);
        exchanges && server != client && self.protocol_direction(direction) == Direction::ToClient
    }

    fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    const fn demand(&self) -> Demand {
        if self.finished { Demand::Nothing } else { Demand::All }
    }

    fn data(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Demand {
        if self.decoder.is_none() || self.lane(direction).lost {
            return self.search(direction, data, out);
        }
        if self.lane(direction).kept.is_empty() {
            return self.consume(direction, data, out);
        }
        let mut kept = std::mem::take(&mut self.lane(direction).kept);
        kept.extend_from_slice(data);
        if kept.len() < self.lane(direction).at_least && kept.len() <= out.limits.buffer {
            self.lane(direction).kept = kept;
            return self.demand();
        }
        self.consume(direction, &kept, out)
    }

    fn start(&mut self, spec: &'static Spec, out: &mut Events) {
        self.decoder = Some((spec, (spec.make)(&out.limits)));
    }

    fn hand_over(&mut self, protocol: Protocol, out: &mut Events) {
        if let Some(spec) = DECODERS.iter().find(|spec| spec.protocol == protocol && self.admits(spec)) {
            self.start(spec, out);
        } else {
            self.decoder = None;
            self.finished = true;
        }
    }

    fn protocol_direction(&self, direction: Direction) -> Direction {
        if self.swapped { direction.reverse() } else { direction }
    }

    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Option<Outcome> {
        let direction = self.protocol_direction(direction);
        let (_, decoder) = self.decoder.as_mut()?;
        let [server, client] = self.ports;
        out.ports = if self.swapped { [client, server] } else { [server, client] };
        let outcome = decoder.feed(direction, input, out);
        if outcome == Outcome::Finished {
            self.finish();
        }
        Some(outcome)
    }

    fn finish(&mut self) {
        self.finished = true;
        self.decoder = None;
        self.lanes = [Lane::default(), Lane::default()];
    }

    fn gap(&mut self, direction: Direction, missing: u64, out: &mut Events) {
        self.gapped = true;
        let lane = self.lane(direction);
        lane.kept = Vec::new();
        lane.at_least = 0;
        if lane.lost {
            return;
        }
        if self.feed(direction, Input::Gap(missing), out) == Some(Outcome::Lost) {
            self.lane(direction).lost = true;
        }
    }

    /// Feeds bytes until the decoder wants no more of them, and keeps the tail.
    fn consume(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Demand {
        let mut rest = bytes;
        loop {
            if rest.is_empty() {
                self.lane(direction).at_least = 0;
                return self.demand();
            }
            let Some(outcome) = self.feed(direction, Input::Data(rest), out) else { return self.demand() };
            match outcome {
                Outcome::Consumed(count) if count > 0 => rest = rest.get(count..).unwrap_or_default(),
                Outcome::Consumed(_) => return self.keep(direction, rest, 0, out),
                Outcome::NeedMore(at_least) => return self.keep(direction, rest, at_least, out),
                Outcome::Skip(count) => match usize::try_from(count).ok().and_then(|count| rest.get(count..))
                {
                    Some(after) if count > 0 => rest = after,
                    Some(_) => return self.keep(direction, rest, 0, out),
                    None => return Demand::AllAfter(count - rest.len() as u64),
                },
                Outcome::Lost => {
                    let lane = self.lane(direction);
                    lane.lost = true;
                    lane.looked = 0;
                    return self.demand();
                }
                Outcome::Finished => return Demand::Nothing,
                Outcome::HandOver(protocol, count) => {
                    self.hand_over(protocol, out);
                    rest = rest.get(count..).unwrap_or_default();
                }
            }
        }
    }

    fn keep(&mut self, direction: Direction, rest: &[u8], at_least: usize, out: &mut Events) -> Demand {
        if rest.len() >= out.limits.buffer || at_least > out.limits.buffer {
            let protocol = self.decoder.as_ref().map_or("", |(spec, _)| spec.protocol.name());
            out.anomaly(
                self.protocol_direction(direction),
                Anomaly::LimitReached { protocol, limit: "buffer" },
            );
            // The decoder hears of it as of a gap, so that it forgets what it was in the middle of.
            self.gap(direction, rest.len() as u64, out);
            self.lane(direction).lost = true;
            return self.demand();
        }
        let lane = self.lane(direction);
        lane.kept.clear();
        // Room for all that is waited for, unless that is far more than has come: then its length may be a lie.
        lane.kept.reserve_exact(at_least.min(rest.len() * ROOM_AHEAD).max(rest.len()));
        lane.kept.extend_from_slice(rest);
        lane.at_least = at_least;
        self.demand()
    }
}
