use capture::Direction::{self, ToClient, ToServer};
use capture::{Chunk, Consumer, EndReason, Moment, Transport};
use proptest::prelude::*;

use super::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use super::*;
use crate::decoder::{Decoder, Input, Outcome};
use crate::events::{Anomaly, Events};
use crate::harness::{self, Conversation, damage_does_no_harm, splits_do_not_matter};
use crate::http::tests::bodies::ALL;
use crate::http::tests::story_of;
use crate::http::{Framing, HttpEvent, HttpRequest};
use crate::{Dispatch, Event, Limits};

mod bodies;
mod gaps;
mod heads;
mod samples;

const PORT: u16 = 8082;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const WHOLE: u8 = END_STREAM | END_HEADERS;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header block of literals, none of them indexed; `+name` with indexing.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        let (first, name) = name.strip_prefix('+').map_or((0, *name), |name| (0x40, name));
        block.push(first);
        for text in [name, *value] {
            assert!(text.len() < 127 + 128);
            match u8::try_from(text.len()).unwrap() {
                len @ 0..127 => block.push(len),
                len => block.extend([127, len - 127]),
            }
            block.extend(text.bytes());
        }
    }
    block
}

fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, WHOLE, stream, &block(&[(":method", "GET"), (":path", path)]))
}

fn post(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &block(&[(":method", "POST"), (":path", path)]))
}

fn answer(flags: u8, stream: u32, status: &str) -> Vec<u8> {
    frame(HEADERS, flags, stream, &block(&[(":status", status)]))
}

/// The prefaces of both sides.
fn begin() -> Conversation {
    let settings = frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]);
    vec![
        (ToServer, [PREFACE, &settings].concat()),
        (ToClient, [settings, frame(SETTINGS, 1, 0, &[])].concat()),
    ]
}

/// What follows the prefaces.
fn after(turns: &[(Direction, &[Vec<u8>])]) -> Conversation {
    let mut conversation = begin();
    conversation.extend(turns.iter().map(|(direction, frames)| (*direction, frames.concat())));
    conversation
}

fn story(conversation: &Conversation) -> String {
    let events = harness::events(PORT, conversation);
    story_of(events.iter().map(|(direction, event)| (*direction, event)))
}

/// The story of what follows the prefaces, which may be cut anywhere.
fn told(turns: &[(Direction, &[Vec<u8>])]) -> String {
    let conversation = after(turns);
    splits_do_not_matter(PORT, &conversation);
    story(&conversation)
}

/// The story of what follows the prefaces where all bodies are wanted.
fn collected(turns: &[(Direction, &[Vec<u8>])], limits: Limits) -> String {
    let mut tellings = [usize::MAX, 7, 1].map(|size| collected_by(size, turns, limits)).to_vec();
    tellings.dedup();
    assert_eq!(tellings.len(), 1, "{tellings:#?}");
    tellings.remove(0)
}

