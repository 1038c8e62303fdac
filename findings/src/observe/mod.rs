//! What an event means for the ledger. One file a family of protocols; nothing here judges.

use decoders::{Event, Record};

use crate::ledger::Ledger;

/// Enters one record into the ledger.
pub(crate) fn record(ledger: &mut Ledger, record: &Record) {
    match &record.event {
        Event::Http(_)
        | Event::Ccm(_)
        | Event::Tls(_)
        | Event::Smb(_)
        | Event::Spnego(_)
        | Event::Ntlmssp(_)
        | Event::Kerberos(_)
        | Event::Dcerpc(_)
        | Event::Nbns(_)
        | Event::Dns(_)
        | Event::Llmnr(_)
        | Event::Ldap(_)
        | Event::Dhcp(_)
        | Event::Tftp(_)
        | Event::Flow(_)
        | Event::Anomaly(_) => {
            let _ = ledger;
        }
    }
}
