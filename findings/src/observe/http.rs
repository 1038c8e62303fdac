//! HTTP with site systems: requests, their responses, and NTLM logons inside them. Paths decide what is remembered;
//! bodies are `ccm`'s.

use std::net::IpAddr;

use capture::Direction;
use decoders::Record;
use decoders::ccm::{Application, Demand, place};
use decoders::http::{HttpEvent, HttpRequest, HttpResponse};
use decoders::ntlmssp::{Carrier, NtlmMessage, Response};

use crate::evidence::Seen;
use crate::finding::Confidence;
use crate::ledger::http::{ExchangeKey, Exchanges, HttpFlow, role_of};
use crate::ledger::{Ledger, NameSource, Role};
use crate::observe::authority::{host_in, host_of, is_at};
use crate::observe::certificate;

/// The multipart boundary that ConfigMgr messages and replies are written with; others exist, this one is no other's.
const BOUNDARY: &str = "aAbBcCdDv1234567890VxXyYzZ";
/// Longest request target shown, in bytes.
const SHOWN: usize = 160;

/// Enters a head.
pub(super) fn http(ledger: &mut Ledger, record: &Record, event: &HttpEvent) {
    match event {
        HttpEvent::Request(head) => request(ledger, record, head),
        HttpEvent::Response(head) => response(ledger, record, head),
    }
}

/// What names the exchanges of a record's flow for an application.
pub(super) fn key(ledger: &Ledger, record: &Record, application: Application) -> ExchangeKey {
    ExchangeKey {
        client: record.key.client.addr,
        server: record.key.server.addr,
        port: record.key.server.port,
        sealed: ledger.tls.flows.get(&record.flow).is_some(),
        application,
    }
}

fn request(ledger: &mut Ledger, record: &Record, head: &HttpRequest) {
    if head.method == "CONNECT" {
        let name = host_of(&head.uri);
        if name.parse::<IpAddr>().is_err() {
            ledger.tls.tunnels.entry(record.flow, || name.to_owned());
        }
        if let Some(flow) = ledger.http.flows.entry(record.flow, HttpFlow::default) {
            flow.tunnel = true;
        }
    }
    let host = head.host.as_deref().unwrap_or_default();
    let ours = place(&head.uri).filter(|place| {
        role_of(place.application) != Some(Role::SoftwareUpdatePoint) || !is_microsofts(host)
    });
    let Some(place) = ours else {
        if let Some(flow) = ledger.http.flows.get_mut(&record.flow) {
            flow.last = None;
        }
        return;
    };
    let key = key(ledger, record, place.application);
    let telling = telling(place.application, head);
    let elsewhere = host_in(&head.uri).is_some_and(|host| !is_at(ledger, host, key.server));
    let proxied = elsewhere || ledger.http.flows.get(&record.flow).is_some_and(|flow| flow.tunnel);
    count(ledger, record, &key, head, |entry| {
        entry.telling = entry.telling.max(telling);
        entry.proxied |= proxied;
        entry.self_update |= head.uri.to_ascii_lowercase().contains("/selfupdate");
    });
    if !proxied {
        // Who is only asked may know nothing of it: the answer tells more.
        claim(ledger, record, &key, Confidence::Possible, &format!("asked for {}", path(&head.uri)));
        ledger.name(key.server, host_of(host), NameSource::HttpHost);
    }
    if telling == Confidence::Certain {
        ledger.claim(key.client, Role::Client, Confidence::Possible, record, "asks a site system");
    }
    await_response(ledger, record, head, key, place.demand);
}

/// Counts a request with what its headers say.
fn count(
    ledger: &mut Ledger,
    record: &Record,
    key: &ExchangeKey,
    head: &HttpRequest,
    enter: impl FnOnce(&mut Exchanges),
) {
    let bound = ledger.limits.list;
    let Some(entry) = ledger.http.exchanges.entry(key.clone(), Default::default) else { return };
    entry.seen.note(record, || format!("{} {}", head.method, shown(&head.uri, key.application)));
    entry.came_at(record.at, bound);
    if let Some(scheme) = head.auth_scheme.as_ref().filter(|_| entry.sent.len() < bound) {
        entry.sent.insert(scheme.clone());
    }
    if let Some(agent) = head.user_agent.as_ref().filter(|_| entry.user_agents.len() < bound) {
        entry.user_agents.insert(agent.clone());
    }
    enter(entry);
}

