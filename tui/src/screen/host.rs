//! A host: its names, its roles with what shows them, its channels and its findings.
//!
//! ```text
//! 10.0.0.5  mp01.corp.test
//!
//! Names       mp01.corp.test, MP01
//! Site        P01
//!
//! Roles
//! - management point, certain: answered MPLIST (frame 12, site.pcapng)
//! Channels
//! ! weak, policy: PC0042 10.0.0.77 > mp01 10.0.0.5:80
//! Findings
//! ```

use findings::report::HostEntry;
use ratatui::style::Style;

use super::full;
use crate::mark::{Grade, Severity};
use crate::model::Model;
use crate::widget::page::Page;
use crate::widget::text::{plain, span};

/// Writes the host.
pub(crate) fn write(page: &mut Page, model: &Model, host: &HostEntry) {
    let theme = page.theme();
    page.spans([
        span(&host.ip, theme.heading()),
        plain("  "),
        span(host.name.as_deref().unwrap_or_default(), theme.heading()),
    ]);
    page.gap();
    page.value("Names", &host.names.join(", "));
    page.value("MAC", &host.macs.join(", "));
    page.value("Client id", &host.smsids.join(", "));
    page.value("Site", host.site_code.as_deref().unwrap_or_default());
    page.heading("Roles");
    if host.roles.is_empty() {
        page.paragraph(0, "None seen.", Style::new());
    }
    for role in &host.roles {
        let place = format!("frame {}, {}", role.frame, role.capture);
        let text = format!("{}, {}: {} ({place})", role.role, role.confidence, role.why);
        page.hanging(0, &plain("-"), &text, Style::new());
    }
    let (channels, findings) = model.index.of_host(&host.ip);
    page.heading("Channels");
    if channels.is_empty() {
        page.paragraph(0, "None.", Style::new());
    }
    for channel in channels.iter().filter_map(|&at| model.report.channels.get(at)) {
        let grade = Grade::of(&channel.grade);
        let ends = format!("{} > {}", full(&channel.client), full(&channel.server));
        let mark = span(grade.glyph(), theme.grade(grade));
        page.hanging(0, &mark, &format!("{}, {}: {ends}", grade.word(), channel.purpose), Style::new());
    }
    page.heading(if findings.is_empty() { "Findings" } else { "Findings (o opens)" });
    if findings.is_empty() {
        page.paragraph(0, "None.", Style::new());
    }
    for finding in findings.iter().filter_map(|&at| model.report.findings.get(at)) {
        let severity = Severity::of(&finding.severity);
        let mark = span(severity.letter(), theme.severity(severity));
        page.hanging(0, &mark, &format!("{}: {}", finding.rule, finding.title), Style::new());
    }
}
