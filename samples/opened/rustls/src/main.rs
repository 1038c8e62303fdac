//! A client and a server of HTTP over TLS by rustls, for captures only. Both log their keys where `SSLKEYLOGFILE` says.
//!
//! ```text
//! ccmscope-rustls-peer server PORT SUITE id|ticket CERT KEY ANSWER   answers every request with the file ANSWER
//! ccmscope-rustls-peer client HOST PORT SUITE REQUEST... [/ ...]     sends the files REQUEST, `/` begins a new connection
//! ```
//!
//! SUITE is as rustls calls it (`TLS13_AES_128_GCM_SHA256`); both sides know no other. Certificates are not verified.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, KeyLogFile, ServerConfig, ServerConnection,
    SignatureScheme, StreamOwned, SupportedProtocolVersion,
};

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["server", port, suite, sessions, cert, key, answer] => {
            server(port, suite, sessions, [cert, key, answer])
        }
        ["client", host, port, suite, requests @ ..] => client(host, port, suite, requests),
        _ => bail!("see the head of main.rs"),
    }
}

/// The provider with one suite only, and the version that the suite is of.
fn only(suite: &str) -> Result<(Arc<CryptoProvider>, &'static SupportedProtocolVersion)> {
    let mut provider = ring::default_provider();
    provider.cipher_suites.retain(|known| format!("{:?}", known.suite()) == suite);
    let found = provider.cipher_suites.first().with_context(|| format!("no suite {suite}"))?;
    let version = if found.tls13().is_some() { &TLS13 } else { &TLS12 };
    Ok((Arc::new(provider), version))
}

fn server(port: &str, suite: &str, sessions: &str, [cert, key, answer]: [&str; 3]) -> Result<()> {
    let (provider, version) = only(suite)?;
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.key_log = Arc::new(KeyLogFile::new());
    if sessions == "ticket" {
        config.ticketer = ring::Ticketer::new()?;
    }
    let (config, answer) = (Arc::new(config), fs::read(answer)?);
    for socket in TcpListener::bind(format!("0.0.0.0:{port}"))?.incoming() {
        let stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config))?, socket?);
        // One connection after the other; a client that goes away without a word is none of our concern.
        if let Err(error) = answer_all(stream, &answer) {
            eprintln!("{error:#}");
        }
    }
    Ok(())
}

fn answer_all(stream: StreamOwned<ServerConnection, TcpStream>, answer: &[u8]) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while message(&mut stream)? {
        stream.get_mut().write_all(answer)?;
        stream.get_mut().flush()?;
    }
    let stream = stream.get_mut();
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}

fn client(host: &str, port: &str, suite: &str, requests: &[&str]) -> Result<()> {
    let (provider, version) = only(suite)?;
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    config.key_log = Arc::new(KeyLogFile::new());
    let config = Arc::new(config);
    for requests in requests.split(|request| *request == "/") {
        let name = ServerName::try_from(host.to_owned())?;
        let socket = TcpStream::connect(format!("{host}:{port}"))?;
        let mut stream =
            BufReader::new(StreamOwned::new(ClientConnection::new(Arc::clone(&config), name)?, socket));
        for request in requests {
            stream.get_mut().write_all(&fs::read(request)?)?;
            stream.get_mut().flush()?;
            if !message(&mut stream)? {
                bail!("no answer to {request}");
            }
        }
        let stream = stream.get_mut();
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

/// Reads a message of HTTP with the body that its `Content-Length` names. False at the end of the connection.
fn message(stream: &mut impl BufRead) -> Result<bool> {
    let (mut length, mut first) = (0, true);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(if first { false } else { bail!("cut off") });
        }
        first = false;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    stream.take(length).read_to_end(&mut Vec::new())?;
    Ok(true)
}

/// Takes any certificate, as a client of a laboratory may.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
