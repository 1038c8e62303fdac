use capture::Direction::{ToClient, ToServer};

use super::{QuicEvent, probe};
use crate::Event;
use crate::decoder::Probe;
use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events};

/// An Initial packet as far as its packet protection, which nobody opens.
fn initial(first: u8, version: u32) -> Vec<u8> {
    let mut bytes = vec![first];
    bytes.extend(version.to_be_bytes());
    bytes.extend([8, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
    bytes.extend([0x02, 0xAA, 0xBB, 0x44, 0xB0]);
    bytes.resize(1_200, 0x5A);
    bytes
}

#[test]
fn an_initial_packet_is_told_once_with_its_version() {
    let conversation =
        vec![(ToServer, initial(0xC3, 1)), (ToClient, initial(0xC1, 1)), (ToServer, initial(0xC0, 1))];
    for port in [443, 4_433] {
        let told: Vec<Event> = datagram_events(port, &conversation).into_iter().map(|told| told.1).collect();
        assert_eq!(told, [Event::Quic(QuicEvent { version: 1 })]);
    }
    damage_does_no_harm_to_datagrams(443, &conversation);
}

#[test]
fn versions_that_carry_tls_are_known() {
    for (first, version) in [(0xC0, 1), (0xD3, 0x6B33_43CF), (0xC0, 0xFF00_001D)] {
        assert_eq!(probe(&initial(first, version), ToServer), Probe::Yes, "{version:#x}");
    }
    // Negotiation of a version, Google's own handshake, and an Initial packet's type in another version.
    for (first, version) in [(0xC0, 0), (0xC0, 0x5130_3530), (0xC0, 0x6B33_43CF), (0xD0, 1)] {
        assert_eq!(probe(&initial(first, version), ToServer), Probe::No, "{version:#x}");
    }
}

#[test]
fn what_only_looks_like_a_long_header_is_none() {
    let mut long_id = initial(0xC0, 1);
    long_id[5] = 21;
    let mut long_token = initial(0xC0, 1);
    long_token[15] = 0x7F;
    let mut no_payload = initial(0xC0, 1);
    no_payload[18..20].copy_from_slice(&[16, 0]);
    for bytes in [long_id, long_token, no_payload, initial(0x40, 1), vec![0xC0, 0, 0, 0, 1, 8]] {
        assert_eq!(probe(&bytes, ToServer), Probe::No, "{:?}", &bytes[..6]);
    }
}

#[test]
fn a_packet_whose_end_was_not_captured_is_known() {
    assert_eq!(probe(&initial(0xC0, 1)[..64], ToServer), Probe::Yes);
}
