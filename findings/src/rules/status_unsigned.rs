//! Status messages without a signature.

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::message::{Kind, Signing};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A message to `StatusReceiver` over plain HTTP without the client's signature: no hook `clientauth`, or one with
    /// an empty or missing `PayloadSignature`. Reports to a fallback status point are never signed; alone they are low.
    /// Read with keys inside TLS, it is info where the client proved no certificate, and nothing where it did.
    ///
    /// ## Why it matters
    /// Status messages are not authenticated: anybody who reaches the management point can report success, failure or
    /// anything else in the name of any client.
    ///
    /// ## Evidence
    /// The message, read to its end. Where part of it was not captured, nothing is concluded.
    ///
    /// ## False positives
    /// Sites that allow HTTP accept such messages by design. Before registration a client has no key to sign with.
    ///
    /// ## Remedy
    /// Nothing mends the missing authentication itself. HTTPS only with client certificates, required signing, and a
    /// firewall that says who reaches the management point keep others out.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": status messages are not authenticated
    StatusUnsigned {
        id: "status-unsigned",
        title: "status messages without signature",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-345", "CWE-306"],
    }
}

impl Rule for StatusUnsigned {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let unsigned = ledger.messages.by_channel(
            |key| match key.kind {
                Kind::Status => key.signing == Signing::Absent && key.complete,
                kind => kind == Kind::FallbackStatus,
            },
            |messages| &messages.seen,
        );
        for ((client, server, port), gathered) in unsigned {
            let by_design = !gathered.kinds.contains(&Kind::Status);
            verdicts.report(
                Finding::new(Self::META, client, server, &gathered.seen)
                    .tcp_port(port)
                    .filter("http")
                    .site(ledger.site_code_of(&[server, client]))
                    .severity(if by_design { Severity::Low } else { Severity::Medium })
                    .message(format!(
                        "{client} sent {} without signature to {server}. Anybody could have sent them in its name{}.",
                        gathered.kinds(),
                        if by_design { ", which is how fallback status points work" } else { "" }
                    )),
            );
        }
        // Inside TLS a client that proved its certificate is known without a signature.
        let inside = ledger.messages.gather(
            |key| key.sealed && key.kind == Kind::Status && key.signing == Signing::Absent && key.complete,
            |messages| &messages.seen,
        );
        for ((client, server, port), gathered) in inside {
            if ledger.tls.peers.get(&(client, server, port)).is_some_and(|peer| peer.is_proved()) {
                continue;
            }
            verdicts.report(
                Finding::new(Self::META, client, server, &gathered.seen)
                    .tcp_port(port)
                    .filter("http")
                    .site(ledger.site_code_of(&[server, client]))
                    .severity(Severity::Info)
                    .message(format!(
                        "{client} sent {} without signature to {server}, inside TLS without a client certificate. \
                         Anybody could have sent them in its name.",
                        gathered.kinds()
                    )),
            );
        }
    }
}
