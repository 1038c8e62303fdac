use proptest::prelude::*;

use super::build::*;
use super::{read, read_with};
use crate::frame::Timestamp;
use crate::source::{FileOptions, FileSource, SourceProblem};

fn three() -> Vec<Packet> {
    vec![packet(1, b"one"), packet(2, b"four"), packet(3, &[7; 90])]
}

/// Where each frame of a capture is complete, from a reading of every prefix.
fn prefixes_give_complete_frames(whole: &[u8], header: usize, ends: &[usize]) {
    let (all, _) = read(whole, 64);
    for end in header..=whole.len() {
        let (got, info) = read(&whole[..end], 64);
        let complete = ends.iter().filter(|last| **last <= end).count();
        assert_eq!(got, all[..complete], "prefix of {end} bytes");
        let at_boundary = end == header || ends.contains(&end);
        assert_eq!(info.problem.is_none(), at_boundary, "prefix of {end} bytes: {:?}", info.problem);
    }
}

#[test]
fn every_prefix_of_a_pcap_file_gives_complete_frames() {
    for order in [Order::Little, Order::Big] {
        let whole = pcap(order, false, &three());
        let ends = [24 + 16 + 3, 24 + 32 + 3 + 4, whole.len()];
        prefixes_give_complete_frames(&whole, 24, &ends);
    }
}

#[test]
fn every_prefix_of_a_pcapng_file_gives_complete_frames() {
    for order in [Order::Little, Order::Big] {
        let whole = pcapng(order, &three());
        let header = pcapng(order, &[]).len();
        let ends: Vec<usize> = (1..=3).map(|count| pcapng(order, &three()[..count]).len()).collect();
        prefixes_give_complete_frames(&whole, header, &ends);
    }
}

#[test]
fn every_prefix_of_a_packed_file_gives_complete_frames() {
    let plain = pcap(Order::Little, true, &three());
    let (all, _) = read(&plain, 64);
    for whole in [gzip(&plain), zstd(&plain)] {
        for end in 0..whole.len() {
            let reader = Box::new(std::io::Cursor::new(whole[..end].to_vec()));
            let Ok(mut source) = FileSource::from_reader("cut", reader, FileOptions::default()) else {
                continue;
            };
            let got = super::drain(&mut source);
            assert_eq!(got, all[..got.len()]);
        }
    }
}

#[test]
fn a_packed_file_cut_short_keeps_what_was_unpacked() {
    let many: Vec<Packet> =
        (0..20_000_u32).map(|n| packet(n, &n.wrapping_mul(2_654_435_761).to_le_bytes().repeat(9))).collect();
    let plain = pcap(Order::Little, true, &many);
    for whole in [gzip(&plain), zstd(&plain)] {
        let (got, info) = read(&whole[..whole.len() - 20], 1 << 20);
        assert!(got.len() > 10_000, "{} frames", got.len());
        assert!(matches!(info.problem, Some(SourceProblem::ReadFailed { .. })), "{:?}", info.problem);
    }
}

#[test]
fn garbage_after_the_last_record_is_counted_and_ends_the_capture() {
    let mut bytes = pcap(Order::Little, false, &three());
    let offset = bytes.len() as u64;
    bytes.extend([0xfe; 333]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tail.pcap");
    std::fs::write(&path, &bytes).unwrap();
    let mut source = FileSource::open(&[path], FileOptions::default()).unwrap();
    assert_eq!(super::drain(&mut source).len(), 3);
    let problem = crate::source::Source::captures(&source)[0].problem.clone();
    assert!(
        matches!(problem, Some(SourceProblem::TrailingGarbage { offset: at, bytes: 333, .. }) if at == offset),
        "{problem:?}"
    );
    // Inside a compressed file the length is found by unpacking the rest.
    let (got, info) = read(&gzip(&bytes), 64);
    assert_eq!(got.len(), 3);
    assert!(matches!(info.problem, Some(SourceProblem::TrailingGarbage { .. })), "{:?}", info.problem);
}

#[test]
fn lengths_that_lie_are_taken_as_far_as_they_make_sense() {
    let order = Order::Little;
    let mut bytes = pcap_header(order, 0xa1b2_c3d4, 1);
    // Nothing captured; less on the wire than captured; a fraction of more than a second, at the last second.
    for (words, data) in
        [([1, 0, 0, 900], &b""[..]), ([1, 0, 4, 2], b"abcd"), ([u32::MAX, u32::MAX, 1, u32::MAX], b"z")]
    {
        bytes.extend(order.words(&words));
        bytes.extend(data);
    }
    let (got, info) = read(&bytes, 64);
    assert_eq!((got[0].bytes.len(), got[0].wire_len), (0, 900));
    assert_eq!((got[1].bytes.len(), got[1].wire_len), (4, 4));
    assert_eq!(got[2].time, Timestamp::from_nanos(4_294_967_295_000_000_000 + 4_294_967_295_000));
    assert_eq!(got[2].wire_len, u32::MAX);
    assert!(info.problem.is_none());
}

#[test]
fn packet_blocks_that_lie_keep_their_number_and_are_counted() {
    let order = Order::Little;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 0, &[]));
    bytes.extend(enhanced(order, 7, 0, &packet(0, b"no such interface")));
    bytes.extend(block(order, 6, &order.words(&[0, 0, 0, 500, 500])));
    bytes.extend(block(order, 6, &[1, 2, 3, 4]));
    bytes.extend(enhanced(order, 0, 0, &packet(0, b"good")));
    let (got, info) = read(&bytes, 64);
    assert_eq!((got.len(), got[0].id.number, got[0].id.order), (1, 4, 1));
    assert_eq!((info.damaged_records, info.frames), (3, 4));
    assert!(!info.is_complete());
}

