//! The key of one direction's records under AES in CBC mode: authenticated then encrypted (RFC 5246 6.2.3.2), or
//! encrypted then authenticated (RFC 7366). A record whose MAC does not fit gives nothing.

use std::fmt;

use aes::{Aes128, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockDecryptMut, KeyIvInit};
use hmac::SimpleHmac;
use hmac::digest::KeyInit;
use sha1::Sha1;
use sha2::{Sha256, Sha384};

use super::secret::Secret;
use super::suite::Mac;
use crate::tls::record::HEADER;

/// Length of a block of AES, and of an IV.
pub(super) const BLOCK: usize = 16;

/// A key. It prints as what it is for.
pub(super) struct BlockKey {
    mac: Mac,
    mac_key: Secret,
    key: Secret,
    /// TLS 1.0: the last block that went by. Later versions put an IV before each record.
    chained: Option<[u8; BLOCK]>,
    encrypted_first: bool,
}

impl fmt::Debug for BlockKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "BlockKey({:?}, redacted)", self.mac)
    }
}

impl BlockKey {
    /// A key; `iv` is empty where each record has its own.
    pub(super) fn new(
        (mac, mac_key): (Mac, &[u8]),
        key: &[u8],
        iv: &[u8],
        encrypted_first: bool,
    ) -> Option<Self> {
        let secret = |bytes: &[u8]| Secret::new(bytes.to_vec());
        let chained = if iv.is_empty() { None } else { Some(iv.try_into().ok()?) };
        Some(Self { mac, mac_key: secret(mac_key), key: secret(key), chained, encrypted_first })
    }

    /// Remembers the end of a record: in TLS 1.0 it is the IV of the next.
    pub(super) fn follow(&mut self, body: &[u8]) {
        let tag = if self.encrypted_first { self.mac.length() } else { 0 };
        let ciphered = body.get(..body.len().saturating_sub(tag));
        let last = ciphered.and_then(|ciphered| ciphered.last_chunk::<BLOCK>());
        if let (Some(chained), Some(last)) = (&mut self.chained, last) {
            *chained = *last;
        }
    }

    /// Opens a record's body as the one with this number, into `plain`, which holds nothing of use where that fails.
    pub(super) fn open(
        &self,
        number: u64,
        header: [u8; HEADER],
        body: &[u8],
        plain: &mut Vec<u8>,
    ) -> Option<()> {
        let mut ciphered = body;
        if self.encrypted_first {
            let (sealed, tag) = body.split_at_checked(body.len().checked_sub(self.mac.length())?)?;
            self.verify(number, header, sealed, tag)?;
            ciphered = sealed;
        }
        let iv = if let Some(iv) = self.chained {
            iv
        } else {
            let (iv, rest) = ciphered.split_first_chunk::<BLOCK>()?;
            ciphered = rest;
            *iv
        };
        if ciphered.is_empty() || !ciphered.len().is_multiple_of(BLOCK) {
            return None;
        }
        plain.extend_from_slice(ciphered);
        self.decrypt(iv, plain)?;
        // The last byte says how many bytes of the same value stand before it.
        let padding = *plain.last()?;
        let length = plain.len().checked_sub(usize::from(padding) + 1)?;
        if plain.get(length..)?.iter().any(|byte| *byte != padding) {
            return None;
        }
        plain.truncate(length);
        if !self.encrypted_first {
            let (content, tag) = plain.split_at_checked(length.checked_sub(self.mac.length())?)?;
            self.verify(number, header, content, tag)?;
            plain.truncate(length - self.mac.length());
        }
        Some(())
    }

    fn decrypt(&self, iv: [u8; BLOCK], blocks: &mut [u8]) -> Option<()> {
        let key = self.key.bytes();
        if key.len() == BLOCK {
            let cipher = Decryptor::<Aes128>::new_from_slices(key, &iv).ok()?;
            cipher.decrypt_padded_mut::<NoPadding>(blocks).ok()?;
        } else {
            let cipher = Decryptor::<Aes256>::new_from_slices(key, &iv).ok()?;
            cipher.decrypt_padded_mut::<NoPadding>(blocks).ok()?;
        }
        Some(())
    }

    fn verify(&self, number: u64, header: [u8; HEADER], sealed: &[u8], tag: &[u8]) -> Option<()> {
        match self.mac {
            Mac::Sha1 => self.verify_with::<SimpleHmac<Sha1>>(number, header, sealed, tag),
            Mac::Sha256 => self.verify_with::<SimpleHmac<Sha256>>(number, header, sealed, tag),
            Mac::Sha384 => self.verify_with::<SimpleHmac<Sha384>>(number, header, sealed, tag),
        }
    }

    /// The MAC is over number, content type, version and length of what it protects, then that (RFC 5246 6.2.3.1).
    fn verify_with<M: KeyInit + hmac::Mac>(
        &self,
        number: u64,
        [content, major, minor, ..]: [u8; HEADER],
        sealed: &[u8],
        tag: &[u8],
    ) -> Option<()> {
        let mut mac = <M as KeyInit>::new_from_slice(self.mac_key.bytes()).ok()?;
        mac.update(&number.to_be_bytes());
        mac.update(&[content, major, minor]);
        mac.update(&u16::try_from(sealed.len()).ok()?.to_be_bytes());
        mac.update(sealed);
        mac.verify_slice(tag).ok()
    }
}
