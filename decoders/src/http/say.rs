//! Heads as events, with what is odd about them and the tokens in them.

use capture::Direction;

use super::HttpEvent;
use super::fields::{self, Faults};
use crate::error::DecodeError;
use crate::events::{Anomaly, Events};
use crate::ntlmssp::Carrier;
use crate::spnego;

/// Says an event and what is odd about its head; then lets the tokens in it be read.
pub(crate) fn say(
    direction: Direction,
    event: HttpEvent,
    line: &[u8],
    tokens: &[&[u8]],
    faults: &Faults,
    length: Option<DecodeError>,
    out: &mut Events,
) {
    let protocol = event.framing().name();
    out.service("http");
    out.push_with(direction, event, line);
    for error in faults.malformed.into_iter().chain(length) {
        out.malformed(direction, error);
    }
    if faults.too_many {
        out.anomaly(direction, Anomaly::LimitReached { protocol, limit: "http_headers" });
    }
    for token in tokens.iter().filter_map(|value| fields::token(value)) {
        spnego::observe(&token, direction, Carrier::Http, out);
    }
}
