//! A client, a server, a tracker, and a consumer that writes down what it is told.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use crate::flow::{
    Chunk, Consumer, Datagram, Demand, Direction, EndReason, Endpoint, Flow, FlowId, Moment, Traffic,
};
use crate::frame::{CaptureId, FrameId, Timestamp};
use crate::limits::Limits;
use crate::packet::{Body, Packet, Segment};
use crate::tracker::Tracker;

pub(super) const SECOND: i64 = 1_000_000_000;

pub(super) fn end(last: u8, port: u16) -> Endpoint {
    Endpoint { addr: IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port }
}

pub(super) fn client() -> Endpoint {
    end(1, 50_000)
}

pub(super) fn server() -> Endpoint {
    end(2, 80)
}

/// A bare segment.
pub(super) fn segment(sequence: u32) -> Segment<'static> {
    Segment {
        sequence,
        acknowledgement: 0,
        syn: false,
        ack: false,
        fin: false,
        rst: false,
        payload: &[],
        wire_len: 0,
    }
}

pub(super) fn syn(sequence: u32) -> Segment<'static> {
    Segment { syn: true, ..segment(sequence) }
}

pub(super) fn syn_ack(sequence: u32, acknowledgement: u32) -> Segment<'static> {
    Segment { syn: true, ..ack(sequence, acknowledgement) }
}

pub(super) fn ack(sequence: u32, acknowledgement: u32) -> Segment<'static> {
    Segment { ack: true, acknowledgement, ..segment(sequence) }
}

pub(super) fn fin(sequence: u32, acknowledgement: u32) -> Segment<'static> {
    Segment { fin: true, ..ack(sequence, acknowledgement) }
}

pub(super) fn rst(sequence: u32) -> Segment<'static> {
    Segment { rst: true, ..segment(sequence) }
}

pub(super) fn data(sequence: u32, payload: &[u8]) -> Segment<'_> {
    Segment { payload, wire_len: u32::try_from(payload.len()).unwrap(), ..segment(sequence) }
}

pub(super) fn data_ack(sequence: u32, payload: &[u8], acknowledgement: u32) -> Segment<'_> {
    Segment { ack: true, acknowledgement, ..data(sequence, payload) }
}

/// What a flow was when it closed.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    pub(super) flow: Flow,
    pub(super) reason: EndReason,
    pub(super) at: Moment,
}

/// Writes down what it is told, `>` to the server and `<` to the client.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) story: String,
    pub(super) closed: Vec<Closed>,
    pub(super) opened: usize,
    /// Answers to give, the first first; then `All`.
    pub(super) demands: Vec<Demand>,
}

impl Notes {
    fn demand(&mut self) -> Demand {
        if self.demands.is_empty() { Demand::All } else { self.demands.remove(0) }
    }

    fn arrow(direction: Direction) -> char {
        match direction {
            Direction::ToServer => '>',
            Direction::ToClient => '<',
        }
    }
}

impl Consumer for Notes {
    type State = FlowId;

    fn open(&mut self, flow: &Flow) -> FlowId {
        self.opened += 1;
        flow.id
    }

    fn chunk(
        &mut self,
        flow: &Flow,
        state: &mut FlowId,
        _: Moment,
        direction: Direction,
        chunk: Chunk<'_>,
    ) -> Demand {
        assert_eq!(flow.id, *state);
        let arrow = Self::arrow(direction);
        match chunk {
            Chunk::Data(bytes) => write!(self.story, "{arrow}{} ", String::from_utf8_lossy(bytes)),
            Chunk::Gap(len) => write!(self.story, "{arrow}gap{len} "),
            Chunk::End(reason) => write!(self.story, "{arrow}{reason:?} "),
        }
        .unwrap();
        self.demand()
    }

    fn datagram(
        &mut self,
        flow: &Flow,
        state: &mut FlowId,
        _: Moment,
        direction: Direction,
        datagram: Datagram<'_>,
    ) -> Demand {
        assert_eq!(flow.id, *state);
        let cut = if datagram.cut { "(cut)" } else { "" };
        let text = String::from_utf8_lossy(datagram.payload);
        write!(self.story, "{}{text}{cut} ", Self::arrow(direction)).unwrap();
        self.demand()
    }

    fn close(&mut self, flow: &Flow, state: FlowId, at: Moment, reason: EndReason) {
        assert_eq!(flow.id, state);
        self.closed.push(Closed { flow: *flow, reason, at });
    }
}

/// A tracker with its consumer, a clock and a frame counter.
pub(super) struct Scene {
    pub(super) tracker: Tracker<Notes>,
    pub(super) notes: Notes,
    pub(super) time: i64,
    pub(super) frame: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> Self {
        Self { tracker: Tracker::new(limits), notes: Notes::default(), time: 0, frame: 0 }
    }

    /// One whose connection is open: client's next byte is 101, server's 501.
    pub(super) fn open() -> Self {
        Self::open_with(Limits::default())
    }

    pub(super) fn open_with(limits: Limits) -> Self {
        let mut scene = Self::with(limits);
        scene.client(syn(100)).server(syn_ack(500, 101)).client(ack(101, 501));
        scene
    }

    pub(super) fn now(&self) -> Moment {
        let frame = FrameId { order: self.frame, number: self.frame, capture: CaptureId(0) };
        Moment { frame, time: Timestamp::from_nanos(self.time) }
    }

    pub(super) fn send(&mut self, source: Endpoint, destination: Endpoint, body: Body<'_>) -> &mut Self {
        self.frame += 1;
        self.time += 1_000;
        let packet = Packet { source, destination, source_mac: None, destination_mac: None, tunnel: 0, body };
        self.tracker.packet(self.now(), &packet, &mut self.notes);
        self
    }

    pub(super) fn client(&mut self, segment: Segment<'_>) -> &mut Self {
        self.send(client(), server(), Body::Tcp(segment))
    }

    pub(super) fn server(&mut self, segment: Segment<'_>) -> &mut Self {
        self.send(server(), client(), Body::Tcp(segment))
    }

    pub(super) fn udp(&mut self, source: Endpoint, destination: Endpoint, payload: &[u8]) -> &mut Self {
        self.send(
            source,
            destination,
            Body::Udp {
                payload,
                cut: false,
                wire_len: u32::try_from(payload.len()).unwrap(),
                identification: 7,
            },
        )
    }

    pub(super) fn wait(&mut self, nanos: i64) -> &mut Self {
        self.time += nanos;
        self
    }

    pub(super) fn finish(&mut self) -> &mut Self {
        self.tracker.finish(self.now(), &mut self.notes);
        assert_eq!((self.tracker.flows(), self.tracker.held), (0, 0));
        self
    }

    /// What was told since the last time.
    pub(super) fn story(&mut self) -> String {
        std::mem::take(&mut self.notes.story).trim_end().to_owned()
    }

    pub(super) fn reasons(&self) -> Vec<EndReason> {
        self.notes.closed.iter().map(|closed| closed.reason).collect()
    }

    /// Traffic of the only flow that closed.
    pub(super) fn traffic(&self) -> [Traffic; 2] {
        let [closed] = &self.notes.closed[..] else { panic!("one flow, not {}", self.notes.closed.len()) };
        closed.flow.traffic
    }
}
