use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::limits::Limits;
use crate::link::frames::*;
use crate::link::{Dissected, dissect};

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A compressed datagram: what is inside, by which algorithm, its bytes.
fn compressed(next: u8, index: u16, packed: &[u8]) -> Vec<u8> {
    ipv4(8, 9, 108, &join(&[&[next, 0], &index.to_be_bytes(), packed]))
}

/// What a packet turns out to be when all that is compressed is inflated.
fn inflated(ip: &[u8], limits: &Limits) -> String {
    let bytes = frame(101, ip);
    let Dissected::Compressed(compressed) = dissect(&bytes, limits) else {
        return format!("{:?}", dissect(&bytes, limits));
    };
    match compressed.inflate(limits) {
        Ok(whole) => format!("{:?}", whole.dissect(limits)),
        Err(stop) => format!("{stop:?}"),
    }
}

fn told(ip: &[u8]) -> String {
    inflated(ip, &Limits::default())
}

/// The bytes of a text as they stand in a debug print.
fn printed(bytes: &[u8]) -> String {
    format!("{bytes:?}").trim_matches(['[', ']']).to_owned()
}

#[test]
fn transport_and_tunnel_are_inflated_by_known_and_negotiated_numbers() {
    let segment = tcp(50_000, 80, REQUEST);
    for index in [2, 256, 0xEED1] {
        for ip in [compressed(6, index, &deflate(&segment)), compressed(4, index, &deflate(&request()))] {
            let told = told(&ip);
            assert!(told.starts_with("Packet") && told.contains(&printed(REQUEST)), "{told}");
        }
    }
    let inside_v6 = ipv6(1, 2, 108, &join(&[&[6, 0, 0, 2], &deflate(&segment)]));
    assert!(told(&inside_v6).contains(&printed(REQUEST)));
}

#[test]
fn what_is_not_deflated_is_another_transport() {
    let whole = deflate(&tcp(50_000, 80, REQUEST));
    let other = "OtherTransport";
    assert_eq!(told(&compressed(6, 3, &whole)), other, "LZS");
    assert_eq!(told(&compressed(6, 256, &[0x5A; 40])), other);
    assert_eq!(told(&compressed(6, 2, &whole[..whole.len() - 1])), other);
    assert_eq!(told(&compressed(6, 2, &join(&[&whole, &[0]]))), other);
    assert_eq!(told(&compressed(6, 2, &[])), other);
}

#[test]
fn bomb_is_malformed() {
    let limits = Limits { inflated_datagram: 1_000, ..Limits::default() };
    let [fits, beyond] =
        [1_000, 1_001].map(|len| inflated(&compressed(17, 2, &deflate(&vec![0; len])), &limits));
    assert!(fits.starts_with("Packet"), "{fits}");
    assert_eq!(beyond, "Malformed(\"ipcomp payload: inflates beyond the limit\")");
}

#[test]
fn nesting_ends_at_the_limit() {
    let limits = Limits { tunnel_depth: 1, ..Limits::default() };
    let once = join(&[&[6, 0, 0, 2], &deflate(&tcp(50_000, 80, REQUEST))]);
    let twice = compressed(108, 2, &deflate(&once));
    assert_eq!(inflated(&twice, &limits), "Malformed(\"ipcomp headers: nested deeper than the limit\")");
    assert!(inflated(&twice, &Limits::default()).starts_with("Compressed"));
}

#[test]
fn frame_that_was_cut_is_no_malformation() {
    let ip = compressed(6, 2, &deflate(&tcp(50_000, 80, REQUEST)));
    let mut cut = frame(101, &ip);
    cut.bytes = &ip[..ip.len() - 1];
    assert!(matches!(dissect(&cut, &Limits::default()), Dissected::CutShort));
}
