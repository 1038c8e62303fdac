//! Kerberos: questions to KDCs and what became of them, and the tickets that clients show.

use capture::{Direction, Moment, Transport};
use decoders::kerberos::KerberosEvent;
use decoders::{FlowEnd, Record};

use crate::finding::Confidence;
use crate::ledger::account;
use crate::ledger::fallback::is_address_of_service;
use crate::ledger::kerberos::{LoggedOn, Question, Refusal, Silence, Ticket, is_harmless};
use crate::ledger::smb::{KerberosLogon, is_address};
use crate::ledger::{Ledger, NameSource, Role};

/// Message types (RFC 4120 7.5.7).
const AS_REQ: u8 = 10;
const AS_REP: u8 = 11;
const TGS_REQ: u8 = 12;
const TGS_REP: u8 = 13;
const AP_REQ: u8 = 14;
const KRB_ERROR: u8 = 30;
/// RC4-HMAC (RFC 4757).
const RC4: i32 = 23;
/// The service that changes passwords.
const CHANGE_PASSWORD: &str = "kadmin/changepw";
/// The KDC's port.
pub(super) const PORT: u16 = 88;
/// How long before an AP-REQ a logon at the KDC still tells whose it is, in nanoseconds; if nobody else logged on.
const RECENT: i64 = 60 * 1_000_000_000;

/// Enters a Kerberos message.
pub(super) fn kerberos(ledger: &mut Ledger, record: &Record, message: &KerberosEvent) {
    match (message.msg_type, message.carrier) {
        (AS_REQ | TGS_REQ, None) => asked(ledger, record, message),
        (AS_REP | TGS_REP | KRB_ERROR, None) => answered(ledger, record, message),
        (AP_REQ, Some(_)) => shown(ledger, record, message),
        (KRB_ERROR, Some(_)) => {
            let bound = ledger.limits.list;
            let connection = ledger.smb.connection(record);
            let logon = connection.and_then(|connection| connection.current(false, bound));
            let kerberos = logon.and_then(|logon| logon.kerberos.as_mut()).map(|kerberos| {
                kerberos.error = message.error_code;
                kerberos.clone()
            });
            rejected(ledger, record, kerberos);
        }
        _ => {}
    }
}

fn asked(ledger: &mut Ledger, record: &Record, message: &KerberosEvent) {
    if let Some(name) = &message.client_host {
        ledger.name(record.key.client.addr, name, NameSource::Kerberos);
    }
    if let Some(question) = waiting(ledger, record, Silence::Unanswered, || describe(message)) {
        question.sname = message.sname.to_lowercase();
        question.cname.clone_from(&message.cname);
    }
}

/// The question of the record's flow, with the time it was asked again.
pub(super) fn waiting<'l>(
    ledger: &'l mut Ledger,
    record: &Record,
    silence: Silence,
    what: impl FnOnce() -> String,
) -> Option<&'l mut Question> {
    let make = || Question {
        client: record.key.client.addr,
        kdc: record.key.server.addr,
        silence,
        sname: String::new(),
        cname: String::new(),
        asked: Refusal::default(),
    };
    let bound = ledger.limits.list;
    let question = ledger.kerberos.questions.entry(record.flow, make)?;
    question.asked.happened(record.at, bound);
    question.asked.seen.note(record, what);
    Some(question)
}

fn describe(message: &KerberosEvent) -> String {
    match message.msg_type {
        AS_REQ => format!("AS-REQ of {}@{}", message.cname, message.realm),
        TGS_REQ => format!("TGS-REQ for {}", message.sname),
        TGS_REP => format!("TGS-REP for {}", message.sname),
        _ => format!("Kerberos message {}", message.msg_type),
    }
}

fn answered(ledger: &mut Ledger, record: &Record, message: &KerberosEvent) {
    let (client, kdc) = (record.key.client.addr, record.key.server.addr);
    let question = ledger.kerberos.questions.remove(&record.flow);
    ledger.claim(kdc, Role::DomainController, Confidence::Certain, record, "answers Kerberos requests");
    if let Some(at) = ledger.kerberos.answered.entry(client, || record.at) {
        *at = record.at;
    }
    match message.msg_type {
        // A ticket to change an expired password with is no logon (RFC 3244 1).
        AS_REP if message.sname.eq_ignore_ascii_case(CHANGE_PASSWORD) => {}
        AS_REP => {
            ledger.kerberos.recovered(client, &account::split(&message.cname, "").0, record.at);
            let account = format!("{}@{}", message.cname, message.crealm);
            let make = || LoggedOn { account: account.clone(), at: record.at, other_at: None };
            if let Some(on) = ledger.kerberos.logged_on.entry(client, make) {
                if on.account != account {
                    on.other_at = Some(on.at);
                    on.account = account;
                }
                on.at = record.at;
            }
            super::auth::used(ledger, record, &message.cname, &message.crealm, "Kerberos");
        }
        TGS_REP => {
            let ticket = ticket(ledger, record, message);
            let known = !message.cname.is_empty() && !message.crealm.starts_with("WELLKNOWN");
            if let Some(ticket) = ticket.filter(|_| known) {
                ticket.account = Some(format!("{}@{}", message.cname, message.crealm));
            }
        }
        _ => refused(ledger, record, message, question.as_ref()),
    }
}

