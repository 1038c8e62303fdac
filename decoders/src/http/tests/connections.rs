//! Several exchanges, missing sides, tunnels.

use super::*;

const GET: &str = "GET /a HTTP/1.1\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const CONNECT: &str = "CONNECT mp:443 HTTP/1.1\r\nHost: mp:443\r\n\r\n";
const HELLO: &[u8] = &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];

/// What a reader makes of the last of these inputs.
fn outcome(inputs: &[(Direction, &[u8])]) -> Outcome {
    let mut connection = Connection::new(Bodies::ALL);
    let mut out = Events::new(Limits::default());
    let outcomes = inputs.iter().map(|(way, bytes)| connection.feed(*way, Input::Data(bytes), &mut out));
    outcomes.last().unwrap()
}

#[test]
fn pipelined_requests_meet_their_responses_in_order() {
    let requests = "GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n";
    let responses = format!("{OK}HTTP/1.1 404 No\r\nContent-Length: 77\r\n\r\n{EMPTY}");
    let story = told(&[(ToServer, requests), (ToClient, &responses)]);
    assert_eq!(story, "0>GET /a 1>HEAD /b 2>GET /c 0<200 1<404 2<200");
}

#[test]
fn more_requests_at_once_than_the_limit_are_counted_but_not_remembered() {
    let mut feed = Feed::new(Origin::Syn, Limits { http_pipeline: 2, ..Limits::default() });
    feed.text(ToServer, &GET.repeat(4)).text(ToClient, &EMPTY.repeat(4));
    feed.text(ToServer, GET).text(ToClient, EMPTY);
    let story = "0>GET /a 1>GET /a 2>GET /a !http_pipeline 3>GET /a 0<200 1<200 ?<200 ?<200 4>GET /a 4<200";
    assert_eq!(feed.story(), story);
}

#[test]
fn interim_responses_belong_to_the_request_that_still_waits() {
    let post = "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let turns = [
        (ToServer, post),
        (ToClient, "HTTP/1.1 100 Continue\r\n\r\n"),
        (ToServer, "ab"),
        (ToClient, "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"),
        (ToClient, OK),
    ];
    assert_eq!(told(&turns), "0>POST /a 0<100 0<103 0<200");
}

#[test]
fn of_a_body_for_which_leave_was_asked_and_not_given_nothing_is_missing() {
    let head = |field| {
        format!(
            "CCM_POST /ccm_system/request HTTP/1.1\r\nContent-Length: 20\r\n{field}: 100-continue\r\n\r\n"
        )
    };
    let messages = |head: String| {
        let mut feed = Feed::new(Origin::Syn, Limits::default());
        feed.text(ToServer, &head).text(ToClient, "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n");
        feed.chunk(ToServer, Chunk::End(EndReason::Fin));
        feed.dispatch.records.iter().filter(|record| matches!(record.event, Event::Ccm(_))).count()
    };
    assert_eq!(messages(head("Expect")), 0);
    assert_eq!(messages(head("X")), 1);
}

#[test]
fn a_request_that_was_refused_before_its_body_is_sent_again_without_one_in_between() {
    let head = "PUT /a HTTP/1.1\r\nContent-Length: 20\r\nExpect: 100-Continue\r\n\r\n";
    let refused = (ToClient, "HTTP/1.1 401 x\r\nContent-Length: 2\r\n\r\nno");
    let (leave, done) = ((ToClient, "HTTP/1.1 100 x\r\n\r\n"), (ToClient, "HTTP/1.1 204 x\r\n\r\n"));
    let body = (ToServer, "GET / HTTP/1.1\r\nx: y");
    let again =
        [(ToServer, head), refused, (ToServer, head), leave, (ToServer, "PUT in the body here"), done];
    assert_eq!(told(&again), "0>PUT /a 0<401 1>PUT /a 1<100 1<204");
    // Without that question the body comes, whatever it looks like.
    let plain = head.replace("Expect", "X");
    let sent = [(ToServer, plain.as_str()), body, done, (ToServer, plain.as_str()), body, done];
    assert_eq!(told(&sent), "0>PUT /a 0<204 1>PUT /a 1<204");
}

#[test]
fn either_side_alone_is_read() {
    let requests = format!("{GET}POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc{GET}");
    assert_eq!(told(&[(ToServer, &requests)]), "0>GET /a 1>POST /b 2>GET /a");
    assert_eq!(told(&[(ToClient, &format!("{OK}{OK}"))]), "?<200 ?<200");
}

#[test]
fn responses_alone_to_head_requests_are_read_though_no_body_follows() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    assert_eq!(told(&[(ToClient, head), (ToClient, head), (ToClient, OK)]), "?<200 ?<200 ?<200");
}

#[test]
fn a_flow_joined_in_the_middle_is_read_from_its_next_head() {
    let mut feed = Feed::new(Origin::Midstream, Limits::default());
    feed.text(ToClient, "middle of a body")
        .text(ToClient, "and its end")
        .text(ToServer, GET)
        .text(ToClient, OK);
    assert_eq!(feed.story(), "0>GET /a 0<200");
}

