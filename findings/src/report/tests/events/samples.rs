//! Events of every kind: with every field filled, and with as many left empty as can be.

use std::sync::Arc;

use capture::{EndReason, Pulse, Timestamp, Traffic};
use decoders::ccm::CcmEvent;
use decoders::crl::{CrlEvent, Form};
use decoders::dcerpc::{Bind, DcerpcEvent};
use decoders::dhcp::DhcpEvent;
use decoders::dns::{DnsMessage, SrvRecord};
use decoders::http::{Framing, HttpEvent, HttpRequest, HttpResponse};
use decoders::kerberos::KerberosEvent;
use decoders::ldap::{Auth, LdapEvent};
use decoders::llmnr::LlmnrMessage;
use decoders::nbdgm::NbdgmMessage;
use decoders::nbns::NbnsMessage;
use decoders::ntlmssp::{Authenticate, Carrier, Challenge, Negotiate, NtlmMessage, Response};
use decoders::quic::{QuicEvent, QuicHello};
use decoders::smb::*;
use decoders::spnego::{MechToken, NegTokenInit, NegTokenResp, SpnegoToken};
use decoders::tftp::TftpEvent;
use decoders::tls::{
    Certificate, ClientHello, KeyExchange, SentCertificate, ServerHello, SessionTicket, TlsEvent,
};
use decoders::{Anomaly, DecodeError, ErrorKind, Event, FlowEnd};

mod ccm;

fn text() -> String {
    "x".to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "made for fields that are options")]
fn some() -> Option<String> {
    Some(text())
}

fn list() -> Vec<String> {
    vec![text()]
}

pub(super) fn flow_end() -> FlowEnd {
    FlowEnd {
        started: super::moment(1),
        to_server: Traffic { packets: 1, bytes: 2 },
        to_client: Traffic { packets: 3, bytes: 4 },
        pulse: Pulse::default(),
        syn_seen: true,
        unanswered: true,
        refused: true,
        unreachable: true,
        reason: EndReason::EndOfCapture,
        services: vec!["nbss", "smb2"],
        smb_encrypted: true,
        reading: None,
        client_mac: Some([0, 0x15, 0x5d, 0, 0, 1]),
        server_mac: Some([0, 0x15, 0x5d, 0, 0, 2]),
    }
}

/// One of every kind, and all contents of a message.
pub(super) fn full() -> Vec<Event> {
    let mut events: Vec<Event> = vec![
        Event::Flow(flow_end()),
        Event::Anomaly(Anomaly::Malformed(DecodeError::new("smb", "field", 1, ErrorKind::Value(2)))),
        Event::Anomaly(Anomaly::LimitReached { protocol: "smb", limit: "buffer" }),
        Event::Anomaly(Anomaly::Unexpected { protocol: "tls", what: "alert" }),
    ];
    events.extend(web());
    events.extend(smb());
    events.extend(authentication());
    events.extend(names());
    events.extend(ccm::ccm());
    events
}

/// The same kinds with nothing in them.
pub(super) fn empty() -> Vec<Event> {
    vec![
        HttpEvent::Request(Box::default()).into(),
        HttpEvent::Response(Box::default()).into(),
        HttpEvent::Request(Box::new(HttpRequest { framing: Framing::Http2, ..HttpRequest::default() }))
            .into(),
        HttpEvent::Response(Box::new(HttpResponse { framing: Framing::Http2, ..HttpResponse::default() }))
            .into(),
        Box::<CrlEvent>::default().into(),
        TlsEvent::ClientHello(Box::default()).into(),
        QuicEvent::default().into(),
        TlsEvent::ServerHello(Box::default()).into(),
        TlsEvent::Certificate(SentCertificate::default()).into(),
        SmbEvent::NegotiateRequest(Box::new(NegotiateRequest { smb: 1, ..NegotiateRequest::default() }))
            .into(),
        SmbEvent::SessionSetupRequest(Box::new(SessionSetupRequest {
            smb: 2,
            ..SessionSetupRequest::default()
        }))
        .into(),
        NtlmMessage::Authenticate(Box::default()).into(),
        KerberosEvent::default().into(),
        DcerpcEvent::Bind(Box::default()).into(),
        NbnsMessage::default().into(),
        DnsMessage::default().into(),
        LlmnrMessage::default().into(),
        DhcpEvent::default().into(),
        TftpEvent::default().into(),
        CcmEvent::Message(Box::default()).into(),
        CcmEvent::Reply(Box::default()).into(),
        CcmEvent::Fsp(Box::default()).into(),
        CcmEvent::SiteData(Box::default()).into(),
    ]
}

