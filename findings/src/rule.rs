//! What a rule is: a name, a text, and a question to the ledger.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;

/// What is known of a rule without asking it.
#[derive(Debug)]
pub struct Metadata {
    /// Its id in kebab case, which is also its file's name: `push-ntlm`.
    pub id: &'static str,
    /// What it reports, in a few words.
    pub title: &'static str,
    /// How bad it is at worst.
    pub severity: Severity,
    /// How sure it is at best.
    pub confidence: Confidence,
    /// The version that first had it.
    pub since: &'static str,
    /// Identifiers of public catalogues it belongs to (`CWE-319`, `ATT&CK T1557`).
    pub tags: &'static [&'static str],
    /// The rule's documentation, in Markdown with fixed headings: `ccmscope explain` and SARIF's help show it.
    pub explain: &'static str,
}

/// A rule. It keeps nothing: everything it may know is in the ledger.
pub trait Rule: Sync {
    /// What is known of it.
    fn metadata(&self) -> &'static Metadata;

    /// Reports whatever the ledger shows.
    fn judge(&self, ledger: &Ledger, coverage: &Coverage, verdicts: &mut Verdicts);
}

/// Where rules put what they find.
#[derive(Debug, Default)]
pub struct Verdicts {
    pub(crate) findings: Vec<Finding>,
}

impl Verdicts {
    /// Reports a finding.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Declares a rule: its documentation, its struct and its [`Metadata`], in one place.
///
/// ```text
/// rule! {
///     /// ## What it detects
///     /// ...
///     PushNtlm {
///         id: "push-ntlm",
///         title: "client push authenticated with NTLM",
///         severity: High,
///         confidence: Certain,
///         tags: ["CWE-522"],
///     }
/// }
/// ```
macro_rules! rule {
    (
        $(#[doc = $line:literal])+
        $name:ident {
            id: $id:literal,
            title: $title:literal,
            severity: $severity:ident,
            confidence: $confidence:ident,
            tags: [$($tag:literal),* $(,)?] $(,)?
        }
    ) => {
        $(#[doc = $line])+
        pub(crate) struct $name;

        impl $name {
            /// What is known of this rule.
            const META: &'static $crate::Metadata = &$crate::Metadata {
                id: $id,
                title: $title,
                severity: $crate::Severity::$severity,
                confidence: $crate::Confidence::$confidence,
                since: "0.1.0",
                tags: &[$($tag),*],
                explain: concat!($($line, "\n"),+),
            };
        }
    };
}
pub(crate) use rule;
