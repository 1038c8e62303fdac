use capture::Direction;
use proptest::prelude::*;

use super::sample::*;
use crate::Limits;
use crate::ccm::*;

fn with_limits(limits: Limits, bytes: &[u8]) -> (CcmMessage, Vec<Anomaly>) {
    let mut out = Events::new(limits);
    let _ = read_request(&request(), Body { bytes, incomplete: false }, Direction::ToServer, &mut out);
    message_of(&out)
}

fn reached(limit: &'static str) -> Anomaly {
    Anomaly::LimitReached { protocol: "ccm", limit }
}

#[test]
fn a_zlib_bomb_stops_at_the_limit_and_is_reported() {
    let bomb = zlib(&payload(&format!("<Status>{}</Status>", " ".repeat(1 << 20))));
    assert!(bomb.len() < 1 << 14);
    let limits = Limits { inflated: 64 << 10, ..Limits::default() };
    let (message, anomalies) = with_limits(limits, &body(&header("StatusReceiver", ZLIB_HOOK), &bomb));
    assert_eq!(anomalies, [reached("inflated")]);
    assert_eq!(message.compression, Compression::Zlib);

    let inflated = payload::inflate(&bomb, 1000);
    assert_eq!(inflated.bytes.len(), 1000);
    assert_eq!(payload::inflate(&zlib(b"abc"), 3).error, None, "exactly the limit is no bomb");
}

#[test]
fn deep_xml_stops_at_the_limit_and_is_reported() {
    let deep = format!("<Status>{}", "<a>".repeat(100_000));
    let (message, anomalies) =
        with_limits(Limits::default(), &body(&header("StatusReceiver", ""), &payload(&deep)));
    assert_eq!(anomalies, [reached("xml_depth")]);
    assert!(matches!(message.content, Content::Status(_)));
}

#[test]
fn wide_xml_stops_at_the_limit_and_is_reported() {
    let limits = Limits { xml_nodes: 100, ..Limits::default() };
    let elements = format!("<Status>{}</Status>", "<a/>".repeat(200));
    let attributes = format!("<Status {} />", "a='' ".repeat(200));
    let comments = format!("<Status>{}</Status>", "<!---->".repeat(200));
    let references = format!("<Status>{}</Status>", "&lt;".repeat(200));
    for text in [elements, attributes, comments, references] {
        let (_, anomalies) = with_limits(limits, &body(&header("StatusReceiver", ""), &payload(&text)));
        assert_eq!(anomalies, [reached("xml_nodes")]);
    }
}

#[test]
fn document_types_and_custom_entities_are_refused() {
    let billion = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Status><Type>&b;</Type></Status>";
    let custom = "<Status><Type>&b;</Type></Status>";
    let attribute = "<Status a=\"&b;\"><Type>x</Type></Status>";
    for text in [billion, custom, attribute] {
        let (message, anomalies) =
            with_limits(Limits::default(), &body(&header("StatusReceiver", ""), &payload(text)));
        assert!(matches!(anomalies[..], [Anomaly::Malformed(_)]), "{text}");
        let class = if let Content::Status(status) = message.content { status.class } else { None };
        assert_eq!(class, None, "{text}");
    }
    let known =
        message(&body(&header("StatusReceiver", ""), &payload("<Status><Type>a&lt;&#x42;</Type></Status>")));
    let Content::Status(status) = known.content else { panic!() };
    assert_eq!(status.class.as_deref(), Some("a<B"));
}

#[test]
fn too_many_parts_are_reported() {
    let bytes = format!("{}--x--", "--x\r\n\r\n\r\n".repeat(100)).into_bytes();
    let (_, anomalies) = with_limits(Limits::default(), &bytes);
    assert!(anomalies.contains(&reached("multipart_parts")), "{anomalies:?}");
}

#[test]
fn long_text_is_cut_in_events() {
    let long = "A".repeat(60_000);
    let sent = message(&body(&header(&long, ""), &payload(&format!("<Status><Type>{long}</Type></Status>"))));
    let Content::Status(status) = sent.content else { panic!() };
    let most = Limits::default().text + '…'.len_utf8();
    assert_eq!(status.class.unwrap().len(), most);
    assert_eq!(sent.header.unwrap().target_endpoint.unwrap().len(), most);
}

#[test]
fn a_broken_header_says_nothing_about_signatures() {
    let broken = header("StatusReceiver", "").replace("</Msg>", "");
    let (message, anomalies) = with_limits(Limits::default(), &body(&broken, &payload(STATUS)));
    assert!(matches!(anomalies[..], [Anomaly::Malformed(_)]), "{anomalies:?}");
    assert_eq!(message.signature.verdict, Verdict::NotVerifiable("header unreadable"));
    assert_eq!(message.header.unwrap().target_endpoint.as_deref(), Some("StatusReceiver"));
}

