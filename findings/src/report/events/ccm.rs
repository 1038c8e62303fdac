//! ConfigMgr messages as event lines. Signatures and contents are objects of their own; secrets are not in the events.

use decoders::ccm::{
    CcmEvent, CcmMessage, CcmReply, Compression, Content, Hash, MsgHeader, PolicyRequest, Registration,
    ReportBody, Signature, SiteData, StatusBody, Verdict,
};

use super::Lines;
use super::line::Object;

pub(super) fn ccm(event: &CcmEvent, lines: &mut Lines<'_>) {
    match event {
        CcmEvent::Message(message) => lines.line("ccm_message", |line| self::message(message, line)),
        CcmEvent::Reply(reply) => lines.line("ccm_reply", |line| self::reply(reply, line)),
        CcmEvent::Fsp(posted) => lines.line("fsp_report", |line| {
            line.put("exchange", &posted.exchange);
            line.flag("incomplete", posted.incomplete);
            line.nest("report", |line| report(&posted.report, line));
        }),
        CcmEvent::SiteData(data) => lines.line("site_data", |line| site_data(data, line)),
    }
}

fn message(message: &CcmMessage, line: &mut Object<'_>) {
    line.put("exchange", &message.exchange);
    line.text("path", &message.path);
    line.flag("incomplete", message.incomplete);
    if let Some(header) = &message.header {
        line.nest("header", |line| self::header(header, line));
    }
    line.nest("signature", |line| signature(&message.signature, line));
    line.nest("id_signature", |line| signature(&message.id_signature, line));
    line.flag("encrypted", message.encrypted);
    let compression = match message.compression {
        Compression::None => "",
        Compression::Zlib => "zlib",
        Compression::Other => "other",
    };
    line.text("compression", compression);
    line.put("payload_len", &message.payload_len);
    line.nest("content", |line| content(&message.content, line));
}

fn header(header: &MsgHeader, line: &mut Object<'_>) {
    line.some("id", &header.id);
    line.some("target_endpoint", &header.target_endpoint);
    line.some("target_host", &header.target_host);
    line.some("target_address", &header.target_address);
    line.some("source_id", &header.source_id);
    line.some("source_host", &header.source_host);
    line.some("reply_to", &header.reply_to);
    line.some("reply_mode", &header.reply_mode);
    line.some("sent_time", &header.sent_time);
    line.some("file_type", &header.file_type);
    line.maybe("body_length", header.body_length);
    line.list("hooks", &header.hooks);
    line.some("auth_sender_machine", &header.auth_sender_machine);
    line.some("client_capabilities", &header.client_capabilities);
    line.flag("token", header.token);
}

fn signature(signature: &Signature, line: &mut Object<'_>) {
    match &signature.verdict {
        Verdict::Absent => line.put("verdict", "absent"),
        Verdict::Valid { digest_info } => {
            line.put("verdict", "valid");
            line.flag("digest_info", *digest_info);
        }
        Verdict::Invalid => line.put("verdict", "invalid"),
        Verdict::NotVerifiable(why) => {
            line.put("verdict", "not verifiable");
            line.put("why", why);
        }
    }
    line.some("hash_algorithm", &signature.hash_algorithm);
    line.maybe("hash", signature.hash.map(hash));
    line.maybe("key_bits", signature.key_bits);
    line.some("key_id", &signature.key_id);
}

const fn hash(hash: Hash) -> &'static str {
    match hash {
        Hash::Md5 => "md5",
        Hash::Sha1 => "sha1",
        Hash::Sha256 => "sha256",
        Hash::Sha384 => "sha384",
        Hash::Sha512 => "sha512",
    }
}

fn content(content: &Content, line: &mut Object<'_>) {
    match content {
        Content::Unread => line.put("kind", "unread"),
        Content::Status(body) => status(body, line),
        Content::State(body) => {
            line.put("kind", "state");
            report(body, line);
        }
        Content::Inventory(body) => {
            line.put("kind", "inventory");
            report(body, line);
        }
        Content::Registration(asked) => registration(asked, line),
        Content::Policy(asked) => policy(asked, line),
        Content::Location { root, site_code } => {
            line.put("kind", "location");
            line.text("root", root);
            line.some("site_code", site_code);
        }
        Content::Other(root) => {
            line.put("kind", "other");
            line.text("root", root);
        }
    }
}

fn status(body: &StatusBody, line: &mut Object<'_>) {
    line.put("kind", "status");
    line.some("class", &body.class);
    line.some("client_id", &body.client_id);
    line.some("machine_name", &body.machine_name);
    line.some("site_code", &body.site_code);
    line.some("severity", &body.severity);
    line.some("date_time", &body.date_time);
}

fn report(body: &ReportBody, line: &mut Object<'_>) {
    line.some("content", &body.content);
    line.some("report_type", &body.report_type);
    line.some("client_id", &body.client_id);
    line.some("netbios_name", &body.netbios_name);
    line.some("client_installed", &body.client_installed);
    line.put("state_messages", &body.state_messages);
    line.list("topic_types", &body.topic_types);
}

fn registration(asked: &Registration, line: &mut Object<'_>) {
    line.put("kind", "registration");
    line.some("request_type", &asked.request_type);
    line.some("smsid", &asked.smsid);
    line.some("agent_identity", &asked.agent_identity);
    line.some("agent_version", &asked.agent_version);
    line.some("agent_type", &asked.agent_type);
    line.some("netbios_name", &asked.netbios_name);
    line.some("fqdn", &asked.fqdn);
    line.some("key_type", &asked.key_type);
    line.some("certificate_sha256", &asked.certificate_sha256);
    line.some("certificate_subject", &asked.certificate_subject);
    line.some("key_id", &asked.key_id);
    line.list("crl_urls", &asked.crl_urls);
    line.list("aia_urls", &asked.aia_urls);
    line.flag("same_certificate", asked.same_certificate);
    line.flag("hint", asked.hint);
    line.nest("signature", |line| signature(&asked.signature, line));
}

fn policy(asked: &PolicyRequest, line: &mut Object<'_>) {
    line.put("kind", "policy");
    line.some("request_type", &asked.request_type);
    line.some("client_id", &asked.client_id);
    line.some("netbios_name", &asked.netbios_name);
    line.some("fqdn", &asked.fqdn);
    line.some("policy_source", &asked.policy_source);
    line.some("resource_type", &asked.resource_type);
}

fn reply(reply: &CcmReply, line: &mut Object<'_>) {
    line.maybe("exchange", reply.exchange);
    line.some("answers", &reply.answers);
    line.flag("incomplete", reply.incomplete);
    line.flag("empty", reply.empty);
    line.some("reply_mode", &reply.reply_mode);
    line.flag("signed", reply.signed);
    line.some("root", &reply.root);
    line.some("site_code", &reply.site_code);
    line.some("smsid", &reply.smsid);
    line.some("registration_status", &reply.registration_status);
    line.some("approval_status", &reply.approval_status);
    line.put("policy_assignments", &reply.policy_assignments);
    line.put("secret_policies", &reply.secret_policies);
    line.list("urls", &reply.urls);
}

fn site_data(data: &SiteData, line: &mut Object<'_>) {
    line.maybe("exchange", data.exchange);
    line.text("query", &data.query);
    line.some("site_code", &data.site_code);
    line.list("management_points", &data.management_points);
    line.some("root_key_sha256", &data.root_key_sha256);
    line.some("signing_certificate_sha256", &data.signing_certificate_sha256);
}
