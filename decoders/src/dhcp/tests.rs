use capture::Direction::{self, ToClient, ToServer};

use super::wire::{FIXED, MAGIC_COOKIE};
use super::*;
use crate::harness::{damage_does_no_harm_to_datagrams, datagram_events};
use crate::{Anomaly, Event};

/// A message of this operation with these options.
fn message(operation: u8, options: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0; FIXED];
    bytes[..3].copy_from_slice(&[operation, 1, 6]);
    bytes[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 7]);
    bytes.extend(MAGIC_COOKIE);
    bytes.extend(options.concat());
    bytes
}

fn option(code: u8, value: &[u8]) -> Vec<u8> {
    [&[code, u8::try_from(value.len()).unwrap()], value].concat()
}

fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
    bytes[at..at + field.len()].copy_from_slice(field);
}

fn told(direction: Direction, bytes: Vec<u8>) -> (DhcpEvent, Vec<Event>) {
    let mut events = datagram_events(67, &vec![(direction, bytes)]).into_iter().map(|(_, event)| event);
    let Some(Event::Dhcp(event)) = events.next() else { panic!("no DHCP event") };
    (event, events.collect())
}

#[test]
fn a_discover_names_its_client() {
    let class = option(60, b"PXEClient:Arch:00007:UNDI:003016");
    let bytes = message(1, &[&[53, 1, 1, 0], &option(12, b"wks-1"), &class, &[255]]);
    let (event, rest) = told(ToServer, bytes.clone());
    assert_eq!((event.message_type, event.host_name.as_deref()), (Some(1), Some("wks-1")));
    assert_eq!(event.client_mac, Some([2, 0, 0, 0, 0, 7]));
    assert_eq!(event.vendor_class.as_deref(), Some("PXEClient:Arch:00007:UNDI:003016"));
    assert_eq!((event.next_server, event.boot_file), (Some([0, 0, 0, 0].into()), None));
    assert!(rest.is_empty());
    damage_does_no_harm_to_datagrams(67, &vec![(ToServer, bytes)]);
}

#[test]
fn an_offer_tells_whence_to_boot_and_what() {
    let mut bytes =
        message(2, &[&[53, 1, 2], &option(66, b"dp1.lab.example\0"), &option(67, b"a\\b.com\0old"), &[255]]);
    put(&mut bytes, 20, &[192, 0, 2, 9]);
    put(&mut bytes, 108, b"smsboot\\x64\\wdsmgfw.efi\0rest");
    let (event, rest) = told(ToClient, bytes);
    assert_eq!(event.next_server, Some([192, 0, 2, 9].into()));
    assert_eq!(event.boot_file.as_deref(), Some("smsboot\\x64\\wdsmgfw.efi"));
    assert_eq!(event.tftp_server.as_deref(), Some("dp1.lab.example"));
    assert_eq!(event.bootfile_name.as_deref(), Some("a\\b.com"), "what is behind the zero byte is no name");
    assert!(rest.is_empty());
}

#[test]
fn fields_that_hold_options_are_read_as_options() {
    let mut bytes = message(2, &[&[53, 1, 5, 52, 1, 3, 255]]);
    put(&mut bytes, 108, &[&option(67, b"boot.sdi")[..], &[255]].concat());
    put(&mut bytes, 44, &[&option(66, b"dp2")[..], &[0, 255]].concat());
    let (event, rest) = told(ToClient, bytes);
    assert_eq!(event.boot_file, None, "options are no file name");
    assert_eq!(
        (event.tftp_server.as_deref(), event.bootfile_name.as_deref()),
        (Some("dp2"), Some("boot.sdi"))
    );
    assert!(rest.is_empty());
}

#[test]
fn an_overload_inside_an_overloaded_field_opens_nothing_more() {
    let mut bytes = message(2, &[&[52, 1, 1, 255]]);
    put(&mut bytes, 108, &[52, 1, 2, 255]);
    put(&mut bytes, 44, &option(66, b"unread"));
    assert_eq!(told(ToClient, bytes).0.tftp_server, None);
}

#[test]
fn an_option_in_parts_is_put_together() {
    let bytes = message(2, &[&option(67, b"\\SMSBoot"), &[53, 1, 2], &option(67, b"\\x64"), &[255]]);
    assert_eq!(told(ToClient, bytes).0.bootfile_name.as_deref(), Some("\\SMSBoot\\x64"));
}

#[test]
fn bootp_has_a_file_and_no_message_type() {
    let mut bytes = message(2, &[]);
    bytes.truncate(FIXED);
    put(&mut bytes, 108, b"pxelinux.0");
    let (event, rest) = told(ToClient, bytes);
    assert_eq!((event.message_type, event.boot_file.as_deref()), (None, Some("pxelinux.0")));
    assert!(rest.is_empty());
}

#[test]
fn an_option_longer_than_the_message_is_told_with_what_was_read_before() {
    let (event, rest) = told(ToServer, message(1, &[&[53, 1, 3, 12, 9], b"wks"]));
    assert_eq!((event.message_type, event.host_name), (Some(3), None));
    let [Event::Anomaly(Anomaly::Malformed(error))] = &rest[..] else { panic!("{rest:?}") };
    assert_eq!(error.to_string(), "dhcp: option value at byte 245: need 9 bytes, have 3");
}

#[test]
fn a_hardware_address_that_is_no_mac_is_left_out() {
    let mut bytes = message(1, &[&[255]]);
    bytes[1] = 32;
    assert_eq!(told(ToServer, bytes).0.client_mac, None);
}
