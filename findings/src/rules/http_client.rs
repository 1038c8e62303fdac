//! See the rule's own documentation below.

use crate::coverage::Coverage;
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Placeholder text to be replaced when the rule is written.
    /// ## Why it matters
    /// Placeholder text to be replaced when the rule is written.
    /// ## Evidence
    /// Placeholder text to be replaced when the rule is written.
    /// ## False positives
    /// Placeholder text to be replaced when the rule is written.
    /// ## Remedy
    /// Placeholder text to be replaced when the rule is written.
    /// ## References
    /// Placeholder text to be replaced when the rule is written.
    HttpClient {
        id: "http-client",
        title: "client talks to a site system over plain HTTP",
        severity: High,
        confidence: Certain,
        tags: ["CWE-319"],
    }
}

impl Rule for HttpClient {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, _: &Ledger, _: &Coverage, _: &mut Verdicts) {}
}
