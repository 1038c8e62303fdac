//! Frames whose payload is read: header blocks, SETTINGS, RST_STREAM and GOAWAY (RFC 9113 6.2, 6.4 to 6.6, 6.8, 6.10).

use capture::Direction;

use super::{At, Connection, pass_over};
use crate::decoder::Outcome;
use crate::events::{Anomaly, Events};
use crate::http2::block::Block;
use crate::http2::frame::{self, FrameHeader, HEADER, SMALLEST_LARGEST};
use crate::http2::hpack::FIRST_SIZE;
use crate::http2::settings::SETTING;
use crate::limits::Limits;

/// A frame of which the payload is kept.
pub(super) struct Payload {
    header: FrameHeader,
    /// Octets of the payload that have not come.
    pub(super) left: usize,
    kept: Vec<u8>,
    /// Part of it is missing, and what came before was made use of.
    lost: bool,
}

/// How many octets of a payload are kept. Header blocks have their own limit.
const fn wanted(kind: u8, limits: &Limits) -> usize {
    match kind {
        frame::SETTINGS => SETTING * limits.list_items,
        frame::RST_STREAM => 4,
        frame::GOAWAY => 8,
        _ => limits.http2_header_block,
    }
}

impl Connection {
    /// A frame with a part of a header block.
    pub(super) fn begin_fragment(
        &mut self,
        direction: Direction,
        header: FrameHeader,
        out: &mut Events,
    ) -> Outcome {
        let lane = self.lane(direction);
        if header.kind != frame::CONTINUATION {
            lane.block = Some(Block::new(header));
        }
        let Some(block) = &lane.block else {
            // Where the block was given up, that was said.
            if !lane.hpack.is_partial() {
                lane.hpack.forget();
                let what = "CONTINUATION of no header block";
                out.anomaly(direction, Anomaly::Unexpected { protocol: "http2", what });
            }
            return pass_over(header);
        };
        if block.bytes().len() + header.length > out.limits.http2_header_block {
            let limit = "http2_header_block";
            out.anomaly(direction, Anomaly::LimitReached { protocol: "http2", limit });
            self.cut_block(direction, out);
            return pass_over(header);
        }
        self.begin_payload(direction, header, out)
    }

    pub(super) fn begin_payload(
        &mut self,
        direction: Direction,
        header: FrameHeader,
        out: &mut Events,
    ) -> Outcome {
        let frame = Payload { header, left: header.length, kept: Vec::new(), lost: false };
        self.proceed(direction, frame, out);
        Outcome::Consumed(HEADER)
    }

    pub(super) fn payload(
        &mut self,
        direction: Direction,
        mut frame: Payload,
        data: &[u8],
        out: &mut Events,
    ) -> Outcome {
        let here = data.get(..frame.left).unwrap_or(data);
        if !frame.lost {
            let room = wanted(frame.header.kind, &out.limits).saturating_sub(frame.kept.len());
            frame.kept.extend_from_slice(here.get(..room).unwrap_or(here));
        }
        frame.left -= here.len();
        let consumed = here.len();
        self.proceed(direction, frame, out);
        Outcome::Consumed(consumed)
    }

    fn proceed(&mut self, direction: Direction, frame: Payload, out: &mut Events) {
        if frame.left > 0 {
            self.lane(direction).at = At::Payload(frame);
        } else {
            self.lane(direction).at = At::Frame;
            if !frame.lost {
                self.whole(direction, &frame, out);
            }
        }
    }

    /// A payload is complete, as far as it is wanted.
    fn whole(&mut self, direction: Direction, frame: &Payload, out: &mut Events) {
        match frame.header.kind {
            frame::SETTINGS => self.settings(direction, frame, out),
            frame::RST_STREAM => self.streams.reset(frame.header.stream, out),
            frame::GOAWAY => self.go_away(direction, &frame.kept, out),
            _ => self.fragment(direction, frame, out),
        }
    }

    fn settings(&mut self, direction: Direction, frame: &Payload, out: &mut Events) {
        self.lane(direction.reverse()).allowed.read(&frame.kept, FIRST_SIZE, SMALLEST_LARGEST);
        if frame.kept.len() < frame.header.length {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "http2", limit: "list_items" });
        }
    }

    /// A server names the last stream that it has taken up; the client's later ones come to nothing.
    fn go_away(&mut self, direction: Direction, payload: &[u8], out: &mut Events) {
        if let (Direction::ToClient, Some(last)) = (direction, payload.first_chunk()) {
            self.streams.go_away(u32::from_be_bytes(*last) & 0x7FFF_FFFF, out);
        }
    }

    fn fragment(&mut self, direction: Direction, frame: &Payload, out: &mut Events) {
        let Some(block) = &mut self.lane(direction).block else { return };
        if let Err(error) = block.append(frame.header, &frame.kept) {
            out.malformed(direction, error);
            self.cut_block(direction, out);
        } else if frame.header.ends_headers()
            && let Some(block) = self.lane(direction).block.take()
        {
            self.heads(direction, &block, false, out);
        }
    }

    pub(super) fn payload_gap(
        &mut self,
        direction: Direction,
        mut frame: Payload,
        missing: usize,
        out: &mut Events,
    ) {
        self.lose_payload(direction, &frame, out);
        frame.lost = true;
        frame.left -= missing;
        self.proceed(direction, frame, out);
    }

    /// Makes use of what came of a payload before a part of it went missing.
    pub(super) fn lose_payload(&mut self, direction: Direction, frame: &Payload, out: &mut Events) {
        let fragment =
            matches!(frame.header.kind, frame::HEADERS | frame::PUSH_PROMISE | frame::CONTINUATION);
        if frame.lost || !fragment {
            return;
        }
        if let Some(block) = &mut self.lane(direction).block {
            // What is too short to have a fragment has none.
            let _ = block.append(frame.header, &frame.kept);
        }
        self.cut_block(direction, out);
    }

    /// Reads what there is of a header block that will not be complete.
    pub(super) fn cut_block(&mut self, direction: Direction, out: &mut Events) {
        if let Some(block) = self.lane(direction).block.take() {
            self.heads(direction, &block, true, out);
            self.lane(direction).hpack.forget();
        }
    }
}
