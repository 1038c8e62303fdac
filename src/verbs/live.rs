//! `live`: capture without a terminal user interface, and report at the end.

use anyhow::Result;
use capture::Source;

use super::fresh::Fresh;
use super::{check, events, exit};
use crate::cli::{LiveVerb, ReportFormat, When};
use crate::input;
use crate::judge::{self, Standard};
use crate::messages::Level;
use crate::meter::Meter;
use crate::signals::Signals;

pub(super) fn run(live: &LiveVerb, color: When, level: Level, signals: &Signals) -> Result<u8> {
    let LiveVerb { live, packets, keys, reporting, events } = live;
    let standard = Standard::read(reporting, level)?;
    let mut intake = input::live(live, packets, keys, signals)?;
    let mut out = check::output(reporting, &intake)?;
    if let Some(info) = intake.captures().first() {
        level.note(&format_args!("capturing on {}; Ctrl-C ends it", info.name));
    }
    if *events {
        return events::list(intake, packets, level, out);
    }
    let workers = packets.workers;
    let lines = reporting.format == ReportFormat::Jsonl;
    let mut fresh = Fresh::new(lines.then_some(&mut out), level);
    let mut report = judge::judge(&mut intake, workers, &standard, &Meter::none(), Some(&mut fresh))?;
    fresh.last(&report)?;
    check::warn(&intake, level);
    let code = exit::of_report(&report, reporting, &intake);
    if lines {
        // Each finding was told when it appeared; what remains is what is known only now.
        report.findings.clear();
    }
    check::write(&report, reporting, color, &mut out)?;
    out.finish()?;
    intake.close()?;
    Ok(code)
}
