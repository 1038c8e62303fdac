use std::sync::Arc;

use capture::Direction::{ToClient, ToServer};
use proptest::prelude::*;
use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::quic::{ClientConnection, Version};
use rustls::{ClientConfig, RootCertStore, Side};

use super::*;
use crate::harness::{self, Conversation, damage_does_no_harm_to_datagrams};
use crate::{Event, Limits};

const PORT: u16 = 443;
const V1: (u32, Version) = (1, Version::V1);
const V2: (u32, Version) = (0x6B33_43CF, Version::V2);
const DRAFT: (u32, Version) = (0xFF00_001D, Version::V1Draft);
const ID: &[u8] = &[0x83, 0x94, 0xC8, 0xF0, 0x3E, 0x51, 0x57, 0x08];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The CRYPTO frame and ClientHello of RFC 9001 A.2.
fn example() -> Vec<u8> {
    hex(
        "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868 04fe3a47f06a2b69484c00000413011302010000c0 \
         00000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100 \
         00000000330026 0024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400 \
         0d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff0704 \
         8000ffff0801100104800075300901100f088394c8f03e51570806048000ffff",
    )
}

/// A ClientHello as rustls writes it for QUIC.
fn client_hello(name: &str, alpn: &[&str]) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]);
    let mut config = config.unwrap().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = name.to_owned().try_into().unwrap();
    let mut client = ClientConnection::new(Arc::new(config), Version::V1, name, vec![]).unwrap();
    let mut hello = Vec::new();
    client.write_hs(&mut hello);
    hello
}

fn crypto(offset: usize, data: &[u8]) -> Vec<u8> {
    let varint = |value: usize| u16::try_from(value | 0x4000).unwrap().to_be_bytes();
    [&[6][..], &varint(offset), &varint(data.len()), data].concat()
}

/// An Initial packet as a client seals it, filled up to so many octets of frames.
fn seal(
    (version, family): (u32, Version),
    id: &[u8],
    number: u32,
    mut frames: Vec<u8>,
    fill: usize,
) -> Vec<u8> {
    frames.resize(frames.len().max(fill), 0);
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { panic!() };
    let keys = suite.quic_suite().unwrap().keys(id, Side::Client, family).local;
    let first = if matches!(family, Version::V2) { 0xD3 } else { 0xC3 };
    let mut packet =
        [&[first][..], &version.to_be_bytes(), &[u8::try_from(id.len()).unwrap()], id, &[0, 0]].concat();
    let length = u16::try_from((4 + frames.len() + 16) | 0x4000).unwrap();
    packet.extend(length.to_be_bytes());
    let before = packet.len();
    packet.extend(number.to_be_bytes());
    let tag = keys.packet.encrypt_in_place(number.into(), &packet, &mut frames).unwrap();
    packet.extend(frames);
    packet.extend(tag.as_ref());
    let sample = packet[before + 4..before + 20].to_vec();
    let (header, rest) = packet.split_at_mut(before);
    keys.header.encrypt_in_place(&sample, &mut header[0], &mut rest[..4]).unwrap();
    packet
}

fn events(datagrams: &[Vec<u8>]) -> Vec<Event> {
    let conversation = datagrams.iter().map(|datagram| (ToServer, datagram.clone())).collect();
    harness::datagram_events(PORT, &conversation).into_iter().map(|(_, event)| event).collect()
}

fn quic(version: u32, name: &str, alpn: &[&str]) -> Event {
    let alpn = alpn.iter().map(|name| (*name).to_owned()).collect();
    Event::Quic(QuicEvent { version, hello: Some(QuicHello { server_name: Some(name.to_owned()), alpn }) })
}

/// QUIC that nobody opens.
fn sealed(version: u32) -> Event {
    Event::Quic(QuicEvent { version, hello: None })
}

#[test]
fn packet_of_the_rfc_is_sealed_and_opened() {
    let packet = seal(V1, ID, 2, example(), 1_162);
    let sealed =
        "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11 d242b123dc9bd8bab936b47d92ec356c";
    assert!(packet.starts_with(&hex(sealed)), "as in RFC 9001 A.2");
    assert_eq!(events(&[packet]), [quic(1, "example.com", &["alpn"])]);
}

