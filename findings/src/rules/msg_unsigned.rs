//! Messages that should be signed and are not.

use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::message::{Gathered, Kind, MessageKey, Signing};
use crate::ledger::tls::TlsPeer;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Messages over plain HTTP without the client's signature (hook `clientauth`, property `PayloadSignature`) to
    /// endpoints that expect one: policy, inventory and discovery, applications (medium), and state messages (low).
    /// Inside TLS that was read, where the client was not seen to prove a certificate either, it is only a fact.
    ///
    /// ## Why it matters
    /// Anybody can send such a message in a client's name. What a site accepts unsigned decides collections, and with
    /// them what is deployed where.
    ///
    /// ## Evidence
    /// The message, read to its end. Where part of it was not captured, nothing is concluded.
    ///
    /// ## False positives
    /// Registration and location requests are never signed and do not match; status messages have a rule of their own.
    /// State messages of tools are often unsigned on sites that allow HTTP. Messages of boot media carry a token in
    /// place of a signature and do not match.
    ///
    /// ## Remedy
    /// Require signing in the site's communication security settings; use HTTPS only.
    ///
    /// ## References
    /// - Configuration Manager, "Plan for security": signing and encryption
    MsgUnsigned {
        id: "msg-unsigned",
        title: "client messages without signature",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-345", "CWE-347"],
    }
}

impl Rule for MsgUnsigned {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for (channel, gathered) in ledger.messages.by_channel(should_be_signed, |messages| &messages.seen) {
            let state_only = gathered.kinds.iter().all(|kind| *kind == Kind::State);
            let severity = if state_only { Severity::Low } else { Severity::Medium };
            verdicts.report(finding(ledger, channel, &gathered, severity));
        }
        let inside =
            ledger.messages.gather(|key| key.sealed && should_be_signed(key), |messages| &messages.seen);
        for (channel, gathered) in inside {
            let proved = ledger.tls.peers.get(&channel).is_some_and(TlsPeer::is_proved);
            if !proved {
                verdicts.report(finding(ledger, channel, &gathered, Severity::Info));
            }
        }
    }
}

/// Whether a message is not signed although its endpoint expects it to be.
fn should_be_signed(key: &MessageKey) -> bool {
    let expected = [Kind::Policy, Kind::Inventory, Kind::Application, Kind::State];
    key.signing == Signing::Absent && key.complete && expected.contains(&key.kind)
}

fn finding(
    ledger: &Ledger,
    (client, server, port): (IpAddr, IpAddr, u16),
    gathered: &Gathered,
    severity: Severity,
) -> Finding {
    let over = if severity == Severity::Info { ", inside TLS without a client certificate" } else { "" };
    gathered.finding(ledger, MsgUnsigned::META, (client, server, port)).severity(severity).message(format!(
        "{client} sent {} without signature to {server}{over}. Anybody could have sent them in its name.",
        gathered.kinds()
    ))
}
