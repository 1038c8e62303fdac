//! Handshakes of a real TLS library, packed as OpenVPN packs them.

use capture::Direction::{self, ToClient, ToServer};
use capture::Transport;

use super::wire::SessionId;
use super::*;
use crate::harness::{
    Conversation, damage_does_no_harm, damage_does_no_harm_to_datagrams, datagram_events, events,
    splits_do_not_matter, talk,
};
use crate::tls::TlsEvent;
use crate::{Anomaly, Event};

const PORT: u16 = 1194;

fn handshake() -> Conversation {
    talk(include_bytes!("../tls/testdata/tls12-mutual.talk"))
}

/// Both ends of a control channel.
#[derive(Clone, Copy)]
struct Ends {
    hmac: usize,
    key: u8,
    /// Packets sent so far, of each side: those that count against replay, and those of this key.
    sent: [(u32, u32); 2],
    clients: SessionId,
}

const SERVERS: SessionId = *b"\x80SERVER\x01";

impl Ends {
    fn new(hmac: usize) -> Self {
        Self { hmac, key: 0, sent: [(0, 0); 2], clients: *b"\x80CLIENT\x01" }
    }

    /// A packet with the acknowledgement of others.
    fn packet(&mut self, from: Direction, opcode: u8, acks: &[u32], payload: &[u8]) -> (Direction, Vec<u8>) {
        let (replay, packets) = &mut self.sent[from.index()];
        *replay += 1;
        let (own, others) = match from {
            ToServer => (self.clients, SERVERS),
            ToClient => (SERVERS, self.clients),
        };
        let mut packet = vec![opcode << 3 | self.key];
        packet.extend(own);
        if self.hmac > 0 {
            packet.extend(std::iter::repeat_n(0xA5, self.hmac));
            packet.extend(replay.to_be_bytes());
            packet.extend(0x6543_2100_u32.to_be_bytes());
        }
        packet.push(u8::try_from(acks.len()).unwrap());
        packet.extend(acks.iter().flat_map(|id| id.to_be_bytes()));
        if !acks.is_empty() {
            packet.extend(others);
        }
        if opcode != 5 {
            packet.extend(packets.to_be_bytes());
            *packets += 1;
        }
        packet.extend(payload);
        (from, packet)
    }

    fn resets(&mut self) -> Conversation {
        vec![self.packet(ToServer, 7, &[], &[]), self.packet(ToClient, 8, &[0], &[]), self.ack(ToServer, 0)]
    }

    fn ack(&mut self, from: Direction, id: u32) -> (Direction, Vec<u8>) {
        self.packet(from, 5, &[id], &[])
    }

    /// What the sides say over TLS, in packets of at most so many octets, none acknowledged.
    fn say(&mut self, said: &Conversation, size: usize) -> Conversation {
        let mut packets = Vec::new();
        for (from, bytes) in said {
            packets.extend(bytes.chunks(size).map(|piece| self.packet(*from, 4, &[], piece)));
        }
        packets
    }

    fn whole(&mut self, size: usize) -> Conversation {
        [self.resets(), self.say(&handshake(), size)].concat()
    }
}

/// The packets as a stream carries them.
fn stream(packets: &Conversation) -> Conversation {
    let framed = |packet: &[u8]| [&u16::try_from(packet.len()).unwrap().to_be_bytes()[..], packet].concat();
    packets.iter().map(|(from, packet)| (*from, framed(packet))).collect()
}

/// What the handshake says over TCP alone.
fn plain() -> Vec<(Direction, Event)> {
    events(443, &handshake())
}

fn hellos(events: &[(Direction, Event)]) -> usize {
    events.iter().filter(|(_, event)| matches!(event, Event::Tls(TlsEvent::ClientHello(_)))).count()
}

fn certificates(events: &[(Direction, Event)]) -> usize {
    events.iter().filter(|(_, event)| matches!(event, Event::Tls(TlsEvent::Certificate(_)))).count()
}

fn anomalies(events: &[(Direction, Event)]) -> Vec<&Anomaly> {
    let only = |(_, event): &'_ (Direction, Event)| matches!(event, Event::Anomaly(_));
    let found = events.iter().filter(|event| only(event)).map(|(_, event)| match event {
        Event::Anomaly(anomaly) => anomaly,
        _ => unreachable!(),
    });
    found.collect()
}

