use capture::Direction::ToServer;

use super::NbdgmMessage;
use crate::Event;
use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events};

/// `WKS1` with suffix 0x00 and `LAB` with suffix 0x1D, first-level encoded.
const WKS1: &[u8] = b"\x20FHELFDDBCACACACACACACACACACACAAA\0";
const LAB: &[u8] = b"\x20EMEBECCACACACACACACACACACACACABN\0";

/// A datagram of this type and these flags.
fn datagram(kind: u8, flags: u8, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(WKS1.len() + LAB.len() + data.len()).unwrap().to_be_bytes();
    [&[kind, flags, 0x12, 0x34, 192, 0, 2, 1, 0, 138], &len[..], &[0, 0], WKS1, LAB, data].concat()
}

/// A transaction to a mailslot, with the words of an announcement left empty.
fn transaction(name: &[u8]) -> Vec<u8> {
    [b"\xFFSMB\x25", &[0; 27][..], &[17], &[0; 34], &[30, 0], name, b"\0\x01"].concat()
}

fn told(bytes: Vec<u8>) -> Vec<Event> {
    datagram_events(138, &vec![(ToServer, bytes)]).into_iter().map(|(_, event)| event).collect()
}

#[test]
fn an_announcement_names_its_sender_and_its_mailslot() {
    let bytes = datagram(0x11, 0x0A, &transaction(b"\\MAILSLOT\\BROWSE"));
    let expected = NbdgmMessage {
        kind: 17,
        source: "WKS1<00>".to_owned(),
        destination: "LAB<1d>".to_owned(),
        mailslot: Some("\\MAILSLOT\\BROWSE".to_owned()),
    };
    assert_eq!(told(bytes.clone()), [Event::Nbdgm(expected)]);
    damage_does_no_harm_to_datagrams(138, &vec![(ToServer, bytes)]);
}

#[test]
fn the_reserved_flag_that_windows_nt_sets_is_no_obstacle() {
    let mailslot = transaction(b"\\MAILSLOT\\BROWSE");
    assert_eq!(told(datagram(0x11, 0x1A, &mailslot)), told(datagram(0x11, 0x0A, &mailslot)));
    assert_eq!(told(datagram(0x11, 0x2A, &mailslot)), []);
}

#[test]
fn data_that_is_no_mailslot_leaves_the_names() {
    for data in [&b"anything"[..], &transaction(b"\\PIPE\\LANMAN"), b"\xFFSMB\x25"] {
        let events = told(datagram(0x10, 0x02, data));
        let [Event::Nbdgm(message)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((message.source.as_str(), &message.mailslot), ("WKS1<00>", &None));
    }
}

#[test]
fn later_parts_and_other_messages_say_nothing() {
    assert_eq!(told(datagram(0x11, 0x00, &transaction(b"\\MAILSLOT\\BROWSE"))), []);
    assert_eq!(told(datagram(0x14, 0x02, b"")), []);
}

#[test]
fn a_name_that_is_not_encoded_is_malformed() {
    let mut bytes = datagram(0x11, 0x02, b"");
    bytes[15] = b'z';
    let events = told(bytes);
    let [Event::Anomaly(crate::Anomaly::Malformed(error))] = &events[..] else { panic!("{events:?}") };
    assert!(error.to_string().starts_with("nbdgm: name at byte 48"), "{error}");
}
