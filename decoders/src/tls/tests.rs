//! The decoder against handshakes of a real TLS library (see `testdata/make.py`) and against messages built by hand.

mod certificates;
mod fingerprints;
mod sessions;

use capture::Direction::{self, ToClient, ToServer};
use proptest::prelude::*;

use super::record::{Header, Joined, Joiner, probe};
use super::{ClientHello, ServerHello, TlsEvent, sent};
use crate::decoder::Probe;
use crate::events::{Anomaly, Events};
use crate::harness::{self, Conversation, talk};
use crate::{Event, Limits};

macro_rules! sample {
    ($name:literal) => {
        talk(include_bytes!(concat!("testdata/", $name, ".talk")))
    };
}

/// The TLS events of a conversation that most tests are about: key exchanges and tickets have tests of their own.
fn tls_events(conversation: &Conversation) -> Vec<(Direction, TlsEvent)> {
    let mut events = all_events(conversation);
    events.retain(|(_, event)| !matches!(event, TlsEvent::KeyExchange(_) | TlsEvent::SessionTicket(_)));
    events
}

/// The TLS events of a conversation; anything else is a failure.
fn all_events(conversation: &Conversation) -> Vec<(Direction, TlsEvent)> {
    let only = |(direction, event)| match event {
        Event::Tls(event) => (direction, event),
        other => panic!("{other:?}"),
    };
    harness::events(443, conversation).into_iter().map(only).collect()
}

fn anomalies(conversation: &Conversation) -> Vec<Anomaly> {
    let only = |(_, event)| match event {
        Event::Anomaly(anomaly) => Some(anomaly),
        _ => None,
    };
    harness::events(443, conversation).into_iter().filter_map(only).collect()
}

/// One letter for each event, capital for those of the client.
fn shape(events: &[(Direction, TlsEvent)]) -> String {
    let letter = |(direction, event): &(Direction, TlsEvent)| {
        let letter = match event {
            TlsEvent::ClientHello(_) | TlsEvent::ServerHello(_) => 'h',
            TlsEvent::Certificate(_) => 'c',
            TlsEvent::CertificateRequest => 'r',
            TlsEvent::ClientAuth { .. } => 'a',
            TlsEvent::ClientVerify => 'v',
            TlsEvent::KeyExchange(_) => 'k',
            TlsEvent::SessionTicket(_) => 't',
            TlsEvent::Abbreviated => 'b',
            TlsEvent::Alert { .. } => 'x',
            TlsEvent::Encrypted => 'e',
            TlsEvent::Renegotiation => 'n',
            TlsEvent::ApplicationData => 'd',
        };
        if *direction == ToServer { letter.to_ascii_uppercase() } else { letter }
    };
    events.iter().map(letter).collect()
}

fn client_hello(events: &[(Direction, TlsEvent)]) -> &ClientHello {
    let mut hellos = events.iter().filter_map(|(_, event)| match event {
        TlsEvent::ClientHello(hello) => Some(hello),
        _ => None,
    });
    hellos.next().unwrap()
}

fn server_hellos(events: &[(Direction, TlsEvent)]) -> Vec<&ServerHello> {
    let only = |(_, event): &'_ (Direction, TlsEvent)| matches!(event, TlsEvent::ServerHello(_));
    let hellos = events.iter().filter(|event| only(event)).map(|(_, event)| match event {
        TlsEvent::ServerHello(hello) => &**hello,
        _ => unreachable!(),
    });
    hellos.collect()
}

// --- recorded handshakes

#[test]
fn versions_up_to_tls12_show_their_certificates_and_then_nothing() {
    for (sample, version) in
        [(sample!("tls10"), 0x0301), (sample!("tls11"), 0x0302), (sample!("tls12"), 0x0303)]
    {
        let events = tls_events(&sample);
        assert_eq!(shape(&events), "HhcceDd");
        let server = server_hellos(&events)[0];
        assert_eq!((server.version, server.resumed, server.hello_retry), (version, false, false));
        assert_eq!(server.alpn.as_deref(), Some("http/1.1"));
        let client = client_hello(&events);
        assert_eq!(client.version, version);
        assert_eq!(client.server_name.as_deref(), Some("mp01.example.test"));
        assert_eq!(client.alpn, ["http/1.1"]);
        assert!(client.cipher_suites.contains(&server.cipher));
    }
}

