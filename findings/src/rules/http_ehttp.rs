//! A site uses enhanced HTTP.

use std::collections::BTreeSet;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::http::enhanced;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Enhanced HTTP: a server certificate that the site issued itself (issuer "SMS Issuing", or "SMS Role SSL
    /// Certificate"), requests to the token service (`CCM_STS`), or paths that demand a token.
    ///
    /// ## Why it matters
    /// It is a supported way to protect most client traffic without a PKI, and tells how the site's remaining plain HTTP
    /// is to be judged: some requests stay on it by design.
    ///
    /// ## Evidence
    /// The certificate (up to TLS 1.2), or the request lines.
    ///
    /// ## False positives
    /// A site that has moved on to PKI certificates may keep the token service in use for a cloud management gateway.
    ///
    /// ## Remedy
    /// None is needed. Certificates of a PKI and HTTPS only are better.
    ///
    /// ## References
    /// - Configuration Manager, "Enhanced HTTP"
    HttpEhttp {
        id: "http-ehttp",
        title: "site uses enhanced HTTP",
        severity: Info,
        confidence: Certain,
        tags: [],
    }
}

impl Rule for HttpEhttp {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let issued = ledger.tls.issued.iter().map(|(server, _)| *server);
        let asked = ledger.http.tokens.iter().map(|(server, _)| *server);
        for server in issued.chain(asked).collect::<BTreeSet<_>>() {
            let Some((why, seen)) = enhanced(ledger, server) else { continue };
            let Some(first) = seen.evidence.first() else { continue };
            let issued = ledger.tls.issued.get(&server).is_some();
            verdicts.report(
                Finding::new(Self::META, first.key.client.addr, server, seen)
                    .tcp_port(first.key.server.port)
                    .site(ledger.site_code_of(&[server]))
                    .confidence(if issued { Confidence::Certain } else { Confidence::Likely })
                    .message(format!("{server} takes part in enhanced HTTP: {why}.")),
            );
        }
    }
}
