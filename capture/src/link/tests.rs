//! Frames built by hand, of every link type, whole and damaged.

use proptest::prelude::*;

use super::frames::*;
use super::*;
use crate::packet::Body;

#[test]
fn ethernet_gives_addresses_and_macs() {
    let bytes = ethernet(0x0800, &request());
    let packet = carries_request(1, &bytes);
    assert_eq!(packet.source.to_string(), "10.0.0.1:50000");
    assert_eq!(packet.destination.to_string(), "10.0.0.2:80");
    assert_eq!((packet.source_mac, packet.destination_mac), (Some(CLIENT_MAC), Some(SERVER_MAC)));
    assert_eq!(packet.tunnel, 0);
    let bytes = ethernet(0x86dd, &request6());
    assert_eq!(carries_request(1, &bytes).source.to_string(), "[fd00::1]:50000");
}

#[test]
fn vlan_tags_are_stepped_over_and_separate_nothing() {
    for tags in [&[0x8100u16][..], &[0x88a8, 0x8100], &[0x9100, 0x8100], &[0x8100, 0x8100, 0x8100]] {
        let mut bytes = join(&[&SERVER_MAC, &CLIENT_MAC]);
        for (id, tag) in (1u16..).zip(tags) {
            bytes.extend(tag.to_be_bytes());
            bytes.extend(id.to_be_bytes());
        }
        bytes.extend([0x08, 0x00]);
        bytes.extend(request());
        assert_eq!(carries_request(1, &bytes).tunnel, 0);
    }
}

#[test]
fn tags_of_switches_are_stepped_over() {
    let ip = request();
    for (ethertype, tag) in [(0x8926, [0x80, 1, 0, 0]), (0x8909, [1, 1, 0, 1])] {
        carries_request(1, &ethernet(ethertype, &join(&[&tag, &[0x08, 0x00], &ip])));
        assert!(text(1, &ethernet(ethertype, &tag)).starts_with("Malformed(\"switch's tag"));
    }
    let inner = ethernet(0x0800, &ip);
    let service = ethernet(0x88e7, &join(&[&[0, 0, 0, 5], &inner]));
    assert_eq!(carries_request(1, &service).source_mac, Some(CLIENT_MAC));
    carries_request(1, &ethernet(0x8903, &join(&[&[0, 0x60], &inner])));
}

#[test]
fn token_ring_frames_are_read_with_their_routes_or_without() {
    let snap = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &request()]);
    let plain = join(&[&[0x10, 0x40], &SERVER_MAC, &CLIENT_MAC, &snap]);
    assert_eq!(carries_request(6, &plain).source_mac, Some(CLIENT_MAC));
    let mut routed = CLIENT_MAC;
    routed[0] |= 0x80;
    let routed = join(&[&[0x10, 0x40], &SERVER_MAC, &routed, &[0xc6, 0x30, 0, 0x11, 0, 0x20], &snap]);
    assert_eq!(carries_request(6, &routed).source_mac, Some(CLIENT_MAC));
    assert_eq!(text(6, &join(&[&[0x10, 0x02], &SERVER_MAC, &CLIENT_MAC, &snap])), "NotIp", "a beacon");
}

#[test]
fn arcnet_carries_ip_unless_split() {
    let linux = [2, 1, 0xea, 8];
    for (link, addresses) in [(7, &linux[..2]), (129, &linux)] {
        carries_request(link, &join(&[addresses, &[240], &request()]));
        carries_request(link, &join(&[addresses, &[212, 0, 1, 0x65], &request()]));
        carries_request(link, &join(&[addresses, &[196, 0xff, 0xff, 0xff, 196, 0, 1, 0x65], &request6()]));
        assert_eq!(text(link, &join(&[addresses, &[212, 1, 1, 0x65], &request()])), "NotIp", "a part");
        assert_eq!(text(link, &join(&[addresses, &[213, 0, 1, 0x65], &request()])), "NotIp", "arp");
    }
}

#[test]
fn infiniband_carries_ip() {
    let header = [0xfe; 40];
    carries_request(242, &join(&[&header, &[8, 0, 0, 0], &request()]));
    carries_request(242, &join(&[&header, &[0x86, 0xdd, 0, 0], &request6()]));
    assert_eq!(text(242, &join(&[&header, &[8, 6, 0, 0], &[0; 56]])), "NotIp", "arp");
}

