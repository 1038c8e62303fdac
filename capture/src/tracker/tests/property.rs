//! Reassembly against a model: a known stream, cut into segments, disturbed as networks and captures do.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::scene::{ack, client, data, server, syn, syn_ack};
use crate::flow::{Chunk, Consumer, Datagram, Demand, Direction, EndReason, Flow, Moment};
use crate::frame::{CaptureId, FrameId, Timestamp};
use crate::limits::Limits;
use crate::packet::{Body, Packet, Segment};
use crate::tracker::Tracker;

/// Puts each direction together: a byte where one was delivered, nothing where it is a gap or was skipped.
#[derive(Default)]
struct Collector {
    streams: [Vec<Option<u8>>; 2],
    /// For each byte, how many bytes of the other direction had been delivered before it.
    after: [Vec<usize>; 2],
    /// Offsets that were asked to be skipped.
    skipped: [Vec<(usize, usize)>; 2],
    ended: [usize; 2],
    /// Skips to ask for, one for each chunk of data.
    skips: VecDeque<u64>,
    traffic: [u64; 2],
}

impl Consumer for Collector {
    type State = ();

    fn open(&mut self, _: &Flow) {}

    fn chunk(&mut self, _: &Flow, (): &mut (), _: Moment, direction: Direction, chunk: Chunk<'_>) -> Demand {
        let index = direction.index();
        assert_eq!(self.ended[index], 0, "nothing comes after the end");
        let before = self.streams[1 - index].len();
        let stream = &mut self.streams[index];
        match chunk {
            Chunk::Data(bytes) => {
                assert!(!bytes.is_empty());
                stream.extend(bytes.iter().map(|byte| Some(*byte)));
                self.after[index].resize(stream.len(), before);
                let skip = self.skips.pop_front().unwrap_or(0);
                if skip > 0 {
                    let start = stream.len();
                    stream.resize(start + usize::try_from(skip).unwrap(), None);
                    self.skipped[index].push((start, stream.len()));
                    return Demand::AllAfter(skip);
                }
            }
            Chunk::Gap(len) => stream.resize(stream.len() + usize::try_from(len).unwrap(), None),
            Chunk::End(_) => self.ended[index] += 1,
        }
        Demand::All
    }

    fn datagram(&mut self, _: &Flow, (): &mut (), _: Moment, _: Direction, _: Datagram<'_>) -> Demand {
        Demand::All
    }

    fn close(&mut self, flow: &Flow, (): (), _: Moment, _: EndReason) {
        self.traffic = flow.traffic.map(|traffic| traffic.bytes);
    }
}

/// A piece of one direction's stream on its way.
#[derive(Clone, Debug)]
struct Piece {
    direction: usize,
    start: usize,
    end: usize,
    /// How many bytes the snapshot length left.
    captured: usize,
    /// How many bytes of the other direction its sender had sent or got before.
    acknowledged: usize,
}

/// What happens to one piece: how far it slides in order, how far it reaches back, whether it comes twice, is lost, or cut.
type Fate = (usize, usize, bool, bool, bool);

#[derive(Clone, Debug)]
struct Plan {
    starts: [u32; 2],
    streams: [Vec<u8>; 2],
    pieces: Vec<Piece>,
    skips: VecDeque<u64>,
}

fn sizes() -> impl Strategy<Value = Vec<(bool, usize)>> {
    prop::collection::vec((any::<bool>(), 1usize..40), 1..60)
}

/// `holes` says whether pieces may be lost or cut.
fn plan(holes: bool, skip: bool) -> impl Strategy<Value = Plan> {
    let fates = prop::collection::vec(
        (
            0usize..8,
            0usize..50,
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.1),
            prop::bool::weighted(0.1),
        ),
        60,
    );
    let near_the_wrap = (0u32..3_000).prop_map(|back| u32::MAX - back);
    let start = prop_oneof![near_the_wrap, any::<u32>()];
    let skips = prop::collection::vec(prop_oneof![Just(0u64), 1u64..100], if skip { 0..20 } else { 0..1 });
    (sizes(), fates, start.clone(), start, skips, any::<u8>()).prop_map(
        move |(sizes, fates, one, other, skips, salt)| {
            let (streams, pieces) = cut(&sizes, &fates, holes, salt);
            let skips = if skip { skips.into() } else { VecDeque::new() };
            Plan { starts: [one, other], streams, pieces, skips }
        },
    )
}

