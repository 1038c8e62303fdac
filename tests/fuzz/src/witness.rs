//! A consumer that holds the tracker to its contract and gives what it is told to the decoders.

use capture::{Chunk, Consumer, Datagram, Demand, Direction, EndReason, Flow, FrameId, Moment, Timestamp};
use decoders::{Dispatch, FlowState};

/// See the module.
#[derive(Default)]
pub(crate) struct Witness {
    pub(crate) dispatch: Dispatch,
    pub(crate) opened: u64,
    pub(crate) closed: u64,
    latest: Moment,
    /// What was said, in the order it was said: two runs must agree.
    pub(crate) log: Vec<(u64, u64, u64)>,
}

pub(crate) struct State {
    session: FlowState,
    ended: [bool; 2],
    /// The session wants no more.
    silent: bool,
}

impl Witness {
    fn note(&mut self, flow: &Flow, at: Moment, what: u64) {
        assert!(flow.id.0 <= at.frame.order, "a flow begins with a frame that was seen");
        assert!(self.latest.frame <= at.frame, "moments never go back");
        self.latest = at;
        self.log.push((flow.id.0, at.frame.order, what));
    }
}

impl Consumer for Witness {
    type State = State;

    fn open(&mut self, flow: &Flow) -> State {
        self.opened += 1;
        State { session: self.dispatch.open(flow), ended: [false; 2], silent: false }
    }

    fn chunk(
        &mut self,
        flow: &Flow,
        state: &mut State,
        at: Moment,
        direction: Direction,
        chunk: Chunk<'_>,
    ) -> Demand {
        let index = direction.index();
        assert!(!state.silent, "{chunk:?} for a reader that wants nothing");
        assert!(!state.ended[index], "{chunk:?} after the end");
        let what = match chunk {
            Chunk::Data(bytes) => {
                assert!(!bytes.is_empty(), "data without a byte");
                bytes.iter().fold(bytes.len() as u64, |hash, byte| {
                    (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
                })
            }
            Chunk::Gap(len) => {
                assert!(len > 0, "a gap of nothing");
                len
            }
            Chunk::End(_) => {
                state.ended[index] = true;
                0
            }
        };
        self.note(flow, at, what << 1 | index as u64);
        let demand = self.dispatch.chunk(flow, &mut state.session, at, direction, chunk);
        state.silent = demand == Demand::Nothing;
        demand
    }

    fn datagram(
        &mut self,
        flow: &Flow,
        state: &mut State,
        at: Moment,
        direction: Direction,
        datagram: Datagram<'_>,
    ) -> Demand {
        self.note(flow, at, datagram.payload.len() as u64);
        self.dispatch.datagram(flow, &mut state.session, at, direction, datagram)
    }

    fn close(&mut self, flow: &Flow, state: State, at: Moment, reason: EndReason) {
        let both = state.silent || state.ended[0] == state.ended[1];
        assert!(both, "both directions are told their end, or neither began");
        self.closed += 1;
        self.note(flow, at, u64::MAX);
        self.dispatch.close(flow, state.session, at, reason);
    }
}

/// The place and time of one frame.
pub(crate) fn moment(order: u64, nanos: i64) -> Moment {
    Moment {
        frame: FrameId { order, number: order, ..FrameId::default() },
        time: Timestamp::from_nanos(nanos),
    }
}

/// Capture limits that a small input reaches.
pub(crate) fn tight() -> capture::Limits {
    capture::Limits {
        flows: 4,
        reorder_bytes_per_direction: 256,
        early_segments_per_flow: 3,
        reorder_segments_per_direction: 4,
        reorder_bytes_total: 1_024,
        fragmented_datagrams: 2,
        fragments_per_datagram: 4,
        fragment_bytes_total: 2_048,
        tunnel_depth: 1,
        inflated_datagram: 512,
        ..capture::Limits::default()
    }
}