fn collected_by(size: usize, turns: &[(Direction, &[Vec<u8>])], limits: Limits) -> String {
    let mut out = Events::new(limits);
    let mut connection = Connection::new(ALL, &limits);
    let mut lanes = [(Vec::new(), 0), (Vec::new(), 0)];
    for (direction, bytes) in after(turns) {
        for piece in bytes.chunks(size) {
            let (kept, skip) = &mut lanes[direction.index()];
            let skipped = piece.len().min(*skip);
            *skip -= skipped;
            kept.extend_from_slice(&piece[skipped..]);
            while !kept.is_empty() {
                match connection.feed(direction, Input::Data(kept), &mut out) {
                    Outcome::Consumed(count) if count > 0 => drop(kept.drain(..count)),
                    Outcome::Skip(count) => {
                        let count = usize::try_from(count).unwrap();
                        let here = count.min(kept.len());
                        kept.drain(..here);
                        *skip = count - here;
                    }
                    Outcome::NeedMore(_) => break,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    for direction in [ToServer, ToClient] {
        connection.feed(direction, Input::End(EndReason::Fin), &mut out);
    }
    story_of(out.said())
}

#[test]
fn connection_is_known_by_either_preface() {
    for (direction, bytes) in begin() {
        let first = match direction {
            ToServer => PREFACE.len(),
            ToClient => settings::FIRST,
        };
        for len in 0..first {
            assert_eq!(begins(&bytes[..len], direction), Probe::Maybe);
        }
        assert_eq!(begins(&bytes, direction), Probe::Yes);
    }
    assert_eq!(begins(b"PRI * HTTP/1.1\r\n\r\n", ToServer), Probe::No);
    assert_eq!(begins(&[0, 0, 0, 0x85, 0xFF, b'S', b'M', b'B'], ToClient), Probe::No);
    assert_eq!(begins(&frame(SETTINGS, 1, 0, &[]), ToClient), Probe::No, "an acknowledgement comes later");
}

#[test]
fn half_a_preface_is_no_frame_however_it_is_cut() {
    let bytes = b"PRI * \0\0\t\x01\0\0:path";
    for size in [bytes.len(), 8, 1] {
        let mut out = Events::new(Limits::default());
        let mut connection = Connection::new(Bodies::ALL, &out.limits);
        let mut outcome = Outcome::NeedMore(0);
        for end in (size..=bytes.len()).step_by(size).chain([bytes.len()]) {
            if matches!(outcome, Outcome::NeedMore(least) if least <= end) {
                outcome = connection.feed(ToServer, Input::Data(&bytes[..end]), &mut out);
            }
        }
        assert_eq!((outcome, story_of(out.said())), (Outcome::Lost, "!unexpected".to_owned()), "{size}");
    }
}

#[test]
fn streams_are_told_apart() {
    let story = told(&[
        (ToServer, &[get(1, "/a"), post(3, "/b"), get(5, "/c")]),
        (ToClient, &[answer(END_HEADERS, 5, "200"), answer(WHOLE, 1, "404")]),
        (ToServer, &[frame(DATA, END_STREAM, 3, b"GET / HTTP/1.1\r\n\r\n")]),
        (ToClient, &[frame(DATA, 0, 5, b"some"), answer(END_HEADERS, 3, "201"), frame(DATA, 1, 5, b"more")]),
    ]);
    assert_eq!(story, "0>GET /a 1>POST /b 2>GET /c 2<200 0<404 1<201");
}

#[test]
fn interim_responses_do_not_answer() {
    let frames = [answer(END_HEADERS, 1, "100"), answer(END_HEADERS, 1, "103"), answer(WHOLE, 1, "200")];
    assert_eq!(told(&[(ToServer, &[post(1, "/a")]), (ToClient, &frames)]), "0>POST /a 0<100 0<103 0<200");
}

#[test]
fn other_frames_pass_by() {
    let others = [
        frame(PING, 0, 0, b"12345678"),
        frame(WINDOW_UPDATE, 0, 1, &[0, 0, 1, 0]),
        frame(2, 0, 1, &[0, 0, 0, 0, 16]),
        frame(0xFA, 0xFF, 7, b"what nobody knows"),
        frame(SETTINGS, 0, 0, &[0; 6 * 300]),
    ];
    let turns = [others.as_slice(), &[get(1, "/a")]].concat();
    assert_eq!(told(&[(ToServer, &turns)]), "!list_items 0>GET /a");
}

#[test]
fn frames_that_end_a_connection_are_said_and_end_the_reading() {
    for bad in [
        frame(PING, 0, 0, b"1234567"),
        frame(WINDOW_UPDATE, 0, 0, &[0; 5]),
        frame(SETTINGS, 0, 0, &[0; 7]),
        frame(SETTINGS, 1, 0, &[0; 6]),
        frame(GOAWAY, 0, 0, &[0; 7]),
        frame(RST_STREAM, 0, 1, &[0; 3]),
    ] {
        let turns = [get(1, "/a"), bad, get(3, "/b")];
        assert_eq!(story(&after(&[(ToServer, &turns)])), "0>GET /a !length");
    }
    for bad in
        [frame(DATA, 0, 0, b"x"), frame(SETTINGS, 0, 1, &[]), get(0, "/"), frame(GOAWAY, 0, 1, &[0; 8])]
    {
        let turns = [get(1, "/a"), bad, get(3, "/b")];
        assert_eq!(story(&after(&[(ToServer, &turns)])), "0>GET /a !stream identifier");
    }
}

#[test]
fn frame_larger_than_allowed_is_said_once_and_passed_over() {
    let large = frame(DATA, 0, 1, &vec![0; 16_385]);
    let turns = [post(1, "/a"), large.clone(), large.clone(), get(3, "/b")];
    assert_eq!(told(&[(ToServer, &turns)]), "0>POST /a !length 1>GET /b");
    let more = frame(SETTINGS, 0, 0, &[0, 5, 0, 0, 0x80, 0]);
    let turns = [post(1, "/a"), large, get(3, "/b")];
    assert_eq!(told(&[(ToClient, &[more]), (ToServer, &turns)]), "0>POST /a 1>GET /b");
}

#[test]
fn reset_stream_is_forgotten() {
    let reset = frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]);
    let turns: [(_, &[Vec<u8>]); 2] = [
        (ToServer, &[get(1, "/a"), get(3, "/b"), reset]),
        (ToClient, &[answer(WHOLE, 1, "200"), answer(WHOLE, 3, "200")]),
    ];
    assert_eq!(told(&turns), "0>GET /a 1>GET /b ?<200 1<200");
}

#[test]
fn streams_that_the_server_does_not_take_up_are_forgotten() {
    let away = frame(GOAWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0, b'w', b'h', b'y']);
    let turns: [(_, &[Vec<u8>]); 2] = [
        (ToServer, &[get(1, "/a"), get(3, "/b")]),
        (ToClient, &[away, answer(WHOLE, 1, "200"), answer(WHOLE, 3, "503")]),
    ];
    assert_eq!(told(&turns), "0>GET /a 1>GET /b 0<200 ?<503");
}

#[test]
fn what_a_server_pushes_is_no_request_but_fills_the_table() {
    let mut promise = vec![0, 0, 0, 2];
    promise.extend(block(&[(":method", "GET"), ("+:path", "/pushed")]));
    let promise = frame(PUSH_PROMISE, END_HEADERS, 1, &promise);
    // Index 62 is what the promise put into the table of this direction.
    let mut indexed = block(&[(":status", "200")]);
    indexed.push(0xBE);
    let frames = [promise, frame(HEADERS, WHOLE, 1, &indexed), answer(WHOLE, 2, "200")];
    assert_eq!(told(&[(ToServer, &[get(1, "/a")]), (ToClient, &frames)]), "0>GET /a 0<200 ?<200");
}

#[test]
fn more_open_streams_than_the_limit_make_room() {
    let limits = Limits { http2_streams: 2, ..Limits::default() };
    let requests = [get(1, "/a"), get(3, "/b"), get(5, "/c"), get(7, "/d")];
    let answers = [answer(WHOLE, 1, "200"), answer(WHOLE, 5, "200"), answer(WHOLE, 7, "200")];
    let mut out = Events::new(limits);
    let mut connection = Connection::new(Bodies::ALL, &limits);
    for (direction, bytes) in after(&[(ToServer, &requests), (ToClient, &answers)]) {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let count = match connection.feed(direction, Input::Data(rest), &mut out) {
                Outcome::Consumed(count) => count,
                Outcome::Skip(count) => usize::try_from(count).unwrap(),
                other => panic!("{other:?}"),
            };
            rest = &rest[count..];
        }
    }
    let story = "0>GET /a 1>GET /b 2>GET /c !http2_streams 3>GET /d ?<200 2<200 3<200";
    assert_eq!(story_of(out.said()), story);
}