#[test]
fn logged_packets_are_found_behind_their_attributes_in_both_byte_orders() {
    let ip = request();
    let attribute = |kind: u16, value: &[u8], little: bool| {
        let len = u16::try_from(4 + value.len()).unwrap();
        let bytes = if little { u16::to_le_bytes } else { u16::to_be_bytes };
        join(&[&bytes(len), &bytes(kind), value, &vec![0; value.len().next_multiple_of(4) - value.len()]])
    };
    for little in [true, false] {
        let prefix = attribute(10, b"\0", little);
        let log = join(&[&[2, 0, 0, 0x28], &prefix, &attribute(9, &ip, little)]);
        carries_request(239, &log);
        assert_eq!(text(239, &join(&[&[2, 0, 0, 0x28], &prefix])), "NotIp", "no packet in it");
    }
    assert_eq!(text(239, &join(&[&[7, 0, 0, 0x28], &attribute(9, &ip, true)])), "NotIp", "a bridge's");
    assert!(text(239, &[2, 0, 0, 0, 3, 0, 1, 0]).starts_with("Malformed(\"nflog attribute length: less"));
    let endless = join(&[&[2, 0, 0, 0], &[4, 0, 1, 0].repeat(70)]);
    assert!(text(239, &endless).starts_with("Malformed(\"nflog attributes"));
}

/// Every link type that is read.
const ALL: [u16; 39] = [
    0, 1, 6, 7, 9, 10, 11, 12, 50, 51, 101, 104, 105, 107, 108, 109, 113, 117, 119, 122, 123, 127, 129, 138,
    163, 166, 192, 197, 204, 205, 206, 219, 228, 229, 239, 240, 241, 258, 276,
];

#[test]
fn envelopes_of_capturing_devices_are_taken_off() {
    let ip = request();
    let frame = ethernet(0x0800, &ip);
    let snap = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip]);
    let wifi = join(&[&[0x08, 0x01, 0, 0], &SERVER_MAC, &CLIENT_MAC, &SERVER_MAC, &[0, 0], &snap]);
    let erf = |kind: u8, rest: &[u8]| {
        let wire = be(rest.len());
        join(&[&[0; 8], &[kind, 0], &be(16 + rest.len()), &[0, 0], &wire, rest])
    };
    let mut extended = erf(0x82, &[]);
    extended[14..16].copy_from_slice(&be(frame.len()));
    extended.extend(join(&[&[0x85, 0, 0, 0, 0, 0, 0, 0], &[5, 0, 0, 0, 0, 0, 0, 0], &[0, 0], &frame]));
    for (link, bytes) in [
        (109, join(&[&[2, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0], &ip])),
        (117, join(&[&[61, 2, 0, 0], &[0; 60], &ip])),
        (119, join(&[&[0x44, 0, 0, 0, 0x90, 0, 0, 0], &[0; 136], &wifi])),
        (119, join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56], &wifi])),
        (163, join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56], &wifi])),
        (192, join(&[&[0, 0, 12, 0, 105, 0, 0, 0, 1, 2, 3, 4], &wifi])),
        (192, join(&[&[0, 0, 8, 0, 1, 0, 0, 0], &frame])),
        (197, erf(2, &join(&[&[0, 0], &frame]))),
        (197, erf(22, &ip)),
        (197, erf(1, &join(&[&[0x0f, 0, 8, 0], &ip]))),
        (197, extended),
        (240, join(&[&[0; 4], &frame])),
        (241, join(&[&[0; 4], &[0x55; 7], &[0xd5], &frame])),
        (258, join(&[&[108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], &[0; 96], &frame])),
        (258, join(&[&[108, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0], &[0; 96], &ip])),
    ] {
        carries_request(link, &bytes);
    }
    assert_eq!(text(117, &join(&[&[61, 18, 0, 0], &[0; 60], &ip])), "NotIp");
    assert!(text(258, &[9, 9, 9, 9, 0, 0, 0, 0, 1, 0, 0, 0]).starts_with("Malformed(\"pktap length"));
}

#[test]
fn junipers_frames_are_read_with_extensions_or_without() {
    let inner = ethernet(0x0800, &request());
    assert_eq!(carries_request(178, &join(&[b"MGC\x01", &inner])).source_mac, Some(CLIENT_MAC));
    carries_request(178, &join(&[b"MGC\x80", &[0, 3, 1, 1, 14], &inner]));
    assert_eq!(text(178, &join(&[b"MGC\x02", &inner])), "NotIp");
    assert_eq!(text(178, &join(&[b"MGD\x00", &inner])), "NotIp");
    assert!(text(178, b"MGC\x80\xff\xff\x01").starts_with("Malformed(\"juniper extensions"));
}

