//! Values of flags: from words to what the crates below understand.

use capture::source::{SourceError, StopCondition};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
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

/// The id of a rule. An unknown one is answered with the nearest.
pub(super) fn rule() -> ValueParser {
    let ids = PossibleValuesParser::new(RULES.iter().map(|rule| rule.metadata().id));
    ids.map(|id| id.to_ascii_lowercase()).into()
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
