//! A client that shows the cloud management gateway no certificate.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::gateway::gateways;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Whole handshakes of TLS 1.2 or older with a cloud management gateway in which the client was asked for no certificate,
    /// or sent none.
    ///
    /// ## Why it matters
    /// The client then proves who it is inside, by a token of Entra ID or of the site, or not at all.
    ///
    /// ## Evidence
    /// A server's Certificate message and the change to encryption without a CertificateRequest, or an empty Certificate
    /// message of the client. Resumed sessions and TLS 1.3 do not show it.
    ///
    /// ## False positives
    /// Clients that use tokens, as is meant for those joined to Entra ID.
    ///
    /// ## Remedy
    /// Make sure that clients use certificates or tokens; the gateway's properties say which.
    ///
    /// ## References
    /// - RFC 5246, 7.4.4; Configuration Manager, "Configure client authentication for cloud management gateway"
    CmgNomutual {
        id: "cmg-nomutual",
        title: "client shows the cloud management gateway no certificate",
        severity: Low,
        confidence: Likely,
        tags: ["CWE-306"],
    }
}

impl Rule for CmgNomutual {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for found in gateways(ledger).filter(|found| found.sure >= Confidence::Likely) {
            let peer = found.peer;
            let what = if peer.is_proved() || peer.renegotiated > 0 {
                continue;
            } else if peer.withheld > 0 {
                "was asked for a certificate and sent none"
            } else if peer.unasked > 0 && !peer.asked.is_some() {
                "was asked for no certificate in the clear"
            } else {
                continue;
            };
            verdicts.report(
                Finding::new(Self::META, found.client, found.server, &peer.shown())
                    .tcp_port(found.port)
                    .filter("tls.handshake")
                    .site(ledger.site_code_of(&[found.server, found.client]))
                    .confidence(Confidence::Likely)
                    .message(format!(
                        "{} {what} by {}, likely a cloud management gateway: {}.",
                        found.client, found.server, found.why
                    )),
            );
        }
    }
}
