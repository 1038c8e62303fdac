//! Talks of `rustls` with itself: what Python's library cannot be made to do, and every suite of the provider.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use capture::Direction::{ToClient, ToServer};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, KeyLog, ServerConfig,
    ServerConnection, SignatureScheme, SupportedCipherSuite,
};

use super::{SERVER_KEY, anomalies, dispatch, inside, keys, readings, records};
use crate::harness::{self, Conversation};
use crate::http::HttpEvent;
use crate::tls::open::Reading;
use crate::{Event, Record};

/// A key log in memory.
#[derive(Debug, Default)]
struct Log(Mutex<String>);

impl KeyLog for Log {
    fn log(&self, label: &str, random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let line = [label, " ", &hex(random), " ", &hex(secret), "\n"].concat();
        self.0.lock().unwrap().push_str(&line);
    }
}

/// Believes any server: only this test's is there.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256]
    }
}

/// Both ends of connections with one suite, and what they log.
struct Peers {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    log: Arc<Log>,
}

impl Peers {
    fn new(suite: SupportedCipherSuite) -> Self {
        let provider =
            CryptoProvider { cipher_suites: vec![suite], ..rustls::crypto::ring::default_provider() };
        let provider = Arc::new(provider);
        let log = Arc::new(Log::default());
        let versions = [suite.version()];
        let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody))
            .with_no_client_auth();
        client.key_log = Arc::<Log>::clone(&log);
        client.enable_early_data = true;
        let chain = CertificateDer::from_pem_slice(include_bytes!("../testdata/server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(SERVER_KEY).unwrap();
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        server.max_early_data_size = 1 << 14;
        Self { client: Arc::new(client), server: Arc::new(server), log }
    }

    fn talk(&self) -> Talk {
        let name = ServerName::try_from("mp01.example.test").unwrap();
        let client = ClientConnection::new(Arc::clone(&self.client), name).unwrap();
        let server = ServerConnection::new(Arc::clone(&self.server)).unwrap();
        Talk { ends: [client.into(), server.into()], sent: Vec::new() }
    }

    fn keys(&self) -> Arc<super::Keys> {
        keys(self.log.0.lock().unwrap().as_bytes())
    }
}

/// One connection, client first.
struct Talk {
    ends: [Connection; 2],
    sent: Conversation,
}

impl Talk {
    /// Carries what one end has to say to the other, until both are silent.
    fn carry(&mut self) {
        loop {
            let before = self.sent.len();
            for (from, direction) in [(0, ToServer), (1, ToClient)] {
                let mut said = Vec::new();
                while self.ends[from].wants_write() {
                    self.ends[from].write_tls(&mut said).unwrap();
                }
                if !said.is_empty() {
                    self.ends[1 - from].read_tls(&mut said.as_slice()).unwrap();
                    self.ends[1 - from].process_new_packets().unwrap();
                    self.sent.push((direction, said));
                }
            }
            if self.sent.len() == before {
                return;
            }
        }
    }

    /// One end says something and the other takes it.
    fn say(&mut self, from: usize, text: &str) {
        self.ends[from].writer().write_all(text.as_bytes()).unwrap();
        self.carry();
        let mut heard = vec![0; text.len()];
        self.ends[1 - from].reader().read_exact(&mut heard).unwrap();
        assert_eq!(heard, text.as_bytes());
    }