fn web() -> Vec<Event> {
    let request = HttpRequest {
        framing: Framing::Http1,
        exchange: 1,
        method: text(),
        uri: text(),
        version: text(),
        host: some(),
        user_agent: some(),
        auth_scheme: some(),
        proxy_auth_scheme: some(),
        content_type: some(),
        content_encoding: some(),
        content_length: Some(1),
        chunked: true,
        range: some(),
        markers: list(),
        cut: true,
    };
    let response = HttpResponse {
        framing: Framing::Http1,
        exchange: Some(1),
        status_code: 200,
        server: some(),
        auth_offered: list(),
        content_type: some(),
        content_encoding: some(),
        content_length: Some(1),
        chunked: true,
        location: some(),
        cut: true,
    };
    let mut events =
        vec![HttpEvent::Request(Box::new(request)).into(), HttpEvent::Response(Box::new(response)).into()];
    events.push(Box::new(crl()).into());
    events.extend(tls());
    events
        .push(QuicEvent { version: 1, hello: Some(QuicHello { server_name: some(), alpn: list() }) }.into());
    events
}

fn crl() -> CrlEvent {
    CrlEvent {
        exchange: Some(1),
        form: Form::List,
        incomplete: true,
        sha256: "00".repeat(32),
        issuer: list(),
        authority_key: some(),
        number: some(),
        delta: true,
        this_update_secs: 1,
        next_update_secs: Some(2),
        revoked: 3,
        der: [0x30].into(),
    }
}

fn tls() -> Vec<Event> {
    let client = ClientHello {
        version: 0x0303,
        supported_versions: vec![0x0304],
        server_name: some(),
        alpn: list(),
        cipher_suites: vec![0x1301],
        extensions: vec![0],
        groups: vec![29],
        signature_algorithms: vec![0x0804],
        point_formats: vec![0],
        random: [7; 32],
        session_id: vec![1],
        ssl2: false,
        key_shares: vec![29],
        ticket: Some([1; 32]),
        psk_identities: vec![[2; 32]],
        first_alpn: None,
    };
    let server = ServerHello {
        version: 0x0303,
        cipher: 0xc02f,
        alpn: some(),
        hello_retry: true,
        resumed: true,
        session_id: vec![1],
        extensions: vec![23],
        group: Some(29),
        psk: Some(0),
    };
    let certificate = Certificate {
        unreadable: false,
        der: Box::default(),
        version: 3,
        subject: list(),
        issuer: list(),
        serial: "0a".to_owned(),
        not_before: Timestamp::new(0, 0),
        not_after: Timestamp::new(0, 0),
        not_before_secs: 0,
        not_after_secs: 253_402_300_799,
        sha256: "ab".repeat(32),
        key_sha256: "ab".repeat(32),
        key_algorithm: text(),
        key_bits: Some(2048),
        signature_algorithm: text(),
        dns_names: list(),
        ip_addresses: vec!["192.0.2.1".parse().unwrap()],
        key_usage: Some(5),
        policies: list(),
        logged: true,
        extended_key_usage: list(),
        ca: true,
        crl_urls: list(),
        aia_urls: list(),
        self_issued: true,
    };
    let events = vec![
        TlsEvent::ClientHello(Box::new(ClientHello { ssl2: true, ..client.clone() })),
        TlsEvent::ClientHello(Box::new(client)),
        TlsEvent::ServerHello(Box::new(server)),
        TlsEvent::Certificate(SentCertificate { client: true, index: 0, certificate: Arc::new(certificate) }),
        TlsEvent::CertificateRequest,
        TlsEvent::ClientAuth { certificates: 1 },
        TlsEvent::ClientVerify,
        TlsEvent::KeyExchange(KeyExchange { group: Some(29), prime_bits: Some(2048) }),
        TlsEvent::SessionTicket(SessionTicket { lifetime_secs: 300, sha256: [3; 32] }),
        TlsEvent::Abbreviated,
        TlsEvent::Alert { level: 2, description: 40 },
        TlsEvent::Encrypted,
        TlsEvent::Renegotiation,
        TlsEvent::ApplicationData,
    ];
    events.into_iter().map(Event::from).collect()
}

