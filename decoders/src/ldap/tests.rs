use capture::Direction::{self, ToClient, ToServer};
use proptest::prelude::*;

use super::wire::{probe, unwrap};
use super::*;
use crate::decoder::Probe;
use crate::harness::{
    self, Conversation, damage_does_no_harm, damage_does_no_harm_to_datagrams, splits_do_not_matter,
};
use crate::ntlmssp::tests::authenticate_message;
use crate::ntlmssp::{Carrier, NtlmMessage};
use crate::spnego::tests::tlv;
use crate::{Event, Limits};

const LDAP: u16 = 389;
const NEGOTIATE: &[u8] = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xE2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn message(id: u8, operation: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[2, 1, id], operation])
}

/// The same, with the length in four bytes as Windows writes it.
fn windows_message(id: u8, operation: &[u8]) -> Vec<u8> {
    let content = [&[2, 1, id][..], operation].concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[0x30, 0x84], length.as_slice(), &content].concat()
}

fn bind(name: &[u8], choice: &[u8]) -> Vec<u8> {
    message(1, &tlv(0x60, &[&[2, 1, 3], &tlv(4, &[name]), choice]))
}

fn sasl(mechanism: &[u8], token: &[u8]) -> Vec<u8> {
    bind(b"", &tlv(0xA3, &[&tlv(4, &[mechanism]), &tlv(4, &[token])]))
}

fn result(id: u8, tag: u8, code: u8, rest: &[u8]) -> Vec<u8> {
    message(id, &tlv(tag, &[&[0x0A, 1, code], &[4, 0, 4, 0], rest]))
}

fn equal(name: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(0xA3, &[&tlv(4, &[name]), &tlv(4, &[value])])
}

fn search_operation(base: &[u8], filter: &[u8]) -> Vec<u8> {
    let fixed = [0x0A, 1, 2, 0x0A, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];
    let attributes = tlv(0x30, &[&tlv(4, &[b"mSSMSMPName"]), &tlv(4, &[b"dNSHostName"])]);
    tlv(0x63, &[&tlv(4, &[base]), &fixed, filter, &attributes])
}

/// The search that a client of site PS1 makes for its management points.
fn management_points() -> Vec<u8> {
    let filter =
        tlv(0xA0, &[&equal(b"ObjectCategory", b"mSSMSManagementPoint"), &equal(b"mSSMSSiteCode", b"PS1")]);
    search_operation(b"CN=System Management,CN=System,DC=example,DC=com", &filter)
}

fn entry(id: u8, size: usize) -> Vec<u8> {
    let value = vec![b'x'; size];
    message(id, &tlv(0x64, &[&tlv(4, &[b"CN=x"]), &tlv(0x30, &[&tlv(0x30, &[&tlv(4, &[&value])])])]))
}

fn buffer(token: &[u8]) -> Vec<u8> {
    [&u32::try_from(token.len()).unwrap().to_be_bytes()[..], token].concat()
}

/// A Kerberos wrap token with a checksum of four bytes, before the messages where `rotated`.
fn wrapped(flags: u8, messages: &[u8], rotated: bool) -> Vec<u8> {
    let rrc = if rotated { 4 } else { 0 };
    let head = [5, 4, flags, 0xFF, 0, 4, 0, rrc, 0, 0, 0, 0, 0, 0, 0, 1];
    let sum = [0xC5; 4];
    if rotated { [&head[..], &sum, messages].concat() } else { [&head[..], messages, &sum].concat() }
}

fn read(conversation: &Conversation) -> Vec<LdapEvent> {
    let all = harness::events(LDAP, conversation);
    all.into_iter()
        .filter_map(|(_, event)| if let Event::Ldap(event) = event { Some(event) } else { None })
        .collect()
}

fn one(direction: Direction, message: Vec<u8>) -> Vec<LdapEvent> {
    read(&vec![(direction, message)])
}

