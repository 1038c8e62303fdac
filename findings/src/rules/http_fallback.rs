//! A client that could not use HTTPS goes on with plain HTTP.

use capture::Moment;
use decoders::ccm::Application;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding};
use crate::ledger::Ledger;
use crate::ledger::http::role_of;
use crate::ledger::tls::{Failures, NOTIFICATION_PORT};
use crate::ledger::{Role, http::Exchanges};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A client's attempt to reach a site system by TLS fails (a fatal alert in the handshake, a refused or unanswered
    /// connection), and within five minutes the same client sends ConfigMgr requests over plain HTTP, to the same
    /// server or to another.
    ///
    /// ## Why it matters
    /// Who can block or break TLS on the path can make such a client fall back to what he can read and answer.
    ///
    /// ## Evidence
    /// The alert or the failed connection, and the requests that followed.
    ///
    /// ## False positives
    /// A roaming client that leaves an HTTPS site for one that allows HTTP. Where the failed server is not otherwise
    /// known to be a site system, nothing is reported.
    ///
    /// ## Remedy
    /// Let all site systems take HTTPS only, and install clients with `/UsePKICert`. Find out why TLS failed.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": use PKI certificates for client communication
    HttpFallback {
        id: "http-fallback",
        title: "client falls back from HTTPS to plain HTTP",
        severity: Medium,
        confidence: Likely,
        tags: ["CWE-757"],
    }
}

/// How long after a failed attempt plain HTTP counts as its consequence, in nanoseconds.
const WINDOW: i64 = 300_000_000_000;

impl Rule for HttpFallback {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, refused, port), failures) in ledger.tls.failures.iter() {
            let known = ledger.site_system(*refused) >= Some(Confidence::Likely);
            if *port == NOTIFICATION_PORT || !known {
                continue;
            }
            let mut later = ledger
                .readable_of(*client)
                .filter(|(key, exchanges)| is_managed(key.application) && follows(failures, exchanges));
            let Some((key, exchanges)) = later.next() else { continue };
            verdicts.report(
                Finding::new(Self::META, *client, key.server, &failures.seen)
                    .also(&exchanges.seen)
                    .tcp_port(key.port)
                    .site(ledger.site_code_of(&[key.server, *client]))
                    .subject(format!("{refused} port {port}"))
                    .message(format!(
                        "{client} could not reach {refused} by TLS on port {port}, and sent ConfigMgr requests to {} \
                         over plain HTTP within minutes: likely a fallback, which whoever blocks TLS can bring about.",
                        key.server
                    )),
            );
        }
    }
}

/// Whether an application is one that HTTPS would have carried.
fn is_managed(application: Application) -> bool {
    application != Application::Notification && role_of(application) == Some(Role::ManagementPoint)
}

/// Whether any of these requests came soon after any of these failures.
pub(super) fn follows(failures: &Failures, exchanges: &Exchanges) -> bool {
    // Frames tell the order also where the clock of the capture stands still.
    let soon = |failed: Moment, came: Moment| {
        came > failed && (0..=WINDOW).contains(&came.time.nanos_since(failed.time))
    };
    // The times kept are some seconds apart; the last is known anyway.
    let came = || exchanges.times.iter().chain(std::iter::once(&exchanges.seen.last));
    failures.times.iter().any(|failed| came().any(|came| soon(*failed, *came)))
}
