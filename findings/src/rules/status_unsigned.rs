//! Status messages without a signature.

use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::message::{Gathered, Kind, Signing};
use crate::ledger::tls::TlsPeer;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A message to `StatusReceiver` over plain HTTP without the client's signature: no hook `clientauth`, or one with
    /// an empty or missing `PayloadSignature`. Reports to a fallback status point are never signed; alone they are low.
    /// Where a media token stands in the place of the signature, as task sequences have it, it is low as well.
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
        for (channel, gathered) in &unsigned {
            let case = if gathered.kinds.contains(&Kind::Status) { Case::Status } else { Case::FallbackOnly };
            verdicts.report(finding(ledger, *channel, gathered, case));
        }
        let by_token = ledger.messages.by_channel(
            |key| key.kind == Kind::Status && key.signing == Signing::Token,
            |messages| &messages.seen,
        );
        for (channel, gathered) in by_token.iter().filter(|(channel, _)| !unsigned.contains_key(*channel)) {
            verdicts.report(finding(ledger, *channel, gathered, Case::ByToken));
        }
        // Inside TLS a client that proved its certificate is known without a signature.
        let inside = ledger.messages.gather(
            |key| key.sealed && key.kind == Kind::Status && key.signing == Signing::Absent && key.complete,
            |messages| &messages.seen,
        );
        let proved = |channel| ledger.tls.peers.get(channel).is_some_and(TlsPeer::is_proved);
        for (channel, gathered) in inside.iter().filter(|(channel, _)| !proved(*channel)) {
            verdicts.report(finding(ledger, *channel, gathered, Case::InsideTls));
        }
    }
}

/// What stands in the place of the signature.
#[derive(Clone, Copy)]
enum Case {
    Status,
    FallbackOnly,
    ByToken,
    InsideTls,
}

fn finding(
    ledger: &Ledger,
    (client, server, port): (IpAddr, IpAddr, u16),
    gathered: &Gathered,
    case: Case,
) -> Finding {
    let (severity, how, so) = match case {
        Case::Status => (Severity::Medium, "without signature", "Anybody could have sent them in its name"),
        Case::FallbackOnly => (
            Severity::Low,
            "without signature",
            "Anybody could have sent them in its name, which is how fallback status points work",
        ),
        Case::ByToken => (
            Severity::Low,
            "with a token in place of a signature",
            "Whoever is on the path can send others with the same token",
        ),
        Case::InsideTls => (
            Severity::Info,
            "without signature, inside TLS without a client certificate",
            "Anybody could have sent them in its name",
        ),
    };
    gathered
        .finding(ledger, StatusUnsigned::META, (client, server, port))
        .severity(severity)
        .message(format!("{client} sent {} {how} to {server}. {so}.", gathered.kinds()))
}
