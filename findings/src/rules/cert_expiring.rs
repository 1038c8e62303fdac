//! A site system or a client with a certificate that ends soon.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::{Validity, all_certificates, validity};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a site system, or one that a client shows to it, that by the clock of the capture is valid for
    /// fewer than 30 days more.
    ///
    /// ## Why it matters
    /// When it ends, clients lose the server or the server its client, or somebody tells them not to check certificates.
    ///
    /// ## Evidence
    /// The validity in the certificate (TLS 1.2 and older; TLS 1.3 hides it) against the time of the frames.
    ///
    /// ## False positives
    /// A renewal that is under way, certificates that are short-lived by intent, a capture whose clock was wrong.
    ///
    /// ## Remedy
    /// Renew the certificate, and watch the validity of those in use.
    ///
    /// ## References
    /// - RFC 5280, 4.1.2.5; Configuration Manager, "PKI certificate requirements"
    CertExpiring {
        id: "cert-expiring",
        title: "certificate of a site system or client ends within 30 days",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-298"],
    }
}

impl Rule for CertExpiring {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in all_certificates(ledger) {
            let seen = &shown.seen;
            let stands = validity(&shown.leaf.certificate, seen.first.time, seen.last.time);
            let Some(Validity::Ending(days)) = stands else { continue };
            let text = format!("ends in {days} whole days, by the clock of the capture");
            verdicts.report(shown.finding(ledger, Self::META, &text));
        }
    }
}