#[test]
fn blocks_longer_than_the_limit_are_passed_over() {
    let order = Order::Little;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 0, &[]));
    bytes.extend(enhanced(order, 0, 0, &packet(0, b"before")));
    bytes.extend(block(order, 0x7777, &[0; 9_000]));
    bytes.extend(enhanced(order, 0, 0, &packet(0, &[0; 9_000])));
    bytes.extend(enhanced(order, 0, 0, &packet(0, b"after")));
    for block_bytes in [64, 1 << 20] {
        let options = FileOptions { record_bytes: 1_000, block_bytes, ..FileOptions::default() };
        let (got, info) = read_with(&bytes, options);
        let numbers: Vec<u64> = got.iter().map(|frame| frame.id.number).collect();
        assert_eq!(numbers, [1, 3]);
        assert_eq!(got[0].bytes, b"before");
        assert_eq!((info.unknown_blocks, info.damaged_records), (1, 1));
        assert!(info.problem.is_none());
    }
}

#[test]
fn a_pcap_record_longer_than_the_limit_ends_the_capture() {
    let bytes = pcap(Order::Little, false, &[packet(1, b"ok"), packet(2, &[0; 2_000]), packet(3, b"lost")]);
    let options = FileOptions { record_bytes: 1_000, ..FileOptions::default() };
    let (got, info) = read_with(&bytes, options);
    assert_eq!(got.len(), 1);
    assert!(info.problem.unwrap().to_string().contains("claims 2000 captured bytes, at most 1000"));
}

#[test]
fn more_interfaces_than_the_limit_end_the_capture() {
    let mut bytes = section(Order::Little);
    bytes.extend((0..9).flat_map(|_| interface(Order::Little, 1, 0, &[])));
    let (_, info) = read_with(&bytes, FileOptions { interfaces: 8, ..FileOptions::default() });
    assert_eq!(info.interfaces.len(), 8);
    assert!(matches!(info.problem, Some(SourceProblem::Damaged { .. })));
}

#[test]
fn a_block_whose_two_lengths_differ_ends_the_capture() {
    let mut bytes = pcapng(Order::Little, &three()[..1]);
    let offset = bytes.len() as u64;
    let mut bad = enhanced(Order::Little, 0, 0, &packet(0, b"bad"));
    let last = bad.len() - 4;
    bad[last] ^= 1;
    bytes.extend(bad);
    let (got, info) = read(&bytes, 64);
    assert_eq!(got.len(), 1);
    assert!(matches!(info.problem, Some(SourceProblem::Damaged { offset: at, .. }) if at == offset));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn flipped_bytes_never_panic_nor_grow(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ng in any::<bool>(),
        packing in 0..3,
        block in prop_oneof![Just(1_usize), Just(64), Just(4_096)],
    ) {
        let plain = if ng { pcapng(Order::Big, &three()) } else { pcap(Order::Little, false, &three()) };
        let mut bytes = match packing {
            0 => plain,
            1 => gzip(&plain),
            _ => zstd(&plain),
        };
        for (at, with) in flips {
            let at = at.index(bytes.len());
            bytes[at] = with;
        }
        let options = FileOptions { block_bytes: block, record_bytes: 1 << 16, ..FileOptions::default() };
        let reader = Box::new(std::io::Cursor::new(bytes));
        if let Ok(mut source) = FileSource::from_reader("flipped", reader, options) {
            let mut batch = crate::batch::Batch::default();
            while crate::source::Source::fill(&mut source, &mut batch).unwrap() == crate::source::Fill::Frames {
                prop_assert!(batch.data.len() <= (1 << 16) + 8_192, "{} bytes held", batch.data.len());
                prop_assert_eq!(batch.frames().count(), batch.len());
            }
        }
    }
}

/// Gives its bytes in pieces of at most so many.
struct Pieces(std::io::Cursor<Vec<u8>>, usize);

impl std::io::Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = out.len().min(self.1);
        std::io::Read::read(&mut self.0, &mut out[..most])
    }
}

#[test]
fn a_damaged_gzip_file_gives_the_same_frames_however_it_is_read() {
    let many: Vec<Packet> =
        (0..300_u32).map(|n| packet(n, &n.wrapping_mul(2_654_435_761).to_le_bytes())).collect();
    let whole = gzip(&pcap(Order::Little, true, &many));
    let frames = |bytes: &[u8], most: usize| {
        let reader = Box::new(Pieces(std::io::Cursor::new(bytes.to_vec()), most));
        let mut source = FileSource::from_reader("damaged", reader, FileOptions::default()).ok()?;
        Some(super::drain(&mut source))
    };
    let mut kept = 0;
    for at in (10..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x5a;
        let one = frames(&damaged, usize::MAX);
        assert_eq!(one, frames(&damaged, 1), "byte {at}");
        assert_eq!(one, frames(&damaged, 100), "byte {at}");
        kept += usize::from(one.is_some_and(|frames| !frames.is_empty()));
    }
    assert!(kept > 100, "frames before the damage were kept {kept} times");
}
