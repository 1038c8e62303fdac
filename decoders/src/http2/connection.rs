//! One connection: its frames in both directions, and what is missing of them.

mod data;
mod payload;

use capture::Direction;

use self::data::Data;
use self::payload::Payload;
use super::PREFACE;
use super::block::Block;
use super::frame::{self, FrameHeader, HEADER};
use super::hpack;
use super::settings::Allowed;
use super::streams::Streams;
use crate::decoder::{Decoder, Input, Outcome};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::http::collect::Bodies;
use crate::http::pipeline::Waiting;
use crate::limits::Limits;

/// Where in its direction the reading is.
enum At {
    /// Before the client's preface.
    Preface,
    /// At a frame's header.
    Frame,
    /// Behind missing bytes: perhaps at a frame's header.
    Behind,
    /// In a DATA frame that is wanted.
    Data(Data),
    /// In another frame that is wanted.
    Payload(Payload),
}

/// One direction.
pub(super) struct Lane {
    at: At,
    pub(super) hpack: hpack::Decoder,
    block: Option<Block>,
    /// What the other side allows this one.
    pub(super) allowed: Allowed,
    /// A frame or table larger than allowed was said.
    pub(super) exceeded: bool,
    /// That the table held is smaller than the encoder's was said.
    pub(super) table_bounded: bool,
}

impl Lane {
    fn new(direction: Direction, limits: &Limits) -> Self {
        Self {
            at: start(direction),
            hpack: hpack::Decoder::new(limits),
            block: None,
            allowed: Allowed::default(),
            exceeded: false,
            table_bounded: false,
        }
    }
}

const fn start(direction: Direction) -> At {
    match direction {
        Direction::ToServer => At::Preface,
        Direction::ToClient => At::Frame,
    }
}

/// The reader of one connection.
pub(crate) struct Connection {
    lanes: [Lane; 2],
    pub(super) streams: Streams,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(data) => self.data(direction, data, out),
            Input::Gap(missing) => {
                self.gap(direction, missing, out);
                Outcome::Consumed(0)
            }
            Input::End(_) => {
                self.lose_place(direction, out);
                Outcome::Consumed(0)
            }
            Input::Datagram { .. } => Outcome::Finished,
        }
    }
}

impl Connection {
    pub(crate) fn new(bodies: Bodies, limits: &Limits) -> Self {
        let lane = |direction| Lane::new(direction, limits);
        let lanes = [lane(Direction::ToServer), lane(Direction::ToClient)];
        Self { lanes, streams: Streams::new(bodies, 0) }
    }

    /// A connection that begins inside another, which has had so many requests.
    pub(crate) fn inside(bodies: Bodies, limits: &Limits, requests: u64) -> Self {
        Self { streams: Streams::new(bodies, requests), ..Self::new(bodies, limits) }
    }

    /// The request that led here: its response comes on stream 1 (RFC 7540 3.2).
    pub(crate) fn upgraded(&mut self, request: Waiting) {
        self.streams.upgraded(request);
    }

    pub(super) fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    fn data(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        match std::mem::replace(&mut self.lane(direction).at, At::Frame) {
            At::Preface => self.preface(direction, data, out),
            At::Frame => self.frame(direction, data, out),
            At::Behind => self.behind(direction, data, out),
            At::Data(frame) => self.content(direction, frame, data, out),
            At::Payload(frame) => self.payload(direction, frame, data, out),
        }
    }

    fn preface(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        if data.starts_with(PREFACE) {
            return Outcome::Consumed(PREFACE.len());
        }
        if PREFACE.starts_with(data) {
            self.lane(direction).at = At::Preface;
            return Outcome::NeedMore(PREFACE.len());
        }
        self.behind(direction, data, out)
    }

    /// Behind a gap there often stands a frame: segments begin with one.
    fn behind(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        match FrameHeader::read(data) {
            None => {
                self.lane(direction).at = At::Behind;
                Outcome::NeedMore(HEADER)
            }
            Some(header) if header.is_plausible(direction) => self.frame(direction, data, out),
            Some(_) => {
                let what = "bytes that are no frame";
                out.anomaly(direction, Anomaly::Unexpected { protocol: "http2", what });
                self.lose(direction, out)
            }
        }
    }

    fn frame(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        let Some(header) = FrameHeader::read(data) else { return Outcome::NeedMore(HEADER) };
        if let Some(error) = header.fault() {
            out.malformed(direction, error);
            return self.lose(direction, out);
        }
        out.service("http");
        self.check_length(direction, header, out);
        self.check_continuation(direction, header, out);
        match header.kind {
            frame::DATA => self.begin_content(direction, header, out),
            frame::HEADERS | frame::PUSH_PROMISE | frame::CONTINUATION => {
                self.begin_fragment(direction, header, out)
            }
            frame::SETTINGS | frame::RST_STREAM | frame::GOAWAY if !header.is_ack() => {
                self.begin_payload(direction, header, out)
            }
            _ => pass_over(header),
        }
    }

    /// A frame larger than the receiver takes (RFC 9113 4.2). It can be followed all the same.
    fn check_length(&mut self, direction: Direction, header: FrameHeader, out: &mut Events) {
        let lane = self.lane(direction);
        if lane.allowed.frame.is_some_and(|most| header.length > most) && !lane.exceeded {
            lane.exceeded = true;
            let kind = ErrorKind::Value(header.length as u64);
            out.malformed(direction, DecodeError::new("http2", "length", 0, kind));
        }
    }

    /// Nothing may come between the frames of one header block (RFC 9113 4.3).
    fn check_continuation(&mut self, direction: Direction, header: FrameHeader, out: &mut Events) {
        let open = self.lane(direction).block.as_ref().map(Block::stream);
        if open.is_some_and(|stream| header.kind != frame::CONTINUATION || header.stream != stream) {
            let what = "frame inside a header block";
            out.anomaly(direction, Anomaly::Unexpected { protocol: "http2", what });
            self.cut_block(direction, out);
        }
    }

    // -- what is missing

    fn gap(&mut self, direction: Direction, missing: u64, out: &mut Events) {
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        match std::mem::replace(&mut self.lane(direction).at, At::Behind) {
            At::Data(frame) if missing <= frame.left => self.content_gap(direction, frame, missing, out),
            At::Payload(frame) if missing <= frame.left => self.payload_gap(direction, frame, missing, out),
            at => {
                self.lane(direction).at = at;
                self.lose_place(direction, out);
                self.lane(direction).at = At::Behind;
            }
        }
    }

    /// Says what is known of what was in the making; the tables and the other side's allowances are unknown now.
    fn lose_place(&mut self, direction: Direction, out: &mut Events) {
        if let At::Payload(frame) = std::mem::replace(&mut self.lane(direction).at, start(direction)) {
            self.lose_payload(direction, &frame, out);
        }
        self.cut_block(direction, out);
        self.lane(direction).hpack.forget();
        self.lane(direction.reverse()).allowed = Allowed::default();
        self.streams.lose(direction, out);
    }

    fn lose(&mut self, direction: Direction, out: &mut Events) -> Outcome {
        self.lose_place(direction, out);
        Outcome::Lost
    }
}

/// A frame that nobody here wants, unknown ones included (RFC 9113 5.5).
const fn pass_over(header: FrameHeader) -> Outcome {
    Outcome::Skip((HEADER + header.length) as u64)
}
