use capture::Direction::{ToClient, ToServer};
use proptest::prelude::*;

use super::*;
use crate::kerberos::tests::{ap_req, krb_error};
use crate::ntlmssp::tests::authenticate_message;
use crate::{Anomaly, ErrorKind, Event, Limits};

/// A DER element with these parts inside.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = content.len();
    let mut bytes = vec![tag];
    match len {
        0..0x80 => bytes.push(u8::try_from(len).unwrap()),
        0x80..0x100 => bytes.extend([0x81, u8::try_from(len).unwrap()]),
        _ => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

const MS_KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02];
const KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
const USER_TO_USER: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02, 0x03];
const IAKERB: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x02, 0x05];
const NEGOTIATE: &[u8] = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xE2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn gss(mechanism: &[u8], rest: &[u8]) -> Vec<u8> {
    tlv(0x60, &[&tlv(0x06, &[mechanism]), rest])
}

fn token_init(mechanisms: &[&[u8]], fields: &[Vec<u8>]) -> Vec<u8> {
    let list = mechanisms.iter().flat_map(|oid| tlv(0x06, &[oid])).collect::<Vec<_>>();
    let types = tlv(0xA0, &[&tlv(0x30, &[&list])]);
    gss(oid::SPNEGO, &tlv(0xA0, &[&tlv(0x30, &[&types, &fields.concat()])]))
}

fn token_response(fields: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xA1, &[&tlv(0x30, &[&fields.concat()])])
}

fn octets(tag: u8, content: &[u8]) -> Vec<u8> {
    tlv(tag, &[&tlv(0x04, &[content])])
}

fn read(blob: &[u8]) -> (Seen, Vec<Event>, Events) {
    let mut out = Events::new(Limits::default());
    let seen = observe(blob, ToServer, Carrier::Smb, &mut out);
    let events = out.said().into_iter().map(|(_, event)| event.clone()).collect();
    (seen, events, out)
}

