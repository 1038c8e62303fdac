//! Header blocks: how they come, what they say, what is wrong with them.

use super::*;

/// The first request that follows the prefaces.
fn request(fields: &[(&str, &str)]) -> HttpRequest {
    let events = harness::events(PORT, &after(&[(ToServer, &[frame(HEADERS, WHOLE, 1, &block(fields))])]));
    match events.into_iter().next() {
        Some((_, Event::Http(HttpEvent::Request(request)))) => *request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn request_says_the_same_as_in_the_other_version() {
    let read = request(&[
        (":method", "CCM_POST"),
        (":scheme", "https"),
        (":authority", "mp.example.test"),
        (":path", "/ccm_system/request"),
        ("user-agent", "ConfigMgr Messaging HTTP Sender"),
        ("content-type", "multipart/mixed"),
        ("content-length", "12"),
        ("authorization", "Basic c2VjcmV0"),
        ("ccmclientid", "GUID:1"),
        ("transfer-encoding", "chunked"),
    ]);
    let expected = HttpRequest {
        exchange: 0,
        method: "CCM_POST".into(),
        uri: "/ccm_system/request".into(),
        version: "HTTP/2".into(),
        framing: Framing::Http2,
        host: Some("mp.example.test".into()),
        user_agent: Some("ConfigMgr Messaging HTTP Sender".into()),
        auth_scheme: Some("basic".into()),
        content_type: Some("multipart/mixed".into()),
        content_length: Some(12),
        markers: vec!["ccmclientid".into()],
        ..HttpRequest::default()
    };
    assert_eq!(read, expected);
}

#[test]
fn host_counts_where_there_is_no_authority() {
    let read = request(&[(":method", "GET"), (":path", "/"), ("host", "old.example.test")]);
    assert_eq!(read.host.as_deref(), Some("old.example.test"));
}

#[test]
fn target_of_connect_is_its_authority() {
    assert_eq!(request(&[(":method", "CONNECT"), (":authority", "mp:443")]).uri, "mp:443");
}

#[test]
fn response_says_the_same_as_in_the_other_version() {
    let fields = [
        (":status", "401"),
        ("server", "IIS"),
        ("www-authenticate", "Negotiate"),
        ("www-authenticate", "NTLM"),
    ];
    let turns: [(_, &[Vec<u8>]); 2] =
        [(ToServer, &[get(1, "/a")]), (ToClient, &[frame(HEADERS, WHOLE, 1, &block(&fields))])];
    let events = harness::events(PORT, &after(&turns));
    let Some((ToClient, Event::Http(HttpEvent::Response(response)))) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!((response.exchange, response.status_code, response.framing), (Some(0), 401, Framing::Http2));
    assert_eq!(response.server.as_deref(), Some("IIS"));
    assert_eq!(response.auth_offered, ["negotiate", "ntlm"]);
}

#[test]
fn tokens_go_to_their_reader() {
    let token = "NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==";
    let fields = [(":method", "GET"), (":path", "/"), ("authorization", token)];
    let events = harness::events(PORT, &after(&[(ToServer, &[frame(HEADERS, WHOLE, 1, &block(&fields))])]));
    assert!(matches!(events.as_slice(), [(_, Event::Http(_)), (ToServer, Event::Ntlmssp(_))]), "{events:?}");
}

#[test]
fn priority_padding_and_continuation_change_nothing() {
    let fields = block(&[(":method", "GET"), (":path", "/a")]);
    let (first, second) = fields.split_at(9);
    let mut payload = vec![3, 0x80, 0, 0, 0, 15];
    payload.extend(first);
    payload.extend([0; 3]);
    let frames = [
        frame(HEADERS, END_STREAM | 0x08 | 0x20, 1, &payload),
        frame(CONTINUATION, 0, 1, &[]),
        frame(CONTINUATION, END_HEADERS, 1, second),
        get(3, "/b"),
    ];
    assert_eq!(told(&[(ToServer, &frames)]), "0>GET /a 1>GET /b");
}

#[test]
fn padding_longer_than_its_frame_is_malformed() {
    let frames = [frame(HEADERS, WHOLE | 8, 1, &[200, 0x82, 0x84]), get(3, "/b")];
    assert_eq!(told(&[(ToServer, &frames)]), "!pad length !unexpected 0>GET /b");
}

#[test]
fn other_frame_inside_a_header_block_is_said() {
    let fields = block(&[(":method", "GET"), (":path", "/a")]);
    let frames = [frame(HEADERS, END_STREAM, 1, &fields), get(3, "/b")];
    assert_eq!(told(&[(ToServer, &frames)]), "!unexpected 0>GET /a~ 1>GET /b");
    let frames = [get(1, "/a"), frame(CONTINUATION, END_HEADERS, 1, &[0x82]), get(3, "/b")];
    assert_eq!(told(&[(ToServer, &frames)]), "0>GET /a !unexpected 1>GET /b");
}

#[test]
fn trailers_are_no_second_message() {
    let trailer = block(&[("x-checksum", "1")]);
    let story = told(&[
        (ToServer, &[post(1, "/a"), frame(DATA, 0, 1, b"ab"), frame(HEADERS, WHOLE, 1, &trailer)]),
        (
            ToClient,
            &[answer(END_HEADERS, 1, "200"), frame(DATA, 0, 1, b"ok"), frame(HEADERS, WHOLE, 1, &trailer)],
        ),
    ]);
    assert_eq!(story, "0>POST /a 0<200");
}

#[test]
fn head_without_its_pseudo_fields_is_malformed() {
    let fields = block(&[("host", "mp")]);
    assert_eq!(told(&[(ToServer, &[frame(HEADERS, WHOLE, 1, &fields)])]), "!:method");
    let fields = block(&[(":method", "GET")]);
    assert_eq!(told(&[(ToServer, &[frame(HEADERS, WHOLE, 1, &fields)])]), "!:path");
    for fields in [[("server", "x")], [(":status", "20")], [(":status", "two")]] {
        let turns: [(_, &[Vec<u8>]); 2] =
            [(ToServer, &[get(1, "/a")]), (ToClient, &[frame(HEADERS, WHOLE, 1, &block(&fields))])];
        assert_eq!(told(&turns), "0>GET /a !:status");
    }
}

#[test]
fn broken_block_gives_what_stands_before_the_fault() {
    let mut fields = block(&[(":method", "GET"), (":path", "/a")]);
    fields.extend([0x80, 0x86]);
    let frames = [frame(HEADERS, WHOLE, 1, &fields), get(3, "/b")];
    assert_eq!(told(&[(ToServer, &frames)]), "0>GET /a~ !index 1>GET /b");
}

#[test]
fn header_block_of_more_than_the_limit_is_read_as_far_as_it() {
    let long = "x".repeat(200);
    let fields = block(&[(":method", "GET"), (":path", "/a")]);
    let more = frame(CONTINUATION, 0, 1, &block(&[("a", long.as_str())]));
    let limits = Limits { http2_header_block: 512, ..Limits::default() };
    let mut turns = vec![frame(HEADERS, END_STREAM, 1, &fields)];
    turns.extend(std::iter::repeat_n(more, 5));
    turns.extend([frame(CONTINUATION, END_HEADERS, 1, &[]), get(3, "/b")]);
    assert_eq!(collected(&[(ToServer, &turns)], limits), "!http2_header_block 0>GET /a~ 99>  1>GET /b 99> ");
}

#[test]
fn header_list_of_more_than_the_limit_is_cut_there() {
    let limits = Limits { http2_header_list: 120, ..Limits::default() };
    let fields = block(&[(":method", "GET"), (":path", "/a"), ("user-agent", "x"), ("host", "mp")]);
    let turns = [frame(HEADERS, END_HEADERS, 1, &fields)];
    let story = collected(&[(ToServer, &turns)], limits);
    assert_eq!(story, "0>GET /a~ !http2_header_list 99> ~");
}

#[test]
fn more_fields_than_the_limit_are_not_read() {
    let limits = Limits { http_headers: 1, ..Limits::default() };
    let fields = block(&[(":method", "GET"), (":path", "/a"), ("a", "1"), ("b", "2")]);
    let story = collected(&[(ToServer, &[frame(HEADERS, END_HEADERS, 1, &fields)])], limits);
    assert_eq!(story, "0>GET /a !http_headers 99> ~");
}

#[test]
fn table_larger_than_ours_or_than_allowed_is_said_once() {
    let mut fields = vec![0x3F, 0xE1, 0xFF, 0x03];
    fields.extend(block(&[(":method", "GET"), (":path", "/a")]));
    let again = |stream| frame(HEADERS, WHOLE, stream, &fields);
    assert_eq!(told(&[(ToServer, &[again(1), again(3)])]), "0>GET /a !table size 1>GET /a");
    let limits = Limits { http2_table: 4_096, ..Limits::default() };
    let allows = frame(SETTINGS, 0, 0, &[0, 1, 0, 1, 0, 0]);
    let story = collected(&[(ToClient, &[allows]), (ToServer, &[again(1), again(3)])], limits);
    assert_eq!(story, "0>GET /a !http2_table 99>  1>GET /a 99> ");
}
