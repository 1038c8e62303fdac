//! What an event means for the ledger. One file a family of protocols; nothing here judges.

mod ccm;
mod http;
mod names;
mod tls;

use decoders::{Event, Record};

use crate::ledger::Ledger;

/// Enters one record into the ledger.
pub(crate) fn record(ledger: &mut Ledger, record: &Record) {
    match &record.event {
        Event::Nbns(message) => names::nbns(ledger, record, message),
        Event::Llmnr(message) => names::llmnr(ledger, record, &message.0),
        Event::Dns(message) => names::dns(ledger, record, message),
        Event::Ldap(event) => names::ldap(ledger, record, event),
        Event::Http(event) => http::http(ledger, record, event),
        Event::Ccm(event) => ccm::ccm(ledger, record, event),
        Event::Tls(event) => tls::tls(ledger, record, event),
        Event::Ntlmssp(message) => http::ntlm(ledger, record, message),
        Event::Flow(end) => tls::ended(ledger, record, end),
        Event::Smb(_)
        | Event::Spnego(_)
        | Event::Kerberos(_)
        | Event::Dcerpc(_)
        | Event::Dhcp(_)
        | Event::Tftp(_)
        | Event::Anomaly(_) => {
            let _ = ledger;
        }
    }
}
