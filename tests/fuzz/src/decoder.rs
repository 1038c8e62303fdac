//! One decoder, alone and in its session: nothing panics, whatever comes; how the bytes were cut does not matter;
//! the same bytes say the same again.

use capture::{
    Chunk, Consumer, Datagram, Demand, EndReason, Endpoint, Flow, FlowId, FlowKey, FrameId, Moment, Origin,
    Pulse, Timestamp, Traffic, Transport,
};
use decoders::http::{Framing, HttpEvent};
use decoders::{Anomaly, DECODERS, Dispatch, Event, Record, Spec};

use crate::conversation::{Conversation, events};
use crate::memory;

/// The decoder of this name.
pub(crate) fn named(name: &str) -> Option<&'static Spec> {
    DECODERS.iter().copied().find(|spec| spec.protocol.name() == name)
}

/// Everything that must hold of a decoder.
pub(crate) fn run(spec: &Spec, input: &[u8]) {
    let Some(mut talk) = Conversation::read(input) else { return };
    talk.datagrams = match spec.transports {
        [Transport::Tcp] => false,
        [Transport::Udp] => true,
        _ => talk.datagrams,
    };
    let before = memory::begin();
    let whole = events(spec, &talk, |left| left);
    memory::check(before, input.len());
    // Where a limit cuts a message off depends on how much of it is there: only its place, not what is read.
    if !talk.datagrams && !talk.tight && !whole.iter().any(|(_, event)| may_end_anywhere(event)) {
        let mut cuts = talk.cuts.clone();
        assert_eq!(events(spec, &talk, |left| cuts.next(left)), whole, "cut at random");
        if input.len() <= 2_048 {
            assert_eq!(events(spec, &talk, |_| 1), whole, "byte by byte");
        }
    }
    let said = session(spec, &talk);
    assert!(said.windows(2).all(|pair| pair[0].at <= pair[1].at), "events in the order of frames");
    assert!(session(spec, &talk) == said, "the same bytes say the same");
}

/// Whether this is a response whose body has no stated length. Where the client asks again, the next response is looked
/// for at the beginning of each segment, so there the segments do matter.
fn may_end_anywhere(event: &Event) -> bool {
    match event {
        Event::Http(HttpEvent::Response(response)) => {
            response.framing == Framing::Http1 && !response.chunked && response.content_length.is_none()
        }
        Event::Anomaly(Anomaly::Malformed(error)) => error.field == "content-length",
        _ => false,
    }
}

/// The same conversation through a session, which finds the protocol by itself.
fn session(spec: &Spec, talk: &Conversation<'_>) -> Vec<Record> {
    let transport = if talk.datagrams { Transport::Udp } else { Transport::Tcp };
    let end = |last, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    let flow = Flow {
        id: FlowId(1),
        key: FlowKey {
            client: end(1, 50_000),
            server: end(2, spec.ports.first().copied().unwrap_or(1)),
            transport,
        },
        origin: if talk.datagrams { Origin::Datagram } else { Origin::Midstream },
        first: Moment::default(),
        client_mac: None,
        server_mac: None,
        traffic: [Traffic::default(); 2],
        pulse: Pulse::default(),
        syn: false,
        syn_ack: false,
        refused: false,
        unreachable: false,
    };
    let mut dispatch = Dispatch::new(talk.limits());
    let mut state = dispatch.open(&flow);
    let mut cuts = talk.cuts.clone();
    let (mut at, mut unwanted, mut done) = (Moment::default(), [0u64; 2], false);
    for message in &talk.messages {
        let mut rest = message.bytes;
        while !rest.is_empty() && !done {
            let (piece, after) =
                rest.split_at(if talk.datagrams { rest.len() } else { cuts.next(rest.len()) });
            rest = after;
            at = later(at);
            let waits = &mut unwanted[message.direction.index()];
            let skipped = usize::try_from(*waits).unwrap_or(usize::MAX).min(piece.len());
            *waits -= skipped as u64;
            let piece = &piece[skipped..];
            let demand = if talk.datagrams {
                let datagram = Datagram { payload: piece, cut: message.lost };
                dispatch.datagram(&flow, &mut state, at, message.direction, datagram)
            } else if piece.is_empty() {
                continue;
            } else {
                let chunk = if message.lost { Chunk::Gap(piece.len() as u64) } else { Chunk::Data(piece) };
                dispatch.chunk(&flow, &mut state, at, message.direction, chunk)
            };
            match demand {
                Demand::All | Demand::Little => {}
                Demand::AllAfter(count) => unwanted[message.direction.index()] = count,
                Demand::Nothing => done = true,
            }
        }
    }
    dispatch.close(&flow, state, later(at), EndReason::EndOfCapture);
    dispatch.records
}

/// The frame after this one.
fn later(at: Moment) -> Moment {
    let number = at.frame.order + 1;
    Moment {
        frame: FrameId { order: number, number, ..at.frame },
        time: Timestamp::from_nanos(at.time.as_nanos() + 1_000_000),
    }
}
