//! What authenticates and what is called over it, as event lines: SPNEGO, NTLMSSP, Kerberos, DCE/RPC.

use decoders::dcerpc::DcerpcEvent;
use decoders::kerberos::KerberosEvent;
use decoders::ntlmssp::{Authenticate, Carrier, NtlmMessage, Response};
use decoders::spnego::{MechToken, SpnegoToken};

use super::Lines;
use super::line::Object;

/// msg-type of a KRB-ERROR (RFC 4120 7.5.7).
const KRB_ERROR: u8 = 30;

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
pub(super) const fn response(response: Response) -> &'static str {
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
        // The neutral schema knows the client's realm in replies alone; an error may tell it as well.
        let crealm = if message.msg_type == KRB_ERROR { "error_crealm" } else { "crealm" };
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
