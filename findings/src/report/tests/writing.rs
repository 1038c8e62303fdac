//! What the writers make of a report.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::*;
use crate::catalogue::RULES;
use crate::report::{Format, Style, write};

fn written(report: &Report, format: Format, style: Style) -> String {
    let mut out = Vec::new();
    write(report, format, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(report: &Report, format: Format) -> String {
    written(report, format, Style::default())
}

#[test]
fn text_says_the_verdict_first_and_the_rest_in_order() {
    insta::assert_snapshot!(plain(&scene().report(), Format::Text));
}

#[test]
fn text_fits_a_narrow_terminal() {
    let text = written(&scene().report(), Format::Text, Style { color: false, width: 60 });
    let uncut = |line: &str| line.contains("filter ");
    for line in text.lines().filter(|line| !uncut(line)) {
        assert!(crate::report::layout::width(line) <= 60, "{line}");
    }
    assert!(text.contains("client push, SMB 3.1.1: NTLM"), "{text}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let report = scene().report();
    let coloured = written(&report, Format::Text, Style { color: true, width: 100 });
    assert!(coloured.contains("\u{1b}[31m✗ H\u{1b}[0m"));
    let mut stripped = String::new();
    for (index, part) in coloured.split("\u{1b}[").enumerate() {
        stripped.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain(&report, Format::Text));
}

#[test]
fn many_findings_of_one_rule_do_not_flood_the_text() {
    let mut scene = scene();
    for last in 0..25 {
        let client = IpAddr::from(Ipv4Addr::new(10, 0, 9, last));
        scene.findings.push(Finding { destination: client, ..scene.findings[0].clone() });
    }
    let text = plain(&scene.report(), Format::Text);
    assert_eq!(text.matches("logged on to").count(), 10);
    assert!(text.contains("HIGH (26)\n") && text.contains("    and 16 more (use --format json)\n"), "{text}");
}

#[test]
fn nothing_relevant_is_no_clean_bill() {
    let mut scene = scene();
    (scene.findings, scene.channels) = (Vec::new(), Vec::new());
    scene.ledger = Ledger::new(Limits::default());
    assert!(plain(&scene.report(), Format::Text).contains("! PARTIAL: no finding"));
    scene.coverage.captures[0].problems.clear();
    for format in [Format::Text, Format::Markdown] {
        assert!(plain(&scene.report(), format).contains("? NOTHING RELEVANT"));
    }
    let junit = plain(&scene.report(), Format::Junit);
    assert_eq!(junit.matches("<skipped ").count(), RULES.len());
}

#[test]
fn sarif_points_at_frames_of_captures() {
    let mut log: Value = serde_json::from_str(&plain(&scene().report(), Format::Sarif)).unwrap();
    // The rules' own texts are theirs to change.
    let rules = log["runs"][0]["tool"]["driver"]["rules"].take();
    assert_eq!(rules.as_array().unwrap().len(), RULES.len());
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
}

#[test]
fn sarif_lists_every_rule_with_help_and_a_score() {
    let mut scene = scene();
    scene.findings[0].rule = RULES[RULES.len() - 1].metadata();
    let log: Value = serde_json::from_str(&plain(&scene.report(), Format::Sarif)).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"][0]["ruleIndex"], RULES.len() - 1);
    for (listed, rule) in run["tool"]["driver"]["rules"].as_array().unwrap().iter().zip(RULES) {
        assert_eq!(listed["id"], rule.metadata().id);
        assert!(listed["help"]["markdown"].as_str().unwrap().starts_with("## What it detects\n"));
        listed["properties"]["security-severity"].as_str().unwrap().parse::<f32>().unwrap();
    }
}

#[test]
fn a_finding_without_evidence_still_has_a_place_in_sarif() {
    let mut scene = scene();
    scene.findings[0].seen = Seen::default();
    scene.coverage.captures.clear();
    let log: Value = serde_json::from_str(&plain(&scene.report(), Format::Sarif)).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(place["artifactLocation"]["uri"], "capture%201");
}

#[test]
fn sarif_stays_below_what_code_scanning_takes() {
    let report = scene().report();
    let log = crate::report::sarif::log(&report, 1);
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 1);
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notes.last().unwrap()["message"]["text"], "2 further findings are not in this file.");
}

#[test]
fn json_lines_hold_what_the_json_report_holds() {
    let report = scene().report();
    let whole: Value = serde_json::from_str(&plain(&report, Format::Json)).unwrap();
    let lines: Vec<Value> =
        plain(&report, Format::Jsonl).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["type"], "summary");
    assert_eq!(lines[0]["schema"], whole["schema"]);
    for (list, kind) in [("findings", "finding"), ("channels", "channel"), ("hosts", "host")] {
        let mut entries = Vec::new();
        for line in lines.iter().filter(|line| line["type"] == kind) {
            let mut entry = line.clone();
            entry.as_object_mut().unwrap().remove("type");
            entries.push(entry);
        }
        assert_eq!(Value::Array(entries), whole[list]);
    }
    assert_eq!(lines.last().unwrap()["notes"], whole["coverage"]["notes"]);
}

