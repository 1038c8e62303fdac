//! Messages that should be signed and are not.

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::message::{Kind, Signing};
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Messages over plain HTTP without the client's signature (hook `clientauth`, property `PayloadSignature`) to
    /// endpoints that expect one: policy, inventory and discovery, applications (medium), and state messages (low).
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
        let expected = [Kind::Policy, Kind::Inventory, Kind::Application, Kind::State];
        let unsigned = ledger.messages.by_channel(
            |key| key.signing == Signing::Absent && key.complete && expected.contains(&key.kind),
            |messages| &messages.seen,
        );
        for ((client, server, port), gathered) in unsigned {
            let state_only = gathered.kinds.iter().all(|kind| *kind == Kind::State);
            verdicts.report(
                Finding::new(Self::META, client, server, &gathered.seen)
                    .tcp_port(port)
                    .filter("http")
                    .site(ledger.site_code_of(&[server, client]))
                    .severity(if state_only { Severity::Low } else { Severity::Medium })
                    .message(format!(
                        "{client} sent {} without signature to {server}. Anybody could have sent them in its name.",
                        gathered.kinds()
                    )),
            );
        }
    }
}
