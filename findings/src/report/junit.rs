//! JUnit XML, as CI servers read it: one test case per finding, and one per rule that found nothing.
//!
//! Rules pass only where something relevant was seen; otherwise they are skipped, for a capture of nothing proves
//! nothing. Info never fails. A case of its own tells whether all was read.

use std::fmt::Write as _;
use std::io;

use super::text::numbers;
use super::{FindingEntry, Report};
use crate::catalogue::RULES;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut cases = String::new();
    let (mut tests, mut failures, mut skipped) = (0_usize, 0_usize, 0_usize);
    for rule in RULES.iter().map(|rule| rule.metadata()) {
        let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == rule.id).collect();
        tests += found.len().max(1);
        if found.is_empty() && report.summary.relevant {
            case(&mut cases, rule.id, rule.title, "");
        } else if found.is_empty() {
            skipped += 1;
            case(&mut cases, rule.id, rule.title, "<skipped message=\"nothing relevant was decoded\"/>");
        }
        for finding in found {
            failures += usize::from(finding.severity != "info");
            case(&mut cases, rule.id, &name(finding), &outcome(finding));
        }
    }
    tests += 1;
    failures += usize::from(report.coverage.partial);
    case(&mut cases, "coverage", "all of the captures was read", &coverage(report));
    let counts = format!(
        "name=\"ccmscope\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\""
    );
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite {counts}>\n{cases}  \
         </testsuite>\n</testsuites>"
    )
}

fn case(cases: &mut String, class: &str, name: &str, inside: &str) {
    let (class, name) = (escape(class), escape(name));
    // Writing to a String cannot fail.
    let _ = if inside.is_empty() {
        writeln!(cases, "    <testcase classname=\"{class}\" name=\"{name}\"/>")
    } else {
        writeln!(cases, "    <testcase classname=\"{class}\" name=\"{name}\">{inside}</testcase>")
    };
}

/// Who and whom: the same in the next run, so that CI can tell a new failure from an old one. The fingerprint tells
/// apart what one rule finds twice between two hosts.
fn name(finding: &FindingEntry) -> String {
    let port = finding.destination.port.map_or_else(String::new, |port| format!(":{port}"));
    let print = finding.fingerprint.get(..8).unwrap_or_default();
    format!("{} to {}{port} ({print})", finding.source.ip, finding.destination.ip)
}

fn outcome(finding: &FindingEntry) -> String {
    let frames = numbers(finding);
    let body = escape(&format!(
        "{}\n{}, {frames}\nfilter: {}\nremedy: {}\nfingerprint: {}",
        finding.message, finding.capture, finding.display_filter, finding.remedy, finding.fingerprint
    ));
    if finding.severity == "info" {
        return format!("<system-out>{body}</system-out>");
    }
    format!(
        "<failure type=\"{}\" message=\"{}\">{body}</failure>",
        escape(&finding.severity),
        escape(&finding.message)
    )
}

fn coverage(report: &Report) -> String {
    let notes = escape(&report.coverage.notes.join("\n"));
    match (report.coverage.partial, notes.is_empty()) {
        (true, _) => format!("<failure type=\"partial\" message=\"not all was read\">{notes}</failure>"),
        (false, true) => String::new(),
        (false, false) => format!("<system-out>{notes}</system-out>"),
    }
}

/// Text inside XML 1.0, in an attribute or between tags. Characters that XML cannot hold at all become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push('\u{fffd}');
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
    fn no_text_of_a_packet_ends_an_element() {
        assert_eq!(escape("a</failure>&\"'\u{0}\n"), "a&lt;/failure&gt;&amp;&quot;&apos;\u{fffd}&#10;");
    }
}
