//! From a result to an exit code.

use findings::Severity;
use findings::report::Report;
use findings::report::verdict::{CLEAN, PARTIAL};

use crate::cli::{ReportFormat, Reporting};
use crate::input::Intake;
use crate::signals::Signal;

/// The lowest exit code that tells a severity.
const LOWEST_SEVERITY: u8 = 11;

/// The exit code of a report that was written.
pub(super) fn of_report(report: &Report, reporting: &Reporting, intake: &Intake) -> u8 {
    if let Some(code) = of_signal(intake) {
        return code;
    }
    if reporting.no_exit_codes {
        return CLEAN;
    }
    match report.exit_code(Severity::from(reporting.fail_on)) {
        // Code scanning takes any other code for a failed run, and findings are in the file.
        LOWEST_SEVERITY.. if reporting.format == ReportFormat::Sarif && report.coverage.partial => PARTIAL,
        LOWEST_SEVERITY.. if reporting.format == ReportFormat::Sarif => CLEAN,
        code => code,
    }
}

/// The exit code of a run that a signal ended. Ctrl-C is how one ends a live capture, and no failure of it.
pub(super) fn of_signal(intake: &Intake) -> Option<u8> {
    match intake.stopped_by() {
        Some(Signal::Interrupt) if intake.is_live() => None,
        signal => signal.map(Signal::exit_code),
    }
}
