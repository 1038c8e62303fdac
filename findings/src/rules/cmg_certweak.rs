//! A cloud management gateway with a certificate that does not hold.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::certificate::{Validity, gateway_certificates, validity, weakness};
use crate::rule::{Metadata, Rule, Verdicts, rule};
use crate::trust::{Fault, Standing};

rule! {
    /// ## What it detects
    /// A certificate of a cloud management gateway that is self-signed, outside its validity by the clock of the capture,
    /// not meant for servers, signed with SHA-1 or older, or that has a short key. Where authorities are given (`--ca`,
    /// `--system-ca`), also one that none of them vouches for, or that was revoked.
    ///
    /// ## Why it matters
    /// Clients reach the gateway over the internet; its certificate is all they know it by.
    ///
    /// ## Evidence
    /// The server's certificate (TLS 1.2 and older; TLS 1.3 hides it), and what shows that the server is a gateway.
    ///
    /// ## False positives
    /// Another service in Azure that a client of the site uses; a capture whose clock was wrong. Without authorities given,
    /// whether its authority is one that clients trust is not known.
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
            let verdict = shown.verdict(ledger);
            let pinned = matches!(verdict.standing, Standing::Trusted { .. });
            let signer = (certificate.self_issued && !pinned).then_some("is self-signed");
            let weak = weakness(certificate);
            // Time and self-signature are told above, whether or not anybody is trusted.
            let told =
                |fault: &&Fault| matches!(fault, Fault::Expired | Fault::NotYetValid | Fault::SelfSigned);
            let untrusted: Vec<String> = verdict
                .faults
                .iter()
                .filter(|fault| !fault.is_open() && !told(fault))
                .map(Fault::text)
                .collect();
            let own = signer.into_iter().chain(time).chain(weak.as_deref());
            let faults: Vec<&str> = own.chain(untrusted.iter().map(String::as_str)).collect();
            if !faults.is_empty() {
                verdicts.report(shown.finding(ledger, Self::META, &faults.join(", ")));
            }
        }
    }
}
