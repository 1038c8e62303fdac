//! SMB: what is negotiated, who gets a session, which shares and files show what a host is, or a client push.

use decoders::Record;
use decoders::ntlmssp::Response;
use decoders::smb::{
    Create, FileWritten, NegotiateResponse, QueryDirectory, SessionSetupRequest, SessionSetupResponse,
    SmbEvent, TreeConnect, TreeConnected,
};

use crate::finding::Confidence;
use crate::ledger::push::{Signs, note_episode};
use crate::ledger::smb::{Connection, Logon, NtlmLogon, Outcome, STATUS_MORE_PROCESSING, is_address};
use crate::ledger::{Ledger, NameSource, Role};

/// DesiredAccess bits that let a file be written: FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_ALL, GENERIC_WRITE
/// ([MS-SMB2] 2.2.13.1.1).
const WRITE_ACCESS: u32 = 0x0000_0002 | 0x0000_0004 | 0x1000_0000 | 0x4000_0000;
/// CreateDisposition values that make a file or empty it: supersede, create, overwrite, overwrite or create.
const MAKING: [u32; 4] = [0, 2, 4, 5];
/// CreateOptions: the file is a directory.
const DIRECTORY: u32 = 1;
/// Names of the site settings file that a push leaves behind.
const SETTINGS_FILES: [&str; 2] = ["mobileclient.tcf", "mobileclientunicode.tcf"];

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
        SmbEvent::Create(create) => created(ledger, record, create),
        SmbEvent::QueryDirectory(query) => searched(ledger, record, query),
        SmbEvent::FileWritten(file) => written(ledger, record, file),
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
        SmbEvent::Created(_) | SmbEvent::Delete(_) | SmbEvent::Logoff { .. } => {}
    }
    note_version(ledger, record, event);
}

/// The connection of a record, marked as SMB.
fn connection<'l>(ledger: &'l mut Ledger, record: &Record) -> Option<&'l mut Connection> {
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
        SmbEvent::NegotiateResponse(response) if response.smb == 1 => {
            format!("SMB1 negotiated: {}", response.dialect.as_deref().unwrap_or("dialect not seen"))
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
    let Some(logon) = logon(ledger, record, request.session) else { return };
    logon.raw |= request.raw_ntlm;
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
    logon.raw = true;
    if !matches!(response, Response::None | Response::Anonymous) {
        super::auth::used(ledger, record, user, request.domain.as_deref().unwrap_or_default(), "NTLM");
    }
    let bound = ledger.limits.list;
    if let Some(logon) =
        connection(ledger, record).and_then(|connection| connection.of_session(request.session, bound))
    {
        logon.ntlm = Some(ntlm);
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
    if response.status != 0
        && let Some(failures) = ledger.push.failures.entry(pair, Default::default)
    {
        failures.seen.note(record, || format!("session setup refused, status {:#010x}", response.status));
        note_episode(&mut failures.episodes, record.at, bound);
    }
}

/// Server and share of `\\server\share`.
fn path_parts(path: &str) -> Option<(&str, &str)> {
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
            claim(ledger, Role::DistributionPoint, Confidence::Certain)
        }
        "REMINST" => claim(ledger, Role::DistributionPoint, Confidence::Possible),
        "SMS_SITE" | "SMS_CPSC$" | "SMS_OCM_DATACACHE" | "SMS_SUIAGENT" => {
            claim(ledger, Role::SiteServer, Confidence::Certain);
        }
        "WSUSCONTENT" | "UPDATESERVICESPACKAGES" => {
            claim(ledger, Role::SoftwareUpdatePoint, Confidence::Likely)
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

/// Where a file is, as far as that matters for client push.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In `admin$`.
    AdminShare,
    /// The tree connect was not seen; the session may have been to `admin$`.
    Unknown,
    /// In the pipe share.
    Pipes,
    /// In another share.
    Elsewhere,
}

fn place(tree_path: Option<&str>, logon: &Logon) -> Place {
    let Some(path) = tree_path else {
        // The name of one of several shares is not known: `admin$` only if it is one of them, or none is known.
        let admin = logon.shares.is_empty() || logon.shares.contains("ADMIN$");
        return if admin { Place::Unknown } else { Place::Elsewhere };
    };
    match path_parts(path) {
        Some((_, share)) if share.eq_ignore_ascii_case("ADMIN$") => Place::AdminShare,
        Some((_, share)) if share.eq_ignore_ascii_case("IPC$") => Place::Pipes,
        _ => Place::Elsewhere,
    }
}

/// What a file name in `admin$` says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// The lock file, or a search for one, with its site code.
    Lock(Option<String>),
    /// The settings file in `ccmsetup`.
    Settings,
    /// `ccmsetup.exe` in `ccmsetup`.
    Program,
    /// The folder `ccmsetup`, or the root of the share.
    Folder,
    /// The service binary of another tool.
    OtherTool,
    /// Anything else.
    Other,
}

