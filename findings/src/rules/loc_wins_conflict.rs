//! A management point's NetBIOS name changes hands.

use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::ledger::name::Registration;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Two registrants, or two sets of addresses, for one ConfigMgr name (`MP_<site code>` and its kin): the later
    /// registration is reported.
    ///
    /// ## Why it matters
    /// Whoever owns the name is taken for the management point. A second owner is a migration, a mistake, or
    /// somebody taking the site's clients over.
    ///
    /// ## Evidence
    /// Both registrations, with the addresses each claims, and a refusal where one was seen.
    ///
    /// ## False positives
    /// A management point moved to another server, or given another address, while the capture ran. One registration
    /// with several addresses (a multi-homed server) is no conflict.
    ///
    /// ## Remedy
    /// Find out who owns the second address. Then stop publishing to WINS, and let clients look up management points
    /// in Active Directory or DNS.
    ///
    /// ## References
    /// - RFC 1002 4.2.2, 5.1.2; [MS-NBTE] 3.1.4
    LocWinsConflict {
        id: "loc-wins-conflict",
        title: "management point name claimed by another address",
        severity: High,
        confidence: Likely,
        tags: ["CWE-350", "ATT&CK T1557.001"],
    }
}

impl Rule for LocWinsConflict {
    fn metadata(&self) -> &'static Metadata {
        Self::META
    }

    fn judge(&self, ledger: &Ledger, _: &Coverage, verdicts: &mut Verdicts) {
        for (name, meaning) in &ledger.names.meanings {
            let all = ledger.names.registrations.iter().filter(|((registered, _, _), _)| registered == name);
            let mut claims: Vec<(IpAddr, IpAddr, &Registration)> = all
                .map(|((_, registrant, place), registration)| (*registrant, *place, registration))
                .collect();
            claims.sort_by_key(|(.., registration)| registration.seen.first);
            let Some(((owner, _, first), later)) = claims.split_first() else { continue };
            for (registrant, place, claim) in later {
                let same = registrant == owner || claim.addresses == first.addresses;
                let given_up = first.released.is_some() && first.released.first < claim.seen.first;
                if same || given_up {
                    continue;
                }
                let show = |registration: &Registration| {
                    registration.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                };
                let outcome =
                    if claim.refused.is_some() { "was refused" } else { "was not seen to be refused" };
                verdicts.report(
                    Finding::new(Self::META, *registrant, *place, &claim.seen)
                        .also(&first.seen)
                        .udp_port(137)
                        .filter("nbns")
                        .site(meaning.site_code())
                        .subject(name)
                        .message(format!(
                            "{registrant} registered {name} for {}, which {owner} had registered for {}; the second \
                             registration {outcome}. Clients that ask for the name may be sent to either.",
                            show(claim),
                            show(first),
                        )),
                );
            }
        }
    }
}