#[test]
fn envelopes_inside_envelopes_end_at_the_limit() {
    let nested = [0, 0, 8, 0, 192, 0, 0, 0].repeat(20);
    assert!(text(192, &nested).starts_with("Malformed(\"link headers"));
}

#[test]
fn wide_area_networks_are_read() {
    let ip = request();
    let snap = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip]);
    for (link, bytes) in [
        (10, join(&[&[0x50], &SERVER_MAC, &CLIENT_MAC, &snap])),
        (11, snap.clone()),
        (107, join(&[&[0x18, 0x41, 3, 0xcc], &ip])),
        (107, join(&[&[0x18, 0x40, 0, 0x11, 3, 0x8e], &request6()])),
        (107, join(&[&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], &ip])),
        (107, join(&[&[0x18, 0x41, 8, 0], &ip])),
        (122, join(&[&[0x10, 0], &SERVER_MAC, &[0x10, 0], &CLIENT_MAC, &snap])),
        (123, join(&[&[2, 0, 0, 32], &snap])),
        (123, join(&[&[0x81, 0, 0, 32, 0, 7], &ethernet(0x0800, &ip)])),
        (138, join(&[&[1; 16], &[8, 0], &ip])),
        (166, join(&[&[1, 3, 0, 0x21], &ip])),
        (204, join(&[&[1, 0xff, 3, 0, 0x21], &ip])),
        (205, join(&[&[0, 0x0f, 0, 8, 0], &ip])),
        (206, join(&[&[0, 0x18, 0x41, 3, 0xcc], &ip])),
        (219, join(&[&[0, 1, 0x41, 64], &ip])),
    ] {
        carries_request(link, &bytes);
    }
    assert_eq!(text(107, &[0x18, 0x41, 0, 0x75, 1, 1, 0]), "NotIp", "the line's own management");
    assert_eq!(text(10, &join(&[&[0x4f], &SERVER_MAC, &CLIENT_MAC, &snap])), "NotIp", "the ring's own");
}

#[test]
fn endless_link_headers_are_malformed() {
    let tags = [0x81, 0x00, 0, 1].repeat(17);
    let bytes = join(&[&SERVER_MAC, &CLIENT_MAC, &tags, &[0x08, 0x00], &request()]);
    assert!(text(1, &bytes).starts_with("Malformed(\"link headers"));
    let labels = [0, 0, 0, 64].repeat(400);
    assert!(text(1, &ethernet(0x8847, &labels)).starts_with("Malformed(\"link headers"));
}

#[test]
fn llc_and_snap_carry_ip() {
    let snap = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &request()]);
    carries_request(1, &ethernet(60, &snap));
    let llc = join(&[&[6, 6, 3], &request()]);
    carries_request(1, &ethernet(60, &llc));
    // Spanning tree.
    assert_eq!(text(1, &ethernet(38, &[0x42, 0x42, 3, 0, 0, 0, 0, 0])), "NotIp");
}

#[test]
fn arp_is_not_ip() {
    assert_eq!(text(1, &ethernet(0x0806, &[0; 46])), "NotIp");
}

#[test]
fn raw_ip_of_every_number_is_read() {
    for link in [12, 14, 101, 228, 229] {
        let bytes = request();
        assert_eq!(carries_request(link, &bytes).source_mac, None);
        carries_request(link, &request6());
    }
}

#[test]
fn loopback_families_are_read_in_both_byte_orders() {
    for link in [0, 108] {
        for family in [2u32, 10, 23, 24, 28, 30] {
            let ip = if family == 2 { request() } else { request6() };
            carries_request(link, &join(&[&family.to_le_bytes(), &ip]));
            carries_request(link, &join(&[&family.to_be_bytes(), &ip]));
        }
        assert_eq!(text(link, &join(&[&[7, 0, 0, 0], &request()])), "NotIp");
    }
}

#[test]
fn linux_cooked_captures_give_the_senders_mac() {
    let sll = join(&[&[0, 0, 0, 1, 0, 6], &CLIENT_MAC, &[0, 0, 8, 0], &request()]);
    let packet = carries_request(113, &sll);
    assert_eq!((packet.source_mac, packet.destination_mac), (Some(CLIENT_MAC), None));
    let sll2 = join(&[&[0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6], &CLIENT_MAC, &[0, 0], &request6()]);
    assert_eq!(carries_request(276, &sll2).source_mac, Some(CLIENT_MAC));
    let tagged = join(&[&[0, 0, 0, 1, 0, 0], &[0; 8], &[0x81, 0], &[0, 5, 8, 0], &request()]);
    assert_eq!(carries_request(113, &tagged).source_mac, None);
    let netlink = join(&[&[0, 4, 3, 56, 0, 0], &[0; 8], &[0, 12], &request()]);
    assert_eq!(text(113, &netlink), "NotIp");
}

