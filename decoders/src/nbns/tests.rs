//! Packets as a client, a WINS server and a management point send them.

use capture::Direction::{ToClient, ToServer};
use std::net::Ipv4Addr;

use super::{NbnsMessage, name};
use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events, events, splits_do_not_matter};
use crate::{Anomaly, Event};

/// `MP_PS1` with suffix 0x1A, first-level encoded.
const MP_PS1: &str = "ENFAFPFAFDDBCACACACACACACACACABK";

/// Header, and a question or record begun with the name.
fn packet(id: u16, flags: u16, counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
    let mut bytes = [id, flags].map(u16::to_be_bytes).concat();
    bytes.extend(counts.map(u16::to_be_bytes).concat());
    bytes.push(0x20);
    bytes.extend(MP_PS1.as_bytes());
    bytes.push(0);
    bytes.extend(rest);
    bytes
}

fn query(flags: u16) -> Vec<u8> {
    packet(0x1234, flags, [1, 0, 0, 0], &[0, 0x20, 0, 1])
}

fn answer(addresses: &[[u8; 4]]) -> Vec<u8> {
    let mut rest = vec![0, 0x20, 0, 1, 0, 0, 0x1C, 0x20];
    rest.extend(u16::try_from(addresses.len() * 6).unwrap().to_be_bytes());
    for address in addresses {
        rest.extend([0x20, 0]);
        rest.extend(address);
    }
    packet(0x1234, 0x8580, [0, 1, 0, 0], &rest)
}

fn only(datagrams: &[(capture::Direction, Vec<u8>)]) -> Vec<NbnsMessage> {
    let events = datagram_events(137, &datagrams.to_vec());
    events
        .into_iter()
        .map(|(_, event)| match event {
            Event::Nbns(message) => message,
            other => panic!("unexpected {other:?}"),
        })
        .collect()
}

#[test]
fn a_management_point_is_asked_for_and_found() {
    let seen = only(&[(ToServer, query(0x0100)), (ToClient, answer(&[[192, 0, 2, 7]]))]);
    assert_eq!((seen[0].name.as_str(), seen[0].suffix, seen[0].qtype), ("MP_PS1", 0x1A, 0x20));
    assert!(!seen[0].response && !seen[0].is_broadcast());
    assert_eq!(seen[0].display_name(), "MP_PS1<1a>");
    assert!(seen[1].response);
    assert_eq!((seen[1].name.as_str(), seen[1].suffix, seen[1].ttl), ("MP_PS1", 0x1A, Some(7200)));
    assert_eq!(seen[1].addresses, [(0x2000, Ipv4Addr::new(192, 0, 2, 7))]);
}

#[test]
fn a_broadcast_query_shows_as_such() {
    assert!(only(&[(ToServer, query(0x0110))])[0].is_broadcast());
}

#[test]
fn a_multi_homed_registration_keeps_every_address() {
    let mut rest = vec![0, 0x20, 0, 1, 0xC0, 0x0C, 0, 0x20, 0, 1, 0, 4, 0x93, 0xE0, 0, 12];
    rest.extend([0x20, 0, 192, 0, 2, 8, 0x20, 0, 192, 0, 2, 9]);
    let seen = only(&[(ToServer, packet(7, 0x7900, [1, 0, 0, 1], &rest))]);
    assert_eq!((seen[0].opcode, seen[0].addresses.len()), (15, 2));
}

#[test]
fn a_node_status_answer_lists_names() {
    let mut rest = vec![0, 0x21, 0, 1, 0, 0, 0, 0, 0, 43, 2];
    for (text, suffix) in [(b"FILESRV        ", 0x20), (b"WORKGROUP      ", 0x00)] {
        rest.extend(text);
        rest.extend([suffix, 0x04, 0]);
    }
    rest.extend([2, 0, 0, 0, 0, 1]);
    let seen = only(&[(ToClient, packet(9, 0x8400, [0, 1, 0, 0], &rest))]);
    assert_eq!(seen[0].names, ["FILESRV<20>", "WORKGROUP<00>"]);
    assert_eq!(seen[0].unit_id, Some([2, 0, 0, 0, 0, 1]));
}

#[test]
fn a_name_that_is_not_encoded_is_malformed() {
    let mut bytes = query(0x0100);
    bytes[13] = b'Z';
    let events = datagram_events(137, &vec![(ToServer, bytes)]);
    assert!(matches!(events[1].1, Event::Anomaly(Anomaly::Malformed(_))), "{events:?}");
}

#[test]
fn a_pointer_that_goes_forward_ends_the_reading() {
    let rest = [0, 0x20, 0, 1, 0xC0, 0xFF, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 0];
    let events = datagram_events(137, &vec![(ToServer, packet(7, 0x2900, [1, 0, 0, 1], &rest))]);
    assert!(matches!(events[1].1, Event::Anomaly(Anomaly::Malformed(_))), "{events:?}");
}

#[test]
fn names_keep_what_cannot_be_printed_visible() {
    let mut wildcard = [0; 16];
    wildcard[0] = b'*';
    assert_eq!(name::display(&wildcard), (format!("*{}", "<00>".repeat(14)), 0));
    assert_eq!(name::display(b"\x01\x02__MSBROWSE__\x02\x01"), ("<01><02>__MSBROWSE__<02>".to_owned(), 1));
}

#[test]
fn packets_over_tcp_are_read_however_they_are_cut() {
    let framed = |bytes: Vec<u8>| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], &bytes].concat();
    let asked = framed(query(0x0100));
    let talk =
        vec![(ToServer, [asked.clone(), asked].concat()), (ToClient, framed(answer(&[[192, 0, 2, 7]])))];
    let seen = events(137, &talk);
    assert_eq!(seen.iter().filter(|(_, event)| matches!(event, Event::Nbns(_))).count(), 3);
    splits_do_not_matter(137, &talk);
}

#[test]
fn damaged_packets_do_no_harm() {
    damage_does_no_harm_to_datagrams(
        137,
        &vec![(ToServer, query(0x0110)), (ToClient, answer(&[[192, 0, 2, 7]; 3]))],
    );
}
