//! A site system or a client with a certificate outside its validity, or a site system with a revoked one.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::{Validity, all_certificates, validity};
use crate::rule::{Metadata, Rule, Verdicts, rule};
use crate::trust::Fault;

rule! {
    /// ## What it detects
    /// A certificate of a site system, or one that a client shows to it, that by the clock of the capture is past its end
    /// or before its beginning; or that its issuer has revoked. Revocation is known where authorities are given (`--ca`)
    /// and a list was given (`--crl`) or seen in the capture.
    ///
    /// ## Why it matters
    /// Clients that check it refuse the server, or have been told not to check: then they take any server's certificate.
    /// A server that takes a client's may not check either.
    ///
    /// ## Evidence
    /// The validity in the certificate (TLS 1.2 and older; TLS 1.3 hides it) against the time of the frames; the serial
    /// number in a revocation list with a good signature of the issuer.
    ///
    /// ## False positives
    /// A capture whose clock was wrong. Captures with times before 2000 are not judged. A certificate revoked after the
    /// capture was made.
    ///
    /// ## Remedy
    /// Renew the certificate, and watch the validity of those in use. Replace one that was revoked, with a new key.
    ///
    /// ## References
    /// - RFC 5280, 4.1.2.5; Configuration Manager, "PKI certificate requirements"
    CertExpired {
        id: "cert-expired",
        title: "certificate of a site system or client is not valid at the time",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-298", "CWE-299"],
    }
}

impl Rule for CertExpired {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in all_certificates(ledger) {
            let seen = &shown.seen;
            let revoked = shown.verdict(ledger).faults.iter().find_map(|fault| match fault {
                Fault::Revoked { .. } => Some(fault.text()),
                _ => None,
            });
            let text = match validity(&shown.leaf.certificate, seen.first.time, seen.last.time) {
                Some(Validity::Over(days)) => {
                    format!("expired {days} whole days before, by the clock of the capture")
                }
                Some(Validity::NotBegun(days)) => {
                    format!("becomes valid {days} whole days later, by the clock of the capture")
                }
                _ => String::new(),
            };
            let faults: Vec<String> =
                revoked.into_iter().chain(Some(text).filter(|text| !text.is_empty())).collect();
            if !faults.is_empty() {
                verdicts.report(shown.finding(ledger, Self::META, &faults.join(", and ")));
            }
        }
    }
}
