//! Captures taken elsewhere, or another way, of the same traffic: what is reported stays the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::capture::Folder;
use crate::program::{check, root};

/// Samples of every family of rules.
const SAMPLES: [&str; 10] = [
    "cert-shared",
    "crl-unreachable",
    "http-ntlm",
    "loc-wins-conflict",
    "loc-wins-query",
    "push-cleartcf",
    "push-fallback",
    "smb-ntlm",
    "status-unsigned",
    "tls-old",
];

/// A frame with its time, seconds and microseconds.
#[derive(Clone)]
struct Frame {
    time: [u32; 2],
    bytes: Vec<u8>,
}

/// The frames of a little-endian pcap file of Ethernet frames, none of them cut.
fn read(path: &Path) -> Vec<Frame> {
    let file = fs::read(path).unwrap();
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((word(0), word(20)), (0xa1b2_c3d4, 1), "{}", path.display());
    let (mut at, mut frames) = (24, Vec::new());
    while at < file.len() {
        let len = word(at + 8) as usize;
        assert_eq!(word(at + 8), word(at + 12), "{}: a cut frame", path.display());
        let bytes = file[at + 16..at + 16 + len].to_vec();
        frames.push(Frame { time: [word(at), word(at + 4)], bytes });
        at += 16 + len;
    }
    frames
}

fn pcap(frames: &[Frame]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        file.extend(word.to_le_bytes());
    }
    for Frame { time: [seconds, micros], bytes } in frames {
        let len = u32::try_from(bytes.len()).unwrap();
        for word in [*seconds, *micros, len, len] {
            file.extend(word.to_le_bytes());
        }
        file.extend(bytes);
    }
    file
}

/// The same with other bytes in each frame.
fn each(frames: &[Frame], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Frame> {
    frames.iter().map(|frame| Frame { bytes: change(&frame.bytes), ..frame.clone() }).collect()
}

/// Where the IPv4 header is if the frame has one, not of a fragment and without options; and its protocol.
fn ipv4(bytes: &[u8]) -> Option<u8> {
    // No flag but "do not fragment", and no offset.
    let whole = matches!(bytes.get(20..22), Some([0 | 0x40, 0]));
    (bytes.get(12..15) == Some(&[8, 0, 0x45]) && whole && bytes.len() >= 42).then(|| bytes[23])
}

/// Puts the length of the IPv4 header and a checksum that is right into a frame.
fn seal(bytes: &mut [u8]) {
    let len = u16::try_from(bytes.len() - 14).unwrap();
    bytes[16..18].copy_from_slice(&len.to_be_bytes());
    bytes[24..26].fill(0);
    let sum: u32 =
        bytes[14..34].chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap();
    bytes[24..26].copy_from_slice(&checksum.to_be_bytes());
}

fn tagged(frames: &[Frame]) -> Vec<Frame> {
    each(frames, |bytes| [&bytes[..12], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 55], &bytes[12..]].concat())
}

fn in_vxlan(frames: &[Frame]) -> Vec<Frame> {
    each(frames, |bytes| {
        let udp = u16::try_from(bytes.len() + 16).unwrap().to_be_bytes();
        let mut outer =
            vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0];
        outer.extend([192, 0, 2, 251, 192, 0, 2, 252, 0xd4, 0x31, 0x12, 0xb5, udp[0], udp[1], 0, 0]);
        outer.extend([8, 0, 0, 0, 0, 0, 42, 0]);
        outer.extend(bytes);
        seal(&mut outer);
        outer
    })
}

fn padded(frames: &[Frame]) -> Vec<Frame> {
    each(frames, |bytes| {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().max(60), 0x47);
        bytes
    })
}

fn with_wrong_checksums(frames: &[Frame]) -> Vec<Frame> {
    each(frames, |bytes| {
        let mut bytes = bytes.to_vec();
        match ipv4(&bytes) {
            Some(6) => bytes[50..52].fill(0x5a),
            Some(17) => bytes[40..42].fill(0x5a),
            _ => {}
        }
        bytes
    })
}

fn twice(frames: &[Frame]) -> Vec<Frame> {
    frames.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect()
}

