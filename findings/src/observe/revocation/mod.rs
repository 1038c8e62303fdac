//! Revocation: what certificates name, who asks there, by HTTP and LDAP, and how that goes. Requests to ordinary servers
//! are passed by.

mod elsewhere;

pub(super) use elsewhere::{dns, ldap, registered};

use std::net::IpAddr;

use capture::{EndReason, Moment, Transport};
use decoders::crl::{CrlEvent, Form, is_announced};
use decoders::http::{HttpEvent, HttpRequest, HttpResponse};
use decoders::{FlowEnd, Record};

use crate::evidence::{Evidence, Seen};
use crate::ledger::Ledger;
use crate::ledger::revocation::{ASKED_PORTS, FetchFlow, FetchKey, Fetches, Place};
use crate::observe::flow::channel;

/// How the path of a list ends.
const LIST_ENDING: &str = ".crl";
/// Media type of a request to a responder (RFC 6960 A.1).
const RESPONDER_REQUEST: &str = "application/ocsp-request";
/// Ports of a directory.
const DIRECTORY_PORTS: [u16; 2] = [389, 3268];
/// What came in place of a list.
const A_PAGE: &str = "answered with a web page";
/// Nanoseconds after which a request counts as not answered where its flow did not end.
const PATIENCE: i64 = 2_000_000_000;
/// Frame times before this (2000-01-01) are those of a clock that was never set.
const CLOCK_SET: i64 = 946_684_800;

/// Enters a head.
pub(super) fn http(ledger: &mut Ledger, record: &Record, event: &HttpEvent) {
    match event {
        HttpEvent::Request(head) => request(ledger, record, head),
        HttpEvent::Response(head) => response(ledger, record, head),
    }
}

fn request(ledger: &mut Ledger, record: &Record, head: &HttpRequest) {
    let Some((place, responder)) = asked(ledger, record, head) else { return };
    let bound = ledger.limits.list;
    let key = key(record, place, responder);
    let Some(flow) = ledger.revocation.flows.entry(record.flow, FetchFlow::default) else { return };
    if flow.waiting.len() >= bound {
        flow.waiting.pop_front();
    }
    flow.waiting.push_back((head.exchange, key, record.at));
}

/// What a request asks for, if that is a list or a responder: by its path, by the media type of its body, or because
/// somebody who asked for one was sent here.
fn asked(ledger: &Ledger, record: &Record, head: &HttpRequest) -> Option<(Place, bool)> {
    let named = head.host.as_deref().filter(|host| !host.is_empty());
    let asked = |ask: fn(&str, &str) -> Option<Place>| match named {
        Some(host) => ask(host, &head.uri),
        None => ask(&record.key.server.to_string(), &head.uri),
    };
    match head.method.as_str() {
        "GET" => {
            if let Some(responder) = asked(Place::responder) {
                return Some((responder, true));
            }
            // Most requests are for something else, which shows without writing their URL another way.
            let path = head.uri.split(['?', '#']).next().unwrap_or_default();
            let moved = &ledger.revocation.moved;
            let place = || asked(Place::asked).filter(|place| place.is_list() || moved.get(place).is_some());
            let worth = may_be_list(path) || !moved.is_empty();
            worth.then(place).flatten().map(|place| (place, false))
        }
        "POST" => {
            let kind = head.content_type.as_deref().unwrap_or_default().trim();
            let fits = kind.get(..RESPONDER_REQUEST.len())?.eq_ignore_ascii_case(RESPONDER_REQUEST);
            fits.then(|| asked(Place::asked)).flatten().map(|place| (place, true))
        }
        _ => None,
    }
}

/// Whether a path ends as that of a list does, percent signs aside.
fn may_be_list(path: &str) -> bool {
    let end = path.len().checked_sub(LIST_ENDING.len()).and_then(|at| path.get(at..));
    path.contains('%') || end.is_some_and(|end| end.eq_ignore_ascii_case(LIST_ENDING))
}

fn key(record: &Record, place: Place, responder: bool) -> FetchKey {
    let (client, server) = (record.key.client.addr, record.key.server);
    FetchKey { client, server: server.addr, port: server.port, place, responder }
}

fn response(ledger: &mut Ledger, record: &Record, head: &HttpResponse) {
    let Some(flow) = ledger.revocation.flows.get_mut(&record.flow) else { return };
    let Some(number) = head.exchange.filter(|_| head.status_code >= 200) else { return };
    let Some(at) = flow.waiting.iter().position(|(waiting, ..)| *waiting == number) else { return };
    let Some((_, key, _)) = flow.waiting.remove(at) else { return };
    match head.status_code {
        301 | 302 | 303 | 307 | 308 => sent_on(ledger, &key, head.location.as_deref()),
        200 if head.content_length == Some(0) => failed(ledger, record, &key, "answered with nothing"),
        // What a path or a media type promises is told by the bytes.
        200 if !key.responder && (key.place.is_list() || is_announced(head)) => {
            flow.answered = Some((number, key));
        }
        200 if is_page(head) => failed(ledger, record, &key, A_PAGE),
        200 | 203 | 206 | 304 => enter(ledger, &key, |fetches, key| {
            fetches.good.note(record, || format!("{} for {}", head.status_code, key.place));
        }),
        status @ 400.. => failed(ledger, record, &key, &format!("answered with status {status}")),
        _ => {}
    }
}

fn is_page(head: &HttpResponse) -> bool {
    head.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
}

