//! What is done with findings before anybody sees them: the single gate between rules and reports.

use crate::finding::{Confidence, Finding, Severity};

/// Thresholds and exclusions.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Findings less severe are left out.
    pub min_severity: Severity,
    /// Findings less sure are left out.
    pub min_confidence: Confidence,
    /// Rules left out, by id.
    pub ignored_rules: Vec<String>,
}

impl Policy {
    /// Whether a finding passes.
    #[must_use]
    pub fn admits(&self, finding: &Finding) -> bool {
        finding.severity >= self.min_severity
            && finding.confidence >= self.min_confidence
            && !self.ignored_rules.iter().any(|id| id == finding.rule.id)
    }
}
