//! Where bodies end, which are kept, and which pass by.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::ccm::CcmEvent;

const GET: &str = "GET / HTTP/1.1\r\n\r\n";
const NEXT: &str = "GET /next HTTP/1.1\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Readers of bodies that want all of them, and tell what they were given as requests with the body as target.
pub(crate) const ALL: Bodies = Bodies {
    interest: |_| Interest { request_body: true, response_body: true },
    announced: |_| false,
    request: |_, body, direction, out| {
        tell(body, direction, out);
        Asked::default()
    },
    response: |_, _, _, body, direction, out| tell(body, direction, out),
};

fn tell(body: CcmBody<'_>, direction: Direction, out: &mut Events) {
    let uri = String::from_utf8_lossy(body.bytes).into_owned();
    let told = HttpRequest { exchange: 99, uri, cut: body.incomplete, ..HttpRequest::default() };
    out.push(direction, HttpEvent::Request(Box::new(told)));
}

/// Feeds a reader that wants all bodies, piece by piece of at most `size` bytes.
fn collected(turns: &[(Direction, &str)], size: usize, limits: Limits) -> String {
    let mut out = Events::new(limits);
    let mut connection = Connection::new(ALL);
    let mut kept = [Vec::new(), Vec::new()];
    for (direction, text) in turns {
        for piece in text.as_bytes().chunks(size) {
            let kept = &mut kept[direction.index()];
            kept.extend_from_slice(piece);
            while !kept.is_empty() {
                match connection.feed(*direction, Input::Data(kept), &mut out) {
                    Outcome::Consumed(count) if count > 0 => drop(kept.drain(..count)),
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
fn bodies_of_stated_length_end_there() {
    let post = "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /";
    assert_eq!(told(&[(ToServer, post), (ToClient, OK), (ToServer, NEXT)]), "0>POST /a 0<200 1>GET /next");
}

#[test]
fn chunks_end_behind_their_trailers() {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n4;name=\"v\"\r\nHTTP\r\n1 \r\nx\r\n0\r\n\
                  Trailer: 1\r\nAnother: 2\r\n\r\n";
    assert_eq!(
        told(&[(ToServer, GET), (ToClient, chunks), (ToServer, NEXT), (ToClient, OK)]),
        "0>GET / 0<200 1>GET /next 1<200"
    );
    let bare = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n";
    assert_eq!(
        told(&[(ToServer, GET), (ToClient, bare), (ToServer, NEXT), (ToClient, OK)]),
        "0>GET / 0<200 1>GET /next 1<200"
    );
}

#[test]
fn identity_is_no_coding() {
    for fields in [
        "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
        "Transfer-Encoding: chunked, identity\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ] {
        let first = format!("HTTP/1.1 200 OK\r\n{fields}");
        let story = told(&[(ToServer, GET), (ToClient, &first), (ToServer, NEXT), (ToClient, OK)]);
        assert_eq!(story, "0>GET / 0<200 1>GET /next 1<200");
    }
}

#[test]
fn a_chunk_without_a_size_loses_the_place_until_the_next_head() {
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, GET).text(ToClient, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    assert_eq!(feed.story(), "0>GET / 0<200 !chunk size");
    feed.text(ToServer, NEXT).text(ToClient, OK);
    assert_eq!(feed.story(), "0>GET / 0<200 !chunk size 1>GET /next 1<200");
}

#[test]
fn responses_that_have_no_body_are_not_waited_for() {
    for (ask, answer) in [
        ("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        (GET, "HTTP/1.1 204 No Content\r\nContent-Length: 500\r\n\r\n"),
        (GET, "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ] {
        let story = told(&[(ToServer, ask), (ToClient, answer), (ToServer, NEXT), (ToClient, OK)]);
        assert!(story.ends_with("1>GET /next 1<200"), "{story}");
    }
}

#[test]
fn a_body_without_length_ends_with_the_stream_or_when_the_client_asks_again() {
    let open = "HTTP/1.0 200 OK\r\n\r\nbody HTTP/1.1 999 no head in the middle\r\n";
    assert_eq!(told(&[(ToServer, GET), (ToClient, open)]), "0>GET / 0<200");
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, GET).text(ToClient, open).text(ToClient, OK);
    assert_eq!(feed.story(), "0>GET / 0<200", "nobody has asked for more");
    feed.text(ToServer, NEXT).text(ToClient, OK);
    assert_eq!(feed.story(), "0>GET / 0<200 1>GET /next 1<200");
}

#[test]
fn a_large_body_is_skipped_and_a_gap_in_it_does_no_harm() {
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, GET);
    let demand = feed
        .chunk(ToClient, Chunk::Data(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\nfirst bytes"));
    assert_eq!(demand, capture::Demand::AllAfter(5_000_000_000 - 11));
    // The capture leaves the rest out, with whatever gaps are in it.
    feed.text(ToServer, NEXT).text(ToClient, OK);
    assert_eq!(feed.story(), "0>GET / 0<200 1>GET /next 1<200");
}

#[test]
fn a_gap_that_reaches_beyond_a_body_loses_the_place_until_the_next_head() {
    let post = "POST / HTTP/1.1\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, post).gap(ToServer, 40).text(ToServer, "rest").text(ToServer, NEXT);
    assert_eq!(feed.story(), "0>POST / 1>GET /next");
}

#[test]
fn wanted_bodies_are_collected_without_their_framing() {
    let turns = [
        (ToServer, "CCM_POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nask"),
        (ToClient, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nans\r\n3\r\nwer\r\n0\r\n\r\n"),
        (ToServer, "CCM_POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
        (ToClient, "HTTP/1.0 200 OK\r\n\r\nuntil the end"),
    ];
    let whole = "0>CCM_POST /a 99> ask 0<200 99> answer 1>CCM_POST /b 99> x 1<200 99> until the end";
    for size in [1, 2, 7, 10_000] {
        assert_eq!(collected(&turns, size, Limits::default()), whole, "pieces of {size}");
    }
}

#[test]
fn a_wanted_body_over_the_limit_is_given_as_far_as_it_and_said() {
    let limits = Limits { http_body: 4, ..Limits::default() };
    let turns = [(ToServer, "CCM_POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n1234")];
    assert_eq!(collected(&turns, 3, limits), "0>CCM_POST /a 99> 1234");
    let mut connection = Connection::new(ALL);
    let mut out = Events::new(limits);
    let head = b"CCM_POST /a HTTP/1.1\r\nContent-Length: 900\r\n\r\n";
    assert_eq!(connection.feed(ToServer, Input::Data(head), &mut out), Outcome::Consumed(head.len()));
    assert_eq!(connection.feed(ToServer, Input::Data(b"12345678"), &mut out), Outcome::Consumed(8));
    assert_eq!(
        connection.feed(ToServer, Input::Data(b"90"), &mut out),
        Outcome::Skip(892),
        "no more is kept"
    );
    assert_eq!(story_of(out.said()), "0>CCM_POST /a !http_body 99> 1234~");
}

#[test]
fn a_wanted_body_that_lost_a_part_is_given_as_far_as_it_came() {
    let mut connection = Connection::new(ALL);
    let mut out = Events::new(Limits::default());
    let head = b"CCM_POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n";
    connection.feed(ToServer, Input::Data(head), &mut out);
    connection.feed(ToServer, Input::Data(b"abc"), &mut out);
    assert_eq!(connection.feed(ToServer, Input::Gap(4), &mut out), Outcome::Consumed(0));
    assert_eq!(connection.feed(ToServer, Input::Data(b"xyz"), &mut out), Outcome::Skip(3));
    connection.feed(ToServer, Input::Data(NEXT.as_bytes()), &mut out);
    assert_eq!(story_of(out.said()), "0>CCM_POST /a 99> abc~ 1>GET /next 99> ");
}

#[test]
fn a_wanted_body_that_the_end_cut_off_is_given_as_incomplete() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    let turns = [(ToServer, GET), (ToClient, answer)];
    assert_eq!(collected(&turns, 50, Limits::default()), "0>GET / 99>  0<200 99> half~");
}

#[test]
fn messages_of_configmgr_reach_their_reader() {
    let post =
        "CCM_POST /ccm_system/request HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnone";
    let events = harness::events(WEB, &talk(&[(ToServer, post)]));
    let read = events.iter().any(|(_, event)| {
        matches!(event, Event::Ccm(_))
            || matches!(event, Event::Anomaly(Anomaly::Malformed(error)) if error.protocol.starts_with("ccm"))
    });
    assert!(read, "{events:?}");
}

#[test]
fn a_compressed_body_reaches_its_reader_inflated() {
    let mut coded = GzEncoder::new(Vec::new(), Compression::default());
    coded.write_all(b"<MPList><MP Name=\"MP1\"/></MPList>").unwrap();
    let coded = coded.finish().unwrap();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", coded.len());
    let conversation = vec![
        (ToServer, b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n".to_vec()),
        (ToClient, [head.as_bytes(), &coded].concat()),
    ];
    splits_do_not_matter(WEB, &conversation);
    let events = harness::events(WEB, &conversation);
    let [_, _, (_, Event::Ccm(CcmEvent::SiteData(data)))] = &events[..] else { panic!("{events:?}") };
    assert_eq!(data.management_points, [("MP1".to_owned(), None)]);
}

#[test]
fn a_reply_is_known_without_its_request_and_other_bodies_of_parts_are_not() {
    let answer = |first: &str| {
        let body = format!("--x\r\ncontent-type: text/plain\r\n\r\n{first}\r\n--x--");
        let kind = "multipart/Mixed; boundary=x";
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    let reply = answer("<Msg><ReplyMode>NoReply</ReplyMode></Msg>");
    splits_do_not_matter(WEB, &talk(&[(ToClient, &reply)]));
    let events = harness::events(WEB, &talk(&[(ToClient, &reply)]));
    let [_, (_, Event::Ccm(CcmEvent::Reply(read)))] = &events[..] else { panic!("{events:?}") };
    assert_eq!((read.exchange, read.reply_mode.as_deref()), (None, Some("NoReply")));
    let asked = [(ToServer, "POST /odata/$batch HTTP/1.1\r\n\r\n"), (ToClient, reply.as_str())];
    assert_eq!(story(&talk(&asked)), "0>POST /odata/$batch 0<200", "the request says what it answers");
    assert_eq!(told(&[(ToClient, &answer("HTTP/1.1 200 OK\r\n\r\n{}"))]), "?<200");
}