#[test]
fn tls13_shows_hellos_alone_and_its_compatibility_ccs_switches_nothing() {
    let events = tls_events(&sample!("tls13"));
    assert_eq!(shape(&events), "HhdDE");
    let server = server_hellos(&events)[0];
    assert_eq!((server.version, server.resumed), (0x0304, false), "the id that comes back resumes nothing");
    assert_eq!(server.session_id, client_hello(&events).session_id);
    assert!(!server.session_id.is_empty());
    assert_eq!(client_hello(&events).highest_version(), 0x0304);
}

#[test]
fn second_hello_after_a_retry_request_is_read_behind_the_ccs() {
    let events = tls_events(&sample!("tls13-retry"));
    assert_eq!(shape(&events), "HhHhdDE");
    let retries: Vec<_> = server_hellos(&events).iter().map(|hello| hello.hello_retry).collect();
    assert_eq!(retries, [true, false]);
}

#[test]
fn client_certificate_and_its_proof_are_seen() {
    let events = tls_events(&sample!("tls12-mutual"));
    assert_eq!(shape(&events), "HhccrCAVeDd");
    let TlsEvent::Certificate(certificate) = &events[5].1 else { panic!() };
    assert!(certificate.client);
    assert_eq!(certificate.subject, ["CN=SMS", "CN=CLIENT01"]);
    assert_eq!(events[6].1, TlsEvent::ClientAuth { certificates: 1 });
}

#[test]
fn client_that_declines_sends_an_empty_certificate_message() {
    let events = tls_events(&sample!("tls12-declined"));
    assert_eq!(shape(&events), "HhccrAeDd");
    assert_eq!(events[5].1, TlsEvent::ClientAuth { certificates: 0 });
}

#[test]
fn alert_of_a_server_that_has_not_switched_is_read() {
    let events = tls_events(&sample!("tls12-refused"));
    assert_eq!(shape(&events), "HhccrAx");
    assert_eq!(events[6].1, TlsEvent::Alert { level: 2, description: 40 });
}

#[test]
fn session_id_that_comes_back_resumes() {
    let events = tls_events(&sample!("tls12-resumed"));
    assert_eq!(shape(&events), "HhEDd");
    assert!(server_hellos(&events)[0].resumed);
}

#[test]
fn handshake_inside_the_encryption_is_told_from_the_first_ones_finished() {
    let mut talk = sample!("tls12");
    let last = talk.iter().rposition(|(direction, _)| *direction == ToClient).unwrap();
    // HelloRequest as large as its MAC makes it, twice.
    talk.insert(last, (ToClient, record(22, &[0x5A; 28]).repeat(2)));
    assert_eq!(shape(&tls_events(&talk)), "HhcceDnd");
    assert!(!shape(&tls_events(&sample!("tls12-mutual"))).contains(['n', 'N']));
}

#[test]
fn recorded_handshakes_read_the_same_however_they_are_cut() {
    harness::splits_do_not_matter(443, &sample!("tls12-mutual"));
    harness::splits_do_not_matter(443, &sample!("tls13-retry"));
    harness::splits_do_not_matter(50_001, &sample!("tls10"));
}

#[test]
fn damaged_handshakes_do_no_harm() {
    harness::damage_does_no_harm(443, &sample!("tls12-mutual"));
    harness::damage_does_no_harm(443, &sample!("tls13-retry"));
}

#[test]
fn after_a_gap_the_certificates_are_found_again_at_a_record() {
    let mut sample = sample!("tls12");
    // The server's flight loses its first record, ServerHello.
    let cut = Header::read(&sample[1].1).unwrap().unwrap().total();
    sample[1].1.drain(..cut);
    let flow = harness::flow(capture::Transport::Tcp, 443);
    let mut session = crate::Session::new(&flow);
    let mut out = Events::new(Limits::default());
    session.chunk(ToServer, capture::Chunk::Data(&sample[0].1), &mut out);
    session.chunk(ToClient, capture::Chunk::Gap(cut as u64), &mut out);
    session.chunk(ToClient, capture::Chunk::Data(&sample[1].1), &mut out);
    let certificates =
        out.said().iter().filter(|(_, event)| matches!(event, Event::Tls(TlsEvent::Certificate(_)))).count();
    assert_eq!(certificates, 2);
}