fn the_search() -> LdapEvent {
    LdapEvent::Search {
        base: "CN=System Management,CN=System,DC=example,DC=com".into(),
        scope: 2,
        filter: "(&(ObjectCategory=mSSMSManagementPoint)(mSSMSSiteCode=PS1))".into(),
        filter_attributes: vec!["ObjectCategory".into(), "mSSMSSiteCode".into()],
        classes: vec!["mSSMSManagementPoint".into()],
        attributes: vec!["mSSMSMPName".into(), "dNSHostName".into()],
    }
}

#[test]
fn a_search_says_its_base_and_what_its_filter_asks_about() {
    assert_eq!(one(ToServer, message(2, &management_points())), [the_search()]);
    assert_eq!(one(ToServer, windows_message(2, &management_points())), [the_search()]);
}

/// The text told of a filter.
fn text(filter: &[u8]) -> String {
    let mut events = one(ToServer, message(2, &search_operation(b"", filter)));
    let Some(LdapEvent::Search { filter, .. }) = events.pop() else { panic!("{events:?}") };
    filter
}

fn substrings(name: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    tlv(0xA4, &[&tlv(4, &[name]), &tlv(0x30, parts)])
}

#[test]
fn every_kind_of_filter_has_its_text() {
    let comparison = |tag| tlv(tag, &[&tlv(4, &[b"a"]), &tlv(4, &[b"v"])]);
    assert_eq!(text(&comparison(0xA3)), "(a=v)");
    assert_eq!(text(&comparison(0xA5)), "(a>=v)");
    assert_eq!(text(&comparison(0xA6)), "(a<=v)");
    assert_eq!(text(&comparison(0xA8)), "(a~=v)");
    assert_eq!(text(&tlv(0x87, &[b"objectClass"])), "(objectClass=*)");
    let both = [comparison(0xA3), comparison(0xA5)].concat();
    assert_eq!(text(&tlv(0xA1, &[&both])), "(|(a=v)(a>=v))");
    assert_eq!(text(&tlv(0xA2, &[&tlv(0xA0, &[&both])])), "(!(&(a=v)(a>=v)))");
    assert_eq!(text(&tlv(0xA0, &[])), "(&)", "the absolute true of RFC 4526");
}

#[test]
fn substrings_have_a_star_wherever_something_may_stand() {
    let [first, any, last] = [tlv(0x80, &[b"i"]), tlv(0x81, &[b"m"]), tlv(0x82, &[b"f"])];
    assert_eq!(text(&substrings(b"cn", &[&first])), "(cn=i*)");
    assert_eq!(text(&substrings(b"cn", &[&any])), "(cn=*m*)");
    assert_eq!(text(&substrings(b"cn", &[&last])), "(cn=*f)");
    assert_eq!(text(&substrings(b"cn", &[&first, &any, &any, &last])), "(cn=i*m*m*f)");
}

#[test]
fn extensible_matches_leave_out_what_they_lack() {
    let [rule, name, value] = [tlv(0x81, &[b"1.2.3"]), tlv(0x82, &[b"flags"]), tlv(0x83, &[b"2"])];
    assert_eq!(text(&tlv(0xA9, &[&rule, &name, &value])), "(flags:1.2.3:=2)");
    assert_eq!(text(&tlv(0xA9, &[&rule, &name, &value, &[0x84, 1, 0xFF]])), "(flags:dn:1.2.3:=2)");
    assert_eq!(text(&tlv(0xA9, &[&rule, &value, &[0x84, 1, 0]])), "(:1.2.3:=2)");
    assert_eq!(text(&tlv(0xA9, &[&name, &value])), "(flags:=2)");
    assert_eq!(text(&tlv(0xA9, &[&rule, &name])), "", "there is no match without a value");
}

