//! What an event means for the ledger. One file a family of protocols; nothing here judges.

mod answer;
mod auth;
mod authority;
mod ccm;
mod certificate;
mod client_key;
mod dcerpc;
mod flow;
mod http;
mod kdc;
mod kerberos;
mod kind;
mod names;
mod push;
mod revocation;
mod session;
mod signing;
mod smb;
mod tls;

use decoders::{Event, Record};

use crate::ledger::Ledger;

/// Enters one record into the ledger.
pub(crate) fn record(ledger: &mut Ledger, record: &Record) {
    ledger.touch();
    if record.opened && !matches!(record.event, Event::Tls(_)) {
        tls::read_inside(ledger, record);
    }
    match &record.event {
        Event::Nbns(message) => names::nbns(ledger, record, message),
        Event::Llmnr(message) => names::llmnr(ledger, record, &message.0),
        Event::Dns(message) => {
            names::dns(ledger, record, message);
            revocation::dns(ledger, record, message);
        }
        Event::Ldap(event) => {
            names::ldap(ledger, record, event);
            revocation::ldap(ledger, record, event);
        }
        Event::Http(event) => {
            http::http(ledger, record, event);
            revocation::http(ledger, record, event);
        }
        Event::Crl(list) => revocation::list(ledger, record, list),
        Event::Ccm(event) => {
            ccm::ccm(ledger, record, event);
            client_key::ccm(ledger, record, event);
        }
        Event::Tls(event) => {
            tls::tls(ledger, record, event);
            client_key::tls(ledger, record, event);
            session::tls(ledger, record, event);
        }
        Event::Smb(event) => smb::smb(ledger, record, event),
        Event::Spnego(token) => auth::spnego(ledger, record, token),
        Event::Ntlmssp(message) => {
            http::ntlm(ledger, record, message);
            auth::ntlm(ledger, record, message);
        }
        Event::Kerberos(message) => kerberos::kerberos(ledger, record, message),
        Event::Dcerpc(event) => dcerpc::dcerpc(ledger, record, event),
        Event::Flow(end) => {
            tls::ended(ledger, record, end);
            flow::ended(ledger, record, end);
            revocation::ended(ledger, record, end);
            client_key::ended(ledger, record);
            session::ended(ledger, record);
        }
        // Counted by the engine, or of no meaning for the ledger yet.
        Event::Nbdgm(_) | Event::Dhcp(_) | Event::Tftp(_) | Event::Quic(_) | Event::Anomaly(_) => {}
    }
}
