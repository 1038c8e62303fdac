//! Records made by hand, and what the rules say of them: for tests.

use std::net::IpAddr;
use std::sync::Arc;

use capture::{
    Direction, EndReason, Endpoint, FlowId, FlowKey, FrameId, Moment, Pulse, Timestamp, Traffic, Transport,
};
use decoders::ccm::{CcmEvent, CcmMessage, CcmReply, Content, Hash, MsgHeader, Signature, Verdict};
use decoders::http::{HttpEvent, HttpRequest, HttpResponse};
use decoders::tls::{Certificate, ClientHello, SentCertificate, ServerHello, TlsEvent};
use decoders::{Event, FlowEnd, Record};

use crate::catalogue::RULES;
use crate::channel::{self, Channel};
use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::{Ledger, Role};
use crate::limits::Limits;
use crate::observe;
use crate::rule::Verdicts;

/// A client, another client, a site system and another one.
pub(crate) const CLIENT: &str = "192.0.2.10";
pub(crate) const OTHER: &str = "192.0.2.11";
pub(crate) const SERVER: &str = "192.0.2.80";

/// A capture in the making: records of one flow after another, and a clock that is set by hand.
pub(crate) struct Scene {
    pub(crate) ledger: Ledger,
    key: FlowKey,
    flow: FlowId,
    began: Moment,
    order: u64,
    now: Timestamp,
    exchange: u64,
}

impl Scene {
    /// An empty scene with a flow from [`CLIENT`] to port 80 of [`SERVER`].
    pub(crate) fn new() -> Self {
        Self::bounded(Limits::default())
    }

    /// The same under other bounds.
    pub(crate) fn bounded(limits: Limits) -> Self {
        let end = |addr: &str, port| Endpoint { addr: addr.parse().unwrap(), port };
        let key = FlowKey { client: end(CLIENT, 50_000), server: end(SERVER, 80), transport: Transport::Tcp };
        Self {
            ledger: Ledger::new(limits),
            key,
            flow: FlowId(1),
            began: Moment::default(),
            order: 0,
            now: Timestamp::new(1_700_000_000, 0),
            exchange: 0,
        }
    }

    /// Begins another flow.
    pub(crate) fn flow(&mut self, client: &str, server: &str, port: u16) -> &mut Self {
        self.key.client.addr = client.parse().unwrap();
        self.key.server = Endpoint { addr: server.parse().unwrap(), port };
        self.order += 1;
        self.flow = FlowId(self.order);
        self.exchange = 0;
        self.began = self.moment();
        self
    }

    /// The flow that goes on.
    pub(crate) const fn here(&self) -> (FlowKey, FlowId) {
        (self.key, self.flow)
    }

    /// Goes back to a flow.
    pub(crate) const fn back(&mut self, (key, flow): (FlowKey, FlowId)) -> &mut Self {
        self.key = key;
        self.flow = flow;
        self
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now = Timestamp::from_nanos(self.now.as_nanos() + seconds * 1_000_000_000);
        self
    }

