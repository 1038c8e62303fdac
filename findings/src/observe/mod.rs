//! What an event means for the ledger. One file a family of protocols; nothing here judges.

mod names;

use decoders::{Event, Record};

use crate::ledger::Ledger;

/// Enters one record into the ledger.
pub(crate) fn record(ledger: &mut Ledger, record: &Record) {
    match &record.event {
        Event::Nbns(message) => names::nbns(ledger, record, message),
        Event::Llmnr(message) => names::llmnr(ledger, record, &message.0),
        Event::Dns(message) => names::dns(ledger, record, message),
        Event::Ldap(event) => names::ldap(ledger, record, event),
        Event::Http(_)
        | Event::Ccm(_)
        | Event::Tls(_)
        | Event::Smb(_)
        | Event::Spnego(_)
        | Event::Ntlmssp(_)
        | Event::Kerberos(_)
        | Event::Dcerpc(_)
        | Event::Dhcp(_)
        | Event::Tftp(_)
        | Event::Flow(_)
        | Event::Anomaly(_) => {
            let _ = ledger;
        }
    }
}