#[test]
fn what_is_no_multipart_is_reported_and_still_a_message() {
    for bytes in [&b"garbage"[..], b"--", b"--x", b"--x\r\n", b"--x\r\n\r\n", b"\r\n\r\n", &[0; 4096]] {
        let (message, anomalies) = with_limits(Limits::default(), bytes);
        assert!(!anomalies.is_empty(), "{bytes:?}");
        assert_eq!(message.content, Content::Unread);
        assert_ne!(message.signature.verdict, Verdict::Absent, "nothing was read that could be unsigned");
    }
}

fn signed_body() -> Vec<u8> {
    let bytes = zlib(&payload(STATUS));
    body(&header("StatusReceiver", &format!("{}{ZLIB_HOOK}", ClientAuth::over(&bytes).hook())), &bytes)
}

/// Reads bytes as everything that they could be.
fn read_as_anything(bytes: &[u8]) {
    for (method, uri) in [
        ("CCM_POST", "/ccm_system/request"),
        ("POST", "/SMS_FSP/.sms_fsp"),
        ("CCM_POST", "/bgb/handler.ashx"),
        ("GET", "/SMS_MP/.sms_aut?MPLIST"),
    ] {
        for incomplete in [false, true] {
            let request = HttpRequest { method: method.to_owned(), uri: uri.to_owned(), ..request() };
            let mut out = Events::new(Limits::default());
            let asked = read_request(&request, Body { bytes, incomplete }, Direction::ToServer, &mut out);
            let body = Body { bytes, incomplete };
            read_response(&request, &asked, &response(), body, Direction::ToClient, &mut out);
            assert!(out.said().len() < 16);
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_does_no_harm() {
    let whole = signed_body();
    for place in (0..whole.len()).step_by(29) {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x11;
        read_as_anything(&flipped);
    }
}

#[test]
fn a_flipped_bit_in_the_payload_never_verifies() {
    let whole = signed_body();
    let delimiter = format!("\r\n--{BOUNDARY}--").len();
    let payload = zlib(&payload(STATUS)).len();
    let end = whole.len() - delimiter;
    for place in (end - payload..end).step_by(3) {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x10;
        let (message, _) = message_of(&said(&request(), &flipped, false));
        assert_eq!(message.signature.verdict, Verdict::Invalid, "{place}");
    }
}

#[test]
fn prefixes_do_no_harm() {
    let whole = signed_body();
    for end in (0..whole.len()).step_by(31) {
        read_as_anything(&whole[..end]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_as_anything(&bytes);
    }

    #[test]
    fn any_header_text_does_no_harm(hooks in "[<>/&;#\"=a-zA-Z ]{0,80}", text in "[<>/&;!\\[\\]\"=a-z \u{0}\u{fffd}]{0,80}") {
        read_as_anything(&body(&header("MP_PolicyManager", &hooks), &payload(&text)));
    }

    #[test]
    fn what_is_built_is_read(text in "[a-zA-Z0-9 ]{1,200}") {
        let bytes = payload(&format!("<Status><Type>x{text}x</Type></Status>"));
        let sent = message(&body(&header("StatusReceiver", ZLIB_HOOK), &zlib(&bytes)));
        let Content::Status(status) = sent.content else { panic!() };
        prop_assert_eq!(status.class, Some(format!("x{text}x")));
    }

    #[test]
    fn any_path_does_no_harm(uri in "\\PC{0,80}") {
        let _ = place(&uri);
        let _ = site_query(&uri);
    }
}

#[test]
fn full_lists_are_reported() {
    let limits = Limits { list_items: 3, ..Limits::default() };
    let topics = |count: usize| {
        let messages =
            [1, 2, 3, 4].map(|topic| format!("<StateMessage><Topic Type=\"{topic}\" /></StateMessage>"));
        let messages = messages.get(..count).unwrap().concat();
        with_limits(
            limits,
            &body(&header("MP_RelayEndpoint", ""), &payload(&format!("<Report>{messages}</Report>"))),
        )
    };
    let (message, anomalies) = topics(4);
    assert_eq!(anomalies, [reached("list_items")]);
    let Content::State(report) = message.content else { panic!() };
    assert_eq!((report.topic_types.len(), report.state_messages), (3, 4));
    assert_eq!(topics(3).1, []);

    let hooks = "<Hook Name=\"x\" />".repeat(4);
    let (message, anomalies) =
        with_limits(limits, &body(&header("StatusReceiver", &hooks), &payload(STATUS)));
    assert_eq!(anomalies, [reached("list_items")]);
    assert_eq!(message.header.unwrap().hooks.len(), 3);
}

#[test]
fn a_hook_in_the_wrong_place_is_no_signature() {
    let bytes = payload(STATUS);
    let misplaced = header("StatusReceiver", "").replace(
        "<Timeout>",
        &format!("<Elsewhere>{}</Elsewhere><Timeout>", ClientAuth::over(&bytes).hook()),
    );
    assert_eq!(message(&body(&misplaced, &bytes)).signature, Signature::default());
}