/// Each packet before and behind a router.
fn routed(frames: &[Frame]) -> Vec<Frame> {
    let copy = |frame: &Frame| {
        let mut copy = frame.clone();
        if ipv4(&copy.bytes).is_some() {
            copy.bytes[..12].copy_from_slice(&[2, 0, 0, 0, 9, 1, 2, 0, 0, 0, 9, 2]);
            copy.bytes[22] -= 1;
            let len = usize::from(u16::from_be_bytes([copy.bytes[16], copy.bytes[17]]));
            copy.bytes.truncate(14 + len);
            seal(&mut copy.bytes);
        }
        copy
    };
    frames.iter().flat_map(|frame| [frame.clone(), copy(frame)]).collect()
}

/// Every second frame changes places with the next, if that goes the other way between the same ends; time goes on.
fn disordered(frames: &[Frame]) -> Vec<Frame> {
    let mut disordered = frames.to_vec();
    for pair in disordered.chunks_mut(2) {
        if let [one, other] = pair
            && ipv4(&one.bytes).is_some()
            && ipv4(&one.bytes) == ipv4(&other.bytes)
            && one.bytes[26..30] == other.bytes[30..34]
            && one.bytes[34..36] == other.bytes[36..38]
        {
            std::mem::swap(&mut one.bytes, &mut other.bytes);
        }
    }
    disordered
}

/// TCP segments cut into pieces of so many bytes.
fn cut(frames: &[Frame], size: usize) -> Vec<Frame> {
    let mut pieces = Vec::new();
    for frame in frames {
        let bytes = &frame.bytes;
        let end = bytes.get(16..18).map_or(0, |len| 14 + usize::from(u16::from_be_bytes([len[0], len[1]])));
        let payload = bytes.get(46).map_or(0, |offset| 34 + usize::from(offset >> 4) * 4);
        let plain = ipv4(bytes) == Some(6) && end <= bytes.len() && payload < end && bytes[47] & 0x06 == 0;
        if !plain {
            pieces.push(frame.clone());
            continue;
        }
        let sequence = u32::from_be_bytes(bytes[38..42].try_into().unwrap());
        for (place, part) in (0_u32..).zip(bytes[payload..end].chunks(size)) {
            let mut piece = [&bytes[..payload], part].concat();
            let offset = place * u32::try_from(size).unwrap();
            piece[38..42].copy_from_slice(&sequence.wrapping_add(offset).to_be_bytes());
            if payload + offset as usize + part.len() < end {
                piece[47] &= !0x01;
            }
            seal(&mut piece);
            pieces.push(Frame { bytes: piece, ..frame.clone() });
        }
    }
    pieces
}

/// What a report says, without where in the capture it shows.
fn said(report: &Value) -> BTreeSet<String> {
    let ends = |of: &Value, one: &str, other: &str| {
        format!("{} {} {}", of[one]["ip"], of[other]["ip"], of[other]["port"])
    };
    let findings = report["findings"].as_array().unwrap().iter().map(|finding| {
        let ends = ends(finding, "source", "destination");
        format!(
            "{} {} {} {ends} {}",
            finding["rule"], finding["severity"], finding["confidence"], finding["message"]
        )
    });
    let channels = report["channels"].as_array().unwrap().iter().map(|channel| {
        let ends = ends(channel, "client", "server");
        format!("{} {} {ends} {}", channel["purpose"], channel["grade"], channel["reasons"])
    });
    findings.chain(channels).collect()
}

/// A change of a capture.
type Change = fn(&[Frame]) -> Vec<Frame>;

#[test]
fn the_way_a_capture_was_taken_does_not_change_what_it_shows() {
    let changes: [(&str, Change); 9] = [
        ("tagged twice", tagged),
        ("in VXLAN", in_vxlan),
        ("padded", padded),
        ("with wrong checksums", with_wrong_checksums),
        ("each frame twice", twice),
        ("before and behind a router", routed),
        ("directions out of order", disordered),
        ("cut into pieces of 7 bytes", |frames| cut(frames, 7)),
        ("cut, tagged, each frame twice", |frames| twice(&tagged(&cut(frames, 300)))),
    ];
    let folder = Folder::new();
    for sample in SAMPLES {
        let frames = read(&root().join("samples").join(sample).join("hit.pcap"));
        let plain = said(&check(&folder.file("plain.pcap", &pcap(&frames))).json());
        assert!(!plain.is_empty(), "{sample}: nothing to compare");
        for (how, change) in changes {
            let after = said(&check(&folder.file("changed.pcap", &pcap(&change(&frames)))).json());
            let lost: Vec<_> = plain.difference(&after).collect();
            let new: Vec<_> = after.difference(&plain).collect();
            assert!(lost.is_empty() && new.is_empty(), "{sample} {how}: lost {lost:#?}, new {new:#?}");
        }
    }
}
