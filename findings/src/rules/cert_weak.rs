//! A site system or a client with a certificate that can be forged.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::{all_certificates, weakness};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a site system, or one that a client shows to it, that is signed with SHA-1, MD5 or older, or has an
    /// RSA key below 2048 or an elliptic curve below 224 bits.
    ///
    /// ## Why it matters
    /// Two certificates with one broken hash can be made to share a signature, and short keys can be computed: in both
    /// cases somebody else can be the server, or the client.
    ///
    /// ## Evidence
    /// Signature algorithm and public key in the certificate (TLS 1.2 and older; TLS 1.3 hides it).
    ///
    /// ## False positives
    /// None as to the certificate. Those of the authorities above it are not judged, nor the signature of one that signs
    /// itself.
    ///
    /// ## Remedy
    /// Issue it anew with SHA-256 and an RSA key of 2048 bits or more.
    ///
    /// ## References
    /// - NIST SP 800-131A revision 2; Configuration Manager, "Cryptographic controls technical reference"
    CertWeak {
        id: "cert-weak",
        title: "weak key or signature in a site system's or client's certificate",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-326", "CWE-327", "CWE-328"],
    }
}

impl Rule for CertWeak {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in all_certificates(ledger) {
            let Some(text) = weakness(&shown.leaf.certificate) else { continue };
            verdicts.report(shown.finding(ledger, Self::META, &text));
        }
    }
}
