//! Builds messages.

use std::io::Write;

use capture::Direction;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use rsa::pkcs8::EncodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Digest, Sha256};

use super::key;
use crate::ccm::signature::utf16;
use crate::ccm::*;
use crate::text::hex;

pub(super) const BOUNDARY: &str = "aAbBcCdDv1234567890VxXyYzZ";
pub(super) const SOURCE_ID: &str = "GUID:0A1B2C3D-0000-4000-8000-00000000BEEF";
pub(super) const STATUS: &str = "<Status SchemaVersion=\"1.00\"><Properties>\
    <Property Name=\"Severity\">1</Property>\
    <Property Name=\"ClientId\">GUID:0A1B2C3D-0000-4000-8000-00000000BEEF</Property>\
    <Property Name=\"MachineName\">WKS-0042</Property><Property Name=\"SiteCode\">ABC</Property>\
    <Property Name=\"CommandLine\">setup.exe /password:hunter2</Property>\
    <Property Name=\"DateTime\">20250102030405.678000+000</Property>\
    </Properties><Qualifiers /><Type>CCM_ServiceHost_LowMemoryMode_Enter</Type></Status>";

/// A payload before compression: text, NUL, and the two raw bytes that follow it.
pub(super) fn payload(text: &str) -> Vec<u8> {
    let mut bytes = utf16(text);
    bytes.extend_from_slice(b"\0\0\r\n");
    bytes
}

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Signs: little-endian, upper-case hex.
pub(super) fn sign(scheme: Pkcs1v15Sign, digest: &[u8]) -> String {
    let mut signature = key::private().sign(scheme, digest).unwrap();
    signature.reverse();
    hex(&signature).to_uppercase()
}

pub(super) fn sign_sha256(bytes: &[u8]) -> String {
    sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(bytes))
}

/// The key as a PUBLICKEYBLOB in hex.
pub(super) fn public_key_blob(big_endian: bool) -> String {
    let key: RsaPrivateKey = key::private();
    let mut modulus = if big_endian { key.n().to_bytes_be() } else { key.n().to_bytes_le() };
    let mut blob = vec![6, 2, 0, 0, 0, 0xA4, 0, 0];
    blob.extend_from_slice(b"RSA1");
    blob.extend_from_slice(&1024_u32.to_le_bytes());
    blob.extend_from_slice(&65_537_u32.to_le_bytes());
    blob.append(&mut modulus);
    hex(&blob).to_uppercase()
}

pub(super) fn key_id() -> String {
    let info = key::private().to_public_key().to_public_key_der().unwrap();
    hex(&Sha256::digest(info.as_bytes()))
}

/// The hook of a client that signs.
pub(super) struct ClientAuth {
    pub(super) public_key: String,
    pub(super) algorithm: &'static str,
    pub(super) payload: String,
    pub(super) id: String,
}

impl ClientAuth {
    /// As a client of today signs a payload.
    pub(super) fn over(payload: &[u8]) -> Self {
        Self {
            public_key: public_key_blob(false),
            algorithm: "1.2.840.113549.1.1.11",
            payload: sign_sha256(payload),
            id: sign_sha256(&utf16(&format!("{SOURCE_ID}\0"))),
        }
    }

    pub(super) fn hook(&self) -> String {
        let Self { public_key, algorithm, payload, id } = self;
        format!(
            "<Hook2 Name=\"clientauth\"><Property Name=\"AuthSenderMachine\">WKS-0042</Property>\
             <Property Name=\"PublicKey\">{public_key}</Property>\
             <Property Name=\"ClientIDSignature\">{id}</Property>\
             <Property Name=\"PayloadSignature\">{payload}</Property>\
             <Property Name=\"ClientCapabilities\">NonSSL</Property>\
             <Property Name=\"HashAlgorithm\">{algorithm}</Property></Hook2>"
        )
    }
}

pub(super) const ZLIB_HOOK: &str = "<Hook3 Name=\"zlib-compress\" />";

pub(super) fn header(endpoint: &str, hooks: &str) -> String {
    format!(
        "<Msg ReplyCompression=\"zlib\" SchemaVersion=\"1.1\"><Body Type=\"ByteRange\" Length=\"670\" Offset=\"0\" />\
         <Hooks>{hooks}</Hooks><ID>{{3F2504E0-4F89-41D3-9A0C-0305E82C3301}}</ID><Payload Type=\"inline\" />\
         <Property Name=\"FileType\" Value=\"SMX\" /><ReplyMode>Async</ReplyMode>\
         <ReplyTo>direct:WKS-0042:SccmMessaging</ReplyTo><SentTime>2025-01-02T03:04:05Z</SentTime>\
         <SourceHost>WKS-0042</SourceHost><SourceID>{SOURCE_ID}</SourceID>\
         <TargetAddress>mp:{endpoint}</TargetAddress><TargetEndpoint>{endpoint}</TargetEndpoint>\
         <TargetHost>mp1.example.test</TargetHost><Timeout>60000</Timeout></Msg>"
    )
}

/// A body of header and payload.
pub(super) fn body(header: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = format!("--{BOUNDARY}\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n").into_bytes();
    body.extend_from_slice(&[0xFF, 0xFE]);
    body.extend_from_slice(&utf16(header));
    body.extend_from_slice(
        format!("\r\n--{BOUNDARY}\r\ncontent-type: application/octet-stream\r\n\r\n").as_bytes(),
    );
    body.extend_from_slice(payload);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--").as_bytes());
    body
}

pub(super) fn request() -> HttpRequest {
    HttpRequest {
        exchange: 7,
        method: "CCM_POST".to_owned(),
        uri: "/ccm_system/request".to_owned(),
        content_type: Some(format!("multipart/mixed; boundary=\"{BOUNDARY}\"")),
        ..HttpRequest::default()
    }
}

pub(super) fn response() -> HttpResponse {
    HttpResponse { exchange: Some(7), status_code: 200, ..HttpResponse::default() }
}

/// All that a body of a request makes the reader say.
pub(super) fn said(request: &HttpRequest, bytes: &[u8], incomplete: bool) -> Events {
    let mut out = Events::new(crate::Limits::default());
    let _ = read_request(request, Body { bytes, incomplete }, Direction::ToServer, &mut out);
    out
}

/// The message in a body, and how many anomalies came with it.
pub(super) fn message_of(events: &Events) -> (CcmMessage, Vec<Anomaly>) {
    let mut messages = Vec::new();
    let mut anomalies = Vec::new();
    for (_, event) in events.said() {
        match event {
            crate::Event::Ccm(CcmEvent::Message(message)) => messages.push(message.as_ref().clone()),
            crate::Event::Anomaly(anomaly) => anomalies.push(anomaly.clone()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(messages.len(), 1);
    (messages.pop().unwrap(), anomalies)
}

/// The message in a complete body without faults.
pub(super) fn message(bytes: &[u8]) -> CcmMessage {
    let (message, anomalies) = message_of(&said(&request(), bytes, false));
    assert_eq!(anomalies, []);
    message
}