fn smb() -> Vec<Event> {
    let (smb, session) = (2, u64::MAX);
    let mut events = vec![
        SmbEvent::NetbiosSession { called: text(), calling: text() },
        SmbEvent::NegotiateRequest(Box::new(NegotiateRequest {
            smb,
            dialects: list(),
            signing_enabled: true,
            signing_required: true,
            net_name: some(),
            client_guid: some(),
            ciphers: vec![2],
            signing_algorithms: vec![1],
        })),
        SmbEvent::NegotiateResponse(Box::new(NegotiateResponse {
            smb,
            dialect: some(),
            signing_enabled: true,
            signing_required: true,
            encryption_capability: true,
            ciphers: vec![2],
            signing_algorithms: vec![1],
            server_guid: some(),
            extended_security: true,
            auth_mechs: list(),
            status: 0xc000_00cc,
        })),
        SmbEvent::SessionSetupRequest(Box::new(SessionSetupRequest {
            smb,
            session,
            mechanism: Some("ntlmssp"),
            raw_ntlm: true,
            signing_required: true,
            native_os: some(),
            account: some(),
            domain: some(),
            lm_response_len: Some(24),
            nt_response_len: Some(24),
            raw_response: Some(Response::NtlmV1),
        })),
        SmbEvent::SessionSetupResponse(Box::new(SessionSetupResponse {
            smb: 1,
            dos: true,
            status: 0x0005_0002,
            ..SessionSetupResponse::default()
        })),
        SmbEvent::SessionSetupResponse(Box::new(SessionSetupResponse {
            smb,
            session,
            status: 0xc000_0016,
            dos: false,
            guest: true,
            anonymous: true,
            encrypt: true,
            native_os: some(),
        })),
    ];
    events.extend(files());
    events.into_iter().map(Event::from).collect()
}

fn files() -> [SmbEvent; 10] {
    let (smb, session) = (2, u64::MAX);
    let (tree_path, filename) = (some(), text());
    [
        SmbEvent::TreeConnect(Box::new(TreeConnect { smb, session, path: text() })),
        SmbEvent::TreeConnected(Box::new(TreeConnected {
            smb,
            session,
            status: 0,
            tree: 1,
            path: some(),
            share_type: 1,
            encrypt: true,
        })),
        SmbEvent::Create(Box::new(Create {
            smb,
            session,
            tree_path: tree_path.clone(),
            filename: filename.clone(),
            access: 1,
            disposition: 1,
            options: 1,
        })),
        SmbEvent::Created(Box::new(Created { smb, session, status: 0, tree_path: some(), filename: some() })),
        SmbEvent::QueryDirectory(Box::new(QueryDirectory {
            smb,
            session,
            tree_path: some(),
            pattern: text(),
        })),
        SmbEvent::FileWritten(Box::new(FileWritten {
            smb,
            session,
            tree_path: tree_path.clone(),
            filename: filename.clone(),
            len: 9,
            settings: vec![(text(), text())],
        })),
        SmbEvent::Delete(Box::new(Delete { smb, session, tree_path, filename })),
        SmbEvent::Signed { smb, session },
        SmbEvent::Encrypted { session },
        SmbEvent::Logoff { session },
    ]
}