/// Remembers a request until its response comes.
fn await_response(
    ledger: &mut Ledger,
    record: &Record,
    head: &HttpRequest,
    key: ExchangeKey,
    demand: Demand,
) {
    let bound = ledger.limits.list;
    let Some(flow) = ledger.http.flows.entry(record.flow, HttpFlow::default) else { return };
    if flow.waiting.len() >= bound {
        flow.waiting.pop_front();
    }
    flow.waiting.push_back((head.exchange, key.clone(), demand));
    flow.last = Some(key);
    flow.for_proxy = head.auth_scheme.is_none() && head.proxy_auth_scheme.is_some();
}

fn response(ledger: &mut Ledger, record: &Record, head: &HttpResponse) {
    // Where it was opened.
    certificate::went_on(ledger, record, "a response");
    let bound = ledger.limits.list;
    let Some(number) = head.exchange else { return by_boundary(ledger, record, head) };
    let Some(flow) = ledger.http.flows.get_mut(&record.flow) else { return };
    let Some(at) = flow.waiting.iter().position(|(waiting, ..)| *waiting == number) else { return };
    let asked = if head.status_code < 200 { flow.waiting.get(at).cloned() } else { flow.waiting.remove(at) };
    let Some((_, key, demand)) = asked else { return };
    let Some(entry) = ledger.http.exchanges.get_mut(&key) else { return };
    if entry.statuses.len() < bound || entry.statuses.contains_key(&head.status_code) {
        *entry.statuses.entry(head.status_code).or_default() += 1;
    }
    for scheme in &head.auth_offered {
        if entry.offered.len() < bound {
            entry.offered.insert(scheme.clone());
        }
    }
    let (telling, proxied) = (entry.telling, entry.proxied);
    let token = key.application == Application::TokenService || demand == Demand::Token;
    let there = matches!(head.status_code, 200..300 | 304 | 401 | 403);
    // Clients try every form of a path in turn, so a refusal tells nothing of tokens.
    if matches!(head.status_code, 200..300 | 304)
        && token
        && let Some(seen) = ledger.http.tokens.entry(key.server, Seen::default)
    {
        seen.note(record, || format!("{} for {:?} by token", head.status_code, key.application));
    }
    if there && !proxied {
        let what = format!("answered with {} for {:?}", head.status_code, key.application);
        claim(ledger, record, &key, telling, &what);
    }
}

/// A response whose request was not captured: the boundary in it may say what it answers.
fn by_boundary(ledger: &mut Ledger, record: &Record, head: &HttpResponse) {
    let answers = head.content_type.as_ref().is_some_and(|kind| kind.contains(BOUNDARY));
    if !answers || head.status_code < 200 {
        return;
    }
    let key = key(ledger, record, Application::Messaging);
    unasked(ledger, record, &key, &format!("{} with the reply to a message", head.status_code));
    if let Some(flow) = ledger.http.flows.entry(record.flow, HttpFlow::default) {
        flow.unasked = true;
    }
    let bound = ledger.limits.list;
    if let Some(entry) = ledger.http.exchanges.get_mut(&key)
        && entry.statuses.len() < bound
    {
        *entry.statuses.entry(head.status_code).or_default() += 1;
    }
}

/// Enters an exchange of which only the answer was captured.
pub(super) fn unasked(ledger: &mut Ledger, record: &Record, key: &ExchangeKey, what: &str) {
    let bound = ledger.limits.list;
    if let Some(entry) = ledger.http.exchanges.entry(key.clone(), Default::default) {
        entry.seen.note(record, || what.to_owned());
        entry.unread.note(record, || what.to_owned());
        entry.came_at(record.at, bound);
        entry.telling = entry.telling.max(Confidence::Likely);
    }
    claim(ledger, record, key, Confidence::Likely, "answered a message");
}

