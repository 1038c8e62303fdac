//! A management point registers its NetBIOS name.

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// A NetBIOS name registration or refresh (opcode 5, 8, 9 or 15) of a ConfigMgr name: `MP_<site code>`, `SMS_SLP`
    /// or `NLB_<site code>` with suffix 0x1A.
    ///
    /// ## Why it matters
    /// The site still publishes to WINS, so clients may still use it, and the record can be taken over by anybody who
    /// registers it while its owner is away.
    ///
    /// ## Evidence
    /// The registration packets, with the addresses registered.
    ///
    /// ## False positives
    /// None known: nothing but a management point, or somebody who wants to be taken for one, registers the name.
    ///
    /// ## Remedy
    /// Stop publishing management points to WINS when no client needs it any more, and remove the records.
    ///
    /// ## References
    /// - Configuration Manager, "Security and privacy for clients": service location through WINS
    /// - RFC 1002 4.2.2, 4.2.4; [MS-NBTE] 2.2.2
    LocWinsReg {
        id: "loc-wins-reg",
        title: "management point registers itself in WINS",
        severity: Low,
        confidence: Certain,
        tags: ["CWE-350"],
    }
}

impl Rule for LocWinsReg {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for ((name, registrant, place), registration) in ledger.names.registrations.iter() {
            let meaning = ledger.names.meanings.get(name).filter(|meaning| meaning.as_service);
            let Some(meaning) = meaning else { continue };
            let list = registration.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let list = if list.is_empty() { "addresses that were not captured" } else { &list };
            let refused = if registration.refused.is_some() { " The registration was refused." } else { "" };
            verdicts.report(
                Finding::new(Self::META, *registrant, *place, &registration.seen)
                    .udp_port(137)
                    .filter("nbns")
                    .site(meaning.site_code())
                    .subject(name)
                    .message(format!(
                        "{registrant} registered {name} for {list} with {place}: the site publishes {} to NetBIOS \
                         name service.{refused}",
                        meaning.meaning(),
                    )),
            );
        }
    }
}
