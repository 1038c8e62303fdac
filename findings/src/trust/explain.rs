//! What an error of the verifier means for a chain. It says what, not why: which algorithm it does not know, or whose key is
//! too short, is looked up in the certificates.

use std::iter;

use decoders::tls::Certificate;
use webpki::Error;

use super::Fault;
use super::anchors::Anchors;
use super::chain::Chain;
use crate::ledger::certificate::{RSA_BITS, broken_hash};

impl Chain<'_> {
    /// An error of the verifier as what it means.
    pub(super) fn fault(&self, error: &Error, anchors: &Anchors) -> Fault {
        match error {
            Error::UnknownIssuer if self.leaf.self_issued => Fault::SelfSigned,
            Error::UnknownIssuer => Fault::UnknownIssuer(self.leaf.issuer.join(", ")),
            Error::InvalidSignatureForPublicKey => self.signature(anchors),
            Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => self.algorithm(),
            Error::UnsupportedCertVersion => {
                Fault::Unverifiable("a certificate is of X.509 version 1".to_owned())
            }
            Error::CaUsedAsEndEntity => {
                Fault::Unverifiable("it is an authority's own certificate".to_owned())
            }
            Error::MaximumPathDepthExceeded => {
                Fault::Unverifiable("more than six authorities are in its chain".to_owned())
            }
            Error::MaximumSignatureChecksExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => {
                Fault::Unverifiable("its chain allows too many paths".to_owned())
            }
            Error::EndEntityUsedAsCa => Fault::NotAnAuthority(self.leaf.issuer.join(", ")),
            Error::PathLenConstraintViolated => Fault::PathLength,
            Error::NameConstraintViolation => Fault::NameConstraint,
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
                Fault::AuthorityNotValid("an authority".to_owned())
            }
            Error::UnsupportedCriticalExtension => Fault::Malformed("a critical extension is unknown"),
            Error::InvalidCertValidity => Fault::Malformed("its validity ends before it begins"),
            Error::InvalidSerialNumber => Fault::Malformed("its serial number"),
            Error::SignatureAlgorithmMismatch => Fault::Malformed("it names two signature algorithms"),
            _ => Fault::Malformed("its encoding"),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Certificate> {
        iter::once(self.leaf).chain(self.sent.iter().map(AsRef::as_ref))
    }

    /// A signature did not hold. The verifier says so too of keys that are too short for it.
    fn signature(&self, anchors: &Anchors) -> Fault {
        let signs = |one: &Certificate| self.all().any(|below| below.issuer == one.subject);
        let given = self.all().flat_map(|one| anchors.called(&one.issuer));
        let weak = self.all().skip(1).filter(|one| signs(one)).chain(given).find(|one| is_short(one));
        weak.map_or(Fault::BadSignature, |weak| {
            let (name, bits) = (weak.subject.join(", "), weak.key_bits.unwrap_or_default());
            Fault::Unverifiable(format!("{name} signs with an RSA key of {bits} bits"))
        })
    }

    /// A signature is of an algorithm that the verifier does not know, or does not know with such a key.
    fn algorithm(&self) -> Fault {
        let broken = self.all().find_map(|one| broken_hash(one).filter(|_| !one.self_issued));
        let named = || {
            let algorithm = &self.leaf.signature_algorithm;
            format!("signature algorithm {algorithm} or its key is not supported")
        };
        let hashed = |hash| format!("a certificate is signed with {hash}");
        Fault::Unverifiable(broken.map_or_else(named, hashed))
    }
}

/// Whether an RSA key is shorter than the verifier accepts.
fn is_short(certificate: &Certificate) -> bool {
    certificate.key_algorithm == "RSA" && certificate.key_bits.is_some_and(|bits| bits < RSA_BITS)
}