#[test]
fn ppp_is_read_framed_bare_and_compressed() {
    for link in [9, 50] {
        carries_request(link, &join(&[&[0xff, 3, 0, 0x21], &request()]));
        carries_request(link, &join(&[&[0, 0x21], &request()]));
        carries_request(link, &join(&[&[0x21], &request()]));
        carries_request(link, &join(&[&[0xff, 3, 0x57], &request6()]));
        assert_eq!(text(link, &[0xff, 3, 0xc0, 0x21, 1, 1, 0, 4]), "NotIp");
    }
    carries_request(50, &join(&[&[0x0f, 0, 8, 0], &request()]));
    carries_request(104, &join(&[&[0x8f, 0, 0x86, 0xdd], &request6()]));
}

#[test]
fn pppoe_sessions_are_read_with_ethernet_and_without() {
    let len = be(2 + request().len());
    let session = join(&[&[0x11, 0, 0, 9], &len, &[0, 0x21], &request()]);
    carries_request(51, &session);
    carries_request(1, &ethernet(0x8864, &session));
    assert_eq!(text(1, &ethernet(0x8863, &[0x11, 9, 0, 0, 0, 0])), "NotIp");
    assert!(text(51, &[0x21; 40]).starts_with("Malformed(\"pppoe"));
}

#[test]
fn pppoe_length_excludes_padding_that_the_ip_header_counts() {
    let mut ip = join(&[&request(), &[0; 6]]);
    ip[3] += 6;
    let len = be(2 + request().len());
    carries_request(1, &ethernet(0x8864, &join(&[&[0x11, 0, 0, 9], &len, &[0, 0x21], &ip])));
}

#[test]
fn mpls_carries_ip_and_pseudowires() {
    let labels = [0, 1, 0, 64, 0, 2, 1, 64];
    carries_request(1, &ethernet(0x8847, &join(&[&labels, &request()])));
    carries_request(1, &ethernet(0x8848, &join(&[&labels, &request6()])));
    let inner = ethernet(0x0800, &request());
    carries_request(1, &ethernet(0x8847, &join(&[&labels, &[0, 0, 0, 0], &inner])));
    carries_request(1, &ethernet(0x8847, &join(&[&labels, &inner])));
    assert_eq!(text(1, &ethernet(0x8847, &join(&[&labels, &[0x10, 0, 0, 0x21], &[7; 30]]))), "NotIp");
}

#[test]
fn wifi_data_in_the_clear_is_read() {
    let header = join(&[&[0x88, 0x01, 0, 0], &[9; 6], &CLIENT_MAC, &SERVER_MAC, &[0, 0, 0, 0]]);
    let bytes = join(&[&header, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &request(), &[1, 2, 3, 4]]);
    let packet = carries_request(105, &bytes);
    assert_eq!((packet.source_mac, packet.destination_mac), (Some(CLIENT_MAC), Some(SERVER_MAC)));
    carries_request(127, &join(&[&[0, 0, 8, 0, 0, 0, 0, 0], &bytes]));
    carries_request(1, &ethernet(0x2452, &bytes));
    let mut encrypted = bytes.clone();
    encrypted[1] |= 0x40;
    assert_eq!(text(105, &encrypted), "NotIp");
    let (header, body) = encrypted.split_at(26);
    carries_request(105, &join(&[header, &[1, 2, 3, 0], body]));
    carries_request(105, &join(&[header, &[1, 2, 3, 0x20, 5, 6, 7, 8], body]));
}

#[test]
fn unknown_link_types_are_named() {
    assert_eq!(text(147, &[0; 60]), "UnknownLink(LinkType(147))");
}

#[test]
fn shard_is_that_of_both_directions_tags_and_fragments() {
    let of = |link, bytes: &[u8]| shard(&frame(link, bytes));
    let there = ethernet(0x0800, &request());
    let back = join(&[&[0, 0, 0, 1, 0, 0], &[0; 8], &[8, 0], &ipv4(2, 1, 6, &tcp(80, 50_000, b"OK"))]);
    assert_eq!(of(1, &there), of(113, &back));
    assert_ne!(of(1, &there), of(101, &ipv4(1, 3, 6, &tcp(1, 2, b""))));
    let mut later = ipv4(1, 2, 6, b"a later fragment");
    later[7] = 2;
    assert_eq!(of(1, &there), of(101, &later));
    assert_eq!(of(1, &ethernet(0x0806, &[0; 46])), 0);
    // A fragment of an IPv6 datagram, of which only the addresses were captured.
    assert_eq!(of(101, &request6()), of(101, &ipv6(2, 1, 44, &[17, 0, 0, 1, 0, 0, 0, 1])[..40]));
}

