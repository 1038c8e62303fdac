mod event;

pub use event::*;

use capture::Direction;

use crate::events::Events;
use crate::http::{HttpRequest, HttpResponse};

/// What of an exchange is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The request's body.
    pub request_body: bool,
    /// The response's body.
    pub response_body: bool,
}

/// A body as far as it could be collected, chunked framing removed.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether some are missing.
    pub incomplete: bool,
}

/// What is remembered of a request for its response.
#[derive(Debug, Default)]
pub struct Asked {}

/// What of an exchange is to be read.
#[must_use]
pub fn interest(_: &HttpRequest) -> Interest {
    Interest::default()
}

/// Reads a request's body.
pub fn read_request(_: &HttpRequest, _: Body<'_>, _: Direction, _: &mut Events) -> Asked {
    Asked {}
}

/// Reads a response's body.
pub fn read_response(
    _: &HttpRequest,
    _: &Asked,
    _: &HttpResponse,
    _: Body<'_>,
    _: Direction,
    _: &mut Events,
) {
}