fn claim(ledger: &mut Ledger, record: &Record, key: &ExchangeKey, sure: Confidence, what: &str) {
    if let Some(role) = role_of(key.application) {
        ledger.claim(key.server, role, sure, record, what);
    }
}

/// How much a path says about who answers it.
fn telling(application: Application, head: &HttpRequest) -> Confidence {
    let path = path(&head.uri).to_ascii_lowercase();
    match application {
        // Clients send messages there and ask for nothing else: whoever does looks for a management point.
        Application::Messaging if head.method != "CCM_POST" && !path.ends_with("/request") => {
            Confidence::Possible
        }
        // Reports are sent there: whoever only looks sends none.
        Application::Upload if matches!(head.method.as_str(), "GET" | "HEAD" | "OPTIONS") => {
            Confidence::Possible
        }
        Application::ManagementPointOther if !path.contains("/.sms_") => Confidence::Possible,
        Application::Messaging
        | Application::SiteData
        | Application::PolicyBody
        | Application::ConfigurationItem
        | Application::Upload
        | Application::ClientFiles
        | Application::TokenService
        | Application::FallbackStatus
        | Application::Content
        | Application::ContentSignature
        | Application::PeerContent => Confidence::Certain,
        Application::Notification if path.ends_with("/handler.ashx") => Confidence::Certain,
        // WSUS serves other update agents as well.
        Application::UpdateService
        | Application::UpdateFiles
        | Application::UpdateAdministration
        | Application::ManagementPointOther
        | Application::StateMigration
        | Application::UserService
        | Application::CloudContent
        | Application::Gateway => Confidence::Likely,
        Application::Notification
        | Application::Enrolment
        | Application::AdminService
        | Application::RevocationList => Confidence::Possible,
    }
}

/// Enters an NTLM logon in an HTTP header: it belongs to the request it came with.
pub(super) fn ntlm(ledger: &mut Ledger, record: &Record, message: &NtlmMessage) {
    let NtlmMessage::Authenticate(logon) = message else { return };
    let nobody = matches!(logon.response, Response::None | Response::Anonymous) || logon.user.is_empty();
    if logon.carrier != Carrier::Http || record.direction != Direction::ToServer || nobody {
        return;
    }
    let bound = ledger.limits.list;
    let flow = ledger.http.flows.get(&record.flow).filter(|flow| !flow.for_proxy);
    let Some(key) = flow.and_then(|flow| flow.last.clone()) else { return };
    let Some(entry) = ledger.http.exchanges.get_mut(&key) else { return };
    let account = if logon.domain.is_empty() {
        logon.user.clone()
    } else {
        format!(r"{}\{}", logon.domain, logon.user)
    };
    entry.ntlm.note(record, || format!("NTLM AUTHENTICATE of {account}, {}", logon.response.name()));
    if logon.response.is_older_than_v2() {
        entry.old_responses.insert(logon.response.name());
    }
    if entry.accounts.len() < bound {
        entry.accounts.insert(account);
    }
}

/// Whether a host name is that of the vendor's own update service, which every computer asks over HTTP.
fn is_microsofts(host: &str) -> bool {
    let host = host_of(host).to_ascii_lowercase();
    [".microsoft.com", ".windowsupdate.com"].iter().any(|domain| host.ends_with(domain))
}

/// A request target without its query, which may hold signatures.
fn path(uri: &str) -> &str {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let mut end = path.len().min(SHOWN);
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    path.get(..end).unwrap_or_default()
}

/// What is shown of a request target: the query only where it is a command.
fn shown(uri: &str, application: Application) -> String {
    let command = matches!(application, Application::SiteData | Application::Notification);
    let query = uri.split_once('?').map(|(_, query)| query).filter(|_| command);
    let query = query.and_then(|query| query.split(['&', '#']).next()).filter(|query| query.len() <= SHOWN);
    query.map_or_else(|| path(uri).to_owned(), |query| format!("{}?{query}", path(uri)))
}
