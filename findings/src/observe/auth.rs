//! SPNEGO and NTLMSSP: what a client offers, what the server takes, and whose password is proven to whom.

use decoders::Record;
use decoders::ntlmssp::{Authenticate, Carrier, Challenge, NtlmMessage};
use decoders::spnego::{MechToken, SpnegoToken};

use crate::ledger::account;
use crate::ledger::smb::{Logon, NtlmLogon, OID_NTLMSSP, is_address};
use crate::ledger::{Ledger, NameSource};

/// Whether a carrier's tokens belong to a connection of the SMB ledger.
const fn is_connection(carrier: Carrier) -> bool {
    matches!(carrier, Carrier::Smb | Carrier::Dcerpc)
}

/// The logon that a token belongs to.
fn logon<'l>(ledger: &'l mut Ledger, record: &Record, starts: bool) -> Option<&'l mut Logon> {
    let bound = ledger.limits.list;
    ledger.smb.connection(record)?.current(starts, bound)
}

/// Whether the record's message goes to the server.
fn to_server(record: &Record) -> bool {
    record.direction == capture::Direction::ToServer
}

/// Enters a SPNEGO token.
pub(super) fn spnego(ledger: &mut Ledger, record: &Record, token: &SpnegoToken) {
    match token {
        SpnegoToken::Init(init) if is_connection(init.carrier) && to_server(record) => {
            let bound = ledger.limits.list;
            let Some(logon) = logon(ledger, record, true) else { return };
            logon.offered = init.mechanisms.iter().take(bound).cloned().collect();
            logon.kerberos_first =
                matches!(init.token, MechToken::KerberosApReq | MechToken::KerberosUserToUser);
            logon.offer.note(record, || format!("offers {}", init.mechanisms.join(" ")));
        }
        SpnegoToken::Response(response) if is_connection(response.carrier) && !to_server(record) => {
            let Some(logon) = logon(ledger, record, false) else { return };
            // The server asks for another mechanism (request-mic), or names NTLM as the one it takes (RFC 4178 4.2.2).
            let other = response.state == Some(3) || response.supported.as_deref() == Some(OID_NTLMSSP);
            logon.turned_down |= other && logon.kerberos_first;
            if let (MechToken::KerberosError(code), Some(kerberos)) = (response.token, &mut logon.kerberos) {
                kerberos.error = Some(code);
                let kerberos = kerberos.clone();
                super::kerberos::rejected(ledger, record, Some(kerberos));
            }
        }
        SpnegoToken::Init(_) | SpnegoToken::Response(_) => {}
    }
}

/// Enters an NTLMSSP message.
pub(super) fn ntlm(ledger: &mut Ledger, record: &Record, message: &NtlmMessage) {
    match message {
        NtlmMessage::Negotiate(negotiate) => {
            ledger.name(record.key.client.addr, &negotiate.workstation, NameSource::Ntlm);
            if is_connection(negotiate.carrier) {
                // SPNEGO, where there is one, has begun the logon already.
                let _ = logon(ledger, record, true);
            }
        }
        NtlmMessage::Challenge(challenge) => challenged(ledger, record, challenge),
        NtlmMessage::Authenticate(authenticate) => authenticated(ledger, record, authenticate),
    }
}

/// Whether the names in a logon are of a server behind the proxy that the client speaks to.
fn is_for_another(ledger: &Ledger, record: &Record, carrier: Carrier) -> bool {
    carrier == Carrier::Http && ledger.http.is_through_proxy(record.flow)
}

fn challenged(ledger: &mut Ledger, record: &Record, challenge: &Challenge) {
    let server = record.key.server.addr;
    if !is_for_another(ledger, record, challenge.carrier) {
        ledger.name(server, &challenge.nb_computer, NameSource::Ntlm);
        ledger.name(server, &challenge.dns_computer, NameSource::Ntlm);
    }
    if is_connection(challenge.carrier) {
        let _ = logon(ledger, record, false);
    }
}

fn authenticated(ledger: &mut Ledger, record: &Record, message: &Authenticate) {
    let (client, server) = (record.key.client.addr, record.key.server.addr);
    ledger.name(client, &message.workstation, NameSource::Ntlm);
    let host = message.target_name.as_deref().and_then(|name| name.split_once('/')).map(|(_, host)| host);
    let behind = is_for_another(ledger, record, message.carrier);
    if let Some(host) = host.filter(|host| !is_address(host) && !behind) {
        ledger.name(server, host, NameSource::Ntlm);
    }
    let mut ntlm = NtlmLogon {
        user: message.user.clone(),
        domain: message.domain.clone(),
        workstation: message.workstation.clone(),
        response: message.response,
        target_name: message.target_name.clone(),
        at: record.at,
        kdc_answered: ledger.kerberos.answered.get(&client).copied(),
        ..NtlmLogon::default()
    };
    let account = ntlm.account();
    ntlm.seen.note(record, || format!("NTLM AUTHENTICATE of {account}, {}", message.response.name()));
    if ntlm.proves_account() {
        used(ledger, record, &message.user, &message.domain, "NTLM");
        relayed(ledger, record, message);
    }
    if !is_connection(message.carrier) {
        return;
    }
    if let Some(address) = host.filter(|host| is_address(host)) {
        super::smb::called(ledger, record, address);
    }
    let Some(logon) = logon(ledger, record, false) else { return };
    match &mut logon.ntlm {
        // A second proof for the same session: the first time counts.
        Some(known) if known.account() == account => known.seen.merge(&ntlm.seen),
        slot => *slot = Some(Box::new(ntlm)),
    }
}

/// Notes a response that another host had sent to the client of the record's flow: it is relayed. A challenge makes
/// each response another one.
fn relayed(ledger: &mut Ledger, record: &Record, message: &Authenticate) {
    let (client, server) = (record.key.client.addr, record.key.server.addr);
    let Some(mark) = message.response_mark else { return };
    let first = ledger.accounts.responses.entry(mark, || server).copied();
    if first != Some(client) || client == server {
        return;
    }
    let (name, _) = account::split(&message.user, &message.domain);
    if let Some(entry) = ledger.accounts.uses.get_mut(&(name, client)) {
        entry.relayed.note(record, || format!("NTLM response of {} that was sent to {client}", message.user));
    }
}

/// Notes that the client of the record's flow proved an account to its server.
pub(super) fn used(ledger: &mut Ledger, record: &Record, user: &str, domain: &str, how: &str) {
    let bound = ledger.limits.list;
    let (name, domain) = account::split(user, domain);
    let Some(entry) = ledger.accounts.uses.entry((name, record.key.client.addr), Default::default) else {
        return;
    };
    let server = record.key.server;
    entry.by_ntlm |= how == "NTLM";
    entry.seen.note(record, || format!("{how} logon of {user} to {}", server.addr));
    if entry.targets.len() < bound {
        entry.targets.entry(server.addr).or_insert(server.port);
    }
    if entry.domains.len() < bound && !domain.is_empty() {
        entry.domains.insert(domain);
    }
}
