//! A question to everybody, and an answer from somebody.

use capture::Direction::{ToClient, ToServer};

use crate::Event;
use crate::dns::tests::{message, record};
use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events};

#[test]
fn a_question_and_its_answer_are_read() {
    let conversation = vec![
        (ToServer, message(0x0000, "mp01", 1, &[])),
        (ToClient, message(0x8000, "mp01", 1, &[record(1, 30, &[192, 0, 2, 66])])),
    ];
    let events = datagram_events(5355, &conversation);
    let Event::Llmnr(answer) = &events[1].1 else { panic!("unexpected {events:?}") };
    assert_eq!((answer.0.response, answer.0.addresses.len(), answer.0.ttl), (true, 1, Some(30)));
    damage_does_no_harm_to_datagrams(5355, &conversation);
}
