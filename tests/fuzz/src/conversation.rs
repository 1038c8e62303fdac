//! What both sides of a flow say, read from fuzzer input, and a decoder fed with it.
//!
//! Input: one byte of options (bit 0: tight limits, bit 1: datagrams), two bytes that seed the cuts, then messages:
//! one byte (bit 0: to the client, bit 1: lost, not sent), two of length, big-endian, and as many bytes as are there.

use capture::{Direction, EndReason};
use decoders::{DECODERS, Decoder, Event, Events, Input, Limits, Outcome, Protocol, Spec};

/// One message of a side, or a gap of its length.
pub(crate) struct Message<'a> {
    pub(crate) direction: Direction,
    pub(crate) lost: bool,
    pub(crate) bytes: &'a [u8],
}

/// A conversation as the input describes it.
pub(crate) struct Conversation<'a> {
    pub(crate) tight: bool,
    pub(crate) datagrams: bool,
    pub(crate) cuts: Cuts,
    pub(crate) messages: Vec<Message<'a>>,
}

impl<'a> Conversation<'a> {
    pub(crate) fn read(input: &'a [u8]) -> Option<Self> {
        let (&[options, high, low], mut rest) = input.split_first_chunk()?;
        let mut messages = Vec::new();
        while let Some((&[control, high, low], after)) = rest.split_first_chunk() {
            let len = usize::from(u16::from_be_bytes([high, low])).min(after.len());
            let (bytes, after) = after.split_at(len);
            let direction = if control & 1 == 0 { Direction::ToServer } else { Direction::ToClient };
            messages.push(Message { direction, lost: control & 2 != 0, bytes });
            rest = after;
        }
        let cuts = Cuts::new(u16::from_be_bytes([high, low]));
        Some(Self { tight: options & 1 != 0, datagrams: options & 2 != 0, cuts, messages })
    }

    pub(crate) fn limits(&self) -> Limits {
        if self.tight { tight() } else { Limits::default() }
    }
}

/// Limits that a small input reaches.
fn tight() -> Limits {
    Limits {
        buffer: 2_048,
        probe_bytes: 64,
        probe_chunks: 2,
        resync_chunks: 4,
        http_head: 512,
        http_headers: 8,
        http_pipeline: 2,
        http_body: 1_024,
        crl: 4 << 10,
        http2_header_block: 256,
        http2_header_list: 512,
        http2_table: 128,
        http2_streams: 2,
        http2_bodies: 1_024,
        inflated: 4_096,
        xml_depth: 4,
        xml_nodes: 32,
        multipart_parts: 2,
        tls_handshake: 1_024,
        quic_datagrams: 2,
        openvpn_ahead: 2,
        tls_ciphers: 8,
        tls_certificates: 1,
        known_certificates: 2,
        tls_keys: 1,
        tls_sessions: 1,
        tls_waiting: 512,
        tls_waiting_total: 1_024,
        tls_resync: 2,
        smb_message: 512,
        smb_pending: 2,
        smb_handles: 2,
        smb_compound: 2,
        smb_file: 256,
        ldap_message: 512,
        ldap_searches: 2,
        der_depth: 4,
        list_items: 2,
        text: 16,
        excerpt: 8,
    }
}

/// Sizes to cut by, the same for the same seed (xorshift).
#[derive(Clone)]
pub(crate) struct Cuts(u64);

impl Cuts {
    /// Sizes for a seed.
    pub(crate) fn new(seed: u16) -> Self {
        Self(u64::from(seed) | 1 << 32)
    }

    /// A size from 1 to `left`; small ones often.
    pub(crate) fn next(&mut self, left: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let most = if self.0 & 0x300 == 0 { 4 } else { left };
        (self.0 >> 16) as usize % most.min(left).max(1) + 1
    }
}

/// One direction as the feeder below sees it.
#[derive(Default)]
struct Lane {
    kept: Vec<u8>,
    at_least: usize,
    unwanted: u64,
    lost: bool,
}

/// Feeds one decoder as a session would, without its probes, and holds the decoder to its contract.
struct Feeder {
    decoder: Box<dyn Decoder>,
    limits: Limits,
    lanes: [Lane; 2],
    finished: bool,
    out: Events,
}

impl Feeder {
    fn new(spec: &Spec, limits: Limits) -> Self {
        let lanes = [Lane::default(), Lane::default()];
        Self { decoder: (spec.make)(&limits), limits, lanes, finished: false, out: Events::new(limits) }
    }

