//! A site system with a certificate that nobody vouches for.

use crate::coverage::Coverage;
use crate::finding::Severity;
use crate::ledger::Ledger;
use crate::ledger::certificate::site_certificates;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a site system whose issuer is its subject (low), or that the site issued itself for enhanced HTTP
    /// (info).
    ///
    /// ## Why it matters
    /// A client can check such a certificate only against what it was told before. No authority vouches for it, none can
    /// take it back, and who replaces it unseen is the server from then on.
    ///
    /// ## Evidence
    /// Issuer and subject of the server's certificate (TLS 1.2 and older; TLS 1.3 hides it), and what shows that the server
    /// is a site system.
    ///
    /// ## False positives
    /// Enhanced HTTP is supported and uses certificates of `SMS Issuing` by design; these are noted as info only.
    ///
    /// ## Remedy
    /// Give site systems certificates of a public key infrastructure where that is possible.
    ///
    /// ## References
    /// - Configuration Manager, "Certificates in Configuration Manager", "Enhanced HTTP"
    CertSelfsigned {
        id: "cert-selfsigned",
        title: "self-signed certificate on a site system",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-295"],
    }
}

impl Rule for CertSelfsigned {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in site_certificates(ledger) {
            let (severity, text) = if shown.leaf.is_from_site() {
                (Severity::Info, "was issued by the site itself".to_owned())
            } else if shown.leaf.certificate.self_issued {
                (Severity::Low, "is self-signed: its issuer is its subject".to_owned())
            } else {
                continue;
            };
            verdicts.report(shown.finding(ledger, Self::META, &text).severity(severity));
        }
    }
}
