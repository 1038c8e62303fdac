//! Events as lines, one of every kind, held against their schema and against what other tools expect.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::schema::{EVENTS, errors, validator};
use super::*;
use crate::report::events::{EventWriter, capture_line, event_line};
use decoders::dcerpc::{DcerpcEvent, Request};
use decoders::dns::DnsMessage;
use decoders::nbns::NbnsMessage;
use decoders::ntlmssp::{Authenticate, NtlmMessage, Response};
use decoders::tls::{Certificate, SentCertificate, TlsEvent};

mod samples;

fn tcp() -> FlowKey {
    key(("10.0.0.20", 50_000), ("2001:db8::1", 445), Transport::Tcp)
}

fn line(event: impl Into<Event>) -> Value {
    let mut out = Vec::new();
    event_line(&record(9, tcp(), event), &["a/b.pcap".to_owned()], &mut out);
    assert_eq!(std::str::from_utf8(&out).unwrap().lines().count(), 1, "one line");
    serde_json::from_slice(&out).unwrap()
}

fn lines(writer: &mut EventWriter, records: &[Record]) -> Vec<Value> {
    let mut out = Vec::new();
    for record in records {
        writer.record(record, &mut out).unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_kind_of_event_is_as_its_schema_says() {
    let validator = validator(EVENTS);
    let mut kinds = BTreeSet::new();
    for event in samples::full().into_iter().chain(samples::empty()) {
        let mut writer = EventWriter::new(vec!["a/b.pcap".to_owned()], &Limits::default());
        let call = DcerpcEvent::Request(Box::new(Request { opnum: 12, ..Request::default() }));
        let records = [record(9, tcp(), call), record(9, tcp(), event)];
        for line in lines(&mut writer, &records) {
            assert_eq!(errors(&validator, &line), [""; 0], "{line}");
            kinds.insert(line["event"].as_str().unwrap().to_owned());
        }
    }
    let mut out = Vec::new();
    capture_line("a/b.pcap", 9, &["cut short".to_owned()], &mut out);
    let capture: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(errors(&validator, &capture), [""; 0]);
    kinds.insert("capture".to_owned());
    let schema: Value = serde_json::from_str(EVENTS).unwrap();
    let named = schema["properties"]["event"]["enum"].as_array().unwrap();
    let named: BTreeSet<String> = named.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, named, "the schema names every kind, and none that is never written");
}

#[test]
fn the_event_schema_refuses_fields_of_another_kind() {
    let validator = validator(EVENTS);
    let good = line(TlsEvent::CertificateRequest);
    assert!(validator.is_valid(&good));
    for (name, value) in [("method", json!("GET")), ("frame", json!("9")), ("event", json!("nonsense"))] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(!validator.is_valid(&bad), "{name}");
    }
}

#[test]
fn a_line_says_when_where_and_between_whom() {
    assert_eq!(
        line(TlsEvent::ClientAuth { certificates: 0 }),
        json!({
            "event": "tls_client_auth", "ts": 1_769_903_999.000_005, "capture": "a/b.pcap", "frame": 9,
            "community_id": crate::report::community_id(&tcp()), "flow_id": 9, "proto": "tcp",
            "orig_h": "10.0.0.20", "orig_p": 50_000, "resp_h": "2001:db8::1", "resp_p": 445,
            "from": "orig", "certificates": 0,
        })
    );
}

#[test]
fn operations_are_told_once_when_their_flow_ends() {
    let mut writer = EventWriter::new(Vec::new(), &Limits::default());
    let call = |flow: u64, opnum: u16| {
        let request = Request { opnum, ..Request::default() };
        record(flow, tcp(), DcerpcEvent::Request(Box::new(request)))
    };
    let end = |flow| record(flow, tcp(), Event::Flow(samples::flow_end()));
    let told =
        lines(&mut writer, &[call(1, 15), call(2, 3), call(1, 12), call(1, 15), end(1), end(2), end(1)]);
    let told: Vec<&Value> = told.iter().filter(|line| line["event"] == "dcerpc_requests").collect();
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["flow_id"], &told[0]["opnums"]), (&json!(1), &json!([12, 15])));
    assert_eq!((&told[1]["flow_id"], &told[1]["opnums"]), (&json!(2), &json!([3])));
}

#[test]
fn operations_beyond_the_limits_are_counted_and_not_kept() {
    let mut writer = EventWriter::new(Vec::new(), &Limits { table: 1, list: 2, ..Limits::default() });
    let call = |flow: u64, opnum: u16| {
        let request = Request { opnum, ..Request::default() };
        record(flow, tcp(), DcerpcEvent::Request(Box::new(request)))
    };
    lines(&mut writer, &[call(1, 1), call(1, 2), call(1, 3), call(1, 2), call(2, 1)]);
    assert_eq!(writer.refused(), 2, "a third operation, and a second flow");
}

#[test]
fn responses_are_named_as_the_neutral_schema_names_them() {
    for (response, name) in [
        (Response::Anonymous, "none"),
        (Response::Lm, "lm"),
        (Response::LmAndNtlmV1, "ntlmv1"),
        (Response::NtlmV1Ess, "ntlmv1-ess"),
        (Response::NtlmV2, "ntlmv2"),
    ] {
        let message = Authenticate { response, flags: 0x0088_8215, ..Authenticate::default() };
        let line = line(NtlmMessage::Authenticate(Box::new(message)));
        assert_eq!((&line["response"], &line["flags"]), (&json!(name), &json!("0x00888215")));
        assert_eq!(line["nt_response_len"], 0, "a length of nothing is told");
    }
}

#[test]
fn only_messages_about_services_are_dns_srv() {
    let ask = |qtype| DnsMessage {
        query: "_mssms_mp_ps1._tcp.lab.example".to_owned(),
        qtype,
        ..DnsMessage::default()
    };
    assert_eq!(line(ask(33))["event"], "dns_srv");
    let other = line(ask(1));
    assert_eq!(other["event"], "dns");
    assert!(other.get("response").is_none() && other.get("rcode").is_none(), "a query has no rcode");
}

#[test]
fn an_unreadable_certificate_still_has_its_place() {
    let junk = Certificate { unreadable: true, sha256: "ab".repeat(32), ..Certificate::default() };
    let line =
        line(TlsEvent::Certificate(SentCertificate { client: false, index: 1, certificate: junk.into() }));
    assert_eq!(
        (&line["role"], &line["index"], &line["unreadable"]),
        (&json!("server"), &json!(1), &json!(true))
    );
    assert!(line.get("not_after").is_none());
}

#[test]
fn text_of_packets_cannot_break_a_line() {
    let name = "a\n{\"event\":\"x\"}\r\u{2028}\u{0}\"".to_owned();
    let line = line(TftpEvent { opcode: 1, filename: name.clone(), mode: String::new() });
    assert_eq!(line["filename"], name);
}

#[test]
fn a_name_service_packet_without_a_name_claims_none() {
    let wordless = line(NbnsMessage { trn_id: 7, ..NbnsMessage::default() });
    assert!(wordless.get("suffix").is_none() && wordless.get("qtype").is_none());
    let named =
        line(NbnsMessage { name: "MP_PS1".to_owned(), suffix: 0x1a, qtype: 32, ..NbnsMessage::default() });
    assert_eq!((&named["suffix"], &named["qtype"]), (&json!("1a"), &json!(32)));
    let garbled = line(NbnsMessage { qtype: 0x20, ..NbnsMessage::default() });
    assert_eq!(
        (&garbled["name"], &garbled["suffix"], &garbled["qtype"]),
        (&Value::Null, &Value::Null, &json!(32))
    );
}
