//! Files and services that show a client push, or that something else is going on.

use decoders::Record;
use decoders::smb::{Create, Created, FileWritten, QueryDirectory};

use super::smb::{connection, path_parts, readable};
use crate::finding::Confidence;
use crate::ledger::push::{Signs, note_episode};
use crate::ledger::smb::Logon;
use crate::ledger::{Ledger, Role};

/// DesiredAccess bits that let a file be written: FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_ALL, GENERIC_WRITE
/// ([MS-SMB2] 2.2.13.1.1).
const WRITE_ACCESS: u32 = 0x0000_0002 | 0x0000_0004 | 0x1000_0000 | 0x4000_0000;
/// CreateDisposition values that make a file or empty it: supersede, create, overwrite, overwrite or create.
const MAKING: [u32; 4] = [0, 2, 4, 5];
/// CreateOptions: the file is a directory.
const DIRECTORY: u32 = 1;
/// Pipes of services that anything which looks after another computer may talk to, client push too.
const COMMON_PIPES: [&str; 10] =
    ["svcctl", "winreg", "srvsvc", "wkssvc", "lsarpc", "samr", "netlogon", "epmapper", "ntsvcs", "eventlog"];
/// Names of the site settings file that a push leaves behind.
const SETTINGS_FILES: [&str; 2] = ["mobileclient.tcf", "mobileclientunicode.tcf"];

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

/// Enters the opening of a file.
pub(super) fn created(ledger: &mut Ledger, record: &Record, create: &Create) {
    let writes = create.access & WRITE_ACCESS != 0 || MAKING.contains(&create.disposition);
    let Some(logon) = readable(ledger, record, create.session, "file opened") else { return };
    let place = place(create.tree_path.as_deref(), logon);
    let pipe = create.filename.trim_start_matches('\\');
    let is_common = COMMON_PIPES.iter().any(|common| pipe.eq_ignore_ascii_case(common));
    // Where the answer to the tree connect was lost, the name tells a pipe.
    if place == Place::Pipes || create.tree_path.is_none() && is_common {
        logon.other_files |= !is_common;
        if pipe.eq_ignore_ascii_case("atsvc") {
            against(ledger, record, "pipe atsvc opened");
        }
        return;
    }
    let name = meaning(&create.filename);
    let is_file = create.options & DIRECTORY == 0;
    let quoted =
        || format!("create {:?} in {}", create.filename, create.tree_path.as_deref().unwrap_or("a share"));
    match (place, name) {
        (Place::AdminShare | Place::Unknown, Name::Lock(code)) => {
            logon.push_signs = true;
            lock_file(ledger, record, code, quoted());
        }
        (Place::AdminShare | Place::Unknown, Name::Settings) if writes && is_file => {
            logon.push_signs = true;
            sign(ledger, record, Confidence::Certain, |signs| signs.settings_file.seen.note(record, quoted));
        }
        (Place::AdminShare | Place::Unknown, Name::Program) if writes && is_file => {
            logon.push_signs = true;
            sign(ledger, record, Confidence::Likely, |signs| signs.program.seen.note(record, quoted));
        }
        (Place::AdminShare, Name::OtherTool) => against(ledger, record, &quoted()),
        (Place::AdminShare, Name::Folder) | (Place::Unknown, _) => {}
        _ => logon.other_files = true,
    }
}

/// Enters the answer to the opening of a file.
pub(super) fn opened(ledger: &mut Ledger, record: &Record, answer: &Created) {
    let Some(name) = answer.filename.as_deref().map(meaning) else { return };
    let pair = (record.key.client.addr, record.key.server.addr);
    let Some(signs) = ledger.push.signs.get_mut(&pair) else { return };
    match name {
        Name::Settings => signs.settings_file.answered(answer.status == 0),
        Name::Program => signs.program.answered(answer.status == 0),
        _ => {}
    }
}

/// Enters a directory search.
pub(super) fn searched(ledger: &mut Ledger, record: &Record, query: &QueryDirectory) {
    let Some(logon) = readable(ledger, record, query.session, "directory searched") else { return };
    let place = place(query.tree_path.as_deref(), logon);
    if let (Place::AdminShare | Place::Unknown, Name::Lock(code)) = (place, meaning(&query.pattern)) {
        logon.push_signs = true;
        let share = query.tree_path.as_deref().unwrap_or("a share");
        lock_file(ledger, record, code, format!("search for {:?} in {share}", query.pattern));
    }
}

/// Enters a file that was written.
pub(super) fn written(ledger: &mut Ledger, record: &Record, file: &FileWritten) {
    let Some(logon) = readable(ledger, record, file.session, "file written") else { return };
    let place = place(file.tree_path.as_deref(), logon);
    if !matches!(place, Place::AdminShare | Place::Unknown) || meaning(&file.filename) != Name::Settings {
        return;
    }
    logon.push_signs = true;
    let settings: Vec<String> = file.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let code = file.settings.iter().find(|(key, _)| key.eq_ignore_ascii_case("SMSSITECODE"));
    let code = code.map(|(_, value)| value.clone());
    sign(ledger, record, Confidence::Certain, |signs| {
        let what = || format!("{:?} written, {} bytes", file.filename, file.len);
        signs.settings_file.seen.note(record, what);
        signs.settings_file.answered(true);
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
        connection.other_tool = true;
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
        for name in [
            "Temp\\MobileClient.tcf",
            "SMSClientInstall.logs",
            "SMSClientInstall.",
            "xccmsetup\\ccmsetup.exe",
        ] {
            assert_eq!(meaning(name), Name::Other, "{name}");
        }
        assert_eq!(meaning("PSEXESVC.exe"), Name::OtherTool);
    }
}
