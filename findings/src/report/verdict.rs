//! What a report amounts to: the highest severity, and the number a program ends with.

use super::Report;
use crate::finding::Severity;

/// Exit code: nothing wrong was found, and enough was read to say so.
pub const CLEAN: u8 = 0;
/// Exit code: nothing of ConfigMgr was recognised.
pub const NOTHING_RELEVANT: u8 = 3;
/// Exit code: nothing wrong was found, but not all could be read.
pub const PARTIAL: u8 = 4;

impl Report {
    /// The highest severity among the findings.
    #[must_use]
    pub fn highest_severity(&self) -> Option<Severity> {
        self.findings.iter().filter_map(|finding| severity(&finding.severity)).max()
    }

    /// The exit code by which a program tells the result: 11 to 14 for the highest severity from low to critical,
    /// else [`PARTIAL`], [`NOTHING_RELEVANT`] or [`CLEAN`]. Findings less severe than `fail_on` count as none; so
    /// does info, always.
    #[must_use]
    pub fn exit_code(&self, fail_on: Severity) -> u8 {
        let failing = self.highest_severity().filter(|highest| *highest >= fail_on);
        let read_nothing = self.coverage.counts.get("frames").is_none_or(|frames| *frames == 0);
        match failing {
            Some(Severity::Critical) => 14,
            Some(Severity::High) => 13,
            Some(Severity::Medium) => 12,
            Some(Severity::Low) => 11,
            // What could not be read may have been the relevant part, so partial comes before irrelevant.
            Some(Severity::Info) | None if self.coverage.partial && !read_nothing => PARTIAL,
            Some(Severity::Info) | None if !self.summary.relevant => NOTHING_RELEVANT,
            Some(Severity::Info) | None if self.coverage.partial => PARTIAL,
            Some(Severity::Info) | None => CLEAN,
        }
    }
}

/// The severity of a name, as the report writes it.
#[must_use]
pub fn severity(name: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| severity.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CoverageEntry, FindingEntry, Summary};

    fn report(severities: &[&str], relevant: bool, partial: bool, frames: u64) -> Report {
        let finding = |name: &&str| FindingEntry { severity: (*name).to_owned(), ..FindingEntry::default() };
        Report {
            summary: Summary { relevant, ..Summary::default() },
            findings: severities.iter().map(finding).collect(),
            coverage: CoverageEntry {
                partial,
                counts: [("frames".to_owned(), frames)].into(),
                ..CoverageEntry::default()
            },
            ..Report::default()
        }
    }

    #[test]
    fn the_worst_finding_decides() {
        for (severities, code) in [
            (&["low", "critical"][..], 14),
            (&["high", "low"], 13),
            (&["medium"], 12),
            (&["low", "info"], 11),
        ] {
            assert_eq!(report(severities, true, false, 9).exit_code(Severity::Low), code);
            assert_eq!(report(severities, true, true, 9).exit_code(Severity::Info), code);
        }
    }

    #[test]
    fn findings_below_the_threshold_count_as_none() {
        assert_eq!(report(&["medium"], true, false, 9).exit_code(Severity::High), CLEAN);
        assert_eq!(report(&["medium"], true, true, 9).exit_code(Severity::High), PARTIAL);
        assert_eq!(report(&["info"], true, false, 9).exit_code(Severity::Info), CLEAN);
    }

    #[test]
    fn nothing_decoded_never_looks_like_nothing_wrong() {
        assert_eq!(report(&[], true, false, 9).exit_code(Severity::Low), CLEAN);
        assert_eq!(report(&[], false, false, 9).exit_code(Severity::Low), NOTHING_RELEVANT);
        assert_eq!(report(&[], false, true, 9).exit_code(Severity::Low), PARTIAL);
        assert_eq!(report(&[], false, true, 0).exit_code(Severity::Low), NOTHING_RELEVANT);
        assert_eq!(Report::default().exit_code(Severity::Low), NOTHING_RELEVANT);
    }
}
