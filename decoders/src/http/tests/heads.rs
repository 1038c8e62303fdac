//! Start lines and fields.

use super::*;
use crate::ntlmssp::{Carrier, NtlmMessage};

const NEGOTIATE: &[u8] = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xE2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

#[test]
fn every_method_is_read() {
    for method in ["GET", "CCM_POST", "BITS_POST", "PROPFIND", "M-SEARCH", "RPC_IN_DATA", "X"] {
        let text = format!("{method} /a HTTP/1.1\r\nHost: mp\r\n\r\n");
        assert_eq!(told(&[(ToServer, &text)]), format!("0>{method} /a"));
    }
}

#[test]
fn targets_are_kept_as_sent() {
    for target in ["http://mp.example/SMS_MP/.sms_aut?mplist", "*", "/a%20b?x=/", "mp:443"] {
        assert_eq!(request(&format!("OPTIONS {target} HTTP/1.1\r\n\r\n")).uri, target);
    }
}

#[test]
fn the_fields_that_matter_are_kept() {
    let read = request(
        "CCM_POST /ccm_system/request HTTP/1.1\r\nHost: mp\r\nuser-agent:  ConfigMgr \r\nContent-Type: text/plain\r\n\
         Range: bytes=0-9\r\nContent-Length: 0\r\nClientToken: secret\r\nBITS-Packet-Type: Ping\r\n\r\n",
    );
    assert_eq!((read.host.as_deref(), read.user_agent.as_deref()), (Some("mp"), Some("ConfigMgr")));
    assert_eq!(
        (read.content_type.as_deref(), read.range.as_deref()),
        (Some("text/plain"), Some("bytes=0-9"))
    );
    assert_eq!((read.content_length, read.chunked, read.version.as_str()), (Some(0), false, "HTTP/1.1"));
    assert_eq!(read.markers, ["clienttoken", "bits-packet-type: ping"]);
    let read = response("HTTP/1.1 401 No\r\nServer: IIS\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((read.server.as_deref(), read.location.as_deref()), (Some("IIS"), Some("/b")));
}

#[test]
fn lines_may_end_without_a_carriage_return() {
    let read = request("GET /a HTTP/1.0\nHost: mp\nUser-Agent: x\n\n");
    assert_eq!((read.host.as_deref(), read.version.as_str()), (Some("mp"), "HTTP/1.0"));
}

#[test]
fn empty_lines_before_a_request_are_passed_over() {
    let post = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nab";
    assert_eq!(told(&[(ToServer, post), (ToServer, "\r\n\nGET /b HTTP/1.1\r\n\r\n")]), "0>POST /a 1>GET /b");
}

#[test]
fn a_broken_field_is_said_and_hides_no_other() {
    let text = "GET / HTTP/1.1\r\nno colon\r\nHost: mp\r\n folded\r\nUser-Agent: x\r\n\r\n";
    assert_eq!(told(&[(ToServer, text)]), "0>GET / !header field");
    assert_eq!((request(text).host.as_deref(), request(text).user_agent.as_deref()), (Some("mp"), Some("x")));
}

#[test]
fn lengths_that_contradict_each_other_are_said() {
    for fields in [
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "Content-Length: 1, 2\r\n\r\na",
        "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: +1\r\n\r\n",
    ] {
        let text = format!("POST / HTTP/1.1\r\n{fields}GET /b HTTP/1.1\r\n\r\n");
        assert_eq!(told(&[(ToServer, &text)]), "0>POST / !content-length 1>GET /b", "{fields}");
    }
}

#[test]
fn schemes_are_told_and_credentials_are_not() {
    let text = "GET / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\nProxy-Authorization: Digest nonce=c2VjcmV0\r\n\r\n";
    let read = request(text);
    assert_eq!(
        (read.auth_scheme.as_deref(), read.proxy_auth_scheme.as_deref()),
        (Some("basic"), Some("digest"))
    );
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, text);
    assert!(!format!("{:?}", feed.dispatch.records).contains("c2VjcmV0"));
}

#[test]
fn challenges_are_told_in_order() {
    let read = response(
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Digest realm=\"a, NTLM b\", qop=auth, \
         NTLM\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
    );
    assert_eq!(read.auth_offered, ["negotiate", "digest", "ntlm", "basic"]);
}

#[test]
fn tokens_go_to_their_reader_both_ways() {
    let token = base64::engine::general_purpose::STANDARD.encode(NEGOTIATE);
    let challenge =
        [&b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0\x05\x02\x89\xE2ABCDEFGH"[..], &[0; 24]].concat();
    let challenge = base64::engine::general_purpose::STANDARD.encode(challenge);
    for (asks, offers) in
        [("Authorization", "WWW-Authenticate"), ("Proxy-Authorization", "Proxy-Authenticate")]
    {
        for scheme in ["NTLM", "Negotiate"] {
            let ask = format!("GET / HTTP/1.1\r\n{asks}: {scheme} {token}\r\n\r\n");
            let answer =
                format!("HTTP/1.1 401 No\r\n{offers}: {scheme} {challenge}\r\nContent-Length: 0\r\n\r\n");
            let events = harness::events(WEB, &talk(&[(ToServer, &ask), (ToClient, &answer)]));
            let [_, (ToServer, Event::Ntlmssp(ask)), _, (ToClient, Event::Ntlmssp(answer))] =
                events.as_slice()
            else {
                panic!("{events:?}")
            };
            assert!(matches!(ask, NtlmMessage::Negotiate(read) if read.carrier == Carrier::Http));
            assert!(matches!(answer, NtlmMessage::Challenge(read) if read.carrier == Carrier::Http));
        }
    }
}

#[test]
fn a_head_of_more_than_the_limit_is_read_as_far_as_it() {
    let limits = Limits { http_head: 64, ..Limits::default() };
    let mut feed = Feed::new(Origin::Syn, limits);
    feed.text(ToServer, &format!("GET /a HTTP/1.1\r\nHost: mp\r\nX: {}\r\n\r\n", "x".repeat(90)));
    assert_eq!(feed.story(), "0>GET /a~ !http_head");
    feed.text(ToServer, "GET /b HTTP/1.1\r\n\r\n");
    assert_eq!(feed.story(), "0>GET /a~ !http_head 1>GET /b");
}

#[test]
fn fields_beyond_the_limit_are_not_read() {
    let mut feed = Feed::new(Origin::Syn, Limits { http_headers: 2, ..Limits::default() });
    feed.text(ToServer, "GET /a HTTP/1.1\r\nA: 1\r\nB: 2\r\nHost: mp\r\n\r\n");
    assert_eq!(feed.story(), "0>GET /a !http_headers");
}

#[test]
fn a_head_that_the_capture_lost_the_end_of_is_told_as_cut() {
    let mut feed = Feed::new(Origin::Syn, Limits::default());
    feed.text(ToServer, "GET /a HTTP/1.1\r\nHost: mp\r\nUser-Ag").gap(ToServer, 100);
    assert_eq!(feed.story(), "0>GET /a~");
    feed.text(ToServer, "tail\r\n\r\n").text(ToServer, "GET /b HTTP/1.1\r\n\r\n");
    assert_eq!(feed.story(), "0>GET /a~ 1>GET /b");
}
