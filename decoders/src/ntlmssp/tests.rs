use capture::Direction::{ToClient, ToServer};
use proptest::prelude::*;

use super::*;
use crate::{Event, Limits};

/// NTLMv1 and its flags in [MS-NLMP] 4.2.2.
const FLAGS_V1: u32 = 0xE280_8235;
/// NTLMv1 with client challenge, 4.2.3.
const FLAGS_ESS: u32 = 0x8208_8235;
/// NTLMv2, 4.2.4.
const FLAGS_V2: u32 = 0xE288_8235;

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn av(id: u16, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(value.len()).unwrap();
    [&id.to_le_bytes()[..], &len.to_le_bytes(), value].concat()
}

/// A message: its type, then descriptors and plain fields in order, then the payloads.
enum Field<'a> {
    Part(&'a [u8]),
    Plain(&'a [u8]),
}

fn message(kind: u32, fields: &[Field<'_>]) -> Vec<u8> {
    let fixed: usize = 12
        + fields
            .iter()
            .map(|field| if let Field::Plain(bytes) = field { bytes.len() } else { 8 })
            .sum::<usize>();
    let mut head = [&SIGNATURE[..], &kind.to_le_bytes()].concat();
    let mut payload = Vec::new();
    for field in fields {
        match field {
            Field::Plain(bytes) => head.extend_from_slice(bytes),
            Field::Part(bytes) => {
                let len = u16::try_from(bytes.len()).unwrap().to_le_bytes();
                let offset = u32::try_from(fixed + payload.len()).unwrap().to_le_bytes();
                head.extend([&len[..], &len, &offset].concat());
                payload.extend_from_slice(bytes);
            }
        }
    }
    [head, payload].concat()
}

/// An AUTHENTICATE_MESSAGE of the test vectors: user, domain and workstation of [MS-NLMP] 4.2.1.
pub(crate) fn authenticate_message(flags: u32, lm: &[u8], nt: &[u8], mic: bool) -> Vec<u8> {
    let (domain, user, workstation) = (wide("Domain"), wide("User"), wide("COMPUTER"));
    let flags = flags.to_le_bytes();
    let mut fields = vec![
        Field::Part(lm),
        Field::Part(nt),
        Field::Part(&domain),
        Field::Part(&user),
        Field::Part(&workstation),
        Field::Part(&[0xC5; 16]),
        Field::Plain(&flags),
        Field::Plain(&[5, 1, 0x28, 0x0A, 0, 0, 0, 15]),
    ];
    if mic {
        fields.push(Field::Plain(&[0x77; 16]));
    }
    message(3, &fields)
}

/// An NTLMv2 response with these AV pairs in its blob.
fn v2_response(pairs: &[u8]) -> Vec<u8> {
    let proof = [0x68; 16];
    let fixed = [&[1, 1, 0, 0, 0, 0, 0, 0][..], &[0; 8], &[0xAA; 8], &[0; 4]].concat();
    [&proof[..], &fixed, pairs, &[0; 4], &[0; 4]].concat()
}

fn read(bytes: &[u8]) -> Vec<Event> {
    let mut out = Events::new(Limits::default());
    observe(bytes, ToServer, Carrier::Smb, &mut out);
    out.said().into_iter().map(|(_, event)| event.clone()).collect()
}

fn authenticate_event(bytes: &[u8]) -> Authenticate {
    match read(bytes).as_slice() {
        [Event::Ntlmssp(NtlmMessage::Authenticate(event))] => (**event).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ntlmv1_of_the_specification_is_told_from_lm_beside_it() {
    let (lm, nt) = ([0x98; 24], [0x67; 24]);
    let event = authenticate_event(&authenticate_message(FLAGS_V1, &lm, &nt, false));
    assert_eq!(event.response, Response::LmAndNtlmV1);
    assert_eq!((event.lm_response_len, event.nt_response_len), (24, 24));
    assert_eq!((event.user.as_str(), event.domain.as_str()), ("User", "Domain"));
    assert_eq!(event.workstation, "COMPUTER");
    assert!(!event.mic && event.av_flags.is_none());
}

#[test]
fn a_client_challenge_in_the_lm_field_means_extended_session_security() {
    let mut lm = [0; 24];
    lm[..8].fill(0xAA);
    let event = authenticate_event(&authenticate_message(FLAGS_ESS, &lm, &[0x75; 24], false));
    assert_eq!(event.response, Response::NtlmV1Ess);
    let event = authenticate_event(&authenticate_message(0, &lm, &[0x75; 24], false));
    assert_eq!(event.response, Response::NtlmV1Ess, "without flags the content tells");
}

#[test]
fn ntlmv2_of_the_specification_is_read_without_a_mic() {
    let pairs = [av(2, &wide("Domain")), av(1, &wide("Server"))].concat();
    let nt = v2_response(&pairs);
    assert_eq!(nt.len(), 0x54);
    let event = authenticate_event(&authenticate_message(FLAGS_V2, &[0x86; 24], &nt, false));
    assert_eq!((event.response, event.nt_response_len, event.mic), (Response::NtlmV2, 0x54, false));
    assert_eq!(event.response_mark.unwrap(), Sha256::digest(&nt)[..8]);
}

#[test]
fn av_pairs_of_the_client_tell_target_flags_bindings_and_machine() {
    let mut host = vec![48, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    host.extend([0x3C; 32]);
    let pairs =
        [av(6, &2_u32.to_le_bytes()), av(8, &host), av(10, &[0; 16]), av(9, &wide("cifs/server.example"))]
            .concat();
    let nt = v2_response(&pairs);
    let event = authenticate_event(&authenticate_message(FLAGS_V2, &[0; 24], &nt, true));
    assert_eq!(event.target_name.as_deref(), Some("cifs/server.example"));
    assert_eq!((event.av_flags, event.mic, event.channel_bindings), (Some(2), true, false));
    assert_eq!(event.machine_id, Some([0x3C; 32]));

    let unbacked = authenticate_event(&authenticate_message(FLAGS_V2, &[0; 24], &nt, false));
    assert!(!unbacked.mic, "the flag alone is no MIC where there is no room for one");
    let bound = v2_response(&av(10, &[9; 16]));
    let event = authenticate_event(&authenticate_message(FLAGS_V2, &[0; 24], &bound, true));
    assert!(event.channel_bindings);
}

#[test]
fn responses_are_classified_by_length_then_content() {
    let (some, other, zero) = ([7; 24], [8; 24], [0; 24]);
    let v2 = v2_response(&[]);
    let mut odd = v2.clone();
    odd[16] = 2;
    for (user_empty, ess, lm, nt, response) in [
        (true, true, &[][..], &[][..], Response::Anonymous),
        (true, true, &[0], &[], Response::Anonymous),
        (false, true, &[], &[], Response::None),
        (false, true, &[0], &[], Response::Malformed),
        (false, false, &some, &[], Response::Lm),
        (false, true, &some, &some, Response::NtlmV1),
        (false, false, &some, &other, Response::LmAndNtlmV1),
        (false, false, &[], &other, Response::NtlmV1),
        (false, true, &zero, &other, Response::NtlmV1),
        (false, true, &zero, &v2, Response::NtlmV2),
        (false, false, &[], &v2, Response::NtlmV2),
        (false, false, &some, &odd, Response::Malformed),
        (false, false, &some, &other[..23], Response::Malformed),
    ] {
        assert_eq!(classify(user_empty, ess, lm, nt), response, "lm {} nt {}", lm.len(), nt.len());
    }
}

#[test]
fn a_challenge_names_its_server() {
    let info = [
        av(2, &wide("DOMAIN")),
        av(1, &wide("SERVER")),
        av(4, &wide("domain.example")),
        av(3, &wide("server.domain.example")),
        av(0, &[]),
        av(1, &wide("NOT THIS")),
    ]
    .concat();
    let (target, flags) = (wide("DOMAIN"), 0xE28A_8235_u32.to_le_bytes());
    let bytes = message(
        2,
        &[
            Field::Part(&target),
            Field::Plain(&flags),
            Field::Plain(&[1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]),
            Field::Plain(&[0; 8]),
            Field::Part(&info),
            Field::Plain(&[6, 0, 0x70, 0x17, 0, 0, 0, 15]),
        ],
    );
    let events = read(&bytes);
    let [Event::Ntlmssp(NtlmMessage::Challenge(event))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.target, "DOMAIN");
    assert_eq!(event.server_challenge, [1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]);
    assert_eq!((event.nb_computer.as_str(), event.nb_domain.as_str()), ("SERVER", "DOMAIN"));
    assert_eq!(event.dns_computer, "server.domain.example");
    assert_eq!(event.dns_domain, "domain.example");
}

#[test]
fn a_challenge_of_the_oldest_form_has_no_target_info() {
    let flags = (OEM | 0x200).to_le_bytes();
    let bytes = message(2, &[Field::Part(b"OLD"), Field::Plain(&flags), Field::Plain(&[5; 8])]);
    let events = read(&bytes);
    let [Event::Ntlmssp(NtlmMessage::Challenge(event))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.target.as_str(), event.nb_computer.as_str()), ("OLD", ""));
}

#[test]
fn names_in_a_negotiate_message_are_oem_whatever_the_flags() {
    let flags = (UNICODE | OEM | 0x3000).to_le_bytes();
    let bytes = message(1, &[Field::Plain(&flags), Field::Part(b"DOMAIN"), Field::Part(b"WS1")]);
    let events = read(&bytes);
    let [Event::Ntlmssp(NtlmMessage::Negotiate(event))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.domain.as_str(), event.workstation.as_str()), ("DOMAIN", "WS1"));
    assert!(matches!(read(&bytes[..16]).as_slice(), [Event::Ntlmssp(NtlmMessage::Negotiate(_))]));
}

#[test]
fn an_authenticate_message_without_flags_still_names_its_user() {
    let (domain, user) = (wide("D"), wide("User"));
    let lm = [3; 24];
    let bytes = message(
        3,
        &[
            Field::Part(&lm),
            Field::Part(&[]),
            Field::Part(&domain),
            Field::Part(&user),
            Field::Part(&[]),
            Field::Part(&[]),
        ],
    );
    let event = authenticate_event(&bytes);
    assert_eq!((event.flags, event.user.as_str(), event.response), (0, "User", Response::Lm));
}

#[test]
fn a_part_outside_the_message_is_reported_and_the_rest_is_read() {
    let mut bytes = authenticate_message(FLAGS_V2, &[0; 24], &v2_response(&[]), false);
    bytes[28 + 4..28 + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    let events = read(&bytes);
    let [Event::Ntlmssp(NtlmMessage::Authenticate(event)), Event::Anomaly(anomaly)] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((event.domain.as_str(), event.user.as_str()), ("", "User"));
    let crate::Anomaly::Malformed(error) = anomaly else { panic!("{anomaly:?}") };
    assert_eq!((error.protocol, error.field), ("ntlmssp", "domain name"));
}

#[test]
fn no_response_byte_leaves_the_reader() {
    let (lm, nt) = ([0xB1; 24], v2_response(&[]));
    let mut crowded = authenticate_message(FLAGS_V2, &lm, &nt, false);
    // A response that lies inside the fixed part must not come out with it either.
    crowded[12 + 4..12 + 8].copy_from_slice(&20_u32.to_le_bytes());
    for bytes in [authenticate_message(FLAGS_V2, &lm, &nt, false), crowded] {
        let mut out = Events::new(Limits::default());
        observe(&bytes, ToServer, Carrier::Http, &mut out);
        for said in &out.said {
            assert!(said.excerpt.len() <= 64);
            assert!(!said.excerpt.windows(4).any(|bytes| bytes == [0xB1; 4] || bytes == [0x68; 4]));
            let text = format!("{:?}", said.event);
            assert!(!text.contains("104, 104, 104, 104") && !text.contains("177, 177"), "{text}");
        }
        let message = parse(&bytes).unwrap();
        assert!(!format!("{message:?}").contains("104"), "the borrowed form prints no response either");
    }
}

#[test]
fn unknown_types_and_wrong_signatures_are_malformed() {
    assert!(matches!(read(b"NTLMSSP\0\x04\0\0\0").as_slice(), [Event::Anomaly(_)]));
    assert!(parse(b"NTLMSSX\0\x01\0\0\0\0\0\0\0").is_err());
}

#[test]
fn a_list_of_av_pairs_is_read_up_to_the_limit() {
    let many = av(1, b"a\0").repeat(1_000);
    assert_eq!(AvPairs(&many).pairs(256).count(), 256);
    assert_eq!(AvPairs(&many[..many.len() - 1]).pairs(2_000).count(), 999);
}

#[test]
fn every_prefix_and_flip_of_a_message_is_survived() {
    let whole = authenticate_message(FLAGS_V2, &[0; 24], &v2_response(&av(9, &wide("cifs/a"))), true);
    for end in 0..whole.len() {
        read(&whole[..end]);
        for flip in [1, 0x80, 0xFF] {
            let mut flipped = whole.clone();
            flipped[end] ^= flip;
            read(&flipped);
        }
    }
}

proptest! {
    #[test]
    fn anything_behind_a_signature_is_survived(kind in 0_u8..5, tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&SIGNATURE[..], &[kind, 0, 0, 0], &tail].concat();
        let mut out = Events::new(Limits::default());
        observe(&bytes, ToClient, Carrier::Dcerpc, &mut out);
        prop_assert!(out.said().len() <= 2);
    }

    #[test]
    fn stated_lengths_are_kept_even_where_the_bytes_are_missing(lm in any::<u16>(), nt in any::<u16>()) {
        let mut bytes = authenticate_message(FLAGS_V1, &[1; 24], &[2; 24], false);
        bytes[12..14].copy_from_slice(&lm.to_le_bytes());
        bytes[20..22].copy_from_slice(&nt.to_le_bytes());
        let events = read(&bytes);
        let Some(Event::Ntlmssp(NtlmMessage::Authenticate(event))) = events.first() else { panic!("{events:?}") };
        prop_assert_eq!((event.lm_response_len, event.nt_response_len), (lm.into(), nt.into()));
    }
}
