//! What a decoder is: the contract between a protocol and the session that feeds it.

use capture::{Direction, EndReason, Transport};

use crate::Protocol;
use crate::events::Events;
use crate::limits::Limits;

/// What a decoder is given of one direction of its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Stream bytes: all that was given before and not consumed, and what has come since.
    Data(&'a [u8]),
    /// One datagram.
    Datagram {
        /// Its payload as captured.
        payload: &'a [u8],
        /// Whether the snapshot length cut it.
        cut: bool,
    },
    /// So many stream bytes are missing here. What was not consumed before is gone too.
    Gap(u64),
    /// Nothing follows in this direction. What was not consumed stays unread.
    End(EndReason),
}

/// What a decoder made of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many bytes are done with. If there are more, they are given again at once; at least one byte must be
    /// consumed for that.
    Consumed(usize),
    /// Nothing can be said before this many bytes are there, counted from the start of the input; 0 where the
    /// decoder cannot know.
    NeedMore(usize),
    /// The next so many bytes, counted from the start of the input and perhaps beyond its end, are of no interest:
    /// they need not be kept, and a gap in them does no harm.
    Skip(u64),
    /// This direction cannot be followed any more. The session looks for a place to begin again, by the probe.
    Lost,
    /// The decoder wants nothing more of this flow, in either direction.
    Finished,
    /// So many bytes are done with; what follows, in both directions, belongs to another protocol.
    HandOver(Protocol, usize),
}

/// A protocol's reader of one flow.
pub trait Decoder: Send {
    /// Reads what came, in the order in which it was captured.
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome;
}

/// What a look at the first bytes tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It is this protocol.
    Yes,
    /// More bytes would tell.
    Maybe,
    /// It is not.
    No,
}

/// A decoder's entry in the list of decoders.
#[derive(Clone, Copy)]
pub struct Spec {
    /// The protocol it reads.
    pub protocol: Protocol,
    /// What carries it.
    pub transports: &'static [Transport],
    /// Ports where it is tried first. A flow on another port is still tried, if `any_port` says so.
    pub ports: &'static [u16],
    /// Whether the probe is strong enough for flows on any port.
    pub any_port: bool,
    /// Whether its datagrams are questions and answers that stand for themselves: behind an answer its flow may soon be
    /// given up, for a later question is as good in a flow of its own.
    pub exchanges: bool,
    /// Looks at the first bytes of one direction, as if they went that way.
    pub probe: fn(&[u8], Direction) -> Probe,
    /// Makes a decoder for one flow.
    pub make: fn(&Limits) -> Box<dyn Decoder>,
}
