//! HTTP inside TLS 1.3 with AES-128-GCM, sealed here under secrets made up here, so that a key log can be written beside.
//! The handshake is as short as one can be; nobody verified it.

use std::fmt::Write;
use std::time::{Duration, Instant};

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk};

use crate::generate::Dice;
use crate::talks::Talk;

/// The most that one record carries.
const RECORD: usize = 1 << 14;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;
const PORT: u16 = 443;

/// What sealing leaves beside the talks.
#[derive(Default)]
pub(crate) struct Ledger {
    /// A key log of all connections.
    pub(crate) keys: String,
    /// Bytes that went through.
    pub(crate) plain: u64,
    /// What it took to open each record once more: the cipher's own cost.
    pub(crate) opening: Duration,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label (RFC 8446 7.1).
fn expand(secret: &[u8], label: &str, length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    let whole = [b"tls13 ", label.as_bytes()].concat();
    let head = [0, length as u8, whole.len() as u8];
    let info = [&head[..], &whole, &[0]];
    let prk = Prk::new_less_safe(HKDF_SHA256, secret);
    prk.expand(&info, Length(length)).and_then(|okm| okm.fill(&mut out)).expect("lengths are those of keys");
    out
}

/// Seals the records of one direction.
struct Sealer {
    key: LessSafeKey,
    iv: Vec<u8>,
    number: u64,
}

impl Sealer {
    fn new(secret: &[u8]) -> Self {
        let key = UnboundKey::new(&AES_128_GCM, &expand(secret, "key", 16)).expect("a key of its length");
        Self { key: LessSafeKey::new(key), iv: expand(secret, "iv", NONCE_LEN), number: 0 }
    }

    fn nonce(&self) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[4..].copy_from_slice(&self.number.to_be_bytes());
        nonce.iter_mut().zip(&self.iv).for_each(|(byte, part)| *byte ^= part);
        Nonce::assume_unique_for_key(nonce)
    }

    fn record(&mut self, kind: u8, plain: &[u8], ledger: &mut Ledger) -> Vec<u8> {
        let mut body = [plain, &[kind]].concat();
        let [high, low] = ((body.len() + 16) as u16).to_be_bytes();
        let header = [DATA, 3, 3, high, low];
        self.key.seal_in_place_append_tag(self.nonce(), Aad::from(header), &mut body).expect("sealed");
        let mut again = body.clone();
        let begin = Instant::now();
        self.key.open_in_place(self.nonce(), Aad::from(header), &mut again).expect("sealed a moment ago");
        ledger.opening += begin.elapsed();
        self.number += 1;
        [&header[..], &body].concat()
    }

    fn records(&mut self, kind: u8, plain: &[u8], ledger: &mut Ledger) -> Vec<u8> {
        plain.chunks(RECORD).flat_map(|part| self.record(kind, part, ledger)).collect()
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0, (body.len() >> 8) as u8, body.len() as u8], body].concat()
}

fn hello(kind: u8, random: &[u8], rest: &[u8]) -> Vec<u8> {
    let hello = message(kind, &[&[3, 3], random, &[0], rest].concat());
    [&[HANDSHAKE, 3, 3, 0, hello.len() as u8], &hello[..]].concat()
}

/// The same talk through TLS.
pub(crate) fn seal(talk: &Talk, dice: &mut Dice, ledger: &mut Ledger) -> Talk {
    let mut bytes = || -> Vec<u8> { (0..32).map(|_| dice.next(256) as u8).collect() };
    let (random, answer) = (bytes(), bytes());
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let mut secret = |label: &str| {
        let secret = bytes();
        writeln!(ledger.keys, "{label} {} {}", hex(&random), hex(&secret)).expect("text grows");
        Sealer::new(&secret)
    };
    let mut handshake =
        [secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET"), secret("SERVER_HANDSHAKE_TRAFFIC_SECRET")];
    let mut traffic = [secret("CLIENT_TRAFFIC_SECRET_0"), secret("SERVER_TRAFFIC_SECRET_0")];
    let finished = message(20, &[0; 32]);
    // One suite, no compression, supported_versions.
    let client = hello(1, &random, &[0, 2, 0x13, 1, 1, 0, 0, 7, 0, 43, 0, 3, 2, 3, 4]);
    let flight = [message(8, &[0, 0]), finished.clone()].concat();
    let server = [
        hello(2, &answer, &[0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4]),
        handshake[1].records(HANDSHAKE, &flight, ledger),
    ]
    .concat();
    let mut sealed = Talk::tcp(PORT).say(0, client).say(1, server);
    let mut first = handshake[0].records(HANDSHAKE, &finished, ledger);
    for (way, said) in &talk.messages {
        ledger.plain += said.len() as u64;
        let records = traffic[*way].records(DATA, said, ledger);
        let records = if *way == 0 { [std::mem::take(&mut first), records].concat() } else { records };
        sealed = sealed.say(*way, records);
    }
    sealed
}
