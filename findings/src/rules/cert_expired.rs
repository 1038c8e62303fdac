//! A site system with a certificate outside its validity.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::{Validity, site_certificates, validity};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a site system that, by the clock of the capture, is past its end or before its beginning.
    ///
    /// ## Why it matters
    /// Clients that check it refuse the server, or have been told not to check: then they take any server's certificate.
    ///
    /// ## Evidence
    /// The validity in the server's certificate (TLS 1.2 and older; TLS 1.3 hides it) against the time of the frames.
    ///
    /// ## False positives
    /// A capture whose clock was wrong. Captures with times before 2000 are not judged.
    ///
    /// ## Remedy
    /// Renew the certificate, and watch the validity of those in use.
    ///
    /// ## References
    /// - RFC 5280, 4.1.2.5; Configuration Manager, "PKI certificate requirements"
    CertExpired {
        id: "cert-expired",
        title: "certificate of a site system is not valid at the time",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-298"],
    }
}

impl Rule for CertExpired {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in site_certificates(ledger) {
            let seen = &shown.seen;
            let text = match validity(&shown.leaf.certificate, seen.first.time, seen.last.time) {
                Some(Validity::Over(days)) => {
                    format!("expired {days} whole days before, by the clock of the capture")
                }
                Some(Validity::NotBegun(days)) => {
                    format!("becomes valid {days} whole days later, by the clock of the capture")
                }
                _ => continue,
            };
            verdicts.report(shown.finding(ledger, Self::META, &text));
        }
    }
}