#[test]
fn a_handshake_says_what_it_says_over_tcp() {
    assert!(hellos(&plain()) == 1 && certificates(&plain()) > 1);
    for hmac in [0, 16, 20, 28, 32, 48, 64] {
        let packets = Ends::new(hmac).whole(100);
        assert_eq!(datagram_events(PORT, &packets), plain(), "over UDP, HMAC of {hmac}");
        assert_eq!(events(PORT, &stream(&packets)), plain(), "over TCP, HMAC of {hmac}");
    }
}

#[test]
fn on_other_ports_nobody_looks_for_it() {
    let packets = Ends::new(20).whole(100);
    assert_eq!(hellos(&datagram_events(13_680, &packets)), 0);
    assert_eq!(hellos(&events(443, &stream(&packets))), 0);
}

#[test]
fn it_survives_cuts_and_damage() {
    splits_do_not_matter(PORT, &stream(&Ends::new(20).whole(1_000)));
    let mut ends = Ends::new(20);
    let short = [ends.resets(), ends.say(&handshake()[..1].to_vec(), 100)].concat();
    damage_does_no_harm(PORT, &stream(&short));
    damage_does_no_harm_to_datagrams(PORT, &short);
}

#[test]
fn packets_come_in_any_order_and_more_than_once() {
    let mut ends = Ends::new(20);
    let resets = ends.resets();
    let mut said = ends.say(&handshake(), 300);
    // Neighbours of one side change places, and each packet comes again later.
    for at in (1..said.len()).step_by(2) {
        if said[at - 1].0 == said[at].0 {
            said.swap(at - 1, at);
        }
    }
    let again = said.iter().flat_map(|packet| [packet.clone(), packet.clone(), said[0].clone()]).collect();
    let shuffled = [resets.clone(), resets.clone(), again, resets].concat();
    let mut told = datagram_events(PORT, &shuffled);
    let mut expected = plain();
    // A side may be heard a little later than the other one than it was sent.
    told.sort_by_key(|(from, _)| from.index());
    expected.sort_by_key(|(from, _)| from.index());
    assert_eq!(told, expected);
}

#[test]
fn what_the_tunnel_carries_passes_by() {
    let data: Conversation =
        vec![(ToServer, [&[6 << 3][..], &[7; 90]].concat()), (ToClient, vec![9 << 3; 70])];
    let mut ends = Ends::new(0);
    let mut packets = ends.whole(500);
    let after = packets.split_off(6);
    let packets = [packets, data.clone(), after, data].concat();
    assert_eq!(datagram_events(PORT, &packets), plain());
    assert_eq!(events(PORT, &stream(&packets)), plain());
}

#[test]
fn the_next_keys_handshake_is_read_too() {
    let mut ends = Ends::new(20);
    let first = ends.whole(500);
    let mut next = Ends { key: 1, sent: ends.sent.map(|(replay, _)| (replay, 0)), ..ends };
    let second = [
        vec![next.packet(ToServer, 3, &[], &[]), next.packet(ToClient, 3, &[0], &[])],
        next.say(&handshake(), 500),
    ];
    let packets = [first, second.concat()].concat();
    assert_eq!(datagram_events(PORT, &packets), [plain(), plain()].concat());
    assert_eq!(events(PORT, &stream(&packets)), [plain(), plain()].concat());
}

#[test]
fn a_client_that_begins_again_is_read_again() {
    let mut later = Ends { clients: *b"\x80CLIENT\x02", ..Ends::new(20) };
    let packets = [Ends::new(20).whole(500), later.whole(500)].concat();
    assert_eq!(datagram_events(PORT, &packets), [plain(), plain()].concat());
}

#[test]
fn packets_of_another_exchange_are_left_out() {
    let mut packets = Ends::new(20).whole(500);
    let mut strange = Ends { clients: *b"\x80STRANGE", sent: [(9, 1); 2], ..Ends::new(20) };
    packets.insert(3, strange.packet(ToServer, 4, &[], b"not of this exchange"));
    assert_eq!(datagram_events(PORT, &packets), plain());
}

