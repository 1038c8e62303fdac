//! The catalogue: every rule by its id, and what holds for all of them.

use crate::rule::Rule;
pub use crate::rules::RULES;

/// The rule of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| rule.metadata().id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::FILES;

    #[test]
    fn a_rules_file_is_named_after_its_id() {
        for (file, rule) in FILES.iter().zip(RULES) {
            assert_eq!(file.replace('_', "-"), rule.metadata().id);
        }
    }

    #[test]
    fn every_rule_documents_itself_under_the_fixed_headings() {
        const HEADINGS: [&str; 6] =
            ["What it detects", "Why it matters", "Evidence", "False positives", "Remedy", "References"];
        for rule in RULES {
            let Some(mut rest) = Some(rule.metadata().explain) else { continue };
            for heading in HEADINGS {
                let marker = format!("## {heading}\n");
                let found = rest.find(&marker);
                assert!(found.is_some(), "{}: no heading {heading:?}, or out of order", rule.metadata().id);
                rest = rest.get(found.unwrap() + marker.len()..).unwrap();
                assert!(rest.trim_start().len() > 20, "{}: nothing under {heading:?}", rule.metadata().id);
            }
        }
    }
}