fn refused(ledger: &mut Ledger, record: &Record, message: &KerberosEvent, question: Option<&Question>) {
    let Some(code) = message.error_code.filter(|code| !is_harmless(*code)) else { return };
    let bound = ledger.limits.list;
    // An error may leave the names out; the question has them.
    let asked_sname = question.map(|question| question.sname.clone()).filter(|sname| !sname.is_empty());
    let sname = asked_sname.unwrap_or_else(|| message.sname.to_lowercase());
    let asking_account = question.map(|question| question.cname.clone()).filter(|cname| !cname.is_empty());
    let cname = asking_account.unwrap_or_else(|| message.cname.clone());
    let about_account = sname.starts_with("krbtgt/") && !cname.is_empty();
    // An enterprise name has its domain in it (RFC 6806 5).
    let name = if about_account { account::split(&cname, "").0 } else { sname };
    let key = (record.key.client.addr, name, code);
    let name = key.1.clone();
    if let Some(refusal) = ledger.kerberos.refusals.entry(key, Default::default) {
        refusal.happened(record.at, bound);
        refusal.seen.note(record, || format!("KRB-ERROR {code} for {name}"));
    }
}

/// The entry of a service ticket, with its encryption noted.
fn ticket<'l>(ledger: &'l mut Ledger, record: &Record, message: &KerberosEvent) -> Option<&'l mut Ticket> {
    let class = message.sname.split('/').next().unwrap_or_default();
    let wanted =
        ["cifs", "host", "http", "rpcss", "ldap"].iter().any(|known| class.eq_ignore_ascii_case(known));
    if !wanted {
        return None;
    }
    let key = (record.key.client.addr, message.sname.to_lowercase());
    let ticket = ledger.kerberos.tickets.entry(key, Default::default)?;
    if !ticket.shown {
        ticket.peer = Some(record.key.server.addr);
        ticket.port = record.key.server.port;
    }
    if let Some(etype) = message.ticket_etype {
        // An encryption type is a number of the peer's choice; a handful exist.
        if ticket.etypes.len() < 16 {
            ticket.etypes.insert(etype);
        }
        if etype == RC4 {
            ticket.rc4.note(record, || format!("ticket for {} encrypted with RC4 (etype 23)", message.sname));
        }
    }
    Some(ticket)
}

/// An AP-REQ in a token.
fn shown(ledger: &mut Ledger, record: &Record, message: &KerberosEvent) {
    use decoders::ntlmssp::Carrier;
    let (client, server) = (record.key.client.addr, record.key.server.addr);
    if record.direction != Direction::ToServer {
        return;
    }
    if let Some((_, host)) = message.sname.split_once('/').filter(|(_, host)| !is_address(host)) {
        ledger.name(server, host, NameSource::Kerberos);
    }
    let mut account = None;
    if let Some(ticket) = ticket(ledger, record, message) {
        ticket.shown = true;
        ticket.peer = Some(server);
        ticket.port = record.key.server.port;
        account.clone_from(&ticket.account);
    }
    if !matches!(message.carrier, Some(Carrier::Smb | Carrier::Dcerpc)) {
        return;
    }
    let is_recent = |at: Moment| record.at.time.nanos_since(at.time) < RECENT;
    let recent = ledger.kerberos.logged_on.get(&client);
    let recent = recent.filter(|on| is_recent(on.at) && !on.other_at.is_some_and(is_recent));
    let mut logon = KerberosLogon {
        sname: message.sname.clone(),
        mutual: message.mutual_required,
        account: account.or_else(|| recent.map(|on| on.account.clone())),
        ..KerberosLogon::default()
    };
    logon.seen.note(record, || format!("AP-REQ with a ticket for {}", message.sname));
    let bound = ledger.limits.list;
    let connection = ledger.smb.connection(record);
    if let Some(current) = connection.and_then(|connection| connection.current(false, bound))
        && current.kerberos.is_none()
    {
        current.kerberos = Some(Box::new(logon));
    }
}

/// Notes that the server of the record's flow turned down the ticket of a logon, if there was one.
pub(super) fn rejected(ledger: &mut Ledger, record: &Record, logon: Option<Box<KerberosLogon>>) {
    let Some(logon) = logon else { return };
    let bound = ledger.limits.list;
    let by_address = is_address_of_service(&logon.sname);
    let key = (record.key.client.addr, record.key.server.addr, by_address, logon.error);
    let rejection = ledger.kerberos.rejections.entry(key, Default::default);
    // The error and the end of the session setup may both say so.
    if let Some(rejection) = rejection.filter(|known| known.times.last() != Some(&logon.seen.first)) {
        rejection.happened(logon.seen.first, bound);
        rejection.seen.merge(&logon.seen);
    }
}

/// Enters the end of a flow to a KDC: whether it stayed without an answer.
pub(super) fn flow_ended(ledger: &mut Ledger, record: &Record, end: &FlowEnd) {
    let question = ledger.kerberos.questions.remove(&record.flow);
    let located = question.as_ref().is_some_and(|question| question.silence == Silence::NotLocated);
    if record.key.server.port != PORT && !located {
        return;
    }
    let silent = end.to_client.packets == 0 && end.to_server.packets > 0;
    let how = if located {
        Silence::NotLocated
    } else if end.refused {
        Silence::Refused
    } else if end.unreachable && end.to_client.bytes == 0 {
        Silence::Unreachable
    } else if silent && record.key.transport == Transport::Tcp && end.to_server.bytes > 0 {
        Silence::NotCaptured
    } else if end.unanswered || silent {
        Silence::Unanswered
    } else {
        return;
    };
    let bound = ledger.limits.list;
    let (client, kdc) = (record.key.client.addr, record.key.server.addr);
    if let Some(silence) = ledger.kerberos.silences.entry((client, kdc, how), Default::default) {
        if !located {
            silence.happened(end.started, bound);
        }
        silence.seen.note(record, || how.words(kdc));
        if let Some(question) = question {
            for at in question.asked.times {
                silence.happened(at, bound);
            }
            silence.seen.merge(&question.asked.seen);
        }
    }
}