// --- messages by hand

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 3, 3];
    bytes.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    bytes.extend_from_slice(body);
    bytes
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn hello(ciphers: &[u16], extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([0x11; 32]);
    body.push(0);
    body.extend(u16::try_from(ciphers.len() * 2).unwrap().to_be_bytes());
    body.extend(ciphers.iter().flat_map(|cipher| cipher.to_be_bytes()));
    body.extend([1, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend_from_slice(extensions);
    message(1, &body)
}

#[test]
fn grease_is_kept_in_order() {
    let versions = extension(43, &[6, 0x1A, 0x1A, 3, 4, 3, 3]);
    let events = tls_events(&vec![(ToServer, record(22, &hello(&[0x2A2A, 0x1301], &versions)))]);
    let hello = client_hello(&events);
    assert_eq!(hello.cipher_suites, [0x2A2A, 0x1301]);
    assert_eq!(hello.supported_versions, [0x1A1A, 0x0304, 0x0303]);
    assert_eq!(hello.highest_version(), 0x0304);
}

#[test]
fn broken_extension_costs_that_extension_alone() {
    let mut extensions = extension(16, &[0, 9, 2]);
    extensions.extend(extension(0, &[0, 6, 0, 0, 3, b'm', b'p', b'1']));
    let talk = vec![(ToServer, record(22, &hello(&[0x1301], &extensions)))];
    let events = harness::events(443, &talk);
    let [(_, Event::Tls(TlsEvent::ClientHello(hello))), (_, Event::Anomaly(Anomaly::Malformed(error)))] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(hello.server_name.as_deref(), Some("mp1"));
    assert_eq!(hello.extensions, [16, 0]);
    assert_eq!(error.to_string(), "tls: alpn at byte 2: need 9 bytes, have 1");
}

#[test]
fn hello_that_offers_every_registered_cipher_is_read() {
    let ciphers: Vec<u16> = (0..400).collect();
    let events = tls_events(&vec![(ToServer, record(22, &hello(&ciphers, &[])))]);
    assert_eq!(client_hello(&events).cipher_suites, ciphers);
}

#[test]
fn hello_with_more_ciphers_than_allowed_is_a_limit_not_a_hello() {
    let ciphers = vec![0x1301; Limits::default().tls_ciphers + 1];
    let found = anomalies(&vec![(ToServer, record(22, &hello(&ciphers, &[])))]);
    let [Anomaly::Malformed(error)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(error.to_string(), "tls: cipher_suites at byte 0: limit reached: tls_ciphers");
}

#[test]
fn message_over_the_limit_is_passed_over_and_the_next_one_read() {
    let limit = Limits::default().tls_handshake;
    let mut bytes = message(11, &vec![0; limit + 1]);
    bytes.extend(message(13, &[0; 4]));
    let records = bytes.chunks(16_000).flat_map(|part| record(22, part)).collect();
    let mut talk = sample!("tls12");
    let server_hello = Header::read(&talk[1].1).unwrap().unwrap().total();
    talk.truncate(2);
    talk[1].1.truncate(server_hello);
    talk.push((ToClient, records));
    assert_eq!(anomalies(&talk), [Anomaly::LimitReached { protocol: "tls", limit: "tls_handshake" }]);
    let events = harness::events(443, &talk);
    assert!(events.contains(&(ToClient, Event::Tls(TlsEvent::CertificateRequest))));
}

#[test]
fn longest_message_in_records_of_one_byte_is_joined() {
    let limit = Limits::default().tls_handshake;
    let whole = message(11, &vec![7; limit]);
    let mut joiner = Joiner::default();
    let mut found = 0;
    for byte in whole.chunks(1) {
        joiner.join(byte, limit, |joined| {
            assert!(matches!(joined, Joined::Message(message) if message.whole == whole));
            found += 1;
        });
    }
    assert_eq!((found, joiner.is_amid()), (1, false));
}

#[test]
fn chain_over_the_limit_is_cut_and_said_so() {
    let limit = Limits::default().tls_certificates;
    let entry = [0, 0, 1, 0x30];
    let list = entry.repeat(limit + 3);
    let mut body = u32::try_from(list.len()).unwrap().to_be_bytes()[1..].to_vec();
    body.extend(list);
    let talk =
        vec![(ToServer, record(22, &hello(&[0x002F], &[]))), (ToServer, record(22, &message(11, &body)))];
    let events = harness::events(443, &talk);
    let certificates: Vec<_> = events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Tls(TlsEvent::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    assert_eq!(certificates.len(), limit);
    assert!(certificates.iter().all(|certificate| certificate.unreadable && certificate.sha256.len() == 64));
    let cut = Event::Anomaly(Anomaly::LimitReached { protocol: "tls", limit: "tls_certificates" });
    assert!(events.iter().any(|(_, event)| *event == cut));
    let counted = Event::Tls(TlsEvent::ClientAuth { certificates: limit + 3 });
    assert_eq!(events.last().unwrap().1, counted);
}

#[test]
fn ssl2_framed_hello_is_read_and_an_ssl2_answer_ends_it() {
    let mut hello = vec![1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 0x2F, 1, 0, 0x80];
    hello.extend([7; 16]);
    let mut bytes = vec![0x80, u8::try_from(hello.len()).unwrap()];
    bytes.extend(hello);
    let talk = vec![(ToServer, bytes), (ToClient, vec![0x80, 3, 4, 0, 1])];
    let events = harness::events(443, &talk);
    let Event::Tls(TlsEvent::ClientHello(hello)) = &events[0].1 else { panic!("{events:?}") };
    assert!(hello.ssl2);
    assert_eq!((hello.version, hello.cipher_suites.as_slice()), (0x0301, [0x002F].as_slice()));
    assert_eq!((hello.random[15], hello.random[16]), (0, 7));
    assert!(matches!(events[1].1, Event::Anomaly(Anomaly::Unexpected { .. })));
    harness::splits_do_not_matter(443, &vec![talk[0].clone()]);
}

#[test]
fn handshake_records_after_ccs_are_not_read() {
    let talk = vec![
        (ToServer, record(22, &hello(&[0x002F], &[]))),
        (ToServer, record(20, &[1])),
        (ToServer, record(22, &message(13, &[0; 12]))),
    ];
    assert_eq!(shape(&tls_events(&talk)), "H");
}

#[test]
fn bytes_that_are_no_record_are_reported_once_and_not_followed() {
    let mut bytes = record(22, &hello(&[0x002F], &[]));
    bytes.extend(b"GET / HTTP/1.1\r\n");
    let found = anomalies(&vec![(ToServer, bytes)]);
    let [Anomaly::Malformed(error)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(error.to_string(), "tls: content type at byte 0: value 0x47 is not allowed");
}

// --- the probe

#[test]
fn probe_tells_sides_apart_by_the_hello() {
    let client = record(22, &hello(&[0x1301], &[]));
    assert_eq!(probe(&client, ToServer), Probe::Yes);
    assert_eq!(probe(&client, ToClient), Probe::No);
    let server = &sample!("tls12")[1].1;
    assert_eq!(probe(server, ToClient), Probe::Yes);
    assert_eq!(probe(server, ToServer), Probe::No);
}

#[test]
fn probe_waits_for_six_bytes_and_refuses_other_protocols() {
    let client = record(22, &hello(&[0x1301], &[]));
    for end in 1..6 {
        assert_eq!(probe(&client[..end], ToServer), Probe::Maybe, "{end} bytes");
    }
    for other in
        [&b"GET / HTTP/1.1\r\n"[..], b"\x00\x00\x00\x45\xffSMB", b"\x16\x03\x09\x00\x10\x01", b"\x05\x00\x0b"]
    {
        assert_eq!(probe(other, ToServer), Probe::No, "{other:?}");
    }
    let mut followed = record(23, &[9; 20]);
    assert_eq!(probe(&followed, ToServer), Probe::Yes);
    followed.push(b'x');
    assert_eq!(probe(&followed, ToServer), Probe::No, "what follows the record is no record");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However messages are cut into records, the same messages come out.
    #[test]
    fn messages_survive_any_fragmentation(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..8),
        cut in 1_usize..400,
    ) {
        let whole: Vec<_> = bodies.iter().map(|body| message(14, body)).collect();
        let mut joiner = Joiner::default();
        let mut found = Vec::new();
        for part in whole.concat().chunks(cut) {
            joiner.join(part, 300, |joined| match joined {
                Joined::Message(message) => found.push(message.whole.to_vec()),
                Joined::TooLong => panic!("none is too long"),
            });
        }
        prop_assert_eq!(found, whole);
        prop_assert!(!joiner.is_amid());
    }

    /// Any bytes at all end in events or nothing, never in a panic.
    #[test]
    fn any_bytes_can_be_fed(bytes in proptest::collection::vec(any::<u8>(), 0..600), kind in 0_u8..26) {
        let body = record(22, &message(kind, &bytes));
        harness::events(443, &vec![(ToServer, body.clone()), (ToClient, body)]);
        let _ = sent::read(&bytes, &mut Events::new(Limits::default()));
    }
}
