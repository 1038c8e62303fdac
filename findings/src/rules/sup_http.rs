//! A client asks a software update point over plain HTTP.

use decoders::ccm::Application;

use crate::coverage::Coverage;
use crate::evidence::Seen;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Requests to the web services of WSUS (`/ClientWebService/client.asmx`, `/SimpleAuthWebService/SimpleAuth.asmx`,
    /// `/ReportingWebService/ReportingWebService.asmx`, those between servers) or to cabinets in its `/SelfUpdate/`,
    /// without TLS, on any port.
    ///
    /// ## Why it matters
    /// Update files are signed; the metadata that tells a client what to install, and with which parameters, is not.
    /// Who answers in the server's place can have signed programs run with parameters of his choice, as the system.
    ///
    /// ## Evidence
    /// The request lines.
    ///
    /// ## False positives
    /// Update files and license terms over HTTP are normal and do not match. The vendor's own update service is left
    /// out. WSUS without ConfigMgr matches: the weakness is the same.
    ///
    /// ## Remedy
    /// Configure WSUS and the software update point for TLS, and let clients trust its certificate.
    ///
    /// ## References
    /// - [MS-WUSP]; Configuration Manager, "Configure a software update point to use TLS/SSL with a PKI certificate"
    SupHttp {
        id: "sup-http",
        title: "update metadata over plain HTTP",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-319", "CWE-494"],
    }
}

impl Rule for SupHttp {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, port), uses) in ledger.readable_by_channel() {
            let mut seen = Seen::default();
            for (application, exchanges) in uses {
                let metadata = match application {
                    Application::UpdateService | Application::UpdateAdministration => true,
                    Application::UpdateFiles => exchanges.self_update,
                    _ => false,
                };
                if metadata {
                    seen.merge(&exchanges.seen);
                }
            }
            if !seen.is_some() {
                continue;
            }
            // A path that WSUS alone has, and who else answers on its port, leave little doubt.
            let sure = if matches!(port, 8530 | 80) { Confidence::Certain } else { Confidence::Likely };
            verdicts.report(
                Finding::new(Self::META, client, server, &seen)
                    .tcp_port(port)
                    .filter("http")
                    .site(ledger.site_code_of(&[server, client]))
                    .confidence(sure)
                    .message(format!(
                        "{client} gets update metadata from {server} over plain HTTP. Who answers in its place decides \
                         which signed programs run on the client, and how."
                    )),
            );
        }
    }
}
