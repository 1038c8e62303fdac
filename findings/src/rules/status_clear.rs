//! Status messages that everybody can read.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::message::Kind;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Status messages, or reports to a fallback status point, over plain HTTP whose body is not encrypted.
    ///
    /// ## Why it matters
    /// Status messages name computers, packages, programs and their command lines.
    ///
    /// ## Evidence
    /// The message: its body was read as a document.
    ///
    /// ## False positives
    /// None on plain HTTP: status messages are encrypted nowhere but inside TLS.
    ///
    /// ## Remedy
    /// Use HTTPS only.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for application management": privacy information
    StatusClear {
        id: "status-clear",
        title: "status messages can be read",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for StatusClear {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let clear = ledger.messages.by_channel(
            |key| !key.encrypted && matches!(key.kind, Kind::Status | Kind::FallbackStatus),
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
