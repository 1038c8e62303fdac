//! Bodies that carry ConfigMgr messages or revocation lists, put together and handed to their reader.
//!
//! What such a body means is not known here; nor is which ones are wanted.

use std::sync::Arc;

use capture::Direction;

use super::pipeline::Remembered;
use super::{HttpRequest, HttpResponse, coding};
use crate::ccm::{self, Asked, Interest};
use crate::crl;
use crate::events::Events;

/// Who reads bodies.
#[derive(Clone, Copy)]
pub(crate) struct Bodies {
    /// What a request says of the bodies of its exchange.
    pub(crate) interest: fn(&HttpRequest) -> Interest,
    /// What a response says of its own body, whatever was asked for.
    pub(crate) announced: fn(&HttpResponse) -> bool,
    pub(crate) request: fn(&HttpRequest, ccm::Body<'_>, Direction, &mut Events) -> Asked,
    pub(crate) response: fn(&HttpRequest, &Asked, &HttpResponse, ccm::Body<'_>, Direction, &mut Events),
}

impl Bodies {
    /// The readers of ConfigMgr messages and of revocation lists.
    pub(crate) const ALL: Self = Self { interest, announced, request: ccm::read_request, response };

    /// What is to be kept of a request: for its own body, and until its response comes.
    pub(crate) fn wanted(self, request: &HttpRequest) -> (Option<Collecting>, Option<Box<Remembered>>) {
        let interest = (self.interest)(request);
        if !interest.request_body && !interest.response_body {
            return (None, None);
        }
        let kept = Arc::new(request.clone());
        let remembered = interest
            .response_body
            .then(|| Box::new(Remembered { request: Arc::clone(&kept), ..Remembered::default() }));
        (interest.request_body.then(|| Collecting::new(Of::Request(kept))), remembered)
    }
}

fn interest(request: &HttpRequest) -> Interest {
    let interest = ccm::interest(request);
    Interest { response_body: interest.response_body || crl::is_asked(request), ..interest }
}

fn announced(response: &HttpResponse) -> bool {
    crl::is_announced(response) || ccm::may_be_reply(response)
}

fn response(
    request: &HttpRequest,
    asked: &Asked,
    response: &HttpResponse,
    body: ccm::Body<'_>,
    direction: Direction,
    out: &mut Events,
) {
    if crl::is_asked(request) || crl::is_announced(response) {
        crl::read(response, body, direction, out);
    } else if ccm::may_be_reply(response) {
        ccm::read_unasked(response, body, direction, out);
    } else {
        ccm::read_response(request, asked, response, body, direction, out);
    }
}

/// Whose body it is.
pub(crate) enum Of {
    Request(Arc<HttpRequest>),
    Response(Box<Remembered>, Box<HttpResponse>),
}

/// A body of which the end has not come yet.
pub(crate) struct Collecting {
    of: Of,
    bytes: Vec<u8>,
}

impl Collecting {
    pub(crate) const fn new(of: Of) -> Self {
        Self { of, bytes: Vec::new() }
    }

    /// Octets taken so far.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the next bytes of the body, as far as the limit allows. `false` where it does not.
    pub(crate) fn take(&mut self, payload: &[u8], limit: usize) -> bool {
        let room = limit.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(payload.get(..room).unwrap_or(payload));
        payload.len() <= room
    }

    /// Hands the body over. Of a request's body it gives what was asked in it, and by which exchange.
    pub(crate) fn deliver(self, bodies: Bodies, incomplete: bool, out: &mut Events) -> Option<(u64, Asked)> {
        let body = ccm::Body { bytes: &self.bytes, incomplete };
        let (direction, coding) = match &self.of {
            Of::Request(request) => (Direction::ToServer, &request.content_encoding),
            Of::Response(_, response) => (Direction::ToClient, &response.content_encoding),
        };
        let (bytes, incomplete) = coding::decode(coding.as_deref(), body, direction, out);
        let body = ccm::Body { bytes: &bytes, incomplete };
        match self.of {
            Of::Request(request) => {
                let asked = (bodies.request)(&request, body, direction, out);
                Some((request.exchange, asked))
            }
            Of::Response(to, response) => {
                (bodies.response)(&to.request, &to.asked, &response, body, direction, out);
                None
            }
        }
    }
}
