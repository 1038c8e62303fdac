//! ConfigMgr client messaging, as HTTP carries it: messages (`CCM_POST`), their replies, reports to fallback status
//! points, site data of management points, and client notification in its HTTP form.
//!
//! Plain functions over heads and bodies: no stream, no state beyond [`Asked`](crate::ccm::Asked). The `http` decoder keeps the bodies
//! that [`interest`](crate::ccm::interest) asks for and hands them over. Content downloads, policy bodies, BITS fragments and WSUS traffic
//! are known by their paths ([`place`](crate::ccm::place)) and never read. The format has no public document; field names are those of
//! the messages.
//!
//! Nothing here needs a private key, and no signature, token or policy body leaves this module.

mod bgb;
mod content;
mod event;
mod header;
mod location;
mod message;
mod multipart;
mod paths;
mod payload;
mod policy;
mod public_key;
mod registration;
mod reply;
mod report;
mod signature;
mod site_data;
mod status;
#[cfg(test)]
mod tests;
mod xml;

use capture::Direction;

pub use event::*;
pub use paths::{Application, Demand, Place, Role, place, site_query};
use report::Report;

use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::http::{HttpRequest, HttpResponse};

/// Which bodies of an exchange are worth keeping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The request's.
    pub request_body: bool,
    /// The response's.
    pub response_body: bool,
}

/// A body without transfer coding.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// Its bytes, as far as they were captured and kept: to the first that is missing.
    pub bytes: &'a [u8],
    /// Whether some are missing.
    pub incomplete: bool,
}

/// What a request was about, for reading its response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `TargetEndpoint` of the message.
    endpoint: Option<String>,
}

/// What an exchange carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    Message,
    Notification,
    FallbackReport,
    SiteData,
    Nothing,
}

fn carries(request: &HttpRequest) -> Carries {
    let posts = request.method.eq_ignore_ascii_case("CCM_POST");
    let application = place(&request.uri).map(|place| place.application);
    match application {
        Some(Application::Notification) if posts || request.method == "POST" => Carries::Notification,
        Some(Application::FallbackStatus) if posts || request.method == "POST" => Carries::FallbackReport,
        Some(Application::Messaging) if posts || request.method == "POST" => Carries::Message,
        Some(Application::SiteData) if request.method == "GET" => Carries::SiteData,
        // The method is ConfigMgr's own: a message, whatever the path.
        _ if posts => Carries::Message,
        _ => Carries::Nothing,
    }
}

/// Which bodies of an exchange with this request are worth keeping.
#[must_use]
pub fn interest(request: &HttpRequest) -> Interest {
    match carries(request) {
        Carries::Message => Interest { request_body: true, response_body: true },
        Carries::Notification | Carries::FallbackReport => {
            Interest { request_body: true, response_body: false }
        }
        Carries::SiteData => Interest { request_body: false, response_body: true },
        Carries::Nothing => Interest::default(),
    }
}

/// Reads a request's body. An empty one says nothing: authentication takes several rounds. Of a message that was not
/// captured at all, that it was sent is said.
pub fn read_request(request: &HttpRequest, body: Body<'_>, direction: Direction, out: &mut Events) -> Asked {
    let carries = carries(request);
    if body.bytes.is_empty() && !(body.incomplete && carries == Carries::Message) {
        return Asked::default();
    }
    match carries {
        Carries::Message => Asked { endpoint: message::read(request, &body, direction, out) },
        Carries::Notification => {
            read_notification(request, body, direction, out);
            Asked::default()
        }
        Carries::FallbackReport => {
            read_fallback_report(request, body, direction, out);
            Asked::default()
        }
        Carries::SiteData | Carries::Nothing => Asked::default(),
    }
}

/// Reads a response's body, empty or not. Only successes answer: what a server says with other codes is HTTP's.
pub fn read_response(
    request: &HttpRequest,
    asked: &Asked,
    response: &HttpResponse,
    body: Body<'_>,
    direction: Direction,
    out: &mut Events,
) {
    if !(200..300).contains(&response.status_code) {
        return;
    }
    match carries(request) {
        Carries::Message => message::read_reply(asked.endpoint.as_ref(), response, &body, direction, out),
        Carries::SiteData if !body.bytes.is_empty() => {
            read_site_data(request, response, body, direction, out);
        }
        _ => {}
    }
}

/// Whether a response whose request was not captured may be a reply to a message, by its media type.
#[must_use]
pub fn may_be_reply(response: &HttpResponse) -> bool {
    let kind = response.content_type.as_deref().and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let good = (200..300).contains(&response.status_code);
    response.exchange.is_none() && good && kind.trim().eq_ignore_ascii_case("multipart/mixed")
}

/// Reads the body of such a response, if it is a reply: others send bodies of several parts as well.
pub fn read_unasked(response: &HttpResponse, body: Body<'_>, direction: Direction, out: &mut Events) {
    if message::is_message(&body, response.content_type.as_deref(), out) {
        message::read_reply(None, response, &body, direction, out);
    }
}

fn read_notification(request: &HttpRequest, body: Body<'_>, direction: Direction, out: &mut Events) {
    match bgb::read(body.bytes, out) {
        Ok(mut message) => {
            message.exchange = request.exchange;
            message.path = out.text(path_of(&request.uri));
            message.incomplete = body.incomplete;
            out.push(direction, CcmEvent::Message(Box::new(message)));
        }
        Err(error) => tell(Err(error), body.incomplete, direction, out),
    }
}

fn read_fallback_report(request: &HttpRequest, body: Body<'_>, direction: Direction, out: &mut Events) {
    let mut report = Report::default();
    let read = payload::text(body.bytes).and_then(|text| xml::read(&text, out, &mut report));
    tell(read, body.incomplete, direction, out);
    let report = report.into_body();
    let event = FspReport { exchange: request.exchange, incomplete: body.incomplete, report };
    out.push_with(direction, CcmEvent::Fsp(Box::new(event)), body.bytes);
}

fn read_site_data(
    request: &HttpRequest,
    response: &HttpResponse,
    body: Body<'_>,
    direction: Direction,
    out: &mut Events,
) {
    let Some((query, site_code)) = site_query(&request.uri) else { return };
    let mut data = SiteData {
        exchange: response.exchange,
        query: out.text(&query),
        site_code: site_code.filter(|code| location::is_site_code(code)),
        ..SiteData::default()
    };
    let read = payload::text(body.bytes)
        .and_then(|text| xml::read(&text, out, &mut site_data::Answer::new(&mut data)));
    tell(read, body.incomplete, direction, out);
    out.push_with(direction, CcmEvent::SiteData(Box::new(data)), body.bytes);
}

/// Says what could not be read, unless a missing piece of the capture explains it. A limit of ours is not the sender's
/// fault.
fn tell(result: Result<(), DecodeError>, explained: bool, direction: Direction, out: &mut Events) {
    match result {
        Err(DecodeError { kind: ErrorKind::Limit(limit), protocol, .. }) => {
            out.anomaly(direction, Anomaly::LimitReached { protocol, limit });
        }
        Err(error) if !explained => out.malformed(direction, error),
        _ => {}
    }
}

/// A request target's path as sent, without scheme, host and query.
fn path_of(uri: &str) -> &str {
    let end = uri.bytes().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(uri.len());
    let path = uri.get(..end).unwrap_or(uri);
    if path.starts_with('/') {
        return path;
    }
    let absolute = path.split_once("://").filter(|(scheme, _)| !scheme.contains('/'));
    let Some((_, rest)) = absolute else { return path };
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}
