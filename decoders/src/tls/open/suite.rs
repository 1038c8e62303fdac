//! Cipher suites whose records can be opened: all that `rustls` has, those that use the same ciphers with another key
//! exchange, which the secret that opens a connection does not depend on, and AES in CBC mode, which servers of the
//! time of RSA key exchange speak. Numbers are IANA's "TLS Cipher Suites".

use md5::Md5;
use ring::aead;
use rustls::crypto::ring::cipher_suite::{
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS13_AES_128_GCM_SHA256,
    TLS13_AES_256_GCM_SHA384,
};
use rustls::crypto::{tls12::Prf, tls13::Hkdf};
use rustls::{CipherSuite, SupportedCipherSuite};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};

/// How records are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aead(Aead),
    Cbc(Aes, Mac),
}

/// Ciphers that authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aead {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
}

impl Aead {
    pub(super) const fn algorithm(self) -> &'static aead::Algorithm {
        match self {
            Self::Aes128Gcm => &aead::AES_128_GCM,
            Self::Aes256Gcm => &aead::AES_256_GCM,
            Self::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
        }
    }
}

/// AES by the length of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aes {
    Aes128,
    Aes256,
}

impl Aes {
    /// Length of its key in bytes.
    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }
}

/// The hash of the HMAC beside a cipher that does not authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mac {
    Sha1,
    Sha256,
    Sha384,
}

impl Mac {
    /// Length of its key and of its tag in bytes.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// The hash from which keys are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// MD5 and SHA-1 together, before TLS 1.2.
    Md5Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    /// Length of a digest in bytes.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Md5Sha1 => 36,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    /// The digest of some bytes.
    pub(super) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5Sha1 => [&Md5::digest(bytes)[..], &Sha1::digest(bytes)[..]].concat(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
        }
    }

    /// What expands secrets of TLS 1.3.
    pub(super) fn hkdf(self) -> Option<&'static dyn Hkdf> {
        let suite = match self {
            Self::Md5Sha1 => return None,
            Self::Sha256 => TLS13_AES_128_GCM_SHA256,
            Self::Sha384 => TLS13_AES_256_GCM_SHA384,
        };
        suite.tls13().map(|suite| suite.hkdf_provider)
    }

    /// What expands secrets of TLS 1.2.
    pub(super) fn prf(self) -> Option<&'static dyn Prf> {
        let suite = match self {
            Self::Md5Sha1 => return None,
            Self::Sha256 => TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            Self::Sha384 => TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        };
        match suite {
            SupportedCipherSuite::Tls12(suite) => Some(suite.prf_provider),
            SupportedCipherSuite::Tls13(_) => None,
        }
    }
}

/// A cipher suite, as far as opening needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suite {
    pub(super) cipher: Cipher,
    pub(super) hash: Hash,
}

/// A suite of TLS 1.3 by its number: how it seals, and its hash.
pub(super) const fn tls13(number: u16) -> Option<(Aead, Hash)> {
    Some(match number {
        0x1301 => (Aead::Aes128Gcm, Hash::Sha256),
        0x1302 => (Aead::Aes256Gcm, Hash::Sha384),
        0x1303 => (Aead::ChaCha20Poly1305, Hash::Sha256),
        _ => return None,
    })
}

/// A suite of an older version by its number.
pub(super) const fn older(version: u16, number: u16) -> Option<Suite> {
    match (version, aead(number), cbc(number)) {
        (0x0303, Some((aead, hash)), _) => Some(Suite { cipher: Cipher::Aead(aead), hash }),
        (0x0303, _, Some((aes, mac))) => {
            let hash = if matches!(mac, Mac::Sha384) { Hash::Sha384 } else { Hash::Sha256 };
            Some(Suite { cipher: Cipher::Cbc(aes, mac), hash })
        }
        // Suites with other hashes begin with TLS 1.2.
        (0x0301 | 0x0302, _, Some((aes, mac @ Mac::Sha1))) => {
            Some(Suite { cipher: Cipher::Cbc(aes, mac), hash: Hash::Md5Sha1 })
        }
        _ => None,
    }
}

/// Suites of TLS 1.2 that authenticate (RFC 5288, 5289, 5487, 7905).
const fn aead(number: u16) -> Option<(Aead, Hash)> {
    Some(match number {
        // RSA, Diffie-Hellman and PSK in pairs of which the even one has AES-128; elliptic curves, where it is the odd.
        0x009C..=0x00AD if number.is_multiple_of(2) => (Aead::Aes128Gcm, Hash::Sha256),
        0xC02B..=0xC032 if !number.is_multiple_of(2) => (Aead::Aes128Gcm, Hash::Sha256),
        0x009C..=0x00AD | 0xC02B..=0xC032 => (Aead::Aes256Gcm, Hash::Sha384),
        0xCCA8..=0xCCAE => (Aead::ChaCha20Poly1305, Hash::Sha256),
        _ => return None,
    })
}

