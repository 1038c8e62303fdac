//! From what the engine holds to what the report says.

use super::*;

/// Puts a result into its outward form.
pub(super) fn report(
    ledger: &Ledger,
    findings: &[Finding],
    channels: &[Channel],
    coverage: &Coverage,
) -> Report {
    let _ = (ledger, channels, coverage, scrub(""));
    let _: Option<(&Evidence, &Host)> = None;
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "ccmscope".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        findings: findings
            .iter()
            .map(|finding| FindingEntry { rule: finding.rule.id.to_owned(), ..FindingEntry::default() })
            .collect(),
        ..Report::default()
    }
}
