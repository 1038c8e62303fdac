//! Messages as a client and a domain controller exchange them.

use capture::Direction::{ToClient, ToServer};

use super::DnsMessage;
use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events, splits_do_not_matter};
use crate::{Anomaly, Event};

fn name(text: &str) -> Vec<u8> {
    let labels =
        text.split('.').flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

/// A message with one question and the given records.
pub(crate) fn message(flags: u16, query: &str, qtype: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let counts = [1, u16::try_from(records.len()).unwrap(), 0, 0];
    let mut bytes = [0xBEEF, flags].map(u16::to_be_bytes).concat();
    bytes.extend(counts.map(u16::to_be_bytes).concat());
    bytes.extend(name(query));
    bytes.extend([qtype, 1].map(u16::to_be_bytes).concat());
    bytes.extend(records.concat());
    bytes
}

/// A record of the queried name.
pub(crate) fn record(rtype: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xC0, 0x0C];
    bytes.extend([rtype, 1].map(u16::to_be_bytes).concat());
    bytes.extend(ttl.to_be_bytes());
    bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend(data);
    bytes
}

const SRV_NAME: &str = "_mssms_mp_ps1._tcp.example.test";

fn srv_answer() -> Vec<u8> {
    let mut data = [0u16, 0, 80].map(u16::to_be_bytes).concat();
    data.extend(b"\x02mp");
    data.extend([0xC0, 0x0C + 19]);
    message(0x8580, SRV_NAME, 33, &[record(33, 600, &data)])
}

fn read(bytes: Vec<u8>, direction: capture::Direction) -> DnsMessage {
    match datagram_events(53, &vec![(direction, bytes)]).remove(0).1 {
        Event::Dns(message) => message,
        other => panic!("unexpected {other:?}"),
    }
}

#[test]
fn a_service_record_names_its_target() {
    let asked = read(message(0x0100, SRV_NAME, 33, &[]), ToServer);
    assert_eq!((asked.query.as_str(), asked.qtype, asked.response), (SRV_NAME, 33, false));
    let told = read(srv_answer(), ToClient);
    assert_eq!((told.services[0].target.as_str(), told.services[0].port), ("mp.example.test", 80));
    assert_eq!(told.ttl, Some(600));
}

#[test]
fn addresses_come_with_the_name_of_their_record() {
    let told = read(message(0x8580, "mp.example.test", 1, &[record(1, 60, &[192, 0, 2, 7])]), ToClient);
    assert_eq!(told.addresses, [("mp.example.test".to_owned(), [192, 0, 2, 7].into())]);
}

#[test]
fn a_name_that_points_at_itself_is_malformed() {
    let mut bytes = message(0x0100, "a", 1, &[]);
    bytes.splice(12..15, [0xC0, 0x0C]);
    let events = datagram_events(53, &vec![(ToServer, bytes)]);
    assert!(matches!(events[1].1, Event::Anomaly(Anomaly::Malformed(_))), "{events:?}");
}

#[test]
fn messages_over_tcp_are_read_however_they_are_cut() {
    let framed = |bytes: Vec<u8>| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], &bytes].concat();
    let asked = framed(message(0x0100, SRV_NAME, 33, &[]));
    splits_do_not_matter(
        53,
        &vec![(ToServer, [asked.clone(), asked].concat()), (ToClient, framed(srv_answer()))],
    );
}

#[test]
fn damaged_messages_do_no_harm() {
    damage_does_no_harm_to_datagrams(
        53,
        &vec![(ToServer, message(0x0100, SRV_NAME, 33, &[])), (ToClient, srv_answer())],
    );
}