#[test]
fn junit_fails_for_findings_and_for_partial_captures_but_not_for_facts() {
    let mut scene = scene();
    scene.findings[0].rule = RULES[0].metadata();
    scene.findings[1].rule = RULES[1].metadata();
    scene.findings[2].rule = RULES[1].metadata();
    let junit = plain(&scene.report(), Format::Junit);
    assert_eq!(junit.matches("<failure ").count(), 3, "two findings and the coverage");
    let tests = RULES.len() + 2;
    assert!(
        junit.contains(&format!("<testsuite name=\"ccmscope\" tests=\"{tests}\" failures=\"3\"")),
        "{junit}"
    );
    assert_eq!(junit.matches("<testcase ").count(), tests);
    assert!(junit.contains("type=\"high\"") && junit.contains("MP_PS1&lt;1a&gt;"));
}

#[test]
fn no_format_lets_a_packet_act_on_its_reader() {
    const HOSTILE: &str = "\u{1b}]0;x\u{7}\r\n]]></failure><script>\u{202e}\u{0}|`${x}`\u{9b}2J";
    let mut scene = scene();
    for finding in &mut scene.findings {
        finding.rule = RULES[0].metadata();
        HOSTILE.clone_into(&mut finding.message);
        finding.site_code = Some(HOSTILE.to_owned());
        finding.display_filter.push_str(HOSTILE);
        finding.seen.evidence.iter_mut().for_each(|place| HOSTILE.clone_into(&mut place.what));
    }
    for channel in &mut scene.channels {
        HOSTILE.clone_into(&mut channel.protocol);
        channel.reasons = vec![Reason { grade: Grade::Weak, text: HOSTILE.to_owned() }];
    }
    scene.coverage.captures[0].name = HOSTILE.to_owned();
    scene.ledger.name(ip(SERVER), HOSTILE, NameSource::Ntlm);
    let report = scene.report();
    for format in Format::ALL {
        let text = plain(&report, format);
        let acting =
            text.chars().find(|c| *c != '\n' && crate::scrub(c.encode_utf8(&mut [0; 4])) != c.to_string());
        assert_eq!(acting, None, "{format}");
    }
    assert!(!plain(&report, Format::Junit).contains("<script>"));
    // In a code span everything is text, and no backtick of a packet ends one.
    let markdown = plain(&report, Format::Markdown);
    let (spans, rest): (Vec<_>, Vec<_>) = markdown.lines().partition(|line| line.starts_with("- filter: `"));
    assert!(rest.iter().all(|line| !line.contains("<script>")));
    assert!(spans.iter().all(|line| line.matches('`').count() == 2));
}

#[test]
fn markdown_shows_text_of_packets_as_text() {
    let mut scene = scene();
    scene.findings[0].message = "a|b ![x](http://x) <img src=x> @everyone".to_owned();
    let text = plain(&scene.report(), Format::Markdown);
    assert!(text.contains("a\\|b \\!\\[x\\](http://x) &lt;img src=x&gt; &#64;everyone\n"), "{text}");
    assert!(text.contains("| ✗ insecure | 10.0.0.1 (CM01.lab.example) |"));
}