fn meaning(name: &str) -> Name {
    let name = name.trim_start_matches('\\').to_lowercase();
    if let Some(code) = name.strip_prefix("smsclientinstall.") {
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_code {
            return Name::Lock(Some(code.to_uppercase()));
        }
        if !code.is_empty() && code.chars().all(|c| matches!(c, '*' | '?' | '<' | '>' | '"')) {
            return Name::Lock(None);
        }
        return Name::Other;
    }
    if name.starts_with("psexesvc") {
        return Name::OtherTool;
    }
    let inside = name.strip_prefix("system32\\").unwrap_or(&name);
    match inside.strip_prefix("ccmsetup") {
        Some("") => Name::Folder,
        Some("\\ccmsetup.exe") => Name::Program,
        Some(rest) if SETTINGS_FILES.iter().any(|file| rest.strip_prefix('\\') == Some(*file)) => {
            Name::Settings
        }
        // Logs and further files of the client's installation.
        Some(rest) if rest.starts_with('\\') => Name::Folder,
        _ if name.is_empty() || name == "*" => Name::Folder,
        _ => Name::Other,
    }
}

fn created(ledger: &mut Ledger, record: &Record, create: &Create) {
    let writes = create.access & WRITE_ACCESS != 0 || MAKING.contains(&create.disposition);
    let Some(logon) = readable(ledger, record, create.session, "file opened") else { return };
    let place = place(create.tree_path.as_deref(), logon);
    if place == Place::Pipes {
        if create.filename.eq_ignore_ascii_case("atsvc") {
            against(ledger, record, "pipe atsvc opened");
        }
        return;
    }
    let name = meaning(&create.filename);
    let is_file = create.options & DIRECTORY == 0;
    let quoted =
        || format!("create {:?} in {}", create.filename, create.tree_path.as_deref().unwrap_or("a share"));
    match (place, name) {
        (Place::AdminShare | Place::Unknown, Name::Lock(code)) => lock_file(ledger, record, code, quoted()),
        (Place::AdminShare | Place::Unknown, Name::Settings) if writes && is_file => {
            sign(ledger, record, Confidence::Certain, |signs| signs.settings_file.note(record, quoted));
        }
        (Place::AdminShare | Place::Unknown, Name::Program) if writes && is_file => {
            sign(ledger, record, Confidence::Likely, |signs| signs.program.note(record, quoted));
        }
        (Place::AdminShare, Name::OtherTool) => against(ledger, record, &quoted()),
        (Place::AdminShare, Name::Folder) => {}
        (Place::Unknown, _) => {}
        _ => other_file(ledger, record),
    }
}

fn searched(ledger: &mut Ledger, record: &Record, query: &QueryDirectory) {
    let Some(logon) = readable(ledger, record, query.session, "directory searched") else { return };
    let place = place(query.tree_path.as_deref(), logon);
    if let (Place::AdminShare | Place::Unknown, Name::Lock(code)) = (place, meaning(&query.pattern)) {
        let share = query.tree_path.as_deref().unwrap_or("a share");
        lock_file(ledger, record, code, format!("search for {:?} in {share}", query.pattern));
    }
}

