//! Frames built by hand, of every link type and tunnel.

use proptest::prelude::*;

use super::*;
use crate::frame::{FrameId, Timestamp};
use crate::packet::Body;

const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

fn frame(link: u16, bytes: &[u8]) -> Frame<'_> {
    let wire_len = u32::try_from(bytes.len()).unwrap();
    let (id, time) = (FrameId::default(), Timestamp::default());
    Frame { id, time, link: LinkType(link), interface: 0, bytes, wire_len }
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn be(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap().to_be_bytes()
}

fn ipv4(source: u8, destination: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = be(20 + payload.len());
    let addresses = [10, 0, 0, source, 10, 0, 0, destination];
    join(&[&[0x45, 0], &len, &[0, 7, 0, 0, 64, protocol, 0, 0], &addresses, payload])
}

fn ipv6(source: u8, destination: u8, next: u8, payload: &[u8]) -> Vec<u8> {
    let addr = |last| [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let len = be(payload.len());
    join(&[&[0x60, 0, 0, 0], &len, &[next, 64], &addr(source), &addr(destination), payload])
}

fn tcp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let ports = join(&[&source.to_be_bytes(), &destination.to_be_bytes()]);
    let options = [1, 1, 1, 1];
    join(&[&ports, &[0, 0, 0, 9, 0, 0, 0, 5, 0x60, 0x18, 1, 0, 0, 0, 0, 0], &options, payload])
}

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = be(8 + payload.len());
    join(&[&source.to_be_bytes(), &destination.to_be_bytes(), &len, &[0, 0], payload])
}

fn ethernet(ethertype: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&SERVER_MAC, &CLIENT_MAC, &ethertype.to_be_bytes(), payload])
}

/// The request in IPv4, from 10.0.0.1 to 10.0.0.2.
fn request() -> Vec<u8> {
    ipv4(1, 2, 6, &tcp(50_000, 80, REQUEST))
}

/// The same in IPv6.
fn request6() -> Vec<u8> {
    ipv6(1, 2, 6, &tcp(50_000, 80, REQUEST))
}

fn packet(link: u16, bytes: &[u8]) -> Packet<'_> {
    match dissect(&frame(link, bytes), &Limits::default()) {
        Dissected::Packet(packet) => packet,
        other => panic!("{other:?} instead of a packet"),
    }
}

/// Asserts that the frame carries the request, and gives the packet.
fn carries_request(link: u16, bytes: &[u8]) -> Packet<'_> {
    let packet = packet(link, bytes);
    assert_eq!((packet.source.port, packet.destination.port), (50_000, 80));
    let Body::Tcp(segment) = packet.body else { panic!("{:?} instead of a segment", packet.body) };
    assert_eq!(segment.payload, REQUEST);
    assert_eq!(segment.wire_len as usize, REQUEST.len());
    assert_eq!((segment.sequence, segment.acknowledgement), (9, 5));
    assert_eq!((segment.ack, segment.syn, segment.fin, segment.rst), (true, false, false, false));
    packet
}

fn text(link: u16, bytes: &[u8]) -> String {
    format!("{:?}", dissect(&frame(link, bytes), &Limits::default()))
}

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
fn ethernet_padding_is_no_payload() {
    let empty = ipv4(1, 2, 6, &tcp(50_000, 80, b""));
    let bytes = ethernet(0x0800, &join(&[&empty, &[0; 6]]));
    let Body::Tcp(segment) = packet(1, &bytes).body else { panic!("no segment") };
    assert_eq!((segment.payload, segment.wire_len), (&[][..], 0));
}

#[test]
fn total_length_of_zero_means_the_captured_length() {
    let mut ip = request();
    ip[2..4].fill(0);
    carries_request(1, &ethernet(0x0800, &ip));
    let mut ip = request6();
    ip[4..6].fill(0);
    carries_request(1, &ethernet(0x86dd, &ip));
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
    let mut encrypted = bytes.clone();
    encrypted[1] |= 0x40;
    assert_eq!(text(105, &encrypted), "NotIp");
}

