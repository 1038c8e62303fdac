use capture::Direction::{ToClient, ToServer};
use proptest::prelude::*;

use super::*;
use crate::harness::{
    damage_does_no_harm, damage_does_no_harm_to_datagrams, datagram_events, events, splits_do_not_matter,
};
use crate::spnego::tests::tlv;
use crate::{Anomaly, Event, Limits};

fn int(value: i32) -> Vec<u8> {
    tlv(0x02, &[&value.to_be_bytes()])
}

fn text(value: &str) -> Vec<u8> {
    tlv(0x1B, &[value.as_bytes()])
}

/// The elements, each in the explicit tag of its number, in a sequence.
fn sequence(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|(number, field)| tlv(0xA0 | number, &[field])).collect();
    tlv(0x30, &[&fields])
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[&items.concat()])
}

fn principal(components: &[&str]) -> Vec<u8> {
    let components: Vec<Vec<u8>> = components.iter().map(|component| text(component)).collect();
    sequence(&[(0, int(2)), (1, list(&components))])
}

/// EncryptedData whose cipher text is recognisable.
fn encrypted(etype: i32) -> Vec<u8> {
    sequence(&[(0, int(etype)), (1, int(4)), (2, tlv(0x04, &[&[0xEE; 40]]))])
}

fn ticket(service: &[&str], etype: i32) -> Vec<u8> {
    let fields = [(0, int(5)), (1, text("EXAMPLE.COM")), (2, principal(service)), (3, encrypted(etype))];
    tlv(0x61, &[&sequence(&fields)])
}

fn padata(kind: i32, value: &[u8]) -> Vec<u8> {
    sequence(&[(1, int(kind)), (2, tlv(0x04, &[value]))])
}

fn kdc_req(kind: i32, padata: &[Vec<u8>], body: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let fields = [(1, int(5)), (2, int(kind)), (3, list(padata)), (4, sequence(body))];
    tlv(0x60 | u8::try_from(kind).unwrap(), &[&sequence(&fields)])
}

fn as_req() -> Vec<u8> {
    let address = [
        sequence(&[(0, int(2)), (1, tlv(0x04, &[&[192, 0, 2, 1]]))]),
        sequence(&[(0, int(20)), (1, tlv(0x04, &[b"WS1             "]))]),
    ];
    kdc_req(
        10,
        &[padata(2, &encrypted(18)), padata(128, &[0x30, 0])],
        &[
            (0, tlv(0x03, &[&[0, 0x40, 0x81, 0, 0x10]])),
            (1, principal(&["push"])),
            (2, text("EXAMPLE.COM")),
            (3, principal(&["krbtgt", "EXAMPLE.COM"])),
            (5, tlv(0x18, &[b"20370913024805Z"])),
            (7, int(77)),
            (8, list(&[int(18), int(23), int(-135)])),
            (9, list(&address)),
        ],
    )
}

fn as_rep() -> Vec<u8> {
    let fields = [
        (0, int(5)),
        (1, int(11)),
        (3, text("EXAMPLE.COM")),
        (4, principal(&["push"])),
        (5, ticket(&["krbtgt", "EXAMPLE.COM"], 18)),
        (6, encrypted(23)),
    ];
    tlv(0x6B, &[&sequence(&fields)])
}

fn tgs_req() -> Vec<u8> {
    kdc_req(
        12,
        &[padata(1, &ap_req())],
        &[(2, text("EXAMPLE.COM")), (3, principal(&["cifs", "ws2.example.com"])), (8, list(&[int(18)]))],
    )
}

/// An AP-REQ that asks for mutual authentication.
pub(crate) fn ap_req() -> Vec<u8> {
    let fields = [
        (0, int(5)),
        (1, int(14)),
        (2, tlv(0x03, &[&[0, 0x20, 0, 0, 0]])),
        (3, ticket(&["cifs", "ws2"], 18)),
        (4, encrypted(17)),
    ];
    tlv(0x6E, &[&sequence(&fields)])
}