/// Suites with AES in CBC mode (RFC 3268, 4279, 5246, 5289, 5487, 5489, 8422).
const fn cbc(number: u16) -> Option<(Aes, Mac)> {
    Some(match number {
        0x002F..=0x0034 | 0x008C | 0x0090 | 0x0094 | 0xC004 | 0xC009 | 0xC00E | 0xC013 | 0xC018 | 0xC035 => {
            (Aes::Aes128, Mac::Sha1)
        }
        0x0035..=0x003A | 0x008D | 0x0091 | 0x0095 | 0xC005 | 0xC00A | 0xC00F | 0xC014 | 0xC019 | 0xC036 => {
            (Aes::Aes256, Mac::Sha1)
        }
        0x003C
        | 0x003E..=0x0040
        | 0x0067
        | 0x006C
        | 0x00AE
        | 0x00B2
        | 0x00B6
        | 0xC023
        | 0xC025
        | 0xC027
        | 0xC029
        | 0xC037 => (Aes::Aes128, Mac::Sha256),
        0x003D | 0x0068..=0x006B | 0x006D => (Aes::Aes256, Mac::Sha256),
        0x00AF | 0x00B3 | 0x00B7 | 0xC024 | 0xC026 | 0xC028 | 0xC02A | 0xC038 => (Aes::Aes256, Mac::Sha384),
        _ => return None,
    })
}

/// Whether a suite's key exchange is RSA, of those that can be opened: then the server's private key opens it.
pub(super) const fn is_rsa_exchange(number: u16) -> bool {
    matches!(number, 0x002F | 0x0035 | 0x003C | 0x003D | 0x009C | 0x009D)
}

/// The name of a suite in IANA's list, or its number where it has none that is known here.
#[must_use]
pub fn suite_name(number: u16) -> String {
    match CipherSuite::from(number) {
        CipherSuite::Unknown(number) => format!("{number:#06x}"),
        known => {
            known.as_str().map_or_else(|| format!("{number:#06x}"), str::to_owned).replace("TLS13_", "TLS_")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_of_rustls_can_be_opened() {
        for suite in rustls::crypto::ring::ALL_CIPHER_SUITES {
            let number = u16::from(suite.suite());
            match suite {
                SupportedCipherSuite::Tls13(suite) => {
                    let (aead, hash) = tls13(number).unwrap();
                    assert_eq!(aead.algorithm().key_len(), suite.aead_alg.key_len());
                    assert_eq!(hash.length(), suite.common.hash_provider.output_len());
                }
                SupportedCipherSuite::Tls12(suite) => {
                    let (aead, hash) = aead(number).unwrap();
                    let shape = suite.aead_alg.key_block_shape();
                    assert_eq!(aead.algorithm().key_len(), shape.enc_key_len);
                    assert_eq!(aead == Aead::ChaCha20Poly1305, shape.explicit_nonce_len == 0);
                    assert_eq!(hash.length(), suite.common.hash_provider.output_len());
                }
            }
        }
    }

    /// The tables are by number; IANA's names say the same.
    #[test]
    fn tables_agree_with_the_names_of_the_suites() {
        for number in 0..=u16::MAX {
            let name = suite_name(number);
            let has = |part: &str| name.contains(part);
            if let Some((cipher, hash)) = aead(number) {
                let named = match cipher {
                    Aead::Aes128Gcm => "_AES_128_GCM_",
                    Aead::Aes256Gcm => "_AES_256_GCM_",
                    Aead::ChaCha20Poly1305 => "_CHACHA20_POLY1305_",
                };
                assert!(has(named) && name.ends_with(&format!("SHA{}", 8 * hash.length())), "{name}");
            }
            if let Some((aes, mac)) = cbc(number) {
                let bits = 8 * aes.key_length();
                let mac =
                    if mac == Mac::Sha1 { "SHA".to_owned() } else { format!("SHA{}", 8 * mac.length()) };
                assert!(name.ends_with(&format!("_AES_{bits}_CBC_{mac}")), "{name}");
            }
            let aes = has("_AES_") && (has("_GCM_") || has("_CBC_")) || has("_CHACHA20_POLY1305_");
            // Numbers that IANA never gave, or gave to key exchanges and hashes that are not for HTTPS.
            let aside = ["OLD_", "_draft", "_RMD", "_SRP_", "_ECCPWD_", "ARIA"].iter().any(|part| has(part));
            let aside = aside || number >> 8 == 0x13;
            assert_eq!(aes && !aside, aead(number).is_some() || cbc(number).is_some(), "{name}");
            let opens = aead(number).is_some() || cbc(number).is_some();
            assert_eq!(is_rsa_exchange(number), opens && name.starts_with("TLS_RSA_WITH_"), "{name}");
        }
    }

    #[test]
    fn suites_are_called_by_name_and_the_unknown_by_number() {
        assert_eq!(suite_name(0xC014), "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
        assert_eq!(suite_name(0x1301), "TLS_AES_128_GCM_SHA256");
        assert_eq!(suite_name(0xFEAA), "0xfeaa");
    }
}