#[test]
fn shards_spread_over_workers() {
    let mut workers = [0; 8];
    for host in 1..=200 {
        let number = shard(&frame(101, &ipv4(host, 250, 6, &tcp(1, 2, b""))));
        workers[usize::try_from(number % 8).unwrap()] += 1;
    }
    assert!(workers.iter().all(|flows| *flows > 10), "{workers:?}");
}

/// Frames of every kind above.
fn samples() -> Vec<(u16, Vec<u8>)> {
    let mut samples = vec![
        (1, ethernet(0x0800, &request())),
        (1, ethernet(0x86dd, &request6())),
        (1, ethernet(0x8100, &join(&[&[0, 1, 8, 0], &request()]))),
        (1, ethernet(0x8847, &join(&[&[0, 1, 1, 64, 0, 0, 0, 0], &ethernet(0x0800, &request())]))),
        (1, ethernet(0x8864, &join(&[&[0x11, 0, 0, 9, 0, 200, 0, 0x21], &request()]))),
        (9, join(&[&[0xff, 3, 0, 0x21], &request()])),
        (0, join(&[&[2, 0, 0, 0], &request()])),
        (113, join(&[&[0, 0, 0, 1, 0, 6], &[0; 8], &[8, 0], &request()])),
        (276, join(&[&[8, 0, 0, 0], &[0; 16], &request()])),
        (101, ipv4(1, 2, 17, &udp(500, 53, b"question"))),
        (101, ipv6(1, 2, 60, &join(&[&[17, 0, 1, 4, 0, 0, 0, 0], &udp(500, 53, b"question")]))),
        (101, ipv4(200, 1, 1, &join(&[&[3, 1, 0, 0, 0, 0, 0, 0], &request()]))),
    ];
    samples.extend(tunnels().into_iter().map(|(_, ip)| (101, ip)));
    samples
}

/// Length on the wire of the payload, and the payload captured.
fn payload<'a>(dissected: &Dissected<'a>) -> Option<(usize, &'a [u8])> {
    match dissected {
        Dissected::Packet(Packet { body: Body::Tcp(segment), .. }) => {
            Some((segment.wire_len as usize, segment.payload))
        }
        Dissected::Packet(Packet { body: Body::Udp { payload, cut, .. }, .. }) => {
            Some((payload.len() + usize::from(*cut), payload))
        }
        _ => None,
    }
}

#[test]
fn every_prefix_of_a_frame_says_that_it_is_cut() {
    let limits = Limits::default();
    for (link, bytes) in samples() {
        let whole = dissect(&frame(link, &bytes), &limits);
        let full = payload(&whole);
        for len in 0..bytes.len() {
            let cut = Frame { wire_len: u32::try_from(bytes.len()).unwrap(), ..frame(link, &bytes[..len]) };
            let _ = shard(&cut);
            let dissected = dissect(&cut, &limits);
            match (payload(&dissected), full) {
                (Some((wire_len, captured)), Some((full_len, full))) => {
                    assert!(full.starts_with(captured), "{link} {len}");
                    assert!(captured.len() < wire_len && wire_len <= full_len, "{link} {len}");
                }
                (None, Some(_)) => {
                    // Where the inside of a tunnel is cut away, its ends still have a datagram.
                    assert!(matches!(dissected, Dissected::CutShort | Dissected::NotIp), "{dissected:?}");
                }
                _ => assert!(matches!(
                    dissected,
                    Dissected::CutShort | Dissected::Packet(_) | Dissected::OtherTransport
                )),
            }
        }
    }
}

#[test]
fn no_flipped_byte_makes_a_payload_longer_than_its_frame() {
    let limits = Limits::default();
    for (link, bytes) in samples() {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0x55, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                let _ = shard(&frame(link, &bytes));
                if let Some((_, captured)) = payload(&dissect(&frame(link, &bytes), &limits)) {
                    assert!(captured.len() < bytes.len());
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_of_any_link_type_never_panic(
        link in prop::sample::select(ALL.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        missing in 0u32..3,
    ) {
        let wire_len = u32::try_from(bytes.len()).unwrap() + missing;
        let frame = Frame { wire_len, ..frame(link, &bytes) };
        let _ = shard(&frame);
        if let Some((_, captured)) = payload(&dissect(&frame, &Limits::default())) {
            prop_assert!(captured.len() <= bytes.len());
        }
    }
}
