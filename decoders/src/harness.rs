//! What every decoder must survive, whatever its protocol: the tests call these with their own samples.
//!
//! A sample is a conversation: what each side sent, in order. The same conversation must give the same events however
//! it is cut into segments; and no prefix, flipped byte or gap may end in a panic or grow without bound.

use crate::{Dispatch, Event, Limits};
use capture::{
    Chunk, Consumer, Datagram, Demand, Direction, EndReason, Endpoint, Flow, FlowId, FlowKey, Moment, Origin,
    Pulse, Traffic, Transport,
};

/// Where the conversations of the tests are written as seeds for the fuzzer, if anywhere (`tests/fuzz/seeds.sh`).
const SEEDS: &str = "CCMSCOPE_FUZZ_SEEDS";

/// What each side sent, in order.
pub(crate) type Conversation = Vec<(Direction, Vec<u8>)>;

/// A recorded conversation, taken apart: direction, length in four bytes, bytes.
pub(crate) fn talk(mut bytes: &[u8]) -> Conversation {
    let mut said = Vec::new();
    while let Some((&[from, l0, l1, l2, l3], rest)) = bytes.split_first_chunk() {
        let (part, after) = rest.split_at(u32::from_be_bytes([l0, l1, l2, l3]) as usize);
        said.push((if from == 0 { Direction::ToServer } else { Direction::ToClient }, part.to_vec()));
        bytes = after;
    }
    said
}

/// A flow to the given port, opened by a SYN or by a datagram.
pub(crate) fn flow(transport: Transport, server_port: u16) -> Flow {
    let end = |last, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    Flow {
        id: FlowId(1),
        key: FlowKey { client: end(1, 50_000), server: end(2, server_port), transport },
        origin: if transport == Transport::Tcp { Origin::Syn } else { Origin::Datagram },
        first: Moment::default(),
        client_mac: None,
        server_mac: None,
        traffic: [Traffic::default(); 2],
        pulse: Pulse::default(),
        syn: true,
        syn_ack: true,
        refused: false,
        unreachable: false,
    }
}

/// The events of a TCP conversation on a port, each message handed over as one chunk.
pub(crate) fn events(port: u16, conversation: &Conversation) -> Vec<(Direction, Event)> {
    events_cut(port, conversation, |_| usize::MAX)
}

/// The same, with each message cut into pieces of the sizes that `size` gives for what is left.
pub(crate) fn events_cut(
    port: u16,
    conversation: &Conversation,
    size: impl FnMut(usize) -> usize,
) -> Vec<(Direction, Event)> {
    let mut dispatch = Dispatch::new(Limits::default());
    converse(&mut dispatch, port, conversation, size);
    // The end of the flow is not the decoder's word.
    dispatch.records.pop();
    dispatch.records.drain(..).map(|record| (record.direction, record.event)).collect()
}

/// Leads a TCP conversation to its end through a dispatch that may have seen others, each message cut into pieces of the
/// sizes that `size` gives for what is left.
pub(crate) fn converse(
    dispatch: &mut Dispatch,
    port: u16,
    conversation: &Conversation,
    mut size: impl FnMut(usize) -> usize,
) {
    let flow = flow(Transport::Tcp, port);
    let mut state = dispatch.open(&flow);
    // What a decoder has asked to skip does not come, as from the capture.
    let mut unwanted = [0; 2];
    for (direction, message) in conversation {
        let unwanted = &mut unwanted[direction.index()];
        let mut rest = message.as_slice();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(size(rest.len()).clamp(1, rest.len()));
            rest = after;
            let wanted = piece.get(usize::try_from(*unwanted).unwrap_or(usize::MAX)..).unwrap_or_default();
            *unwanted -= (piece.len() - wanted.len()) as u64;
            if wanted.is_empty() {
                continue;
            }
            let demand =
                dispatch.chunk(&flow, &mut state, Moment::default(), *direction, Chunk::Data(wanted));
            if let Demand::AllAfter(count) = demand {
                *unwanted = count;
            }
        }
    }
    for direction in [Direction::ToServer, Direction::ToClient] {
        dispatch.chunk(&flow, &mut state, Moment::default(), direction, Chunk::End(EndReason::Fin));
    }
    dispatch.close(&flow, state, Moment::default(), EndReason::Fin);
}

