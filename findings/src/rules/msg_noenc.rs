//! Inventory and state messages that everybody can read.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::message::Kind;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Inventory, discovery data or state messages over plain HTTP whose body is not encrypted: it was read as a
    /// document.
    ///
    /// ## Why it matters
    /// Inventory tells what a computer is, what runs on it, and what it lacks.
    ///
    /// ## Evidence
    /// The message: no `encrypt` hook, and a payload that is XML, compressed or not.
    ///
    /// ## False positives
    /// A TLS tunnel that ends at the capture point.
    ///
    /// ## Remedy
    /// Turn on encryption in the site's communication security settings; use HTTPS only.
    ///
    /// ## References
    /// - Configuration Manager, "Plan for security": signing and encryption
    MsgNoenc {
        id: "msg-noenc",
        title: "inventory or state messages not encrypted",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for MsgNoenc {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let clear = ledger.messages.by_channel(
            |key| !key.encrypted && matches!(key.kind, Kind::Inventory | Kind::State),
            |messages| &messages.readable,
        );
        for ((client, server, port), gathered) in clear {
            verdicts.report(gathered.finding(ledger, Self::META, (client, server, port)).message(format!(
                "{client} sent {} to {server} that everybody on the path can read.",
                gathered.kinds()
            )));
        }
    }
}