#[test]
fn an_init_lists_its_mechanisms_and_says_the_message_inside() {
    let blob = token_init(&[MS_KERBEROS, KERBEROS, oid::NTLMSSP], &[octets(0xA2, NEGOTIATE)]);
    let (seen, events, out) = read(&blob);
    assert_eq!(seen, Seen { mechanism: Some("ntlmssp"), raw_ntlm: false });
    let [Event::Spnego(SpnegoToken::Init(init)), Event::Ntlmssp(_)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(init.mechanisms, ["1.2.840.48018.1.2.2", "1.2.840.113554.1.2.2", "1.3.6.1.4.1.311.2.2.10"]);
    assert_eq!(init.token, MechToken::Ntlmssp(1));
    assert_eq!(out.services, ["spnego", "ntlmssp"]);
}

#[test]
fn a_server_that_speaks_first_gives_its_hint() {
    let hint = tlv(0xA3, &[&tlv(0x30, &[&tlv(0xA0, &[&tlv(0x1B, &[b"not_defined@example"])])])]);
    let (seen, events, _) = read(&token_init(&[oid::NTLMSSP], &[hint]));
    let [Event::Spnego(SpnegoToken::Init(init))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((init.hint.as_deref(), init.token), (Some("not_defined@example"), MechToken::None));
    assert_eq!(seen.mechanism, None);
}

#[test]
fn a_checksum_in_the_place_of_the_hints_is_no_hint() {
    let (_, events, _) = read(&token_init(&[oid::NTLMSSP], &[octets(0xA3, &[1, 0, 0, 0, 9, 9])]));
    let [Event::Spnego(SpnegoToken::Init(init))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(init.hint, None);
}

#[test]
fn a_server_that_turns_to_ntlm_is_seen_in_its_response() {
    let fields = [tlv(0xA0, &[&[0x0A, 1, 3]]), tlv(0xA1, &[&tlv(0x06, &[oid::NTLMSSP])])];
    let (_, events, _) = read(&token_response(&fields));
    let [Event::Spnego(SpnegoToken::Response(response))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(response.state, Some(3));
    assert_eq!(response.supported.as_deref(), Some("1.3.6.1.4.1.311.2.2.10"));
    assert_eq!(response.token, MechToken::None);
}

#[test]
fn kerberos_is_read_framed_bare_and_without_spnego() {
    let framed = gss(KERBEROS, &[&[1, 0][..], &ap_req()].concat());
    for (blob, spnego) in [
        (framed.clone(), false),
        (gss(IAKERB, &[&[1, 0][..], &ap_req()].concat()), false),
        (ap_req(), false),
        (token_init(&[MS_KERBEROS], &[octets(0xA2, &framed)]), true),
        (token_response(&[octets(0xA2, &ap_req())]), true),
    ] {
        let (seen, events, out) = read(&blob);
        assert_eq!(seen, Seen { mechanism: Some("kerberos"), raw_ntlm: false });
        let Some(Event::Kerberos(event)) = events.last() else { panic!("{events:?}") };
        assert_eq!((event.msg_type, event.carrier), (14, Some(Carrier::Smb)));
        assert_eq!(out.services.contains(&"spnego"), spnego);
        assert_eq!(events.len(), 1 + usize::from(spnego), "{events:?}");
    }
}

#[test]
fn tokens_are_told_apart_by_their_kind() {
    for (token, kind) in [
        (gss(KERBEROS, &[&[3, 0][..], &krb_error()].concat()), MechToken::KerberosError(7)),
        (gss(USER_TO_USER, &[4, 0, 0x30, 0]), MechToken::KerberosUserToUser),
        (gss(USER_TO_USER, &[4, 1, 0x30, 0]), MechToken::KerberosUserToUser),
        (NEGOTIATE.to_vec(), MechToken::Ntlmssp(1)),
        (b"NEGOEXTS".to_vec(), MechToken::Other),
        (Vec::new(), MechToken::None),
    ] {
        let (_, events, _) = read(&token_response(&[octets(0xA2, &token)]));
        let Some(Event::Spnego(SpnegoToken::Response(response))) = events.first() else {
            panic!("{events:?}")
        };
        assert_eq!(response.token, kind);
    }
}

#[test]
fn raw_ntlm_is_known_as_such() {
    let (seen, events, out) = read(NEGOTIATE);
    assert_eq!(seen, Seen { mechanism: Some("ntlmssp"), raw_ntlm: true });
    assert!(matches!(events.as_slice(), [Event::Ntlmssp(_)]));
    assert_eq!(out.services, ["ntlmssp"]);
}

#[test]
fn a_blob_of_another_kind_says_nothing() {
    for blob in [&b""[..], b"hello", &[5, 4, 0, 0], &gss(&[0x2A, 3], b"x")] {
        let (seen, events, _) = read(blob);
        assert_eq!((seen, events), (Seen::default(), Vec::new()));
    }
}

#[test]
fn a_cut_blob_says_what_was_readable_and_that_it_was_cut() {
    let blob = token_init(&[MS_KERBEROS, oid::NTLMSSP], &[octets(0xA2, NEGOTIATE)]);
    let (seen, events, _) = read(&blob[..blob.len() - 10]);
    assert_eq!(seen.mechanism, Some("ntlmssp"));
    let [Event::Spnego(SpnegoToken::Init(init)), Event::Anomaly(Anomaly::Malformed(error)), ..] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(init.mechanisms.len(), 2);
    assert!(error.is_short() && error.protocol == "spnego", "{error}");
}

#[test]
fn lists_and_nesting_end_at_their_limits() {
    let mechanisms = vec![MS_KERBEROS; 300];
    let (_, events, _) = read(&token_init(&mechanisms, &[]));
    let [Event::Spnego(SpnegoToken::Init(init)), Event::Anomaly(limit)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(init.mechanisms.len(), 256);
    assert_eq!(*limit, Anomaly::LimitReached { protocol: "spnego", limit: "list_items" });

    let mut out = Events::new(Limits { der_depth: 3, ..Limits::default() });
    observe(&token_init(&[MS_KERBEROS], &[]), ToServer, Carrier::Ldap, &mut out);
    let nested = out.said().into_iter().any(|(_, event)| {
        matches!(event, Event::Anomaly(Anomaly::Malformed(error)) if error.kind == ErrorKind::Limit("der_depth"))
    });
    assert!(nested, "{:?}", out.said());
}

#[test]
fn no_token_byte_is_shown_as_evidence() {
    let secret = authenticate_message(0xE288_8235, &[0xB1; 24], &[0xB1; 60], false);
    for blob in
        [token_init(&[oid::NTLMSSP], &[octets(0xA2, &secret)]), token_response(&[octets(0xA2, &secret)])]
    {
        let (_, _, out) = read(&blob);
        assert!(out.said.iter().any(|said| !said.excerpt.is_empty()));
        for said in &out.said {
            assert!(!said.excerpt.contains(&0xB1), "{said:?}");
        }
    }
}

#[test]
fn lengths_that_der_cannot_have_are_malformed() {
    for blob in [
        &[0xA1, 0x80, 0, 0][..],
        &[0xA1, 0x85, 1, 1, 1, 1, 1],
        &[0xA1, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0xA1],
    ] {
        let (_, events, _) = read(blob);
        assert!(events.iter().any(|event| matches!(event, Event::Anomaly(_))), "{blob:x?}: {events:?}");
    }
}

#[test]
fn every_prefix_and_flip_of_a_blob_is_survived() {
    let framed = gss(KERBEROS, &[&[1, 0][..], &ap_req()].concat());
    let authenticate = authenticate_message(0xE288_8235, &[0; 24], &[1; 90], true);
    for blob in [
        token_init(&[MS_KERBEROS, KERBEROS, oid::NTLMSSP], &[octets(0xA2, &framed)]),
        token_response(&[octets(0xA2, &authenticate), octets(0xA3, &[1; 16])]),
    ] {
        for end in 0..blob.len() {
            read(&blob[..end]);
            for flip in [1, 0x80, 0xFF] {
                let mut flipped = blob.clone();
                flipped[end] ^= flip;
                read(&flipped);
            }
        }
    }
}

proptest! {
    #[test]
    fn anything_is_survived(first in prop::sample::select(vec![0x60_u8, 0xA0, 0xA1, 0x6E, 0x6F, 0x7E, b'N']),
                            tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut out = Events::new(Limits::default());
        observe(&[&[first][..], &tail].concat(), ToClient, Carrier::Http, &mut out);
        prop_assert!(out.said().len() <= 6);
    }

    #[test]
    fn integers_keep_their_sign(value in any::<i32>()) {
        let bytes = tlv(0x02, &[&value.to_be_bytes()]);
        let trouble = Trouble::default();
        let element = Der::new("kerberos", &bytes, &Limits::default(), &trouble).next("integer").unwrap();
        prop_assert_eq!(element.integer(), Some(i64::from(value)));
    }
}
