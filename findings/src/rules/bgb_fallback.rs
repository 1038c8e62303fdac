//! Client notification goes over HTTP.

use decoders::ccm::Application;

use super::http_fallback::follows;
use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::tls::NOTIFICATION_PORT;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Client notification in its HTTP form (`/bgb/handler.ashx`) over plain HTTP. Where a connection of the same client
    /// to TCP 10123 was seen to fail before, the fallback is certain; else it is likely.
    ///
    /// ## Why it matters
    /// Notification over TCP 10123 is TLS. Over HTTP, who is on the path sees which client is told to do what, and
    /// clients poll rather than listen.
    ///
    /// ## Evidence
    /// The request lines, and the refused or unanswered connection to 10123.
    ///
    /// ## False positives
    /// A firewall that blocks 10123 on purpose.
    ///
    /// ## Remedy
    /// Allow TCP 10123 from clients to management points.
    ///
    /// ## References
    /// - Configuration Manager, "Ports used in Configuration Manager": client notification
    BgbFallback {
        id: "bgb-fallback",
        title: "client notification uses plain HTTP",
        severity: Info,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for BgbFallback {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        // Whatever the answer: who asks for this path means it.
        for (key, exchanges) in ledger.http.exchanges.iter() {
            let told = !key.sealed && exchanges.telling == Confidence::Certain;
            if key.application != Application::Notification || !told {
                continue;
            }
            let failed = ledger
                .tls
                .failures_of(key.client)
                .find(|(_, port, failures)| *port == NOTIFICATION_PORT && follows(failures, exchanges));
            let finding = Finding::new(Self::META, key.client, key.server, &exchanges.seen)
                .tcp_port(key.port)
                .filter("http")
                .site(ledger.site_code_of(&[key.server, key.client]));
            verdicts.report(match failed {
                Some((server, port, failures)) => finding.also(&failures.seen).message(format!(
                    "{} could not reach {server} on port {port} and uses client notification over plain HTTP.",
                    key.client
                )),
                None if key.port == NOTIFICATION_PORT => finding.message(format!(
                    "{} uses client notification in its HTTP form, without TLS, on port {}.",
                    key.client, key.port
                )),
                None => finding.confidence(Confidence::Likely).message(format!(
                    "{} uses client notification over plain HTTP, likely because port {NOTIFICATION_PORT} is not \
                     reachable.",
                    key.client
                )),
            });
        }
    }
}
