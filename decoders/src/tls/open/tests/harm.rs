//! Wrong keys, mangled records, lost segments: an anomaly or nothing, never another plaintext.

use capture::{Chunk, Consumer, Direction, Moment, Transport};
use proptest::prelude::*;

use super::{SAMPLES, anomalies, dispatch, inside, keys, plain, readings, records, sample};
use crate::harness::talk;
use crate::harness::{self, Conversation, flow};
use crate::tls::open::Reading;
use crate::{Anomaly, Event};

/// Whether all that was read inside is in what the plain twin says.
fn is_genuine(said: &[(Direction, Event)]) -> bool {
    let genuine = plain();
    said.iter().all(|event| genuine.contains(event) || is_part(event))
}

/// A body that was broken off is told with fewer bytes, and a message without its other half lacks the number that
/// joins them; what it says is genuine all the same.
fn is_part((direction, event): &(Direction, Event)) -> bool {
    let line = |event: &Event| match event {
        Event::Http(crate::http::HttpEvent::Request(head)) => Some(head.uri.clone()),
        Event::Http(crate::http::HttpEvent::Response(head)) => Some(head.status_code.to_string()),
        Event::Ccm(_) => Some("ccm".to_owned()),
        _ => None,
    };
    plain().iter().any(|(way, other)| way == direction && line(other).is_some() && line(other) == line(event))
}

#[test]
fn wrong_secret_gives_an_anomaly_and_no_plaintext() {
    for sample in SAMPLES {
        let mut log = sample.keys.to_vec();
        // The last digit of every secret.
        for at in 1..log.len() {
            if log[at] == b'\n' {
                log[at - 1] = if log[at - 1] == b'0' { b'1' } else { b'0' };
            }
        }
        let records = records(&keys(&log), &[&talk(sample.talk)]);
        assert!(inside(&records).is_empty(), "{}", sample.name);
        assert_eq!(readings(&records), [Some(Reading::Failed)], "{}", sample.name);
        let failed =
            anomalies(&records).into_iter().filter(|anomaly| matches!(anomaly, Anomaly::Unexpected { .. }));
        assert!((1..=2).contains(&failed.count()), "{}: said once for each direction", sample.name);
    }
}

#[test]
fn keys_of_another_session_open_nothing() {
    let records = records(&keys(sample("tls12-gcm").keys), &[&talk(sample("tls13").talk)]);
    assert!(inside(&records).is_empty() && anomalies(&records).is_empty());
    assert_eq!(readings(&records), [Some(Reading::NoKey)]);
}

#[test]
fn log_cut_anywhere_gives_nothing_wrong() {
    let sample = sample("tls13");
    let conversation = talk(sample.talk);
    for end in (0..sample.keys.len()).step_by(7) {
        assert!(is_genuine(&inside(&records(&keys(&sample.keys[..end]), &[&conversation]))), "{end}");
    }
}

#[test]
fn log_without_the_secrets_of_the_handshake_opens_what_follows_it() {
    let sample = sample("tls13");
    let lines = sample.keys.split_inclusive(|byte| *byte == b'\n');
    let log: Vec<u8> =
        lines.filter(|line| line.windows(9).all(|part| part != b"HANDSHAKE")).flatten().copied().collect();
    let records = records(&keys(&log), &[&talk(sample.talk)]);
    assert_eq!(inside(&records), plain());
    assert!(anomalies(&records).is_empty());
}

#[test]
fn lost_segment_costs_what_was_in_it_and_no_more() {
    for name in ["tls12-gcm", "tls12-chacha", "tls12-cbc", "tls12-cbc-etm", "tls11-cbc", "tls13"] {
        let conversation = talk(sample(name).talk);
        // The messages of the first exchange are the last four but the closing ones.
        let data = conversation.len() - 6..conversation.len() - 2;
        for lost in data {
            let said = with_loss(name, &conversation, lost);
            assert!(is_genuine(&said), "{name}, message {lost}: {said:?}");
            let whole = plain().iter().filter(|(_, event)| matches!(event, Event::Http(_))).count();
            let heads = said.iter().filter(|(_, event)| matches!(event, Event::Http(_))).count();
            assert_eq!(heads + 1, whole, "{name}, message {lost}: {said:?}");
        }
    }
}

/// What is read inside of a conversation of which one message is lost.
fn with_loss(name: &str, conversation: &Conversation, lost: usize) -> Vec<(Direction, Event)> {
    let flow = flow(Transport::Tcp, 443);
    let mut dispatch = dispatch(&keys(sample(name).keys));
    let mut state = dispatch.open(&flow);
    for (at, (direction, message)) in conversation.iter().enumerate() {
        let chunk = if at == lost { Chunk::Gap(message.len() as u64) } else { Chunk::Data(message) };
        dispatch.chunk(&flow, &mut state, Moment::default(), *direction, chunk);
    }
    inside(&dispatch.records)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn flipped_byte_never_gives_another_plaintext(
        which in 0..SAMPLES.len(),
        place in any::<prop::sample::Index>(),
        bits in 1..=255u8,
        cut in 1..2_000usize,
    ) {
        let sample = &SAMPLES[which];
        let mut conversation = talk(sample.talk);
        let total: usize = conversation.iter().map(|(_, message)| message.len()).sum();
        let mut place = place.index(total);
        for (_, message) in &mut conversation {
            if place < message.len() {
                message[place] ^= bits;
                break;
            }
            place -= message.len();
        }
        let mut dispatch = dispatch(&keys(sample.keys));
        harness::converse(&mut dispatch, 443, &conversation, |_| cut);
        let said = inside(&dispatch.records);
        prop_assert!(is_genuine(&said), "{}: {said:?}", sample.name);
    }
}