    fn datagram(&mut self, direction: Direction, payload: &[u8], cut: bool) {
        if self.finished || payload.is_empty() {
            return;
        }
        match self.decoder.feed(direction, Input::Datagram { payload, cut }, &mut self.out) {
            Outcome::Finished => self.finished = true,
            Outcome::HandOver(to, _) => self.hand_over(to),
            _ => {}
        }
    }

    fn data(&mut self, direction: Direction, data: &[u8]) {
        let lane = &mut self.lanes[direction.index()];
        let skipped = usize::try_from(lane.unwanted).unwrap_or(usize::MAX).min(data.len());
        lane.unwanted -= skipped as u64;
        if self.finished || lane.lost || skipped == data.len() {
            return;
        }
        lane.kept.extend_from_slice(&data[skipped..]);
        if lane.kept.len() >= lane.at_least {
            let kept = std::mem::take(&mut lane.kept);
            self.consume(direction, &kept);
        }
    }

    fn consume(&mut self, direction: Direction, mut rest: &[u8]) {
        while !rest.is_empty() && !self.finished {
            let outcome = self.decoder.feed(direction, Input::Data(rest), &mut self.out);
            let lane = &mut self.lanes[direction.index()];
            match outcome {
                Outcome::Consumed(count) | Outcome::HandOver(_, count) => {
                    assert!(count <= rest.len(), "consumed {count} of {}", rest.len());
                    if let Outcome::HandOver(to, _) = outcome {
                        self.hand_over(to);
                    } else {
                        assert!(count > 0, "consumed nothing and asked for nothing");
                    }
                    rest = &rest[count..];
                }
                Outcome::NeedMore(at_least) => {
                    assert!(
                        at_least == 0 || at_least > rest.len(),
                        "needs {at_least} bytes, has {}",
                        rest.len()
                    );
                    // What the session does where a decoder asks for more than the buffer.
                    lane.lost = rest.len().max(at_least) >= self.limits.buffer;
                    if !lane.lost {
                        (lane.kept, lane.at_least) = (rest.to_vec(), at_least);
                    }
                    return;
                }
                Outcome::Skip(count) => {
                    assert!(count > 0, "skipped nothing");
                    let here = usize::try_from(count).unwrap_or(usize::MAX).min(rest.len());
                    lane.unwanted = count - here as u64;
                    rest = &rest[here..];
                }
                Outcome::Lost => {
                    lane.lost = true;
                    return;
                }
                Outcome::Finished => self.finished = true,
            }
        }
        self.lanes[direction.index()].at_least = 0;
    }

    fn gap(&mut self, direction: Direction, missing: u64) {
        let lane = &mut self.lanes[direction.index()];
        let swallowed = lane.unwanted.min(missing);
        lane.unwanted -= swallowed;
        if self.finished || lane.lost || swallowed == missing {
            return;
        }
        (lane.kept, lane.at_least) = (Vec::new(), 0);
        match self.decoder.feed(direction, Input::Gap(missing - swallowed), &mut self.out) {
            Outcome::Lost => self.lanes[direction.index()].lost = true,
            Outcome::Finished => self.finished = true,
            _ => {}
        }
    }

    fn end(&mut self, direction: Direction) {
        if !self.finished && !self.lanes[direction.index()].lost {
            let outcome = self.decoder.feed(direction, Input::End(EndReason::Fin), &mut self.out);
            self.finished = outcome == Outcome::Finished;
        }
    }

    fn hand_over(&mut self, to: Protocol) {
        match DECODERS.iter().find(|spec| spec.protocol == to) {
            Some(spec) => self.decoder = (spec.make)(&self.limits),
            None => self.finished = true,
        }
    }

    fn events(self) -> Vec<(Direction, Event)> {
        self.out.said().into_iter().map(|(direction, event)| (direction, event.clone())).collect()
    }
}

/// What a decoder says of a conversation whose messages are cut by the sizes given.
pub(crate) fn events(
    spec: &Spec,
    talk: &Conversation<'_>,
    mut size: impl FnMut(usize) -> usize,
) -> Vec<(Direction, Event)> {
    let mut feeder = Feeder::new(spec, talk.limits());
    for message in &talk.messages {
        if talk.datagrams {
            feeder.datagram(message.direction, message.bytes, message.lost);
        } else if message.lost {
            feeder.gap(message.direction, message.bytes.len() as u64);
        } else {
            let mut rest = message.bytes;
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(size(rest.len()).clamp(1, rest.len()));
                feeder.data(message.direction, piece);
                rest = after;
            }
        }
    }
    feeder.end(Direction::ToServer);
    feeder.end(Direction::ToClient);
    feeder.events()
}
