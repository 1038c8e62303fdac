//! DCE/RPC: services that are made on another computer, and connections that are neither SMB nor a push.

use decoders::Record;
use decoders::dcerpc::{Bind, DcerpcEvent, Request};

use crate::finding::Confidence;
use crate::ledger::Ledger;

/// SVCCTL ([MS-SCMR] 1.9).
const SVCCTL: &str = "367abb81-9844-35f1-ad32-98f038001003";
/// RCreateServiceW ([MS-SCMR] 3.1.4.12).
const CREATE_SERVICE: u16 = 12;
/// ROpenServiceW ([MS-SCMR] 3.1.4.16).
const OPEN_SERVICE: u16 = 16;

/// RPC_S_SEC_PKG_ERROR ([MS-ERREF] 2.2): the security provider failed.
const SECURITY_PACKAGE_ERROR: u32 = 1_825;

/// Interfaces that client push is at work through by WMI: IRemoteSCMActivator, which makes an object, and
/// IWbemLevel1Login ([MS-DCOM] 1.9, [MS-WMI] 1.9).
const WMI: [&str; 2] = ["000001a0-0000-0000-c000-000000000046", "f309ad18-d86a-11d0-a075-00c04fb68820"];

/// Enters a DCE/RPC event.
pub(super) fn dcerpc(ledger: &mut Ledger, record: &Record, event: &DcerpcEvent) {
    match event {
        DcerpcEvent::Request(request) => service(ledger, record, request),
        DcerpcEvent::Bind(bind) => bound(ledger, record, bind),
        DcerpcEvent::Fault { pipe: None, status: SECURITY_PACKAGE_ERROR } => turned_down(ledger, record),
        DcerpcEvent::BindAck { .. } | DcerpcEvent::Fault { .. } => {}
    }
}

/// The server could make nothing of the client's token: of its ticket, if that is what it was.
fn turned_down(ledger: &mut Ledger, record: &Record) {
    let bound = ledger.limits.list;
    let connection = ledger.smb.connection(record);
    let logon = connection.and_then(|connection| connection.current(false, bound));
    let shown = logon.and_then(|logon| logon.kerberos.clone());
    super::kerberos::rejected(ledger, record, shown);
}

fn bound(ledger: &mut Ledger, record: &Record, bind: &Bind) {
    let wmi = bind.interfaces.iter().any(|(interface, _)| WMI.contains(&interface.as_str()));
    if wmi && let Some(connection) = ledger.smb.connection(record) {
        connection.wmi = true;
    }
}

fn service(ledger: &mut Ledger, record: &Record, request: &Request) {
    let is_svcctl = match (&request.interface, &request.pipe) {
        (Some(interface), _) => interface == SVCCTL,
        (None, Some(pipe)) => pipe.trim_start_matches('\\').eq_ignore_ascii_case("svcctl"),
        (None, None) => false,
    };
    let Some(name) = request.service_name.as_deref().filter(|_| is_svcctl) else { return };
    match request.opnum {
        CREATE_SERVICE if name.eq_ignore_ascii_case("ccmsetup") => {
            super::push::sign(ledger, record, Confidence::Likely, |signs| {
                signs
                    .service_created
                    .note(record, || format!("service {name} asked to be created through SVCCTL"));
            });
        }
        OPEN_SERVICE if name.eq_ignore_ascii_case("ccmsetup") => {
            super::push::sign(ledger, record, Confidence::Likely, |signs| {
                signs.service_opened.note(record, || format!("service {name} asked for through SVCCTL"));
            });
        }
        CREATE_SERVICE => {
            super::push::against(ledger, record, &format!("service {name} created through SVCCTL"));
        }
        _ => {}
    }
}
