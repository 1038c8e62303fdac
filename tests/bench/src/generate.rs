//! Writes captures of conversations made up here, the same for the same size.
//!
//! `mix`: many small flows as on a client network, a few hundred open at once. `bulk`: a few long HTTP downloads in
//! full frames. `tiny`: flows of one to two packets, as scans and name services make them.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use crate::talks::{self, Talk};

/// Kinds of captures.
pub(crate) const KINDS: [&str; 3] = ["mix", "bulk", "tiny"];
/// Hosts of the network.
const CLIENTS: usize = 500;
const SERVERS: u32 = 40;
/// Payload of a full frame.
const FULL: usize = 1_460;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;
const FIN: u8 = 1;
const PUSH: u8 = 8;

/// A small source of numbers (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ number >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((number ^ number >> 31) >> 11) as usize % below
    }
}

/// A flow on its way: what is left of it, and where its sequence numbers stand.
struct Flow {
    ends: [(u32, u16); 2],
    sequence: [u32; 2],
    talk: Talk,
    /// Message and offset in it, of what comes next; `None` before the handshake.
    place: Option<(usize, usize)>,
    unacknowledged: u32,
}

struct Capture {
    file: BufWriter<File>,
    bytes: u64,
    nanos: u64,
    packets: u64,
}

impl Capture {
    fn packet(&mut self, ends: [(u32, u16); 2], tcp: Option<(u32, u32, u8)>, payload: &[u8]) -> Result<()> {
        let head = if tcp.is_some() { 20 } else { 8 };
        let len = 20 + head + payload.len();
        let [(source, from), (destination, to)] = ends;
        let mut frame = Vec::with_capacity(14 + len);
        for host in [destination, source] {
            frame.extend_from_slice(&[2, 0]);
            frame.extend_from_slice(&host.to_be_bytes());
        }
        frame.extend_from_slice(&[8, 0]);
        let mut ip = [
            0x45,
            0,
            0,
            0,
            0,
            0,
            0x40,
            0,
            64,
            if tcp.is_some() { 6 } else { 17 },
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        ip[2..4].copy_from_slice(&(len as u16).to_be_bytes());
        ip[4..6].copy_from_slice(&(self.packets as u16).to_be_bytes());
        ip[12..16].copy_from_slice(&source.to_be_bytes());
        ip[16..20].copy_from_slice(&destination.to_be_bytes());
        let sum: u32 = ip.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
        let sum = (sum & 0xFFFF) + (sum >> 16);
        ip[10..12].copy_from_slice(&(!((sum & 0xFFFF) + (sum >> 16)) as u16).to_be_bytes());
        frame.extend_from_slice(&ip);
        frame.extend_from_slice(&from.to_be_bytes());
        frame.extend_from_slice(&to.to_be_bytes());
        if let Some((sequence, acknowledgement, flags)) = tcp {
            frame.extend_from_slice(&sequence.to_be_bytes());
            frame.extend_from_slice(&acknowledgement.to_be_bytes());
            frame.extend_from_slice(&[0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
        } else {
            frame.extend_from_slice(&((8 + payload.len()) as u16).to_be_bytes());
            frame.extend_from_slice(&[0, 0]);
        }
        frame.extend_from_slice(payload);
        self.nanos += 20_000;
        self.packets += 1;
        self.bytes += 16 + frame.len() as u64;
        let seconds = 1_700_000_000 + (self.nanos / 1_000_000_000) as u32;
        let micros = (self.nanos % 1_000_000_000 / 1_000) as u32;
        for field in [seconds, micros, frame.len() as u32, frame.len() as u32] {
            self.file.write_all(&field.to_ne_bytes())?;
        }
        self.file.write_all(&frame)
    }
}

impl Flow {
    fn new(number: usize, talk: Talk, dice: &mut Dice) -> Self {
        let client = 0x0A01_0000 + (number % CLIENTS) as u32;
        // A client knows a few of the servers.
        let server = 0x0A00_0001 + ((number % CLIENTS) * 7 + dice.next(3)) as u32 % SERVERS;
        let from = if talk.port == 137 { 137 } else { (49_152 + number / CLIENTS % 16_000) as u16 };
        let sequence = [dice.next(1 << 32) as u32, dice.next(1 << 32) as u32];
        let ends = [(client, from), (server, talk.port)];
        Self { ends, sequence, talk, place: None, unacknowledged: 0 }
    }

    fn send(&mut self, capture: &mut Capture, way: usize, flags: u8, payload: &[u8]) -> Result<()> {
        let ends = [self.ends[way], self.ends[1 - way]];
        let acknowledged = if flags & ACK == 0 { 0 } else { self.sequence[1 - way] };
        capture.packet(ends, Some((self.sequence[way], acknowledged, flags)), payload)?;
        let counted = u32::from(flags & (SYN | FIN) != 0) + payload.len() as u32;
        self.sequence[way] = self.sequence[way].wrapping_add(counted);
        Ok(())
    }

    /// Sends the next packet or handshake; false at the end.
    fn step(&mut self, capture: &mut Capture) -> Result<bool> {
        let Some((message, offset)) = self.place else {
            self.place = Some((0, 0));
            if self.talk.tcp {
                self.send(capture, 0, SYN, &[])?;
                self.send(capture, 1, SYN | ACK, &[])?;
                self.send(capture, 0, ACK, &[])?;
            }
            return Ok(true);
        };
        let Some((way, bytes)) = self.talk.messages.get(message).cloned() else {
            if self.talk.tcp {
                self.send(capture, 0, FIN | ACK, &[])?;
                self.send(capture, 1, FIN | ACK, &[])?;
                self.send(capture, 0, ACK, &[])?;
            }
            return Ok(false);
        };
        if !self.talk.tcp {
            capture.packet([self.ends[way], self.ends[1 - way]], None, &bytes)?;
            self.place = Some((message + 1, 0));
            return Ok(true);
        }
        let end = bytes.len().min(offset + FULL);
        let whole = end == bytes.len();
        self.send(capture, way, if whole { ACK | PUSH } else { ACK }, &bytes[offset..end])?;
        self.unacknowledged += 1;
        if self.unacknowledged == 2 {
            self.unacknowledged = 0;
            self.send(capture, 1 - way, ACK, &[])?;
        }
        self.place = Some(if whole { (message + 1, 0) } else { (message, end) });
        Ok(true)
    }
}

fn create(path: &Path) -> Result<Capture> {
    let mut capture = Capture {
        file: BufWriter::with_capacity(1 << 20, File::create(path)?),
        bytes: 24,
        nanos: 0,
        packets: 0,
    };
    for field in [0xA1B2_C3D4_u32, 4 << 16 | 2, 0, 0, 262_144, 1] {
        capture.file.write_all(&field.to_ne_bytes())?;
    }
    Ok(capture)
}

/// Writes one capture of so many flows, whatever each says, and gives its size and its packets.
pub(crate) fn write_flows(
    path: &Path,
    count: usize,
    mut talk: impl FnMut(usize, &mut Dice) -> Talk,
) -> Result<(u64, u64)> {
    let mut capture = create(path)?;
    let mut dice = Dice(7);
    let mut order = Dice(8);
    let mut open = Vec::new();
    let mut begun = 0;
    loop {
        while begun < count && open.len() < 400 {
            begun += 1;
            let talk = talk(begun, &mut dice);
            open.push(Flow::new(begun, talk, &mut Dice(begun as u64)));
        }
        if open.is_empty() {
            break;
        }
        let at = order.next(open.len());
        if !open[at].step(&mut capture)? {
            open.swap_remove(at);
        }
    }
    capture.file.flush()?;
    Ok((capture.bytes, capture.packets))
}

/// Writes one capture of about so many bytes, and gives its size and its packets.
pub(crate) fn write(path: &Path, kind: &str, bytes: u64) -> Result<(u64, u64)> {
    let mut capture = create(path)?;
    let mut dice = Dice(7);
    match kind {
        "tiny" => tiny(&mut capture, bytes, &mut dice)?,
        kind => flows(&mut capture, bytes, kind == "bulk", &mut dice)?,
    }
    capture.file.flush()?;
    Ok((capture.bytes, capture.packets))
}

/// Flows side by side: whenever one ends, another begins.
fn flows(capture: &mut Capture, bytes: u64, bulk: bool, dice: &mut Dice) -> Result<()> {
    let mix = talks::mix();
    let mut count = 0;
    let mut begin = |dice: &mut Dice| {
        count += 1;
        let talk = if bulk { talks::download(2 << 20) } else { mix[dice.next(mix.len())].varied(count) };
        Flow::new(count, talk, dice)
    };
    let mut open: Vec<_> = (0..if bulk { 8 } else { 400 }).map(|_| begin(dice)).collect();
    while capture.bytes < bytes {
        let at = dice.next(open.len());
        if !open[at].step(capture)? {
            open[at] = begin(dice);
        }
    }
    Ok(())
}

/// Lone SYNs, refused connections, and DNS questions with answers.
fn tiny(capture: &mut Capture, bytes: u64, dice: &mut Dice) -> Result<()> {
    let mut number = 0;
    while capture.bytes < bytes {
        number += 1;
        match dice.next(3) {
            0 => Flow::new(number, Talk::tcp(445), dice).send(capture, 0, SYN, &[])?,
            1 => {
                let mut flow = Flow::new(number, Talk::tcp(80), dice);
                flow.send(capture, 0, SYN, &[])?;
                flow.send(capture, 1, RST | ACK, &[])?;
            }
            _ => {
                let mut flow = Flow::new(number, talks::dns(), dice);
                while flow.step(capture)? {}
            }
        }
    }
    Ok(())
}