#[test]
fn name_and_protocols_are_read_in_every_version() {
    for version in [V1, V2, DRAFT] {
        let hello = client_hello("files.example.test", &["smb"]);
        let datagram = seal(version, ID, 0, crypto(0, &hello), 1_160);
        let events = events(&[datagram]);
        assert_eq!(events, [quic(version.0, "files.example.test", &["smb"])]);
        assert!(matches!(&events[..], [Event::Quic(event)] if event.is_smb()));
    }
    let datagram = seal(V1, ID, 0, crypto(0, &client_hello("a.example.test", &["h3", "h3-29"])), 1_160);
    let events = events(&[datagram]);
    assert!(
        matches!(&events[..], [Event::Quic(event)] if !event.is_smb() && event.hello.as_ref().unwrap().alpn.len() == 2)
    );
}

#[test]
fn hello_under_a_version_that_none_speaks_is_read() {
    for (version, family) in [(0x0A0A_0A0A, Version::V1Draft), (0x1A2A_3ABA, Version::V1)] {
        let hello = client_hello("a.example.test", &["h3"]);
        let datagram = seal((version, family), ID, 0, crypto(0, &hello), 1_160);
        assert_eq!(events(&[datagram]), [quic(version, "a.example.test", &["h3"])]);
    }
}

#[test]
fn hello_in_pieces_is_put_in_order() {
    let hello = client_hello("a.example.test", &["h3"]);
    let (first, rest) = hello.split_at(40);
    let (second, third) = rest.split_at(70);
    let ping_and_ack = [1, 2, 5, 0, 1, 0, 0, 0];
    let expected = [quic(1, "a.example.test", &["h3"])];
    let pieces = [
        crypto(110, third),
        ping_and_ack.to_vec(),
        crypto(0, first),
        crypto(20, &hello[20..50]),
        crypto(40, second),
    ];
    assert_eq!(events(&[seal(V1, ID, 0, pieces.concat(), 1_160)]), expected, "in one packet");
    let packets: Vec<Vec<u8>> = pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| seal(V1, ID, u32::try_from(at).unwrap(), piece.clone(), 200))
        .collect();
    assert_eq!(events(&packets), expected, "in several datagrams");
    assert_eq!(events(&[packets.concat()]), expected, "in several packets of one datagram");
}

#[test]
fn retry_leads_to_other_keys() {
    let hello = client_hello("a.example.test", &["h3"]);
    let begun = seal(V1, ID, 0, crypto(0, &hello[..40]), 1_160);
    let retried = seal(V1, &[7; 20], 1, crypto(0, &hello), 1_160);
    assert_eq!(events(&[begun, retried]), [quic(1, "a.example.test", &["h3"])]);
}

#[test]
fn identifier_that_the_server_chose_changes_no_keys() {
    let hello = client_hello("a.example.test", &["h3"]);
    let begun = seal(V1, ID, 0, crypto(0, &hello[..40]), 1_160);
    // The keys are those of the first packet, while another identifier stands in the header.
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { panic!() };
    let keys = suite.quic_suite().unwrap().keys(ID, Side::Client, Version::V1).local;
    let mut frames = crypto(40, &hello[40..]);
    let length = u16::try_from((4 + frames.len() + 16) | 0x4000).unwrap().to_be_bytes();
    let mut packet = [&[0xC3, 0, 0, 0, 1, 4, 1, 2, 3, 4, 0, 0][..], &length].concat();
    let before = packet.len();
    packet.extend([0, 0, 0, 1]);
    let tag = keys.packet.encrypt_in_place(1, &packet, &mut frames).unwrap();
    packet.extend([&frames, tag.as_ref()].concat());
    let sample = packet[before + 4..before + 20].to_vec();
    let (header, rest) = packet.split_at_mut(before);
    keys.header.encrypt_in_place(&sample, &mut header[0], &mut rest[..4]).unwrap();
    assert_eq!(events(&[begun, packet]), [quic(1, "a.example.test", &["h3"])]);
}

#[test]
fn flow_is_left_alone_behind_its_hello() {
    let datagram = seal(V1, ID, 0, crypto(0, &client_hello("a.example.test", &["h3"])), 1_160);
    assert_eq!(events(&[datagram.clone(), datagram]).len(), 1);
}