#[test]
fn upgraded_connection_counts_on() {
    let ask = "GET /a HTTP/1.1\r\nHost: mp\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n";
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    for settings in [frame(SETTINGS, 0, 0, &[]), frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])] {
        let conversation = vec![
            (ToServer, ask.as_bytes().to_vec()),
            (ToClient, [switch.as_bytes(), &settings].concat()),
            (ToServer, [PREFACE, &frame(SETTINGS, 0, 0, &[]), &get(3, "/b")].concat()),
            (ToClient, [answer(WHOLE, 1, "200"), answer(WHOLE, 3, "404")].concat()),
        ];
        splits_do_not_matter(PORT, &conversation);
        damage_does_no_harm(PORT, &conversation);
        assert_eq!(story(&conversation), "0>GET /a 0<101 1>GET /b 0<200 1<404");
    }
}

#[test]
fn connection_inside_a_tunnel_counts_on() {
    let conversation = vec![
        (ToServer, b"CONNECT mp:80 HTTP/1.1\r\n\r\n".to_vec()),
        (ToClient, b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        (ToServer, [PREFACE, &frame(SETTINGS, 0, 0, &[]), &get(1, "/b")].concat()),
        (ToClient, [frame(SETTINGS, 0, 0, &[]), answer(WHOLE, 1, "200")].concat()),
    ];
    splits_do_not_matter(PORT, &conversation);
    assert_eq!(story(&conversation), "0>CONNECT mp:80 0<200 1>GET /b 1<200");
}

#[test]
fn damage_does_no_harm_to_a_connection() {
    let padded =
        [&[4], &block(&[(":method", "POST"), ("+:path", "/ccm_system/request")])[..], &[0; 4]].concat();
    let conversation = after(&[
        (
            ToServer,
            &[frame(HEADERS, END_HEADERS | 8, 1, &padded), frame(DATA, 8 | END_STREAM, 1, b"\x02body\0\0")],
        ),
        (
            ToClient,
            &[
                frame(HEADERS, 0, 1, &[0x88]),
                frame(CONTINUATION, END_HEADERS, 1, &block(&[("+server", "x")])),
            ],
        ),
        (ToClient, &[frame(DATA, END_STREAM, 1, b"answer"), frame(GOAWAY, 0, 0, &[0; 8])]),
    ]);
    splits_do_not_matter(PORT, &conversation);
    damage_does_no_harm(PORT, &conversation);
}

proptest! {
    #[test]
    fn anything_is_survived(frames in prop::collection::vec((0_u8..11, any::<u8>(), 0_u32..6, prop::collection::vec(any::<u8>(), 0..40)), 0..20),
                            tail in prop::collection::vec(any::<u8>(), 0..60)) {
        for direction in [ToServer, ToClient] {
            let mut conversation = begin();
            for (kind, flags, stream, payload) in &frames {
                conversation.push((direction, frame(*kind, *flags, *stream, payload)));
            }
            conversation.push((direction, tail.clone()));
            let events = harness::events(PORT, &conversation);
            prop_assert!(events.len() < 100);
            prop_assert_eq!(harness::events_cut(PORT, &conversation, |_| 1), events);
        }
    }
}
