//! Revocation: what certificates name, who asks there, by HTTP and LDAP, and how that goes. Requests to ordinary servers
//! are passed by.

use std::net::IpAddr;

use capture::{EndReason, Moment, Transport};
use decoders::crl::{CrlEvent, Form, is_announced};
use decoders::dns::DnsMessage;
use decoders::http::{HttpEvent, HttpRequest, HttpResponse};
use decoders::ldap::LdapEvent;
use decoders::tls::TlsEvent;
use decoders::{FlowEnd, Record};

use super::names::ends;
use crate::evidence::{Evidence, Seen};
use crate::ledger::revocation::{
    ASKED_PORTS, FetchFlow, FetchKey, Fetches, List, Lookups, Place, Spoken, places, places_of,
};
use crate::ledger::{Ledger, Role};

/// How the path of a list ends.
const LIST_ENDING: &str = ".crl";
/// Media type of a request to a responder (RFC 6960 A.1).
const RESPONDER_REQUEST: &str = "application/ocsp-request";
/// The attribute that holds a list in a directory, and the class of entries that have it (RFC 4523 2.5, 2.9).
const LIST_ATTRIBUTE: &str = "certificaterevocationlist";
const LIST_CLASS: &str = "crldistributionpoint";
/// What came in place of a list.
const A_PAGE: &str = "answered with a web page";
/// DNS record types of addresses.
const ADDRESSES: [u16; 2] = [1, 28];
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
    ledger.revocation.fetches.make_room(|key, _| {
        let known = |addr: &IpAddr| hosts.get(addr).is_some_and(|host| !host.roles.is_empty());
        known(&key.client) || known(&key.server)
    });
    if let Some(fetches) = ledger.revocation.fetches.entry(key.clone(), Fetches::default) {
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
        keep(ledger, list);
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

/// Keeps a list, if it is newer than the one there.
fn keep(ledger: &mut Ledger, list: &CrlEvent) {
    let key = (list.issuer.clone(), list.authority_key.clone(), list.delta);
    let made = || List { this_update: i64::MIN, der: [].into() };
    if let Some(kept) = ledger.revocation.lists.entry(key, made)
        && kept.this_update < list.this_update_secs
    {
        *kept = List { this_update: list.this_update_secs, der: std::sync::Arc::clone(&list.der) };
    }
}

/// Enters an LDAP event: a search for a list, and what it found.
pub(super) fn ldap(ledger: &mut Ledger, record: &Record, event: &LdapEvent) {
    match event {
        LdapEvent::Search { base, attributes, classes, .. } => {
            let wanted = attributes.iter().any(|name| {
                let name = name.split(';').next().unwrap_or_default();
                name.eq_ignore_ascii_case(LIST_ATTRIBUTE)
            });
            let wanted = wanted || classes.iter().any(|class| class.eq_ignore_ascii_case(LIST_CLASS));
            let key = wanted.then(|| key(record, Place::entry("", base), false));
            if key.is_none() && ledger.revocation.flows.get(&record.flow).is_none() {
                return;
            }
            if let Some(flow) = ledger.revocation.flows.entry(record.flow, FetchFlow::default) {
                flow.search = key;
            }
        }
        LdapEvent::SearchDone { code, entries } => {
            let flow = ledger.revocation.flows.get_mut(&record.flow);
            let Some(key) = flow.and_then(|flow| flow.search.take()) else { return };
            match (*code, *entries) {
                (0, 1..) => enter(ledger, &key, |fetches, key| {
                    fetches.good.note(record, || format!("{}: found", key.place));
                }),
                (0, 0) => failed(ledger, record, &key, "answered that there is none"),
                (code, _) => failed(ledger, record, &key, &format!("answered with result code {code}")),
            }
        }
        LdapEvent::Bind { .. }
        | LdapEvent::BindDone { .. }
        | LdapEvent::Protected { .. }
        | LdapEvent::StartTls => {}
    }
}

/// Enters an answer of a name server about an address.
pub(super) fn dns(ledger: &mut Ledger, record: &Record, message: &DnsMessage) {
    let wanted = message.response && message.opcode == 0 && ADDRESSES.contains(&message.qtype);
    if !wanted || !message.query.contains('.') {
        return;
    }
    let (server, client) = ends(record);
    let key = (client, message.query.trim_end_matches('.').to_ascii_lowercase());
    if !message.addresses.is_empty() {
        if let Some(lookups) = ledger.revocation.lookups.get_mut(&key) {
            lookups.resolved = true;
        }
        return;
    }
    if message.rcode == 0 {
        // It has no address of this family; perhaps one of the other.
        return;
    }
    let hosts = &ledger.hosts;
    ledger.revocation.lookups.make_room(|(client, _), _| {
        hosts
            .get(client)
            .is_some_and(|host| host.role(Role::Client).is_some() || host.site_system().is_some())
    });
    let made = || Lookups { denied: Seen::default(), server, rcode: message.rcode, resolved: false };
    if let Some(lookups) = ledger.revocation.lookups.entry(key, made) {
        lookups.denied.note(record, || format!("{}: response code {}", message.query, message.rcode));
        lookups.server = server;
        lookups.rcode = message.rcode;
    }
}

/// Enters what certificates say that are no server's own: of authorities above one, and of clients.
pub(super) fn tls(ledger: &mut Ledger, record: &Record, event: &TlsEvent) {
    let TlsEvent::Certificate(sent) = event else { return };
    if sent.index == 0 && !sent.client {
        return;
    }
    let whose = if !sent.client {
        "the certificate of an authority above that of"
    } else if sent.index == 0 {
        "a client's certificate that was shown to"
    } else {
        "the certificate of an authority above a client's that was shown to"
    };
    spoken(ledger, record, whose, &sent.sha256, || places(&sent.certificate));
}

/// Enters what the certificate of a registration says.
pub(super) fn registered(
    ledger: &mut Ledger,
    record: &Record,
    sha256: &str,
    lists: &[String],
    access: &[String],
) {
    spoken(ledger, record, "a client's certificate that was registered with", sha256, || {
        places_of(lists, access)
    });
}

fn spoken(
    ledger: &mut Ledger,
    record: &Record,
    whose: &'static str,
    sha256: &str,
    places: impl FnOnce() -> Vec<(Place, bool)>,
) {
    let key = (record.key.server.addr, sha256.to_owned());
    if ledger.revocation.spoken.get(&key).is_some() {
        return;
    }
    let places = places();
    if places.is_empty() {
        return;
    }
    let hosts = &ledger.hosts;
    ledger
        .revocation
        .spoken
        .make_room(|(server, _), _| hosts.get(server).is_some_and(|host| host.site_system().is_some()));
    ledger.revocation.spoken.entry(key, || Spoken { whose, places });
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
    let hosts = &ledger.hosts;
    ledger.revocation.unreached.make_room(|(client, server, _), _| {
        let known = |addr| hosts.get(addr).is_some_and(|host| !host.names.is_empty());
        known(client) && known(server)
    });
    let key = (record.key.client.addr, record.key.server.addr, record.key.server.port);
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
