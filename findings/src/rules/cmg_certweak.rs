//! A cloud management gateway with a certificate that does not hold.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::{Validity, gateway_certificates, validity, weakness};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A certificate of a cloud management gateway that is self-signed, outside its validity by the clock of the capture,
    /// signed with SHA-1 or older, or that has a short key.
    ///
    /// ## Why it matters
    /// Clients reach the gateway over the internet; its certificate is all they know it by.
    ///
    /// ## Evidence
    /// The server's certificate (TLS 1.2 and older; TLS 1.3 hides it), and what shows that the server is a gateway.
    ///
    /// ## False positives
    /// Another service in Azure that a client of the site uses; a capture whose clock was wrong. Whether an authority is one
    /// that clients trust does not show.
    ///
    /// ## Remedy
    /// Give the gateway a valid certificate of a public provider or of the organisation's authority.
    ///
    /// ## References
    /// - RFC 5280; Configuration Manager, "Server authentication certificate for cloud management gateway"
    CmgCertweak {
        id: "cmg-certweak",
        title: "cloud management gateway's certificate is weak or not valid",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-295", "CWE-298", "CWE-326"],
    }
}

impl Rule for CmgCertweak {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for shown in gateway_certificates(ledger) {
            let (certificate, seen) = (&shown.leaf.certificate, &shown.seen);
            let stands = validity(certificate, seen.first.time, seen.last.time);
            let time = match stands {
                Some(Validity::Over(_)) => Some("has expired, by the clock of the capture"),
                Some(Validity::NotBegun(_)) => Some("is not valid yet, by the clock of the capture"),
                _ => None,
            };
            let signer = certificate.self_issued.then_some("is self-signed");
            let weak = weakness(certificate);
            let faults: Vec<&str> = signer.into_iter().chain(time).chain(weak.as_deref()).collect();
            if !faults.is_empty() {
                verdicts.report(shown.finding(ledger, Self::META, &faults.join(", ")));
            }
        }
    }
}
