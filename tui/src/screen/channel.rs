//! A channel: who, what for, how it is graded and why, its findings, and where it shows.
//!
//! ```text
//! ✗ insecure  client push over SMB 3.1.1
//!
//! Client      SITE01 10.0.0.5
//! Server      PC0042 10.0.0.77:445 tcp
//! Trust       pki, verified; client certificate proved
//!
//! Why
//! ✗ NTLM fallback of the push account
//! Sealed (over TLS, where nobody opened it)
//! 4 connections, 12 KiB in 20 frames to the server, ...
//! Findings (o opens)
//! H push-ntlm: client push authenticated with NTLM
//! Evidence
//! ```

use findings::report::{ChannelEntry, TrustEntry};
use ratatui::style::Style;

use super::finding::seen;
use super::{evidence, full};
use crate::mark::{Grade, Severity};
use crate::model::Model;
use crate::widget::page::Page;
use crate::widget::text::{plain, span};

/// Writes the channel.
pub(crate) fn write(page: &mut Page, model: &Model, channel: &ChannelEntry) {
    let theme = page.theme();
    let grade = Grade::of(&channel.grade);
    page.spans([
        span(grade.glyph(), theme.grade(grade)),
        plain(" "),
        span(grade.word(), theme.grade_word(grade)),
        plain("  "),
        span(&format!("{} over {}", channel.purpose, channel.protocol), theme.heading()),
    ]);
    page.gap();
    page.value("Client", &full(&channel.client));
    page.value("Server", &format!("{} {}", full(&channel.server), channel.transport));
    let trust = channel.trust.as_ref().map(TrustEntry::summary);
    page.value("Trust", trust.as_deref().unwrap_or_default());
    page.value("Site", channel.site_code.as_deref().unwrap_or_default());
    page.value("Seen", &seen(channel.count, &channel.first_seen, &channel.last_seen));
    page.heading("Why");
    if channel.reasons.is_empty() {
        page.paragraph(0, "What decides was not seen.", Style::new());
    }
    for reason in &channel.reasons {
        page.hanging(0, &plain("-"), reason, Style::new());
    }
    if let Some(sealed) = &channel.sealed {
        page.heading("Sealed");
        page.paragraph(0, &sealed.shape(), Style::new());
        page.value("Seen", &format!("{} to {}", sealed.first_seen, sealed.last_seen));
        page.value("For", &sealed.guess().unwrap_or_else(|| "sizes and times do not tell".to_owned()));
    }
    let findings = model.index.findings_of(channel);
    page.heading(if findings.is_empty() { "Findings" } else { "Findings (o opens)" });
    if findings.is_empty() {
        page.paragraph(0, "None.", Style::new());
    }
    for finding in findings.into_iter().filter_map(|at| model.report.findings.get(at)) {
        let severity = Severity::of(&finding.severity);
        let mark = span(severity.letter(), theme.severity(severity));
        page.hanging(0, &mark, &format!("{}: {}", finding.rule, finding.title), Style::new());
    }
    evidence::write(page, &channel.evidence);
}
