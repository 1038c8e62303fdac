//! Fragments in every order, against a model that knows the datagram.

use proptest::prelude::*;

use super::*;
use crate::frame::{Frame, FrameId};
use crate::link::dissect;
use crate::packet::{Body, Packet};

const SECOND: i64 = 1_000_000_000;

/// One fragment to be sent.
#[derive(Clone, Debug)]
struct Sent {
    offset: usize,
    more: bool,
    bytes: Vec<u8>,
    /// Bytes at the end that the snapshot length cuts.
    cut: usize,
}

impl Sent {
    fn new(offset: usize, more: bool, bytes: &[u8]) -> Self {
        Self { offset, more, bytes: bytes.to_vec(), cut: 0 }
    }

    /// As an IP packet of datagram `id`, in the given version.
    fn packet(&self, version: u8, id: u8) -> Vec<u8> {
        let field = |flag: usize, shift: u32| {
            u16::try_from((self.offset >> shift) | if self.more { flag } else { 0 }).unwrap().to_be_bytes()
        };
        let mut packet = if version == 4 {
            let len = u16::try_from(20 + self.bytes.len()).unwrap().to_be_bytes();
            let [high, low] = field(0x2000, 3);
            vec![0x45, 0, len[0], len[1], 0, id, high, low, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        } else {
            let len = u16::try_from(8 + self.bytes.len()).unwrap().to_be_bytes();
            let [high, low] = field(1, 0);
            let mut packet = vec![0x60, 0, 0, 0, len[0], len[1], 44, 64];
            packet.extend([0xfd; 16]);
            packet.extend([0xfe; 16]);
            packet.extend([17, 0, high, low, 0, 0, 0, id]);
            packet
        };
        packet.extend(&self.bytes);
        packet
    }
}

/// A defragmenter, its counters, and what came out of it.
struct Bench {
    limits: Limits,
    defragmenter: Defragmenter,
    counters: Counters,
}

impl Bench {
    fn new(limits: Limits) -> Self {
        Self { limits, defragmenter: Defragmenter::new(&limits), counters: Counters::default() }
    }

    /// Sends a fragment; gives the UDP payload of the datagram that it completes, and whether that is cut.
    fn send(&mut self, version: u8, id: u8, sent: &Sent, time: i64) -> Option<(Vec<u8>, bool)> {
        let packet = sent.packet(version, id);
        self.send_raw(&packet, sent.cut, time)
    }

    fn send_raw(&mut self, packet: &[u8], cut: usize, time: i64) -> Option<(Vec<u8>, bool)> {
        let frame = Frame {
            id: FrameId::default(),
            time: Timestamp::from_nanos(time),
            link: LinkType::RAW,
            interface: 0,
            bytes: &packet[..packet.len() - cut],
            wire_len: u32::try_from(packet.len()).unwrap(),
        };
        let dissected = dissect(&frame, &self.limits);
        self.settle(dissected, frame.time)
    }

    /// What a user of the defragmenter does: fragments inside a whole are fragments again.
    fn settle(&mut self, dissected: Dissected<'_>, time: Timestamp) -> Option<(Vec<u8>, bool)> {
        match dissected {
            Dissected::Fragment(fragment) => {
                let whole = self.defragmenter.push(&fragment, time, &mut self.counters)?;
                let limits = self.limits;
                self.settle(whole.dissect(&limits), time)
            }
            Dissected::Packet(Packet { body: Body::Udp { payload, cut, .. }, .. }) => {
                Some((payload.to_vec(), cut))
            }
            other => panic!("{other:?} instead of a datagram"),
        }
    }

