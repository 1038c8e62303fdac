//! The key of one direction's records: opens them, one by one (RFC 8446 5.2, RFC 5288 3, RFC 7905 2). What does not
//! carry a valid tag gives nothing.

use std::fmt;

use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::block_key::BlockKey;
use super::suite::Aead;
use crate::tls::record::HEADER;

/// Bytes of a GCM nonce that stand before each record of TLS 1.2.
const EXPLICIT: usize = 8;

/// How nonces and additional data are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// TLS 1.3: the nonce counts, the header is what is authenticated.
    Tls13,
    /// TLS 1.2 with a nonce that counts.
    Counted,
    /// TLS 1.2 with a part of the nonce in the record.
    Explicit,
}

/// A key, of whatever kind.
#[derive(Debug)]
pub(super) enum RecordKey {
    Aead(Box<AeadKey>),
    Block(BlockKey),
}

impl RecordKey {
    /// Whether it is one of TLS 1.3, where the content type is inside the record.
    pub(super) fn is_tls13(&self) -> bool {
        matches!(self, Self::Aead(key) if key.shape == Shape::Tls13)
    }

    /// Opens a record's body as the one with this number, into `plain`. Where it was not sealed so, `plain` is empty
    /// and nothing is given back.
    pub(super) fn open(
        &self,
        number: u64,
        header: [u8; HEADER],
        body: &[u8],
        plain: &mut Vec<u8>,
    ) -> Option<()> {
        plain.clear();
        let opened = match self {
            Self::Aead(key) => key.open(number, header, body, plain),
            Self::Block(key) => key.open(number, header, body, plain),
        };
        if opened.is_none() {
            // What a failed opening leaves is nobody's plaintext.
            plain.clear();
        }
        opened
    }

    /// Takes note of a record that went by, opened or not.
    pub(super) fn follow(&mut self, body: &[u8]) {
        if let Self::Block(key) = self {
            key.follow(body);
        }
    }
}

/// The key of a cipher that authenticates. It prints as what it is for.
pub(super) struct AeadKey {
    shape: Shape,
    key: LessSafeKey,
    iv: [u8; NONCE_LEN],
}

impl fmt::Debug for AeadKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AeadKey({:?}, redacted)", self.shape)
    }
}

impl AeadKey {
    pub(super) fn tls13(cipher: Aead, key: &[u8], iv: &[u8]) -> Option<Self> {
        Self::new(Shape::Tls13, cipher, key, iv)
    }

    pub(super) fn tls12(cipher: Aead, key: &[u8], iv: &[u8]) -> Option<Self> {
        let shape = if cipher == Aead::ChaCha20Poly1305 { Shape::Counted } else { Shape::Explicit };
        Self::new(shape, cipher, key, iv)
    }

    fn new(shape: Shape, cipher: Aead, key: &[u8], fixed: &[u8]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(cipher.algorithm(), key).ok()?);
        let mut iv = [0; NONCE_LEN];
        iv.get_mut(..fixed.len())?.copy_from_slice(fixed);
        Some(Self { shape, key, iv })
    }

    fn open(&self, number: u64, header: [u8; HEADER], body: &[u8], plain: &mut Vec<u8>) -> Option<()> {
        let tag = self.key.algorithm().tag_len();
        let (explicit, sealed) = match self.shape {
            Shape::Explicit => body.split_at_checked(EXPLICIT)?,
            Shape::Tls13 | Shape::Counted => (&[][..], body),
        };
        let length = sealed.len().checked_sub(tag)?;
        plain.extend_from_slice(sealed);
        let nonce = Nonce::assume_unique_for_key(self.nonce(number, explicit));
        let opened = if self.shape == Shape::Tls13 {
            self.key.open_in_place(nonce, Aad::from(header), plain)
        } else {
            let [content, major, minor, ..] = header;
            let mut aad = [0; 8 + HEADER];
            let [high, low] = u16::try_from(length).ok()?.to_be_bytes();
            let (before, after) = aad.split_at_mut(8);
            before.copy_from_slice(&number.to_be_bytes());
            after.copy_from_slice(&[content, major, minor, high, low]);
            self.key.open_in_place(nonce, Aad::from(aad), plain)
        };
        opened.ok()?;
        plain.truncate(length);
        Some(())
    }

    /// The nonce of a record: its number over the IV, or the record's own part after the fixed one.
    fn nonce(&self, number: u64, explicit: &[u8]) -> [u8; NONCE_LEN] {
        let mut nonce = self.iv;
        let (_, last) = nonce.split_at_mut(NONCE_LEN - EXPLICIT);
        if self.shape == Shape::Explicit {
            last.copy_from_slice(explicit);
        } else {
            last.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, part)| *byte ^= part);
        }
        nonce
    }
}