#[test]
fn a_packet_that_the_capture_missed_is_a_gap() {
    let mut ends = Ends::new(20);
    let resets = ends.resets();
    let said = handshake();
    let hello = ends.say(&said[..1].to_vec(), 2_000);
    let answer = ends.say(&said[1..2].to_vec(), 2_000);
    let (lost, rest) = (&hello[0].1, ends.say(&said[2..].to_vec(), 2_000));
    assert!(!lost.is_empty());
    let seen = [resets, answer, vec![ends.ack(ToClient, 1)], rest].concat();
    let told = datagram_events(PORT, &seen);
    assert_eq!(hellos(&told), 0);
    assert_eq!(certificates(&told), certificates(&plain()), "{told:?}");
}

#[test]
fn a_packet_too_far_ahead_is_left_out_and_counted() {
    let mut ends = Ends::new(0);
    let resets = ends.resets();
    ends.sent[0].1 = 17;
    let far = ends.packet(ToServer, 4, &[], b"far");
    let told = datagram_events(PORT, &[resets.clone(), vec![far.clone(), far]].concat());
    let limit = Anomaly::LimitReached { protocol: "openvpn", limit: "openvpn_ahead" };
    assert_eq!(anomalies(&told), [&limit], "said once");
    ends.sent[0].1 = 16;
    let near = ends.packet(ToServer, 4, &[], b"near");
    assert_eq!(datagram_events(PORT, &[resets, vec![near]].concat()).len(), 0);
}

#[test]
fn what_contradicts_itself_is_malformed() {
    let mut ends = Ends::new(0);
    let mut packets = ends.resets();
    packets.push((ToServer, [&[4 << 3][..], &ends.clients, &[9]].concat()));
    let text = anomalies(&datagram_events(PORT, &packets)).first().map(|anomaly| match anomaly {
        Anomaly::Malformed(error) => error.to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(text.unwrap(), "openvpn: packet-id array length at byte 10: value 0x9 is not allowed");
    let mut packets = stream(&Ends::new(0).resets());
    packets.push((ToServer, vec![0, 0]));
    assert_eq!(anomalies(&events(PORT, &packets)).len(), 1);
}

#[test]
fn sealed_channels_and_other_protocols_are_not_taken() {
    let (_, reset) = Ends::new(20).packet(ToServer, 7, &[], &[]);
    assert_eq!(probe(&reset, ToServer), Probe::Yes);
    assert_eq!(probe(&reset, ToClient), Probe::No);
    // --tls-crypt: as long as with an HMAC of SHA-256, but sealed to the end.
    let sealed =
        [&[7 << 3][..], b"\x80CLIENT\x01", &[0, 0, 0, 1], &0x6543_2100_u32.to_be_bytes(), &[0xC3; 37]]
            .concat();
    assert_eq!(probe(&sealed, ToServer), Probe::No);
    for (at, value) in [(0, 7 << 3 | 1), (0, 10 << 3), (29, 1), (37, 1), (41, 1)] {
        let mut other = reset.clone();
        other[at] = value;
        assert_eq!(probe(&other, ToServer), Probe::No, "byte {at}");
    }
    assert_eq!(probe(&[&reset[..], &[0]].concat(), ToServer), Probe::No);
    assert_eq!(probe(&[7 << 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], ToServer), Probe::No, "no session");
    let framed = stream(&vec![(ToServer, reset)]).remove(0).1;
    for cut in 1..framed.len() {
        assert_eq!(probe(&framed[..cut], ToServer), Probe::Maybe, "{cut}");
    }
    assert_eq!(probe(&framed, ToServer), Probe::Yes);
    assert_eq!(probe(&[0, 85, 0, 0], ToServer), Probe::No, "a NetBIOS session message");
}

#[test]
fn a_flow_that_begins_with_the_answer_is_turned_round() {
    let mut packets = Ends::new(20).whole(500);
    packets.remove(0);
    let turned = packets.into_iter().map(|(from, packet)| (from.reverse(), packet)).collect();
    assert_eq!(datagram_events(PORT, &turned), plain());
}

#[test]
fn nothing_is_looked_for_inside_tls_that_carries_tls() {
    let flow = crate::harness::flow(Transport::Tcp, PORT);
    let (mut out, packets) = (Events::new(crate::Limits::default()), stream(&Ends::new(20).whole(500)));
    let mut inside = crate::Session::inside([flow.key.server.port, flow.key.client.port]);
    for (from, bytes) in &packets {
        inside.chunk(*from, capture::Chunk::Data(bytes), &mut out);
    }
    assert!(out.said().is_empty());
}
