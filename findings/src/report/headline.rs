//! The beginning of a report for people: what was read, and the result in a line.
//!
//! The word says the worst of what the findings and the grades of the channels say, and never more good than was seen:
//! where nothing could be judged, or part of the traffic is missing, no report is called clean.

use super::layout::Tone;
use super::notes::{grouped, many};
use super::text::short_time;
use super::{Report, Summary};

/// The result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// How it looks.
    pub(super) tone: Tone,
    /// Mark and word: `✗ INSECURE`.
    pub(super) word: &'static str,
    /// What that rests on.
    pub(super) text: String,
}

/// What was read: `a.pcap, 27 frames, 2026-01-31 23:59:51 to 23:59:58 UTC`.
pub(super) fn subject(report: &Report) -> String {
    let coverage = &report.coverage;
    let frames = coverage.counts.get("frames").copied().unwrap_or_default();
    let captures = match coverage.captures.as_slice() {
        [] => String::new(),
        [one] => format!("{}, ", one.name),
        several => format!("{}, ", many(several.len() as u64, "capture")),
    };
    let span = match (&coverage.from, &coverage.to) {
        (Some(from), Some(to)) => format!(", {}", span(&short_time(from), &short_time(to))),
        _ => String::new(),
    };
    format!("{captures}{}{span}", many(frames, "frame"))
}

/// From when to when, what both have in common said once.
fn span(from: &str, to: &str) -> String {
    match (from.split_once(' '), to.split_once(' ')) {
        _ if from == to => format!("{from} UTC"),
        (Some((day, _)), Some((last, time))) if day == last => format!("{from} to {time} UTC"),
        _ => format!("{from} to {to} UTC"),
    }
}

/// The result in a line.
pub(super) fn verdict(report: &Report) -> Verdict {
    let said = |tone, word, text: String| Verdict { tone, word, text };
    let Summary { critical, high, insecure, weak, not_observable, relevant, .. } = report.summary;
    let channels = channels(report);
    if let Some(findings) = findings(&report.summary) {
        let (tone, word) = match (critical, high, insecure) {
            (1.., _, _) => (Tone::Alarm, "✗ INSECURE"),
            (0, 0, 0) => (Tone::Doubt, "! WEAK"),
            _ => (Tone::Bad, "✗ INSECURE"),
        };
        return said(tone, word, format!("findings: {findings}; {channels}"));
    }
    let none = match report.summary.info {
        0 => "though no finding is shown",
        _ => "though no finding is more than information",
    };
    if insecure > 0 {
        return said(Tone::Bad, "✗ INSECURE", format!("{channels}, {none}"));
    }
    if report.coverage.counts.get("frames").is_none_or(|frames| *frames == 0) {
        let text = "not a single frame was there to be read. This proves nothing.";
        return said(Tone::Doubt, "? NOTHING READ", text.to_owned());
    }
    if report.coverage.partial {
        let text = "no finding in what was read, but not all could be read; see COVERAGE below";
        return said(Tone::Doubt, "! PARTIAL", text.to_owned());
    }
    if !relevant {
        let text = "no traffic of Configuration Manager was recognised. This proves nothing.";
        return said(Tone::Doubt, "? NOTHING RELEVANT", text.to_owned());
    }
    if report.channels.is_empty() {
        let text = "nothing wrong in what there is of Configuration Manager, but no channel to judge.";
        return said(Tone::Doubt, "? NO CHANNEL", text.to_owned());
    }
    let missed = if report.coverage.complete { "" } else { "; with gaps, see COVERAGE below" };
    match (weak, not_observable, missed) {
        (0, 0, "") => said(Tone::Good, "✓ CLEAN", format!("nothing wrong was found; {channels}")),
        (0, ..) => said(Tone::Calm, "? NO FINDING", format!("{channels}{missed}")),
        _ => said(Tone::Doubt, "! WEAK", format!("{channels}, {none}{missed}")),
    }
}

/// How many findings that fail, by severity; none where there are none.
fn findings(summary: &Summary) -> Option<String> {
    let Summary { critical, high, medium, low, .. } = *summary;
    counted([(critical, "critical"), (high, "high"), (medium, "medium"), (low, "low")])
}

/// How many channels, by grade.
fn channels(report: &Report) -> String {
    let Summary { insecure, weak, not_observable, secure, .. } = report.summary;
    let grades =
        [(insecure, "insecure"), (weak, "weak"), (not_observable, "not observable"), (secure, "secure")];
    counted(grades).map_or_else(|| "no channel".to_owned(), |grades| format!("channels: {grades}"))
}

fn counted<const N: usize>(counts: [(usize, &str); N]) -> Option<String> {
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = some.map(|(count, name)| format!("{} {name}", grouped(count as u64))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{ChannelEntry, CoverageEntry};

    fn word(summary: Summary, frames: u64, complete: bool) -> &'static str {
        let Summary { insecure, weak, not_observable, secure, .. } = summary;
        let channels = vec![ChannelEntry::default(); insecure + weak + not_observable + secure];
        let counts = [("frames".to_owned(), frames)].into();
        let coverage = CoverageEntry { complete, counts, ..CoverageEntry::default() };
        verdict(&Report { summary, channels, coverage, ..Report::default() }).word
    }

    #[test]
    fn the_word_is_as_bad_as_findings_and_channels() {
        let relevant = || Summary { relevant: true, ..Summary::default() };
        for (summary, expected) in [
            (Summary { high: 1, ..relevant() }, "✗ INSECURE"),
            (Summary { medium: 1, insecure: 1, ..relevant() }, "✗ INSECURE"),
            (Summary { insecure: 1, ..relevant() }, "✗ INSECURE"),
            (Summary { medium: 1, weak: 1, ..relevant() }, "! WEAK"),
            (Summary { weak: 1, secure: 1, ..relevant() }, "! WEAK"),
        ] {
            assert_eq!(word(summary, 9, true), expected);
        }
    }

    #[test]
    fn clean_is_called_only_what_was_seen_whole_and_could_be_judged() {
        let secure = || Summary { relevant: true, secure: 2, ..Summary::default() };
        assert_eq!(word(secure(), 9, true), "✓ CLEAN");
        assert_eq!(word(secure(), 9, false), "? NO FINDING");
        assert_eq!(word(Summary { not_observable: 1, ..secure() }, 9, true), "? NO FINDING");
        assert_eq!(word(Summary { secure: 0, info: 34, ..secure() }, 9, true), "? NO CHANNEL");
        assert_eq!(word(Summary::default(), 9, true), "? NOTHING RELEVANT");
        assert_eq!(word(Summary::default(), 0, true), "? NOTHING READ");
        assert_eq!(word(Summary::default(), 0, false), "? NOTHING READ");
    }

    #[test]
    fn a_span_says_what_both_ends_share_once() {
        assert_eq!(span("2026-01-31 23:59:51", "2026-01-31 23:59:51"), "2026-01-31 23:59:51 UTC");
        assert_eq!(span("2026-01-31 23:59:51", "2026-01-31 23:59:58"), "2026-01-31 23:59:51 to 23:59:58 UTC");
        let over_midnight = span("2026-01-31 23:59:51", "2026-02-01 00:01:10");
        assert_eq!(over_midnight, "2026-01-31 23:59:51 to 2026-02-01 00:01:10 UTC");
    }
}