/// Every tunnel that this crate opens, around the same packet.
fn tunnels() -> Vec<(&'static str, Vec<u8>)> {
    let inner = ethernet(0x0800, &request());
    let gre = |header: &[u8], payload: &[u8]| ipv4(8, 9, 47, &join(&[header, payload]));
    let ppp = join(&[&[0xff, 3, 0, 0x21], &request()]);
    vec![
        ("ip in ip", ipv4(8, 9, 4, &request())),
        ("6in4", ipv4(8, 9, 41, &request6())),
        ("4in6", ipv6(8, 9, 4, &request())),
        ("gre", gre(&[0, 0, 8, 0], &request())),
        ("gre with all fields", {
            let fields = [0xf0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 1, 0, 2, 7, 7, 0, 0, 0, 0];
            gre(&fields, &request())
        }),
        ("gre in udp", ipv4(8, 9, 17, &udp(40_000, 4754, &join(&[&[0, 0, 8, 0], &request()])))),
        ("gre with ethernet", gre(&[0x20, 0, 0x65, 0x58, 0, 0, 0, 5], &inner)),
        ("pptp", gre(&[0x30, 0x81, 0x88, 0x0b, 0, 50, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], &ppp)),
        ("erspan 1", gre(&[0, 0, 0x88, 0xbe], &inner)),
        ("erspan 2", gre(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 1, 0, 0, 0, 0], &inner)),
        ("erspan 3", gre(&join(&[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20], &[0; 11]]), &inner)),
        ("vxlan", { ipv4(8, 9, 17, &udp(40_000, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 5, 0], &inner]))) }),
        ("vxlan of linux", {
            ipv4(8, 9, 17, &udp(40_000, 8472, &join(&[&[8, 0, 0, 0, 0, 0, 5, 0], &inner])))
        }),
        ("geneve", {
            let header = [0x01, 0, 0x65, 0x58, 0, 0, 5, 0, 1, 2, 3, 0];
            ipv4(8, 9, 17, &udp(40_000, 6081, &join(&[&header, &inner])))
        }),
    ]
}

#[test]
fn every_tunnel_gives_its_inside_and_a_number() {
    for (name, ip) in tunnels() {
        let bytes = ethernet(if ip[0] >> 4 == 4 { 0x0800 } else { 0x86dd }, &ip);
        let packet = carries_request(1, &bytes);
        assert_ne!(packet.tunnel, 0, "{name}");
        assert!(packet.source.to_string().contains('1'), "{name}");
        // A tunnel end's MAC address is not the host's.
        let has_ethernet = ["ethernet", "erspan", "vxlan", "geneve"].iter().any(|word| name.contains(word));
        assert_eq!(packet.source_mac.is_some(), has_ethernet, "{name}");
    }
}

#[test]
fn tunnel_number_is_that_of_both_directions_and_of_one_network() {
    let vxlan = |source, destination, network| {
        let inner = join(&[&[8, 0, 0, 0, 0, 0, network, 0], &ethernet(0x0800, &request())]);
        let bytes = ethernet(0x0800, &ipv4(source, destination, 17, &udp(1, 4789, &inner)));
        carries_request(1, &bytes).tunnel
    };
    assert_eq!(vxlan(8, 9, 5), vxlan(9, 8, 5));
    assert_ne!(vxlan(8, 9, 5), vxlan(8, 9, 6));
    assert_ne!(vxlan(8, 9, 5), vxlan(8, 7, 5));
}

#[test]
fn tunnels_nested_beyond_the_limit_are_malformed() {
    let limits = Limits { tunnel_depth: 2, ..Limits::default() };
    let nested = |depth| (0..depth).fold(request(), |inner, _| ipv4(8, 9, 4, &inner));
    assert!(matches!(dissect(&frame(101, &nested(2)), &limits), Dissected::Packet(_)));
    let Dissected::Malformed(what) = dissect(&frame(101, &nested(3)), &limits) else { panic!("opened") };
    assert!(what.starts_with("tunnel headers"));
}

#[test]
fn datagram_on_a_tunnels_port_without_a_tunnel_stays_a_datagram() {
    let payloads = [&b"no tunnel at all"[..], &[8, 0, 0, 0, 0, 0, 5, 0, 1, 2, 3], &[]];
    for (payload, port) in
        payloads.iter().flat_map(|payload| [4789, 8472, 6081, 4754].map(|port| (*payload, port)))
    {
        let bytes = ipv4(1, 2, 17, &udp(40_000, port, payload));
        let Body::Udp { payload: found, cut, .. } = packet(101, &bytes).body else { panic!("no datagram") };
        assert_eq!((found, cut), (payload, false));
    }
}

#[test]
fn extension_headers_are_stepped_over() {
    let options = |next| [next, 0, 1, 4, 0, 0, 0, 0];
    let ah = |next| [next, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9];
    let atomic = [6, 0, 0, 0, 0, 0, 0, 1];
    let chain = join(&[&options(43), &options(60), &options(51), &ah(44), &atomic]);
    let bytes = ipv6(1, 2, 0, &join(&[&chain, &tcp(50_000, 80, REQUEST)]));
    carries_request(101, &bytes);
    let bytes = ipv4(1, 2, 51, &join(&[&ah(6), &tcp(50_000, 80, REQUEST)]));
    carries_request(101, &bytes);
    let endless = ipv6(1, 2, 60, &options(60).repeat(20));
    assert!(text(101, &endless).starts_with("Malformed(\"ip extension headers"));
}

