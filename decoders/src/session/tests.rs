use capture::Direction::{self, ToClient, ToServer};
use capture::{Consumer, Demand};

use super::proxy;
use crate::decoder::Probe;
use crate::harness::{Conversation, damage_does_no_harm, events, splits_do_not_matter};
use crate::http::HttpEvent;
use crate::{Event, Limits};

const REQUEST: &[u8] = b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp1\r\n\r\n";
/// The head of a handshake record and of the ClientHello in it, as far as a probe looks; no more of it follows.
const HELLO: [u8; 11] = [22, 3, 1, 0, 80, 1, 0, 0, 76, 3, 3];

/// What each side says, line by line.
fn lines(from: Direction, count: usize) -> Conversation {
    (0..count).map(|line| (from, format!("211-ability {line}\r\n").into_bytes())).collect()
}

/// How many HTTP requests are found in what the client and the server say.
fn requests(conversation: &Conversation) -> usize {
    let is_request = |event: &Event| matches!(event, Event::Http(HttpEvent::Request(_)));
    events(9_999, conversation).iter().filter(|(_, event)| is_request(event)).count()
}

fn services(port: u16, conversation: &Conversation) -> Vec<&'static str> {
    let flow = crate::harness::flow(capture::Transport::Tcp, port);
    let mut session = super::Session::new(&flow);
    let mut out = crate::events::Events::new(Limits::default());
    for (direction, bytes) in conversation {
        session.chunk(*direction, capture::Chunk::Data(bytes), &mut out);
    }
    out.services
}

fn with_hello(mut conversation: Conversation) -> Conversation {
    let mut hello = HELLO.to_vec();
    hello.resize(85, 0);
    conversation.push((ToServer, hello));
    conversation
}

#[test]
fn tls_is_found_behind_a_long_welcome() {
    let mut conversation = lines(ToClient, 20);
    conversation.push((ToServer, b"AUTH TLS\r\n".to_vec()));
    conversation.push((ToClient, b"234 Proceed.\r\n".to_vec()));
    assert_eq!(services(21, &with_hello(conversation)), ["tls"]);
}

#[test]
fn a_dialogue_without_end_is_given_up() {
    let long = usize::try_from(Limits::default().resync_chunks).unwrap();
    assert_eq!(services(21, &with_hello(lines(ToClient, long))), [""; 0]);
}

#[test]
fn what_is_no_dialogue_is_given_up_sooner() {
    let soon = usize::try_from(Limits::default().probe_chunks).unwrap();
    let binary = |count| vec![(ToClient, vec![0, 1, 2, 3]); count];
    assert_eq!(services(9_999, &with_hello(binary(soon - 1))), ["tls"]);
    assert_eq!(services(9_999, &with_hello(binary(soon))), [""; 0]);
}

#[test]
fn requests_of_clients_behind_socks_are_read() {
    let version_5 = vec![
        (ToServer, vec![5, 1, 0]),
        (ToClient, vec![5, 0]),
        (ToServer, [&[5, 1, 0, 3, 3], &b"mp1"[..], &[0, 80]].concat()),
        (ToClient, vec![5, 0, 0, 1, 192, 0, 2, 1, 4, 56]),
    ];
    let version_4a = vec![
        (ToServer, [&[4, 1, 0, 80, 0, 0, 0, 1], &b"user\0mp1\0"[..]].concat()),
        (ToClient, vec![0, 90, 0, 80, 192, 0, 2, 1]),
    ];
    for mut conversation in [version_5, version_4a] {
        conversation.push((ToServer, REQUEST.to_vec()));
        assert_eq!(requests(&conversation), 1);
    }
}

