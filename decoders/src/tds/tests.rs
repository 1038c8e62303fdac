//! Handshakes of a real TLS library, packed as SQL Server's protocol packs them.

use capture::Direction::{self, ToClient, ToServer};

use super::*;
use crate::Event;
use crate::harness::{Conversation, damage_does_no_harm, events, splits_do_not_matter, talk};
use crate::tls::TlsEvent;

const PORT: u16 = 1433;

fn handshake() -> Conversation {
    talk(include_bytes!("../tls/testdata/tls12-mutual.talk"))
}

fn packet(kind: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER + data.len()).unwrap().to_be_bytes();
    [&[kind, 1, length[0], length[1], 0, 0, 1, 0], data].concat()
}

/// Both ends' first messages: the option VERSION, the end of the options, and the version.
fn prelogin() -> Conversation {
    let options = [0, 0, 6, 0, 6, 0xFF, 15, 0, 7, 0xD0, 0, 0];
    vec![(ToServer, packet(PRELOGIN, &options)), (ToClient, packet(TABULAR_RESULT, &options))]
}

/// A login whose handshake goes in packets of so many bytes of data, up to what is sealed; that goes without.
fn login(size: usize) -> Conversation {
    let mut said = prelogin();
    let mut sealed = [false; 2];
    for (from, bytes) in handshake() {
        let sealed: &mut bool = &mut sealed[from.index()];
        *sealed |= bytes.first() == Some(&0x17);
        if *sealed {
            said.push((from, bytes));
        } else {
            said.extend(bytes.chunks(size).map(|data| (from, packet(PRELOGIN, data))));
        }
    }
    said
}

fn told(port: u16, conversation: &Conversation) -> Vec<(Direction, Event)> {
    events(port, conversation)
}

fn hellos(said: &[(Direction, Event)]) -> usize {
    let hello =
        |event: &Event| matches!(event, Event::Tls(TlsEvent::ClientHello(_) | TlsEvent::ServerHello(_)));
    said.iter().filter(|(_, event)| hello(event)).count()
}

#[test]
fn handshake_of_a_login_is_read_as_any_other_on_any_port() {
    let bare = told(443, &handshake());
    for (port, size) in [(PORT, 4_000), (PORT, 100), (49_999, 4_000)] {
        assert_eq!(told(port, &login(size)), bare, "{port} {size}");
    }
    assert_eq!(hellos(&bare), 2);
}

#[test]
fn login_without_encryption_says_nothing() {
    let mut said = prelogin();
    said.push((ToServer, packet(0x10, &[7; 300])));
    said.push((ToClient, packet(TABULAR_RESULT, &[0x16; 200])));
    said.push((ToServer, packet(1, b"select")));
    assert_eq!(told(PORT, &said), []);
}

#[test]
fn a_handshake_behind_other_packets_is_read() {
    let mut said = prelogin();
    said.push((ToServer, packet(8, &[0; 50])));
    said.extend(login(4_000).split_off(2));
    assert_eq!(hellos(&told(PORT, &said)), 2);
}

#[test]
fn a_login_that_was_captured_from_its_handshake_on_is_found() {
    let bare = told(443, &handshake());
    assert_eq!(told(PORT, &login(4_000).split_off(2)), bare);
    assert_eq!(
        probe(&packet(PRELOGIN, &[HANDSHAKE, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 0]), ToClient),
        Probe::Yes
    );
}

#[test]
fn packet_shorter_than_its_header_is_malformed() {
    let mut said = prelogin();
    said.push((ToServer, vec![PRELOGIN, 1, 0, 7, 0, 0, 1, 0, 0]));
    let said = told(PORT, &said);
    assert!(matches!(said.as_slice(), [(ToServer, Event::Anomaly(_))]), "{said:?}");
}

#[test]
fn only_the_first_messages_of_a_login_are_its_beginning() {
    let [(_, first), (_, answer)] = prelogin().try_into().unwrap();
    for (bytes, from) in [(&first, ToServer), (&answer, ToClient)] {
        for len in 0..=bytes.len() {
            let expected = if len < HEADER + 5 { Probe::Maybe } else { Probe::Yes };
            assert_eq!(probe(&bytes[..len], from), expected, "{len}");
        }
        assert_eq!(probe(bytes, from.reverse()), Probe::No);
    }
    for (at, value) in [(0, 1), (1, 2), (3, 19), (7, 1), (8, 1), (12, 5)] {
        let mut wrong = first.clone();
        wrong[at] = value;
        assert_eq!(probe(&wrong, ToServer), Probe::No, "{at}");
    }
}

#[test]
fn cuts_and_damage_do_not_matter() {
    splits_do_not_matter(PORT, &login(700));
    damage_does_no_harm(PORT, &login(700));
}