#[test]
fn a_flow_taken_the_wrong_way_round_is_turned() {
    let mut feed = Feed::new(Origin::Midstream, Limits::default());
    feed.text(ToServer, OK).text(ToClient, GET);
    let ways: Vec<Direction> = feed.dispatch.records.iter().map(|record| record.direction).collect();
    assert_eq!((feed.story().as_str(), ways.as_slice()), ("?<200 0>GET /a", &[ToClient, ToServer][..]));
}

#[test]
fn responses_behind_a_gap_go_to_the_last_request() {
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, GET).text(ToServer, GET).gap(ToClient, 900).text(ToServer, GET).text(ToClient, OK);
    assert_eq!(feed.story(), "0>GET /a 1>GET /a 2>GET /a 2<200");
}

#[test]
fn an_accepted_connect_hands_tls_over() {
    let accepted = b"HTTP/1.1 200 Connection established\r\nContent-Length: 9\r\n\r\n";
    let handed = Outcome::HandOver(Protocol::Tls, 0);
    let connect = (ToServer, CONNECT.as_bytes());
    assert_eq!(outcome(&[connect, (ToClient, accepted), (ToServer, HELLO)]), handed);
    assert_eq!(outcome(&[connect, (ToServer, HELLO)]), handed, "the answer was not captured");
    assert_eq!(outcome(&[connect, (ToClient, accepted), (ToServer, b"SSH-2.0-x\r\n")]), Outcome::Finished);
}

#[test]
fn a_tunnel_may_carry_http() {
    let accepted = "HTTP/1.0 200 OK\r\n\r\n";
    let story = told(&[(ToServer, CONNECT), (ToClient, accepted), (ToServer, GET), (ToClient, OK)]);
    assert_eq!(story, "0>CONNECT mp:443 0<200 1>GET /a 1<200");
}

#[test]
fn a_refused_connect_is_an_exchange_like_another() {
    let refused = "HTTP/1.1 407 Proxy\r\nProxy-Authenticate: NTLM\r\nContent-Length: 4\r\n\r\nHTTP";
    let story = told(&[(ToServer, CONNECT), (ToClient, refused), (ToServer, CONNECT), (ToClient, EMPTY)]);
    assert_eq!(story, "0>CONNECT mp:443 0<407 1>CONNECT mp:443 1<200");
}

#[test]
fn nothing_is_read_behind_an_upgrade() {
    let upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    assert_eq!(
        outcome(&[(ToServer, GET.as_bytes()), (ToClient, upgrade), (ToClient, b"\x81\x05hello")]),
        Outcome::Finished
    );
}

#[test]
fn what_is_no_http_is_said_once_and_looked_through() {
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, GET)
        .text(ToServer, "\x01\x02garbage")
        .text(ToServer, "more of it")
        .text(ToServer, GET);
    assert_eq!(feed.story(), "0>GET /a !unexpected 1>GET /a");
}

#[test]
fn other_protocols_of_the_same_shape_are_none() {
    for text in [
        "OPTIONS sip:a@b SIP/2.0\r\n\r\n",
        "DESCRIBE rtsp://a RTSP/1.0\r\n\r\n",
        "HELO mail\r\n",
        "get / HTTP/1.1\r\n\r\n",
        "GET",
    ] {
        assert_ne!(begins(text.as_bytes(), ToServer), Probe::Yes, "{text}");
    }
    assert_eq!(begins(b"ICY 200 OK\r\n", ToClient), Probe::No);
    assert_eq!(begins(b"HTTP/2 200", ToClient), Probe::No);
    assert_eq!(begins(b"GET /", ToServer), Probe::Yes);
    assert_eq!(begins(b"HTT", ToClient), Probe::Maybe);
}

#[test]
fn damage_ends_in_no_panic() {
    damage_does_no_harm(
        WEB,
        &talk(&[
            (
                ToServer,
                "POST /a HTTP/1.1\r\nHost: mp\r\nContent-Length: 3\r\nAuthorization: NTLM TlRM\r\n\r\nabc",
            ),
            (ToClient, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            (ToServer, CONNECT),
            (ToClient, EMPTY),
        ]),
    );
}

#[test]
fn a_request_where_a_body_was_to_come_ends_the_tunnel_as_any_other_does() {
    let turns = [
        (ToServer, "PUT /a HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"),
        (ToClient, "HTTP/1.1 101 x\r\n\r\n"),
        (ToServer, "GET /b HTTP/1.1\r\n"),
        (ToClient, "neither of both\r\n"),
    ];
    assert_eq!(told(&turns), "0>PUT /a 0<101 !unexpected 1>GET /b~");
}

#[test]
fn what_begins_as_a_request_in_a_tunnel_is_taken_for_one_wherever_its_segment_ends() {
    let turns =
        [(ToServer, GET), (ToClient, "HTTP/1.1 101 x\r\n\r\n"), (ToServer, "GET /b is no request line\r\n")];
    assert_eq!(told(&turns), "0>GET /a 0<101 !unexpected");
}