/// A conversation of which frames came a place or two late, as two taps hand them over.
fn nearly_in_order() -> impl Strategy<Value = Plan> {
    let late = (0usize..3).prop_map(|slide| (slide, 0, false, false, false));
    (sizes(), prop::collection::vec(late, 60), any::<u32>(), any::<u32>(), any::<u8>()).prop_map(
        |(sizes, fates, one, other, salt)| {
            let (streams, pieces) = cut(&sizes, &fates, false, salt);
            Plan { starts: [one, other], streams, pieces, skips: VecDeque::new() }
        },
    )
}

fn cut(sizes: &[(bool, usize)], fates: &[Fate], holes: bool, salt: u8) -> ([Vec<u8>; 2], Vec<Piece>) {
    let mut streams: [Vec<u8>; 2] = [Vec::new(), Vec::new()];
    let mut placed: Vec<(usize, Piece)> = Vec::new();
    for (number, ((to_client, size), (slide, back, twice, lost, short))) in
        sizes.iter().zip(fates).enumerate()
    {
        let direction = usize::from(*to_client);
        let acknowledged = streams[1 - direction].len();
        let stream = &mut streams[direction];
        let first = stream.len();
        for offset in first..first + size {
            stream.push(u8::try_from(offset * 7 % 251).unwrap() ^ salt);
        }
        if holes && *lost {
            continue;
        }
        let start = first.saturating_sub(*back / 2);
        let end = first + size;
        let captured = if holes && *short { (end - start) / 2 } else { end - start };
        let piece = Piece { direction, start, end, captured, acknowledged };
        placed.push((number + slide, piece.clone()));
        if *twice {
            placed.push((number + 2 * slide + 1, piece));
        }
    }
    placed.sort_by_key(|(place, _)| *place);
    (streams, placed.into_iter().map(|(_, piece)| piece).collect())
}

fn moment(order: u64) -> Moment {
    let frame = FrameId { order, number: order, capture: CaptureId(0) };
    Moment { frame, time: Timestamp::from_nanos(i64::try_from(order).unwrap() * 1_000) }
}

/// Nobody acknowledges anything.
fn run(plan: &Plan, limits: Limits) -> (Collector, Tracker<Collector>) {
    play(plan, limits, false)
}

fn play(plan: &Plan, limits: Limits, ack_all: bool) -> (Collector, Tracker<Collector>) {
    let mut tracker = Tracker::new(limits);
    let mut collector = Collector { skips: plan.skips.clone(), ..Collector::default() };
    let mut order = 0;
    let mut send = |tracker: &mut Tracker<Collector>, collector: &mut Collector, way: usize, segment| {
        order += 1;
        let ends = if way == 0 { (client(), server()) } else { (server(), client()) };
        let packet = Packet {
            source: ends.0,
            destination: ends.1,
            source_mac: None,
            destination_mac: None,
            tunnel: 0,
            body: Body::Tcp(segment),
        };
        tracker.packet(moment(order), &packet, collector);
    };
    let [isn, other_isn] = plan.starts.map(|start| start.wrapping_sub(1));
    send(&mut tracker, &mut collector, 0, syn(isn));
    send(&mut tracker, &mut collector, 1, syn_ack(other_isn, plan.starts[0]));
    send(&mut tracker, &mut collector, 0, ack(plan.starts[0], plan.starts[1]));
    for piece in &plan.pieces {
        let bytes = &plan.streams[piece.direction][piece.start..piece.start + piece.captured];
        let sequence = plan.starts[piece.direction].wrapping_add(u32::try_from(piece.start).unwrap());
        let wire_len = u32::try_from(piece.end - piece.start).unwrap();
        let acknowledged = u32::try_from(piece.acknowledged).unwrap();
        let acknowledgement = plan.starts[1 - piece.direction].wrapping_add(acknowledged);
        let segment = Segment { wire_len, ack: ack_all, acknowledgement, ..data(sequence, bytes) };
        send(&mut tracker, &mut collector, piece.direction, segment);
    }
    tracker.finish(moment(order + 1), &mut collector);
    (collector, tracker)
}

