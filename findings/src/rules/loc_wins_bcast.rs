//! A client asks everybody on its subnet for a management point.

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::name::NameService;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A NetBIOS name query for a ConfigMgr name (`MP_<site code>`, `SMS_SLP`, `NLB_<site code>`, suffix 0x1A) with
    /// the broadcast flag set.
    ///
    /// ## Why it matters
    /// Every host of the subnet hears the question, and the first to answer is believed: tools that answer such
    /// queries come with every penetration tester's laptop.
    ///
    /// ## Evidence
    /// The query packets: flags word 0x0110, and the decoded name.
    ///
    /// ## False positives
    /// A scanner that replays names. A lookup made by hand with `nmblookup` or `nbtstat` looks the same.
    ///
    /// The same names asked for as those of a host (16th byte 0x00 or 0x20) are no client's own lookup; they are
    /// reported with severity info.
    ///
    /// ## Remedy
    /// Install clients with `SMSDIRECTORYLOOKUP=NoWINS`, publish the site to Active Directory or DNS, and turn off
    /// NetBIOS over TCP/IP where nothing needs it.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": service location through WINS
    /// - RFC 1002 4.2.12
    LocWinsBcast {
        id: "loc-wins-bcast",
        title: "client asks for a management point by broadcast",
        severity: High,
        confidence: Certain,
        tags: ["CWE-350", "ATT&CK T1557.001"],
    }
}

impl Rule for LocWinsBcast {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((client, place, service, name), lookup) in ledger.names.lookups.iter() {
            let Some(meaning) = ledger.names.meanings.get(name) else { continue };
            if *service != NameService::NetbiosBroadcast || !lookup.asked.is_some() {
                continue;
            }
            let outcome = match ledger.names.answered(name, *client) {
                0 => "nobody was seen to answer".to_owned(),
                1 => "one host answered".to_owned(),
                count => format!("{count} hosts answered"),
            };
            let (severity, confidence) = if meaning.as_service {
                (Self::META.severity, Self::META.confidence)
            } else {
                (Severity::Info, Confidence::Possible)
            };
            verdicts.report(
                Finding::new(Self::META, *client, *place, &lookup.asked)
                    .udp_port(137)
                    .filter("nbns")
                    .site(meaning.site_code())
                    .subject(name)
                    .severity(severity)
                    .confidence(confidence)
                    .message(format!(
                        "{client} asked by broadcast for {name}, {}; {outcome}. Any host of the subnet can answer and \
                         is believed.",
                        meaning.meaning(),
                    )),
            );
        }
    }
}
