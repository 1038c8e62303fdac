use capture::Direction::{ToClient, ToServer};
use proptest::prelude::*;

use super::*;
use crate::harness::{Conversation, damage_does_no_harm, events, splits_do_not_matter};
use crate::{Event, Limits};

const FULL: &[u8] = include_bytes!("testdata/full.der");
const DELTA: &[u8] = include_bytes!("testdata/delta.der");
const PLAIN: &str = "text/plain";
const LIST: &str = "application/pkix-crl";

fn answer(status: &str, media: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn fetch(path: &str, answer: Vec<u8>) -> Conversation {
    let request = format!("GET {path} HTTP/1.1\r\nHost: pki.example.test\r\n\r\n");
    vec![(ToServer, request.into_bytes()), (ToClient, answer)]
}

fn read_all(conversation: &Conversation) -> Vec<CrlEvent> {
    let lists = events(80, conversation).into_iter().filter_map(|(_, event)| match event {
        Event::Crl(list) => Some(*list),
        _ => None,
    });
    lists.collect()
}

#[test]
fn a_list_says_who_issued_it_and_how_long_it_holds() {
    let [list] = &read_all(&fetch("/issuing.crl", answer("200 OK", PLAIN, FULL)))[..] else { panic!() };
    assert_eq!((list.form, list.exchange, list.incomplete), (Form::List, Some(0), false));
    assert_eq!(list.issuer, ["DC=test", "DC=example", "CN=Example Issuing CA"]);
    assert_eq!(list.this_update_secs, 1_767_225_600, "2026-01-01");
    assert_eq!(list.next_update_secs, Some(1_767_225_600 + 7 * 86_400));
    assert_eq!((list.revoked, list.delta, list.number.as_deref()), (2, false, Some("2a")));
    assert_eq!(list.authority_key.as_ref().map(String::len), Some(40));
    assert_eq!(&list.der[..], FULL);
    assert_eq!(list.sha256.len(), 64);
}

#[test]
fn a_list_that_stands_by_itself_says_the_same() {
    let [list] = &read_all(&fetch("/issuing.crl", answer("200 OK", PLAIN, FULL)))[..] else { panic!() };
    let alone = CrlEvent::read(FULL).unwrap();
    assert_eq!(alone, CrlEvent { exchange: None, ..list.clone() });
    assert!(CrlEvent::read(&[FULL, DELTA].concat()).is_err(), "the second would be lost");
    assert!(CrlEvent::read(b"no list").is_err());
}

#[test]
fn a_delta_list_is_told_from_a_whole_one() {
    let [list] = &read_all(&fetch("/issuing+.crl", answer("200 OK", LIST, DELTA)))[..] else { panic!() };
    assert!(list.delta && list.form == Form::List);
}

#[test]
fn a_list_is_read_by_its_media_type_whatever_its_path() {
    let lists = read_all(&fetch("/pki?ca=issuing", answer("200 OK", LIST, FULL)));
    assert_eq!(lists.len(), 1);
    assert_eq!((lists[0].exchange, lists[0].form), (Some(0), Form::List));
    assert!(read_all(&fetch("/pki?ca=issuing", answer("200 OK", PLAIN, FULL))).is_empty());
}

#[test]
fn refusals_and_empty_answers_are_no_lists() {
    for answer in [
        answer("404 Not Found", LIST, b"gone"),
        answer("304 Not Modified", LIST, b""),
        answer("206 Partial Content", LIST, FULL),
        answer("200 OK", LIST, b""),
    ] {
        assert_eq!(read_all(&fetch("/issuing.crl", answer)), []);
    }
}

#[test]
fn a_page_in_place_of_a_list_is_told_from_bytes_that_cannot_be_read() {
    let form = |body: &[u8]| read_all(&fetch("/issuing.crl", answer("200 OK", PLAIN, body)))[0].form;
    assert_eq!(form(b"\xEF\xBB\xBF\r\n<!DOCTYPE html><html>"), Form::Page);
    assert_eq!(form(b"<HTML>"), Form::Page);
    assert_eq!(form(b"\x1F\x8B\x08"), Form::Unread);
    assert_eq!(form(&[0x30, 0x03, 0x02, 0x01, 0x05]), Form::Unread);
    assert_eq!(form(b"MIIBPjCB5Q"), Form::Unread);
    assert_eq!(form(&FULL[..FULL.len() - 1]), Form::Other, "cut short by who published it");
    assert_eq!(form(b"not found"), Form::Other);
}

#[test]
fn a_list_beyond_the_limit_is_not_read_and_that_is_said() {
    let mut out = Events::new(Limits { crl: FULL.len() - 1, ..Limits::default() });
    let response = HttpResponse { status_code: 200, ..HttpResponse::default() };
    read(&response, Body { bytes: FULL, incomplete: false }, ToClient, &mut out);
    let said: Vec<_> = out.said().into_iter().map(|(_, event)| event.clone()).collect();
    let [Event::Anomaly(Anomaly::LimitReached { limit: "crl", .. }), Event::Crl(list)] = &said[..] else {
        panic!("{said:?}")
    };
    assert!(list.form == Form::Unread && list.der.is_empty());
}

#[test]
fn a_list_that_was_not_captured_whole_is_not_read() {
    let mut out = Events::new(Limits::default());
    let response = HttpResponse { status_code: 200, ..HttpResponse::default() };
    read(&response, Body { bytes: &FULL[..100], incomplete: true }, ToClient, &mut out);
    let [(_, Event::Crl(list))] = out.said()[..] else { panic!() };
    assert!(list.incomplete && list.form == Form::Unread && list.sha256.is_empty());
}

#[test]
fn segments_and_damage_do_no_harm() {
    let conversation = fetch("/issuing.crl", answer("200 OK", LIST, FULL));
    splits_do_not_matter(80, &conversation);
    damage_does_no_harm(80, &conversation);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        let mut out = Events::new(Limits::default());
        let response = HttpResponse { status_code: 200, ..HttpResponse::default() };
        read(&response, Body { bytes: &bytes, incomplete: false }, ToClient, &mut out);
        prop_assert!(!out.said().is_empty());
    }
}
