//! `check`: judge captures and report.

use std::io::Write;

use anyhow::Result;
use capture::Source;
use findings::report::{self, Report};

use super::exit;
use crate::cli::{Check, Reporting, When};
use crate::input::{self, Intake};
use crate::judge::{self, Standard};
use crate::messages::Level;
use crate::meter::Meter;
use crate::output::Output;
use crate::signals::Signals;

pub(super) fn run(check: &Check, color: When, level: Level, signals: &Signals) -> Result<u8> {
    let standard = Standard::read(&check.reporting, level)?;
    let mut intake = input::files(&check.offline.all(), &check.packets, &check.keys, signals)?;
    let mut out = output(&check.reporting, &intake)?;
    let workers = check.packets.workers;
    begin(&intake, workers, level);
    let meter = Meter::new(level);
    let report = judge::judge(&mut intake, workers, &standard, &meter, None)?;
    meter.clear();
    warn(&intake, level);
    write(&report, &check.reporting, color, &mut out)?;
    out.finish()?;
    intake.close()?;
    Ok(exit::of_report(&report, &check.reporting, &intake))
}

/// Says what is about to be read.
pub(super) fn begin(intake: &Intake, workers: usize, level: Level) {
    level.tell(&format_args!(
        "reading; captures: {}, threads that decode: {workers}",
        intake.captures().len()
    ));
}

/// Opens the place for a report before anything is read, so that a bad path is known at once.
pub(super) fn output(reporting: &Reporting, intake: &Intake) -> Result<Output> {
    input::refuse_inputs(reporting.output.as_deref(), intake)?;
    Output::open(reporting.output.as_deref())
}

/// Writes a report as the user wants it.
pub(super) fn write(report: &Report, reporting: &Reporting, color: When, out: &mut Output) -> Result<()> {
    let style = out.style(color);
    report::write(report, reporting.format.into(), &style, out)?;
    Ok(out.flush()?)
}

/// Says what could not be read, and of a live capture how much it was.
pub(super) fn warn(intake: &Intake, level: Level) {
    for info in intake.captures() {
        for problem in judge::problems(intake, info) {
            level.warn(&format_args!("{}: {problem}", info.name));
        }
    }
    for warning in intake.keys().warnings() {
        level.warn(&warning);
    }
    if intake.is_live() {
        let dropped: u64 = intake.captures().iter().map(judge::dropped).sum();
        level.note(&format_args!("packets captured: {}, dropped: {dropped}", intake.taken(0)));
    }
    if intake.passed_over() > 0 {
        level.tell(&format_args!("files in folders that are no captures: {}", intake.passed_over()));
    }
}
