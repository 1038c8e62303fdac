//! A finding: what it is, why it matters, what to do, and the bytes it rests on.
//!
//! ```text
//! H push-ntlm  high, certain
//! client push authenticated with NTLM
//!
//! SITE01 pushed to PC0042 with NTLM after Kerberos had failed: ...
//!
//! From        SITE01 10.0.0.5
//! To          PC0042 10.0.0.77:445
//!
//! Why it matters
//! Evidence
//!  1. frame 42, 2026-03-01T08:00:01Z, push.pcapng
//!     10.0.0.5:50000 > 10.0.0.77:445/tcp
//!     NTLMSSP AUTHENTICATE
//!     0000  4e 54 4c 4d 53 53 50 00  03 00 00 00 18 00 18 00  NTLMSSP.........
//! Remedy
//! Display filter
//! ```

use std::cmp::Reverse;

use findings::report::FindingEntry;
use ratatui::style::Style;

use super::{evidence, full};
use crate::mark::{Grade, Severity};
use crate::model::Model;
use crate::widget::page::Page;
use crate::widget::text::{plain, span};

/// Writes the finding.
pub(crate) fn write(page: &mut Page, model: &Model, finding: &FindingEntry) {
    let theme = page.theme();
    let severity = Severity::of(&finding.severity);
    page.spans([
        span(severity.letter(), theme.severity(severity)),
        plain(" "),
        span(&finding.rule, theme.heading()),
        plain(&format!("  {}, {}", finding.severity, finding.confidence)),
    ]);
    page.paragraph(0, &finding.title, theme.heading());
    page.gap();
    page.paragraph(0, &finding.message, Style::new());
    page.gap();
    page.value("From", &full(&finding.source));
    page.value("To", &format!("{} {}", full(&finding.destination), finding.transport));
    page.value("Site", finding.site_code.as_deref().unwrap_or_default());
    page.value("Seen", &seen(finding.count, &finding.first_seen, &finding.last_seen));
    let channels = model.index.channels_of(finding).iter().filter_map(|&at| model.report.channels.get(at));
    let mut channels: Vec<_> =
        channels.map(|channel| (Grade::of(&channel.grade), &channel.purpose)).collect();
    channels.sort_by_key(|&(grade, _)| Reverse(grade));
    for (grade, purpose) in channels {
        page.value("Channel", &format!("{} {} {purpose}", grade.glyph(), grade.word()));
    }
    if let Some(why) = model.explain.and_then(|explain| explain(&finding.rule)).and_then(why_it_matters) {
        page.heading("Why it matters");
        page.prose(&why);
    }
    evidence::write(page, &finding.evidence);
    if !finding.remedy.is_empty() {
        page.heading("Remedy");
        page.prose(&finding.remedy);
    }
    if !finding.display_filter.is_empty() {
        page.heading("Display filter (Y copies it)");
        page.paragraph(0, &finding.display_filter, Style::new());
    }
    page.gap();
    page.value("Fingerprint", &finding.fingerprint);
}

/// How often, and from when to when.
pub(crate) fn seen(count: u64, first: &str, last: &str) -> String {
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
    if first == last { format!("{times}, {first}") } else { format!("{times}, {first} to {last}") }
}

/// The text under the heading `Why it matters` of a rule's documentation, whose lines may be indented as in a comment.
fn why_it_matters(explain: &str) -> Option<String> {
    let mut lines = explain.lines().map(str::trim).skip_while(|line| *line != "## Why it matters");
    lines.next()?;
    let text: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    let text = text.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_text_under_its_heading() {
        let explain = "## What it detects\nA.\n\n## Why it matters\nBecause\nof B.\n\n## Evidence\nC.\n";
        assert_eq!(why_it_matters(explain).as_deref(), Some("Because\nof B."));
        assert_eq!(why_it_matters(&explain.replace('\n', "\n ")).as_deref(), Some("Because\nof B."));
        assert_eq!(why_it_matters("## Why it matters\nD.").as_deref(), Some("D."));
        assert_eq!(why_it_matters("## Evidence\nD."), None);
        assert_eq!(why_it_matters("## Why it matters\n## Evidence\nD."), None);
    }
}
