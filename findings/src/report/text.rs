//! The report for people: the verdict first, then findings worst first, then every channel, then what was not seen.
//!
//! Nothing is told by colour alone, and no rule floods the page: of many findings of one rule the first are shown,
//! the rest counted.

use std::io;

use super::explain::beginning;
use super::layout::{Page, Tone};
use super::notes::{grouped, many};
use super::{End, FindingEntry, Report, Style, Summary, matrix};
use crate::finding::Severity;

/// Findings of one rule that are shown one by one.
const SHOWN: usize = 10;
/// Bytes of a remedy after which no further sentence is begun; `explain` has all of it.
const REMEDY: usize = 60;
/// Columns that a width is taken to be at least.
const NARROWEST: usize = 60;

/// Writes the report.
pub(super) fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let style = Style { width: style.width.max(NARROWEST), ..*style };
    let mut page = Page { style, out };
    head(report, &mut page)?;
    for severity in Severity::ALL {
        let found: Vec<_> = report.findings.iter().filter(|f| f.severity == severity.name()).collect();
        if !found.is_empty() {
            section(severity, &found, &mut page)?;
        }
    }
    if !report.findings.is_empty() {
        page.line("")?;
        page.block(
            "",
            "Why, what else it could be, and the whole remedy: ccmscope explain RULE",
            Some(Tone::Faint),
        )?;
    }
    matrix::write(report, &mut page)?;
    coverage(report, &mut page)
}

/// What was read, and the verdict.
fn head(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let coverage = &report.coverage;
    let frames = coverage.counts.get("frames").copied().unwrap_or_default();
    let captures = match coverage.captures.as_slice() {
        [] => String::new(),
        [one] => format!("{}, ", one.name),
        several => format!("{}, ", many(several.len() as u64, "capture")),
    };
    let span = match (&coverage.from, &coverage.to) {
        (Some(from), Some(to)) => format!(", {} to {} UTC", short_time(from), short_time(to)),
        _ => String::new(),
    };
    let tool = &report.tool;
    let line = format!("{} {}: {captures}{}{span}", tool.name, tool.version, many(frames, "frame"));
    page.block("", &line, Some(Tone::Strong))?;
    let (tone, verdict) = verdict(report);
    page.block("", &verdict, Some(tone))?;
    if coverage.partial && report.findings.iter().any(|finding| finding.severity != "info") {
        let note = "! PARTIAL: not all could be read, so there may be more; see COVERAGE below.";
        page.block("", note, Some(Tone::Doubt))?;
    }
    Ok(())
}