/// The events of datagrams on a port.
pub(crate) fn datagram_events(port: u16, datagrams: &Conversation) -> Vec<(Direction, Event)> {
    let flow = flow(Transport::Udp, port);
    let mut dispatch = Dispatch::new(Limits::default());
    let mut state = dispatch.open(&flow);
    for (direction, payload) in datagrams {
        let datagram = Datagram { payload, cut: false };
        dispatch.datagram(&flow, &mut state, Moment::default(), *direction, datagram);
    }
    dispatch.records.drain(..).map(|record| (record.direction, record.event)).collect()
}

/// Asserts that a conversation gives the same events whole, byte by byte, and cut anywhere.
pub(crate) fn splits_do_not_matter(port: u16, conversation: &Conversation) {
    write_seed(port, false, conversation);
    let whole = events(port, conversation);
    assert!(!whole.is_empty(), "a sample that says nothing tests nothing");
    assert_eq!(events_cut(port, conversation, |_| 1), whole, "byte by byte");
    let mut cuts = Cuts::new();
    for round in 0..64 {
        assert_eq!(
            events_cut(port, conversation, |left| cuts.next(left)),
            whole,
            "cut at random, round {round}"
        );
    }
}

/// Asserts that no prefix, no flipped byte and no gap of a conversation makes a decoder panic.
pub(crate) fn damage_does_no_harm(port: u16, conversation: &Conversation) {
    write_seed(port, false, conversation);
    let mut cuts = Cuts::new();
    for (at, (_, message)) in conversation.iter().enumerate() {
        let step = (message.len() / 400).max(1);
        for place in (0..message.len()).step_by(step) {
            let mut shorter = conversation.clone();
            shorter[at].1.truncate(place);
            events(port, &shorter);
            let mut flipped = conversation.clone();
            flipped[at].1[place] ^= 1 << cuts.next(7);
            events(port, &flipped);
            let mut replaced = conversation.clone();
            replaced[at].1[place] = 0xFF;
            events_cut(port, &replaced, |left| cuts.next(left));
        }
        with_gap(port, conversation, at);
    }
}

/// The same for datagrams.
pub(crate) fn damage_does_no_harm_to_datagrams(port: u16, datagrams: &Conversation) {
    write_seed(port, true, datagrams);
    for (at, (_, payload)) in datagrams.iter().enumerate() {
        for place in 0..payload.len() {
            let mut shorter = datagrams.clone();
            shorter[at].1.truncate(place);
            datagram_events(port, &shorter);
            for flip in [0x01, 0x80, 0xFF] {
                let mut flipped = datagrams.clone();
                flipped[at].1[place] ^= flip;
                datagram_events(port, &flipped);
            }
        }
    }
}

/// Writes a conversation in the format of the fuzzer's `conversation` module, under its port and a hash of it.
fn write_seed(port: u16, datagrams: bool, conversation: &Conversation) {
    let Some(folder) = std::env::var_os(SEEDS) else { return };
    let mut seed = vec![u8::from(datagrams) << 1, 0, 0];
    for (direction, message) in conversation {
        for part in message.chunks(usize::from(u16::MAX)) {
            seed.push(u8::from(*direction == Direction::ToClient));
            seed.extend_from_slice(&u16::try_from(part.len()).unwrap().to_be_bytes());
            seed.extend_from_slice(part);
        }
    }
    let hash = seed.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let folder = std::path::Path::new(&folder).join(port.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{hash:016x}")), seed).unwrap();
}

/// Loses the second half of one message; what follows must still be read or given up.
fn with_gap(port: u16, conversation: &Conversation, at: usize) {
    let flow = flow(Transport::Tcp, port);
    let mut dispatch = Dispatch::new(Limits::default());
    let mut state = dispatch.open(&flow);
    for (index, (direction, message)) in conversation.iter().enumerate() {
        let half = if index == at { message.len() / 2 } else { message.len() };
        let mut give = |chunk| dispatch.chunk(&flow, &mut state, Moment::default(), *direction, chunk);
        give(Chunk::Data(&message[..half]));
        if half < message.len() {
            give(Chunk::Gap((message.len() - half) as u64));
        }
    }
}

/// A small, seeded source of sizes (xorshift): the same cuts in every run.
pub(crate) struct Cuts(u64);

impl Cuts {
    pub(crate) const fn new() -> Self {
        Self(0x2545_F491_4F6C_DD1D)
    }

    /// A size from 0 to `left`.
    pub(crate) fn next(&mut self, left: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (left as u64 + 1)).unwrap_or(0)
    }
}
