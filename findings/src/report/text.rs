//! The report for people: the verdict first, then findings worst first, then every channel, then what was not seen.
//!
//! Nothing is told by colour alone, and no rule floods the page: of many findings of one rule the first are shown,
//! the rest counted.

use std::io;

use super::explain::beginning;
use super::headline::Verdict;
use super::layout::{Page, Tone};
use super::notes::grouped;
use super::{End, FindingEntry, Report, Style, headline, matrix, sealed};
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
            section(report, severity, &found, &mut page)?;
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
    sealed::write(report, &mut page)?;
    coverage(report, &mut page)
}

/// What was read, and the verdict.
fn head(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let tool = &report.tool;
    let line = format!("{} {}: {}", tool.name, tool.version, headline::subject(report));
    page.block("", &line, Some(Tone::Strong))?;
    let Verdict { tone, word, text } = headline::verdict(report);
    page.block("", &format!("{word}: {text}"), Some(tone))?;
    if report.coverage.partial && report.findings.iter().any(|finding| finding.severity != "info") {
        let note = "! PARTIAL: not all could be read, so there may be more; see COVERAGE below.";
        page.block("", note, Some(Tone::Doubt))?;
    }
    Ok(())
}

/// Findings of one severity, rule by rule in the order in which they first show.
fn section(
    report: &Report,
    severity: Severity,
    found: &[&FindingEntry],
    page: &mut Page<'_>,
) -> io::Result<()> {
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
            entry(report, finding, page)?;
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
fn entry(report: &Report, finding: &FindingEntry, page: &mut Page<'_>) -> io::Result<()> {
    let port = finding.destination.port.map_or_else(String::new, |p| format!(":{p}/{}", finding.transport));
    let site = finding.site_code.as_ref().map_or_else(String::new, |site| format!(", site {site}"));
    let ends = format!("{} → {}", end(&finding.source, ""), end(&finding.destination, &port));
    page.block("    ", &format!("{ends} [{}{site}]", finding.confidence), Some(Tone::Strong))?;
    page.block("      ", &finding.message, None)?;
    page.block("      ", &places(report, finding), None)?;
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

/// `frames 52, 53, 55 of push.pcap; seen 3 times since 2026-01-31 23:59:59`. Of the only capture the name stands on top.
fn places(report: &Report, finding: &FindingEntry) -> String {
    let several = report.coverage.captures.len() != 1;
    let capture = if several { format!(" of {}", finding.capture) } else { String::new() };
    let frames = if finding.frames.is_empty() {
        finding.capture.clone()
    } else {
        format!("{}{capture}", numbers(finding))
    };
    match finding.count {
        0 | 1 => format!("{frames}; {}", short_time(&finding.first_seen)),
        count => format!("{frames}; seen {} times since {}", grouped(count), short_time(&finding.first_seen)),
    }
}

/// The numbers of the frames that show a finding: `frames 52, 53, 55`.
pub(super) fn numbers(finding: &FindingEntry) -> String {
    let numbers = finding.frames.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let what = if finding.frames.len() == 1 { "frame" } else { "frames" };
    format!("{what} {numbers}")
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
