//! What link and network layers leave of a frame: the transport's view of it, borrowed.
//!
//! Filled by `link` and `ip` (and by `defrag` for a datagram that came in pieces), read by the flow table.

use crate::flow::Endpoint;

/// A packet as the flow table needs it.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Sender.
    pub source: Endpoint,
    /// Receiver.
    pub destination: Endpoint,
    /// Sender's MAC address, where the link layer has one.
    pub source_mac: Option<[u8; 6]>,
    /// Receiver's MAC address, where the link layer has one.
    pub destination_mac: Option<[u8; 6]>,
    /// 0, or a number that is the same for both directions of one tunnel: flows in different tunnels may
    /// share addresses.
    pub tunnel: u32,
    /// What the transport layer said.
    pub body: Body<'a>,
}

/// The transport layer of a packet.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A UDP datagram.
    Udp {
        /// The captured payload.
        payload: &'a [u8],
        /// Whether the snapshot length cut it.
        cut: bool,
        /// Payload length on the wire in bytes; more than `payload.len()` where the frame was cut.
        wire_len: u32,
        /// IPv4 identification, by which a copy of the packet is told from another packet with the same payload; 0
        /// where there is none.
        identification: u16,
    },
    /// An ICMP or ICMPv6 destination-unreachable message about a TCP or UDP packet from `source` to
    /// `destination` of the enclosing [`Packet`], which are the ends the message quotes, not those of the message.
    Unreachable {
        /// Whether the quoted packet was TCP (otherwise UDP).
        tcp: bool,
    },
}

/// A TCP segment (RFC 9293 3.1).
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Sequence number of the first payload byte, or of the SYN.
    pub sequence: u32,
    /// Acknowledgement number, where `ack` is set.
    pub acknowledgement: u32,
    /// Control bits.
    pub syn: bool,
    /// Acknowledgement number is valid.
    pub ack: bool,
    /// Sender has finished sending.
    pub fin: bool,
    /// Connection is reset.
    pub rst: bool,
    /// The captured payload.
    pub payload: &'a [u8],
    /// Payload length on the wire in bytes; more than `payload.len()` where the frame was cut.
    pub wire_len: u32,
}
