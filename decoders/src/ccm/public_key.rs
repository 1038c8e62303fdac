//! RSA public keys as messages carry them: CryptoAPI PUBLICKEYBLOB, and SubjectPublicKeyInfo of certificates.
//!
//! Only public keys; nothing here can sign or decrypt.

use rsa::pkcs8::EncodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPublicKey};
use sha2::{Digest, Sha256};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::reader::Reader;
use crate::text::hex;

/// Modulus lengths that are looked at, in bits: below is no key, above only costs time.
const BITS: std::ops::RangeInclusive<usize> = 512..=16_384;

/// A public key under all readings that its bytes allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The key, in the order of bytes that the format demands first.
    readings: Vec<RsaPublicKey>,
}

impl Key {
    /// A PUBLICKEYBLOB: header, `RSA1`, bit length, exponent, modulus. The modulus is little-endian; some senders
    /// leave it big-endian, so both readings are kept.
    pub(super) fn from_blob(blob: &[u8]) -> Option<Self> {
        let mut reader = Reader::new("ccm", blob);
        let kind = reader.array::<4>("blob header").ok()?;
        reader.skip("algorithm", 4).ok()?;
        let magic = reader.array::<4>("magic").ok()?;
        let bits = usize::try_from(reader.u32_le("bit length").ok()?).ok()?;
        let exponent = reader.u32_le("exponent").ok()?;
        if kind.first() != Some(&0x06) || &magic != b"RSA1" || !BITS.contains(&bits) {
            return None;
        }
        let modulus = reader.take("modulus", bits.div_ceil(8)).ok()?;
        let exponent = BigUint::from(exponent);
        let readings = [BigUint::from_bytes_le(modulus), BigUint::from_bytes_be(modulus)];
        Self::from_readings(readings.into_iter().map(|modulus| (modulus, exponent.clone())))
    }

    /// The key of a certificate.
    pub(super) fn from_info(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let PublicKey::RSA(key) = info.parsed().ok()? else { return None };
        let modulus = BigUint::from_bytes_be(key.modulus);
        Self::from_readings([(modulus, BigUint::from_bytes_be(key.exponent))].into_iter())
    }

    fn from_readings(readings: impl Iterator<Item = (BigUint, BigUint)>) -> Option<Self> {
        let (_, most) = BITS.into_inner();
        let key = |(n, e): (BigUint, BigUint)| {
            BITS.contains(&n.bits()).then(|| RsaPublicKey::new_with_max_size(n, e, most).ok()).flatten()
        };
        let readings: Vec<_> = readings.filter_map(key).collect();
        (!readings.is_empty()).then_some(Self { readings })
    }

    /// Its readings, the likeliest first.
    pub(super) fn readings(&self) -> &[RsaPublicKey] {
        &self.readings
    }

    /// The reading to speak of where none has verified anything.
    pub(super) fn first(&self) -> Option<&RsaPublicKey> {
        self.readings.first()
    }
}

/// SHA-256 of the key as SubjectPublicKeyInfo, in hex, as certificates carry it. `None` where it is beyond DER.
pub(super) fn key_id(key: &RsaPublicKey) -> Option<String> {
    key.to_public_key_der().ok().map(|info| hex(&Sha256::digest(info.as_bytes())))
}

/// Modulus length in bits.
pub(super) fn bits(key: &RsaPublicKey) -> Option<u32> {
    u32::try_from(key.n().bits()).ok()
}

/// Bytes of hex in either case; white space between digits is passed over.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let digits: Option<Vec<u8>> =
        digits.map(|byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}
