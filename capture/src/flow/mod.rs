//! Flows, and the contract between the capture and whoever reads what flows carry.
//!
//! The flow table itself and the TCP assembler sit beside this file and stay private; users of the crate
//! see [`Flow`], [`Chunk`] and [`Consumer`].

pub(crate) mod clock;
pub(crate) mod entry;
pub(crate) mod list;
pub(crate) mod opening;
pub(crate) mod pulse;
pub(crate) mod table;

use std::fmt;
use std::net::IpAddr;

pub use self::pulse::Pulse;
use crate::frame::{FrameId, Timestamp};

/// The transport protocol of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
}

impl Transport {
    /// `tcp` or `udp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Which way data goes in a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the client (who opened the flow, or is taken to have) to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }

    /// An index into a pair: 0 to the server, 1 to the client.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::ToServer => 0,
            Self::ToClient => 1,
        }
    }
}

/// An address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The IP address; an IPv4-mapped IPv6 address is kept as it was sent.
    pub addr: IpAddr,
    /// The TCP or UDP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addr {
            IpAddr::V4(addr) => write!(out, "{addr}:{}", self.port),
            IpAddr::V6(addr) => write!(out, "[{addr}]:{}", self.port),
        }
    }
}

/// The two ends of a flow and its transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowKey {
    /// Sender of the SYN; without a SYN, sender of the first packet seen.
    pub client: Endpoint,
    /// The other end.
    pub server: Endpoint,
    /// TCP or UDP.
    pub transport: Transport,
}

impl FlowKey {
    /// The same flow seen from the other end.
    #[must_use]
    pub const fn reverse(self) -> Self {
        Self { client: self.server, server: self.client, transport: self.transport }
    }
}

/// A flow's identity in a run: the [`FrameId::order`] of its first frame, which no other flow shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u64);

/// How sure it is who opened the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A SYN, or a SYN with ACK, was captured.
    Syn,
    /// The capture began inside the flow: the client is a guess.
    Midstream,
    /// A datagram flow: the client sent the first datagram seen.
    Datagram,
}

/// What one direction of a flow carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames; a fragmented datagram counts once.
    pub packets: u64,
    /// Payload bytes; for TCP distinct sequence numbers only, so without retransmissions.
    pub bytes: u64,
}

/// A flow as its readers see it.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// Its identity in the run.
    pub id: FlowId,
    /// Its two ends.
    pub key: FlowKey,
    /// How sure `key.client` is the client.
    pub origin: Origin,
    /// Its first frame.
    pub first: Moment,
    /// Client's MAC address, where the link layer has one.
    pub client_mac: Option<[u8; 6]>,
    /// Server's MAC address, where the link layer has one.
    pub server_mac: Option<[u8; 6]>,
    /// What went to the server and to the client so far.
    pub traffic: [Traffic; 2],
    /// When payload came, in both directions.
    pub pulse: Pulse,
    /// Whether the client's SYN was seen.
    pub syn: bool,
    /// Whether the server's SYN with ACK was seen.
    pub syn_ack: bool,
    /// Whether the server answered the client's SYN with a reset: nobody listens there.
    pub refused: bool,
    /// Whether an ICMP destination-unreachable message quoted a packet of this flow.
    pub unreachable: bool,
}

/// A frame and its time: what everything that happens is stamped with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The frame.
    pub frame: FrameId,
    /// When it was captured.
    pub time: Timestamp,
}

/// Why a flow, or one direction of it, ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// Its sender closed it.
    Fin,
    /// One end reset it. The streams end when the flow leaves: what the other end had sent is still on its way.
    Reset,
    /// No packet for long enough, by packet time.
    Idle,
    /// Evicted to keep a limit.
    Evicted,
    /// The capture ended.
    EndOfCapture,
}

/// What the assembler delivers of a TCP stream, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// The next bytes.
    Data(&'a [u8]),
    /// This many bytes were not captured, or were given up at a limit.
    Gap(u64),
    /// No more bytes in this direction.
    End(EndReason),
}

/// A datagram's payload, whole as far as it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// The bytes captured.
    pub payload: &'a [u8],
    /// Whether the snapshot length cut it.
    pub cut: bool,
}

/// What a reader wants of the direction that was just delivered to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// All that follows.
    All,
    /// Nothing for so many bytes, then all that follows. The bytes are counted but need not be kept or ordered
    /// in memory; a gap among them is swallowed. Of a datagram flow the same as [`Demand::All`].
    AllAfter(u64),
    /// All that follows, but nothing has to: a datagram flow's question is answered. Of a TCP stream the same as
    /// [`Demand::All`].
    Little,
    /// Nothing more in either direction; only traffic is counted.
    Nothing,
}

/// Who reads what flows carry. One value lives on one thread and sees all flows of its shard in frame order.
pub trait Consumer {
    /// What it keeps for one flow.
    type State;

    /// A flow begins to carry something: called before its first chunk or datagram, or, where it never carried
    /// any, right before [`Consumer::close`]. So a flood of connection attempts costs no state.
    fn open(&mut self, flow: &Flow) -> Self::State;

    /// Something of a state that is soon to be changed, no matter what: reading it brings it near. See
    /// [`crate::Tracker::approach`].
    fn glance(_state: &Self::State) -> u64 {
        0
    }

    /// The next part of a TCP stream.
    fn chunk(
        &mut self,
        flow: &Flow,
        state: &mut Self::State,
        at: Moment,
        direction: Direction,
        chunk: Chunk<'_>,
    ) -> Demand;

    /// The next datagram of a UDP flow.
    fn datagram(
        &mut self,
        flow: &Flow,
        state: &mut Self::State,
        at: Moment,
        direction: Direction,
        datagram: Datagram<'_>,
    ) -> Demand;

    /// The flow has left the table; `at` is the frame that made it leave, or the last one of the capture, so that the
    /// moments handed over never go back.
    ///
    /// A TCP flow that was closed stays for [`crate::Limits::tcp_linger`], to count its late segments; when it ended is
    /// told by [`Chunk::End`]. One that was reset stays as long and is read on, for the reset may be forged. `reason` is [`EndReason::Fin`] or [`EndReason::Reset`] for it even where the end
    /// of the capture or the limit on flows came first. A flow whose ports are used again before
    /// its end was seen is taken for reset.
    fn close(&mut self, flow: &Flow, state: Self::State, at: Moment, reason: EndReason);
}
