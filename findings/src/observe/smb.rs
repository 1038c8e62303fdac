//! SMB: what is negotiated, who gets a session, and which shares show what a host is.

use decoders::Record;
use decoders::ntlmssp::Response;
use decoders::smb::{
    NegotiateResponse, SessionSetupRequest, SessionSetupResponse, SmbEvent, TreeConnect, TreeConnected,
};

use super::{kerberos, push};
use crate::finding::Confidence;
use crate::ledger::push::note_episode;
use crate::ledger::smb::{Connection, Logon, NtlmLogon, Outcome, STATUS_MORE_PROCESSING, is_address};
use crate::ledger::{Ledger, NameSource, Role};

/// Enters an SMB event.
pub(super) fn smb(ledger: &mut Ledger, record: &Record, event: &SmbEvent) {
    match event {
        SmbEvent::NetbiosSession { called, calling } => netbios_session(ledger, record, called, calling),
        SmbEvent::NegotiateRequest(request) => {
            if let Some(name) = &request.net_name {
                called(ledger, record, name);
            }
        }
        SmbEvent::NegotiateResponse(response) => negotiated(ledger, record, response),
        SmbEvent::SessionSetupRequest(request) => setup(ledger, record, request),
        SmbEvent::SessionSetupResponse(response) => set_up(ledger, record, response),
        SmbEvent::TreeConnect(request) => tree_connect(ledger, record, request),
        SmbEvent::TreeConnected(response) => tree_connected(ledger, record, response),
        SmbEvent::Create(create) => push::created(ledger, record, create),
        SmbEvent::QueryDirectory(query) => push::searched(ledger, record, query),
        SmbEvent::FileWritten(file) => push::written(ledger, record, file),
        SmbEvent::Signed { session, .. } => {
            if let Some(logon) = logon(ledger, record, *session) {
                logon.signed = true;
            }
        }
        SmbEvent::Encrypted { session } => {
            if let Some(logon) = logon(ledger, record, *session) {
                logon.encrypted = true;
            }
        }
        SmbEvent::Created(answer) => push::opened(ledger, record, answer),
        SmbEvent::Delete(_) | SmbEvent::Logoff { .. } => {}
    }
    note_version(ledger, record, event);
}

/// The connection of a record, marked as SMB.
pub(super) fn connection<'l>(ledger: &'l mut Ledger, record: &Record) -> Option<&'l mut Connection> {
    let connection = ledger.smb.connection(record)?;
    connection.smb = true;
    Some(connection)
}

/// The logon of a session.
fn logon<'l>(ledger: &'l mut Ledger, record: &Record, session: u64) -> Option<&'l mut Logon> {
    let bound = ledger.limits.list;
    connection(ledger, record)?.of_session(session, bound)
}

/// Notes SMB1 that is more than the negotiation of a later version.
fn note_version(ledger: &mut Ledger, record: &Record, event: &SmbEvent) {
    let what = match event {
        // A server that knows none of the dialects answers without one (index 0xFFFF, [MS-CIFS] 2.2.4.52.2).
        SmbEvent::NegotiateResponse(response) if response.smb == 1 && response.status == 0 => {
            let Some(dialect) = &response.dialect else { return };
            format!("SMB1 negotiated: {dialect}")
        }
        SmbEvent::SessionSetupRequest(request) if request.smb == 1 => "SMB1 session setup".to_owned(),
        SmbEvent::TreeConnect(request) if request.smb == 1 => format!("SMB1 tree connect {}", request.path),
        SmbEvent::Create(create) if create.smb == 1 => "SMB1 file opened".to_owned(),
        _ => return,
    };
    if let Some(connection) = connection(ledger, record) {
        connection.smb1.note(record, || what);
    }
}