#[test]
fn requests_of_the_side_that_was_called_are_read() {
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec();
    let conversation = vec![
        (ToServer, b"called".to_vec()),
        (ToClient, vec![5, 1, 0]),
        (ToClient, vec![5, 1, 0, 1, 192, 0, 2, 1, 0, 80]),
        (ToServer, vec![5, 0]),
        (ToServer, vec![5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        (ToClient, REQUEST.to_vec()),
        (ToServer, response),
    ];
    let told: Vec<_> = events(9_999, &conversation).into_iter().map(|(direction, _)| direction).collect();
    assert_eq!(told, [ToServer, ToClient], "as seen from who asks");
    assert_eq!(requests(&conversation), 1);
    let asked: Conversation = conversation.into_iter().skip(5).collect();
    splits_do_not_matter(9_999, &asked);
    damage_does_no_harm(9_999, &asked);
}

#[test]
fn what_was_kept_of_another_protocol_hides_nothing_behind_it() {
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec();
    let words = [(ToServer, vec![5, 1, 0]), (ToClient, vec![5, 0])];
    for (asker, answerer) in [(ToServer, ToClient), (ToClient, ToServer)] {
        let mut conversation: Conversation = words.to_vec();
        conversation.push((asker, REQUEST.to_vec()));
        conversation.push((answerer, response.clone()));
        let told: Vec<_> = events(9_999, &conversation).into_iter().map(|(_, event)| event).collect();
        let both = matches!(
            told.as_slice(),
            [Event::Http(HttpEvent::Request(_)), Event::Http(HttpEvent::Response(_))]
        );
        assert!(both, "{asker:?} {told:?}");
    }
}

#[test]
fn a_letter_in_answer_is_no_beginning_of_a_request() {
    // As PostgreSQL agrees to TLS.
    let flow = crate::harness::flow(capture::Transport::Tcp, 5_432);
    let mut session = super::Session::new(&flow);
    let mut out = crate::events::Events::new(Limits::default());
    session.chunk(ToServer, capture::Chunk::Data(&[0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F]), &mut out);
    session.chunk(ToClient, capture::Chunk::Data(b"S"), &mut out);
    assert!(session.lane(ToClient).kept.is_empty(), "nothing stands before the server's first record");
}

#[test]
fn a_flow_was_opened_by_who_sent_the_syn_whoever_asks_in_it() {
    let flow = crate::harness::flow(capture::Transport::Tcp, 9_999);
    let mut dispatch = crate::Dispatch::new(Limits::default());
    crate::harness::converse(&mut dispatch, 9_999, &vec![(ToClient, REQUEST.to_vec())], |_| usize::MAX);
    let keys: Vec<_> = dispatch.records.iter().map(|record| record.key).collect();
    assert_eq!(keys, [flow.key.reverse(), flow.key]);
}

#[test]
fn a_client_that_sends_data_was_answered_whether_the_answer_was_captured_or_not() {
    let unanswered = |bytes: u64| {
        let to_server = capture::Traffic { packets: 2, bytes };
        let traffic = [to_server, capture::Traffic::default()];
        let base = crate::harness::flow(capture::Transport::Tcp, 443);
        let flow = capture::Flow { syn: true, syn_ack: false, traffic, ..base };
        let mut dispatch = crate::Dispatch::new(Limits::default());
        let state = dispatch.open(&flow);
        dispatch.close(&flow, state, capture::Moment::default(), capture::EndReason::Idle);
        matches!(&dispatch.records[0].event, Event::Flow(end) if end.unanswered)
    };
    assert!(unanswered(0));
    assert!(!unanswered(100));
}

#[test]
fn what_is_behind_a_load_balancers_header_is_read_however_it_is_cut() {
    let line = b"PROXY TCP4 192.0.2.1 192.0.2.2 50000 80\r\n".to_vec();
    let binary =
        [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", &[192, 0, 2, 1, 192, 0, 2, 2, 9, 9, 0, 80][..]].concat();
    for header in [line, binary] {
        let together = vec![(ToServer, [&header, REQUEST].concat())];
        assert_eq!(requests(&together), 1);
        assert_eq!(requests(&vec![(ToServer, header.clone()), (ToServer, REQUEST.to_vec())]), 1);
        splits_do_not_matter(9_999, &together);
        damage_does_no_harm(9_999, &together);
    }
}

#[test]
fn what_only_begins_like_a_load_balancers_header_is_none() {
    let endless = [b"PROXY ", &[b'x'; 200][..]].concat();
    assert_eq!(proxy::header(&endless), (Probe::No, 0));
    assert_eq!(proxy::header(b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c"), (Probe::No, 0));
    assert_eq!(proxy::header(b"POST / HTTP/1.1\r\n"), (Probe::No, 0));
    assert_eq!(proxy::header(b"PROXY UNKNOWN\r\n"), (Probe::Yes, 15));
    assert_eq!(proxy::header(b"PRO"), (Probe::Maybe, 0));
    // A server's line is none, whatever it says.
    assert_eq!(requests(&vec![(ToClient, b"PROXY UNKNOWN\r\n".to_vec()), (ToServer, REQUEST.to_vec())]), 1);
}

#[test]
fn an_answer_leaves_little_to_wait_for_unless_the_asker_keeps_its_port() {
    let demands = |from: u16| {
        let mut flow = crate::harness::flow(capture::Transport::Udp, 53);
        flow.key.client.port = from;
        let mut session = super::Session::new(&flow);
        let mut out = crate::events::Events::new(Limits::default());
        let mut message = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'a', 0, 0, 1, 0, 1];
        let mut say = |direction, flags| {
            message[2] = flags;
            session.datagram(direction, capture::Datagram { payload: &message, cut: false }, &mut out)
        };
        [say(ToServer, 1), say(ToClient, 0x81), say(ToServer, 1)]
    };
    assert_eq!(demands(50_000), [Demand::All, Demand::Little, Demand::All]);
    assert_eq!(demands(53), [Demand::All; 3]);
}

#[test]
fn a_flow_whose_directions_have_both_ended_keeps_nothing_of_its_inside() {
    let mut session = super::Session::new(&crate::harness::flow(capture::Transport::Tcp, 80));
    let mut out = crate::events::Events::new(Limits::default());
    session.chunk(ToServer, capture::Chunk::Data(REQUEST), &mut out);
    let end = capture::Chunk::End(capture::EndReason::Fin);
    assert_eq!(session.chunk(ToServer, end, &mut out), Demand::All);
    session.chunk(ToClient, capture::Chunk::Data(b"HTTP/1.1 204 x\r\n\r\n"), &mut out);
    assert!(session.decoder.is_some());
    assert_eq!(session.chunk(ToClient, end, &mut out), Demand::Nothing);
    assert!(session.decoder.is_none());
    let told = out.said.iter().filter(|said| matches!(said.event, Event::Http(_))).count();
    assert_eq!(told, 2);
}

#[test]
fn room_is_made_for_what_is_announced_but_not_for_what_may_be_a_lie() {
    let announced = |record: u16| {
        let mut session = super::Session::new(&crate::harness::flow(capture::Transport::Tcp, 443));
        let mut out = crate::events::Events::new(Limits::default());
        let mut hello = HELLO.to_vec();
        hello[3..5].copy_from_slice(&record.to_be_bytes());
        hello.resize(1_000, 0);
        session.chunk(ToServer, capture::Chunk::Data(&hello), &mut out);
        session.lanes[0].kept.capacity()
    };
    assert_eq!(announced(2_995), 3_000);
    assert_eq!(announced(16_000), 4_000);
}
