//! TLS with its keys: recorded talks of a TLS library, harmed as the input says. Nothing panics; what is read inside is in
//! the talk, whatever was done to it; the same harm says the same again.
//!
//! Input: the talk, options (bit 0: the key log grows, bit 1: tight limits, bit 2: the server's key instead of the log),
//! where the key log is cut (two bytes), a seed for cuts, then edits of six bytes: what to do, in which message, where
//! (two), with what, how much.

use std::sync::Arc;

use capture::{Chunk, Consumer, Demand, Direction, EndReason, Endpoint, Flow, FlowId, FlowKey, Moment};
use capture::{Origin, Traffic, Transport};
use decoders::http::HttpEvent;
use decoders::tls::Keys;
use decoders::{Dispatch, Event, Limits, Record};

use crate::conversation::Cuts;
use crate::memory;

/// Edits of one input, at most.
const EDITS: usize = 64;

type Talk = (&'static [u8], &'static [u8]);

macro_rules! talks {
    ($($name:literal)*) => {
        &[$((
            include_bytes!(concat!("../../../decoders/src/tls/open/testdata/", $name, ".talk")),
            include_bytes!(concat!("../../../decoders/src/tls/open/testdata/", $name, ".keys")),
        )),*]
    };
}

const TALKS: &[Talk] = talks![
    "tls10-cbc" "tls10-cbc-etm" "tls11-cbc" "tls12-cbc" "tls12-cbc-etm" "tls12-gcm" "tls12-chacha" "tls12-rsa"
    "tls12-rsa-id" "tls12-camellia" "tls13" "tls13-mutual" "tls13-retry"
];
const SERVER_KEY: &[u8] = include_bytes!("../../../decoders/src/tls/open/testdata/server.key");

/// What goes through the flow.
enum Piece {
    Data(Vec<u8>),
    Lost(u64),
}

/// Everything that must hold.
pub(crate) fn run(input: &[u8]) {
    let Some((&[talk, options, high, low, seed], edits)) = input.split_first_chunk() else { return };
    let (talk, log) = TALKS[usize::from(talk) % TALKS.len()];
    let mut pieces = read(talk);
    for edit in edits.as_chunks::<6>().0.iter().take(EDITS) {
        harm(&mut pieces, *edit);
    }
    let cut = usize::from(u16::from_be_bytes([high, low]));
    let log = if cut == 0 { log } else { &log[..cut % log.len()] };
    let before = memory::begin();
    let said = converse(&pieces, options, log, seed);
    memory::check(before, talk.len());
    for record in said.iter().filter(|record| record.opened) {
        assert!(is_genuine(&record.event), "read inside, and never said: {:?}", record.event);
    }
    assert!(converse(&pieces, options, log, seed) == said, "the same bytes say the same");
}

/// Takes a recorded talk apart: direction, length in four bytes, bytes.
fn read(mut bytes: &[u8]) -> Vec<(Direction, Piece)> {
    let mut pieces = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let (part, after) = rest.split_at(length);
        let direction = if head[0] == 0 { Direction::ToServer } else { Direction::ToClient };
        pieces.push((direction, Piece::Data(part.to_vec())));
        bytes = after;
    }
    pieces
}

fn harm(pieces: &mut Vec<(Direction, Piece)>, [what, which, high, low, with, much]: [u8; 6]) {
    let which = usize::from(which) % pieces.len();
    let other = usize::from(with) % pieces.len();
    let copied = match &pieces[other] {
        (direction, Piece::Data(data)) => Some((*direction, data.clone())),
        (_, Piece::Lost(_)) => None,
    };
    let (direction, Piece::Data(data)) = &mut pieces[which] else { return };
    let at = usize::from(u16::from_be_bytes([high, low])) % data.len().max(1);
    let end = (at + usize::from(much)).min(data.len());
    match what % 8 {
        // A changed byte, a changed bit, bytes taken out, bytes put in.
        0 => data.iter_mut().skip(at).take(1).for_each(|byte| *byte = with),
        1 => data.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (with & 7)),
        2 => drop(data.drain(at..end)),
        3 => drop(data.splice(at..at, std::iter::repeat_n(with, usize::from(much)))),
        // A message lost, said again, by the other side, or cut short with the rest lost.
        4 => pieces[which].1 = Piece::Lost(data.len().max(1) as u64),
        5 => pieces.extend(copied.map(|(direction, data)| (direction, Piece::Data(data)))),
        6 => *direction = direction.reverse(),
        _ => {
            let lost = (data.len() - at).max(1) as u64;
            data.truncate(at);
            let direction = *direction;
            pieces.insert(which + 1, (direction, Piece::Lost(lost)));
        }
    }
}

fn converse(pieces: &[(Direction, Piece)], options: u8, log: &[u8], seed: u8) -> Vec<Record> {
    let limits = if options & 2 == 0 {
        Limits::default()
    } else {
        Limits { tls_waiting: 600, tls_resync: 2, tls_sessions: 1, buffer: 2_000, ..Limits::default() }
    };
    let grows = options & 1 != 0;
    let mut keys = Keys::new(&limits, grows);
    if options & 4 != 0 {
        keys.add_server_key(SERVER_KEY).expect("the key is one");
    } else if !grows {
        keys.add_log(log);
    }
    let keys = Arc::new(keys);
    let mut dispatch = Dispatch::new(limits).with_keys(Arc::clone(&keys));
    let flow = flow();
    let mut state = dispatch.open(&flow);
    let mut cuts = Cuts::new(u16::from(seed));
    let mut done = false;
    for (at, (direction, piece)) in pieces.iter().enumerate() {
        if grows && at == usize::from(seed) % pieces.len() {
            keys.add_log(log);
            dispatch.see_keys(keys.horizon());
        }
        let mut give = |chunk| {
            if !done {
                done = dispatch.chunk(&flow, &mut state, Moment::default(), *direction, chunk)
                    == Demand::Nothing;
            }
        };
        match piece {
            Piece::Lost(count) => give(Chunk::Gap(*count)),
            Piece::Data(data) => {
                let mut rest = data.as_slice();
                while !rest.is_empty() {
                    let (part, after) = rest.split_at(cuts.next(rest.len()).clamp(1, rest.len()));
                    give(Chunk::Data(part));
                    rest = after;
                }
            }
        }
    }
    dispatch.close(&flow, state, Moment::default(), EndReason::EndOfCapture);
    dispatch.records
}

/// Whether something read inside is of the talks: two requests, two responses, and what goes with them.
fn is_genuine(event: &Event) -> bool {
    match event {
        Event::Http(HttpEvent::Request(head)) => {
            ["/SMS_MP/.sms_aut?MPLIST", "/SMS_MP/.sms_aut?MPKEYINFORMATIONEX"].contains(&head.uri.as_str())
        }
        Event::Http(HttpEvent::Response(head)) => [200, 404].contains(&head.status_code),
        Event::Tls(_) | Event::Ccm(_) | Event::Anomaly(_) => true,
        _ => false,
    }
}

fn flow() -> Flow {
    let end = |last, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    Flow {
        id: FlowId(1),
        key: FlowKey { client: end(1, 50_000), server: end(2, 443), transport: Transport::Tcp },
        origin: Origin::Syn,
        first: Moment::default(),
        client_mac: None,
        server_mac: None,
        traffic: [Traffic::default(); 2],
        syn: true,
        syn_ack: true,
        refused: false,
        unreachable: false,
    }
}
