//! ConfigMgr messages: what was sent to whom, how it was protected, and who is who.

use std::net::IpAddr;

use decoders::Record;
use decoders::ccm::{Application, CcmEvent, CcmMessage, Content, FspReport, ReportBody, StatusBody, place};

use super::http::key as exchange_key;
use super::kind::{describe, endpoint, hash_name, kind};
use super::signing::{hash, signing};
use super::{answer, revocation};
use crate::finding::Confidence;
use crate::ledger::http::HttpFlow;
use crate::ledger::message::{Kind, MessageKey, Signing};
use crate::ledger::smsid::smsid;
use crate::ledger::{Ledger, NameSource, Role};

/// Enters an event.
pub(super) fn ccm(ledger: &mut Ledger, record: &Record, event: &CcmEvent) {
    match event {
        CcmEvent::Message(message) => enter_message(ledger, record, message),
        CcmEvent::Reply(reply) => answer::reply(ledger, record, reply),
        CcmEvent::Fsp(report) => fallback_report(ledger, record, report),
        CcmEvent::SiteData(data) => answer::site_data(ledger, record, data),
    }
}

fn enter_message(ledger: &mut Ledger, record: &Record, message: &CcmMessage) {
    let endpoint = endpoint(message).map(str::to_owned);
    let application = place(&message.path).map(|place| place.application);
    if application.is_none() {
        if endpoint.is_none() {
            return;
        }
        elsewhere(ledger, record, message);
    }
    if application == Some(Application::Messaging) && message.header.is_none() && message.incomplete {
        return unread(ledger, record, message);
    }
    let kind = kind(message, application);
    let key = message_key(ledger, record, message, kind, endpoint.unwrap_or_default());
    let unbound = match key.signing {
        Signing::Valid => kind == Kind::Status && !is_bound(ledger, message),
        Signing::ForAnother => kind == Kind::Status,
        _ => false,
    };
    if let Some(entry) = ledger.messages.messages.entry(key.clone(), Default::default) {
        let what = || describe(&key);
        entry.seen.note(record, what);
        if message.content != Content::Unread && !message.encrypted {
            entry.readable.note(record, what);
        }
        if unbound {
            entry.unbound.note(record, what);
        }
    }
    identify(ledger, record, message, &key);
    match &message.content {
        Content::Registration(registration) => {
            let bound = ledger.limits.list;
            if let Some(sha256) = &registration.certificate_sha256 {
                revocation::registered(
                    ledger,
                    record,
                    sha256,
                    &registration.crl_urls,
                    &registration.aia_urls,
                );
            }
            for name in [&registration.netbios_name, &registration.fqdn].into_iter().flatten() {
                ledger.name(key.client, name, NameSource::Message);
            }
            if let Some(flow) = ledger.http.flows.entry(record.flow, HttpFlow::default) {
                if flow.registering.len() >= bound {
                    flow.registering.pop_front();
                }
                flow.registering.push_back((message.exchange, registration.key_id.clone()));
            }
        }
        Content::Status(body) => status(ledger, record, message, &key, body),
        Content::Location { site_code: Some(code), .. } => ledger.site_code(key.client, code),
        _ => {}
    }
    if kind == Kind::Status {
        count_status(ledger, record, &key);
    }
}

/// Enters the exchange of a message whose path is not ConfigMgr's: its own header says what it is.
fn elsewhere(ledger: &mut Ledger, record: &Record, message: &CcmMessage) {
    let key = exchange_key(ledger, record, Application::Messaging);
    let bound = ledger.limits.list;
    if let Some(entry) = ledger.http.exchanges.entry(key, Default::default) {
        entry.seen.note(record, || format!("CCM_POST {}", message.path));
        entry.came_at(record.at, bound);
        entry.telling = entry.telling.max(Confidence::Likely);
    }
}

/// Enters a message of which nothing says what it is, or how it is protected. It has been counted with its request.
fn unread(ledger: &mut Ledger, record: &Record, message: &CcmMessage) {
    let key = exchange_key(ledger, record, Application::Messaging);
    if let Some(entry) = ledger.http.exchanges.get_mut(&key) {
        entry.unread.note(record, || format!("CCM_POST {}, not captured whole", message.path));
    }
}

fn message_key(
    ledger: &Ledger,
    record: &Record,
    message: &CcmMessage,
    kind: Kind,
    endpoint: String,
) -> MessageKey {
    MessageKey {
        client: record.key.client.addr,
        server: record.key.server.addr,
        port: record.key.server.port,
        sealed: ledger.tls.flows.get(&record.flow).is_some(),
        kind,
        endpoint,
        signing: signing(message),
        hash: hash(message).map(hash_name),
        encrypted: message.encrypted,
        complete: !message.incomplete && message.header.is_some(),
    }
}

