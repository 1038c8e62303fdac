//! Cipher suites whose records can be opened: all that `rustls` has, and those that use the same ciphers with another
//! key exchange, which the secret that opens a connection does not depend on. Numbers are IANA's "TLS Cipher Suites".

use ring::aead;
use rustls::crypto::ring::cipher_suite::{
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS13_AES_128_GCM_SHA256,
    TLS13_AES_256_GCM_SHA384,
};
use rustls::crypto::{tls12::Prf, tls13::Hkdf};
use rustls::{CipherSuite, SupportedCipherSuite};
use sha2::{Digest, Sha256, Sha384};

/// How records are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
}

impl Cipher {
    pub(super) const fn algorithm(self) -> &'static aead::Algorithm {
        match self {
            Self::Aes128Gcm => &aead::AES_128_GCM,
            Self::Aes256Gcm => &aead::AES_256_GCM,
            Self::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
        }
    }
}

/// The hash from which keys are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
}

impl Hash {
    /// Length of a digest in bytes.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    /// The digest of some bytes.
    pub(super) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
        }
    }

    /// What expands secrets of TLS 1.3.
    pub(super) fn hkdf(self) -> Option<&'static dyn Hkdf> {
        let suite = match self {
            Self::Sha256 => TLS13_AES_128_GCM_SHA256,
            Self::Sha384 => TLS13_AES_256_GCM_SHA384,
        };
        suite.tls13().map(|suite| suite.hkdf_provider)
    }

    /// What expands secrets of TLS 1.2.
    pub(super) fn prf(self) -> Option<&'static dyn Prf> {
        let suite = match self {
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

/// A suite of TLS 1.3 by its number.
pub(super) const fn tls13(number: u16) -> Option<Suite> {
    let (cipher, hash) = match number {
        0x1301 => (Cipher::Aes128Gcm, Hash::Sha256),
        0x1302 => (Cipher::Aes256Gcm, Hash::Sha384),
        0x1303 => (Cipher::ChaCha20Poly1305, Hash::Sha256),
        _ => return None,
    };
    Some(Suite { cipher, hash })
}

/// A suite of TLS 1.2 by its number (RFC 5288, 5289, 5487, 7905, 8442).
pub(super) const fn tls12(number: u16) -> Option<Suite> {
    let (cipher, hash) = match number {
        // Of each pair the even or odd one has AES-128: RSA to anonymous, then PSK, begin at even numbers.
        0x009C | 0x009E | 0x00A0 | 0x00A2 | 0x00A4 | 0x00A6 | 0x00A8 | 0x00AA | 0x00AC => {
            (Cipher::Aes128Gcm, Hash::Sha256)
        }
        0x009D | 0x009F | 0x00A1 | 0x00A3 | 0x00A5 | 0x00A7 | 0x00A9 | 0x00AB | 0x00AD => {
            (Cipher::Aes256Gcm, Hash::Sha384)
        }
        0xC02B | 0xC02D | 0xC02F | 0xC031 | 0xD001 => (Cipher::Aes128Gcm, Hash::Sha256),
        0xC02C | 0xC02E | 0xC030 | 0xC032 | 0xD002 => (Cipher::Aes256Gcm, Hash::Sha384),
        0xCCA8..=0xCCAE => (Cipher::ChaCha20Poly1305, Hash::Sha256),
        _ => return None,
    };
    Some(Suite { cipher, hash })
}

/// Whether a suite's key exchange is RSA: then the server's private key opens it.
pub(super) const fn is_rsa_exchange(number: u16) -> bool {
    // NULL, RC4, DES and AES of the first documents, AES with SHA-256, Camellia, GCM, CCM.
    matches!(
        number,
        0x0001 | 0x0002 | 0x0004 | 0x0005 | 0x0007 | 0x0009 | 0x000A | 0x002F | 0x0035 | 0x003B
            ..=0x003D
                | 0x0041
                | 0x0084
                | 0x0096
                | 0x009C
                | 0x009D
                | 0x00BA
                | 0x00C0
                | 0xC09C
                | 0xC09D
                | 0xC0A0
                | 0xC0A1
    )
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
                    let ours = tls13(number).unwrap();
                    assert_eq!(ours.cipher.algorithm().key_len(), suite.aead_alg.key_len());
                    assert_eq!(ours.hash.length(), suite.common.hash_provider.output_len());
                }
                SupportedCipherSuite::Tls12(suite) => {
                    let ours = tls12(number).unwrap();
                    let shape = suite.aead_alg.key_block_shape();
                    assert_eq!(ours.cipher.algorithm().key_len(), shape.enc_key_len);
                    assert_eq!(ours.cipher == Cipher::ChaCha20Poly1305, shape.explicit_nonce_len == 0);
                    assert_eq!(ours.hash.length(), suite.common.hash_provider.output_len());
                }
            }
        }
    }

    #[test]
    fn suites_are_called_by_name_and_the_unknown_by_number() {
        assert_eq!(suite_name(0xC014), "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
        assert_eq!(suite_name(0x1301), "TLS_AES_128_GCM_SHA256");
        assert_eq!(suite_name(0xFEAA), "0xfeaa");
    }
}
