//! SMB as event lines.

use decoders::smb::{SessionSetupRequest, SmbEvent};

use super::Lines;
use super::line::Object;
use super::logon::response;

pub(super) fn smb(event: &SmbEvent, lines: &mut Lines<'_>) {
    match event {
        SmbEvent::NetbiosSession { called, calling } => lines.line("nbss_session_request", |line| {
            line.text("called", called);
            line.text("calling", calling);
        }),
        SmbEvent::NegotiateRequest(asked) => lines.line("smb_negotiate_request", |line| {
            line.put("smb", &asked.smb);
            line.list("dialects", &asked.dialects);
            line.flag("signing_enabled", asked.signing_enabled);
            line.flag("signing_required", asked.signing_required);
            line.some("net_name", &asked.net_name);
            line.some("client_guid", &asked.client_guid);
            line.codes("ciphers", &asked.ciphers);
            line.codes("signing_algorithms", &asked.signing_algorithms);
        }),
        SmbEvent::NegotiateResponse(chosen) => lines.line("smb_negotiate_response", |line| {
            line.put("smb", &chosen.smb);
            line.some("dialect", &chosen.dialect);
            line.flag("signing_enabled", chosen.signing_enabled);
            line.flag("signing_required", chosen.signing_required);
            line.flag("encryption_capability", chosen.encryption_capability);
            line.codes("ciphers", &chosen.ciphers);
            line.codes("signing_algorithms", &chosen.signing_algorithms);
            line.some("server_guid", &chosen.server_guid);
            line.flag("extended_security", chosen.extended_security);
            line.list("auth_mechs", &chosen.auth_mechs);
            if chosen.status != 0 {
                line.hex("status", chosen.status, 8);
            }
        }),
        SmbEvent::SessionSetupRequest(asked) => {
            lines.line("smb_session_setup_request", |line| session_setup(asked, line));
        }
        SmbEvent::SessionSetupResponse(answer) => lines.line("smb_session_setup_response", |line| {
            session(answer.smb, answer.session, line);
            line.hex(if answer.dos { "dos_error" } else { "status" }, answer.status, 8);
            line.flag("guest", answer.guest);
            line.flag("anonymous", answer.anonymous);
            line.flag("encrypt", answer.encrypt);
            line.some("native_os", &answer.native_os);
        }),
        _ => smb_files(event, lines),
    }
}

/// Trees and files.
fn smb_files(event: &SmbEvent, lines: &mut Lines<'_>) {
    match event {
        SmbEvent::TreeConnect(tree) => lines.line("smb_tree_connect", |line| {
            session(tree.smb, tree.session, line);
            line.text("path", &tree.path);
        }),
        SmbEvent::TreeConnected(tree) => lines.line("smb_tree_connected", |line| {
            session(tree.smb, tree.session, line);
            line.hex("status", tree.status, 8);
            line.put("tree", &tree.tree);
            line.some("path", &tree.path);
            line.put("share_type", &tree.share_type);
            line.flag("encrypt", tree.encrypt);
        }),
        SmbEvent::Create(file) => lines.line("smb_create", |line| {
            place(file.smb, file.session, file.tree_path.as_deref(), &file.filename, line);
            line.hex("access", file.access, 8);
            line.put("disposition", &file.disposition);
            line.hex("options", file.options, 8);
        }),
        SmbEvent::Created(file) => lines.line("smb_created", |line| {
            let name = file.filename.as_deref().unwrap_or_default();
            place(file.smb, file.session, file.tree_path.as_deref(), name, line);
            line.hex("status", file.status, 8);
        }),
        SmbEvent::QueryDirectory(query) => lines.line("smb_query_directory", |line| {
            session(query.smb, query.session, line);
            line.some("tree_path", &query.tree_path);
            line.text("pattern", &query.pattern);
        }),
        SmbEvent::FileWritten(file) => lines.line("smb_file_written", |line| {
            place(file.smb, file.session, file.tree_path.as_deref(), &file.filename, line);
            line.put("len", &file.len);
            line.list("settings", &file.settings);
        }),
        SmbEvent::Delete(file) => lines.line("smb_delete", |line| {
            place(file.smb, file.session, file.tree_path.as_deref(), &file.filename, line);
        }),
        SmbEvent::Signed { smb, session: id } => lines.line("smb_signed", |line| session(*smb, *id, line)),
        SmbEvent::Encrypted { session: id } => lines.line("smb_encrypted", |line| session(2, *id, line)),
        SmbEvent::Logoff { session: id } => {
            lines.line("smb_logoff", |line| line.hex("session", *id, 16));
        }
        SmbEvent::NetbiosSession { .. }
        | SmbEvent::NegotiateRequest(_)
        | SmbEvent::NegotiateResponse(_)
        | SmbEvent::SessionSetupRequest(_)
        | SmbEvent::SessionSetupResponse(_) => {}
    }
}

/// Version and session. The identifier is text, for a JSON number of 64 bits is not safe with every reader.
fn session(smb: u8, session: u64, line: &mut Object<'_>) {
    line.put("smb", &smb);
    line.hex("session", session, 16);
}

fn place(smb: u8, id: u64, tree_path: Option<&str>, filename: &str, line: &mut Object<'_>) {
    session(smb, id, line);
    line.text("tree_path", tree_path.unwrap_or_default());
    line.text("filename", filename);
}

fn session_setup(asked: &SessionSetupRequest, line: &mut Object<'_>) {
    session(asked.smb, asked.session, line);
    line.maybe("mechanism", asked.mechanism);
    line.flag("raw_ntlm", asked.raw_ntlm);
    line.flag("signing_required", asked.signing_required);
    line.some("native_os", &asked.native_os);
    line.some("account", &asked.account);
    line.some("domain", &asked.domain);
    line.maybe("lm_response_len", asked.lm_response_len);
    line.maybe("nt_response_len", asked.nt_response_len);
    line.maybe("response", asked.raw_response.map(response));
}