/// Remembers where a server sent a client on to.
fn sent_on(ledger: &mut Ledger, key: &FetchKey, location: Option<&str>) {
    let Some(location) = location else { return };
    let authority = format!("{}:{}", key.place.host, key.place.port);
    let to =
        if location.contains("://") { Place::parse(location) } else { Place::asked(&authority, location) };
    let Some(to) = to.filter(|to| *to != key.place) else { return };
    let from = ledger.revocation.origin(&key.place).clone();
    if from != to {
        ledger.revocation.moved.entry(to, || from);
    }
}

fn enter(ledger: &mut Ledger, key: &FetchKey, note: impl FnOnce(&mut Fetches, &FetchKey)) {
    let hosts = &ledger.hosts;
    let known = |addr: &IpAddr| hosts.get(addr).is_some_and(|host| !host.roles.is_empty());
    let of_the_site = |key: &FetchKey| known(&key.client) || known(&key.server);
    let fetches = &mut ledger.revocation.fetches;
    if let Some(fetches) = fetches.entry_before(key.clone(), Fetches::default, |key, _| of_the_site(key)) {
        note(fetches, key);
    }
}

fn failed(ledger: &mut Ledger, record: &Record, key: &FetchKey, why: &str) {
    enter(ledger, key, |fetches, key| {
        fetches.bad.note(record, || format!("{}: {why}", key.place));
        why.clone_into(&mut fetches.why);
    });
}

/// Enters the body of an answer: a list, or what came in its place.
pub(super) fn list(ledger: &mut Ledger, record: &Record, list: &CrlEvent) {
    if list.form == Form::List {
        ledger.trust.list_seen(list);
    }
    let Some(flow) = ledger.revocation.flows.get_mut(&record.flow) else { return };
    let answered = flow.answered.take().filter(|(number, _)| list.exchange == Some(*number));
    let Some((_, key)) = answered else { return };
    match list.form {
        Form::Page => return failed(ledger, record, &key, A_PAGE),
        Form::Other => return failed(ledger, record, &key, "answered with what is no revocation list"),
        Form::List | Form::Unread => {}
    }
    let now = record.at.time.as_secs();
    let ended = list.next_update_secs.filter(|ended| *ended < now && now >= CLOCK_SET);
    enter(ledger, &key, |fetches, key| {
        // Bytes that are not read here may be a list for all that is known.
        fetches.good.note(record, || format!("{}: {}", key.place, describe(list)));
        match ended {
            Some(ended) => {
                fetches.outdated.note(record, || format!("{}: {}", key.place, describe(list)));
                fetches.ended = ended;
            }
            None => fetches.outdated = Seen::default(),
        }
    });
}

fn describe(list: &CrlEvent) -> String {
    match list.form {
        Form::List => {
            let kind = if list.delta { "delta list" } else { "list" };
            format!("{kind} of {} with {} serial numbers", list.issuer.join(", "), list.revoked)
        }
        Form::Page | Form::Other | Form::Unread => "answer that was not read".to_owned(),
    }
}

/// Enters the end of a flow: requests that got no answer, and connections that came to nothing.
pub(super) fn ended(ledger: &mut Ledger, record: &Record, end: &FlowEnd) {
    if record.key.transport != Transport::Tcp {
        return;
    }
    if let Some(flow) = ledger.revocation.flows.remove(&record.flow) {
        asked_in(ledger, record, end, flow);
    }
    if !ASKED_PORTS.contains(&record.key.server.port) {
        return;
    }
    // One attempt at the end of a capture may yet be answered.
    let waiting = end.reason == EndReason::EndOfCapture && end.to_server.packets < 2;
    let why = match end {
        _ if end.to_client.bytes > 0 => return,
        FlowEnd { refused: true, .. } => "refused",
        FlowEnd { unreachable: true, .. } => "reported unreachable",
        FlowEnd { unanswered: true, .. } if !waiting => "not answered",
        _ => return,
    };
    // What nobody calls by a name is none that a certificate names; a directory may be asked without one.
    let server = record.key.server;
    let named = ledger.host(server.addr).is_some_and(|host| !host.names.is_empty());
    if !named && !DIRECTORY_PORTS.contains(&server.port) {
        return;
    }
    let key = channel(record);
    if let Some(unreached) = ledger.revocation.unreached.entry(key, Default::default) {
        let what = format!("connection to port {} {why}", key.2);
        unreached.seen.merge(&at(record, end.started, what));
        unreached.why = why;
        note_card(ledger, record, end);
    }
}

/// Something of a flow that was seen at an earlier time than that of the record.
fn at(record: &Record, at: Moment, what: String) -> Seen {
    let mut seen = Seen::default();
    seen.count_at(at);
    seen.evidence.push(Evidence { at, flow: record.flow, key: record.key, what, bytes: Box::default() });
    seen
}

/// What is left of a flow: the client's network card, and what waits for an answer that will not come.
fn asked_in(ledger: &mut Ledger, record: &Record, end: &FlowEnd, flow: FetchFlow) {
    let closed = matches!(end.reason, EndReason::Fin | EndReason::Reset);
    for (_, key, since) in flow.waiting {
        let given_up = closed || record.at.time.nanos_since(since.time) >= PATIENCE;
        // The server took the request and said nothing at all; what was not captured whole may have been an answer.
        if given_up && end.to_client.packets > 0 && end.to_client.bytes == 0 {
            let asked = at(record, since, format!("{}: not answered", key.place));
            enter(ledger, &key, |fetches, _| {
                fetches.bad.merge(&asked);
                "not answered".clone_into(&mut fetches.why);
            });
        }
    }
    note_card(ledger, record, end);
}

fn note_card(ledger: &mut Ledger, record: &Record, end: &FlowEnd) {
    if let Some(mac) = end.client_mac {
        ledger.revocation.cards.entry(record.key.client.addr, || mac);
    }
}