fn written(ledger: &mut Ledger, record: &Record, file: &FileWritten) {
    let Some(logon) = readable(ledger, record, file.session, "file written") else { return };
    let place = place(file.tree_path.as_deref(), logon);
    if !matches!(place, Place::AdminShare | Place::Unknown) || meaning(&file.filename) != Name::Settings {
        return;
    }
    let settings: Vec<String> = file.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let code = file.settings.iter().find(|(key, _)| key.eq_ignore_ascii_case("SMSSITECODE"));
    let code = code.map(|(_, value)| value.clone());
    sign(ledger, record, Confidence::Certain, |signs| {
        signs.settings_file.note(record, || format!("{:?} written, {} bytes", file.filename, file.len));
        if !settings.is_empty() {
            let keys = file.settings.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ");
            signs.settings_read.note(record, || format!("{:?} readable: {keys}", file.filename));
            signs.settings = settings;
        }
    });
    if let Some(code) = code {
        site_code(ledger, record, &code);
    }
}

/// The logon of a session in which a request could be read.
fn readable<'l>(ledger: &'l mut Ledger, record: &Record, session: u64, what: &str) -> Option<&'l mut Logon> {
    let logon = logon(ledger, record, session)?;
    logon.readable.note(record, || format!("{what}, {}", if logon.signed { "signed" } else { "not signed" }));
    Some(logon)
}

fn other_file(ledger: &mut Ledger, record: &Record) {
    if let Some(connection) = connection(ledger, record) {
        connection.other_files = true;
    }
}

fn lock_file(ledger: &mut Ledger, record: &Record, code: Option<String>, what: String) {
    sign(ledger, record, Confidence::Certain, |signs| {
        signs.lock_file.note(record, || what);
        if code.is_some() {
            signs.site_code.clone_from(&code);
        }
    });
    if let Some(code) = code {
        site_code(ledger, record, &code);
    }
}

fn site_code(ledger: &mut Ledger, record: &Record, code: &str) {
    ledger.site_code(record.key.client.addr, code);
    ledger.site_code(record.key.server.addr, code);
}

/// Notes a sign of a push from the client of the record's flow to its server, and the roles that follow.
pub(super) fn sign(ledger: &mut Ledger, record: &Record, sure: Confidence, note: impl FnOnce(&mut Signs)) {
    let (source, target) = (record.key.client.addr, record.key.server.addr);
    let bound = ledger.limits.list;
    if let Some(connection) = ledger.smb.connection(record) {
        connection.push_signs = true;
    }
    let Some(signs) = ledger.push.signs.entry((source, target), Default::default) else { return };
    note(signs);
    note_episode(&mut signs.episodes, record.at, bound);
    if signs.sure().is_some() {
        ledger.claim(source, Role::SiteServer, sure, record, &format!("pushes the client to {target}"));
        ledger.claim(target, Role::Client, sure, record, &format!("the client is pushed to it by {source}"));
    }
}

/// Notes a sign of another administration tool between the two ends of the record's flow.
pub(super) fn against(ledger: &mut Ledger, record: &Record, what: &str) {
    let pair = (record.key.client.addr, record.key.server.addr);
    if let Some(connection) = connection(ledger, record) {
        connection.other_files = true;
    }
    if let Some(signs) = ledger.push.signs.entry(pair, Default::default) {
        signs.against.note(record, || what.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_push_are_known_whatever_their_case() {
        assert_eq!(meaning("smsclientINSTALL.ps1"), Name::Lock(Some("PS1".to_owned())));
        assert_eq!(meaning("SMSClientInstall.*"), Name::Lock(None));
        assert_eq!(meaning("ccmsetup\\MobileClient.TCF"), Name::Settings);
        assert_eq!(meaning("System32\\ccmsetup\\MobileClientUnicode.tcf"), Name::Settings);
        assert_eq!(meaning("CCMSetup\\ccmsetup.exe"), Name::Program);
    }

    #[test]
    fn names_that_only_look_like_a_push_are_not() {
        for name in
            ["Temp\\MobileClient.tcf", "SMSClientInstall.log", "SMSClientInstall.", "xccmsetup\\ccmsetup.exe"]
        {
            assert_eq!(meaning(name), Name::Other, "{name}");
        }
        assert_eq!(meaning("PSEXESVC.exe"), Name::OtherTool);
    }
}
