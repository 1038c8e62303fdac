//! A cloud management gateway in use.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::gateway::gateways;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// TLS with a cloud management gateway, by a client or by the connection point.
    ///
    /// ## Why it matters
    /// It is a way into the site from the internet, and belongs into any picture of it.
    ///
    /// ## Evidence
    /// A server name, certificate or DNS answer with a name of Azure's (`*.cloudapp.net`,
    /// `*.<region>.cloudapp.azure.com`), together with one of these: the client is known to be one of the site or a site
    /// system, the port is one of a connection point (10124 to 10155). Or a path of the gateway, or a management point's reply
    /// that names it.
    ///
    /// ## False positives
    /// Other services in Azure that clients of the site use. Where there is nothing but the name, or the name is only
    /// what DNS says an alias leads to, the finding is only possible.
    ///
    /// ## Remedy
    /// None: this is for the inventory.
    ///
    /// ## References
    /// - Configuration Manager, "Overview of cloud management gateway", "Ports used"
    CmgSeen {
        id: "cmg-seen",
        title: "cloud management gateway in use",
        severity: Info,
        confidence: Certain,
        tags: [],
    }
}

impl Rule for CmgSeen {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for found in gateways(ledger) {
            verdicts.report(
                Finding::new(Self::META, found.client, found.server, &found.peer.shown())
                    .tcp_port(found.port)
                    .site(ledger.site_code_of(&[found.server, found.client]))
                    .confidence(found.sure)
                    .message(format!(
                        "{} uses {} as a cloud management gateway: {}.",
                        found.client, found.server, found.why
                    )),
            );
        }
    }
}
