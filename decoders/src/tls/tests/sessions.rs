//! Groups, tickets, and what shows that a session is resumed.

use super::super::key_exchange::{new_session_ticket, server_key_exchange, session_name};
use super::super::{KeyExchange, SessionTicket};
use super::*;

macro_rules! recorded {
    ($name:literal) => {
        talk(include_bytes!(concat!("../testdata/", $name, ".talk")))
    };
}

/// Where the session id stands in a record that holds a ServerHello: behind record, message, version, random and length.
const SESSION_ID: usize = 5 + 4 + 2 + 32 + 1;

fn tickets(events: &[(Direction, TlsEvent)]) -> Vec<SessionTicket> {
    let only = |(_, event): &(Direction, TlsEvent)| match event {
        TlsEvent::SessionTicket(ticket) => Some(*ticket),
        _ => None,
    };
    events.iter().filter_map(only).collect()
}

fn exchanges(events: &[(Direction, TlsEvent)]) -> Vec<KeyExchange> {
    let only = |(_, event): &(Direction, TlsEvent)| match event {
        TlsEvent::KeyExchange(exchange) => Some(*exchange),
        _ => None,
    };
    events.iter().filter_map(only).collect()
}

#[test]
fn a_ticket_has_the_same_name_where_it_is_given_and_where_it_is_offered() {
    let first = all_events(&recorded!("tls12-first"));
    let [ticket] = tickets(&first)[..] else { panic!("{}", shape(&first)) };
    assert!(ticket.lifetime_secs > 0);
    assert_eq!(client_hello(&first).ticket, None, "there is none yet");
    let resumed = all_events(&recorded!("tls12-resumed"));
    assert_eq!(client_hello(&resumed).ticket, Some(ticket.sha256));
    assert!(server_hellos(&resumed)[0].resumed && !shape(&resumed).contains('b'));
}

#[test]
fn a_resumption_without_a_session_id_shows_by_what_is_left_out() {
    let mut conversation = recorded!("tls12-resumed");
    conversation[1].1[SESSION_ID] ^= 1;
    let events = tls_events(&conversation);
    assert!(!server_hellos(&events)[0].resumed);
    assert_eq!(shape(&events), "HhbEDd");
    assert!(!shape(&tls_events(&recorded!("tls12-first"))).contains('b'), "a whole handshake");
}

#[test]
fn tls13_resumes_by_a_key_that_the_server_chooses() {
    let events = all_events(&recorded!("tls13-resumed"));
    let server = server_hellos(&events)[0];
    assert_eq!((server.resumed, server.psk), (true, Some(0)));
    assert_eq!(client_hello(&events).psk_identities.len(), 1);
    let whole = all_events(&recorded!("tls13"));
    assert_eq!((server_hellos(&whole)[0].resumed, server_hellos(&whole)[0].psk), (false, None));
}

#[test]
fn the_group_shows_in_the_hello_or_in_the_key_exchange() {
    let [old] = exchanges(&all_events(&recorded!("tls12")))[..] else { panic!() };
    assert!(
        old.group.is_some_and(|group| client_hello(&tls_events(&recorded!("tls12"))).groups.contains(&group))
    );
    let retried = tls_events(&recorded!("tls13-retry"));
    let groups: Vec<_> = server_hellos(&retried).iter().map(|hello| hello.group).collect();
    assert_eq!(groups, [Some(24), Some(24)], "secp384r1, first wanted, then used");
    assert!(!client_hello(&retried).key_shares.is_empty());
    assert!(!client_hello(&retried).key_shares.contains(&24));
}

/// A key exchange over integers.
fn integers(prime: &[u8]) -> Vec<u8> {
    let value = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
    [value(prime), value(&[2]), value(prime), vec![0; 64]].concat()
}

#[test]
fn primes_are_measured_and_curves_named() {
    let bits = |prime: &[u8]| server_key_exchange(&integers(prime)).and_then(|exchange| exchange.prime_bits);
    assert_eq!(bits(&[0xFF; 128]), Some(1024));
    assert_eq!(
        bits(&[[0x00, 0x7F].as_slice(), &[0xFF; 127]].concat()),
        Some(1023),
        "zeros in front do not count"
    );
    assert_eq!(bits(&[0xFF; 768]), Some(6144), "its length begins with the number of named_curve");
    assert_eq!(bits(&[0xFF; 8]), None);
    let point = [&[3, 0, 29, 32][..], &[9; 32], &[8, 4, 0, 0]].concat();
    assert_eq!(server_key_exchange(&point).and_then(|exchange| exchange.group), Some(29));
    assert_eq!(server_key_exchange(&[0, 4, b'h', b'i', b'n', b't']), None, "a hint of a pre-shared key");
}

#[test]
fn tickets_of_both_forms_are_read_and_empty_ones_are_none() {
    let old = [&[0, 0, 14, 16][..], &[0, 3], b"abc"].concat();
    let name = session_name(b"abc");
    let ticket = Some(SessionTicket { lifetime_secs: 3600, sha256: name });
    assert_eq!(new_session_ticket(&old, false), Ok(ticket));
    let new = [&[0, 0, 14, 16][..], &[1, 2, 3, 4], &[1, 0], &[0, 3], b"abc", &[0, 0]].concat();
    assert_eq!(new_session_ticket(&new, true), Ok(ticket));
    assert_eq!(new_session_ticket(&[0, 0, 0, 0, 0, 0], false), Ok(None));
    assert!(new_session_ticket(&old[..8], false).is_err());
}

#[test]
fn segments_and_damage_do_no_harm() {
    for conversation in [recorded!("tls12-first"), recorded!("tls13-resumed")] {
        harness::splits_do_not_matter(443, &conversation);
        harness::damage_does_no_harm(443, &conversation);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = (server_key_exchange(&bytes), new_session_ticket(&bytes, false), new_session_ticket(&bytes, true));
    }
}
