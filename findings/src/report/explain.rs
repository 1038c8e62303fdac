//! A rule's documentation as text: what `explain`, SARIF's help and a finding's remedy show.

use crate::rule::Metadata;

/// The documentation in Markdown, without the blank that begins every line of a doc comment.
#[must_use]
pub fn explanation(rule: &Metadata) -> String {
    let lines = rule.explain.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What stands under one `## ` heading, as one paragraph. Empty where the heading is missing.
#[must_use]
pub fn section(rule: &Metadata, heading: &str) -> String {
    let is_heading = |line: &&str| line.starts_with("## ");
    let lines = rule.explain.lines().map(str::trim);
    let body = lines
        .skip_while(|line| line.strip_prefix("## ").is_none_or(|found| found.trim() != heading))
        .skip(1)
        .take_while(|line| !is_heading(line));
    body.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The beginning of a text: whole sentences until there are so many bytes, at least one.
pub(super) fn beginning(text: &str, enough: usize) -> &str {
    let mut end = 0;
    for sentence in text.split_inclusive(". ") {
        if end >= enough {
            break;
        }
        end += sentence.len();
    }
    text.get(..end).unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Severity};

    const RULE: Metadata = Metadata {
        id: "x-y",
        title: "x",
        severity: Severity::High,
        confidence: Confidence::Certain,
        since: "0.1.0",
        tags: &[],
        explain: " ## Why it matters\n Because.\n\n ## Remedy\n Turn it off\n everywhere. Then `look` again.\n\n ## References\n - none\n",
    };

    #[test]
    fn a_section_is_one_paragraph() {
        assert_eq!(section(&RULE, "Remedy"), "Turn it off everywhere. Then `look` again.");
        assert_eq!(section(&RULE, "References"), "- none");
        assert_eq!(section(&RULE, "Remed"), "");
    }

    #[test]
    fn the_explanation_is_markdown_from_the_first_column() {
        assert!(explanation(&RULE).starts_with("## Why it matters\nBecause.\n\n## Remedy\n"));
    }

    #[test]
    fn a_remedy_is_shortened_to_whole_sentences() {
        let remedy = section(&RULE, "Remedy");
        assert_eq!(beginning(&remedy, 10), "Turn it off everywhere.");
        assert_eq!(beginning(&remedy, 50), remedy, "one sentence was too short to help");
        assert_eq!(beginning("Version 10.4 will do", 1), "Version 10.4 will do");
        assert_eq!(beginning("", 1), "");
    }
}
