//! Findings of a live capture as they appear, each once.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use findings::report::{FindingEntry, Report};
use serde::Serialize;

use crate::judge::{Scene, Watcher};
use crate::messages::Level;
use crate::output::Output;

/// How often to look, at most.
const EVERY: Duration = Duration::from_secs(1);
/// How much of the time may go into looking: one part in so many.
const SHARE: u32 = 10;

/// Tells findings that were not told before.
pub(super) struct Fresh<'a> {
    /// For lines, where those are wanted.
    out: Option<&'a mut Output>,
    level: Level,
    told: BTreeSet<String>,
    /// When to look again.
    due: Instant,
    /// Frames there were at the last look.
    frames: u64,
}

/// A line, as in a report of this format.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    finding: &'a FindingEntry,
}

impl<'a> Fresh<'a> {
    pub(super) fn new(out: Option<&'a mut Output>, level: Level) -> Self {
        Self { out, level, told: BTreeSet::new(), due: Instant::now() + EVERY, frames: 0 }
    }

    /// Tells what the last report holds and no earlier one did.
    pub(super) fn last(&mut self, report: &Report) -> Result<()> {
        for finding in &report.findings {
            if !self.told.insert(finding.fingerprint.clone()) {
                continue;
            }
            self.level.tell(&format_args!(
                "{} {}: {} > {}: {}",
                finding.severity, finding.rule, finding.source.ip, finding.destination.ip, finding.message
            ));
            if let Some(out) = &mut self.out {
                serde_json::to_writer(&mut **out, &Line { r#type: "finding", finding })?;
                out.write_all(b"\n")?;
            }
        }
        if let Some(out) = &mut self.out {
            out.flush()?;
        }
        Ok(())
    }
}

impl Watcher for Fresh<'_> {
    fn look(&mut self, scene: &Scene<'_>) -> Result<bool> {
        let now = Instant::now();
        let wanted = self.out.is_some() || self.level >= Level::Verbose;
        if wanted && now >= self.due {
            let frames = scene.counters().frames;
            if frames != self.frames {
                self.frames = frames;
                self.last(&scene.report())?;
            }
            self.due = Instant::now() + EVERY.max(now.elapsed() * SHARE);
        }
        Ok(!self.out.as_ref().is_some_and(|out| out.is_closed()))
    }
}
