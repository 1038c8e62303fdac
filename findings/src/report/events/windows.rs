//! SMB and what authenticates on it, as event lines: SPNEGO, NTLMSSP, Kerberos, DCE/RPC.

use decoders::dcerpc::DcerpcEvent;
use decoders::kerberos::KerberosEvent;
use decoders::ntlmssp::{Authenticate, Carrier, NtlmMessage, Response};
use decoders::smb::{SessionSetupRequest, SmbEvent};
use decoders::spnego::{MechToken, SpnegoToken};

use super::Lines;
use super::line::Object;

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
        }),
        SmbEvent::SessionSetupRequest(asked) => {
            lines.line("smb_session_setup_request", |line| session_setup(asked, line));
        }
        SmbEvent::SessionSetupResponse(answer) => lines.line("smb_session_setup_response", |line| {
            session(answer.smb, answer.session, line);
            line.hex("status", answer.status, 8);
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
            place(file.smb, file.session, &file.tree_path, &file.filename, line);
            line.hex("access", file.access, 8);
            line.put("disposition", &file.disposition);
            line.hex("options", file.options, 8);
        }),
        SmbEvent::Created(file) => lines.line("smb_created", |line| {
            let name = file.filename.as_deref().unwrap_or_default();
            place(file.smb, file.session, &file.tree_path, name, line);
            line.hex("status", file.status, 8);
        }),
        SmbEvent::QueryDirectory(query) => lines.line("smb_query_directory", |line| {
            session(query.smb, query.session, line);
            line.some("tree_path", &query.tree_path);
            line.text("pattern", &query.pattern);
        }),
        SmbEvent::FileWritten(file) => lines.line("smb_file_written", |line| {
            place(file.smb, file.session, &file.tree_path, &file.filename, line);
            line.put("len", &file.len);
            line.list("settings", &file.settings);
        }),
        SmbEvent::Delete(file) => lines.line("smb_delete", |line| {
            place(file.smb, file.session, &file.tree_path, &file.filename, line);
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

fn place(smb: u8, id: u64, tree_path: &Option<String>, filename: &str, line: &mut Object<'_>) {
    session(smb, id, line);
    line.some("tree_path", tree_path);
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

pub(super) fn spnego(token: &SpnegoToken, lines: &mut Lines<'_>) {
    lines.line("spnego", |line| match token {
        SpnegoToken::Init(init) => {
            line.put("token", "init");
            line.put("carrier", carrier(init.carrier));
            line.list("mechanisms", &init.mechanisms);
            mech_token(init.token, line);
            line.some("hint", &init.hint);
        }
        SpnegoToken::Response(answer) => {
            line.put("token", "response");
            line.put("carrier", carrier(answer.carrier));
            line.maybe("state", answer.state);
            line.some("supported", &answer.supported);
            mech_token(answer.token, line);
        }
    });
}

/// What a token holds, and of NTLMSSP the message type, of a Kerberos error its code.
fn mech_token(token: MechToken, line: &mut Object<'_>) {
    let (holds, number) = match token {
        MechToken::None => return,
        MechToken::Ntlmssp(kind) => ("ntlmssp", Some(i64::from(kind))),
        MechToken::KerberosApReq => ("kerberos ap-req", None),
        MechToken::KerberosApRep => ("kerberos ap-rep", None),
        MechToken::KerberosError(code) => ("kerberos error", Some(i64::from(code))),
        MechToken::KerberosUserToUser => ("kerberos user-to-user", None),
        MechToken::Other => ("other", None),
    };
    line.put("holds", holds);
    line.maybe("holds_number", number);
}

const fn carrier(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Smb => "smb",
        Carrier::Http => "http",
        Carrier::Dcerpc => "dcerpc",
        Carrier::Ldap => "ldap",
    }
}

pub(super) fn ntlmssp(message: &NtlmMessage, lines: &mut Lines<'_>) {
    lines.line("ntlmssp", |line| match message {
        NtlmMessage::Negotiate(negotiate) => {
            line.put("message", "negotiate");
            line.put("carrier", carrier(negotiate.carrier));
            line.hex("flags", negotiate.flags, 8);
            line.text("domain", &negotiate.domain);
            line.text("workstation", &negotiate.workstation);
        }
        NtlmMessage::Challenge(challenge) => {
            line.put("message", "challenge");
            line.put("carrier", carrier(challenge.carrier));
            line.hex("flags", challenge.flags, 8);
            line.text("target", &challenge.target);
            line.bytes("server_challenge", &challenge.server_challenge);
            line.text("nb_computer", &challenge.nb_computer);
            line.text("nb_domain", &challenge.nb_domain);
            line.text("dns_computer", &challenge.dns_computer);
            line.text("dns_domain", &challenge.dns_domain);
        }
        NtlmMessage::Authenticate(authenticate) => self::authenticate(authenticate, line),
    });
}

fn authenticate(message: &Authenticate, line: &mut Object<'_>) {
    line.put("message", "authenticate");
    line.put("carrier", carrier(message.carrier));
    line.hex("flags", message.flags, 8);
    line.text("domain", &message.domain);
    line.text("user", &message.user);
    line.text("workstation", &message.workstation);
    line.put("lm_response_len", &message.lm_response_len);
    line.put("nt_response_len", &message.nt_response_len);
    line.put("response", response(message.response));
    line.flag("lm_beside", message.response == Response::LmAndNtlmV1);
    line.flag("anonymous", message.response == Response::Anonymous);
    line.some("target_name", &message.target_name);
    if let Some(flags) = message.av_flags {
        line.hex("av_flags", flags, 8);
    }
    line.flag("mic", message.mic);
    line.flag("channel_bindings", message.channel_bindings);
    line.bytes("response_mark", message.response_mark.as_ref().map_or(&[], |mark| mark.as_slice()));
    line.bytes("machine_id", message.machine_id.as_ref().map_or(&[], |id| id.as_slice()));
}

/// What the responses are, in the schema's words.
const fn response(response: Response) -> &'static str {
    match response {
        Response::None | Response::Anonymous => "none",
        Response::Lm => "lm",
        Response::LmAndNtlmV1 | Response::NtlmV1 => "ntlmv1",
        Response::NtlmV1Ess => "ntlmv1-ess",
        Response::NtlmV2 => "ntlmv2",
        Response::Malformed => "malformed",
    }
}

pub(super) fn kerberos(message: &KerberosEvent, lines: &mut Lines<'_>) {
    lines.line("kerberos", |line| {
        line.put("msg_type", &message.msg_type);
        line.maybe("carrier", message.carrier.map(carrier));
        line.text("realm", &message.realm);
        // In the schema `crealm` is of replies; an error names its client's realm too.
        let crealm = if message.error_code.is_some() { "client_realm" } else { "crealm" };
        line.text(crealm, &message.crealm);
        line.text("sname", &message.sname);
        line.text("cname", &message.cname);
        line.maybe("error_code", message.error_code);
        line.list("etypes", &message.etypes);
        line.maybe("ticket_etype", message.ticket_etype);
        line.list("padata", &message.padata);
        line.maybe("encrypted_etype", message.encrypted_etype);
        line.some("client_host", &message.client_host);
        line.flag("mutual_required", message.mutual_required);
        line.maybe("server_time", message.server_time);
    });
}

pub(super) fn dcerpc(event: &DcerpcEvent, lines: &mut Lines<'_>) {
    match event {
        DcerpcEvent::Bind(bind) => lines.line("dcerpc_bind", |line| {
            line.some("pipe", &bind.pipe);
            line.flag("alter", bind.alter);
            let interfaces: Vec<String> =
                bind.interfaces.iter().map(|(uuid, version)| format!("{uuid} v{version}")).collect();
            line.list("interfaces", &interfaces);
            line.maybe("auth_type", bind.auth_type);
            line.maybe("auth_level", bind.auth_level);
        }),
        DcerpcEvent::BindAck { pipe, accepted, refused } => lines.line("dcerpc_bind_ack", |line| {
            line.some("pipe", pipe);
            line.put("accepted", accepted);
            line.put("refused", refused);
        }),
        DcerpcEvent::Request(request) => lines.line("dcerpc_request", |line| {
            line.some("pipe", &request.pipe);
            line.some("interface", &request.interface);
            line.put("opnum", &request.opnum);
            line.some("service_name", &request.service_name);
        }),
        DcerpcEvent::Fault { pipe, status } => lines.line("dcerpc_fault", |line| {
            line.some("pipe", pipe);
            line.hex("status", *status, 8);
        }),
    }
}
