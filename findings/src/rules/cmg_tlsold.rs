//! TLS below 1.2 with a cloud management gateway.

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::gateway::gateways;
use crate::ledger::tls::{TLS12, version_name};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A cloud management gateway that chose TLS 1.1, TLS 1.0 or SSL in its ServerHello.
    ///
    /// ## Why it matters
    /// These versions rest on MD5 and SHA-1 and on ciphers with known attacks, and this traffic crosses the internet.
    ///
    /// ## Evidence
    /// The ServerHello, and what shows that the server is a gateway.
    ///
    /// ## False positives
    /// Another service in Azure that a client of the site uses.
    ///
    /// ## Remedy
    /// Set "Enforce TLS 1.2" in the gateway's properties, and enable TLS 1.2 on clients first.
    ///
    /// ## References
    /// - RFC 8996; Configuration Manager, "Set up cloud management gateway", "How to enable TLS 1.2"
    CmgTlsold {
        id: "cmg-tlsold",
        title: "TLS below 1.2 with a cloud management gateway",
        severity: High,
        confidence: Certain,
        tags: ["CWE-326", "CWE-327"],
    }
}

impl Rule for CmgTlsold {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for found in gateways(ledger).filter(|found| found.sure >= Confidence::Likely) {
            let mut seen = Seen::default();
            let old = found.peer.chosen.iter().filter(|(chosen, _)| chosen.version < TLS12);
            old.clone().for_each(|(_, place)| seen.merge(place));
            let Some(oldest) = old.map(|(chosen, _)| chosen.version).min() else { continue };
            verdicts.report(
                Finding::new(Self::META, found.client, found.server, &seen)
                    .tcp_port(found.port)
                    .filter("tls.handshake.type == 2")
                    .site(ledger.site_code_of(&[found.server, found.client]))
                    .confidence(found.sure)
                    .message(format!(
                        "{}, likely a cloud management gateway, chose {} with {}: {}.",
                        found.server,
                        version_name(oldest),
                        found.client,
                        found.why
                    )),
            );
        }
    }
}
