//! A management point's NetBIOS name changes hands.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::coverage::Coverage;
use crate::finding::{Confidence, Finding, Severity};
use crate::ledger::Ledger;
use crate::ledger::name::Registration;
use crate::rule::{Metadata, Rule, Verdicts, rule};

rule! {
    /// ## What it detects
    /// Two registrants, or two sets of addresses, for one ConfigMgr name (`MP_<site code>` and its kin): the later
    /// registration is reported. So is a registration that is refused because the name is another host's, and a name
    /// server that gives other addresses for the name than it did before.
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
    /// with several addresses (a multi-homed server) is no conflict. Windows registers each address of such a server by
    /// itself, and marks it so: where both registrations are marked, the finding is low and only possible. A name server
    /// refuses a registration too where an administrator entered the name by hand, maybe for the same server: where no
    /// owner shows, the finding is medium and only possible. The same
    /// names registered as those of hosts (16th byte 0x00 or 0x20) are reported with severity info.
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
        registered(ledger, verdicts);
        recorded(ledger, verdicts);
    }
}

/// A registration, with registrant and place.
type Claim<'l> = (IpAddr, IpAddr, &'l Registration);

/// Names that more than one host registered, or that were another's when they were registered.
fn registered(ledger: &Ledger, verdicts: &mut Verdicts) {
    for (name, meaning) in &ledger.names.meanings {
        let mut claims: Vec<Claim<'_>> = ledger.names.registered(name).collect();
        claims.sort_by_key(|(.., claim)| claim.seen.first);
        let owner = claims.iter().position(|(.., claim)| !claim.taken);
        let owner = owner.map(|index| claims.remove(index));
        for (registrant, place, claim) in claims {
            let Some(others) = holder(owner, registrant, claim) else { continue };
            let outcome = if claim.refused.is_some() {
                "was refused"
            } else {
                "was not seen to be refused, so clients that ask for the name may be sent to either"
            };
            let both = owner.is_some_and(|(.., first)| first.multi_homed && claim.multi_homed);
            let (severity, sure) = match meaning.as_service {
                // As those of hosts: computers are called alike now and then.
                false => (Severity::Info, Confidence::Possible),
                true if both && !claim.refused.is_some() => (Severity::Low, Confidence::Possible),
                // The record may be the registrant's own, entered by hand.
                true if owner.is_none() && claim.defender.is_none() => {
                    (Severity::Medium, Confidence::Possible)
                }
                true => (LocWinsConflict::META.severity, LocWinsConflict::META.confidence),
            };
            let finding = Finding::new(LocWinsConflict::META, registrant, place, &claim.seen)
                .also(&claim.refused)
                .severity(severity)
                .confidence(sure)
                .udp_port(137)
                .filter("nbns")
                .site(meaning.site_code())
                .subject(name)
                .message(format!(
                    "{registrant} registered {name} for {}, which {others}; its registration {outcome}.",
                    show(&claim.addresses),
                ));
            verdicts.report(match owner {
                Some((.., first)) => finding.also(&first.seen),
                None => finding,
            });
        }
    }
}

/// Whose the name was that somebody registered, in words; nothing where it was nobody else's.
fn holder(owner: Option<Claim<'_>>, registrant: IpAddr, claim: &Registration) -> Option<String> {
    let Some((owner, _, first)) = owner else {
        return Some(match claim.defender {
            Some(defender) => format!("{defender} has"),
            None => "another host has".to_owned(),
        });
    };
    let same = registrant == owner || claim.addresses == first.addresses;
    let given_up = first.released.is_some() && first.released.first < claim.seen.first;
    if same || given_up {
        return None;
    }
    let when = if claim.seen.first < first.seen.first { "registered too" } else { "had registered" };
    Some(format!("{owner} {when} for {}", show(&first.addresses)))
}

/// Names for which a name server gave other addresses than before.
fn recorded(ledger: &Ledger, verdicts: &mut Verdicts) {
    for ((name, server), record) in ledger.names.records.iter() {
        let meaning = ledger.names.meanings.get(name).filter(|meaning| meaning.as_service);
        let Some((meaning, (client, addresses, seen))) = meaning.zip(record.changed.as_ref()) else {
            continue;
        };
        verdicts.report(
                Finding::new(LocWinsConflict::META, *client, *server, seen)
                    .also(&record.seen)
                    .udp_port(137)
                    .filter("nbns")
                    .site(meaning.site_code())
                    .subject(name)
                    .message(format!(
                        "The name server {server} told {client} that {name} is at {}, and before that it was at {}. \
                         Clients that ask for the name are now sent elsewhere.",
                        show(addresses),
                        show(&record.addresses),
                    )),
            );
    }
}

fn show(addresses: &BTreeSet<IpAddr>) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