/// Notes how the client calls the server.
pub(super) fn called(ledger: &mut Ledger, record: &Record, name: &str) {
    let name = name.trim_end_matches(['\0', '.']);
    if name.is_empty() || name == "*SMBSERVER" {
        return;
    }
    let bound = ledger.limits.list;
    if let Some(connection) = ledger.smb.connection(record)
        && connection.called.len() < bound
    {
        connection.called.insert(name.to_lowercase());
    }
    if !is_address(name) {
        ledger.name(record.key.server.addr, name, NameSource::Smb);
    }
}

/// `NAME<20>` without its suffix.
fn netbios_session(ledger: &mut Ledger, record: &Record, called: &str, calling: &str) {
    let plain = |name: &str| name.split('<').next().unwrap_or(name).trim().to_owned();
    let (server, client) = (plain(called), plain(calling));
    if !server.starts_with('*') {
        ledger.name(record.key.server.addr, &server, NameSource::Netbios);
    }
    ledger.name(record.key.client.addr, &client, NameSource::Netbios);
    let _ = connection(ledger, record);
}

fn negotiated(ledger: &mut Ledger, record: &Record, response: &NegotiateResponse) {
    let Some(connection) = connection(ledger, record) else { return };
    if response.status != 0 {
        return;
    }
    // A wildcard answer to a multi-protocol request is followed by the real one.
    if response.dialect.is_some() {
        connection.dialect.clone_from(&response.dialect);
    }
    connection.signing_required = Some(response.signing_required);
    connection.server_mechanisms.clone_from(&response.auth_mechs);
    connection.negotiated.note(record, || {
        let signing = if response.signing_required { "required" } else { "not required" };
        format!(
            "negotiate response, dialect {}, signing {signing}",
            response.dialect.as_deref().unwrap_or("unknown")
        )
    });
}

fn setup(ledger: &mut Ledger, record: &Record, request: &SessionSetupRequest) {
    let answered = ledger.kerberos.answered.get(&record.key.client.addr).copied();
    let bound = ledger.limits.list;
    // Without extended security each request is a whole logon, and none has a session to tell it by yet.
    let begins = request.raw_response.is_some() && request.session == 0;
    let Some(here) = connection(ledger, record) else { return };
    let under_way = if begins { here.current(true, bound) } else { here.of_session(request.session, bound) };
    let Some(under_way) = under_way else { return };
    under_way.raw |= request.raw_ntlm;
    under_way.signing_demanded |= request.signing_required;
    let Some(response) = request.raw_response else { return };
    // SMB1 without extended security: the responses stand in the request itself.
    let Some(user) = &request.account else { return };
    let mut ntlm = NtlmLogon {
        user: user.clone(),
        domain: request.domain.clone().unwrap_or_default(),
        response,
        at: record.at,
        kdc_answered: answered,
        ..NtlmLogon::default()
    };
    let account = ntlm.account();
    ntlm.seen.note(record, || format!("session setup of {account} with {} and no SPNEGO", response.name()));
    if !matches!(response, Response::None | Response::Anonymous) {
        super::auth::used(ledger, record, user, request.domain.as_deref().unwrap_or_default(), "NTLM");
    }
    if let Some(logon) = logon(ledger, record, request.session) {
        logon.raw = true;
        logon.ntlm = Some(Box::new(ntlm));
    }
}

fn set_up(ledger: &mut Ledger, record: &Record, response: &SessionSetupResponse) {
    let pair = (record.key.client.addr, record.key.server.addr);
    let bound = ledger.limits.list;
    let Some(logon) = logon(ledger, record, response.session) else { return };
    match response.status {
        STATUS_MORE_PROCESSING => return,
        0 => logon.outcome = Outcome::Granted,
        status => logon.outcome = Outcome::Refused(status),
    }
    let turned_down = logon.kerberos.as_ref().filter(|_| response.status != 0).cloned();
    if response.guest {
        logon.guest.note(record, || "session setup response: guest session".to_owned());
    }
    let nobody = logon.ntlm.as_ref().is_some_and(|ntlm| ntlm.response == Response::Anonymous);
    if response.anonymous || (nobody && response.status == 0) {
        logon.anonymous.note(record, || "session setup response: anonymous session".to_owned());
    }
    if response.encrypt {
        logon.encrypted = true;
    }
    kerberos::rejected(ledger, record, turned_down);
    if response.status != 0
        && let Some(failures) = ledger.push.failures.entry(pair, Default::default)
    {
        failures.seen.note(record, || format!("session setup refused, status {:#010x}", response.status));
        note_episode(&mut failures.episodes, record.at, bound);
    }
}

