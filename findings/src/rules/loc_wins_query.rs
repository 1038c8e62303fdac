//! A client asks WINS for a management point.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::name::NameService;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A NetBIOS name query, sent to a name server (WINS), for a name that only ConfigMgr uses: `MP_<site code>`,
    /// `SMS_SLP` or `NLB_<site code>`, each with 0x1A as its 16th byte.
    ///
    /// ## Why it matters
    /// WINS neither authenticates those who register names nor those who answer. Whoever gets such a name registered,
    /// or answers first, becomes the management point that the client talks to.
    ///
    /// ## Evidence
    /// The query packets, with the decoded name and the flags word. One query proves that the client is not installed
    /// with `SMSDIRECTORYLOOKUP=NoWINS`. Where only the name server's side was captured, its answers.
    ///
    /// ## False positives
    /// A scanner that replays names. Ordinary NetBIOS names never match: the suffix 0x1A is not one of Windows' own.
    ///
    /// A query without recursion that no name server answers may be a name server's own, which asks the owner of a name
    /// whether it still has it (RFC 1002 4.2.12): it is possible only, and not told where the asker is seen to be one.
    ///
    /// The same names asked for as those of a host (16th byte 0x00 or 0x20) are no client's own lookup; they are
    /// reported with severity info.
    ///
    /// ## Remedy
    /// Publish the site to Active Directory, or DNS where that cannot be, and install clients with
    /// `SMSDIRECTORYLOOKUP=NoWINS`; then stop publishing management points to WINS.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": service location through WINS
    /// - RFC 1002 4.2.12; [MS-NBTE] 2.2.1
    LocWinsQuery {
        id: "loc-wins-query",
        title: "client asks WINS for a management point",
        severity: Medium,
        confidence: Certain,
        tags: ["CWE-350", "ATT&CK T1557.001"],
    }
}

impl Rule for LocWinsQuery {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, server, service, name), lookup) in ledger.names.lookups.iter() {
            let Some(meaning) = ledger.names.meanings.get(name) else { continue };
            if *service != NameService::Wins {
                continue;
            }
            let Some((seen, sure)) = ledger.lookup_shown((*client, *server, name), lookup) else { continue };
            let outcome = if ledger.names.answers.get(&(name.clone(), *client, *server)).is_some() {
                "it got an address"
            } else if lookup.denied.is_some() {
                "it was told that there is none"
            } else {
                "no answer was seen"
            };
            let (severity, confidence) = if meaning.as_service {
                (Self::META.severity, sure)
            } else {
                (Severity::Info, Confidence::Possible)
            };
            let whom = match sure {
                Confidence::Possible => format!("{server}, a name server or the owner of the name,"),
                _ => format!("the name server {server}"),
            };
            verdicts.report(
                Finding::new(Self::META, *client, *server, seen)
                    .udp_port(137)
                    .filter("nbns")
                    .site(meaning.site_code())
                    .subject(name)
                    .severity(severity)
                    .confidence(confidence)
                    .message(format!(
                        "{client} asked {whom} for {name}, {}; {outcome}. WINS answers are not \
                         authenticated: whoever registers or answers the name becomes the management point.",
                        meaning.meaning(),
                    )),
            );
        }
    }
}
