use proptest::prelude::*;

use super::build::*;
use super::{Got, read, read_with};
use crate::frame::{LinkType, Timestamp};
use crate::source::{Compression, FileOptions, Format, SecretsType};

fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let bytes = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..120),
        1 => prop::collection::vec(any::<u8>(), 1_400..3_000),
    ];
    let one = (any::<u32>(), 0..1_000_000_u32, bytes, prop_oneof![3 => Just(0_u32), 1 => 1..2_000_u32]);
    let one =
        one.prop_map(|(seconds, micros, bytes, cut)| Packet { seconds, nanos: micros * 1_000, bytes, cut });
    prop::collection::vec(one, 0..40)
}

fn agrees(got: &[Got], sent: &[Packet]) {
    assert_eq!(got.len(), sent.len());
    for (place, (got, sent)) in got.iter().zip(sent).enumerate() {
        assert_eq!(got.id.number, place as u64 + 1);
        assert_eq!(got.id.order, place as u64 + 1);
        assert_eq!(got.time, Timestamp::new(i64::from(sent.seconds), sent.nanos));
        assert_eq!(got.bytes, sent.bytes);
        assert_eq!(got.wire_len as usize, sent.bytes.len() + sent.cut as usize);
        assert_eq!(got.link, LinkType::ETHERNET);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_written_is_read_whatever_the_block(
        packets in packets(),
        big in any::<bool>(),
        format in 0..3,
        packing in 0..5,
        block in prop_oneof![Just(1_usize), Just(64), 65..5_000_usize, Just(1 << 20)],
    ) {
        let order = if big { Order::Big } else { Order::Little };
        let plain = match format {
            0 => pcap(order, false, &packets),
            1 => pcap(order, true, &packets),
            _ => pcapng(order, &packets),
        };
        let (first, second) = plain.split_at(plain.len() / 2);
        let (bytes, compression) = match packing {
            0 => (plain.clone(), Compression::None),
            1 => (gzip(&plain), Compression::Gzip),
            2 => ([gzip(first), gzip(second)].concat(), Compression::Gzip),
            3 => (zstd(&plain), Compression::Zstd),
            _ => ([skippable(b"note"), zstd(first), skippable(b""), zstd(second)].concat(), Compression::Zstd),
        };
        let (got, info) = read(&bytes, block);
        agrees(&got, &packets);
        prop_assert_eq!(info.frames, packets.len() as u64);
        prop_assert_eq!(info.compression, compression);
        prop_assert!(info.is_complete(), "{:?}", info.problem);
    }
}

#[test]
fn kuznetzov_records_have_longer_headers() {
    for order in [Order::Little, Order::Big] {
        let mut bytes = pcap_header(order, 0xa1b2_cd34, 1);
        for number in 1..=2 {
            bytes.extend(order.words(&[number, 7, 3, 3, 1, 2]));
            bytes.extend(b"abc");
        }
        let (got, info) = read(&bytes, 64);
        assert_eq!(got.iter().map(|frame| frame.bytes.as_slice()).collect::<Vec<_>>(), [b"abc", b"abc"]);
        assert_eq!(got[1].time, Timestamp::new(2, 7_000));
        assert!(info.is_complete());
    }
}

#[test]
fn old_versions_store_the_two_lengths_the_other_way_round() {
    let order = Order::Little;
    let mut bytes = pcap_header(order, 0xa1b2_c3d4, 1);
    bytes[6] = 2;
    bytes.extend(order.words(&[1, 0, 60, 4]));
    bytes.extend(b"abcd");
    let (got, _) = read(&bytes, 64);
    assert_eq!((got[0].bytes.as_slice(), got[0].wire_len), (b"abcd".as_slice(), 60));
}

#[test]
fn flags_above_the_link_type_are_no_part_of_it() {
    let bytes = pcap_header(Order::Big, 0xa1b2_c3d4, 0x3400_0071);
    let (_, info) = read(&bytes, 64);
    assert_eq!(info.interfaces[0].link, LinkType::LINUX_SLL);
    assert_eq!(info.format, Format::Pcap);
}

#[test]
fn sections_have_their_own_byte_order_and_interfaces() {
    let (little, big) = (Order::Little, Order::Big);
    let mut bytes = section(little);
    bytes.extend(interface(little, 1, 0, &option(little, 2, b"eth0")));
    bytes.extend(interface(little, 101, 0, &[]));
    bytes.extend(enhanced(little, 1, 5_000_000, &packet(5, b"raw")));
    bytes.extend(section(big));
    let offset = [option(big, 9, &[3]), option(big, 14, &(-100_i64).to_be_bytes())].concat();
    bytes.extend(interface(big, 113, 0, &offset));
    bytes.extend(enhanced(big, 0, 200_500, &packet(0, b"cooked")));
    let (got, info) = read(&bytes, 64);
    assert_eq!((got[0].link, got[0].interface, got[0].time), (LinkType::RAW, 1, Timestamp::new(5, 0)));
    assert_eq!((got[1].link, got[1].interface), (LinkType::LINUX_SLL, 2));
    assert_eq!(got[1].time, Timestamp::new(100, 500_000_000));
    assert_eq!((info.sections, info.interfaces.len()), (2, 3));
    assert_eq!(info.interfaces[0].name.as_deref(), Some("eth0"));
}

#[test]
fn simple_and_obsolete_packet_blocks_are_frames() {
    let order = Order::Big;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 4, &[]));
    let mut obsolete = order.half(0).to_vec();
    obsolete.extend(order.half(9));
    obsolete.extend(order.words(&[0, 3_000_000, 2, 2]));
    obsolete.extend(b"ab\0\0");
    bytes.extend(block(order, 2, &obsolete));
    let mut simple = order.word(6).to_vec();
    simple.extend(b"abcd");
    bytes.extend(block(order, 3, &simple));
    let (got, info) = read(&bytes, 64);
    assert_eq!((got[0].bytes.as_slice(), got[0].time), (b"ab".as_slice(), Timestamp::new(3, 0)));
    // Cut to the snapshot length of the interface; no time of its own, so that of the frame before.
    assert_eq!((got[1].bytes.as_slice(), got[1].wire_len), (b"abcd".as_slice(), 6));
    assert_eq!((got[1].time, got[1].id.number), (Timestamp::new(3, 0), 2));
    assert!(info.is_complete());
}