#[test]
fn values_that_are_no_plain_text_are_escaped() {
    assert_eq!(text(&equal(b"NtVer", &[0x16, 0, 0, 0x20])), r"(NtVer=\16\00\00 )");
    assert_eq!(text(&equal(b"cn", b"a*(b)\\")), r"(cn=a\2a\28b\29\5c)");
    assert_eq!(text(&equal(b"cn", "Müller\u{7f}".as_bytes())), r"(cn=Müller\7f)");
    assert_eq!(text(&equal(b"guid", &[0xFF, b'x', 0xC3])), r"(guid=\ffx\c3)");
}

#[test]
fn passwords_in_filters_are_left_out() {
    let password = tlv(0xA0, &[&equal(b"uid", b"jdoe"), &equal(b"userpassword;x", b"hunter2")]);
    assert_eq!(text(&password), "(&(uid=jdoe)(userpassword;x=…))");
    assert_eq!(text(&substrings(b"unicodePwd", &[&tlv(0x80, &[b"hun"])])), "(unicodePwd=…*)");
}

#[test]
fn a_filter_nested_too_deep_has_no_text() {
    let nest = |depth| (0..depth).fold(equal(b"a", b"v"), |inner, _| tlv(0xA2, &[&inner]));
    assert_eq!(text(&nest(3)), "(!(!(!(a=v))))");
    assert_eq!(text(&nest(Limits::default().der_depth)), "", "half a filter would be another one");
}

#[test]
fn the_text_of_a_long_filter_is_cut_with_a_mark() {
    let filter = equal(b"a", &vec![0xFF; 4_000]);
    let cut = text(&filter);
    assert!(cut.len() <= Limits::default().text + '…'.len_utf8() && cut.ends_with('…'), "{}", cut.len());
}

