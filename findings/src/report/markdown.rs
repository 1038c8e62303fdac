//! The report in Markdown, for tickets and pull requests: short first, details folded behind tables.
//!
//! Text of packets is escaped, so that it makes no link, image, mention or tag in somebody's page.

use std::io;

use super::headline::Verdict;
use super::notes::many;
use super::text::{end, numbers};
use super::{FindingEntry, Report, TrustEntry, headline, matrix, sealed};

/// Findings that are shown one by one.
const SHOWN: usize = 100;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let summary = &report.summary;
    writeln!(out, "# {} {}\n", report.tool.name, report.tool.version)?;
    let Verdict { word, text, .. } = headline::verdict(report);
    writeln!(out, "**{}**: {}\n", escape(word), escape(&text))?;
    writeln!(out, "{}\n", escape(&headline::subject(report)))?;
    writeln!(out, "| critical | high | medium | low | info |\n|---|---|---|---|---|")?;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} |\n",
        summary.critical, summary.high, summary.medium, summary.low, summary.info
    )?;
    if !report.findings.is_empty() {
        writeln!(out, "## Findings\n")?;
    }
    for finding in report.findings.iter().take(SHOWN) {
        entry(finding, out)?;
    }
    if report.findings.len() > SHOWN {
        writeln!(out, "And {} more.\n", report.findings.len() - SHOWN)?;
    }
    channels(report, out)?;
    sealed_channels(report, out)?;
    coverage(report, out)
}

fn entry(finding: &FindingEntry, out: &mut dyn io::Write) -> io::Result<()> {
    let port = finding.destination.port.map_or_else(String::new, |port| format!(":{port}"));
    let frames = numbers(finding);
    writeln!(out, "### {}: {} (`{}`)\n", finding.severity, escape(&finding.title), finding.rule)?;
    let ends = format!("{} → {}", end(&finding.source, ""), end(&finding.destination, &port));
    writeln!(out, "**{}** ({})\n", escape(&ends), finding.confidence)?;
    writeln!(out, "{}\n", escape(&finding.message))?;
    let capture = escape(&finding.capture);
    writeln!(out, "- {frames} of {capture}, seen {}", many(finding.count, "time"))?;
    writeln!(out, "- filter: `{}`", finding.display_filter.replace('`', "'"))?;
    if !finding.remedy.is_empty() {
        writeln!(out, "- remedy: {}", finding.remedy)?;
    }
    writeln!(out, "- fingerprint: `{}`\n", finding.fingerprint)
}

fn channels(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    if report.channels.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Channels\n\n| grade | client | site system | purpose | protocol | why | trust |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for channel in &report.channels {
        let port = channel.server.port.map_or_else(String::new, |port| format!(":{port}"));
        writeln!(
            out,
            "| {} {} | {} | {} | {} | {} | {} | {} |",
            matrix::glyph(&channel.grade),
            channel.grade,
            escape(&end(&channel.client, "")),
            escape(&end(&channel.server, &port)),
            channel.purpose,
            escape(&channel.protocol),
            escape(channel.reasons.first().map_or("", String::as_str)),
            escape(&channel.trust.as_ref().map(TrustEntry::summary).unwrap_or_default()),
        )?;
    }
    writeln!(out)
}

fn sealed_channels(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    if sealed::channels(report).next().is_none() {
        return Ok(());
    }
    writeln!(out, "## Sealed channels\n\n| client | site system | seen from outside | likely for |")?;
    writeln!(out, "|---|---|---|---|")?;
    for (channel, sealed) in sealed::channels(report) {
        let port = channel.server.port.map_or_else(String::new, |port| format!(":{port}"));
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape(&end(&channel.client, "")),
            escape(&end(&channel.server, &port)),
            sealed.shape(),
            escape(&sealed.guess().unwrap_or_default()),
        )?;
    }
    writeln!(out)
}

fn coverage(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let state = match (report.coverage.partial, report.coverage.complete) {
        (true, _) => "Some of what should have been read was not.",
        (false, false) => "Not all was there to be read: what was not found may have been missed.",
        (false, true) => "All that was captured was read.",
    };
    writeln!(out, "## Coverage\n\n{state}")?;
    if !report.coverage.notes.is_empty() {
        writeln!(out)?;
    }
    report.coverage.notes.iter().try_for_each(|note| writeln!(out, "- {}", escape(note)))
}

/// Text that Markdown shows as it is. An escaped `@` mentions nobody.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_packet_becomes_markup() {
        assert_eq!(escape("![x](http://a)|@b <i>`"), "\\!\\[x\\](http://a)\\|&#64;b &lt;i&gt;\\`");
    }
}
