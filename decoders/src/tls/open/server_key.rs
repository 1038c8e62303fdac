//! A server's RSA private key: opens the premaster secret where the key exchange is RSA (RFC 5246 7.4.7.1), as it is
//! nowhere else. Nothing is signed, and nobody outside can see how long it takes.

use std::fmt;

use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};

use super::keylog::MASTER;
use super::secret::Secret;
use crate::text::lossy;

/// Why a file is not a private key that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerKeyError {
    /// It holds no PEM block of a private key.
    #[error("no private key in PEM form (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`)")]
    NoKey,
    /// It is protected by a password.
    #[error("the private key is encrypted; decrypt it first, for example with `openssl pkey`")]
    Encrypted,
    /// It is a key of another kind: only RSA key exchange can be opened with a server's key.
    #[error("the private key is not RSA: only RSA key exchange can be opened with a server's key")]
    NotRsa,
    /// It is damaged.
    #[error("the private key cannot be read: {0}")]
    Damaged(String),
}

/// A private key. It prints as its length.
#[derive(Clone)]
pub(super) struct ServerKey(RsaPrivateKey);

impl fmt::Debug for ServerKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ServerKey(RSA-{}, redacted)", self.0.size() * 8)
    }
}

impl ServerKey {
    /// Reads a PEM file, PKCS #8 or PKCS #1; certificates beside the key do no harm.
    pub(super) fn read(pem: &[u8]) -> Result<Self, ServerKeyError> {
        let text = lossy(pem);
        let block = |label: &str| {
            let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
            let from = text.find(&begin)?;
            let length = text.get(from..)?.find(&end)? + end.len();
            text.get(from..from + length)
        };
        let damaged = |error: &dyn fmt::Display| ServerKeyError::Damaged(error.to_string());
        let key = if block("ENCRYPTED PRIVATE KEY").is_some() {
            return Err(ServerKeyError::Encrypted);
        } else if let Some(pem) = block("PRIVATE KEY") {
            RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| match error {
                rsa::pkcs8::Error::PublicKey(_) => ServerKeyError::NotRsa,
                error => damaged(&error),
            })?
        } else if let Some(pem) = block("RSA PRIVATE KEY") {
            if pem.contains("Proc-Type: 4,ENCRYPTED") {
                return Err(ServerKeyError::Encrypted);
            }
            RsaPrivateKey::from_pkcs1_pem(pem).map_err(|error| damaged(&error))?
        } else if block("EC PRIVATE KEY").is_some() {
            return Err(ServerKeyError::NotRsa);
        } else {
            return Err(ServerKeyError::NoKey);
        };
        Ok(Self(key))
    }

    /// The premaster secret that a client encrypted, if it was for this key. It begins with the version that the
    /// client offered at most.
    pub(super) fn premaster(&self, encrypted: &[u8]) -> Option<Secret> {
        if encrypted.len() != self.0.size() {
            return None;
        }
        let secret = Secret::new(self.0.decrypt(Pkcs1v15Encrypt, encrypted).ok()?);
        (secret.bytes().len() == MASTER && secret.bytes().first() == Some(&3)).then_some(secret)
    }
}