#[test]
fn every_kind_of_filter_names_its_attributes_once() {
    let named = |tag, name: &[u8]| tlv(tag, &[&tlv(4, &[name]), &tlv(4, &[b"v"])]);
    let kinds = [
        named(0xA3, b"a"),
        tlv(0xA4, &[&tlv(4, &[b"b"]), &tlv(0x30, &[&tlv(0x80, &[b"v"])])]),
        named(0xA5, b"c"),
        named(0xA6, b"d"),
        tlv(0x87, &[b"e"]),
        named(0xA8, b"f"),
        tlv(0xA9, &[&tlv(0x81, &[b"1.2"]), &tlv(0x82, &[b"g"]), &tlv(0x83, &[b"v"])]),
        named(0xA3, b"a"),
    ];
    let filter = tlv(0xA1, &[&tlv(0xA2, &[&tlv(0xA0, &[&kinds.concat()])])]);
    let events = one(ToServer, message(2, &search_operation(b"", &filter)));
    let [LdapEvent::Search { filter_attributes, classes, .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(filter_attributes.concat(), "abcdefg");
    assert!(classes.is_empty());
}

#[test]
fn a_filter_nested_too_deep_is_read_as_far_as_the_limit() {
    let filter = (0..200).fold(equal(b"a", b"b"), |inner, _| tlv(0xA2, &[&inner]));
    let events = harness::events(LDAP, &vec![(ToServer, message(2, &search_operation(b"DC=x", &filter)))]);
    assert!(
        events
            .iter()
            .any(|(_, event)| matches!(event, Event::Ldap(LdapEvent::Search { base, .. }) if base == "DC=x"))
    );
    let limited = events.iter().any(|(_, event)| {
        matches!(event, Event::Anomaly(Anomaly::Malformed(error)) if error.kind == ErrorKind::Limit("der_depth"))
    });
    assert!(limited, "{events:?}");
}

#[test]
fn entries_are_counted_for_each_search() {
    let server = [entry(2, 10), entry(3, 400), result(9, 0x73, 0, &[]), entry(2, 0)].concat();
    let ends = [result(2, 0x65, 0, &[]), result(3, 0x65, 4, &[]), result(4, 0x65, 32, &[])].concat();
    let done = |code, entries| LdapEvent::SearchDone { code, entries };
    let conversation =
        vec![(ToServer, message(2, &management_points())), (ToClient, [server, ends].concat())];
    assert_eq!(read(&conversation), [the_search(), done(0, 2), done(4, 1), done(32, 0)]);
}

#[test]
fn a_large_entry_is_skipped_by_its_length() {
    let entry = entry(2, 3 << 10);
    let mut out = Events::new(Limits::default());
    let mut directory = Directory::default();
    let outcome = directory.feed(ToClient, Input::Data(&entry[..20]), &mut out);
    assert_eq!(outcome, Outcome::Skip(entry.len() as u64));
    assert_eq!(directory.answering, [(2, 1)]);
}

#[test]
fn more_searches_at_once_than_the_limit_forget_the_oldest() {
    let mut out = Events::new(Limits { ldap_searches: 2, ..Limits::default() });
    let mut directory = Directory::default();
    for id in 1..=3 {
        directory.feed(ToClient, Input::Data(&entry(id, 1)), &mut out);
    }
    assert_eq!(directory.answering, [(2, 1), (3, 1)]);
    let limit = Event::Anomaly(Anomaly::LimitReached { protocol: "ldap", limit: "ldap_searches" });
    assert_eq!(out.said(), [(ToClient, &limit)]);
}

#[test]
fn a_message_over_the_limit_is_read_in_part_and_passed_over() {
    let mut out = Events::new(Limits { ldap_message: 120, ..Limits::default() });
    let long = message(2, &management_points());
    let outcome = Directory::default().feed(ToServer, Input::Data(&long[..120]), &mut out);
    assert_eq!(outcome, Outcome::Skip(long.len() as u64));
    let said = out.said();
    let limit = Event::Anomaly(Anomaly::LimitReached { protocol: "ldap", limit: "ldap_message" });
    assert_eq!(said.first(), Some(&(ToServer, &limit)));
    assert!(matches!(said.as_slice(), [_, (_, Event::Ldap(LdapEvent::Search { .. }))]), "{said:?}");
}

#[test]
fn a_simple_bind_is_told_without_its_password() {
    let bind = bind(b"CN=reader", &tlv(0x80, &[&[0xB7; 9]]));
    let event = LdapEvent::Bind { auth: Auth::Simple, name: "CN=reader".into(), mechanism: String::new() };
    assert_eq!(one(ToServer, bind.clone()), [event]);
    let mut out = Events::new(Limits::default());
    Directory::default().feed(ToServer, Input::Data(&bind), &mut out);
    assert!(!format!("{:?}", out.said).contains("183, 183"), "no byte of the password");
    assert!(!out.said[0].excerpt.is_empty());
}

#[test]
fn a_bind_without_a_password_is_anonymous() {
    let event = LdapEvent::Bind { auth: Auth::Anonymous, name: String::new(), mechanism: String::new() };
    assert_eq!(one(ToServer, bind(b"", &[0x80, 0])), [event]);
}

#[test]
fn the_tokens_of_a_sasl_bind_are_read_both_ways() {
    let challenge = tlv(0xA1, &[&tlv(0x30, &[&tlv(0xA0, &[&[0x0A, 1, 1]])])]);
    let conversation = vec![
        (ToServer, sasl(b"GSS-SPNEGO", NEGOTIATE)),
        (ToClient, result(1, 0x61, 14, &tlv(0x87, &[&challenge]))),
    ];
    let events = harness::events(LDAP, &conversation);
    let [(_, Event::Ldap(LdapEvent::Bind { auth, mechanism, .. })), (_, ntlm), (_, done), (_, spnego)] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((*auth, mechanism.as_str()), (Auth::Sasl, "GSS-SPNEGO"));
    assert!(matches!(ntlm, Event::Ntlmssp(NtlmMessage::Negotiate(read)) if read.carrier == Carrier::Ldap));
    assert_eq!(*done, Event::Ldap(LdapEvent::BindDone { code: 14 }));
    assert!(matches!(spnego, Event::Spnego(_)));
}

#[test]
fn credentials_of_mechanisms_that_carry_no_blob_are_left_alone() {
    // A SCRAM message begins with the byte of a Kerberos AP-REQ, and PLAIN holds a password.
    for (mechanism, token) in [(&b"SCRAM-SHA-512"[..], &b"n,,n=user,r=x"[..]), (b"PLAIN", b"\0user\0secret")]
    {
        let events = harness::events(LDAP, &vec![(ToServer, sasl(mechanism, token))]);
        assert!(matches!(events.as_slice(), [(_, Event::Ldap(LdapEvent::Bind { .. }))]), "{events:?}");
        assert!(!format!("{events:?}").contains("secret"));
    }
}

#[test]
fn a_sicily_bind_carries_ntlm_in_its_own_places() {
    let challenge = b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0\x05\x02\x89\xE2ABCDEFGH\0\0\0\0\0\0\0\0\0\0\0\0\x38\0\0\0\0\0\0\0\0\0\0\0";
    let answer = message(1, &tlv(0x61, &[&[0x0A, 1, 0], &tlv(4, &[challenge]), &[4, 0]]));
    let conversation = vec![
        (ToServer, bind(b"", &[0x89, 0])),
        (ToServer, bind(b"NTLM", &tlv(0x8A, &[NEGOTIATE]))),
        (ToClient, answer),
        (ToServer, bind(b"", &tlv(0x8B, &[&authenticate_message(0xE288_8235, &[1; 24], &[2; 60], false)]))),
    ];
    let events = harness::events(LDAP, &conversation);
    let kinds: Vec<_> = events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Ntlmssp(NtlmMessage::Negotiate(_)) => Some(1),
            Event::Ntlmssp(NtlmMessage::Challenge(_)) => Some(2),
            Event::Ntlmssp(NtlmMessage::Authenticate(_)) => Some(3),
            Event::Ldap(LdapEvent::Bind { auth: Auth::Sicily, .. }) => Some(0),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [0, 0, 1, 2, 0, 3], "{events:?}");
}

#[test]
fn signed_messages_are_read_wherever_their_checksum_stands() {
    for rotated in [false, true] {
        let signed = buffer(&wrapped(0, &message(7, &management_points()), rotated));
        let conversation = vec![
            (ToServer, [signed, message(8, &search_operation(b"DC=x", &tlv(0x87, &[b"a"])))].concat()),
            (ToClient, buffer(&wrapped(1, &[entry(7, 90), result(7, 0x65, 0, &[])].concat(), rotated))),
        ];
        let events = read(&conversation);
        assert_eq!(events[..2], [LdapEvent::Protected { sealed: false }, the_search()]);
        assert_eq!(events.last(), Some(&LdapEvent::SearchDone { code: 0, entries: 1 }));
        assert_eq!(events.len(), 4, "the plain message behind the buffer is read too: {events:?}");
    }
}

#[test]
fn sealed_messages_are_passed_over() {
    let sealed = buffer(&wrapped(2, &[0xEE; 4_000], false));
    let ntlm = buffer(&[&[1, 0, 0, 0][..], &[0xEE; 60]].concat());
    for (first, second) in [(sealed.clone(), ntlm.clone()), (ntlm, sealed)] {
        let conversation = vec![(ToServer, [first, second, message(2, &management_points())].concat())];
        assert_eq!(read(&conversation), [LdapEvent::Protected { sealed: true }, the_search()]);
    }
}

#[test]
fn a_rotation_that_fits_no_checksum_counts_as_sealed() {
    let mut token = wrapped(0, &management_points(), false);
    token[7] = 3;
    assert_eq!(unwrap(&token), Wrap::Sealed);
    assert_eq!(unwrap(&token[..15]), Wrap::Sealed);
}

#[test]
fn start_tls_hands_the_flow_over_when_the_server_agrees() {
    let asked = message(5, &tlv(0x77, &[&tlv(0x80, &[b"1.3.6.1.4.1.1466.20037"])]));
    for (id, code, tls) in [(5, 0, true), (5, 2, false), (6, 0, false)] {
        let mut out = Events::new(Limits::default());
        let mut directory = Directory::default();
        directory.feed(ToServer, Input::Data(&asked), &mut out);
        let answer = result(id, 0x78, code, &[]);
        let outcome = directory.feed(ToClient, Input::Data(&answer), &mut out);
        assert_eq!(outcome == Outcome::HandOver(Protocol::Tls, answer.len()), tls);
        assert_eq!(out.said().len(), usize::from(tls));
    }
}

#[test]
fn a_datagram_may_hold_several_messages() {
    let answer = [entry(2, 20), result(2, 0x65, 0, &[])].concat();
    let datagrams = vec![(ToServer, message(2, &management_points())), (ToClient, answer)];
    let events: Vec<_> =
        harness::datagram_events(LDAP, &datagrams).into_iter().map(|(_, event)| event).collect();
    let done = LdapEvent::SearchDone { code: 0, entries: 1 };
    assert_eq!(events, [Event::Ldap(the_search()), Event::Ldap(done)]);
    damage_does_no_harm_to_datagrams(LDAP, &datagrams);
}

#[test]
fn the_probe_knows_messages_and_buffers_by_their_way() {
    let search = message(2, &management_points());
    assert_eq!(probe(&search, ToServer), Probe::Yes);
    assert_eq!(probe(&search, ToClient), Probe::No);
    assert_eq!(probe(&entry(2, 5), ToClient), Probe::Yes);
    assert_eq!(probe(&search[..3], ToServer), Probe::Maybe);
    assert_eq!(probe(&buffer(&wrapped(2, b"x", false)), ToClient), Probe::Yes);
    assert_eq!(probe(&[0, 0, 0, 9, 5], ToClient), Probe::Maybe);
    for other in [
        &b"GET / HTTP/1.1"[..],
        &[0x30, 0x80, 2, 1],
        &[0x30, 5, 4, 1, 1],
        &[0, 0, 0, 9, 7],
        &[0x30, 3, 2, 1, 1, 0x63],
    ] {
        assert_eq!(probe(other, ToServer), Probe::No, "{other:x?}");
    }
}

#[test]
fn a_length_beyond_reason_loses_the_place() {
    let mut out = Events::new(Limits::default());
    let lie = [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 2, 1, 1, 0x64];
    assert_eq!(Directory::default().feed(ToClient, Input::Data(&lie), &mut out), Outcome::Lost);
    assert_eq!(out.said().len(), 1);
}

#[test]
fn the_sample_survives_cuts_and_damage() {
    let conversation = vec![
        (ToServer, sasl(b"GSS-SPNEGO", NEGOTIATE)),
        (ToClient, result(1, 0x61, 0, &tlv(0x87, &[&tlv(0xA1, &[&[0x30, 0]])]))),
        (ToServer, buffer(&wrapped(0, &windows_message(2, &management_points()), true))),
        (ToClient, [entry(2, 300), result(2, 0x65, 0, &[]), buffer(&wrapped(2, &[7; 90], true))].concat()),
    ];
    splits_do_not_matter(LDAP, &conversation);
    damage_does_no_harm(LDAP, &conversation);
}

proptest! {
    #[test]
    fn anything_is_survived(tail in prop::collection::vec(any::<u8>(), 0..200), id: u8, op in 0x40_u8..0x80) {
        let bytes = message(id, &tlv(op, &[&tail]));
        let mut out = Events::new(Limits::default());
        for direction in [ToServer, ToClient] {
            Directory::default().feed(direction, Input::Data(&bytes), &mut out);
            Directory::default().feed(direction, Input::Data(&tail), &mut out);
        }
        prop_assert!(out.said().len() < 20);
    }
}
