//! A site system with a certificate that cannot be revoked.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::site_certificates;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a site system, issued by an authority, that names neither a revocation list (CRL distribution point)
    /// nor a place to ask (authority information access).
    ///
    /// ## Why it matters
    /// If its key is lost, no client can learn that the certificate was revoked.
    ///
    /// ## Evidence
    /// The extensions of the server's certificate (TLS 1.2 and older; TLS 1.3 hides it).
    ///
    /// ## False positives
    /// An authority that issues certificates for so short a time that it revokes none. Self-signed certificates and those of
    /// enhanced HTTP are left out: there is nobody who could revoke them.
    ///
    /// ## Remedy
    /// Let the authority publish a revocation list that clients reach, and issue the certificate anew.
    ///
    /// ## References
    /// - RFC 5280, 4.2.1.13 and 4.2.2.1; Configuration Manager, "Plan for PKI certificate revocation"
    CrlNocdp {
        id: "crl-nocdp",
        title: "site system's certificate names no revocation list",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-299"],
    }
}

impl Rule for CrlNocdp {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in site_certificates(ledger) {
            let certificate = &shown.leaf.certificate;
            let own = certificate.self_issued || shown.leaf.is_from_site();
            if own || !certificate.crl_urls.is_empty() || !certificate.aia_urls.is_empty() {
                continue;
            }
            let text = "says nowhere how to learn whether it was revoked";
            verdicts.report(shown.finding(ledger, Self::META, text));
        }
    }
}
