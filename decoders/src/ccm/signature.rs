//! Verification of clients' signatures: RSASSA-PKCS1-v1_5 (RFC 8017 8.2), little-endian, in hex.
//!
//! A verdict of `Valid` says that the bytes sent and the key sent along belong together. Whether the key is the
//! client's is for rules to find out, by comparing key identifiers with registrations.

use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::event::{Hash, Signature, Verdict};
use super::public_key::{Key, bits, from_hex, key_id};

/// Why the absence or presence of a signature says nothing.
pub(super) const INCOMPLETE: &str = "body incomplete";
/// The signature covers the plaintext.
pub(super) const ENCRYPTED: &str = "payload encrypted";
/// There is nothing to verify with.
pub(super) const NO_KEY: &str = "no public key";
/// The header could not be read to its end.
pub(super) const NO_HEADER: &str = "header unreadable";
/// There is no payload that it could cover.
pub(super) const NO_PAYLOAD: &str = "no payload";
/// MD5 is named, and is not computed here.
const MD5: &str = "hash algorithm md5";

/// A signature as it was sent, with what it needs. Never leaves this module but as a verdict.
pub(super) struct Claim<'a> {
    /// The signature in hex.
    pub(super) value: Option<&'a str>,
    /// The key sent along.
    pub(super) key: Option<&'a Key>,
    /// `HashAlgorithm`, an object identifier.
    pub(super) hash_algorithm: Option<&'a str>,
}

impl Claim<'_> {
    fn is_absent(&self) -> bool {
        self.value.is_none_or(|value| value.trim().is_empty())
    }

    /// All that can be said without a verification.
    fn describe(&self, verdict: Verdict) -> Signature {
        let key = self.key.and_then(Key::first).filter(|_| !self.is_absent());
        Signature {
            verdict,
            hash_algorithm: self.hash_algorithm.map(str::to_owned).filter(|_| !self.is_absent()),
            hash: self.hash_algorithm.and_then(named_hash).filter(|_| !self.is_absent()),
            key_bits: key.and_then(bits),
            key_id: key.and_then(key_id),
        }
    }

    /// A signature that cannot be verified; one that is not there stays absent.
    pub(super) fn not_verifiable(&self, why: &'static str) -> Signature {
        self.describe(if self.is_absent() { Verdict::Absent } else { Verdict::NotVerifiable(why) })
    }

    /// What signs it was not seen: neither presence nor absence follows.
    pub(super) fn unseen(&self, why: &'static str) -> Signature {
        self.describe(Verdict::NotVerifiable(why))
    }

    /// Verifies over bytes. Several candidates are variants of one text that senders disagree about.
    pub(super) fn verify(&self, candidates: &[&[u8]]) -> Signature {
        if self.is_absent() {
            return self.describe(Verdict::Absent);
        }
        let Some(key) = self.key else {
            return self.describe(Verdict::NotVerifiable(NO_KEY));
        };
        let Some(signature) = self.value.and_then(from_hex).map(big_endian) else {
            return self.describe(Verdict::Invalid);
        };
        let named = self.hash_algorithm.and_then(named_hash);
        for key in key.readings() {
            let Some(block) = open(key, &signature) else { continue };
            if let Some((hash, digest_info)) = hash_in(&block, named, candidates, key, &signature) {
                return Signature {
                    verdict: Verdict::Valid { digest_info },
                    hash_algorithm: self.hash_algorithm.map(str::to_owned),
                    hash: Some(hash),
                    key_bits: bits(key),
                    key_id: key_id(key),
                };
            }
        }
        self.describe(if named == Some(Hash::Md5) { Verdict::NotVerifiable(MD5) } else { Verdict::Invalid })
    }
}

/// CryptoAPI writes signatures with the least significant byte first.
fn big_endian(mut signature: Vec<u8>) -> Vec<u8> {
    signature.reverse();
    signature
}

/// The padded block in a signature. It only tells which hash is worth verifying: one exponentiation a key instead of
/// one for each hash and form. The verdict is [`verifies`]'.
fn open(key: &RsaPublicKey, signature: &[u8]) -> Option<Vec<u8>> {
    let value = BigUint::from_bytes_be(signature);
    (signature.len() == key.size() && value < *key.n()).then(|| value.modpow(key.e(), key.n()).to_bytes_be())
}

/// The hash that verifies, and whether the block names it.
fn hash_in(
    block: &[u8],
    named: Option<Hash>,
    candidates: &[&[u8]],
    key: &RsaPublicKey,
    signature: &[u8],
) -> Option<(Hash, bool)> {
    order(named).find_map(|hash| {
        candidates.iter().find_map(|candidate| {
            let digest = digest(hash, candidate);
            let held = block.ends_with(&digest);
            held.then(|| verifies(key, hash, &digest, signature)).flatten().map(|named| (hash, named))
        })
    })
}

/// Whether it verifies, with DigestInfo or with the bare hash.
fn verifies(key: &RsaPublicKey, hash: Hash, digest: &[u8], signature: &[u8]) -> Option<bool> {
    let named = match hash {
        Hash::Md5 => return None,
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    };
    if key.verify(named, digest, signature).is_ok() {
        return Some(true);
    }
    key.verify(Pkcs1v15Sign::new_unprefixed(), digest, signature).is_ok().then_some(false)
}

fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Md5 => Vec::new(),
        Hash::Sha1 => Sha1::digest(bytes).to_vec(),
        Hash::Sha256 => Sha256::digest(bytes).to_vec(),
        Hash::Sha384 => Sha384::digest(bytes).to_vec(),
        Hash::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}

/// Hashes in the order in which they are tried: the one named, then the likelier first.
fn order(named: Option<Hash>) -> impl Iterator<Item = Hash> {
    let known = [Hash::Sha256, Hash::Sha1, Hash::Sha384, Hash::Sha512];
    let first = named.filter(|hash| known.contains(hash));
    first.into_iter().chain(known.into_iter().filter(move |hash| Some(*hash) != first))
}

/// The hash of a `HashAlgorithm`: a signature algorithm's identifier, or the bare hash's.
pub(super) fn named_hash(algorithm: &str) -> Option<Hash> {
    match algorithm.trim() {
        "1.2.840.113549.1.1.4" | "1.2.840.113549.2.5" => Some(Hash::Md5),
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.26" => Some(Hash::Sha1),
        "1.2.840.113549.1.1.11" | "2.16.840.1.101.3.4.2.1" => Some(Hash::Sha256),
        "1.2.840.113549.1.1.12" | "2.16.840.1.101.3.4.2.2" => Some(Hash::Sha384),
        "1.2.840.113549.1.1.13" | "2.16.840.1.101.3.4.2.3" => Some(Hash::Sha512),
        _ => None,
    }
}

/// The byte strings that a `ClientIDSignature` may cover: the identifier in UTF-16LE with its NUL as messages have it,
/// and the variants seen of it (no NUL, braces instead of the prefix).
pub(super) fn identifier_candidates(source_id: &str) -> Vec<Vec<u8>> {
    let bare = source_id.strip_prefix("GUID:").unwrap_or(source_id).trim_matches(['{', '}']);
    let mut texts =
        vec![source_id.to_owned(), format!("{{{bare}}}"), format!("GUID:{bare}"), bare.to_owned()];
    texts.dedup();
    let with_nul = texts.iter().map(|text| utf16(&format!("{text}\0")));
    with_nul.chain(texts.iter().map(|text| utf16(text))).collect()
}

/// Text as UTF-16LE without byte order mark.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
