//! Frames in, a report out: the pipeline with the engine at its end.

mod apart;

use std::sync::Arc;

use anyhow::Result;
use capture::{CaptureInfo, Counters, Source};
use decoders::Record;
use findings::report::Report;
use findings::trust::Anchors;
use findings::{CaptureNote, Coverage, Engine, Policy};

use crate::authorities;
use crate::cli::Reporting;
use crate::input::Intake;
use crate::messages::Level;
use crate::meter::Meter;
use crate::pipeline::{self, Sink};

/// What is judged by.
pub(crate) struct Standard {
    policy: Policy,
    anchors: Arc<Anchors>,
}

impl Standard {
    /// As the command line has it; reads the files of authorities that it names.
    pub(crate) fn read(reporting: &Reporting, level: Level) -> Result<Self> {
        let anchors = Arc::new(authorities::read(&reporting.trust, level)?);
        Ok(Self { policy: reporting.policy(), anchors })
    }
}

/// Who wants to see the judgement while it grows.
pub(crate) trait Watcher {
    /// Called often, and expected to ask for a report only now and then. Returns whether to go on.
    fn look(&mut self, scene: &Scene<'_>) -> Result<bool>;
}

/// What a watcher can ask for.
pub(crate) struct Scene<'a> {
    engine: &'a Engine,
    policy: &'a Policy,
    /// Where the frames come from.
    pub(crate) intake: &'a Intake,
    counters: &'a dyn Fn() -> Counters,
}

impl Scene<'_> {
    /// What the capture has counted.
    pub(crate) fn counters(&self) -> Counters {
        (self.counters)()
    }

    /// Judges what has been seen so far.
    pub(crate) fn report(&self) -> Report {
        self.engine.report(&coverage(self.intake, self.counters()), self.policy)
    }
}

/// The engine as a sink, with somebody who looks at it.
struct Watched<'a> {
    engine: Engine,
    policy: &'a Policy,
    meter: &'a Meter,
    watcher: &'a mut dyn Watcher,
}

impl Sink<Intake> for Watched<'_> {
    fn records(&mut self, records: &mut Vec<Record>) -> Result<()> {
        for record in records.iter() {
            self.engine.observe(record);
        }
        Ok(())
    }

    fn tick(&mut self, intake: &Intake, counters: &dyn Fn() -> Counters) -> Result<bool> {
        self.meter.show(intake);
        let Self { engine, policy, watcher, .. } = self;
        watcher.look(&Scene { engine, policy, intake, counters })
    }
}

/// The engine as a sink, on a thread of its own.
struct Unwatched<'a> {
    feed: apart::Feed,
    meter: &'a Meter,
}

impl Sink<Intake> for Unwatched<'_> {
    fn records(&mut self, records: &mut Vec<Record>) -> Result<()> {
        self.feed.give(records);
        Ok(())
    }

    fn tick(&mut self, intake: &Intake, _: &dyn Fn() -> Counters) -> Result<bool> {
        self.meter.show(intake);
        Ok(true)
    }

    fn is_patient(&self) -> bool {
        true
    }
}

/// Judges all frames of an intake. Where nobody watches, the engine works beside the decoders; the report is the same.
pub(crate) fn judge(
    intake: &mut Intake,
    workers: usize,
    standard: &Standard,
    meter: &Meter,
    watcher: Option<&mut dyn Watcher>,
) -> Result<Report> {
    let Standard { policy, anchors } = standard;
    let engine = Engine::new(findings::Limits::default()).trusting(Arc::clone(anchors));
    let keys = Arc::clone(intake.keys().keys());
    let limits = pipeline::Limits::default();
    let mut read = |sink: &mut dyn Sink<Intake>| pipeline::run(intake, workers, &limits, &keys, sink);
    let (engine, counters) = match watcher {
        Some(watcher) => {
            let mut sink = Watched { engine, policy, meter, watcher };
            let counters = read(&mut sink)?;
            (sink.engine, counters)
        }
        None => apart::observe(engine, |feed| read(&mut Unwatched { feed, meter }))?,
    };
    intake.refresh();
    let report = engine.report(&coverage(intake, counters), policy);
    // The program is about to end: the system takes the memory back at once, entry by entry it takes a while.
    std::mem::forget(engine);
    Ok(report)
}

/// What was read and what was not.
pub(crate) fn coverage(intake: &Intake, counters: Counters) -> Coverage {
    let captures = intake.captures();
    let note = |(number, info): (usize, &CaptureInfo)| CaptureNote {
        name: info.name.clone(),
        frames: intake.taken(number),
        problems: problems(intake, info),
    };
    Coverage {
        capture: counters,
        captures: captures.iter().enumerate().map(note).collect(),
        dropped: captures.iter().map(dropped).sum(),
        span: intake.span(),
        ..Coverage::default()
    }
}

/// Frames of a capture that were lost before anybody read them.
pub(crate) fn dropped(info: &CaptureInfo) -> u64 {
    info.interfaces.iter().map(|interface| interface.dropped + interface.dropped_by_interface).sum()
}

/// What kept a capture from being read as a whole.
pub(crate) fn problems(intake: &Intake, info: &CaptureInfo) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(problem) = &info.problem {
        // Errors begin with the path or the interface, which stands beside this already.
        let text = problem.to_string();
        let rest = text.strip_prefix(&info.name).map(|rest| rest.trim_start_matches([':', ' ']));
        problems.push(rest.unwrap_or(&text).to_owned());
    }
    if info.damaged_records > 0 {
        problems.push(format!("damaged packet records passed over: {}", info.damaged_records));
    }
    if let Some(reason) = &info.filter_refused {
        problems.push(format!("the filter does not suit one of its link types: {reason}"));
    }
    if info.late {
        problems.push("read after its time, since too many captures overlap".to_owned());
    }
    if let Some(signal) = intake.stopped_by().filter(|_| !intake.is_live()) {
        problems.push(format!("reading stopped by {}", signal.name()));
    }
    problems
}