    fn exchange(&mut self, path: &str) {
        self.say(0, &format!("GET {path} HTTP/1.1\r\nHost: mp01.example.test\r\n\r\n"));
        self.say(1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
}

/// Paths asked for inside, and how many responses there were.
fn asked(records: &[Record]) -> (Vec<String>, usize) {
    let said = inside(records);
    let heads =
        said.iter().filter_map(|(_, event)| if let Event::Http(head) = event { Some(head) } else { None });
    let paths = heads.clone().filter_map(|head| match head {
        HttpEvent::Request(head) => Some(head.uri.clone()),
        HttpEvent::Response(_) => None,
    });
    (paths.collect(), heads.filter(|head| matches!(head, HttpEvent::Response(_))).count())
}

fn suites() -> impl Iterator<Item = SupportedCipherSuite> {
    // The key is RSA.
    let all = rustls::crypto::ring::ALL_CIPHER_SUITES.iter().copied();
    all.filter(|suite| !format!("{:?}", suite.suite()).contains("ECDSA"))
}

#[test]
fn every_suite_of_rustls_is_opened() {
    let mut count = 0;
    for suite in suites() {
        let peers = Peers::new(suite);
        let mut talk = peers.talk();
        talk.carry();
        talk.exchange("/a");
        talk.exchange("/b");
        let records = records(&peers.keys(), &[&talk.sent]);
        assert_eq!(asked(&records), (vec!["/a".to_owned(), "/b".to_owned()], 2), "{suite:?}");
        assert!(anomalies(&records).is_empty(), "{suite:?}");
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn key_updates_of_both_sides_are_followed() {
    for suite in suites().filter(|suite| suite.tls13().is_some()) {
        let peers = Peers::new(suite);
        let mut talk = peers.talk();
        talk.carry();
        for round in 0..6 {
            talk.exchange(&format!("/{round}"));
            let end = &mut talk.ends[round % 2];
            end.refresh_traffic_keys().unwrap();
        }
        let records = records(&peers.keys(), &[&talk.sent]);
        let paths: Vec<String> = (0..6).map(|round| format!("/{round}")).collect();
        assert_eq!(asked(&records), (paths, 6), "{suite:?}");
        assert!(anomalies(&records).is_empty());
    }
}

/// LDAP is looked for on its own ports only; over TLS those are others.
#[test]
fn directory_over_tls_is_read_as_the_directory() {
    let bind = [0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0];
    let peers = Peers::new(suites().next().unwrap());
    let mut talk = peers.talk();
    talk.carry();
    talk.ends[0].writer().write_all(&bind).unwrap();
    talk.carry();
    for (port, found) in [(636, true), (3269, true), (443, false)] {
        let mut dispatch = dispatch(&peers.keys());
        harness::converse(&mut dispatch, port, &talk.sent, |_| usize::MAX);
        let ldap = |record: &Record| record.opened && matches!(record.event, Event::Ldap(_));
        assert_eq!(dispatch.records.iter().any(ldap), found, "port {port}");
    }
}

#[test]
fn early_data_is_read_where_the_server_accepts_it() {
    for suite in suites().filter(|suite| suite.tls13().is_some()) {
        let peers = Peers::new(suite);
        let mut first = peers.talk();
        first.carry();
        first.exchange("/first");
        let mut second = peers.talk();
        let Connection::Client(client) = &mut second.ends[0] else { unreachable!() };
        let early = "GET /early HTTP/1.1\r\nHost: mp01.example.test\r\n\r\n";
        client.early_data().unwrap().write_all(early.as_bytes()).unwrap();
        second.carry();
        let Connection::Client(client) = &second.ends[0] else { unreachable!() };
        assert!(client.is_early_data_accepted());
        second.say(1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        second.exchange("/late");
        let records = records(&peers.keys(), &[&first.sent, &second.sent]);
        let paths = ["/first", "/early", "/late"].map(str::to_owned).to_vec();
        assert_eq!(asked(&records), (paths, 3), "{suite:?}");
        assert_eq!(readings(&records), [Some(Reading::Opened); 2]);
        assert!(anomalies(&records).is_empty());
    }
}

#[test]
fn early_data_without_its_secret_costs_only_itself() {
    let suite = suites().find(|suite| suite.tls13().is_some()).unwrap();
    let peers = Peers::new(suite);
    let mut first = peers.talk();
    first.carry();
    first.exchange("/first");
    let mut second = peers.talk();
    let Connection::Client(client) = &mut second.ends[0] else { unreachable!() };
    client.early_data().unwrap().write_all(b"GET /early HTTP/1.1\r\n\r\n").unwrap();
    second.carry();
    second.say(1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    second.exchange("/late");
    let log = peers.log.0.lock().unwrap().clone();
    let log: Vec<&str> = log.lines().filter(|line| !line.starts_with("CLIENT_EARLY")).collect();
    let records = records(&keys(log.join("\n").as_bytes()), &[&second.sent]);
    assert_eq!(asked(&records), (vec!["/late".to_owned()], 2));
    assert!(anomalies(&records).is_empty());
}