#[test]
fn names_secrets_and_drops_are_kept_and_secrets_never_printed() {
    let order = Order::Big;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 0, &[]));
    let names = [option(order, 1, b"\x0a\x3d\x08\x02dc01\0dc01.corp\0"), option(order, 0, &[])].concat();
    bytes.extend(block(order, 4, &names));
    let mut secrets = order.words(&[0x544c_534b, 6]);
    secrets.extend(b"hunter");
    bytes.extend(block(order, 10, &secrets));
    let mut statistics = order.words(&[0, 0, 0]);
    statistics.extend(option(order, 5, &7_u64.to_be_bytes()));
    statistics.extend(option(order, 7, &9_u64.to_be_bytes()));
    bytes.extend(block(order, 5, &statistics));
    bytes.extend(block(order, 0xbad, b"\0\0\x7e\xd9custom"));
    bytes.extend(enhanced(order, 0, 0, &packet(0, b"x")));
    let (got, info) = read(&bytes, 64);
    assert_eq!(got.len(), 1);
    let names: Vec<_> = info.host_names.iter().map(|it| (it.address.to_string(), it.name.as_str())).collect();
    assert_eq!(names, [("10.61.8.2".into(), "dc01"), ("10.61.8.2".into(), "dc01.corp")]);
    assert_eq!(
        (info.secrets[0].kind, info.secrets[0].data.as_slice()),
        (SecretsType::TLS_KEY_LOG, &b"hunter"[..])
    );
    assert!(!format!("{info:?}").contains("hunter"));
    assert!(!format!("{info:?}").contains("104, 117"));
    assert_eq!((info.interfaces[0].dropped_by_interface, info.interfaces[0].dropped), (7, 9));
    assert_eq!(info.unknown_blocks, 1);
}

#[test]
fn names_and_secrets_beyond_their_limits_are_counted() {
    let order = Order::Little;
    let mut bytes = section(order);
    for _ in 0..5 {
        bytes.extend(block(order, 4, &option(order, 1, b"\x0a\0\0\x01a\0")));
        let mut secrets = order.words(&[1, 40]);
        secrets.extend([1; 40]);
        bytes.extend(block(order, 10, &secrets));
    }
    let options = FileOptions { host_names: 2, secret_bytes: 130, ..FileOptions::default() };
    let (_, info) = read_with(&bytes, options);
    assert_eq!((info.host_names.len(), info.secrets.len(), info.left_out), (2, 2, 6));
}