/// Whether the key that signed a message is one that a registration bound to the identity it claims.
fn is_bound(ledger: &Ledger, message: &CcmMessage) -> bool {
    let source = message.header.as_ref().and_then(|header| header.source_id.as_deref());
    let identity = source.and_then(|id| ledger.messages.identities.get(&smsid(id)));
    let key = message.signature.key_id.as_ref();
    identity.zip(key).is_some_and(|(identity, key)| identity.keys.contains(key))
}

/// Notes who the sender says it is, and believes it where a signature proves that the same key said so before.
fn identify(ledger: &mut Ledger, record: &Record, message: &CcmMessage, key: &MessageKey) {
    let Some(header) = &message.header else { return };
    let bound = ledger.limits.identities_per_host;
    if let Some(name) = &header.source_host {
        ledger.name(key.client, name, NameSource::Message);
    }
    let sure = if key.signing == Signing::Valid { Confidence::Certain } else { Confidence::Likely };
    ledger.claim(key.client, Role::Client, sure, record, &format!("sends {}", key.kind.name()));
    let Some(id) = header.source_id.as_ref().filter(|id| !id.is_empty()) else { return };
    let id = smsid(id);
    if let Some(host) = ledger.host_mut(key.client)
        && host.smsids.len() < bound
    {
        host.smsids.insert(id.clone());
    }
    let signer = message.signature.key_id.as_ref();
    let known = ledger.messages.identities.get(&id);
    let same = known.is_none_or(|identity| signer.is_some_and(|signer| identity.keys.contains(signer)));
    if key.signing == Signing::Valid && key.kind != Kind::Status && same {
        bind(ledger, record, &id, key.client, signer);
    }
}

/// Notes that an identity is a host's.
pub(super) fn bind(ledger: &mut Ledger, record: &Record, id: &str, host: IpAddr, key: Option<&String>) {
    let bound = ledger.limits.list;
    if let Some(identity) = ledger.messages.bind(id, host, key, bound) {
        identity.seen.note(record, || format!("{id} is used by {host}"));
    }
}

fn status(ledger: &mut Ledger, record: &Record, message: &CcmMessage, key: &MessageKey, body: &StatusBody) {
    let Some(claimed) = body.client_id.as_ref().filter(|id| !id.is_empty()) else { return };
    let claimed = smsid(claimed);
    let header = message.header.as_ref().and_then(|header| header.source_id.as_ref());
    let header = header.map(|id| smsid(id)).filter(|id| !id.is_empty() && *id != claimed);
    let signed = key.signing == Signing::Valid;
    let place = (key.client, key.server, key.port, claimed.clone());
    if !key.sealed
        && let Some(entry) = ledger.messages.claimed.entry(place, Default::default)
    {
        entry.seen.note(record, || format!("status message in the name of {claimed}"));
        entry.header = entry.header.take().or(header.filter(|_| signed));
    }
    if let Some(code) = &body.site_code {
        ledger.site_code(key.client, code);
    }
}

fn count_status(ledger: &mut Ledger, record: &Record, key: &MessageKey) {
    let place = (key.client, key.server, key.port);
    if let Some(rate) = ledger.messages.status_rates.entry(place, Default::default) {
        rate.count(record.at.time);
        rate.seen.note(record, || describe(key));
    }
}

fn fallback_report(ledger: &mut Ledger, record: &Record, report: &FspReport) {
    let key = MessageKey {
        client: record.key.client.addr,
        server: record.key.server.addr,
        port: record.key.server.port,
        sealed: ledger.tls.flows.get(&record.flow).is_some(),
        kind: Kind::FallbackStatus,
        endpoint: String::new(),
        signing: Signing::Absent,
        hash: None,
        encrypted: false,
        complete: !report.incomplete,
    };
    if let Some(entry) = ledger.messages.messages.entry(key.clone(), Default::default) {
        let what = || "fallback status report, which is never signed".to_owned();
        entry.seen.note(record, what);
        if report.report != ReportBody::default() {
            entry.readable.note(record, what);
        }
    }
    count_status(ledger, record, &key);
    ledger.claim(key.client, Role::Client, Confidence::Likely, record, "reports to a fallback status point");
    if let Some(name) = &report.report.netbios_name {
        ledger.name(key.client, name, NameSource::Message);
    }
}
