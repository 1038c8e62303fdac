//! Framing, probing, and what holds for every dialect; the messages themselves are tested beside their readers.

use capture::Direction::{self, ToClient, ToServer};
use proptest::prelude::*;

use super::nbss::probe;
use super::smb2::tests as smb2;
use super::*;
use crate::decoder::Probe;
use crate::harness::{self, Conversation};
use crate::{Event, Limits};

/// A message with its session header.
pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    let len = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &len[1..], message].concat()
}

/// Text in UTF-16LE.
pub(super) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What a conversation on port 445 says of SMB.
pub(super) fn said(conversation: &Conversation) -> Vec<SmbEvent> {
    let events = harness::events(445, conversation).into_iter();
    let smb = events.filter_map(|(_, event)| match event {
        Event::Smb(event) => Some(event),
        _ => None,
    });
    smb.collect()
}

/// The anomalies of a conversation on port 445.
pub(super) fn anomalies(conversation: &Conversation) -> Vec<Anomaly> {
    let events = harness::events(445, conversation).into_iter();
    let anomalies = events.filter_map(|(_, event)| match event {
        Event::Anomaly(anomaly) => Some(anomaly),
        _ => None,
    });
    anomalies.collect()
}

/// A reader of its own, for what the session would hide.
fn feed(smb: &mut Smb, direction: Direction, bytes: &[u8], out: &mut Events) -> Outcome {
    smb.feed(direction, Input::Data(bytes), out)
}

fn reader() -> (Smb, Events) {
    let limits = Limits::default();
    (Smb { connection: Connection::new(&limits) }, Events::new(limits))
}

/// A session request from `CLIENT` to `SERVER`.
fn session_request() -> Vec<u8> {
    let name = |name: &str, suffix: u8| {
        let mut bytes = format!("{name:<15}").into_bytes();
        bytes.push(suffix);
        let mut label = vec![32];
        label.extend(bytes.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]));
        label.push(0);
        label
    };
    [vec![0x81, 0, 0, 68], name("SERVER", 0x20), name("CLIENT", 0)].concat()
}

#[test]
fn session_request_gives_both_names() {
    let conversation = vec![(ToServer, session_request()), (ToClient, vec![0x82, 0, 0, 0])];
    let names = SmbEvent::NetbiosSession { called: "SERVER<20>".into(), calling: "CLIENT<00>".into() };
    let events = harness::events(139, &conversation);
    assert_eq!(events, [(ToServer, Event::Smb(names))]);
    harness::splits_do_not_matter(139, &conversation);
    harness::damage_does_no_harm(139, &conversation);
}

#[test]
fn names_outside_the_alphabet_are_malformed() {
    let mut request = session_request();
    request[6] = b'Q';
    let (mut smb, mut out) = reader();
    assert_eq!(feed(&mut smb, ToServer, &request, &mut out), Outcome::Consumed(72));
    let said = out.said();
    let [(ToServer, Event::Anomaly(Anomaly::Malformed(error)))] = said[..] else { panic!("{said:?}") };
    assert_eq!(error.to_string(), "nbss: called name at byte 3: expected letters from A to P");
}

#[test]
fn probe_knows_messages_by_magic_and_direction() {
    let request = framed(&smb2::header(0, 0, 1, 0, 0, 0));
    let response = framed(&smb2::header(0, 1, 1, 0, 0, 0));
    assert_eq!(probe(&request, ToServer), Probe::Yes);
    assert_eq!(probe(&request, ToClient), Probe::No);
    assert_eq!(probe(&response, ToClient), Probe::Yes);
    assert_eq!(probe(&response, ToServer), Probe::No);
    for len in 0..21 {
        assert_eq!(probe(&request[..len], ToServer), Probe::Maybe, "first {len} bytes");
    }
    assert_eq!(probe(&[&[0x85, 0, 0, 0], &request[..]].concat(), ToServer), Probe::Yes);
    assert_eq!(probe(&[0x85, 0, 0, 0].repeat(20), ToServer), Probe::No);
    assert_eq!(probe(&session_request(), ToServer), Probe::Yes);
    assert_eq!(probe(&session_request(), ToClient), Probe::No);
    assert_eq!(probe(b"GET / HTTP/1.1\r\n", ToServer), Probe::No);
    assert_eq!(probe(&framed(b"\xFESMB"), ToServer), Probe::No, "shorter than any message");
}

#[test]
fn keep_alives_and_empty_messages_say_nothing() {
    let conversation = vec![(ToServer, session_request()), (ToServer, vec![0x85, 0, 0, 0, 0, 0, 0, 0])];
    assert_eq!(harness::events(139, &conversation).len(), 1);
}

#[test]
fn packet_of_no_known_type_loses_the_place_and_the_next_message_finds_it() {
    let conversation = vec![
        (ToServer, session_request()),
        (ToServer, vec![0x47; 40]),
        (ToServer, framed(&smb2::tree_connect(1, 5, r"\\server\share"))),
    ];
    let events = harness::events(139, &conversation);
    assert!(matches!(events[1].1, Event::Anomaly(Anomaly::Malformed(_))), "{events:?}");
    assert!(matches!(events[2].1, Event::Smb(SmbEvent::TreeConnect(_))), "{events:?}");
}

#[test]
fn message_that_is_not_smb_is_reported() {
    let conversation = vec![(ToServer, session_request()), (ToServer, framed(&[7; 80]))];
    let events = harness::events(139, &conversation);
    let what = Anomaly::Unexpected { protocol: "nbss", what: "message that is not smb" };
    assert_eq!(events[1..], [(ToServer, Event::Anomaly(what))]);
}

