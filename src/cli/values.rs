//! Values of flags: from words to what the crates below understand.

use std::ffi::OsStr;

use capture::source::{SourceError, StopCondition};
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, StyledStr, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command};
use findings::catalogue::RULES;
use findings::report;

/// More threads than this help nobody: there are no more shards of a run.
const WORKERS: usize = 8;

/// A severity, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<Severity> for findings::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

/// A confidence, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Confidence {
    Possible,
    Likely,
    Certain,
}

impl From<Confidence> for findings::Confidence {
    fn from(confidence: Confidence) -> Self {
        match confidence {
            Confidence::Possible => Self::Possible,
            Confidence::Likely => Self::Likely,
            Confidence::Certain => Self::Certain,
        }
    }
}

/// A report's format, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One JSON object a line; live, findings as they appear
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for CI
    Junit,
    /// Markdown, for tickets and pull requests
    Markdown,
}

impl From<ReportFormat> for report::Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Text => Self::Text,
            ReportFormat::Json => Self::Json,
            ReportFormat::Jsonl => Self::Jsonl,
            ReportFormat::Sarif => Self::Sarif,
            ReportFormat::Junit => Self::Junit,
            ReportFormat::Markdown => Self::Markdown,
        }
    }
}

/// The id of a rule, in whatever case. An unknown one is answered with the nearest, and not with all there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule;

impl Rule {
    fn ids() -> PossibleValuesParser {
        PossibleValuesParser::new(RULES.iter().map(|rule| rule.metadata().id))
    }
}

impl TypedValueParser for Rule {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let id = value.to_ascii_lowercase();
        Self::ids().parse_ref(command, argument, &id).map_err(|mut error| {
            error.insert(ContextKind::ValidValue, ContextValue::Strings(Vec::new()));
            let advice = StyledStr::from("`ccmscope rules` lists them all");
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice]));
            error
        })
    }

    /// For completions.
    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let ids = RULES.iter().map(|rule| PossibleValue::new(rule.metadata().id));
        Some(Box::new(ids))
    }
}

/// An `-a` option.
pub(super) fn stop(given: &str) -> Result<StopCondition, String> {
    given.parse().map_err(|error| match error {
        SourceError::Option { reason, .. } => reason,
        other => other.to_string(),
    })
}

/// A number of threads.
pub(super) fn workers(given: &str) -> Result<usize, String> {
    match given.parse() {
        Ok(count @ 1..=WORKERS) => Ok(count),
        _ => Err(format!("want a number from 1 to {WORKERS}")),
    }
}
