//! State messages that everybody can read.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::ledger::message::Kind;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// State messages over plain HTTP whose body is not encrypted.
    ///
    /// ## Why it matters
    /// They tell which updates a computer lacks, what was installed, and for which user. Client status information is
    /// documented as encrypted on its way; here it is not.
    ///
    /// ## Evidence
    /// The message: its body was read as a document.
    ///
    /// ## False positives
    /// A TLS tunnel that ends at the capture point.
    ///
    /// ## Remedy
    /// Turn on encryption in the site's communication security settings; use HTTPS only.
    ///
    /// ## References
    /// - Configuration Manager, "Plan for security": signing and encryption
    StateClear {
        id: "state-clear",
        title: "state messages can be read",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for StateClear {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        let clear = ledger
            .messages
            .by_channel(|key| !key.encrypted && key.kind == Kind::State, |messages| &messages.readable);
        for ((client, server, port), gathered) in clear {
            verdicts.report(gathered.finding(ledger, Self::META, (client, server, port)).message(format!(
                "{client} sent state messages to {server} that everybody on the path can read."
            )));
        }
    }
}
