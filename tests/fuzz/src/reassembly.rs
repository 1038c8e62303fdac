//! TCP reassembly against a model: two known streams, cut and disturbed as the input says.
//!
//! Input: one byte of options (bit 0: tight limits, bit 1: a reader that skips), two initial sequence numbers of four
//! bytes, then segments of six bytes: kind, place in the stream (two), length, bytes cut off, time passed.

use capture::packet::{Body, Packet, Segment};
use capture::{
    Chunk, Consumer, Datagram, Demand, Direction, EndReason, Endpoint, Flow, Limits, Moment, Tracker,
};

use crate::witness::{moment, tight};

/// Bytes of each stream that segments may carry.
const STREAM: usize = 4_096;

/// What was delivered of each direction: a byte where there is one, nothing for gaps and skips.
#[derive(Default)]
struct Delivered {
    streams: [Vec<Option<u8>>; 2],
    /// Where a skip began and ended.
    skipped: [Vec<(usize, usize)>; 2],
    ended: [u32; 2],
    skips: bool,
    gaps: u64,
    flows: u64,
}

impl Consumer for Delivered {
    type State = ();

    fn open(&mut self, _: &Flow) {
        self.flows += 1;
    }

    fn chunk(&mut self, _: &Flow, (): &mut (), _: Moment, direction: Direction, chunk: Chunk<'_>) -> Demand {
        let index = direction.index();
        assert_eq!(self.ended[index], 0, "{chunk:?} after the end");
        let stream = &mut self.streams[index];
        match chunk {
            Chunk::Data(bytes) => {
                assert!(!bytes.is_empty(), "data without a byte");
                stream.extend(bytes.iter().copied().map(Some));
                if self.skips && bytes[0] & 7 == 0 {
                    let start = stream.len();
                    let end = start + 1 + usize::from(bytes[0]);
                    stream.resize(end, None);
                    self.skipped[index].push((start, end));
                    return Demand::AllAfter((end - start) as u64);
                }
            }
            Chunk::Gap(len) => {
                assert!(len > 0 && len <= STREAM as u64 * 2, "a gap of {len} bytes");
                self.gaps += 1;
                stream.resize(stream.len() + len as usize, None);
            }
            Chunk::End(_) => self.ended[index] += 1,
        }
        Demand::All
    }

    fn datagram(&mut self, _: &Flow, (): &mut (), _: Moment, _: Direction, _: Datagram<'_>) -> Demand {
        Demand::All
    }

    fn close(&mut self, _: &Flow, (): (), _: Moment, _: EndReason) {}
}

/// What was put on the wire of one direction.
struct Sent {
    bytes: Vec<u8>,
    on_wire: Vec<bool>,
    captured: Vec<bool>,
    whole: bool,
}

struct Wire {
    tracker: Tracker<Delivered>,
    delivered: Delivered,
    starts: [u32; 2],
    order: u64,
    nanos: i64,
}

impl Wire {
    fn send(&mut self, way: usize, segment: Segment<'_>) {
        let end = |last, port| Endpoint { addr: [10, 0, 0, last].into(), port };
        let ends = [end(1, 50_000), end(2, 80)];
        self.order += 1;
        let packet = Packet {
            source: ends[way],
            destination: ends[1 - way],
            source_mac: None,
            destination_mac: None,
            tunnel: 0,
            body: Body::Tcp(segment),
        };
        self.tracker.packet(moment(self.order, self.nanos), &packet, &mut self.delivered);
    }

    fn segment(&self, way: usize, place: usize) -> Segment<'static> {
        Segment {
            sequence: self.starts[way].wrapping_add(place as u32),
            acknowledgement: self.starts[1 - way],
            syn: false,
            ack: true,
            fin: false,
            rst: false,
            payload: &[],
            wire_len: 0,
        }
    }
}

pub(crate) fn run(input: &[u8]) {
    let Some((&[options, a, b, c, d, e, f, g, h], rest)) = input.split_first_chunk() else { return };
    let limits = if options & 1 != 0 { tight() } else { Limits::default() };
    let mut sent = [3_u8, 5].map(|salt| Sent {
        bytes: (0..STREAM).map(|at| (at * 7 % 251) as u8 ^ salt).collect(),
        on_wire: vec![false; STREAM],
        captured: vec![false; STREAM],
        whole: true,
    });
    let starts = [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])];
    let mut wire = Wire {
        tracker: Tracker::new(limits),
        delivered: Delivered { skips: options & 2 != 0, ..Delivered::default() },
        starts,
        order: 0,
        nanos: 1_000_000_000,
    };
    wire.send(
        0,
        Segment { sequence: starts[0].wrapping_sub(1), syn: true, ack: false, ..wire.segment(0, 0) },
    );
    wire.send(1, Segment { sequence: starts[1].wrapping_sub(1), syn: true, ..wire.segment(1, 0) });
    let mut bare = true;
    for &[kind, high, low, len, cut, pause] in rest.as_chunks().0 {
        wire.nanos += i64::from(pause) * 1_000;
        let way = usize::from(kind & 1);
        let place = usize::from(u16::from_be_bytes([high, low])) % STREAM;
        let end = (place + usize::from(len) + 1).min(STREAM);
        if kind & 0x0e == 2 {
            // An acknowledgement of something the capture may not hold.
            let acknowledgement = starts[1 - way].wrapping_add(place as u32);
            wire.send(way, Segment { acknowledgement, ..wire.segment(way, 0) });
            bare = false;
            continue;
        }
        let captured = end - if kind & 0x0e == 4 { usize::from(cut).min(end - place) } else { 0 };
        let sent = &mut sent[way];
        sent.on_wire[place..end].fill(true);
        sent.captured[place..captured].fill(true);
        sent.whole &= captured == end;
        let template = wire.segment(way, place);
        let payload = &sent.bytes[place..captured];
        wire.send(way, Segment { payload, wire_len: (end - place) as u32, ..template });
    }
    let last = moment(wire.order + 1, wire.nanos);
    wire.tracker.finish(last, &mut wire.delivered);
    assert_eq!(wire.tracker.flows(), 0, "flows left over");
    assert_eq!(wire.delivered.flows, 1, "one flow stays one");
    for (way, sent) in sent.iter().enumerate() {
        judge(&wire, way, sent, bare);
    }
}

/// Compares what one direction was given with what was sent.
fn judge(wire: &Wire, way: usize, sent: &Sent, bare: bool) {
    let Delivered { streams, skipped, .. } = &wire.delivered;
    for (at, byte) in streams[way].iter().enumerate() {
        if let Some(byte) = byte {
            assert!(sent.captured.get(at) == Some(&true), "byte {at} was never captured");
            assert_eq!(*byte, sent.bytes[at], "byte {at} is misplaced");
        }
    }
    let end = sent.on_wire.iter().rposition(|seen| *seen).map_or(0, |last| last + 1);
    // Limits and acknowledgements may make a hole a gap before its bytes come; otherwise all must be there.
    if !bare || !sent.whole || wire.tracker.counters().reorder_limit_hits > 0 {
        return;
    }
    for at in 0..end {
        let wanted = !skipped[way].iter().any(|(from, to)| (*from..*to).contains(&at));
        let expected = (wanted && sent.on_wire[at]).then(|| sent.bytes[at]);
        assert_eq!(streams[way].get(at), Some(&expected), "byte {at} of {end}");
    }
}
