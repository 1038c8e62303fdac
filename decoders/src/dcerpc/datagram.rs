//! Connectionless DCE/RPC over UDP (C706 12.5): which interface was called with which opnum, no more.
//!
//! Each datagram stands for itself: fragments, acknowledgements and conversations are not followed.

use std::collections::BTreeSet;

use capture::Direction;

use super::wire::{Ordered, PROTOCOL};
use super::{DcerpcEvent, Request};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::reader::Reader;

/// Bytes of the header.
const HEADER: usize = 80;
/// PDU type of a request; the last type there is.
const REQUEST: u8 = 0;
const CANCEL_ACK: u8 = 10;

/// The part of a header that is read.
pub(super) struct Head {
    ptype: u8,
    interface: String,
    opnum: u16,
}

impl Head {
    /// Reads the header of a datagram, and refuses one that cannot be RPC.
    pub(super) fn read(datagram: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(PROTOCOL, datagram);
        let header = reader.take("datagram header", HEADER)?;
        let [version, ptype, _, flags, format, float, spare, ..] = *header else {
            return Err(reader.error("datagram header", ErrorKind::Short { need: HEADER, have: 0 }));
        };
        if version != 4 || ptype > CANCEL_ACK || flags & 0xFC != 0 {
            return Err(DecodeError::new(PROTOCOL, "version", 0, ErrorKind::Value(version.into())));
        }
        if format & 0xEE != 0 || float > 3 || spare != 0 {
            return Err(DecodeError::new(
                PROTOCOL,
                "data representation",
                4,
                ErrorKind::Value(format.into()),
            ));
        }
        let mut fields = Ordered::new(header, format & 0x10 != 0);
        fields.skip("object", 24)?;
        let interface = fields.uuid("interface")?;
        fields.skip("activity and sequence", 28)?;
        let opnum = fields.u16("opnum")?;
        fields.skip("hints", 4)?;
        let length = fields.u16("length")?;
        // The body is as long as it says; a datagram that the capture cut cannot be told from another protocol.
        if usize::from(length) > reader.left() {
            return Err(DecodeError::new(PROTOCOL, "length", 74, ErrorKind::Value(length.into())));
        }
        Ok(Self { ptype, interface, opnum })
    }
}

/// The calls of one flow.
#[derive(Debug, Default)]
pub(super) struct Calls {
    said: BTreeSet<(String, u16)>,
    limit_said: bool,
}

impl Calls {
    /// Says a call, once for each opnum of an interface.
    pub(super) fn datagram(&mut self, direction: Direction, datagram: &[u8], out: &mut Events) {
        let Ok(head) = Head::read(datagram) else { return };
        out.service(PROTOCOL);
        let call = (head.interface, head.opnum);
        if head.ptype != REQUEST || self.said.contains(&call) {
            return;
        }
        if self.said.len() >= out.limits.list_items {
            if !std::mem::replace(&mut self.limit_said, true) {
                out.anomaly(direction, Anomaly::LimitReached { protocol: PROTOCOL, limit: "list_items" });
            }
            return;
        }
        self.said.insert(call.clone());
        let (interface, opnum) = call;
        let request = Request { interface: Some(interface), opnum, ..Request::default() };
        let header = datagram.get(..HEADER).unwrap_or_default();
        out.push_with(direction, DcerpcEvent::Request(Box::new(request)), header);
    }
}
