//! Scenes for tests: records as the decoders make them of SMB, NTLM and Kerberos, put together by hand.

use std::net::{IpAddr, Ipv4Addr};

use capture::{
    Direction, EndReason, Endpoint, FlowId, FlowKey, FrameId, Moment, Pulse, Timestamp, Traffic, Transport,
};
use decoders::dcerpc::{DcerpcEvent, Request};
use decoders::kerberos::KerberosEvent;
use decoders::ntlmssp::{Authenticate, Carrier, NtlmMessage, Response};
use decoders::smb::{
    Create, Created, FileWritten, NegotiateResponse, QueryDirectory, SessionSetupRequest,
    SessionSetupResponse, SmbEvent, TreeConnect, TreeConnected,
};
use decoders::spnego::{MechToken, NegTokenInit, NegTokenResp, SpnegoToken};
use decoders::{Event, FlowEnd, Record};

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::smb::{OID_KERBEROS, OID_NTLMSSP};
use crate::rule::Verdicts;
use crate::{Engine, Limits, catalogue};

/// The site server, two clients, a distribution point, a domain controller, and a stranger.
pub(crate) const SITE: IpAddr = host(10);
pub(crate) const CLIENT: IpAddr = host(101);
pub(crate) const OTHER_CLIENT: IpAddr = host(102);
pub(crate) const DP: IpAddr = host(12);
pub(crate) const KDC: IpAddr = host(2);
pub(crate) const STRANGER: IpAddr = host(66);

/// A host of the scene's network.
pub(crate) const fn host(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))
}

/// A connection in a scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    key: FlowKey,
    flow: FlowId,
    user: u64,
}

impl Talk {
    /// The identifier of its session.
    pub(crate) const fn session(self) -> u64 {
        self.flow.0 + 1_000 * (self.user + 1)
    }

    /// Another session on the same connection.
    pub(crate) const fn beside(self) -> Self {
        Self { user: self.user + 1, ..self }
    }
}