fn authentication() -> Vec<Event> {
    let carrier = Carrier::Http;
    let authenticate = Authenticate {
        carrier,
        flags: 1,
        domain: text(),
        user: text(),
        workstation: text(),
        lm_response_len: 24,
        nt_response_len: 24,
        response: Response::LmAndNtlmV1,
        target_name: some(),
        av_flags: Some(2),
        mic: true,
        channel_bindings: true,
        response_mark: Some([1; 8]),
        machine_id: Some([2; 32]),
    };
    let challenge = Challenge {
        carrier,
        flags: 1,
        target: text(),
        server_challenge: [1; 8],
        nb_computer: text(),
        nb_domain: text(),
        dns_computer: text(),
        dns_domain: text(),
    };
    let kerberos = KerberosEvent {
        msg_type: 30,
        carrier: Some(Carrier::Smb),
        realm: text(),
        crealm: text(),
        sname: text(),
        cname: text(),
        error_code: Some(-1),
        etypes: vec![18, -128],
        ticket_etype: Some(23),
        padata: vec![2],
        encrypted_etype: Some(18),
        client_host: some(),
        mutual_required: true,
        server_time: Some(1),
    };
    let init = NegTokenInit { carrier, mechanisms: list(), token: MechToken::Ntlmssp(1), hint: some() };
    let answer =
        NegTokenResp { carrier, state: Some(1), supported: some(), token: MechToken::KerberosError(-3) };
    let bind = Bind {
        pipe: some(),
        alter: true,
        interfaces: vec![("367abb81-9844-35f1-ad32-98f038001003".to_owned(), 2)],
        auth_type: Some(9),
        auth_level: Some(6),
    };
    vec![
        NtlmMessage::Negotiate(Box::new(Negotiate {
            carrier,
            flags: 1,
            domain: text(),
            workstation: text(),
        }))
        .into(),
        NtlmMessage::Challenge(Box::new(challenge)).into(),
        NtlmMessage::Authenticate(Box::new(authenticate)).into(),
        SpnegoToken::Init(Box::new(init)).into(),
        SpnegoToken::Response(Box::new(answer)).into(),
        kerberos.into(),
        DcerpcEvent::Bind(Box::new(bind)).into(),
        DcerpcEvent::BindAck { pipe: some(), accepted: 1, refused: 0 }.into(),
        DcerpcEvent::Fault { pipe: some(), status: 5 }.into(),
    ]
}

fn names() -> Vec<Event> {
    let dns = DnsMessage {
        id: 1,
        response: true,
        query: text(),
        qtype: 33,
        addresses: vec![(text(), super::ip("10.0.0.1"))],
        services: vec![SrvRecord { target: text(), port: 80, priority: 1, weight: 2 }],
        ttl: Some(60),
        ..DnsMessage::default()
    };
    let nbns = NbnsMessage {
        trn_id: 1,
        response: true,
        opcode: 0,
        flags: 0x8500,
        rcode: 3,
        name: "MP_PS1".to_owned(),
        suffix: 0x1a,
        qtype: 0x20,
        addresses: vec![(0, "10.0.0.1".parse().unwrap())],
        names: list(),
        unit_id: Some([1; 6]),
        ttl: Some(60),
        questions: 1,
    };
    vec![
        LlmnrMessage(dns.clone()).into(),
        DnsMessage { qtype: 1, services: Vec::new(), ..dns.clone() }.into(),
        dns.into(),
        nbns.into(),
        LdapEvent::Bind { auth: Auth::Anonymous, name: text(), mechanism: text() }.into(),
        LdapEvent::Bind { auth: Auth::Other(7), name: String::new(), mechanism: String::new() }.into(),
        LdapEvent::BindDone { code: 14 }.into(),
        LdapEvent::Search {
            base: text(),
            scope: 2,
            filter: text(),
            filter_attributes: list(),
            classes: list(),
            attributes: list(),
        }
        .into(),
        LdapEvent::Protected { sealed: false }.into(),
        LdapEvent::StartTls.into(),
        LdapEvent::SearchDone { code: 0, entries: 1 }.into(),
        DhcpEvent {
            message_type: Some(1),
            client_mac: Some([1; 6]),
            host_name: some(),
            vendor_class: some(),
            next_server: Some([192, 0, 2, 9].into()),
            boot_file: some(),
            tftp_server: some(),
            bootfile_name: some(),
        }
        .into(),
        TftpEvent { opcode: 1, filename: text(), mode: text() }.into(),
        NbdgmMessage { kind: 17, source: text(), destination: text(), mailslot: some() }.into(),
    ]
}
