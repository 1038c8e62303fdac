//! Small captures, byte by byte: Ethernet II, IPv4, UDP and TCP, NetBIOS name service, in pcap files.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 11);
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 5);
pub(crate) const BROADCAST: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 255);

/// NetBIOS suffix of the names that Configuration Manager looks up as services.
const SERVICE: u8 = 0x1a;
const UDP: u8 = 17;
const TCP: u8 = 6;

/// A folder for captures of one test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder for captures"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes a capture.
    pub(crate) fn capture(&self, name: &str, frames: &[Vec<u8>]) -> PathBuf {
        self.file(name, &pcap(frames))
    }
}

/// A pcap file, little-endian, with a frame a second from a fixed time.
pub(crate) fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    pcap_from(1_700_000_000, frames)
}

/// The same from another second on.
pub(crate) fn pcap_from(begin: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        file.extend(word.to_le_bytes());
    }
    for (second, frame) in (begin..).zip(frames) {
        let len = u32::try_from(frame.len()).unwrap();
        for word in [second, 0, len, len] {
            file.extend(word.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

/// Frames that show nothing of Configuration Manager.
pub(crate) fn irrelevant() -> Vec<Vec<u8>> {
    (0..4).map(|_| udp(CLIENT, SERVER, (40_000, 9_999), b"nothing to see here")).collect()
}

/// A client that asks WINS for its management point: medium.
pub(crate) fn wins_query() -> Vec<Vec<u8>> {
    vec![nbns(CLIENT, SERVER, 0x0100, "MP_ABC")]
}

/// A client that asks everybody: high.
pub(crate) fn broadcast_query() -> Vec<Vec<u8>> {
    vec![nbns(CLIENT, BROADCAST, 0x0110, "MP_ABC")]
}

/// A management point that registers itself in WINS: low.
pub(crate) fn registration() -> Vec<Vec<u8>> {
    let mut message = nbns_message(0x2900, "MP_ABC");
    // One additional record, pointing at the question's name: NB, IN, three days, flags, the address.
    message[11] = 1;
    message.extend([0xc0, 0x0c, 0, 0x20, 0, 1]);
    message.extend(300_000_u32.to_be_bytes());
    message.extend([0, 6, 0x60, 0]);
    message.extend(SERVER.octets());
    vec![udp(SERVER, CLIENT, (137, 137), &message)]
}

/// A NetBIOS name query.
fn nbns(from: Ipv4Addr, to: Ipv4Addr, flags: u16, name: &str) -> Vec<u8> {
    udp(from, to, (137, 137), &nbns_message(flags, name))
}

/// A packet with one question (RFC 1002 4.2): the name is padded to 15 bytes, its type is the 16th.
fn nbns_message(flags: u16, name: &str) -> Vec<u8> {
    let mut message = vec![0x12, 0x34];
    message.extend(flags.to_be_bytes());
    message.extend([0, 1, 0, 0, 0, 0, 0, 0, 32]);
    let padded = name.bytes().chain(std::iter::repeat(b' ')).take(15).chain([SERVICE]);
    message.extend(padded.flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 0x0f)]));
    message.extend([0, 0, 0x20, 0, 1]);
    message
}

/// A UDP datagram in a frame.
pub(crate) fn udp(from: Ipv4Addr, to: Ipv4Addr, ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(ports.0.to_be_bytes());
    segment.extend(ports.1.to_be_bytes());
    segment.extend(u16::try_from(payload.len() + 8).unwrap().to_be_bytes());
    segment.extend([0, 0]);
    segment.extend(payload);
    ip(from, to, UDP, &segment)
}