#[test]
fn what_cannot_be_opened_is_told_by_its_version() {
    let good = seal(V1, ID, 0, crypto(0, &client_hello("a.example.test", &["h3"])), 1_160);
    let mut flipped = good.clone();
    flipped[600] ^= 1;
    assert_eq!(events(&vec![flipped.clone(); 20]), [sealed(1)]);
    assert_eq!(events(&[good[..900].to_vec()]), [sealed(1)]);
    let mut draft = good.clone();
    draft[1..5].copy_from_slice(&[0xFF, 0, 0, 0x17]);
    assert_eq!(
        events(&[draft, good.clone()]),
        [sealed(0xFF00_0017)],
        "no keys are known: nothing to wait for"
    );
    assert_eq!(events(&[flipped, good]), [sealed(1), quic(1, "a.example.test", &["h3"])]);
}

#[test]
fn what_only_looks_like_a_long_header_is_none() {
    let good = seal(V1, ID, 0, crypto(0, &client_hello("a.example.test", &["h3"])), 1_160);
    for (at, byte) in [(0, 0x43), (0, 0xD3), (4, 0), (4, 2), (5, 21), (15, 0xFF)] {
        let mut other = good.clone();
        other[at] = byte;
        assert_eq!(events(&[other]), [], "byte {at}");
    }
    assert_eq!(events(&[good[..10].to_vec()]), []);
}

#[test]
fn port_does_not_matter() {
    let good = seal(V1, ID, 0, crypto(0, &client_hello("a.example.test", &["h3"])), 1_160);
    let said = harness::datagram_events(4_433, &vec![(ToServer, good)]);
    assert_eq!(said, [(ToServer, quic(1, "a.example.test", &["h3"]))]);
}

#[test]
fn server_that_was_heard_first_does_not_hide_the_client() {
    let hello = client_hello("a.example.test", &["h3"]);
    let answer = seal(V1, &[9; 8], 0, vec![2, 0, 0, 0, 0], 1_160);
    let mut answer = answer;
    answer[700] ^= 1;
    let datagrams: Conversation =
        vec![(ToServer, answer), (ToClient, seal(V1, ID, 0, crypto(0, &hello), 1_160))];
    let said: Vec<Event> =
        harness::datagram_events(PORT, &datagrams).into_iter().map(|(_, event)| event).collect();
    assert_eq!(said, [sealed(1), quic(1, "a.example.test", &["h3"])]);
}

#[test]
fn client_is_who_begins_whoever_was_captured_first() {
    let good = seal(V1, ID, 0, crypto(0, &client_hello("a.example.test", &["h3"])), 1_160);
    let datagrams: Conversation = vec![(ToServer, b"late".to_vec()), (ToClient, good)];
    let said = harness::datagram_events(PORT, &datagrams);
    assert_eq!(said, [(ToServer, quic(1, "a.example.test", &["h3"]))]);
}

#[test]
fn hello_that_does_not_end_is_given_up() {
    let hello = client_hello("a.example.test", &["h3"]);
    let packets: Vec<Vec<u8>> =
        (0..20).map(|number| seal(V1, ID, number, crypto(0, &hello[..40]), 1_160)).collect();
    let limit = |limit| Event::Anomaly(Anomaly::LimitReached { protocol: "quic", limit });
    assert_eq!(events(&packets), [limit("quic_datagrams")]);
}

#[test]
fn pieces_keep_to_the_limits() {
    let limits = Limits { tls_handshake: 100, list_items: 2, ..Limits::default() };
    let mut crypto = Crypto::default();
    assert!(crypto.frames(&super::tests::crypto(90, &[0; 11]), &limits).is_err());
    let mut crypto = Crypto::default();
    for offset in [0, 10] {
        crypto.frames(&super::tests::crypto(offset, &[1; 2]), &limits).unwrap();
    }
    assert!(crypto.frames(&super::tests::crypto(20, &[1; 2]), &limits).is_err());
    let error = Crypto::default().frames(&[0x08, 0, 0], &limits).unwrap_err();
    assert_eq!(error.to_string(), "quic: frame type at byte 1: value 0x8 is not allowed");
}

#[test]
fn damage_does_no_harm() {
    let hello = client_hello("a.example.test", &["h3"]);
    let datagrams = vec![
        (ToServer, seal(V1, ID, 0, crypto(0, &hello[..100]), 150)),
        (ToServer, seal(V2, ID, 1, crypto(100, &hello[100..]), 200)),
    ];
    damage_does_no_harm_to_datagrams(PORT, &datagrams);
}

proptest! {
    #[test]
    fn any_frames_are_survived(frames in prop::collection::vec(any::<u8>(), 0..300)) {
        let events = events(&[seal(V1, ID, 0, frames, 40)]);
        prop_assert!(events.len() <= 2);
    }
}
