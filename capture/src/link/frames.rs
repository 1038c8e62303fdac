//! Builders of frames for tests: one request in every encapsulation.

use super::{Dissected, dissect};
use crate::frame::{Frame, FrameId, LinkType, Timestamp};
use crate::limits::Limits;
use crate::packet::{Body, Packet};

pub(crate) const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub(crate) const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
pub(crate) const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

pub(crate) fn frame(link: u16, bytes: &[u8]) -> Frame<'_> {
    let wire_len = u32::try_from(bytes.len()).unwrap();
    let (id, time) = (FrameId::default(), Timestamp::default());
    Frame { id, time, link: LinkType(link), interface: 0, bytes, wire_len }
}

pub(crate) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub(crate) fn be(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap().to_be_bytes()
}

pub(crate) fn ipv4(source: u8, destination: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = be(20 + payload.len());
    let addresses = [10, 0, 0, source, 10, 0, 0, destination];
    join(&[&[0x45, 0], &len, &[0, 7, 0, 0, 64, protocol, 0, 0], &addresses, payload])
}

pub(crate) fn ipv6(source: u8, destination: u8, next: u8, payload: &[u8]) -> Vec<u8> {
    let addr = |last| [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let len = be(payload.len());
    join(&[&[0x60, 0, 0, 0], &len, &[next, 64], &addr(source), &addr(destination), payload])
}

pub(crate) fn tcp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let ports = join(&[&source.to_be_bytes(), &destination.to_be_bytes()]);
    let options = [1, 1, 1, 1];
    join(&[&ports, &[0, 0, 0, 9, 0, 0, 0, 5, 0x60, 0x18, 1, 0, 0, 0, 0, 0], &options, payload])
}

pub(crate) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = be(8 + payload.len());
    join(&[&source.to_be_bytes(), &destination.to_be_bytes(), &len, &[0, 0], payload])
}

pub(crate) fn ethernet(ethertype: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&SERVER_MAC, &CLIENT_MAC, &ethertype.to_be_bytes(), payload])
}

/// The request in IPv4, from 10.0.0.1 to 10.0.0.2.
pub(crate) fn request() -> Vec<u8> {
    ipv4(1, 2, 6, &tcp(50_000, 80, REQUEST))
}

/// The same in IPv6.
pub(crate) fn request6() -> Vec<u8> {
    ipv6(1, 2, 6, &tcp(50_000, 80, REQUEST))
}

pub(crate) fn packet(link: u16, bytes: &[u8]) -> Packet<'_> {
    match dissect(&frame(link, bytes), &Limits::default()) {
        Dissected::Packet(packet) => packet,
        other => panic!("{other:?} instead of a packet"),
    }
}

/// Asserts that the frame carries the request, and gives the packet.
pub(crate) fn carries_request(link: u16, bytes: &[u8]) -> Packet<'_> {
    let packet = packet(link, bytes);
    assert_eq!((packet.source.port, packet.destination.port), (50_000, 80));
    let Body::Tcp(segment) = packet.body else { panic!("{:?} instead of a segment", packet.body) };
    assert_eq!(segment.payload, REQUEST);
    assert_eq!(segment.wire_len as usize, REQUEST.len());
    assert_eq!((segment.sequence, segment.acknowledgement), (9, 5));
    assert_eq!((segment.ack, segment.syn, segment.fin, segment.rst), (true, false, false, false));
    packet
}

pub(crate) fn text(link: u16, bytes: &[u8]) -> String {
    format!("{:?}", dissect(&frame(link, bytes), &Limits::default()))
}

/// A GTP-U message with user data: first byte, optional fields, packet.
pub(crate) fn gtp(flags: u8, fields: &[u8], packet: &[u8]) -> Vec<u8> {
    join(&[&[flags, 0xff], &be(fields.len() + packet.len()), &[0, 0, 0, 7], fields, packet])
}

/// Every tunnel that this crate opens, around the same packet.
pub(crate) fn tunnels() -> Vec<(&'static str, Vec<u8>)> {
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
        ("l2tp", ipv4(8, 9, 17, &udp(1701, 1701, &join(&[&[0, 2, 0, 7, 0, 1], &ppp])))),
        ("l2tp with all fields", {
            let header = [0x4A, 2, 0, 90, 0, 7, 0, 1, 0, 1, 0, 2, 0, 3, 9, 9, 9];
            ipv4(8, 9, 17, &udp(1701, 1701, &join(&[&header, &ppp])))
        }),
        ("gpe with ip", {
            ipv4(8, 9, 17, &udp(40_000, 4790, &join(&[&[0x0c, 0, 0, 1, 0, 0, 5, 0], &request()])))
        }),
        ("gpe with a service chain", {
            let header = [0x0c, 0, 0, 4, 0, 0, 5, 0, 0x0f, 0xc2, 1, 1, 0, 0, 9, 255];
            ipv4(8, 9, 17, &udp(40_000, 4790, &join(&[&header, &request()])))
        }),
        ("vxlan gpe", ipv4(8, 9, 17, &udp(40_000, 4790, &join(&[&[0x0c, 0, 0, 3, 0, 0, 5, 0], &inner])))),
        ("gtp", ipv4(8, 9, 17, &udp(40_000, 2152, &gtp(0x30, &[], &request())))),
        ("gtp with extension headers", {
            let fields = [0, 1, 0, 0x85, 1, 0x10, 0, 0x85, 2, 0, 0, 0, 0, 0, 0, 0];
            ipv4(8, 9, 17, &udp(2152, 2152, &gtp(0x34, &fields, &request6())))
        }),
        ("teredo", ipv4(8, 9, 17, &udp(40_000, 3544, &request6()))),
        ("teredo with authentication and origin", {
            let header = [0, 1, 1, 2, 7, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4];
            ipv4(8, 9, 17, &udp(3544, 40_000, &join(&[&header, &request6()])))
        }),
        ("ayiya", {
            let header = join(&[&[0x41, 0x52, 0x11, 41, 0x4a, 0xf6, 0x4b, 0xfd], &[1; 16], &[2; 20]]);
            ipv4(8, 9, 17, &udp(5072, 40_000, &join(&[&header, &request6()])))
        }),
    ]
}
