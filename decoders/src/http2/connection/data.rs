//! DATA frames (RFC 9113 6.1): passed over, or taken piece by piece where the body is wanted.

use capture::Direction;

use super::{At, Connection, pass_over};
use crate::decoder::Outcome;
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::http2::frame::{FrameHeader, HEADER};

/// A DATA frame of a body that is wanted.
pub(super) struct Data {
    header: FrameHeader,
    /// Octets of the payload that have not come, padding included.
    pub(super) left: usize,
    /// How many of them pad it; nothing while the count itself has not come.
    padding: Option<usize>,
}

impl Connection {
    pub(super) fn begin_content(
        &mut self,
        direction: Direction,
        header: FrameHeader,
        out: &mut Events,
    ) -> Outcome {
        if !self.streams.collects(header.stream, direction) {
            self.end_content(direction, header, out);
            return pass_over(header);
        }
        let padding = (!header.is_padded()).then_some(0);
        self.go_on(direction, Data { header, left: header.length, padding }, out);
        Outcome::Consumed(HEADER)
    }

    pub(super) fn content(
        &mut self,
        direction: Direction,
        mut frame: Data,
        data: &[u8],
        out: &mut Events,
    ) -> Outcome {
        let stream = frame.header.stream;
        if !self.streams.collects(stream, direction) {
            self.end_content(direction, frame.header, out);
            return Outcome::Skip(frame.left as u64);
        }
        let Some(padding) = frame.padding else {
            return self.padding(direction, frame, data, out);
        };
        let content = frame.left.saturating_sub(padding);
        let here = data.len().min(if content > 0 { content } else { frame.left });
        if content > 0 {
            self.streams.take(stream, direction, data.get(..here).unwrap_or(data), out);
        }
        frame.left -= here;
        self.go_on(direction, frame, out);
        Outcome::Consumed(here)
    }

    fn padding(&mut self, direction: Direction, mut frame: Data, data: &[u8], out: &mut Events) -> Outcome {
        let padding = data.first().map_or(0, |count| usize::from(*count));
        frame.left = frame.left.saturating_sub(1);
        frame.padding = Some(padding);
        if padding > frame.left {
            let kind = ErrorKind::Value(padding as u64);
            out.malformed(direction, DecodeError::new("http2", "pad length", HEADER, kind));
            self.streams.stop(frame.header.stream, direction, out);
        }
        self.go_on(direction, frame, out);
        Outcome::Consumed(1)
    }

    pub(super) fn content_gap(
        &mut self,
        direction: Direction,
        mut frame: Data,
        missing: usize,
        out: &mut Events,
    ) {
        self.streams.stop(frame.header.stream, direction, out);
        frame.left -= missing;
        self.go_on(direction, frame, out);
    }

    fn go_on(&mut self, direction: Direction, frame: Data, out: &mut Events) {
        if frame.left > 0 {
            self.lane(direction).at = At::Data(frame);
        } else {
            self.lane(direction).at = At::Frame;
            self.end_content(direction, frame.header, out);
        }
    }

    fn end_content(&mut self, direction: Direction, header: FrameHeader, out: &mut Events) {
        if header.ends_stream() {
            self.streams.end(header.stream, direction, out);
        }
    }
}
