//! From a connection's secret to the keys of its records: HKDF labels of TLS 1.3 (RFC 8446 7.1, 7.3) and the key block
//! of older versions (RFC 5246 6.3, RFC 2246 5). It knows neither records nor where secrets come from.

use hmac::SimpleHmac;
use hmac::digest::KeyInit;
use md5::Md5;
use ring::aead::NONCE_LEN;
use rustls::crypto::tls13::OkmBlock;
use sha1::Sha1;

use super::block_key::{BLOCK, BlockKey};
use super::keylog::MASTER;
use super::record_key::{AeadKey, RecordKey};
use super::secret::Secret;
use super::suite::{Aead, Cipher, Hash, Suite};

/// What every label of TLS 1.3 begins with.
const PREFIX: &[u8] = b"tls13 ";
/// Bytes of the key block that are the fixed part of a GCM nonce (RFC 5288 3).
const SALT: usize = 4;
/// TLS 1.0, where a record's IV is the end of the record before.
const TLS10: u16 = 0x0301;

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
pub(super) fn tls13((aead, hash): (Aead, Hash), secret: &Secret) -> Option<RecordKey> {
    let key = expand_label(hash, secret, b"key", aead.algorithm().key_len())?;
    let iv = expand_label(hash, secret, b"iv", NONCE_LEN)?;
    AeadKey::tls13(aead, key.bytes(), iv.bytes()).map(|key| RecordKey::Aead(Box::new(key)))
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

/// The key of one side's records from the master secret. `etm` where both sides agreed to encrypt first and then
/// authenticate (RFC 7366).
pub(super) fn older(
    (version, suite): (u16, Suite),
    master: &Secret,
    randoms: Randoms,
    (client, etm): (bool, bool),
) -> Option<RecordKey> {
    // A key for the MAC, a key for the cipher, an IV; of each the client's first.
    let [mac, key, iv] = match suite.cipher {
        Cipher::Aead(aead @ Aead::ChaCha20Poly1305) => [0, aead.algorithm().key_len(), NONCE_LEN],
        Cipher::Aead(aead) => [0, aead.algorithm().key_len(), SALT],
        Cipher::Cbc(aes, mac) => [mac.length(), aes.key_length(), if version == TLS10 { BLOCK } else { 0 }],
    };
    let seed = [randoms.server, randoms.client].concat();
    let block = Secret::filled(2 * (mac + key + iv), |out| {
        prf(suite.hash, out, master, b"key expansion", &seed);
    });
    let mut rest = block.bytes();
    let mut next = |length: usize| {
        let (both, after) = rest.split_at_checked(2 * length)?;
        rest = after;
        let (clients, servers) = both.split_at_checked(length)?;
        Some(if client { clients } else { servers })
    };
    let (mac_key, key, iv) = (next(mac)?, next(key)?, next(iv)?);
    match suite.cipher {
        Cipher::Aead(aead) => AeadKey::tls12(aead, key, iv).map(|key| RecordKey::Aead(Box::new(key))),
        Cipher::Cbc(_, mac) => BlockKey::new((mac, mac_key), key, iv, etm).map(RecordKey::Block),
    }
}

/// The master secret from a premaster secret: of the two randoms, or of the handshake's hash where both sides said
/// extended_master_secret (RFC 7627 4).
pub(super) fn master(hash: Hash, premaster: &Secret, randoms: Randoms, session: Option<&[u8]>) -> Secret {
    Secret::filled(MASTER, |out| match session {
        Some(session) => prf(hash, out, premaster, b"extended master secret", session),
        None => prf(hash, out, premaster, b"master secret", &[randoms.client, randoms.server].concat()),
    })
}

/// The pseudorandom function: that of TLS 1.2, or before it those of MD5 and SHA-1 over one another, each with half of
/// the secret (RFC 2246 5).
fn prf(hash: Hash, out: &mut [u8], secret: &Secret, label: &[u8], seed: &[u8]) {
    if let Some(prf) = hash.prf() {
        return prf.for_secret(out, secret.bytes(), label, seed);
    }
    let secret = secret.bytes();
    let half = secret.len().div_ceil(2);
    let (first, second) = (secret.get(..half), secret.get(secret.len() - half..));
    let seed = [label, seed].concat();
    p_hash::<SimpleHmac<Md5>>(first.unwrap_or_default(), &seed, out);
    p_hash::<SimpleHmac<Sha1>>(second.unwrap_or_default(), &seed, out);
}

/// P_hash (RFC 2246 5), laid over what is there.
fn p_hash<M: KeyInit + hmac::Mac>(secret: &[u8], seed: &[u8], out: &mut [u8]) {
    let hmac = |parts: &[&[u8]]| {
        let mut mac = <M as KeyInit>::new_from_slice(secret).ok()?;
        for part in parts {
            mac.update(part);
        }
        Some(mac.finalize().into_bytes().to_vec())
    };
    let mut chain = hmac(&[seed]).unwrap_or_default();
    let length = chain.len().max(1);
    for piece in out.chunks_mut(length) {
        let laid = hmac(&[&chain, seed]).unwrap_or_default();
        piece.iter_mut().zip(laid).for_each(|(byte, over)| *byte ^= over);
        chain = hmac(&[&chain]).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Vec<u8> {
        let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
        let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
        digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
    }

    /// RFC 8448, 3: the server's handshake traffic secret and what is made of it.
    #[test]
    fn keys_are_those_of_the_example_handshake() {
        let secret = Secret::new(hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
        let key = expand_label(Hash::Sha256, &secret, b"key", 16).unwrap();
        assert_eq!(key.bytes(), hex("3fce516009c21727d0f2e4e86ee403bc"));
        let iv = expand_label(Hash::Sha256, &secret, b"iv", 12).unwrap();
        assert_eq!(iv.bytes(), hex("5d313eb2671276ee13000b30"));
    }

    /// A secret of another hash's length makes no key.
    #[test]
    fn secret_of_another_length_is_refused() {
        assert!(expand_label(Hash::Sha384, &Secret::new(vec![1; 32]), b"key", 32).is_none());
        assert!(expand_label(Hash::Md5Sha1, &Secret::new(vec![1; 36]), b"key", 16).is_none());
    }

    /// The halves of a secret of odd length share a byte (RFC 2246 5).
    #[test]
    fn halves_of_an_odd_secret_overlap() {
        let mut ours = [0; 40];
        prf(Hash::Md5Sha1, &mut ours, &Secret::new(vec![1, 2, 3]), b"label", b"seed");
        let mut laid = [0; 40];
        p_hash::<SimpleHmac<Md5>>(&[1, 2], b"labelseed", &mut laid);
        p_hash::<SimpleHmac<Sha1>>(&[2, 3], b"labelseed", &mut laid);
        assert_eq!(ours, laid);
    }
}