/// For each byte of a stream whether any piece brought its place, and whether one captured it, first or later.
fn seen(plan: &Plan, direction: usize) -> (Vec<bool>, Vec<bool>) {
    let len = plan.streams[direction].len();
    let (mut on_wire, mut captured) = (vec![false; len], vec![false; len]);
    for piece in plan.pieces.iter().filter(|piece| piece.direction == direction) {
        on_wire[piece.start..piece.end].fill(true);
        captured[piece.start..piece.start + piece.captured].fill(true);
    }
    (on_wire, captured)
}

fn expected_traffic(plan: &Plan) -> [u64; 2] {
    [0, 1].map(|direction| seen(plan, direction).0.iter().map(|seen| u64::from(*seen)).sum())
}

proptest! {
    #[test]
    fn segments_in_any_order_give_the_stream(plan in plan(false, false)) {
        let (collector, tracker) = run(&plan, Limits::default());
        for direction in [0, 1] {
            let delivered: Option<Vec<u8>> = collector.streams[direction].iter().copied().collect();
            prop_assert_eq!(delivered.as_ref(), Some(&plan.streams[direction]));
        }
        prop_assert_eq!(collector.traffic, expected_traffic(&plan));
        prop_assert_eq!(tracker.counters().gaps, 0);
        prop_assert_eq!(tracker.counters().conflicting_overlaps, 0);
        prop_assert_eq!(tracker.held, 0);
        prop_assert_eq!(tracker.flows(), 0);
    }

    #[test]
    fn nothing_is_delivered_before_what_it_acknowledges(plan in nearly_in_order()) {
        let (collector, tracker) = play(&plan, Limits::default(), true);
        for piece in &plan.pieces {
            for (offset, after) in collector.after[piece.direction].iter().enumerate().take(piece.end) {
                let first = plan.pieces.iter().filter(|other| other.direction == piece.direction);
                let sent = first.filter(|other| (other.start..other.end).contains(&offset));
                let acknowledged = sent.map(|other| other.acknowledged).min();
                prop_assert!(Some(*after) >= acknowledged);
            }
        }
        for direction in [0, 1] {
            let delivered: Option<Vec<u8>> = collector.streams[direction].iter().copied().collect();
            prop_assert_eq!(delivered.as_ref(), Some(&plan.streams[direction]));
        }
        prop_assert_eq!(collector.traffic, expected_traffic(&plan));
        prop_assert_eq!((tracker.counters().gaps, tracker.held), (0, 0));
    }

    #[test]
    fn gaps_stand_where_bytes_were_lost(mut plan in plan(true, false)) {
        // Whole frames only: what a cut frame and its uncut copy give is asserted below.
        plan.pieces.retain(|piece| piece.captured == piece.end - piece.start);
        let (collector, tracker) = run(&plan, Limits::default());
        let mut missing = 0;
        for direction in [0, 1] {
            let (on_wire, _) = seen(&plan, direction);
            let delivered = &collector.streams[direction];
            let end = on_wire.iter().rposition(|seen| *seen).map_or(0, |last| last + 1);
            prop_assert_eq!(delivered.len(), end, "what is lost at the very end leaves no trace");
            for (offset, byte) in delivered.iter().enumerate() {
                let expected = on_wire[offset].then_some(plan.streams[direction][offset]);
                prop_assert_eq!(*byte, expected);
                missing += u64::from(byte.is_none());
            }
        }
        prop_assert_eq!(tracker.counters().gap_bytes, missing);
        prop_assert_eq!(collector.traffic, expected_traffic(&plan));
    }

    #[test]
    fn cut_frames_give_no_byte_that_was_not_captured(plan in plan(true, false)) {
        let (collector, _) = run(&plan, Limits::default());
        for direction in [0, 1] {
            let (_, captured) = seen(&plan, direction);
            for (offset, byte) in collector.streams[direction].iter().enumerate() {
                if let Some(byte) = byte {
                    prop_assert!(captured[offset]);
                    prop_assert_eq!(*byte, plan.streams[direction][offset]);
                }
            }
        }
        prop_assert_eq!(collector.traffic, expected_traffic(&plan));
    }

    #[test]
    fn skips_take_out_what_was_asked_and_nothing_else(plan in plan(false, true)) {
        let (collector, tracker) = run(&plan, Limits::default());
        for direction in [0, 1] {
            let stream = &plan.streams[direction];
            let skipped = |offset: usize| {
                collector.skipped[direction].iter().any(|(start, end)| (*start..*end).contains(&offset))
            };
            let delivered = &collector.streams[direction];
            prop_assert!(delivered.len() >= stream.len());
            for (offset, byte) in delivered.iter().enumerate().take(stream.len()) {
                let expected = (!skipped(offset)).then_some(stream[offset]);
                prop_assert_eq!(*byte, expected);
            }
        }
        prop_assert_eq!(collector.traffic, expected_traffic(&plan));
        prop_assert_eq!(tracker.counters().gaps, 0);
        prop_assert_eq!(tracker.held, 0);
    }

    #[test]
    fn tight_limits_lose_bytes_but_never_misplace_them(
        plan in plan(true, true),
        bytes in 0usize..60,
        segments in 0usize..6,
    ) {
        let limits = Limits {
            reorder_bytes_per_direction: bytes,
            reorder_segments_per_direction: segments,
            reorder_bytes_total: 400,
            ..Limits::default()
        };
        let (collector, tracker) = run(&plan, limits);
        for direction in [0, 1] {
            for (offset, byte) in collector.streams[direction].iter().enumerate() {
                if let Some(byte) = byte {
                    prop_assert_eq!(*byte, plan.streams[direction][offset]);
                }
            }
        }
        prop_assert_eq!(tracker.held, 0);
    }

    #[test]
    fn arbitrary_segments_end_each_direction_once_and_hold_nothing(
        segments in prop::collection::vec(
            (any::<bool>(), 0u32..200, 0u32..200, any::<[bool; 2]>(), 0u8..20, 0u8..20, 0usize..30, 0u32..5),
            0..150,
        ),
        base in any::<u32>(),
    ) {
        let limits = Limits { flows: 2, reorder_segments_per_direction: 5, ..Limits::default() };
        let mut tracker = Tracker::new(limits);
        let mut witness = Witness::default();
        let mut order = 0;
        for (way, sequence, acknowledgement, [syn, ack], fin, rst, len, beyond) in segments {
            order += 1;
            let segment = Segment {
                sequence: base.wrapping_add(sequence),
                acknowledgement: base.wrapping_add(acknowledgement),
                syn: syn && fin < 4,
                ack,
                fin: fin == 0,
                rst: rst == 0,
                payload: &[0x55; 30][..len],
                wire_len: u32::try_from(len).unwrap() + beyond,
            };
            let (source, destination) = if way { (client(), server()) } else { (server(), client()) };
            let body = Body::Tcp(segment);
            let packet =
                Packet { source, destination, source_mac: None, destination_mac: None, tunnel: 0, body };
            tracker.packet(moment(order), &packet, &mut witness);
        }
        tracker.finish(moment(order + 1), &mut witness);
        prop_assert_eq!((tracker.flows(), tracker.held), (0, 0));
        prop_assert_eq!(witness.opened, witness.closed);
    }
}

/// Asserts the order of what a flow is told.
#[derive(Default)]
struct Witness {
    opened: u64,
    closed: u64,
}

impl Consumer for Witness {
    type State = [bool; 2];

    fn open(&mut self, _: &Flow) -> [bool; 2] {
        self.opened += 1;
        [false; 2]
    }

    fn chunk(
        &mut self,
        flow: &Flow,
        ended: &mut [bool; 2],
        at: Moment,
        direction: Direction,
        chunk: Chunk<'_>,
    ) -> Demand {
        assert!(flow.id.0 <= at.frame.order);
        assert!(!ended[direction.index()], "{chunk:?} after the end");
        ended[direction.index()] = matches!(chunk, Chunk::End(_));
        Demand::All
    }

    fn datagram(&mut self, _: &Flow, _: &mut [bool; 2], _: Moment, _: Direction, _: Datagram<'_>) -> Demand {
        Demand::All
    }

    fn close(&mut self, _: &Flow, ended: [bool; 2], _: Moment, _: EndReason) {
        assert!(ended[0] == ended[1], "both directions are told their end, or none was begun");
        self.closed += 1;
    }
}
