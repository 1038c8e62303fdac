//! From a connection's secret to the keys of its records: HKDF labels of TLS 1.3 (RFC 8446 7.1, 7.3) and the key block
//! of TLS 1.2 (RFC 5246 6.3). It knows neither records nor where secrets come from.

use ring::aead::NONCE_LEN;
use rustls::crypto::tls13::OkmBlock;

use super::record_key::RecordKey;
use super::secret::Secret;
use super::suite::{Cipher, Hash, Suite};

/// What every label of TLS 1.3 begins with.
const PREFIX: &[u8] = b"tls13 ";
/// Bytes of the key block that are the fixed part of a GCM nonce (RFC 5288 3).
const SALT: usize = 4;

/// HKDF-Expand-Label with an empty context.
fn expand_label(hash: Hash, secret: &Secret, label: &[u8], length: usize) -> Option<Secret> {
    if secret.bytes().len() != hash.length() {
        return None;
    }
    let expander = hash.hkdf()?.expander_for_okm(&OkmBlock::new(secret.bytes()));
    let lengths = (u16::try_from(length).ok()?, u8::try_from(PREFIX.len() + label.len()).ok()?);
    let info = [&lengths.0.to_be_bytes()[..], &[lengths.1], PREFIX, label, &[0]];
    let mut whole = true;
    let okm = Secret::filled(length, |out| whole = expander.expand_slice(&info, out).is_ok());
    whole.then_some(okm)
}

/// The key of one direction's records from its traffic secret.
pub(super) fn tls13(suite: Suite, secret: &Secret) -> Option<RecordKey> {
    let key = expand_label(suite.hash, secret, b"key", suite.cipher.algorithm().key_len())?;
    let iv = expand_label(suite.hash, secret, b"iv", NONCE_LEN)?;
    RecordKey::tls13(suite.cipher, key.bytes(), iv.bytes())
}

/// The traffic secret that follows a KeyUpdate (RFC 8446 7.2).
pub(super) fn next_generation(hash: Hash, secret: &Secret) -> Option<Secret> {
    expand_label(hash, secret, b"traffic upd", hash.length())
}

/// The two randoms of a handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Randoms {
    pub(super) client: [u8; 32],
    pub(super) server: [u8; 32],
}

impl Randoms {
    fn client_first(self) -> Vec<u8> {
        [self.client, self.server].concat()
    }

    fn server_first(self) -> Vec<u8> {
        [self.server, self.client].concat()
    }
}

/// The key of one side's records from the master secret.
pub(super) fn tls12(suite: Suite, master: &Secret, randoms: Randoms, client: bool) -> Option<RecordKey> {
    let prf = suite.hash.prf()?;
    let key = suite.cipher.algorithm().key_len();
    let iv = if suite.cipher == Cipher::ChaCha20Poly1305 { NONCE_LEN } else { SALT };
    let block = Secret::filled(2 * (key + iv), |out| {
        prf.for_secret(out, master.bytes(), b"key expansion", &randoms.server_first());
    });
    // Client's key, server's key, client's IV, server's IV.
    let (keys, ivs) = block.bytes().split_at_checked(2 * key)?;
    let side = |both: &'_ [u8], length: usize| {
        let (clients, servers) = both.split_at_checked(length)?;
        Some(if client { clients.to_vec() } else { servers.to_vec() })
    };
    let (key, iv) = (Secret::new(side(keys, key)?), Secret::new(side(ivs, iv)?));
    RecordKey::tls12(suite.cipher, key.bytes(), iv.bytes())
}

/// The master secret from a premaster secret: of the two randoms, or of the handshake's hash where both sides said
/// extended_master_secret (RFC 7627 4).
pub(super) fn master(
    hash: Hash,
    premaster: &Secret,
    randoms: Randoms,
    session: Option<&[u8]>,
) -> Option<Secret> {
    let prf = hash.prf()?;
    Some(Secret::filled(super::keylog::MASTER, |out| match session {
        Some(hash) => prf.for_secret(out, premaster.bytes(), b"extended master secret", hash),
        None => prf.for_secret(out, premaster.bytes(), b"master secret", &randoms.client_first()),
    }))
}
