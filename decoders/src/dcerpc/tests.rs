use capture::Direction::{self, ToClient, ToServer};
use proptest::prelude::*;

use super::*;
use crate::harness::{
    damage_does_no_harm, damage_does_no_harm_to_datagrams, datagram_events, events, events_cut,
    splits_do_not_matter,
};
use crate::ntlmssp::tests::authenticate_message;
use crate::ntlmssp::{Carrier, NtlmMessage};
use crate::{Anomaly, Event, Limits};

const SVCCTL: &str = "367abb81-9844-35f1-ad32-98f038001003";
const EPM: &str = "e1af8308-5d1f-11c9-91a4-08002b14a0fa";
const NDR: &str = "8a885d04-1ceb-11c9-9fe8-08002b104860";
const NDR64: &str = "71710533-beba-4937-8319-b5dbef9ccc36";

/// Numbers in one byte order.
#[derive(Clone, Copy)]
struct Order {
    little: bool,
}

const LITTLE: Order = Order { little: true };
const BIG: Order = Order { little: false };

impl Order {
    fn u16(self, value: usize) -> Vec<u8> {
        let value = u16::try_from(value).unwrap();
        if self.little { value.to_le_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
    }

    fn u32(self, value: usize) -> Vec<u8> {
        let value = u32::try_from(value).unwrap();
        if self.little { value.to_le_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
    }

    fn uuid(self, text: &str) -> Vec<u8> {
        let digits = u128::from_str_radix(&text.replace('-', ""), 16).unwrap();
        let mut bytes = digits.to_be_bytes().to_vec();
        if self.little {
            bytes[..4].reverse();
            bytes[4..6].reverse();
            bytes[6..8].reverse();
        }
        bytes
    }

    /// A whole PDU; `auth` is type, level and token.
    fn pdu(self, ptype: u8, flags: u8, body: &[u8], auth: Option<(u8, u8, &[u8])>) -> Vec<u8> {
        let mut rest = body.to_vec();
        if let Some((kind, level, token)) = auth {
            rest.extend([kind, level, 0, 0, 1, 0, 0, 0]);
            rest.extend(token);
        }
        let auth_len = auth.map_or(0, |(_, _, token)| token.len());
        let drep = [if self.little { 0x10 } else { 0 }, 0, 0, 0];
        let lengths = [self.u16(16 + rest.len()), self.u16(auth_len), self.u32(1)].concat();
        [&[5, 0, ptype, flags][..], &drep, &lengths, &rest].concat()
    }

    fn bind(self, ptype: u8, contexts: &[(usize, &str, &str)], auth: Option<(u8, u8, &[u8])>) -> Vec<u8> {
        let mut body = [self.u16(5840), self.u16(5840), self.u32(0)].concat();
        body.extend([u8::try_from(contexts.len()).unwrap(), 0, 0, 0]);
        for (id, interface, transfer) in contexts {
            body.extend(self.u16(*id));
            body.extend([1, 0]);
            body.extend([self.uuid(interface), self.u32(2), self.uuid(transfer), self.u32(2)].concat());
        }
        self.pdu(ptype, 3, &body, auth)
    }

    fn bind_ack(self, results: &[usize]) -> Vec<u8> {
        let mut body = [self.u16(5840), self.u16(5840), self.u32(9), self.u16(4)].concat();
        body.extend(b"135\0");
        // The secondary address ends two bytes past a multiple of four.
        body.extend([0, 0]);
        body.extend([u8::try_from(results.len()).unwrap(), 0, 0, 0]);
        for result in results {
            body.extend([self.u16(*result), vec![0; 22]].concat());
        }
        self.pdu(12, 3, &body, None)
    }

    fn request(self, context: usize, opnum: usize, stub: &[u8], auth: Option<(u8, u8, &[u8])>) -> Vec<u8> {
        let head = [self.u32(stub.len()), self.u16(context), self.u16(opnum)].concat();
        self.pdu(0, 3, &[&head, stub].concat(), auth)
    }

    /// The stub of RCreateServiceW or ROpenServiceW up to the service name.
    fn service(self, name: &str, wide: bool) -> Vec<u8> {
        let units: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let size = |value: usize| {
            let zero = [0; 4];
            match (wide, self.little) {
                (false, _) => self.u32(value),
                (true, true) => [&self.u32(value)[..], &zero].concat(),
                (true, false) => [&zero, &self.u32(value)[..]].concat(),
            }
        };
        let mut stub = vec![0x11; if wide { 24 } else { 20 }];
        stub.extend([size(units.len()), size(0), size(units.len())].concat());
        stub.extend(units.iter().flat_map(|unit| self.u16(usize::from(*unit))));
        stub
    }
}

fn feed(pieces: &[(Direction, Vec<u8>)], pipe: Option<&str>) -> Vec<Event> {
    let mut out = Events::new(Limits::default());
    let mut association = Association::new(&out.limits);
    for (direction, bytes) in pieces {
        association.feed(*direction, bytes, pipe, &mut out);
    }
    out.said().into_iter().map(|(_, event)| event.clone()).collect()
}

fn requests(events: &[Event]) -> Vec<&Request> {
    let request = |event| match event {
        &Event::Dcerpc(DcerpcEvent::Request(ref request)) => Some(&**request),
        _ => None,
    };
    events.iter().filter_map(request).collect()
}

/// A call of the endpoint mapper with everything that is read.
fn conversation() -> Vec<(Direction, Vec<u8>)> {
    let token = authenticate_message(0xE288_8235, &[0; 24], &[1; 60], false);
    vec![
        (
            ToServer,
            LITTLE.bind(
                11,
                &[(0, EPM, NDR), (1, EPM, NDR64)],
                Some((10, 6, b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xE2")),
            ),
        ),
        (ToClient, LITTLE.bind_ack(&[0, 2])),
        (ToServer, LITTLE.pdu(16, 3, &[0; 4], Some((10, 6, &token)))),
        (ToServer, LITTLE.request(0, 3, &[0xAB; 300], Some((10, 6, &[0; 16])))),
        (ToClient, LITTLE.pdu(2, 3, &[0xCD; 700], None)),
        (ToServer, LITTLE.request(0, 3, &[0xAB; 30], None)),
        (ToClient, LITTLE.pdu(3, 3, &[&[0; 8][..], &LITTLE.u32(5), &[0; 4]].concat(), None)),
    ]
}

#[test]
fn an_association_over_tcp_says_bind_tokens_call_and_fault() {
    let said: Vec<Event> = events(135, &conversation()).into_iter().map(|(_, event)| event).collect();
    let [
        Event::Dcerpc(DcerpcEvent::Bind(bind)),
        Event::Ntlmssp(NtlmMessage::Negotiate(negotiate)),
        Event::Dcerpc(DcerpcEvent::BindAck { accepted: 1, refused: 1, pipe: None }),
        Event::Ntlmssp(NtlmMessage::Authenticate(authenticate)),
        Event::Dcerpc(DcerpcEvent::Request(request)),
        Event::Dcerpc(DcerpcEvent::Fault { status: 5, pipe: None }),
    ] = said.as_slice()
    else {
        panic!("{said:#?}")
    };
    assert_eq!(bind.interfaces, [(EPM.to_owned(), 2)], "one interface, though two contexts");
    assert_eq!((bind.auth_type, bind.auth_level, bind.alter), (Some(10), Some(6), false));
    assert_eq!((negotiate.carrier, authenticate.user.as_str()), (Carrier::Dcerpc, "User"));
    assert_eq!((request.interface.as_deref(), request.opnum), (Some(EPM), 3));
}

#[test]
fn cuts_and_damage_do_not_matter() {
    splits_do_not_matter(135, &conversation());
    damage_does_no_harm(135, &conversation());
}

#[test]
fn it_is_found_on_any_port_and_only_by_a_sound_header() {
    assert!(!events_cut(49_670, &conversation(), |_| 7).is_empty());
    let bind = LITTLE.bind(11, &[(0, EPM, NDR)], None);
    assert_eq!(probe(&bind, ToServer), Probe::Yes);
    assert_eq!(probe(&bind, ToClient), Probe::No);
    assert_eq!(probe(&bind[..HEADER - 1], ToServer), Probe::Maybe);
    assert_eq!(probe(&bind[..HEADER], ToServer), Probe::Yes);
    assert_eq!(probe(&[5, 2], ToServer), Probe::No);
    for (place, value) in
        [(0, 4), (1, 2), (2, 5), (2, 20), (4, 0x21), (5, 4), (6, 1), (7, 1), (9, 0), (11, 0xFF)]
    {
        let mut wrong = bind.clone();
        wrong[place] = value;
        if place == 9 {
            wrong[8] = 27;
        }
        assert_eq!(probe(&wrong, ToServer), Probe::No, "byte {place} = {value}");
    }
}

#[test]
fn both_byte_orders_give_the_same_words() {
    for order in [LITTLE, BIG] {
        let events = feed(
            &[
                (ToServer, order.bind(14, &[(7, SVCCTL, NDR)], None)),
                (ToServer, order.request(7, 16, &order.service("Ünit", false), None)),
            ],
            Some("svcctl"),
        );
        let Some(Event::Dcerpc(DcerpcEvent::Bind(bind))) = events.first() else { panic!("{events:?}") };
        assert_eq!(bind.interfaces, [(SVCCTL.to_owned(), 2)]);
        assert!(bind.alter && bind.pipe.as_deref() == Some("svcctl"));
        assert_eq!(requests(&events)[0].service_name.as_deref(), Some("Ünit"));
    }
}

#[test]
fn a_service_is_named_in_ndr_and_ndr64_and_each_name_once() {
    for (transfer, wide) in [(NDR, false), (NDR64, true)] {
        let call = |opnum, name| (ToServer, LITTLE.request(0, opnum, &LITTLE.service(name, wide), None));
        let events = feed(
            &[
                (ToServer, LITTLE.bind(11, &[(0, SVCCTL, transfer)], None)),
                call(16, "ccmsetup"),
                call(16, "CcmExec"),
                call(16, "ccmsetup"),
                call(12, "ccmsetup"),
            ],
            Some("svcctl"),
        );
        let names: Vec<_> = requests(&events).iter().map(|r| (r.opnum, r.service_name.as_deref())).collect();
        assert_eq!(names, [(16, Some("ccmsetup")), (16, Some("CcmExec")), (12, Some("ccmsetup"))]);
    }
}

#[test]
fn a_service_is_not_named_from_encrypted_or_foreign_stubs() {
    let stub = LITTLE.service("ccmsetup", false);
    let sealed = |level| Some((10, level, &[0; 16][..]));
    for (interface, opnum, bound, call, named) in [
        (SVCCTL, 12, sealed(5), sealed(5), true),
        (SVCCTL, 12, sealed(6), sealed(6), false),
        (SVCCTL, 12, None, sealed(6), false),
        (SVCCTL, 12, sealed(6), None, false),
        (SVCCTL, 15, None, None, false),
        (EPM, 12, None, None, false),
    ] {
        let events = feed(
            &[
                (ToServer, LITTLE.bind(11, &[(0, interface, NDR)], bound)),
                (ToServer, LITTLE.request(0, opnum, &stub, call)),
            ],
            None,
        );
        assert_eq!(
            requests(&events)[0].service_name.is_some(),
            named,
            "{interface} {opnum} {bound:?} {call:?}"
        );
    }
}

#[test]
fn service_names_with_lying_lengths_are_left_out() {
    let good = LITTLE.service("ccmsetup", false);
    for (place, value) in [(20, 1_u32), (24, 1), (28, 300), (28, u32::MAX), (28, 0)] {
        let mut stub = good.clone();
        stub[place..place + 4].copy_from_slice(&value.to_le_bytes());
        assert_eq!(svcctl::service_name(12, &stub, true, false), None, "{value} at {place}");
    }
    assert_eq!(svcctl::service_name(12, &good[..40], true, false), None);
    assert_eq!(svcctl::service_name(12, &good, true, false).as_deref(), Some("ccmsetup"));
}

#[test]
fn a_request_on_an_unknown_context_keeps_its_opnum() {
    let events = feed(&[(ToServer, BIG.request(4, 0, &[], None))], None);
    let [Event::Dcerpc(DcerpcEvent::Request(request))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((request.interface.as_deref(), request.opnum), (None, 0));
}

#[test]
fn a_context_that_changes_its_interface_begins_anew() {
    let call = (ToServer, LITTLE.request(0, 3, &[], None));
    let bind = |interface| (ToServer, LITTLE.bind(14, &[(0, interface, NDR)], None));
    let events = feed(&[bind(EPM), call.clone(), bind(EPM), call.clone(), bind(SVCCTL), call], None);
    let interfaces: Vec<_> = requests(&events).iter().map(|request| request.interface.as_deref()).collect();
    assert_eq!(interfaces, [Some(EPM), Some(SVCCTL)]);
}

/// A connectionless PDU.
fn datagram(order: Order, ptype: u8, opnum: usize, stub: &[u8]) -> Vec<u8> {
    let start = [4, ptype, 0, 0, if order.little { 0x10 } else { 0 }, 0, 0, 0];
    let fields = [order.u16(opnum), vec![0xFF; 4], order.u16(stub.len()), vec![0; 4]].concat();
    [&start[..], &[0; 16], &order.uuid(EPM), &[7; 16], &[0; 12], &fields, stub].concat()
}

#[test]
fn calls_over_udp_are_said_once_for_each_opnum() {
    let flow = vec![
        (ToServer, datagram(LITTLE, 0, 3, b"stub")),
        (ToClient, datagram(LITTLE, 2, 3, b"answer")),
        (ToServer, datagram(BIG, 0, 3, &[])),
        (ToServer, datagram(BIG, 0, 4, &[])),
    ];
    let said: Vec<Event> = datagram_events(1_026, &flow).into_iter().map(|(_, event)| event).collect();
    let calls: Vec<_> = requests(&said).iter().map(|call| (call.interface.as_deref(), call.opnum)).collect();
    assert_eq!(calls, [(Some(EPM), 3), (Some(EPM), 4)]);
    assert_eq!(said.len(), 2);
    damage_does_no_harm_to_datagrams(1_026, &flow);
}

#[test]
fn a_datagram_that_contradicts_itself_is_not_rpc() {
    let good = datagram(LITTLE, 0, 3, b"stub");
    assert_eq!(probe(&good, ToServer), Probe::Yes);
    for (place, value) in [(1, 11), (3, 0x04), (4, 0x12), (5, 4), (6, 1), (74, 5)] {
        let mut wrong = good.clone();
        wrong[place] = value;
        assert_eq!(probe(&wrong, ToServer), Probe::No, "byte {place} = {value}");
    }
    assert_eq!(probe(&good[..79], ToServer), Probe::No);
}

#[test]
fn a_refused_bind_is_one_refusal() {
    let events = feed(&[(ToClient, LITTLE.pdu(13, 3, &[4, 0, 0], None))], Some("winreg"));
    let [Event::Dcerpc(DcerpcEvent::BindAck { pipe, accepted: 0, refused: 1 })] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(pipe.as_deref(), Some("winreg"));
}

#[test]
fn a_bind_with_too_many_contexts_is_said_and_called_malformed() {
    let mut bind = LITTLE.bind(11, &[(0, EPM, NDR)], None);
    bind[24] = 2;
    let events = feed(&[(ToServer, bind)], None);
    let [Event::Dcerpc(DcerpcEvent::Bind(bind)), Event::Anomaly(Anomaly::Malformed(error))] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((bind.interfaces.len(), error.field), (1, "context id"));
}

#[test]
fn different_calls_end_at_their_limit_and_say_so_once() {
    let calls: Vec<u8> = (0..400).flat_map(|opnum| LITTLE.request(0, opnum, &[], None)).collect();
    let events = feed(&[(ToServer, calls)], None);
    assert_eq!(requests(&events).len(), 256);
    let limits = events.iter().filter(|event| {
        matches!(event, Event::Anomaly(Anomaly::LimitReached { protocol: "dcerpc", limit: "list_items" }))
    });
    assert_eq!(limits.count(), 1);
}

#[test]
fn a_pipe_in_pieces_says_what_the_whole_says() {
    let whole = feed(&conversation(), Some("epmapper"));
    for size in [1, 5, 16, 100] {
        let pieces: Vec<_> = conversation()
            .into_iter()
            .flat_map(|(way, bytes)| {
                bytes.chunks(size).map(|piece| (way, piece.to_vec())).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(feed(&pieces, Some("epmapper")), whole, "pieces of {size}");
    }
}

#[test]
fn after_a_gap_a_pipe_is_read_again_from_the_next_pdu() {
    let mut out = Events::new(Limits::default());
    let mut association = Association::new(&out.limits);
    let bind = LITTLE.bind(11, &[(0, EPM, NDR)], None);
    association.feed(ToServer, &bind[..30], None, &mut out);
    association.gap(ToServer);
    association.feed(ToServer, b"the middle of something else", None, &mut out);
    association.feed(ToServer, &bind, None, &mut out);
    let said = out.said();
    assert!(matches!(said.as_slice(), [(_, Event::Dcerpc(DcerpcEvent::Bind(_)))]), "{said:?}");
}

#[test]
fn no_token_byte_is_shown_as_evidence() {
    let token = authenticate_message(0xE288_8235, &[0xB1; 24], &[0xB1; 60], false);
    let mut out = Events::new(Limits::default());
    let mut association = Association::new(&out.limits);
    association.feed(ToServer, &LITTLE.bind(11, &[], Some((10, 5, &token))), None, &mut out);
    assert!(out.said.len() >= 2);
    for said in &out.said {
        assert!(!said.excerpt.is_empty() && !said.excerpt.contains(&0xB1), "{said:?}");
    }
}

proptest! {
    #[test]
    fn anything_behind_a_sound_header_is_survived(ptype in 0_u8..20, flags in any::<u8>(), little in any::<bool>(),
                                                  body in prop::collection::vec(any::<u8>(), 0..200),
                                                  auth in prop::option::of(prop::collection::vec(any::<u8>(), 1..60))) {
        let auth = auth.as_deref().map(|token| (9, 5, token));
        let pdu = Order { little }.pdu(ptype, flags, &body, auth);
        feed(&[(ToServer, pdu.clone()), (ToClient, pdu)], None);
    }

    #[test]
    fn uuids_are_read_as_they_are_written(bytes in any::<[u8; 16]>(), little in any::<bool>()) {
        let text = wire::Ordered::new(&bytes, little).uuid("uuid").unwrap();
        prop_assert_eq!(Order { little }.uuid(&text), bytes.to_vec());
    }
}
