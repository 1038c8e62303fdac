//! IP packets built by hand: lengths, extension headers, tunnels, and what ICMP quotes.

use crate::limits::Limits;
use crate::link::frames::*;
use crate::link::{Dissected, dissect, shard};
use crate::packet::Body;

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
fn tunnel_number_is_that_of_both_directions_and_of_one_pair_of_ends() {
    let overlay = |port, header: [u8; 8], source, destination| {
        let inner = join(&[&header, &ethernet(0x0800, &request())]);
        let bytes = ethernet(0x0800, &ipv4(source, destination, 17, &udp(1, port, &inner)));
        carries_request(1, &bytes).tunnel
    };
    // Between two subnets each direction carries the number of the one it goes to.
    for (port, [b0, b2, b3]) in [(4789, [8, 0, 0]), (4790, [0x0c, 0, 3]), (6081, [0, 0x65, 0x58])] {
        let number = |network, source, destination| {
            overlay(port, [b0, 0, b2, b3, 0, 0, network, 0], source, destination)
        };
        assert_eq!(number(5, 8, 9), number(6, 9, 8), "{port}");
        assert_ne!(number(5, 8, 9), number(5, 8, 7), "{port}");
    }
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
    for (payload, port) in payloads.iter().flat_map(|payload| {
        [4789, 4790, 8472, 6081, 4754, 1701, 2152, 3544, 5072].map(|port| (*payload, port))
    }) {
        let bytes = ipv4(1, 2, 17, &udp(40_000, port, payload));
        let Body::Udp { payload: found, cut, .. } = packet(101, &bytes).body else { panic!("no datagram") };
        assert_eq!((found, cut), (payload, false));
    }
}

#[test]
fn what_the_ends_of_l2tp_say_to_each_other_stays_a_datagram() {
    let control = [0xC8, 2, 0, 12, 0, 7, 0, 0, 0, 1, 0, 1];
    let ppp_options = [0, 2, 0, 7, 0, 1, 0xff, 3, 0xC0, 0x21, 1, 1, 0, 4];
    for payload in [&control[..], &ppp_options, &[0x02, 2, 0, 7, 0, 1, 0xff, 0xff, 1]] {
        let bytes = ipv4(1, 2, 17, &udp(1701, 1701, payload));
        let Body::Udp { payload: found, .. } = packet(101, &bytes).body else { panic!("no datagram") };
        assert_eq!(found, payload);
    }
}

#[test]
fn what_is_no_user_data_of_a_tunnel_stays_a_datagram() {
    let mut end_marker = gtp(0x30, &[], &request());
    end_marker[1] = 254;
    let prime = gtp(0x20, &[], &request());
    let no_length = gtp(0x34, &[0, 0, 0, 0x85, 0, 0, 0, 0], &request());
    let endless = gtp(0x34, &join(&[&[0, 0, 0, 0x85], &[1, 0, 0, 0x85].repeat(20)]), &request());
    let ping = gtp(0x30, &[], &ipv4(1, 2, 1, &[8, 0, 0, 0, 0, 0, 0, 0]));
    for payload in [end_marker, prime, no_length, endless, ping] {
        let bytes = ipv4(8, 9, 17, &udp(2152, 2152, &payload));
        let packet = packet(101, &bytes);
        let Body::Udp { payload: found, .. } = packet.body else { panic!("no datagram") };
        assert_eq!((found, packet.tunnel), (&payload[..], 0));
    }
    // A heartbeat, and a router's solicitation.
    let beat = join(&[&[0x41, 0x52, 0x10, 59], &[0; 40]]);
    let solicitation = ipv6(1, 2, 58, &[133, 0, 0, 0, 0, 0, 0, 0]);
    for (payload, port) in [(beat, 5072), (solicitation, 3544)] {
        let bytes = ipv4(8, 9, 17, &udp(port, 40_000, &payload));
        let Body::Udp { payload: found, .. } = packet(101, &bytes).body else { panic!("no datagram") };
        assert_eq!(found, payload);
    }
}

#[test]
fn both_directions_of_gtp_are_one_tunnel() {
    let number = |source, destination, teid| {
        let mut payload = gtp(0x30, &[], &request());
        payload[7] = teid;
        let bytes = ipv4(source, destination, 17, &udp(2152, 2152, &payload));
        carries_request(101, &bytes).tunnel
    };
    assert_eq!(number(8, 9, 1), number(9, 8, 2));
    assert_ne!(number(8, 9, 1), number(8, 7, 1));
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
fn ip_length_beyond_the_frame_opens_no_hole_and_cuts_datagrams() {
    let mut bytes = ethernet(0x0800, &request());
    bytes.truncate(bytes.len() - 5);
    let Body::Tcp(segment) = packet(1, &bytes).body else { panic!("no segment") };
    assert_eq!(segment.payload, &REQUEST[..REQUEST.len() - 5]);
    assert_eq!(segment.wire_len as usize, REQUEST.len() - 5);
    let mut bytes = ipv4(1, 2, 17, &udp(500, 53, b"question"));
    bytes.truncate(bytes.len() - 3);
    let expected = |body| matches!(body, Body::Udp { payload: b"quest", cut: true, wire_len: 8, .. });
    assert!(expected(packet(101, &bytes).body));
    // The first fragment of what was longer, and one behind it.
    bytes[6] = 0x20;
    bytes[25] = 200;
    let Body::Udp { payload, cut, wire_len, .. } = packet(101, &bytes).body else { panic!("no datagram") };
    assert_eq!((payload, cut, wire_len), (&b"quest"[..], true, 192));
    bytes[7] = 1;
    assert_eq!(text(101, &bytes), "CutShort");
    bytes[6..8].fill(0);
    bytes.truncate(25);
    assert_eq!(text(101, &bytes), "CutShort");
}

#[test]
fn truncated_outer_packet_does_not_make_a_whole_inner_one_cut() {
    let mut bytes = ipv4(8, 9, 4, &ipv4(1, 2, 17, &udp(500, 53, b"question")));
    bytes[3] += 50;
    assert!(matches!(packet(101, &bytes).body, Body::Udp { payload: b"question", cut: false, .. }));
}