    /// The present frame and time.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            frame: FrameId { order: self.order, number: self.order, ..FrameId::default() },
            time: self.now,
        }
    }

    fn say(&mut self, direction: Direction, event: Event) -> &mut Self {
        self.order += 1;
        // What else than TLS is said in its flows was opened.
        let outside = matches!(event, Event::Tls(_) | Event::Flow(_));
        let record = Record {
            at: self.moment(),
            flow: self.flow,
            key: self.key,
            direction,
            opened: !outside && self.ledger.tls.flows.get(&self.flow).is_some(),
            event,
            excerpt: Box::default(),
        };
        observe::record(&mut self.ledger, &record);
        self
    }

    /// The client says something.
    pub(crate) fn up(&mut self, event: impl Into<Event>) -> &mut Self {
        self.say(Direction::ToServer, event.into())
    }

    /// The server says something.
    pub(crate) fn down(&mut self, event: impl Into<Event>) -> &mut Self {
        self.say(Direction::ToClient, event.into())
    }

    /// A request, and an answer with a status code.
    pub(crate) fn exchange(&mut self, method: &str, uri: &str, status: u16) -> &mut Self {
        self.request(method, uri).answer(status)
    }

    /// A request.
    pub(crate) fn request(&mut self, method: &str, uri: &str) -> &mut Self {
        let request = HttpRequest {
            exchange: self.exchange,
            method: method.to_owned(),
            uri: uri.to_owned(),
            host: Some("server.example.test".to_owned()),
            ..HttpRequest::default()
        };
        self.exchange += 1;
        self.up(HttpEvent::Request(Box::new(request)))
    }

    /// The answer to the last request.
    pub(crate) fn answer(&mut self, status: u16) -> &mut Self {
        let response = HttpResponse {
            exchange: Some(self.exchange.saturating_sub(1)),
            status_code: status,
            ..HttpResponse::default()
        };
        self.down(HttpEvent::Response(Box::new(response)))
    }

    /// A message with the request that carries it, and a good answer.
    pub(crate) fn message(&mut self, mut message: CcmMessage) -> &mut Self {
        "/ccm_system/request".clone_into(&mut message.path);
        self.request("CCM_POST", "/ccm_system/request");
        message.exchange = self.exchange - 1;
        self.up(CcmEvent::Message(Box::new(message))).answer(200)
    }

    /// The management point's reply to the last message.
    pub(crate) fn reply(&mut self, reply: CcmReply) -> &mut Self {
        let reply = CcmReply { exchange: Some(self.exchange - 1), ..reply };
        self.down(CcmEvent::Reply(Box::new(reply)))
    }

    /// A TLS handshake up to the hellos.
    pub(crate) fn hellos(&mut self, name: &str, offered: u16, chosen: u16, cipher: u16) -> &mut Self {
        let server_name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let client = ClientHello { version: offered, server_name, ..ClientHello::default() };
        let server = ServerHello { version: chosen, cipher, ..ServerHello::default() };
        self.up(TlsEvent::ClientHello(Box::new(client)));
        self.down(TlsEvent::ServerHello(Box::new(server)))
    }

    /// The server's certificate.
    pub(crate) fn certificate(&mut self, subject: &str, issuer: &str) -> &mut Self {
        let certificate = Certificate {
            subject: vec![format!("CN={subject}")],
            issuer: vec![format!("CN={issuer}")],
            sha256: format!("{subject} {issuer}"),
            self_issued: subject == issuer,
            not_after_secs: i64::MAX,
            crl_urls: vec!["http://pki.example.test/issuing.crl".to_owned()],
            ..Certificate::default()
        };
        self.shows(certificate)
    }

    /// The server's certificate, made by hand.
    pub(crate) fn shows(&mut self, certificate: Certificate) -> &mut Self {
        let certificate = Arc::new(certificate);
        self.down(TlsEvent::Certificate(SentCertificate { client: false, index: 0, certificate }))
    }

    /// A certificate of a message: whose, and the how manyth.
    pub(crate) fn link(&mut self, client: bool, index: usize, certificate: Certificate) -> &mut Self {
        let sent = SentCertificate { client, index, certificate: Arc::new(certificate) };
        let event = TlsEvent::Certificate(sent);
        if client { self.up(event) } else { self.down(event) }
    }

    /// The client shows a certificate, proves it, and the server sends data.
    pub(crate) fn accepts(&mut self, certificate: Certificate) -> &mut Self {
        self.down(TlsEvent::CertificateRequest).link(true, 0, certificate);
        self.up(TlsEvent::ClientAuth { certificates: 1 }).up(TlsEvent::ClientVerify);
        self.down(TlsEvent::Encrypted).up(TlsEvent::ApplicationData).down(TlsEvent::ApplicationData)
    }

    /// The flow ends; `refused` says whether it ever began.
    pub(crate) fn end(&mut self, refused: bool) -> &mut Self {
        self.end_of(self.began, refused)
    }

    /// A flow ends that began earlier.
    pub(crate) fn end_of(&mut self, began: Moment, refused: bool) -> &mut Self {
        let end = FlowEnd { started: began, refused, ..flow_end() };
        self.up(Event::Flow(end))
    }

    /// The flow ends as `change` says; it began where it began.
    pub(crate) fn ends(&mut self, change: impl FnOnce(&mut FlowEnd)) -> &mut Self {
        let mut end = FlowEnd { started: self.began, ..flow_end() };
        change(&mut end);
        self.up(Event::Flow(end))
    }

    /// A host has a role.
    pub(crate) fn claim(&mut self, addr: &str, role: Role, confidence: Confidence) -> &mut Self {
        let event = Event::Flow(flow_end());
        let (at, flow, key) = (self.moment(), self.flow, self.key);
        let record = Record {
            at,
            flow,
            key,
            direction: Direction::ToServer,
            opened: false,
            event,
            excerpt: Box::default(),
        };
        self.ledger.touch();
        self.ledger.claim(addr.parse().unwrap(), role, confidence, &record, "it was said so");
        self
    }

    /// What all rules say.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut verdicts = Verdicts::default();
        for rule in RULES {
            rule.judge(&self.ledger, &Coverage::default(), &mut verdicts);
        }
        verdicts.findings
    }

    /// What one rule says.
    pub(crate) fn found(&self, rule: &str) -> Vec<Finding> {
        let mut findings = self.findings();
        findings.retain(|finding| finding.rule.id == rule);
        findings
    }

    /// The one thing that one rule says.
    pub(crate) fn one(&self, rule: &str) -> Finding {
        let mut found = self.found(rule);
        assert_eq!(found.len(), 1, "{rule}: {found:#?}");
        found.remove(0)
    }

    /// All channels.
    pub(crate) fn channels(&self) -> Vec<Channel> {
        channel::collect(&self.ledger, &Coverage::default())
    }
}

/// A message to an endpoint, not signed.
pub(crate) fn message(endpoint: &str, content: Content) -> CcmMessage {
    CcmMessage {
        header: Some(MsgHeader { target_endpoint: Some(endpoint.to_owned()), ..MsgHeader::default() }),
        content,
        ..CcmMessage::default()
    }
}

/// The same, signed by a key in the name of an identity.
pub(crate) fn signed(mut message: CcmMessage, key: &str, id: &str) -> CcmMessage {
    message.signature = Signature {
        verdict: Verdict::Valid { digest_info: true },
        hash: Some(Hash::Sha256),
        key_id: Some(key.to_owned()),
        ..Signature::default()
    };
    if let Some(header) = &mut message.header {
        header.source_id = Some(id.to_owned());
    }
    message
}

/// An address.
pub(crate) fn addr(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The end of a flow of which nothing is known.
pub(crate) fn flow_end() -> FlowEnd {
    FlowEnd {
        started: Moment::default(),
        to_server: Traffic::default(),
        to_client: Traffic::default(),
        pulse: Pulse::default(),
        syn_seen: true,
        unanswered: false,
        refused: false,
        unreachable: false,
        reason: EndReason::Reset,
        services: Vec::new(),
        smb_encrypted: false,
        reading: None,
        client_mac: None,
        server_mac: None,
    }
}