/// Server and share of `\\server\share`.
pub(super) fn path_parts(path: &str) -> Option<(&str, &str)> {
    path.trim_start_matches('\\').split_once('\\')
}

fn tree_connect(ledger: &mut Ledger, record: &Record, request: &TreeConnect) {
    let bound = ledger.limits.list;
    let Some((server, share)) = path_parts(&request.path) else { return };
    called(ledger, record, server);
    let Some(logon) = logon(ledger, record, request.session) else { return };
    if logon.shares.len() < bound {
        logon.shares.insert(share.to_uppercase());
    }
}

fn tree_connected(ledger: &mut Ledger, record: &Record, response: &TreeConnected) {
    let pair = (record.key.client.addr, record.key.server.addr);
    let bound = ledger.limits.list;
    let share = response.path.as_deref().and_then(path_parts).map(|(_, share)| share.to_uppercase());
    let Some(share) = share else { return };
    let Some(logon) = logon(ledger, record, response.session) else { return };
    if response.encrypt {
        logon.encrypted = true;
    }
    if response.status == 0 {
        share_role(ledger, record, &share);
        return;
    }
    if share == "ADMIN$" {
        logon.admin_share_refused = true;
        if let Some(failures) = ledger.push.failures.entry(pair, Default::default) {
            failures.seen.note(record, || {
                format!("tree connect to {share} refused, status {:#010x}", response.status)
            });
            note_episode(&mut failures.episodes, record.at, bound);
        }
    }
}

/// What the name of a share says of the host that has it.
fn share_role(ledger: &mut Ledger, record: &Record, share: &str) {
    let server = record.key.server.addr;
    let claim = |ledger: &mut Ledger, role, sure| {
        ledger.claim(server, role, sure, record, &format!("has the share {share}"));
    };
    match share {
        "SCCMCONTENTLIB$" | "SMS_DP$" | "SMSSIG$" => {
            claim(ledger, Role::DistributionPoint, Confidence::Certain);
        }
        "REMINST" => claim(ledger, Role::DistributionPoint, Confidence::Possible),
        "SMS_SITE" | "SMS_CPSC$" | "SMS_OCM_DATACACHE" | "SMS_SUIAGENT" => {
            claim(ledger, Role::SiteServer, Confidence::Certain);
        }
        "WSUSCONTENT" | "UPDATESERVICESPACKAGES" => {
            claim(ledger, Role::SoftwareUpdatePoint, Confidence::Likely);
        }
        _ => {
            if let Some(drive) = share.strip_prefix("SMSPKG").and_then(|rest| rest.strip_suffix('$')) {
                if drive.len() <= 1 {
                    claim(ledger, Role::DistributionPoint, Confidence::Certain);
                }
            } else if let Some(code) = share.strip_prefix("SMS_")
                && code.len() == 3
                && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
            {
                claim(ledger, Role::SiteServer, Confidence::Likely);
                ledger.site_code(server, code);
            }
        }
    }
}

/// The logon of a session in which a request could be read.
pub(super) fn readable<'l>(
    ledger: &'l mut Ledger,
    record: &Record,
    session: u64,
    what: &str,
) -> Option<&'l mut Logon> {
    let logon = logon(ledger, record, session)?;
    // Only a push is ever asked for these places: that is `admin$`, or a share that was not seen.
    if logon.shares.is_empty() || logon.shares.contains("ADMIN$") {
        let signed = if logon.signed { "signed" } else { "not signed" };
        logon.readable.note(record, || format!("{what}, {signed}"));
    } else {
        logon.readable.count_at(record.at);
    }
    Some(logon)
}