/// The result in a line.
fn verdict(report: &Report) -> (Tone, String) {
    let Summary { critical, high, medium, low, insecure, not_observable, .. } = report.summary;
    let channels = report.channels.len() as u64;
    let found: Vec<String> = [(critical, "critical"), (high, "high"), (medium, "medium"), (low, "low")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{} {name}", grouped(count as u64)))
        .collect();
    let bad = format!("{} of {} insecure", grouped(insecure as u64), many(channels, "channel"));
    if !found.is_empty() {
        let (tone, word) = match (critical, high) {
            (0, 0) => (Tone::Doubt, "! WEAK"),
            (0, _) => (Tone::Bad, "✗ INSECURE"),
            _ => (Tone::Alarm, "✗ INSECURE"),
        };
        return (tone, format!("{word}: findings: {}; {bad}", found.join(", ")));
    }
    if insecure > 0 {
        return (Tone::Bad, format!("✗ INSECURE: {bad}, though no finding is shown"));
    }
    if report.coverage.partial {
        let text = "! PARTIAL: no finding in what was read, but not all could be read; see COVERAGE below.";
        return (Tone::Doubt, text.to_owned());
    }
    if !report.summary.relevant {
        let text =
            "? NOTHING RELEVANT: no traffic of Configuration Manager was recognised. This proves nothing.";
        return (Tone::Doubt, text.to_owned());
    }
    match not_observable {
        0 => (Tone::Good, format!("✓ CLEAN: no finding in {}", many(channels, "channel"))),
        unseen => {
            let unseen = grouped(unseen as u64);
            let channels = many(channels, "channel");
            (Tone::Calm, format!("? NO FINDING: but {unseen} of {channels} could not be judged"))
        }
    }
}

/// Findings of one severity, rule by rule in the order in which they first show.
fn section(severity: Severity, found: &[&FindingEntry], page: &mut Page<'_>) -> io::Result<()> {
    let (glyph, letter, tone) = marker(severity);
    let heading = format!("{} ({})", severity.name().to_uppercase(), grouped(found.len() as u64));
    page.line("")?;
    page.block("", &heading, Some(tone))?;
    let mut rules: Vec<&str> = Vec::new();
    for finding in found {
        if !rules.contains(&finding.rule.as_str()) {
            rules.push(&finding.rule);
        }
    }
    for rule in rules {
        let all: Vec<&FindingEntry> = found.iter().copied().filter(|finding| finding.rule == rule).collect();
        let Some(first) = all.first() else { continue };
        let mark = page.paint(tone, &format!("{glyph} {letter}"));
        let id = page.paint(Tone::Strong, rule);
        page.line(&format!("{mark} {id}: {}", first.title))?;
        for finding in all.iter().take(SHOWN) {
            entry(finding, page)?;
        }
        if all.len() > SHOWN {
            let rest = grouped((all.len() - SHOWN) as u64);
            page.block("    ", &format!("and {rest} more (use --format json)"), Some(Tone::Strong))?;
        }
        if !first.remedy.is_empty() {
            page.block("    fix: ", beginning(&first.remedy, REMEDY), None)?;
        }
    }
    Ok(())
}

/// One finding: who and whom, what, where.
fn entry(finding: &FindingEntry, page: &mut Page<'_>) -> io::Result<()> {
    let port = finding.destination.port.map_or_else(String::new, |p| format!(":{p}/{}", finding.transport));
    let site = finding.site_code.as_ref().map_or_else(String::new, |site| format!(", site {site}"));
    let ends = format!("{} → {}", end(&finding.source, ""), end(&finding.destination, &port));
    page.block("    ", &format!("{ends} [{}{site}]", finding.confidence), Some(Tone::Strong))?;
    page.block("      ", &finding.message, None)?;
    page.block("      ", &places(finding), None)?;
    // Never wrapped, so that it can be copied.
    let label = page.paint(Tone::Faint, "filter");
    page.line(&format!("      {label} {}", finding.display_filter))
}

fn coverage(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let coverage = &report.coverage;
    let state = match (coverage.partial, coverage.complete) {
        (true, _) => "partial: some of what should have been read was not",
        (false, false) => "with gaps: what was not found may have been missed",
        (false, true) => "complete: all that was captured was read",
    };
    page.line("")?;
    page.block("", &format!("COVERAGE: {state}"), Some(Tone::Strong))?;
    for note in &coverage.notes {
        page.block("  - ", note, None)?;
    }
    let unseen = "No passive reader sees what TLS carries or certificates under TLS 1.3 without keys, file names in \
                  encrypted SMB, settings of the site, or channels that were silent meanwhile.";
    page.block("  ", unseen, Some(Tone::Faint))
}

/// `frames 52, 53, 55 of push.pcap; seen 3 times since 2026-01-31 23:59:59`.
fn places(finding: &FindingEntry) -> String {
    let numbers = finding.frames.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let frames = match finding.frames.len() {
        0 => finding.capture.clone(),
        1 => format!("frame {numbers} of {}", finding.capture),
        _ => format!("frames {numbers} of {}", finding.capture),
    };
    match finding.count {
        0 | 1 => format!("{frames}; {}", short_time(&finding.first_seen)),
        count => format!("{frames}; seen {} times since {}", grouped(count), short_time(&finding.first_seen)),
    }
}

/// An end as people write it: `10.0.0.5:445/tcp (PC5)`.
pub(super) fn end(end: &End, port: &str) -> String {
    let address =
        if end.ip.contains(':') && !port.is_empty() { format!("[{}]", end.ip) } else { end.ip.clone() };
    let name = end.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    format!("{address}{port}{name}")
}

/// An RFC 3339 time without fraction and zone: `2026-01-31 23:59:59`.
pub(super) fn short_time(time: &str) -> String {
    time.split_once('.').map_or(time, |(seconds, _)| seconds).replace('T', " ")
}

/// Glyph, letter and tone of a severity.
pub(super) const fn marker(severity: Severity) -> (char, char, Tone) {
    match severity {
        Severity::Critical => ('✗', 'C', Tone::Alarm),
        Severity::High => ('✗', 'H', Tone::Bad),
        Severity::Medium => ('!', 'M', Tone::Doubt),
        Severity::Low => ('!', 'L', Tone::Calm),
        Severity::Info => ('·', 'I', Tone::Faint),
    }
}