/// A TCP connection on which both ends speak in turn: `true` where the client does. Nothing longer than a frame may be.
pub(crate) fn talk(ports: (u16, u16), said: &[(bool, Vec<u8>)]) -> Vec<Vec<u8>> {
    let (there, back) = ((CLIENT, SERVER, ports), (SERVER, CLIENT, (ports.1, ports.0)));
    let (mut sent, mut answered) = (101, 501);
    let mut frames = vec![segment(there, 100, 0, 0x02, b""), segment(back, 500, 101, 0x12, b"")];
    for (client, bytes) in said {
        let length = u32::try_from(bytes.len()).unwrap();
        if *client {
            frames.push(segment(there, sent, answered, 0x18, bytes));
            sent += length;
        } else {
            frames.push(segment(back, answered, sent, 0x18, bytes));
            answered += length;
        }
    }
    frames.push(segment(there, sent, answered, 0x11, b""));
    frames.push(segment(back, answered, sent + 1, 0x11, b""));
    frames
}

/// A pcapng file, little-endian, with a secrets block of a TLS key log before its frames.
pub(crate) fn pcapng_with_secrets(secrets: &[u8], frames: &[Vec<u8>]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let padded = |bytes: &[u8]| {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(4), 0);
        padded
    };
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
    let mut blocks = vec![
        (0x0a0d_0d0a, words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX])),
        (10, [words(&[0x544c_534b, length(secrets)]), padded(secrets)].concat()),
        (1, words(&[1, 0])),
    ];
    for (second, frame) in (0..).zip(frames) {
        let time: u64 = (1_700_000_000 + second) * 1_000_000;
        let (high, low) = (u32::try_from(time >> 32).unwrap(), u32::try_from(time & 0xffff_ffff).unwrap());
        blocks.push((6, [words(&[0, high, low, length(frame), length(frame)]), padded(frame)].concat()));
    }
    let whole = |(kind, body): &(u32, Vec<u8>)| {
        let total = length(body) + 12;
        [words(&[*kind, total]), body.clone(), words(&[total])].concat()
    };
    blocks.iter().flat_map(whole).collect()
}

/// A TCP connection with one request and one answer, opened and closed.
pub(crate) fn tcp(
    from: Ipv4Addr,
    to: Ipv4Addr,
    ports: (u16, u16),
    request: &[u8],
    answer: &[u8],
) -> Vec<Vec<u8>> {
    let (there, back) = ((from, to, ports), (to, from, (ports.1, ports.0)));
    let after_request = 101 + u32::try_from(request.len()).unwrap();
    let after_answer = 501 + u32::try_from(answer.len()).unwrap();
    vec![
        segment(there, 100, 0, 0x02, b""),
        segment(back, 500, 101, 0x12, b""),
        segment(there, 101, 501, 0x10, b""),
        segment(there, 101, 501, 0x18, request),
        segment(back, 501, after_request, 0x18, answer),
        segment(there, after_request, after_answer, 0x11, b""),
        segment(back, after_answer, after_request + 1, 0x11, b""),
        segment(there, after_request + 1, after_answer + 1, 0x10, b""),
    ]
}

fn segment(ends: (Ipv4Addr, Ipv4Addr, (u16, u16)), seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (from, to, ports) = ends;
    let mut segment = Vec::new();
    segment.extend(ports.0.to_be_bytes());
    segment.extend(ports.1.to_be_bytes());
    segment.extend(seq.to_be_bytes());
    segment.extend(ack.to_be_bytes());
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    ip(from, to, TCP, &segment)
}

fn ip(from: Ipv4Addr, to: Ipv4Addr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend(u16::try_from(payload.len() + 20).unwrap().to_be_bytes());
    packet.extend([0, 1, 0x40, 0, 64, protocol, 0, 0]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    let sum: u32 = packet.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap();
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet.extend(payload);
    let mac = |address: Ipv4Addr| match address.octets() {
        [.., 255] => [0xff; 6],
        [a, b, c, d] => [0x02, 0, a, b, c, d],
    };
    let mut frame = Vec::new();
    frame.extend(mac(to));
    frame.extend(mac(from));
    frame.extend([0x08, 0x00]);
    frame.extend(packet);
    frame
}