/// What happens, in order.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    pub(crate) records: Vec<Record>,
    millis: i64,
    flows: u64,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.millis += seconds * 1_000;
        self
    }

    /// Opens a connection.
    pub(crate) fn open(&mut self, client: IpAddr, server: IpAddr, port: u16) -> Talk {
        self.flows += 1;
        let transport = if port == 88 { Transport::Udp } else { Transport::Tcp };
        let client = Endpoint { addr: client, port: 50_000 };
        let key = FlowKey { client, server: Endpoint { addr: server, port }, transport };
        Talk { key, flow: FlowId(self.flows), user: 0 }
    }

    /// Says something on a connection.
    pub(crate) fn say(&mut self, talk: Talk, direction: Direction, event: impl Into<Event>) -> &mut Self {
        self.millis += 1;
        let order = self.records.len() as u64 + 1;
        let frame = FrameId { order, ..FrameId::default() };
        let at = Moment { frame, time: Timestamp::from_nanos(self.millis * 1_000_000) };
        let excerpt = Box::default();
        self.records.push(Record {
            at,
            flow: talk.flow,
            key: talk.key,
            direction,
            event: event.into(),
            excerpt,
            opened: false,
        });
        self
    }

    fn ask(&mut self, talk: Talk, event: impl Into<Event>) -> &mut Self {
        self.say(talk, Direction::ToServer, event)
    }

    fn answer(&mut self, talk: Talk, event: impl Into<Event>) -> &mut Self {
        self.say(talk, Direction::ToClient, event)
    }

    /// The server's answer to the negotiation.
    pub(crate) fn negotiated(&mut self, talk: Talk, signing_required: bool) -> &mut Self {
        let response = NegotiateResponse {
            smb: 2,
            dialect: Some("0x0311".to_owned()),
            signing_enabled: true,
            signing_required,
            auth_mechs: vec![OID_KERBEROS[0].to_owned(), OID_NTLMSSP.to_owned()],
            ..NegotiateResponse::default()
        };
        self.answer(talk, SmbEvent::NegotiateResponse(Box::new(response)))
    }

    /// The client's first token.
    pub(crate) fn offer(&mut self, talk: Talk, mechanisms: &[&str], token: MechToken) -> &mut Self {
        let mechanisms = mechanisms.iter().map(|oid| (*oid).to_owned()).collect();
        let init = NegTokenInit { mechanisms, token, ..NegTokenInit::default() };
        self.ask(talk, SpnegoToken::Init(Box::new(init)))
    }

    /// The server wants another mechanism, and says so in negState.
    pub(crate) fn turn_down(&mut self, talk: Talk, state: u8) -> &mut Self {
        let response = NegTokenResp {
            state: Some(state),
            supported: Some(OID_NTLMSSP.to_owned()),
            ..NegTokenResp::default()
        };
        self.answer(talk, SpnegoToken::Response(Box::new(response)))
    }

    /// The last NTLM message.
    pub(crate) fn authenticate(
        &mut self,
        talk: Talk,
        carrier: Carrier,
        user: &str,
        response: Response,
    ) -> &mut Self {
        let message = Authenticate {
            carrier,
            user: user.to_owned(),
            domain: "CONTOSO".to_owned(),
            response,
            ..Authenticate::default()
        };
        self.ask(talk, NtlmMessage::Authenticate(Box::new(message)))
    }

    /// A session setup request with the session's identifier.
    pub(crate) fn set_up(&mut self, talk: Talk) -> &mut Self {
        let request =
            SessionSetupRequest { smb: 2, session: talk.session(), ..SessionSetupRequest::default() };
        self.ask(talk, SmbEvent::SessionSetupRequest(Box::new(request)))
    }

    /// The end of a session setup.
    pub(crate) fn decided(&mut self, talk: Talk, status: u32) -> &mut Self {
        self.decided_as(talk, SessionSetupResponse { status, ..SessionSetupResponse::default() })
    }

    /// The end of a session setup, with its flags.
    pub(crate) fn decided_as(&mut self, talk: Talk, response: SessionSetupResponse) -> &mut Self {
        let response = SessionSetupResponse { smb: 2, session: talk.session(), ..response };
        self.answer(talk, SmbEvent::SessionSetupResponse(Box::new(response)))
    }

    /// A whole NTLMv2 logon that succeeds.
    pub(crate) fn ntlm_logon(&mut self, talk: Talk, user: &str) -> &mut Self {
        self.ntlm_logon_with(talk, user, Response::NtlmV2, 0)
    }

    /// A whole NTLM logon.
    pub(crate) fn ntlm_logon_with(
        &mut self,
        talk: Talk,
        user: &str,
        response: Response,
        status: u32,
    ) -> &mut Self {
        self.negotiated(talk, false)
            .offer(talk, &[OID_NTLMSSP], MechToken::Ntlmssp(1))
            .authenticate(talk, Carrier::Smb, user, response)
            .set_up(talk)
            .decided(talk, status)
    }

    /// A Kerberos token for a service.
    pub(crate) fn ap_req(&mut self, talk: Talk, sname: &str, etype: i32) -> &mut Self {
        let message = KerberosEvent {
            msg_type: 14,
            carrier: Some(Carrier::Smb),
            sname: sname.to_owned(),
            ticket_etype: Some(etype),
            mutual_required: true,
            ..KerberosEvent::default()
        };
        self.ask(talk, message)
    }

    /// A whole Kerberos logon that succeeds.
    pub(crate) fn kerberos_logon(&mut self, talk: Talk, mechanisms: &[&str]) -> &mut Self {
        self.negotiated(talk, false)
            .offer(talk, mechanisms, MechToken::KerberosApReq)
            .ap_req(talk, "cifs/pc1.contoso.com", 18)
            .set_up(talk)
            .decided(talk, 0)
    }

    /// Connects to a share by the server's name or address.
    pub(crate) fn share(&mut self, talk: Talk, server: &str, share: &str) -> &mut Self {
        let path = format!("\\\\{server}\\{share}");
        let session = talk.session();
        let request = TreeConnect { smb: 2, session, path: path.clone() };
        let response = TreeConnected { smb: 2, session, path: Some(path), ..TreeConnected::default() };
        self.ask(talk, SmbEvent::TreeConnect(Box::new(request)))
            .answer(talk, SmbEvent::TreeConnected(Box::new(response)))
    }

    /// Opens a file of a share, for writing or for reading.
    pub(crate) fn file(&mut self, talk: Talk, share: &str, name: &str, writes: bool) -> &mut Self {
        let create = Create {
            smb: 2,
            session: talk.session(),
            tree_path: Some(format!("\\\\pc1\\{share}")),
            filename: name.to_owned(),
            access: if writes { 0x0012_019F } else { 0x0012_0089 },
            disposition: if writes { 5 } else { 1 },
            options: 0x40,
        };
        self.ask(talk, SmbEvent::Create(Box::new(create)))
    }

    /// The server lets a file be opened, or does not.
    pub(crate) fn opened(&mut self, talk: Talk, name: &str, status: u32) -> &mut Self {
        let filename = Some(name.to_owned());
        let created = Created { smb: 2, session: talk.session(), status, filename, ..Created::default() };
        self.answer(talk, SmbEvent::Created(Box::new(created)))
    }

    /// Looks for files in `admin$`.
    pub(crate) fn search(&mut self, talk: Talk, pattern: &str) -> &mut Self {
        let query = QueryDirectory {
            smb: 2,
            session: talk.session(),
            tree_path: Some("\\\\pc1\\ADMIN$".to_owned()),
            pattern: pattern.to_owned(),
        };
        self.ask(talk, SmbEvent::QueryDirectory(Box::new(query)))
    }

    /// Writes the site's settings to `admin$`, readable.
    pub(crate) fn settings(&mut self, talk: Talk) -> &mut Self {
        let file = FileWritten {
            smb: 2,
            session: talk.session(),
            tree_path: Some("\\\\pc1\\ADMIN$".to_owned()),
            filename: "ccmsetup\\MobileClient.tcf".to_owned(),
            len: 300,
            settings: vec![("SMSSITECODE".to_owned(), "PS1".to_owned())],
        };
        self.ask(talk, SmbEvent::FileWritten(Box::new(file)))
    }

    /// The whole file part of a push.
    pub(crate) fn push_files(&mut self, talk: Talk) -> &mut Self {
        self.share(talk, "pc1.contoso.com", "ADMIN$")
            .search(talk, "SMSClientInstall.*")
            .file(talk, "ADMIN$", "SMSClientInstall.PS1", true)
            .file(talk, "ADMIN$", "ccmsetup\\ccmsetup.exe", true)
    }

    /// Calls a service operation through SVCCTL.
    pub(crate) fn service(&mut self, talk: Talk, opnum: u16, name: &str) -> &mut Self {
        let request = Request {
            pipe: Some("svcctl".to_owned()),
            interface: Some("367abb81-9844-35f1-ad32-98f038001003".to_owned()),
            opnum,
            service_name: Some(name.to_owned()),
        };
        self.ask(talk, DcerpcEvent::Request(Box::new(request)))
    }

    /// A session's messages are signed.
    pub(crate) fn signed(&mut self, talk: Talk) -> &mut Self {
        self.ask(talk, SmbEvent::Signed { smb: 2, session: talk.session() })
    }

    /// A session's messages are encrypted.
    pub(crate) fn encrypted(&mut self, talk: Talk) -> &mut Self {
        self.ask(talk, SmbEvent::Encrypted { session: talk.session() })
    }

    /// A client asks a KDC for a ticket.
    pub(crate) fn ask_kdc(&mut self, client: IpAddr, sname: &str) -> Talk {
        let talk = self.open(client, KDC, 88);
        self.asks_again(talk, sname);
        talk
    }

    /// It asks for the same again.
    pub(crate) fn asks_again(&mut self, talk: Talk, sname: &str) -> &mut Self {
        let message = KerberosEvent { msg_type: 12, sname: sname.to_owned(), ..KerberosEvent::default() };
        self.ask(talk, message)
    }

    /// The KDC refuses. Like some, it leaves the names out.
    pub(crate) fn kdc_refuses(&mut self, talk: Talk, code: i32) -> &mut Self {
        let message = KerberosEvent { msg_type: 30, error_code: Some(code), ..KerberosEvent::default() };
        self.answer(talk, message)
    }

    /// The KDC refuses to log an account on.
    pub(crate) fn kdc_refuses_account(&mut self, client: IpAddr, account: &str, code: i32) -> &mut Self {
        let talk = self.open(client, KDC, 88);
        let message = KerberosEvent {
            msg_type: 30,
            error_code: Some(code),
            sname: "krbtgt/CONTOSO.COM".to_owned(),
            cname: account.to_owned(),
            ..KerberosEvent::default()
        };
        self.answer(talk, message)
    }

    /// The KDC gives a ticket-granting ticket.
    pub(crate) fn kdc_logs_on(&mut self, client: IpAddr, account: &str) -> &mut Self {
        let talk = self.open(client, KDC, 88);
        let message = KerberosEvent {
            msg_type: 11,
            cname: account.to_owned(),
            crealm: "CONTOSO.COM".to_owned(),
            ..KerberosEvent::default()
        };
        self.answer(talk, message)
    }

    /// The KDC gives a service ticket.
    pub(crate) fn kdc_gives(&mut self, client: IpAddr, sname: &str, etype: i32) -> &mut Self {
        let talk = self.ask_kdc(client, sname);
        let message = KerberosEvent {
            msg_type: 13,
            sname: sname.to_owned(),
            ticket_etype: Some(etype),
            ..KerberosEvent::default()
        };
        self.answer(talk, message)
    }

    /// A connection ends.
    pub(crate) fn end(&mut self, talk: Talk, change: impl FnOnce(&mut FlowEnd)) -> &mut Self {
        let mut end = FlowEnd {
            started: Moment { time: Timestamp::from_nanos(self.millis * 1_000_000), ..Moment::default() },
            to_server: Traffic { packets: 3, bytes: 100 },
            to_client: Traffic { packets: 3, bytes: 100 },
            pulse: Pulse::default(),
            syn_seen: true,
            unanswered: false,
            refused: false,
            unreachable: false,
            reason: EndReason::Fin,
            services: Vec::new(),
            smb_encrypted: false,
            reading: None,
            client_mac: None,
            server_mac: None,
        };
        change(&mut end);
        self.ask(talk, Event::Flow(end))
    }

    /// A push with NTLM, from beginning to end.
    pub(crate) fn ntlm_push(&mut self, source: IpAddr, target: IpAddr, user: &str) -> &mut Self {
        let talk = self.open(source, target, 445);
        self.ntlm_logon(talk, user).push_files(talk)
    }

    /// An engine that has seen all of it.
    pub(crate) fn engine(&self) -> Engine {
        self.engine_within(Limits::default())
    }

    /// An engine under other bounds that has seen all of it.
    pub(crate) fn engine_within(&self, limits: Limits) -> Engine {
        let mut engine = Engine::new(limits);
        for record in &self.records {
            engine.observe(record);
        }
        engine
    }

    /// What a rule finds. Asked twice, it must say the same.
    pub(crate) fn findings(&self, rule: &str) -> Vec<Finding> {
        let engine = self.engine();
        let rule = catalogue::find(rule).expect("a rule of that name");
        let ask = || {
            let mut verdicts = Verdicts::default();
            rule.judge(engine.ledger(), &Coverage::default(), &mut verdicts);
            verdicts.findings
        };
        let once = ask();
        assert_eq!(format!("{once:?}"), format!("{:?}", ask()), "judging twice differs");
        once
    }

    /// The message of the only finding of a rule.
    pub(crate) fn message(&self, rule: &str) -> String {
        let found = self.findings(rule);
        assert_eq!(found.len(), 1, "{rule}: {found:#?}");
        found.into_iter().map(|finding| finding.message).collect()
    }
}
