//! ConfigMgr messages, one with each content.

use decoders::Event;
use decoders::ccm::*;

use super::{list, some, text};

#[expect(clippy::unnecessary_wraps, reason = "made for fields that are options")]
fn sha() -> Option<String> {
    Some("ab".repeat(32))
}

fn signature(verdict: Verdict) -> Signature {
    Signature {
        verdict,
        hash_algorithm: some(),
        hash: Some(Hash::Sha256),
        key_bits: Some(2048),
        key_id: sha(),
    }
}

pub(super) fn ccm() -> Vec<Event> {
    let report = ReportBody {
        content: some(),
        report_type: some(),
        client_id: some(),
        netbios_name: some(),
        client_installed: some(),
        state_messages: 1,
        topic_types: list(),
    };
    let reply = CcmReply {
        exchange: Some(1),
        answers: some(),
        incomplete: true,
        empty: true,
        reply_mode: some(),
        signed: true,
        root: some(),
        site_code: some(),
        smsid: some(),
        registration_status: some(),
        approval_status: some(),
        policy_assignments: 1,
        secret_policies: 1,
        urls: list(),
    };
    let data = SiteData {
        exchange: Some(1),
        query: text(),
        site_code: some(),
        management_points: vec![(text(), Some(63)), (text(), None)],
        root_key_sha256: sha(),
        signing_certificate_sha256: sha(),
    };
    let mut events: Vec<Event> = vec![
        CcmEvent::Reply(Box::new(reply)).into(),
        CcmEvent::Fsp(Box::new(FspReport { exchange: 1, incomplete: true, report: report.clone() })).into(),
        CcmEvent::SiteData(Box::new(data)).into(),
    ];
    let contents = [Content::State(report.clone()), Content::Inventory(report), Content::Other(text())];
    events.extend(contents.into_iter().chain(requests()).map(message));
    events
}

fn requests() -> [Content; 4] {
    let status = StatusBody {
        class: some(),
        client_id: some(),
        machine_name: some(),
        site_code: some(),
        severity: some(),
        date_time: some(),
    };
    let registration = Registration {
        request_type: some(),
        smsid: some(),
        agent_identity: some(),
        agent_version: some(),
        agent_type: some(),
        netbios_name: some(),
        fqdn: some(),
        key_type: some(),
        certificate_sha256: sha(),
        certificate_subject: some(),
        key_id: sha(),
        crl_urls: list(),
        aia_urls: list(),
        same_certificate: true,
        hint: true,
        signature: signature(Verdict::NotVerifiable("no public key")),
    };
    let policy = PolicyRequest {
        request_type: some(),
        client_id: some(),
        netbios_name: some(),
        fqdn: some(),
        policy_source: some(),
        resource_type: some(),
    };
    [
        Content::Status(status),
        Content::Registration(Box::new(registration)),
        Content::Policy(policy),
        Content::Location { root: text(), site_code: some() },
    ]
}

fn message(content: Content) -> Event {
    let header = MsgHeader {
        id: some(),
        target_endpoint: some(),
        target_host: some(),
        target_address: some(),
        source_id: some(),
        source_host: some(),
        reply_to: some(),
        reply_mode: some(),
        sent_time: some(),
        file_type: some(),
        body_length: Some(1),
        hooks: list(),
        auth_sender_machine: some(),
        client_capabilities: some(),
        token: true,
    };
    let message = CcmMessage {
        exchange: 1,
        path: text(),
        incomplete: true,
        header: Some(header),
        signature: signature(Verdict::Valid { digest_info: true }),
        id_signature: signature(Verdict::Invalid),
        encrypted: true,
        compression: Compression::Zlib,
        payload_len: 9,
        content,
    };
    CcmEvent::Message(Box::new(message)).into()
}
