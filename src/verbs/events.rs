//! `events`: everything decoded, one JSON object a line.

use anyhow::Result;
use findings::report::verdict::{CLEAN, PARTIAL};

use super::{check, exit};
use crate::cli::{Events, Packets};
use crate::input::{self, Intake};
use crate::listing;
use crate::messages::Level;
use crate::meter::Meter;
use crate::output::Output;
use crate::signals::Signals;

pub(super) fn run(events: &Events, level: Level, signals: &Signals) -> Result<u8> {
    let intake = input::files(&events.offline.all(), &events.packets, &events.keys, signals)?;
    input::refuse_inputs(events.output.as_deref(), &intake)?;
    let out = Output::open(events.output.as_deref())?;
    list(intake, &events.packets, level, out)
}

/// Lists what an intake gives, until its end.
pub(super) fn list(mut intake: Intake, packets: &Packets, level: Level, mut out: Output) -> Result<u8> {
    let workers = packets.workers;
    check::begin(&intake, workers, level);
    let meter = Meter::new(level);
    let partial = listing::list(&mut intake, workers, &meter, &mut out)?;
    meter.clear();
    check::warn(&intake, level);
    out.finish()?;
    intake.close()?;
    Ok(exit::of_signal(&intake).unwrap_or(if partial { PARTIAL } else { CLEAN }))
}
