//! Frames of any link type, from their first byte to what the decoders say.
//!
//! Input: one byte for the link type (bit 7: tight limits), then frames: one byte (bits 0-5: time passed, in steps that
//! grow; bit 6: wire length beyond the bytes; bit 7: time goes back), two of length, big-endian, and the bytes.

use capture::defrag::Defragmenter;
use capture::link::{self, Dissected};
use capture::{Counters, Frame, Limits, LinkType, Tracker};

use crate::memory;
use crate::witness::{Witness, moment, tight};

/// Every link type that is read, and one that is not. Ethernet first: it stands for itself.
const LINKS: [u16; 18] = [1, 0, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 228, 229, 276, 7, 147];

fn frames(input: &[u8]) -> Vec<Frame<'_>> {
    let Some((&head, mut rest)) = input.split_first() else { return Vec::new() };
    let link = LinkType(LINKS[usize::from(head & 0x7f) % LINKS.len()]);
    let (mut frames, mut nanos) = (Vec::new(), 1_700_000_000_000_000_000_i64);
    while let Some((&[control, high, low], after)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes([high, low])).min(after.len());
        let (bytes, after) = after.split_at(len);
        rest = after;
        let step = 1_i64 << (control & 0x3f);
        nanos = if control & 0x80 == 0 { nanos.saturating_add(step) } else { nanos.saturating_sub(step) };
        let at = moment(frames.len() as u64 + 1, nanos);
        let beyond = if control & 0x40 == 0 { 0 } else { u32::from(high) * 8 };
        let wire_len = bytes.len() as u32 + beyond;
        frames.push(Frame { id: at.frame, time: at.time, link, interface: 0, bytes, wire_len });
    }
    frames
}

pub(crate) fn run(input: &[u8]) {
    let limits = if input.first().is_some_and(|head| head & 0x80 != 0) { tight() } else { Limits::default() };
    let frames = frames(input);
    let before = memory::begin();
    let first = track(&frames, limits);
    memory::check(before, input.len());
    let again = track(&frames, limits);
    assert!(first.log == again.log, "the same frames give the same chunks");
    assert!(first.dispatch.records == again.dispatch.records, "the same frames give the same events");
    defragment(&frames, limits);
}

fn track(frames: &[Frame<'_>], limits: Limits) -> Witness {
    let (mut tracker, mut witness) = (Tracker::new(limits), Witness::default());
    for frame in frames {
        tracker.push(frame, &mut witness);
        assert!(tracker.flows() <= limits.flows, "more flows than allowed");
    }
    let last =
        frames.last().map_or_else(|| moment(1, 0), |frame| moment(frame.id.order, frame.time.as_nanos()));
    tracker.finish(last, &mut witness);
    let counters = tracker.counters();
    assert_eq!(tracker.flows(), 0, "flows left over");
    assert_eq!(witness.opened, witness.closed, "each flow is opened once and closed once");
    assert_eq!(witness.closed, counters.tcp_flows + counters.udp_flows, "each flow is counted once");
    assert_eq!(counters.frames, frames.len() as u64, "each frame is counted once");
    witness
}

/// What the defragmenter holds stays within its limit, and a whole datagram can be taken apart.
fn defragment(frames: &[Frame<'_>], limits: Limits) {
    let (mut defragmenter, mut counters) = (Defragmenter::new(&limits), Counters::default());
    for frame in frames {
        let _ = link::shard(frame);
        if let Dissected::Fragment(fragment) = link::dissect(frame, &limits) {
            if let Some(whole) = defragmenter.push(&fragment, frame.time, &mut counters) {
                let _ = whole.dissect(&limits);
            }
            assert!(defragmenter.held() <= limits.fragment_bytes_total, "fragments beyond the limit");
        }
    }
    defragmenter.finish(&mut counters);
    assert_eq!(defragmenter.held(), 0, "fragments left over");
}