#[test]
fn other_transports_are_said_to_be_such() {
    for protocol in [2, 50, 89, 132] {
        assert_eq!(text(101, &ipv4(1, 2, protocol, &[0; 40])), "OtherTransport");
    }
    assert_eq!(text(101, &ipv4(1, 2, 1, &[8, 0, 0, 0, 0, 0, 0, 0])), "OtherTransport");
}

#[test]
fn unreachable_gives_the_ends_that_it_quotes() {
    // A router quotes no more than eight bytes of the segment.
    let mut quoted = request();
    quoted.truncate(28);
    for (code, counts) in [(1, true), (3, true), (13, true), (4, false)] {
        let icmp = join(&[&[3, code, 0, 0, 0, 0, 0, 0], &quoted]);
        let bytes = ipv4(200, 1, 1, &icmp);
        if counts {
            let packet = packet(101, &bytes);
            assert_eq!(packet.destination.to_string(), "10.0.0.2:80");
            assert!(matches!(packet.body, Body::Unreachable { tcp: true }));
            assert_eq!(shard(&frame(101, &bytes)), shard(&frame(101, &request())));
        } else {
            assert_eq!(text(101, &bytes), "OtherTransport");
        }
    }
    let icmp = join(&[&[1, 4, 0, 0, 0, 0, 0, 0], &ipv6(1, 2, 17, &udp(500, 53, b"?"))]);
    let bytes = ipv6(200, 1, 58, &icmp);
    let packet = packet(101, &bytes);
    assert_eq!(packet.source.to_string(), "[fd00::1]:500");
    assert!(matches!(packet.body, Body::Unreachable { tcp: false }));
}

#[test]
fn headers_that_lie_are_malformed() {
    let lie = |at: usize, value: u8, what: &str| {
        let mut bytes = request();
        bytes[at] = value;
        let text = text(101, &bytes);
        assert!(text.starts_with(&format!("Malformed(\"{what}")), "{text}");
    };
    lie(0, 0x44, "ipv4 header length");
    lie(0, 0x55, "ip version");
    lie(3, 19, "ipv4 total length");
    lie(32, 0x40, "tcp data offset: less");
    lie(32, 0xf0, "tcp data offset: beyond");
    let short = ipv4(1, 2, 6, &[0; 19]);
    assert!(text(101, &short).starts_with("Malformed(\"tcp header"));
    let mut bytes = ipv4(1, 2, 17, &udp(1, 2, b"abc"));
    bytes[25] = 7;
    assert!(text(101, &bytes).starts_with("Malformed(\"udp length: less"));
    bytes[25] = 12;
    assert!(text(101, &bytes).starts_with("Malformed(\"udp length: beyond"));
}

#[test]
fn unknown_link_types_are_named() {
    assert_eq!(text(147, &[0; 60]), "UnknownLink(LinkType(147))");
}

#[test]
fn ip_length_beyond_the_frame_opens_no_hole_and_cuts_datagrams() {
    let mut bytes = ethernet(0x0800, &request());
    bytes.truncate(bytes.len() - 5);
    let Body::Tcp(segment) = packet(1, &bytes).body else { panic!("no segment") };
    assert_eq!(segment.payload, &REQUEST[..REQUEST.len() - 5]);
    assert_eq!(segment.wire_len as usize, REQUEST.len() - 5);
    let mut bytes = ipv4(1, 2, 17, &udp(500, 53, b"question"));
    bytes.truncate(bytes.len() - 3);
    assert!(matches!(packet(101, &bytes).body, Body::Udp { payload: b"quest", cut: true, wire_len: 5 }));
    bytes.truncate(25);
    assert_eq!(text(101, &bytes), "CutShort");
}

#[test]
fn truncated_outer_packet_does_not_make_a_whole_inner_one_cut() {
    let mut bytes = ipv4(8, 9, 4, &ipv4(1, 2, 17, &udp(500, 53, b"question")));
    bytes[3] += 50;
    assert!(matches!(packet(101, &bytes).body, Body::Udp { payload: b"question", cut: false, wire_len: 8 }));
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
        link in prop::sample::select(vec![0u16, 1, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 228, 276]),
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
