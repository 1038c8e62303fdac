//! Packets from the world, put in order.
//!
//! `capture` turns a live interface or capture files into frames ([`Frame`]), frames into flows
//! ([`Flow`]), and flows into what a protocol decoder wants to see: bytes in the order in which they
//! were sent ([`Chunk`]) and whole datagrams ([`Datagram`]).
//!
//! What this crate is *not*: it knows no application protocol, judges nothing, prints nothing, and reads
//! no clock. Time comes from the frames alone, so that a replayed capture gives what the live one gave.
//!
//! ```text
//! source  ->  Batch of frames  ->  link, ip, defrag  ->  flow table  ->  tcp assembler  ->  Consumer
//! ```

pub mod batch;
pub mod counters;
pub mod defrag;
mod duplicate;
pub mod flow;
pub mod frame;
mod ip;
pub mod limits;
pub mod link;
pub mod packet;
pub mod source;
mod tcp;
pub mod tracker;
mod wire;

pub use batch::{Batch, FrameHead};
pub use counters::Counters;
pub use flow::{
    Chunk, Consumer, Datagram, Demand, Direction, EndReason, Endpoint, Flow, FlowId, FlowKey, Moment, Origin,
    Pulse, Traffic, Transport,
};
pub use frame::{CaptureId, Frame, FrameId, LinkType, Timestamp};
pub use limits::Limits;
pub use source::{CaptureInfo, FileOptions, FileSource, Fill, Filter, Source, SourceError, SourceProblem};
pub use tracker::{Foreseen, Tracker};