/// A KRB-ERROR: server principal unknown.
pub(crate) fn krb_error() -> Vec<u8> {
    let fields = [
        (0, int(5)),
        (1, int(30)),
        (4, tlv(0x18, &[b"20240229120000Z"])),
        (5, int(0)),
        (6, int(7)),
        (9, text("EXAMPLE.COM")),
        (10, principal(&["cifs", "192.0.2.9"])),
        (12, tlv(0x04, &[&[0xDD; 8]])),
    ];
    tlv(0x7E, &[&sequence(&fields)])
}

fn on_tcp(messages: &[Vec<u8>]) -> Vec<u8> {
    let record =
        |message: &Vec<u8>| [&u32::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat();
    messages.iter().flat_map(record).collect()
}

fn parsed(bytes: &[u8]) -> KerberosEvent {
    let message = parse(bytes, &Limits::default()).unwrap();
    assert_eq!(message.trouble, None);
    message.event
}

#[test]
fn a_request_for_a_first_ticket_tells_account_etypes_and_workstation() {
    let event = parsed(&as_req());
    let expected = KerberosEvent {
        msg_type: 10,
        realm: "EXAMPLE.COM".into(),
        cname: "push".into(),
        sname: "krbtgt/EXAMPLE.COM".into(),
        etypes: vec![18, 23, -135],
        padata: vec![2, 128],
        encrypted_etype: Some(18),
        client_host: Some("WS1".into()),
        ..KerberosEvent::default()
    };
    assert_eq!(event, expected);
}

#[test]
fn a_reply_tells_client_ticket_and_both_etypes() {
    let event = parsed(&as_rep());
    assert_eq!((event.crealm.as_str(), event.cname.as_str()), ("EXAMPLE.COM", "push"));
    assert_eq!(event.sname, "krbtgt/EXAMPLE.COM");
    assert_eq!((event.ticket_etype, event.encrypted_etype), (Some(18), Some(23)));
}

#[test]
fn a_ticket_inside_a_request_is_not_taken_for_its_service() {
    let event = parsed(&tgs_req());
    assert_eq!((event.sname.as_str(), event.ticket_etype), ("cifs/ws2.example.com", None));
    assert_eq!(event.padata, [1]);
}

#[test]
fn an_ap_req_shows_its_ticket_and_whether_mutual_authentication_is_asked() {
    let event = parsed(&ap_req());
    assert!(event.mutual_required);
    assert_eq!((event.sname.as_str(), event.realm.as_str()), ("cifs/ws2", "EXAMPLE.COM"));
    assert_eq!((event.ticket_etype, event.encrypted_etype), (Some(18), Some(17)));
}

#[test]
fn an_error_tells_code_service_and_the_servers_clock() {
    let event = parsed(&krb_error());
    assert_eq!((event.error_code, event.server_time), (Some(7), Some(1_709_208_000)));
    assert_eq!((event.sname.as_str(), event.realm.as_str()), ("cifs/192.0.2.9", "EXAMPLE.COM"));
}

#[test]
fn messages_on_udp_and_tcp_say_the_same() {
    let conversation =
        vec![(ToServer, as_req()), (ToClient, as_rep()), (ToServer, tgs_req()), (ToClient, krb_error())];
    let datagrams = datagram_events(88, &conversation);
    assert_eq!(datagrams.len(), 4);
    let streams =
        conversation.iter().map(|(way, message)| (*way, on_tcp(std::slice::from_ref(message)))).collect();
    let mut records = events(88, &streams);
    records.retain(|(_, event)| !matches!(event, Event::Flow(_)));
    assert_eq!(records, datagrams);
}

#[test]
fn several_messages_of_one_segment_are_each_read() {
    let both = vec![(ToServer, on_tcp(&[as_req(), tgs_req()])), (ToClient, on_tcp(&[as_rep(), krb_error()]))];
    assert_eq!(events(88, &both).len(), 4);
    splits_do_not_matter(88, &both);
    damage_does_no_harm(88, &both);
}

#[test]
fn damaged_datagrams_do_no_harm() {
    damage_does_no_harm_to_datagrams(
        88,
        &vec![(ToServer, as_req()), (ToClient, as_rep()), (ToClient, krb_error())],
    );
}

#[test]
fn a_record_mark_with_its_reserved_bit_ends_the_reading() {
    let mut stream = on_tcp(&[as_req()]);
    stream.extend([0x80, 0, 0, 1, 0]);
    let events = events(88, &vec![(ToServer, stream)]);
    let [(_, Event::Kerberos(_)), (_, Event::Anomaly(Anomaly::Malformed(error)))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(error.field, "record mark");
}

#[test]
fn a_datagram_that_the_capture_cut_is_not_called_malformed() {
    let bytes = as_req();
    for (cut, anomalies) in [(true, 0), (false, 1)] {
        let mut out = Events::new(Limits::default());
        say(&bytes[..bytes.len() - 30], cut, ToServer, &mut out);
        let found = out.said().iter().filter(|(_, event)| matches!(event, Event::Anomaly(_))).count();
        assert_eq!((found, out.said().len()), (anomalies, 1 + anomalies));
    }
}

#[test]
fn a_message_type_that_contradicts_its_tag_is_malformed() {
    let mut bytes = krb_error();
    bytes[0] = 0x6F;
    let error = parse(&bytes, &Limits::default()).unwrap_err();
    assert_eq!((error.field, error.kind), ("msg-type", ErrorKind::Value(30)));
}

#[test]
fn other_traffic_on_port_88_is_refused() {
    for bytes in [&b"GET / HTTP/1.1\r\n"[..], &[0x30, 0x20, 1], &[0, 0, 0, 9, 0x6A, 0x20], &[0x7F; 40]] {
        assert_eq!(probe(bytes, ToServer), Probe::No, "{bytes:x?}");
    }
    assert_eq!(probe(&as_req(), ToServer), Probe::Yes);
    assert_eq!(probe(&as_req(), ToClient), Probe::No);
    assert_eq!(probe(&on_tcp(&[as_rep()]), ToClient), Probe::Yes);
    assert_eq!(probe(&on_tcp(&[as_rep()])[..4], ToClient), Probe::Maybe);
}

#[test]
fn no_encrypted_byte_is_shown_as_evidence() {
    for bytes in [as_req(), as_rep(), tgs_req(), ap_req(), krb_error()] {
        let message = parse(&bytes, &Limits::default()).unwrap();
        assert!(!message.excerpt.contains(&0xEE) && !message.excerpt.contains(&0xDD));
    }
    assert!(!parse(&krb_error(), &Limits::default()).unwrap().excerpt.is_empty());
}

#[test]
fn lists_end_at_their_limit() {
    let body = [(2, text("R")), (8, list(&vec![int(18); 300]))];
    let mut out = Events::new(Limits::default());
    say(&kdc_req(10, &[], &body), false, ToServer, &mut out);
    let said = out.said();
    let [(_, Event::Kerberos(event)), (_, Event::Anomaly(limit))] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(event.etypes.len(), 256);
    assert_eq!(*limit, Anomaly::LimitReached { protocol: "kerberos", limit: "list_items" });
}

proptest! {
    #[test]
    fn anything_behind_a_tag_is_survived(tag in prop::sample::select(vec![0x6A_u8, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x7E]),
                                         tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&[&[tag][..], &tail].concat(), &Limits::default());
    }

    #[test]
    fn a_cut_message_never_says_more_than_the_whole(end in 0_usize..300) {
        let whole = as_req();
        let end = end.min(whole.len());
        if let Ok(message) = parse(&whole[..end], &Limits::default()) {
            prop_assert!(end == whole.len() || message.trouble.is_some());
            prop_assert!(message.event.etypes.len() <= 3);
        }
    }
}