#[test]
fn message_against_its_direction_is_reported_and_not_believed() {
    let (mut smb, mut out) = reader();
    let response = framed(&smb2::negotiate_response(3, 0x0311));
    feed(&mut smb, ToServer, &response, &mut out);
    let what = Anomaly::Unexpected { protocol: "smb2", what: "message against its direction" };
    assert_eq!(out.said(), [(ToServer, &Event::Anomaly(what))]);
}

#[test]
fn encrypted_messages_are_said_once_for_each_direction_and_pass_by() {
    let mut transform = b"\xFDSMB".to_vec();
    transform.extend([9; 40]);
    transform.extend(77_u64.to_le_bytes());
    transform.extend([0; 4_000]);
    let transform = framed(&transform);
    let conversation =
        vec![(ToServer, transform.clone()), (ToServer, transform.clone()), (ToClient, transform.clone())];
    assert_eq!(
        said(&conversation),
        [SmbEvent::Encrypted { session: 77 }, SmbEvent::Encrypted { session: 77 }]
    );
    let (mut smb, mut out) = reader();
    assert_eq!(feed(&mut smb, ToServer, &transform[..140], &mut out), Outcome::Skip(transform.len() as u64));
    assert!(out.smb_encrypted);
    assert_eq!(out.services, ["nbss", "smb2"]);
    harness::splits_do_not_matter(445, &conversation);
}

#[test]
fn compressed_messages_are_said_once() {
    let compressed = framed(&[b"\xFCSMB".as_slice(), &[0; 60]].concat());
    let conversation = vec![(ToServer, compressed.clone()), (ToServer, compressed)];
    let what = Anomaly::Unexpected { protocol: "smb2", what: "compressed message, not read" };
    assert_eq!(anomalies(&conversation), [what]);
}

#[test]
fn message_longer_than_the_limit_is_read_up_to_it() {
    let mut long = smb2::tree_connect(1, 5, r"\\server\share");
    long.resize(Limits::default().smb_message + 1, 0);
    let conversation = vec![(ToServer, framed(&long))];
    assert!(matches!(said(&conversation)[..], [SmbEvent::TreeConnect(_)]));
    assert_eq!(anomalies(&conversation), [Anomaly::LimitReached { protocol: "smb", limit: "smb_message" }]);
}

proptest! {
    #[test]
    fn no_message_asks_for_more_than_the_limit(
        magic in prop::sample::select(vec![*b"\xFFSMB", *b"\xFESMB", *b"\xFDSMB", *b"\xFCSMB"]),
        len in 0_u32..0x100_0000,
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [&[0], &len.to_be_bytes()[1..], &magic, &body].concat();
        for direction in [ToServer, ToClient] {
            let (mut smb, mut out) = reader();
            if let Outcome::NeedMore(count) = feed(&mut smb, direction, &bytes, &mut out) {
                prop_assert!(count <= nbss::HEADER + out.limits.smb_message);
                prop_assert!(count > bytes.len());
            }
        }
    }

    #[test]
    fn messages_of_any_bytes_do_no_harm(
        smb1 in any::<bool>(),
        command in 0_u8..20,
        response in any::<bool>(),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let message = if smb1 {
            let codes = [0x72, 0x73, 0x75, 0x70, 0xA2, 0x2D, 0x32, 0x25, 0x2F, 0x2E, 0x04, 0x06, 0x0B, 0x74];
            let code = codes[usize::from(command) % codes.len()];
            let mut message = super::smb1::tests::header(code, response, 0);
            message.extend(&body);
            message
        } else {
            let mut message = smb2::header(command.into(), u32::from(response), 1, 0, 0, 0);
            message.extend(&body);
            message
        };
        let direction = if response { ToClient } else { ToServer };
        let (mut smb, mut out) = reader();
        let bytes = framed(&message);
        prop_assert_eq!(feed(&mut smb, direction, &bytes, &mut out), Outcome::Skip(bytes.len() as u64));
    }
}

#[test]
fn settings_are_read_in_either_encoding_and_only_so_many() {
    let out = Events::new(Limits { list_items: 2, ..Limits::default() });
    let expected = [("SMSMP".to_owned(), "mp".to_owned()), ("SiteKey".to_owned(), "<3 bytes>".to_owned())];
    let text = "; a comment\r\n[Install]\r\nSMSMP = mp\r\nSiteKey=abc\r\nMORE=1\r\n";
    assert_eq!(settings::settings(text.as_bytes(), &out), expected);
    assert_eq!(settings::settings(&wide(text), &out), expected);
    assert_eq!(settings::settings(&[vec![0xFF, 0xFE], wide(text)].concat(), &out), expected);
}

#[test]
fn settings_files_are_known_by_name_in_any_folder_and_case() {
    for name in
        [r"ccmsetup\MobileClient.tcf", "MOBILECLIENT.TCF", r"System32\ccmsetup\MobileClientUnicode.tcf"]
    {
        assert!(settings::is_settings_file(name), "{name}");
    }
    for name in [r"MobileClient.tcf\other.txt", "client.tcf", "MobileClient.tcf.bak"] {
        assert!(!settings::is_settings_file(name), "{name}");
    }
}

#[test]
fn full_table_gives_up_its_lowest_key_but_never_the_new_one() {
    let mut table = table::Table::new(2);
    assert!(!table.insert(5, 'a'));
    assert!(!table.insert(6, 'b'));
    assert!(table.insert(1, 'c'));
    assert_eq!(table.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [1, 6]);
}