    fn abandoned(&mut self) -> u64 {
        self.defragmenter.finish(&mut self.counters);
        assert_eq!(self.defragmenter.held(), 0);
        assert!(self.defragmenter.datagrams.is_empty());
        self.counters.fragments_abandoned
    }
}

/// A UDP datagram with a payload of so many bytes, header and all.
fn datagram(len: usize) -> Vec<u8> {
    let total = u16::try_from(8 + len).unwrap().to_be_bytes();
    let payload = (0..len).map(|at| u8::try_from(at % 251).unwrap());
    [1, 2, 3, 4, total[0], total[1], 0, 0].into_iter().chain(payload).collect()
}

/// Cuts a datagram into fragments behind the given numbers of 8-byte blocks.
fn split(datagram: &[u8], blocks: &[usize]) -> Vec<Sent> {
    let mut sent = Vec::new();
    let mut from = 0;
    for len in blocks {
        let to = from + len * 8;
        if to >= datagram.len() {
            break;
        }
        sent.push(Sent::new(from, true, &datagram[from..to]));
        from = to;
    }
    sent.push(Sent::new(from, false, &datagram[from..]));
    sent
}

#[test]
fn fragments_in_reverse_order_become_the_datagram() {
    for version in [4, 6] {
        let mut bench = Bench::new(Limits::default());
        let whole = datagram(100);
        let mut sent = split(&whole, &[3, 2, 5]);
        sent.reverse();
        let out: Vec<_> = sent.iter().filter_map(|sent| bench.send(version, 1, sent, 0)).collect();
        assert_eq!(out, [(whole[8..].to_vec(), false)]);
        assert_eq!(bench.counters.fragments, 4);
        assert_eq!(bench.abandoned(), 0);
    }
}

#[test]
fn second_copies_of_fragments_make_no_second_datagram() {
    for version in [4, 6] {
        let whole = datagram(100);
        let sent = split(&whole, &[6]);
        for order in [[0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 1]] {
            let mut bench = Bench::new(Limits::default());
            let out = order.iter().filter_map(|at| bench.send(version, 1, &sent[*at], 1_000)).count();
            assert_eq!((out, bench.counters.duplicates), (1, 2), "{order:?}");
            assert_eq!(bench.abandoned(), 0);
        }
    }
}

#[test]
fn identification_used_again_makes_another_datagram() {
    let mut bench = Bench::new(Limits::default());
    let (first, second) = (split(&datagram(100), &[6]), split(&datagram(60), &[6]));
    // The same bytes once the window for copies is over, then other bytes inside it.
    let mut out = Vec::new();
    for (fragments, time) in [(&first, 0), (&first, SECOND), (&second, SECOND)] {
        out.extend(fragments.iter().filter_map(|sent| bench.send(4, 1, sent, time)));
    }
    assert_eq!(out.iter().map(|(payload, _)| payload.len()).collect::<Vec<_>>(), [100, 100, 60]);
    assert_eq!((bench.counters.duplicates, bench.abandoned()), (0, 0));
}

#[test]
fn first_seen_bytes_win_an_overlap_in_ipv4() {
    let whole = datagram(72);
    let mut bench = Bench::new(Limits::default());
    let liar = Sent::new(16, true, &[0xee; 32]);
    let out = [
        bench.send(4, 1, &Sent::new(24, true, &whole[24..40]), 0),
        bench.send(4, 1, &liar, 0),
        bench.send(4, 1, &Sent::new(0, true, &whole[..32]), 0),
        bench.send(4, 1, &Sent::new(40, false, &whole[40..]), 0),
    ];
    let mut model = whole.clone();
    model[16..24].fill(0xee);
    model[40..48].fill(0xee);
    assert_eq!(out[3], Some((model[8..].to_vec(), false)));
    // The liar differs from what was there; so do both that come after it.
    assert_eq!(bench.counters.conflicting_overlaps, 3);
    assert_eq!(bench.abandoned(), 0);
}

#[test]
fn overlap_dooms_an_ipv6_datagram_and_what_follows() {
    let whole = datagram(72);
    let mut bench = Bench::new(Limits::default());
    // The same bytes, but other borders.
    for sent in [
        Sent::new(0, true, &whole[..32]),
        Sent::new(24, true, &whole[24..48]),
        Sent::new(0, true, &whole[..48]),
        Sent::new(48, false, &whole[48..]),
    ] {
        assert_eq!(bench.send(6, 1, &sent, 0), None);
    }
    assert_eq!(bench.counters.conflicting_overlaps, 0);
    assert_eq!(bench.counters.fragments_abandoned, 1);
    assert_eq!(bench.abandoned(), 1);
    // A repetition with other bytes.
    let mut bench = Bench::new(Limits::default());
    bench.send(6, 1, &Sent::new(0, true, &whole[..32]), 0);
    bench.send(6, 1, &Sent::new(0, true, &[7; 32]), 0);
    assert_eq!((bench.counters.conflicting_overlaps, bench.abandoned()), (1, 1));
}

#[test]
fn fragment_that_contradicts_the_end_is_left_out() {
    let whole = datagram(72);
    let mut bench = Bench::new(Limits::default());
    let sent = [
        Sent::new(48, false, &whole[48..]),
        Sent::new(48, false, &whole[48..64]),
        Sent::new(80, true, &[1; 8]),
        Sent::new(0, true, &whole[..48]),
    ];
    let out: Vec<_> = sent.iter().filter_map(|sent| bench.send(4, 1, sent, 0)).collect();
    assert_eq!(out, [(whole[8..].to_vec(), false)]);
    assert_eq!(bench.counters.conflicting_overlaps, 2);
}

#[test]
fn last_fragment_before_bytes_already_seen_is_left_out() {
    let whole = datagram(72);
    let mut bench = Bench::new(Limits::default());
    let sent = [
        Sent::new(48, true, &whole[48..64]),
        Sent::new(0, true, &whole[..40]),
        Sent::new(40, false, &whole[40..48]),
        Sent::new(40, true, &whole[40..48]),
        Sent::new(64, false, &whole[64..]),
    ];
    let out: Vec<_> = sent.iter().filter_map(|sent| bench.send(4, 1, sent, 0)).collect();
    assert_eq!(out, [(whole[8..].to_vec(), false)]);
}

#[test]
fn datagram_of_cut_fragments_ends_at_the_first_missing_byte() {
    let whole = datagram(100);
    let mut sent = split(&whole, &[6]);
    sent[0].cut = 10;
    let mut bench = Bench::new(Limits::default());
    let out: Vec<_> = sent.iter().filter_map(|sent| bench.send(4, 1, sent, 0)).collect();
    assert_eq!(out, [(whole[8..38].to_vec(), true)]);
}

#[test]
fn unfinished_datagrams_time_out_by_packet_time_even_backwards() {
    for later in [61 * SECOND, -61 * SECOND] {
        let whole = datagram(100);
        let sent = split(&whole, &[6]);
        let mut bench = Bench::new(Limits::default());
        assert_eq!(bench.send(4, 1, &sent[0], 0), None);
        assert_eq!(bench.send(4, 2, &sent[0], later), None);
        assert_eq!(bench.counters.fragments_abandoned, 1);
        assert_eq!(bench.send(4, 1, &sent[1], later), None);
        assert_eq!(bench.abandoned(), 3);
    }
    let sent = split(&datagram(100), &[6]);
    let mut bench = Bench::new(Limits::default());
    bench.send(4, 1, &sent[0], 0);
    assert!(bench.send(4, 1, &sent[1], -5 * SECOND).is_some());
}

#[test]
fn oldest_datagram_is_given_up_at_each_limit() {
    let sent = split(&datagram(100), &[6]);
    let limited = [
        Limits { fragmented_datagrams: 3, ..Limits::default() },
        Limits { fragment_bytes_total: 3 * 48, ..Limits::default() },
    ];
    for limits in limited {
        let mut bench = Bench::new(limits);
        for id in 0..5 {
            assert_eq!(bench.send(4, id, &sent[0], 0), None);
            assert!(bench.defragmenter.datagrams.len() <= 3);
        }
        assert_eq!(bench.counters.fragments_abandoned, 2);
        assert!(bench.send(4, 4, &sent[1], 0).is_some());
        assert!(bench.send(4, 0, &sent[1], 0).is_none());
    }
}

#[test]
fn datagram_of_too_many_fragments_is_given_up_once() {
    let whole = datagram(100);
    let mut bench = Bench::new(Limits { fragments_per_datagram: 3, ..Limits::default() });
    for sent in split(&whole, &[1; 20]) {
        assert_eq!(bench.send(4, 1, &sent, 0), None);
    }
    assert_eq!(bench.counters.fragments_abandoned, 1);
    assert_eq!(bench.abandoned(), 1);
}

#[test]
fn fragment_lengths_that_lie_are_malformed() {
    let malformed = |sent: Sent, version| {
        let packet = sent.packet(version, 1);
        let frame = Frame {
            id: FrameId::default(),
            time: Timestamp::default(),
            link: LinkType::RAW,
            interface: 0,
            bytes: &packet,
            wire_len: u32::try_from(packet.len()).unwrap(),
        };
        match dissect(&frame, &Limits::default()) {
            Dissected::Malformed(what) => what,
            other => panic!("{other:?}"),
        }
    };
    for version in [4, 6] {
        assert!(malformed(Sent::new(8, true, &[0; 9]), version).contains("multiple of 8"));
        assert!(malformed(Sent::new(65_528, false, &[0; 9]), version).contains("beyond 65535"));
    }
    assert!(malformed(Sent::new(8, true, &[]), 4).contains("empty"));
}

#[test]
fn fragments_inside_a_fragmented_tunnel_become_the_datagram() {
    let whole = datagram(200);
    let mut bench = Bench::new(Limits::default());
    let mut out = Vec::new();
    for (id, inner) in (10u8..).zip(split(&whole, &[12])) {
        // IP in IP, itself in two fragments.
        let inner = inner.packet(4, 77);
        let outer = [Sent::new(0, true, &inner[..64]), Sent::new(64, false, &inner[64..])];
        for sent in outer {
            let mut packet = sent.packet(4, id);
            packet[9] = 4;
            out.extend(bench.send_raw(&packet, 0, 0));
        }
    }
    assert_eq!(out, [(whole[8..].to_vec(), false)]);
    assert_eq!(bench.abandoned(), 0);
}

proptest! {
    #[test]
    fn any_split_order_and_repetition_gives_the_datagram_once(
        version in prop::sample::select(vec![4u8, 6]),
        len in 1usize..2_000,
        blocks in prop::collection::vec(1usize..40, 1..30),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let whole = datagram(len);
        let fragments = split(&whole, &blocks);
        prop_assume!(fragments.len() > 1);
        // Some fragments in any order and number, then all of them from the last to the first.
        let sent = picks.iter().map(|pick| pick.get(&fragments)).chain(fragments.iter().rev());
        let mut bench = Bench::new(Limits::default());
        let out: Vec<_> = sent.filter_map(|sent| bench.send(version, 1, sent, 0)).collect();
        prop_assert_eq!(out, [(whole[8..].to_vec(), false)]);
        prop_assert_eq!(bench.counters.conflicting_overlaps, 0);
        prop_assert_eq!(bench.counters.duplicates, u64::try_from(picks.len()).unwrap());
        prop_assert_eq!(bench.abandoned(), 0);
    }

    #[test]
    fn overlapping_ipv4_fragments_give_the_bytes_first_seen(
        cuts in prop::collection::vec((0usize..20, 1usize..12, any::<u8>()), 1..40),
    ) {
        // The model: an array in which the first write to a byte stays.
        let mut model: Vec<Option<u8>> = vec![None; 33 * 8];
        let mut bench = Bench::new(Limits::default());
        let head = datagram(33 * 8 - 8);
        let mut write = |bench: &mut Bench, sent: &Sent| {
            for (place, byte) in model[sent.offset..].iter_mut().zip(&sent.bytes) {
                place.get_or_insert(*byte);
            }
            bench.send(4, 1, sent, 0)
        };
        // The UDP header first, so that what comes out is a datagram whatever the others hold.
        write(&mut bench, &Sent::new(0, true, &head[..8]));
        for (block, len, byte) in cuts {
            write(&mut bench, &Sent::new(block * 8, true, &vec![byte; len * 8]));
        }
        write(&mut bench, &Sent::new(32 * 8, false, &head[32 * 8..]));
        let out = write(&mut bench, &Sent::new(0, true, &head[..32 * 8]));
        let model: Vec<u8> = model.iter().map(|byte| byte.unwrap()).collect();
        if let Some((payload, cut)) = out {
            prop_assert_eq!((payload, cut), (model[8..].to_vec(), false));
        } else {
            // Only where the pieces alone had filled it before.
            prop_assert!(bench.defragmenter.datagrams.values().all(Datagram::is_complete));
        }
    }

    #[test]
    fn no_sequence_of_fragments_leaks_or_panics(
        sent in prop::collection::vec(
            (4usize..7, 0u8..6, 0usize..30, any::<bool>(), 0usize..9, any::<u8>(), 0i64..200, 0usize..9),
            0..200,
        ),
    ) {
        let limits = Limits {
            fragmented_datagrams: 4,
            fragments_per_datagram: 5,
            fragment_bytes_total: 256,
            ..Limits::default()
        };
        let mut bench = Bench::new(limits);
        let mut counted = 0;
        for (version, id, block, more, len, byte, seconds, cut) in sent {
            let version = if version == 5 { 4 } else { u8::try_from(version).unwrap() };
            let bytes = vec![byte; if more { len * 8 } else { len }];
            let packet = Sent::new(block * 8, more, &bytes).packet(version, id);
            let frame = Frame {
                id: FrameId::default(),
                time: Timestamp::from_nanos(seconds * SECOND),
                link: LinkType::RAW,
                interface: 0,
                bytes: &packet[..packet.len() - cut.min(bytes.len())],
                wire_len: u32::try_from(packet.len()).unwrap(),
            };
            if let Dissected::Fragment(fragment) = dissect(&frame, &limits) {
                counted += 1;
                if let Some(whole) = bench.defragmenter.push(&fragment, frame.time, &mut bench.counters) {
                    let _ = whole.dissect(&limits);
                }
            }
            let one_fragment = 8 * 8;
            prop_assert!(bench.defragmenter.held() <= limits.fragment_bytes_total + one_fragment);
            prop_assert!(bench.defragmenter.datagrams.len() <= limits.fragmented_datagrams);
            let queued = bench.defragmenter.unfinished.len() + bench.defragmenter.complete.len();
            prop_assert_eq!(queued, bench.defragmenter.datagrams.len());
            let held: usize = bench.defragmenter.datagrams.values().map(Datagram::held).sum();
            prop_assert_eq!(held, bench.defragmenter.held());
        }
        prop_assert_eq!(bench.counters.fragments, counted);
        bench.abandoned();
    }
}
